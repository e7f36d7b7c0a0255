"""contract: rule-sign, rule-verify, decision "RSA": verifying refuses what signing refuses."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import imported
from oracles.blobs import rsa_private_blob
from oracles.rsa import rsa_numbers
from oracles.values import octets

from cngcore import bcrypt
from cngcore.families import rsa as encodings

INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
PKCS1, PSS = bcrypt.BCRYPT_PAD_PKCS1, bcrypt.BCRYPT_PAD_PSS


def pkcs1(name: str | None) -> Any:
    return bcrypt.BCRYPT_PKCS1_PADDING_INFO(name)


def pss(name: str, salt: int) -> Any:
    return bcrypt.BCRYPT_PSS_PADDING_INFO(name, salt)


@pytest.mark.parametrize(
    ("bits", "info", "flags", "size"),
    [
        (1025, pss("SHA1", 107), PSS, 20),
        (1032, pss("SHA1", 108), PSS, 20),
        (512, pss("SHA512", 0), PSS, 64),
        (256, pkcs1("SHA512"), PKCS1, 64),
        (384, pkcs1("SHA512"), PKCS1, 64),
        (1032, pkcs1(None), PKCS1, 119),
        (1032, pkcs1("SHA256"), PKCS1, 31),
    ],
)
def test_what_no_signature_goes_with(bits, info, flags, size):
    key = rsa_numbers(bits)
    blob = rsa_private_blob(key.n, key.e, key.p, key.q)
    with imported("RSA", bcrypt.BCRYPT_RSAPRIVATE_BLOB, blob, flags=bcrypt.BCRYPT_NO_KEY_VALIDATION) as handle:
        signature = bytearray((bits + 7) // 8)
        assert bcrypt.BCryptSignHash(handle, info, bytes(size), signature, flags)[0] == INVALID_PARAMETER
        assert bcrypt.BCryptVerifySignature(handle, info, bytes(size), signature, flags) == INVALID_PARAMETER


def test_the_longest_salt_of_1025_bits():
    key = rsa_numbers(1025)
    with imported("RSA", bcrypt.BCRYPT_RSAPRIVATE_BLOB, rsa_private_blob(key.n, key.e, key.p, key.q)) as handle:
        signature = bytearray(129)
        assert bcrypt.BCryptSignHash(handle, pss("SHA1", 106), bytes(20), signature, PSS)[0].is_success
        assert bcrypt.BCryptVerifySignature(handle, pss("SHA1", 106), bytes(20), signature, PSS).is_success


@pytest.mark.parametrize("name", encodings.HASHES)
def test_a_digest_info_without_null(name):
    key = rsa_numbers(1032)
    digest = bytes(range(encodings.digest_size(name)))
    block = encodings.pkcs1_signature_block(encodings.digest_info(digest, name, null=False), 129)
    signature = octets(pow(int.from_bytes(block, "big"), key.d, key.n), 129)
    with imported("RSA", bcrypt.BCRYPT_RSAPRIVATE_BLOB, rsa_private_blob(key.n, key.e, key.p, key.q)) as handle:
        assert bcrypt.BCryptVerifySignature(handle, pkcs1(name), digest, signature, PKCS1).is_success
        written = bytearray(129)
        assert bcrypt.BCryptSignHash(handle, pkcs1(name), digest, written, PKCS1)[0].is_success
        assert written != signature
