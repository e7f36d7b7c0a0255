"""The table in the other direction: a real bcrypt.dll, with the functions in the shape of :mod:`cngcore.bcrypt`.

One marshaller turns the Python arguments into C arguments by their kind, calls the library, and returns the status and
the answers. Only the functions that answer with a list have code of their own.

contract: rule-python-returns.
"""

from __future__ import annotations

import ctypes
import os
import sys
from inspect import Parameter, signature
from typing import TYPE_CHECKING

from cngcore import bcrypt
from cngcore._checks import check_dword
from cngcore.status import (
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_PARAMETER,
    STATUS_SUCCESS,
    CngError,
    NTStatus,
)
from cngcore.windll import _memory as memory
from cngcore.windll._arguments import Arguments, handle_of, qword_of
from cngcore.windll._dll import address_of, c_types
from cngcore.windll._structures import c_structure
from cngcore.windll._table import FUNCTIONS, WRITTEN, Function, Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Call = Callable[..., Any]
    Fill = Callable[[Arguments, list[Any], Any], None]

_WINDOWS = sys.platform == "win32"  # inside the scope ctypes has the names of Windows on every system
_LOADER: Any = getattr(ctypes, "WinDLL" if _WINDOWS else "CDLL")
_PROTOTYPE: Any = getattr(ctypes, "WINFUNCTYPE" if _WINDOWS else "CFUNCTYPE")

_READS_TAG = frozenset({"BCryptDecrypt"})
"""Functions that only read the tag of an authenticated mode."""

_NOT_WRITTEN = 0xFFFFFFFF
"""What a size holds before the call. No call returns it."""


class Library:
    """A shared library with the functions of bcrypt.dll, offered in the shape of :mod:`cngcore.bcrypt`.

    ``library`` is the path of the library, or one that ctypes has loaded. On Windows, ``Library("bcrypt")`` is the
    system's own. Each function returns a status first, then handles and sizes. Buffers know their length, None is NULL,
    and the structures are those of :mod:`cngcore.bcrypt`. A function that the library lacks raises AttributeError.
    OSError is raised if the library cannot be loaded.

    >>> library = Library.in_process()
    >>> status, algorithm = library.BCryptOpenAlgorithmProvider("SHA256")
    >>> digest = bytearray(32)
    >>> library.BCryptHash(algorithm, None, b"data", digest)
    <NTStatus STATUS_SUCCESS: 0x00000000>
    >>> library.BCryptCloseAlgorithmProvider(algorithm)
    <NTStatus STATUS_SUCCESS: 0x00000000>
    """

    def __init__(self, library: str | os.PathLike[str] | ctypes.CDLL) -> None:
        loaded = library if isinstance(library, ctypes.CDLL) else _LOADER(os.fspath(library))
        self._name = str(loaded._name)
        self._find: Callable[[str], Any] = loaded.__getitem__

    @classmethod
    def in_process(cls) -> Library:
        """Return cngcore itself as a library, called through the C functions that :mod:`cngcore.windll` offers."""
        made = cls.__new__(cls)
        made._name = "cngcore"
        made._find = address_of
        return made

    @property
    def name(self) -> str:
        """The path or name by which the library was loaded; ``"cngcore"`` for cngcore itself."""
        return self._name

    def has(self, name: str) -> bool:
        """Return whether the library has a function of bcrypt.h."""
        return hasattr(self, name)

    def __getattr__(self, name: str) -> Call:
        if name.startswith("_") or name not in FUNCTIONS:
            raise AttributeError(f"bcrypt.h has no function {name!r}")
        made = _function(FUNCTIONS[name], self._pointer)
        vars(self)[name] = made
        return made

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *FUNCTIONS})

    def __repr__(self) -> str:
        return f"<Library {self._name}>"

    def _pointer(self, name: str) -> Any:
        """Return the C function, which ctypes calls with numbers and addresses."""
        function = FUNCTIONS[name]
        prototype = _PROTOTYPE(None if function.returns == "VOID" else ctypes.c_uint32, *c_types(function))
        try:
            found = self._find(name)
        except AttributeError:
            raise AttributeError(f"{self._name} has no function {name}") from None
        return prototype(found if isinstance(found, int) else ctypes.cast(found, ctypes.c_void_p).value)


def _function(function: Function, pointer: Callable[[str], Any]) -> Call:
    """Return a function of the table, called at its pointer."""
    kinds = {one.kind for one in function.parameters}
    if function.name == "BCryptEnumRegisteredProviders":
        return _registered_providers(pointer(function.name), pointer("BCryptFreeBuffer"))
    if function.name == "BCryptFreeBuffer":
        call: Call = pointer(function.name)
        return call
    free = pointer("BCryptFreeBuffer") if Kind.LIST in kinds else None
    return _marshalled(function, pointer(function.name), free)


def _marshalled(function: Function, pointer: Any, free: Any) -> Call:
    """Return a function that converts, calls and answers: the one marshaller, for all but two functions."""
    parameters = function.parameters
    given = [index for index, one in enumerate(parameters) if one.kind not in WRITTEN and one.kind is not Kind.COUNT]
    taken = [(index, _fill(function, index)) for index in given if parameters[index].kind is not Kind.OBJECT]
    outputs = [(index, _OUTPUTS[parameters[index].kind]) for index, one in enumerate(parameters) if one.kind in WRITTEN]
    has_list = Kind.LIST in {one.kind for one in parameters}
    answers = 1 if has_list else len(outputs)
    nothing = (None,) * answers
    shape = signature(getattr(bcrypt, function.name))
    defaults = tuple(one.default for one in shape.parameters.values())
    required = sum(one is Parameter.empty for one in defaults)
    items = _ITEMS.get(function.name)

    def call(*arguments: object, **named: object) -> Any:
        if named or not required <= len(arguments) <= len(defaults):
            bound = shape.bind(*arguments, **named)
            bound.apply_defaults()
            arguments = bound.args
        arguments += defaults[len(arguments) :]
        kept, converted = Arguments(), [0] * len(parameters)
        try:
            for (_, fill), value in zip(taken, arguments, strict=True):
                fill(kept, converted, value)
        except CngError as error:
            return (error.status, *nothing) if nothing else error.status
        cells = [kind(initial) for _, (kind, initial, _) in outputs]
        for (index, _), cell in zip(outputs, cells, strict=True):
            converted[index] = ctypes.addressof(cell)
        status = NTStatus(pointer(*converted))
        kept.finish()
        if not cells:
            return status
        if items is not None:
            count, address = cells
            return status, _list(status, count.value, address.value, items, free)
        return (status, *[read(cell.value, status) for (_, (_, _, read)), cell in zip(outputs, cells, strict=True)])

    call.__name__ = call.__qualname__ = function.name
    call.__doc__ = getattr(bcrypt, function.name).__doc__
    call.__signature__ = shape  # type: ignore[attr-defined]
    return call


def _size(value: int, status: NTStatus) -> int | None:
    """Return a size, which a call may write although it fails; None if it has written none."""
    return None if value == _NOT_WRITTEN else value


def _if_successful(value: int, status: NTStatus) -> int | None:
    return value if status.is_success else None


_OUTPUTS: dict[Kind, tuple[Any, int, Callable[[int, NTStatus], int | None]]] = {
    Kind.NEW_HANDLE: (ctypes.c_size_t, 0, _if_successful),
    Kind.SIZE: (ctypes.c_uint32, _NOT_WRITTEN, _size),
    Kind.BOOLEAN: (ctypes.c_uint8, 0, lambda value, status: bool(value) if status.is_success else None),
    Kind.LIST_SIZE: (ctypes.c_uint32, 0, _size),
    Kind.LIST: (ctypes.c_size_t, 0, _if_successful),
}
"""For an answer: its C type, what it holds before the call, and how it is read."""


# --- converting arguments -------------------------------------------------------------------------------------------


def _fill(function: Function, index: int) -> Fill:
    """Return how the Python argument of the parameter at ``index`` becomes C arguments."""
    one = function.parameters[index]
    kind, name = one.kind, one.name
    if kind in (Kind.HANDLE, Kind.OPTIONAL_HANDLE):
        return _single(index, lambda kept, value: handle_of(value))
    if kind is Kind.TEXT:
        return _single(index, lambda kept, value: kept.text(name, value))
    if kind is Kind.DWORD:
        return _single(index, lambda kept, value: check_dword(name, value))
    if kind is Kind.QWORD:
        return _single(index, lambda kept, value: qword_of(name, value))
    if kind is Kind.SIGNATURE_PADDING:
        return _single(index, Arguments.signature_padding)
    if kind is Kind.CIPHER_PADDING:
        writes_tag = function.name not in _READS_TAG
        return _single(index, lambda kept, value: kept.cipher_padding(value, writes_tag=writes_tag))
    if kind is Kind.BUFFERS:
        return _single(index, Arguments.buffers)
    if kind is Kind.OPERATIONS:
        return _pair(index, Arguments.operations)
    if kind is Kind.OUTPUT:
        return _pair(index, lambda kept, value: kept.output(name, value))
    if kind is Kind.IN_OUT:
        return _pair(index, lambda kept, value: kept.changed(name, value))
    return _pair(index, lambda kept, value: kept.input(name, value))


def _single(index: int, convert: Callable[[Arguments, Any], int]) -> Fill:
    def fill(kept: Arguments, converted: list[Any], value: Any) -> None:
        converted[index] = convert(kept, value)

    return fill


def _pair(index: int, convert: Callable[[Arguments, Any], tuple[int, int]]) -> Fill:
    def fill(kept: Arguments, converted: list[Any], value: Any) -> None:
        converted[index], converted[index + 1] = convert(kept, value)

    return fill


# --- lists -----------------------------------------------------------------------------------------------------------


def _list(status: NTStatus, count: int, address: int, items: Callable[[int, int], Any], free: Any) -> list[Any] | None:
    """Return the items of a list of the library, and free it."""
    if not status.is_success:
        return None
    try:
        return [items(address, index) for index in range(count)]
    finally:
        if address:
            free(address)


def _algorithm_identifier(address: int, index: int) -> object:
    kind = c_structure("BCRYPT_ALGORITHM_IDENTIFIER")
    one = kind.from_address(address + index * ctypes.sizeof(kind))
    return bcrypt.BCRYPT_ALGORITHM_IDENTIFIER(memory.text(one.pszName or 0) or "", one.dwClass, one.dwFlags)


def _name_at(address: int, index: int) -> str:
    return memory.text(memory.read_pointer(address + index * memory.POINTER_SIZE)) or ""


_ITEMS: dict[str, Callable[[int, int], Any]] = {
    "BCryptEnumAlgorithms": _algorithm_identifier,
    "BCryptEnumProviders": _name_at,
}
"""How an item of a list is read from the address of the list and its index."""


def _registered_providers(enumerate_: Any, free: Any) -> Call:
    """Return BCryptEnumRegisteredProviders, which allocates one structure with the list."""

    def call() -> tuple[NTStatus, list[str] | None]:
        size, buffer = ctypes.c_uint32(0), ctypes.c_size_t(0)
        status = NTStatus(enumerate_(ctypes.addressof(size), ctypes.addressof(buffer)))
        if status != STATUS_SUCCESS:
            return (STATUS_INVALID_PARAMETER if status == STATUS_BUFFER_TOO_SMALL else status), None
        try:
            head = c_structure("CRYPT_PROVIDERS").from_address(buffer.value)
            return status, [_name_at(head.rgpszProviders, index) for index in range(head.cProviders)]
        finally:
            free(buffer.value)

    call.__name__ = call.__qualname__ = "BCryptEnumRegisteredProviders"
    return call
