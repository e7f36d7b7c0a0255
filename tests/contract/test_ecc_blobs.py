"""elliptic-curve keys in and out of blobs.

contract: rule-import, rule-export, rule-layout-ecc, rule-layout-ecc-full.
"""

from __future__ import annotations

import struct
from typing import Any

import pytest
from contract import data
from helpers import (
    agreed,
    as_id,
    derived,
    dword_of,
    exported,
    generated,
    imported,
    ok,
    opened,
    refused,
    signed,
    text_of,
)
from oracles.blobs import ecc_blob, ecc_full_blob, point_blob, read_ecc_blob, x25519_blob
from oracles.ec import CURVES, clamped, multiply
from oracles.values import wide

from cngcore import bcrypt

INVALID_PARAMETER = bcrypt.STATUS_INVALID_PARAMETER
NOT_SUPPORTED = bcrypt.STATUS_NOT_SUPPORTED
CURVE = bcrypt.BCRYPT_ECC_CURVE_NAME
PUBLIC, PRIVATE = bcrypt.BCRYPT_ECCPUBLIC_BLOB, bcrypt.BCRYPT_ECCPRIVATE_BLOB
FULL_PUBLIC, FULL_PRIVATE = bcrypt.BCRYPT_ECCFULLPUBLIC_BLOB, bcrypt.BCRYPT_ECCFULLPRIVATE_BLOB
FIXED = {
    "ECDH_P256": (b"ECK1", b"ECK2"),
    "ECDH_P384": (b"ECK3", b"ECK4"),
    "ECDH_P521": (b"ECK5", b"ECK6"),
    "ECDSA_P256": (b"ECS1", b"ECS2"),
    "ECDSA_P384": (b"ECS3", b"ECS4"),
    "ECDSA_P521": (b"ECS5", b"ECS6"),
}
GENERIC = {"ECDH": (b"ECKP", b"ECKV"), "ECDSA": (b"ECDP", b"ECDV")}
MAGICS = {**FIXED, **GENERIC}
P256 = CURVES["nistP256"]
D = 0x1F2E3D4C5B6A798897A6B5C4D3E2F10123456789ABCDEF01122334455667788
X, Y = multiply(P256, D, (P256.gx, P256.gy)) or (0, 0)


def attempt(name: str, blob_type: Any, blob: Any, flags: Any = 0, curve: str | None = None) -> Any:
    """An import that should fail; the key is destroyed if it does not."""
    with opened(name) as algorithm:
        if curve is not None:
            ok(bcrypt.BCryptSetProperty(algorithm, CURVE, wide(curve)))
        answer = bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, blob, flags)
        bcrypt.BCryptDestroyKey(answer[1])
        return answer


def curve_for(name: str) -> str | None:
    return "nistP256" if name in GENERIC else None


# ------------------------------------------------------------------------------------------ magics and layout


@pytest.mark.parametrize("name", FIXED)
def test_blobs_of_a_fixed_curve(name: str) -> None:
    """the magic of family, curve and half; cbKey; X, Y, d, each of cbKey bytes (66 for P-521).

    contract: rule-layout-ecc.
    """
    bits = int(name[-3:])
    size = (bits + 7) // 8
    with generated(name, bits) as key:
        public, private = exported(key, PUBLIC), exported(key, PRIVATE)
    assert public[:8] == FIXED[name][0] + struct.pack("<I", size)
    assert private[:8] == FIXED[name][1] + struct.pack("<I", size)
    assert len(public) == 8 + 2 * size
    assert len(private) == 8 + 3 * size
    assert private[8 : 8 + 2 * size] == public[8:]
    for blob_type, blob in ((PUBLIC, public), (PRIVATE, private)):
        with imported(name, blob_type, blob) as key:
            assert exported(key, blob_type) == blob


@pytest.mark.parametrize("curve", ["brainpoolP256r1", "secP256k1"])
@pytest.mark.parametrize("name", GENERIC)
def test_blobs_of_a_generic_curve(name: str, curve: str) -> None:
    """a named-curve generic key exports with the generic magic.

    contract: rule-export-generic-magic, rule-layout-ecc.
    """
    with opened(name) as algorithm:
        ok(bcrypt.BCryptSetProperty(algorithm, CURVE, wide(curve)))
        with generated(algorithm, 256) as key:
            public, private = exported(key, PUBLIC), exported(key, PRIVATE)
        assert (public[:4], private[:4]) == GENERIC[name]
        fields = read_ecc_blob(private)
        domain = CURVES[curve]
        assert multiply(domain, fields["d"], (domain.gx, domain.gy)) == (fields["x"], fields["y"])
        for blob_type, blob in ((PUBLIC, public), (PRIVATE, private)):
            with imported(algorithm, blob_type, blob) as key:
                assert exported(key, blob_type) == blob


@pytest.mark.parametrize("name", ["ECDH_P256", "ECDSA_P256", "ECDH", "ECDSA"])
def test_a_known_private_key(name: str) -> None:
    """contract: rule-layout-ecc: the point is d times the generator, by arithmetic done here."""
    with imported(name, PRIVATE, ecc_blob(MAGICS[name][1], 32, 0, 0, D), curve=curve_for(name)) as key:
        assert exported(key, PUBLIC)[8:] == ecc_blob(b"xxxx", 32, X, Y)[8:]
        assert read_ecc_blob(exported(key, PRIVATE))["d"] == D


@pytest.mark.parametrize("name", MAGICS)
@pytest.mark.parametrize("blob_type", [bcrypt.BCRYPT_PUBLIC_KEY_BLOB, PUBLIC])
def test_a_private_blob_under_a_public_type(name: str, blob_type: str) -> None:
    """SUCCESS, and the key is public-only.

    contract: rule-import-ecc-private-as-public, rule-python-ecc-blobs [wine-test].
    """
    with opened(name) as algorithm:
        if name in GENERIC:
            ok(bcrypt.BCryptSetProperty(algorithm, CURVE, wide("nistP256")))
        with generated(algorithm, int(name[-3:]) if name in FIXED else 0) as key:
            private, public = exported(key, PRIVATE), exported(key, PUBLIC)
        with imported(algorithm, blob_type, private) as key:
            assert exported(key, PUBLIC) == public
            refused(bcrypt.BCryptExportKey(key, None, PRIVATE), INVALID_PARAMETER)
            refused(bcrypt.BCryptExportKey(key, None, FULL_PRIVATE), INVALID_PARAMETER)


@pytest.mark.parametrize(("name", "magics"), [("ECDH", (b"ECK1", b"ECK2")), ("ECDSA", (b"ECS1", b"ECS2"))])
def test_generic_providers_take_the_magic_of_the_matching_curve(name: str, magics: tuple[bytes, bytes]) -> None:
    """contract: rule-python-ecc-blobs: ECK* and ECS* of the matching curve; contract: rule-import-ecc-generic: the
    generic magic [go].
    """
    for public, private in (magics, GENERIC[name]):
        with imported(name, PUBLIC, ecc_blob(public, 32, X, Y), curve="nistP256") as key:
            assert text_of(key, CURVE) == "nistP256"
            assert exported(key, PUBLIC)[8:] == ecc_blob(public, 32, X, Y)[8:]
        with imported(name, PRIVATE, ecc_blob(private, 32, X, Y, D), curve="nistP256") as key:
            assert read_ecc_blob(exported(key, PRIVATE))["d"] == D


@pytest.mark.parametrize("name", ["ECDH_P256", "ECDSA_P256"])
def test_no_fixed_provider_takes_a_generic_magic(name: str) -> None:
    """contract: rule-python-ecc-blobs: ECKP and its kin are accepted by no fixed-curve provider."""
    for magic in (b"ECKP", b"ECDP"):
        refused(attempt(name, PUBLIC, ecc_blob(magic, 32, X, Y)), INVALID_PARAMETER)
    for magic in (b"ECKV", b"ECDV"):
        refused(attempt(name, PRIVATE, ecc_blob(magic, 32, X, Y, D)), INVALID_PARAMETER)


# ------------------------------------------------------------------------------------------------- X25519


def test_x25519_blobs() -> None:
    """cbKey 32; X is the RFC 7748 string as it is, Y zero, d the clamped scalar as it is.

    contract: rule-layout-x25519 [go].
    """
    vector = data.ECDH_VECTORS["X25519"]
    scalar = clamped(vector["private"])
    private = x25519_blob(b"ECKV", vector["public"], scalar)
    public = x25519_blob(b"ECKP", vector["public"])
    with imported("ECDH", PRIVATE, private, curve="curve25519") as key:
        assert exported(key, PRIVATE) == private
        assert exported(key, PUBLIC) == public
        assert dword_of(key, bcrypt.BCRYPT_KEY_STRENGTH) == 253
    with imported("ECDH", PUBLIC, public, curve="curve25519") as key:
        assert exported(key, PUBLIC) == public
        refused(bcrypt.BCryptExportKey(key, None, PRIVATE), INVALID_PARAMETER)


def test_a_generated_x25519_scalar_is_clamped() -> None:
    """contract: rule-layout-x25519: d is the clamped scalar."""
    with generated("ECDH", 0, "curve25519") as key:
        blob = exported(key, PRIVATE)
    scalar = blob[72:]
    assert scalar == clamped(scalar)
    assert blob[40:72] == bytes(32)


@pytest.mark.parametrize("cut", [-32, -1])
def test_x25519_of_a_wrong_size(cut: int) -> None:
    """cbKey wrong for the curve, or fields that do not fit the buffer: INVALID_PARAMETER.

    contract: rule-import-ecc-width.
    """
    vector = data.ECDH_VECTORS["X25519"]
    blob = x25519_blob(b"ECKP", vector["public"])
    refused(attempt("ECDH", PUBLIC, blob[:cut], curve="curve25519"), INVALID_PARAMETER)


def test_x25519_point_that_is_not_the_scalars() -> None:
    """contract: rule-import-ecc-point-unchecked: the halves belong together, but with NO_KEY_VALIDATION [client]."""
    vector = data.ECDH_VECTORS["X25519"]
    for point in (vector["peer"], b"\x09" + bytes(31)):
        blob = x25519_blob(b"ECKV", point, clamped(vector["private"]))
        refused(attempt("ECDH", PRIVATE, blob, curve="curve25519"), INVALID_PARAMETER)
        flags = bcrypt.BCRYPT_NO_KEY_VALIDATION
        with imported("ECDH", PRIVATE, blob, curve="curve25519", flags=flags) as key:
            assert exported(key, PUBLIC) == x25519_blob(b"ECKP", vector["public"])


# ------------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize("name", MAGICS)
def test_sizes(name: str) -> None:
    """cbKey wrong for the curve is INVALID_PARAMETER [wine-test]; so is a blob shorter than it says. Bytes that trail
    are ignored [client].

    contract: rule-import-ecc-width, rule-import-ecc-trailing.
    """
    bits = int(name[-3:]) if name in FIXED else 0
    with generated(name, bits, curve_for(name)) as key:
        blobs = {PUBLIC: exported(key, PUBLIC), PRIVATE: exported(key, PRIVATE)}
    for blob_type, blob in blobs.items():
        size = struct.unpack_from("<I", blob, 4)[0]
        for length in (0, 1, 4, 7, 8, 8 + size, len(blob) - 1):
            refused(attempt(name, blob_type, blob[:length], curve=curve_for(name)), INVALID_PARAMETER)
        for more in (b"\0", b"\xff" * 22, blob):
            with imported(name, blob_type, blob + more, curve=curve_for(name)) as again:
                assert exported(again, blob_type) == blob
        for wrong in (0, 1, size - 1, size + 1, 2 * size, 0xFFFFFFFF, 0x55555556):
            changed = blob[:4] + struct.pack("<I", wrong) + blob[8:]
            refused(attempt(name, blob_type, changed, curve=curve_for(name)), INVALID_PARAMETER)
            if wrong < 200:
                filled = blob[:4] + struct.pack("<I", wrong) + bytes(len(blob) // size * wrong)
                refused(attempt(name, blob_type, filled, curve=curve_for(name)), INVALID_PARAMETER)


@pytest.mark.parametrize("name", MAGICS)
def test_magics_of_other_families_and_curves(name: str) -> None:
    """an ECDH magic into an ECDSA provider is INVALID_PARAMETER [wine-test]; so is every other that does not fit.

    contract: rule-import-magic.
    """
    matching = {b"ECDH": "ECDH_P256", b"ECDS": "ECDSA_P256"}[name[:4].encode()]
    with opened("ECDH_P256" if matching == "ECDH_P256" else "ECDSA_P256") as algorithm:
        allowed = set(MAGICS[name]) | (set(FIXED[matching]) if name in GENERIC else set())
        for magic in {m for pair in MAGICS.values() for m in pair} - allowed | {b"RSA1", b"DHPB", bytes(4), b"ECCP"}:
            for blob_type, d in ((PUBLIC, None), (PRIVATE, D)):
                answer = attempt(name, blob_type, ecc_blob(magic, 32, X, Y, d), curve=curve_for(name))
                refused(answer, INVALID_PARAMETER)
        assert text_of(algorithm, bcrypt.BCRYPT_ALGORITHM_NAME) == matching


@pytest.mark.parametrize("name", ["ECDH_P256", "ECDSA_P256", "ECDH", "ECDSA"])
def test_a_public_blob_is_no_private_one(name: str) -> None:
    """contract: rule-import: nothing private comes from a public blob."""
    blob = ecc_blob(MAGICS[name][0], 32, X, Y)
    refused(attempt(name, PRIVATE, blob, curve=curve_for(name)), INVALID_PARAMETER)


@pytest.mark.parametrize("name", ["ECDH_P256", "ECDSA_P256", "ECDH", "ECDSA"])
@pytest.mark.parametrize(
    ("x", "y"),
    [(X, Y ^ 1), (X ^ 1, Y), (0, 0), (Y, X), (P256.p - 1, Y), (2**256 - 1, 2**256 - 1), (0, Y), (P256.p, 0)],
    ids=["y", "x", "zero", "swapped", "p-1", "above p", "x 0", "x p"],
)
def test_points_that_are_not_on_the_curve(name: str, x: int, y: int) -> None:
    """a public point off the curve is refused, also where validation is declined: no invalid-curve attacks.

    contract: rule-import.
    """
    public, private = MAGICS[name]
    for flags in (0, bcrypt.BCRYPT_NO_KEY_VALIDATION, bcrypt.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER):
        refused(attempt(name, PUBLIC, ecc_blob(public, 32, x, y), flags, curve_for(name)), INVALID_PARAMETER)
    if (x, y) != (0, 0):
        refused(attempt(name, PRIVATE, ecc_blob(private, 32, x, y, D), curve=curve_for(name)), INVALID_PARAMETER)


@pytest.mark.parametrize("name", ["ECDH_P256", "ECDSA_P256", "ECDH", "ECDSA"])
@pytest.mark.parametrize("d", [0, P256.n, P256.n + 1, 2**256 - 1], ids=["0", "n", "n+1", "max"])
def test_scalars_out_of_range(name: str, d: int) -> None:
    """contract: rule-import: a private number outside 1..n-1 is INVALID_PARAMETER."""
    for x, y in ((0, 0), (X, Y)):
        refused(
            attempt(name, PRIVATE, ecc_blob(MAGICS[name][1], 32, x, y, d), curve=curve_for(name)), INVALID_PARAMETER
        )


@pytest.mark.parametrize("d", [1, 2, P256.n - 1], ids=["1", "2", "n-1"])
def test_scalars_at_the_edge(d: int) -> None:
    """contract: rule-import: 1 and n-1 are legal private numbers."""
    expected = multiply(P256, d, (P256.gx, P256.gy))
    with imported("ECDSA_P256", PRIVATE, ecc_blob(b"ECS2", 32, 0, 0, d)) as key:
        fields = read_ecc_blob(exported(key, PRIVATE))
        assert (fields["x"], fields["y"]) == expected
        assert fields["d"] == d


@pytest.mark.parametrize("name", GENERIC)
def test_a_generic_blob_needs_a_curve(name: str) -> None:
    """the generic magic says nothing about the curve; with none set, or with another, the blob is refused.

    contract: rule-import-ecc-generic.
    """
    blob = ecc_blob(GENERIC[name][0], 32, X, Y)
    refused(attempt(name, PUBLIC, blob), INVALID_PARAMETER)
    refused(attempt(name, PUBLIC, blob, curve="brainpoolP256r1"), INVALID_PARAMETER)
    refused(attempt(name, PUBLIC, blob, curve="nistP384"), INVALID_PARAMETER)


@pytest.mark.parametrize("name", ["ECDH_P256", "ECDSA"])
@pytest.mark.parametrize(
    "blob_type",
    [
        bcrypt.BCRYPT_OPAQUE_KEY_BLOB,
        bcrypt.BCRYPT_RSAPUBLIC_BLOB,
        bcrypt.BCRYPT_DSA_PUBLIC_BLOB,
        bcrypt.BCRYPT_DH_PUBLIC_BLOB,
        bcrypt.BCRYPT_MLKEM_PUBLIC_BLOB,
        "eccpublicblob",
        "ECCPUBLICBLOB\0",
        "",
    ],
)
def test_blob_types_of_others(name: str, blob_type: str) -> None:
    """contract: rule-import, rule-export-type: NOT_SUPPORTED [doc]; contract: rule-strings: blob types are exact
    [wine-impl].
    """
    refused(attempt(name, blob_type, ecc_blob(MAGICS[name][0], 32, X, Y), curve=curve_for(name)), NOT_SUPPORTED)
    with imported(name, PUBLIC, ecc_blob(MAGICS[name][0], 32, X, Y), curve=curve_for(name)) as key:
        refused(bcrypt.BCryptExportKey(key, None, blob_type), NOT_SUPPORTED)


@pytest.mark.parametrize("wrong", [None, 0, 7, 1.5, [], object(), "ECK1"], ids=as_id)
def test_what_is_no_blob(wrong: object) -> None:
    """contract: rule-import-null: pbInput NULL is INVALID_PARAMETER [wine-impl]; wrong types too
    (contract: rule-python-no-raise).
    """
    refused(attempt("ECDH_P256", PUBLIC, wrong), INVALID_PARAMETER)


# ---------------------------------------------------------------------------------------------- full blobs


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("name", GENERIC)
def test_full_blobs(name: str, curve: str) -> None:
    """the curve travels with the key; no name has to be set, and the key comes back byte for byte.

    contract: rule-layout-ecc-full.
    """
    domain = CURVES[curve]
    x, y = multiply(domain, D, (domain.gx, domain.gy)) or (0, 0)
    public, private = GENERIC[name]
    for blob_type, blob in (
        (FULL_PUBLIC, ecc_full_blob(public, domain, x, y)),
        (FULL_PRIVATE, ecc_full_blob(private, domain, x, y, D)),
    ):
        with imported(name, blob_type, blob) as key:
            assert dword_of(key, bcrypt.BCRYPT_KEY_LENGTH) == 256
            back = exported(key, blob_type)
            assert back[:28] == blob[:28]
            assert back[-64:] == blob[-64:]
            plain = exported(key, PUBLIC)
            assert plain == ecc_blob(public, 32, x, y)
            with imported(name, blob_type, back) as again:
                assert exported(again, PUBLIC) == plain


@pytest.mark.parametrize("name", GENERIC)
def test_full_blobs_and_a_curve_that_is_set(name: str) -> None:
    """with the same curve on the provider it is the same key; with another it is refused.

    contract: rule-layout-ecc-full.
    """
    blob = ecc_full_blob(GENERIC[name][0], P256, X, Y)
    with imported(name, FULL_PUBLIC, blob, curve="nistP256") as key:
        assert exported(key, PUBLIC) == ecc_blob(GENERIC[name][0], 32, X, Y)
    refused(attempt(name, FULL_PUBLIC, blob, curve="brainpoolP256r1"), INVALID_PARAMETER)


BLOB = ecc_full_blob(b"ECKP", P256, X, Y)


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        BLOB[:31],
        BLOB[:32],
        BLOB[:-1],
        BLOB[:4] + struct.pack("<I", 2) + BLOB[8:],
        BLOB[:8] + struct.pack("<I", 0) + BLOB[12:],
        BLOB[:16] + struct.pack("<I", 0xFFFFFFFF) + BLOB[20:],
        BLOB[:16] + struct.pack("<I", 0) + BLOB[20:],
        BLOB[:28] + struct.pack("<I", 1) + BLOB[32:],
        ecc_full_blob(b"ECKP", P256, X, Y ^ 1),
        ecc_full_blob(b"ECK1", P256, X, Y),
        ecc_full_blob(b"ECDP", P256, X, Y),
        ecc_full_blob(b"RSA1", P256, X, Y),
    ],
    ids=[
        "empty",
        "short header",
        "header",
        "short",
        "version",
        "type",
        "huge",
        "no field",
        "seed",
        "off the curve",
        "magic of P-256",
        "magic of ECDSA",
        "magic of RSA",
    ],
)
def test_malformed_full_blobs(blob: bytes) -> None:
    """contract: rule-layout-ecc-full: what does not fit is INVALID_PARAMETER."""
    refused(attempt("ECDH", FULL_PUBLIC, blob), INVALID_PARAMETER)


def test_bytes_after_a_full_blob() -> None:
    """contract: rule-import-ecc-trailing: ignored, and a private blob under the public type stays a public key."""
    x, y = multiply(P256, D, (P256.gx, P256.gy)) or (0, 0)
    public = ecc_full_blob(b"ECKP", P256, x, y)
    private = ecc_full_blob(b"ECKV", P256, x, y, D)
    for blob_type, blob in ((FULL_PUBLIC, public), (FULL_PRIVATE, private)):
        for more in (b"\0", b"\xff" * 22, blob):
            with imported("ECDH", blob_type, blob + more) as key:
                assert exported(key, blob_type) == blob
    with imported("ECDH", FULL_PUBLIC, private + b"\xff") as key:
        assert exported(key, FULL_PUBLIC) == public
        refused(bcrypt.BCryptExportKey(key, None, FULL_PRIVATE), INVALID_PARAMETER)


@pytest.mark.parametrize("name", MAGICS)
def test_a_point_that_does_not_belong(name: str) -> None:
    """contract: rule-import-ecc-point-unchecked: refused; with NO_KEY_VALIDATION computed from d [client, symcrypt]."""
    bits, curve = int(name[-3:]) if name in FIXED else 0, curve_for(name)
    with generated(name, bits, curve) as key, generated(name, bits, curve) as other:
        right, foreign = exported(key, PRIVATE), exported(other, PRIVATE)
    size = struct.unpack_from("<I", right, 4)[0]
    head, d = right[:8], right[8 + 2 * size :]
    for point in (foreign[8 : 8 + 2 * size], b"\1" * (2 * size), b"\xff" * (2 * size)):
        blob = head + point + d
        for flags in (0, bcrypt.BCRYPT_KEY_VALIDATION_RANGE, bcrypt.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER):
            refused(attempt(name, PRIVATE, blob, flags, curve=curve), INVALID_PARAMETER)
        with imported(name, PRIVATE, blob, curve=curve, flags=bcrypt.BCRYPT_NO_KEY_VALIDATION) as twin:
            assert exported(twin, PRIVATE) == right


def test_full_blobs_of_a_twisted_generator() -> None:
    """P-256 with another generator is another curve; it must not pass for P-256 (CVE-2020-0601).

    contract: rule-layout-ecc-full.
    """
    twisted = P256._replace(gx=X, gy=Y)
    blob = ecc_full_blob(b"ECDP", twisted, X, Y)
    refused(attempt("ECDSA", FULL_PUBLIC, blob), NOT_SUPPORTED)
    refused(attempt("ECDSA", FULL_PUBLIC, blob, curve="nistP256"), NOT_SUPPORTED)


@pytest.mark.parametrize(("name", "magic"), [("ECDH_P256", b"ECK"), ("ECDSA_P256", b"ECD")])
def test_a_fixed_key_as_a_full_blob(name: str, magic: bytes) -> None:
    """contract: rule-layout-ecc-full: the full forms have generic magics only; the generic provider reads them."""
    with generated(name, 256) as key:
        public, private = exported(key, FULL_PUBLIC), exported(key, FULL_PRIVATE)
        assert (public[:4], private[:4]) == (magic + b"P", magic + b"V")
        with imported(name.split("_")[0], FULL_PRIVATE, private) as copy:
            assert exported(copy, PUBLIC)[8:] == exported(key, PUBLIC)[8:]


# -------------------------------------------------------------------------------------------- export, use


@pytest.mark.parametrize("blob_type", [PUBLIC, PRIVATE, FULL_PUBLIC, FULL_PRIVATE])
def test_export_sizes(blob_type: str) -> None:
    """no buffer: SUCCESS and size; short, also of 0 bytes: BUFFER_TOO_SMALL, size, untouched [wine-test].

    contract: rule-size-query.
    """
    with generated("ECDH", 0, "nistP256") as key:
        size = ok(bcrypt.BCryptExportKey(key, None, blob_type))
        for short in (0, 1, size - 1):
            buffer = bytearray(b"\xa5" * short)
            assert bcrypt.BCryptExportKey(key, None, blob_type, buffer) == (bcrypt.STATUS_BUFFER_TOO_SMALL, size)
            assert buffer == b"\xa5" * short
        buffer = bytearray(b"\xa5" * (size + 9))
        assert bcrypt.BCryptExportKey(key, None, blob_type, buffer) == (bcrypt.STATUS_SUCCESS, size)
        assert buffer[size:] == b"\xa5" * 9


def test_import_flags() -> None:
    """contract: rule-import-flags [header]: 0, 8, 0x10, 0x18, 0x20, decoded as a whole."""
    blob = ecc_blob(b"ECK1", 32, X, Y)
    for flags in (0, 8, 0x10, 0x18, 0x20):
        with imported("ECDH_P256", PUBLIC, blob, flags=flags) as key:
            assert exported(key, PUBLIC) == blob
    for wrong in (1, 2, 4, 0x28, 0x30, 0x38, 0x40, 0x80000000, 2**32, 2**32 + 8, -1, None, "0", b"", 8.0):
        refused(attempt("ECDH_P256", PUBLIC, blob, wrong), INVALID_PARAMETER)


def test_fixed_and_generic_are_the_same_arithmetic() -> None:
    """contract: rule-import: a key of ECDH_P256 agrees on the same secret when it lives on the generic provider."""
    vector = data.ECDH_VECTORS["P-256"]
    secrets = []
    for name in ("ECDH_P256", "ECDH"):
        public, private = MAGICS[name]
        with (
            opened(name) as algorithm,
            imported(
                name, PRIVATE, point_blob(private, vector["public"], vector["private"]), curve=curve_for(name)
            ) as key,
            imported(name, PUBLIC, point_blob(public, vector["peer"]), curve=curve_for(name)) as peer,
            agreed(key, peer) as secret,
        ):
            assert algorithm
            secrets.append(derived(secret, "TRUNCATE"))
    assert secrets == [vector["shared"][::-1]] * 2


def test_an_ecdsa_key_moves_between_fixed_and_generic() -> None:
    """contract: rule-export: byte for byte but for the magic; a signature of the one verifies with the other."""
    with generated("ECDSA_P256", 256) as key:
        blob = exported(key, PRIVATE)
        with imported("ECDSA", PRIVATE, b"ECDV" + blob[4:], curve="nistP256") as copy:
            ok(bcrypt.BCryptVerifySignature(key, None, data.HASH32, signed(copy, data.HASH32)))
