"""A provider that raises at any of its methods: the status, the record, and everybody else unharmed.

Whatever it raises becomes STATUS_INTERNAL_ERROR, with one record on the logger ``cngcore`` that names the method and
the type and not the text; but a CngError is its answer, MemoryError is STATUS_NO_MEMORY, and KeyboardInterrupt goes
through.
"""

import asyncio
from collections.abc import Callable

import pytest
from faults.bench import SECRET
from faults.table import WAYS

import cngcore
from cngcore import bcrypt
from cngcore.bcrypt import _handles as handles
from cngcore.status import CngError, NTStatus


class Panic(BaseException):
    """As a Rust extension panics: no Exception."""


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError(SECRET)

    __repr__ = __str__


INTERNAL = NTStatus.STATUS_INTERNAL_ERROR
RAISED: dict[str, tuple[Callable[[], BaseException], NTStatus | None]] = {
    "Exception": (lambda: Exception(SECRET), INTERNAL),
    "ValueError": (lambda: ValueError(SECRET), INTERNAL),
    "AssertionError": (lambda: AssertionError(SECRET), INTERNAL),
    "StopIteration": (lambda: StopIteration(SECRET), INTERNAL),
    "BaseException": (lambda: Panic(SECRET), INTERNAL),
    "SystemExit": (lambda: SystemExit(SECRET), INTERNAL),
    "GeneratorExit": (lambda: GeneratorExit(SECRET), INTERNAL),
    "RecursionError": (lambda: RecursionError(SECRET), INTERNAL),
    "asyncio.CancelledError": (lambda: asyncio.CancelledError(SECRET), INTERNAL),
    "unprintable": (UnprintableError, INTERNAL),
    "MemoryError": (lambda: MemoryError(SECRET), NTStatus.STATUS_NO_MEMORY),
    "CngError": (lambda: cngcore.AccessDeniedError("the token says no"), NTStatus.STATUS_ACCESS_DENIED),
    "CngError of success": (lambda: CngError(NTStatus.STATUS_SUCCESS, "all is well"), INTERNAL),
    "KeyboardInterrupt": (KeyboardInterrupt, None),
}


CATCHERS = ("generate", "import_key", "has_private", "sign_hash")
"""One method for each place of ``Implementation`` that catches: generate(), call(), holds_private() and ask()."""

EVERYWHERE = ("BaseException", "MemoryError", "CngError", "KeyboardInterrupt")
"""One exception for each way that ``raise_provider_error`` goes on; the others go one of these, at the catchers."""


def rows(methods: list[str]) -> list[tuple[str, str]]:
    return [(method, raised) for method in methods for raised in (RAISED if method in CATCHERS else EVERYWHERE)]


def striking(make: Callable[[], BaseException]) -> Callable[[], object]:
    def strike() -> object:
        secret_local = SECRET  # noqa: F841 - a provider's variable, which no traceback may keep
        raise make()

    return strike


def locals_in_tracebacks(error: BaseException) -> list[str]:
    """Return the functions whose variables hold the secret, in the tracebacks of an error and of all behind it."""
    found: list[str] = []
    pending, seen = [error], [error]
    while pending:
        current = pending.pop()
        trace = current.__traceback__
        while trace is not None:
            if SECRET in trace.tb_frame.f_locals.values():
                found.append(trace.tb_frame.f_code.co_name)
            trace = trace.tb_next
        behind = [one for one in (current.__cause__, current.__context__) if one is not None and one not in seen]
        pending, seen = [*pending, *behind], [*seen, *behind]
    return found


def told(records: list[str], status: NTStatus | None) -> None:
    """One record for a provider's own fault, none else; and never a word of what it said."""
    assert len(records) == (status is INTERNAL), records
    assert not any("private number" in record for record in records)


def unharmed(bench) -> None:
    """Nothing is left open, another provider works, and so does the same one when it is well again."""
    bench.plan.faults.clear()
    assert handles.open_handles() == bench.open
    with cngcore.generate_key_pair("ECDSA_P256", 256) as other:
        other.verify_signature(bytes(32), other.sign_hash(bytes(32)))
    assert bench.key.sign_hash(b"hash") == b"sign"
    buffer = bytearray(4)
    assert bcrypt.BCryptSignHash(bench.flat_key, None, b"hash", buffer) == (NTStatus.STATUS_SUCCESS, 4)
    assert bench.empty.state == "empty"
    bench.empty.finalize()
    assert bcrypt.BCryptFinalizeKeyPair(bench.flat_empty).is_success
    bench.hash.update(b"")
    assert bench.hash.finish() == b"dige"
    assert bcrypt.BCryptFinishHash(bench.flat_hash, buffer).is_success


@pytest.mark.parametrize(("method", "raised"), rows([name for name, way in WAYS.items() if way.flat is not None]))
def test_flat_api(method, raised, bench) -> None:
    make, expected = RAISED[raised]
    bench.plan.faults[method] = striking(make)
    if expected is None:
        with pytest.raises(KeyboardInterrupt):
            WAYS[method].flat(bench)
    else:
        answer = WAYS[method].flat(bench)
        status, *rest = answer if isinstance(answer, tuple) else (answer,)
        assert status is expected
        assert all(one is None for one in rest)
    told(bench.records, expected)
    unharmed(bench)


@pytest.mark.parametrize(("method", "raised"), rows(list(WAYS)))
def test_object_api(method, raised, bench) -> None:
    make, expected = RAISED[raised]
    bench.plan.faults[method] = striking(make)
    if expected is None:
        with pytest.raises(KeyboardInterrupt):
            WAYS[method].thing(bench)
    else:
        with pytest.raises(CngError) as caught:
            WAYS[method].thing(bench)
        assert caught.value.status is expected
        assert "private number" not in f"{caught.value} {caught.value!r}"
        assert locals_in_tracebacks(caught.value) == []
    told(bench.records, expected)
    unharmed(bench)
