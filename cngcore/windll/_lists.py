"""Functions that answer with a list, which the caller frees with BCryptFreeBuffer.

contract: rule-enum-interfaces, rule-enum-providers, rule-enum-registered; docs/decisions/windll.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore import bcrypt
from cngcore.status import STATUS_BUFFER_TOO_SMALL, STATUS_INVALID_PARAMETER, STATUS_SUCCESS
from cngcore.windll import _memory as memory

if TYPE_CHECKING:
    from collections.abc import Callable


def list_entries(width: int) -> dict[str, Callable[..., int | None]]:
    """Return the functions by name. Strings in the lists have ``width`` bytes a character."""

    def enum_algorithms(operations: int, count: int, items: int, flags: int) -> int:
        if not count or not items:
            return STATUS_INVALID_PARAMETER
        status, found = bcrypt.BCryptEnumAlgorithms(operations, flags)
        if found is None:
            return status
        return _answer(count, items, [(one.pszName, _two_dwords(one.dwClass, one.dwFlags)) for one in found])

    def enum_providers(algorithm: int, count: int, items: int, flags: int) -> int:
        if not count or not items:
            return STATUS_INVALID_PARAMETER
        status, found = bcrypt.BCryptEnumProviders(memory.text(algorithm), flags)  # type: ignore[arg-type]
        return status if found is None else _answer(count, items, [(name, b"") for name in found])

    def enum_registered(size: int, buffer: int) -> int:
        """Allocate the answer if the caller's pointer is NULL; else fill the caller's buffer."""
        if not size:
            return STATUS_INVALID_PARAMETER
        status, found = bcrypt.BCryptEnumRegisteredProviders()
        if found is None:
            return status
        rows = [(name, b"") for name in found]
        needed = len(_providers(rows, 0, width))
        given = memory.read_pointer(buffer) if buffer else 0
        if not buffer or (given and memory.read_dword(size) < needed):
            memory.write_dword(size, needed)
            return STATUS_BUFFER_TOO_SMALL
        address = given or memory.allocate(needed)
        memory.view(address, needed)[:] = _providers(rows, address, width)
        memory.write_dword(size, needed)
        memory.write_pointer(buffer, address)
        return STATUS_SUCCESS

    def free_buffer(address: int) -> None:
        memory.free(address)

    def _answer(count: int, items: int, rows: list[tuple[str, bytes]]) -> int:
        size = len(memory.pack_names(rows, 0, width))
        address = memory.allocate(size) if rows else 0
        if rows:
            memory.view(address, size)[:] = memory.pack_names(rows, address, width)
        memory.write_dword(count, len(rows))
        memory.write_pointer(items, address)
        return STATUS_SUCCESS

    return {
        "BCryptEnumAlgorithms": enum_algorithms,
        "BCryptEnumProviders": enum_providers,
        "BCryptEnumRegisteredProviders": enum_registered,
        "BCryptFreeBuffer": free_buffer,
    }


def _two_dwords(first: int, second: int) -> bytes:
    return first.to_bytes(4, "little") + second.to_bytes(4, "little")


def _providers(rows: list[tuple[str, bytes]], address: int, width: int) -> bytes:
    """Return a CRYPT_PROVIDERS at ``address``: the count, the pointer to the array behind it, and the array."""
    head = 2 * memory.POINTER_SIZE
    count = len(rows).to_bytes(memory.POINTER_SIZE, "little")
    array = (address + head).to_bytes(memory.POINTER_SIZE, "little")
    return count + array + memory.pack_names(rows, address + head, width)
