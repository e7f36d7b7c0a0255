"""Diffie-Hellman over finite fields for cngcore: the declaration. Nothing that computes is imported here."""

from collections.abc import Iterable

from cngcore.provider import Algorithm, KeyLengths, Property, When, hookimpl

__version__ = "0.1.0"


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
        )
    ]
