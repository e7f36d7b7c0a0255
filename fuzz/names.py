"""List the forms of each blob family: algorithm and blob type; ("", "") is the property of the family.

The first byte of an input, modulo the number of forms, chooses the form. Add new forms at the end of a family without a
property; otherwise make the corpus anew.
"""

from itertools import product

__all__ = ["FORMS"]

PROPERTY = ("", "")
_ECC_TYPES = ("ECCPUBLICBLOB", "ECCPRIVATEBLOB", "ECCFULLPUBLICBLOB", "ECCFULLPRIVATEBLOB")


def _of(algorithm: str, *blob_types: str) -> list[tuple[str, str]]:
    return [(algorithm, blob_type) for blob_type in blob_types]


FORMS: dict[str, list[tuple[str, str]]] = {
    "rsa": _of(
        "RSA", "RSAPUBLICBLOB", "RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB", "CAPIPUBLICBLOB", "CAPIPRIVATEBLOB",
        "PUBLICBLOB", "PRIVATEBLOB",
    ),
    "dsa": [
        *_of("DSA", "DSAPUBLICBLOB", "DSAPRIVATEBLOB", "V2CAPIDSAPRIVATEBLOB", "PUBLICBLOB", "PRIVATEBLOB"),
        PROPERTY,
    ],
    "dh": [*_of("DH", "DHPUBLICBLOB", "DHPRIVATEBLOB", "PUBLICBLOB"), PROPERTY],
    "ecc": [*product(("ECDSA_P256", "ECDH_P521", "ECDSA", "ECDH"), _ECC_TYPES), PROPERTY],
    "pq": [
        *_of("ML-KEM", "MLKEMPUBLICBLOB", "MLKEMPRIVATEBLOB", "MLKEMPRIVATESEEDBLOB"),
        *_of("ML-DSA", "PQDSAPUBLICBLOB", "PQDSAPRIVATEBLOB", "PQDSAPRIVATESEEDBLOB"),
    ],
}  # fmt: skip
