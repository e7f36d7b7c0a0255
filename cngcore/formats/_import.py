"""Make a :class:`cngcore.KeyPair` of a key: import it into a provider, load it from a file, save it in one."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from cngcore._diagnostics import clear_tracebacks
from cngcore.formats import _cng as cng
from cngcore.formats._complete import complete
from cngcore.formats._decode import decode_all
from cngcore.formats._encode import encode
from cngcore.formats._export import as_key
from cngcore.formats._files import NewFile, read_file
from cngcore.formats._foreign import ForeignKey
from cngcore.formats._model import EcKey, Key, MlKey, curve_of, family_of
from cngcore.formats._spki import fingerprint
from cngcore.formats._written import check_written
from cngcore.status import CngError, InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from cngcore.formats._decode import DecodedKeys
    from cngcore.objects import KeyPair
    from cngcore.registry import Registry

__all__ = ["import_into", "load_key", "save_key"]


@clear_tracebacks
def load_key(
    source: str | os.PathLike[str] | Buffer,
    *,
    passphrase: bytes | str | None = None,
    algorithm: str | None = None,
    curve: str | None = None,
    format: str = "",
    registry: Registry | None = None,
) -> KeyPair:
    """Return the key in a file, as a finalized :class:`~cngcore.KeyPair`.

    ``source`` is a path, or the content as bytes; a string with ``-----BEGIN`` or ``{`` is content too. Every form of
    :data:`~cngcore.formats.FORMATS` that names its key is recognized: PEM and DER, key blobs of CNG and CryptoAPI, JWK,
    OpenSSH, PKCS #12, certificates. A certificate or public key beside its private key is passed over.

    ``passphrase`` is for encrypted keys. ``algorithm`` is the one to import into. A file of an elliptic-curve key
    usually does not say what the key is for: it is loaded for ECDSA, as ``"ECDSA_P256"`` or another by its curve, and
    ``algorithm="ECDH_P256"`` loads it for agreement. ``curve`` names the curve of a blob of ECDSA or ECDH with a
    generic magic, which does not contain it. ``format`` is a name of :data:`~cngcore.formats.FORMATS` or a blob type; a
    blob of a provider's own type needs it, because it does not say what it is. ``registry`` is by default the default
    one.

    Raise OSError as :func:`open`, BadDataError for what is no key, InvalidParameterError for a missing or a wrong
    passphrase and for several keys, NotSupportedError for a key that CNG does not have.

    >>> cngcore.load_key(cngcore.generate_key_pair("ECDSA_P256").to_pem())
    <KeyPair ECDSA_P256, private (cryptography)>
    """
    key = _the_one(decode_all(_content(source), passphrase=passphrase, curve=curve or "", format=format))
    if curve and (not isinstance(key.numbers, EcKey) or key.numbers.curve != replace(curve_of(curve), name=key.curve)):
        raise InvalidParameterError(f"the key is {key.description}, not a key on {curve}; leave curve= out")
    return import_into(key, algorithm=algorithm or "", registry=registry)


def _content(source: object) -> bytes | str:
    if isinstance(source, str) and ("-----BEGIN " in source or source.lstrip()[:1] == "{"):
        return source
    if isinstance(source, str | os.PathLike):
        return read_file(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    raise InvalidParameterError(f"a path or the content as bytes is needed, not {type(source).__name__}")


def _the_one(found: DecodedKeys) -> Key:
    """Return the only key; a private one, if all others are its public half."""
    private = [one.key for one in found if one.key.is_private]
    if len(found) == 1:
        if not private and (lost := next((one for one in found.skipped if one.private), None)):
            raise NotSupportedError(f"only a public key can be read, and {lost.where} cannot: {lost.reason}")
        return found[0].key
    if len(private) == 1:
        try:
            if len({fingerprint(complete(one.key)) for one in found}) == 1:
                return private[0]
        except CngError:
            pass  # which of them belong together is not known
    raise InvalidParameterError(f"there are {len(found)} keys; cngcore.formats.decode_all() returns all of them")


@clear_tracebacks
def save_key(
    key: Key | KeyPair,
    path: str | os.PathLike[str],
    *,
    format: str = "pkcs8",
    passphrase: bytes | str | None = None,
    replace: bool = False,
) -> None:
    """Write a key to a file; see :meth:`cngcore.KeyPair.save`."""
    key = as_key(key)
    if format == "pkcs8" and not key.is_private:
        format = "spki"
    content = encode(key, format, passphrase=passphrase)
    private = isinstance(content, bytearray)
    try:
        check_written(content, key, format, private=private, passphrase=passphrase)
        with NewFile(path, content, private=private) as file:
            file.place(replace=replace)
    finally:
        if isinstance(content, bytearray):  # private
            content[:] = bytes(len(content))


def import_into(
    key: Key | KeyPair, *, algorithm: str = "", implementation: str | None = None, registry: Registry | None = None
) -> KeyPair:
    """Import ``key`` into a provider and return its :class:`~cngcore.KeyPair`.

    ``algorithm`` is by default the one that the key is for; an elliptic-curve key of unknown use goes to ECDSA. The
    provider makes all its tests of an import. ``registry`` is by default the default registry.
    """
    from cngcore.registry import default

    key = as_key(key)
    name = algorithm or cng.algorithm_of(key)
    family, _, _, use = family_of(name)
    if family != key.family and not (family == "EC" and use == "ECDH" and key.family == "X25519"):
        raise InvalidParameterError(
            f"this {key.description} key cannot be imported into {name}; use {cng.algorithm_of(key)}"
        )
    if use:
        key = replace(key, use=use)
    if not key.has_public and not isinstance(key.numbers, MlKey | EcKey | ForeignKey):
        key = complete(key)
    if isinstance(key.numbers, EcKey):
        blob_type = "ECCFULLPRIVATEBLOB" if key.is_private else "ECCFULLPUBLICBLOB"
        if name not in ("ECDSA", "ECDH"):
            blob_type = blob_type.replace("FULL", "")
    else:
        blob_type = ""
    if isinstance(key.numbers, ForeignKey):
        blob_type = key.numbers.format.private_blob if key.is_private else key.numbers.format.public_blob
    blob = cng.write(key, blob_type)
    blob_type = blob_type or cng.blob_type_of(blob)
    with (registry or default()).open_algorithm_provider(name, implementation) as provider:
        offered = provider.declaration.blob_types
        if isinstance(key.numbers, MlKey) and blob_type not in offered:
            expanded = complete(key, registry=registry, expand=True)
            blob_type = cng.ML_BLOBS[key.family][1]
            blob = cng.write(expanded, blob_type)
        if blob_type not in offered:
            raise NotSupportedError(
                f"{name} ({provider.declaration.implementation}) does not import {blob_type}; choose another"
            )
        return provider.import_key_pair(blob_type, blob)
