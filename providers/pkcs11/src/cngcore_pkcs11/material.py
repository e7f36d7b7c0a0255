"""Keys in the token: their objects, labels and removal, and the search by URI."""

from __future__ import annotations

import weakref
from contextlib import suppress
from typing import Any
from urllib.parse import unquote_to_bytes

from pkcs11 import Attribute, KeyType, ObjectClass

from cngcore.provider import KeyFactory, KeyMaterial, KeyRequest
from cngcore.status import CngError, InvalidParameterError, NotFoundError
from cngcore_pkcs11 import LABEL
from cngcore_pkcs11.token import generation, is_open, session

UNREADABLE: dict[Any, Any] = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
"""Attributes of every private key: its value can never be read."""


class TokenMaterial(KeyMaterial):
    """A key pair, or its public half, as objects of the token.

    ``private`` is None for a public half. Session objects are removed from the token with this object. A key with a
    label, or a key that was found by URI, stays.
    """

    def __init__(self, public: Any, private: Any = None, *, stays: bool = False) -> None:
        self._public = public
        self._private = private
        self._stays = stays
        self._label = ""
        if stays and private is not None:
            with session():
                self._label = str(private.label or "")
        self._generation = generation()
        self._session_objects = [] if stays else [item for item in (public, private) if item is not None]
        weakref.finalize(self, _remove, self._session_objects, self._generation).atexit = False

    @property
    def has_private(self) -> bool:
        return self._private is not None

    def get_property(self, name: str) -> object:
        return self._label if name == LABEL else super().get_property(name)


def _remove(objects: list[Any], since: int) -> None:
    """Remove objects from the token. Ignore errors, because the objects or the token may be gone already."""
    if not objects or not is_open(since):
        return
    with suppress(CngError), session(since):
        for item in objects:
            with suppress(Exception):
                item.destroy()


class TokenFactory(KeyFactory):
    """Make keys in the token. A subclass sets the kind."""

    key_type: KeyType

    def find(self, uri: bytes) -> tuple[Any, Any]:
        """Return the (public, private) objects of the key that an RFC 7512 URI names.

        Raise NotFoundError if there is no such key, or if the URI names another token. Raise InvalidParameterError if
        several keys match.
        """
        attributes, place = _parse_uri(uri)
        with session() as open_session:
            for name, value in place.items():
                if value != _token_value(open_session.token, name):
                    raise NotFoundError(f"the URI names a token with another {name} than the open token")
            private = self._one(open_session, {**attributes, Attribute.CLASS: ObjectClass.PRIVATE_KEY})
            public = self._one(open_session, {**attributes, Attribute.CLASS: ObjectClass.PUBLIC_KEY})
        return public, private

    def _one(self, open_session: Any, attributes: dict[Any, Any]) -> Any:
        """Return the one object with these attributes."""
        matches = list(open_session.get_objects({**attributes, Attribute.KEY_TYPE: self.key_type}))
        kind = attributes[Attribute.CLASS].name.lower().replace("_", " ")
        if not matches:
            raise NotFoundError(f"the token has no {self.key_type.name} {kind} with this name; check object= and id=")
        if len(matches) > 1:
            raise InvalidParameterError(f"the token has {len(matches)} {kind}s with this name; add id= to the URI")
        return matches[0]

    @staticmethod
    def label(request: KeyRequest) -> str:
        """Return the label under which the new key stays in the token, or "" if it is removed with its object."""
        return str(request.properties.get(LABEL, ""))


_KEY_PARTS = {"object": Attribute.LABEL, "id": Attribute.ID}
_TOKEN_PARTS = {"token": "label", "manufacturer": "manufacturer_id", "model": "model", "serial": "serial"}
_IGNORED_PARTS = ("library-", "slot-")
"""Parts of a URI that name the library or the slot. They are ignored, because the environment names the library."""


def _token_value(token: Any, name: str) -> str:
    """Return a value from the token's description of itself, as text."""
    value = getattr(token, _TOKEN_PARTS[name])
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).rstrip(" \0")


def _parse_uri(uri: bytes) -> tuple[dict[Any, Any], dict[str, str]]:
    """Return the attributes of the key, and those of its token, in a URI (RFC 7512 section 2.3).

    Raise InvalidParameterError if a part is unknown, empty or repeated, because every part must match the token.
    """
    scheme, colon, rest = uri.rstrip(b"\0").partition(b":")
    if scheme.lower() != b"pkcs11" or not colon:
        raise InvalidParameterError("PKCS11URIBLOB must be a URI: pkcs11:object=LABEL or pkcs11:id=%01")
    attributes: dict[Any, Any] = {}
    place: dict[str, str] = {}
    seen: set[str] = set()
    for part in filter(None, rest.partition(b"?")[0].split(b";")):
        word, _, escaped = part.partition(b"=")
        name, value = word.decode("latin-1"), unquote_to_bytes(escaped)
        if not value or name in seen:
            raise InvalidParameterError(
                f"the part {name!r:.20} of the URI is empty or repeated; give it once, with a value"
            )
        seen.add(name)
        if name in _KEY_PARTS:
            attributes[_KEY_PARTS[name]] = value if name == "id" else _text(value)
        elif name in _TOKEN_PARTS:
            place[name] = _text(value)
        elif name == "type" and value == b"private":
            continue  # the private object is searched for; the public one has the same name
        elif not name.startswith(_IGNORED_PARTS):
            raise InvalidParameterError(
                f"the part {name!r:.20} of the URI is not supported for a private key; remove it"
            )
    if not attributes:
        raise InvalidParameterError("the URI names no key; add object= or id=")
    return attributes, place


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidParameterError("a name in the URI must be UTF-8") from None
