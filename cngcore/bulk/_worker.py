"""The part of :mod:`cngcore.bulk` that runs where the keys are made: in a thread, a process, or on another machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cngcore.memory import wipe
from cngcore.status import CngError

if TYPE_CHECKING:
    from cngcore.registry import Registry

__all__ = ["Answer", "Order", "make"]

Row = tuple[int, bytes, bytes, int, str]
"""Index, private blob, public blob, status, message: plain values, because they are sent between processes."""


@dataclass(frozen=True, slots=True)
class Order:
    """The keys to make, as plain values that any worker can receive.

    ``settings`` are the keyword arguments of the worker's :class:`~cngcore.Registry`, as pairs. ``recipient`` is the
    SubjectPublicKeyInfo to which private blobs are sealed, or empty.
    """

    algorithm: str
    implementation: str
    length: int
    parameter_set: str | None
    curve: str | None
    blob_type: str
    public_type: str
    recipient: bytes
    settings: tuple[tuple[str, object], ...]


class Answer(NamedTuple):
    """The result of a batch: the seconds that it took, and a row for each key."""

    seconds: float
    rows: list[Row]


_makers: dict[Order, Callable[[], tuple[bytes, bytes]]] = {}
"""The opened algorithms of a worker process, one for each order."""


def make(order: Order, indices: Sequence[int], registry: Registry | None = None) -> Answer:
    """Make the keys of a batch. A key that cannot be made gets a row with its status."""
    begun = time.perf_counter()
    rows: list[Row] = []
    try:
        one = _maker(order, registry)
    except CngError as error:
        rows = [(index, b"", b"", int(error.status), error.message) for index in indices]
        return Answer(time.perf_counter() - begun, rows)
    for index in indices:
        try:
            private, public = one()
            rows.append((index, private, public, 0, ""))
        except CngError as error:
            rows.append((index, b"", b"", int(error.status), error.message))
    return Answer(time.perf_counter() - begun, rows)


def _maker(order: Order, registry: Registry | None) -> Callable[[], tuple[bytes, bytes]]:
    if registry is not None:
        return _open(order, registry)
    found = _makers.get(order)
    if found is None:
        from cngcore.registry import Registry

        found = _makers[order] = _open(order, Registry(**dict(order.settings)))  # type: ignore[arg-type]
    return found


def _open(order: Order, registry: Registry) -> Callable[[], tuple[bytes, bytes]]:
    """Return the function that makes one key and returns its private blob, sealed or not, and its public blob."""
    provider = registry.open_algorithm_provider(order.algorithm, order.implementation)
    if order.curve is not None:
        provider.set_property("ECCCurveName", order.curve)
    length, parameter_set = order.length, order.parameter_set
    blob_type, public_type = order.blob_type, order.public_type
    seal = _sealer(order.recipient)

    def one() -> tuple[bytes, bytes]:
        with provider.generate_key_pair(length) as key:
            if parameter_set is not None:
                key.set_property("ParameterSetName", parameter_set)
            key.finalize()
            private = key.export(blob_type)
            public = bytes(key.export(public_type))
        if seal is None:
            return bytes(private), public
        sealed = seal(private)
        if isinstance(private, bytearray):
            wipe(private)
        return sealed, public

    return one


def _sealer(recipient: bytes) -> Callable[[bytes | bytearray], bytes] | None:
    if not recipient:
        return None
    from cngcore.bulk.sealing import seal
    from cngcore.formats import decode

    key = decode(recipient)
    return lambda blob: seal(blob, key)
