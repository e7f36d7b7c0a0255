/* libbcrypt: start Python at the first call, and keep its locks right over a fork.

   The builder puts definitions before this text (CNGCORE_PYTHON, CNGCORE_PREPARE) and the functions of bcrypt.h behind
   it. cffi_start_python() and the calls into Python are cffi's. */

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

enum { NOT_STARTED, READY, FAILED };

static int state = NOT_STARTED;
static int python_is_ours; /* this library started it: the process is no Python program */
static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;
static __thread int starts_here;

/* Load Python's symbols for its extension modules too, if the program loaded this library with RTLD_LOCAL. */
static void make_python_global(void)
{
    Dl_info found;

    if (dladdr((void *)(uintptr_t)&Py_IsInitialized, &found) && found.dli_fname)
        dlopen(found.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD);
}

/* The import of _signal puts a handler of SIGINT where the program has none, also if Python was told not to. */
static const char leave_signals[] =
    "import _signal\n"
    "if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:\n"
    "    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)\n";

/* Start Python as a guest: no signal handlers, no change of the locale, of stdio or of the arguments. */
static int initialize(void)
{
    PyPreConfig early;
    PyConfig config;
    PyStatus status;

    make_python_global();
    PyPreConfig_InitPythonConfig(&early);
    early.configure_locale = 0;
    early.coerce_c_locale = 0;
    early.utf8_mode = 1;
    status = Py_PreInitialize(&early);
    if (!PyStatus_Exception(status)) {
        PyConfig_InitPythonConfig(&config);
        config.install_signal_handlers = 0;
        config.parse_argv = 0;
        config.configure_c_stdio = 0;
        config.pathconfig_warnings = 0;
        status = PyConfig_SetBytesString(&config, &config.program_name, CNGCORE_PYTHON);
        if (!PyStatus_Exception(status))
            status = Py_InitializeFromConfig(&config);
        PyConfig_Clear(&config);
    }
    if (PyStatus_Exception(status)) {
        fprintf(stderr, "libbcrypt: Python does not start: %s. Check PYTHONHOME and PYTHONPATH, or build the library "
                        "again: cng build-bcrypt DIR\n", status.err_msg ? status.err_msg : "it wants to exit");
        return 0;
    }
    PyRun_SimpleString(leave_signals);
    PyEval_SaveThread();
    return 1;
}

/* Find cngcore. The code prints what is missing. */
static int prepare(void)
{
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *names = PyDict_New(), *result = NULL;

    if (names && PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins()) == 0)
        result = PyRun_String(CNGCORE_PREPARE, Py_file_input, names, names);
    if (!result)
        PyErr_Clear();
    Py_XDECREF(names);
    Py_XDECREF(result);
    PyGILState_Release(gil);
    return result != NULL;
}

/* Return whether the Python of this process is the one that the library was built for. */
static int fits(void)
{
    static const char built[] = Py_STRINGIFY(PY_MAJOR_VERSION) "." Py_STRINGIFY(PY_MINOR_VERSION) ".";
    const char *found = Py_GetVersion();

    if (strncmp(found, built, sizeof built - 1) == 0)
        return 1;
    fprintf(stderr, "libbcrypt: this process runs Python %.6s, and the library was built for Python %s; build it "
                    "with that Python: cng build-bcrypt DIR\n", found, PY_VERSION);
    return 0;
}

static int start_python(void)
{
    if (!fits())
        return 0;
    python_is_ours = !Py_IsInitialized();
    if (python_is_ours && !initialize())
        return 0;
    return prepare() && cffi_start_python() == 0;
}

/* Start once; other threads wait. Return whether calls can be made. */
static int start(void)
{
    int error = errno;
    int ready;

    if (starts_here)
        return 0;
    pthread_mutex_lock(&starting);
    if (state == NOT_STARTED) {
        starts_here = 1;
        ready = start_python();
        starts_here = 0;
        __atomic_store_n(&state, ready ? READY : FAILED, __ATOMIC_RELEASE);
    }
    ready = state == READY;
    pthread_mutex_unlock(&starting);
    errno = error;
    return ready;
}

/* --- calls and forks ---------------------------------------------------------------------------------------------

   A lock that another thread holds at a fork stays locked in the child for ever: Python's own, and those of the
   libraries below it. So a fork waits until the calls of other threads have returned, FORK_PATIENCE seconds at most,
   and takes Python's lock, as os.fork() does. Calls that begin meanwhile wait for the fork. */

#define FORK_PATIENCE 5.0
#define FORK_POLLS_A_SECOND 10000

static int calls;
static int forking;

/* Begin a call; return whether it can be made. leave() ends it. */
static int enter(void)
{
    if (__atomic_load_n(&state, __ATOMIC_ACQUIRE) != READY && !start())
        return 0;
    for (;;) {
        __atomic_fetch_add(&calls, 1, __ATOMIC_SEQ_CST);
        if (!__atomic_load_n(&forking, __ATOMIC_SEQ_CST))
            return 1;
        __atomic_fetch_sub(&calls, 1, __ATOMIC_SEQ_CST);
        pthread_mutex_lock(&starting);
        pthread_mutex_unlock(&starting);
    }
}

static void leave(void)
{
    __atomic_fetch_sub(&calls, 1, __ATOMIC_SEQ_CST);
}

static void wait_for_calls(void)
{
    struct timespec pause = {0, 1000000000 / FORK_POLLS_A_SECOND};
    int polls;

    __atomic_store_n(&forking, 1, __ATOMIC_SEQ_CST);
    for (polls = 0; polls < FORK_PATIENCE * FORK_POLLS_A_SECOND; polls++) {
        if (!__atomic_load_n(&calls, __ATOMIC_SEQ_CST))
            return;
        nanosleep(&pause, NULL);
    }
}

static __thread int fork_waits;
static __thread int fork_holds_python;
static __thread PyGILState_STATE fork_gil;

static void before_fork(void)
{
    if (starts_here || (Py_IsInitialized() && PyGILState_Check()))
        return; /* Python itself forks, and does what is needed */
    pthread_mutex_lock(&starting);
    fork_waits = 1;
    wait_for_calls();
    if (state == READY && python_is_ours) {
        fork_gil = PyGILState_Ensure();
        PyOS_BeforeFork();
        fork_holds_python = 1;
    }
}

static void end_fork(void)
{
    fork_waits = fork_holds_python = 0;
    __atomic_store_n(&forking, 0, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&starting);
}

static void after_fork_in_parent(void)
{
    if (!fork_waits)
        return;
    if (fork_holds_python) {
        PyOS_AfterFork_Parent();
        PyGILState_Release(fork_gil);
    }
    end_fork();
}

/* This thread is the only one that Python has left. It stays known to Python, because an interpreter without any thread
   cannot take new ones. */
static void after_fork_in_child(void)
{
    if (!fork_waits)
        return;
    if (fork_holds_python) {
        PyOS_AfterFork_Child();
        PyEval_SaveThread();
    }
    calls = 0;
    end_fork();
}

__attribute__((constructor)) static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}
