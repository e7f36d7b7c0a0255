"""Opening, closing and listing algorithms; properties of whatever has them (contract.md sections 1, 2, 4, 5, 20-24)."""

from cngcore import irql, registry
from cngcore._checks import check_text, to_bytes
from cngcore.bcrypt import _handles as handles
from cngcore.bcrypt._answers import (
    answer,
    no_flags,
    object_of,
    plain,
    pseudo_handles,
    pseudo_handles_exist,
    status_of,
    writable,
)
from cngcore.objects._algorithm import AlgorithmProvider
from cngcore.objects._properties import decode, encode
from cngcore.status import STATUS_SUCCESS, AccessDeniedError, InvalidHandleError, NTStatus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cngcore.bcrypt._structures import BCRYPT_ALGORITHM_IDENTIFIER


def BCryptOpenAlgorithmProvider(
    pszAlgId: str, pszImplementation: str | None = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Open an algorithm; STATUS_NOT_FOUND where no provider serves it. Contract section 1."""
    try:
        provider = registry.default().open_algorithm_provider(pszAlgId, pszImplementation, dwFlags)
        handle = provider.handle = handles.new()
        handles.algorithms[handle] = provider
    except BaseException as error:
        return status_of(error), None
    return STATUS_SUCCESS, handle


def BCryptCloseAlgorithmProvider(hAlgorithm: int, dwFlags: int = 0) -> NTStatus:
    """Close an algorithm; its keys live on. A pseudo-handle cannot be closed. Contract section 2."""
    try:
        number = plain(hAlgorithm)
        if not number & 15 and number in handles.algorithms:
            no_flags(dwFlags)
        provider = None if number & 15 else handles.algorithms.pop(number, None)
        if provider is None:
            raise InvalidHandleError(f"{number:#x} is not the handle of an open algorithm")
        try:
            provider.close()
        except BaseException:
            handles.algorithms[number] = provider
            raise
    except BaseException as error:
        return status_of(error)
    return STATUS_SUCCESS


def BCryptEnumAlgorithms(
    dwAlgOperations: int = 0, dwFlags: int = 0
) -> "tuple[NTStatus, list[BCRYPT_ALGORITHM_IDENTIFIER] | None]":
    """Algorithms that offer one of the operations (0: all), once per interface. Contract section 20."""
    try:
        irql.require_passive("BCryptEnumAlgorithms")
        from cngcore.bcrypt._structures import BCRYPT_ALGORITHM_IDENTIFIER, interfaces, operation_mask

        mask = operation_mask(dwAlgOperations)
        no_flags(dwFlags)
        installed = registry.default()
        found = [
            BCRYPT_ALGORITHM_IDENTIFIER(name, interface, 0)
            for name in installed.algorithms()
            for interface in sorted(
                {i for one in installed.candidates(name) for i in interfaces(one.algorithm.operations)}
            )
            if mask & 1 << (interface - 1)
        ]
    except BaseException as error:
        return status_of(error), None
    return STATUS_SUCCESS, found


def BCryptEnumProviders(pszAlgId: str, dwFlags: int = 0) -> tuple[NTStatus, list[str] | None]:
    """Implementation names of one algorithm, best first; STATUS_NOT_FOUND where there is none. Contract section 21."""
    try:
        irql.require_passive("BCryptEnumProviders")
        check_text("pszAlgId", pszAlgId)
        no_flags(dwFlags)
        explanation = registry.default().explain(pszAlgId)
        explanation.required()
        names = [verdict.candidate.implementation for verdict in explanation.verdicts]
    except BaseException as error:
        return status_of(error), None
    return STATUS_SUCCESS, names


def BCryptEnumRegisteredProviders() -> tuple[NTStatus, list[str] | None]:
    """Names of the installed distributions that provide algorithms. Contract section 22."""
    try:
        irql.require_passive("BCryptEnumRegisteredProviders")
        names = [str(record["distribution"]) for record in registry.default().providers() if record["algorithms"]]
    except BaseException as error:
        return status_of(error), None
    return STATUS_SUCCESS, names


def BCryptGetFipsAlgorithmMode() -> tuple[NTStatus, bool | None]:
    """Whether a policy asks for approved algorithms only: it does not; cngcore claims no validation. Section 24."""
    return STATUS_SUCCESS, False


def BCryptSetProperty(hObject: int, pszProperty: str, pbInput: object, dwFlags: int = 0) -> NTStatus:
    """Set a property of an algorithm, of a key before it is finalized, or of a secret. Contract section 4."""
    try:
        number = plain(hObject)
        if number in pseudo_handles() and pseudo_handles_exist():
            raise AccessDeniedError(f"{number:#x} is a pseudo-handle: its properties cannot be set")
        target = object_of(number)
        check_text("pszProperty", pszProperty)
        no_flags(dwFlags)
        kind = target.type_to_set(pszProperty)
        data = pbInput if isinstance(pbInput, str | int) or pbInput is None else to_bytes("pbInput", pbInput)
        if irql.raised:
            irql.require_locked(pbInput)
        target.set_property(pszProperty, decode(pszProperty, kind, data))
    except BaseException as error:
        return status_of(error)
    return STATUS_SUCCESS


def BCryptGetProperty(
    hObject: int, pszProperty: str, pbOutput: object = None, dwFlags: int = 0
) -> tuple[NTStatus, int | None]:
    """Read a property. Contract section 5."""
    try:
        target = object_of(hObject)
        check_text("pszProperty", pszProperty)
        no_flags(dwFlags)
        if irql.raised:
            irql.require_locked(pbOutput)
        value = target.get_property(pszProperty)
        if isinstance(value, AlgorithmProvider):
            return answer((value.handle or 0).to_bytes(8, "little"), pbOutput)
        address = 0
        if isinstance(value, tuple) and pbOutput is not None:
            from ctypes import addressof, c_char

            view = writable("pbOutput", pbOutput)
            address = addressof(c_char.from_buffer(view)) if len(view) else 0
        return answer(encode(value, address), pbOutput)
    except BaseException as error:
        return status_of(error), None
