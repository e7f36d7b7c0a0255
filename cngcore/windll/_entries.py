"""The functions of the table as C calls them: numbers and addresses in, an NTSTATUS out.

One marshaller reads the arguments by their kind, calls the function of :mod:`cngcore.bcrypt`, and writes its answers
where the caller's pointers say. Rules that exist only at the level of C stand here: which pointers must not be NULL,
and who owns a list.

contract: rule-size-query; docs/decisions/windll.md.
"""

from __future__ import annotations

from _thread import interrupt_main
from functools import cache
from typing import TYPE_CHECKING

from cngcore import bcrypt, constants
from cngcore._diagnostics import log
from cngcore.status import (
    STATUS_INTERNAL_ERROR,
    STATUS_INVALID_HANDLE,
    STATUS_INVALID_PARAMETER,
    CngError,
)
from cngcore.windll import _memory as memory
from cngcore.windll import _structures as structures
from cngcore.windll._lists import list_entries, oid_list
from cngcore.windll._table import FUNCTIONS, TEXT_PROPERTIES, WRITTEN, Function, Kind
from cngcore.windll._trace import note_reason, tracer

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Arguments = tuple[int, ...]
    Entry = Callable[..., int | None]
    Read = Callable[[Arguments], Any]
    Write = Callable[[int, Any], None]

_NO_QUERY = frozenset({"BCryptGenRandom", "BCryptFinishHash", "BCryptHash"})
"""Functions whose output has no size query: NULL and 0 bytes is an empty buffer."""

_IN_PLACE = frozenset({"BCryptEncrypt", "BCryptDecrypt"})
"""Functions whose input and output may be one buffer, so that the overlap of the two is checked."""

_KEM = frozenset({"BCryptEncapsulate", "BCryptDecapsulate"})
"""Functions that answer STATUS_INVALID_PARAMETER for an invalid handle too (contract: rule-python-kem-handles)."""

_MODES = frozenset(value for name, value in vars(constants).items() if name.startswith("BCRYPT_CHAIN_MODE_"))

_NULL_WITH_SIZE = object()
"""An argument that is no buffer, so that the flat API refuses it when its turn comes, after the handles."""


@cache
def entries(width: int) -> dict[str, Entry]:
    """Return every function by name. Strings in lists have ``width`` bytes a character (2 or 4)."""
    trace = tracer()
    found: dict[str, Entry] = {
        name: entry_of(function) for name, function in FUNCTIONS.items() if not _is_list(function)
    }
    found.update(list_entries(width))
    return {name: trace(FUNCTIONS[name], _guarded(found[name])) for name in FUNCTIONS}


def _is_list(function: Function) -> bool:
    return any(one.kind in (Kind.LIST, Kind.POINTER) for one in function.parameters)


def _guarded(entry: Entry) -> Entry:
    """Return an entry that never raises, because C cannot take an exception.

    An interrupt (Ctrl-C) is raised again in the main thread as soon as the call has returned to Python.
    """

    def call(*arguments: int) -> int | None:
        try:
            return entry(*arguments)
        except CngError as error:
            note_reason(error)
            return error.status
        except Exception:
            log("a call from C failed inside cngcore.windll")
            return STATUS_INTERNAL_ERROR
        except BaseException:
            interrupt_main()
            return STATUS_INTERNAL_ERROR

    return call


def entry_of(function: Function) -> Entry:
    """Return a function of the table as C calls it: the one marshaller for all but the lists."""
    parameters = function.parameters
    call: Callable[..., Any] = getattr(bcrypt, function.name)
    reads = [
        _reader(function, index)
        for index, one in enumerate(parameters)
        if one.kind not in WRITTEN and one.kind not in (Kind.COUNT, Kind.OBJECT)
    ]
    needed = [index for index, one in enumerate(parameters) if one.kind in WRITTEN]
    writes = [(index, _WRITERS[parameters[index].kind]) for index in needed]
    handles = [index for index, one in enumerate(parameters) if one.kind is Kind.HANDLE]
    destroys_key, gets_property = (function.name == name for name in ("BCryptDestroyKey", "BCryptGetProperty"))

    def entry(*arguments: int) -> int:
        for index in needed:
            if not arguments[index]:
                return _null_pointer(function, [arguments[one] for one in handles])
        values = [read(arguments) for read in reads]
        if gets_property and values[1] == bcrypt.BCRYPT_HASH_OID_LIST:
            return oid_list(arguments[0], *arguments[2:])
        answer = call(*values)
        if not writes:
            if destroys_key:
                structures.forget_messages_of(arguments[0])
            return int(answer)
        for (index, write), value in zip(writes, answer[1:], strict=True):
            if value is not None:
                write(arguments[index], value)
        return int(answer[0])

    return entry


def _null_pointer(function: Function, handles: list[int]) -> int:
    """Return the status of a call with NULL where an answer goes. The handles are checked before that pointer."""
    invalid = any(bcrypt.kind_of_handle(handle) is None for handle in handles)
    return STATUS_INVALID_HANDLE if invalid and function.name not in _KEM else STATUS_INVALID_PARAMETER


_WRITERS: dict[Kind, Write] = {
    Kind.NEW_HANDLE: memory.write_pointer,
    Kind.SIZE: memory.write_dword,
    Kind.BOOLEAN: memory.write_byte,
}


# --- reading arguments -----------------------------------------------------------------------------------------------


def _reader(function: Function, index: int) -> Read:
    """Return how the argument at ``index`` is read from the arguments of a call."""
    kind, name, last = function.parameters[index].kind, function.name, len(function.parameters) - 1
    if kind is Kind.TEXT:
        return lambda given: memory.text(given[index])
    if kind is Kind.INPUT and name == "BCryptSetProperty":
        return lambda given: _property_value(memory.text(given[1]), given[index], given[index + 1])
    if kind is Kind.INPUT and name in _IN_PLACE:
        return lambda given: _view(given[index], given[index + 1])
    if kind is Kind.INPUT:
        return lambda given: _bytes(given[index], given[index + 1])
    if kind is Kind.OPTIONAL_INPUT:
        return lambda given: memory.read(given[index], given[index + 1]) if given[index] else None
    if kind is Kind.OUTPUT and name in _NO_QUERY:
        return lambda given: _view(given[index], given[index + 1]) or bytearray()
    if kind in (Kind.OUTPUT, Kind.IN_OUT):
        return lambda given: memory.view(given[index], given[index + 1]) if given[index] else None
    if kind is Kind.SIGNATURE_PADDING:
        return lambda given: structures.signature_padding(given[index], given[last]) if _is_live(given) else None
    if kind is Kind.CIPHER_PADDING:
        return lambda given: _cipher_padding(given[index], given[last], given[0])
    if kind is Kind.BUFFERS:
        return lambda given: structures.buffers(given[index]) if _is_live(given) else None
    if kind is Kind.OPERATIONS:
        return lambda given: structures.operations(given[index], given[index + 1]) if _is_live(given) else None
    return lambda given: given[index]


def _bytes(address: int, size: int) -> object:
    if address:
        return memory.read(address, size)
    return _NULL_WITH_SIZE if size else None


def _view(address: int, size: int) -> Any:
    if address:
        return memory.view(address, size)
    return _NULL_WITH_SIZE if size else None


def _is_live(given: Arguments) -> bool:
    """Return whether the first argument is a valid handle. Behind another nothing is read: the call is refused."""
    return bcrypt.kind_of_handle(given[0]) is not None


def _cipher_padding(address: int, flags: int, handle: int) -> object:
    kind = bcrypt.kind_of_handle(handle)
    if not address or kind is None:
        return None
    return structures.cipher_padding(address, flags, handle, kind == "symmetric key")


def _property_value(name: str | None, address: int, size: int) -> object:
    """Return the value of BCryptSetProperty; a string with 4-byte characters gets 2-byte ones."""
    if name not in TEXT_PROPERTIES or not address:
        return _bytes(address, size)
    value = memory.narrow(address, size)
    if name == bcrypt.BCRYPT_CHAINING_MODE and value.decode("utf-16-le", "replace").rstrip("\0") not in _MODES:
        return memory.encode(memory.text(address) or "", 2)  # its count is not believed (contract: rule-set-others)
    return value
