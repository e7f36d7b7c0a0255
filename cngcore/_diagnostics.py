"""What went wrong in a provider: kept, told once, and turned into one exception.

A provider's own failure never becomes the caller's: at discovery it is a :class:`Fault` that the registry
keeps; in use it becomes :class:`~cngcore.status.InternalError`, with one log record on the logger ``cngcore``.
The record names the place and the type of what was raised, never its text: that could hold key bytes.
"""

import os
import sys

from cngcore.status import CngError, InternalError, NTStatus

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn, TypeVar

    from cngcore.provider import Algorithm

    _F = TypeVar("_F", bound=Callable[..., Any])


shown_elsewhere = False
"""Whether whoever asked the registry shows its faults, as some commands do; then they are kept and not logged."""


class Fault:
    """One provider's failure: whose, at which stage, why, and what can be done about it.

    ``stage`` is "import", "register", "declare", "promise", "probe" or "use".
    """

    __slots__ = ("distribution", "module", "reason", "remedy", "stage", "version")

    def __init__(
        self,
        *,
        distribution: str,
        version: str,
        module: str,
        stage: str,
        reason: str,
        remedy: str,
    ) -> None:
        self.distribution = distribution
        self.version = version
        self.module = module
        self.stage = stage
        self.reason = reason
        self.remedy = remedy

    def to_dict(self) -> "dict[str, str | None]":
        """The fields by name, for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}

    def __str__(self) -> str:
        where = f"{self.distribution} {self.version}".strip()
        return f"{where} ({self.module}) set aside at {self.stage}: {self.reason}. {self.remedy}"

    def __repr__(self) -> str:
        return f"<Fault {self}>"


def describe(error: BaseException) -> str:
    """One line for an exception of a provider that is being loaded (no key exists yet)."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # it cannot even be printed
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def log(message: str, *arguments: object) -> None:
    """Write a warning on the logger ``cngcore``.

    Where nobody has imported ``logging`` nobody can have configured it; then the line goes where logging's handler of
    last resort would have written it, without the 10 ms of its import.
    """
    logging = sys.modules.get("logging")
    if logging is not None:
        logging.getLogger("cngcore").warning(message, *arguments)
    elif sys.stderr is not None:
        print(message % arguments, file=sys.stderr)


def place_of(error: BaseException) -> str:
    """``file:line`` where an exception was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "unknown place"


def forget_locals(error: BaseException) -> None:
    """Empty the frames of an error's traceback that are done: their variables held the caller's keys and numbers.

    What remains is where it was raised. A tool that prints the variables of every frame then finds none of ours. Where
    an author has set ``CNGCORE_STRICT`` they stay.
    """
    seen: list[BaseException] = []
    left = [] if os.environ.get("CNGCORE_STRICT") == "1" else [error]
    while left:
        each = left.pop()
        seen.append(each)
        trace = each.__traceback__
        while trace is not None:
            try:  # noqa: SIM105 - contextlib is not imported on the way to a first key
                trace.tb_frame.clear()
            except RuntimeError:  # it still runs: the caller's, or the one that calls this
                pass
            trace = trace.tb_next
        left += [one for one in (each.__cause__, each.__context__) if one is not None and one not in seen]


def discreet(function: "_F") -> "_F":
    """Decorator for what takes keys in the clear: an error that leaves it takes no local variables along."""

    def guarded(*arguments: object, **named: object) -> object:
        try:
            return function(*arguments, **named)
        except BaseException as error:
            arguments, named = (), {}
            forget_locals(error)
            raise

    for name in ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__", "__wrapped__"):
        setattr(guarded, name, function if name == "__wrapped__" else getattr(function, name))
    return guarded  # type: ignore[return-value]


def is_the_users(error: BaseException) -> bool:
    """Whether an exception only happened to come up here: KeyboardInterrupt, or what a signal's handler raised.

    Python runs a handler between any two lines, a provider's included, and so its exception looks like that code's.
    What tells it is the handler's own frame in the traceback.
    """
    if isinstance(error, KeyboardInterrupt):
        return True
    signal = sys.modules.get("signal")
    if signal is None or error.__traceback__ is None:
        return False
    handlers = {_code_of(signal.getsignal(number)) for number in signal.valid_signals()}
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code not in handlers:
        trace = trace.tb_next  # type: ignore[assignment]
    return trace is not None


def _code_of(handler: object) -> object:
    """The code of a function, a method, a partial or a callable object; None of what is written in C."""
    handler = getattr(handler, "func", handler)
    for each in (handler, vars(type(handler)).get("__call__")):
        code = getattr(getattr(each, "__func__", each), "__code__", None)
        if code is not None:
            return code
    return None


def pass_on(algorithm: "Algorithm", operation: str, error: BaseException) -> "NoReturn":
    """Raise for what a provider raised: itself, if that is its answer, else what stands for a provider's fault.

    Its answer is a CngError of a status that is none of success. What is the user's (:func:`is_the_users`) goes
    through. MemoryError becomes STATUS_NO_MEMORY.
    """
    forget_locals(error)
    if (isinstance(error, CngError) and not error.status.is_success) or is_the_users(error):
        raise error
    if isinstance(error, MemoryError):
        raise CngError(NTStatus.STATUS_NO_MEMORY, f"{operation}: out of memory") from error
    raise provider_failed(algorithm, operation, error) from error


def broken_word(algorithm: "Algorithm", operation: str, returned: str) -> InternalError:
    """The exception for an answer that a provider must not give; ``returned`` tells its kind, never its value."""
    log("%s (%s) returned %s from %s", algorithm.name, algorithm.implementation, returned, operation)
    return InternalError(
        f"the provider of {algorithm.name} ({algorithm.implementation}) returned {returned} from {operation}; "
        "report it to the provider's author"
    )


def provider_failed(algorithm: "Algorithm", operation: str, error: BaseException) -> InternalError:
    """The exception for a provider's unexpected ``error``; raise it ``from error``."""
    log(
        "%s (%s) failed in %s: %s raised at %s",
        algorithm.name, algorithm.implementation, operation, type(error).__name__, place_of(error),
    )  # fmt: skip
    return InternalError(
        f"the provider of {algorithm.name} ({algorithm.implementation}) raised {type(error).__name__} in {operation}; "
        "this is its fault, not the caller's: report it to the provider's author"
    )
