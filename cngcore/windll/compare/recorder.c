/* Play the corpus of "cng compare" against a DLL with the functions of bcrypt.h, and write a recording.
 *
 *     recorder corpus.txt bcrypt.dll > recording.txt
 *
 * Build it with one of:
 *
 *     cl /O1 recorder.c                                   (Visual Studio, "x64 Native Tools Command Prompt")
 *     x86_64-w64-mingw32-gcc -O1 -o recorder.exe recorder.c
 *     cc -O1 -o recorder recorder.c -ldl                  (Linux, macOS)
 *
 * It is for 64-bit systems. It needs no other file, no network and no administrator, and writes nothing except its
 * standard output. It plays each case in a child process of its own kind: if the DLL crashes or hangs, that case is
 * recorded as crashed, and a new child goes on with the next case.
 *
 * docs/reference/compare-files.md of cngcore describes the words of the corpus and the lines of a recording.
 */

#if defined(_WIN32)
#define _CRT_SECURE_NO_WARNINGS
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#define popen _popen
#define pclose _pclose
#else
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
#endif

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_WORDS 10   /* arguments of a function: BCryptEncrypt has ten */
#define MOST_NAMES 256  /* handles, outputs, or structures of a case */
#define SLACK 256       /* bytes behind an input, so that an output that shares its buffer can be longer */
#define SECONDS 60      /* after which a case counts as crashed */
#define FILL 0xA5
#define UNTOUCHED 0xAAAAAAAAu
#define NO_HANDLE 0x5A5A5A5A5A5A5A5Aull
#define SUCCESS 0u
#define TOO_SMALL 0xC0000023u

typedef uint64_t word_t;
typedef uint32_t (*function_t)(word_t, word_t, word_t, word_t, word_t, word_t, word_t, word_t, word_t, word_t);

/* --- the structures of bcrypt.h, with pointers as numbers --------------------------------------------------------- */

typedef struct { word_t name; } pkcs1_t;
typedef struct { word_t name; uint32_t salt; } pss_t;
typedef struct { word_t name, label; uint32_t label_size; } oaep_t;
typedef struct { word_t context; uint32_t context_size; word_t prehash; } pqdsa_t;
typedef struct { uint32_t size, type; word_t value; } buffer_t;
typedef struct { uint32_t version, count; word_t buffers; } buffers_t;
typedef struct { uint32_t index, operation; word_t buffer; uint32_t size; } operation_t;
typedef struct {
    uint32_t size, version;
    word_t nonce; uint32_t nonce_size;
    word_t aad; uint32_t aad_size;
    word_t tag; uint32_t tag_size;
    word_t mac; uint32_t mac_size;
    uint32_t aad_count;
    uint64_t data_count;
    uint32_t flags;
} auth_t;

/* --- small tools ---------------------------------------------------------------------------------------------------- */

static void fail(const char *what, const char *detail)
{
    fprintf(stderr, "recorder: %s: %s\n", what, detail);
    exit(2);
}

/* Return zeroed memory that stays until the process ends, so that the DLL may keep its address. */
static void *allocate(size_t size)
{
    void *found = calloc(1, size + 8);
    if (!found) fail("no memory", "");
    return found;
}

static word_t address(const void *pointer) { return (word_t)(uintptr_t)pointer; }

static uint32_t fnv32(uint32_t hash, const char *text, size_t size)
{
    size_t i;
    for (i = 0; i < size; i++) hash = (hash ^ (uint8_t)text[i]) * 0x01000193u;
    return hash;
}

static uint64_t fnv64(const uint8_t *data, size_t size)
{
    uint64_t hash = 0xCBF29CE484222325ull;
    size_t i;
    for (i = 0; i < size; i++) hash = (hash ^ data[i]) * 0x100000001B3ull;
    return hash;
}

static int digit(char one)
{
    return one >= '0' && one <= '9' ? one - '0' : one >= 'a' && one <= 'f' ? one - 'a' + 10 : -1;
}

typedef struct { uint8_t *data; size_t size; } bytes_t;

/* Read hexadecimal digits up to any other character; *end is that character. */
static bytes_t hexadecimal(const char *text, const char **end)
{
    bytes_t found;
    size_t length = 0, i;
    while (digit(text[length]) >= 0) length++;
    found.size = length / 2;
    found.data = allocate(found.size + SLACK);
    for (i = 0; i < found.size; i++) found.data[i] = (uint8_t)(digit(text[2 * i]) * 16 + digit(text[2 * i + 1]));
    *end = text + length;
    return found;
}

/* Read x0011 or x00*20. */
static bytes_t literal(const char *text)
{
    const char *end;
    bytes_t one = hexadecimal(text + 1, &end), all;
    size_t times, i;
    if (*end != '*') return one;
    times = strtoul(end + 1, NULL, 10);
    all.size = one.size * times;
    all.data = allocate(all.size + SLACK);
    for (i = 0; i < times; i++) memcpy(all.data + i * one.size, one.data, one.size);
    return all;
}

/* Return a wide string of 2 bytes a character for "text" with \uXXXX; *size has its bytes with the NUL. */
static uint16_t *wide(const char *text, uint32_t *size)
{
    uint16_t *found = allocate(2 * strlen(text) + 8);
    uint32_t count = 0;
    for (text++; *text && *text != '"'; count++) {
        if (text[0] == '\\' && text[1] == 'u') {
            char number[5];
            memcpy(number, text + 2, 4);
            number[4] = 0;
            found[count] = (uint16_t)strtoul(number, NULL, 16);
            text += 6;
        } else {
            found[count] = (uint8_t)*text++;
        }
    }
    if (size) *size = 2 * (count + 1);
    return found;
}

static word_t text_address(const char *word) { return word[0] == '-' ? 0 : address(wide(word, NULL)); }

/* --- the corpus ------------------------------------------------------------------------------------------------------ */

typedef struct { char *name; char *value; } named_t;

static char **lines;
static size_t line_count;
static named_t *shared;
static size_t shared_count;

static void read_corpus(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text, *line, *next;
    long size;
    if (!file) fail("cannot open the corpus", path);
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    text = allocate((size_t)size + 1);
    if (fread(text, 1, (size_t)size, file) != (size_t)size) fail("cannot read the corpus", path);
    fclose(file);
    lines = allocate(sizeof(char *) * ((size_t)size / 2 + 2));
    shared = allocate(sizeof(named_t) * ((size_t)size / 16 + 2));
    for (line = text; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        if (strlen(line) && line[strlen(line) - 1] == '\r') line[strlen(line) - 1] = 0;
        if (line[0] == ':') {
            char *value = strchr(line + 2, ' ');
            *value++ = 0;
            shared[shared_count].name = line + 2;
            shared[shared_count++].value = value;
        } else if (line[0] == '=' || !strncmp(line, "BCrypt", 6)) {
            lines[line_count++] = line;
        }
    }
}

/* --- the state of a case --------------------------------------------------------------------------------------------- */

typedef struct { int made; word_t value; } handle_t;
typedef struct { int made; bytes_t bytes; } kept_t;
typedef struct { uint8_t *data, *before; uint32_t size; int compared, name; uint32_t *result; } output_t;
typedef struct { char kind; int name; word_t *pointer; uint32_t *count; } list_t;

static handle_t handles[MOST_NAMES], pointers[MOST_NAMES];
static kept_t outputs[MOST_NAMES];
static auth_t *auths[MOST_NAMES];

/* What belongs to one call. */
static word_t arguments[MOST_WORDS + 2];
static int argument_count, not_made, size_count, output_count, auth_count, list_count, new_count;
static uint32_t *sizes[MOST_WORDS];
static output_t written[MOST_NAMES];
static auth_t *used[MOST_WORDS];
static list_t lists[MOST_WORDS];
static struct { int name; word_t *pointer; } made[MOST_WORDS];
static uint8_t *input;

static void push(word_t value)
{
    if (argument_count >= MOST_WORDS) fail("a call has too many arguments", "");
    arguments[argument_count++] = value;
}

static int number_of(const char *text)
{
    int found = atoi(text);
    if (found < 0 || found >= MOST_NAMES) fail("a name has a number that is too large", text);
    return found;
}

/* Return the bytes of a word: x0011, d1a2b3c4d, or o1 with /length, ^offset:mask and +more. */
static bytes_t bytes_of(const char *word)
{
    bytes_t found = {NULL, 0}, old, change;
    const char *end;
    size_t i, offset;
    if (word[0] == 'x') return literal(word);
    if (word[0] == 'd') {
        for (i = 0; i < shared_count; i++)
            if (!strcmp(shared[i].name, word)) return literal(shared[i].value);
        fail("the corpus has no data of that name", word);
    }
    if (word[0] != 'o') fail("no bytes", word);
    i = (size_t)number_of(word + 1);
    if (!outputs[i].made) {
        not_made = 1;
        found.data = allocate(SLACK);
        return found;
    }
    old = outputs[i].bytes;
    found.data = allocate(old.size + 2 * SLACK);
    found.size = old.size;
    if (old.size) memcpy(found.data, old.data, old.size);
    for (word++; isdigit((unsigned char)*word); word++) {}
    if (*word == '/') {
        size_t length = strtoul(word + 1, (char **)&end, 10);
        if (length < found.size) found.size = length;
        word = end;
    }
    if (*word == '^') {
        offset = strtoul(word + 1, (char **)&end, 10);
        change = hexadecimal(end + 1, &end);
        for (i = 0; i < change.size && offset + i < found.size; i++) found.data[offset + i] ^= change.data[i];
        word = end;
    }
    if (*word == '+') {
        change = hexadecimal(word + 1, &end);
        memcpy(found.data + found.size, change.data, change.size);
        found.size += change.size;
    }
    return found;
}

/* Set the address and the size of a word's bytes; 0 and 0 for ~. */
static void pair(const char *word, word_t *where, uint32_t *size)
{
    bytes_t found = {NULL, 0};
    if (word[0] != '~') found = bytes_of(word);
    *where = address(found.data);
    *size = (uint32_t)found.size;
}

/* Cut "!" (the content is compared) and ":o1" (it is kept under that name) from the end of a word. */
static void cut_suffix(char *word, int *compared, int *name)
{
    char *colon = strrchr(word, ':');
    *name = *compared = 0;
    if (colon && colon[1] == 'o') {
        *name = number_of(colon + 2);
        *colon = 0;
    }
    if (*word && word[strlen(word) - 1] == '!') {
        *compared = 1;
        word[strlen(word) - 1] = 0;
    }
}

static void add_output(uint8_t *data, uint32_t size, int compared, int name)
{
    output_t *one = &written[output_count++];
    one->data = data;
    one->size = size;
    one->compared = compared;
    one->name = name;
    one->result = NULL;
    one->before = allocate(size);
    if (size) memcpy(one->before, data, size);
}

/* Add >64!:o1 (a new buffer), ^64 (the buffer of the last input) or <x0011 (bytes that the call may change). */
static output_t *add_output_word(char *word)
{
    int compared, name;
    uint8_t *data;
    uint32_t size;
    cut_suffix(word, &compared, &name);
    if (word[0] == '<') {
        word_t where;
        pair(word + 1, &where, &size);
        data = (uint8_t *)(uintptr_t)where;
    } else {
        size = (uint32_t)strtoul(word + 1, NULL, 10);
        data = word[0] == '^' ? input : allocate(size);
        if (word[0] == '>') memset(data, FILL, size);
    }
    add_output(data, size, compared, name);
    return &written[output_count - 1];
}

/* Split the inside of a structure at a character; return the number of parts. */
static int split(char *text, char separator, char **parts, int most)
{
    int count = 0;
    while (text && *text && count < most) {
        parts[count++] = text;
        text = strchr(text, separator);
        if (text) *text++ = 0;
    }
    return count;
}

static word_t authenticated(char *head, char **parts, int count)
{
    int compared, name, i;
    auth_t *raw;
    cut_suffix(head, &compared, &name);
    i = number_of(head + 4);
    if (!auths[i]) {
        auths[i] = allocate(sizeof(auth_t));
        auths[i]->size = sizeof(auth_t);
        auths[i]->version = 1;
    }
    raw = auths[i];
    for (i = 0; i < count; i++) {
        char *value = strchr(parts[i], '=');
        uint32_t number;
        *value++ = 0;
        number = (uint32_t)strtoul(value, NULL, 0);
        if (!strcmp(parts[i], "nonce")) pair(value, &raw->nonce, &raw->nonce_size);
        else if (!strcmp(parts[i], "aad")) pair(value, &raw->aad, &raw->aad_size);
        else if (!strcmp(parts[i], "tag")) pair(value, &raw->tag, &raw->tag_size);
        else if (!strcmp(parts[i], "mac")) { raw->mac = number ? address(allocate(number)) : 0; raw->mac_size = number; }
        else if (!strcmp(parts[i], "flags")) raw->flags = number;
        else if (!strcmp(parts[i], "cbaad")) raw->aad_count = number;
        else if (!strcmp(parts[i], "cbdata")) raw->data_count = number;
        else if (!strcmp(parts[i], "cbsize")) raw->size = number;
        else if (!strcmp(parts[i], "version")) raw->version = number;
        else fail("no field of a structure", parts[i]);
    }
    used[auth_count++] = raw;
    if (raw->tag && (compared || name)) add_output((uint8_t *)(uintptr_t)raw->tag, raw->tag_size, compared, name);
    return address(raw);
}

/* Add pkcs1("SHA1"), pss("SHA1",20), oaep("SHA1",x00), pqdsa(x00,"SHA512") or auth1(nonce=x00,...). */
static word_t structure(char *word)
{
    char *parts[16], *inside = strchr(word, '(');
    int count;
    if (!inside) fail("no word of a call", word);
    *inside++ = 0;
    if (strrchr(inside, ')')) *strrchr(inside, ')') = 0;
    count = split(inside, ',', parts, 16);
    if (!strcmp(word, "pkcs1")) {
        pkcs1_t *one = allocate(sizeof *one);
        one->name = text_address(parts[0]);
        return address(one);
    }
    if (!strcmp(word, "pss")) {
        pss_t *one = allocate(sizeof *one);
        one->name = text_address(parts[0]);
        one->salt = (uint32_t)strtoul(parts[1], NULL, 0);
        return address(one);
    }
    if (!strcmp(word, "oaep")) {
        oaep_t *one = allocate(sizeof *one);
        one->name = text_address(parts[0]);
        pair(parts[1], &one->label, &one->label_size);
        return address(one);
    }
    if (!strcmp(word, "pqdsa")) {
        pqdsa_t *one = allocate(sizeof *one);
        pair(parts[0], &one->context, &one->context_size);
        one->prehash = text_address(parts[1]);
        return address(one);
    }
    if (strncmp(word, "auth", 4)) fail("no structure", word);
    return authenticated(word, parts, count);
}

/* Add [0="SHA1",3=x0011]: a BCryptBufferDesc. */
static word_t buffers(char *word)
{
    char *parts[MOST_NAMES];
    buffers_t *head = allocate(sizeof *head);
    buffer_t *items;
    int i, count;
    *strrchr(word, ']') = 0;
    count = split(word + 1, ',', parts, MOST_NAMES);
    items = allocate(sizeof *items * (size_t)(count + 1));
    for (i = 0; i < count; i++) {
        char *value = strchr(parts[i], '=') + 1;
        items[i].type = (uint32_t)strtoul(parts[i], NULL, 10);
        if (value[0] == '"') items[i].value = address(wide(value, &items[i].size));
        else pair(value, &items[i].value, &items[i].size);
    }
    head->count = (uint32_t)count;
    head->buffers = count ? address(items) : 0;
    return address(head);
}

/* Add {0:1:x0011,0:2:>32}: an array of BCRYPT_MULTI_HASH_OPERATION and its size in bytes. */
static void operations(char *word)
{
    char *parts[MOST_NAMES];
    operation_t *items;
    int i, count;
    *strrchr(word, '}') = 0;
    count = split(word + 1, ',', parts, MOST_NAMES);
    items = allocate(sizeof *items * (size_t)(count + 1));
    for (i = 0; i < count; i++) {
        char *second = strchr(parts[i], ':') + 1, *third = strchr(second, ':') + 1;
        items[i].index = (uint32_t)strtoul(parts[i], NULL, 0);
        items[i].operation = (uint32_t)strtoul(second, NULL, 0);
        if (third[0] == '>') {
            output_t *one = add_output_word(third);
            items[i].buffer = address(one->data);
            items[i].size = one->size;
        } else {
            pair(third, &items[i].buffer, &items[i].size);
        }
    }
    push(address(items));
    push(sizeof *items * (word_t)count);
}

static void add_size(const char *word)
{
    uint32_t *one = allocate(sizeof *one);
    *one = word[0] == '@' ? UNTOUCHED : 0xAA;
    if (!strcmp(word, "@") && output_count) written[output_count - 1].result = one;
    if (strcmp(word, "@?")) sizes[size_count++] = one;
    push(address(one));
}

static void use_handle(const handle_t *one)
{
    if (!one->made) not_made = 1;
    push(one->value);
}

/* Turn one word into one or two arguments. */
static void add(char *word)
{
    if (!strcmp(word, "-")) push(0);
    else if (!strcmp(word, "~")) { push(0); push(0); }
    else if (isdigit((unsigned char)word[0])) push(strtoull(word, NULL, 0));
    else if (word[0] == '"') push(text_address(word));
    else if (word[0] == '&') {
        made[new_count].name = number_of(word + 2);
        made[new_count].pointer = allocate(sizeof(word_t));
        *made[new_count].pointer = NO_HANDLE;
        push(address(made[new_count++].pointer));
    }
    else if (word[0] == 'h') use_handle(&handles[number_of(word + 1)]);
    else if (word[0] == 'p' && isdigit((unsigned char)word[1])) use_handle(&pointers[number_of(word + 1)]);
    else if (word[0] == 'x' || word[0] == 'd' || (word[0] == 'o' && isdigit((unsigned char)word[1]))) {
        bytes_t found = bytes_of(word);
        input = found.data;
        push(address(found.data));
        push(found.size);
    }
    else if (word[0] == '>' || word[0] == '<' || word[0] == '^') {
        output_t *one = add_output_word(word);
        push(address(one->data));
        push(one->size);
    }
    else if (word[0] == '@' || word[0] == '%') add_size(word);
    else if (word[0] == '*') {
        char *name = strchr(word, ':');
        list_t *one = &lists[list_count++];
        one->kind = word[1];
        one->name = name ? number_of(name + 2) : 0;
        one->pointer = allocate(sizeof(word_t));
        one->count = argument_count ? (uint32_t *)(uintptr_t)arguments[argument_count - 1] : NULL;
        push(address(one->pointer));
    }
    else if (word[0] == '[') push(buffers(word));
    else if (word[0] == '{') operations(word);
    else push(structure(word));
}

/* --- answers --------------------------------------------------------------------------------------------------------- */

static void show_bytes(int index, const uint8_t *data, size_t size)
{
    size_t i;
    printf(" out%d=", index);
    if (!size) printf("empty");
    for (i = 0; i < (size <= 64 ? size : 16); i++) printf("%02x", data[i]);
    if (size > 64) printf("..%u:%016llx", (unsigned)size, (unsigned long long)fnv64(data, size));
}

/* Write a name of a list, with _ for a blank. A string has 2 bytes a character, or 4 as wchar_t of Linux has. */
static char *list_name(word_t where)
{
    const uint16_t *two = (const uint16_t *)(uintptr_t)where;
    int step = two[0] && !two[1] ? 2 : 1, i;
    char *found;
    for (i = 0; two[i * step]; i++) {}
    found = allocate((size_t)i + 1);
    for (i = 0; two[i * step]; i++) found[i] = two[i * step] == ' ' ? '_' : (char)two[i * step];
    return found;
}

static int by_name(const void *one, const void *other) { return strcmp(*(char *const *)one, *(char *const *)other); }

static void show_list(const list_t *list)
{
    const uint8_t *start = (const uint8_t *)(uintptr_t)*list->pointer;
    uint32_t count = list->count ? *list->count : 0, i;
    size_t stride = list->kind == 'a' ? 16 : 8;
    char **names;
    if (list->name) {
        pointers[list->name].made = 1;
        pointers[list->name].value = *list->pointer;
    }
    if (list->kind == 'p') {
        count = start ? *(const uint32_t *)start : 0;
        start = start ? (const uint8_t *)(uintptr_t)*(const word_t *)(start + 8) : NULL;
    }
    names = allocate(sizeof(char *) * (count + 1));
    for (i = 0; i < count; i++) names[i] = list_name(*(const word_t *)(start + i * stride));
    qsort(names, count, sizeof(char *), by_name);
    printf(" names=");
    for (i = 0; i < count; i++) printf("%s%s", i ? "," : "", names[i]);
}

static void show_answer(uint32_t status)
{
    int i, touched = 0;
    printf(" %08x", (unsigned)status);
    for (i = 0; i < new_count; i++) {
        if (status == SUCCESS) {
            handles[made[i].name].made = 1;
            handles[made[i].name].value = *made[i].pointer;
        } else if (*made[i].pointer != NO_HANDLE) {
            touched = 1;
        }
    }
    if (touched) printf(" handle=written");
    for (i = 0; i < size_count && (status == SUCCESS || status == TOO_SMALL); i++) {
        if (*sizes[i] == UNTOUCHED) printf(" size=untouched");
        else printf(" size=%u", (unsigned)*sizes[i]);
    }
    for (i = 0; i < output_count; i++) {
        output_t *one = &written[i];
        size_t size = one->size;
        if (status != SUCCESS) {
            if (size && memcmp(one->data, one->before, size)) printf(" out%d=written", i + 1);
            continue;
        }
        if (one->result && *one->result < size) size = *one->result;
        if (one->name) {
            outputs[one->name].made = 1;
            outputs[one->name].bytes.size = size;
            outputs[one->name].bytes.data = allocate(size);
            if (size) memcpy(outputs[one->name].bytes.data, one->data, size);
        }
        if (one->compared) show_bytes(i + 1, one->data, size);
    }
    for (i = 0; i < auth_count && status == SUCCESS; i++)
        printf(" auth=%x/%u/%llu", (unsigned)used[i]->flags, (unsigned)used[i]->aad_count,
               (unsigned long long)used[i]->data_count);
    for (i = 0; i < list_count && status == SUCCESS; i++) show_list(&lists[i]);
}

/* --- calls and cases --------------------------------------------------------------------------------------------------- */

static void *library;

static function_t function_of(const char *name)
{
#if defined(_WIN32)
    return (function_t)(uintptr_t)GetProcAddress((HMODULE)library, name);
#else
    return (function_t)(uintptr_t)dlsym(library, name);
#endif
}

static void call(char *line, int number)
{
    char *words[64];
    int count = split(line, ' ', words, 64), i;
    function_t function = function_of(words[0]);
    const word_t *a = arguments;
    uint32_t status;
    memset(arguments, 0, sizeof arguments);
    argument_count = not_made = size_count = output_count = auth_count = list_count = new_count = 0;
    printf("%d %s", number, words[0]);
    if (!function) {
        printf(" missing\n");
        return;
    }
    for (i = 1; i < count; i++) add(words[i]);
    if (not_made) {
        printf(" skipped\n");
        return;
    }
    status = function(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9]);
    if (!strcmp(words[0], "BCryptFreeBuffer")) status = 0; /* VOID */
    show_answer(status);
    printf("\n");
}

static uint32_t checksum(size_t first, size_t last)
{
    uint32_t hash = 0x811C9DC5u;
    for (; first < last; first++) {
        hash = fnv32(hash, lines[first], strlen(lines[first]));
        hash = fnv32(hash, "\n", 1);
    }
    return hash;
}

static void play(size_t first, size_t last)
{
    size_t i;
    memset(handles, 0, sizeof handles);
    memset(pointers, 0, sizeof pointers);
    memset(outputs, 0, sizeof outputs);
    memset(auths, 0, sizeof auths);
    printf("= %08x %s\n", (unsigned)checksum(first + 1, last), strrchr(lines[first], ' ') + 1);
    fflush(stdout);
    for (i = first + 1; i < last; i++) {
        call(lines[i], (int)(i - first));
        fflush(stdout); /* what was answered before a crash is not lost */
    }
    printf(".\n");
    fflush(stdout);
}

/* --- a child plays, the parent goes on after a crash ----------------------------------------------------------------------- */

#if defined(_WIN32)
static volatile LONG beats;

static DWORD WINAPI watch(LPVOID unused)
{
    LONG before;
    (void)unused;
    do {
        before = beats;
        Sleep(SECONDS * 1000);
    } while (beats != before);
    ExitProcess(4);
}

static LONG WINAPI crashed(EXCEPTION_POINTERS *unused)
{
    (void)unused;
    TerminateProcess(GetCurrentProcess(), 3);
    return EXCEPTION_EXECUTE_HANDLER;
}
#endif

static int play_from(const char *path, size_t start)
{
    size_t first = 0, last, number = 0;
#if defined(_WIN32)
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
    SetUnhandledExceptionFilter(crashed);
    CreateThread(NULL, 0, watch, NULL, 0, NULL);
    library = (void *)LoadLibraryA(path);
#else
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
#endif
    if (!library) fail("cannot load", path);
    while (first < line_count) {
        for (last = first + 1; last < line_count && lines[last][0] != '='; last++) {}
        if (number++ >= start) {
#if defined(_WIN32)
            InterlockedIncrement(&beats);
#else
            alarm(SECONDS);
#endif
            play(first, last);
        }
        first = last;
    }
    return 0;
}

/* Copy what a child answers. Return how many cases it began; *whole says whether the last one has its end. */
static size_t copy(FILE *child, int *whole)
{
    static char line[1 << 16];
    size_t count = 0;
    int at_start = 1;
    *whole = 1;
    while (fgets(line, sizeof line, child)) {
        size_t length = strlen(line);
        while (length && (line[length - 1] == '\n' || line[length - 1] == '\r')) line[--length] = 0;
        if (at_start && line[0] == '=') {
            count++;
            *whole = 0;
        }
        if (!strcmp(line, ".")) *whole = 1;
        if (line[0] != '=' && line[0] != '.' && !isdigit((unsigned char)line[0])) continue;
        if (isdigit((unsigned char)line[0]) && !(strchr(line, ' ') && strchr(strchr(line, ' ') + 1, ' '))) continue;
        printf("%s\n", line);
    }
    return count;
}

/* Write the name of the target: the DLL, and the version of Windows or of Wine. */
static void show_target(const char *path)
{
#if defined(_WIN32)
    typedef LONG (WINAPI *version_t)(OSVERSIONINFOW *);
    typedef const char *(*wine_t)(void);
    HMODULE system = GetModuleHandleA("ntdll.dll");
    version_t version = (version_t)(uintptr_t)GetProcAddress(system, "RtlGetVersion");
    wine_t wine = (wine_t)(uintptr_t)GetProcAddress(system, "wine_get_version");
    OSVERSIONINFOW found = {sizeof found, 0, 0, 0, 0, {0}};
    if (wine) {
        printf("Wine %s, %s\n", wine(), path);
        return;
    }
    if (version && version(&found) == 0) {
        printf("Windows %lu.%lu.%lu, %s\n", found.dwMajorVersion, found.dwMinorVersion, found.dwBuildNumber, path);
        return;
    }
#endif
    printf("%s\n", path);
}

int main(int count, char **given)
{
    size_t done = 0, cases = 0, i;
    char command[4096];
    if (count < 3) {
        fprintf(stderr, "usage: recorder CORPUS DLL [NAME]\nPlay the corpus of 'cng compare' and write a recording.\n");
        return 2;
    }
    if (sizeof(void *) != 8) fail("this program is for 64-bit systems", given[0]);
    read_corpus(given[1]);
    if (count == 5 && !strcmp(given[3], "--from")) return play_from(given[2], strtoul(given[4], NULL, 10));
    for (i = 0; i < line_count; i++) cases += lines[i][0] == '=';
    printf("# cngcore recording 1\n# target: ");
    show_target(count > 3 ? given[3] : given[2]);
    while (done < cases) {
        FILE *child;
        int whole;
        size_t began;
#if defined(_WIN32)
        const char *form = "\"\"%s\" \"%s\" \"%s\" --from %u\""; /* cmd takes the outer quotes away */
#else
        const char *form = "exec \"%s\" \"%s\" \"%s\" --from %u";
#endif
        if (snprintf(command, sizeof command, form, given[0], given[1], given[2], (unsigned)done) >= (int)sizeof command)
            fail("the paths are too long", given[1]);
        fflush(stdout);
        child = popen(command, "r");
        if (!child) fail("cannot start", command);
        began = copy(child, &whole);
        pclose(child);
        if (!began) fail("the child made no answer", command);
        if (!whole) printf("! crashed\n.\n");
        done += began;
    }
    return 0;
}
