"""Memory that is never paged out and is wiped after use: ``LockedBuffer``, ``wipe``, ``is_locked``.

The remarks of the ``BCryptGenerateKeyPair`` page want nonpaged or locked memory behind every pointer that
a caller passes at DISPATCH_LEVEL; on any system it is the right place for a key in the clear. What is
locked takes whole pages (mostly 4 KiB), and a process may lock only so many: ``ulimit -l`` tells.

Locking keeps a page out of the swap file. It does not keep it out of the image of a machine that
hibernates, nor away from a debugger.
"""

from __future__ import annotations

import mmap
import os
import sys
from typing import TYPE_CHECKING

from cngcore import irql
from cngcore._checks import check_number
from cngcore.status import CngError, InvalidParameterError, NotSupportedError, NTStatus

if TYPE_CHECKING:
    from typing import NoReturn

    from _typeshed import ReadableBuffer, WriteableBuffer

__all__ = ["LockedBuffer", "SecretBytes", "is_locked", "require_locked", "wipe"]


class LockedBuffer(mmap.mmap):
    """``size`` bytes of zeroed, locked memory, with ``data`` copied to the front.

    It is writable, has a length, and passes wherever a buffer passes. A slice of it is an ordinary, pageable
    copy, as are ``bytes(...)`` and ``read``; to hand on a part, slice a ``memoryview`` of it.

    The pages are locked before ``data`` enters them, left out of core dumps where the system can do that
    (MADV_DONTDUMP, MADV_NOCORE), and belong to this process alone. They are zeroed on ``close``, at the end of
    a ``with`` block and at garbage collection. Where views of the memory are still alive then, ``close`` does
    not raise BufferError as a plain mmap does: the bytes are zeroed all the same, the views show zeros, and
    the pages, still locked, go back to the system with the last view.

    A forked child inherits a copy of the content that is not locked; there ``locked`` is False.

    Raises InvalidParameterError for a size below 1, data longer than the size and what is no size or data, and
    :class:`CngError` with STATUS_NO_MEMORY where the memory, with STATUS_INSUFFICIENT_RESOURCES where the lock cannot
    be had.
    ``require_lock=False`` takes memory that could not be locked, and ``locked`` says so.
    """

    __slots__ = ("_owner",)

    _owner: int
    """The process that locked the pages; 0 where nobody did."""

    def __new__(cls, size: int, data: ReadableBuffer = b"", *, require_lock: bool = True) -> LockedBuffer:
        try:
            content = memoryview(data).cast("B")
        except (TypeError, ValueError):
            raise InvalidParameterError(f"the data is a buffer without gaps, not {type(data).__name__}") from None
        size = check_number("the size", size)
        if size < 1 or len(content) > size:
            raise InvalidParameterError(f"a LockedBuffer of {size} bytes cannot hold {len(content)} bytes of data")
        try:
            if sys.platform == "win32":
                self = super().__new__(cls, -1, size)
            else:
                self = super().__new__(cls, -1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except (OSError, OverflowError) as error:
            raise CngError(NTStatus.STATUS_NO_MEMORY, f"no {size} bytes of memory: {error}") from None
        self._owner = 0
        refusal = _lock(self)
        if refusal and require_lock:
            self.close()
            raise CngError(
                NTStatus.STATUS_INSUFFICIENT_RESOURCES,
                f"{size} bytes could not be locked in memory: {refusal}. {_limit()} Raise the limit, close buffers "
                "no longer needed, or pass require_lock=False to do without the lock",
            )
        if not refusal:
            self._owner = os.getpid()
        _keep_out_of_dumps(self)
        with memoryview(self) as view:
            view[: len(content)] = content
        return self

    @property
    def locked(self) -> bool:
        """Whether the pages are locked, in this process."""
        return self._owner == os.getpid()

    def close(self) -> None:
        """Zero the bytes and give the pages back, at once or with the last view. Twice does no harm."""
        if self.closed:
            return
        wipe(self)
        try:
            super().close()
        except BufferError:  # views are alive; the last one takes the pages with it
            return

    def __enter__(self) -> LockedBuffer:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def resize(self, newsize: int) -> NoReturn:
        """Refused with NotSupportedError: pages given up by shrinking would not be wiped."""
        raise NotSupportedError("a LockedBuffer keeps its size; make a new one and close this one")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a LockedBuffer cannot be copied or pickled: its content must not leave locked memory")

    def __repr__(self) -> str:
        if self.closed:
            return "<LockedBuffer, closed>"
        return f"<LockedBuffer of {len(self)} bytes, {'locked' if self.locked else 'not locked'}>"


class SecretBytes(bytearray):
    """Secret bytes that are zeroed when the last reference to them goes, so that no use under way is spoilt.

    Not locked into memory: keys and secrets are too many for that. Python's own copies (``bytes`` made of it, a big
    integer) are beyond reach.
    """

    __slots__ = ()

    def __del__(self) -> None:
        try:
            self[:] = bytes(len(self))
        except BaseException:  # what a signal's handler raised just here
            self[:] = bytes(len(self))
            raise

    def __repr__(self) -> str:
        return f"<{len(self)} secret bytes>"

    __str__ = __repr__  # bytearray has one of its own, which shows them

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("secret bytes are not pickled or copied")


def wipe(buffer: WriteableBuffer) -> None:
    """Zero every byte of a writable, contiguous buffer in place: a bytearray, a memoryview, an array.

    Raises InvalidParameterError for one that is read-only or has gaps, and for what is no buffer. Copies made before,
    by slicing for example, are other memory and keep their content.
    """
    try:
        whole = memoryview(buffer)
    except (TypeError, ValueError):
        raise InvalidParameterError(f"only a writable buffer can be wiped, not {type(buffer).__name__}") from None
    with whole as view:
        if view.readonly or not view.c_contiguous:
            raise InvalidParameterError("only a writable buffer without gaps can be wiped")
        if view.nbytes:
            with view.cast("B") as octets:
                octets[:] = bytes(view.nbytes)


def is_locked(buffer: object) -> bool:
    """Whether the memory behind ``buffer`` is a LockedBuffer, open and locked; any view of one counts.

    False for everything else, also for what is no buffer at all.
    """
    try:
        with memoryview(buffer) as view:  # type: ignore[arg-type]
            owner = view.obj
    except (TypeError, ValueError):
        return False
    return isinstance(owner, LockedBuffer) and owner.locked


def require_locked(*buffers: object) -> None:
    """Raise InvalidParameterError at DISPATCH_LEVEL for memory that may be paged out.

    None passes, and so do strings and numbers, because they are constants of the driver's image.
    """
    if irql.current() < irql.DISPATCH_LEVEL:
        return
    for buffer in buffers:
        if buffer is not None and not isinstance(buffer, str | int) and not is_locked(buffer):
            raise InvalidParameterError(
                f"at DISPATCH_LEVEL a pointer must refer to locked memory; use a cngcore.memory.LockedBuffer, not "
                f"{type(buffer).__name__}"
            )


def _lock(memory: mmap.mmap) -> str:
    """Lock all pages of ``memory``; the reason why not, empty on success."""
    try:
        import ctypes
    except ImportError:
        return "this Python was built without ctypes"

    size = ctypes.c_size_t(len(memory))
    first = ctypes.c_char.from_buffer(memory)
    address = ctypes.c_void_p(ctypes.addressof(first))
    del first  # it counts as a view and would keep the mapping open
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        return "" if kernel.VirtualLock(address, size) else ctypes.FormatError(ctypes.get_last_error())
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "mlock"):
        return "this system has no mlock"
    return "" if library.mlock(address, size) == 0 else os.strerror(ctypes.get_errno())


def _keep_out_of_dumps(memory: mmap.mmap) -> None:
    """Ask that core dumps leave the pages out: MADV_DONTDUMP on Linux, MADV_NOCORE on FreeBSD."""
    advice = getattr(mmap, "MADV_DONTDUMP", getattr(mmap, "MADV_NOCORE", None))
    if sys.platform != "win32" and advice is not None:
        try:
            memory.madvise(advice)
        except OSError:  # an old kernel; the lock is what was asked for
            return


def _limit() -> str:
    """What this process may lock, in words."""
    if sys.platform == "win32":
        return "Windows lets a process lock a little less than its minimum working set."
    import resource

    soft, _hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    return f"RLIMIT_MEMLOCK (ulimit -l) is {'unlimited' if soft == resource.RLIM_INFINITY else f'{soft} bytes'}."
