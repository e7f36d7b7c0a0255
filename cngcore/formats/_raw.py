"""Read and write raw keys: only the bytes of a key, so the caller must say which key they are.

==========  =====================================  ==========================================================
family      public                                 private
==========  =====================================  ==========================================================
EC          the point, uncompressed                d, as many bytes as the order has
X25519      32 bytes                               32 bytes
ML-KEM      the encapsulation key                  the seed d || z, or the decapsulation key
ML-DSA      the public key                         the seed, or the private key
==========  =====================================  ==========================================================

RSA, DSA and DH have no raw form, because their keys are several numbers.
"""

from __future__ import annotations

from cngcore.formats._foreign import ForeignKey, by_name
from cngcore.formats._foreign import raw as raw_key
from cngcore.formats._model import ML_SIZES, X25519, EcKey, Key, MlKey, curve_of, family_of
from cngcore.formats._points import point, private_number, read_point
from cngcore.status import BadDataError, InvalidParameterError, NotSupportedError

__all__ = ["RAW_FORMS", "read", "write"]

RAW_FORMS = ("seed", "expandedKey")


def read(
    content: bytes | bytearray, algorithm: str, *, curve: str = "", parameter_set: str = "", private: bool | None = None
) -> Key:
    """Return the key with these bytes.

    ``algorithm`` is an algorithm identifier, a family, or a full name (``ML-KEM-768``); ``curve`` and ``parameter_set``
    add what it does not say. ``private`` is needed for X25519 only, because both halves have one length.

    Raise BadDataError for a length that no such key has, InvalidParameterError for a missing argument,
    NotSupportedError for a family that has no raw form.
    """
    family, named, told_set, use = family_of(algorithm)
    content = bytes(content)
    if family == "X25519" or (family == "EC" and (curve or named) == "curve25519"):
        if private is None:
            raise InvalidParameterError(
                "both halves of an X25519 key have 32 bytes; pass private=True or private=False"
            )
        if len(content) != 32:
            raise BadDataError(f"a key of X25519 has 32 bytes, not {len(content)}")
        return Key("X25519", EcKey(X25519, b"", b"", content) if private else EcKey(X25519, content, b""), "ECDH")
    if family == "EC":
        if not (curve or named):
            raise InvalidParameterError(f"raw bytes do not contain their curve; pass the curve of {algorithm}")
        on = curve_of(curve or named)
        if private or (private is None and len(content) == on.order_bytes):
            if len(content) != on.order_bytes:
                raise BadDataError(f"a private number on {on.name} has {on.order_bytes} bytes, not {len(content)}")
            return Key("EC", EcKey(on, b"", b"", private_number(on, content)), use)
        return Key("EC", EcKey(on, *read_point(on, content)), use)
    if family in ML_SIZES:
        name = parameter_set or told_set
        if name not in ML_SIZES[family]:
            raise InvalidParameterError(
                f"{family} has the parameter sets {', '.join(ML_SIZES[family])}; pass one of them"
            )
        sizes = dict(zip(("public", "seed", "expanded"), ML_SIZES[family][name], strict=True))
        form = next((form for form, size in sizes.items() if size == len(content)), None)
        if form is None or private is (form == "public"):
            known_sizes = ", ".join(f"{form} {size}" for form, size in sizes.items())
            raise BadDataError(f"no key of {family}-{name} has {len(content)} bytes; its sizes are {known_sizes}")
        return Key(family, MlKey(family, name, **{form: content}))
    if known := by_name(family, parameter_set or told_set):
        half = len(content) == known.private_length if private is None else private
        if private is None and known.private_length == known.public_length:
            raise InvalidParameterError(
                f"both halves of a key of {known.name} have {known.public_length} bytes; pass private=True or "
                "private=False"
            )
        return Key(known.algorithm, raw_key(known, content, private=half))
    raise NotSupportedError(f"a key of {family} is several numbers and has no raw form; use spki, pkcs8 or a blob")


def write(key: Key, *, private: bool, form: str = "") -> bytes | bytearray:
    """Return the bytes of one half: bytes for the public one, a bytearray for the private one.

    ``form`` is "seed" or "expandedKey", for ML-KEM and ML-DSA only; by default the seed if the key has it.
    """
    numbers = key.numbers
    if private and not key.is_private:
        raise InvalidParameterError(f"this {key.description} key is public; write its public half")
    if isinstance(numbers, EcKey):
        return bytearray(numbers.d) if private else point(numbers)
    if isinstance(numbers, MlKey):
        if form not in ("", *RAW_FORMS):
            raise InvalidParameterError(f"{form!r:.20} is not a form; use one of {', '.join(RAW_FORMS)}")
        seed = form == "seed" or (not form and bool(numbers.seed))
        content = (numbers.seed if seed else numbers.expanded) if private else numbers.public
        if not content:
            raise InvalidParameterError(
                f"this {key.description} key lacks the requested half or form; call complete() first"
            )
        return bytearray(content) if private else content
    if isinstance(numbers, ForeignKey):
        return bytearray(numbers.private) if private else numbers.public
    raise NotSupportedError(f"a key of {key.family} is several numbers and has no raw form; use spki, pkcs8 or a blob")
