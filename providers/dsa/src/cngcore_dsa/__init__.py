"""DSA for cngcore: the declaration. It imports no back end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.families import declarations
from cngcore.provider import Algorithm, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cngcore.blobs.dsa import DsaParameters

__version__ = "0.1.0"


def _check_parameters(parameters: DsaParameters) -> None:
    """Raise InvalidParameterError if parameters to set do not form a group. Finalize checks that p and q are prime."""
    from cngcore_dsa.keys import check_parameters

    check_parameters(parameters)


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return DSA."""
    factory = "cngcore_dsa.keys:DsaFactory"
    return [declarations.dsa("cryptography", check=_check_parameters, factory=factory, back_end="cryptography")]
