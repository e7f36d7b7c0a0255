"""The scope: a program inside finds Windows, and nothing outside of it changes."""

import builtins
import ctypes
import ctypes.util
import ctypes.wintypes
import os
import platform
import subprocess
import sys
import threading
from importlib import import_module
from importlib.util import find_spec

import pytest

import cngcore.windll
from cngcore.windll import windows

WATCHED = (ctypes, ctypes.wintypes, ctypes.util, sys, os, platform, builtins)
MODULES = ("_ctypes", "cffi", "ctypes", "ctypes.util", "ctypes.wintypes", "os", "platform", "sys")
VOLATILE = {"last_exc", "last_type", "last_value", "last_traceback", "exc_info"}


def state():
    """Everything that a scope could leave behind."""
    found = {
        (module.__name__, name): id(value)
        for module in WATCHED
        for name, value in vars(module).items()
        if name not in VOLATILE
    }
    found.update({("sys.modules", name): id(sys.modules.get(name)) for name in MODULES})
    return found


@pytest.fixture(autouse=True)
def nothing_changes():
    """Every test of this module leaves no trace."""
    for name in MODULES:
        if find_spec(name) is not None:
            import_module(name)
    before = state()
    yield
    assert state() == before


def test_what_a_program_finds():
    with windows():
        import os as its_os
        import platform as its_platform
        import sys as its_sys
        from ctypes import c_long, c_ulong, sizeof, windll, wintypes

        assert (its_sys.platform, its_os.name, its_platform.system()) == ("win32", "nt", "Windows")
        assert its_sys.getwindowsversion().build == 26100
        assert its_sys.getwindowsversion()[:2] == (10, 0)
        sizes = {name: sizeof(getattr(wintypes, name)) for name in ("DWORD", "ULONG", "LONG", "BOOL", "HANDLE", "WORD")}
        assert sizes == {"DWORD": 4, "ULONG": 4, "LONG": 4, "BOOL": 4, "HANDLE": sizeof(ctypes.c_void_p), "WORD": 2}
        assert sizeof(wintypes.FILETIME) == 8
        assert (sizeof(c_long), sizeof(c_ulong)) == (4, 4)
        assert windll.bcrypt.BCryptDestroyKey(None) & 0xFFFFFFFF == 0xC0000008
    assert sys.platform != "win32" or os.name == "nt"


def test_wide_characters_have_two_bytes():
    """Buffers, arrays and fields of characters are those of Windows, and can be passed where a string is declared."""
    with windows():
        import ctypes as its
        from ctypes import wintypes

        buffer = its.create_unicode_buffer("AES")
        assert (its.sizeof(buffer), buffer.value, buffer[0], buffer[:2], len(buffer)) == (8, "AES", "A", "AE", 4)
        buffer.value, buffer[1] = "RSA", "C"
        assert (buffer.value, list(buffer)) == ("RCA", ["R", "C", "A", "\0"])
        with pytest.raises(ValueError, match="too long"):
            buffer.value = "ECDSA"

        class Record(its.Structure):
            _fields_ = [("name", wintypes.WCHAR * 16), ("size", wintypes.ULONG)]

        record = Record()
        record.name.value = "ECDH"
        assert (its.sizeof(Record), record.name.value) == (36, "ECDH")
        assert its.wstring_at(its.addressof(record)) == its.wstring_at(its.addressof(record), 4) == "ECDH"
        assert its.c_wchar("x").value == "x"
        dll, handle = its.windll.bcrypt, its.c_void_p()
        dll.BCryptOpenAlgorithmProvider.argtypes = [its.c_void_p, wintypes.LPCWSTR, wintypes.LPCWSTR, wintypes.ULONG]
        assert dll.BCryptOpenAlgorithmProvider(its.byref(handle), its.create_unicode_buffer("AES"), None, 0) == 0
        mode = its.create_unicode_buffer("ChainingModeGCM")
        assert dll.BCryptSetProperty(handle, "ChainingMode", mode, its.sizeof(mode), 0) == 0
        out, size = its.create_unicode_buffer(32), wintypes.ULONG()
        assert dll.BCryptGetProperty(handle, "ChainingMode", out, its.sizeof(out), its.byref(size), 0) == 0
        assert out.value == "ChainingModeGCM"
        assert dll.BCryptCloseAlgorithmProvider(handle, 0) == 0
    assert ctypes.sizeof(ctypes.create_unicode_buffer("AES")) == 4 * ctypes.sizeof(ctypes.c_wchar)


def test_what_programs_call_after_a_failure():
    with windows():
        from ctypes import c_long, windll

        assert windll.kernel32.GetLastError() == 0
        assert windll.ntdll.RtlNtStatusToDosError(c_long(-0x3FFFFFF3)) > 0


def test_star_import():
    names = {}
    with windows():
        exec("from ctypes import *\nfrom ctypes.wintypes import *", names)
    assert names["sizeof"](names["c_long"]) == names["sizeof"](names["DWORD"]) == 4
    assert names["windll"].bcrypt.BCryptGenRandom


@pytest.mark.parametrize("name", ["bcrypt", "bcrypt.dll", "BCRYPT.DLL", r"C:\Windows\System32\bcrypt.dll"])
def test_ways_to_load_it(name):
    with windows():
        import ctypes as its
        import ctypes.util as util

        for dll in (its.WinDLL(name), its.CDLL(name), its.windll.LoadLibrary(name), its.cdll.LoadLibrary(name)):
            assert unsigned(dll.BCryptCloseAlgorithmProvider(None, 0)) == 0xC0000008
        assert util.find_library(name) == "bcrypt.dll"
        assert its.CDLL(None).getpid() == os.getpid()  # any other library as before


def unsigned(status):
    return status & 0xFFFFFFFF


def test_a_program_that_imported_ctypes_before_finds_the_dll():
    with windows():
        assert ctypes.windll.bcrypt is not None  # type: ignore[attr-defined]
    assert hasattr(ctypes, "windll") == (sys.platform == "win32")


def test_functions_of_two_libraries_are_independent():
    with windows():
        from ctypes import WinDLL, c_uint, c_void_p

        first, second = WinDLL("bcrypt"), WinDLL("bcrypt")
        first.BCryptDestroyKey.argtypes, first.BCryptDestroyKey.restype = [c_void_p], c_uint
        assert first.BCryptDestroyKey(None) == 0xC0000008
        assert second.BCryptDestroyKey(None) == 0xC0000008 - (1 << 32)  # c_int, as on Windows
        with pytest.raises(AttributeError, match="function 'BCryptNothing' not found"):
            _ = first.BCryptNothing


def test_other_libraries():
    """Those of Windows can be bound and not called; others are not found, as on Windows."""
    with windows():
        from ctypes import WinDLL, windll

        windll.kernel32.QueryPerformanceCounter.argtypes = []
        with pytest.raises(OSError, match=r"kernel32\.dll!GetTickCount is not available.*--stub kernel32=MODULE"):
            windll.kernel32.GetTickCount()
        with pytest.raises(FileNotFoundError, match=r"Could not find module 'acme\.dll'"):
            WinDLL("acme.dll")


def test_stubs_answer_for_other_libraries():
    class Kernel32:
        @staticmethod
        def GetTickCount():
            return 42

    with windows(stubs={"KERNEL32.dll": Kernel32}):
        from ctypes import windll

        assert windll.kernel32.GetTickCount() == 42
        with pytest.raises(OSError, match=r"kernel32\.dll!Beep is not available"):
            windll.kernel32.Beep(1, 2)


def test_low_level_loading():
    """A program may load the DLL by _ctypes, without WinDLL."""
    with windows():
        import _ctypes

        class Function(_ctypes.CFuncPtr):
            _flags_ = _ctypes.FUNCFLAG_STDCALL
            _restype_ = ctypes.c_uint

        class Library:
            _handle = _ctypes.LoadLibrary("bcrypt.dll", 0)

        assert Function(("BCryptDestroyKey", Library()))(None) == 0xC0000008


def test_a_program_that_raises():
    def program():
        import sys as its_sys

        assert its_sys.platform == "win32"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), windows():
        program()


def test_nested_scopes():
    with windows():
        with windows():
            pass
        import sys as its_sys

        assert its_sys.platform == "win32"


def test_scopes_of_threads():
    """Scopes overlap in any order; the last one to end takes everything back."""
    barrier, problems = threading.Barrier(4), []

    def run():
        try:
            for _ in range(20):
                barrier.wait()
                with windows():
                    import sys as its_sys

                    assert its_sys.platform == "win32"
        except BaseException as error:
            problems.append(error)
            barrier.abort()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_what_a_program_sets_in_sys_is_set():
    before = sys.argv
    with windows():
        import sys as its_sys

        its_sys.argv = ["program"]
        assert sys.argv == ["program"]
        its_sys.argv = before
        its_sys.ours = 1
        assert sys.ours == 1
        del its_sys.ours
    assert not hasattr(sys, "ours")


def test_a_failed_start_changes_nothing():
    with pytest.raises(AttributeError), windows(stubs=["kernel32"]):
        pass


PROGRAM = """
import asyncio, json, multiprocessing, os, pathlib, shutil, subprocess, sys, tempfile, zipfile
assert sys.platform == "win32" and os.name == "nt"
with tempfile.TemporaryDirectory() as folder:
    (pathlib.Path(folder) / "x").write_text("y")
    shutil.copy(pathlib.Path(folder) / "x", pathlib.Path(folder) / "z")
subprocess.run([sys.executable, "-c", ""], check=True)
asyncio.run(asyncio.sleep(0))
print(json.dumps(sys.argv[1:]))
"""


def test_the_standard_library_works_in_a_program(tmp_path):
    """It is imported by the program first here, and finds the machine as it is."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    run = subprocess.run(
        [sys.executable, "-m", "cngcore.windll", program, "--first", "2"], capture_output=True, text=True, check=True
    )
    assert run.stdout == '["--first", "2"]\n'


def test_run_a_module_with_a_stub(tmp_path):
    (tmp_path / "my_kernel32.py").write_text("def GetTickCount():\n    return 7\n")
    (tmp_path / "program.py").write_text("from ctypes import windll\nprint(windll.kernel32.GetTickCount())\n")
    run = subprocess.run(
        [sys.executable, "-m", "cngcore.windll", "--stub", "kernel32=my_kernel32", "-m", "program"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert run.stdout == "7\n"


@pytest.mark.parametrize(("arguments", "words"), [
    (["nothing.py"], "nothing.py is not a file; to run a module, pass -m nothing.py"),
    (["--stub", "kernel32", __file__], "--stub takes DLL=MODULE, not 'kernel32'"),
    (["--stub", "kernel32=no_such_module", __file__], "No module named 'no_such_module'"),
])  # fmt: skip
def test_wrong_arguments(arguments, words):
    run = subprocess.run([sys.executable, "-m", "cngcore.windll", *arguments], capture_output=True, text=True)
    assert run.returncode == 2
    assert words in run.stderr


def test_pytest_option(tmp_path):
    (tmp_path / "test_theirs.py").write_text(
        "import ctypes, sys\n"
        "def test_platform(): assert sys.platform == 'win32'\n"
        "def test_call(): assert ctypes.windll.bcrypt.BCryptDestroyKey(None) == -0x3FFFFFF8\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    inside = subprocess.run([*command, "--cng-windll"], capture_output=True, text=True)
    assert "2 passed" in inside.stdout, inside.stdout
    if sys.platform != "win32":
        outside = subprocess.run(command, capture_output=True, text=True)
        assert "2 failed" in outside.stdout


VERSION = """
import cngcore.windll
with cngcore.windll.windows():
    import sys
print(sys.getwindowsversion()[:3])
"""


def test_the_version_follows_the_setting():
    run = subprocess.run(
        [sys.executable, "-c", VERSION],
        capture_output=True, text=True, check=True, env={**os.environ, "CNGCORE_WINDOWS": "7"},
    )  # fmt: skip
    assert run.stdout == "(6, 1, 7601)\n"


def test_the_public_names():
    assert set(cngcore.windll.__all__) <= set(dir(cngcore.windll))
