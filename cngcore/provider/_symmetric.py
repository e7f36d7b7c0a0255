"""What an author declares and implements for ciphers, MACs with options, and key-derivation algorithms.

Authors import these names from :mod:`cngcore.provider`. The core owns the rules that all ciphers share: the lengths of
secrets, sizes, padding, the chain register, the information structure of authenticated modes and the key blobs. A
provider gives the primitive.

contract: rule-symmetric.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

Range = tuple[int, int, int]
"""Legal lengths in bytes: minimum, maximum, step."""

PARAMETER_TYPES = ("bytes", "hash", "u64")
"""What a KDF parameter can be: bytes, the name of a hash, or a number of 64 bits."""


@dataclass(frozen=True, slots=True)
class Mode:
    """A chaining mode of a cipher, as data.

    * ``name``: ``"CBC"``, ``"ECB"``, ``"CFB"``, ``"GCM"``, ``"CCM"``, or ``"N/A"`` for a cipher without modes
    * ``default``: whether a new algorithm handle has it
    * ``iv_length``: for ``"N/A"``: bytes of the number of the first data unit (XTS-AES); None for a stream cipher. The
      IV of other modes has the length of a block
    * ``nonce`` and ``tag``: for an authenticated mode the legal lengths in bytes, as (minimum, maximum, step)
    * ``max_data``: the most bytes of one message, a number or a function of the nonce's length
    * ``chained``: whether a message can come in several calls (``BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG``)
    * ``introduced``: the first Windows version with this mode

    >>> Mode("GCM", nonce=(12, 12, 1), tag=(12, 16, 1), chained=True).kind
    'authenticated'
    """

    name: str
    default: bool = False
    iv_length: int | None = None
    nonce: Range | None = None
    tag: Range | None = None
    max_data: int | Callable[[int], int] | None = None
    chained: bool = False
    introduced: str = "vista"

    def __post_init__(self) -> None:
        if (self.nonce is None) != (self.tag is None):
            raise ValueError(f"Mode {self.name!r}: an authenticated mode declares both nonce and tag")

    @property
    def chaining_mode(self) -> str:
        """The value of the ChainingMode property: ``"ChainingModeCBC"``."""
        return f"ChainingMode{self.name}"

    @property
    def kind(self) -> str:
        """What the rules of a call depend on.

        ``"authenticated"``; ``"blocks"`` (ECB: whole blocks, no IV); ``"register"`` (CBC, CFB: an IV that a call moves
        on); ``"units"`` (XTS-AES: numbered data units); ``"stream"`` (RC4: a position in the key).
        """
        if self.nonce is not None:
            return "authenticated"
        if self.name == "ECB":
            return "blocks"
        if self.name != "N/A":
            return "register"
        return "stream" if self.iv_length is None else "units"

    def most_data(self, nonce_length: int) -> int | None:
        """Return the most bytes that one message can have with a nonce of that length; None if there is no limit."""
        return self.max_data(nonce_length) if callable(self.max_data) else self.max_data


@dataclass(frozen=True, slots=True)
class AuthTagLengths:
    """Legal lengths of an authentication tag in bytes: the value of the AuthTagLength property.

    ``BCRYPT_AUTH_TAG_LENGTHS_STRUCT``: three DWORDs (contract: rule-symmetric-properties).
    """

    minimum: int
    maximum: int
    step: int

    def to_bytes(self) -> bytes:
        """Return the structure of the header, 12 bytes."""
        return struct.pack("<III", self.minimum, self.maximum, self.step)

    @classmethod
    def from_bytes(cls, data: bytes) -> AuthTagLengths:
        """Read the 12 bytes of the structure. Raise InvalidParameterError for any other size."""
        if len(data) != 12:
            raise InvalidParameterError(f"AuthTagLength has 12 bytes, not {len(data)}")
        return cls(*struct.unpack("<III", data))


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that a key-derivation algorithm takes (a ``BCryptBuffer`` of ``BCryptKeyDerivation``).

    * ``name``: the header's name of the buffer type, ``"KDF_SALT"``
    * ``type``: ``"bytes"``, ``"hash"`` (a name) or ``"u64"`` (a number)
    * ``required``: whether a derivation without it is STATUS_INVALID_PARAMETER
    * ``instead_of``: names of parameters that this one replaces; together with one of them it is
      STATUS_INVALID_PARAMETER, and they are not required then
    """

    name: str
    type: str = "bytes"
    required: bool = False
    instead_of: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.type not in PARAMETER_TYPES:
            raise ValueError(f"Parameter {self.name!r}: the type is one of {PARAMETER_TYPES}, not {self.type!r}")


@dataclass(frozen=True, slots=True)
class CipherRequest:
    """What the core tells a factory beside the secret.

    ``flags`` are those of ``BCryptGenerateSymmetricKey``. ``effective_bits`` is the EffectiveKeyLength property of RC2,
    or 0 if it is not set. ``windows`` is the Windows version that the key behaves as.
    """

    flags: int = 0
    effective_bits: int = 0
    windows: str = ""


class AuthenticatedState:
    """One message of an authenticated mode that comes in several pieces."""

    __slots__ = ()

    def update(self, data: bytes) -> bytes:
        """Encrypt or decrypt a piece; all pieces but the last have whole blocks."""
        raise NotSupportedError(f"{type(self).__name__} takes no data")

    def finish(self, tag: bytes | None) -> bytes:
        """End the message: return the longest tag if it was encrypted (``tag`` is None), which the core cuts; else
        compare as many bytes as ``tag`` has, and return ``b""``.

        Raise :class:`~cngcore.AuthTagMismatchError` if the tag does not match.
        """
        raise NotSupportedError(f"{type(self).__name__} has no tag")


class CipherMaterial:
    """One symmetric key, as the back end holds it: primitives only.

    The core pads, checks sizes, keeps the chain register and compares lengths with the declaration before it calls. A
    block cipher implements :meth:`encrypt_blocks` and :meth:`decrypt_blocks`; :meth:`chain` is then a speed-up. Zero
    the secret bytes that the material holds itself in :meth:`wipe`.
    """

    __slots__ = ()

    block_length: int = 16
    """Bytes of a block; 1 for a stream cipher. Each class sets its own."""

    def encrypt_blocks(self, data: bytes) -> bytes:
        """Encrypt whole blocks, each by itself (ECB)."""
        raise NotSupportedError(f"{type(self).__name__} has no block operation")

    def decrypt_blocks(self, data: bytes) -> bytes:
        """Decrypt whole blocks, each by itself (ECB)."""
        raise NotSupportedError(f"{type(self).__name__} has no block operation")

    def chain(self, mode: str, iv: bytes, data: bytes, encrypting: bool, feedback: int) -> tuple[bytes, bytes]:
        """Return (output, next register) of CBC, or of CFB with ``feedback`` bytes.

        Override it if the library has the mode: this one calls :meth:`encrypt_blocks` once for each step. The register
        after a call is the last ``block_length`` bytes of IV || ciphertext (contract: rule-symmetric-register).
        """
        if mode == "CBC":
            return self._cbc(iv, data, encrypting)
        if mode == "CFB":
            return self._cfb(iv, data, encrypting, feedback)
        raise NotSupportedError(f"{type(self).__name__} has no mode {mode}")

    def _cbc(self, iv: bytes, data: bytes, encrypting: bool) -> tuple[bytes, bytes]:
        size = self.block_length
        if not encrypting:
            plain = self.decrypt_blocks(data)
            return _xor(plain, (iv + data)[: len(data)]), (iv + data)[-size:]
        output = bytearray()
        for position in range(0, len(data), size):
            iv = self.encrypt_blocks(_xor(data[position : position + size], iv))
            output += iv
        return bytes(output), iv

    def _cfb(self, iv: bytes, data: bytes, encrypting: bool, feedback: int) -> tuple[bytes, bytes]:
        size, output = self.block_length, bytearray()
        for position in range(0, len(data), feedback):
            piece = data[position : position + feedback]
            result = _xor(piece, self.encrypt_blocks(iv)[: len(piece)])
            output += result
            iv = (iv + (result if encrypting else piece))[-size:]
        return bytes(output), iv

    def stream(self, data: bytes) -> bytes:
        """Encrypt or decrypt with a stream cipher, and move on in its key stream (RC4)."""
        raise NotSupportedError(f"{type(self).__name__} is no stream cipher")

    def sectors(self, number: int, unit: int, data: bytes, encrypting: bool) -> bytes:
        """Encrypt or decrypt data units of ``unit`` bytes, the first of which has that number (XTS-AES)."""
        raise NotSupportedError(f"{type(self).__name__} has no data units")

    def seal(self, mode: str, nonce: bytes, aad: bytes, data: bytes, tag_length: int) -> tuple[bytes, bytes]:
        """Return (ciphertext, tag) of one message of an authenticated mode."""
        raise NotSupportedError(f"{type(self).__name__} has no authenticated mode")

    def unseal(self, mode: str, nonce: bytes, aad: bytes, data: bytes, tag: bytes) -> bytes | bytearray:
        """Return the plaintext of one message, as bytes or a fresh bytearray.

        Raise :class:`~cngcore.AuthTagMismatchError` if the tag does not match; release nothing before it is compared.
        """
        raise NotSupportedError(f"{type(self).__name__} has no authenticated mode")

    def authenticated(
        self, mode: str, nonce: bytes, aad: bytes, encrypting: bool, tag_length: int
    ) -> AuthenticatedState:
        """Begin a message that comes in several pieces. Only for modes declared as ``chained``.

        ``tag_length`` is the length of the caller's buffer for the tag in the first call. The last call can bring
        another one, so a material that is asked for a tag returns the longest.
        """
        raise NotSupportedError(f"{type(self).__name__} takes a message in one piece")

    def copy(self) -> CipherMaterial:
        """Return independent material of the same key and, for a stream cipher, the same position.

        The default returns ``self``, which is right for material whose calls change nothing.
        """
        return self

    def wipe(self) -> None:
        """Zero the secret bytes that this material holds itself.

        It is called when the last reference is deleted, so no running operation is disturbed.
        """

    def __del__(self) -> None:
        self.wipe()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise InvalidParameterError("key material cannot be pickled; export the key as a blob")


def _xor(one: bytes, other: bytes) -> bytes:
    """Return the exclusive or of two strings of one length."""
    size = len(one)
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(size, "big")
