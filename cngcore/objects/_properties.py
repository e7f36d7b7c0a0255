"""Property values: Python objects on one side, the bytes C code sees on the other.

A DWORD is 4 bytes little-endian, a string UTF-16LE with its NUL, a structure what contract.md section 28 draws. The
type of a property comes from the provider's declaration.
"""

from sys import modules

from cngcore import constants as c
from cngcore._checks import check_number, check_text, is_a
from cngcore.status import InvalidParameterError, NotSupportedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from cngcore.provider import Property


def resolve(path: object) -> object:
    """The object a dotted path ``"package.module:name"`` names; anything else is returned as it is."""
    if not isinstance(path, str):
        return path
    module, _, name = path.partition(":")
    __import__(module)
    target: object = modules[module]
    for part in name.split(".") if name else ():
        target = getattr(target, part)
    return target


def current_value(declared: "Property", properties: "Mapping[str, object]", call: "Callable[..., Any]") -> object:
    """What a property is while there is no key material: what was set, else the declaration's own value.

    ``call`` calls what is the provider's, and translates what that raises; here and below.
    """
    if declared.name in properties:
        return properties[declared.name]
    value = call(declared.value, properties) if callable(declared.value) else declared.value
    if value is None:
        raise NotSupportedError(f"{declared.name} has no value yet; set it first")
    return value


def checked_value(declared: "Property", value: object, call: "Callable[..., Any]") -> object:
    """``value`` if it may be set, else the exception with the contract's status."""
    kind = resolve(declared.type)
    if isinstance(value, bool) or (isinstance(kind, type) and not isinstance(value, kind)):
        name = getattr(kind, "__name__", kind)
        raise InvalidParameterError(f"{declared.name} takes a {name}, not {type(value).__name__}")
    if declared.values is not None and value not in declared.values:
        raise NotSupportedError(
            f"{value!r} is not a {declared.name} of this provider; it has {', '.join(map(str, declared.values))}"
        )
    if declared.check is not None:
        call(declared.check, value)
    if isinstance(value, str):
        return check_text(declared.name, value)
    return check_number(declared.name, value) if isinstance(value, int) else value


def is_of_type(declared: "Property", value: object) -> bool:
    """Whether a provider's value for a property is one that can be encoded: of its type, and a DWORD where a number."""
    kind = resolve(declared.type)
    if kind is int:
        return is_a(value, int) and type(value) is not bool and 0 <= value < 1 << 32  # type: ignore[operator]
    if kind is bytes:
        kind = (bytes, bytearray, memoryview)
    return not isinstance(kind, type | tuple) or issubclass(type(value), kind)


def with_value(properties: "Mapping[str, object]", declared: "Property", value: object) -> "dict[str, object]":
    """The properties with one more set; a new mapping, because keys made earlier keep the old one."""
    dropped = (declared.name, *declared.replaces)
    return {**{name: old for name, old in properties.items() if name not in dropped}, declared.name: value}


def encode(value: object, address: int = 0) -> bytes:
    """The bytes of a property value. ``address`` is where they will stand: a name list holds pointers into itself."""
    if isinstance(value, int):
        return value.to_bytes(4, "little")
    if isinstance(value, str):
        return wide(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, tuple):
        return _name_list(value, address)
    encoded: bytes = value.to_bytes()  # type: ignore[attr-defined]
    return encoded


def decode(name: str, kind: object, data: "bytes | str | int | None") -> object:
    """A value set through the flat API, as Python has it. A ``str`` stands for its UTF-16 bytes, an ``int`` a DWORD."""
    kind = resolve(kind)
    if data is None:
        if kind is bytes:
            return None
        raise InvalidParameterError(f"{name}: the value is NULL")
    if isinstance(data, str):
        data = wide(data)
    elif isinstance(data, int):
        if not 0 <= data < 1 << 32:
            raise InvalidParameterError(f"{name}: {data} does not fit a DWORD")
        data = encode(data)
    if kind is int:
        if len(data) != 4:
            raise InvalidParameterError(f"{name} is a DWORD: 4 bytes, not {len(data)}")
        return int.from_bytes(data, "little")
    if kind is str:
        return from_wide(name, data)
    if kind is bytes:
        return data
    return kind.from_bytes(data)  # type: ignore[attr-defined]


def wide(text: str) -> bytes:
    """UTF-16LE with the terminating NUL."""
    return text.encode("utf-16-le", "surrogatepass") + b"\0\0"


def from_wide(name: str, data: bytes) -> str:
    """The string before the first NUL. A value without one is refused: C code would read past its end."""
    for index in range(0, len(data) - 1, 2):
        if data[index] == 0 == data[index + 1]:
            return data[:index].decode("utf-16-le", "surrogatepass")
    raise InvalidParameterError(f"{name} is a UTF-16LE string that must end with a NUL of two bytes")


def _name_list(names: "tuple[str, ...]", address: int) -> bytes:
    """``{ULONG count; LPWSTR *names}``, the array of pointers, then the strings, as a 64-bit caller reads it."""
    header, pointer = 16, 8
    strings = [wide(name) for name in names]
    where = address + header + pointer * len(names)
    pointers = b""
    for string in strings:
        pointers += where.to_bytes(pointer, "little")
        where += len(string)
    count, array = len(names).to_bytes(8, "little"), (address + header).to_bytes(pointer, "little")
    return count + array + pointers + b"".join(strings)


READ_BY_CORE = (c.BCRYPT_ALGORITHM_NAME, c.BCRYPT_PROVIDER_HANDLE, c.BCRYPT_KEY_LENGTHS)
"""Properties every algorithm has, answered from the declaration itself."""
