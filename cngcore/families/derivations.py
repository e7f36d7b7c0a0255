"""What every provider of the key-derivation algorithms of bcrypt.h declares: lengths, parameters, properties, sources.

The module imports no back end, so that a provider can be listed cheaply. :mod:`cngcore.families.kdf` has the functions
of ``BCryptDeriveKey``, which are no algorithms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.constants import BCRYPT_CAPI_AES_FLAG
from cngcore.provider import Algorithm, KeyLengths, Parameter, Property, When

if TYPE_CHECKING:
    from typing import Any

__all__ = ["PARAMETERS", "kdf"]

_LENGTHS = KeyLengths(0, 16384, 8)
"""Bits of the secret; a longer one is cut (contract: rule-kdf-algorithms)."""

_HASH = Parameter("KDF_HASH_ALGORITHM", "hash", required=True)
_TLS = (
    Parameter("KDF_TLS_PRF_LABEL"),
    Parameter("KDF_TLS_PRF_SEED"),
    Parameter("KDF_GENERIC_PARAMETER", instead_of=("KDF_TLS_PRF_LABEL", "KDF_TLS_PRF_SEED")),
)
_INFO = ("KDF_ALGORITHMID", "KDF_PARTYUINFO", "KDF_PARTYVINFO", "KDF_SUPPPUBINFO", "KDF_SUPPPRIVINFO")

PARAMETERS: dict[str, tuple[Parameter, ...]] = {
    "PBKDF2": (
        _HASH,
        Parameter("KDF_SALT"),
        Parameter("KDF_ITERATION_COUNT", "u64"),
        Parameter("KDF_GENERIC_PARAMETER", instead_of=("KDF_SALT",)),
    ),
    "SP800_108_CTR_HMAC": (
        _HASH,
        Parameter("KDF_LABEL"),
        Parameter("KDF_CONTEXT"),
        Parameter("KDF_GENERIC_PARAMETER", instead_of=("KDF_LABEL", "KDF_CONTEXT")),
    ),
    "SP800_56A_CONCAT": (
        _HASH,
        *(Parameter(name, required=name not in _INFO[3:]) for name in _INFO),
        Parameter("KDF_GENERIC_PARAMETER", instead_of=_INFO),
    ),
    "CAPI_KDF": (_HASH,),
    "TLS1_1_KDF": (Parameter("KDF_HASH_ALGORITHM", "hash"), *_TLS),
    "TLS1_2_KDF": (_HASH, *_TLS),
    "HKDF": (Parameter("KDF_HASH_ALGORITHM", "hash"), Parameter("KDF_SALT"), Parameter("KDF_HKDF_INFO")),
}
"""What each algorithm takes (contract: rule-kdf-parameters). HKDF takes its hash and salt as properties in bcrypt.h."""

_SOURCES = {
    "operations": "contract: rule-kdf-algorithms [doc]; no key pairs: BCryptGenerateKeyPair page [doc]",
    "key_lengths": "contract: rule-kdf-algorithms: PBKDF2 [wine-test], others [inferred]",
    "generate_flags": "contract: rule-kdf-algorithms [doc]",
    "parameters": "contract: rule-kdf-parameters [doc, go, dotnet, symcrypt]",
    "KeyDataBlob": "contract: rule-kdf-hkdf [go]",
    "HkdfHashAlgorithm": "contract: rule-kdf-hkdf [go, doc]",
    "HkdfSaltAndFinalize": "contract: rule-kdf-hkdf [go, app]",
    "HkdfPrkAndFinalize": "contract: rule-kdf-hkdf [go]",
}
"""The source of each rule."""


def kdf(name: str, implementation: str, **more: Any) -> Algorithm:
    """Return a declaration of a key-derivation algorithm, one of :data:`PARAMETERS`.

    ``more`` are further arguments of :class:`~cngcore.provider.Algorithm`: the factory, the back end, the rank.

    >>> kdf("PBKDF2", "acme", factory="acme_cng.kdf:Pbkdf2").operations
    frozenset({'derive'})
    """
    hkdf, capi = name == "HKDF", name == "CAPI_KDF"
    settable = When(finalized="w")
    properties = [
        Property("HkdfHashAlgorithm", str, settable),
        Property("HkdfSaltAndFinalize", bytes, settable),
        Property("HkdfPrkAndFinalize", bytes, settable),
    ]
    stated = {"operations", "key_lengths", "parameters"}
    if hkdf:
        stated |= {"KeyDataBlob", *(one.name for one in properties)}
    if capi:
        stated.add("generate_flags")
    return Algorithm(
        name,
        implementation,
        {"derive"},
        _LENGTHS,
        properties=properties if hkdf else (),
        generate_flags=BCRYPT_CAPI_AES_FLAG if capi else 0,
        blob_types=("KeyDataBlob",) if hkdf else (),
        introduced="10" if hkdf else "8",
        dispatch_level=True,
        parameters=PARAMETERS[name],
        sources={key: source for key, source in _SOURCES.items() if key in stated},
        **more,
    )
