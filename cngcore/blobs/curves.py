"""Domain parameters of the named curves: ``find`` one by name, ``match`` one by its numbers.

A name is a value of the property ``ECCCurveName``, spelled exactly as in bcrypt.h. One curve may have several names.
Each name has its own :class:`Curve`; they differ only in ``name``.

The numbers come from FIPS 186-4 appendix D.1.2 (NIST curves), SEC 2 version 2 (secp256k1), RFC 5639 (Brainpool) and RFC
7748 section 4.1 (curve25519); those of the curves in rare use are in ``_curve_table.py``. All 45 names of bcrypt.h are
here. The tests compute again what can be computed: primes, points on their curve, orders.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct
from types import MappingProxyType
from typing import TYPE_CHECKING

from cngcore import constants
from cngcore._checks import check_dword, check_number, to_bytes
from cngcore.blobs._curve_table import ROWS
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from _typeshed import ReadableBuffer

__all__ = ["CURVES", "Curve", "EccParameters", "find", "match"]

PARAMETERS_HEADER = Struct("<7L")
"""The header of ECCParameters: version, type, generation algorithm; bytes of a field element, of n, h and the seed."""

SHORT_WEIERSTRASS = constants.BCRYPT_ECC_PRIME_SHORT_WEIERSTRASS_CURVE
TWISTED_EDWARDS = constants.BCRYPT_ECC_PRIME_TWISTED_EDWARDS_CURVE
MONTGOMERY = constants.BCRYPT_ECC_PRIME_MONTGOMERY_CURVE
_CURVE_TYPES = (
    constants.BCRYPT_ECC_PRIME_SHORT_WEIERSTRASS_CURVE,
    constants.BCRYPT_ECC_PRIME_TWISTED_EDWARDS_CURVE,
    constants.BCRYPT_ECC_PRIME_MONTGOMERY_CURVE,
)


@dataclass(frozen=True, slots=True)
class Curve:
    """One named curve over the prime field of ``p`` elements. All numbers are plain ints.

    ``curve_type`` 1 is short Weierstrass, y^2 = x^3 + a*x + b; 2 is twisted Edwards, a*x^2 + y^2 = 1 + b*x^2*y^2; 3 is
    Montgomery, b*y^2 = x^3 + a*x^2 + x (contract: rule-layout-ecc-full). ``bits`` is the length that a caller passes to
    BCryptGenerateKeyPair. ``key_strength`` is the value of the property KeyStrength, the bits of ``n``: 253 for
    curve25519 (contract: rule-get-key-strength). ``oid`` is empty if Windows has none.

    ``field_bytes`` are the bytes of a coordinate: 66 for P-521. ``order_bytes`` are the bytes of a number modulo the
    order ``n``: a private key, or one half of a signature.
    """

    name: str
    bits: int
    curve_type: int
    p: int
    a: int
    b: int
    gx: int
    gy: int
    n: int
    h: int
    oid: str
    key_strength: int
    field_bytes: int = field(init=False, compare=False)
    order_bytes: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "field_bytes", (self.p.bit_length() + 7) // 8)
        object.__setattr__(self, "order_bytes", (self.n.bit_length() + 7) // 8)

    def __hash__(self) -> int:
        return hash(self.name)  # not of all numbers: a blob looks its curve up

    @property
    def key_bytes(self) -> int:
        """Return ``cbKey`` of an ECC blob, which is ``field_bytes`` (contract: rule-layout-ecc)."""
        return self.field_bytes

    def on_curve(self, x: int, y: int) -> bool:
        """Return whether (x, y) is a finite point of this curve, with both coordinates below ``p``.

        Raise NotSupportedError for curve25519: its public keys are strings of x alone, and RFC 7748 accepts all of
        them.
        """
        if self.curve_type == MONTGOMERY:
            raise NotSupportedError(f"a public key on {self.name} has no y coordinate to test")
        if self.curve_type == TWISTED_EDWARDS:
            square = x * x, y * y
            left, right = self.a * square[0] + square[1], 1 + self.b * square[0] * square[1]
            return 0 <= x < self.p and 0 <= y < self.p and (left - right) % self.p == 0
        return 0 <= x < self.p and 0 <= y < self.p and (y * y - (x * x + self.a) * x - self.b) % self.p == 0

    def __repr__(self) -> str:
        return f"<Curve {self.name}: {self.bits} bits>"


@dataclass(frozen=True, slots=True, kw_only=True)
class EccParameters:
    """All the numbers of a curve: the value of the property ``ECCParameters``.

    The curve is over the field of ``p`` elements. ``curve_type`` is 1 for short Weierstrass, y^2 = x^3 + a*x + b; 2 for
    twisted Edwards, a*x^2 + y^2 = 1 + b*x^2*y^2, whose d is ``b``; 3 for Montgomery, b*y^2 = x^3 + a*x^2 + x. ``(gx,
    gy)`` generates a group of order ``n`` with the cofactor ``h``. ``seed`` and ``generation_alg_id`` describe how the
    curve was made; empty and 0 mean that this is unknown.

    ``field_bytes``, ``order_bytes`` and ``cofactor_bytes`` are the widths of the numbers on the wire. 0 means as many
    bytes as ``p``, ``n`` and ``h`` need.

    >>> EccParameters.of(CURVES["nistP256"]).field_bytes
    32

    Raise InvalidParameterError for a number that is not an int, is below 0 or does not fit its width, a seed that is
    not bytes, a width that is not a DWORD, a version other than 1, and an unknown curve type. The numbers are not
    tested to make a curve. Source: contract: rule-layout-ecc-full.
    """

    p: int
    a: int
    b: int
    gx: int
    gy: int
    n: int
    h: int
    curve_type: int = constants.BCRYPT_ECC_PRIME_SHORT_WEIERSTRASS_CURVE
    version: int = constants.BCRYPT_ECC_FULLKEY_BLOB_V1
    generation_alg_id: int = constants.BCRYPT_NO_CURVE_GENERATION_ALG_ID
    seed: bytes = b""
    field_bytes: int = 0
    order_bytes: int = 0
    cofactor_bytes: int = 0

    def __post_init__(self) -> None:
        for name in ("p", "a", "b", "gx", "gy", "n", "h", "curve_type", "version"):
            object.__setattr__(self, name, check_number(name, getattr(self, name)))
        for name in ("generation_alg_id", "field_bytes", "order_bytes", "cofactor_bytes"):
            object.__setattr__(self, name, check_dword(name, getattr(self, name)))
        object.__setattr__(self, "seed", to_bytes("the seed", self.seed))
        if self.version != constants.BCRYPT_ECC_FULLKEY_BLOB_V1:
            raise InvalidParameterError(
                f"version {self.version} of the curve parameters is unknown; the only version is 1"
            )
        if self.curve_type not in _CURVE_TYPES:
            raise InvalidParameterError(f"curve type {self.curve_type} is unknown; the types are 1, 2 and 3")
        for name, largest in (("field_bytes", self.p), ("order_bytes", self.n), ("cofactor_bytes", self.h)):
            if getattr(self, name) == 0:
                object.__setattr__(self, name, max(1, (largest.bit_length() + 7) // 8))
        for number, width in self._fields():
            if number < 0 or (number.bit_length() + 7) // 8 > width:
                raise InvalidParameterError(f"a number of the curve parameters does not fit its field of {width} bytes")

    @classmethod
    def of(cls, curve: Curve) -> EccParameters:
        """Return the parameters of a named curve, without a seed."""
        return cls(
            p=curve.p,
            a=curve.a,
            b=curve.b,
            gx=curve.gx,
            gy=curve.gy,
            n=curve.n,
            h=curve.h,
            curve_type=curve.curve_type,
            field_bytes=curve.field_bytes,
            order_bytes=curve.order_bytes,
        )

    @classmethod
    def from_bytes(cls, value: ReadableBuffer) -> EccParameters:
        """Return the parameters in a property value: 28 bytes of header, then p, a, b, gx, gy, n, h and the seed.

        Raise InvalidParameterError if the value has not exactly the length that its header describes or gives a number
        the width 0, and for what the constructor refuses.
        """
        view = memoryview(value).cast("B")
        parameters, end = read_parameters(view, 0)
        if end != len(view):
            raise InvalidParameterError(
                f"the header of the curve parameters describes {end} bytes, but the value has {len(view)}"
            )
        return parameters

    def to_bytes(self) -> bytes:
        """Return the property value, the inverse of :meth:`from_bytes`."""
        header = PARAMETERS_HEADER.pack(
            self.version,
            self.curve_type,
            self.generation_alg_id,
            self.field_bytes,
            self.order_bytes,
            self.cofactor_bytes,
            len(self.seed),
        )
        return header + b"".join(number.to_bytes(width, "big") for number, width in self._fields()) + self.seed

    def _fields(self) -> tuple[tuple[int, int], ...]:
        """Return each number with its width, in the order of the wire."""
        field = [(number, self.field_bytes) for number in (self.p, self.a, self.b, self.gx, self.gy)]
        return (*field, (self.n, self.order_bytes), (self.h, self.cofactor_bytes))


def read_parameters(view: memoryview, start: int) -> tuple[EccParameters, int]:
    """Return the parameters whose header begins at ``start``, and the offset of their end; more bytes may follow."""
    if len(view) - start < PARAMETERS_HEADER.size:
        raise InvalidParameterError(f"curve parameters need a header of {PARAMETERS_HEADER.size} bytes")
    version, curve_type, generation, field, order, cofactor, seed = PARAMETERS_HEADER.unpack_from(view, start)
    start += PARAMETERS_HEADER.size
    if not (field and order and cofactor):
        raise InvalidParameterError("the curve parameters give the length 0 for a required number")
    if start + 5 * field + order + cofactor + seed > len(view):
        raise InvalidParameterError("the curve parameters describe more bytes than there are")
    numbers = []
    for width in (field, field, field, field, field, order, cofactor):
        numbers.append(int.from_bytes(view[start : start + width], "big"))
        start += width
    p, a, b, gx, gy, n, h = numbers
    parameters = EccParameters(
        p=p,
        a=a,
        b=b,
        gx=gx,
        gy=gy,
        n=n,
        h=h,
        curve_type=curve_type,
        version=version,
        generation_alg_id=generation,
        seed=bytes(view[start : start + seed]),
        field_bytes=field,
        order_bytes=order,
        cofactor_bytes=cofactor,
    )
    return parameters, start + seed


def find(name: str) -> Curve | None:
    """Return the curve of this exact name, or None; ``nistp256`` is not ``nistP256``."""
    return CURVES.get(name)


def match(parameters: EccParameters | Curve) -> Curve | None:
    """Return the named curve with exactly these p, a, b, G, n, h and type, or None.

    If the curve has several names, the first name of its row below wins: ``nistP256``, not ``secP256r1``. The seed and
    the generation algorithm are ignored: they describe the origin of a curve.
    """
    return _BY_NUMBERS.get(_numbers(parameters))


def _numbers(curve: EccParameters | Curve) -> tuple[int, ...]:
    return curve.curve_type, curve.p, curve.a, curve.b, curve.gx, curve.gy, curve.n, curve.h


def _n(digits: str) -> int:
    """Return a number, given hexadecimal digits in groups."""
    return int(digits.replace(" ", ""), 16)


def _weierstrass(
    names: str, oid: str, bits: int, *, p: int, a: int, b: str, gx: str, gy: str, n: str
) -> Iterable[Curve]:
    """Return the same curve of cofactor 1 under each of ``names``, the preferred name first."""
    numbers = (p, a % p, _n(b), _n(gx), _n(gy), _n(n), 1)
    return (Curve(name, bits, SHORT_WEIERSTRASS, *numbers, oid, bits) for name in names.split())


def _rare() -> Iterable[Curve]:
    """Return the curves of ``_curve_table.py``, each under each of its names."""
    for row in ROWS:
        numbers = (_n(row.p), _n(row.a), _n(row.b), _n(row.gx), _n(row.gy), _n(row.n), row.h)
        for name in row.names.split():
            yield Curve(name, row.bits, row.curve_type, *numbers, row.oid, _n(row.n).bit_length())


_ALL: tuple[Curve, ...] = (
    *_weierstrass(
        "nistP192 secP192r1 x962P192v1",
        "1.2.840.10045.3.1.1",
        192,
        p=2**192 - 2**64 - 1,
        a=-3,
        b="64210519 e59c80e7 0fa7e9ab 72243049 feb8deec c146b9b1",
        gx="188da80e b03090f6 7cbf20eb 43a18800 f4ff0afd 82ff1012",
        gy="07192b95 ffc8da78 631011ed 6b24cdd5 73f977a1 1e794811",
        n="ffffffff ffffffff ffffffff 99def836 146bc9b1 b4d22831",
    ),
    *_weierstrass(
        "nistP224 secP224r1 wtls12",
        "1.3.132.0.33",
        224,
        p=2**224 - 2**96 + 1,
        a=-3,
        b="b4050a85 0c04b3ab f5413256 5044b0b7 d7bfd8ba 270b3943 2355ffb4",
        gx="b70e0cbd 6bb4bf7f 321390b9 4a03c1d3 56c21122 343280d6 115c1d21",
        gy="bd376388 b5f723fb 4c22dfe6 cd4375a0 5a074764 44d58199 85007e34",
        n="ffffffff ffffffff ffffffff ffff16a2 e0b8f03e 13dd2945 5c5c2a3d",
    ),
    *_weierstrass(
        "nistP256 secP256r1 x962P256v1",
        "1.2.840.10045.3.1.7",
        256,
        p=2**256 - 2**224 + 2**192 + 2**96 - 1,
        a=-3,
        b="5ac635d8 aa3a93e7 b3ebbd55 769886bc 651d06b0 cc53b0f6 3bce3c3e 27d2604b",
        gx="6b17d1f2 e12c4247 f8bce6e5 63a440f2 77037d81 2deb33a0 f4a13945 d898c296",
        gy="4fe342e2 fe1a7f9b 8ee7eb4a 7c0f9e16 2bce3357 6b315ece cbb64068 37bf51f5",
        n="ffffffff 00000000 ffffffff ffffffff bce6faad a7179e84 f3b9cac2 fc632551",
    ),
    *_weierstrass(
        "nistP384 secP384r1",
        "1.3.132.0.34",
        384,
        p=2**384 - 2**128 - 2**96 + 2**32 - 1,
        a=-3,
        b=(
            "b3312fa7 e23ee7e4 988e056b e3f82d19 181d9c6e fe814112 0314088f 5013875a "
            "c656398d 8a2ed19d 2a85c8ed d3ec2aef"
        ),
        gx=(
            "aa87ca22 be8b0537 8eb1c71e f320ad74 6e1d3b62 8ba79b98 59f741e0 82542a38 "
            "5502f25d bf55296c 3a545e38 72760ab7"
        ),
        gy=(
            "3617de4a 96262c6f 5d9e98bf 9292dc29 f8f41dbd 289a147c e9da3113 b5f0b8c0 "
            "0a60b1ce 1d7e819d 7a431d7c 90ea0e5f"
        ),
        n=(
            "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff c7634d81 f4372ddf "
            "581a0db2 48b0a77a ecec196a ccc52973"
        ),
    ),
    *_weierstrass(
        "nistP521 secP521r1",
        "1.3.132.0.35",
        521,
        p=2**521 - 1,
        a=-3,
        b=(
            "051 953eb961 8e1c9a1f 929a21a0 b68540ee a2da725b 99b315f3 b8b48991 "
            "8ef109e1 56193951 ec7e937b 1652c0bd 3bb1bf07 3573df88 3d2c34f1 ef451fd4 "
            "6b503f00"
        ),
        gx=(
            "0c6 858e06b7 0404e9cd 9e3ecb66 2395b442 9c648139 053fb521 f828af60 "
            "6b4d3dba a14b5e77 efe75928 fe1dc127 a2ffa8de 3348b3c1 856a429b f97e7e31 "
            "c2e5bd66"
        ),
        gy=(
            "118 39296a78 9a3bc004 5c8a5fb4 2c7d1bd9 98f54449 579b4468 17afbd17 "
            "273e662c 97ee7299 5ef42640 c550b901 3fad0761 353c7086 a272c240 88be9476 "
            "9fd16650"
        ),
        n=(
            "1ff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
            "fffffffa 51868783 bf2f966b 7fcc0148 f709a5d0 3bb5c9b8 899c47ae bb6fb71e "
            "91386409"
        ),
    ),
    *_weierstrass(
        "secP256k1",
        "1.3.132.0.10",
        256,
        p=2**256 - 2**32 - 977,
        a=0,
        b="7",
        gx="79be667e f9dcbbac 55a06295 ce870b07 029bfcdb 2dce28d9 59f2815b 16f81798",
        gy="483ada77 26a3c465 5da4fbfc 0e1108a8 fd17b448 a6855419 9c47d08f fb10d4b8",
        n="ffffffff ffffffff ffffffff fffffffe baaedce6 af48a03b bfd25e8c d0364141",
    ),
    *_weierstrass(
        "brainpoolP256r1",
        "1.3.36.3.3.2.8.1.1.7",
        256,
        p=_n("a9fb57db a1eea9bc 3e660a90 9d838d72 6e3bf623 d5262028 2013481d 1f6e5377"),
        a=_n("7d5a0975 fc2c3057 eef67530 417affe7 fb8055c1 26dc5c6c e94a4b44 f330b5d9"),
        b="26dc5c6c e94a4b44 f330b5d9 bbd77cbf 95841629 5cf7e1ce 6bccdc18 ff8c07b6",
        gx="8bd2aeb9 cb7e57cb 2c4b482f fc81b7af b9de27e1 e3bd23c2 3a4453bd 9ace3262",
        gy="547ef835 c3dac4fd 97f8461a 14611dc9 c2774513 2ded8e54 5c1d54c7 2f046997",
        n="a9fb57db a1eea9bc 3e660a90 9d838d71 8c397aa3 b561a6f7 901e0e82 974856a7",
    ),
    *_weierstrass(
        "brainpoolP384r1",
        "1.3.36.3.3.2.8.1.1.11",
        384,
        p=_n(
            "8cb91e82 a3386d28 0f5d6f7e 50e641df 152f7109 ed5456b4 12b1da19 7fb71123 "
            "acd3a729 901d1a71 87470013 3107ec53"
        ),
        a=_n(
            "7bc382c6 3d8c150c 3c72080a ce05afa0 c2bea28e 4fb22787 139165ef ba91f90f "
            "8aa5814a 503ad4eb 04a8c7dd 22ce2826"
        ),
        b=(
            "04a8c7dd 22ce2826 8b39b554 16f0447c 2fb77de1 07dcd2a6 2e880ea5 3eeb62d5 "
            "7cb43902 95dbc994 3ab78696 fa504c11"
        ),
        gx=(
            "1d1c64f0 68cf45ff a2a63a81 b7c13f6b 8847a3e7 7ef14fe3 db7fcafe 0cbd10e8 "
            "e826e034 36d646aa ef87b2e2 47d4af1e"
        ),
        gy=(
            "8abe1d75 20f9c2a4 5cb1eb8e 95cfd552 62b70b29 feec5864 e19c054f f9912928 "
            "0e464621 77918111 42820341 263c5315"
        ),
        n=(
            "8cb91e82 a3386d28 0f5d6f7e 50e641df 152f7109 ed5456b3 1f166e6c ac0425a7 "
            "cf3ab6af 6b7fc310 3b883202 e9046565"
        ),
    ),
    *_weierstrass(
        "brainpoolP512r1",
        "1.3.36.3.3.2.8.1.1.13",
        512,
        p=_n(
            "aadd9db8 dbe9c48b 3fd4e6ae 33c9fc07 cb308db3 b3c9d20e d6639cca 70330871 "
            "7d4d9b00 9bc66842 aecda12a e6a380e6 2881ff2f 2d82c685 28aa6056 583a48f3"
        ),
        a=_n(
            "7830a331 8b603b89 e2327145 ac234cc5 94cbdd8d 3df91610 a83441ca ea9863bc "
            "2ded5d5a a8253aa1 0a2ef1c9 8b9ac8b5 7f1117a7 2bf2c7b9 e7c1ac4d 77fc94ca"
        ),
        b=(
            "3df91610 a83441ca ea9863bc 2ded5d5a a8253aa1 0a2ef1c9 8b9ac8b5 7f1117a7 "
            "2bf2c7b9 e7c1ac4d 77fc94ca dc083e67 984050b7 5ebae5dd 2809bd63 8016f723"
        ),
        gx=(
            "81aee4bd d82ed964 5a21322e 9c4c6a93 85ed9f70 b5d916c1 b43b62ee f4d0098e "
            "ff3b1f78 e2d0d48d 50d1687b 93b97d5f 7c6d5047 406a5e68 8b352209 bcb9f822"
        ),
        gy=(
            "7dde385d 566332ec c0eabfa9 cf7822fd f209f700 24a57b1a a000c55b 881f8111 "
            "b2dcde49 4a5f485e 5bca4bd8 8a2763ae d1ca2b2f a8f05406 78cd1e0f 3ad80892"
        ),
        n=(
            "aadd9db8 dbe9c48b 3fd4e6ae 33c9fc07 cb308db3 b3c9d20e d6639cca 70330870 "
            "553e5c41 4ca92619 41866119 7fac1047 1db1d381 085ddadd b5879682 9ca90069"
        ),
    ),
    Curve(
        "curve25519",
        255,
        MONTGOMERY,
        p=2**255 - 19,
        a=486662,
        b=1,
        gx=9,
        gy=_n("20ae19a1 b8a086b4 e01edd2c 7748d14c 923d4d7e 6d7c61b2 29e9c5a2 7eced3d9"),
        n=2**252 + _n("14def9de a2f79cd6 5812631a 5cf5d3ed"),
        h=8,
        oid="",
        key_strength=253,
    ),
    *_rare(),
)

CURVES: Mapping[str, Curve] = MappingProxyType({curve.name: curve for curve in _ALL})
"""Every curve by each of its names; read-only."""

_BY_NUMBERS = {_numbers(curve): curve for curve in reversed(_ALL)}
