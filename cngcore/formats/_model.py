"""Represent one key, independent of its format: its family, its numbers, and whether it is private.

==========  =====================================================  ==========================================
family      numbers                                                algorithms of bcrypt.h
==========  =====================================================  ==========================================
RSA         :class:`~cngcore.blobs.rsa.RsaKey`                     RSA, RSA_SIGN
DSA         :class:`~cngcore.blobs.dsa.DsaKey`                     DSA
DH          :class:`~cngcore.blobs.dh.DhKey`                       DH
EC          :class:`EcKey`                                         ECDSA, ECDH, and those of one curve
X25519      :class:`EcKey` on curve25519                           ECDH
ML-KEM      :class:`MlKey`                                         ML-KEM
ML-DSA      :class:`MlKey`                                         ML-DSA
==========  =====================================================  ==========================================
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cngcore._nearest import instead_of, nearest
from cngcore.blobs import pq
from cngcore.blobs.curves import CURVES, Curve, find, match
from cngcore.blobs.dh import DhKey
from cngcore.blobs.dsa import DsaKey
from cngcore.blobs.ecc import CurveKey, EccParameters
from cngcore.blobs.rsa import RsaKey
from cngcore.formats._foreign import ForeignKey, by_name
from cngcore.status import BadDataError, InvalidParameterError, NotSupportedError

__all__ = ["FAMILIES", "ML_SIZES", "EcKey", "Key", "MlKey", "curve_of", "explicit_curve", "family_of"]

FAMILIES = ("RSA", "DSA", "DH", "EC", "X25519", "ML-KEM", "ML-DSA")
X25519 = CURVES["curve25519"]
_USES = ("ECDSA", "ECDH", *(f"{use}_P{bits}" for use in ("ECDSA", "ECDH") for bits in (256, 384, 521)), "RSA_SIGN")

ML_SIZES = {
    family: {name: (pq.SIZES[public][name], pq.SIZES[seed][name], pq.SIZES[private][name]) for name in pq.SIZES[public]}
    for family, public, seed, private in (
        ("ML-KEM", "MLKEMPUBLICBLOB", "MLKEMPRIVATESEEDBLOB", "MLKEMPRIVATEBLOB"),
        ("ML-DSA", "PQDSAPUBLICBLOB", "PQDSAPRIVATESEEDBLOB", "PQDSAPRIVATEBLOB"),
    )
}
"""Bytes of the public key, of the seed and of the expanded private key, by family and parameter set."""


@dataclass(frozen=True, slots=True, repr=False)
class EcKey(CurveKey):
    """A key on an elliptic curve.

    ``x``, ``y`` and ``d`` are strings of fixed width. They are big-endian with ``curve.field_bytes`` bytes, and
    ``curve.order_bytes`` for ``d``. On curve25519 they are the strings of RFC 7748, and y is empty. An unknown ``x`` is
    empty, and so is ``d`` in a public key. A curve without a name has its ``parameters``, and its ``curve.name`` is
    empty.
    """

    curve: Curve
    x: bytes
    y: bytes
    d: bytes = b""
    parameters: EccParameters | None = None

    @property
    def is_montgomery(self) -> bool:
        """Return whether this is a key for X25519."""
        return self.curve == X25519

    def __repr__(self) -> str:
        where = self.curve.name or f"explicit curve of {self.curve.bits} bits"
        return f"<EcKey {where}, {'private' if self.is_private else 'public'}>"


@dataclass(frozen=True, slots=True, repr=False)
class MlKey:
    """A key of ML-KEM or ML-DSA in those of its three forms that are known; the others are empty.

    ``seed`` is d || z (FIPS 203) or xi (FIPS 204); ``expanded`` and ``public`` are encoded as the standards say.
    """

    family: str
    parameter_set: str
    public: bytes = b""
    seed: bytes = b""
    expanded: bytes = b""

    def __post_init__(self) -> None:
        sizes = ML_SIZES.get(self.family, {}).get(self.parameter_set)
        if sizes is None:
            raise InvalidParameterError(f"{self.family} has no parameter set {self.parameter_set!r:.20}; see ML_SIZES")
        for name, expected in zip(("public", "seed", "expanded"), sizes, strict=True):
            found = len(getattr(self, name))
            if found not in (0, expected):
                what = "seed" if name == "seed" else f"{name} key"
                raise InvalidParameterError(
                    f"the {what} of {self.family}-{self.parameter_set} has {expected} bytes, not {found}"
                )

    @property
    def is_private(self) -> bool:
        """Return whether the private key is known, in either form."""
        return bool(self.seed or self.expanded)

    def __repr__(self) -> str:
        half = "private" if self.is_private else "public"
        return f"<MlKey {self.family}-{self.parameter_set}, {half}>"


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A key, independent of its format.

    ``use`` is "ECDH" or "ECDSA" if the source says what an elliptic-curve key is for, else empty. The repr shows the
    kind of key and no number of it. Raise BadDataError if an RSA modulus or exponent is 0, whatever the input format.
    """

    family: str
    numbers: RsaKey | DsaKey | DhKey | EcKey | MlKey | ForeignKey
    use: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.numbers, RsaKey) and not (self.numbers.n and self.numbers.e):
            raise BadDataError("the modulus or the public exponent of the RSA key is 0")

    def __reduce__(self) -> tuple[object, ...]:
        if self.is_private:
            raise InvalidParameterError("a private key cannot be pickled or copied; encode it, or pass its public half")
        return type(self), (self.family, self.numbers, self.use)

    @property
    def is_private(self) -> bool:
        """Return whether the private half is known."""
        return self.numbers.is_private

    @property
    def bits(self) -> int:
        """Return the length in bits as the contract counts it: of the modulus, of p, of the curve; 0 for ML-KEM and
        ML-DSA.
        """
        numbers = self.numbers
        if isinstance(numbers, RsaKey):
            return numbers.bits
        if isinstance(numbers, DsaKey | DhKey):
            return numbers.parameters.bits
        return numbers.curve.bits if isinstance(numbers, EcKey) else 0

    @property
    def curve(self) -> str:
        """Return the name of the curve; "" for other families and for a curve without a name."""
        return self.numbers.curve.name if isinstance(self.numbers, EcKey) else ""

    @property
    def parameter_set(self) -> str:
        """Return the parameter set, such as ``"768"``; "" for other families."""
        if isinstance(self.numbers, ForeignKey):
            return self.numbers.format.parameter_set
        return self.numbers.parameter_set if isinstance(self.numbers, MlKey) else ""

    @property
    def description(self) -> str:
        """Return a name for people: ``RSA 2048``, ``EC nistP256``, ``ML-KEM-768``."""
        if isinstance(self.numbers, MlKey):
            return f"{self.family}-{self.parameter_set}"
        if isinstance(self.numbers, ForeignKey):
            return self.numbers.format.name
        if isinstance(self.numbers, EcKey):
            if self.family == "X25519":
                return self.family
            return f"{self.use or 'EC'} {self.curve or f'explicit curve, {self.bits} bits'}"
        return f"{self.family} {self.bits}"

    def public(self) -> Key:
        """Return the public half alone. If it is not known, call :func:`cngcore.formats.complete` first."""
        numbers = self.numbers
        if isinstance(numbers, RsaKey):
            return replace(self, numbers=RsaKey(numbers.n, numbers.e))
        if isinstance(numbers, DsaKey):
            return replace(self, numbers=replace(numbers, x=None))
        if isinstance(numbers, DhKey):
            return replace(self, numbers=replace(numbers, x=0))
        if isinstance(numbers, EcKey):
            return replace(self, numbers=replace(numbers, d=b""))
        if isinstance(numbers, ForeignKey):
            return replace(self, numbers=replace(numbers, private=b""))
        return replace(self, numbers=replace(numbers, seed=b"", expanded=b""))

    @property
    def has_public(self) -> bool:
        """Return whether the public half is known; some private forms leave it out."""
        numbers = self.numbers
        if isinstance(numbers, DsaKey):
            return numbers.y is not None
        if isinstance(numbers, DhKey):
            return numbers.y != 0
        if isinstance(numbers, EcKey):
            return bool(numbers.x)
        return bool(numbers.public) if isinstance(numbers, MlKey | ForeignKey) else True

    def with_public(self, half: Key) -> Key:
        """Return this private key with the public half that it lacks."""
        mine, theirs = self.numbers, half.numbers
        if isinstance(mine, DsaKey) and isinstance(theirs, DsaKey):
            return replace(self, numbers=replace(mine, y=theirs.y))
        if isinstance(mine, DhKey) and isinstance(theirs, DhKey):
            return replace(self, numbers=replace(mine, y=theirs.y))
        if isinstance(mine, EcKey) and isinstance(theirs, EcKey):
            return replace(self, numbers=replace(mine, x=theirs.x, y=theirs.y))
        if isinstance(mine, MlKey) and isinstance(theirs, MlKey):
            return replace(self, numbers=replace(mine, public=theirs.public))
        if isinstance(mine, ForeignKey) and isinstance(theirs, ForeignKey):
            return replace(self, numbers=replace(mine, public=theirs.public))
        return self

    def __repr__(self) -> str:
        return f"<Key {self.description}, {'private' if self.is_private else 'public'}>"


def family_of(name: str) -> tuple[str, str, str, str]:
    """Return (family, curve, parameter set, use) of a name, each empty if the name does not say it.

    The name may be an algorithm identifier (``ECDSA_P256``), a family (``EC``) or a full name (``ML-KEM-768``). Raise
    NotSupportedError for a name that is not an algorithm with keys.
    """
    if name in FAMILIES:
        return name, "curve25519" if name == "X25519" else "", "", ""
    if name == "RSA_SIGN":
        return "RSA", "", "", ""
    for use in ("ECDSA", "ECDH"):
        if name == use:
            return "EC", "", "", use
        if name.startswith(f"{use}_P") and (curve := find(f"nistP{name.removeprefix(f'{use}_P')}")):
            return "EC", curve.name, "", use
    for family, sets in ML_SIZES.items():
        if name.removeprefix(f"{family}-") in sets and name.startswith(family):
            return family, "", name.removeprefix(f"{family}-"), ""
    sets_of = (f"{family}-{one}" for family, sets in ML_SIZES.items() for one in sets)
    near = nearest(name, [*FAMILIES, *_USES, *sets_of])
    hint = f"; did you mean {near!r}?" if near else f", only for {', '.join(FAMILIES)}, ECDSA and ECDH"
    if known := by_name(name):
        return known.algorithm, "", known.parameter_set, ""
    raise NotSupportedError(
        f"no format of other programs is known for {name!r:.40}{instead_of(name) or hint}; export a key of another "
        "algorithm as a blob of its provider"
    )


def curve_of(name: str) -> Curve:
    """Return the named curve. Raise InvalidParameterError if there is none."""
    curve = find(name)
    if curve is None:
        near = nearest(name, CURVES)
        advice = f"did you mean {near!r}?" if near else f"use one of {', '.join(CURVES)}"
        raise InvalidParameterError(f"no curve is called {name!r:.40}; {advice}")
    return curve


def explicit_curve(parameters: EccParameters) -> tuple[Curve, EccParameters | None]:
    """Return the curve with these numbers: a named one and None, or one without a name and its parameters."""
    known = match(parameters)
    if known is not None:
        return known, None
    numbers = (parameters.p, parameters.a, parameters.b, parameters.gx, parameters.gy, parameters.n, parameters.h)
    bits = parameters.p.bit_length()
    return Curve("", bits, parameters.curve_type, *numbers, "", bits), parameters
