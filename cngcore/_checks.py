"""Checks of what a caller passed, for the objects and the flat API alike."""

from cngcore.status import InvalidParameterError


def check_number(name: str, value: object) -> int:
    """``value`` as a plain int; refuse what is no number. A subclass of int is taken for the number it holds."""
    if issubclass(type(value), int) and type(value) is not bool:  # what it is, not what it claims to be
        return int.__index__(value)  # type: ignore[arg-type]
    raise InvalidParameterError(f"{name} is a number, not {type(value).__name__}")


def is_a(value: object, *kinds: type) -> bool:
    """Whether a value is of one of these types: what it is, not what it claims to be, and without asking it."""
    return issubclass(type(value), kinds)


def check_dword(name: str, value: object) -> int:
    """``value`` as a plain int; refuse what is not an unsigned 32-bit number."""
    number = check_number(name, value)
    if not 0 <= number < 1 << 32:
        raise InvalidParameterError(f"{name} is a number from 0 to 0xFFFFFFFF, not {shown(number)}")
    return number


def check_text(what: str, value: object) -> str:
    """``value`` as a plain str; refuse what is not a string."""
    if type(value) is str:
        return value
    if issubclass(type(value), str):
        return str.__str__(value)
    raise InvalidParameterError(f"{what} is a string, not {type(value).__name__}")


def to_bytes(what: str, data: object) -> bytes:
    """The bytes of any object with the buffer protocol."""
    if type(data) is bytes:
        return data
    try:
        return memoryview(data).tobytes()  # type: ignore[arg-type]
    except (TypeError, ValueError, BufferError):
        raise InvalidParameterError(f"{what} is bytes, not {type(data).__name__}") from None


def shown(value: object) -> str:
    """A value for a message: numbers as they are, of anything else the type (it may be secret, or huge)."""
    if type(value) in (int, bool) and -(1 << 64) < value < 1 << 64:  # type: ignore[operator]
        return str(value)
    return f"a value of type {type(value).__name__}"
