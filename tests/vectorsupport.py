"""What the vector tests share: counting of cases, digests, SubjectPublicKeyInfo, and readers of the odd formats.

Nothing here uses ``cngcore`` beyond its statuses. A case ends in one of three ways: it was put to the library and the
answer was right (consumed), it cannot be put to it and the reason is counted (listed), or the answer was wrong.
"""

import contextlib
import hashlib
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from math import isqrt
from typing import Any, NamedTuple

import vectorfiles
from oracles.rsa import RsaNumbers, factors
from oracles.values import number, octets

from cngcore.status import CngError, NTStatus

# ---------------------------------------------------------------------------------------------- counting


class Listed(Exception):  # noqa: N818 - not an error: the case is counted under a reason
    """The case cannot be put to a CNG function; the message is the reason it is counted under."""


class Tally:
    """The cases of one file."""

    def __init__(self) -> None:
        self.consumed = 0
        self.listed: Counter[str] = Counter()
        self.wrong: list[str] = []

    @contextlib.contextmanager
    def case(self, name: object) -> Iterator[None]:
        """One case: whatever goes wrong in it is noted, and the next case has its turn."""
        try:
            yield
        except Listed as reason:
            self.listed[str(reason)] += 1
        except (AssertionError, CngError) as error:
            first_line = str(error).partition("\n")[0]
            self.wrong.append(f"{name}: {type(error).__name__}: {first_line}")
        else:
            self.consumed += 1

    def check(self, in_file: int, expected: tuple[int, dict[str, int]]) -> None:
        """Nothing wrong, nothing lost, and no other split than the one the test's table gives."""
        assert not self.wrong, "\n".join([f"{len(self.wrong)} cases with another answer", *self.wrong])
        found = self.consumed + self.listed.total(), dict(self.listed)
        assert found == expected, f"{found} where the table says {expected}"
        assert found[0] == in_file, f"{found[0]} cases met, {in_file} in the file"


def status(call: Callable[..., object], *arguments: Any, **named: Any) -> NTStatus:
    """What a call of the object API answers, as a status."""
    try:
        call(*arguments, **named)
    except CngError as error:
        return error.status
    return NTStatus.STATUS_SUCCESS


def cases_of(file: Any) -> int:
    """How many cases a JSON file says it holds."""
    return int(file["_split"]["cases"])


# ----------------------------------------------------------------------------------------------- digests

CNG_HASH = {"SHA1": "SHA1", "SHA256": "SHA256", "SHA384": "SHA384", "SHA512": "SHA512"} | {
    name: name for name in ("SHA3-256", "SHA3-384", "SHA3-512")
}
"""Hash ids of bcrypt.h that vectors of signatures and OAEP name; SHA-224 and SHA-512/t have none."""

NO_HASH_ID = "the hash has no CNG id for PSS and OAEP"
ONE_HASH = "MGF hash differs from message hash: CNG has one hash"
NO_X931 = "ANSI X9.31 padding: CNG has none"
TRIVIAL = "ciphertext 0, 1 or n-1: refused by SP 800-56B, fixed points of CNG's raw operation"


def hash_name(text: str) -> str:
    """One spelling for the vectors' many: ``SHA-1``, ``SHA2-256`` and ``SHA2-512/256`` lose their hyphen and arc."""
    if text.startswith(("SHA3", "SHAKE")):
        return text
    return text.replace("SHA2-", "SHA").replace("SHA-", "SHA")


def digest(name: str, message: bytes) -> bytes:
    name = hash_name(name)
    if name.startswith("SHAKE"):
        bits = int(name.removeprefix("SHAKE").removeprefix("-"))
        return hashlib.new(f"shake_{bits}", message).digest(bits // 4)  # type: ignore[call-arg]
    return hashlib.new(name.lower().replace("/", "_").replace("-", "_"), message).digest()


def randomized_digest(name: str, message: bytes, random: bytes) -> bytes:
    """The digest of a message randomized by SP 800-106, which is no whole number of bytes.

    The message's remainder is masked by the last bits of the random value: so NIST's own files do it.
    """
    width, given = len(random) * 8, len(message) * 8
    length = max(given + 1, width)
    padded = (number(message) << 1 | 1) << length - given - 1
    copies, rest = divmod(length, width)
    mask = number(random * copies) << rest | number(random) & (1 << rest) - 1
    whole = (number(random) << length | padded ^ mask) << 16 | width
    return sha_of_bits(hash_name(name), whole, width + length + 16)


def _primes() -> Iterator[int]:
    found: list[int] = []
    candidate = 2
    while True:
        if all(candidate % prime for prime in found):
            found.append(candidate)
            yield candidate
        candidate += 1


def _cube_root(value: int) -> int:
    low, high = 0, 1 << (value.bit_length() // 3 + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= value else (low, middle - 1)
    return low


class _Sha2(NamedTuple):
    word: int  # bits
    rounds: int
    big_zero: tuple[int, ...]
    big_one: tuple[int, ...]
    small_zero: tuple[int, ...]
    small_one: tuple[int, ...]


_SHORT = _Sha2(32, 64, (2, 13, 22), (6, 11, 25), (7, 18, 3), (17, 19, 10))
_LONG = _Sha2(64, 80, (28, 34, 39), (14, 18, 41), (1, 8, 7), (19, 61, 6))


def _sha2_start(name: str) -> tuple[_Sha2, list[int], int]:
    """The machine, its initial words and the length of the digest (FIPS 180-4 section 5.3)."""
    supply = _primes()
    primes = [next(supply) for _ in range(16)]
    first = [isqrt(prime << 128) & (1 << 64) - 1 for prime in primes[:8]]
    second = [isqrt(prime << 128) & (1 << 64) - 1 for prime in primes[8:]]
    if name == "SHA256":
        return _SHORT, [word >> 32 for word in first], 32
    if name == "SHA224":
        return _SHORT, [word & (1 << 32) - 1 for word in second], 28
    if name == "SHA384":
        return _LONG, second, 48
    if name == "SHA512":
        return _LONG, first, 64
    size = int(name.removeprefix("SHA512/"))
    label = f"SHA-512/{size}".encode()
    seed = _sha2(_LONG, [word ^ 0xA5A5A5A5A5A5A5A5 for word in first], number(label), len(label) * 8)
    return _LONG, list(struct.unpack(">8Q", seed)), size // 8


def _sha2(machine: _Sha2, state: list[int], message: int, bits: int) -> bytes:
    word, rounds, *_ = machine
    block, mask = 16 * word, (1 << word) - 1
    zeros = -(bits + 1 + 2 * word) % block
    padded = ((message << 1 | 1) << zeros + 2 * word) | bits
    total = bits + 1 + zeros + 2 * word
    supply = _primes()
    constants = [_cube_root(next(supply) << 3 * word) & mask for _ in range(rounds)]

    def rotated(value: int, by: int) -> int:
        return (value >> by | value << word - by) & mask

    def big(value: int, by: tuple[int, ...]) -> int:
        return rotated(value, by[0]) ^ rotated(value, by[1]) ^ rotated(value, by[2])

    def small(value: int, by: tuple[int, ...]) -> int:
        return rotated(value, by[0]) ^ rotated(value, by[1]) ^ value >> by[2]

    for at in range(total - block, -1, -block):
        chunk = padded >> at
        w = [chunk >> word * (15 - i) & mask for i in range(16)]
        for i in range(16, rounds):
            fed = small(w[i - 2], machine.small_one) + w[i - 7] + small(w[i - 15], machine.small_zero) + w[i - 16]
            w.append(fed & mask)
        a, b, c, d, e, f, g, h = state
        for constant, scheduled in zip(constants, w, strict=True):
            one = h + big(e, machine.big_one) + (e & f ^ ~e & mask & g) + constant + scheduled
            two = big(a, machine.big_zero) + (a & b ^ a & c ^ b & c)
            a, b, c, d, e, f, g, h = one + two & mask, a, b, c, d + one & mask, e, f, g
        state = [old + new & mask for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True)]
    return b"".join(octets(value, word // 8) for value in state)


def sha_of_bits(name: str, message: int, bits: int) -> bytes:
    """SHA-1 or SHA-2 of the ``bits`` low bits of ``message``, which hashlib does for whole bytes only (FIPS 180-4)."""
    if name == "SHA1":
        return sha1_of_bits(message, bits)
    machine, state, length = _sha2_start(name)
    return _sha2(machine, state, message, bits)[:length]


def sha1_of_bits(message: int, bits: int) -> bytes:
    """SHA-1 of the ``bits`` low bits of ``message`` (FIPS 180-4 sections 5.1.1 and 6.1.2)."""
    mask = (1 << 32) - 1
    zeros = -(bits + 65) % 512
    padded, total = ((message << 1 | 1) << zeros + 64) | bits, bits + 65 + zeros
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0]

    def rotated(value: int, by: int) -> int:
        return (value << by | value >> 32 - by) & mask

    for at in range(total - 512, -1, -512):
        w = [padded >> at + 32 * (15 - i) & mask for i in range(16)]
        for i in range(16, 80):
            w.append(rotated(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1))
        a, b, c, d, e = state
        for i, word in enumerate(w):
            f, k = (
                (b & c ^ ~b & mask & d, 0x5A827999),
                (b ^ c ^ d, 0x6ED9EBA1),
                (b & c ^ b & d ^ c & d, 0x8F1BBCDC),
                (b ^ c ^ d, 0xCA62C1D6),
            )[i // 20]
            a, b, c, d, e = rotated(a, 5) + f + e + k + word & mask, a, rotated(b, 30), c, d
        state = [old + new & mask for old, new in zip(state, (a, b, c, d, e), strict=True)]
    return b"".join(octets(word, 4) for word in state)


# ------------------------------------------------------------------------------------------- elliptic curves

CURVE_OF = {
    "P-192": "nistP192", "P-224": "nistP224", "P-256": "nistP256", "P-384": "nistP384", "P-521": "nistP521",
    "secp256r1": "nistP256", "secp384r1": "nistP384", "secp521r1": "nistP521", "secp256k1": "secP256k1",
}  # fmt: skip
"""The vectors' names of curves in bcrypt.h's spelling, where they differ."""

SIZE_OF = {
    "nistP192": 24, "nistP224": 28, "nistP256": 32, "nistP384": 48, "nistP521": 66, "secP256k1": 32,
    "brainpoolP256r1": 32, "brainpoolP384r1": 48, "brainpoolP512r1": 64,
}  # fmt: skip
"""cbKey of the curves."""

FIXED = {"nistP256": ("P256", 1), "nistP384": ("P384", 3), "nistP521": ("P521", 5)}
"""Suffix of the algorithm of that one curve, and the digit of its public magic; the private one is next."""

OID_CURVE = {
    "1.2.840.10045.3.1.7": "nistP256", "1.3.132.0.10": "secP256k1", "1.3.132.0.33": "nistP224",
    "1.3.132.0.34": "nistP384", "1.3.132.0.35": "nistP521",
    "1.3.36.3.3.2.8.1.1.5": "brainpoolP224r1", "1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1",
    "1.3.36.3.3.2.8.1.1.8": "brainpoolP256t1", "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
    "1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1", "1.3.36.3.3.2.8.1.1.14": "brainpoolP512t1",
}  # fmt: skip

NOT_DER = "the defect is in the DER, which no CNG blob carries"
COMPRESSED = "compressed point: no such form in a CNG blob"
NO_POINT = "point without coordinates: no such form in a CNG blob"
NEGATIVE = "negative number: no such form in a CNG blob"
NO_CURVE = "curve not in bcrypt.h"
NO_BACK_END = "curve not in the back end"


class ExplicitCurve(NamedTuple):
    """ECParameters of X9.62 over a prime field; no ``h`` where the cofactor is left out."""

    p: int
    a: int
    b: int
    g: bytes
    n: int
    h: int | None
    seed: bytes


def read_der(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(tag, content) of the values one after the other in ``data``; anything that is not DER is listed."""
    while data:
        if len(data) < 2 or data[0] & 31 == 31:
            raise Listed(NOT_DER)
        tag, length, at = data[0], data[1], 2
        if length > 127:
            at += length - 128
            length = number(data[2:at])
            if length < 128 or data[2] == 0 or at - 2 > 4:
                raise Listed(NOT_DER)
        if len(data) < at + length:
            raise Listed(NOT_DER)
        yield tag, data[at : at + length]
        data = data[at + length :]


def _der(data: bytes, *tags: int, optional: int = 0) -> list[bytes]:
    """The contents of values with just these tags, the last ``optional`` of which may be missing."""
    values = list(read_der(data))
    if [tag for tag, _ in values] not in [list(tags[: len(tags) - less]) for less in range(optional + 1)]:
        raise Listed(NOT_DER)
    return [content for _, content in values]


def _oid(content: bytes) -> str:
    arcs, value = [], 0
    for byte in content:
        value = value << 7 | byte & 127
        if byte < 128:
            arcs.append(value)
            value = 0
    return ".".join(map(str, (min(arcs[0] // 40, 2), arcs[0] - 40 * min(arcs[0] // 40, 2), *arcs[1:])))


def _natural(content: bytes) -> int:
    value = int.from_bytes(content, "big", signed=True)
    if value < 0:
        raise Listed(NEGATIVE)
    return value


def read_spki(spki: bytes) -> tuple[str | ExplicitCurve, bytes]:
    """The curve (its OID, or its parameters) and the point of an EC SubjectPublicKeyInfo."""
    (whole,) = _der(spki, 0x30)
    algorithm, key = _der(whole, 0x30, 0x03)
    parts = list(read_der(algorithm))
    if len(parts) != 2 or parts[0][0] != 6 or parts[1][0] not in (6, 0x30) or not key or key[0]:
        raise Listed(NOT_DER)
    if _oid(parts[0][1]) != "1.2.840.10045.2.1":
        raise Listed(NOT_DER)
    tag, parameters = parts[1]
    if tag == 6:
        return _oid(parameters), key[1:]
    _, field, coefficients, g, n, *rest = _der(parameters, 2, 0x30, 0x30, 4, 2, 2, optional=1)
    kind, prime = _der(field, 6, 2)
    assert _oid(kind) == "1.2.840.10045.1.1", "not a prime field"
    a, b, *seed = _der(coefficients, 4, 4, 3, optional=1)
    h = _natural(rest[0]) if rest else None
    curve = ExplicitCurve(_natural(prime), number(a), number(b), g, _natural(n), h, seed[0][1:] if seed else b"")
    return curve, key[1:]


def affine(point: bytes) -> bytes:
    """X and Y of an uncompressed point; the other forms are listed."""
    if point in (b"", b"\0"):
        raise Listed(NO_POINT)
    if point[:1] in (b"\2", b"\3"):
        raise Listed(COMPRESSED)
    assert point[:1] == b"\4"
    assert len(point) % 2 == 1
    return point[1:]


def full_public_blob(magic: bytes, curve: ExplicitCurve, point: bytes) -> bytes:
    """ECCFULLPUBLICBLOB of a key over explicit parameters (contract: rule-layout-ecc-full)."""
    size = (curve.p.bit_length() + 7) // 8
    order = octets(curve.n, max(size, (curve.n.bit_length() + 7) // 8))
    cofactor = b"" if curve.h is None else octets(curve.h) or b"\0"
    header = struct.pack("<4sIIIIIII", magic, 1, 1, 0, size, len(order), len(cofactor), len(curve.seed))
    numbers = b"".join(octets(value, size) for value in (curve.p, curve.a, curve.b))
    return header + numbers + affine(curve.g) + order + cofactor + curve.seed + affine(point)


# ------------------------------------------------------------------------------------------------------ RSA


def rsa_key(n: int, e: int, d: int, p: int = 0, q: int = 0) -> RsaNumbers:
    """A private key of which the primes may be missing; P is the larger one."""
    if not p:
        p, q = factors(n, e, d)
    assert p * q == n
    return RsaNumbers(n, e, max(p, q), min(p, q), d)


def load_pkcs1_examples(rel: str) -> list[list[dict[str, bytes]]]:
    """RSA Laboratories' text files: for each key a record of its numbers, then a record for each example.

    ``# Name:`` starts a value, hexadecimal lines follow; names become lower case with underscores. The public
    numbers stand before the private ones, under partly the same names: ``exponent`` ends up as the private one.
    """
    keys: list[list[dict[str, bytes]]] = []
    name = ""
    text = vectorfiles.path(rel).read_text(encoding="ascii")
    _, _, body = text.partition("=" * 60)
    for line in map(str.strip, body.splitlines()):
        if line.startswith("#"):
            title = line.strip("# ")
            name = title.rstrip(":").lower().replace(" ", "_") if title.endswith(":") else ""
            if title.startswith("Example"):
                keys.append([{}])
            elif name.startswith("message"):
                keys[-1].append({})
            if name and keys:
                keys[-1][-1][name] = b""
        elif line and name and not line.startswith("="):
            keys[-1][-1][name] += bytes.fromhex(line)
    return keys
