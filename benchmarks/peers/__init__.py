"""Compare cngcore with other software that makes keys, for each shared operation: ours over theirs, both warm.

A peer is a :class:`Peer`: operations by name (``"RSA 2048 generate"``), each with a timer. Java, Node and bcrypt.dll
are programs that wait on a pipe and time themselves (:mod:`benchmarks.peers.programs`), so neither their start nor the
pipe counts. liboqs-python and python-pkcs11 run in this process (:mod:`benchmarks.peers.modules`). A missing peer is
skipped with a reason.

The end of a name says what is done: ``sign`` signs a message of 32 bytes and hashes it, ``sign hash`` signs a given
hash, ``agree and derive`` ends with a hash of the secret. Only cngcore tests a new ML-KEM or ML-DSA key; for ``generate
and test`` the peer does the same test by hand.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from benchmarks.bounds import Bound
from benchmarks.harness import Call, Figure, Timer, ratio, timer

Operations = dict[str, Timer]


class AbsentError(Exception):
    """The peer is not on this machine; the message says what is missing."""


class Peer:
    """A peer: its name, and how to open it. Opening raises :class:`AbsentError` if it is not on this machine.

    ``clock`` measures our side by the same clock as the peer's.
    """

    def __init__(
        self, name: str, opened: Callable[[], AbstractContextManager[Operations]], clock: Callable[[], float]
    ) -> None:
        self.name = name
        self.open = opened
        self.clock = clock


def figures() -> Iterator[Figure | str]:
    from benchmarks.peers import modules, ours, programs

    for peer in (*modules.PEERS, *programs.PEERS):
        try:
            with peer.open() as operations:
                yield from _against(peer, operations, ours.OURS)
        except AbsentError as error:
            yield f"{peer.name}: {error}"


def _against(peer: Peer, operations: Operations, ours: dict[str, Callable[[], Call]]) -> Iterator[Figure]:
    for operation, theirs in operations.items():
        lucky = operation.startswith(("RSA", "DSA")) and operation.endswith("generate")
        yield ratio(
            "peers",
            f"{peer.name}: {operation}",
            timer(ours[operation](), peer.clock),
            theirs,
            labels=("cngcore", peer.name),
            bound=Bound(1.0, "5"),
            seconds=0.8 if lucky else 0.02,
            rounds=9 if lucky else 25,
            timers=True,
        )
