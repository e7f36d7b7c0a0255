"""Define a check: a function with a name, a rule and a remedy, and the two ways in which it ends early.

A check tests a whole provider, one implementation of one algorithm, or one kind of key. It returns None or a note for
the report if all is right, and raises :class:`Failure` or :class:`Skip` otherwise. The first paragraph of its docstring
is its description: what is true of a right provider.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar

from cngcore._checks import is_exactly
from cngcore._diagnostics import place_of
from cngcore.conformance.walk import Step, WrongAnswerError
from cngcore.status import CngError, InternalError, NTStatus

__all__ = [
    "CHECKS", "EXCLUDED", "LEVELS", "Check", "Failure", "Skip", "check", "granted", "living", "refused", "same",
    "status_of",
]  # fmt: skip

bcrypt: Any = import_module("cngcore.bcrypt")
"""The flat API without its types, because the kit passes wrong arguments on purpose."""

LEVELS = ("provider", "implementation", "key")
"""What a check tests, from the whole to the part; the function takes a Provider, an Implementation or a Kind."""


EXCLUDED = "excluded by the provider: "
"""How the reason of a skip begins that the provider asked for (:class:`cngcore.provider.KitData`)."""


class Failure(AssertionError):  # noqa: N818 - what a check reports, not an error of the kit
    """The provider breaks a rule. The strings say what was done, what was expected and what came.

    ``remedy`` replaces the remedy of the check, if this failure needs another.
    """

    def __init__(self, expected: str, came: str, doing: str = "", remedy: str = "") -> None:
        super().__init__(expected, came, doing, remedy)
        self.expected = expected
        self.came = came
        self.doing = doing
        self.remedy = remedy


class Skip(Exception):  # noqa: N818 - not an error
    """The check does not apply to this provider; the message is the reason."""


@dataclass(frozen=True)
class Check:
    """One named check.

    ``rule`` is the source of its demand, ``remedy`` what an author can do if it fails. ``operations``: the check
    applies to algorithms with at least one of them (empty: to all). ``needs`` returns why the check does not apply to
    an implementation, or "".
    """

    name: str
    level: str
    rule: str
    remedy: str
    function: Callable[[Any], str | None]
    operations: frozenset[str] = frozenset()
    needs: Callable[[Any], str] | None = None

    @property
    def description(self) -> str:
        return " ".join((self.function.__doc__ or "").strip().partition("\n\n")[0].split())


_F = TypeVar("_F", bound=Callable[[Any], str | None])

CHECKS: dict[str, Check] = {}
"""Every check by its name, in the order of the report; :func:`cngcore.conformance.checks.load` fills it."""


def check(
    name: str,
    level: str,
    *,
    rule: str,
    remedy: str,
    operations: Iterable[str] = (),
    needs: Callable[[Any], str] | None = None,
) -> Callable[[_F], _F]:
    """Register the decorated function as a check; see :class:`Check` for the arguments."""
    if level not in LEVELS:
        raise ValueError(f"check {name!r}: level {level!r} is not one of {', '.join(LEVELS)}")

    def register(function: _F) -> _F:
        if name in CHECKS:
            raise ValueError(f"there are two checks named {name!r}")
        CHECKS[name] = Check(name, level, rule, remedy, function, frozenset(operations), needs)
        return function

    return register


# --- asking ------------------------------------------------------------------------------------------------


def status_of(call: Callable[..., object], *arguments: object, **named: object) -> tuple[NTStatus, Any]:
    """Return the status of a call, and its result or the message of its error.

    A function of the flat API returns the status, one of the object API raises it. Any exception other than a CngError
    is a Failure, because neither API may raise it.
    """
    try:
        result = call(*arguments, **named)
    except CngError as error:
        return error.status, _said(error)
    except (KeyboardInterrupt, Failure, Skip, WrongAnswerError):
        raise
    except BaseException as error:
        raise Failure(
            "an answer, or a CngError with a status", f"{type(error).__name__} raised", _name(call)
        ) from error
    if isinstance(result, NTStatus):
        return result, None
    if isinstance(result, tuple) and result and isinstance(result[0], NTStatus):
        return result[0], result[1] if len(result) == 2 else result[1:]
    return NTStatus.STATUS_SUCCESS, result


def _said(error: CngError) -> str:
    """Return the message of an error. For an InternalError, add what the provider raised and where."""
    if isinstance(error, InternalError) and error.__cause__ is not None:
        return f"{error.message.partition(';')[0]}, at {place_of(error.__cause__)}"
    return error.message


def granted(call: Callable[..., object], *arguments: object, doing: str = "", **named: object) -> Any:
    """Return the result of a call that must succeed."""
    status, result = status_of(call, *arguments, **named)
    if status != NTStatus.STATUS_SUCCESS:
        suffix = f": {result}" if isinstance(result, str) else ""
        raise Failure("STATUS_SUCCESS", f"{status.name}{suffix}", doing or _name(call))
    return result


def refused(
    call: Callable[..., object],
    *arguments: object,
    by: NTStatus | Iterable[NTStatus],
    doing: str = "",
    **named: object,
) -> NTStatus:
    """Return the status of a call that must fail with one of the statuses ``by``."""
    allowed = (by,) if isinstance(by, NTStatus) else tuple(by)
    status, result = status_of(call, *arguments, **named)
    if status not in allowed:
        suffix = f": {result}" if isinstance(result, str) else ""
        raise Failure(" or ".join(one.name for one in allowed), f"{status.name}{suffix}", doing or _name(call))
    return status


def perform(step: Step, doing: str = "") -> None:
    """Run a step of a walk. Raise Failure for a wrong answer and for a CngError."""
    try:
        granted(step.run, doing=doing or step.what)
    except WrongAnswerError as error:
        raise Failure("the answer that the contract demands", str(error), doing or step.what) from None


def same(came: object, expected: object, doing: str) -> None:
    """Raise Failure unless two values are equal. Bytes are shown only by their length, because they may be secret."""
    if isinstance(came, bytes | bytearray) and isinstance(expected, bytes | bytearray):
        if bytes(came) != bytes(expected):
            raise Failure(f"{len(expected)} bytes, those given", f"{len(came)} bytes, others", doing)
    elif came != expected or type(came) is not type(expected):
        raise Failure(_shown(expected), _shown(came), doing)


def demand(condition: object, expected: str, came: str, doing: str = "") -> None:
    """Raise Failure unless the condition holds."""
    if not condition:
        raise Failure(expected, came, doing)


def living(*classes: type) -> int:
    """Return the number of living objects of some classes, by their types: a proxy may raise when it is asked."""
    return sum(is_exactly(thing, *classes) for thing in gc.get_objects())


def _shown(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return f"{len(value)} bytes"
    return value[:200] if isinstance(value, str) and value else f"{value!r:.200}"


def _name(call: Callable[..., object]) -> str:
    return getattr(call, "__name__", type(call).__name__)


# --- what comes of it ----------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """The result of one check on one subject.

    ``result`` is "passed", "failed" or "skipped". ``algorithm`` and ``implementation`` are empty if the check tests the
    whole provider; ``kind`` (``"256 bits"``, ``"set 768"``) is empty if it does not test a kind of key. ``reason``
    explains a skip. ``expected``, ``came``, ``doing`` and ``place`` describe a failure, ``remedy`` replaces the remedy
    of the check. ``note`` is the remark of a passed check, or the declared source of the rules of a failed one.
    """

    check: str
    algorithm: str
    implementation: str
    kind: str
    result: str = "passed"
    seconds: float = 0.0
    reason: str = ""
    expected: str = ""
    came: str = ""
    doing: str = ""
    place: str = ""
    note: str = ""
    remedy: str = ""
