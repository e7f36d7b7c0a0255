"""Make many key pairs at once, on the processors of one machine or on the machines of any executor.

::

    if __name__ == "__main__":
        for made in generate_many("ECDSA_P256", 100_000, length=256):
            store(made.index, made.private, made.public)

Each key is an exported blob with an index below ``count``. Keys arrive as soon as they are ready, in any order. Memory
stays bounded, because only a few batches are in progress even if the consumer is slow. A key that could not be made
arrives with its error, so every index arrives exactly once. After an interruption, pass the indices that you already
have as ``skip``.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from cngcore.bulk._batches import BulkKey, Work
from cngcore.bulk._worker import Order
from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from concurrent.futures import Executor

    from cngcore.formats import Key
    from cngcore.objects import KeyPair
    from cngcore.provider import Algorithm
    from cngcore.registry import Registry

__all__ = ["BulkKey", "generate_many"]


def __dir__() -> list[str]:
    return sorted(__all__)


def generate_many(
    algorithm: str,
    count: int,
    *,
    length: int = 0,
    parameter_set: str | None = None,
    curve: str | None = None,
    implementation: str | None = None,
    blob_type: str | None = None,
    public_type: str | None = None,
    wrap_to: KeyPair | Key | bytes | None = None,
    skip: Container[int] = (),
    executor: Executor | None = None,
    workers: int | None = None,
    registry: Registry | None = None,
) -> Iterator[BulkKey]:
    """Make ``count`` key pairs and yield each as soon as it is ready.

    ``length`` (bits), ``parameter_set``, ``curve`` and ``implementation`` are those of
    :meth:`~cngcore.Registry.generate_key_pair`. ``blob_type`` and ``public_type`` are the blob types to export. The
    default private type is the seed if the algorithm has one. Otherwise each default is the first type that the
    algorithm can both export and import. Indices in ``skip`` are left out.

    ``wrap_to`` is the public key of a recipient: ML-KEM-768 or 1024, P-256, P-384, P-521, X25519 or RSA. It may be a
    key pair, a :class:`cngcore.formats.Key` or bytes in any format. Private blobs leave the worker only sealed to it.

    ``executor`` is any ``concurrent.futures.Executor``, such as a pool, a Dask client's or loky's. It is not shut down.
    Without one, threads make the keys if the declaration says that the back end releases the GIL (``releases_gil``);
    otherwise processes do. ``workers`` is their number, by default one for each processor. Processes import the main
    module again, so keep the call under ``if __name__ == "__main__"``. Every worker uses the settings of ``registry``.

    Raise InvalidParameterError for a wrong argument, and whatever opening the algorithm raises, before the first key.
    """
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise InvalidParameterError(f"count must be an int of at least 0, not {_described(count)}")
    if workers is not None and (not isinstance(workers, int) or workers < 1):
        raise InvalidParameterError(f"workers must be an int above 0, not {_described(workers)}")
    from cngcore.registry import default

    registry = registry or default()
    kind = registry.key_kind(algorithm, length, parameter_set, curve)
    if kind is not None:
        algorithm, length, parameter_set, curve = kind.algorithm, kind.length, kind.parameter_set, kind.curve
    provider = registry.open_for(algorithm, length, parameter_set, implementation, curve)
    declared = provider.declaration
    with provider:
        if curve is not None:
            provider.set_property("ECCCurveName", curve)
        with provider.generate_key_pair(length) as trial:
            if parameter_set is not None:
                trial.set_property("ParameterSetName", parameter_set)
    recipient = b""
    if wrap_to is not None:
        from cngcore.bulk.sealing import recipient_form

        recipient = recipient_form(wrap_to)
    order = Order(
        algorithm,
        declared.implementation,
        length,
        parameter_set,
        curve,
        _checked_type(declared, blob_type, private=True),
        _checked_type(declared, public_type, private=False),
        recipient,
        registry.settings.arguments(),
    )
    todo = (index for index in range(count) if index not in skip)
    local = isinstance(executor, ThreadPoolExecutor) or (executor is None and _threads_suffice(declared))
    if not local and registry.has_registered():
        raise InvalidParameterError(
            "a provider registered as an object cannot be sent to other processes; package it, or pass a "
            "ThreadPoolExecutor as executor"
        )
    work = Work(order, registry if local else None, executor, workers or _processors())
    return work.run(todo)


def _checked_type(declared: Algorithm, name: str | None, *, private: bool) -> str:
    """Return the blob type to export: the requested one, or the default of its kind."""
    kinds = [kind for kind in declared.blob_types.values() if kind.private is private and kind.exports]
    if name is None:
        both = [kind.name for kind in kinds if kind.imports]
        seeds = [kind for kind in both if "SEED" in kind]
        if both:
            return (seeds or both)[0]
    elif name in [kind.name for kind in kinds]:
        return name
    half = "private" if private else "public"
    listed = ", ".join(kind.name for kind in kinds) or "none"
    raise InvalidParameterError(f"{declared.name} does not export the {half} blob {name!r:.40}; it exports {listed}")


def _described(value: object) -> str:
    return str(value) if type(value) is int else type(value).__name__


def _processors() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _threads_suffice(declared: Algorithm) -> bool:
    """Return whether threads make keys in parallel with this back end."""
    locked = getattr(sys, "_is_gil_enabled", lambda: True)()
    return declared.concurrency == "free" and (declared.releases_gil or not locked)
