"""The hashes of signatures and OAEP by their CNG ids, and a digest in the form that pycryptodome expects."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from Crypto.Hash import MD5, SHA1, SHA3_256, SHA3_384, SHA3_512, SHA256, SHA384, SHA512

from cngcore.status import InvalidParameterError, NotSupportedError

HASHES: dict[str, ModuleType] = {
    "MD5": MD5,
    "SHA1": SHA1,
    "SHA256": SHA256,
    "SHA384": SHA384,
    "SHA512": SHA512,
    "SHA3-256": SHA3_256,
    "SHA3-384": SHA3_384,
    "SHA3-512": SHA3_512,
}


def find(name: str) -> Any:
    """Return pycryptodome's module of a hash. Raise NotSupportedError if there is none."""
    if name not in HASHES:
        raise NotSupportedError("pycryptodome's RSA has no hash of that name here")
    return HASHES[name]


class Digest:
    """A hash object for ``Crypto.Signature`` that holds a given digest.

    Raise InvalidParameterError if the digest has another length than its hash.
    """

    def __init__(self, name: str, digest: bytes) -> None:
        self._module = find(name)
        fresh = self._module.new()
        self.digest_size: int = fresh.digest_size
        self.oid: str = fresh.oid
        self._digest = digest
        if len(digest) != self.digest_size:
            raise InvalidParameterError("the hash has not the length of its algorithm")

    def digest(self) -> bytes:
        """Return the given digest."""
        return self._digest

    def new(self, data: bytes | None = None) -> Any:
        """Return a new hash of the same kind, for PSS and MGF1."""
        return self._module.new(data=data)

    def update(self, data: bytes) -> None:
        """Refuse data, because the digest is finished. pycryptodome's protocol requires this method."""
        raise TypeError("the digest is finished")
