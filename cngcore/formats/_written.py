"""Read what was written, before a file of it takes its place: a key that nothing reads again is lost."""

from __future__ import annotations

from contextlib import suppress

from cngcore.formats._cng import holds_private
from cngcore.formats._complete import check
from cngcore.formats._decode import decode
from cngcore.formats._foreign import ForeignKey
from cngcore.formats._model import EcKey, Key
from cngcore.formats._spki import fingerprint
from cngcore.status import CngError, InternalError, NotFoundError, error_for

__all__ = ["check_written"]


def check_written(
    content: bytes | bytearray,
    key: Key,
    format: str,
    *,
    private: bool,
    passphrase: bytes | str | None = None,
    blob_type: str = "",
) -> None:
    """Raise an error unless ``content`` is read as ``key``, or as its public half if ``private`` is False.

    ``format``, ``passphrase`` and ``blob_type`` are those with which it was written.
    """
    numbers = key.numbers
    if isinstance(numbers, EcKey) and not numbers.curve.name and format == "raw":
        return  # no name to read it by
    own = format == "cng" and isinstance(numbers, ForeignKey)
    if format == "cng" and isinstance(numbers, ForeignKey) and not blob_type:
        blob_type = numbers.format.private_blob if private else numbers.format.public_blob
    raw = {"algorithm": key.use or "ECDSA" if key.family == "EC" else key.description, "private": private}
    try:
        read = decode(
            bytes(content),
            format=blob_type if own else format,
            passphrase=passphrase if private else None,
            curve=key.curve if format in ("cng", "raw") else "",
            **(raw if format == "raw" else {}),  # type: ignore[arg-type]
        )
        if isinstance(read.numbers, ForeignKey):
            with suppress(NotFoundError):  # its provider must import it, too
                check(read)
    except CngError as error:
        raise error_for(
            error.status,
            f"the {key.description} key was not written, because it could not be read again: {error.message}",
        ) from error
    expected = holds_private(key, blob_type) if blob_type else private
    same = read.family == key.family and read.is_private is expected
    if same and isinstance(numbers, ForeignKey) and isinstance(read.numbers, ForeignKey):
        same = read.description == key.description and all(
            not mine or not theirs or mine == theirs
            for mine, theirs in ((numbers.public, read.numbers.public), (numbers.private, read.numbers.private))
        )
    elif same and read.has_public and key.has_public:
        same = fingerprint(read) == fingerprint(key)
    if not same:
        raise InternalError(
            f"the {key.description} key was not written, because another one was read from the file; report it to the "
            "project, or to the provider's author"
        )
