"""RSA keys as cryptography holds them.

Import does not use the back end's own check of a private key: it takes half a minute at 16384 bits and stops every
other thread meanwhile. What it would show is established here instead: the arithmetic of the numbers (n = p*q; d, dP,
dQ and qInv, each against e and the primes) in milliseconds, and then one trial signature that must verify, made by the
back end with the GIL released (0.3 s at 16384 bits). A composite "prime" passes the arithmetic and fails the trial.
"""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_bytes
from typing import cast

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
"""Hashes over which the back end has no OAEP."""

_SMALLEST_GENERATED = 1024
"""Bits below which the back end refuses to generate."""

_IMPORTED = range(256, 16384 + 1)
"""Bits of keys that can be imported: wider than what is generated [dotnet], and bounded, so that nothing hangs."""


def _hash(name: object) -> hashes.HashAlgorithm:
    kind = _HASHES.get(name) if isinstance(name, str) else None
    if kind is None:
        raise NotSupportedError(f"{name!r:.40} is no hash for RSA; use one of {', '.join(_HASHES)}")
    return kind()


def _wrong_padding(operation: str, padding: object) -> InvalidParameterError:
    return InvalidParameterError(f"RSA {operation} does not take {'no padding' if padding is None else repr(padding)}")


class RsaMaterial(KeyMaterial):
    """An RSA key pair, or its public half."""

    __slots__ = ("_private", "_public")

    def __init__(self, private: rsa.RSAPrivateKey | None, public: rsa.RSAPublicKey | None = None) -> None:
        self._private = private
        self._public = public

    @property
    def has_private(self) -> bool:
        return self._private is not None

    @property
    def public_key(self) -> rsa.RSAPublicKey:
        """The public half; derived from the private one when first needed."""
        if self._public is None:
            self._public = self.private_key.public_key()
        return self._public

    @property
    def private_key(self) -> rsa.RSAPrivateKey:
        if self._private is None:
            raise InvalidParameterError("the key holds no private half")
        return self._private

    @property
    def size(self) -> int:
        """Bytes of the modulus."""
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
            encodings.digest_info(digest, padding.hash)  # refuses what is no hash, and a digest that is not of this one
            without = self._verifies(digest, signature, Pkcs1(None))
            return without or self.verify_signature(digest, signature, Pkcs1(padding.hash))
        return self._verifies(digest, signature, padding) or self._verifies_without_null(digest, signature, padding)

    def _verifies_without_null(self, digest: bytes, signature: bytes, padding: object) -> bool:
        """The same with a DigestInfo that leaves out the NULL of its AlgorithmIdentifier, which SymCrypt takes too."""
        if not isinstance(padding, Pkcs1) or padding.hash is None:
            return False
        info = encodings.digest_info(digest, padding.hash, null=False)
        return len(info) <= self.size - 11 and self._verifies(info, signature, Pkcs1(None))

    def _verifies(self, digest: bytes, signature: bytes, padding: object) -> bool:
        scheme, kind = self._signature_scheme(digest, padding)
        encodings.check_signature(signature, self.public_key.public_numbers().n)
        try:
            self.public_key.verify(signature, digest, scheme, cast(utils.Prehashed, kind))
        except (InvalidSignature, ValueError):
            return False
        return True

    def _signature_scheme(
        self, digest: bytes, padding: object
    ) -> tuple[schemes.AsymmetricPadding, utils.Prehashed | utils.NoDigestInfo]:
        """The back end's words for a padding. Refuses what no signature goes with, for signing and verifying alike."""
        if not digest:
            raise InvalidParameterError("the hash is empty")
        if not isinstance(padding, Pkcs1 | Pss):
            raise _wrong_padding("signing", padding)
        if isinstance(padding, Pkcs1):
            needed = len(encodings.digest_info(digest, padding.hash))
            if needed > self.size - 11:
                raise InvalidParameterError(f"{needed} bytes do not fit a block of {self.size} bytes")
            if padding.hash is None:
                return schemes.PKCS1v15(), utils.NoDigestInfo()
        kind = _hash(padding.hash)
        if len(digest) != kind.digest_size:
            raise InvalidParameterError(f"a {padding.hash} hash has {kind.digest_size} bytes, not {len(digest)}")
        if isinstance(padding, Pkcs1):
            return schemes.PKCS1v15(), utils.Prehashed(kind)
        salt_length = encodings.check_salt_length(padding.salt_length, padding.hash, self.public_key.key_size)
        return schemes.PSS(schemes.MGF1(kind), salt_length), utils.Prehashed(kind)

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
            raise InvalidParameterError(
                f"{len(plaintext)} bytes are too long for a key of {self.public_key.key_size} bits and {padding!r}"
            ) from error

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
            raise InvalidParameterError("the ciphertext does not decrypt under this key and padding") from None

    # --- the key as data ------------------------------------------------------------------------------

    def numbers(self) -> wire.RsaKey:
        """All numbers of the key."""
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


def _oaep(padding: object) -> schemes.OAEP:
    if not isinstance(padding, Oaep):
        raise _wrong_padding("encryption", padding)
    kind = _hash(padding.hash)
    return schemes.OAEP(schemes.MGF1(kind), kind, encodings.label_of(padding) or None)


def _private(key: wire.RsaKey) -> rsa.RSAPrivateKey:
    """The back end's key of numbers whose consistency is established elsewhere (see the module's docstring)."""
    public = rsa.RSAPublicNumbers(key.e, key.n)
    numbers = rsa.RSAPrivateNumbers(key.p, key.q, key.d, key.dp, key.dq, key.qinv, public)
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


class RsaFactory(KeyFactory):
    """Makes RSA keys."""

    def load(self) -> None:
        """Make keys both ways and use them in every way, so that every module any of it needs is there."""
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
                f"an RSA key of {key.bits} bits cannot be imported; {_IMPORTED.start} to {_IMPORTED.stop - 1} can"
            )
        wire.check(key)
        encodings.check_trial(key, request)
        try:
            if not key.is_private:
                return RsaMaterial(None, rsa.RSAPublicNumbers(key.e, key.n).public_key())
            material = RsaMaterial(_private(wire.complete(key)))
        except ValueError as error:
            raise InvalidParameterError("the back end does not take the numbers of this RSA key") from error
        if request.flags != BCRYPT_NO_KEY_VALIDATION:
            _try(material)
        return material


def _try(material: RsaMaterial) -> None:
    """A signature that verifies, or the key's halves do not belong together."""
    message = token_bytes(min(32, material.size - 11))
    try:
        signature = material.private_key.sign(message, schemes.PKCS1v15(), utils.NoDigestInfo())
        if not material.verify_signature(message, signature, Pkcs1(None)):
            raise InvalidSignature
    except (InvalidSignature, ValueError) as error:
        raise InvalidParameterError("the private RSA key does not invert the public one") from error
