"""contract: rule-python-objects: the object API in full, for RSA and the elliptic curves."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from contract import data
from helpers import as_id
from oracles.blobs import RSA_HEADER, ecc_parameters, read_ecc_blob, rsa_full_blob, rsa_private_blob, rsa_public_blob
from oracles.ec import CURVES
from oracles.kdf import digest, hkdf, hmac_bytes, p_hash, tls1_prf
from oracles.rsa import DIGEST_INFO, pkcs1_block, pss_salt, rsa_numbers
from oracles.values import number, octets

import cngcore

KEY = rsa_numbers(1032)
HASHED = digest("SHA256", b"message")
Z = data.P256_TRUNCATE[::-1]


@pytest.fixture
def rsa() -> Iterator[Any]:
    with cngcore.open_algorithm_provider("RSA") as provider:
        yield provider


@pytest.fixture
def private(rsa: Any) -> Iterator[Any]:
    with rsa.import_key_pair("RSAPRIVATEBLOB", rsa_private_blob(KEY.n, KEY.e, KEY.p, KEY.q)) as key:
        yield key


@pytest.fixture
def secret() -> Iterator[Any]:
    """The secret of P256_ECDH_PRIV and P256_ECDH_PEER; big-endian it is Z."""
    with (
        cngcore.open_algorithm_provider("ECDH_P256") as provider,
        provider.import_key_pair("ECCPRIVATEBLOB", data.P256_ECDH_PRIV) as key,
        provider.import_key_pair("ECCPUBLICBLOB", data.P256_ECDH_PEER) as peer,
        key.agree(peer) as agreed,
    ):
        yield agreed


# ------------------------------------------------------------------------------------------------- the examples


def test_the_first_example() -> None:
    """contract: rule-python-objects: open, generate, finalize, sign with PSS, verify, export, import."""
    with cngcore.open_algorithm_provider("RSA") as rsa:
        with rsa.generate_key_pair(3072) as key:
            key.finalize()
            signature = key.sign_hash(HASHED, padding=cngcore.Pss("SHA256", salt_length=32))
            assert key.verify_signature(HASHED, signature, padding=cngcore.Pss("SHA256", salt_length=32)) is None
            blob = key.export("RSAPRIVATEBLOB")
        again = rsa.import_key_pair("RSAPRIVATEBLOB", blob)
    assert type(blob) is bytearray
    assert len(signature) == 384
    again.verify_signature(HASHED, signature, padding=cngcore.Pss("SHA256", salt_length=32))
    again.destroy()


@pytest.mark.parametrize(
    ("name", "length", "curve", "expected"),
    [
        ("RSA", 512, None, 512),
        ("ECDSA_P256", 256, None, 256),
        ("ECDH_P521", 521, None, 521),
        ("ECDSA", 0, "nistP384", 384),
        ("ECDH", 0, "curve25519", 255),
        ("ECDH", 256, "brainpoolP256r1", 256),
    ],
)
def test_one_step(name: str, length: int, curve: str | None, expected: int) -> None:
    """generate_key_pair(name, length=0, *, curve=None, ...) returns a finalized pair."""
    with cngcore.generate_key_pair(name, length, curve=curve) as key:
        assert key.state == "finalized"
        assert key.get_property("KeyLength") == expected
        assert key.get_property("AlgorithmName") == name


@pytest.mark.parametrize(
    ("arguments", "keywords", "error"),
    [
        (("NOSUCH",), {}, "NotFoundError"),
        (("RSA", 513), {}, "InvalidParameterError"),
        (("RSA", -1), {}, "InvalidParameterError"),
        (("ML-KEM-768",), {"parameter_set": "512"}, "InvalidParameterError"),
        (("X25519",), {"curve": "nistP256"}, "InvalidParameterError"),
        (("RSA", False), {}, "InvalidParameterError"),
        (("ECDSA",), {}, "InvalidParameterError"),
        (("ECDSA",), {"curve": "curve25519"}, "NotSupportedError"),
        (("ECDSA", 255), {"curve": "nistP256"}, "InvalidParameterError"),
        (("RSA", 512), {"curve": "nistP256"}, "NotSupportedError"),
        (("RSA", 512), {"flags": 8}, "InvalidParameterError"),
        (("RSA", 512), {"implementation": "nosuch"}, "NotFoundError"),
        ((None,), {}, "InvalidParameterError"),
        (("RSA", "512"), {}, "InvalidParameterError"),
    ],
    ids=as_id,
)
def test_one_step_refused(arguments: Any, keywords: Any, error: str) -> None:
    """The exception has the status that the contract gives.

    contract: rule-open, rule-generate-length, rule-set-curve-name, rule-finalize-status.
    """
    with pytest.raises(cngcore.CngError) as caught:
        cngcore.generate_key_pair(*arguments, **keywords)
    assert type(caught.value).__name__ == error


def test_parameter_sets_are_not_for_these() -> None:
    """a parameter set of an algorithm that has none; refused like any property it does not have.

    contract: rule-set-parameter-set-open.
    """
    with pytest.raises(cngcore.CngError) as caught:
        cngcore.generate_key_pair("ECDSA_P256", 256, parameter_set="44")
    assert type(caught.value) in (cngcore.NotSupportedError, cngcore.NotFoundError)


# ------------------------------------------------------------------------------------------------ the algorithm


def test_open_and_close() -> None:
    """open_algorithm_provider(...) -> AlgorithmProvider; .close() once; a context manager; keys live on.

    contract: rule-close.
    """
    provider = cngcore.open_algorithm_provider("ECDSA_P256")
    assert isinstance(provider, cngcore.AlgorithmProvider)
    key = provider.generate_key_pair(256)
    provider.close()
    with pytest.raises(cngcore.InvalidHandleError):
        provider.close()
    for call in (
        lambda: provider.generate_key_pair(256),
        lambda: provider.import_key_pair("ECCPUBLICBLOB", data.ECDSA_P256_PUB),
        lambda: provider.get_property("AlgorithmName"),
        lambda: provider.set_property("ECCCurveName", "nistP256"),
    ):
        with pytest.raises(cngcore.InvalidHandleError):
            call()
    key.finalize()
    assert len(key.sign_hash(HASHED)) == 64
    key.destroy()
    with cngcore.open_algorithm_provider("RSA") as other:
        pass
    with pytest.raises(cngcore.InvalidHandleError):
        other.generate_key_pair(512)


def test_open_by_requirement() -> None:
    """key_length=, parameter_set=, operation= are requirements; NotFoundError where nobody meets them.

    contract: rule-open.
    """
    for keywords in ({"key_length": 2048}, {"operation": "sign"}, {"key_length": 512, "operation": "encrypt"}):
        with cngcore.open_algorithm_provider("RSA", **keywords) as provider:
            assert provider.get_property("AlgorithmName") == "RSA"
    for keywords in ({"key_length": 513}, {"operation": "agree"}, {"parameter_set": "768"}):
        with pytest.raises(cngcore.NotFoundError):
            cngcore.open_algorithm_provider("RSA", **keywords)
    with cngcore.open_algorithm_provider("RSA", "Microsoft Primitive Provider") as provider:
        implementation = provider.declaration.implementation
    with cngcore.open_algorithm_provider("RSA", implementation) as provider:
        assert provider.declaration.implementation == implementation


def test_declaration_and_provenance(rsa: Any, private: Any) -> None:
    """.declaration is the Algorithm, .provenance says whose it is; a key has the same provenance."""
    assert isinstance(rsa.declaration, cngcore.provider.Algorithm)
    assert rsa.declaration.name == "RSA"
    assert {"sign", "encrypt"} <= set(rsa.declaration.operations)
    for thing in (rsa, private):
        assert thing.provenance.distribution == "cngcore-rsa"
        assert thing.provenance.implementation == rsa.declaration.implementation
        assert thing.provenance.version


def test_algorithm_properties() -> None:
    """get_property and set_property of an algorithm have Python values.

    contract: rule-set-property, rule-get-property.
    """
    with cngcore.open_algorithm_provider("ECDH") as provider:
        provider.set_property("ECCCurveName", "brainpoolP256r1")
        assert provider.get_property("ECCCurveName") == "brainpoolP256r1"
        assert "curve25519" in provider.get_property("ECCCurveNameList")
        key = provider.generate_key_pair(256)
        assert key.get_property("KeyStrength") == 256
        key.destroy()
    with cngcore.open_algorithm_provider("RSA") as provider:
        lengths = provider.get_property("KeyLengths")
        assert (lengths.minimum, lengths.maximum, lengths.step) == (512, 16384, 64)
        assert lengths == cngcore.KeyLengths(512, 16384, 64)
        assert type(provider.get_property("PaddingSchemes")) is int


# ------------------------------------------------------------------------------------------------------ the key


def test_states() -> None:
    """.state: "empty", "finalized", "destroyed"; finalize once, destroy once (contract: rule-life-cycle)."""
    with cngcore.open_algorithm_provider("ECDSA_P256") as provider:
        key = provider.generate_key_pair(256)
        assert isinstance(key, cngcore.KeyPair)
        assert key.state == "empty"
        for call in (lambda: key.sign_hash(HASHED), lambda: key.export("ECCPUBLICBLOB"), key.public):
            with pytest.raises(cngcore.InvalidHandleError):
                call()
        key.finalize()
        assert key.state == "finalized"
        with pytest.raises(cngcore.InvalidHandleError):
            key.finalize()
        key.destroy()
        assert key.state == "destroyed"
        for call in (
            key.destroy,
            key.finalize,
            key.public,
            lambda: key.sign_hash(HASHED),
            lambda: key.get_property("KeyLength"),
            lambda: key.set_property("KeyLength", 256),
            lambda: key.export("ECCPUBLICBLOB"),
        ):
            with pytest.raises(cngcore.InvalidHandleError):
                call()


def test_a_key_as_a_context_manager() -> None:
    """with ... as key: destroyed at the end, also after an exception, and when it was destroyed inside."""
    with cngcore.generate_key_pair("ECDSA_P256", 256) as key:
        pass
    assert key.state == "destroyed"
    with pytest.raises(ZeroDivisionError), cngcore.generate_key_pair("ECDSA_P256", 256) as key:
        raise ZeroDivisionError
    assert key.state == "destroyed"
    with cngcore.generate_key_pair("ECDSA_P256", 256) as key:
        key.destroy()


def test_a_failed_finalize_can_be_repeated() -> None:
    """contract: rule-life-failed-finalize: the key stays empty [wine-impl]."""
    with cngcore.open_algorithm_provider("ECDSA") as provider, provider.generate_key_pair() as key:
        with pytest.raises(cngcore.InvalidParameterError):
            key.finalize()
        assert key.state == "empty"
        key.set_property("ECCCurveName", "nistP256")
        key.finalize()
        assert key.state == "finalized"


def test_key_properties(rsa: Any) -> None:
    """Python types: int, str, bytes, dataclasses; ProviderHandle gives the AlgorithmProvider.

    contract: rule-python-object-calls.
    """
    with rsa.generate_key_pair(512) as key:
        key.set_property("KeyLength", 576)
        for wrong in (513, -1, 2**32):
            with pytest.raises(cngcore.InvalidParameterError):
                key.set_property("KeyLength", wrong)
        for wrong in ("576", b"\x40\2\0\0", None, 576.0, True):
            with pytest.raises(cngcore.InvalidParameterError):
                key.set_property("KeyLength", wrong)
        assert key.get_property("KeyLength") == 576
        assert key.get_property("ProviderHandle") is rsa
        key.finalize()
        assert key.get_property("KeyStrength") == 576
        assert key.get_property("SignatureLength") == 72
        assert key.get_property("AlgorithmName") == "RSA"
        with pytest.raises(cngcore.NotSupportedError):
            key.get_property("NoSuchProperty")


def test_curve_parameters_are_a_frozen_dataclass() -> None:
    """Structured properties are frozen dataclasses; what one key gives, another takes.

    contract: rule-set-ecc-parameters.
    """
    with cngcore.generate_key_pair("ECDH", curve="brainpoolP256r1") as key:
        value = key.get_property("ECCParameters")
    assert isinstance(value, cngcore.EccParameters)
    assert dataclasses.is_dataclass(value)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, dataclasses.fields(value)[0].name, 0)
    with cngcore.open_algorithm_provider("ECDH") as provider, provider.generate_key_pair() as key:
        key.set_property("ECCParameters", value)
        key.finalize()
        fields = read_ecc_blob(bytes(key.export("ECCPRIVATEBLOB")))
        assert CURVES["brainpoolP256r1"].has(fields["x"], fields["y"])
        assert key.get_property("ECCParameters") == value
    with cngcore.open_algorithm_provider("ECDH") as provider:
        for wrong in (ecc_parameters(CURVES["nistP256"])[:-1], "nistP256", 5, None):
            with pytest.raises(cngcore.InvalidParameterError):
                provider.set_property("ECCParameters", wrong)
    with pytest.raises(dataclasses.FrozenInstanceError):
        cngcore.KeyLengths(1, 2, 3).minimum = 5  # type: ignore[misc]


def test_public_halves(private: Any) -> None:
    """.public() is a public-only KeyPair of its own; the private operations are InvalidParameterError.

    contract: rule-sign-public-key, rule-decrypt-public-key, rule-export-private-of-public.
    """
    with private.public() as public:
        assert public.state == "finalized"
        signature = private.sign_hash(HASHED, cngcore.Pkcs1("SHA256"))
        public.verify_signature(HASHED, signature, cngcore.Pkcs1("SHA256"))
        assert private.decrypt(public.encrypt(b"text", cngcore.Pkcs1()), cngcore.Pkcs1()) == b"text"
        for call in (
            lambda: public.sign_hash(HASHED, cngcore.Pkcs1("SHA256")),
            lambda: public.decrypt(bytes(129), cngcore.Pkcs1()),
            lambda: public.export("RSAPRIVATEBLOB"),
            lambda: public.export("RSAFULLPRIVATEBLOB"),
        ):
            with pytest.raises(cngcore.InvalidParameterError):
                call()
        with public.public() as again:
            assert again.export("RSAPUBLICBLOB") == public.export("RSAPUBLICBLOB")
    assert private.state == "finalized"


def test_a_public_half_outlives_its_pair() -> None:
    """Lifetimes are independent (contract: rule-lifetimes)."""
    key = cngcore.generate_key_pair("ECDSA_P256", 256)
    signature, public = key.sign_hash(HASHED), key.public()
    key.destroy()
    public.verify_signature(HASHED, signature)
    public.destroy()


@pytest.mark.parametrize(
    ("blob_type", "kind"), [("RSAPUBLICBLOB", bytes), ("RSAPRIVATEBLOB", bytearray), ("RSAFULLPRIVATEBLOB", bytearray)]
)
def test_exports(blob_type: str, kind: type, rsa: Any, private: Any) -> None:
    """A bytearray for anything private, to be wiped by its owner; bytes for what is public; and back again."""
    blob = private.export(blob_type)
    assert type(blob) is kind
    expected = {
        "RSAPUBLICBLOB": rsa_public_blob(KEY.n, KEY.e),
        "RSAPRIVATEBLOB": rsa_private_blob(KEY.n, KEY.e, KEY.p, KEY.q),
        "RSAFULLPRIVATEBLOB": None,
    }[blob_type]
    assert expected is None or blob == expected
    with rsa.import_key_pair(blob_type, blob) as key:
        assert key.export(blob_type) == blob
    if kind is bytearray:
        blob[:] = bytes(len(blob))
        assert private.export(blob_type) != blob


@pytest.mark.parametrize("name", ["ECDSA_P256", "ECDH_P256"])
def test_ecc_exports(name: str) -> None:
    """The same for the curves, in the short and in the full form."""
    with cngcore.generate_key_pair(name, 256) as key:
        for blob_type in ("ECCPRIVATEBLOB", "ECCFULLPRIVATEBLOB"):
            assert type(key.export(blob_type)) is bytearray
        for blob_type in ("ECCPUBLICBLOB", "ECCFULLPUBLICBLOB"):
            assert type(key.export(blob_type)) is bytes


# --------------------------------------------------------------------------------------------------- operations


@pytest.mark.parametrize("name", [None, "SHA1", "SHA256", "SHA512"])
def test_pkcs1_signatures(name: str | None, private: Any) -> None:
    """Pkcs1(hash=None): the block of RFC 8017 9.2, without DigestInfo where there is no name.

    contract: rule-sign-rsa-no-oid.
    """
    hashed = digest(name or "SHA1", b"message")
    signature = private.sign_hash(hashed, cngcore.Pkcs1(name))
    assert type(signature) is bytes
    prefix = b"" if name is None else DIGEST_INFO[name]
    assert octets(pow(number(signature), KEY.e, KEY.n), 129) == pkcs1_block(prefix + hashed, 129)
    private.verify_signature(hashed, signature, cngcore.Pkcs1(name))
    with pytest.raises(cngcore.InvalidSignatureError):
        private.verify_signature(hashed[::-1], signature, cngcore.Pkcs1(name))


def test_pss_signatures(private: Any) -> None:
    """Pss(hash, salt_length): honoured, and by default as long as the hash (contract: rule-sign-rsa-salt)."""
    signature = private.sign_hash(HASHED, cngcore.Pss("SHA256", 9))
    salt = pss_salt(octets(pow(number(signature), KEY.e, KEY.n), 129), 1032, HASHED, "SHA256")
    assert salt is not None
    assert len(salt) == 9
    with pytest.raises(cngcore.InvalidSignatureError):
        private.verify_signature(HASHED, signature, cngcore.Pss("SHA256", 10))
    by_default = private.sign_hash(HASHED, cngcore.Pss("SHA256"))
    private.verify_signature(HASHED, by_default, cngcore.Pss("SHA256", 32))


def test_encryption(private: Any) -> None:
    """encrypt and decrypt: no padding is raw RSA; Pkcs1(); Oaep(hash, label=b"").

    contract: rule-encrypt, rule-decrypt.
    """
    block = b"\0" * 128 + b"\2"
    assert private.encrypt(block) == octets(pow(2, KEY.e, KEY.n), 129)
    assert private.decrypt(private.encrypt(block)) == block
    for padding in (cngcore.Pkcs1(), cngcore.Oaep("SHA1"), cngcore.Oaep("SHA256", label=b"label")):
        ciphertext = private.encrypt(b"text", padding=padding)
        assert type(ciphertext) is bytes
        assert private.decrypt(ciphertext, padding=padding) == b"text"
    with pytest.raises(cngcore.InvalidParameterError):
        private.decrypt(private.encrypt(b"text", cngcore.Oaep("SHA1")), cngcore.Oaep("SHA1", b"label"))


@pytest.mark.parametrize(
    ("kind", "arguments", "fields"),
    [
        ("Pkcs1", (), {"hash": None}),
        ("Pss", ("SHA256", 32), {"hash": "SHA256", "salt_length": 32}),
        ("Oaep", ("SHA1",), {"hash": "SHA1", "label": b""}),
        ("PqDsa", (), {"context": b"", "prehash": None}),
    ],
)
def test_paddings(kind: str, arguments: tuple[Any, ...], fields: dict[str, Any]) -> None:
    """The four paddings: their fields and defaults; values, equal by content and not to be changed."""
    padding = getattr(cngcore, kind)(*arguments)
    for name, value in fields.items():
        assert getattr(padding, name) == value
        with pytest.raises(AttributeError):
            setattr(padding, name, value)
    assert padding == getattr(cngcore, kind)(**fields)
    assert hash(padding) == hash(getattr(cngcore, kind)(**fields))


@pytest.mark.parametrize("padding", ["PKCS1", 2, object(), cngcore.PqDsa(), cngcore.Oaep("SHA1"), None], ids=as_id)
def test_paddings_that_do_not_sign(padding: Any, private: Any) -> None:
    """contract: rule-sign-rsa-padding: what is no signature padding of RSA is InvalidParameterError; none is too."""
    with pytest.raises(cngcore.InvalidParameterError):
        private.sign_hash(HASHED, padding)
    with pytest.raises(cngcore.InvalidParameterError):
        private.verify_signature(HASHED, bytes(129), padding)


@pytest.mark.parametrize("padding", ["PKCS1", 2, object(), cngcore.PqDsa(), cngcore.Pss("SHA1", 20)], ids=as_id)
def test_paddings_that_do_not_encrypt(padding: Any, private: Any) -> None:
    """contract: rule-encrypt: what is no encryption padding of RSA is InvalidParameterError."""
    with pytest.raises(cngcore.InvalidParameterError):
        private.encrypt(b"text", padding)
    with pytest.raises(cngcore.InvalidParameterError):
        private.decrypt(bytes(129), padding)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_inputs_are_any_buffer(kind: type, private: Any) -> None:
    """contract: rule-python-buffers, here too."""
    signature = private.sign_hash(kind(HASHED), cngcore.Pkcs1("SHA256"))
    private.verify_signature(kind(HASHED), kind(signature), cngcore.Pkcs1("SHA256"))
    assert private.decrypt(kind(private.encrypt(kind(b"text"), cngcore.Pkcs1())), cngcore.Pkcs1()) == b"text"


# ---------------------------------------------------------------------------------------- agreement, derivation


def test_agree() -> None:
    """.agree(peer) -> Secret; peer may be a pair or a public half; the secret outlives both.

    contract: rule-agreement, rule-lifetimes.
    """
    one, two = (cngcore.generate_key_pair("ECDH", curve="curve25519") for _ in range(2))
    with one.agree(two.public()) as here, two.agree(one) as there:
        assert isinstance(here, cngcore.Secret)
        one.destroy()
        two.destroy()
        assert here.derive("TRUNCATE") == there.derive("TRUNCATE")
        assert len(here.derive("TRUNCATE")) == 32
    with pytest.raises(cngcore.InvalidHandleError):
        here.derive("TRUNCATE")
    with pytest.raises(cngcore.InvalidHandleError):
        here.destroy()


def test_derive(secret: Any) -> None:
    """Secret.derive(kdf, length=None, *, ...): every keyword of contract: rule-python-object-calls, against the KDFs'
    own texts (contract: rule-derive).
    """
    seed = bytes(range(64))
    assert secret.derive("TRUNCATE") == data.P256_TRUNCATE
    assert secret.derive("TRUNCATE", 5) == data.P256_TRUNCATE[:5]
    assert secret.derive("HASH") == data.P256_HASH_SHA1
    assert secret.derive("HASH", 10, hash="SHA256") == digest("SHA256", Z)[:10]
    assert secret.derive("HASH", prepend=b"a", append=b"b") == digest("SHA1", b"a" + Z + b"b")
    assert secret.derive("HMAC", hmac_key=b"key", hash="SHA384") == hmac_bytes(b"key", Z, "sha384")
    assert secret.derive("HMAC", hmac_key=b"k", prepend=b"a", append=b"b") == hmac_bytes(b"k", b"a" + Z + b"b", "sha1")
    assert secret.derive("HMAC", prepend=b"a", append=b"b") == hmac_bytes(Z, b"a" + Z + b"b", "sha1")
    assert secret.derive("TLS_PRF", label=b"label", seed=seed) == tls1_prf(Z, b"label", seed, 48)
    assert secret.derive("TLS_PRF", label=b"label", seed=seed, protocol=0x303) == p_hash(
        Z, b"label" + seed, "sha256", 48
    )
    concat = digest("SHA256", b"\0\0\0\1" + Z + b"auvpq")
    parts = {"algorithm_id": b"a", "party_u": b"u", "party_v": b"v", "supp_public": b"p", "supp_private": b"q"}
    assert secret.derive("SP800_56A_CONCAT", **parts) == concat
    assert secret.derive("HKDF", 42, hash="SHA256", salt=b"s", info=b"i") == hkdf(Z, b"s", b"i", "sha256", 42)
    assert secret.derive("HKDF", 42, hash="SHA256") == hkdf(Z, b"", b"", "sha256", 42)


@pytest.mark.parametrize(
    ("arguments", "keywords", "error"),
    [
        (("NOSUCH",), {}, cngcore.NotSupportedError),
        (("HASH",), {"hash": "AES"}, cngcore.NotSupportedError),
        ((None,), {}, cngcore.InvalidParameterError),
        (("HASH",), {"hash": 5}, cngcore.InvalidParameterError),
        (("HASH", -1), {}, cngcore.InvalidParameterError),
        (("HASH", "20"), {}, cngcore.InvalidParameterError),
        (("HASH",), {"prepend": "text"}, cngcore.InvalidParameterError),
        (("TLS_PRF",), {"label": b"l", "seed": bytes(63)}, cngcore.InvalidParameterError),
        (("TLS_PRF",), {"seed": bytes(64)}, cngcore.InvalidParameterError),
        (("HKDF",), {"hash": "SHA256"}, cngcore.InvalidParameterError),
        (("HKDF", 32), {}, cngcore.InvalidParameterError),
        (("HKDF", 255 * 32 + 1), {"hash": "SHA256"}, cngcore.InvalidParameterError),
    ],
    ids=as_id,
)
def test_derive_refused(arguments: Any, keywords: Any, error: type[Exception], secret: Any) -> None:
    """NOT_SUPPORTED for an unknown function or hash, INVALID_PARAMETER for what is wrong or missing.

    contract: rule-derive.
    """
    with pytest.raises(error):
        secret.derive(*arguments, **keywords)


# ------------------------------------------------------------------------------------------- secrets stay secret


def words(blob: bytes) -> list[str]:
    """How a number of a key might show in a text."""
    return [blob.hex(), blob.hex().upper(), repr(blob)[2:-1], str(number(blob))]


def test_nothing_secret_in_repr(private: Any, secret: Any, rsa: Any) -> None:
    """docs/explanation/security.md: secrets never appear in repr, logs or exceptions."""
    texts = [repr(thing) + str(thing) for thing in (rsa, private, secret, private.provenance)]
    full = rsa_full_blob(KEY)
    primes_at = RSA_HEADER.size + 3 + 129
    for bad in (full[:-1], full[:primes_at] + b"\0" + full[primes_at + 1 :]):
        with pytest.raises(cngcore.CngError) as caught:
            rsa.import_key_pair("RSAFULLPRIVATEBLOB", bad)
        chain: BaseException | None = caught.value
        while chain is not None:
            texts.append(repr(chain) + str(chain))
            chain = chain.__cause__ or chain.__context__
    for text in texts:
        for value in (octets(KEY.p), octets(KEY.q), octets(KEY.d), Z, data.P256_TRUNCATE):
            assert not any(word in text for word in words(value))
        assert "0x" not in text or "object at" not in text


def test_keys_are_not_copied_or_pickled(private: Any, secret: Any, rsa: Any) -> None:
    """the portable duplicate is export and import; nothing secret slips out by pickling.

    contract: rule-life-cycle, rule-duplicate-key.
    """
    for thing in (private, secret, rsa):
        for copier in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises((cngcore.CngError, TypeError)):
                copier(thing)


def test_key_lengths_without_a_step_are_one_length() -> None:
    """the increment is 0 where there is nothing between the two, as a fixed curve tells it.

    contract: rule-layout-structures.
    """
    rule = cngcore.KeyLengths(256, 256, 0)
    assert [length for length in (0, 255, 256, 257) if rule.accepts(length, {})] == [256]
    rule = cngcore.KeyLengths(256, 512, 0)
    assert [length for length in (255, 256, 257, 320, 512) if rule.accepts(length, {})] == [256]


def test_a_registry_of_ones_own() -> None:
    """cngcore.Registry(...) for an application that wants its own (contract: rule-python-registry)."""
    serving = cngcore.registry.default().algorithms()["RSA"]
    registry = cngcore.Registry(windows="7", block=serving)
    with pytest.raises(cngcore.NotFoundError):
        registry.open_algorithm_provider("RSA")
    with pytest.raises(cngcore.NotFoundError):
        registry.open_algorithm_provider("ECDSA")
    with registry.open_algorithm_provider("ECDSA_P256") as provider:
        assert provider.get_property("AlgorithmName") == "ECDSA_P256"
    with registry.generate_key_pair("ECDSA_P256", 256) as key:
        assert key.state == "finalized"
    assert "ECDSA_P256" in registry.algorithms()
    assert "RSA" not in registry.algorithms()
    with pytest.raises(cngcore.NotFoundError):
        cngcore.Registry(discover=False).open_algorithm_provider("ECDSA_P256")
    with pytest.raises(TypeError):
        cngcore.Registry("7")  # type: ignore[misc]
