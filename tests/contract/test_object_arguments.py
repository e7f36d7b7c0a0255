"""Arguments of a wrong kind given to the object API: api.md section 7 has INVALID_PARAMETER for them, in both APIs.

Never a TypeError of Python's, and never STATUS_INTERNAL_ERROR, which is kept for a provider's own fault.
"""

from __future__ import annotations

from typing import Any

import pytest

import cngcore

RELEASED = memoryview(b"label")
RELEASED.release()
NO_BYTES: list[Any] = [None, 5, -1, 1.5, "label", [], object(), RELEASED]
NO_NUMBERS: list[Any] = ["1", b"1", 1.5, None, [], object()]


@pytest.fixture(scope="module")
def rsa() -> cngcore.KeyPair:
    return cngcore.generate_key_pair("RSA", 1024)


@pytest.mark.parametrize("hash_id", ["SHA256", "MD5"], ids=["the library's", "our own"])
@pytest.mark.parametrize("label", NO_BYTES, ids=repr)
def test_labels_that_are_no_bytes(label: Any, hash_id: str, rsa: cngcore.KeyPair) -> None:
    """A number is no label: bytes(5) would be five zeros."""
    for operation, text in ((rsa.encrypt, b"text"), (rsa.decrypt, bytes(128))):
        with pytest.raises(cngcore.InvalidParameterError, match="label"):
            operation(text, cngcore.Oaep(hash_id, label))


def test_labels_of_any_buffer(rsa: cngcore.KeyPair) -> None:
    ciphertext = rsa.encrypt(b"text", cngcore.Oaep("SHA256", bytearray(b"label")))  # type: ignore[arg-type]
    assert rsa.decrypt(ciphertext, cngcore.Oaep("SHA256", b"label")) == b"text"


@pytest.mark.parametrize("context", NO_BYTES, ids=repr)
def test_contexts_that_are_no_bytes(context: Any) -> None:
    with cngcore.generate_key_pair("ML-DSA", parameter_set="44") as key:
        for padding in (cngcore.PqDsa(context), cngcore.PqDsa(context, "SHA512")):
            with pytest.raises(cngcore.InvalidParameterError, match="context"):
                key.sign_hash(bytes(64), padding)
