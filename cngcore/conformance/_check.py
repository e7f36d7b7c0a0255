"""What a check is: a function with a name, a rule, a remedy; and the two ways in which it ends early.

A check is about a whole provider, about one implementation of one algorithm, or about one kind of key of it. It returns
when all is well (None, or a note for the report) and raises :class:`Failure` or :class:`Skip` otherwise. The first
paragraph of its docstring is its description.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar

from cngcore._diagnostics import place_of
from cngcore.conformance._walk import Step, WrongAnswerError
from cngcore.status import CngError, InternalError, NTStatus

__all__ = ["CHECKS", "LEVELS", "Check", "Failure", "Skip", "check", "granted", "refused", "same", "status_of"]

bcrypt: Any = import_module("cngcore.bcrypt")
"""The flat API: for the kit, which passes wrong things on purpose, without its types."""

LEVELS = ("provider", "implementation", "key")
"""What a check is about, from the whole to the part; the function takes a Provider, an Implementation or a Kind."""


class Failure(AssertionError):  # noqa: N818 - what a check reports, not an error of the kit
    """The provider does not do what the contract says. Strings for a reader: what was done, due, and answered.

    ``remedy`` is for a failure whose cure is another than its check's.
    """

    def __init__(self, expected: str, came: str, doing: str = "", remedy: str = "") -> None:
        super().__init__(expected, came, doing, remedy)
        self.expected = expected
        self.came = came
        self.doing = doing
        self.remedy = remedy


class Skip(Exception):  # noqa: N818 - not an error
    """The check cannot be put to this provider; the message is the reason."""


@dataclass(frozen=True)
class Check:
    """One named check.

    ``rule`` says where what it demands comes from, ``remedy`` what an author can do when it fails. ``operations``: it
    applies where an algorithm is for at least one of them (empty: always). ``needs`` answers, of an implementation, why
    the check does not apply, or "".
    """

    name: str
    level: str
    rule: str
    remedy: str
    function: Callable[[Any], str | None]
    operations: frozenset[str] = frozenset()
    needs: "Callable[[Any], str] | None" = None

    @property
    def description(self) -> str:
        return " ".join((self.function.__doc__ or "").strip().partition("\n\n")[0].split())


_F = TypeVar("_F", bound=Callable[[Any], str | None])

CHECKS: dict[str, Check] = {}
"""Every check by its name, in the order of the report. :func:`cngcore.conformance.checks.load` fills it."""


def check(
    name: str,
    level: str,
    *,
    rule: str,
    remedy: str,
    operations: Iterable[str] = (),
    needs: "Callable[[Any], str] | None" = None,
) -> "Callable[[_F], _F]":
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
    """The status that a call answers, and its result or the message of its error.

    For a function of the flat API what it returns, for one of the object API what it raises. Anything raised that is no
    CngError is a Failure: neither API lets it through.
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
    """The message of an error. Of a provider's own fault, for its author: what was raised, and where."""
    if isinstance(error, InternalError) and error.__cause__ is not None:
        return f"{error.message.partition(';')[0]}, at {place_of(error.__cause__)}"
    return error.message


def granted(call: Callable[..., object], *arguments: object, doing: str = "", **named: object) -> Any:
    """The result of a call that must succeed."""
    status, result = status_of(call, *arguments, **named)
    if status != NTStatus.STATUS_SUCCESS:
        said = f": {result}" if isinstance(result, str) else ""
        raise Failure("STATUS_SUCCESS", f"{status.name}{said}", doing or _name(call))
    return result


def refused(
    call: Callable[..., object],
    *arguments: object,
    by: "NTStatus | Iterable[NTStatus]",
    doing: str = "",
    **named: object,
) -> NTStatus:
    """The status of a call that must be refused with one of the statuses ``by``."""
    allowed = (by,) if isinstance(by, NTStatus) else tuple(by)
    status, result = status_of(call, *arguments, **named)
    if status not in allowed:
        said = f": {result}" if isinstance(result, str) else ""
        raise Failure(" or ".join(one.name for one in allowed), f"{status.name}{said}", doing or _name(call))
    return status


def perform(step: Step, doing: str = "") -> None:
    """Run a step of a walk; a wrong answer and a CngError are a Failure."""
    try:
        granted(step.run, doing=doing or step.what)
    except WrongAnswerError as error:
        raise Failure("the answer that the contract demands", str(error), doing or step.what) from None


def same(came: object, expected: object, doing: str) -> None:
    """Demand that two values are equal. Bytes are shown by their length only: they may be secret."""
    if isinstance(came, bytes | bytearray) and isinstance(expected, bytes | bytearray):
        if bytes(came) != bytes(expected):
            raise Failure(f"{len(expected)} bytes, those given", f"{len(came)} bytes, others", doing)
    elif came != expected or type(came) is not type(expected):
        raise Failure(_shown(expected), _shown(came), doing)


def demand(condition: object, expected: str, came: str, doing: str = "") -> None:
    """Raise Failure unless the condition holds."""
    if not condition:
        raise Failure(expected, came, doing)


def _shown(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return f"{len(value)} bytes"
    return value[:200] if isinstance(value, str) and value else f"{value!r:.200}"


def _name(call: Callable[..., object]) -> str:
    return getattr(call, "__name__", type(call).__name__)


# --- what comes of it ----------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """What came of one check on one subject.

    ``result`` is "passed", "failed" or "skipped". ``algorithm`` and ``implementation`` are empty where the check is
    about the whole provider, ``kind`` (``"256 bits"``, ``"set 768"``) where it is about no kind of key. ``reason`` is
    that of a skip; ``expected``, ``came``, ``doing`` and ``place`` tell of a failure, and ``remedy`` where its cure is
    another than the check's; ``note`` is what a check that passed had to say, or where a failed one's rules are
    declared to come from.
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
