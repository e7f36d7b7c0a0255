"""What the kit cannot know: the key is the one that other programs have."""

import cngcore

SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def test_the_first_key_of_rfc_8032():
    with cngcore.open_algorithm_provider("acme:Ed25519") as ed25519:
        key = ed25519.import_key_pair("ACMEED25519PRIVATEBLOB", SEED)
        assert key.export("ACMEED25519PUBLICBLOB") == PUBLIC
        key.public().verify(b"", key.sign(b""))
        assert repr(key) == "<KeyPair acme:Ed25519 255, private (cryptography)>"
