"""How the keys of an algorithm that bcrypt.h does not have look in files.

Authors import :class:`KeyFormat` from :mod:`cngcore.provider`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def _same(data: bytes) -> bytes:
    return data


def _told(function: Any, data: bytes, private: bool) -> bytes:
    """Call a function with the half if it has a parameter for it."""
    from inspect import Parameter, signature  # 5 ms that importing a provider saves

    try:
        wanted = signature(function).parameters.get("private")
    except (TypeError, ValueError):  # a built-in function
        wanted = None
    if wanted is None:
        turned = function(data)
    elif wanted.kind is Parameter.POSITIONAL_ONLY:
        turned = function(data, private)
    else:
        turned = function(data, private=private)
    return turned  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class KeyFormat:
    """How keys of an algorithm that bcrypt.h does not have look in other programs; for :mod:`cngcore.formats`.

    * ``algorithm``: the name of the algorithm; ``parameter_set``: the set, if it has some; one KeyFormat for each
    * ``oid``: the object identifier in PKCS #8 and SubjectPublicKeyInfo, without parameters
    * ``public_blob``, ``private_blob``: the blob types that import and export the two halves
    * ``public_length``, ``private_length``: bytes of the encoded keys
    * ``nested``: whether PKCS #8 holds the private key as an OCTET STRING in its OCTET STRING (RFC 8410), or as it is
    * ``jwk``: the members of a JSON Web Key that name the algorithm, such as ``{"kty": "OKP", "crv": "Ed25519"}``;
      empty if there is no such key. ``jwk_members``: the names of the public and of the private member
    * ``unpack`` and ``pack`` turn a blob into the encoded key and back; by default a blob is the encoded key. A
      function with a second parameter named ``private`` is also told which half it is: ``pack(encoded, private)``

    The identifier and the members of the JSON Web Key belong to this algorithm alone: the registry leaves out a format
    that claims those of an algorithm of bcrypt.h, or those of another provider, and keeps a fault of it.
    """

    algorithm: str
    oid: str
    public_blob: str
    private_blob: str
    public_length: int
    private_length: int
    parameter_set: str = ""
    nested: bool = True
    jwk: Mapping[str, str] = field(default_factory=dict)
    jwk_members: tuple[str, str] = ("x", "d")
    unpack: Callable[[bytes], bytes] | Callable[[bytes, bool], bytes] = _same
    pack: Callable[[bytes], bytes] | Callable[[bytes, bool], bytes] = _same

    @property
    def name(self) -> str:
        """The algorithm, with its parameter set if it has one."""
        return f"{self.algorithm}-{self.parameter_set}" if self.parameter_set else self.algorithm

    def encoded(self, blob: bytes, *, private: bool) -> bytes:
        """Return the encoded key in a blob of the public or of the private type, by ``unpack``."""
        return _told(self.unpack, blob, private)

    def blob(self, encoded: bytes, *, private: bool) -> bytes:
        """Return an encoded key as a blob of the public or of the private type, by ``pack``."""
        return _told(self.pack, encoded, private)
