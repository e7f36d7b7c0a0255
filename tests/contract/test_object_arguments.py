"""Arguments of a wrong kind given to the object API: contract: rule-python-no-raise has INVALID_PARAMETER for them, in
both APIs.

Never a TypeError of Python's, and never STATUS_INTERNAL_ERROR, which is kept for a provider's own fault.
"""

from __future__ import annotations

import array
from collections.abc import Callable
from typing import Any

import pytest
from helpers import as_id

import cngcore
from cngcore.blobs.curves import CURVES
from cngcore.blobs.dsa import DsaParameters
from cngcore.blobs.ecc import EccParameters
from fuzz.arguments import NOT_BYTES, NOT_DWORDS, NOT_NUMBERS, NOT_TEXT, NOT_WRITABLE


@pytest.fixture(scope="module")
def rsa() -> cngcore.KeyPair:
    return cngcore.generate_key_pair("RSA", 1024)


@pytest.mark.parametrize("hash_id", ["SHA256", "MD5"], ids=["the library's", "our own"])
@pytest.mark.parametrize("label", NOT_BYTES, ids=as_id)
def test_labels_that_are_no_bytes(label: Any, hash_id: str, rsa: cngcore.KeyPair) -> None:
    """A number is no label: bytes(5) would be five zeros."""
    for operation, text in ((rsa.encrypt, b"text"), (rsa.decrypt, bytes(128))):
        with pytest.raises(cngcore.InvalidParameterError, match="label"):
            operation(text, cngcore.Oaep(hash_id, label))


def test_labels_of_any_buffer(rsa: cngcore.KeyPair) -> None:
    ciphertext = rsa.encrypt(b"text", cngcore.Oaep("SHA256", bytearray(b"label")))  # type: ignore[arg-type]
    assert rsa.decrypt(ciphertext, cngcore.Oaep("SHA256", b"label")) == b"text"


@pytest.mark.parametrize("context", NOT_BYTES, ids=as_id)
def test_contexts_that_are_no_bytes(context: Any) -> None:
    with cngcore.generate_key_pair("ML-DSA", parameter_set="44") as key:
        for padding in (cngcore.PqDsa(context), cngcore.PqDsa(context, "SHA512")):
            with pytest.raises(cngcore.InvalidParameterError, match="context"):
                key.sign_hash(bytes(64), padding)


# --- secrets and hashes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", NOT_DWORDS, ids=as_id)
def test_protocols_that_are_no_dword(protocol: Any) -> None:
    key = cngcore.generate_key_pair("ECDH_P256", 256)
    with key, key.agree(key) as secret, pytest.raises(cngcore.InvalidParameterError):
        secret.derive("TLS_PRF", label=b"label", seed=bytes(64), protocol=protocol)


@pytest.mark.parametrize("length", NOT_DWORDS, ids=as_id)
@pytest.mark.parametrize("name", ["SHA1", "SHAKE128"])
def test_digest_lengths_that_are_no_dword(name: str, length: Any) -> None:
    with cngcore.open_algorithm_provider(name) as algorithm, algorithm.create_hash() as state:
        with pytest.raises(cngcore.InvalidParameterError):
            state.finish(length)
        assert state.finish()  # a refusal does not spend it


@pytest.mark.parametrize("name", [None, *NOT_TEXT], ids=as_id)
def test_property_names_that_are_no_strings(name: Any) -> None:
    state = cngcore.open_algorithm_provider("SHA256").create_hash()
    with state, pytest.raises(cngcore.InvalidParameterError):
        state.get_property(name)
    with cngcore.generate_key_pair("ECDH_P256", 256) as key, key.agree(key) as secret:
        for call in (secret.get_property, secret.setting, lambda word: secret.set_property(word, None)):
            with pytest.raises(cngcore.InvalidParameterError):
                call(name)


@pytest.mark.parametrize("buffer", NOT_WRITABLE, ids=lambda one: type(one).__name__)
def test_buffers_that_cannot_be_filled(buffer: Any) -> None:
    with cngcore.open_algorithm_provider("RNG") as random, pytest.raises(cngcore.InvalidParameterError):
        random.fill_random(buffer)


def test_any_writable_buffer_is_filled() -> None:
    numbers = array.array("Q", [0] * 64)
    with cngcore.open_algorithm_provider("RNG") as random:
        random.fill_random(numbers)  # type: ignore[arg-type]
    assert len(set(numbers)) == 64


# --- structures --------------------------------------------------------------------------------------------

P256 = CURVES["nistP256"]
DSA = {"p": 2**1023 + 1, "q": 2**159 + 1, "g": 2}
ECC = {"p": P256.p, "a": P256.a, "b": P256.b, "gx": P256.gx, "gy": P256.gy, "n": P256.n, "h": 1}


@pytest.mark.parametrize(
    ("make", "fields", "name"),
    [
        *((DsaParameters, DSA, name) for name in ("p", "q", "g", "count", "standard_version")),
        *((EccParameters, ECC, name) for name in ("p", "a", "gy", "n", "h", "curve_type", "version")),
        *((EccParameters, ECC, name) for name in ("field_bytes", "cofactor_bytes", "generation_alg_id")),
    ],
)
@pytest.mark.parametrize("value", [*NOT_NUMBERS, True], ids=as_id)
def test_fields_that_are_no_numbers(make: Callable[..., Any], fields: dict[str, Any], name: str, value: Any) -> None:
    known = {"seed": bytes(20)} if name == "count" else {}
    with pytest.raises(cngcore.InvalidParameterError):
        make(**{**fields, **known, name: value})


@pytest.mark.parametrize(("make", "fields"), [(DsaParameters, {**DSA, "count": 5}), (EccParameters, ECC)])
@pytest.mark.parametrize("seed", ["x" * 20, 20, [0] * 20], ids=["str", "int", "list"])
def test_seeds_that_are_no_bytes(make: Callable[..., Any], fields: dict[str, Any], seed: Any) -> None:
    with pytest.raises(cngcore.InvalidParameterError, match="seed"):
        make(**fields, seed=seed)


@pytest.mark.parametrize("width", ["field_bytes", "order_bytes", "cofactor_bytes"])
def test_widths_above_a_dword(width: str) -> None:
    with pytest.raises(cngcore.InvalidParameterError):
        EccParameters(**ECC, **{width: 1 << 32})


def test_parameters_with_a_seed_in_a_bytearray() -> None:
    """The value keeps bytes of its own, so that it stays what was set."""
    with cngcore.generate_key_pair("DSA", 512) as made:
        told = made.get_property("DSAParameters")
    seed = bytearray(told.seed)
    given = DsaParameters(p=told.p, q=told.q, g=told.g, count=told.count, seed=seed)  # type: ignore[arg-type]
    seed[:] = bytes(20)
    with cngcore.open_algorithm_provider("DSA") as dsa, dsa.generate_key_pair(512) as key:
        key.set_property("DSAParameters", given)
        key.finalize()
        assert key.get_property("DSAParameters") == told


@pytest.mark.parametrize("value", NOT_TEXT, ids=as_id)
def test_names_that_are_no_strings(value: Any, rsa: cngcore.KeyPair) -> None:
    """What cannot be hashed is refused like anything else that is no name."""
    calls: list[Callable[[], object]] = [
        lambda: cngcore.open_algorithm_provider(value),
        lambda: cngcore.open_algorithm_provider("RSA", value),
        lambda: cngcore.open_algorithm_provider("RSA", operation=value),
        lambda: cngcore.open_algorithm_provider("ML-KEM", parameter_set=value),
        lambda: cngcore.generate_key_pair(value),
        lambda: cngcore.generate_key_pair("ML-KEM", parameter_set=value),
        lambda: cngcore.generate_key_pair("ECDSA", curve=value),
        lambda: cngcore.registry.default().explain(value),
        lambda: rsa.require(value),
        lambda: rsa.size_of(value),
        lambda: rsa.export(value),
        lambda: rsa.get_property(value),
    ]
    for call in calls:
        with pytest.raises(cngcore.InvalidParameterError):
            call()


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=as_id)
def test_lengths_that_are_no_numbers(value: Any) -> None:
    for call in (
        lambda: cngcore.open_algorithm_provider("RSA", key_length=value),
        lambda: cngcore.generate_key_pair("RSA", value),
        lambda: cngcore.registry.default().explain("RSA", key_length=value),
    ):
        with pytest.raises(cngcore.InvalidParameterError):
            call()


def test_an_operation_without_a_size(rsa: cngcore.KeyPair) -> None:
    with pytest.raises(cngcore.InvalidParameterError, match="sign and encrypt"):
        rsa.size_of("agree")
