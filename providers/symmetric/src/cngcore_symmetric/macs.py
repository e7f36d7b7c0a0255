"""AES-CMAC and AES-GMAC by cryptography."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from cngcore.provider import HashFactory, HashState
from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

_NONCE = 12
_MOST = (1 << 31) - 1
"""Bytes of one message of GMAC: what the library takes as associated data."""


class Cmac(HashState):
    """AES-CMAC. SP 800-38B."""

    __slots__ = ("_state",)
    digest_length = 16

    def __init__(self, state: CMAC) -> None:
        self._state = state

    def update(self, data: bytes) -> None:
        self._state.update(data)

    def digest(self, length: int) -> bytes:
        return self._state.copy().finalize()[:length]

    def copy(self) -> HashState:
        return Cmac(self._state.copy())


class Gmac(HashState):
    """AES-GMAC. SP 800-38D: GCM with associated data only. The library cannot copy a state, so the data is kept."""

    __slots__ = ("_cipher", "_data", "_nonce")
    digest_length = 16

    def __init__(self, cipher: AESGCM, nonce: bytes | None, data: bytes = b"") -> None:
        self._cipher = cipher
        self._nonce = nonce
        self._data = bytearray(data)

    def update(self, data: bytes) -> None:
        if len(self._data) + len(data) > _MOST:
            raise InvalidParameterError(f"AES-GMAC takes at most {_MOST} bytes here")
        self._data += data

    def digest(self, length: int) -> bytes:
        if self._nonce is None:
            raise InvalidParameterError(f"AES-GMAC needs a nonce: set the property IV, {_NONCE} bytes, before the data")
        return self._cipher.encrypt(self._nonce, b"", bytes(self._data))[:length]

    def copy(self) -> HashState:
        return Gmac(self._cipher, self._nonce, bytes(self._data))


class Cmacs(HashFactory):
    """Starts AES-CMAC."""

    def start(self, key: bytes | None, options: Mapping[str, bytes] | None = None) -> HashState:
        return Cmac(CMAC(AES(key or b"")))

    def load(self) -> None:
        """Make one MAC."""
        self.start(bytes(16)).copy().digest(16)


class Gmacs(HashFactory):
    """Starts AES-GMAC."""

    def start(self, key: bytes | None, options: Mapping[str, bytes] | None = None) -> HashState:
        nonce = (options or {}).get("IV")
        if nonce is not None and len(nonce) != _NONCE:
            raise InvalidParameterError(f"the IV of AES-GMAC has {_NONCE} bytes, not {len(nonce)}")
        return Gmac(AESGCM(key or b""), nonce)

    def load(self) -> None:
        """Make one MAC."""
        self.start(bytes(16), {"IV": bytes(_NONCE)}).copy().digest(16)
