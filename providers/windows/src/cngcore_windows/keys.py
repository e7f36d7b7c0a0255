"""Key pairs that the library makes, holds and uses. One class serves every algorithm, as in bcrypt.h."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cngcore import constants as c
from cngcore.bcrypt import (
    BCRYPT_OAEP_PADDING_INFO,
    BCRYPT_PKCS1_PADDING_INFO,
    BCRYPT_PQDSA_PADDING_INFO,
    BCRYPT_PSS_PADDING_INFO,
)
from cngcore.families.curves import chosen_curve
from cngcore.families.rsa import label_of, no_decryption, wrong_padding
from cngcore.padding import ExternalMu, Oaep, Pkcs1, PqDsa, Pss
from cngcore.provider import KeyFactory, KeyMaterial, KeyRequest
from cngcore.status import InvalidParameterError, NotSupportedError, NTStatus
from cngcore_windows import library
from cngcore_windows.library import Handle, call

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cngcore.provider import Algorithm

_WRONG_SIGNATURE = (NTStatus.STATUS_INVALID_SIGNATURE, NTStatus.NTE_BAD_SIGNATURE)
_OPTIONAL_OID = c.BCRYPT_PAD_PKCS1_OPTIONAL_HASH_OID | c.BCRYPT_PAD_PKCS1


def signature_padding(padding: object) -> tuple[object, int]:
    """Return the structure and the flags of the padding of a signature."""
    if isinstance(padding, Pkcs1):
        flags = _OPTIONAL_OID if padding.optional_oid else c.BCRYPT_PAD_PKCS1
        return BCRYPT_PKCS1_PADDING_INFO(padding.hash), flags
    if isinstance(padding, Pss):
        return BCRYPT_PSS_PADDING_INFO(padding.hash, padding.salt_length), c.BCRYPT_PAD_PSS
    if isinstance(padding, PqDsa):
        return BCRYPT_PQDSA_PADDING_INFO(padding.context, padding.prehash), c.BCRYPT_PAD_PQDSA
    if isinstance(padding, ExternalMu):
        return None, c.BCRYPT_MLDSA_EXTERNAL_MU
    if padding is not None:
        raise wrong_padding("signing", padding)
    return None, 0


def encryption_padding(padding: object) -> tuple[object, int]:
    """Return the structure and the flags of the padding of an encryption."""
    if isinstance(padding, Pkcs1):
        return None, c.BCRYPT_PAD_PKCS1
    if isinstance(padding, Oaep):
        return BCRYPT_OAEP_PADDING_INFO(padding.hash, label_of(padding)), c.BCRYPT_PAD_OAEP
    if padding is not None:
        raise wrong_padding("encryption", padding)
    return None, c.BCRYPT_PAD_NONE


def _destroyed(handle: object) -> Handle:
    return Handle(handle, "BCryptDestroyKey")


class KeyPair(KeyMaterial):
    """A key pair of the library, or its public half."""

    __slots__ = ("_algorithm", "_declared", "_handle", "has_private")

    def __init__(self, declared: Algorithm, algorithm: int, handle: Handle, *, has_private: bool) -> None:
        self._declared = declared
        self._algorithm = algorithm
        self._handle = handle
        self.has_private = has_private

    def _property(self, name: str) -> bytes:
        size: Any = call("BCryptGetProperty", self._handle.number, name)
        value = bytearray(size)
        written: Any = call("BCryptGetProperty", self._handle.number, name, value)
        return bytes(value[:written])

    def _number(self, name: str) -> int:
        return int.from_bytes(self._property(name)[:4], "little")

    # --- signatures ---------------------------------------------------------------------------------------------

    @property
    def signature_length(self) -> int:
        return self._number("SignatureLength")

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        info, flags = signature_padding(padding)
        signature = bytearray(self.signature_length)
        size: Any = call("BCryptSignHash", self._handle.number, info, digest, signature, flags)
        return bytes(signature[:size])

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        info, flags = signature_padding(padding)
        status = library.api().BCryptVerifySignature(self._handle.number, info, digest, signature, flags)
        if status in _WRONG_SIGNATURE:
            return False
        library.check(status, "BCryptVerifySignature")
        return True

    # --- encryption ---------------------------------------------------------------------------------------------

    @property
    def encryption_length(self) -> int:
        return (self._number("KeyLength") + 7) // 8

    def encrypt(self, plaintext: bytes, padding: object) -> bytes:
        info, flags = encryption_padding(padding)
        ciphertext = bytearray(self.encryption_length)
        size: Any = call("BCryptEncrypt", self._handle.number, plaintext, info, None, ciphertext, flags)
        return bytes(ciphertext[:size])

    def decrypt(self, ciphertext: bytes, padding: object) -> bytearray:
        info, flags = encryption_padding(padding)
        size = self.encryption_length
        if len(ciphertext) != size:
            raise InvalidParameterError(f"a ciphertext of this key has {size} bytes, not {len(ciphertext)}")
        plaintext = bytearray(size)
        status, used = library.api().BCryptDecrypt(self._handle.number, ciphertext, info, None, plaintext, flags)
        if status == NTStatus.STATUS_NOT_SUPPORTED:
            raise library.failure(status, "BCryptDecrypt")
        if not status.is_success:
            raise no_decryption()
        plaintext[used:] = b""
        return plaintext

    # --- agreement and encapsulation ------------------------------------------------------------------------------

    def agree(self, peer: KeyMaterial) -> bytearray:
        if not isinstance(peer, KeyPair):
            raise InvalidParameterError("the two keys come from different implementations")
        number = call("BCryptSecretAgreement", self._handle.number, peer._handle.number, 0)
        agreed = Handle(number, "BCryptDestroySecret")
        size: Any = call("BCryptDeriveKey", agreed.number, c.BCRYPT_KDF_RAW_SECRET)
        secret = bytearray(size)
        call("BCryptDeriveKey", agreed.number, c.BCRYPT_KDF_RAW_SECRET, None, secret)
        secret.reverse()
        return secret

    @property
    def kem_lengths(self) -> tuple[int, int]:
        return self._number("KEMSharedSecretLength"), self._number("KEMCiphertextLength")

    def encapsulate(self) -> tuple[bytearray, bytes]:
        secret, ciphertext = map(bytearray, self.kem_lengths)
        call("BCryptEncapsulate", self._handle.number, secret, ciphertext)
        return secret, bytes(ciphertext)

    def decapsulate(self, ciphertext: bytes) -> bytearray:
        secret = bytearray(self.kem_lengths[0])
        call("BCryptDecapsulate", self._handle.number, ciphertext, secret)
        return secret

    # --- the key as data --------------------------------------------------------------------------------------------

    def export(self, blob_type: str) -> bytes | bytearray:
        size: Any = call("BCryptExportKey", self._handle.number, None, blob_type)
        blob = bytearray(size)
        written: Any = call("BCryptExportKey", self._handle.number, None, blob_type, blob)
        del blob[written:]
        return blob if self._declared.blob_types[blob_type].private else bytes(blob)

    def public(self) -> KeyMaterial:
        kind = next(iter(self._declared.blob_types))
        handle = call("BCryptImportKeyPair", self._algorithm, None, kind, self.export(kind))
        return KeyPair(self._declared, self._algorithm, _destroyed(handle), has_private=False)

    def get_property(self, name: str) -> object:
        data = self._property(name)
        declared = self._declared.properties.get(name)
        kind = str if declared is None else declared.type
        if kind is int:
            return int.from_bytes(data[:4], "little")
        if kind is str:
            return data.decode("utf-16-le").partition("\0")[0]
        if isinstance(kind, str):
            module, _, attribute = kind.partition(":")
            kind = getattr(import_module(module), attribute)
        return kind.from_bytes(data)  # type: ignore[attr-defined]


class KeyPairs(KeyFactory):
    """Makes the keys of one algorithm."""

    def back_end_version(self) -> str:
        return library.version() or super().back_end_version()

    def load(self) -> None:
        """Open the algorithm."""
        library.algorithm(self.algorithm.name)

    def generate(self, request: KeyRequest) -> KeyMaterial:
        algorithm = self._opened(request.properties)
        handle = _destroyed(call("BCryptGenerateKeyPair", algorithm, request.length, 0))
        for name, value in request.properties.items():
            if name not in _SET_ELSEWHERE:
                call("BCryptSetProperty", handle.number, name, _encoded(value))
        call("BCryptFinalizeKeyPair", handle.number, request.flags)
        return KeyPair(self.algorithm, algorithm, handle, has_private=True)

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> KeyMaterial:
        algorithm = self._opened(request.properties)
        handle = _destroyed(call("BCryptImportKeyPair", algorithm, None, blob_type, blob, request.flags))
        private = self.algorithm.blob_types[blob_type].private
        return KeyPair(self.algorithm, algorithm, handle, has_private=private)

    def _opened(self, properties: Mapping[str, object]) -> int:
        """Return the handle of the algorithm, with the curve that is set."""
        curve = chosen_curve(properties) if "ECCCurveNameList" in self.algorithm.properties else None
        return library.algorithm(self.algorithm.name, curve="" if curve is None else curve.name)


_SET_ELSEWHERE = frozenset({"KeyLength", "ECCCurveName", "ECCParameters"})
"""Properties that are set otherwise: the length by BCryptGenerateKeyPair, the curve on the algorithm."""


def _encoded(value: Any) -> object:
    """Return the value of a property for BCryptSetProperty."""
    return value if isinstance(value, int | str | bytes) else value.to_bytes()


def check_group(algorithm: str, name: str, group: Any) -> None:
    """Raise the error of the library for a group of DH or DSA in which it makes no key."""
    bits = -(-group.bits // 64) * 64
    try:
        number = call("BCryptGenerateKeyPair", library.algorithm(algorithm), bits, 0)
    except NotSupportedError as error:
        raise InvalidParameterError(f"{algorithm} has no keys of {group.bits} bits") from error
    handle = _destroyed(number)
    call("BCryptSetProperty", handle.number, name, group.to_bytes())
