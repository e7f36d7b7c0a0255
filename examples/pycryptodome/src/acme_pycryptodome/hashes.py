"""The hashes of signatures and OAEP by CNG id, and a finished digest as a hash object for pycryptodome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from Crypto.Hash import MD5, SHA1, SHA3_256, SHA3_384, SHA3_512, SHA256, SHA384, SHA512

from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from types import ModuleType

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
    """Return pycryptodome's module of a hash. Raise NotSupportedError for an unknown hash."""
    if name not in HASHES:
        raise NotSupportedError(f"RSA does not support the hash {name!r:.40}; use one of {', '.join(HASHES)}")
    return HASHES[name]


class Digest:
    """A finished digest in the form of a hash object, as ``Crypto.Signature`` needs it.

    Raise InvalidParameterError if the digest does not have the length of its hash.
    """

    def __init__(self, name: str, digest: bytes) -> None:
        self._module = find(name)
        fresh = self._module.new()
        self.digest_size: int = fresh.digest_size
        self.oid: str = fresh.oid
        self._digest = digest
        if len(digest) != self.digest_size:
            raise InvalidParameterError(f"a {name} hash must have {self.digest_size} bytes, not {len(digest)}")

    def digest(self) -> bytes:
        """Return the digest unchanged."""
        return self._digest

    def new(self, data: bytes | None = None) -> Any:
        """Return a new hash of the same kind, for PSS and MGF1."""
        return self._module.new(data=data)

    def update(self, data: bytes) -> None:
        """Raise TypeError, because nothing can be added to a finished digest. pycryptodome expects this method."""
        raise TypeError("the digest is finished and cannot be updated")
