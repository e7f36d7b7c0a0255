"""The seven algorithms, on the key-derivation functions of the core.

contract: rule-kdf-parameters and the rules after it.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from cngcore.constants import BCRYPT_CAPI_AES_FLAG
from cngcore.families import kdf
from cngcore.provider import KdfFactory
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Parameters = Mapping[str, bytes | str | int]

DEFAULT_ITERATIONS = 10_000
"""Of PBKDF2, if the caller gives no count (contract: rule-kdf-parameters [doc])."""

_CMAC = "AES-CMAC"
_CAPI_AES_KEY = 16


def _bytes(parameters: Parameters, name: str) -> bytes:
    value = parameters.get(name, b"")
    return value if isinstance(value, bytes) else b""


def _hash(parameters: Parameters) -> str:
    return str(parameters["KDF_HASH_ALGORITHM"])


def _prf(hash_id: str, key: bytes) -> tuple[Callable[[bytes], bytes], int]:
    """Return a PRF with this key and its length in bytes: HMAC of a hash, or AES-CMAC.

    Raise NotSupportedError for an unknown hash, and for AES-CMAC without the library for it.
    """
    if hash_id == _CMAC:
        try:
            from cryptography.hazmat.primitives.ciphers.algorithms import AES
            from cryptography.hazmat.primitives.cmac import CMAC
        except ImportError:
            raise NotSupportedError("AES-CMAC needs the library cryptography: install cngcore-symmetric") from None
        if len(key) not in (16, 24, 32):
            raise InvalidParameterError(f"AES-CMAC takes a key of 16, 24 or 32 bytes, not {len(key)}")
        keyed = CMAC(AES(key))

        def cmac(data: bytes) -> bytes:
            state = keyed.copy()
            state.update(data)
            return state.finalize()

        return cmac, 16
    name = kdf.new_hash(hash_id).name
    started = hmac.new(key, digestmod=name)

    def mac(data: bytes) -> bytes:
        state = started.copy()
        state.update(data)
        return state.digest()

    return mac, started.digest_size


class _Loads(KdfFactory):
    """Derives once when it is loaded, so that nothing is imported later."""

    sample: Mapping[str, bytes | str | int] = {"KDF_HASH_ALGORITHM": "SHA256"}

    def load(self) -> None:
        """Derive one byte."""
        self.derive(b"", self.sample, 1, 0)


class Pbkdf2(_Loads):
    """PBKDF2 with HMAC or AES-CMAC. RFC 8018 section 5.2."""

    sample: Mapping[str, bytes | str | int] = {"KDF_HASH_ALGORITHM": "SHA256", "KDF_ITERATION_COUNT": 1}

    def derive(self, secret: bytes, parameters: Parameters, length: int, flags: int) -> bytes:
        salt = _bytes(parameters, "KDF_SALT") or _bytes(parameters, "KDF_GENERIC_PARAMETER")
        iterations = int(parameters.get("KDF_ITERATION_COUNT", DEFAULT_ITERATIONS))
        hash_id = _hash(parameters)
        if hash_id != _CMAC:
            return kdf.pbkdf2(hash_id, secret, salt, iterations, length)
        prf, size = _prf(hash_id, secret)
        return kdf.pbkdf2_with(prf, size, salt, iterations, length)


class Sp800108(_Loads):
    """The counter mode of SP 800-108 section 4.1: a counter of 32 bits before the fixed data, a length of 32 bits."""

    def derive(self, secret: bytes, parameters: Parameters, length: int, flags: int) -> bytes:
        prf, size = _prf(_hash(parameters), secret)
        if "KDF_GENERIC_PARAMETER" in parameters:
            fixed = _bytes(parameters, "KDF_GENERIC_PARAMETER")
        else:
            fixed = _bytes(parameters, "KDF_LABEL") + b"\0" + _bytes(parameters, "KDF_CONTEXT")
        fixed += (8 * length).to_bytes(4, "big")
        blocks = (prf(index.to_bytes(4, "big") + fixed) for index in range(1, -(-length // size) + 1))
        return b"".join(blocks)[:length]


class Sp80056A(_Loads):
    """The one-step function of SP 800-56A: hash(counter || secret || other information)."""

    def derive(self, secret: bytes, parameters: Parameters, length: int, flags: int) -> bytes:
        if "KDF_GENERIC_PARAMETER" in parameters:
            generic = _bytes(parameters, "KDF_GENERIC_PARAMETER")
            return kdf.sp800_56a_concat(secret, _hash(parameters), generic, b"", b"", length=length)
        return kdf.sp800_56a_concat(
            secret,
            _hash(parameters),
            _bytes(parameters, "KDF_ALGORITHMID"),
            _bytes(parameters, "KDF_PARTYUINFO"),
            _bytes(parameters, "KDF_PARTYVINFO"),
            _bytes(parameters, "KDF_SUPPPUBINFO"),
            _bytes(parameters, "KDF_SUPPPRIVINFO"),
            length,
        )


class Capi(_Loads):
    """CryptoAPI's CryptDeriveKey: the hash of the secret, expanded if it is too short. contract: rule-derive-capi.

    With ``BCRYPT_CAPI_AES_FLAG`` it is expanded always (docs/decisions/derivation.md). Raise InvalidParameterError for
    more than two digests.
    """

    def derive(self, secret: bytes, parameters: Parameters, length: int, flags: int) -> bytes:
        hash_id = _hash(parameters)
        digest = kdf.new_hash(hash_id, secret).digest()
        if length > 2 * len(digest):
            raise InvalidParameterError(f"CAPI_KDF gives at most {2 * len(digest)} bytes with {hash_id}, not {length}")
        if length <= len(digest) and not flags & BCRYPT_CAPI_AES_FLAG:
            return digest[:length]
        return kdf.capi_expand(hash_id, digest)[:length]


def _label_and_seed(parameters: Parameters) -> tuple[bytes, bytes]:
    if "KDF_GENERIC_PARAMETER" in parameters:
        return _bytes(parameters, "KDF_GENERIC_PARAMETER"), b""
    return _bytes(parameters, "KDF_TLS_PRF_LABEL"), _bytes(parameters, "KDF_TLS_PRF_SEED")


class Tls11(_Loads):
    """The PRF of TLS 1.0 and 1.1. RFC 2246 section 5. Its hashes are fixed, so the parameter for one is ignored."""

    def derive(self, secret: bytes, parameters: Parameters, length: int, flags: int) -> bytes:
        return kdf.prf_tls1_0(secret, *_label_and_seed(parameters), length)


class Tls12(_Loads):
    """The PRF of TLS 1.2. RFC 5246 section 5."""

    def derive(self, secret: bytes, parameters: Parameters, length: int, flags: int) -> bytes:
        return kdf.prf_tls1_2(secret, *_label_and_seed(parameters), length, _hash(parameters))


class Hkdf(_Loads):
    """HKDF. RFC 5869: ``extract`` makes the pseudorandom key, which ``derive`` expands."""

    def extract(self, secret: bytes, hash_id: str, salt: bytes | None) -> bytes:
        return kdf.hkdf_extract(secret, hash_id, salt)

    def derive(self, secret: bytes, parameters: Parameters, length: int, flags: int) -> bytes:
        return kdf.hkdf_expand(secret, _hash(parameters), _bytes(parameters, "KDF_HKDF_INFO"), length)
