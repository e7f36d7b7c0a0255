"""RSA over cryptography: PKCS #1 v1.5 and PSS signatures, OAEP and raw encryption."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding as schemes
from cryptography.hazmat.primitives.asymmetric import rsa, utils

from cngcore.blobs import rsa as wire
from cngcore.families import rsa as encodings
from cngcore.padding import Oaep, Pkcs1, Pss
from cngcore.provider import KeyFactory, KeyMaterial
from cngcore.status import InvalidParameterError, NotSupportedError

HASHES = {"SHA1": hashes.SHA1, "SHA256": hashes.SHA256}


def hash_of(name):
    if name not in HASHES:
        raise NotSupportedError("no such hash")
    return HASHES[name]()


class Rsa(KeyMaterial):
    def __init__(self, private, public=None):
        self.private_key = private
        self.public_key = public or private.public_key()

    @property
    def has_private(self):
        return self.private_key is not None

    @property
    def size(self):
        return (self.public_key.key_size + 7) // 8

    signature_length = encryption_length = size

    def scheme(self, digest, padding):
        if not digest:
            raise InvalidParameterError("there is no digest")
        if isinstance(padding, Pkcs1) and padding.hash is None:
            if len(digest) > self.size - 11:
                raise InvalidParameterError("the digest does not fit")
            return schemes.PKCS1v15(), utils.NoDigestInfo()
        if not isinstance(padding, Pkcs1 | Pss):
            raise InvalidParameterError("no padding for signatures")
        kind = hash_of(padding.hash)
        if len(digest) != kind.digest_size:
            raise InvalidParameterError("the digest is not as long as its hash")
        if isinstance(padding, Pkcs1):
            return schemes.PKCS1v15(), utils.Prehashed(kind)
        encoded = (self.public_key.key_size + 6) // 8
        if not 0 <= padding.salt_length <= encoded - kind.digest_size - 2:
            raise InvalidParameterError("no such salt")
        return schemes.PSS(schemes.MGF1(kind), padding.salt_length), utils.Prehashed(kind)

    def sign_hash(self, digest, padding):
        scheme, kind = self.scheme(digest, padding)
        return self.private_key.sign(digest, scheme, kind)

    def verify_signature(self, digest, signature, padding):
        if isinstance(padding, Pkcs1) and padding.optional_oid:
            with_oid = self.verify_signature(digest, signature, Pkcs1(padding.hash))
            return with_oid or self.verify_signature(digest, signature, Pkcs1(None))
        scheme, kind = self.scheme(digest, padding)
        encodings.check_signature(signature, self.public_key.public_numbers().n)
        try:
            self.public_key.verify(signature, digest, scheme, kind)
        except InvalidSignature:
            return self.without_null(digest, signature, padding)
        return True

    def without_null(self, digest, signature, padding):
        if not isinstance(padding, Pkcs1) or padding.hash is None:
            return False
        return self.verify_signature(encodings.digest_info(digest, padding.hash, null=False), signature, Pkcs1(None))

    def oaep(self, padding):
        if not isinstance(padding, Oaep):
            raise InvalidParameterError("no padding for encryption")
        kind = hash_of(padding.hash)
        return schemes.OAEP(schemes.MGF1(kind), kind, padding.label or None)

    def raw(self, block, exponent):
        n = self.public_key.public_numbers().n
        number = int.from_bytes(block, "big")
        if len(block) != self.size or number >= n:
            raise InvalidParameterError("no block for this key")
        return pow(number, exponent, n).to_bytes(self.size, "big")

    def encrypt(self, plaintext, padding):
        if padding is None:
            return self.raw(plaintext, self.public_key.public_numbers().e)
        scheme = schemes.PKCS1v15() if isinstance(padding, Pkcs1) else self.oaep(padding)
        try:
            return self.public_key.encrypt(plaintext, scheme)
        except ValueError:
            raise InvalidParameterError("the text is too long") from None

    def decrypt(self, ciphertext, padding):
        if padding is None or isinstance(padding, Pkcs1):
            block = self.raw(ciphertext, self.private_key.private_numbers().d)
            return block if padding is None else encodings.pkcs1_decode(block)
        scheme = self.oaep(padding)
        try:
            return self.private_key.decrypt(ciphertext, scheme)
        except ValueError:
            raise encodings.no_decryption() from None

    def export(self, blob_type):
        public = self.public_key.public_numbers()
        if "PRIVATE" not in blob_type:
            return wire.build(blob_type, wire.RsaKey(public.n, public.e))
        own = self.private_key.private_numbers()
        numbers = public.n, public.e, own.p, own.q, own.dmp1, own.dmq1, own.iqmp, own.d
        return wire.build(blob_type, wire.RsaKey(*numbers))

    def public(self):
        return Rsa(None, self.public_key)

    def get_property(self, name):
        if name == "KeyLength":
            return self.public_key.key_size
        return super().get_property(name)


class RsaFactory(KeyFactory):
    def generate(self, request):
        return Rsa(rsa.generate_private_key(65537, request.length))

    def import_key(self, blob_type, blob, request):
        key = wire.parse(blob_type, blob)
        if not 256 <= key.bits <= 16384:
            raise InvalidParameterError("no key has this length")
        if not 1024 <= key.bits <= 4096:
            raise NotSupportedError("no key of this length here")
        wire.check(key)
        try:
            if not key.is_private:
                return Rsa(None, rsa.RSAPublicNumbers(key.e, key.n).public_key())
            key = wire.complete(key)
            public = rsa.RSAPublicNumbers(key.e, key.n)
            return Rsa(rsa.RSAPrivateNumbers(key.p, key.q, key.d, key.dp, key.dq, key.qinv, public).private_key())
        except ValueError:
            raise InvalidParameterError("these numbers are no key") from None
