"""A provider that returns what it must not: STATUS_INTERNAL_ERROR and a record, never an answer that looks right.

None of it may be taken for a key, a secret, a digest or a valid signature, and none may come back to the caller as if
the mistake were the caller's.
"""

from collections.abc import Callable
from typing import Any

import pytest
from faults.bench import SECRET, Bench
from faults.table import WAYS
from faults.test_raises import INTERNAL, unharmed

import cngcore
from cngcore.provider import KeyMaterial


class Truthy:
    """Pretends to be whatever it is asked for."""

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return SECRET

    __str__ = __repr__


class Angry:
    """Raises whenever it is looked at."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(SECRET)

    __bool__ = __len__ = __iter__ = __repr__ = __str__ = lambda self: (_ for _ in ()).throw(RuntimeError(SECRET))


class Foreign(KeyMaterial):
    """Material of another kind, which does nothing."""


NOTHING: list[tuple[str, Callable[[], object]]] = [
    ("None", lambda: None),
    ("an object", object),
    ("truthy", Truthy),
    ("angry", Angry),
    ("an exception", lambda: ValueError(SECRET)),
    ("a class", lambda: Foreign),
    ("a coroutine's like", lambda: (part for part in (b"x",))),
]
"""Wrong for every method that must return something."""

LIKE = [("None", lambda: None), ("an int", lambda: 4), ("angry", Angry)]
"""For a method whose answer goes through the same check as that of a method with a whole list: it goes through it."""

BYTES = [
    *NOTHING,
    ("a str", lambda: SECRET),
    ("an int", lambda: 4),
    ("a huge int", lambda: 1 << 62),
    ("a list", lambda: [1, 2, 3, 4]),
    ("a memoryview", lambda: memoryview(b"sign")),
    ("NotImplemented", lambda: NotImplemented),
]
SIZES = [*NOTHING, ("negative", lambda: -1), ("a bool", lambda: True), ("a float", lambda: 4.0), ("a str", lambda: "4")]
PAIRS = [
    *NOTHING,
    ("one", lambda: (b"secr",)),
    ("three", lambda: (b"a", b"b", b"c")),
    ("ints", lambda: (4, 6)),
    ("strs", lambda: ("secr", "cipher")),
    ("an empty secret", lambda: (b"", b"cipher")),
    ("a list", lambda: [b"secr", b"cipher"]),
]
KEYS = [*NOTHING, ("bytes", lambda: b"key")]

GARBAGE: dict[str, list[tuple[str, Callable[[], object]]]] = {
    "generate": KEYS,
    "import_key": LIKE,
    "has_private": [*NOTHING, ("1", lambda: 1), ("a str", lambda: "True")],
    "signature_length": SIZES,
    "encryption_length": [("None", lambda: None), ("negative", lambda: -1), ("angry", Angry)],
    "kem_lengths": [*NOTHING, ("one", lambda: (1,)), ("strs", lambda: ("4", "6")), ("negative", lambda: (4, -6))],
    "sign_hash": BYTES,
    "verify_signature": [*NOTHING, ("1", lambda: 1), ("0", lambda: 0), ("a str", lambda: "True"), ("''", lambda: "")],
    "encrypt": LIKE,
    "decrypt": LIKE,
    "agree": [*LIKE, ("empty", lambda: b"")],
    "encapsulate": PAIRS,
    "decapsulate": LIKE,
    "export": LIKE,
    "public": LIKE,
    "get_property": [*NOTHING, ("a str", lambda: "8"), ("too large", lambda: 1 << 32), ("negative", lambda: -1)],
    "back_end_version": NOTHING,
    "value": [("an object", object), ("angry", Angry), ("too large", lambda: 1 << 32)],
    "start": NOTHING,
    "digest_length": [("None", lambda: None), ("negative", lambda: -1), ("angry", Angry)],
    "digest": [*LIKE, ("short", lambda: b"dig"), ("long", lambda: b"digest"), ("empty", lambda: b"")],
    "copy": LIKE,
}  # fmt: skip
"""``value`` may be None: there is none yet. What ``update``, ``fill``, ``load``, ``check`` and a probe return is not
looked at, ``accepts`` only for its truth."""

ROWS = [pytest.param(method, make, id=f"{method}-{name}") for method, rows in GARBAGE.items() for name, make in rows]


def told(bench: Bench) -> None:
    assert len(bench.records) == 1, bench.records
    assert "private number" not in bench.records[0]


@pytest.mark.parametrize(("method", "make"), [row for row in ROWS if WAYS[row.values[0]].flat is not None])
def test_flat_api(method, make, bench) -> None:
    bench.plan.faults[method] = make
    answer = WAYS[method].flat(bench)
    status, *rest = answer if isinstance(answer, tuple) else (answer,)
    assert status is INTERNAL
    assert all(one is None for one in rest)
    told(bench)
    unharmed(bench)


@pytest.mark.parametrize(("method", "make"), ROWS)
def test_object_api(method, make, bench) -> None:
    bench.plan.faults[method] = make
    with pytest.raises(cngcore.InternalError) as caught:
        WAYS[method].thing(bench)
    assert "private number" not in f"{caught.value} {caught.value!r}"
    told(bench)
    unharmed(bench)


LONGER = {
    "sign_hash": b"signature",
    "encrypt": b"encrypted",
    "encapsulate": (b"secret", b"cipher"),
    "decapsulate": b"secret",
}


@pytest.mark.parametrize("method", LONGER)
def test_more_than_was_announced(method, bench) -> None:
    """The caller's buffer has the size the provider told: what does not fit is not the caller's mistake."""
    bench.plan.faults[method] = lambda: LONGER[method]
    status, *rest = WAYS[method].flat(bench)
    assert status is INTERNAL
    assert all(one is None for one in rest)
    told(bench)
    unharmed(bench)


def test_a_public_half_that_keeps_the_private_one(bench) -> None:
    """It would be handed out as if it were harmless."""
    bench.plan.faults["public"] = lambda: bench.key._material
    with pytest.raises(cngcore.InternalError):
        bench.key.public()
    told(bench)
    unharmed(bench)


def test_a_huge_announcement_costs_nothing(bench) -> None:
    """A size is told and not allocated; a buffer of it is the caller's to make."""
    bench.plan.faults["signature_length"] = lambda: 1 << 60
    assert WAYS["signature_length"].flat(bench) == (0, 1 << 60)
    status, size = WAYS["sign_hash"].flat(bench)
    assert (status.name, size) == ("STATUS_BUFFER_TOO_SMALL", 1 << 60)
