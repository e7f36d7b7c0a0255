"""The rules of the key-derivation functions that vectors do not tell (contract: rule-derive)."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import pytest
from helpers import python
from hypothesis import given
from hypothesis import strategies as st

import cngcore
from cngcore.constants import (
    DTLS1_0_PROTOCOL_VERSION,
    SSL3_PROTOCOL_VERSION,
    TLS1_0_PROTOCOL_VERSION,
    TLS1_1_PROTOCOL_VERSION,
    TLS1_2_PROTOCOL_VERSION,
)
from cngcore.families import kdf
from cngcore.memory import LockedBuffer
from cngcore.status import InvalidParameterError, NotSupportedError

# P256_TRUNCATE and P256_HASH_SHA1, DH512_TRUNCATE and DH512_HASH_SHA1 of the cases
P256_Z = bytes.fromhex("48b011db694eb4f4f53ee19bca0004c89b69afd1af1fc2d7830ab7f84f24328e")[::-1]
P256_SHA1 = "1be7bf0f651ed007f9f477484839d0f8f3cefc89"
DH512_Z = bytes.fromhex(
    "738462c19a9cc2919fc1c2940ca82f58ac50cdd52943418e5dca73554d4650e5"
    "b734a9cb3a18689930ef5826d303610217b7ba01bcaedf3fb5b54ab008e5eac3"
)[::-1]
DH512_SHA1 = "a7fcff21b3d146b8213dc6d4e361975eb50afe8f"

PYTHON_NAME = {
    "MD5": "md5", "SHA1": "sha1", "SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512",
    "SHA3-256": "sha3_256", "SHA3-384": "sha3_384", "SHA3-512": "sha3_512",
}  # fmt: skip
HASHES = sorted(PYTHON_NAME)


@pytest.mark.parametrize(("z", "digest"), [(P256_Z, P256_SHA1), (DH512_Z, DH512_SHA1)])
def test_hash_of_the_secret(z: bytes, digest: str) -> None:
    """contract: rule-cases-agreement, H3, H8: SHA-1 of the big-endian secret; H2: TRUNCATE is its mirror."""
    assert kdf.kdf_hash(z).hex() == digest
    assert kdf.truncate(z) == z[::-1]


@pytest.mark.parametrize("hash_id", HASHES)
def test_hash_and_hmac(hash_id: str) -> None:
    """Prepend, secret, append in that order; HMAC with the secret as its key keeps it in the message."""
    name = PYTHON_NAME[hash_id]
    assert kdf.kdf_hash(b"z", hash_id, b"before", b"after") == hashlib.new(name, b"beforezafter").digest()
    assert kdf.kdf_hmac(b"z", hash_id, b"key", b"before", b"after") == hmac.digest(b"key", b"beforezafter", name)
    assert kdf.kdf_hmac(b"z", hash_id, None, b"before", b"after") == hmac.digest(b"z", b"beforezafter", name)
    assert kdf.kdf_hmac(b"z", hash_id, b"") == hmac.digest(b"", b"z", name)


@pytest.mark.parametrize("hash_id", HASHES)
def test_a_system_under_fips_rules_offers_every_hash(hash_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There OpenSSL refuses MD5 unless it is told that the digest protects nothing, as hashlib passes it on."""
    real = hashlib.new

    def strict(name: str, data: bytes = b"", *, usedforsecurity: bool = True) -> Any:
        if usedforsecurity:
            raise ValueError("disabled for FIPS")
        return real(name, data, usedforsecurity=False)

    expected = real(PYTHON_NAME[hash_id], b"z").digest()
    monkeypatch.setattr(hashlib, "new", strict)
    assert kdf.kdf_hash(b"z", hash_id) == expected
    with cngcore.open_algorithm_provider(hash_id) as algorithm, algorithm.create_hash() as state:
        state.update(b"z")
        assert state.finish() == expected


@given(st.binary(max_size=200), st.binary(max_size=300), st.sampled_from(HASHES))
def test_hmac_is_the_hmac_of_the_standard_library(key: bytes, message: bytes, hash_id: str) -> None:
    """Keys shorter and longer than the block, in ours and in OpenSSL's."""
    assert kdf.kdf_hmac(message, hash_id, key) == hmac.digest(key, message, PYTHON_NAME[hash_id])


@pytest.mark.parametrize("hash_id", ["INVALID", "RNG", "AES", "MD2", "MD4", "SHA224", "sha256", "SHAKE128", ""])
def test_unknown_hash(hash_id: str) -> None:
    """contract: rule-derive [wine-test]: NOT_SUPPORTED, in every function that takes a hash."""
    assert not kdf.knows(hash_id)
    for derive in (
        lambda: kdf.new_hash(hash_id),
        lambda: kdf.kdf_hash(b"z", hash_id),
        lambda: kdf.kdf_hmac(b"z", hash_id, b"k"),
        lambda: kdf.tls_prf(b"z", b"label", bytes(64), protocol=TLS1_2_PROTOCOL_VERSION, hash_id=hash_id),
        lambda: kdf.sp800_56a_concat(b"z", hash_id, b"", b"", b""),
        lambda: kdf.hkdf_extract(b"z", hash_id),
        lambda: kdf.hkdf_expand(b"z", hash_id, b"", 1),
    ):
        with pytest.raises(NotSupportedError):
            derive()


def test_a_hash_is_a_string() -> None:
    wrong: Any
    for wrong in (None, 1, b"SHA1", []):
        with pytest.raises(InvalidParameterError):
            kdf.new_hash(wrong)
    assert all(kdf.knows(hash_id) for hash_id in HASHES)


@pytest.mark.parametrize("label", [None, b""])
def test_tls_needs_a_label(label: bytes | None) -> None:
    with pytest.raises(InvalidParameterError, match="label"):
        kdf.tls_prf(b"z", label, bytes(64))


@pytest.mark.parametrize("seed", [None, b"", bytes(63), bytes(65), bytes(32)])
def test_tls_needs_a_seed_of_64_bytes(seed: bytes | None) -> None:
    with pytest.raises(InvalidParameterError, match="seed"):
        kdf.tls_prf(b"z", b"label", seed)


def test_tls_protocols() -> None:
    """None is the PRF of TLS 1.0 and 1.1, whatever the hash; 1.2 takes SHA-256 unless told; others are refused."""
    old = kdf.tls_prf(b"secret", b"label", bytes(64))
    assert len(old) == 48
    for protocol in (TLS1_0_PROTOCOL_VERSION, TLS1_1_PROTOCOL_VERSION):
        assert kdf.tls_prf(b"secret", b"label", bytes(64), protocol=protocol, hash_id="SHA256") == old
    new = kdf.tls_prf(b"secret", b"label", bytes(64), protocol=TLS1_2_PROTOCOL_VERSION)
    assert new == kdf.tls_prf(b"secret", b"label", bytes(64), protocol=TLS1_2_PROTOCOL_VERSION, hash_id="SHA256")
    assert new != old
    for protocol in (SSL3_PROTOCOL_VERSION, DTLS1_0_PROTOCOL_VERSION + 1, 0x0304, 0, -1):
        with pytest.raises(NotSupportedError):
            kdf.tls_prf(b"secret", b"label", bytes(64), protocol=protocol)


def test_tls_1_0_shares_the_middle_byte_of_an_odd_secret() -> None:
    """RFC 2246 section 5: both halves have ceil(n / 2) bytes. Built again here, step by step."""
    secret, seed = bytes(range(7)), b"label" + bytes(64)

    def expand(key: bytes, name: str) -> bytes:
        chain, out = seed, b""
        while len(out) < 48:
            chain = hmac.digest(key, chain, name)
            out += hmac.digest(key, chain + seed, name)
        return out[:48]

    wanted = bytes(a ^ b for a, b in zip(expand(secret[:4], "md5"), expand(secret[3:], "sha1"), strict=True))
    assert kdf.tls_prf(secret, b"label", bytes(64)) == wanted
    assert len(kdf.tls_prf(b"", b"label", bytes(64))) == 48


def test_concat_needs_three() -> None:
    """AlgorithmID, PartyUInfo, PartyVInfo: absent is an error, empty is not."""
    for absent in range(3):
        one, two, three = (None if position == absent else b"" for position in range(3))
        with pytest.raises(InvalidParameterError):
            kdf.sp800_56a_concat(b"z", "SHA256", one, two, three)
    wanted = hashlib.sha256(b"\0\0\0\1z").digest()
    assert kdf.sp800_56a_concat(b"z", "SHA256", b"", b"", b"") == wanted


def test_concat_order_and_length() -> None:
    info = (b"id", b"u", b"v", b"public", b"private")
    blocks = [hashlib.sha384(bytes((0, 0, 0, i)) + b"z" + b"".join(info)).digest() for i in (1, 2, 3)]
    assert kdf.sp800_56a_concat(b"z", "SHA384", *info) == blocks[0]
    assert kdf.sp800_56a_concat(b"z", "SHA384", *info, length=100) == b"".join(blocks)[:100]
    assert kdf.sp800_56a_concat(b"z", "SHA384", *info, length=0) == b""
    with pytest.raises(InvalidParameterError):
        kdf.sp800_56a_concat(b"z", "SHA384", *info, length=2**32 * 48)


def test_hkdf_limits() -> None:
    """RFC 5869: 255 digests at most; no salt is as good as an empty one, or one of zeros."""
    prk = kdf.hkdf_extract(b"z", "SHA1")
    assert prk == kdf.hkdf_extract(b"z", "SHA1", b"") == kdf.hkdf_extract(b"z", "SHA1", bytes(20))
    assert len(kdf.hkdf_expand(prk, "SHA1", b"", 255 * 20)) == 255 * 20
    with pytest.raises(InvalidParameterError):
        kdf.hkdf_expand(prk, "SHA1", b"", 255 * 20 + 1)
    assert kdf.hkdf_expand(prk, "SHA1", b"", 0) == b""


def test_no_negative_lengths() -> None:
    calls: tuple[Callable[[], bytes], ...] = (
        lambda: kdf.hkdf_expand(b"", "SHA1", b"", -1),
        lambda: kdf.sp800_56a_concat(b"", "SHA1", b"", b"", b"", length=-1),
        lambda: kdf.tls_prf(b"", b"l", bytes(64), -1),
        lambda: kdf.tls_prf(b"", b"l", bytes(64), -1, TLS1_2_PROTOCOL_VERSION),
    )
    for derive in calls:
        with pytest.raises(InvalidParameterError):
            derive()


def test_any_buffer_serves() -> None:
    """A secret may be in locked memory, a bytearray or a view."""
    z = bytes(range(32))
    with LockedBuffer(32, z) as held:
        for buffer in (held, bytearray(z), memoryview(z)):
            assert kdf.kdf_hash(buffer) == kdf.kdf_hash(z)
            assert kdf.kdf_hmac(buffer) == kdf.kdf_hmac(z)
            assert kdf.truncate(buffer) == z[::-1]
            assert kdf.tls_prf(buffer, buffer, memoryview(z + z)) == kdf.tls_prf(z, z, z + z)
            assert kdf.hkdf_extract(buffer, "SHA256", buffer) == kdf.hkdf_extract(z, "SHA256", z)
            assert kdf.hkdf_expand(buffer, "SHA256", buffer, 5) == kdf.hkdf_expand(z, "SHA256", z, 5)
            assert kdf.sp800_56a_concat(buffer, "SHA256", z, z, z) == kdf.sp800_56a_concat(z, "SHA256", z, z, z)


def test_import_brings_no_hash_library() -> None:
    code = "import sys, cngcore.families.kdf; print(*sorted({'hashlib', 'hmac', '_hashlib'} & set(sys.modules)))"
    assert python(code).stdout.strip() == ""
