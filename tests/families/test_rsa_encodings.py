"""cngcore.families.rsa against cryptography: what one makes the other takes, on keys of every odd size."""

import hashlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding as schemes
from cryptography.hazmat.primitives.asymmetric import rsa, utils

import cngcore
from cngcore.families import rsa as encodings

KINDS = {"SHA1": hashes.SHA1(), "SHA256": hashes.SHA256(), "SHA384": hashes.SHA384(), "SHA512": hashes.SHA512()}


@pytest.fixture(scope="module", params=[1024, 1025, 1031, 1032, 1280])
def key(request):
    """Sizes at which an encoding has no byte, or some bits, to spare."""
    return rsa.generate_private_key(65537, request.param)


def raw_private(key, block):
    numbers = key.private_numbers()
    return pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n)


def raw_public(key, block):
    numbers = key.public_key().public_numbers()
    size = (key.key_size + 7) // 8
    return pow(int.from_bytes(block, "big"), numbers.e, numbers.n).to_bytes(size, "big")


def digest_of(hash_id, data=b"message"):
    return hashlib.new(encodings.HASHES[hash_id][0], data).digest()


@pytest.mark.parametrize("hash_id", ["SHA1", "SHA256"])
@pytest.mark.parametrize("salt", [0, 1, 20, 32])
def test_pss_both_ways(key, hash_id, salt):
    size, kind, digest = (key.key_size + 7) // 8, KINDS[hash_id], digest_of(hash_id)
    scheme = schemes.PSS(schemes.MGF1(kind), salt)
    block = encodings.pss_encode(digest, hash_id, salt, key.key_size)
    assert len(block) == size
    key.public_key().verify(raw_private(key, block).to_bytes(size, "big"), digest, scheme, utils.Prehashed(kind))
    theirs = raw_public(key, key.sign(digest, scheme, utils.Prehashed(kind)))
    assert encodings.pss_verify(digest, theirs, hash_id, salt, key.key_size)
    for index in (0, 1, size // 2, size - 1):
        changed = theirs[:index] + bytes([theirs[index] ^ 0x10]) + theirs[index + 1 :]
        assert not encodings.pss_verify(digest, changed, hash_id, salt, key.key_size)
    assert not encodings.pss_verify(digest_of(hash_id, b"other"), theirs, hash_id, salt, key.key_size)
    assert not encodings.pss_verify(digest, theirs, hash_id, salt + 1, key.key_size)


@pytest.mark.parametrize("hash_id", KINDS)
def test_pkcs1_signatures_both_ways(key, hash_id):
    size, kind, digest = (key.key_size + 7) // 8, KINDS[hash_id], digest_of(hash_id)
    block = encodings.pkcs1_signature_block(encodings.digest_info(digest, hash_id), size)
    signature = raw_private(key, block).to_bytes(size, "big")
    key.public_key().verify(signature, digest, schemes.PKCS1v15(), utils.Prehashed(kind))
    assert raw_public(key, key.sign(digest, schemes.PKCS1v15(), utils.Prehashed(kind))) == block
    without = encodings.pkcs1_signature_block(encodings.digest_info(digest, hash_id, null=False), size)
    with pytest.raises(InvalidSignature):
        key.public_key().verify(
            raw_private(key, without).to_bytes(size, "big"), digest, schemes.PKCS1v15(), utils.Prehashed(kind)
        )


@pytest.mark.parametrize("message", [b"", b"x", b"\0", b"m" * 60])
def test_pkcs1_encryption_both_ways(key, message):
    size = (key.key_size + 7) // 8
    block = encodings.pkcs1_encode(message, size)
    assert encodings.pkcs1_decode(block) == message
    assert 0 not in block[2 : size - len(message) - 1]
    assert key.decrypt(raw_public(key, block), schemes.PKCS1v15()) == message
    theirs = key.public_key().encrypt(message, schemes.PKCS1v15())
    assert encodings.pkcs1_decode(raw_private(key, theirs).to_bytes(size, "big")) == message


@pytest.mark.parametrize("hash_id", ["SHA1", "SHA256"])
@pytest.mark.parametrize("label", [b"", b"label"])
def test_oaep_both_ways(key, hash_id, label):
    size, kind = (key.key_size + 7) // 8, KINDS[hash_id]
    scheme = schemes.OAEP(schemes.MGF1(kind), kind, label or None)
    assert key.decrypt(raw_public(key, encodings.oaep_encode(b"hello", label, size, hash_id)), scheme) == b"hello"
    theirs = raw_private(key, key.public_key().encrypt(b"hello", scheme)).to_bytes(size, "big")
    assert encodings.oaep_decode(theirs, label, hash_id) == b"hello"


@pytest.mark.parametrize(
    "call",
    [
        lambda: encodings.digest_info(bytes(31), "SHA256"),
        lambda: encodings.pkcs1_signature_block(b"", 128),
        lambda: encodings.pkcs1_signature_block(bytes(118), 128),
        lambda: encodings.pkcs1_encode(bytes(118), 128),
        lambda: encodings.oaep_encode(bytes(87), b"", 128, "SHA1"),
        lambda: encodings.pss_encode(bytes(32), "SHA256", 95, 1024),
        lambda: encodings.pss_encode(bytes(32), "SHA256", -1, 1024),
        lambda: encodings.pss_encode(bytes(32), "SHA256", True, 1024),
        lambda: encodings.pss_encode(bytes(20), "SHA256", 20, 1024),
        lambda: encodings.pss_verify(bytes(20), bytes(128), "SHA256", 20, 1024),
    ],
)
def test_what_does_not_fit_is_refused(call):
    with pytest.raises(cngcore.InvalidParameterError):
        call()


@pytest.mark.parametrize("hash_id", ["AES", None, 7, "sha256"])
def test_what_is_no_hash(hash_id):
    with pytest.raises(cngcore.NotSupportedError, match="does not support the hash"):
        encodings.digest_size(hash_id)
