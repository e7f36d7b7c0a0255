"""Key blobs of RSA and elliptic curves, built and read field by field, from the layouts that the contract describes."""

from __future__ import annotations

import struct
from typing import Any

from oracles.ec import Curve
from oracles.rsa import RsaNumbers
from oracles.values import number, octets

RSA_HEADER = struct.Struct("<4sIIIII")


def rsa_public_blob(n: int, e: int, exponent_length: int | None = None) -> bytes:
    exponent = octets(e, exponent_length)
    modulus = octets(n)
    return RSA_HEADER.pack(b"RSA1", n.bit_length(), len(exponent), len(modulus), 0, 0) + exponent + modulus


def rsa_private_blob(n: int, e: int, p: int, q: int) -> bytes:
    exponent, modulus, first, second = octets(e), octets(n), octets(p), octets(q)
    header = RSA_HEADER.pack(b"RSA2", n.bit_length(), len(exponent), len(modulus), len(first), len(second))
    return header + exponent + modulus + first + second


def rsa_full_blob(key: RsaNumbers) -> bytes:
    n, e, p, q, d = key
    first, second = (p.bit_length() + 7) // 8, (q.bit_length() + 7) // 8
    tail = octets(d % (p - 1), first) + octets(d % (q - 1), second) + octets(pow(q, -1, p), first)
    return b"RSA3" + rsa_private_blob(n, e, p, q)[4:] + tail + octets(d, key.size)


def rsa_legacy_private_blob(key: RsaNumbers) -> bytes:
    """CryptoAPI's PRIVATEKEYBLOB: everything little-endian (contract: rule-layout-legacy)."""
    n, e, p, q, d = key
    size, half = key.size, (key.size + 1) // 2

    def little(value: int, length: int) -> bytes:
        return value.to_bytes(length, "little")

    header = struct.pack("<BBHI4sII", 7, 2, 0, 0x0000A400, b"RSA2", n.bit_length(), e)
    primes = little(p, half) + little(q, half)
    exponents = little(d % (p - 1), half) + little(d % (q - 1), half) + little(pow(q, -1, p), half)
    return header + little(n, size) + primes + exponents + little(d, size)


def read_rsa_blob(blob: bytes) -> dict[str, Any]:
    """The fields of an RSA blob, with every length checked against the whole."""
    magic, bits, cb_e, cb_n, cb_p, cb_q = RSA_HEADER.unpack_from(blob)
    fields = {"magic": magic, "bits": bits, "lengths": (cb_e, cb_n, cb_p, cb_q)}
    layout = [("e", cb_e), ("n", cb_n), ("p", cb_p), ("q", cb_q)]
    if magic == b"RSA3":
        layout += [("dp", cb_p), ("dq", cb_q), ("qinv", cb_p), ("d", cb_n)]
    at = RSA_HEADER.size
    for name, length in layout:
        fields[name] = number(blob[at : at + length])
        at += length
    assert at == len(blob), f"{len(blob)} bytes where the header says {at}"
    return fields


ECC_HEADER = struct.Struct("<4sI")


ECC_FULL_HEADER = struct.Struct("<4sIIIIIII")


ECC_PARAMETERS_HEADER = struct.Struct("<IIIIIII")


def ecc_blob(magic: bytes, size: int, x: int, y: int, d: int | None = None) -> bytes:
    tail = b"" if d is None else octets(d, size)
    return ECC_HEADER.pack(magic, size) + octets(x, size) + octets(y, size) + tail


def point_blob(magic: bytes, point: bytes, d: bytes = b"") -> bytes:
    """An ECC blob from an uncompressed point (04, X, Y), and the private number if there is one."""
    assert point[0] == 4
    size = (len(point) - 1) // 2
    return ECC_HEADER.pack(magic, size) + point[1:] + d


def read_ecc_blob(blob: bytes) -> dict[str, Any]:
    magic, size = ECC_HEADER.unpack_from(blob)
    parts = [blob[at : at + size] for at in range(ECC_HEADER.size, len(blob), size)]
    assert len(parts) in (2, 3), f"{len(blob)} bytes do not hold two or three fields of {size}"
    assert all(len(part) == size for part in parts)
    fields: dict[str, Any] = {"magic": magic, "size": size, "x": number(parts[0]), "y": number(parts[1])}
    if len(parts) == 3:
        fields["d"] = number(parts[2])
    return fields


def ecc_parameters(curve: Curve, *, cofactor: bytes = b"\x01", seed: bytes = b"") -> bytes:
    """The value of the ECCParameters property (contract: rule-layout-ecc-full)."""
    header = ECC_PARAMETERS_HEADER.pack(1, 1, 0, curve.size, curve.size, len(cofactor), len(seed))
    fields = b"".join(octets(value, curve.size) for value in (curve.p, curve.a, curve.b, curve.gx, curve.gy, curve.n))
    return header + fields + cofactor + seed


def ecc_full_blob(magic: bytes, curve: Curve, x: int, y: int, d: int | None = None) -> bytes:
    tail = b"" if d is None else octets(d, curve.size)
    return magic + ecc_parameters(curve) + octets(x, curve.size) + octets(y, curve.size) + tail


def read_ecc_parameters(value: bytes) -> dict[str, Any]:
    version, kind, generation, cb_field, cb_order, cb_cofactor, cb_seed = ECC_PARAMETERS_HEADER.unpack_from(value)
    assert (version, generation) == (1, 0)
    fields: dict[str, Any] = {"kind": kind, "field": cb_field, "order": cb_order}
    at = ECC_PARAMETERS_HEADER.size
    layout = [(name, cb_field) for name in ("p", "a", "b", "gx", "gy")]
    for name, length in [*layout, ("n", cb_order), ("h", cb_cofactor), ("seed", cb_seed)]:
        fields[name] = number(value[at : at + length])
        at += length
    fields["rest"] = value[at:]
    return fields


def x25519_blob(magic: bytes, public: bytes, private: bytes = b"") -> bytes:
    """X is the RFC 7748 string as it is, Y is zero, d is the clamped scalar (contract: rule-layout-x25519)."""
    return ECC_HEADER.pack(magic, 32) + public + bytes(32) + private
