"""RSA keys, made and used with pycryptodome.

The core has checked the length, the flags, the state of the key and its half before it calls a method. Input is always
``bytes``. For an error, a method raises an exception of :mod:`cngcore.status`. Any other exception counts as a fault of
this provider and becomes STATUS_INTERNAL_ERROR.

pycryptodome raises ValueError for wrong input. Its text can describe the input, so it is neither shown nor chained.
:mod:`cngcore.families.rsa` provides what pycryptodome lacks: raw RSA, a DigestInfo without NULL, and the same refusals
for signing and verifying.
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
"""Lengths in bits that can be imported, whether or not Generate accepts them."""


class Key(KeyMaterial):
    """A key pair or its public half: the numbers of its blob, and the object of pycryptodome."""

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
        """Return a length: of the modulus in bits, of blocks and signatures in bytes."""
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
            pass  # pycryptodome checks what it has made; a key that is none (and was not validated) ends here
        raise InvalidParameterError("the key makes no such signature")

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        """Return whether the signature is right."""
        blocks = self._blocks(digest, padding)
        if isinstance(padding, Pss):
            try:
                scheme = pss.new(self._public, salt_bytes=padding.salt_length)
                scheme.verify(hashes.Digest(padding.hash, digest), signature)
            except ValueError:
                return False
            return True
        try:
            return encodings.public_operation(self._numbers, signature) in blocks
        except InvalidParameterError:  # another length, or a number that is not below the modulus
            return False

    def _blocks(self, digest: bytes, padding: object) -> list[bytes]:
        """Return the possible blocks of a PKCS #1 v1.5 signature; none for PSS, whose block is random.

        Raise for digests and paddings that no signature can have, in signing and in verifying.
        """
        match padding:
            case Pkcs1():
                contents = [encodings.digest_info(digest, padding.hash)]
                if padding.hash is not None:  # as Windows has it, see the decision record on RSA
                    contents.append(encodings.digest_info(digest, padding.hash, null=False))
                    if padding.optional_oid:
                        contents.append(digest)
                return [encodings.pkcs1_signature_block(content, self._size) for content in contents]
            case Pss():
                encodings.check_salt_length(padding.salt_length, padding.hash, self._numbers.bits)
                hashes.Digest(padding.hash, digest)
                return []
        raise InvalidParameterError("an RSA signature has the padding Pkcs1 or Pss")

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
                raise InvalidParameterError("RSA encryption has the padding Pkcs1, Oaep or none")
        try:
            return encrypt(plaintext)
        except ValueError:
            raise InvalidParameterError("the text is too long for this key and padding") from None

    def decrypt(self, ciphertext: bytes, padding: object) -> bytearray:
        """Decrypt. Every failure raises the same error, so that it reveals nothing about the ciphertext."""
        plaintext: bytes | None = None
        try:
            match padding:
                case None:
                    plaintext = encodings.private_operation(self._numbers, ciphertext)
                case Pkcs1():
                    # The sentinel None replaces the made-up message for wrong padding, which the contract refuses.
                    plaintext = PKCS1_v1_5.new(self._key).decrypt(ciphertext, None)
                case Oaep():
                    scheme = oaep.new(self._key, hashmod=hashes.find(padding.hash), label=padding.label)
                    plaintext = scheme.decrypt(ciphertext)
        except (ValueError, InvalidParameterError):
            pass
        if plaintext is None:
            raise InvalidParameterError("the ciphertext does not decrypt")
        return bytearray(plaintext)

    # The key itself

    def export(self, blob_type: str) -> bytes | bytearray:
        """Return a blob of a declared type. The core asks a public half for public types only."""
        return wire.build(blob_type, self._numbers)

    def public(self) -> KeyMaterial:
        return Key(wire.RsaKey(n=self._numbers.n, e=self._numbers.e))


class Factory(KeyFactory):
    """Makes keys. One instance serves all threads."""

    def generate(self, request: KeyRequest) -> KeyMaterial:
        """Make a key; called once, when it is finalized. ``request.length`` is legal by the declaration."""
        made = RSA.generate(request.length)
        return Key(wire.complete(wire.RsaKey(n=int(made.n), e=int(made.e), p=int(made.p), q=int(made.q))))

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> KeyMaterial:
        """Import a blob: check the sizes, then the numbers, then a trial signature, because no prime was proved."""
        numbers = wire.parse(blob_type, blob)
        if numbers.bits not in IMPORT_BITS:
            raise InvalidParameterError("the modulus has not 256 to 16384 bits")
        wire.check(numbers)
        if numbers.is_private:
            numbers = wire.complete(numbers)
        try:
            key = Key(numbers)
        except ValueError:
            raise InvalidParameterError("the numbers are no RSA key") from None
        if key.has_private and request.flags != BCRYPT_NO_KEY_VALIDATION:
            key.sign_hash(bytes(20), Pss("SHA1", 0))  # fits every length, and pycryptodome checks what it has made
        return key

    def load(self) -> None:
        """Make a key and use every operation, so that every module that a later call needs is imported."""
        key = self.generate(KeyRequest(1024, 0, {}))
        for name, module in hashes.HASHES.items():
            digest = bytes(module.new().digest_size)
            for padding in (Pkcs1(name), Pss(name, 0)):
                key.verify_signature(digest, key.sign_hash(digest, padding), padding)
        for scheme in (Oaep("SHA1"), Oaep("SHA256"), Pkcs1()):
            key.decrypt(key.encrypt(b"", scheme), scheme)
        key.decrypt(key.encrypt(bytes(128), None), None)
        self.import_key("RSAPRIVATEBLOB", bytes(key.export("RSAPRIVATEBLOB")), KeyRequest(0, 0, {}))
