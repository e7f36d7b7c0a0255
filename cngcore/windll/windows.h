/* What programs for CNG use of windows.h beside bcrypt.h: types, memory, and strings of 2-byte characters.
 *
 * It is no windows.h: everything else is missing. With -fshort-wchar, L"text" has 2 bytes a character; the functions of
 * the C library for wide strings count 4, so wcslen and its relatives are replaced. wprintf cannot be.
 */
#ifndef CNGCORE_WINDOWS_H
#define CNGCORE_WINDOWS_H

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "bcrypt.h"

#ifndef IN
#define IN
#define OUT
#endif
#define UNREFERENCED_PARAMETER(name) ((void)(name))
#define ERROR_SUCCESS 0L
#define HEAP_ZERO_MEMORY 0x00000008

static inline HANDLE GetProcessHeap(void)
{
    return NULL;
}

static inline PVOID HeapAlloc(HANDLE heap, DWORD flags, SIZE_T size)
{
    (void)heap;
    return flags & HEAP_ZERO_MEMORY ? calloc(size ? size : 1, 1) : malloc(size ? size : 1);
}

static inline BOOL HeapFree(HANDLE heap, DWORD flags, PVOID memory)
{
    (void)heap;
    (void)flags;
    free(memory);
    return TRUE;
}

static inline HANDLE LocalFree(HANDLE memory)
{
    free(memory);
    return NULL;
}

static inline DWORD GetLastError(void)
{
    return ERROR_SUCCESS; /* functions of bcrypt.dll set no last error */
}

static inline PVOID SecureZeroMemory(PVOID memory, SIZE_T size)
{
    volatile UCHAR *byte = (volatile UCHAR *)memory;
    while (size--)
        *byte++ = 0;
    return memory;
}

#define ZeroMemory(memory, size) memset((memory), 0, (size))
#define FillMemory(memory, size, value) memset((memory), (value), (size))
#define CopyMemory(to, from, size) memcpy((to), (from), (size))
#define MoveMemory(to, from, size) memmove((to), (from), (size))
#define RtlZeroMemory ZeroMemory
#define RtlCopyMemory CopyMemory

static inline size_t cngcore_wcslen(const WCHAR *text)
{
    size_t length = 0;
    while (text[length])
        length++;
    return length;
}

static inline int cngcore_wcscmp(const WCHAR *one, const WCHAR *other)
{
    while (*one && *one == *other)
        one++, other++;
    return (int)*one - (int)*other;
}

#define wcslen(text) cngcore_wcslen((const WCHAR *)(text))
#define lstrlenW(text) ((int)cngcore_wcslen((const WCHAR *)(text)))
#define wcscmp(one, other) cngcore_wcscmp((const WCHAR *)(one), (const WCHAR *)(other))

#endif
