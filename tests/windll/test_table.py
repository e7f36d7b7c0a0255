"""The table of bcrypt.h agrees with the flat API, and its structures have the sizes of the header."""

import ctypes
from inspect import signature

import pytest

from cngcore import bcrypt
from cngcore.windll import FUNCTIONS, STRUCTURES, Kind
from cngcore.windll._structures import size_of
from cngcore.windll._table import COUNTED, WRITTEN

PYTHON = [
    name
    for name in dir(bcrypt)
    if name.startswith("BCrypt") and callable(getattr(bcrypt, name)) and name != "BCryptBuffer"
]
WITHOUT_ROW = {"BCryptFreeBuffer"}  # Python has no memory to free


def test_every_function_of_the_flat_api_has_a_row():
    assert set(FUNCTIONS) - WITHOUT_ROW == set(PYTHON)


@pytest.mark.parametrize("name", PYTHON)
def test_a_row_has_the_parameters_of_the_flat_api_in_its_order(name):
    """What C has beside them: counts, memory for objects, and pointers to the answers."""
    kept = [
        one.name for one in FUNCTIONS[name].parameters
        if one.kind not in WRITTEN and one.kind not in (Kind.COUNT, Kind.OBJECT)
    ]  # fmt: skip
    assert kept == list(signature(getattr(bcrypt, name)).parameters)


@pytest.mark.parametrize("rows", [*FUNCTIONS.values()], ids=lambda row: row.name)
def test_a_count_follows_its_pointer(rows):
    parameters = rows.parameters
    for index, one in enumerate(parameters):
        assert (one.kind is Kind.COUNT) == (index > 0 and parameters[index - 1].kind in COUNTED)


@pytest.mark.skipif(ctypes.sizeof(ctypes.c_void_p) != 8, reason="the sizes below are those of 64 bits")
@pytest.mark.parametrize(("name", "size"), [
    ("BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO", 88), ("BCRYPT_OAEP_PADDING_INFO", 24), ("BCRYPT_PSS_PADDING_INFO", 16),
    ("BCRYPT_PKCS1_PADDING_INFO", 8), ("BCRYPT_PQDSA_PADDING_INFO", 24), ("BCryptBuffer", 16), ("BCryptBufferDesc", 16),
    ("BCRYPT_ALGORITHM_IDENTIFIER", 16), ("BCRYPT_PROVIDER_NAME", 8), ("CRYPT_PROVIDERS", 16),
    ("BCRYPT_MULTI_HASH_OPERATION", 24), ("BCRYPT_KEY_LENGTHS_STRUCT", 12),
])  # fmt: skip
def test_a_structure_has_the_size_of_the_header(name, size):
    assert size_of(name) == size
    assert name in STRUCTURES
