"""Convert between :class:`Key` and :class:`cngcore.KeyPair`: export from a provider, import into one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cngcore.formats import _cng as cng
from cngcore.formats._complete import complete
from cngcore.formats._model import EcKey, Key, MlKey, family_of
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from cngcore.objects import KeyPair
    from cngcore.registry import Registry

__all__ = ["from_key", "import_into"]


def from_key(pair: KeyPair, *, private: bool | None = None) -> Key:
    """Return the key that a finalized :class:`~cngcore.KeyPair` holds, from its exported blobs.

    ``private`` is True to demand the private half, False to leave it out, None to take it if it exists. Raise
    InvalidHandleError for a key that is not finalized, NotSupportedError for an algorithm that this package does not
    know.
    """
    provider = pair.get_property("ProviderHandle")
    offered = getattr(provider, "declaration").blob_types  # noqa: B009 - typed as object
    family, *_ = family_of(str(pair.get_property("AlgorithmName")))
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


def import_into(
    key: Key, *, algorithm: str = "", implementation: str | None = None, registry: Registry | None = None
) -> KeyPair:
    """Import ``key`` into a provider and return its :class:`~cngcore.KeyPair`.

    ``algorithm`` is by default the one that the key is for; an elliptic-curve key of unknown use goes to ECDSA. The
    provider makes all its tests of an import. ``registry`` is by default the default registry.
    """
    from cngcore.registry import default

    name = algorithm or cng.algorithm_of(key)
    family, _, _, use = family_of(name)
    if family != key.family and not (family == "EC" and use == "ECDH" and key.family == "X25519"):
        raise InvalidParameterError(
            f"a {key.description} key cannot be imported into {name}; use {cng.algorithm_of(key)}"
        )
    if use:
        key = replace(key, use=use)
    if not key.has_public and not isinstance(key.numbers, MlKey | EcKey):
        key = complete(key)
    if isinstance(key.numbers, EcKey):
        blob_type = "ECCFULLPRIVATEBLOB" if key.is_private else "ECCFULLPUBLICBLOB"
        if name not in ("ECDSA", "ECDH"):
            blob_type = blob_type.replace("FULL", "")
    else:
        blob_type = ""
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


def _read(pair: KeyPair, blob: bytes | bytearray, blob_type: str, public: bytes | bytearray = b"") -> Key:
    family, _, _, use = family_of(str(pair.get_property("AlgorithmName")))
    curve = str(pair.get_property("ECCCurveName")) if family == "EC" else ""
    key = cng.read(bytes(blob), blob_type, curve=curve)
    if public and not key.has_public:
        key = key.with_public(cng.read(bytes(public), curve=curve))
    return replace(key, use=use) if key.family == "EC" else key
