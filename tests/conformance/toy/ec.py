"""ECDSA and ECDH on P-256, over cryptography."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from cngcore.blobs import ecc
from cngcore.blobs.curves import CURVES
from cngcore.constants import BCRYPT_NO_KEY_VALIDATION
from cngcore.provider import KeyFactory, KeyMaterial
from cngcore.status import InvalidParameterError

CURVE = CURVES["nistP256"]


class Digest(hashes.HashAlgorithm):
    """A digest of some length."""

    name, block_size = "any digest", None

    def __init__(self, size):
        self._size = size

    @property
    def digest_size(self):
        return self._size


class Material(KeyMaterial):
    family = ""

    def __init__(self, private, public=None):
        self.private_key = private
        self.public_key = public or private.public_key()

    @property
    def has_private(self):
        return self.private_key is not None

    def public(self):
        return type(self)(None, self.public_key)

    def export(self, blob_type):
        point = self.public_key.public_numbers()
        d = b""
        if self.private_key is not None and "PRIVATE" in blob_type:
            d = self.private_key.private_numbers().private_value.to_bytes(32, "big")
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        return ecc.build(blob_type, family=self.family, curve=CURVE, x=x, y=y, d=d, generic=False)

    def get_property(self, name):
        if name == "SignatureLength":
            return self.signature_length
        return super().get_property(name)


class Ecdsa(Material):
    family = "ECDSA"
    signature_length = 64

    def scheme(self, digest, padding):
        if padding is not None or not digest:
            raise InvalidParameterError("ECDSA takes a digest and no padding")
        return ec.ECDSA(utils.Prehashed(Digest(len(digest))))

    def sign_hash(self, digest, padding):
        scheme = self.scheme(digest, padding)
        r, s = utils.decode_dss_signature(self.private_key.sign(digest, scheme))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def verify_signature(self, digest, signature, padding):
        scheme = self.scheme(digest, padding)
        if len(signature) != 64:
            raise InvalidParameterError("a signature on P-256 has 64 bytes")
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        try:
            self.public_key.verify(utils.encode_dss_signature(r, s), digest, scheme)
        except InvalidSignature:
            return False
        return True


class Ecdh(Material):
    family = "ECDH"

    def agree(self, peer):
        return self.private_key.exchange(ec.ECDH(), peer.public_key)


class EcFactory(KeyFactory):
    material = Material

    def generate(self, request):
        return self.material(ec.generate_private_key(ec.SECP256R1()))

    def import_key(self, blob_type, blob, request):
        parsed = ecc.parse(blob_type, blob, family=self.material.family)
        if parsed.curve is None or parsed.curve.bits != 256:
            raise InvalidParameterError("this is no key on P-256")
        x, y = int.from_bytes(parsed.x, "big"), int.from_bytes(parsed.y, "big")
        if parsed.d:
            foreign = request is not None and request.flags == BCRYPT_NO_KEY_VALIDATION
            return self.with_private(int.from_bytes(parsed.d, "big"), *((0, 0) if foreign else (x, y)))
        if not CURVE.on_curve(x, y):
            raise InvalidParameterError("the point does not lie on P-256")
        return self.material(None, ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key())

    def with_private(self, d, x, y):
        if not 0 < d < CURVE.n:
            raise InvalidParameterError("the private key is out of range")
        key = ec.derive_private_key(d, ec.SECP256R1())
        point = key.public_key().public_numbers()
        if (x, y) not in ((0, 0), (point.x, point.y)):
            raise InvalidParameterError("the halves do not belong together")
        return self.material(key)


class EcdsaFactory(EcFactory):
    material = Ecdsa

    def load(self):
        key = self.generate(None)
        for half in (key, key.public(), self.import_key("ECCPRIVATEBLOB", key.export("ECCPRIVATEBLOB"), None)):
            half.verify_signature(bytes(32), key.sign_hash(bytes(32), None), None)
            self.import_key("ECCPUBLICBLOB", half.export("ECCPUBLICBLOB"), None)


class EcdhFactory(EcFactory):
    material = Ecdh
