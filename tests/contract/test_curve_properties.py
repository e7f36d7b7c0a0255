"""ECCCurveName and ECCParameters, the properties that choose a curve.

contract: rule-set-curve-name, rule-set-ecc-parameters.
"""

from __future__ import annotations

import pytest
from helpers import dword_of, empty, exported, ok, opened, refused, text_of
from oracles.blobs import ecc_full_blob, ecc_parameters, read_ecc_blob
from oracles.ec import CURVES
from oracles.values import dword, wide

from cngcore import bcrypt

INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
NOT_SUPPORTED = bcrypt.STATUS_NOT_SUPPORTED
CURVE = bcrypt.BCRYPT_ECC_CURVE_NAME
PARAMETERS = bcrypt.BCRYPT_ECC_PARAMETERS
KEY_LENGTH = bcrypt.BCRYPT_KEY_LENGTH


# ------------------------------------------------------------------------------------------- 4.4 ECCCurveName


def test_curve25519_is_not_for_ecdsa() -> None:
    """curve25519 on ECDSA is NOT_SUPPORTED at SetProperty [wine-test]; on ECDH SUCCESS [wine-test, go].

    contract: rule-set-curve-25519.
    """
    with opened("ECDSA") as algorithm, empty(algorithm, 0) as key:
        for handle in (algorithm, key):
            refused(bcrypt.BCryptSetProperty(handle, CURVE, wide("curve25519")), NOT_SUPPORTED)
    with opened("ECDH") as algorithm, empty(algorithm, 0) as key:
        for handle in (algorithm, key):
            ok(bcrypt.BCryptSetProperty(handle, CURVE, wide("curve25519")))


@pytest.mark.parametrize(
    "curve", ["noSuchCurve", "NISTP256", "nistp256", "P-256", "", "nistP256 ", "secp256k1", "X25519"]
)
@pytest.mark.parametrize("name", ["ECDSA", "ECDH"])
def test_an_unknown_curve(name: str, curve: str) -> None:
    """contract: rule-set-curve-unknown: NOT_SUPPORTED [inferred]; nothing is set by it."""
    with opened(name) as algorithm, empty(algorithm, 0) as key:
        for handle in (algorithm, key):
            refused(bcrypt.BCryptSetProperty(handle, CURVE, wide(curve)), NOT_SUPPORTED)
        refused(bcrypt.BCryptFinalizeKeyPair(key), INVALID_PARAMETER)
        ok(bcrypt.BCryptSetProperty(key, CURVE, wide("nistP256")))
        refused(bcrypt.BCryptSetProperty(key, CURVE, wide(curve)), NOT_SUPPORTED)
        assert text_of(key, CURVE) == "nistP256"


@pytest.mark.parametrize("name", ["ECDSA_P256", "ECDH_P384"])
def test_a_fixed_curve_stays(name: str) -> None:
    """on a fixed-curve provider NOT_SUPPORTED [inferred], be it its own curve; ECCParameters likewise.

    contract: rule-set-curve-fixed.
    """
    with opened(name) as algorithm, empty(algorithm, int(name[-3:])) as key:
        for handle in (algorithm, key):
            for curve in ("nistP256", "nistP384"):
                refused(bcrypt.BCryptSetProperty(handle, CURVE, wide(curve)), NOT_SUPPORTED)
            value = ecc_parameters(CURVES["nistP256"])
            refused(bcrypt.BCryptSetProperty(handle, PARAMETERS, value), NOT_SUPPORTED)


@pytest.mark.parametrize("name", ["ECDSA", "ECDH"])
def test_the_length_of_an_empty_key_is_that_of_its_curve(name: str) -> None:
    """An empty generic key has no length before it has a curve, and then that of the curve; never 0.

    contract: rule-set-curve-name.
    """
    with opened(name) as algorithm, empty(algorithm, 0) as key:
        for property_name in (KEY_LENGTH, bcrypt.BCRYPT_KEY_STRENGTH):
            refused(bcrypt.BCryptGetProperty(key, property_name, bytearray(4)), NOT_SUPPORTED)
        for curve, bits in (("nistP256", 256), ("nistP521", 521)):
            ok(bcrypt.BCryptSetProperty(key, CURVE, wide(curve)))
            assert dword_of(key, KEY_LENGTH) == dword_of(key, bcrypt.BCRYPT_KEY_STRENGTH) == bits
        ok(bcrypt.BCryptSetProperty(algorithm, CURVE, wide("nistP384")))
        with empty(algorithm, 0) as later:
            assert dword_of(later, KEY_LENGTH) == 384


# ------------------------------------------------------------------------------------------ 4.5 ECCParameters


@pytest.mark.parametrize("where", ["algorithm", "key"])
@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize(("name", "magic"), [("ECDSA", b"ECDV"), ("ECDH", b"ECKV")])
def test_explicit_parameters(name: str, magic: bytes, curve: str, where: str) -> None:
    """settable instead of a name [doc, dotnet], on the algorithm or the key; exports use generic magics.

    contract: rule-set-ecc-parameters.
    """
    value = ecc_parameters(CURVES[curve])
    with opened(name) as algorithm:
        if where == "algorithm":
            ok(bcrypt.BCryptSetProperty(algorithm, PARAMETERS, value))
            with empty(algorithm, CURVES[curve].bits):
                pass
        with empty(algorithm, 0) as key:
            if where == "key":
                ok(bcrypt.BCryptSetProperty(key, PARAMETERS, value))
            ok(bcrypt.BCryptFinalizeKeyPair(key))
            fields = read_ecc_blob(exported(key, bcrypt.BCRYPT_ECCPRIVATE_BLOB))
            assert fields["magic"] == magic
            assert CURVES[curve].has(fields["x"], fields["y"])
            full = exported(key, bcrypt.BCRYPT_ECCFULLPRIVATE_BLOB)
            assert full[:4] == magic
            assert full[4:24] == ecc_full_blob(magic, CURVES[curve], 0, 0, 0)[4:24]


def test_the_last_of_name_and_parameters_wins() -> None:
    """contract: rule-set-ecc-parameters: one instead of the other; what was set last counts."""
    value = ecc_parameters(CURVES["brainpoolP256r1"])
    with empty("ECDH", 0) as key:
        ok(bcrypt.BCryptSetProperty(key, CURVE, wide("nistP384")))
        ok(bcrypt.BCryptSetProperty(key, PARAMETERS, value))
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert dword_of(key, KEY_LENGTH) == 256
    with empty("ECDH", 0) as key:
        ok(bcrypt.BCryptSetProperty(key, PARAMETERS, value))
        ok(bcrypt.BCryptSetProperty(key, CURVE, wide("nistP384")))
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        assert text_of(key, CURVE) == "nistP384"


GOOD = ecc_parameters(CURVES["nistP256"])


@pytest.mark.parametrize(
    "value",
    [
        b"",
        GOOD[:27],
        GOOD[:28],
        GOOD[:-1],
        GOOD + b"\0",
        dword(2) + GOOD[4:],
        GOOD[:4] + dword(0) + GOOD[8:],
        GOOD[:4] + dword(9) + GOOD[8:],
        GOOD[:12] + dword(0xFFFFFFFF) + GOOD[16:],
        GOOD[:12] + dword(0) + GOOD[16:],
        GOOD[:16] + dword(0) + GOOD[20:],
        GOOD[:24] + dword(1) + GOOD[28:],
        b"ECCP" + GOOD,
    ],
    ids=[
        "empty",
        "short header",
        "header",
        "short",
        "long",
        "version 2",
        "type 0",
        "type 9",
        "huge",
        "no field",
        "no order",
        "a seed too many",
        "with a magic",
    ],
)
@pytest.mark.parametrize("name", ["ECDSA", "ECDH"])
def test_malformed_parameters(name: str, value: bytes) -> None:
    """a structure whose fields and lengths do not fit is INVALID_PARAMETER, and sets nothing.

    contract: rule-set-ecc-parameters, rule-layout-ecc-full.
    """
    with empty(name, 0) as key:
        refused(bcrypt.BCryptSetProperty(key, PARAMETERS, value), INVALID_PARAMETER)
        refused(bcrypt.BCryptFinalizeKeyPair(key), INVALID_PARAMETER)


def test_parameters_of_no_served_curve() -> None:
    """a curve that no provider has, be it one or not, is NOT_SUPPORTED.

    contract: rule-set-ecc-parameters.
    """
    curve = CURVES["nistP256"]
    for other in (curve._replace(b=curve.b + 1), curve._replace(n=curve.n - 2), curve._replace(gx=1, gy=1)):
        with empty("ECDSA", 0) as key:
            refused(bcrypt.BCryptSetProperty(key, PARAMETERS, ecc_parameters(other)), NOT_SUPPORTED)
    with empty("ECDSA", 0) as key:
        refused(bcrypt.BCryptSetProperty(key, PARAMETERS, ecc_parameters(curve, cofactor=b"\2")), NOT_SUPPORTED)
