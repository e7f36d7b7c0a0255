"""Raw keys: the bytes of a key and nothing else; what they are has to be told.

==========  =====================================  ==========================================================
family      public                                 private
==========  =====================================  ==========================================================
EC          the point, uncompressed                d, as many bytes as the order has
X25519      32 bytes                               32 bytes
ML-KEM      the encapsulation key                  the seed d || z, or the decapsulation key
ML-DSA      the public key                         the seed, or the private key
==========  =====================================  ==========================================================

RSA, DSA and DH have none: their keys are several numbers.
"""

from __future__ import annotations

from cngcore.formats._model import ML_SIZES, X25519, EcKey, Key, MlKey, curve_of, family_of
from cngcore.formats._points import point, private_number, read_point
from cngcore.status import BadDataError, InvalidParameterError, NotSupportedError

__all__ = ["RAW_FORMS", "read", "write"]

RAW_FORMS = ("seed", "expandedKey")


def read(
    content: bytes | bytearray, algorithm: str, *, curve: str = "", parameter_set: str = "", private: bool | None = None
) -> Key:
    """The key whose bytes these are.

    ``algorithm`` is an algorithm identifier, a family, or a full name (``ML-KEM-768``); ``curve`` and
    ``parameter_set`` say what it leaves open. ``private`` is needed for X25519 only, whose halves have one length.

    Raises BadDataError for a length that is none of the key's, InvalidParameterError where something is not told,
    NotSupportedError for a family that has no raw form.
    """
    family, named, told_set, use = family_of(algorithm)
    content = bytes(content)
    if family == "X25519" or (family == "EC" and (curve or named) == "curve25519"):
        if private is None:
            raise InvalidParameterError(
                "the halves of an X25519 key both have 32 bytes; say whether this is the private one"
            )
        if len(content) != 32:
            raise BadDataError(f"a key of X25519 has 32 bytes, not {len(content)}")
        return Key("X25519", EcKey(X25519, b"", b"", content) if private else EcKey(X25519, content, b""), "ECDH")
    if family == "EC":
        if not (curve or named):
            raise InvalidParameterError(f"raw bytes do not name their curve; give the curve of {algorithm}")
        on = curve_of(curve or named)
        if private or (private is None and len(content) == on.order_bytes):
            if len(content) != on.order_bytes:
                raise BadDataError(f"a private number on {on.name} has {on.order_bytes} bytes, not {len(content)}")
            return Key("EC", EcKey(on, b"", b"", private_number(on, content)), use)
        return Key("EC", EcKey(on, *read_point(on, content)), use)
    if family in ML_SIZES:
        name = parameter_set or told_set
        if name not in ML_SIZES[family]:
            raise InvalidParameterError(f"{family} has the parameter sets {', '.join(ML_SIZES[family])}; name one")
        sizes = dict(zip(("public", "seed", "expanded"), ML_SIZES[family][name], strict=True))
        form = next((form for form, size in sizes.items() if size == len(content)), None)
        if form is None or private is (form == "public"):
            wanted = ", ".join(f"{form} {size}" for form, size in sizes.items())
            raise BadDataError(f"{len(content)} bytes are no such key of {family}-{name}; its sizes are {wanted}")
        return Key(family, MlKey(family, name, **{form: content}))
    raise NotSupportedError(f"a key of {family} is several numbers and has no raw form; use spki, pkcs8 or a blob")


def write(key: Key, *, private: bool, form: str = "") -> bytes | bytearray:
    """The bytes of one half: bytes for the public one, a bytearray for the private one.

    ``form``, of ML-KEM and ML-DSA only, is "seed" or "expandedKey"; left empty the seed where it is here.
    """
    numbers = key.numbers
    if private and not key.is_private:
        raise InvalidParameterError(f"this {key.description} key is public")
    if isinstance(numbers, EcKey):
        return bytearray(numbers.d) if private else point(numbers)
    if isinstance(numbers, MlKey):
        if form not in ("", *RAW_FORMS):
            raise InvalidParameterError(f"{form!r:.20} is no form; those are {', '.join(RAW_FORMS)}")
        seed = form == "seed" or (not form and bool(numbers.seed))
        content = (numbers.seed if seed else numbers.expanded) if private else numbers.public
        if not content:
            raise InvalidParameterError(
                f"this {key.description} key does not hold what was asked for; complete it first"
            )
        return bytearray(content) if private else content
    raise NotSupportedError(f"a key of {key.family} is several numbers and has no raw form; use spki, pkcs8 or a blob")
