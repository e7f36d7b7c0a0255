"""The code of cngcore-ec itself: the list of its curves, digests of any length, X25519, the choice of a curve."""

import cngcore_ec
import pytest
from cngcore_ec.x25519 import clamped
from cryptography.hazmat.primitives.asymmetric import ec

import cngcore
from cngcore.blobs.curves import CURVES, match

ALL = [*cngcore_ec.WEIERSTRASS, cngcore_ec.CURVE25519]


LEFT_TO_CNGCORE_CURVES = {
    "brainpoolP160r1", "brainpoolP160t1", "brainpoolP192r1", "brainpoolP192t1", "brainpoolP224r1",
    "brainpoolP224t1", "brainpoolP256t1", "brainpoolP320r1", "brainpoolP320t1", "brainpoolP384t1",
    "brainpoolP512t1", "ec192wapi", "numsP256t1", "numsP384t1", "numsP512t1", "secP160k1", "secP160r1", "secP160r2",
    "secP192k1", "secP224k1", "wtls7", "wtls9", "x962P192v2", "x962P192v3", "x962P239v1", "x962P239v2",
    "x962P239v3",
}  # fmt: skip
"""The curve names of bcrypt.h that the back end lacks."""


def test_every_curve_of_the_header_is_declared_here_or_left_to_cngcore_curves():
    assert set(CURVES) - set(ALL) == LEFT_TO_CNGCORE_CURVES
    assert set(ALL) <= set(CURVES)
    assert (len(ALL), len(LEFT_TO_CNGCORE_CURVES)) == (18, 27)


@pytest.mark.parametrize("name", cngcore_ec.WEIERSTRASS)
def test_a_curve_is_the_back_ends_curve_of_that_class(name):
    curve, back_end = CURVES[name], getattr(ec, cngcore_ec.WEIERSTRASS[name])()
    assert curve.bits == back_end.key_size
    assert curve.n == back_end.group_order
    point = ec.generate_private_key(back_end).public_key().public_numbers()
    assert curve.on_curve(point.x, point.y)


def test_every_curve_the_back_end_has_is_served():
    offered = {
        name for name, kind in vars(ec).items() if isinstance(kind, type) and issubclass(kind, ec.EllipticCurve)
    } - {"EllipticCurve"}  # fmt: skip
    usable = {name for name in offered if not name.startswith(("SECT", "SECP160"))}
    assert usable == set(cngcore_ec.WEIERSTRASS.values())


@pytest.mark.parametrize("name", cngcore_ec.WEIERSTRASS)
def test_digests_of_any_length_are_signed_and_truncated_as_the_standard_says(name):
    """contract: rule-sign-ecdsa-hash: only the leftmost bits of the order's length count (FIPS 186-5 section 6.4)."""
    key = cngcore.generate_key_pair("ECDSA", curve=name)
    order_bytes = (CURVES[name].n.bit_length() + 7) // 8
    for size in (1, 16, 20, 31, 32, 48, 64, 66, 67, 100):
        digest = bytes(range(1, size + 1))
        signature = key.sign_bytes(digest)
        assert len(signature) == 2 * order_bytes
        key.verify_bytes(digest, signature)
        if size >= order_bytes:
            key.verify_bytes(digest + b"more", signature)
            key.verify_bytes(digest[:order_bytes], signature)
        with pytest.raises(cngcore.InvalidSignatureError):
            key.verify_bytes(bytes([digest[0] ^ 0x80]) + digest[1:], signature)


@pytest.mark.parametrize("name", ALL)
def test_ecdh_on_every_curve(name):
    one, other = (cngcore.generate_key_pair("ECDH", curve=name) for _ in range(2))
    z = one.agree(other.public()).derive("TRUNCATE")
    assert z == other.agree(one.public()).derive("TRUNCATE")
    assert len(z) == CURVES[name].field_bytes
    with cngcore.open_algorithm_provider("ECDH") as provider:
        for kind in ("ECCFULLPRIVATEBLOB", "ECCFULLPUBLICBLOB"):
            again = provider.import_key_pair(kind, one.export(kind))
            assert again.export(kind) == one.export(kind)
            assert again.get_property("ECCCurveName") == match(CURVES[name]).name, "parameters tell no alias"


def test_generated_x25519_scalars_are_clamped():
    for _ in range(20):
        key = cngcore.generate_key_pair("ECDH", curve="curve25519")
        scalar = bytes(key.export("ECCPRIVATEBLOB")[-32:])
        assert clamped(scalar) == scalar


@pytest.mark.parametrize("change", [(0, 1), (0, 4), (31, 0x80), (31, 0x40)])
def test_a_scalar_that_is_not_clamped_is_refused(change):
    """contract: rule-import-x25519-clamp [go]; SymCrypt checks the low and the high bits."""
    key = cngcore.generate_key_pair("ECDH", curve="curve25519")
    blob = key.export("ECCPRIVATEBLOB")
    blob[-32 + change[0]] ^= change[1]
    blob[8:40] = bytes(32)
    with cngcore.open_algorithm_provider("ECDH") as provider:
        provider.set_property("ECCCurveName", "curve25519")
        with pytest.raises(cngcore.InvalidParameterError, match="clamp"):
            provider.import_key_pair("ECCPRIVATEBLOB", blob)


def test_a_peer_of_small_order_is_refused():
    key = cngcore.generate_key_pair("ECDH", curve="curve25519")
    with cngcore.open_algorithm_provider("ECDH") as provider:
        provider.set_property("ECCCurveName", "curve25519")
        peer = provider.import_key_pair("ECCPUBLICBLOB", b"ECKP" + (32).to_bytes(4, "little") + bytes(64))
        with pytest.raises(cngcore.InvalidParameterError, match="small order"):
            key.agree(peer)


def test_the_last_of_name_and_parameters_wins():
    p384 = cngcore.EccParameters.of(CURVES["nistP384"])
    with cngcore.open_algorithm_provider("ECDSA") as provider:
        provider.set_property("ECCCurveName", "nistP256")
        provider.set_property("ECCParameters", p384)
        assert provider.get_property("ECCParameters") == p384
        key = provider.generate_key_pair(384)
        key.finalize()
        assert key.get_property("ECCCurveName") == "nistP384"
        other = provider.generate_key_pair(0)
        other.set_property("ECCCurveName", "secP256k1")
        other.finalize()
        assert other.get_property("KeyLength") == 256
        assert provider.generate_key_pair(384).get_property("KeyLength") == 384, "the algorithm's own stays"


def test_parameters_of_no_named_curve_are_not_supported():
    from dataclasses import replace

    odd = replace(cngcore.EccParameters.of(CURVES["nistP256"]), b=7)
    with cngcore.open_algorithm_provider("ECDH") as provider, pytest.raises(cngcore.NotSupportedError):
        provider.set_property("ECCParameters", odd)
    montgomery = cngcore.EccParameters.of(CURVES["curve25519"])
    with cngcore.open_algorithm_provider("ECDSA") as provider, pytest.raises(cngcore.NotSupportedError):
        provider.set_property("ECCParameters", montgomery)


def test_a_blob_of_another_curve_than_the_one_set_is_refused():
    key = cngcore.generate_key_pair("ECDSA_P256", 256)
    blob = key.export("ECCPUBLICBLOB")
    with cngcore.open_algorithm_provider("ECDSA") as provider:
        assert provider.import_key_pair("ECCPUBLICBLOB", blob).get_property("ECCCurveName") == "nistP256"
        provider.set_property("ECCCurveName", "x962P256v1")
        assert provider.import_key_pair("ECCPUBLICBLOB", blob).get_property("ECCCurveName") == "x962P256v1"
        provider.set_property("ECCCurveName", "brainpoolP256r1")
        with pytest.raises(cngcore.InvalidParameterError, match="brainpoolP256r1"):
            provider.import_key_pair("ECCPUBLICBLOB", blob)


def test_halves_that_do_not_belong_together_are_refused():
    one, other = (cngcore.generate_key_pair("ECDH_P256", 256).export("ECCPRIVATEBLOB") for _ in range(2))
    mixed = one[:72] + other[72:]
    with cngcore.open_algorithm_provider("ECDH_P256") as provider:
        with pytest.raises(cngcore.InvalidParameterError, match="belong"):
            provider.import_key_pair("ECCPRIVATEBLOB", mixed)
        for d in (0, CURVES["nistP256"].n, (1 << 256) - 1):
            bad = bytes(one[:8]) + bytes(64) + d.to_bytes(32, "big")
            with pytest.raises(cngcore.InvalidParameterError):
                provider.import_key_pair("ECCPRIVATEBLOB", bad)


def blob_of(name, d, x, y):
    curve = CURVES[name]
    fields = [number.to_bytes(curve.key_bytes, "big") for number in (x, y, d)]
    return b"ECDV" + curve.key_bytes.to_bytes(4, "little") + b"".join(fields)


@pytest.mark.parametrize("name", cngcore_ec.WEIERSTRASS)
def test_an_imported_private_key_must_have_its_own_point(name):
    """The back end compares the halves. It reduces coordinates, so those that are not below p are refused first."""
    curve = CURVES[name]
    with cngcore.open_algorithm_provider("ECDSA", "cryptography") as provider:
        provider.set_property("ECCCurveName", name)
        numbers = []
        for _ in range(2):
            with provider.generate_key_pair() as key:
                key.finalize()
                blob = bytes(key.export("ECCPRIVATEBLOB"))
                size = curve.key_bytes
                numbers.append([int.from_bytes(blob[8 + i * size : 8 + (i + 1) * size], "big") for i in range(3)])
        (x, y, d), (other_x, other_y, _) = numbers
        assert provider.import_key_pair("ECCPRIVATEBLOB", blob_of(name, d, x, y)).state == "finalized"
        room = 1 << 8 * curve.key_bytes
        wrong = [(other_x, other_y), (x, curve.p - y), (x, y ^ 1), (1, 1), (0, y), (x + curve.p, y), (x, y + curve.p)]
        for at_x, at_y in wrong:
            if max(at_x, at_y) < room:
                with pytest.raises(cngcore.InvalidParameterError, match="public point"):
                    provider.import_key_pair("ECCPRIVATEBLOB", blob_of(name, d, at_x, at_y))
                with provider.import_key_pair("ECCPRIVATEBLOB", blob_of(name, d, at_x, at_y), 8) as computed:
                    assert computed.export("ECCPUBLICBLOB")[8:] == blob_of(name, d, x, y)[8 : 8 + 2 * curve.key_bytes]
