"""Answers that hold pointers: lists, which the caller frees with BCryptFreeBuffer, and the property HashOIDList.

contract: rule-enum-interfaces, rule-enum-providers, rule-enum-registered; docs/decisions/windll.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.bcrypt import (
    BCRYPT_HASH_OID_LIST,
    BCRYPT_OID_LIST,
    BCryptEnumAlgorithms,
    BCryptEnumProviders,
    BCryptEnumRegisteredProviders,
    BCryptGetProperty,
)
from cngcore.status import STATUS_BUFFER_TOO_SMALL, STATUS_INVALID_PARAMETER, STATUS_SUCCESS
from cngcore.windll import _memory as memory

if TYPE_CHECKING:
    from collections.abc import Callable


def list_entries(width: int) -> dict[str, Callable[..., int | None]]:
    """Return the functions by name. Strings in the lists have ``width`` bytes a character."""

    def enum_algorithms(operations: int, count: int, items: int, flags: int) -> int:
        if not count or not items:
            return STATUS_INVALID_PARAMETER
        status, found = BCryptEnumAlgorithms(operations, flags)
        if found is None:
            return status
        return _answer(count, items, [(one.pszName, _two_dwords(one.dwClass, one.dwFlags)) for one in found])

    def enum_providers(algorithm: int, count: int, items: int, flags: int) -> int:
        if not count or not items:
            return STATUS_INVALID_PARAMETER
        status, found = BCryptEnumProviders(memory.text(algorithm), flags)  # type: ignore[arg-type]
        return status if found is None else _answer(count, items, [(name, b"") for name in found])

    def enum_registered(size: int, buffer: int) -> int:
        """Allocate the answer if the caller's pointer is NULL; else fill the caller's buffer."""
        if not size:
            return STATUS_INVALID_PARAMETER
        status, found = BCryptEnumRegisteredProviders()
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


def oid_list(handle: int, output: int, capacity: int, result: int, flags: int) -> int:
    """Answer BCryptGetProperty of HashOIDList: a BCRYPT_OID_LIST with its pointers, in the caller's buffer."""
    status, size = BCryptGetProperty(handle, BCRYPT_HASH_OID_LIST, None, flags)
    if size is None:
        return status
    flat = bytearray(size)
    BCryptGetProperty(handle, BCRYPT_HASH_OID_LIST, flat, flags)
    contents = BCRYPT_OID_LIST.from_bytes(bytes(flat)).pOIDs
    row = 2 * memory.POINTER_SIZE  # the count and the pointer, in the list and in each item
    needed = row + sum(row + len(one) for one in contents)
    memory.write_dword(result, needed)
    if not output:
        return STATUS_SUCCESS
    if capacity < needed:
        return STATUS_BUFFER_TOO_SMALL
    items, data, place = b"", b"", output + row + row * len(contents)
    for one in contents:
        items += _pointers(len(one), place + len(data))
        data += one
    memory.view(output, needed)[:] = _pointers(len(contents), output + row) + items + data
    return STATUS_SUCCESS


def _pointers(*numbers: int) -> bytes:
    return b"".join(one.to_bytes(memory.POINTER_SIZE, "little") for one in numbers)


def _two_dwords(first: int, second: int) -> bytes:
    return first.to_bytes(4, "little") + second.to_bytes(4, "little")


def _providers(rows: list[tuple[str, bytes]], address: int, width: int) -> bytes:
    """Return a CRYPT_PROVIDERS at ``address``: the count, the pointer to the array behind it, and the array."""
    head = 2 * memory.POINTER_SIZE
    return _pointers(len(rows), address + head) + memory.pack_names(rows, address + head, width)
