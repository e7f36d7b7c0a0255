"""Diffie-Hellman over finite fields for cngcore: the declaration. It imports no arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.families import declarations
from cngcore.provider import Algorithm, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

__version__ = "0.1.0"


def _check_parameters(value: object) -> None:
    from cngcore_dh.keys import group_to_generate_in

    group_to_generate_in(value)


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return DH."""
    return [declarations.dh("cngcore", check=_check_parameters, factory="cngcore_dh.keys:DhFactory")]
