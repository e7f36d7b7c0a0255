"""ML-KEM over cryptography, private keys as seeds."""

from cryptography.hazmat.primitives.asymmetric import mlkem

from cngcore.blobs import pq
from cngcore.provider import KeyFactory, KeyMaterial
from cngcore.status import InvalidBufferSizeError, InvalidParameterError

PRIVATE = {"768": mlkem.MLKEM768PrivateKey, "1024": mlkem.MLKEM1024PrivateKey}
PUBLIC = {"768": mlkem.MLKEM768PublicKey, "1024": mlkem.MLKEM1024PublicKey}
CIPHERTEXT = {"768": 1088, "1024": 1568}


def probe():
    """cryptography's own wheel has ML-KEM."""


class Mlkem(KeyMaterial):
    def __init__(self, name, private, public=None):
        self.name = name
        self.private_key = private
        self.public_key = public or private.public_key()

    @property
    def has_private(self):
        return self.private_key is not None

    @property
    def kem_lengths(self):
        return 32, CIPHERTEXT[self.name]

    def encapsulate(self):
        return self.public_key.encapsulate()

    def decapsulate(self, ciphertext):
        if len(ciphertext) != CIPHERTEXT[self.name]:
            raise InvalidBufferSizeError("a ciphertext of this set has another length")
        return self.private_key.decapsulate(ciphertext)

    def public(self):
        return Mlkem(self.name, None, self.public_key)

    def export(self, blob_type):
        if blob_type == "MLKEMPUBLICBLOB":
            return pq.build(blob_type, self.name, self.public_key.public_bytes_raw())
        return pq.build(blob_type, self.name, self.private_key.private_bytes_raw())

    def get_property(self, name):
        if name == "ParameterSetName":
            return self.name
        if name == "KEMCiphertextLength":
            return CIPHERTEXT[self.name]
        return super().get_property(name)


class MlkemFactory(KeyFactory):
    def generate(self, request):
        return Mlkem(request.parameter_set, PRIVATE[request.parameter_set].generate())

    def import_key(self, blob_type, blob, request):
        parsed = pq.parse(blob_type, blob)
        name = parsed.parameter_set
        if name not in PRIVATE:
            raise InvalidParameterError("no such parameter set here")
        try:
            if parsed.is_private:
                return Mlkem(name, PRIVATE[name].from_seed_bytes(parsed.key))
            return Mlkem(name, None, PUBLIC[name].from_public_bytes(parsed.key))
        except ValueError:
            raise InvalidParameterError("these bytes are no key") from None
