"""Opened algorithms, key pairs, symmetric keys, secrets and hashes: the objects behind every handle.

``import cngcore`` offers what applications need of these. :class:`Implementation` is the one place that calls a
provider; the others depend on it.

A key with ``progress=`` or ``cancel=`` is made in a thread of its own. If the caller cancels, our generators stop at
their next candidate. A library's generator cannot be interrupted: its thread goes on, and its key is dropped and wiped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore._imports import lazy_names as _lazy_names
from cngcore.objects._algorithm import AlgorithmProvider, key_type_for
from cngcore.objects._implementation import Implementation, Origin
from cngcore.objects._keypair import KeyPair

if TYPE_CHECKING:
    from cngcore.objects._authenticated import Authenticated as Authenticated
    from cngcore.objects._authenticated import AuthenticatedStream as AuthenticatedStream
    from cngcore.objects._hash import Hash as Hash
    from cngcore.objects._multi_hash import MultiHash as MultiHash
    from cngcore.objects._multi_hash import MultiHashOperation as MultiHashOperation
    from cngcore.objects._provenance import Provenance as Provenance
    from cngcore.objects._secret import KdfParameters as KdfParameters
    from cngcore.objects._secret import Secret as Secret
    from cngcore.objects._symmetric_key import SymmetricKey as SymmetricKey
else:
    __getattr__, __dir__ = _lazy_names(
        __name__,
        {
            "Authenticated": "cngcore.objects._authenticated",
            "AuthenticatedStream": "cngcore.objects._authenticated",
            "Hash": "cngcore.objects._hash",
            "KdfParameters": "cngcore.objects._secret",
            "MultiHash": "cngcore.objects._multi_hash",
            "MultiHashOperation": "cngcore.objects._multi_hash",
            "Provenance": "cngcore.objects._provenance",
            "Secret": "cngcore.objects._secret",
            "SymmetricKey": "cngcore.objects._symmetric_key",
        },
    )

__all__ = [
    "AlgorithmProvider",
    "Authenticated",
    "AuthenticatedStream",
    "Hash",
    "Implementation",
    "KdfParameters",
    "KeyPair",
    "MultiHash",
    "MultiHashOperation",
    "Origin",
    "Provenance",
    "Secret",
    "SymmetricKey",
    "key_type_for",
]
