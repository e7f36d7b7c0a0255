"""Each method of a provider, and the calls of both APIs that reach it. A call of the flat API answers with a status."""

from collections.abc import Callable
from typing import Any, NamedTuple

from cngcore import bcrypt


class Way(NamedTuple):
    """``flat`` and ``thing`` take the bench; either may be missing where an API does not get there."""

    flat: Callable[[Any], Any] | None
    thing: Callable[[Any], Any] | None


WAYS: dict[str, Way] = {
    "generate": Way(lambda b: bcrypt.BCryptFinalizeKeyPair(b.flat_empty), lambda b: b.empty.finalize()),
    "import_key": Way(
        lambda b: bcrypt.BCryptImportKeyPair(b.flat_provider, None, "FAULTYPUBLICBLOB", b"blob"),
        lambda b: b.provider.import_key_pair("FAULTYPUBLICBLOB", b"blob"),
    ),
    "has_private": Way(
        lambda b: bcrypt.BCryptSignHash(b.flat_key, None, b"hash", bytearray(4)), lambda b: b.key.sign_hash(b"hash")
    ),
    "signature_length": Way(lambda b: bcrypt.BCryptSignHash(b.flat_key, None, None), lambda b: b.key.size_of("sign")),
    "encryption_length": Way(lambda b: bcrypt.BCryptEncrypt(b.flat_key, b"x"), lambda b: b.key.size_of("encrypt")),
    "kem_lengths": Way(lambda b: bcrypt.BCryptEncapsulate(b.flat_key), lambda b: b.key.kem_sizes()),
    "sign_hash": Way(
        lambda b: bcrypt.BCryptSignHash(b.flat_key, None, b"hash", bytearray(4)), lambda b: b.key.sign_hash(b"hash")
    ),
    "verify_signature": Way(
        lambda b: bcrypt.BCryptVerifySignature(b.flat_key, None, b"hash", b"sign"),
        lambda b: b.key.verify_signature(b"hash", b"sign"),
    ),
    "encrypt": Way(
        lambda b: bcrypt.BCryptEncrypt(b.flat_key, b"text", None, None, bytearray(4), 1),
        lambda b: b.key.encrypt(b"text"),
    ),
    "decrypt": Way(
        lambda b: bcrypt.BCryptDecrypt(b.flat_key, b"encr", None, None, bytearray(9), 1),
        lambda b: b.key.decrypt(b"encr"),
    ),
    "agree": Way(lambda b: bcrypt.BCryptSecretAgreement(b.flat_key, b.flat_key), lambda b: b.key.agree(b.key)),
    "encapsulate": Way(
        lambda b: bcrypt.BCryptEncapsulate(b.flat_key, bytearray(4), bytearray(6)), lambda b: b.key.encapsulate()
    ),
    "decapsulate": Way(
        lambda b: bcrypt.BCryptDecapsulate(b.flat_key, b"cipher", bytearray(4)), lambda b: b.key.decapsulate(b"cipher")
    ),
    "export": Way(
        lambda b: bcrypt.BCryptExportKey(b.flat_key, None, "FAULTYPUBLICBLOB", bytearray(9)),
        lambda b: b.key.export("FAULTYPUBLICBLOB"),
    ),
    "public": Way(None, lambda b: b.key.public()),
    "get_property": Way(
        lambda b: bcrypt.BCryptGetProperty(b.flat_key, "KeyLength", bytearray(4)),
        lambda b: b.key.get_property("KeyLength"),
    ),
    "load": Way(
        lambda b: bcrypt.BCryptOpenAlgorithmProvider("FAULTY", None, 1),
        lambda b: b.registry.open_algorithm_provider("FAULTY", flags=1),
    ),
    "back_end_version": Way(None, lambda b: b.key.provenance.back_end_version),
    "accepts": Way(
        lambda b: bcrypt.BCryptGenerateKeyPair(b.flat_provider, 8), lambda b: b.provider.generate_key_pair(8)
    ),
    "check": Way(
        lambda b: bcrypt.BCryptSetProperty(b.flat_empty, "KeyLength", 8), lambda b: b.empty.set_property("KeyLength", 8)
    ),
    "value": Way(
        lambda b: bcrypt.BCryptGetProperty(b.flat_empty, "KeyStrength", bytearray(4)),
        lambda b: b.empty.get_property("KeyStrength"),
    ),
    "start": Way(lambda b: bcrypt.BCryptCreateHash(b.flat_hash_provider), lambda b: b.hash_provider.create_hash()),
    "update": Way(lambda b: bcrypt.BCryptHashData(b.flat_hash, b"data"), lambda b: b.hash.update(b"data")),
    "digest_length": Way(lambda b: bcrypt.BCryptFinishHash(b.flat_hash, bytearray(4)), lambda b: b.hash.finish()),
    "digest": Way(lambda b: bcrypt.BCryptFinishHash(b.flat_hash, bytearray(4)), lambda b: b.hash.finish()),
    "copy": Way(lambda b: bcrypt.BCryptDuplicateHash(b.flat_hash), lambda b: b.hash.copy()),
    "fill": Way(
        lambda b: bcrypt.BCryptGenRandom(b.flat_random, bytearray(4)),
        lambda b: b.random.fill_random(memoryview(bytearray(4))),
    ),
}
