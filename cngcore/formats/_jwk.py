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

from cngcore.blobs import rsa
from cngcore.blobs.rsa import RsaKey
from cngcore.formats._model import X25519, EcKey, Key, MlKey, curve_of
from cngcore.formats._points import private_number
from cngcore.status import BadDataError, InvalidParameterError, NotSupportedError

__all__ = ["CURVE_NAMES", "build", "other_members", "read", "read_all", "write"]

CURVE_NAMES = {"P-256": "nistP256", "P-384": "nistP384", "P-521": "nistP521", "secp256k1": "secP256k1"}
"""The name in bcrypt.h of each ``crv`` of the type EC."""

_CRV = {name: crv for crv, name in CURVE_NAMES.items()}
_SETS = ("44", "65", "87")
_OWN = frozenset(["kty", "crv", "x", "y", "d", "n", "e", "p", "q", "dp", "dq", "qi", "pub", "priv"])
"""The members that hold the key; for the type AKP ``alg`` is one of them."""


def read(text: bytes | bytearray) -> Key:
    """Return the key in a JSON object. Ignore other members, as RFC 7517 demands.

    Raise BadDataError for malformed JSON and malformed members, NotSupportedError for a key type that CNG does not
    have.
    """
    keys = read_all(text)
    if len(keys) != 1:
        raise InvalidParameterError(f"the JWK Set holds {len(keys)} keys; pass one of them")
    return keys[0]


def read_all(text: bytes | bytearray) -> list[Key]:
    """Return the keys of a JWK Set, or the one key of a JWK."""
    try:
        value = json.loads(bytes(text).decode("utf-8"), object_pairs_hook=_unique, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise BadDataError(f"JWK: not JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadDataError("JWK: the JSON is not an object")
    keys = value.get("keys")
    if "kty" in value or not isinstance(keys, list):
        return [_read(value)]
    if not all(isinstance(key, dict) for key in keys):
        raise BadDataError("JWK: a member of the JWK Set is not an object")
    return [_read(key) for key in keys]


def other_members(text: bytes | bytearray) -> list[str]:
    """Return the names of the members that do not hold the key; for a JWK Set those of all its keys."""
    value = json.loads(bytes(text))
    keys = value.get("keys") if "kty" not in value else [value]
    own = [_OWN | {"alg"} if key.get("kty") == "AKP" else _OWN for key in keys]
    return list(dict.fromkeys(name for key, names in zip(keys, own, strict=True) for name in key if name not in names))


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
    if kind == "RSA":
        return _read_rsa(members)
    if kind == "EC":
        crv = _text(members, "crv")
        if crv not in CURVE_NAMES:
            raise NotSupportedError(f"JWK: crv {crv!r:.40} is not a curve of CNG; use one of {', '.join(CURVE_NAMES)}")
        curve = curve_of(CURVE_NAMES[crv])
        size = curve.field_bytes
        x, y = _string(members, "x", size), _string(members, "y", size)
        if max(int.from_bytes(x, "big"), int.from_bytes(y, "big")) >= curve.p:
            raise BadDataError("JWK: a coordinate of the public point is not below p")
        d = private_number(curve, _string(members, "d", curve.order_bytes)) if "d" in members else b""
        return Key("EC", EcKey(curve, x, y, d), _use(members))
    if kind == "OKP":
        if _text(members, "crv") != "X25519":
            raise NotSupportedError(f"JWK: CNG does not have crv {members['crv']!r:.40}; of the type OKP it has X25519")
        d = _string(members, "d", 32) if "d" in members else b""
        return Key("X25519", EcKey(X25519, _string(members, "x", 32), b"", d), "ECDH")
    if kind == "AKP":
        alg = _text(members, "alg")
        name = alg.removeprefix("ML-DSA-")
        if name == alg or name not in _SETS:
            raise NotSupportedError(
                f"JWK: CNG does not have alg {alg!r:.40}; of the type AKP it has ML-DSA-44, -65 and -87"
            )
        seed = _string(members, "priv", 32) if "priv" in members else b""
        try:
            return Key("ML-DSA", MlKey("ML-DSA", name, _string(members, "pub"), seed))
        except InvalidParameterError as error:
            raise BadDataError(f"JWK: pub: {error.message}") from None
    raise NotSupportedError(f"JWK: CNG does not have kty {kind!r:.40}; it has RSA, EC, OKP and AKP")


def _read_rsa(members: dict[str, object]) -> Key:
    n, e = _positive(members, "n"), _positive(members, "e")
    if "oth" in members:
        raise NotSupportedError("JWK: the RSA key has more than two primes, and CNG has no form for it")
    if "d" not in members:
        return Key("RSA", RsaKey(n, e))
    d = _positive(members, "d")
    if "p" not in members and "q" not in members:
        from cngcore.formats._complete import primes

        return Key("RSA", rsa.complete(primes(n, e, d)))
    p, q = _positive(members, "p"), _positive(members, "q")
    dp, dq, qinv = (_positive(members, name) if name in members else 0 for name in ("dp", "dq", "qi"))
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


def _positive(members: dict[str, object], name: str) -> int:
    value = _string(members, name)
    if not value or value[0] == 0 or len(value) > 2048:
        raise BadDataError(f"JWK: the member {name!r} is 0, begins with a zero byte, or is above 16384 bits")
    return int.from_bytes(value, "big")


def _encode(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def _number(value: int) -> str:
    return _encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("an object has two members with one name")
    return members


def _integer(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError("a number has more than 20 digits")
    return int(digits)
