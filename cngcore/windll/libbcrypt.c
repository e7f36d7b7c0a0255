/* libbcrypt: start Python at the first call, and keep its locks right over a fork.

   The builder puts definitions before this text (CNGCORE_PYTHON, CNGCORE_PREPARE) and the functions of bcrypt.h behind
   it. cffi_start_python() and the calls into Python are cffi's. */

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

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

static int start_python(void)
{
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

static int is_ready(void)
{
    return __atomic_load_n(&state, __ATOMIC_ACQUIRE) == READY || start();
}

/* --- fork: Python must hold its lock, as with os.fork(), so that the child finds it free ------------------------- */

static __thread int fork_waits;
static __thread int fork_holds_python;
static __thread PyGILState_STATE fork_gil;

static void before_fork(void)
{
    if (starts_here || (Py_IsInitialized() && PyGILState_Check()))
        return; /* Python itself forks, and does what is needed */
    pthread_mutex_lock(&starting);
    fork_waits = 1;
    if (state == READY && python_is_ours) {
        fork_gil = PyGILState_Ensure();
        PyOS_BeforeFork();
        fork_holds_python = 1;
    }
}

static void after_fork_in_parent(void)
{
    if (!fork_waits)
        return;
    if (fork_holds_python) {
        PyOS_AfterFork_Parent();
        PyGILState_Release(fork_gil);
    }
    fork_waits = fork_holds_python = 0;
    pthread_mutex_unlock(&starting);
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
    fork_waits = fork_holds_python = 0;
    pthread_mutex_unlock(&starting);
}

__attribute__((constructor)) static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}
