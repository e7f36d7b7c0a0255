"""The structures of bcrypt.h that are read from bytes."""

import pytest

from cngcore import bcrypt
from cngcore.provider import AuthTagLengths
from cngcore.status import InvalidParameterError

SIZES = {
    # a structure, and those sizes below 64 that it can be read from
    bcrypt.BCRYPT_KEY_DATA_BLOB_HEADER: range(12, 64),
    bcrypt.BCRYPT_KEY_LENGTHS_STRUCT: (12,),
    bcrypt.BCRYPT_MULTI_OBJECT_LENGTH_STRUCT: (8,),
    bcrypt.BCRYPT_OID_LIST: range(4, 64),
    AuthTagLengths: (12,),
}


def test_no_structure_is_left_out():
    values = [getattr(bcrypt, name) for name in dir(bcrypt) if name.startswith("BCRYPT_")]
    readable = {value for value in values if isinstance(value, type) and hasattr(value, "from_bytes")}
    assert readable == set(SIZES) - {AuthTagLengths}


@pytest.mark.parametrize("structure", SIZES)
def test_bytes_of_another_size_are_refused(structure):
    for size in range(64):
        if size in SIZES[structure]:
            assert isinstance(structure.from_bytes(bytes(size)), structure)
        else:
            with pytest.raises(InvalidParameterError):
                structure.from_bytes(bytes(size))
