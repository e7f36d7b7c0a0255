"""From a provider to cases, from cases to outcomes, from outcomes to a report."""

import os
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from types import TracebackType

from cngcore.conformance._check import Check, Failure, Outcome, Skip
from cngcore.conformance._report import Report
from cngcore.conformance._subject import Implementation, Kind, Options, Provider
from cngcore.conformance.checks import load
from cngcore.registry import Fault, using
from cngcore.status import CngError

__all__ = ["Case", "cases", "not_applicable", "run"]

_HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass
class Case:
    """One check on one subject."""

    check: Check
    subject: Provider | Implementation | Kind

    @property
    def provider(self) -> Provider:
        if isinstance(self.subject, Provider):
            return self.subject
        return self.implementation.provider  # type: ignore[union-attr]

    @property
    def implementation(self) -> Implementation | None:
        """The implementation it is about; None where it is about the whole provider."""
        if isinstance(self.subject, Provider):
            return None
        return self.subject.implementation if isinstance(self.subject, Kind) else self.subject

    @property
    def id(self) -> str:
        """``signature-format[ECDSA_P256/acme/256 bits]``."""
        outcome = self.outcome()
        where = [part for part in (outcome.algorithm, outcome.implementation, outcome.kind) if part]
        return f"{self.check.name}[{'/'.join(where) or self.provider.name}]"

    def outcome(self) -> Outcome:
        """An outcome of this case with nothing in it yet."""
        one = self.implementation
        if one is None:
            return Outcome(self.check.name, "", "", "")
        kind = str(self.subject) if isinstance(self.subject, Kind) else ""
        return Outcome(self.check.name, one.algorithm.name, one.algorithm.implementation, kind)

    def run(self) -> Outcome:
        """Perform the check. Never raises, but for KeyboardInterrupt."""
        outcome = self.outcome()
        begun = time.perf_counter()
        without = self.subject.none_made if isinstance(self.subject, Kind) else ""
        try:
            with using(self.provider.registry()):  # the flat API sees this provider and no other
                self._require_factory()
                outcome.note = self.check.function(self.subject) or ""
        except KeyboardInterrupt:
            raise
        except Skip as skip:
            outcome.result, outcome.reason = "skipped", str(skip)
        except Failure as failure:
            outcome.result = "failed"
            outcome.expected, outcome.came, outcome.doing = failure.expected, failure.came, failure.doing
            outcome.remedy = failure.remedy
            outcome.place = _place(failure.__traceback__)
        except BaseException as error:
            outcome.result = "failed"
            outcome.expected = "no error"
            outcome.came = f"{error.status.name}: {error.message}" if isinstance(error, CngError) else _told(error)
            outcome.place = _place(error.__traceback__)
        outcome.seconds = time.perf_counter() - begun
        if outcome.result == "failed" and without:
            return replace(self.outcome(), result="skipped", reason=without, seconds=outcome.seconds)
        if outcome.result == "failed" and self.implementation is not None:
            outcome.note = _sources(self.implementation, outcome)
        return outcome

    def _require_factory(self) -> None:
        """Skip where the factory cannot be made: one failure, of the check ``factory``, says it for all."""
        one = self.implementation
        if one is not None and self.check.name not in WITHOUT_FACTORY and not one.factory_works:
            raise Skip("its factory cannot be made: see the check factory")


_RULES = {
    "length-rule": "key_lengths", "key-lengths": "key_lengths", "length-honoured": "key_lengths",
    "length-longest": "key_lengths", "generate-flags": "generate_flags", "parameter-sets": "parameter_sets",
    "parameter-set-sizes": "parameter_sets",
}  # fmt: skip


def _sources(one: Implementation, outcome: Outcome) -> str:
    """Where the declaration itself says that the rules in question come from."""
    told = one.algorithm.sources.items()
    return "; ".join(
        f"{name}: {text}" for name, text in told if name == _RULES.get(outcome.check) or name in outcome.doing
    )


def _told(error: BaseException) -> str:
    """The type of an error only, where it came from outside the kit: its text could hold key bytes."""
    return f"{type(error).__name__} raised"


def _place(trace: TracebackType | None) -> str:
    """The innermost line of the kit, as ``checks/signatures.py:88``."""
    frames = [frame for frame in traceback.extract_tb(trace) if frame.filename.startswith(_HERE)]
    own = [frame for frame in frames if os.sep + "checks" + os.sep in frame.filename] or frames
    if not own:
        return ""
    return f"cngcore/conformance/{os.path.relpath(own[-1].filename, _HERE)}:{own[-1].lineno}".replace(os.sep, "/")


def cases(provider: Provider, algorithms: Iterable[str] | None = None) -> Iterator[Case]:
    """Every case for a provider, in the order of the report; of some algorithms only, where they are named."""
    checks = load().values()
    for check in checks:
        if check.level == "provider":
            yield Case(check, provider)
    wanted = None if algorithms is None else set(algorithms)
    for one in provider.implementations:
        if wanted is not None and one.algorithm.name not in wanted:
            continue
        usable = not one.unavailable()
        for check in checks:
            if check.level == "provider" or not applies(check, one):
                continue
            if check.level == "implementation":
                if usable or check.name in WITHOUT_BACK_END:
                    yield Case(check, one)
            elif usable:
                for kind in _kinds(one):
                    yield Case(check, kind)


def _kinds(one: Implementation) -> tuple[Kind, ...]:
    """The kinds of key; none where the declaration fails when it is asked, which is for its own checks to report."""
    try:
        return one.kinds
    except KeyboardInterrupt:
        raise
    except BaseException:
        return ()


WITHOUT_BACK_END = ("probe", "declaration")
"""Checks that run where an implementation's own probe says that it cannot work on this machine."""


WITHOUT_FACTORY = (*WITHOUT_BACK_END, "factory", "open-flags", "length-rule", "key-lengths", "no-key-pairs")
"""Checks of the declaration alone; every other needs the factory."""


def applies(check: Check, one: Implementation) -> bool:
    return not why_not(check, one)


def why_not(check: Check, one: Implementation) -> str:
    """Why a check has nothing to look at in an implementation; empty if it has."""
    if check.operations and not check.operations & one.algorithm.operations:
        return f"it is not for {' or '.join(sorted(check.operations))}"
    if check.level == "key" and not one.has_keys:
        return "it has no key pairs"
    try:
        return check.needs(one) if check.needs is not None else ""
    except KeyboardInterrupt:
        raise
    except BaseException:
        return ""  # the check will meet it again, and fail


def not_applicable(provider: Provider) -> dict[str, dict[str, str]]:
    """For every implementation by name, the checks that have nothing to look at, each with the reason."""
    return {
        one.name: {
            check.name: reason
            for check in load().values()
            if check.level != "provider" and (reason := why_not(check, one))
        }
        for one in provider.implementations
    }


def run(
    provider: str,
    *,
    slow: bool = False,
    vectors: str = "",
    longest: int = 0,
    algorithms: Iterable[str] | None = None,
    checks: Iterable[str] | None = None,
) -> Report:
    """Test a provider without pytest; the arguments are those of the command line.

    ``provider`` is a distribution, a module or ``distribution:module``; ``algorithms`` and ``checks`` narrow it.
    Raises UnknownProviderError where there is no such provider, LookupError for a check that does not exist,
    FileNotFoundError where there is nothing at ``vectors``.
    """
    wanted = None if checks is None else set(checks)
    unknown = sorted((wanted or set()) - load().keys())
    if unknown:
        raise LookupError(f"there is no check named {', '.join(unknown)}; the checks are {', '.join(load())}")
    found = Provider.find(provider, Options(slow, vectors, longest))
    report = Report.of(found)
    for case in cases(found, algorithms):
        if wanted is None or case.check.name in wanted:
            report.add(case.run())
    report.finish(found.faults, not_applicable(found))
    return report


def faults_of(provider: Provider) -> list[Fault]:
    """What went wrong when the provider was loaded."""
    _ = provider.implementations
    return provider.faults
