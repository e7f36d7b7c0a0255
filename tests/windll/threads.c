/* threads THREADS LIVES: all threads make the first call of the process at once, then each lives its keys. */
#include "check.h"
#include <pthread.h>

static int number, lives;
static int arrived, wrong;

static void *work(void *unused)
{
    BCRYPT_ALG_HANDLE algorithm;
    int index, bad = 0;

    (void)unused;
    __sync_fetch_and_add(&arrived, 1);
    while (__sync_fetch_and_add(&arrived, 0) < number)
        ; /* macOS has no barriers */
    algorithm = open_ecdsa();
    for (index = 0; index < lives; index++)
        bad += !key_life(algorithm);
    bad += BCryptCloseAlgorithmProvider(algorithm, 0) != STATUS_SUCCESS;
    __sync_fetch_and_add(&wrong, bad);
    return NULL;
}

int main(int count, char **arguments)
{
    pthread_t threads[64];
    int index;

    CHECK(count == 3);
    number = atoi(arguments[1]);
    lives = atoi(arguments[2]);
    CHECK(number <= 64);
    for (index = 0; index < number; index++)
        CHECK(pthread_create(&threads[index], NULL, work, NULL) == 0);
    for (index = 0; index < number; index++)
        pthread_join(threads[index], NULL);
    CHECK(wrong == 0);
    puts("right");
    return 0;
}
