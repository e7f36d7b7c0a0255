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
from cngcore_pkcs11.token import generation, session

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
        self._label = str(private.label or "") if stays and private is not None else ""
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
    if not objects:
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
        wanted = _attributes(uri)
        with session() as open_session:
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


def _attributes(uri: bytes) -> dict[Any, Any]:
    """The ``object`` and ``id`` of a URI (RFC 7512 section 2.3); other parts do not choose among keys."""
    scheme, colon, rest = uri.rstrip(b"\0").partition(b":")
    if scheme.lower() != b"pkcs11" or not colon:
        raise InvalidParameterError("the name of a key in the token is a URI: pkcs11:object=LABEL or pkcs11:id=%01")
    wanted: dict[Any, Any] = {}
    for part in rest.partition(b"?")[0].split(b";"):
        name, _, value = part.partition(b"=")
        if name == b"object":
            try:
                wanted[Attribute.LABEL] = unquote_to_bytes(value).decode()
            except UnicodeDecodeError:
                raise InvalidParameterError("the label in the URI is not UTF-8") from None
        elif name == b"id":
            wanted[Attribute.ID] = unquote_to_bytes(value)
    if not wanted:
        raise InvalidParameterError("the URI names neither an object nor an id")
    return wanted
