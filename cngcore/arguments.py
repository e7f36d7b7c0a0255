"""Checks of what a caller passed, for the objects and the flat API alike."""

from cngcore.status import InvalidParameterError


def check_dword(name: str, value: object) -> None:
    """Refuse what is not an unsigned 32-bit number."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 32:
        raise InvalidParameterError(f"{name} is a number from 0 to 0xFFFFFFFF, not {shown(value)}")


def check_text(what: str, value: object) -> None:
    """Refuse what is not a string."""
    if not isinstance(value, str):
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
