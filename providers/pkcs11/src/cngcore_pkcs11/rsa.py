"""RSA keys in the token.

The token always does the private operation. PSS uses the token's mechanism. If the token has none for a hash, the
padding is made here and the token does the raw operation. Decryption always uses the raw operation, and the padding is
removed here. The public operation needs no secret and no token: it is Python's ``pow``.
"""

from __future__ import annotations

from typing import Any

from pkcs11 import MGF, Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass, exceptions

from cngcore.blobs import rsa as wire
from cngcore.families import rsa as encodings
from cngcore.padding import Oaep, Pkcs1, Pss
from cngcore.provider import KeyMaterial, KeyRequest
from cngcore.status import InvalidParameterError
from cngcore_pkcs11 import URI_BLOB
from cngcore_pkcs11.material import UNREADABLE, TokenFactory, TokenMaterial
from cngcore_pkcs11.token import one_thread, session

_TOKEN_HASHES = {
    "SHA1": (Mechanism.SHA_1, MGF.SHA1),
    "SHA256": (Mechanism.SHA256, MGF.SHA256),
    "SHA384": (Mechanism.SHA384, MGF.SHA384),
    "SHA512": (Mechanism.SHA512, MGF.SHA512),
}
"""Hashes for which the token's own PSS is tried, with their parameters."""

_NOT_OFFERED = (
    exceptions.MechanismInvalid,
    exceptions.MechanismParamInvalid,
    exceptions.ArgumentsBad,
    exceptions.FunctionNotSupported,
)
_CAPABILITIES = MechanismFlag.SIGN | MechanismFlag.VERIFY | MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT
_MOST_BITS = 16384


class RsaMaterial(TokenMaterial):
    """An RSA key pair, or its public half, which is two numbers without an object in the token."""

    def __init__(self, n: int, e: int, public: Any = None, private: Any = None, *, stays: bool = False) -> None:
        super().__init__(public, private, stays=stays)
        self._key = wire.RsaKey(n, e)
        self._size = (self._key.bits + 7) // 8

    @property
    def signature_length(self) -> int:
        return self._size

    @property
    def encryption_length(self) -> int:
        return self._size

    # --- with the private key: in the token ------------------------------------------------------------

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        if isinstance(padding, Pkcs1):
            info = encodings.digest_info(digest, padding.hash)
            encodings.pkcs1_signature_block(info, self._size)  # raises if it does not fit
            return self._in_token("sign", info, Mechanism.RSA_PKCS)
        if not isinstance(padding, Pss):
            raise encodings.wrong_padding("signing", padding)
        block = encodings.pss_encode(digest, padding.hash, padding.salt_length, self._key.bits)
        if padding.hash in _TOKEN_HASHES:
            parameters = (*_TOKEN_HASHES[padding.hash], padding.salt_length)
            try:
                return self._in_token("sign", digest, Mechanism.RSA_PKCS_PSS, parameters)
            except _NOT_OFFERED:
                pass
        return self._in_token("sign", block, Mechanism.RSA_X_509)

    def decrypt(self, ciphertext: bytes, padding: object) -> bytes:
        if len(ciphertext) != self._size or int.from_bytes(ciphertext, "big") >= self._key.n:
            raise InvalidParameterError(
                f"a ciphertext of this key must have {self._size} bytes and a value below the modulus"
            )
        if padding is None:
            return self._raw(ciphertext)
        if isinstance(padding, Pkcs1):
            return encodings.pkcs1_decode(self._raw(ciphertext))
        if not isinstance(padding, Oaep):
            raise encodings.wrong_padding("encryption", padding)
        encodings.digest_size(padding.hash)
        return encodings.oaep_decode(self._raw(ciphertext), encodings.label_of(padding), padding.hash)

    def _raw(self, block: bytes) -> bytes:
        return self._in_token("decrypt", block, Mechanism.RSA_X_509).rjust(self._size, b"\0")

    def _in_token(self, operation: str, data: bytes, mechanism: Mechanism, parameters: object = None) -> bytes:
        with session(self._generation):
            return bytes(getattr(self._private, operation)(data, mechanism=mechanism, mechanism_param=parameters))

    # --- with the public key: in software ---------------------------------------------------------------------------

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        if isinstance(padding, Pkcs1):
            infos = [encodings.digest_info(digest, padding.hash)]
            if padding.hash is not None:
                infos.append(encodings.digest_info(digest, padding.hash, null=False))
                if padding.optional_oid:
                    infos.append(digest)
            blocks = [encodings.pkcs1_signature_block(info, self._size) for info in infos]
            return self._open(signature) in blocks
        if not isinstance(padding, Pss):
            raise encodings.wrong_padding("signing", padding)
        encodings.check_salt_length(padding.salt_length, padding.hash, self._key.bits)
        encodings.check_digest(digest, padding.hash)
        block = self._open(signature)
        return encodings.pss_verify(digest, block, padding.hash, padding.salt_length, self._key.bits)

    def encrypt(self, plaintext: bytes, padding: object) -> bytes:
        if padding is None:
            block = plaintext
            if len(block) != self._size or int.from_bytes(block, "big") >= self._key.n:
                raise encodings.not_a_block(self._size)
        elif isinstance(padding, Pkcs1):
            block = encodings.pkcs1_encode(plaintext, self._size)
        elif isinstance(padding, Oaep):
            block = encodings.oaep_encode(plaintext, encodings.label_of(padding), self._size, padding.hash)
        else:
            raise encodings.wrong_padding("encryption", padding)
        return pow(int.from_bytes(block, "big"), self._key.e, self._key.n).to_bytes(self._size, "big")

    def _open(self, signature: bytes) -> bytes:
        """Return the block in a signature (RSAVP1). Raise InvalidParameterError if it is not a number of the key."""
        encodings.check_signature(signature, self._key.n)
        return encodings.public_operation(self._key, signature)

    # --- the key as data -------------------------------------------------------------------------------

    def export(self, blob_type: str) -> bytes | bytearray:
        return wire.build(blob_type, self._key)

    def public(self) -> KeyMaterial:
        return RsaMaterial(self._key.n, self._key.e)

    def get_property(self, name: str) -> object:
        if name in ("KeyLength", "KeyStrength", "PublicKeyLength"):
            return self._key.bits
        if name in ("BlockLength", "SignatureLength"):
            return self._size
        return super().get_property(name)


class RsaFactory(TokenFactory):
    """Make RSA keys in the token, move private keys into it, and find keys in it."""

    key_type = KeyType.RSA

    @one_thread()
    def generate(self, request: KeyRequest) -> KeyMaterial:
        label = self.label(request)
        with session() as open_session:
            public, private = open_session.generate_keypair(
                KeyType.RSA, request.length, store=bool(label), label=label or None, capabilities=_CAPABILITIES,
                private_template=UNREADABLE,
            )  # fmt: skip
        return _material(public, private, stays=bool(label))

    @one_thread()
    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> KeyMaterial:
        if blob_type == URI_BLOB:
            public, private = self.find(blob)
            return _material(public, private, stays=True)
        key = wire.parse(blob_type, blob)
        if not 256 <= key.bits <= _MOST_BITS:
            raise InvalidParameterError(f"an RSA key to import must have 256 to {_MOST_BITS} bits, not {key.bits}")
        wire.check(key)
        encodings.check_trial(key, request)
        if not key.is_private:
            return RsaMaterial(key.n, key.e)
        key = wire.complete(key)
        material = RsaMaterial(key.n, key.e, None, self._create_private(key))
        trial = Pkcs1(None)
        if not material.verify_signature(b"trial", material.sign_hash(b"trial", trial), trial):
            raise InvalidParameterError(
                "the private half of the RSA key does not belong to the public half; a prime may be composite"
            )
        return material

    @staticmethod
    def _create_private(key: wire.RsaKey) -> Any:
        """Create the private object in the token. It cannot be read again."""
        numbers = {
            Attribute.MODULUS: key.n, Attribute.PUBLIC_EXPONENT: key.e, Attribute.PRIVATE_EXPONENT: key.d,
            Attribute.PRIME_1: key.p, Attribute.PRIME_2: key.q, Attribute.EXPONENT_1: key.dp,
            Attribute.EXPONENT_2: key.dq, Attribute.COEFFICIENT: key.qinv,
        }  # fmt: skip
        values = {name: number.to_bytes((number.bit_length() + 7) // 8, "big") for name, number in numbers.items()}
        with session() as open_session:
            return open_session.create_object(
                {
                    Attribute.CLASS: ObjectClass.PRIVATE_KEY,
                    Attribute.KEY_TYPE: KeyType.RSA,
                    Attribute.TOKEN: False,
                    Attribute.PRIVATE: True,
                    Attribute.SIGN: True,
                    Attribute.DECRYPT: True,
                    **values,
                    **UNREADABLE,
                }
            )


def _material(public: Any, private: Any, *, stays: bool) -> RsaMaterial:
    with session():
        n, e = (int.from_bytes(public[name], "big") for name in (Attribute.MODULUS, Attribute.PUBLIC_EXPONENT))
    return RsaMaterial(n, e, public, private, stays=stays)
