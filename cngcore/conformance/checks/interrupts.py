"""Check what a provider does when it is interrupted, and when its objects are taken away."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from dis import opmap
from types import FrameType
from typing import Any

from cngcore.conformance import _samples as ways
from cngcore.conformance._check import Failure, check, demand, status_of
from cngcore.conformance._signing import sign
from cngcore.conformance._subject import Clock, Kind
from cngcore.objects import KeyPair

TraceFunction = Callable[[FrameType, str, Any], Any]

_NOP = opmap["NOP"]
"""The instruction of a ``try:``. No signal arrives there, and no ``with`` around it would be left."""


def _uses(kind: Kind, key: KeyPair) -> dict[str, Callable[[], object]]:
    """Return calls that run code of the provider, each of which must succeed."""
    half, operations = kind.public_only(key), kind.algorithm.operations
    calls: dict[str, Callable[[], object]] = {}
    for name in kind.blob_types(imports=True, exports=True):
        blob = bytes(key.export(name))
        calls[f"importing {name}"] = lambda name=name, blob=blob: kind.imported(name, blob)  # type: ignore[misc]
    for name in kind.blob_types(exports=True):
        calls[f"exporting {name}"] = lambda name=name: key.export(name)  # type: ignore[misc]
    if "sign" in operations:
        way = ways.signing(kind)[0]
        signature = sign(kind, way.data, way.padding, key=key)
        calls["signing"] = lambda: half.verify_signature(way.data, key.sign_hash(way.data, way.padding), way.padding)
        calls["verifying"] = lambda: half.verify_signature(way.data, signature, way.padding)
    if "encrypt" in operations:
        padded = ways.encrypting(kind)[0]
        ciphertext = half.encrypt(padded.data, padded.padding)
        calls["decrypting"] = lambda: key.decrypt(ciphertext, padded.padding)
        calls["encrypting"] = lambda: half.encrypt(padded.data, padded.padding)
    if "agree" in operations:
        calls["agreeing"] = lambda: key.agree(kind.key)
    if "encapsulate" in operations:
        _, wrapped = half.encapsulate()
        calls["encapsulating"] = half.encapsulate
        calls["decapsulating"] = lambda: key.decapsulate(wrapped)
    return calls


@check(
    "interrupts",
    "key",
    rule="docs/decisions/life-cycle.md; Python: KeyboardInterrupt is no error of the program",
    remedy="Catch the exceptions that the library raises, and no BaseException; release locks with 'with'.",
)
def interrupts(kind: Kind) -> str:
    """KeyboardInterrupt at any line of the provider comes out of the call, and the key works afterwards."""
    package = kind.implementation.candidate.module.partition(":")[0].partition(".")[0]
    tried = 0
    key = kind.new()
    for doing, call in _uses(kind, key).items():
        clock = Clock()
        for line in range(1, 400):
            if clock.seconds > 0.3:
                break
            reached, came = _interrupted(call, package, line)
            if not reached:
                break
            tried += 1
            demand(came == "KeyboardInterrupt", "KeyboardInterrupt", came, f"{doing}, interrupted at line {line} of it")
        status, _ = status_of(call)
        demand(status.is_success, "STATUS_SUCCESS", status.name, f"{doing} after it was interrupted")
    key.destroy()
    return f"{tried} interrupts"


def _interrupted(call: Callable[[], object], package: str, line: int) -> tuple[bool, str]:
    """Call, and raise KeyboardInterrupt at a line of the provider's code, counted from 1.

    Return whether the line was reached, and what came.
    """
    left = line
    # Python traces a 'with' again before it leaves it, when no signal can arrive. The frames are kept: a generator's
    # frame is called again when it goes on.
    seen: set[tuple[FrameType, int]] = set()

    def at_line(frame: FrameType, event: str, _: object) -> TraceFunction | None:
        nonlocal left
        place = frame, frame.f_lineno
        if event == "line" and place not in seen and frame.f_code.co_code[frame.f_lasti] != _NOP:
            seen.add(place)
            left -= 1
            if not left:
                raise KeyboardInterrupt
        return at_line if left > 0 else None

    def at_call(frame: FrameType, _: str, __: object) -> TraceFunction | None:
        own = str(frame.f_globals.get("__name__")).partition(".")[0] == package
        return at_line if own and left > 0 and not _in_finalizer(frame) else None

    before = sys.gettrace()
    sys.settrace(at_call)
    try:
        call()
        came = "a result"
    except KeyboardInterrupt:
        came = "KeyboardInterrupt"
    except Exception as error:
        came = f"{type(error).__name__} raised"
    finally:
        sys.settrace(before)
    return left <= 0, came


def _in_finalizer(frame: FrameType | None) -> bool:
    """Return whether a frame is in a ``__del__`` or a callback of ``weakref``, from which nothing comes out."""
    while frame is not None:
        if frame.f_code.co_name == "__del__" or frame.f_globals.get("__name__") == "weakref":
            return True
        frame = frame.f_back
    return False


@check(
    "finalizers",
    "key",
    rule="the documentation of cngcore.provider.KeyMaterial",
    remedy="Let no __del__ and no callback of a weak reference raise: test what may be missing, also on a public half.",
)
def finalizers(kind: Kind) -> None:
    """Nothing is raised where nobody can catch it: when keys, public halves and refused blobs are taken away."""
    caught: list[str] = []

    def note(unraisable: sys.UnraisableHookArgs) -> None:
        caught.append(f"{unraisable.exc_type.__name__} raised in {unraisable.object.__class__.__name__}")

    before = sys.unraisablehook
    sys.unraisablehook = note
    try:
        for _ in range(kind.affordable(0.5, 2, 1)):
            key = kind.new()
            for call in _uses(kind, key).values():
                status_of(call)
            _, half = status_of(key.public)
            for name in kind.blob_types(imports=True, exports=True):
                status_of(kind.imported, name, bytes(key.export(name))[:-1])
            key.destroy()
            del key, half
            gc.collect()
    finally:
        sys.unraisablehook = before
    if caught:
        raise Failure("nothing raised", ", ".join(dict.fromkeys(caught)), "letting go of keys and their public halves")
