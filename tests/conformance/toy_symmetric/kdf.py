"""PBKDF2, the counter mode of SP 800-108, and HKDF."""

import hashlib
import hmac

from cngcore.provider import KdfFactory
from cngcore.status import InvalidParameterError, NotSupportedError

HASHES = {"SHA1": "sha1", "SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512"}


def name_of(hash_id):
    if hash_id not in HASHES:
        raise NotSupportedError(f"there is no hash {hash_id!r} here")
    return HASHES[hash_id]


class Pbkdf2(KdfFactory):
    def derive(self, secret, parameters, length, flags):
        salt, count = parameters.get("KDF_SALT", b""), parameters.get("KDF_ITERATION_COUNT", 10000)
        return hashlib.pbkdf2_hmac(name_of(parameters["KDF_HASH_ALGORITHM"]), secret, salt, count, length)


class Counter(KdfFactory):
    def derive(self, secret, parameters, length, flags):
        name = name_of(parameters["KDF_HASH_ALGORITHM"])
        fixed = parameters.get("KDF_LABEL", b"") + b"\0" + parameters.get("KDF_CONTEXT", b"")
        fixed = parameters.get("KDF_GENERIC_PARAMETER", fixed) + (8 * length).to_bytes(4, "big")
        output, block = b"", 1
        while len(output) < length:
            output += hmac.digest(secret, block.to_bytes(4, "big") + fixed, name)
            block += 1
        return output[:length]


class Hkdf(KdfFactory):
    def extract(self, secret, hash_id, salt):
        name = name_of(hash_id)
        return hmac.digest(salt or bytes(hashlib.new(name).digest_size), secret, name)

    def derive(self, secret, parameters, length, flags):
        name = name_of(parameters["KDF_HASH_ALGORITHM"])
        if length > 255 * hashlib.new(name).digest_size:
            raise InvalidParameterError("HKDF gives at most 255 digests")
        output, last, block = b"", b"", 1
        while len(output) < length:
            last = hmac.digest(secret, last + parameters.get("KDF_HKDF_INFO", b"") + bytes((block,)), name)
            output += last
            block += 1
        return output[:length]
