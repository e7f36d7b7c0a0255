"""The numbers of the curves, recomputed: primes, generators on their curve, orders, points of other hands."""

import tomllib
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
import vectorfiles
from cryptography.hazmat.primitives.asymmetric import ec
from helpers import python
from oracles.primes import is_prime

from cngcore import constants
from cngcore.blobs.curves import CURVES, Curve, find, match
from cngcore.status import NotSupportedError

SEVERAL_NAMES = [
    ("nistP192", "secP192r1", "x962P192v1"),
    ("nistP224", "secP224r1", "wtls12"),
    ("nistP256", "secP256r1", "x962P256v1"),
    ("nistP384", "secP384r1"),
    ("nistP521", "secP521r1"),
    ("secP160r2", "wtls7"),
]
PREFERRED = [
    "nistP192", "nistP224", "nistP256", "nistP384", "nistP521", "secP256k1", "brainpoolP256r1", "brainpoolP384r1",
    "brainpoolP512r1", "brainpoolP160r1", "brainpoolP160t1", "brainpoolP192r1", "brainpoolP192t1", "brainpoolP224r1",
    "brainpoolP224t1", "brainpoolP256t1", "brainpoolP320r1", "brainpoolP320t1", "brainpoolP384t1", "brainpoolP512t1",
    "ec192wapi", "numsP256t1", "numsP384t1", "numsP512t1", "secP160k1", "secP160r1", "secP160r2", "secP192k1",
    "secP224k1", "wtls9", "x962P192v2", "x962P192v3", "x962P239v1", "x962P239v2", "x962P239v3", "curve25519",
]  # fmt: skip
WEIERSTRASS = PREFERRED[:9]
LIBRARY: dict[str, Callable[[], ec.EllipticCurve]] = {
    "nistP192": ec.SECP192R1, "nistP224": ec.SECP224R1, "nistP256": ec.SECP256R1, "nistP384": ec.SECP384R1,
    "nistP521": ec.SECP521R1, "secP256k1": ec.SECP256K1, "brainpoolP256r1": ec.BrainpoolP256R1,
    "brainpoolP384r1": ec.BrainpoolP384R1, "brainpoolP512r1": ec.BrainpoolP512R1,
}  # fmt: skip


def add(curve: Curve, one: tuple[int, int] | None, two: tuple[int, int] | None) -> tuple[int, int] | None:
    """Sum of two affine points; None is the neutral point."""
    if one is None or two is None:
        return one or two
    (x1, y1), (x2, y2) = one, two
    if curve.curve_type == constants.BCRYPT_ECC_PRIME_TWISTED_EDWARDS_CURVE:
        product = curve.b * x1 * x2 * y1 * y2
        x3 = (x1 * y2 + y1 * x2) * pow(1 + product, -1, curve.p) % curve.p
        y3 = (y1 * y2 - curve.a * x1 * x2) * pow(1 - product, -1, curve.p) % curve.p
        return None if (x3, y3) == (0, 1) else (x3, y3)
    montgomery = curve.curve_type == constants.BCRYPT_ECC_PRIME_MONTGOMERY_CURVE
    a, b = (curve.a, curve.b) if montgomery else (0, 1)  # of b*y^2 = x^3 + a*x^2 + ...
    linear = 1 if montgomery else curve.a
    if x1 == x2 and (y1 + y2) % curve.p == 0:
        return None
    if one == two:
        slope = (3 * x1 * x1 + 2 * a * x1 + linear) * pow(2 * b * y1, -1, curve.p)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, curve.p)
    x3 = (b * slope * slope - a - x1 - x2) % curve.p
    return x3, (slope * (x1 - x3) - y1) % curve.p


def multiply(curve: Curve, number: int, point: tuple[int, int]) -> tuple[int, int] | None:
    total: tuple[int, int] | None = None
    addend: tuple[int, int] | None = point
    while number:
        if number & 1:
            total = add(curve, total, addend)
        addend = add(curve, addend, addend)
        number >>= 1
    return total


def test_every_name_asked_for_is_there() -> None:
    names = {name for row in SEVERAL_NAMES for name in row} | set(PREFERRED)
    assert set(CURVES) == names
    assert len(names) == 45
    for name, curve in CURVES.items():
        assert curve.name == name
        assert find(name) is curve
    header = {value for key, value in vars(constants).items() if key.startswith("BCRYPT_ECC_CURVE_")}
    assert names == header - {"ECCCurveName", "ECCCurveNameList"}


def test_names_oids_and_bits_are_those_of_the_contract() -> None:
    """contract: rule-constants-curves: the names, bits and aliases, where the table is at hand."""
    table = vectorfiles.root().parent / "contract" / "constants.toml"
    if not table.is_file():
        pytest.skip("the contract is not beside the repository")
    contract = tomllib.loads(table.read_text(encoding="utf-8"))
    for name, curve in CURVES.items():
        assert (curve.bits, curve.oid) == (contract["curves"][name]["bits"], contract["curves"][name]["oid"])
    rows = {frozenset((name, *others)) for name, others in contract["curve_aliases"].items()}
    assert {frozenset(row) for row in SEVERAL_NAMES} <= rows


@pytest.mark.parametrize("name", ["nistp256", "NISTP256", "P-256", "secp256r1", "secP256r1 ", "", "brainpoolP256T1"])
def test_names_are_exact(name: str) -> None:
    assert find(name) is None


@pytest.mark.parametrize("names", SEVERAL_NAMES)
def test_aliases_differ_in_name_only(names: tuple[str, ...]) -> None:
    curves = [CURVES[name] for name in names]
    assert all(replace(curve, name="") == replace(curves[0], name="") for curve in curves)
    assert all(match(curve) is curves[0] for curve in curves)


@pytest.mark.parametrize("name", PREFERRED)
def test_field_and_order_are_primes(name: str) -> None:
    curve = CURVES[name]
    assert is_prime(curve.p)
    assert is_prime(curve.n)
    assert curve.p.bit_length() == curve.bits
    assert curve.key_strength == curve.n.bit_length()


def test_the_prime_test_knows_a_composite() -> None:
    assert not is_prime(CURVES["nistP256"].p * CURVES["nistP192"].p)
    assert not is_prime(561)


@pytest.mark.parametrize("name", PREFERRED)
def test_generator(name: str) -> None:
    """G is on the curve and its order is n: n is prime, G is not infinity, n*G is."""
    curve = CURVES[name]
    g = curve.gx, curve.gy
    if name == "curve25519":
        assert (curve.b * g[1] ** 2 - g[0] ** 3 - curve.a * g[0] ** 2 - g[0]) % curve.p == 0
    else:
        assert curve.on_curve(*g)
    assert multiply(curve, curve.n, g) is None
    edwards = curve.curve_type == constants.BCRYPT_ECC_PRIME_TWISTED_EDWARDS_CURVE
    assert multiply(curve, curve.n - 1, g) == ((-g[0] % curve.p, g[1]) if edwards else (g[0], -g[1] % curve.p))


@pytest.mark.parametrize("name", PREFERRED)
def test_cofactor(name: str) -> None:
    """Hasse: the group of h*n points has p + 1 of them, give or take two roots of p."""
    curve = CURVES[name]
    assert (curve.h * curve.n - curve.p - 1) ** 2 <= 4 * curve.p


def test_curve25519_is_the_one_of_rfc_7748() -> None:
    """The X25519 vector of the cases: private times G has the public x."""
    curve = CURVES["curve25519"]
    scalar = bytearray.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
    scalar[0] &= 248
    scalar[31] = scalar[31] & 127 | 64
    point = multiply(curve, int.from_bytes(scalar, "little"), (curve.gx, curve.gy))
    assert point is not None
    public = point[0].to_bytes(32, "little").hex()
    assert public == "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
    assert (curve.bits, curve.key_strength, curve.key_bytes, curve.order_bytes) == (255, 253, 32, 32)


@pytest.mark.parametrize("name", WEIERSTRASS)
def test_keys_of_another_library(name: str) -> None:
    curve = CURVES[name]
    try:
        keys = [ec.generate_private_key(LIBRARY[name]()) for _ in range(3)]
    except Exception as error:
        pytest.skip(f"the library has no {name}: {error}")
    for key in keys:
        public = key.public_key().public_numbers()
        assert curve.on_curve(public.x, public.y)
        assert multiply(curve, key.private_numbers().private_value, (curve.gx, curve.gy)) == (public.x, public.y)
        assert not curve.on_curve(public.x, (public.y + 1) % curve.p)


def test_on_curve_wants_coordinates_in_range() -> None:
    curve = CURVES["nistP256"]
    assert not curve.on_curve(curve.gx + curve.p, curve.gy)
    assert not curve.on_curve(curve.gx, curve.gy - curve.p)
    assert not curve.on_curve(0, 0)
    with pytest.raises(NotSupportedError):
        CURVES["curve25519"].on_curve(9, 0)


def test_points_of_the_nist_vectors() -> None:
    """CAVP PKV: good points, points off the curve, coordinates out of range."""
    seen = 0
    for section, case in vectorfiles.load_rsp("cryptography-vectors/asymmetric/ECDSA/FIPS_186-3/PKV.rsp"):
        curve = CURVES.get("nist" + section[""].replace("-", ""))
        if curve is None:
            assert section[""][0] in "KB", "a binary curve, which bcrypt.h does not have"
            continue
        point = int(case["Qx"], 16), int(case["Qy"], 16)
        assert curve.on_curve(*point) == case["Result"].startswith("P"), (section, case)
        seen += 1
    assert seen == 60


@pytest.mark.parametrize(
    "change", [{"a": 5}, {"b": 5}, {"gx": 5}, {"gy": 5}, {"n": 5}, {"h": 2}, {"p": 5}, {"curve_type": 2}], ids=str
)
def test_match_wants_every_number(change: dict[str, Any]) -> None:
    assert match(replace(CURVES["secP256k1"], **change)) is None


@pytest.mark.parametrize(
    ("name", "size"),
    [("nistP192", 24), ("nistP224", 28), ("nistP256", 32), ("nistP384", 48), ("nistP521", 66), ("brainpoolP512r1", 64)],
)
def test_widths(name: str, size: int) -> None:
    """contract: rule-layout-ecc: 66 bytes for P-521."""
    curve = CURVES[name]
    assert curve.field_bytes == curve.order_bytes == curve.key_bytes == size
    assert curve.key_strength == curve.bits


def test_nothing_can_be_changed() -> None:
    with pytest.raises(TypeError):
        CURVES["mine"] = CURVES["nistP256"]  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        CURVES["nistP256"].p = 7  # type: ignore[misc]
    assert repr(CURVES["nistP256"]) == "<Curve nistP256: 256 bits>"


def test_import_is_light() -> None:
    """No cryptography, no hashing."""
    code = "import sys, cngcore.blobs.curves; print(*{'cryptography', 'hashlib', 'ctypes'} & set(sys.modules))"
    assert python(code).stdout.strip() == ""
