"""Check the declaration of one implementation: complete, in the terms of the header, and true to the factory."""

from __future__ import annotations

import os
from typing import Any

from importlib_metadata import PackageNotFoundError
from importlib_metadata import version as version_of

from cngcore import constants as c
from cngcore._imports import resolve
from cngcore.conformance._check import CHECKS, Failure, Skip, check, demand, granted, refused, same
from cngcore.conformance._samples import wants_schemes
from cngcore.conformance._subject import Implementation, Provider
from cngcore.provider import (
    BlobType,
    CipherFactory,
    Factory,
    HashFactory,
    KdfFactory,
    KeyFactory,
    LengthRule,
    ProviderUnavailableError,
    RandomFactory,
)
from cngcore.status import NTStatus

_RULE = "the documentation of cngcore.provider.Algorithm"

_DWORDS = (
    c.BCRYPT_KEY_LENGTH, c.BCRYPT_KEY_STRENGTH, c.BCRYPT_PUBLIC_KEY_LENGTH, c.BCRYPT_SIGNATURE_LENGTH,
    c.BCRYPT_PADDING_SCHEMES, c.BCRYPT_BLOCK_LENGTH, c.BCRYPT_OBJECT_LENGTH, c.BCRYPT_KEM_SHARED_SECRET_LENGTH,
    c.BCRYPT_KEM_CIPHERTEXT_LENGTH, c.BCRYPT_HASH_LENGTH, c.BCRYPT_HASH_BLOCK_LENGTH,
)  # fmt: skip
_SCHEMES_REMEDY = (
    'Declare Property("PaddingSchemes", int, When(algorithm="r", empty="r", finalized="r"), value=...), the value '
    "being the sum of the BCRYPT_SUPPORTED_PAD_ bits that the key has; the kit signs and encrypts by it."
)
_STRINGS = (c.BCRYPT_ECC_CURVE_NAME, c.BCRYPT_PARAMETER_SET_NAME, c.BCRYPT_ALGORITHM_NAME)


@check(
    "probe",
    "implementation",
    rule="the documentation of cngcore.provider.ProviderUnavailableError",
    remedy="Let the probe return, or raise ProviderUnavailableError(reason, remedy); it must do nothing else.",
    needs=lambda one: (
        "" if one.algorithm.probe is not None else "it declares no probe, so it works wherever it is installed"
    ),
)
def probe(one: Implementation) -> None:
    """The probe returns, or says with a reason why this implementation cannot work here."""
    try:
        resolve(one.algorithm.probe)()  # type: ignore[operator]
    except ProviderUnavailableError as error:
        demand(error.reason.strip(), "a reason", "an empty one", "calling the probe")
        raise Skip(f"unavailable on this machine, and nothing else of it was tested: {one.unavailable()}") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise Failure(
            "a return, or ProviderUnavailableError", f"{type(error).__name__} raised", "calling the probe"
        ) from error


@check(
    "declaration",
    "implementation",
    rule=_RULE,
    remedy="Declare at least one operation, key_lengths for an algorithm with key pairs and for no other, and every "
    "property of the header with the header's type and with a value of that type.",
)
def declaration(one: Implementation) -> str:
    """The declaration is complete: operations, a length rule for key pairs, and values that fit their types."""
    declared = one.algorithm
    demand(declared.operations, "at least one operation", "none")
    demand(declared.implementation.strip(), "a name for the implementation", "an empty one")
    keyless = declared.operations <= {"hash", "random", "cipher", "derive"}
    with_secrets = declared.has_symmetric_keys or declared.mac
    rule = declared.key_lengths
    demand(
        keyless or isinstance(rule, LengthRule), "a LengthRule, as it has key pairs", repr(rule), "reading key_lengths"
    )
    demand(
        not keyless or with_secrets or rule is None, "no length rule, as it has no keys", repr(rule),
        "reading key_lengths",
    )  # fmt: skip
    demand(
        not keyless or with_secrets or not declared.blob_types,
        "no blob types, as it has no key pairs",
        "some",
        "reading blob_types",
    )
    for known in declared.parameter_sets:
        for size, value in known.sizes.items():
            demand(
                type(value) is int and value > 0, "bytes", f"{size}={value!r}", f"reading parameter set {known.name}"
            )
    for item in declared.properties.values():
        kind = resolve(item.type)
        expected: Any = int if item.name in _DWORDS else str if item.name in _STRINGS else kind
        demand(
            kind is expected, f"the header's type, {_name(expected)}", _name(kind), f"reading the property {item.name}"
        )
        values = [item.value] if item.value is not None and not callable(item.value) else []
        each: object
        for each in [*values, *(item.values or ())]:
            fits = type(each) is kind if kind in (int, str, bytes, tuple) else isinstance(each, kind)  # type: ignore[arg-type]
            demand(fits, _name(kind), type(each).__name__, f"reading the value of {item.name}")
    if wants_schemes(declared):
        schemes = declared.properties.get(c.BCRYPT_PADDING_SCHEMES)
        if schemes is None or "r" not in schemes.when.finalized:
            raise Failure(
                "the property PaddingSchemes, readable on a finalized key, as there are blobs of RSA",
                "none" if schemes is None else "one that a finalized key does not answer",
                "reading the properties",
                _SCHEMES_REMEDY,
            )
    rules = {
        "operations",
        "key_lengths",
        "parameter_sets",
        "generate_flags",
        "modes",
        "parameters",
        *declared.properties,
        *declared.blob_types,
    }
    _check_kit_data(one)
    stray = sorted(declared.sources.keys() - rules)
    demand(not stray, "sources of rules it declares", f"of {', '.join(stray)} besides", "reading sources")
    for blob in declared.blob_types.values():
        if blob.name in vars(c).values():
            demand(
                blob.private == BlobType(blob.name).private,
                f"private={not blob.private}, as the header has it", f"private={blob.private}", f"reading {blob.name}",
            )  # fmt: skip
    unknown = [name for name in filter(None, declared.back_end.split(", ")) if not _is_installed(name)]
    return f"no distribution named {', '.join(unknown)} is installed; back_end names it" if unknown else ""


def _is_installed(distribution: str) -> bool:
    try:
        version_of(distribution)
    except PackageNotFoundError:
        return False
    return True


def _check_kit_data(one: Implementation) -> None:
    """Check what the provider brings: each exclusion names a check and has a reason, each blob type is declared."""
    data = one.kit_data
    for name, reason in data.exclusions.items():
        demand(name in CHECKS, "the name of a check", repr(name), "reading the exclusions of kit_data")
        demand(str(reason).strip(), "a reason", "an empty one", f"reading the exclusion of {name}")
    stray = sorted(data.invalid_blobs.keys() - one.algorithm.blob_types.keys())
    demand(not stray, "blob types that it declares", ", ".join(stray), "reading the invalid_blobs of kit_data")
    there = not data.vectors or os.path.exists(data.vectors)
    demand(there, "a file or folder", "none there", "reading the vectors of kit_data")


def _name(kind: object) -> str:
    return getattr(kind, "__name__", repr(kind))


@check(
    "factory",
    "implementation",
    rule="the documentation of cngcore.provider.Factory",
    remedy="Let factory be a subclass of KeyFactory, HashFactory, RandomFactory, CipherFactory or KdfFactory, or a "
    "dotted path to one, whose back end is installed with the provider.",
)
def factory(one: Implementation) -> None:
    """The factory can be made, and its class fits the operations."""
    made = granted(getattr, one.opened, "factory", doing="making the factory")
    expected: type[Factory] = KeyFactory
    others: dict[str, type[Factory]] = {
        "hash": HashFactory, "random": RandomFactory, "cipher": CipherFactory, "derive": KdfFactory,
    }  # fmt: skip
    for operation, kind in others.items():
        if operation in one.algorithm.operations:
            expected = kind
            break
    demand(isinstance(made, expected), f"a {expected.__name__}", type(made).__name__, "making the factory")
    again = one.open()
    demand(again.factory is made, "one factory for all openings", "another", "opening it again")
    again.close()


@check(
    "registration-again",
    "implementation",
    rule=_RULE + "; a process may have several registries",
    remedy="Let the hook return the same declarations on every call, even after the back end is loaded: no function "
    "of the plug-in package may have the name of one of its modules.",
)
def registration_again(one: Implementation) -> None:
    """The hook returns the same declarations after the back end is loaded and for another registry."""
    granted(getattr, one.opened, "factory", doing="making the factory")
    provider = Provider.find(one.provider.spec)
    again = {other.name for other in provider.implementations}
    same(again, {other.name for other in one.provider.implementations}, "registering it again")
    demand(
        not provider.faults, "no fault", "; ".join(fault.reason for fault in provider.faults), "registering it again"
    )


@check(
    "open-flags",
    "implementation",
    rule="contract: rule-open",
    remedy="Declare dispatch_level and keyed as they are; the core refuses every other flag.",
)
def open_flags(one: Implementation) -> None:
    """Opening accepts the declared flags and refuses every other without giving out an object."""
    declared = one.algorithm
    hashing = "hash" in declared.operations
    for bit in (1 << n for n in range(32)):
        if bit == c.BCRYPT_PROV_DISPATCH:
            if declared.dispatch_level:
                granted(one.open, bit, doing="opening it with BCRYPT_PROV_DISPATCH").close()
            else:
                refused(one.open, bit, by=NTStatus.STATUS_NOT_SUPPORTED, doing="opening with BCRYPT_PROV_DISPATCH")
        elif bit == c.BCRYPT_ALG_HANDLE_HMAC_FLAG and hashing:
            if declared.keyed:
                granted(one.open, bit, doing="opening it with BCRYPT_ALG_HANDLE_HMAC_FLAG").close()
            else:
                refused(one.open, bit, by=NTStatus.STATUS_NOT_SUPPORTED, doing="opening it with the HMAC flag")
        elif bit == c.BCRYPT_HASH_REUSABLE_FLAG and hashing:
            granted(one.open, bit, doing="opening it with BCRYPT_HASH_REUSABLE_FLAG").close()
        elif bit == c.BCRYPT_TLS_CBC_HMAC_VERIFY_FLAG and hashing:
            refused(one.open, bit, by=NTStatus.STATUS_NOT_SUPPORTED, doing="opening it for the check of TLS CBC")
        elif bit == c.BCRYPT_MULTI_FLAG and hashing:
            if declared.name == c.BCRYPT_AES_GMAC_ALGORITHM:
                refused(one.open, bit, by=NTStatus.STATUS_NOT_SUPPORTED, doing="opening it with BCRYPT_MULTI_FLAG")
            else:
                granted(one.open, bit, doing="opening it with BCRYPT_MULTI_FLAG").close()
        else:
            refused(one.open, bit, by=NTStatus.STATUS_INVALID_PARAMETER, doing=f"opening it with flag 0x{bit:X}")
