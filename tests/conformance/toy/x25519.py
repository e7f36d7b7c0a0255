"""X25519, as ECDH on curve25519, over cryptography."""

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from cngcore.blobs import ecc
from cngcore.blobs.curves import CURVES
from cngcore.families.ecc import curve_property
from cngcore.provider import KeyFactory, KeyMaterial
from cngcore.status import InvalidParameterError

CURVE = CURVES["curve25519"]


class X25519(KeyMaterial):
    def __init__(self, private, public=None):
        self.private_key = private
        self.public_key = public or private.public_key()

    @property
    def has_private(self):
        return self.private_key is not None

    def public(self):
        return X25519(None, self.public_key)

    def agree(self, peer):
        try:
            return self.private_key.exchange(peer.public_key)
        except ValueError:
            raise InvalidParameterError("the secret would be zero") from None

    def export(self, blob_type):
        x = self.public_key.public_bytes_raw()
        d = self.private_key.private_bytes_raw() if self.has_private and "PRIVATE" in blob_type else b""
        return ecc.build(blob_type, family="ECDH", curve=CURVE, x=x, y=b"", d=d, generic=True)

    def get_property(self, name):
        return curve_property(CURVE, name)


def clamped(scalar):
    return bytes([scalar[0] & 248]) + scalar[1:31] + bytes([scalar[31] & 127 | 64])


class X25519Factory(KeyFactory):
    def load(self):
        key = self.generate(None)
        key.agree(self.import_key("ECCPUBLICBLOB", key.export("ECCPUBLICBLOB"), None))
        self.import_key("ECCPRIVATEBLOB", key.export("ECCPRIVATEBLOB"), None)

    def generate(self, request):
        new = X25519PrivateKey.generate().private_bytes_raw()
        return X25519(X25519PrivateKey.from_private_bytes(clamped(new)))

    def import_key(self, blob_type, blob, request):
        parsed = ecc.parse(blob_type, blob, family="ECDH")
        if parsed.key_bytes != 32 or parsed.curve is not None or any(parsed.y):
            raise InvalidParameterError("this is no key on curve25519")
        if not parsed.d:
            return X25519(None, X25519PublicKey.from_public_bytes(parsed.x))
        if clamped(parsed.d) != parsed.d:
            raise InvalidParameterError("the scalar is not clamped")
        key = X25519PrivateKey.from_private_bytes(parsed.d)
        foreign = request is not None and request.flags == 8
        if not foreign and any(parsed.x) and parsed.x != key.public_key().public_bytes_raw():
            raise InvalidParameterError("the halves do not belong together")
        return X25519(key)
