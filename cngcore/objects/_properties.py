"""The rules for property values that hold for every algorithm: types, legal values, and what replaces what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore._checks import check_number, check_text, is_exactly
from cngcore._imports import resolve
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cngcore.provider import Property


def check_value(declared: Property, value: object) -> object:
    """Return ``value`` as a plain Python value of the property's type.

    Raise InvalidParameterError for a wrong type, and NotSupportedError for a value that is not among the declared
    ones. The declaration's own ``check`` is code of the provider, and :class:`Implementation` calls it.
    """
    kind = resolve(declared.type)
    if isinstance(value, bool) or (isinstance(kind, type) and not isinstance(value, kind)):
        name = getattr(kind, "__name__", kind)
        raise InvalidParameterError(f"{declared.name} must be of type {name}, not {type(value).__name__}")
    if declared.values is not None and value not in declared.values:
        raise NotSupportedError(
            f"this provider has no {declared.name} {value!r}; it has {', '.join(map(str, declared.values))}"
        )
    if isinstance(value, str):
        return check_text(declared.name, value)
    return check_number(declared.name, value) if isinstance(value, int) else value


def has_type(declared: Property, value: object) -> bool:
    """Return whether a provider's value has the declared type; a number must fit a DWORD."""
    kind = resolve(declared.type)
    if kind is int:
        return is_exactly(value, int) and type(value) is not bool and 0 <= value < 1 << 32  # type: ignore[operator]
    if kind is bytes:
        kind = (bytes, bytearray, memoryview)
    return not isinstance(kind, type | tuple) or issubclass(type(value), kind)


def with_value(properties: Mapping[str, object], declared: Property, value: object) -> dict[str, object]:
    """Return a new mapping with one more property set; keys made earlier keep the old mapping."""
    if not properties:
        return {declared.name: value}
    dropped = (declared.name, *declared.replaces)
    return {**{name: old for name, old in properties.items() if name not in dropped}, declared.name: value}
