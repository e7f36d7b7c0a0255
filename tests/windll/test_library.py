"""libbcrypt from C, C++ and a Python that is already running: uses, threads, forks, ends, and what is missing."""

import os
import subprocess
import sys
import sysconfig

import pytest
from cli.commandline import run as cng
from helpers import python

from cngcore.windll import FUNCTIONS, BuildError, _library, build_library
from cngcore.windll._embedded import check, fingerprint

# --- uses ---------------------------------------------------------------------------------------------------------


def test_a_c_program_uses_the_library(run):
    assert run("uses.c") == "right\n"


def test_wide_characters_of_two_bytes_are_wchar_t(run):
    """So are programs compiled that were written for Windows with L"text"."""
    assert run("uses.c", options=("-fshort-wchar",)) == "right\n"


@pytest.mark.parametrize("options", [(), ("-fshort-wchar",)])
def test_a_program_includes_windows_h(run, options):
    """With -fshort-wchar the C library's wcslen would count 4 bytes a character."""
    assert run("windows.c", options=options) == "right\n"


def test_a_cpp_program_uses_the_library(run):
    assert run("program.cpp") == "right\n"


def test_pkg_config_knows_the_folders(library):
    try:
        flags = subprocess.run(
            ["pkg-config", "--cflags", "--libs", "bcrypt"], capture_output=True, text=True, check=True,
            env={**os.environ, "PKG_CONFIG_PATH": str(library)},
        ).stdout.split()  # fmt: skip
    except FileNotFoundError:
        pytest.skip("pkg-config is not installed")
    assert {f"-I{library}", f"-L{library}", "-lbcrypt"} <= set(flags)


def test_only_the_functions_of_the_table_are_exported(library):
    try:
        listed = subprocess.run(
            ["nm", "-D", "--defined-only", str(library / "libbcrypt.so")], capture_output=True, text=True, check=True
        ).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("there is no nm, or no .so")
    names = {line.split()[-1] for line in listed.splitlines()}
    assert names == {*FUNCTIONS, "PyInit__cngcore_bcrypt"}


def test_calls_are_traced(run, tmp_path):
    trace = tmp_path / "trace.txt"
    run("uses.c", environment={"CNGCORE_TRACE": str(trace)})
    text = trace.read_text()
    assert "BCryptOpenAlgorithmProvider(pszAlgId='ECDSA_P256'" in text
    assert "-> STATUS_INVALID_SIGNATURE" in text
    assert "-> STATUS_BUFFER_TOO_SMALL" in text


# --- threads, forks, ends -----------------------------------------------------------------------------------------


def test_eight_threads_make_the_first_call_at_once(run):
    assert run("threads.c", "8", "100") == "right\n"


@pytest.mark.parametrize("mode", ["before", "after", "threads", "start", "nested"])
def test_children_of_a_fork_use_the_library(run, mode):
    assert run("forks.c", mode) == "right\n"


@pytest.mark.parametrize("mode", ["handles", "thread", "exit", "busy", "main", "quick", "atexit"])
def test_a_process_ends(run, mode):
    assert run("ends.c", mode) == "right\n"


def test_an_interrupt_ends_the_program_as_it_does_without_the_library(run):
    assert run("ends.c", "interrupt", status=-2) == "right\n"


@pytest.mark.exhaustive
@pytest.mark.parametrize("time", range(5))
@pytest.mark.parametrize(("source", "mode"), [("ends.c", "busy"), ("forks.c", "start"), ("forks.c", "threads")])
def test_races_stay_right(run, source, mode, time):
    assert run(source, mode) == "right\n"


def test_the_library_is_loaded_at_run_time_with_its_symbols_kept_local(library, run):
    [path] = library.glob("libbcrypt.*")
    assert run("loads.c", str(path)) == "right\n"


@pytest.mark.exhaustive
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="the program reads /proc")
def test_memory_does_not_grow_with_the_keys(run):
    """The last 20,000 lives may take what an allocator rounds up, and no byte a key."""
    sizes = [int(line.split()[1]) for line in run("lives.c", "30000", "10000").splitlines()]
    assert sizes[-1] - sizes[0] < 1024


# --- in a Python program ------------------------------------------------------------------------------------------

HOST = """
import ctypes, os, sys, threading
library = ctypes.CDLL({path!r})
handle = ctypes.c_void_p()
name = "ECDSA_P256".encode("utf-16-le") + bytes(2)

def use():
    key = ctypes.c_void_p()
    assert library.BCryptGenerateKeyPair(handle, ctypes.byref(key), 256, 0) == 0
    assert library.BCryptFinalizeKeyPair(key, 0) == 0
    assert library.BCryptDestroyKey(key) == 0

assert library.BCryptOpenAlgorithmProvider(ctypes.byref(handle), name, None, 0) == 0
threads = [threading.Thread(target=use) for _ in range(8)]
for each in threads: each.start()
for each in threads: each.join()
child = os.fork()
if not child:
    use()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
from cngcore import bcrypt
assert bcrypt.BCryptCloseAlgorithmProvider(handle.value, 0) == 0
assert library.BCryptCloseAlgorithmProvider(handle, 0) & 0xFFFFFFFF == 0xC0000008
print("right")
"""


def test_a_python_program_that_loads_the_library_is_its_python(library):
    [path] = library.glob("libbcrypt.*")
    done = python(HOST.format(path=str(path)), "-Wignore::DeprecationWarning", check=False)  # os.fork() since 3.12
    assert (done.stdout, done.stderr) == ("right\n", "")


# --- what is missing ----------------------------------------------------------------------------------------------


def once(program, **environment):
    done = subprocess.run(
        [program("once.c")], capture_output=True, text=True, timeout=100, env={**os.environ, **environment}
    )
    return done.returncode, done.stdout.splitlines(), done.stderr


def test_the_start_changes_no_errno_and_no_locale(program):
    assert once(program, LC_ALL="C.UTF-8") == (0, ["00000000"] * 3 + ["errno 77, locale C"], "")


def test_without_cngcore_each_call_fails_and_one_line_says_why(program, tmp_path):
    package = tmp_path / "cngcore"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('no cngcore here')")
    status, lines, errors = once(program, PYTHONPATH=str(tmp_path))
    assert (status, lines[:3]) == (0, ["C00000E5"] * 3)
    assert errors.startswith("libbcrypt: ImportError: no cngcore here; every call returns STATUS_INTERNAL_ERROR.")
    assert "Install cngcore[capi] there, or set PYTHONPATH" in errors
    assert errors.count("\n") == 1


def test_a_trace_that_cannot_be_written_is_reported(program, tmp_path):
    status, lines, errors = once(program, CNGCORE_TRACE=str(tmp_path))
    assert (status, lines[:3]) == (0, ["C00000E5"] * 3)
    assert errors.startswith("libbcrypt: OSError: CNGCORE_TRACE names ")
    assert errors.count("\n") == 1


def test_without_a_standard_library_the_program_goes_on(program, tmp_path):
    status, lines, errors = once(program, PYTHONHOME=str(tmp_path))
    assert (status, lines[:3]) == (0, ["C00000E5"] * 3)
    assert "libbcrypt: Python does not start: " in errors


def test_a_library_of_another_table_is_refused():
    check(fingerprint())
    with pytest.raises(ImportError, match="other functions"):
        check("no number")


def refuses(capsys, tmp_path, text):
    with pytest.raises(BuildError, match=text):
        build_library(tmp_path / "out")
    status, out, errors = cng(capsys, "build-bcrypt", tmp_path / "out")
    assert (status, out) == (1, "")
    assert errors.startswith("cng build-bcrypt: ")
    assert errors.count("\n") == 1


def test_a_build_without_cffi(capsys, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "cffi", None)
    refuses(capsys, tmp_path, "install the extra cngcore\\[capi\\]")


def test_a_build_without_headers(capsys, tmp_path, monkeypatch):
    pytest.importorskip("cffi")
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    refuses(capsys, tmp_path, "the headers of Python are missing")


def test_a_build_without_a_shared_python(capsys, tmp_path, library, monkeypatch):
    monkeypatch.setattr(sysconfig, "get_config_var", lambda name: str(tmp_path))
    refuses(capsys, tmp_path, "this Python has no shared library")


def test_a_build_without_a_compiler(capsys, tmp_path, library, monkeypatch):
    monkeypatch.setattr(_library.shutil, "which", lambda name: None)
    monkeypatch.delenv("CC", raising=False)
    refuses(capsys, tmp_path, "no C compiler was found")


def test_a_build_with_a_compiler_that_does_not_exist(capsys, tmp_path, library, monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler -O2")
    refuses(capsys, tmp_path, "CC names the compiler 'no-such-compiler', which is not there")


def test_a_build_with_a_compiler_that_fails(capsys, tmp_path, library, monkeypatch):
    monkeypatch.setenv("CC", "false")
    refuses(capsys, tmp_path, "the C compiler failed")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_command_writes_its_files(capsys, tmp_path, library):
    status, out, _ = cng(capsys, "build-bcrypt", tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert status == 0
    assert {"bcrypt.h", "windows.h", "bcrypt.pc"} < names
    assert len(names) == 4
    assert all(name in out for name in names)
