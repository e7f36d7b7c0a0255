"""DSA for cngcore: the declaration. It imports no back end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.provider import Algorithm, ByWindows, KeyLengths, Property, When, hookimpl
from cngcore.status import InvalidHandleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cngcore.blobs.dsa import DsaParameters

__version__ = "0.1.0"

SOURCES = {
    "operations": "contract: rule-algorithm-summary [doc]",
    "key_lengths": (
        "BCryptGenerateKeyPair page; contract: rule-generate-length [doc, symcrypt]; "
        "0 bits: decisions/lengths [inferred]"
    ),
    "generate_flags": "BCryptGenerateKeyPair page; decisions/lengths [inferred]",
    "KeyLength": "contract: rule-set-key-length, rule-get-key-length [wine-test, go]",
    "KeyStrength": "contract: rule-get-key-strength [wine-test]",
    "SignatureLength": "contract: rule-get-signature-length, rule-algorithm-summary: 2*q [doc, go]",
    "DSAParameters": (
        "contract: rule-set-dsa-parameters, rule-layout-parameters [doc, go]; "
        "readable: contract: rule-get-dsa-parameters [inferred]"
    ),
    **dict.fromkeys(
        ("DSAPUBLICBLOB", "DSAPRIVATEBLOB"),
        "contract: rule-layout-dsa-v1, rule-layout-dsa-v2 [header, dotnet, wine-test]",
    ),
    "V2CAPIDSAPRIVATEBLOB": "contract: rule-layout-legacy [wine-test]",
    **dict.fromkeys(("PUBLICBLOB", "PRIVATEBLOB"), "contract: rule-import-public-blob: the magic decides [wine-test]"),
}
"""The source of each rule."""


def _check_parameters(parameters: DsaParameters) -> None:
    """Raise InvalidParameterError if parameters to set do not form a group. Finalize checks that p and q are prime."""
    from cngcore_dsa.keys import check_parameters

    check_parameters(parameters)


def _parameters_not_set(_properties: Mapping[str, object]) -> object:
    """Raise InvalidHandleError: an empty key has no parameters yet, as with DHParameters [wine-test]."""
    raise InvalidHandleError("the DSA key has no DSAParameters yet; set them or finalize the key")


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return DSA."""
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
