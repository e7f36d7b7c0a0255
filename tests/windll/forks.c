/* forks MODE: children use the library.

   before   the parent has made no call yet
   after    the parent has made calls, and makes more
   threads  other threads of the parent are in calls at each fork
   start    another thread of the parent makes the first call of the process
   nested   the child forks again */
#include "check.h"
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int stop;

static void *busy(void *unused)
{
    BCRYPT_ALG_HANDLE algorithm = open_ecdsa();
    UCHAR name[64];
    ULONG size;

    (void)unused;
    while (!stop) {
        CHECK(key_life(algorithm));
        OK(BCryptGetProperty(algorithm, BCRYPT_ALGORITHM_NAME, name, sizeof name, &size, 0));
    }
    return NULL;
}

/* Use the library in a child; return 1 if it went well there. */
static int child(int depth)
{
    int status;
    pid_t process = fork();

    CHECK(process >= 0);
    if (process == 0) {
        alarm(60); /* a child that hangs ends */
        if (!key_life(open_ecdsa()))
            exit(1);
        if (depth > 1)
            exit(!child(depth - 1));
        exit(0); /* with the handlers of atexit, as main() */
    }
    CHECK(waitpid(process, &status, 0) == process);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int count, char **arguments)
{
    const char *mode = count == 2 ? arguments[1] : "";
    int threads = strcmp(mode, "threads") == 0 ? 4 : strcmp(mode, "start") == 0 ? 1 : 0;
    int children = threads ? 20 : 3;
    pthread_t workers[4];
    int index;

    setvbuf(stdout, NULL, _IONBF, 0);
    if (strcmp(mode, "after") == 0 || strcmp(mode, "nested") == 0 || strcmp(mode, "threads") == 0)
        CHECK(key_life(open_ecdsa()));
    for (index = 0; index < threads; index++)
        CHECK(pthread_create(&workers[index], NULL, busy, NULL) == 0);
    for (index = 0; index < children; index++)
        CHECK(child(strcmp(mode, "nested") == 0 ? 3 : 1));
    stop = 1;
    for (index = 0; index < threads; index++)
        pthread_join(workers[index], NULL);
    CHECK(key_life(open_ecdsa()));
    puts("right");
    return 0;
}
