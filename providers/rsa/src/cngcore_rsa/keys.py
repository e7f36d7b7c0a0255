"""RSA keys as cryptography holds them.

Import does not use the back end's own check of a private key, because it takes half a minute at 16384 bits and blocks
all other threads. Two checks replace it:

* The numbers must agree: n = p*q, and d, dP, dQ and qInv fit e and the primes. This takes milliseconds.
* One trial signature must verify. The back end makes it with the GIL released, in 0.3 s at 16384 bits. If a "prime" is
  composite, the numbers agree but the trial fails.
"""

from __future__ import annotations

from functools import cache, lru_cache
from secrets import token_bytes
from typing import TYPE_CHECKING, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding as schemes
from cryptography.hazmat.primitives.asymmetric import rsa, utils

from cngcore.blobs import rsa as wire
from cngcore.constants import BCRYPT_NO_KEY_VALIDATION
from cngcore.families import rsa as encodings
from cngcore.padding import Oaep, Pkcs1, Pss
from cngcore.provider import KeyFactory, KeyMaterial, KeyRequest
from cngcore.status import InvalidParameterError, NotSupportedError
from cngcore_rsa import primes

if TYPE_CHECKING:
    from collections.abc import Callable

_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "MD5": hashes.MD5,
    "SHA1": hashes.SHA1,
    "SHA256": hashes.SHA256,
    "SHA384": hashes.SHA384,
    "SHA512": hashes.SHA512,
    "SHA3-256": hashes.SHA3_256,
    "SHA3-384": hashes.SHA3_384,
    "SHA3-512": hashes.SHA3_512,
}
_OWN_OAEP = ("MD5", "SHA3-256", "SHA3-384", "SHA3-512")
"""Hashes for which the back end does not support OAEP."""

_SMALLEST_GENERATED = 1024
"""Bits of the shortest key that the back end generates."""

_IMPORTED = range(256, 16384 + 1)
"""Bits of keys that can be imported: more lengths than can be generated [dotnet], but with a limit on the time."""


def _hash(name: object) -> hashes.HashAlgorithm:
    kind = _HASHES.get(name) if isinstance(name, str) else None
    if kind is None:
        raise NotSupportedError(f"RSA does not support the hash {name!r:.40}; use one of {', '.join(_HASHES)}")
    return kind()


class RsaMaterial(KeyMaterial):
    """An RSA key pair, or its public half."""

    __slots__ = ("_modulus", "_private", "_public")

    def __init__(self, private: rsa.RSAPrivateKey | None, public: rsa.RSAPublicKey | None = None) -> None:
        self._private = private
        self._public = public
        self._modulus = 0

    @property
    def has_private(self) -> bool:
        return self._private is not None

    @property
    def public_key(self) -> rsa.RSAPublicKey:
        """The public half. The first use derives it from the private half."""
        if self._public is None:
            self._public = self.private_key.public_key()
        return self._public

    @property
    def private_key(self) -> rsa.RSAPrivateKey:
        if self._private is None:
            raise InvalidParameterError("this RSA key has no private half; use a key pair")
        return self._private

    @property
    def modulus(self) -> int:
        """The modulus, n. It is kept, because every verification compares the signature with it."""
        if not self._modulus:
            self._modulus = self.public_key.public_numbers().n
        return self._modulus

    @property
    def size(self) -> int:
        """The length of the modulus in bytes."""
        return (self.public_key.key_size + 7) // 8

    @property
    def signature_length(self) -> int:
        return self.size

    @property
    def encryption_length(self) -> int:
        return self.size

    # --- signatures (RFC 8017 section 8) ------------------------------------------------------------

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        scheme, kind = self._signature_scheme(digest, padding)
        try:
            return self.private_key.sign(digest, scheme, kind)
        except ValueError as error:
            raise InvalidParameterError(
                f"a key of {self.public_key.key_size} bits is too short for {padding!r} over {len(digest)} bytes"
            ) from error

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        if isinstance(padding, Pkcs1) and padding.optional_oid and padding.hash is not None:
            encodings.digest_info(digest, padding.hash)  # raises for an unknown hash or a wrong length
            is_bare = self._verifies(digest, signature, Pkcs1(None))
            return is_bare or self.verify_signature(digest, signature, Pkcs1(padding.hash))
        return self._verifies(digest, signature, padding) or self._verifies_without_null(digest, signature, padding)

    def _verifies_without_null(self, digest: bytes, signature: bytes, padding: object) -> bool:
        """Verify with a DigestInfo whose AlgorithmIdentifier has no NULL. SymCrypt accepts such signatures too."""
        if not isinstance(padding, Pkcs1) or padding.hash is None:
            return False
        info = encodings.digest_info(digest, padding.hash, null=False)
        return len(info) <= self.size - 11 and self._verifies(info, signature, Pkcs1(None))

    def _verifies(self, digest: bytes, signature: bytes, padding: object) -> bool:
        scheme, kind = self._signature_scheme(digest, padding)
        encodings.check_signature(signature, self.modulus)
        try:
            self.public_key.verify(signature, digest, scheme, cast(utils.Prehashed, kind))
        except (InvalidSignature, ValueError):
            return False
        return True

    def _signature_scheme(
        self, digest: bytes, padding: object
    ) -> tuple[schemes.AsymmetricPadding, utils.Prehashed | utils.NoDigestInfo]:
        """Return the back end's padding and kind of digest. Raise the same error for signing and verifying.

        Raise InvalidParameterError if the padding is not for signatures, or if the digest or the key does not fit it.
        """
        if not digest:
            raise InvalidParameterError("the hash is empty")
        if isinstance(padding, Pkcs1):
            needed = len(encodings.digest_info(digest, padding.hash))
            if needed > self.size - 11:
                raise InvalidParameterError(f"{needed} bytes do not fit a block of {self.size} bytes; use a longer key")
            return _pkcs1_scheme(padding.hash)
        if not isinstance(padding, Pss):
            raise encodings.wrong_padding("signing", padding)
        encodings.check_digest(digest, padding.hash)
        salt_length = encodings.check_salt_length(padding.salt_length, padding.hash, self.public_key.key_size)
        return _pss_scheme(padding.hash, salt_length)

    # --- encryption (RFC 8017 section 7) ------------------------------------------------------------

    def encrypt(self, plaintext: bytes, padding: object) -> bytes:
        if padding is None:
            numbers = self.public_key.public_numbers()
            return encodings.public_operation(wire.RsaKey(numbers.n, numbers.e), plaintext)
        if isinstance(padding, Oaep) and padding.hash in _OWN_OAEP:
            numbers = self.public_key.public_numbers()
            block = encodings.oaep_encode(plaintext, encodings.label_of(padding), self.size, padding.hash)
            return encodings.public_operation(wire.RsaKey(numbers.n, numbers.e), block)
        scheme = schemes.PKCS1v15() if isinstance(padding, Pkcs1) else _oaep(padding)
        try:
            return self.public_key.encrypt(plaintext, scheme)
        except ValueError as error:
            raise encodings.too_long(plaintext, self.size, getattr(padding, "hash", "")) from error

    def decrypt(self, ciphertext: bytes, padding: object) -> bytes:
        if len(ciphertext) != self.size:
            raise InvalidParameterError(f"a ciphertext of this key has {self.size} bytes, not {len(ciphertext)}")
        if padding is None:
            return encodings.private_operation(self.numbers(), ciphertext)
        if isinstance(padding, Pkcs1):
            return encodings.pkcs1_decode(encodings.private_operation(self.numbers(), ciphertext))
        if isinstance(padding, Oaep) and padding.hash in _OWN_OAEP:
            block = encodings.private_operation(self.numbers(), ciphertext)
            return encodings.oaep_decode(block, encodings.label_of(padding), padding.hash)
        try:
            return self.private_key.decrypt(ciphertext, _oaep(padding))
        except ValueError:
            raise encodings.no_decryption() from None

    # --- the key as data ------------------------------------------------------------------------------

    def numbers(self) -> wire.RsaKey:
        """Return all numbers of a key pair."""
        own = self.private_key.private_numbers()
        public = own.public_numbers
        return wire.RsaKey(public.n, public.e, own.p, own.q, own.dmp1, own.dmq1, own.iqmp, own.d)

    def export(self, blob_type: str) -> bytes | bytearray:
        if "PRIVATE" in blob_type:
            return wire.build(blob_type, self.numbers())
        public = self.public_key.public_numbers()
        return wire.build(blob_type, wire.RsaKey(public.n, public.e))

    def public(self) -> KeyMaterial:
        return RsaMaterial(None, self.public_key)

    def get_property(self, name: str) -> object:
        if name in ("KeyLength", "KeyStrength", "PublicKeyLength"):
            return self.public_key.key_size
        if name in ("BlockLength", "SignatureLength"):
            return self.size
        return super().get_property(name)


# The back end's objects are made once: they take 3 us, and an RSA-2048 verification takes 20.


@cache
def _pkcs1_scheme(hash_id: str | None) -> tuple[schemes.AsymmetricPadding, utils.Prehashed | utils.NoDigestInfo]:
    return schemes.PKCS1v15(), utils.NoDigestInfo() if hash_id is None else utils.Prehashed(_hash(hash_id))


@lru_cache(maxsize=64)
def _pss_scheme(hash_id: str, salt_length: int) -> tuple[schemes.AsymmetricPadding, utils.Prehashed]:
    kind = _hash(hash_id)
    return schemes.PSS(schemes.MGF1(kind), salt_length), utils.Prehashed(kind)


@cache
def _oaep_without_label(hash_id: str) -> schemes.OAEP:
    kind = _hash(hash_id)
    return schemes.OAEP(schemes.MGF1(kind), kind, None)


def _oaep(padding: object) -> schemes.OAEP:
    if not isinstance(padding, Oaep):
        raise encodings.wrong_padding("encryption", padding)
    label = encodings.label_of(padding)
    kind = _hash(padding.hash)
    return schemes.OAEP(schemes.MGF1(kind), kind, label) if label else _oaep_without_label(padding.hash)


def _private(key: wire.RsaKey) -> rsa.RSAPrivateKey:
    """Return the back end's key. It does not check the numbers; see the module's docstring for the checks."""
    public = rsa.RSAPublicNumbers(key.e, key.n)
    numbers = rsa.RSAPrivateNumbers(key.p, key.q, key.d, key.dp, key.dq, key.qinv, public)
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


class RsaFactory(KeyFactory):
    """Make RSA keys."""

    def load(self) -> None:
        """Make keys in both ways and use each of their operations, so that every module is imported."""
        request = KeyRequest(512, 0, {})
        small = self.generate(request)
        native = self.generate(KeyRequest(_SMALLEST_GENERATED, 0, {}))
        digest = bytes(32)
        for padding in (Pkcs1("SHA256"), Pkcs1(None), Pss("SHA256", 20)):
            native.verify_signature(digest, native.sign_hash(digest, padding), padding)
        for scheme in (Pkcs1(), Oaep("SHA256")):
            native.decrypt(native.encrypt(b"load", scheme), scheme)
        small.decrypt(small.encrypt(bytes(64), None), None)
        for kind in ("RSAPUBLICBLOB", "RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB", "CAPIPRIVATEBLOB"):
            self.import_key(kind, bytes(small.export(kind)), request)

    def generate(self, request: KeyRequest) -> KeyMaterial:
        if request.length >= _SMALLEST_GENERATED:
            return RsaMaterial(rsa.generate_private_key(primes.PUBLIC_EXPONENT, request.length))
        return RsaMaterial(_private(primes.generate(request.length, request.checkpoint)))

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> KeyMaterial:
        key = wire.parse(blob_type, blob)
        if key.bits not in _IMPORTED:
            raise InvalidParameterError(
                f"an RSA key to import must have {_IMPORTED.start} to {_IMPORTED.stop - 1} bits, not {key.bits}"
            )
        wire.check(key)
        encodings.check_trial(key, request)
        try:
            if not key.is_private:
                return RsaMaterial(None, rsa.RSAPublicNumbers(key.e, key.n).public_key())
            material = RsaMaterial(_private(wire.complete(key)))
        except ValueError as error:
            raise InvalidParameterError("cryptography rejects the numbers of this RSA key") from error
        if request.flags != BCRYPT_NO_KEY_VALIDATION:
            _check_pair(material)
        return material


def _check_pair(material: RsaMaterial) -> None:
    """Raise InvalidParameterError if a trial signature of the private half does not verify with the public half."""
    message = token_bytes(min(32, material.size - 11))
    try:
        signature = material.private_key.sign(message, schemes.PKCS1v15(), utils.NoDigestInfo())
        if not material.verify_signature(message, signature, Pkcs1(None)):
            raise InvalidSignature
    except (InvalidSignature, ValueError) as error:
        raise InvalidParameterError("the private half of the RSA key does not belong to the public half") from error
