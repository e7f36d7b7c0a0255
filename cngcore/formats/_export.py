"""Get the :class:`Key` that a :class:`cngcore.KeyPair` holds, by exporting its blobs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cngcore.formats import _cng as cng
from cngcore.formats._foreign import by_name, raw
from cngcore.formats._model import Key, family_of
from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from cngcore.objects import KeyPair
    from cngcore.provider import KeyFormat

__all__ = ["as_key", "from_key"]


def as_key(key: Key | KeyPair) -> Key:
    """Return a :class:`Key` as it is, and the key that a :class:`~cngcore.KeyPair` holds."""
    if isinstance(key, Key):
        return key
    from cngcore.objects import KeyPair

    if isinstance(key, KeyPair):
        return from_key(key)
    raise InvalidParameterError(f"a Key of cngcore.formats or a KeyPair is needed, not {type(key).__name__}")


def from_key(pair: KeyPair, *, private: bool | None = None) -> Key:
    """Return the key that a finalized :class:`~cngcore.KeyPair` holds, from its exported blobs.

    ``private`` is True to demand the private half, False to leave it out, None to take it if it exists. Raise
    InvalidHandleError for a key that is not finalized, NotSupportedError for an algorithm that this package does not
    know.
    """
    family, *_ = family_of(str(pair.get_property("AlgorithmName")))
    if family not in cng.BLOB_TYPES and (known := by_name(family, pair.parameter_set or "")):
        return _read_foreign(pair, known, private)
    provider = pair.get_property("ProviderHandle")
    offered = getattr(provider, "declaration").blob_types  # noqa: B009 - typed as object
    types = [name for name in cng.BLOB_TYPES[family] if name in offered and offered[name].exports]
    public = next(name for name in types if not cng.is_private_type(name))
    if private is not False:
        for name in [name for name in types if cng.is_private_type(name)]:
            try:
                blob = pair.export(name)
            except InvalidParameterError:  # a public half, or a seed that is not known
                continue
            return _read(pair, blob, name, pair.export(public))
        if private:
            raise InvalidParameterError("the key pair holds no private half; pass private=False")
    return _read(pair, pair.export(public), public)


def _read_foreign(pair: KeyPair, known: KeyFormat, private: bool | None) -> Key:
    numbers = raw(known, known.encoded(bytes(pair.export(known.public_blob)), private=False), private=False)
    if private and not pair.has_private:
        raise InvalidParameterError("the key pair holds no private half; pass private=False")
    if private is not False and pair.has_private:
        secret = raw(known, known.encoded(bytes(pair.export(known.private_blob)), private=True), private=True)
        numbers = replace(numbers, private=secret.private)
    return Key(known.algorithm, numbers)


def _read(pair: KeyPair, blob: bytes | bytearray, blob_type: str, public: bytes | bytearray = b"") -> Key:
    family, _, _, use = family_of(str(pair.get_property("AlgorithmName")))
    curve = str(pair.get_property("ECCCurveName")) if family == "EC" else ""
    key = cng.read(bytes(blob), blob_type, curve=curve)
    if public and not key.has_public:
        key = key.with_public(cng.read(bytes(public), curve=curve))
    return replace(key, use=use) if key.family == "EC" else key
