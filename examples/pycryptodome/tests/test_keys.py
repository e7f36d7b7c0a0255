"""Tests that the kit does not have: pycryptodome itself verifies and encrypts, and the choice of the provider."""

import hashlib

import pytest
from Crypto.Cipher import PKCS1_OAEP
from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import pkcs1_15, pss

import cngcore
from cngcore.blobs import rsa as wire
from cngcore.padding import Oaep, Pkcs1, Pss

DIGEST = hashlib.sha256(b"message").digest()


@pytest.fixture(scope="module")
def key():
    with cngcore.open_algorithm_provider("RSA", "pycryptodome") as provider:
        key = provider.generate_key_pair(1024)
        key.finalize()
        yield key


def public_of(key):
    numbers = wire.parse("RSAPUBLICBLOB", key.export("RSAPUBLICBLOB"))
    return RSA.construct((numbers.n, numbers.e))


def test_signatures_verify_in_pycryptodome_over_the_message(key):
    pkcs1_15.new(public_of(key)).verify(SHA256.new(b"message"), key.sign_hash(DIGEST, Pkcs1("SHA256")))
    scheme = pss.new(public_of(key), salt_bytes=20)
    scheme.verify(SHA256.new(b"message"), key.sign_hash(DIGEST, Pss("SHA256", 20)))


def test_a_ciphertext_of_pycryptodome_is_decrypted(key):
    ciphertext = PKCS1_OAEP.new(public_of(key), hashAlgo=SHA256, label=b"label").encrypt(b"text")
    assert key.decrypt(ciphertext, Oaep("SHA256", b"label")) == b"text"


def test_it_is_chosen_only_if_it_is_preferred():
    assert cngcore.Registry(prefer=["pycryptodome"]).explain("RSA").chosen.implementation == "pycryptodome"
    others = cngcore.Registry(prefer=[""]).explain("RSA").verdicts
    if len(others) > 1:  # cngcore-rsa is installed too
        assert others[0].candidate.implementation == "cryptography"


def test_a_short_key_can_be_imported_but_not_generated():
    with cngcore.open_algorithm_provider("RSA", "pycryptodome") as provider:
        with pytest.raises(cngcore.InvalidParameterError):
            provider.generate_key_pair(512)
        n, e = 2**512 - 569, 65537  # a modulus is not factored on import
        public = provider.import_key_pair("RSAPUBLICBLOB", wire.build("RSAPUBLICBLOB", wire.RsaKey(n, e)))
        assert public.get_property("KeyLength") == 512
