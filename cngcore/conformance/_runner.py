"""Turn a provider into cases, run them, and collect the report."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from types import FrameType, TracebackType

from cngcore.conformance._check import EXCLUDED, Check, Failure, Outcome, Skip
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
        """Return the implementation of the subject; None if it is the whole provider."""
        if isinstance(self.subject, Provider):
            return None
        return self.subject.implementation if isinstance(self.subject, Kind) else self.subject

    @property
    def id(self) -> str:
        """Return an identifier such as ``signature-format[ECDSA_P256/acme/256 bits]``."""
        outcome = self.outcome()
        where = [part for part in (outcome.algorithm, outcome.implementation, outcome.kind) if part]
        return f"{self.check.name}[{'/'.join(where) or self.provider.name}]"

    def outcome(self) -> Outcome:
        """Return an empty outcome of this case."""
        one = self.implementation
        if one is None:
            return Outcome(self.check.name, "", "", "")
        kind = str(self.subject) if isinstance(self.subject, Kind) else ""
        return Outcome(self.check.name, one.algorithm.name, one.algorithm.implementation, kind)

    def run(self) -> Outcome:
        """Run the check. Only KeyboardInterrupt is raised."""
        outcome = self.outcome()
        begun = time.perf_counter()
        without = self.subject.none_made if isinstance(self.subject, Kind) else ""
        try:
            with using(self.provider.registry()):  # the flat API uses only this provider
                self._require_not_excluded()
                self._require_factory()
                self._require_end_before()
                outcome.note = self._within_limit() or ""
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

    def _require_not_excluded(self) -> None:
        """Raise Skip if the provider excludes the check; what says so must be right itself."""
        one = self.implementation
        if one is not None and self.check.name not in WITHOUT_BACK_END and self.check.name in one.kit_data.exclusions:
            raise Skip(f"{EXCLUDED}{one.kit_data.exclusions[self.check.name]}")

    def _require_end_before(self) -> None:
        """Raise Skip if an earlier check of this implementation did not end: what it holds may be held for ever."""
        one = self.implementation
        if one is not None and one.stuck:
            raise Skip(f"the check {one.stuck} did not end, and what it holds may be held for ever")

    def _within_limit(self) -> str | None:
        """Run the check in a thread of its own. Raise Failure with the provider's lines if it does not end in time."""
        answers: list[str | None] = []
        errors: list[BaseException] = []

        def run() -> None:
            try:
                answers.append(self.check.function(self.subject))
            except BaseException as error:
                errors.append(error)

        limit = SLOW_LIMIT if self.provider.options.slow else LIMIT
        thread = threading.Thread(target=run, name=f"conformance {self.check.name}", daemon=True)
        thread.start()
        thread.join(limit)
        if thread.is_alive():
            if self.implementation is not None:
                self.implementation.stuck = self.check.name
            frame = sys._current_frames().get(thread.ident or 0)
            raise Failure(
                f"an end within {limit:.0f} s", f"none; it waits at {_waiting_at(frame)}", "running the check", _STUCK
            )
        if errors:
            raise errors[0]
        return answers[0]

    def _require_factory(self) -> None:
        """Raise Skip if the factory cannot be made; the check ``factory`` reports this once."""
        one = self.implementation
        if one is not None and self.check.name not in WITHOUT_FACTORY and not one.factory_works:
            raise Skip("its factory cannot be made: see the check factory")


LIMIT, SLOW_LIMIT = 300.0, 7200.0
"""Seconds that a check may take, without and with --cng-slow."""

_STUCK = (
    "Release every lock when a call fails too, with 'with' or 'finally'; wait for nothing that another call must do."
)


def _waiting_at(frame: FrameType | None) -> str:
    """Return the innermost lines outside of cngcore that a thread is at, the innermost first."""
    lines = traceback.extract_stack(frame) if frame is not None else []
    outside = [
        one for one in lines if os.sep + "cngcore" + os.sep not in one.filename and "threading" not in one.filename
    ]
    chosen = (outside or list(lines))[-3:]
    return ", called by ".join(
        f"{os.path.basename(one.filename)}:{one.lineno} in {one.name}" for one in reversed(chosen)
    )


_RULES = {
    "length-rule": "key_lengths", "key-lengths": "key_lengths", "length-honoured": "key_lengths",
    "length-longest": "key_lengths", "generate-flags": "generate_flags", "parameter-sets": "parameter_sets",
    "parameter-set-sizes": "parameter_sets",
}  # fmt: skip


def _sources(one: Implementation, outcome: Outcome) -> str:
    """Return the source that the declaration names for the rules in question."""
    named_sources = one.algorithm.sources.items()
    return "; ".join(
        f"{name}: {text}" for name, text in named_sources if name == _RULES.get(outcome.check) or name in outcome.doing
    )


def _told(error: BaseException) -> str:
    """Return only the type of a foreign error, because its text could contain key bytes."""
    return f"{type(error).__name__} raised"


def _place(trace: TracebackType | None) -> str:
    """Return the innermost line of the kit, such as ``checks/signatures.py:88``."""
    frames = [frame for frame in traceback.extract_tb(trace) if frame.filename.startswith(_HERE)]
    own = [frame for frame in frames if os.sep + "checks" + os.sep in frame.filename] or frames
    if not own:
        return ""
    return f"cngcore/conformance/{os.path.relpath(own[-1].filename, _HERE)}:{own[-1].lineno}".replace(os.sep, "/")


def cases(provider: Provider, algorithms: Iterable[str] | None = None) -> Iterator[Case]:
    """Yield every case of a provider, in the order of the report; only of ``algorithms`` if given."""
    checks = load().values()
    for check in checks:
        if check.level == "provider" and not _unneeded(check, provider):
            yield Case(check, provider)
    selected = None if algorithms is None else set(algorithms)
    for one in provider.implementations:
        if selected is not None and one.algorithm.name not in selected:
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
    """Return the kinds of key; none if the declaration raises, which its own checks report."""
    try:
        return one.kinds
    except KeyboardInterrupt:
        raise
    except BaseException:
        return ()


WITHOUT_BACK_END = ("probe", "declaration")
"""Checks that run even if the probe of an implementation says that it cannot work here."""


WITHOUT_FACTORY = (*WITHOUT_BACK_END, "factory", "open-flags", "length-rule", "key-lengths", "no-key-pairs")
"""Checks of the declaration alone; all others need the factory."""


def applies(check: Check, one: Implementation) -> bool:
    return not why_not(check, one)


def why_not(check: Check, one: Implementation) -> str:
    """Return why a check does not apply to an implementation, or ""."""
    if check.operations and not check.operations & one.algorithm.operations:
        return f"it is not for {' or '.join(sorted(check.operations))}"
    if check.level == "key" and not one.has_keys:
        return "it has no key pairs"
    return _unneeded(check, one)


def _unneeded(check: Check, one: Provider | Implementation) -> str:
    """Return what ``needs`` of a check says of a provider or an implementation."""
    try:
        return check.needs(one) if check.needs is not None else ""
    except KeyboardInterrupt:
        raise
    except BaseException:
        return ""  # the check will meet the error again, and fail


def not_applicable(provider: Provider) -> dict[str, dict[str, str]]:
    """Return the checks that do not apply and why, for every implementation."""
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
    """Test a provider without pytest. The arguments are those of the command line.

    ``provider`` is a distribution, a module or ``distribution:module``; ``algorithms`` and ``checks`` limit the run.
    Raise UnknownProviderError if there is no such provider, LookupError for an unknown check, FileNotFoundError if
    ``vectors`` does not exist.
    """
    selected = None if checks is None else set(checks)
    unknown = sorted((selected or set()) - load().keys())
    if unknown:
        raise LookupError(f"there is no check named {', '.join(unknown)}; the checks are {', '.join(load())}")
    found = Provider.find(provider, Options(slow, vectors, longest))
    report = Report.of(found)
    for case in cases(found, algorithms):
        if selected is None or case.check.name in selected:
            report.add(case.run())
    report.finish(found.faults, not_applicable(found))
    return report


def faults_of(provider: Provider) -> list[Fault]:
    """Return the faults that occurred while the provider was loaded."""
    _ = provider.implementations
    return provider.faults
