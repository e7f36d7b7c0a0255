"""What the kit cannot know: the key is the one that other programs have."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

import cngcore

SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def test_the_first_key_of_rfc_8032():
    with cngcore.open_algorithm_provider("acme:Ed25519") as ed25519:
        key = ed25519.import_key_pair("ACMEED25519PRIVATEBLOB", SEED)
        assert key.export("ACMEED25519PUBLICBLOB") == PUBLIC
        key.public().verify(b"", key.sign(b""))
        assert repr(key) == "<KeyPair acme:Ed25519 255, private (cryptography)>"


def test_its_files_are_those_of_other_programs(tmp_path):
    with cngcore.open_algorithm_provider("acme:Ed25519") as ed25519:
        key = ed25519.import_key_pair("ACMEED25519PRIVATEBLOB", SEED)
    theirs = Ed25519PrivateKey.from_private_bytes(SEED)
    pem = theirs.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert key.to_pem() == pem
    assert key.to_jwk() == {"kty": "OKP", "crv": "Ed25519", "x": encoded(PUBLIC), "d": encoded(SEED)}
    hidden = theirs.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    for source, passphrase in ((pem, None), (hidden, "secret"), (json.dumps(key.to_jwk()), None)):
        again = cngcore.load_key(source, passphrase=passphrase)
        assert (again.algorithm, again.fingerprint(), again.has_private) == ("acme:Ed25519", key.fingerprint(), True)
    key.save(tmp_path / "key.pem", passphrase="secret")
    key.public().save(tmp_path / "public.pem")
    assert cngcore.load_key(tmp_path / "public.pem").export("ACMEED25519PUBLICBLOB") == PUBLIC
    other = Ed25519PrivateKey.generate().public_key()
    wrong = {**key.to_jwk(), "x": encoded(other.public_bytes_raw())}
    with pytest.raises(cngcore.BadDataError, match="belongs to another"):
        cngcore.KeyPair.from_jwk(wrong)


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
