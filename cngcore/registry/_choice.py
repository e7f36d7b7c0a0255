"""Choose one implementation among several, and say why.

:func:`choose` is a function of its arguments. Opening an algorithm takes its result, and ``cng explain`` prints it. The
order: the caller's ``implementation``; the caller's requirement; the configuration's ``prefer``; the ``cngcore_choose``
hook; the declared rank; the name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cngcore import windows
from cngcore._checks import check_number, check_text
from cngcore._nearest import has_no
from cngcore.constants import BCRYPT_ECC_CURVE_NAME, MS_PRIMITIVE_PROVIDER
from cngcore.provider import OPERATIONS
from cngcore.registry._discovery import normalized
from cngcore.status import AccessDeniedError, InvalidParameterError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cngcore.objects import Implementation
    from cngcore.registry._faults import Fault


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Wanted:
    """What the caller asks for: an algorithm, perhaps an implementation by name, and requirements.

    ``implementation`` is a name, or ``"distribution:name"``; ``"Microsoft Primitive Provider"`` means the default one.
    ``requirement`` has the keys ``key_length``, ``parameter_set``, ``curve`` and ``operation``, if given.
    """

    algorithm: str
    implementation: str | None
    requirement: Mapping[str, object]

    def check(self) -> None:
        """Raise InvalidParameterError for a value of a wrong type or an unknown operation."""
        check_text("an algorithm id", self.algorithm)
        for key in ("parameter_set", "curve", "operation"):
            if key in self.requirement:
                check_text(key, self.requirement[key])
        if "key_length" in self.requirement:
            check_number("key_length", self.requirement["key_length"])
        operation = self.requirement.get("operation")
        if operation is not None and operation not in OPERATIONS:
            raise InvalidParameterError(f"operation must be one of {', '.join(OPERATIONS)}, not {operation!r}")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Rules:
    """What decides beside the caller: preferred names, policies, and the ``cngcore_choose`` hook.

    ``forbidden`` returns why policies forbid an implementation, or an empty string; ``named`` returns the name that a
    hook gives for one of several implementations, or None.
    """

    prefer: Sequence[str]
    forbidden: Callable[[Implementation, Mapping[str, object]], str]
    named: Callable[[str, Sequence[Implementation], Mapping[str, object]], str | None]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Verdict:
    """What was decided about one implementation, and why.

    ``forbidden`` means by a policy. ``usable`` means that the caller can open it by name.
    """

    candidate: Implementation
    reason: str
    chosen: bool = False
    forbidden: bool = False
    usable: bool = False

    def to_dict(self) -> dict[str, object]:
        """Return the verdict for JSON."""
        return {
            "implementation": self.candidate.implementation,
            "distribution": self.candidate.distribution,
            "version": self.candidate.version,
            "rank": self.candidate.algorithm.rank,
            "chosen": self.chosen,
            "usable": self.usable,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Explanation:
    """The result of a choice: a :class:`Verdict` for each candidate, best first.

    :meth:`Registry.explain` adds ``not_admitted`` (distributions that the configuration keeps out), ``faults`` (of
    plug-ins that promise the algorithm), ``notes`` (names in the configuration that match nothing) and ``hint`` (what
    to install). ``implementation`` is the name that the caller asked for.
    """

    algorithm: str
    requirement: Mapping[str, object]
    verdicts: tuple[Verdict, ...]
    not_admitted: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    hint: str = ""
    implementation: str | None = None

    @property
    def chosen(self) -> Implementation | None:
        """The chosen implementation, or None."""
        return next((verdict.candidate for verdict in self.verdicts if verdict.chosen), None)

    @property
    def stranger(self) -> Implementation | None:
        """The chosen implementation, if its declared rank or its name put it before one of this project's own."""
        chosen = next((verdict for verdict in self.verdicts if verdict.chosen), None)
        if chosen is None or is_ours(chosen.candidate) or not chosen.reason.startswith(("its rank", "its name")):
            return None
        return chosen.candidate if any(is_ours(verdict.candidate) for verdict in self.verdicts) else None

    def required(self) -> Implementation:
        """Return the chosen implementation.

        Raise AccessDeniedError if policies forbid every implementation that meets the requirement, and NotFoundError if
        there is none.
        """
        if self.chosen is not None:
            return self.chosen
        name = self.implementation
        if self.verdicts and name is not None and not any(_is_named(one.candidate, name) for one in self.verdicts):
            known = [one.candidate.implementation for one in self.verdicts if is_introduced(one.candidate)]
            if known:
                raise NotFoundError(has_no(self.algorithm, "implementation", name, known))
        reasons = [f"{verdict.candidate.implementation}: {verdict.reason}" for verdict in self.verdicts]
        forbidden = [
            f"{verdict.candidate.implementation} {verdict.reason}" for verdict in self.verdicts if verdict.forbidden
        ]
        if forbidden:
            raise AccessDeniedError(f"{self.algorithm}: {'; '.join(forbidden)}")
        reasons = [*reasons, *self.not_admitted, *map(str, self.faults)] or [self.hint]
        raise NotFoundError(f"no installed provider serves {self.algorithm!r}: {'; '.join(filter(None, reasons))}")

    def to_dict(self) -> dict[str, object]:
        """Return the explanation for JSON."""
        return {
            "algorithm": self.algorithm,
            "requirement": dict(self.requirement),
            "chosen": self.chosen.implementation if self.chosen else None,
            "candidates": [verdict.to_dict() for verdict in self.verdicts],
            "not_admitted": list(self.not_admitted),
            "faults": [fault.to_dict() for fault in self.faults],
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        requirement = ", ".join(f"{key} {value}" for key, value in self.requirement.items())
        lines = [f"{self.algorithm}{' with ' + requirement if requirement else ''}:"]
        for verdict in self.verdicts:
            mark = "->" if verdict.chosen else "  "
            lines.append(f"  {mark} {verdict.candidate.implementation} ({verdict.candidate.origin}): {verdict.reason}")
        lines += [f"     {line}" for line in (*self.not_admitted, *self.faults, *self.notes)]
        if not self.verdicts:
            lines.append("     no implementation")
        return "\n".join(lines)


def choose(
    candidates: Sequence[Implementation], wanted: Wanted, rules: Rules, *, probe_all: bool = False
) -> Explanation:
    """Choose the best of ``candidates``, which come in the order of rank and name.

    Opening probes implementations until one is available; ``probe_all`` probes every suitable one, for an explanation.
    """
    rejected: list[Verdict] = []
    suitable: list[Implementation] = []
    for candidate in candidates:
        obstacle = _obstacle(candidate, wanted)
        forbidden = "" if obstacle else rules.forbidden(candidate, wanted.requirement)
        if obstacle or forbidden:
            rejected.append(Verdict(candidate, obstacle or forbidden, forbidden=bool(forbidden)))
        else:
            suitable.append(candidate)
    names = [candidate.implementation for candidate in candidates]
    while suitable:
        best, reason = _best(suitable, wanted, rules)
        higher = any(verdict.candidate.algorithm.rank > best.algorithm.rank for verdict in rejected)
        if higher and reason.startswith("its rank"):
            reason += " of those that can be used"
        suitable.remove(best)
        unavailable = _unavailable(best)
        if not unavailable:
            name = best.implementation if names.count(best.implementation) == 1 else full_name(best)
            later = [_later(other, name, probe_all) for other in suitable]
            chosen = Verdict(best, reason, chosen=True, usable=True)
            return Explanation(wanted.algorithm, wanted.requirement, (chosen, *later, *rejected))
        rejected.append(Verdict(best, unavailable))
    named = None if wanted.implementation == MS_PRIMITIVE_PROVIDER else wanted.implementation
    return Explanation(wanted.algorithm, wanted.requirement, tuple(rejected), implementation=named)


def is_ours(candidate: Implementation) -> bool:
    """Return whether an implementation comes from a distribution of this project."""
    from cngcore.registry._hints import OURS  # for an explanation only

    return candidate.distribution in OURS


def full_name(candidate: Implementation) -> str:
    """Return the name that belongs to one implementation only, whatever others are called."""
    return f"{candidate.distribution}:{candidate.implementation}"


def _later(other: Implementation, best: str, probe: bool) -> Verdict:
    """Return the verdict on a suitable implementation that comes after the best one."""
    unavailable = _unavailable(other) if probe else ""
    reason = unavailable or f"is suitable too, but comes after {best}"
    return Verdict(other, reason, usable=probe and not unavailable)


def _unavailable(candidate: Implementation) -> str:
    """Return why an implementation cannot work on this machine; an empty string if it can."""
    error = candidate.unavailable()
    return "" if error is None else f"unavailable: {error.reason}. {error.remedy}".strip()


def _obstacle(candidate: Implementation, wanted: Wanted) -> str:
    """Return why an implementation cannot serve, whatever the preferences; an empty string if it can."""
    declared, version = candidate.algorithm, candidate.windows
    if not is_introduced(candidate):
        return f"Windows {version} does not have it yet"
    name = wanted.implementation
    if name not in (None, MS_PRIMITIVE_PROVIDER) and not _is_named(candidate, str(name)):
        return f"the caller asked for the implementation {name!r}"
    length = wanted.requirement.get("key_length")
    if length is not None and candidate.rule is None:
        return "it has no keys"
    legal = candidate.legal_lengths()
    if length is not None and legal is not None and length not in legal:
        return f"it has no keys of {length} bits"
    parameter_set = wanted.requirement.get("parameter_set")
    if parameter_set is not None and parameter_set not in [known.name for known in declared.parameter_sets]:
        return f"it has no parameter set {parameter_set}"
    curve = wanted.requirement.get("curve")
    if curve is not None and not _has_curve(candidate, curve):
        return f"it has no curve {curve}"
    operation = wanted.requirement.get("operation")
    if operation is not None and operation not in declared.operations:
        return f"it does not support {operation}"
    return ""


def _has_curve(candidate: Implementation, curve: object) -> bool:
    """Return whether a declaration has a curve: as its only one, or among those that can be set."""
    declared = candidate.algorithm.properties.get(BCRYPT_ECC_CURVE_NAME)
    return declared is not None and curve in (declared.values or (declared.value,))


def is_introduced(candidate: Implementation) -> bool:
    """Return whether the configured Windows version has the algorithm."""
    introduced = windows.release(candidate.algorithm.introduced) <= windows.release(candidate.windows)
    return introduced and candidate.has("algorithm", candidate.name)


def _is_named(candidate: Implementation, name: str) -> bool:
    """Return whether ``name`` is the implementation's name, or ``"distribution:name"``."""
    distribution, separator, own = name.rpartition(":")
    if separator and normalized(distribution) == normalized(candidate.distribution):
        return own == candidate.implementation
    return name == candidate.implementation


def _best(suitable: Sequence[Implementation], wanted: Wanted, rules: Rules) -> tuple[Implementation, str]:
    """Return the best of one or more implementations, and the rule that decided."""
    if wanted.implementation not in (None, MS_PRIMITIVE_PROVIDER):
        return suitable[0], "the caller asked for it by name"
    if len(suitable) == 1:
        return suitable[0], "it is the only suitable one" if wanted.requirement else "it is the only one"
    for name in rules.prefer:
        for candidate in suitable:
            if name == candidate.implementation or normalized(name) == normalized(candidate.distribution):
                return candidate, f"the configuration prefers {name}"
    named = rules.named(wanted.algorithm, suitable, wanted.requirement)
    if named is not None:
        return next(one for one in suitable if one.implementation == named), "a cngcore_choose hook named it"
    if suitable[0].algorithm.rank > suitable[1].algorithm.rank:
        return suitable[0], f"its rank {suitable[0].algorithm.rank} is the highest"
    return suitable[0], "its name comes first among equal ranks"
