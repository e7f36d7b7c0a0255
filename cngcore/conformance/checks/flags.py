"""Check dwFlags of Generate, Finalize and Import."""

from __future__ import annotations

from cngcore import constants as c
from cngcore.conformance._check import Failure, bcrypt, check, demand, granted, refused, same, status_of
from cngcore.conformance._subject import Implementation, Kind
from cngcore.status import NTStatus

_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_OF_GENERATION = c.BCRYPT_NO_KEY_VALIDATION
_OF_FINALIZE = (0, c.BCRYPT_NO_KEY_VALIDATION, c.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER)
_OF_IMPORT = (
    0,
    c.BCRYPT_NO_KEY_VALIDATION,
    c.BCRYPT_KEY_VALIDATION_RANGE,
    c.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER,
    c.BCRYPT_KEY_VALIDATION_REGENERATE,
)
_NO_FLAGS: tuple[object, ...] = (-1, 1 << 32, "0", 0.0, None, True)


@check(
    "generate-flags",
    "key",
    rule="contract: rule-generate-length; docs/decisions/lengths.md",
    remedy="Declare in generate_flags those bits of bcrypt.h for key generation that the factory honours "
    "(BCRYPT_NO_KEY_VALIDATION); raise nothing for a declared one.",
)
def generate_flags(kind: Kind) -> None:
    """Each declared flag makes a key; every other bit is INVALID_PARAMETER, and none is ignored."""
    declared = kind.algorithm.generate_flags
    swallowed = declared & ~_OF_GENERATION
    demand(
        not swallowed,
        f"flags of bcrypt.h: 0x{_OF_GENERATION:X} at most",
        f"0x{swallowed:X} besides",
        "reading generate_flags",
    )
    opened = kind.opened
    for bit in (1 << n for n in range(32)):
        doing = f"generating a key with flag 0x{bit:X}"
        if bit & declared:
            key = granted(opened.generate_key_pair, kind.length, bit, doing=doing)
            if kind.parameter_set is not None:
                key.set_property("ParameterSetName", kind.parameter_set)
            granted(key.finalize, doing=f"finalizing a key generated with flag 0x{bit:X}")
            key.destroy()
        else:
            refused(opened.generate_key_pair, kind.length, bit, by=_INVALID, doing=doing)
    for value in _NO_FLAGS:
        refused(opened.generate_key_pair, kind.length, value, by=_INVALID, doing=f"generating with flags {value!r}")


@check(
    "finalize-flags",
    "key",
    rule="contract: rule-finalize-flags",
    remedy="Treat request.flags as a hint what to validate; refuse no flag that the core lets through.",
)
def finalize_flags(kind: Kind) -> None:
    """Finalize accepts the validation flags and refuses every other; after a refusal the key can still be finalized."""
    for bit in {1 << n for n in range(32)} - set(_OF_FINALIZE):
        key = kind.empty()
        refused(key.finalize, bit, by=_INVALID, doing=f"finalizing with flag 0x{bit:X}")
        same(key.state, "empty", "reading the state after a refused Finalize")
        key.destroy()
    for value in _NO_FLAGS:
        key = kind.empty()
        refused(key.finalize, value, by=_INVALID, doing=f"finalizing with flags {value!r}")
        key.destroy()
    for flags in _OF_FINALIZE:
        key = kind.empty()
        status, message = status_of(key.finalize, flags)
        if status not in (NTStatus.STATUS_SUCCESS, NTStatus.STATUS_NOT_SUPPORTED):
            raise Failure("STATUS_SUCCESS", f"{status.name}: {message}", f"finalizing with flags 0x{flags:X}")
        key.destroy()


@check(
    "import-flags",
    "key",
    rule="contract: rule-import-flags",
    remedy="Treat request.flags as a hint what to validate; import a good key with each of them.",
    needs=lambda one: (
        ""
        if any(blob.imports and blob.exports for blob in one.algorithm.blob_types.values())
        else "no blob type is both exported and imported"
    ),
)
def import_flags(kind: Kind) -> None:
    """Import accepts a good key with each validation flag and refuses every other flag."""
    for name in kind.blob_types(imports=True, exports=True):
        blob = granted(kind.key.export, name, doing=f"exporting {name}")
        for flags in _OF_IMPORT:
            granted(kind.imported, name, blob, flags, doing=f"importing {name} with flags 0x{flags:X}").destroy()
        for bit in {1 << n for n in range(32)} - set(_OF_IMPORT):
            refused(kind.imported, name, blob, bit, by=_INVALID, doing=f"importing {name} with flag 0x{bit:X}")


@check(
    "flat-flags",
    "implementation",
    rule="contract: rule-flags-unknown",
    remedy="A provider only has to declare its flags correctly; if only this check fails, report it to cngcore.",
    needs=lambda one: "" if one.has_keys else "it has no key pairs",
)
def flat_flags(one: Implementation) -> None:
    """The flat API refuses the same flags with the same statuses and gives out no handle."""
    declared = one.algorithm.generate_flags
    handle = granted(bcrypt.BCryptOpenAlgorithmProvider, one.algorithm.name, one.algorithm.implementation)
    length = one.kinds[0].length if one.kinds else 0
    for bit in (1 << n for n in range(32)):
        status, key = status_of(bcrypt.BCryptGenerateKeyPair, handle, length, bit)
        same(status.is_success, bool(bit & declared), f"BCryptGenerateKeyPair with flag 0x{bit:X}")
        demand((key is None) is not status.is_success, "a handle on success only", repr(key), "BCryptGenerateKeyPair")
        if key is not None:
            granted(bcrypt.BCryptDestroyKey, key)
    granted(bcrypt.BCryptCloseAlgorithmProvider, handle)
