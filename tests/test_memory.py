"""Locked memory: what the system says of its pages, and what is left in it afterwards."""

import array
import copy
import ctypes
import errno
import gc
import mmap
import os
import pickle
import signal
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest
from helpers import python

from cngcore import memory
from cngcore.memory import LockedBuffer, SecretBytes, is_locked, wipe
from cngcore.status import CngError, InvalidParameterError, NotSupportedError, NTStatus

SECRET = b"correct horse battery staple"
SMAPS = Path("/proc/self/smaps")
needs_smaps = pytest.mark.skipif(not SMAPS.exists(), reason="only Linux tells the flags of a mapping")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


@pytest.fixture(scope="module", autouse=True)
def _lockable() -> None:
    """Skip where this process may lock nothing, as in some containers: asked of the system, not of our code."""
    if sys.platform == "win32":
        return
    page = mmap.mmap(-1, mmap.PAGESIZE)
    library = ctypes.CDLL(None, use_errno=True)
    if library.mlock(ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(page))), ctypes.c_size_t(len(page))):
        pytest.skip(f"the system lets this process lock no memory: {os.strerror(ctypes.get_errno())}")


def address_of(buffer: LockedBuffer) -> int:
    first = ctypes.c_char.from_buffer(buffer)
    return ctypes.addressof(first)


def flags_at(address: int) -> set[str]:
    """VmFlags of the mapping that holds ``address``; proc(5): lo is locked, dd is left out of dumps."""
    inside = False
    for line in SMAPS.read_text().splitlines():
        head = line.split(" ", 1)[0]
        if "-" in head and not head.endswith(":"):
            start, end = (int(part, 16) for part in head.split("-"))
            inside = start <= address < end
        elif inside and line.startswith("VmFlags:"):
            return set(line.split()[1:])
    return set()


# ---------------------------------------------------------------------------------------------- the memory


def test_it_is_a_buffer() -> None:
    with LockedBuffer(5000, SECRET) as buffer:
        assert isinstance(buffer, mmap.mmap)
        assert len(buffer) == 5000
        assert buffer[: len(SECRET)] == SECRET
        assert not any(buffer[len(SECRET) :])
        memoryview(buffer)[4990:] = b"0123456789"
        assert buffer[4990:] == b"0123456789"
        assert bytes(buffer)[:7] == b"correct"


@needs_smaps
@pytest.mark.parametrize("size", [1, 4096, 4097, 300_000])
def test_pages_are_locked_and_left_out_of_dumps(size: int) -> None:
    with LockedBuffer(size, b"x") as buffer:
        assert buffer.locked
        for offset in (0, size - 1):
            assert {"lo", "dd"} <= flags_at(address_of(buffer) + offset)


@needs_smaps
def test_pages_are_private_to_the_process() -> None:
    with LockedBuffer(1) as buffer:
        assert "sh" not in flags_at(address_of(buffer))


@needs_smaps
def test_closing_gives_the_pages_back() -> None:
    buffer = LockedBuffer(1 << 20, b"x")
    address = address_of(buffer)
    assert "lo" in flags_at(address)
    buffer.close()
    assert "lo" not in flags_at(address)


# ------------------------------------------------------------------------------------------------ the wipe


def test_close_wipes_what_a_view_still_shows() -> None:
    buffer = LockedBuffer(64, SECRET)
    view = memoryview(buffer)
    assert bytes(view[: len(SECRET)]) == SECRET
    buffer.close()
    assert bytes(view) == bytes(64)
    assert is_locked(view)
    view.release()
    buffer.close()
    assert buffer.closed
    buffer.close()


def test_end_of_the_block_wipes() -> None:
    buffer = LockedBuffer(64, SECRET)
    view = memoryview(buffer)
    with pytest.raises(RuntimeError, match="inside"), buffer:
        raise RuntimeError("inside")
    assert bytes(view) == bytes(64)


def test_collection_wipes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes are zero when the pages go: observed at the very call that gives them back."""
    seen: list[bytes] = []

    class Watched(LockedBuffer):
        __slots__ = ()

        def close(self) -> None:
            super().close()
            seen.append(b"closed" if self.closed else b"open")

    def watched_wipe(buffer: LockedBuffer) -> None:
        seen.append(bytes(buffer[: len(SECRET)]))
        wipe(buffer)
        seen.append(bytes(buffer[: len(SECRET)]))

    monkeypatch.setattr(memory, "wipe", watched_wipe)
    buffer = Watched(64, SECRET)
    gone = weakref.ref(buffer)
    del buffer
    gc.collect()
    assert gone() is None
    assert seen == [SECRET, bytes(len(SECRET)), b"closed"]


def test_collection_waits_for_the_last_view_and_wipes_again() -> None:
    buffer = LockedBuffer(64, SECRET)
    view = memoryview(buffer)
    gone = weakref.ref(buffer)
    buffer.close()
    view[:] = b"!" * 64  # somebody writes to it after close
    del buffer
    assert gone() is not None
    view.release()
    del view
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("where", ["global", "module", "cycle"])
def test_end_of_the_interpreter_is_silent(where: str) -> None:
    hold = {
        "global": "kept = LockedBuffer(32, b'x'); view = memoryview(kept)",
        "module": "import os; os.kept = LockedBuffer(32, b'x')",
        "cycle": "kept = [LockedBuffer(32, b'x')]; kept.append(kept); view = memoryview(kept[0])",
    }[where]
    code = f"from cngcore.memory import LockedBuffer\n{hold}"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.parametrize(
    "buffer",
    [
        bytearray(SECRET),
        memoryview(bytearray(SECRET))[3:9],
        memoryview(bytearray(24)).cast("B", (4, 6)),
        array.array("I", [1, 2, 3]),
        (ctypes.c_uint16 * 4)(1, 2, 3, 4),
        bytearray(),
        memoryview(bytearray()),
    ],
    ids=["bytearray", "slice", "matrix", "array", "ctypes", "empty", "empty view"],
)
def test_wipe(buffer: bytearray) -> None:
    wipe(buffer)
    assert not any(memoryview(buffer).tobytes())


def test_wipe_takes_no_more_than_the_slice() -> None:
    whole = bytearray(b"0123456789")
    wipe(memoryview(whole)[2:5])
    assert whole == b"01\0\0\x0056789"


@pytest.mark.parametrize("buffer", [b"x", memoryview(b"x"), memoryview(bytearray(8))[::2], "text", None, 5, object()])
def test_wipe_refuses(buffer: Any) -> None:
    with pytest.raises(InvalidParameterError):
        wipe(buffer)


def test_wipe_leaves_no_view_behind() -> None:
    data = bytearray(4)
    wipe(data)
    data.extend(b"more")  # BufferError, were it still exported


# ----------------------------------------------------------------------------------------------- is_locked


def test_is_locked_looks_through_views() -> None:
    with LockedBuffer(64) as buffer:
        assert is_locked(buffer)
        assert is_locked(memoryview(buffer)[8:16])
        assert is_locked(memoryview(memoryview(buffer)).cast("B", (8, 8)))
        assert not is_locked(buffer[:8])
        assert not is_locked(bytes(buffer))
    assert not is_locked(buffer)


def test_is_locked_asks_again_on_every_call() -> None:
    """It must not leave a view behind that would keep the buffer open."""
    buffer = LockedBuffer(8)
    is_locked(buffer)
    buffer.close()
    assert buffer.closed


@pytest.mark.parametrize("thing", [b"", bytearray(1), None, 7, "text", object(), mmap.mmap(-1, 1), []])
def test_is_locked_is_false_for_everything_else(thing: object) -> None:
    assert not is_locked(thing)


@needs_fork
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_does_not_call_its_copy_locked() -> None:
    """mlock(2): locks are not inherited. What the child wipes is its own."""
    with LockedBuffer(16, SECRET[:16]) as buffer:
        child = os.fork()
        if child == 0:
            right = not buffer.locked and not is_locked(buffer) and buffer[:] == SECRET[:16]
            buffer.close()
            os._exit(0 if right else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert buffer.locked
        assert buffer[:] == SECRET[:16]


# ---------------------------------------------------------------------------------------------- what fails


def test_no_lock_no_buffer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what, why and what to do; without the demand the memory is had and says it is not locked."""
    monkeypatch.setattr(memory, "_lock", lambda _memory: os.strerror(errno.ENOMEM))
    with pytest.raises(CngError) as caught:
        LockedBuffer(64, SECRET)
    assert caught.value.status == NTStatus.STATUS_INSUFFICIENT_RESOURCES
    for word in ("64 bytes", os.strerror(errno.ENOMEM), "RLIMIT_MEMLOCK", "require_lock=False"):
        assert word in str(caught.value)
    assert SECRET.decode() not in str(caught.value)
    with LockedBuffer(64, SECRET, require_lock=False) as buffer:
        assert not buffer.locked
        assert not is_locked(buffer)
        assert repr(buffer) == "<LockedBuffer of 64 bytes, not locked>"
        view = memoryview(buffer)
    assert bytes(view) == bytes(64)


UNPRIVILEGED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_MEMLOCK, (8192, 8192))
from cngcore.memory import LockedBuffer
import ctypes
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
kept = LockedBuffer(4096)
try:
    LockedBuffer(8192)
except Exception as error:
    print(error)
kept.close()
print(LockedBuffer(8192).locked, LockedBuffer(1 << 20, require_lock=False).locked)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits on locked memory differ between systems")
def test_the_real_limit() -> None:
    """Two pages allowed: one is locked, two more are refused, and fit after the first is closed."""
    done = python(UNPRIVILEGED, check=False)
    if "PermissionError" in done.stderr:
        pytest.skip("this process may not drop its privileges")
    assert done.returncode == 0, done.stderr
    refusal, answer = done.stdout.splitlines()
    assert refusal.startswith("STATUS_INSUFFICIENT_RESOURCES: 8192 bytes could not be locked")
    assert "is 8192 bytes" in refusal
    assert answer == "True False"


@pytest.mark.parametrize(
    ("size", "data"),
    [
        (0, b""),
        (-1, b""),
        (3, b"four"),
        ("3", b""),
        (1.5, b""),
        (None, b""),
        (True, b""),
        (8, "text"),
        (8, 5),
        (8, None),
    ],
)
def test_sizes_and_data_that_make_no_sense(size: Any, data: Any) -> None:
    with pytest.raises(InvalidParameterError):
        LockedBuffer(size, data)


@pytest.mark.parametrize("size", [1 << 60, 1 << 80])
def test_absurd_sizes(size: int) -> None:
    with pytest.raises(CngError) as caught:
        LockedBuffer(size)
    assert caught.value.status == NTStatus.STATUS_NO_MEMORY


def test_no_copies() -> None:
    with LockedBuffer(32, SECRET) as buffer:
        for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="locked memory"):
                duplicate(buffer)
        with pytest.raises(NotSupportedError):
            buffer.resize(64)


def test_repr_shows_no_content() -> None:
    buffer = LockedBuffer(32, SECRET)
    assert repr(buffer) == "<LockedBuffer of 32 bytes, locked>"
    buffer.close()
    assert repr(buffer) == "<LockedBuffer, closed>"


def test_ctypes_waits_for_the_first_buffer() -> None:
    code = (
        "import sys, cngcore.memory as m; print('ctypes' in sys.modules); "
        "m.LockedBuffer(1, require_lock=False); print('ctypes' in sys.modules)"
    )
    done = python(code)
    assert done.stdout.split() == ["False", "True"]


@pytest.mark.skipif(not hasattr(signal, "raise_signal") or not hasattr(signal, "SIGUSR1"), reason="POSIX")
def test_secret_bytes_are_wiped_where_a_handler_raises_in_the_middle_of_it() -> None:
    """The handler's exception comes out of the finalizer, and the bytes are zero all the same."""

    class RungError(Exception):
        pass

    class Interrupted(SecretBytes):
        rings = 1

        def __len__(self) -> int:  # what the finalizer asks first
            if self.rings:
                self.rings -= 1
                signal.raise_signal(signal.SIGUSR1)
            return super().__len__()

    def ring(*_signal: object) -> None:
        raise RungError

    secret = Interrupted(b"known key bytes")
    before = signal.signal(signal.SIGUSR1, ring)
    try:
        with pytest.raises(RungError):
            secret.__del__()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert secret.rings == 0
    assert bytes(secret) == bytes(15)
