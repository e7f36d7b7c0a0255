"""The algorithms of Windows' own bcrypt.dll for cngcore: the declaration. It does not look for the library.

The environment variable CNGCORE_BCRYPT_DLL names another library with the same functions. Where there is no library,
every algorithm is unavailable. The rank is below that of every other implementation, so the library is used only if the
application or the operator chooses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.provider import hookimpl
from cngcore_windows import keypairs, symmetric

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cngcore.provider import Algorithm

__version__ = "0.1.0"


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return the algorithms with key pairs, and those with symmetric keys or none."""
    return [*keypairs.declarations(), *symmetric.declarations()]
