"""RSA for cngcore, by pycryptodome: the declaration. Nothing of the back end is imported here.

Everything the core and its tools know of this provider stands in this file: the core checks calls against it, ``cng
algorithms`` prints it, the conformance kit tests it. The work is done in :mod:`acme_pycryptodome.keys`.
"""

from collections.abc import Iterable

from cngcore import constants
from cngcore.provider import Algorithm, BlobType, KeyLengths, Property, When, hookimpl

_FINALIZED = When(finalized="r")

_PADDINGS = (
    constants.BCRYPT_SUPPORTED_PAD_PKCS1_ENC
    | constants.BCRYPT_SUPPORTED_PAD_PKCS1_SIG
    | constants.BCRYPT_SUPPORTED_PAD_OAEP
    | constants.BCRYPT_SUPPORTED_PAD_PSS
)


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """One declaration for each implementation of each algorithm."""
    return [
        Algorithm(
            "RSA",
            "pycryptodome",
            operations={"sign", "encrypt"},
            # Windows begins at 512; pycryptodome makes no key below 1024. Shorter ones can be imported.
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
            # Below every provider of cngcore's own: whoever wants this one says so (CNGCORE_PREFER=pycryptodome).
            rank=-10,
            # A dotted path, so that importing this module imports no pycryptodome.
            factory="acme_pycryptodome.keys:Factory",
            back_end="pycryptodome",
        )
    ]
