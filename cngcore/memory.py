"""Memory that is never paged out and is wiped after use: ``LockedBuffer``, ``wipe``, ``is_locked``.

At DISPATCH_LEVEL every pointer must refer to nonpaged or locked memory (the remarks of the ``BCryptGenerateKeyPair``
page). On any system, locked memory is the right place for an unencrypted key. A lock covers whole pages, usually 4 KiB.
The number of pages that a process may lock is limited: ``ulimit -l`` prints the limit.

Locked pages are not written to the swap file. Hibernation and debuggers can still read them.
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

    It is a writable buffer with a length. A slice, ``bytes(...)`` and ``read`` return ordinary, pageable copies. To
    pass a part without a copy, slice a ``memoryview`` of it.

    The pages are locked before ``data`` is copied. They are private to this process. Core dumps leave them out if the
    system supports that (MADV_DONTDUMP, MADV_NOCORE). They are zeroed on ``close``, at the end of a ``with`` block and
    at garbage collection. Unlike a plain mmap, ``close`` does not raise BufferError if views exist. The views then show
    zeros, and the system gets the locked pages back with the last view.

    A forked child has a copy of the content that is not locked. ``locked`` is False there.

    Raise InvalidParameterError if ``size`` is not a number of 1 or more, or ``data`` is not a buffer or does not fit.
    Raise :class:`CngError` with STATUS_NO_MEMORY if there is no memory, and with STATUS_INSUFFICIENT_RESOURCES if it
    cannot be locked. With ``require_lock=False``, memory that cannot be locked is accepted. ``locked`` is then False.

    >>> with LockedBuffer(32, b"key", require_lock=False) as buffer:
    ...     buffer[:4], len(buffer)
    (b'key\\x00', 32)
    """

    __slots__ = ("_owner",)

    _owner: int
    """The id of the process that locked the pages, or 0 if they are not locked."""

    def __new__(cls, size: int, data: ReadableBuffer = b"", *, require_lock: bool = True) -> LockedBuffer:
        try:
            content = memoryview(data).cast("B")
        except (TypeError, ValueError):
            raise InvalidParameterError(f"the data must be a contiguous buffer, not {type(data).__name__}") from None
        size = check_number("the size", size)
        if size < 1 or len(content) > size:
            raise InvalidParameterError(f"a LockedBuffer of {size} bytes cannot hold {len(content)} bytes of data")
        try:
            if sys.platform == "win32":
                self = super().__new__(cls, -1, size)
            else:
                self = super().__new__(cls, -1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except (OSError, OverflowError) as error:
            raise CngError(
                NTStatus.STATUS_NO_MEMORY, f"{size} bytes of memory could not be allocated: {error}"
            ) from None
        self._owner = 0
        reason = _lock(self)
        if reason and require_lock:
            self.close()
            raise CngError(
                NTStatus.STATUS_INSUFFICIENT_RESOURCES,
                f"{size} bytes could not be locked in memory: {reason}. {_limit()} Raise the limit, close unused "
                "buffers, or pass require_lock=False to use unlocked memory",
            )
        if not reason:
            self._owner = os.getpid()
        _keep_out_of_dumps(self)
        with memoryview(self) as view:
            view[: len(content)] = content
        return self

    @property
    def locked(self) -> bool:
        """Whether the pages are locked in this process."""
        return self._owner == os.getpid()

    def close(self) -> None:
        """Zero the bytes and release the pages, now or with the last view. It can be called again."""
        if self.closed:
            return
        wipe(self)
        try:
            super().close()
        except BufferError:  # views exist; the last one releases the pages
            return

    def __enter__(self) -> LockedBuffer:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def resize(self, newsize: int) -> NoReturn:
        """Raise NotSupportedError, because pages that are released by shrinking would not be wiped."""
        raise NotSupportedError("a LockedBuffer cannot be resized; make a new one and close this one")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a LockedBuffer cannot be copied or pickled: its content must not leave locked memory")

    def __repr__(self) -> str:
        if self.closed:
            return "<LockedBuffer, closed>"
        return f"<LockedBuffer of {len(self)} bytes, {'locked' if self.locked else 'not locked'}>"


class SecretBytes(bytearray):
    """Secret bytes that are zeroed when the last reference to them is deleted, so that no running use is disturbed.

    They are not locked in memory, because there are too many keys and secrets. Copies that Python makes, such as
    ``bytes`` or an integer, cannot be zeroed.
    """

    __slots__ = ()

    def __del__(self) -> None:
        try:
            self[:] = bytes(len(self))
        except BaseException:  # an exception of a signal handler
            self[:] = bytes(len(self))
            raise

    def __repr__(self) -> str:
        return f"<{len(self)} secret bytes>"

    __str__ = __repr__  # that of bytearray shows the bytes

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("secret bytes cannot be copied or pickled: their content must not leave this object")


def wipe(buffer: WriteableBuffer) -> None:
    """Zero every byte of a writable, contiguous buffer in place: a bytearray, a memoryview, an array.

    Raise InvalidParameterError if ``buffer`` is not a buffer, is read-only or is not contiguous. Copies that were made
    before, for example by slicing, are other memory and keep their content.

    >>> key = bytearray(b"secret")
    >>> wipe(key)
    >>> key
    bytearray(b'\\x00\\x00\\x00\\x00\\x00\\x00')
    """
    try:
        whole = memoryview(buffer)
    except (TypeError, ValueError):
        raise InvalidParameterError(
            f"wipe needs a writable buffer, not {type(buffer).__name__}; use a bytearray or a memoryview"
        ) from None
    with whole as view:
        if view.readonly or not view.c_contiguous:
            raise InvalidParameterError(
                "wipe needs a writable, contiguous buffer; this one is read-only or not contiguous"
            )
        if view.nbytes:
            with view.cast("B") as octets:
                octets[:] = bytes(view.nbytes)


def is_locked(buffer: object) -> bool:
    """Return whether ``buffer`` is an open, locked LockedBuffer, or a view of one. Return False for anything else."""
    try:
        with memoryview(buffer) as view:  # type: ignore[arg-type]
            owner = view.obj
    except (TypeError, ValueError):
        return False
    return isinstance(owner, LockedBuffer) and owner.locked


def require_locked(*buffers: object) -> None:
    """Raise InvalidParameterError at DISPATCH_LEVEL if a buffer is not locked memory.

    None is allowed. Strings and numbers are allowed too, because they are constants of the driver's image.
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
    """Lock all pages of ``memory``. Return "" on success, otherwise the reason of the failure."""
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
        except OSError:  # an old kernel; the pages are locked anyway
            return


def _limit() -> str:
    """Return a sentence about the memory that this process may lock."""
    if sys.platform == "win32":
        return "Windows lets a process lock a little less than its minimum working set."
    import resource

    soft, _hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    return f"RLIMIT_MEMLOCK (ulimit -l) is {'unlimited' if soft == resource.RLIM_INFINITY else f'{soft} bytes'}."
