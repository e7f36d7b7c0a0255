"""cngcore-curves on every curve: against arithmetic of our own, OpenSSL, published vectors, and cngcore-ec."""

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import cngcore_curves
import pytest
from cngcore_curves import NAMES
from cngcore_curves.points import has_order
from helpers import representative
from oracles.curves import add, ecdsa_holds, multiply

import cngcore
from cngcore import formats
from cngcore.blobs import ecc
from cngcore.blobs.curves import CURVES, EccParameters
from cngcore.constants import BCRYPT_NO_KEY_VALIDATION

REGISTRY = cngcore.Registry(plugins=["cngcore_curves", "cngcore_ec"])
DIGEST = hashlib.sha256(b"message").digest()
WEIERSTRASS = [name for name in NAMES if CURVES[name].curve_type == 1]
EDWARDS = [name for name in NAMES if CURVES[name].curve_type == 2]
LACKING = sorted(set(NAMES) - set(REGISTRY.open_algorithm_provider("ECDSA").get_property("ECCCurveNameList")))

RFC_6979 = {
    # A.2.3 to A.2.7, message "sample": curve, private key, {hash: (r, s)}
    "nistP192": ("6FAB034934E4C0FC9AE67F5B5659A9D7D1FEFD187EE09FD4", {
        "sha1": ("98C6BD12B23EAF5E2A2045132086BE3EB8EBD62ABF6698FF",
                 "57A22B07DEA9530F8DE9471B1DC6624472E8E2844BC25B64"),
        "sha256": ("4B0B8CE98A92866A2820E20AA6B75B56382E0F9BFD5ECB55",
                   "CCDB006926EA9565CBADC840829D8C384E06DE1F1E381B85"),
    }),
    "nistP256": ("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721", {
        "sha256": ("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
                   "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"),
        "sha512": ("8496A60B5E9B47C825488827E0495B0E3FA109EC4568FD3F8D1097678EB97F00",
                   "2362AB1ADBE2B8ADF9CB9EDAB740EA6049C028114F2460F96554F61FAE3302FE"),
    }),
}  # fmt: skip


def opened(family, name):
    algorithm = REGISTRY.open_algorithm_provider(family, "ecdsa")
    algorithm.set_property("ECCCurveName", name)
    return algorithm


def made(family, name):
    key = opened(family, name).generate_key_pair()
    key.finalize()
    return key


def numbers(key, family):
    parsed = ecc.parse("ECCPRIVATEBLOB", key.export("ECCPRIVATEBLOB"), family=family)
    return tuple(int.from_bytes(part, "big") for part in (parsed.x, parsed.y, parsed.d))


def test_the_names_are_those_of_the_header():
    assert set(NAMES) == set(CURVES) - {"curve25519"}
    assert len(LACKING) == 27
    for family in ("ECDSA", "ECDH"):
        listed = REGISTRY.open_algorithm_provider(family, "ecdsa").get_property("ECCCurveNameList")
        assert listed == cngcore_curves.NAMES == tuple(sorted(listed))
        assert {*listed, *REGISTRY.open_algorithm_provider("ECDH").get_property("ECCCurveNameList")} == set(CURVES)


@pytest.mark.parametrize("name", representative(NAMES, kind=lambda name: re.sub(r"[0-9]+", "", name)))
def test_signatures_hold_by_other_arithmetic(name):
    curve, key = CURVES[name], made("ECDSA", name)
    x, y, d = numbers(key, "ECDSA")
    assert (x, y) == multiply(curve, d * curve.h, (curve.gx, curve.gy))
    for digest in (DIGEST, b"\xff" * 20, bytes(64), b"\1"):
        signature = key.sign_bytes(digest)
        assert len(signature) == 2 * curve.order_bytes == key.get_property("SignatureLength")
        assert ecdsa_holds(curve, (x, y), digest, signature)
        key.verify_bytes(digest, signature)
        with pytest.raises(cngcore.InvalidSignatureError):
            key.verify_bytes(bytes([digest[0] ^ 1]) + digest[1:], signature)


@pytest.mark.parametrize("name", NAMES)
def test_agreement_by_other_arithmetic(name):
    curve, one, other = CURVES[name], made("ECDH", name), made("ECDH", name)
    (_, _, d), (x, y, _) = numbers(one, "ECDH"), numbers(other, "ECDH")
    shared = multiply(curve, d * curve.h, (x, y))
    expected = shared[0].to_bytes(curve.field_bytes, "big")
    assert one.agree(other).derive("TRUNCATE")[::-1] == expected
    assert other.agree(one).derive("TRUNCATE")[::-1] == expected


@pytest.mark.parametrize("family", ["ECDSA", "ECDH"])
@pytest.mark.parametrize("name", NAMES)
def test_blobs_and_properties(name, family):
    curve, key, algorithm = CURVES[name], made(family, name), opened(family, name)
    for private, public in (("ECCPRIVATEBLOB", "ECCPUBLICBLOB"), ("ECCFULLPRIVATEBLOB", "ECCFULLPUBLICBLOB")):
        blob = key.export(private)
        again = algorithm.import_key_pair(private, bytes(blob) + b"behind")
        assert again.export(private) == blob
        assert algorithm.import_key_pair(public, key.export(public)).export(public) == key.export(public)
        with pytest.raises(cngcore.InvalidParameterError):
            algorithm.import_key_pair(public, key.export(public)).export(private)
    generic = REGISTRY.open_algorithm_provider(family, "ecdsa")
    assert generic.import_key_pair("ECCFULLPRIVATEBLOB", key.export("ECCFULLPRIVATEBLOB")).export("ECCPRIVATEBLOB")
    assert key.get_property("ECCCurveName") == name
    assert key.get_property("ECCParameters") == EccParameters.of(curve)
    assert [key.get_property(one) for one in ("KeyLength", "PublicKeyLength")] == [curve.bits, curve.bits]
    assert key.get_property("KeyStrength") == curve.n.bit_length()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_key(name):
    curve, algorithm, key = CURVES[name], opened("ECDH", name), made("ECDH", name)
    size, blob = curve.key_bytes, bytes(key.export("ECCPRIVATEBLOB"))
    x, y, _ = numbers(key, "ECDH")

    def refuses(kind, wrong, flags=0):
        with pytest.raises(cngcore.InvalidParameterError):
            algorithm.import_key_pair(kind, wrong, flags)

    head, d = blob[:8], blob[8 + 2 * size :]
    public = b"ECKP" + head[4:8]
    for point in ((x, y ^ 1), (0, 0), (x + curve.p, y), (curve.p, curve.p)):
        if max(point).bit_length() <= 8 * size:
            refuses("ECCPUBLICBLOB", public + b"".join(number.to_bytes(size, "big") for number in point))
    for number in (0, curve.n, (1 << 8 * size) - 1):
        if number.bit_length() <= 8 * size and not 0 < number < curve.n:
            refuses("ECCPRIVATEBLOB", blob[: 8 + 2 * size] + number.to_bytes(size, "big"), BCRYPT_NO_KEY_VALIDATION)
    foreign = head + bytes(made("ECDH", name).export("ECCPUBLICBLOB"))[8:] + d
    refuses("ECCPRIVATEBLOB", foreign)
    kept = algorithm.import_key_pair("ECCPRIVATEBLOB", foreign, BCRYPT_NO_KEY_VALIDATION)
    assert kept.export("ECCPRIVATEBLOB") == blob


@pytest.mark.parametrize("name", EDWARDS)
def test_points_of_another_order(name):
    """The cofactor is 4: the neutral point, the one of order 2, and sums with it are on the curve and no keys."""
    curve = CURVES[name]
    g = (curve.gx, curve.gy)
    two = (0, curve.p - 1)
    assert has_order(curve, *g)
    for point in ((0, 1), two, add(curve, g, two), add(curve, multiply(curve, 5, g), two)):
        assert curve.on_curve(*point)
        assert not has_order(curve, *point)
    assert has_order(curve, *multiply(curve, 5, g))


def test_short_blobs_have_no_room_for_the_longest_numbers():
    """The order of secP160r1 has 161 bits and cbKey is 20: d above 2^160 goes into a full blob only."""
    curve = CURVES["secP160r1"]
    d = 1 << 160
    x, y = multiply(curve, d, (curve.gx, curve.gy))
    size = curve.key_bytes
    parts = [number.to_bytes(size, "big") for number in (x, y)]
    full = ecc.build(
        "ECCFULLPRIVATEBLOB", family="ECDSA", curve=curve, x=parts[0], y=parts[1], d=d.to_bytes(21, "big"), generic=True
    )
    key = opened("ECDSA", "secP160r1").import_key_pair("ECCFULLPRIVATEBLOB", full)
    assert key.export("ECCFULLPRIVATEBLOB") == full
    key.verify_signature(DIGEST, key.sign_hash(DIGEST))
    with pytest.raises(cngcore.InvalidParameterError):
        key.export("ECCPRIVATEBLOB")


@pytest.mark.parametrize("name", RFC_6979)
def test_nonces_of_rfc_6979(name):
    d, signatures = RFC_6979[name]
    size = CURVES[name].key_bytes
    blob = b"ECDV" + size.to_bytes(4, "little") + bytes(2 * size) + bytes.fromhex(d)
    key = opened("ECDSA", name).import_key_pair("ECCPRIVATEBLOB", blob)
    for hash_name, (r, s) in signatures.items():
        assert key.sign_hash(hashlib.new(hash_name, b"sample").digest()) == bytes.fromhex(r + s)


@pytest.mark.parametrize("name", [n for n in LACKING if CURVES[n].curve_type == 1 and n not in ("ec192wapi", "wtls7")])
def test_openssl_verifies_and_signs(name, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("no openssl command on this machine")
    key = made("ECDSA", name)
    (tmp_path / "key").write_bytes(formats.encode(_known(key), "pkcs8"))
    (tmp_path / "digest").write_bytes(DIGEST)

    def openssl(*arguments: str) -> None:
        done = subprocess.run(["openssl", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        if done.returncode and "unknown group" in done.stderr:
            pytest.skip(f"this OpenSSL has no {name}")
        assert done.returncode == 0, done.stderr

    openssl("pkeyutl", "-sign", "-inkey", "key", "-in", "digest", "-out", "theirs")
    key.verify_signature(DIGEST, _plain((tmp_path / "theirs").read_bytes(), CURVES[name].order_bytes))
    (tmp_path / "ours").write_bytes(_der(key.sign_hash(DIGEST)))
    openssl("pkeyutl", "-verify", "-inkey", "key", "-in", "digest", "-sigfile", "ours")


def _known(key):
    return formats.decode(bytes(key.export("ECCFULLPRIVATEBLOB")))


def _plain(signature, size):
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    return b"".join(number.to_bytes(size, "big") for number in decode_dss_signature(signature))


def _der(signature):
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    half = len(signature) // 2
    return encode_dss_signature(*(int.from_bytes(part, "big") for part in (signature[:half], signature[half:])))


@pytest.mark.parametrize("name", sorted(set(WEIERSTRASS) - set(LACKING)))
def test_the_same_as_cngcore_ec(name):
    ours, theirs = opened("ECDSA", name), REGISTRY.open_algorithm_provider("ECDSA", "cryptography")
    theirs.set_property("ECCCurveName", name)
    key = made("ECDSA", name)
    for blob_type in ("ECCPRIVATEBLOB", "ECCPUBLICBLOB", "ECCFULLPRIVATEBLOB", "ECCFULLPUBLICBLOB"):
        moved = theirs.import_key_pair(blob_type, key.export(blob_type))
        assert moved.export(blob_type) == key.export(blob_type)
        moved.verify_signature(DIGEST, key.sign_hash(DIGEST))
    back = ours.import_key_pair("ECCPRIVATEBLOB", key.export("ECCPRIVATEBLOB"))
    there = theirs.import_key_pair("ECCPRIVATEBLOB", key.export("ECCPRIVATEBLOB"))
    back.verify_signature(DIGEST, there.sign_hash(DIGEST))


def test_the_registry_chooses_the_implementation_that_has_the_curve():
    assert REGISTRY.open_algorithm_provider("ECDSA").declaration.implementation == "cryptography"
    for name in LACKING:
        key = REGISTRY.generate_key_pair("ECDSA", curve=name)
        assert key.provenance.implementation == "ecdsa"
        assert REGISTRY.open_algorithm_provider("ECDH", curve=name).declaration.implementation == "ecdsa"
    assert REGISTRY.generate_key_pair("ECDSA", curve="secP256k1").provenance.implementation == "cryptography"
    assert REGISTRY.generate_key_pair("ECDH", curve="curve25519").provenance.implementation == "cryptography"
    explanation = REGISTRY.explain("ECDSA", curve="wtls9")
    assert explanation.chosen.implementation == "ecdsa"
    assert "it has no curve wtls9" in str(explanation)


def test_an_error_names_the_implementation_that_has_the_curve():
    with pytest.raises(cngcore.NotSupportedError, match="implementation='ecdsa'"):
        REGISTRY.open_algorithm_provider("ECDSA").set_property("ECCCurveName", "secP160r1")
    with pytest.raises(cngcore.NotSupportedError, match="implementation='cryptography'"):
        REGISTRY.open_algorithm_provider("ECDH", "ecdsa").set_property("ECCCurveName", "curve25519")
    with pytest.raises(cngcore.NotSupportedError) as raised:
        REGISTRY.open_algorithm_provider("ECDSA").set_property("ECCCurveName", "secP160r9")
    assert "implementation=" not in str(raised.value)
    with pytest.raises(cngcore.NotSupportedError):
        REGISTRY.generate_key_pair("ECDSA", curve="secP160r9")


def test_the_warning_stands_in_the_readme():
    text = (Path(__file__).parents[1] / "README.md").read_text()
    assert ":::{warning}" in text
    assert "not constant-time" in text
