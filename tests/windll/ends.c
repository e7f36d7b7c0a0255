/* ends MODE: ways in which a process ends.

   handles    main() returns and leaves handles open
   thread     a thread that made all calls ends; then main() calls
   exit       a thread calls exit()
   busy       main() returns while threads are in calls
   main       main() ends with pthread_exit(); the last thread ends the process
   interrupt  the process gets SIGINT
   quick      _exit()
   atexit     a handler of atexit(), registered before the first call, uses the library and destroys the key */
#include "check.h"
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static BCRYPT_KEY_HANDLE key;

static void at_exit(void)
{
    OK(BCryptFinalizeKeyPair(key, 0));
    OK(BCryptDestroyKey(key));
    CHECK(key_life(open_ecdsa()));
}

static void *work(void *unused)
{
    (void)unused;
    CHECK(key_life(open_ecdsa()));
    return NULL;
}

static void *leave(void *unused)
{
    work(unused);
    puts("right");
    exit(0);
}

static void *busy(void *unused)
{
    BCRYPT_ALG_HANDLE algorithm = open_ecdsa();

    (void)unused;
    for (;;)
        key_life(algorithm);
    return NULL;
}

static void *last(void *unused)
{
    sleep(1);
    work(unused);
    puts("right");
    return NULL;
}

int main(int count, char **arguments)
{
    const char *mode = count == 2 ? arguments[1] : "";
    pthread_t threads[4];
    int index;

    signal(SIGINT, SIG_DFL); /* a shell may have started this process with SIGINT ignored */
    if (strcmp(mode, "thread") == 0) {
        CHECK(pthread_create(&threads[0], NULL, work, NULL) == 0);
        pthread_join(threads[0], NULL);
    }
    if (strcmp(mode, "atexit") == 0)
        atexit(at_exit);
    work(NULL);
    OK(BCryptGenerateKeyPair(BCRYPT_ECDSA_P256_ALG_HANDLE, &key, 256, 0));
    if (strcmp(mode, "exit") == 0) {
        CHECK(pthread_create(&threads[0], NULL, leave, NULL) == 0);
        pthread_join(threads[0], NULL);
    } else if (strcmp(mode, "busy") == 0) {
        for (index = 0; index < 4; index++)
            CHECK(pthread_create(&threads[index], NULL, busy, NULL) == 0);
        usleep(100000);
    } else if (strcmp(mode, "main") == 0) {
        CHECK(pthread_create(&threads[0], NULL, last, NULL) == 0);
        pthread_exit(NULL);
    } else if (strcmp(mode, "interrupt") == 0) {
        puts("right");
        fflush(stdout);
        kill(getpid(), SIGINT);
        sleep(60);
    }
    puts("right");
    fflush(stdout);
    if (strcmp(mode, "quick") == 0)
        _exit(0);
    return 0;
}
