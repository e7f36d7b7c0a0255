"""Published keys: the examples of the RFCs, byte for byte.

Those of RFC 9935 and RFC 9881 are known by the SHA-256 of their DER, taken from the files of the working group
(lamps-wg/kyber-certificates, lamps-wg/dilithium-certificates); the public keys of RFC 9964 by that of their base64url.
"""

import hashlib
import json

import pytest

import cngcore
from cngcore import formats
from cngcore.formats._model import MlKey

LAMPS = {
    "ML-KEM-512": {
        "seed": "0fc934e3fb800359c219f4ede9fe4a1ae14018a20db779dcbaf2c8aba4fd6156",
        "expandedKey": "38be7feecbbe6e6e466a0d7b5bb53e09040c3678e22fb2c0772c701c2372c858",
        "both": "8426d7497a2ff1a4854b7d1ece4e8f976c721f314c3f653189f8e4b2a2bc5b0d",
        "public": "0e3c8b89b54202d2545f7aba2e2aaa3cffa7b6191919ad738fab35b4f313cf71",
    },
    "ML-KEM-768": {
        "seed": "67d4dc57d8f9e28816f4a3495abc48dd416b0da9bd1e1de4716ad0883b9ad6b8",
        "expandedKey": "994f7473b34fad03c2b36a500af9002dad15afa50473cef5ea217325c7156f9e",
        "both": "95738d2a0b7252a16b1474b9fb4e0c8ddaa6fe70db7903ade4a385909ee0d165",
        "public": "c23e23dd3d485a9256cda09358a4a286e00b373db10761eadf99f710649ca31c",
    },
    "ML-KEM-1024": {
        "seed": "2c19d9d89d8c36ffb9eab0f3bb18dd90a47aaca3653bede67953173514d61234",
        "expandedKey": "9cded660a340a6e7fdb93a4984e1e67764ade8e59be4db48b6921aeee5e6c795",
        "both": "91004b1817d798dd3972439b8332a3a1b862f89c4e98b4ca2accd4f21afb9abb",
        "public": "d2b7480ae006a14b37c1e8a8e45ea39022e32a9b1a7b90d594c84d869c6ac420",
    },
    "ML-DSA-44": {
        "seed": "c823cb6a31172daa8af670a22c0f049af972bf1cb39a4a95971aa8c0c659dff4",
        "expandedKey": "35cb529103b3a9ed502fecb438a671ff11bb05fb4afa99301d06240883a74106",
        "both": "e355e29f28e537fcf3aff28354016415146d7f801a57136c241bb6e9addfaa30",
        "public": "837832708c5236d951581f1fddf2b79991b3424a0486d16da1ddad0fd69701be",
    },
    "ML-DSA-65": {
        "seed": "af965903772933b6acc59764f335fcad9b5c61cdab2b368eabf224e7c29e31ac",
        "expandedKey": "fae10810e47ed4b41851065b40bb60547e816ebf31b0738b4ed4af57337706ec",
        "both": "5259463f8ec68e21b8c179a7e49dba184fd24280080bd5bb78af94d7a2a0ac81",
        "public": "b8b62131bfbe84433efb2273d7f5b87f7a22854a2cfd366fc2aead86d837c52d",
    },
    "ML-DSA-87": {
        "seed": "72cc4260a8d3d7622801ea98636123866d00e236d5f77221039c862325e02754",
        "expandedKey": "8e2e40f141d1d6788d074de4124a744ee3106697ae6c01faccf855510079ecb3",
        "both": "c71913419ea426e99da06330e3b06b2ab47448f1aff520479358e3cb71f5c1d6",
        "public": "07e57c4f14dbad1267f621ec3777b4e2e6c4fbc4c22fbb87510ff8e0b3c6a642",
    },
}
RFC9964 = {
    "44": "a312d90f93899debad5ce433890c330aad9b4f854758d0b07eb264a75899347e",
    "65": "1b79221726f2b876c87049ee20015ab0a55bf5abfa3cc5b1f9cbc5751be23a8a",
    "87": "79fa4619095f2e5eb020c9d2f871046402d038090738417198a42dcfae63f99c",
}


def published_seed(name):
    family, _, parameter_set = name.rpartition("-")
    seed = bytes(range(64 if family == "ML-KEM" else 32))
    return formats.Key(family, MlKey(family, parameter_set, seed=seed))


@pytest.mark.parametrize("form", ["seed", "expandedKey", "both", "public"])
@pytest.mark.parametrize("name", LAMPS)
def test_the_examples_of_rfc_9935_and_rfc_9881(name, form):
    options = {} if form == "public" else {"form": form}
    written = formats.encode(published_seed(name), "spki" if form == "public" else "pkcs8", encoding="der", **options)
    assert hashlib.sha256(written).hexdigest() == LAMPS[name][form]
    assert formats.encode(formats.decode(written), "spki" if form == "public" else "pkcs8", encoding="der") == written


@pytest.mark.parametrize("name", LAMPS)
def test_two_forms_that_do_not_belong_together_are_found(name):
    """The bad examples of both RFCs, made again: one byte of the expanded key is another, or the seed is."""
    whole = formats.complete(published_seed(name), expand=True)
    n = whole.numbers
    for changed in (
        MlKey(n.family, n.parameter_set, n.public, n.seed, n.expanded[:-1] + bytes([n.expanded[-1] ^ 1])),
        MlKey(n.family, n.parameter_set, n.public, bytes([n.seed[0] ^ 1]) + n.seed[1:], n.expanded),
        MlKey(n.family, n.parameter_set, n.public[:-1] + bytes([n.public[-1] ^ 1]), n.seed),
    ):
        with pytest.raises(cngcore.InvalidParameterError, match="does not belong to its"):
            formats.check(formats.Key(n.family, changed))
    formats.check(whole)


@pytest.mark.parametrize("parameter_set", RFC9964)
def test_the_examples_of_rfc_9964(parameter_set):
    key = formats.Key("ML-DSA", MlKey("ML-DSA", parameter_set, seed=bytes(32)))
    members = json.loads(formats.encode(key, "jwk"))
    assert hashlib.sha256(members.pop("pub").encode()).hexdigest() == RFC9964[parameter_set]
    assert members == {"kty": "AKP", "alg": f"ML-DSA-{parameter_set}", "priv": "A" * 43}


def test_the_elliptic_curve_key_of_rfc_7517_appendix_a():
    members = {
        "kty": "EC",
        "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        "d": "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
    }
    told = {**members, "use": "enc", "kid": "1"}
    key = formats.decode(json.dumps(told))
    formats.check(key)
    assert key.use == "ECDH"
    assert json.loads(formats.encode(key, "jwk")) == members
    alone = formats.decode(formats.encode(key, "raw"), format="raw", algorithm="ECDH_P256")
    assert json.loads(formats.encode(alone, "jwk")) == members


def test_the_x25519_key_of_rfc_7748_as_rfc_8037_writes_it():
    scalar = bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
    key = formats.decode(scalar, format="raw", algorithm="X25519", private=True)
    members = json.loads(formats.encode(key, "jwk"))
    assert members == {
        "kty": "OKP",
        "crv": "X25519",
        "x": "hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo",
        "d": "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo",
    }
    assert formats.encode(formats.decode(json.dumps(members)), "raw") == scalar
