"""What a message of the Python API says to do: the mistakes of a first day, each with the remedy that it names."""

import pytest

import cngcore
from cngcore import InvalidParameterError, InvalidSignatureError, NotSupportedError
from cngcore.formats import encode


def message_of(error, call, *arguments, **named):
    with pytest.raises(error) as caught:
        call(*arguments, **named)
    return caught.value.message


# --- a key for one use, loaded for another ------------------------------------------------------------


@pytest.mark.parametrize("curve", ["P256", "P384", "P521"])
def test_a_key_that_is_loaded_for_another_use_is_loaded_right_as_the_message_says(curve):
    own = cngcore.generate_key_pair(f"ECDH_{curve}")
    loaded = cngcore.load_key(own.to_pem())
    said = message_of(NotSupportedError, loaded.agree, own.public())
    assert f"ECDSA_{curve} does not support 'agree'; it supports sign" in said
    assert f"load_key(..., algorithm='ECDH_{curve}')" in said
    again = cngcore.load_key(own.to_pem(), algorithm=f"ECDH_{curve}")
    assert again.agree(own.public()).raw() == own.agree(own).raw()
    said = message_of(NotSupportedError, own.sign, b"message")
    assert f"load_key(..., algorithm='ECDSA_{curve}')" in said


def test_a_peer_that_is_loaded_for_another_use_is_named_as_the_wrong_one():
    own = cngcore.generate_key_pair("ECDH_P256")
    peer = cngcore.load_key(cngcore.generate_key_pair("ECDH_P256").public().to_pem())
    said = message_of(NotSupportedError, own.agree, peer)
    assert said.startswith("the peer's key is wrong: ECDSA_P256 does not support 'agree'")
    assert "load_key(..., algorithm='ECDH_P256')" in said


def test_a_peer_of_the_generic_algorithm_is_loaded_as_the_message_says():
    own, theirs = cngcore.generate_key_pair("ECDH_P256"), cngcore.generate_key_pair("ECDH_P256").public().to_pem()
    said = message_of(InvalidParameterError, own.agree, cngcore.load_key(theirs, algorithm="ECDH"))
    assert "they are ECDH_P256 and ECDH. Load the peer's key with load_key(..., algorithm='ECDH_P256')" in said
    own.agree(cngcore.load_key(theirs, algorithm="ECDH_P256")).destroy()


def test_a_peer_on_another_curve_cannot_be_loaded_as_the_own_key():
    own, theirs = cngcore.generate_key_pair("ECDH_P256"), cngcore.generate_key_pair("ECDH_P384")
    said = message_of(InvalidParameterError, own.agree, theirs)
    assert said.endswith("they are ECDH_P256 and ECDH_P384")


def test_a_key_of_another_registry_is_imported_as_the_message_says():
    own, theirs = (cngcore.Registry().generate_key_pair("ECDH_P256") for _ in range(2))
    said = message_of(InvalidParameterError, own.agree, theirs)
    assert "they are ECDH_P256 by cryptography and by cryptography. Export the peer's public key" in said


def test_keys_of_curve25519_sign_nothing_under_any_name():
    said = message_of(NotSupportedError, cngcore.generate_key_pair("X25519").sign, b"message")
    assert said == "ECDH does not support 'sign'; it supports agree"


def test_rsa_sign_encrypts_if_it_is_loaded_as_rsa():
    key = cngcore.generate_key_pair("RSA_SIGN", 1024)
    said = message_of(NotSupportedError, key.encrypt, b"secret", cngcore.Oaep("SHA256"))
    assert "load_key(..., algorithm='RSA')" in said
    cngcore.load_key(key.to_pem(), algorithm="RSA").encrypt(b"secret", cngcore.Oaep("SHA256"))


# --- arguments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ECDSA", "ECDH"])
def test_a_generic_algorithm_asks_for_the_argument_that_it_needs(name):
    assert "pass curve='nistP256'" in message_of(InvalidParameterError, cngcore.generate_key_pair, name)
    cngcore.generate_key_pair(name, curve="nistP256").destroy()


@pytest.mark.parametrize(
    ("name", "length", "words"),
    [
        ("RSA", 2047, "512 to 16384 bits in steps of 64"),
        ("DSA", 1000, "512 to 3072 bits in steps of 64"),
        ("DH", 100, "512 to 4096 bits in steps of 64"),
        ("ECDSA_P256", 255, "256 bits only"),
        ("ECDH", 7, "0, or the bits of the curve that is set on the algorithm"),
        ("ML-KEM", 768, "no length, because the parameter set determines the size of the key"),
    ],
)
def test_a_wrong_length_is_answered_with_the_rule_in_words(name, length, words):
    with cngcore.open_algorithm_provider(name) as provider:
        said = message_of(InvalidParameterError, provider.generate_key_pair, length)
    assert said == f"{name} has no keys of {length} bits; it takes {words}"


def test_rsa_without_a_padding_names_one():
    key = cngcore.generate_key_pair("RSA", 1024)
    assert "pass a padding, Oaep('SHA256')" in message_of(InvalidParameterError, key.encrypt, b"secret")
    key.encrypt(b"secret", cngcore.Oaep("SHA256"))


@pytest.mark.parametrize("padding", [cngcore.Pkcs1(), cngcore.Oaep("SHA1"), cngcore.Oaep("SHA3-256")])
def test_a_message_that_is_too_long_is_answered_with_the_most_that_fits(padding):
    key = cngcore.generate_key_pair("RSA", 1024)
    said = message_of(InvalidParameterError, key.encrypt, bytes(128), padding)
    most = int(said.partition("encrypts up to ")[2].partition(" bytes")[0])
    key.encrypt(bytes(most), padding)
    assert message_of(InvalidParameterError, key.encrypt, bytes(most + 1), padding) == said.replace(
        "128", str(most + 1)
    )


@pytest.mark.parametrize(
    ("name", "meant"), [("hkdf", "HKDF"), ("tls-prf", "TLS_PRF"), ("SP800-56A-CONCAT", "SP800_56A_CONCAT")]
)
def test_a_key_derivation_that_is_nearly_right_is_named(name, meant):
    secret = cngcore.generate_key_pair("X25519").agree(cngcore.generate_key_pair("X25519"))
    assert f"did you mean {meant!r}?" in message_of(NotSupportedError, secret.derive, name, 32, hash="SHA256")
    assert "did you mean 'SHA256'?" in message_of(NotSupportedError, secret.derive, "HKDF", 32, hash="sha-256")
    assert "pass hash=" in message_of(InvalidParameterError, secret.derive, "HKDF", 32)


# --- signatures ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "length"), [("ECDSA_P256", 0), ("DSA", 1024)])
def test_a_signature_in_der_is_verified_as_the_message_says(name, length):
    key = cngcore.generate_key_pair(name, length)
    signature = key.sign(b"message", encoding="der")
    assert "pass encoding='der'" in message_of(InvalidSignatureError, key.verify, b"message", signature)
    key.verify(b"message", signature, encoding="der")
    assert "der" not in message_of(InvalidSignatureError, key.verify, b"message", b"\x31" + signature[1:])


# --- files --------------------------------------------------------------------------------------------


def test_a_blob_without_its_curve_is_read_as_the_message_says():
    key = cngcore.generate_key_pair("ECDSA", curve="brainpoolP256r1")
    blob = bytes(encode(key, "cng", blob_type="ECCPRIVATEBLOB"))
    assert blob[:4] == b"ECDV"
    said = message_of(InvalidParameterError, cngcore.load_key, blob)
    assert "curve= of load_key()" in said
    assert "--curve" in said
    assert cngcore.load_key(blob, curve="brainpoolP256r1").fingerprint() == key.fingerprint()


def test_a_curve_that_is_not_that_of_the_key_is_refused():
    pem = cngcore.generate_key_pair("ECDSA_P256").to_pem()
    assert cngcore.load_key(pem, curve="secP256r1").curve == "nistP256"  # another name of the same curve
    for content in (pem, cngcore.generate_key_pair("RSA", 1024).to_pem()):
        assert "leave curve= out" in message_of(
            InvalidParameterError, cngcore.load_key, content, curve="brainpoolP256r1"
        )


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("ecdh_p256", "did you mean 'ECDH_P256'?"),
        ("x25519", "did you mean 'X25519'?"),
        ("MLKEM768", "did you mean 'ML-KEM-768'?"),
        ("Ed25519", "; for signatures use ECDSA_P256 or ML-DSA"),
        ("XYZZY", "only for RSA, "),
    ],
)
def test_an_algorithm_to_load_into_that_does_not_exist_is_answered(name, says):
    pem = cngcore.generate_key_pair("ECDSA_P256").to_pem()
    assert says in message_of(NotSupportedError, cngcore.load_key, pem, algorithm=name)


def test_a_file_that_is_there_is_replaced_as_the_message_says(tmp_path):
    key = cngcore.generate_key_pair("ECDSA_P256")
    key.save(tmp_path / "key.pem")
    with pytest.raises(FileExistsError, match="or pass replace=True"):
        key.save(tmp_path / "key.pem")
    key.save(tmp_path / "key.pem", replace=True)


SIGNATURES, AGREEMENT = "for signatures use ECDSA_P256 or ML-DSA", "for key agreement use X25519 or ECDH_P384"


@pytest.mark.parametrize(("kind", "instead"), [("ed25519", SIGNATURES), ("ed448", SIGNATURES), ("x448", AGREEMENT)])
@pytest.mark.parametrize("form", ["pem", "der", "public", "openssh", "jwk"])
def test_what_cng_does_not_have_is_answered_with_what_it_has(kind, instead, form):
    pytest.importorskip("cryptography")
    from base64 import urlsafe_b64encode
    from importlib import import_module

    from cryptography.hazmat.primitives import serialization as s

    name = kind.capitalize()
    made = getattr(import_module(f"cryptography.hazmat.primitives.asymmetric.{kind}"), f"{name}PrivateKey").generate()
    half, plain = made.public_key(), (s.PrivateFormat.PKCS8, s.NoEncryption())
    if form == "openssh":
        if kind != "ed25519":
            pytest.skip(f"OpenSSH has no keys of {name}")
        content = made.private_bytes(s.Encoding.PEM, s.PrivateFormat.OpenSSH, s.NoEncryption())
        line = half.public_bytes(s.Encoding.OpenSSH, s.PublicFormat.OpenSSH)
        assert instead in message_of(NotSupportedError, cngcore.load_key, line)
    elif form == "jwk":
        x = urlsafe_b64encode(half.public_bytes_raw()).rstrip(b"=").decode()
        content = f'{{"kty": "OKP", "crv": "{name}", "x": "{x}"}}'
    elif form == "public":
        content = half.public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)
    else:
        content = made.private_bytes(s.Encoding.PEM if form == "pem" else s.Encoding.DER, *plain)
    assert instead in message_of(NotSupportedError, cngcore.load_key, content)
