"""Check the life of a key: what each state allows, and that failures leave nothing behind."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from itertools import pairwise

from cngcore.conformance import _samples as ways
from cngcore.conformance._check import Skip, bcrypt, check, demand, granted, living, perform, refused, same, status_of
from cngcore.conformance._signing import sign
from cngcore.conformance._subject import Kind
from cngcore.conformance.walk import after_destroy, attempts, life
from cngcore.objects import KeyPair
from cngcore.provider import KeyMaterial
from cngcore.status import NTStatus

_HANDLE = NTStatus.STATUS_INVALID_HANDLE
_RULE = "contract: rule-life-unfinalized, rule-life-finalized"


@check(
    "life-empty",
    "key",
    rule=_RULE,
    remedy="A key must be unusable before Finalize: make the material in generate(), not before and not later.",
)
def life_empty(kind: Kind) -> None:
    """Before Finalize every use of a key is INVALID_HANDLE; only destroying works."""
    key = kind.empty()
    same(key.state, "empty", "reading the state of a key that was generated")
    for name, call in attempts(kind.algorithm, key, kind.key).items():
        refused(call, by=_HANDLE, doing=f"{name} on an empty key")
    same(key.state, "empty", "reading the state after all that")
    granted(key.destroy, doing="destroying an empty key")
    same(key.state, "destroyed", "reading the state of a destroyed key")


@check(
    "life-cycle",
    "key",
    rule=_RULE + ", rule-finalize-status, rule-destroy-key",
    remedy="Let generate() make and return the whole key at once; keep no key in the factory.",
)
def life_cycle(kind: Kind) -> None:
    """A key is finalized once and destroyed once; an imported key is never finalized, a destroyed key does nothing."""
    _ = kind.key  # skips if the provider makes no keys, and fails once if it cannot make this one
    for step in life(kind.opened, kind.empty, use=False):
        perform(step)
    key = kind.new()
    calls = after_destroy(kind.algorithm, key, kind.key)
    granted(key.destroy, doing="destroying a finalized key")
    for name, call in calls.items():
        refused(call, by=_HANDLE, doing=f"{name} on a destroyed key")
    opened = kind.open()
    survivor = kind.new(opened)
    granted(opened.close, doing="closing the algorithm while a key of it lives")
    for name in kind.blob_types(exports=True)[:1]:
        granted(survivor.export, name, doing="exporting a key whose algorithm is closed")
    refused(opened.generate_key_pair, kind.length, by=_HANDLE, doing="generating from a closed algorithm")


@check(
    "life-flat",
    "key",
    rule=_RULE + ", rule-handle-stale, rule-finalize-status, rule-destroy-key",
    remedy="If this check fails where life-cycle passes, report it to cngcore.",
)
def life_flat(kind: Kind) -> None:
    """The flat API reports the same errors, and every handle can be released."""
    with kind.no_handle_left("counting handles at the end"):
        _live_and_refuse(kind)


def _live_and_refuse(kind: Kind) -> None:
    """Take a key of the flat API through its life, and refuse each use of it before and after."""
    algorithm, key = kind.flat(finalize=False)
    buffer = bytearray(16384)
    calls: dict[str, Callable[[], object]] = {}
    for name in kind.blob_types(exports=True):
        calls[f"BCryptExportKey {name}"] = lambda name=name: bcrypt.BCryptExportKey(key, None, name, buffer)  # type: ignore[misc]
    if "sign" in kind.algorithm.operations:
        calls["BCryptSignHash"] = lambda: bcrypt.BCryptSignHash(key, None, bytes(32), buffer)
        calls["BCryptVerifySignature"] = lambda: bcrypt.BCryptVerifySignature(key, None, bytes(32), bytes(64))
    if "encrypt" in kind.algorithm.operations:
        calls["BCryptEncrypt"] = lambda: bcrypt.BCryptEncrypt(key, bytes(64), None, None, buffer)
        calls["BCryptDecrypt"] = lambda: bcrypt.BCryptDecrypt(key, bytes(64), None, None, buffer)
    if "agree" in kind.algorithm.operations:
        calls["BCryptSecretAgreement"] = lambda: bcrypt.BCryptSecretAgreement(key, key)
    if "encapsulate" in kind.algorithm.operations:
        calls["BCryptEncapsulate"] = lambda: bcrypt.BCryptEncapsulate(key, buffer, buffer)
        calls["BCryptDecapsulate"] = lambda: bcrypt.BCryptDecapsulate(key, bytes(64), buffer)
    for name, call in calls.items():
        refused(call, by=_HANDLE, doing=f"{name} on an empty key")
    status, message = status_of(bcrypt.BCryptFinalizeKeyPair, key)
    if status == NTStatus.STATUS_NOT_SUPPORTED:
        raise Skip(f"it makes no key pairs: {message}")
    same(status.name, "STATUS_SUCCESS", "BCryptFinalizeKeyPair")
    refused(bcrypt.BCryptFinalizeKeyPair, key, by=_HANDLE, doing="BCryptFinalizeKeyPair a second time")
    granted(bcrypt.BCryptDestroyKey, key)
    refused(bcrypt.BCryptDestroyKey, key, by=_HANDLE, doing="BCryptDestroyKey a second time")
    for name, call in calls.items():
        refused(call, by=_HANDLE, doing=f"{name} on a destroyed key")
    granted(bcrypt.BCryptCloseAlgorithmProvider, algorithm)


@check(
    "failure-gives-nothing",
    "key",
    rule="contract: rule-python-no-raise: a failing call creates nothing",
    remedy="Raise instead of returning half a key; the core then gives no handle out.",
    needs=lambda one: "" if any(b.imports for b in one.algorithm.blob_types.values()) else "it imports no blobs",
)
def failure_gives_nothing(kind: Kind) -> None:
    """A failing import or Finalize gives out no handle, and a key whose Finalize failed can still be finalized."""
    with kind.flat_key() as (opened, _):
        with kind.no_handle_left("counting handles after failing imports"):
            for name in kind.blob_types(imports=True):
                for blob in (b"", b"\0", bytes(4), bytes(64), b"\xff" * 64):
                    status, given = status_of(bcrypt.BCryptImportKeyPair, opened, None, name, blob)
                    demand(
                        not status.is_success and given is None,
                        "a refusal, and no handle",
                        status.name,
                        f"importing {name}",
                    )
            status, given = status_of(bcrypt.BCryptImportKeyPair, opened, None, "NoSuchBlob", bytes(64))
            demand(
                status == NTStatus.STATUS_NOT_SUPPORTED and given is None,
                "STATUS_NOT_SUPPORTED",
                status.name,
                "importing NoSuchBlob",
            )
        empty = kind.empty()
        refused(
            empty.finalize, 0x40000000, by=NTStatus.STATUS_INVALID_PARAMETER, doing="finalizing with an unknown flag"
        )
        granted(empty.finalize, doing="finalizing again after a failure")
        empty.destroy()


@check(
    "nothing-leaks",
    "key",
    rule="contract: rule-destroy-key; the documentation of cngcore.provider.KeyMaterial",
    remedy="Keep no reference to a key, a blob or an exception in the factory, in a module or in a cache, so that "
    "destroyed keys and refused blobs are garbage.",
)
def nothing_leaks(kind: Kind) -> None:
    """Destroyed keys and refused blobs leave no object of key material behind, and refused blobs no memory."""
    blobs = {name: bytes(kind.key.export(name)) for name in kind.blob_types(imports=True, exports=True)}
    rounds = kind.affordable(0.1, 12, 3)
    key = kind.new()
    _use(kind, key)
    key.destroy()

    def lives() -> None:
        for _ in range(rounds):
            key = kind.new()
            _use(kind, key)
            key.destroy()

    def failures() -> None:
        for name, blob in blobs.items():
            for cut in range(1, 9):
                status_of(kind.imported, name, blob[: len(blob) - cut * (len(blob) // 9)])

    for doing, work in (("making and destroying keys", lives), ("refusing blobs", failures)):
        work()
        gc.collect()
        before = living(KeyMaterial)
        work()
        gc.collect()
        left = living(KeyMaterial) - before
        demand(left <= 0, "no key material left", f"{left} more than before", doing)
    if blobs:
        grown = min(growth(failures))
        weight = 2 * sum(map(len, blobs.values()))  # half of what a provider would keep that keeps every blob
        demand(grown < weight, "no memory kept", f"{grown} bytes more each time", "refusing blobs")


def _use(kind: Kind, key: KeyPair) -> None:
    for name in kind.blob_types(exports=True):
        status_of(key.export, name)
    if "sign" in kind.algorithm.operations:
        way = ways.signing(kind)[0]
        sign(kind, way.data, way.padding, key=key)


def growth(work: Callable[[], None], times: int = 4) -> list[int]:
    """Return the bytes that Python allocated in ``work`` and did not free, for several runs."""
    started = not tracemalloc.is_tracing()
    if started:
        tracemalloc.start()
    try:
        sizes = []
        for _ in range(times + 1):
            work()
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        if started:
            tracemalloc.stop()
    return [after - before for before, after in pairwise(sizes)]
