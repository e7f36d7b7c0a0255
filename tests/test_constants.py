"""cngcore.constants and NTStatus against the contract's table, value by value.

The table is ``constants.toml`` of the contract, found through CNGCORE_CONTRACT (default: ../shared/contract beside the
repository).
"""

import os
import tomllib
from pathlib import Path

import pytest

import cngcore.bcrypt
from cngcore import constants
from cngcore.status import NTStatus

CONTRACT = Path(os.environ.get("CNGCORE_CONTRACT", Path(__file__).parents[2] / "shared" / "contract"))
INFERRED = {
    # Names on the pages of the Insider SDK that the table lacks; docs/decisions/names.md has the source of each value.
    "BCRYPT_COMPOSITE_MLKEM_PRIVATE_IRTF_SEED_MAGIC": 0x534B4D43,
    "BCRYPT_COMPOSITE_MLKEM_PUBLIC_BLOB": "COMPOSITEMLKEMPUBLICBLOB",
    "BCRYPT_COMPOSITE_MLKEM_PRIVATE_BLOB": "COMPOSITEMLKEMPRIVATEBLOB",
    "BCRYPT_COMPOSITE_MLKEM_PRIVATE_IRTF_SEED_BLOB": "COMPOSITEMLKEMPRIVATEIRTFSEEDBLOB",
}
OTHER = {"introduced", "key_lengths", "dsa_group_sizes", "dh_safe_prime_groups", "ml_dsa_prehash", "curve_aliases"}


def table():
    path = CONTRACT / "constants.toml"
    if not path.exists():
        pytest.skip(f"the contract's table is not there: set CNGCORE_CONTRACT to the folder of {path.name}")
    return tomllib.loads(path.read_text())


def values(section):
    """Every (name, value) below a section."""
    for name, entry in section.items():
        if isinstance(entry, dict) and "value" in entry:
            yield name, entry["value"]
        elif isinstance(entry, dict):
            yield from values(entry)


def symmetric_values():
    """What the table of the symmetric side adds: the numbers of multi-hash operations."""
    found = tomllib.loads((CONTRACT / "constants-symmetric.toml").read_text())
    return {**dict(values(found["multi_hash_operations"])), **dict(values(found["multi_operation_types"]))}


def test_every_constant_of_the_table_has_its_value():
    found = table()
    statuses = {**dict(values(found["ntstatus"])), **dict(values(found["hresult"]))}
    names = {entry["const"]: name for name, entry in found["curves"].items()}
    rest = {key: section for key, section in found.items() if key not in {"ntstatus", "hresult", "curves", *OTHER}}
    names.update(values(rest))
    assert not INFERRED.keys() & names.keys(), "the table has a value now: compare it and remove the inferred one"
    names.update(INFERRED)
    names.update(symmetric_values())
    assert len(names) > 440
    assert {name: getattr(constants, name) for name in names} == names
    assert sorted(names) == sorted(constants.__all__)
    assert {member.name: int(member) for member in NTStatus} == statuses


def test_star_import_gives_all_of_it_and_nothing_else():
    """contract: rule-python-returns, rule-python-no-raise."""
    space = {}
    exec("from cngcore.bcrypt import *", space)
    space.pop("__builtins__")
    functions = {name for name in space if name.startswith("BCrypt") and name != "BCryptBuffer"}
    structures = {name for name in space if name.endswith("_PADDING_INFO")}
    structures |= {
        "BCryptBuffer", "BCRYPT_ALGORITHM_IDENTIFIER", "BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO",
        "BCRYPT_KEY_DATA_BLOB_HEADER", "BCRYPT_KEY_LENGTHS_STRUCT", "BCRYPT_MULTI_HASH_OPERATION",
        "BCRYPT_MULTI_OBJECT_LENGTH_STRUCT", "BCRYPT_OID_LIST",
    }  # fmt: skip
    statuses = {member.name for member in NTStatus}
    assert set(space) == functions | structures | statuses | {"NTStatus"} | set(constants.__all__)
    assert all(callable(space[name]) for name in functions)
    assert len(cngcore.bcrypt.__all__) == len(set(cngcore.bcrypt.__all__))


def test_a_status_explains_itself():
    assert repr(NTStatus(0xC000000D)) == "<NTStatus STATUS_INVALID_PARAMETER: 0xC000000D>"
    assert NTStatus(-1073741811) is NTStatus.STATUS_INVALID_PARAMETER, "the signed form of the same 32 bits"
    assert str(NTStatus(0xC0001234)) == "0xC0001234"
    assert not NTStatus(0xC0001234).is_success
    assert NTStatus(0x40000000).is_success
    assert NTStatus(0x80090005) is NTStatus.NTE_BAD_DATA
    assert not NTStatus.NTE_BAD_DATA.is_success
    assert all("\n" not in member.meaning for member in NTStatus)
    assert len({member.meaning for member in NTStatus}) == len(NTStatus)
    for wrong in (1 << 32, -(1 << 31) - 1, "0", None, 1.5):
        with pytest.raises(ValueError, match="not a valid"):
            NTStatus(wrong)
