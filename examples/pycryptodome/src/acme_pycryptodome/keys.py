"""RSA keys as pycryptodome holds them.

The core checks the length, the flags, the state of the key and its half before it calls this module. Input is always
``bytes``. A method raises an exception of :mod:`cngcore.status` for an invalid input. The core reports any other
exception as a fault of this provider: STATUS_INTERNAL_ERROR.

pycryptodome raises ValueError for every invalid input. Its text may contain the input, so it is neither passed on nor
chained. :mod:`cngcore.families.rsa` has what pycryptodome lacks: raw RSA, and DigestInfo without NULL.
"""

from __future__ import annotations

from Crypto.Cipher import PKCS1_v1_5, oaep
from Crypto.PublicKey import RSA
from Crypto.Signature import pkcs1_15, pss

from acme_pycryptodome import hashes
from cngcore.blobs import rsa as wire
from cngcore.constants import BCRYPT_NO_KEY_VALIDATION
from cngcore.families import rsa as encodings
from cngcore.padding import Oaep, Pkcs1, Pss
from cngcore.provider import KeyFactory, KeyMaterial, KeyRequest
from cngcore.status import InvalidParameterError

IMPORT_BITS = range(256, 16384 + 1)
"""The lengths that can be imported, in bits."""


class Key(KeyMaterial):
    """A key pair, or its public half: the numbers of a blob, and pycryptodome's own object."""

    __slots__ = ("_key", "_numbers", "_public", "_size")

    def __init__(self, numbers: wire.RsaKey) -> None:
        self._numbers = numbers
        self._size = (numbers.bits + 7) // 8
        self._public = RSA.construct((numbers.n, numbers.e), consistency_check=False)
        self._key = self._public
        if numbers.is_private:
            parts = (numbers.n, numbers.e, numbers.d, numbers.p, numbers.q)
            self._key = RSA.construct(parts, consistency_check=False)

    @property
    def has_private(self) -> bool:
        return self._numbers.is_private

    @property
    def signature_length(self) -> int:
        return self._size

    @property
    def encryption_length(self) -> int:
        return self._size

    def get_property(self, name: str) -> object:
        """Return a length: of the modulus in bits, or of blocks and signatures in bytes."""
        if name in ("KeyLength", "KeyStrength", "PublicKeyLength"):
            return self._numbers.bits
        return self._size  # BlockLength, SignatureLength

    # Signatures

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        """Sign a digest: PKCS #1 v1.5, with or without DigestInfo, or PSS."""
        self._blocks(digest, padding)
        try:
            match padding:
                case Pkcs1(hash=None):
                    block = encodings.pkcs1_signature_block(digest, self._size)
                    return encodings.private_operation(self._numbers, block)
                case Pkcs1(hash=str(name)):
                    return pkcs1_15.new(self._key).sign(hashes.Digest(name, digest))
                case Pss():
                    scheme = pss.new(self._key, salt_bytes=padding.salt_length)
                    return scheme.sign(hashes.Digest(padding.hash, digest))
        except ValueError:
            pass  # pycryptodome checks the signature; a key that was not validated may fail here
        raise InvalidParameterError(
            "the RSA key cannot make this signature; it is too short for the padding, or invalid"
        )

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        """Return whether the signature is valid. Raise InvalidParameterError if it is not a number of this key."""
        blocks = self._blocks(digest, padding)
        encodings.check_signature(signature, self._numbers.n)
        if isinstance(padding, Pss):
            try:
                scheme = pss.new(self._public, salt_bytes=padding.salt_length)
                scheme.verify(hashes.Digest(padding.hash, digest), signature)
            except ValueError:
                return False
            return True
        return encodings.public_operation(self._numbers, signature) in blocks

    def _blocks(self, digest: bytes, padding: object) -> list[bytes]:
        """Return the possible blocks of a PKCS #1 v1.5 signature. PSS is random, so return an empty list for it.

        Raise InvalidParameterError if the digest or the padding does not fit, for signing and verifying alike.
        """
        match padding:
            case Pkcs1():
                contents = [encodings.digest_info(digest, padding.hash)]
                if padding.hash is not None:  # as on Windows, see docs/decisions/rsa.md
                    contents.append(encodings.digest_info(digest, padding.hash, null=False))
                    if padding.optional_oid:
                        contents.append(digest)
                return [encodings.pkcs1_signature_block(content, self._size) for content in contents]
            case Pss():
                encodings.check_salt_length(padding.salt_length, padding.hash, self._numbers.bits)
                hashes.Digest(padding.hash, digest)
                return []
        raise encodings.wrong_padding("signing", padding)

    # Encryption

    def encrypt(self, plaintext: bytes, padding: object) -> bytes:
        """Encrypt with PKCS #1 v1.5 or OAEP, or a full block without padding."""
        match padding:
            case None:
                return encodings.public_operation(self._numbers, plaintext)
            case Pkcs1():
                encrypt = PKCS1_v1_5.new(self._public).encrypt
            case Oaep():
                encrypt = oaep.new(self._public, hashmod=hashes.find(padding.hash), label=padding.label).encrypt
            case _:
                raise encodings.wrong_padding("encryption", padding)
        try:
            return encrypt(plaintext)
        except ValueError:
            raise InvalidParameterError(f"{len(plaintext)} bytes are too long for this RSA key and padding") from None

    def decrypt(self, ciphertext: bytes, padding: object) -> bytearray:
        """Decrypt. Raise the same error for every invalid ciphertext, so that an attacker does not learn the reason."""
        plaintext: bytes | None = None
        try:
            match padding:
                case None:
                    plaintext = encodings.private_operation(self._numbers, ciphertext)
                case Pkcs1():
                    # The sentinel None marks invalid padding, for which the contract needs an error.
                    plaintext = PKCS1_v1_5.new(self._key).decrypt(ciphertext, None)
                case Oaep():
                    scheme = oaep.new(self._key, hashmod=hashes.find(padding.hash), label=padding.label)
                    plaintext = scheme.decrypt(ciphertext)
        except (ValueError, InvalidParameterError):
            pass
        if plaintext is None:
            raise encodings.no_decryption()
        return bytearray(plaintext)

    # The key itself

    def export(self, blob_type: str) -> bytes | bytearray:
        """Return a blob of a declared type. The core never requests a private blob of a public half."""
        return wire.build(blob_type, self._numbers)

    def public(self) -> KeyMaterial:
        return Key(wire.RsaKey(n=self._numbers.n, e=self._numbers.e))


class Factory(KeyFactory):
    """Make keys. All threads share one instance."""

    def generate(self, request: KeyRequest) -> KeyMaterial:
        """Return a new key. The core calls this once for each key, with a length that the declaration allows."""
        new = RSA.generate(request.length)
        return Key(wire.complete(wire.RsaKey(n=int(new.n), e=int(new.e), p=int(new.p), q=int(new.q))))

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> KeyMaterial:
        """Import a key. Check the sizes, then the relations of the numbers, then make one trial signature."""
        numbers = wire.parse(blob_type, blob)
        if numbers.bits not in IMPORT_BITS:
            raise InvalidParameterError(f"an RSA key to import must have 256 to 16384 bits, not {numbers.bits}")
        wire.check(numbers)
        encodings.check_trial(numbers, request)
        if numbers.is_private:
            numbers = wire.complete(numbers)
        try:
            key = Key(numbers)
        except ValueError:
            raise InvalidParameterError("pycryptodome rejects the numbers of this RSA key") from None
        if key.has_private and request.flags != BCRYPT_NO_KEY_VALIDATION:
            key.sign_hash(bytes(20), Pss("SHA1", 0))  # fits every length; pycryptodome checks the signature
        return key

    def load(self) -> None:
        """Make a key and use each operation, so that every module is imported."""
        key = self.generate(KeyRequest(1024, 0, {}))
        for name, module in hashes.HASHES.items():
            digest = bytes(module.new().digest_size)
            for padding in (Pkcs1(name), Pss(name, 0)):
                key.verify_signature(digest, key.sign_hash(digest, padding), padding)
        for scheme in (Oaep("SHA1"), Oaep("SHA256"), Pkcs1()):
            key.decrypt(key.encrypt(b"", scheme), scheme)
        key.decrypt(key.encrypt(bytes(128), None), None)
        self.import_key("RSAPRIVATEBLOB", bytes(key.export("RSAPRIVATEBLOB")), KeyRequest(0, 0, {}))
