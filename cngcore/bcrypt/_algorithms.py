"""Opening, closing and listing algorithms; properties of every object that has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore import registry
from cngcore._checks import check_dword, check_text, to_bytes
from cngcore._values import decode, encode
from cngcore.bcrypt import _handles as handles
from cngcore.bcrypt._answers import Answer, flat, no_flags
from cngcore.objects import AlgorithmProvider
from cngcore.provider import OPERATIONS
from cngcore.status import STATUS_SUCCESS, AccessDeniedError, InvalidHandleError, InvalidParameterError, NTStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Buffer

    from cngcore.bcrypt._structures import BCRYPT_ALGORITHM_IDENTIFIER

_CHAINING_MODE_BYTES = 64
"""Bytes of the ChainingMode property when it is read, whatever the mode (contract: rule-symmetric-properties)."""

_KNOWN_OPERATIONS = {value for name, value in vars(c).items() if name.endswith("_OPERATION")}


@flat(1)
def BCryptOpenAlgorithmProvider(
    pszAlgId: str, pszImplementation: str | None = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Open an algorithm. STATUS_NOT_FOUND if no provider serves it (contract: rule-open)."""
    provider = registry.default().open_algorithm_provider(pszAlgId, pszImplementation, dwFlags)
    handle = provider.handle = handles.new()
    handles.algorithms[handle] = provider
    return STATUS_SUCCESS, handle


@flat()
def BCryptCloseAlgorithmProvider(hAlgorithm: int | None, dwFlags: int = 0) -> NTStatus:
    """Close an algorithm; its keys live on. A pseudo-handle cannot be closed, and dwFlags is ignored.

    contract: rule-close.
    """
    number = handles.as_handle(hAlgorithm)
    provider = handles.algorithms.pop(number, None)
    if provider is None:
        raise InvalidHandleError(f"{number:#x} is not the handle of an open algorithm")
    try:
        provider.close()
    except BaseException:
        handles.algorithms[number] = provider
        raise
    return STATUS_SUCCESS


@flat(1, passive=True)
def BCryptEnumAlgorithms(
    dwAlgOperations: int = 0, dwFlags: int = 0
) -> tuple[NTStatus, list[BCRYPT_ALGORITHM_IDENTIFIER] | None]:
    """List the algorithms that support one of the operations (0: all), once for each interface.

    contract: rule-enum-interfaces.
    """
    from cngcore.bcrypt._structures import BCRYPT_ALGORITHM_IDENTIFIER

    mask = _operation_mask(dwAlgOperations)
    no_flags(dwFlags)
    installed = registry.default()
    found = [
        BCRYPT_ALGORITHM_IDENTIFIER(name, interface, 0)
        for name in installed.algorithms()
        for interface in _interfaces(
            operation for one in installed.usable(name) for operation in one.algorithm.operations
        )
        if mask & 1 << (interface - 1)
    ]
    return STATUS_SUCCESS, found


@flat(1, passive=True)
def BCryptEnumProviders(pszAlgId: str, dwFlags: int = 0) -> tuple[NTStatus, list[str] | None]:
    """List the implementation names of one algorithm, best first. STATUS_NOT_FOUND if there is none.

    contract: rule-enum-providers.
    """
    check_text("pszAlgId", pszAlgId)
    no_flags(dwFlags)
    explanation = registry.default().explain(pszAlgId)
    explanation.required()
    return STATUS_SUCCESS, [verdict.candidate.implementation for verdict in explanation.verdicts if verdict.usable]


@flat(1, passive=True)
def BCryptEnumRegisteredProviders() -> tuple[NTStatus, list[str] | None]:
    """List the names of the installed distributions that provide algorithms (contract: rule-enum-registered)."""
    names = [str(record["distribution"]) for record in registry.default().providers() if record["algorithms"]]
    return STATUS_SUCCESS, names


def BCryptGetFipsAlgorithmMode() -> tuple[NTStatus, bool | None]:
    """Return whether only approved algorithms may be used: always False, because cngcore claims no validation.

    contract: rule-fips-mode.
    """
    return STATUS_SUCCESS, False


@flat(locked=("pbInput",))
def BCryptSetProperty(
    hObject: int | None, pszProperty: str, pbInput: Buffer | str | int | None, dwFlags: int = 0
) -> NTStatus:
    """Set a property of an algorithm, of a key before it is finalized, or of a secret (contract: rule-set-property)."""
    number = handles.as_handle(hObject)
    if handles.is_pseudo_handle(number):
        raise AccessDeniedError(f"{number:#x} is a pseudo-handle: its properties cannot be set")
    target = handles.object_of(number)
    check_text("pszProperty", pszProperty)
    no_flags(dwFlags)
    setting = target.setting(pszProperty)
    data = pbInput if isinstance(pbInput, str | int) or pbInput is None else to_bytes("pbInput", pbInput)
    if pszProperty == c.BCRYPT_CHAINING_MODE and isinstance(data, bytes):
        data += b"\0\0"  # its NUL need not be counted (contract: rule-symmetric-properties)
    target.apply(setting, decode(pszProperty, setting.type, data))
    return STATUS_SUCCESS


@flat(1, locked=("pbOutput",))
def BCryptGetProperty(
    hObject: int | None, pszProperty: str, pbOutput: Buffer | None = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Read a property (contract: rule-get-property)."""
    target = handles.object_of(hObject)
    check_text("pszProperty", pszProperty)
    no_flags(dwFlags)
    value = target.get_property(pszProperty)
    answer = Answer("pbOutput", pbOutput)
    if isinstance(value, AlgorithmProvider):
        return answer.write((value.handle or 0).to_bytes(8, "little"))
    data = encode(value, answer.address() if isinstance(value, tuple) else 0)
    if pszProperty == c.BCRYPT_CHAINING_MODE:
        data = data.ljust(_CHAINING_MODE_BYTES, b"\0")
    return answer.write(data)


def _interfaces(operations: Iterable[str]) -> list[int]:
    """Return the header's interface ids of operations, in order, each once."""
    return sorted({OPERATIONS[operation] for operation in operations})


def _operation_mask(mask: object) -> int:
    """Return ``dwAlgOperations`` with 0 replaced by all operations. Reject bits that are not an operation.

    contract: rule-python-enum.
    """
    number = check_dword("dwAlgOperations", mask)
    known = sum(_KNOWN_OPERATIONS)
    if number & ~known:
        raise InvalidParameterError(f"dwAlgOperations 0x{number:X} has bits that are not an operation")
    return number or known
