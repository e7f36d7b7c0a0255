"""The hashes of signatures and OAEP by their CNG ids, and a finished digest in the shape that pycryptodome takes."""

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
    """pycryptodome's module of that hash; NotSupportedError if there is none."""
    if name not in HASHES:
        raise NotSupportedError("pycryptodome's RSA has no hash of that name here")
    return HASHES[name]


class Digest:
    """What ``Crypto.Signature`` takes for a hash object: here a digest that was worked out elsewhere.

    InvalidParameterError if it has not the length of its hash.
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
        """The digest, as it came."""
        return self._digest

    def new(self, data: bytes | None = None) -> Any:
        """A fresh hash of the same kind; PSS and MGF1 work with it."""
        return self._module.new(data=data)

    def update(self, data: bytes) -> None:
        """pycryptodome's protocol has it; nothing is added to a finished digest."""
        raise TypeError("the digest is finished")
