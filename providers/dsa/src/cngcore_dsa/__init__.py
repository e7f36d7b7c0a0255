"""DSA for cngcore: the declaration. Nothing of the back end is imported here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from cngcore.provider import Algorithm, ByWindows, KeyLengths, Property, When, hookimpl
from cngcore.status import InvalidHandleError

if TYPE_CHECKING:
    from cngcore.blobs.dsa import DsaParameters

__version__ = "0.1.0"

SOURCES = {
    "operations": "contract 27 [doc]",
    "key_lengths": "BCryptGenerateKeyPair page; contract 3 [doc, symcrypt]; 0 bits: decisions/lengths [inferred]",
    "generate_flags": "BCryptGenerateKeyPair page; decisions/lengths [inferred]",
    "KeyLength": "contract 4.1 and 5 [wine-test, go]",
    "KeyStrength": "contract 5 [wine-test]",
    "SignatureLength": "contract 5 and 27: 2*q [doc, go]",
    "DSAParameters": "contract 4.3 and 28.5 [doc, go]; readable: contract 5 [inferred]",
    **dict.fromkeys(("DSAPUBLICBLOB", "DSAPRIVATEBLOB"), "contract 28.2 and 28.3 [header, dotnet, wine-test]"),
    "V2CAPIDSAPRIVATEBLOB": "contract 28.9 [wine-test]",
    **dict.fromkeys(("PUBLICBLOB", "PRIVATEBLOB"), "contract 9: the magic decides [wine-test]"),
}
"""Where each rule comes from."""


def _check_parameters(parameters: DsaParameters) -> None:
    """Refuse parameters that make no group when they are set; that p and q are prime is proved at Finalize."""
    from cngcore_dsa.keys import check_parameters

    check_parameters(parameters)


def _parameters_not_set(_properties: Mapping[str, object]) -> object:
    """The answer of an empty key, as with DHParameters [wine-test]."""
    raise InvalidHandleError("the DSA key is empty: it has no DSAParameters until it is finalized or they are set")


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """DSA."""
    finalized = When(finalized="r")
    settable = When(empty="rw", finalized="r")
    return [
        Algorithm(
            "DSA",
            "cryptography",
            {"sign"},
            key_lengths=ByWindows({"vista": KeyLengths(512, 1024, 64), "8": KeyLengths(512, 3072, 64)}),
            properties=[
                Property("KeyLength", int, settable),
                Property("KeyStrength", int, finalized),
                Property("SignatureLength", int, finalized),
                Property(
                    "DSAParameters",
                    "cngcore.blobs.dsa:DsaParameters",
                    settable,
                    value=_parameters_not_set,
                    check=_check_parameters,
                ),
            ],
            blob_types=["DSAPUBLICBLOB", "DSAPRIVATEBLOB", "V2CAPIDSAPRIVATEBLOB", "PUBLICBLOB", "PRIVATEBLOB"],
            dispatch_level=True,
            factory="cngcore_dsa.keys:DsaFactory",
            back_end="cryptography",
            sources=SOURCES,
        )
    ]
