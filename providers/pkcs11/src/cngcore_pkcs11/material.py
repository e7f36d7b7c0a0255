"""What every key in the token has: its objects, its label, its end."""

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

FOREVER: dict[Any, Any] = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
"""What every private key has: its value can never be read."""


class TokenMaterial(KeyMaterial):
    """A key pair, or its public half, as objects of the token.

    ``private`` is None for a public half. Objects of the session are removed from the token when this goes; a key that
    was given a label, or was there already, stays.
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
        self._goes = [] if stays else [one for one in (public, private) if one is not None]
        weakref.finalize(self, _remove, self._goes, self._generation).atexit = False

    @property
    def has_private(self) -> bool:
        return self._private is not None

    def get_property(self, name: str) -> object:
        return self._label if name == LABEL else super().get_property(name)


def _remove(objects: list[Any], since: int) -> None:
    """Let the token forget objects. It may have forgotten them already, or be gone."""
    if not objects or not is_open(since):
        return
    with suppress(CngError), session(since):
        for one in objects:
            with suppress(Exception):
                one.destroy()


class TokenFactory(KeyFactory):
    """Makes keys in the token; the subclass knows their kind."""

    key_type: KeyType

    def found(self, uri: bytes) -> tuple[Any, Any]:
        """(public, private) objects of the key that an RFC 7512 URI names."""
        wanted, place = _attributes(uri)
        with session() as open_session:
            for name, value in place.items():
                if value != _told(open_session.token, name):
                    raise NotFoundError(f"the URI names a token by another {name} than the one that is open")
            private = self._one(open_session, {**wanted, Attribute.CLASS: ObjectClass.PRIVATE_KEY})
            public = self._one(open_session, {**wanted, Attribute.CLASS: ObjectClass.PUBLIC_KEY})
        return public, private

    def _one(self, open_session: Any, wanted: dict[Any, Any]) -> Any:
        found = list(open_session.get_objects({**wanted, Attribute.KEY_TYPE: self.key_type}))
        kind = wanted[Attribute.CLASS].name.lower().replace("_", " ")
        if not found:
            raise NotFoundError(f"the token has no {kind} of this kind under that name")
        if len(found) > 1:
            raise InvalidParameterError(f"the token has {len(found)} {kind}s under that name; give the id too")
        return found[0]

    @staticmethod
    def label(request: KeyRequest) -> str:
        """The label the caller wants the key to stay under; empty for a key that goes with its object."""
        return str(request.properties.get(LABEL, ""))


_NAMED = {"object": Attribute.LABEL, "id": Attribute.ID}
_TOKEN = {"token": "label", "manufacturer": "manufacturer_id", "model": "model", "serial": "serial"}
_PASSED_OVER = ("library-", "slot-")
"""Parts of a URI that tell where the token is: here the environment does."""


def _told(token: Any, name: str) -> str:
    """What the token says of itself, as text."""
    value = getattr(token, _TOKEN[name])
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).rstrip(" \0")


def _attributes(uri: bytes) -> tuple[dict[Any, Any], dict[str, str]]:
    """What a URI says of the key and of its token (RFC 7512 section 2.3).

    All of it must fit. A part that is not known here, is empty or stands twice is InvalidParameterError: what cannot be
    held against the token must not choose a key in it.
    """
    scheme, colon, rest = uri.rstrip(b"\0").partition(b":")
    if scheme.lower() != b"pkcs11" or not colon:
        raise InvalidParameterError("the name of a key in the token is a URI: pkcs11:object=LABEL or pkcs11:id=%01")
    wanted: dict[Any, Any] = {}
    place: dict[str, str] = {}
    seen: set[str] = set()
    for part in filter(None, rest.partition(b"?")[0].split(b";")):
        word, _, escaped = part.partition(b"=")
        name, value = word.decode("latin-1"), unquote_to_bytes(escaped)
        if not value or name in seen:
            raise InvalidParameterError(f"the part {name!r:.20} of the URI is empty, or there twice")
        seen.add(name)
        if name in _NAMED:
            wanted[_NAMED[name]] = value if name == "id" else _text(value)
        elif name in _TOKEN:
            place[name] = _text(value)
        elif name == "type" and value == b"private":
            continue  # a key is found by its private object; the public one bears the same name
        elif not name.startswith(_PASSED_OVER):
            raise InvalidParameterError(f"the part {name!r:.20} of the URI does not name a private key in a token here")
    if not wanted:
        raise InvalidParameterError("the URI names neither an object nor an id")
    return wanted, place


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidParameterError("a name in the URI is not UTF-8") from None
