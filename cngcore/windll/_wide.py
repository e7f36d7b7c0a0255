"""Wide characters of 2 bytes for ctypes inside the scope, as Windows has them. ctypes' own have 4 on Linux and macOS.

``c_wchar`` and its arrays, ``create_unicode_buffer`` and ``wstring_at`` are replaced. ``c_wchar_p`` stays: ctypes turns
it into ``str`` itself, and strings of both widths are read where a program passes them.
"""

from __future__ import annotations

import ctypes
from ctypes import Array, c_ushort, c_void_p, cast, string_at
from functools import cache
from typing import TYPE_CHECKING, Any

from cngcore.windll import _memory as memory

if TYPE_CHECKING:
    from collections.abc import Iterator

_Simple: Any = type(c_ushort)


class _WideType(_Simple):  # type: ignore[misc]
    """The type of ``c_wchar``: its arrays hold text."""

    def __mul__(self, length: int) -> Any:
        return _array_type(length)

    __rmul__ = __mul__


class c_wchar(c_ushort, metaclass=_WideType):  # noqa: N801 - the name of ctypes
    """A character of 2 bytes."""

    def __init__(self, value: str = "\0") -> None:
        super().__init__(ord(value))

    @property  # type: ignore[override]
    def value(self) -> str:
        """The character."""
        return chr(int.from_bytes(bytes(self), "little"))

    @value.setter
    def value(self, value: str) -> None:
        ctypes.memmove(ctypes.addressof(self), value.encode("utf-16-le", "surrogatepass"), 2)


class _WideArray:
    """What an array of ``c_wchar`` has beside an array: text, whole or by position."""

    def _text(self) -> str:
        return bytes(memoryview(self)).decode("utf-16-le", "surrogatepass")  # type: ignore[arg-type]

    @property
    def value(self) -> str:
        """The text before the first NUL."""
        return self._text().partition("\0")[0]

    @value.setter
    def value(self, value: str) -> None:
        data = value.encode("utf-16-le", "surrogatepass")
        room = ctypes.sizeof(self)  # type: ignore[arg-type]
        if len(data) > room:
            raise ValueError("string too long")
        ctypes.memmove(ctypes.addressof(self), data + b"\0\0"[: room - len(data)], min(len(data) + 2, room))  # type: ignore[arg-type]

    @property
    def _as_parameter_(self) -> Any:
        return cast(self, ctypes.c_wchar_p)  # type: ignore[arg-type]

    def __getitem__(self, index: Any) -> str:
        return self._text()[index]

    def __setitem__(self, index: Any, value: str) -> None:
        text = list(self._text())
        text[index] = value
        ctypes.memmove(ctypes.addressof(self), "".join(text).encode("utf-16-le", "surrogatepass"), 2 * len(text))  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[str]:
        return iter(self._text())


@cache
def _array_type(length: int) -> Any:
    return type(f"c_wchar_Array_{length}", (_WideArray, Array), {"_type_": c_wchar, "_length_": length})


def create_unicode_buffer(init: str | int, size: int | None = None) -> Any:
    """Return an array of 2-byte characters, of a text with its NUL or of a length."""
    if isinstance(init, int):
        return _array_type(init)()
    units = len(init.encode("utf-16-le", "surrogatepass")) // 2
    buffer = _array_type(units + 1 if size is None else size)()
    buffer.value = init
    return buffer


def wstring_at(address: Any, size: int = -1) -> str:
    """Return the text at an address: up to its NUL, or ``size`` characters."""
    number = address if isinstance(address, int) else cast(address, c_void_p).value or 0
    if size < 0:
        return memory.text(number) or ""
    return string_at(number, 2 * size).decode("utf-16-le", "surrogatepass")


NAMES = {
    "c_wchar": c_wchar,
    "create_unicode_buffer": create_unicode_buffer,
    "wstring_at": wstring_at,
}
"""What the copy of ctypes has instead; nothing where characters have 2 bytes already."""
