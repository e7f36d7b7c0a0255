"""RSA for cngcore, by pycryptodome: the declaration. It imports no back end.

The core checks calls against this declaration, ``cng algorithms`` prints it, and the conformance kit tests it.
:mod:`acme_pycryptodome.keys` does the work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore import constants
from cngcore.provider import Algorithm, BlobType, KeyLengths, Property, When, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

_FINALIZED = When(finalized="r")

_PADDINGS = (
    constants.BCRYPT_SUPPORTED_PAD_PKCS1_ENC
    | constants.BCRYPT_SUPPORTED_PAD_PKCS1_SIG
    | constants.BCRYPT_SUPPORTED_PAD_OAEP
    | constants.BCRYPT_SUPPORTED_PAD_PSS
)


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return one declaration for each implementation of each algorithm."""
    return [
        Algorithm(
            "RSA",
            "pycryptodome",
            operations={"sign", "encrypt"},
            # Windows starts at 512 bits, pycryptodome at 1024. Shorter keys can be imported.
            key_lengths=KeyLengths(1024, 16384, 64),
            properties=[
                Property("KeyLength", int, When(empty="rw", finalized="r")),
                Property("KeyStrength", int, _FINALIZED),
                Property("PublicKeyLength", int, _FINALIZED),
                Property("BlockLength", int, _FINALIZED),
                Property("SignatureLength", int, _FINALIZED),
                Property("PaddingSchemes", int, When(algorithm="r", empty="r", finalized="r"), value=_PADDINGS),
            ],
            blob_types=[
                "RSAPUBLICBLOB",
                "RSAPRIVATEBLOB",
                "RSAFULLPRIVATEBLOB",
                "PUBLICBLOB",
                "PRIVATEBLOB",
                "CAPIPRIVATEBLOB",
                BlobType("CAPIPUBLICBLOB", imports=False),
            ],
            dispatch_level=True,
            # Below cngcore's own providers. To use this one, set CNGCORE_PREFER=pycryptodome.
            rank=-10,
            # A dotted path, so that importing this module imports no pycryptodome.
            factory="acme_pycryptodome.keys:Factory",
            back_end="pycryptodome",
        )
    ]
