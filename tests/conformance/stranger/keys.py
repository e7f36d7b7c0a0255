"""X448, over cryptography."""

from cryptography.hazmat.primitives.asymmetric.x448 import X448PrivateKey, X448PublicKey
from toy_cng import PRIVATE, magic

from cngcore.provider import KeyFactory, KeyMaterial
from cngcore.status import BadDataError, InvalidParameterError

P = 2**448 - 2**224 - 1


class Key(KeyMaterial):
    def __init__(self, private, public=None):
        self.private_key = private
        self.public_key = public or private.public_key()

    @property
    def has_private(self):
        return self.private_key is not None

    def public(self):
        return Key(None, self.public_key)

    def agree(self, peer):
        try:
            return bytearray(self.private_key.exchange(peer.public_key))
        except ValueError:
            raise InvalidParameterError("the secret would be zero") from None

    def export(self, blob_type):
        if blob_type == PRIVATE:
            return bytearray(magic(True) + self.private_key.private_bytes_raw())
        return magic(False) + self.public_key.public_bytes_raw()

    def get_property(self, name):
        return {"KeyLength": 448}[name]


class Factory(KeyFactory):
    def load(self):
        key = self.generate(None)
        key.agree(key.public())
        for blob_type in (PRIVATE, PRIVATE.replace("PRIVATE", "PUBLIC")):
            self.import_key(blob_type, key.export(blob_type), None)

    def generate(self, request):
        return Key(X448PrivateKey.generate())

    def import_key(self, blob_type, blob, request):
        if len(blob) != 60 or blob[:4] != magic(blob_type == PRIVATE):
            raise BadDataError("this is no key of X448")
        encoded = blob[4:]
        if blob_type == PRIVATE:
            return Key(X448PrivateKey.from_private_bytes(encoded))
        if int.from_bytes(encoded, "little") >= P:
            raise InvalidParameterError("u is not below p")
        return Key(None, X448PublicKey.from_public_bytes(encoded))
