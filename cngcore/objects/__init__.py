"""Opened algorithms, key pairs, secrets and hashes: the objects behind every handle.

``import cngcore`` offers what applications need of these. :class:`Implementation` is the one place that calls a
provider; the others depend on it.

A key with ``progress=`` or ``cancel=`` is made in a thread of its own. If the caller cancels, our generators stop at
their next candidate. A library's generator cannot be interrupted: its thread goes on, and its key is dropped and wiped.
"""

from cngcore.objects._algorithm import AlgorithmProvider, key_type_for
from cngcore.objects._hash import Hash
from cngcore.objects._implementation import Implementation, Origin, Provenance
from cngcore.objects._keypair import KeyPair
from cngcore.objects._secret import KdfParameters, Secret

__all__ = [
    "AlgorithmProvider",
    "Hash",
    "Implementation",
    "KdfParameters",
    "KeyPair",
    "Origin",
    "Provenance",
    "Secret",
    "key_type_for",
]
