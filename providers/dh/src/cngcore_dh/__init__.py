"""Diffie-Hellman over finite fields for cngcore: the declaration. Nothing that computes is imported here."""

from collections.abc import Iterable

from cngcore.provider import Algorithm, KeyLengths, Property, When, hookimpl

__version__ = "0.1.0"

SOURCES = {
    "operations": "contract 27 [doc]",
    "key_lengths": "BCryptGenerateKeyPair page; contract 3 [doc, wine-test]; 0 bits: decisions/lengths [inferred]",
    "generate_flags": "BCryptGenerateKeyPair page; decisions/lengths [inferred]",
    "KeyLength": "contract 4.1 [wine-test]",
    **dict.fromkeys(("KeyStrength", "PublicKeyLength"), "contract 5 [doc]; decisions/dh"),
    "DHParameters": "contract 4.2, 5 and 28.5 [wine-test]",
    **dict.fromkeys(("DHPUBLICBLOB", "DHPRIVATEBLOB"), "contract 28.4 and 9 [header, wine-test]"),
    **dict.fromkeys(("PUBLICBLOB", "PRIVATEBLOB"), "contract 9: the magic decides [wine-test]"),
}
"""Where each rule comes from."""


def _check_parameters(value: object) -> None:
    from cngcore_dh.keys import group_to_generate_in

    group_to_generate_in(value)


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """DH."""
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
                    When(empty="w", finalized="r"),  # reading it on an empty key is INVALID_HANDLE [wine-test]
                    check=_check_parameters,
                ),
            ],
            blob_types=["DHPUBLICBLOB", "DHPRIVATEBLOB", "PUBLICBLOB", "PRIVATEBLOB"],
            dispatch_level=True,
            factory="cngcore_dh.keys:DhFactory",
            sources=SOURCES,
        )
    ]
