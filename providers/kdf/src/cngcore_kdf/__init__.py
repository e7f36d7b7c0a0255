"""Key-derivation algorithms for cngcore: the declaration. It imports nothing that derives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.provider import Algorithm, KeyLengths, Parameter, Property, When, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

__version__ = "0.1.0"

LENGTHS = KeyLengths(0, 16384, 8)
"""Bits of the secret; a longer one is cut (contract: rule-kdf-algorithms)."""

CAPI_AES_FLAG = 0x10

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

SOURCES = {
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


def _algorithm(name: str) -> Algorithm:
    settable = When(finalized="w")
    hkdf = name == "HKDF"
    properties = [
        Property("HkdfHashAlgorithm", str, settable),
        Property("HkdfSaltAndFinalize", bytes, settable),
        Property("HkdfPrkAndFinalize", bytes, settable),
    ]
    stated = {"operations", "key_lengths", "parameters"}
    if hkdf:
        stated |= {"KeyDataBlob", *(one.name for one in properties)}
    if name == "CAPI_KDF":
        stated.add("generate_flags")
    return Algorithm(
        name,
        "cngcore",
        {"derive"},
        LENGTHS,
        properties=properties if hkdf else (),
        generate_flags=CAPI_AES_FLAG if name == "CAPI_KDF" else 0,
        blob_types=("KeyDataBlob",) if hkdf else (),
        introduced="10" if hkdf else "8",
        dispatch_level=True,
        factory=f"cngcore_kdf.derivations:{_CLASSES[name]}",
        parameters=PARAMETERS[name],
        sources={key: source for key, source in SOURCES.items() if key in stated},
    )


_CLASSES = {
    "PBKDF2": "Pbkdf2",
    "SP800_108_CTR_HMAC": "Sp800108",
    "SP800_56A_CONCAT": "Sp80056A",
    "CAPI_KDF": "Capi",
    "TLS1_1_KDF": "Tls11",
    "TLS1_2_KDF": "Tls12",
    "HKDF": "Hkdf",
}


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return the seven algorithms."""
    return map(_algorithm, PARAMETERS)
