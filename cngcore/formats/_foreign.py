"""Keys of algorithms that bcrypt.h does not have, by what their providers say (:class:`cngcore.provider.KeyFormat`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cngcore.provider import KeyFormat
from cngcore.status import BadDataError, CngError

__all__ = [
    "FOREIGN",
    "ForeignKey",
    "by_jwk",
    "by_name",
    "by_oid",
    "has_blob_type",
    "is_declared",
    "raw",
    "read_blob",
    "readable_types",
]


FOREIGN = ("pkcs8", "spki", "raw", "jwk", "cng")
"""The formats that such a key can be written in; a JSON Web Key only if its provider says how."""


@dataclass(frozen=True, slots=True, repr=False)
class ForeignKey:
    """The two encoded halves of a key; one that is not known is empty."""

    format: KeyFormat
    public: bytes = b""
    private: bytes = b""

    @property
    def is_private(self) -> bool:
        """Return whether the private half is known."""
        return bool(self.private)

    def __repr__(self) -> str:
        return f"<ForeignKey {self.format.name}, {'private' if self.is_private else 'public'}>"


def raw(known: KeyFormat, data: bytes, *, private: bool) -> ForeignKey:
    """Return the key with these encoded bytes. Raise BadDataError for another length."""
    expected = known.private_length if private else known.public_length
    if len(data) != expected and (expected or known.oid):
        half = "private" if private else "public"
        raise BadDataError(f"a {half} key of {known.name} has {expected} bytes, not {len(data)}")
    return ForeignKey(known, private=data) if private else ForeignKey(known, data)


def by_oid(oid: str) -> KeyFormat | None:
    """Return what is known of an object identifier; None if no provider says something."""
    return next((known for known in _all() if known.oid == oid), None)


def by_name(name: str, parameter_set: str = "") -> KeyFormat | None:
    """Return what is known of an algorithm and its set, or of the two in one name."""
    return next(
        (one for one in _all() if name in (one.name, one.algorithm) and parameter_set in ("", one.parameter_set)), None
    )


def is_declared(name: str) -> bool:
    """Return whether a provider has an algorithm of this name."""
    from cngcore.registry import default

    return bool(default().candidates(name))


def has_blob_type(blob_type: str) -> bool:
    """Return whether a provider has a blob type."""
    return any(blob_type in (one.public_blob, one.private_blob) for one in _all()) or _declared(blob_type) is not None


def read_blob(blob_type: str, blob: bytes) -> ForeignKey | None:
    """Return the key in a blob of a provider's type; None if no provider has the type.

    If its provider says nothing of other formats, the blob is the encoded key. Several algorithms or parameter sets may
    share a type: the key is of the first that can read it. Raise what the last of them raises if none can.
    """
    refusal: CngError | None = None
    for known in _all():
        if blob_type in (known.public_blob, known.private_blob):
            try:
                private = blob_type == known.private_blob
                return raw(known, known.encoded(blob, private=private), private=private)
            except CngError as error:
                refusal = error
    if refusal is not None:
        raise refusal
    declared = _declared(blob_type)
    return None if declared is None else raw(declared, blob, private=blob_type == declared.private_blob)


def readable_types(blob: bytes) -> list[str]:
    """Return the blob types of providers whose formats take these bytes as a blob."""
    found = []
    for known in _all():
        for blob_type, private in ((known.private_blob, True), (known.public_blob, False)):
            try:
                encoded = known.encoded(blob, private=private)
                raw(known, encoded, private=private)
                fits = known.blob(encoded, private=private) == blob
            except Exception:  # noqa: S112 - code of a provider, on data that may be anything
                continue
            if fits and blob_type not in found:
                found.append(blob_type)
    return found


def by_jwk(members: Mapping[str, object]) -> KeyFormat | None:
    """Return what is known of a JSON Web Key with these members."""
    return next((one for one in _all() if one.jwk and one.jwk.items() <= members.items()), None)


def _declared(blob_type: str) -> KeyFormat | None:
    """Return the blob types of an algorithm that declares this one, as a format without an object identifier."""
    from cngcore.registry import default

    registry = default()
    for algorithm in registry.algorithms():
        for one in registry.candidates(algorithm):
            types = one.algorithm.blob_types
            if blob_type in types:
                public, private = (
                    blob_type
                    if types[blob_type].private is half
                    else next((name for name, other in types.items() if other.private is half), "")
                    for half in (False, True)
                )
                return KeyFormat(algorithm, "", public, private, public_length=0, private_length=0)
    return None


def _all() -> list[KeyFormat]:
    from cngcore.registry import default

    return default().key_formats()
