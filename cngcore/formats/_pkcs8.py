"""Read and write PrivateKeyInfo (PKCS #8, RFC 5208 and RFC 5958) for each family.

The key inside is an RSAPrivateKey (RFC 8017), x of DSA (RFC 3279's INTEGER) or of DH, an ECPrivateKey (RFC 5915), or
the 32 bytes of X25519 (RFC 8410). For ML-KEM (RFC 9935 section 6) and ML-DSA (RFC 9881 section 6) it is one of three
forms: the seed, the expanded key, or both. Version 2 (OneAsymmetricKey) may add the public key, as in a
SubjectPublicKeyInfo. If the private key contains the public key too, the two must be the same.
"""

from __future__ import annotations

from cngcore.blobs.dh import DhKey, DhParameters
from cngcore.blobs.dsa import DsaKey, DsaParameters
from cngcore.blobs.rsa import RsaKey
from cngcore.formats import _der as der
from cngcore.formats import _oids as identifiers
from cngcore.formats import _spki as spki
from cngcore.formats import _traditional as structures
from cngcore.formats._foreign import ForeignKey
from cngcore.formats._foreign import raw as raw_key
from cngcore.formats._model import ML_SIZES, X25519, EcKey, Key, MlKey
from cngcore.formats._oids import Identifier
from cngcore.status import BadDataError, InvalidParameterError

__all__ = ["ML_FORMS", "read", "write"]

ML_FORMS = ("seed", "expandedKey", "both")
"""The three forms of a private key of ML-KEM and ML-DSA, by their names in the RFCs."""


def read(content: bytes | bytearray) -> Key:
    """Return the key in a PrivateKeyInfo or OneAsymmetricKey. Ignore its attributes.

    Raise BadDataError if it is malformed or its public key belongs to another key, NotSupportedError for an algorithm
    that CNG does not have.
    """
    outer = der.Reader(content, "PKCS#8")
    info = outer.sequence()
    outer.end()
    version = info.integer("the version")
    if version > 1:
        raise info.wrong("the version is not 0 or 1")
    what = identifiers.read(info)
    private = info.inside("the private key")
    info.context(0)
    public = info.context_bits(1, "the public key") if version == 1 else None
    info.end()
    key = _read(what, private)
    return key if public is None else _with_public(key, public)


def write(key: Key, form: str = "") -> bytearray:
    """Return a PrivateKeyInfo of version 0, without attributes.

    ``form`` is one of :data:`ML_FORMS`, for ML-KEM and ML-DSA only; by default it is what the key has. Raise
    InvalidParameterError if the key lacks a number that the form needs; :func:`cngcore.formats.complete` computes it.
    """
    return der.sequence(der.integer(0), identifiers.write(key), der.octets(_write(key, form)))


def _with_public(key: Key, public: bytes) -> Key:
    """Return the key with the public half from the structure, which must equal the one that the key has already."""
    half = spki.read(der.sequence(identifiers.write(key), der.bits(public)))
    if not key.has_public:
        return key.with_public(half)
    if key.public().numbers != half.numbers:
        raise BadDataError("PKCS#8: the public key in the structure belongs to another private key")
    return key


def _read(what: Identifier, private: der.Reader) -> Key:
    if what.family == "RSA":
        return Key("RSA", structures.read_rsa_private(private))
    if isinstance(what.group, DsaParameters):
        x = private.integer("x")
        private.end()
        return Key("DSA", structures.dsa_key(what.group, None, x))
    if isinstance(what.group, DhParameters):
        x = private.integer("x")
        private.end()
        if not 0 < x < what.group.p:
            raise BadDataError("the private number of the DH key is not between 1 and p-1")
        return Key("DH", DhKey(what.group, 0, x))
    if what.family == "X25519":
        d = private.octets("the X25519 key")
        private.end()
        if len(d) != 32:
            raise BadDataError(f"a private key of X25519 has 32 bytes, not {len(d)}")
        return Key("X25519", EcKey(X25519, b"", b"", d))
    if what.curve is not None:
        return Key("EC", structures.read_ec_private(private, what.curve, what.explicit), what.use)
    if what.foreign is not None:
        content = private.octets("the private key") if what.foreign.nested else private.raw()
        private.end()
        return Key(what.family, raw_key(what.foreign, content, private=True))
    seed = expanded = public = b""
    public_size, seed_size, expanded_size = ML_SIZES[what.family][what.parameter_set]
    if private.left in (seed_size, expanded_size, expanded_size + public_size):  # the forms of drafts, without a tag
        content = private.raw()
        seed, expanded, public = (
            (content, b"", b"")
            if len(content) == seed_size
            else (b"", content[:expanded_size], content[expanded_size:])
        )
    elif (inner := private.context(0, constructed=False)) is not None:
        seed = inner.raw()
    elif private.peek() == der.OCTET_STRING:
        expanded = private.octets("the expanded key")
        if len(expanded) == seed_size:  # a draft of ML-KEM
            seed, expanded = expanded, b""
    elif private.peek() == der.SEQUENCE:
        both = private.sequence()
        seed, expanded = both.octets("the seed"), both.octets("the expanded key")
        both.end()
    else:
        raise private.wrong(
            "the private key is in none of the three forms of RFC 9881 and RFC 9935, nor of their drafts"
        )
    private.end()
    if not seed and not expanded:
        raise private.wrong("the private key is empty")
    try:
        return Key(what.family, MlKey(what.family, what.parameter_set, public, seed, expanded))
    except InvalidParameterError as error:
        raise BadDataError(f"PKCS#8: {error.message}") from None


def _write(key: Key, form: str) -> bytearray:
    numbers = key.numbers
    if not key.is_private:
        raise InvalidParameterError(f"this {key.description} key is public; PKCS#8 holds private keys, use spki")
    if form and not isinstance(numbers, MlKey):
        raise InvalidParameterError("form is an option of ML-KEM and ML-DSA keys only; leave it out")
    if isinstance(numbers, RsaKey):
        return structures.write_rsa_private(numbers)
    if isinstance(numbers, DsaKey | DhKey):
        return der.integer(numbers.x or 0)
    if isinstance(numbers, EcKey):
        return (
            der.octets(numbers.d) if numbers.is_montgomery else structures.write_ec_private(numbers, with_curve=False)
        )
    if isinstance(numbers, ForeignKey):
        return der.octets(numbers.private) if numbers.format.nested else bytearray(numbers.private)
    form = form or ("both" if numbers.seed and numbers.expanded else "seed" if numbers.seed else "expandedKey")
    if form not in ML_FORMS:
        raise InvalidParameterError(f"{form!r:.20} is not a form; use one of {', '.join(ML_FORMS)}")
    if (form != "expandedKey" and not numbers.seed) or (form != "seed" and not numbers.expanded):
        raise InvalidParameterError(f"this key lacks what the form {form!r} needs; call complete() first")
    if form == "seed":
        return der.context(0, numbers.seed, constructed=False)
    if form == "expandedKey":
        return der.octets(numbers.expanded)
    return der.sequence(der.octets(numbers.seed), der.octets(numbers.expanded))
