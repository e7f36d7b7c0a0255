"""One key, whatever form it came in: its family, its numbers, and which half is here.

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

from cngcore.blobs import pq
from cngcore.blobs.curves import CURVES, Curve, find, match
from cngcore.blobs.dh import DhKey
from cngcore.blobs.dsa import DsaKey
from cngcore.blobs.ecc import CurveKey, EccParameters
from cngcore.blobs.rsa import RsaKey
from cngcore.status import BadDataError, InvalidParameterError, NotSupportedError

__all__ = ["FAMILIES", "ML_SIZES", "EcKey", "Key", "MlKey", "curve_of", "explicit_curve", "family_of"]

FAMILIES = ("RSA", "DSA", "DH", "EC", "X25519", "ML-KEM", "ML-DSA")
X25519 = CURVES["curve25519"]

ML_SIZES = {
    family: {name: (pq.SIZES[public][name], pq.SIZES[seed][name], pq.SIZES[private][name]) for name in pq.SIZES[public]}
    for family, public, seed, private in (
        ("ML-KEM", "MLKEMPUBLICBLOB", "MLKEMPRIVATESEEDBLOB", "MLKEMPRIVATEBLOB"),
        ("ML-DSA", "PQDSAPUBLICBLOB", "PQDSAPRIVATESEEDBLOB", "PQDSAPRIVATEBLOB"),
    )
}
"""Family: parameter set: bytes of the public key, of the seed, of the expanded private key."""


@dataclass(frozen=True, slots=True, repr=False)
class EcKey(CurveKey):
    """A key on an elliptic curve.

    ``x``, ``y`` and ``d`` are strings of fixed width: big-endian, ``curve.field_bytes`` and for ``d``
    ``curve.order_bytes``; on curve25519 the strings of RFC 7748, and no y. An ``x`` that is not known is empty, so is
    ``d`` in a public key. A curve without a name is here with its ``parameters``; its ``curve.name`` is empty.
    """

    curve: Curve
    x: bytes
    y: bytes
    d: bytes = b""
    parameters: EccParameters | None = None

    @property
    def is_montgomery(self) -> bool:
        """Whether this is a key for X25519."""
        return self.curve == X25519

    def __repr__(self) -> str:
        where = self.curve.name or f"explicit curve of {self.curve.bits} bits"
        return f"<EcKey {where}, {'private' if self.is_private else 'public'}>"


@dataclass(frozen=True, slots=True, repr=False)
class MlKey:
    """A key of ML-KEM or ML-DSA, in those of its three forms that are known; the others are empty.

    ``seed`` is d || z (FIPS 203) or xi (FIPS 204); ``expanded`` and ``public`` are as the standards encode them.
    """

    family: str
    parameter_set: str
    public: bytes = b""
    seed: bytes = b""
    expanded: bytes = b""

    def __post_init__(self) -> None:
        sizes = ML_SIZES.get(self.family, {}).get(self.parameter_set)
        if sizes is None:
            raise InvalidParameterError(f"{self.family} has no parameter set {self.parameter_set!r:.20}")
        for name, wanted in zip(("public", "seed", "expanded"), sizes, strict=True):
            found = len(getattr(self, name))
            if found not in (0, wanted):
                what = "seed" if name == "seed" else f"{name} key"
                raise InvalidParameterError(
                    f"the {what} of {self.family}-{self.parameter_set} has {wanted} bytes, not {found}"
                )

    @property
    def is_private(self) -> bool:
        """Whether the private key is here, in either form."""
        return bool(self.seed or self.expanded)

    def __repr__(self) -> str:
        half = "private" if self.is_private else "public"
        return f"<MlKey {self.family}-{self.parameter_set}, {half}>"


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A key without its form.

    ``use`` is "ECDH" or "ECDSA" where the source tells what a key on an elliptic curve is for, else empty. Nothing
    about a key is printed but what it is. BadDataError where an RSA key has a modulus or an exponent of 0: in whatever
    form it came, it is none.
    """

    family: str
    numbers: RsaKey | DsaKey | DhKey | EcKey | MlKey
    use: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.numbers, RsaKey) and not (self.numbers.n and self.numbers.e):
            raise BadDataError("an RSA key whose modulus or public exponent is 0 is no key")

    @property
    def is_private(self) -> bool:
        """Whether the private half is here."""
        return self.numbers.is_private

    @property
    def bits(self) -> int:
        """Length as the contract counts it: of the modulus, of p, of the curve; 0 for ML-KEM and ML-DSA."""
        numbers = self.numbers
        if isinstance(numbers, RsaKey):
            return numbers.bits
        if isinstance(numbers, DsaKey | DhKey):
            return numbers.parameters.bits
        return numbers.curve.bits if isinstance(numbers, EcKey) else 0

    @property
    def curve(self) -> str:
        """The name of the curve; empty for other families and for a curve without a name."""
        return self.numbers.curve.name if isinstance(self.numbers, EcKey) else ""

    @property
    def parameter_set(self) -> str:
        """``"768"``, ``"65"``; empty for other families."""
        return self.numbers.parameter_set if isinstance(self.numbers, MlKey) else ""

    @property
    def description(self) -> str:
        """What a person calls it: ``RSA 2048``, ``EC nistP256``, ``ML-KEM-768``."""
        if isinstance(self.numbers, MlKey):
            return f"{self.family}-{self.parameter_set}"
        if isinstance(self.numbers, EcKey):
            if self.family == "X25519":
                return self.family
            return f"{self.use or 'EC'} {self.curve or f'explicit curve, {self.bits} bits'}"
        return f"{self.family} {self.bits}"

    def public(self) -> Key:
        """The public half alone; of a key whose public half is not known, :func:`cngcore.formats.complete` it first."""
        numbers = self.numbers
        if isinstance(numbers, RsaKey):
            return replace(self, numbers=RsaKey(numbers.n, numbers.e))
        if isinstance(numbers, DsaKey):
            return replace(self, numbers=replace(numbers, x=None))
        if isinstance(numbers, DhKey):
            return replace(self, numbers=replace(numbers, x=0))
        if isinstance(numbers, EcKey):
            return replace(self, numbers=replace(numbers, d=b""))
        return replace(self, numbers=replace(numbers, seed=b"", expanded=b""))

    @property
    def has_public(self) -> bool:
        """Whether the public half is here; some private forms leave it out."""
        numbers = self.numbers
        if isinstance(numbers, DsaKey):
            return numbers.y is not None
        if isinstance(numbers, DhKey):
            return numbers.y != 0
        if isinstance(numbers, EcKey):
            return bool(numbers.x)
        return bool(numbers.public) if isinstance(numbers, MlKey) else True

    def with_public(self, half: Key) -> Key:
        """This private key with the public half that it lacks."""
        mine, theirs = self.numbers, half.numbers
        if isinstance(mine, DsaKey) and isinstance(theirs, DsaKey):
            return replace(self, numbers=replace(mine, y=theirs.y))
        if isinstance(mine, DhKey) and isinstance(theirs, DhKey):
            return replace(self, numbers=replace(mine, y=theirs.y))
        if isinstance(mine, EcKey) and isinstance(theirs, EcKey):
            return replace(self, numbers=replace(mine, x=theirs.x, y=theirs.y))
        if isinstance(mine, MlKey) and isinstance(theirs, MlKey):
            return replace(self, numbers=replace(mine, public=theirs.public))
        return self

    def __repr__(self) -> str:
        return f"<Key {self.description}, {'private' if self.is_private else 'public'}>"


def family_of(name: str) -> tuple[str, str, str, str]:
    """What a name says: (family, curve, parameter set, use), each empty where it says nothing.

    Takes algorithm identifiers (``ECDSA_P256``), families (``EC``) and full names (``ML-KEM-768``).

    Raises NotSupportedError for a name of no algorithm that has keys.
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
    raise NotSupportedError(f"{name!r:.40} is no algorithm with keys; those are {', '.join(FAMILIES)}, and ECDSA, ECDH")


def curve_of(name: str) -> Curve:
    """The named curve; InvalidParameterError where there is none."""
    curve = find(name)
    if curve is None:
        raise InvalidParameterError(f"no curve is called {name!r:.40}; the names are {', '.join(CURVES)}")
    return curve


def explicit_curve(parameters: EccParameters) -> tuple[Curve, EccParameters | None]:
    """The curve of these numbers: a named one and None, or one without a name and its parameters."""
    known = match(parameters)
    if known is not None:
        return known, None
    numbers = (parameters.p, parameters.a, parameters.b, parameters.gx, parameters.gy, parameters.n, parameters.h)
    bits = parameters.p.bit_length()
    return Curve("", bits, parameters.curve_type, *numbers, "", bits), parameters
