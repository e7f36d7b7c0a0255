"""Small tools of the black-box tests: blobs built by hand, handles that clean up, and oracles of our own.

Nothing here looks inside ``cngcore``: blob layouts are written down again from the contract (contract: rule-layout), so
that a
mistake in the library's own codec cannot hide behind itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import random
import re
import struct
from collections.abc import Iterator
from math import gcd
from typing import Any, NamedTuple

from cngcore import bcrypt


def as_id(value: object) -> str:
    """The repr of a parameter without its address, so that a test has one id in every run."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


# ---------------------------------------------------------------------------------------------- answers


def status_of(answer: Any) -> bcrypt.NTStatus:
    """The status of a flat answer, whether it came alone or at the head of a tuple."""
    status = answer[0] if isinstance(answer, tuple) else answer
    assert isinstance(status, bcrypt.NTStatus), f"not an NTStatus: {answer!r}"
    return status


def ok(answer: Any) -> Any:
    """Demand STATUS_SUCCESS, and give what came with it: nothing, one thing, or a tuple of things."""
    status = status_of(answer)
    assert status == bcrypt.STATUS_SUCCESS, f"{status!r} where success was due"
    if not isinstance(answer, tuple):
        return None
    return answer[1] if len(answer) == 2 else answer[1:]


def refused(answer: Any, *statuses: int) -> None:
    """Demand one of ``statuses``, and that nothing was given out with it (contract: rule-python-returns)."""
    status = status_of(answer)
    assert status in statuses, f"{status!r} where {[str(bcrypt.NTStatus(s)) for s in statuses]} was due"
    if isinstance(answer, tuple) and status != bcrypt.STATUS_BUFFER_TOO_SMALL:
        assert all(item is None for item in answer[1:]), f"a failing call gave something out: {answer!r}"


# ---------------------------------------------------------------------------------------------- handles


@contextlib.contextmanager
def opened(name: str, *args: Any) -> Iterator[int]:
    """A flat algorithm handle, closed at the end unless the test closed it."""
    handle = ok(bcrypt.BCryptOpenAlgorithmProvider(name, *args))
    try:
        yield handle
    finally:
        bcrypt.BCryptCloseAlgorithmProvider(handle)


@contextlib.contextmanager
def empty(algorithm: int | str, bits: int, curve: str | None = None, flags: int = 0) -> Iterator[int]:
    """An unfinalized key; ``curve`` is set on the key, where the contract wants it for the generic algorithms."""
    with contextlib.ExitStack() as stack:
        handle = stack.enter_context(opened(algorithm)) if isinstance(algorithm, str) else algorithm
        key = ok(bcrypt.BCryptGenerateKeyPair(handle, bits, flags))
        stack.callback(bcrypt.BCryptDestroyKey, key)
        if curve is not None:
            ok(bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_ECC_CURVE_NAME, wide(curve)))
        yield key


@contextlib.contextmanager
def generated(algorithm: int | str, bits: int, curve: str | None = None) -> Iterator[int]:
    """A finalized key."""
    with empty(algorithm, bits, curve) as key:
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        yield key


@contextlib.contextmanager
def imported(
    algorithm: int | str, blob_type: str, blob: Any, *, curve: str | None = None, flags: int = 0
) -> Iterator[int]:
    """An imported key; ``curve`` is set on the provider that is opened for it."""
    with contextlib.ExitStack() as stack:
        if isinstance(algorithm, str):
            handle = stack.enter_context(opened(algorithm))
            if curve is not None:
                ok(bcrypt.BCryptSetProperty(handle, bcrypt.BCRYPT_ECC_CURVE_NAME, wide(curve)))
        else:
            handle = algorithm
        key = ok(bcrypt.BCryptImportKeyPair(handle, None, blob_type, blob, flags))
        stack.callback(bcrypt.BCryptDestroyKey, key)
        yield key


@contextlib.contextmanager
def agreed(private: int, public: int) -> Iterator[int]:
    """A secret."""
    secret = ok(bcrypt.BCryptSecretAgreement(private, public))
    try:
        yield secret
    finally:
        bcrypt.BCryptDestroySecret(secret)


# ------------------------------------------------------------------------- two-step calls, as C code does


def exported(key: int, blob_type: str) -> bytes:
    size = ok(bcrypt.BCryptExportKey(key, None, blob_type))
    buffer = bytearray(size)
    assert ok(bcrypt.BCryptExportKey(key, None, blob_type, buffer)) == size
    return bytes(buffer)


def property_of(handle: int, name: str) -> bytes:
    size = ok(bcrypt.BCryptGetProperty(handle, name))
    buffer = bytearray(size)
    assert ok(bcrypt.BCryptGetProperty(handle, name, buffer)) == size
    return bytes(buffer)


def dword_of(handle: int, name: str) -> int:
    value = property_of(handle, name)
    assert len(value) == 4, f"{name} is {len(value)} bytes, not a DWORD"
    return int.from_bytes(value, "little")


def text_of(handle: int, name: str) -> str:
    value = property_of(handle, name).decode("utf-16-le")
    assert value.endswith("\0"), f"{name} has no terminator"
    return value[:-1]


def signed(key: int, digest: bytes, padding: Any = None, flags: int = 0) -> bytes:
    size = ok(bcrypt.BCryptSignHash(key, padding, digest, None, flags))
    buffer = bytearray(size)
    assert ok(bcrypt.BCryptSignHash(key, padding, digest, buffer, flags)) == size
    return bytes(buffer)


def encrypted(key: int, plaintext: bytes, padding: Any = None, flags: int = 0) -> bytes:
    size = ok(bcrypt.BCryptEncrypt(key, plaintext, padding, None, None, flags))
    buffer = bytearray(size)
    assert ok(bcrypt.BCryptEncrypt(key, plaintext, padding, None, buffer, flags)) == size
    return bytes(buffer)


def decrypted(key: int, ciphertext: bytes, padding: Any = None, flags: int = 0) -> bytes:
    size = ok(bcrypt.BCryptDecrypt(key, ciphertext, padding, None, None, flags))
    buffer = bytearray(size)
    assert ok(bcrypt.BCryptDecrypt(key, ciphertext, padding, None, buffer, flags)) == size
    return bytes(buffer)


def derived(secret: int, kdf: str, parameters: Any = None, flags: int = 0, length: int | None = None) -> bytes:
    """The KDF's output: its natural length, or ``length`` bytes."""
    if length is None:
        length = ok(bcrypt.BCryptDeriveKey(secret, kdf, parameters, None, flags))
    buffer = bytearray(length)
    assert ok(bcrypt.BCryptDeriveKey(secret, kdf, parameters, buffer, flags)) == length
    return bytes(buffer)


# ------------------------------------------------------------------------------------------------ values


def wide(text: str) -> bytes:
    """A string as C code hands it over: UTF-16LE with its NUL (contract: rule-strings)."""
    return text.encode("utf-16-le") + b"\0\0"


def dword(value: int) -> bytes:
    return struct.pack("<I", value)


def number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def octets(value: int, length: int | None = None) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8 if length is None else length, "big")


# ------------------------------------------------------------ RSA blobs (contract: rule-layout-rsa, rule-layout-legacy)

RSA_HEADER = struct.Struct("<4sIIIII")


class RsaNumbers(NamedTuple):
    n: int
    e: int
    p: int
    q: int
    d: int

    @property
    def size(self) -> int:
        return (self.n.bit_length() + 7) // 8


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


def factors(n: int, e: int, d: int) -> tuple[int, int]:
    """p and q from n, e, d (NIST SP 800-56B appendix C, with fixed bases)."""
    odd, twos = e * d - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in range(2, 200):
        x = pow(base, odd, n)
        for _ in range(twos):
            square = x * x % n
            if square == 1 and x not in (1, n - 1):
                p = gcd(x - 1, n)
                return max(p, n // p), min(p, n // p)
            x = square
    raise ValueError("n, e, d do not belong together")


def is_prime(value: int) -> bool:
    """Miller-Rabin with the first forty primes as bases: plenty for test keys."""
    small = [p for p in range(2, 174) if all(p % q for q in range(2, p))]
    if value < 2 or any(value % p == 0 for p in small):
        return value in small
    odd, twos = value - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in small:
        x = pow(base, odd, value)
        if x in (1, value - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % value
            if x == value - 1:
                break
        else:
            return False
    return True


def rsa_numbers(bits: int, e: int = 65537, seed: int = 1) -> RsaNumbers:
    """A key of exactly ``bits`` bits, the same one each time. For tests only: the generator is not secret."""
    rng = random.Random(f"{bits}/{e}/{seed}")

    def prime(length: int) -> int:
        while True:
            candidate = rng.getrandbits(length) | 1 | 3 << length - 2
            if gcd(candidate - 1, e) == 1 and is_prime(candidate):
                return candidate

    p, q = prime((bits + 1) // 2), prime(bits // 2)
    if p < q:
        p, q = q, p
    n = p * q
    assert n.bit_length() == bits
    assert p != q
    return RsaNumbers(n, e, p, q, pow(e, -1, (p - 1) * (q - 1) // gcd(p - 1, q - 1)))


def pkcs1_block(content: bytes, size: int) -> bytes:
    """EMSA-PKCS1-v1_5 around ``content`` (RFC 8017, 9.2)."""
    return b"\0\1" + b"\xff" * (size - 3 - len(content)) + b"\0" + content


#: DER of DigestInfo up to the digest itself (RFC 8017, 9.2 note 1; NIST's arc for SHA-2 and SHA-3).
DIGEST_INFO = {"MD5": bytes.fromhex("3020300c06082a864886f70d020505000410")}
DIGEST_INFO["SHA1"] = bytes.fromhex("3021300906052b0e03021a05000414")
for _name, _arc, _length in [
    ("SHA256", 1, 32),
    ("SHA384", 2, 48),
    ("SHA512", 3, 64),
    ("SHA224", 4, 28),
    ("SHA512/224", 5, 28),
    ("SHA512/256", 6, 32),
    ("SHA3-224", 7, 28),
    ("SHA3-256", 8, 32),
    ("SHA3-384", 9, 48),
    ("SHA3-512", 10, 64),
]:
    DIGEST_INFO[_name] = (
        bytes([0x30, 17 + _length, 0x30, 13])
        + bytes.fromhex("06096086480165030402")
        + bytes([_arc])
        + b"\x05\x00\x04"
        + bytes([_length])
    )

# ---------------------------------------------------------- ECC blobs (contract: rule-layout-ecc, rule-layout-ecc-full)

ECC_HEADER = struct.Struct("<4sI")
ECC_FULL_HEADER = struct.Struct("<4sIIIIIII")
ECC_PARAMETERS_HEADER = struct.Struct("<IIIIIII")


class Curve(NamedTuple):
    """A short Weierstrass curve with cofactor 1."""

    name: str  # of ECCCurveName
    bits: int
    p: int
    a: int
    b: int
    gx: int
    gy: int
    n: int

    @property
    def size(self) -> int:
        return (self.bits + 7) // 8

    def has(self, x: int, y: int) -> bool:
        return (y * y - (x * x * x + self.a * x + self.b)) % self.p == 0


def _curve(name: str, bits: int, p: str, a: str, b: str, gx: str, gy: str, n: str) -> Curve:
    return Curve(name, bits, *(int(v.replace(" ", ""), 16) for v in (p, a, b, gx, gy, n)))


#: SEC 2 and RFC 5639. ``contract/test_properties.py`` checks that each generator is on its curve.
CURVES = {
    curve.name: curve
    for curve in (
        _curve(
            "nistP256",
            256,
            "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
            "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
            "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
            "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
            "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
            "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        ),
        _curve(
            "secP256k1",
            256,
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
            "0",
            "7",
            "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
            "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        ),
        _curve(
            "brainpoolP256r1",
            256,
            "a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
            "7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
            "26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
            "8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262",
            "547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
            "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7",
        ),
    )
}


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


def clamped(scalar: bytes) -> bytes:
    """An X25519 scalar as CNG wants it: clamped by the caller (contract: rule-import-x25519-clamp, [go])."""
    body = bytearray(scalar)
    body[0] &= 248
    body[31] = body[31] & 127 | 64
    return bytes(body)


def x25519_blob(magic: bytes, public: bytes, private: bytes = b"") -> bytes:
    """X is the RFC 7748 string as it is, Y is zero, d is the clamped scalar (contract: rule-layout-x25519)."""
    return ECC_HEADER.pack(magic, 32) + public + bytes(32) + private


# ----------------------------------------------------------------------------------- the KDFs, from their texts


def hmac_bytes(key: bytes, message: bytes, name: str) -> bytes:
    return hmac.new(key, message, name).digest()


def p_hash(secret: bytes, seed: bytes, name: str, length: int) -> bytes:
    """P_hash of RFC 5246, section 5."""
    out, a = b"", seed
    while len(out) < length:
        a = hmac_bytes(secret, a, name)
        out += hmac_bytes(secret, a + seed, name)
    return out[:length]


def tls1_prf(secret: bytes, label: bytes, seed: bytes, length: int) -> bytes:
    """The PRF of TLS 1.0 and 1.1 (RFC 4346, section 5)."""
    half = (len(secret) + 1) // 2
    left = p_hash(secret[:half], label + seed, "md5", length)
    right = p_hash(secret[len(secret) - half :], label + seed, "sha1", length)
    return bytes(x ^ y for x, y in zip(left, right, strict=True))


def hkdf(secret: bytes, salt: bytes, info: bytes, name: str, length: int) -> bytes:
    """HKDF of RFC 5869."""
    return hkdf_expand(hmac_bytes(salt or bytes(hashlib.new(name).digest_size), secret, name), info, name, length)


def hkdf_expand(key: bytes, info: bytes, name: str, length: int) -> bytes:
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac_bytes(key, block + info + bytes([counter]), name)
        out, counter = out + block, counter + 1
    return out[:length]


#: CNG's name of a hash -> hashlib's.
HASHLIB = {
    "MD5": "md5",
    "SHA1": "sha1",
    "SHA256": "sha256",
    "SHA384": "sha384",
    "SHA512": "sha512",
    "SHA3-256": "sha3_256",
    "SHA3-384": "sha3_384",
    "SHA3-512": "sha3_512",
}


def digest(name: str, message: bytes) -> bytes:
    """The digest of ``message``, by CNG's name of the hash."""
    return hashlib.new(HASHLIB[name], message).digest()


# ------------------------------------------------------------------ oracles for what the library signs and encrypts


def mgf1(seed: bytes, length: int, name: str) -> bytes:
    """MGF1 of RFC 8017, B.2.1; ``name`` is CNG's name of the hash, here and below."""
    out = b""
    while len(out) < length:
        out += digest(name, seed + struct.pack(">I", len(out) // len(digest(name, b""))))
    return out[:length]


def xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def pss_salt(encoded: bytes, bits: int, hashed: bytes, name: str) -> bytes | None:
    """The salt of an EMSA-PSS block over ``hashed`` (RFC 8017, 9.1.2), or None if it is no such block.

    ``bits`` is the modulus' length; ``encoded`` the block of as many bytes as the modulus has.
    """
    size, h_len = (bits - 1 + 7) // 8, len(hashed)
    if encoded[:-size].strip(b"\0") or encoded[-1] != 0xBC:
        return None
    encoded = encoded[-size:]
    masked, h = encoded[: size - h_len - 1], encoded[size - h_len - 1 : -1]
    unused = 8 * size - (bits - 1)
    if masked[0] >> (8 - unused):
        return None
    block = xor(masked, mgf1(h, len(masked), name))
    block = bytes([block[0] & (0xFF >> unused)]) + block[1:]
    padding, one, salt = block.partition(b"\1")
    if not one or padding.strip(b"\0"):
        return None
    return salt if digest(name, bytes(8) + hashed + salt) == h else None


def oaep_block(message: bytes, size: int, label: bytes, name: str, seed: bytes) -> bytes:
    """EME-OAEP (RFC 8017, 7.1.1)."""
    h_len = len(digest(name, b""))
    block = digest(name, label) + bytes(size - len(message) - 2 * h_len - 2) + b"\1" + message
    masked = xor(block, mgf1(seed, len(block), name))
    return b"\0" + xor(seed, mgf1(masked, h_len, name)) + masked


Point = tuple[int, int] | None


def add(curve: Curve, one: Point, two: Point) -> Point:
    """The sum of two points; None is the point at infinity."""
    if one is None or two is None:
        return two if one is None else one
    if one[0] == two[0] and (one[1] + two[1]) % curve.p == 0:
        return None
    if one == two:
        slope = (3 * one[0] * one[0] + curve.a) * pow(2 * one[1], -1, curve.p)
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, curve.p)
    x = (slope * slope - one[0] - two[0]) % curve.p
    return x, (slope * (one[0] - x) - one[1]) % curve.p


def multiply(curve: Curve, scalar: int, point: Point) -> Point:
    result: Point = None
    while scalar:
        if scalar & 1:
            result = add(curve, result, point)
        point, scalar = add(curve, point, point), scalar >> 1
    return result


def ecdsa_holds(curve: Curve, public: tuple[int, int], hashed: bytes, signature: bytes) -> bool:
    """Whether r||s is a signature over ``hashed``, by FIPS 186-5, 6.4.2; the hash's leftmost bits count."""
    r, s = number(signature[: curve.size]), number(signature[curve.size :])
    if not (0 < r < curve.n and 0 < s < curve.n):
        return False
    e = number(hashed) >> max(0, 8 * len(hashed) - curve.n.bit_length())
    w = pow(s, -1, curve.n)
    generator = (curve.gx, curve.gy)
    point = add(curve, multiply(curve, e * w % curve.n, generator), multiply(curve, r * w % curve.n, public))
    return point is not None and point[0] % curve.n == r
