"""Integers for objects, and objects for integers; nothing else.

A handle is a positive multiple of 16, given once in the life of a process, so a stale one never comes to mean
another object, and none can be taken for a pseudo-handle (which are 1 mod 16). Each kind has a table of its own:
a handle of the wrong kind is simply not found. There is no lock: a table is a dict, and its single operations
are atomic.
"""

from itertools import count as _count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cngcore.objects._algorithm import AlgorithmProvider
    from cngcore.objects._hash import Hash
    from cngcore.objects._keypair import KeyPair
    from cngcore.objects._secret import Secret

algorithms: "dict[int, AlgorithmProvider]" = {}
keys: "dict[int, KeyPair]" = {}
secrets: "dict[int, Secret]" = {}
hashes: "dict[int, Hash]" = {}

new = _count(0x10000, 16).__next__
"""The next handle."""


def count() -> int:
    """How many handles of all kinds are open; pseudo-handles do not count."""
    return sum(1 for handle in list(algorithms) if not handle & 15) + len(keys) + len(secrets) + len(hashes)


def forget_pseudo_handles() -> None:
    """Drop what pseudo-handles stand for: the default registry has changed."""
    for handle in [handle for handle in algorithms if handle & 15]:
        algorithms.pop(handle, None)
