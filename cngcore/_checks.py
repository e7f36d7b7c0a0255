"""Checks of arguments, for the objects and the flat API alike."""

from __future__ import annotations

from cngcore.status import InvalidParameterError


def is_exactly(value: object, *kinds: type) -> bool:
    """Like isinstance(), but by ``type(value)``: an overridden ``__class__`` counts for nothing."""
    return issubclass(type(value), kinds)


def check_number(name: str, value: object) -> int:
    """Return ``value`` as a plain int. Raise InvalidParameterError for any other type, bool included."""
    if issubclass(type(value), int) and type(value) is not bool:
        return int.__index__(value)  # type: ignore[arg-type]
    raise InvalidParameterError(f"{name} must be a number, not {type(value).__name__}")


def check_dword(name: str, value: object) -> int:
    """Return ``value`` as a plain int. Raise InvalidParameterError if it is not an unsigned 32-bit number."""
    number = value if type(value) is int else check_number(name, value)
    if not 0 <= number < 1 << 32:
        raise InvalidParameterError(f"{name} must be a number from 0 to 0xFFFFFFFF, not {safe_repr(number)}")
    return number


def check_text(name: str, value: object) -> str:
    """Return ``value`` as a plain str. Raise InvalidParameterError for any other type."""
    if type(value) is str:
        return value
    if issubclass(type(value), str):
        return str.__str__(value)
    raise InvalidParameterError(f"{name} must be a string, not {type(value).__name__}")


def to_bytes(name: str, data: object) -> bytes:
    """Return the bytes of any object with the buffer protocol. Raise InvalidParameterError for any other object."""
    if type(data) is bytes:
        return data
    try:
        return memoryview(data).tobytes()  # type: ignore[arg-type]
    except (TypeError, ValueError, BufferError):
        raise InvalidParameterError(f"{name} must be bytes, not {type(data).__name__}") from None


def safe_repr(value: object) -> str:
    """Return a number of up to 64 bits as text; of any other value only the type, because it may be secret or huge."""
    if type(value) in (int, bool) and -(1 << 64) < value < 1 << 64:  # type: ignore[operator]
        return str(value)
    return f"a value of type {type(value).__name__}"
