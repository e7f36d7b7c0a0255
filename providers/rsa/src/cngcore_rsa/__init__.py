"""RSA for cngcore: the declaration. It imports no back end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.families import declarations
from cngcore.provider import Algorithm, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

__version__ = "0.1.0"


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return RSA, and RSA_SIGN: the same keys, for signatures only."""
    return [
        declarations.rsa(
            "cryptography",
            signs_only=signs_only,
            factory="cngcore_rsa.keys:RsaFactory",
            back_end="cryptography",
            releases_gil=True,
        )
        for signs_only in (False, True)
    ]
