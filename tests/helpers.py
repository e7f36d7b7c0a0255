"""Small tools of the black-box tests: answers of the flat API, handles that clean up, and calls made twice, as C does.

Second implementations are in :mod:`oracles`.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

import pytest
from oracles.values import wide

from cngcore import bcrypt


def as_id(value: object) -> str:
    """The repr of a parameter without its address, so that a test has one id in every run."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def python(program: str, *options: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a program in a Python of its own, with options of the interpreter; by default it must succeed."""
    return subprocess.run([sys.executable, *options, "-c", program], capture_output=True, text=True, check=check)


# ---------------------------------------------------------------------------------------------- tables


def representative(rows: Iterable[Any], kind: Callable[..., Hashable] = lambda *row: "", most: int = 1) -> list[Any]:
    """Return the rows of a table for ``parametrize``: ``most`` of each kind run always, the others if ``exhaustive``.

    ``kind`` is given the values of a row. Rows are of one kind if they run the same lines: what only one of them would
    notice is a kind of its own.
    """
    seen: Counter[Hashable] = Counter()
    marked = []
    for row in rows:
        given = row if hasattr(row, "marks") else pytest.param(*(row if isinstance(row, tuple) else (row,)))
        seen[key := kind(*given.values)] += 1
        further = [pytest.mark.exhaustive] if seen[key] > most else []
        marked.append(pytest.param(*given.values, marks=[*given.marks, *further], id=given.id))
    return marked


# ---------------------------------------------------------------------------------------------- answers


def status_of(answer: Any) -> bcrypt.NTStatus:
    """The status of a flat answer, whether it came alone or at the head of a tuple."""
    status = answer[0] if isinstance(answer, tuple) else answer
    assert isinstance(status, bcrypt.NTStatus), f"not an NTStatus: {answer!r}"
    return status


def ok(answer: Any) -> Any:
    """Demand STATUS_SUCCESS, and give what came with it: nothing, one thing, or a tuple of things."""
    status = status_of(answer)
    assert status == bcrypt.STATUS_SUCCESS, f"{status!r} where success was due"
    if not isinstance(answer, tuple):
        return None
    return answer[1] if len(answer) == 2 else answer[1:]


def refused(answer: Any, *statuses: int) -> None:
    """Demand one of ``statuses``, and that nothing was given out with it (contract: rule-python-returns)."""
    status = status_of(answer)
    assert status in statuses, f"{status!r} where {[str(bcrypt.NTStatus(s)) for s in statuses]} was due"
    if isinstance(answer, tuple) and status != bcrypt.STATUS_BUFFER_TOO_SMALL:
        assert all(item is None for item in answer[1:]), f"a failing call gave something out: {answer!r}"


# ---------------------------------------------------------------------------------------------- handles


@contextlib.contextmanager
def opened(name: str, *args: Any) -> Iterator[int]:
    """A flat algorithm handle, closed at the end unless the test closed it."""
    handle = ok(bcrypt.BCryptOpenAlgorithmProvider(name, *args))
    try:
        yield handle
    finally:
        bcrypt.BCryptCloseAlgorithmProvider(handle)


@contextlib.contextmanager
def empty(algorithm: int | str, bits: int, curve: str | None = None, flags: int = 0) -> Iterator[int]:
    """An unfinalized key; ``curve`` is set on the key, where the contract wants it for the generic algorithms."""
    with contextlib.ExitStack() as stack:
        handle = stack.enter_context(opened(algorithm)) if isinstance(algorithm, str) else algorithm
        key = ok(bcrypt.BCryptGenerateKeyPair(handle, bits, flags))
        stack.callback(bcrypt.BCryptDestroyKey, key)
        if curve is not None:
            ok(bcrypt.BCryptSetProperty(key, bcrypt.BCRYPT_ECC_CURVE_NAME, wide(curve)))
        yield key


@contextlib.contextmanager
def generated(algorithm: int | str, bits: int, curve: str | None = None) -> Iterator[int]:
    """A finalized key."""
    with empty(algorithm, bits, curve) as key:
        ok(bcrypt.BCryptFinalizeKeyPair(key))
        yield key


@contextlib.contextmanager
def imported(
    algorithm: int | str, blob_type: str, blob: Any, *, curve: str | None = None, flags: int = 0
) -> Iterator[int]:
    """An imported key; ``curve`` is set on the provider that is opened for it."""
    with contextlib.ExitStack() as stack:
        if isinstance(algorithm, str):
            handle = stack.enter_context(opened(algorithm))
            if curve is not None:
                ok(bcrypt.BCryptSetProperty(handle, bcrypt.BCRYPT_ECC_CURVE_NAME, wide(curve)))
        else:
            handle = algorithm
        key = ok(bcrypt.BCryptImportKeyPair(handle, None, blob_type, blob, flags))
        stack.callback(bcrypt.BCryptDestroyKey, key)
        yield key


@contextlib.contextmanager
def agreed(private: int, public: int) -> Iterator[int]:
    """A secret."""
    secret = ok(bcrypt.BCryptSecretAgreement(private, public))
    try:
        yield secret
    finally:
        bcrypt.BCryptDestroySecret(secret)


# ------------------------------------------------------------------------- two-step calls, as C code does


def exported(key: int, blob_type: str) -> bytes:
    size = ok(bcrypt.BCryptExportKey(key, None, blob_type))
    buffer = bytearray(size)
    assert ok(bcrypt.BCryptExportKey(key, None, blob_type, buffer)) == size
    return bytes(buffer)


def property_of(handle: int, name: str) -> bytes:
    size = ok(bcrypt.BCryptGetProperty(handle, name))
    buffer = bytearray(size)
    assert ok(bcrypt.BCryptGetProperty(handle, name, buffer)) == size
    return bytes(buffer)


def dword_of(handle: int, name: str) -> int:
    value = property_of(handle, name)
    assert len(value) == 4, f"{name} is {len(value)} bytes, not a DWORD"
    return int.from_bytes(value, "little")


def text_of(handle: int, name: str) -> str:
    value = property_of(handle, name).decode("utf-16-le")
    assert value.endswith("\0"), f"{name} has no terminator"
    return value[:-1]


def signed(key: int, digest: bytes, padding: Any = None, flags: int = 0) -> bytes:
    size = ok(bcrypt.BCryptSignHash(key, padding, digest, None, flags))
    buffer = bytearray(size)
    assert ok(bcrypt.BCryptSignHash(key, padding, digest, buffer, flags)) == size
    return bytes(buffer)


def encrypted(key: int, plaintext: bytes, padding: Any = None, flags: int = 0) -> bytes:
    size = ok(bcrypt.BCryptEncrypt(key, plaintext, padding, None, None, flags))
    buffer = bytearray(size)
    assert ok(bcrypt.BCryptEncrypt(key, plaintext, padding, None, buffer, flags)) == size
    return bytes(buffer)


def decrypted(key: int, ciphertext: bytes, padding: Any = None, flags: int = 0) -> bytes:
    size = ok(bcrypt.BCryptDecrypt(key, ciphertext, padding, None, None, flags))
    buffer = bytearray(size)
    assert ok(bcrypt.BCryptDecrypt(key, ciphertext, padding, None, buffer, flags)) == size
    return bytes(buffer)


def derived(secret: int, kdf: str, parameters: Any = None, flags: int = 0, length: int | None = None) -> bytes:
    """The KDF's output: its natural length, or ``length`` bytes."""
    if length is None:
        length = ok(bcrypt.BCryptDeriveKey(secret, kdf, parameters, None, flags))
    buffer = bytearray(length)
    assert ok(bcrypt.BCryptDeriveKey(secret, kdf, parameters, buffer, flags)) == length
    return bytes(buffer)
