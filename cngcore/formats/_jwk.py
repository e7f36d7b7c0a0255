"""Read and write JSON Web Keys (RFC 7517), for the families that have a registered key type.

=========  =====================  =========================================  ======================================
family     kty                    members                                    source
=========  =====================  =========================================  ======================================
RSA        RSA                    n, e; d, p, q, dp, dq, qi                  RFC 7518 section 6.3
EC         EC                     crv, x, y; d                               RFC 7518 section 6.2; RFC 8812
X25519     OKP                    crv, x; d                                  RFC 8037
ML-DSA     AKP                    alg, pub; priv (the seed)                  RFC 9964
=========  =====================  =========================================  ======================================

DSA, DH, the Brainpool curves, P-192 and P-224 have no JSON Web Key. ML-KEM has none yet, because the draft of the JOSE
working group (draft-ietf-jose-pqc-kem) is not finished.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass, replace

from cngcore._nearest import instead_of
from cngcore.blobs import rsa
from cngcore.blobs.rsa import RsaKey
from cngcore.formats._complete import primes
from cngcore.formats._foreign import ForeignKey, by_jwk
from cngcore.formats._foreign import raw as raw_key
from cngcore.formats._model import X25519, EcKey, Key, MlKey, curve_of
from cngcore.formats._points import private_number
from cngcore.provider import KeyFormat
from cngcore.status import BadDataError, CngError, InvalidParameterError, NotSupportedError

__all__ = ["CURVE_NAMES", "Member", "build", "other_members", "read_set", "write"]

CURVE_NAMES = {"P-256": "nistP256", "P-384": "nistP384", "P-521": "nistP521", "secp256k1": "secP256k1"}
"""The name in bcrypt.h of each ``crv`` of the type EC."""

_CRV = {name: crv for crv, name in CURVE_NAMES.items()}
_SETS = ("44", "65", "87")
_OWN = frozenset(["kty", "crv", "x", "y", "d", "n", "e", "p", "q", "dp", "dq", "qi", "pub", "priv"])
"""The members that hold the key; for the type AKP ``alg`` is one of them."""

MOST_KEYS = 5000
"""Keys of the longest JWK Set that is read."""

_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "priv", "k")
_TYPES = {"RSA-HSM": "RSA", "EC-HSM": "EC"}
"""Key types of Azure Key Vault: the key stays in the module, and the JSON holds its public half."""

_FOREIGN = (
    *("oct", "oct-HSM", "OKP", "AKP", "Ed25519", "Ed448", "X448", "P-256K", "SECP256K1", "secp256r1", "SM2", "LWE"),
    *("BLS12381G1", "BLS12381G2", "ML-KEM-512", "ML-KEM-768", "ML-KEM-1024", "FN-DSA-512", "FN-DSA-1024"),
    *("brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1", "BP-256", "BP-384", "BP-512"),
)
"""Values that an error may name. Any other value may be a part of a key that was damaged."""


@dataclass(frozen=True, slots=True, repr=False)
class Member:
    """A key of the JSON, or why it cannot be read; exactly one of ``key`` and ``refusal`` is set.

    ``in_set`` says whether it is one of a JWK Set, ``number`` its place there from 1, and ``text`` it alone as JSON.
    """

    number: int
    in_set: bool
    private: bool
    text: bytes
    key: Key | None = None
    refusal: CngError | None = None


def read_set(text: bytes | bytearray) -> list[Member]:
    """Return the keys of a JWK Set, or the one key of a JWK or of an answer of Azure Key Vault.

    Other members are ignored, as RFC 7517 demands, and so are members that are null. Raise BadDataError for malformed
    JSON. A key that cannot be read is returned with the reason.
    """
    value = _loaded(text)
    keys = value.get("keys")
    if "kty" in value or not isinstance(keys, list):
        inner = value.get("key")
        if "kty" not in value and isinstance(inner, dict) and "kty" in inner:
            value = inner
        return [_member(value, 1, False)]
    if len(keys) > MOST_KEYS:
        raise BadDataError(f"JWK: the JWK Set has more than {MOST_KEYS} keys")
    return [_member(key, number, True) for number, key in enumerate(keys, 1)]


def _loaded(text: bytes | bytearray) -> dict[str, object]:
    try:
        value = json.loads(bytes(text).decode("utf-8"), object_pairs_hook=_unique, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise BadDataError(f"JWK: not JSON, at line {error.lineno}, column {error.colno}") from None
    except UnicodeDecodeError as error:
        raise BadDataError(f"JWK: not JSON: not UTF-8, at offset {error.start}") from None
    except _NotJsonError as error:
        raise BadDataError(f"JWK: not JSON: {error}") from None
    except (ValueError, RecursionError):
        raise BadDataError("JWK: not JSON: a number or the nesting is out of range") from None
    if not isinstance(value, dict):
        raise BadDataError("JWK: the JSON is not an object")
    return value


def _member(value: object, number: int, in_set: bool) -> Member:
    if not isinstance(value, dict):
        return Member(number, in_set, False, b"", refusal=BadDataError("JWK: a member of the JWK Set is not an object"))
    given = {name: content for name, content in value.items() if content is not None}
    private = any(name in given for name in _PRIVATE)
    alone = json.dumps(given).encode() if in_set else b""
    try:
        return Member(number, in_set, private, alone, key=_read(given))
    except CngError as error:
        return Member(number, in_set, private, alone, refusal=error)


def other_members(text: bytes | bytearray) -> list[str]:
    """Return the names of the members that do not hold the key; for a JWK Set those of all its keys."""
    value = _loaded(text)
    keys = value.get("keys")
    found: list[object] = keys if "kty" not in value and isinstance(keys, list) else [value]
    names: dict[str, None] = {}
    for key in found:
        if isinstance(key, dict):
            own = _OWN | {"alg"} if key.get("kty") == "AKP" else _OWN
            names |= {name: None for name, content in key.items() if name not in own and content is not None}
    return list(names)


def build(key: Key) -> dict[str, str]:
    """Return the members of the key, with the private ones if it is private.

    Raise NotSupportedError for a family, a curve or a form that has no JSON Web Key.
    """
    numbers = key.numbers
    if isinstance(numbers, RsaKey):
        members = {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
        if numbers.is_private:
            full = rsa.complete(numbers)
            secret = (("d", full.d), ("p", full.p), ("q", full.q), ("dp", full.dp), ("dq", full.dq), ("qi", full.qinv))
            members |= {name: _number(value) for name, value in secret}
        return members
    if isinstance(numbers, EcKey):
        return _build_ec(numbers)
    if isinstance(numbers, MlKey) and numbers.family == "ML-DSA":
        if not numbers.public:
            raise InvalidParameterError("a JWK holds the public key too, and this key lacks it; call complete() first")
        if numbers.expanded and not numbers.seed:
            raise NotSupportedError(
                "a JWK holds the seed of an ML-DSA key (RFC 9964), and the seed cannot be computed from an expanded key"
            )
        members = {"kty": "AKP", "alg": f"ML-DSA-{numbers.parameter_set}", "pub": _encode(numbers.public)}
        return members | ({"priv": _encode(numbers.seed)} if numbers.seed else {})
    if isinstance(numbers, ForeignKey) and numbers.format.jwk:
        public, private = numbers.format.jwk_members
        members = {**numbers.format.jwk, public: _encode(numbers.public)}
        return members | ({private: _encode(numbers.private)} if numbers.private else {})
    raise NotSupportedError(f"no standard defines a JSON Web Key for {key.family}; use pkcs8 or spki")


def write(key: Key) -> bytearray:
    """Return the key as JSON text, one member a line."""
    return bytearray(json.dumps(build(key), indent=2).encode() + b"\n")


def _build_ec(key: EcKey) -> dict[str, str]:
    if not key.x:
        raise InvalidParameterError("a JWK holds the public key too, and this key lacks it; call complete() first")
    if key.is_montgomery:
        members = {"kty": "OKP", "crv": "X25519", "x": _encode(key.x)}
    elif key.curve.name in _CRV:
        members = {"kty": "EC", "crv": _CRV[key.curve.name], "x": _encode(key.x), "y": _encode(key.y)}
    else:
        raise NotSupportedError(
            f"{key.curve.name or 'a curve without a name'} has no JSON Web Key; {', '.join(_CRV)} and curve25519 do"
        )
    return members | ({"d": _encode(key.d)} if key.d else {})


def _read(members: dict[str, object]) -> Key:
    kind = _text(members, "kty")
    kind = _TYPES.get(kind, kind)
    if kind == "RSA":
        return _read_rsa(members)
    if kind == "EC":
        crv = _text(members, "crv")
        if crv not in CURVE_NAMES:
            raise NotSupportedError(
                f"JWK: crv {_shown(crv)} is not a curve of CNG; use one of {', '.join(CURVE_NAMES)}"
            )
        curve = curve_of(CURVE_NAMES[crv])
        size = curve.field_bytes
        x, y = _coordinate(members, "x", size), _coordinate(members, "y", size)
        if max(int.from_bytes(x, "big"), int.from_bytes(y, "big")) >= curve.p:
            raise BadDataError("JWK: a coordinate of the public point is not below p")
        d = private_number(curve, _coordinate(members, "d", curve.order_bytes)) if "d" in members else b""
        return Key("EC", EcKey(curve, x, y, d), _use(members))
    if kind == "OKP":
        if _text(members, "crv") != "X25519":
            if (known := by_jwk(members)) is not None:
                return _read_foreign(known, members)
            raise NotSupportedError(
                f"JWK: CNG does not have crv {_shown(members['crv'])}; of the type OKP it has X25519"
                + instead_of(_text(members, "crv"))
            )
        d = _string(members, "d", 32) if "d" in members else b""
        return Key("X25519", EcKey(X25519, _string(members, "x", 32), b"", d), "ECDH")
    if kind == "AKP":
        alg = _text(members, "alg")
        name = alg.removeprefix("ML-DSA-")
        if name == alg or name not in _SETS:
            if (known := by_jwk(members)) is not None:
                return _read_foreign(known, members)
            raise NotSupportedError(
                f"JWK: CNG does not have alg {_shown(alg)}; of the type AKP it has ML-DSA-44, -65 and -87"
                + ("" if "ML-DSA" in alg else instead_of(alg))
            )
        seed = _string(members, "priv", 32) if "priv" in members else b""
        try:
            return Key("ML-DSA", MlKey("ML-DSA", name, _string(members, "pub"), seed))
        except InvalidParameterError as error:
            raise BadDataError(f"JWK: pub: {error.message}") from None
    if (known := by_jwk(members)) is not None:
        return _read_foreign(known, members)
    raise NotSupportedError(f"JWK: CNG does not have kty {_shown(kind)}; it has RSA, EC, OKP and AKP")


def _read_foreign(known: KeyFormat, members: dict[str, object]) -> Key:
    public, private = known.jwk_members
    numbers = raw_key(known, _string(members, public, known.public_length), private=False)
    if private in members:
        numbers = replace(numbers, private=_string(members, private, known.private_length))
    return Key(known.algorithm, numbers)


def _shown(value: object) -> str:
    """Return a value for an error if it is one that the registry or a known program has."""
    if value in _FOREIGN or (isinstance(value, str) and value.startswith("SLH-DSA-") and len(value) < 20):
        return f"{value!r}"
    return "of this value"


def _read_rsa(members: dict[str, object]) -> Key:
    n = _positive(members, "n", 2048, sign=True)
    e = _positive(members, "e", 2048)
    if "oth" in members:
        raise NotSupportedError("JWK: the RSA key has more than two primes, and CNG has no form for it")
    if "d" not in members:
        if any(name in members for name in _PRIVATE):
            raise BadDataError("JWK: the member 'd' is missing, but other private members are there")
        return Key("RSA", RsaKey(n, e))
    widest = (n.bit_length() + 7) // 8
    d = _positive(members, "d", widest)
    if "p" not in members and "q" not in members:
        return Key("RSA", rsa.complete(primes(n, e, d)))
    p, q = _positive(members, "p", widest), _positive(members, "q", widest)
    dp, dq, qinv = (_positive(members, name, widest) if name in members else 0 for name in ("dp", "dq", "qi"))
    return Key("RSA", rsa.complete(RsaKey(n, e, p, q, dp, dq, qinv, d)))


def _use(members: dict[str, object]) -> str:
    """Return what the key is for, "ECDH" or "ECDSA", or "" if the members do not say."""
    alg, operations = str(members.get("alg", "")), members.get("key_ops")
    uses = operations if isinstance(operations, list) else []
    if alg.startswith("ES") or members.get("use") == "sig" or "sign" in uses or "verify" in uses:
        return "ECDSA"
    if alg.startswith("ECDH") or members.get("use") == "enc" or "deriveKey" in uses or "deriveBits" in uses:
        return "ECDH"
    return ""


def _text(members: dict[str, object], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise BadDataError(f"JWK: the member {name!r} is {'missing' if value is None else 'not a string'}")
    return value


def _string(members: dict[str, object], name: str, size: int | None = None) -> bytes:
    text = _text(members, name)
    try:
        value = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (Error, UnicodeEncodeError):
        value = b""
    if _encode(value) != text:
        raise BadDataError(f"JWK: the member {name!r} is not base64url without padding")
    if size is not None and len(value) != size:
        raise BadDataError(f"JWK: the member {name!r} has {len(value)} bytes; for this key it has {size}")
    return value


def _coordinate(members: dict[str, object], name: str, size: int) -> bytes:
    """Return a number in its full width. Java's BigInteger puts a zero byte before a number whose top bit is set."""
    value = _string(members, name)
    if len(value) == size + 1 and value[0] == 0 and value[1] & 0x80:
        return value[1:]
    return _string(members, name, size)


def _positive(members: dict[str, object], name: str, widest: int, *, sign: bool = False) -> int:
    """Return a number above 0.

    RFC 7518 wants the fewest bytes. Other programs write zero bytes in front: as a sign in n, up to a fixed width in
    the other members. ``sign`` says that only the sign is allowed.
    """
    value = _string(members, name)
    if sign and value[:1] == b"\0" and not (len(value) > 1 and value[1] & 0x80):
        raise BadDataError(f"JWK: the member {name!r} begins with a zero byte")
    number = int.from_bytes(value, "big")
    if not number:
        raise BadDataError(f"JWK: the member {name!r} is 0")
    if number.bit_length() > 16384 or len(value) > max(widest, 4) + 1:
        raise BadDataError(f"JWK: the member {name!r} is too long for this key, or above 16384 bits")
    return number


def _encode(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def _number(value: int) -> str:
    return _encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class _NotJsonError(ValueError):
    """JSON that is well-formed and refused all the same."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _NotJsonError("an object has two members with one name")
    return members


def _integer(digits: str) -> int:
    if len(digits) > 20:
        raise _NotJsonError("a number has more than 20 digits")
    return int(digits)
