"""Diffie-Hellman over finite fields for cngcore: the declaration. It imports no arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.provider import Algorithm, KeyLengths, Property, When, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

__version__ = "0.1.0"

SOURCES = {
    "operations": "contract: rule-algorithm-summary [doc]",
    "key_lengths": (
        "BCryptGenerateKeyPair page; contract: rule-generate-length [doc, wine-test]; "
        "0 bits: decisions/lengths [inferred]"
    ),
    "generate_flags": "BCryptGenerateKeyPair page; decisions/lengths [inferred]",
    "KeyLength": "contract: rule-set-key-length [wine-test]",
    **dict.fromkeys(
        ("KeyStrength", "PublicKeyLength"),
        "contract: rule-get-key-strength, rule-get-public-key-length [doc]; decisions/dh",
    ),
    "DHParameters": "contract: rule-set-dh-parameters, rule-get-dh-parameters, rule-layout-parameters [wine-test]",
    **dict.fromkeys(("DHPUBLICBLOB", "DHPRIVATEBLOB"), "contract: rule-layout-dh, rule-import [header, wine-test]"),
    **dict.fromkeys(("PUBLICBLOB", "PRIVATEBLOB"), "contract: rule-import-public-blob: the magic decides [wine-test]"),
}
"""The source of each rule."""


def _check_parameters(value: object) -> None:
    from cngcore_dh.keys import group_to_generate_in

    group_to_generate_in(value)


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return DH."""
    finalized = When(finalized="r")
    return [
        Algorithm(
            "DH",
            "cngcore",
            operations={"agree"},
            key_lengths=KeyLengths(512, 4096, 64),
            properties=[
                Property("KeyLength", int, When(empty="rw", finalized="r")),
                Property("KeyStrength", int, finalized),
                Property("PublicKeyLength", int, finalized),
                Property(
                    "DHParameters",
                    "cngcore.blobs.dh:DhParameters",
                    When(empty="w", finalized="r"),  # an empty key answers INVALID_HANDLE to reading [wine-test]
                    check=_check_parameters,
                ),
            ],
            blob_types=["DHPUBLICBLOB", "DHPRIVATEBLOB", "PUBLICBLOB", "PRIVATEBLOB"],
            dispatch_level=True,
            factory="cngcore_dh.keys:DhFactory",
            sources=SOURCES,
        )
    ]
