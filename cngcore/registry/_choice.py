"""Why this implementation and not the others: the choice, and its reasons.

There is one function that chooses, and it keeps notes; what :meth:`Registry.explain` shows is how
:meth:`Registry.open_algorithm_provider` decided, not a second account of it.
"""

from cngcore import windows
from cngcore._checks import check_number, check_text
from cngcore._diagnostics import Fault
from cngcore.constants import MS_PRIMITIVE_PROVIDER
from cngcore.objects._implementation import Candidate
from cngcore.provider import OPERATIONS, Algorithm
from cngcore.registry._discovery import normalized
from cngcore.status import AccessDeniedError, InvalidParameterError, NotFoundError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cngcore.registry._registry import Registry


class Verdict:
    """What was decided of one candidate, and why."""

    __slots__ = ("candidate", "chosen", "forbidden", "reason")

    def __init__(self, candidate: Candidate, reason: str, chosen: bool = False, forbidden: bool = False) -> None:
        self.candidate = candidate
        self.reason = reason
        self.chosen = chosen
        self.forbidden = forbidden  # by a policy

    def to_dict(self) -> "dict[str, object]":
        """For JSON."""
        return {
            "implementation": self.candidate.implementation,
            "distribution": self.candidate.distribution,
            "version": self.candidate.version,
            "rank": self.candidate.algorithm.rank,
            "chosen": self.chosen,
            "reason": self.reason,
        }

    def __repr__(self) -> str:
        return f"<Verdict {self.candidate.implementation}: {'chosen' if self.chosen else 'passed over'}, {self.reason}>"


class Explanation:
    """The outcome of a choice: ``chosen`` or None, a :class:`Verdict` for each candidate, the requirement, faults."""

    def __init__(
        self, registry: "Registry", algorithm: str, requirement: "Mapping[str, object]", verdicts: "list[Verdict]"
    ) -> None:
        self.algorithm = algorithm
        self.requirement = dict(requirement)
        self.verdicts = verdicts
        self.not_admitted = _not_admitted(registry, algorithm)
        self.faults: list[Fault] = registry.faults_of(algorithm)
        self._registry = registry

    @property
    def chosen(self) -> Candidate | None:
        return next((verdict.candidate for verdict in self.verdicts if verdict.chosen), None)

    def required(self) -> Candidate:
        """The chosen one; AccessDeniedError where policies forbid all that would do, else NotFoundError."""
        if self.chosen is not None:
            return self.chosen
        forbidden = [
            f"{verdict.candidate.implementation} {verdict.reason}" for verdict in self.verdicts if verdict.forbidden
        ]
        if forbidden:
            raise AccessDeniedError(f"{self.algorithm}: {'; '.join(forbidden)}")
        reasons = [f"{verdict.candidate.implementation}: {verdict.reason}" for verdict in self.verdicts]
        raise _not_found(self._registry, self.algorithm, [*reasons, *self.not_admitted])

    @property
    def notes(self) -> "list[str]":
        """What an operator may have mistyped; a line for each name in the configuration that nothing installed has."""
        return [f"the configuration has {name!r} in {setting}, which nothing installed is called"
                for setting, name in unknown_names(self._registry)]  # fmt: skip

    def to_dict(self) -> "dict[str, object]":
        """For JSON."""
        return {
            "algorithm": self.algorithm,
            "requirement": self.requirement,
            "chosen": self.chosen.implementation if self.chosen else None,
            "candidates": [verdict.to_dict() for verdict in self.verdicts],
            "not_admitted": self.not_admitted,
            "faults": [fault.to_dict() for fault in self.faults],
            "notes": self.notes,
        }

    def __str__(self) -> str:
        asked = ", ".join(f"{key} {value}" for key, value in self.requirement.items())
        lines = [f"{self.algorithm}{' with ' + asked if asked else ''}:"]
        for verdict in self.verdicts:
            one = verdict.candidate
            mark = "->" if verdict.chosen else "  "
            lines.append(f"  {mark} {one.implementation} ({one.distribution} {one.version}): {verdict.reason}")
        lines += [f"     {line}" for line in self.not_admitted]
        lines += [f"     {fault}" for fault in self.faults]
        lines += [f"     {note}" for note in self.notes]
        if not self.verdicts:
            lines.append("     no implementation")
        return "\n".join(lines)


def explain(
    registry: "Registry", name: str, implementation: str | None, requirement: "Mapping[str, object]"
) -> Explanation:
    """Choose, in the order the registry's docstring gives, and say why at every step."""
    if implementation == MS_PRIMITIVE_PROVIDER:
        implementation = None
    check_text("an algorithm id", name)
    for key in ("parameter_set", "operation"):
        if key in requirement:
            check_text(key, requirement[key])
    if "key_length" in requirement:
        check_number("key_length", requirement["key_length"])
    operation = requirement.get("operation")
    if operation is not None and operation not in OPERATIONS:
        raise InvalidParameterError(f"operation is one of {', '.join(OPERATIONS)}, not {operation!r}")
    verdicts: list[Verdict] = []
    fitting: list[Candidate] = []
    for candidate in registry.candidates(name):
        obstacle = _obstacle(registry, candidate, implementation, requirement)
        forbidden = "" if obstacle else _forbidden(registry, candidate, requirement)
        if obstacle or forbidden:
            verdicts.append(Verdict(candidate, obstacle or forbidden, forbidden=bool(forbidden)))
        else:
            fitting.append(candidate)
    while fitting:
        chosen, reason = _best(registry, name, fitting, implementation, requirement)
        unavailable = chosen.unavailable()
        fitting.remove(chosen)
        if unavailable is None:
            passed = [Verdict(other, f"fits too, but comes after {chosen.implementation}") for other in fitting]
            verdicts = [Verdict(chosen, reason, chosen=True), *passed, *verdicts]
            break
        verdicts.append(Verdict(chosen, f"unavailable: {unavailable.reason}. {unavailable.remedy}".strip()))
    return Explanation(registry, name, requirement, verdicts)


def _obstacle(
    registry: "Registry", candidate: Candidate, implementation: str | None, requirement: "Mapping[str, object]"
) -> str:
    """Why a candidate is out before any preference counts; empty if it is not."""
    declared, version = candidate.algorithm, registry.settings.windows
    if windows.release(declared.introduced) > windows.release(version) or not windows.has(
        version, "algorithm", declared.name
    ):
        return f"Windows {version} does not have it yet"
    if implementation is not None and implementation != declared.implementation:
        return f"the caller asked for the implementation {implementation!r}"
    return _unmet(declared, version, requirement)


def _forbidden(registry: "Registry", candidate: Candidate, requirement: "Mapping[str, object]") -> str:
    """What a policy says against a candidate that would do; empty if none forbids it."""
    watch = registry.watch()
    if watch is None:
        return ""
    from cngcore.policy import Subject

    length, parameter_set = requirement.get("key_length"), requirement.get("parameter_set")
    judgement = watch.judge(
        Subject(
            candidate.algorithm.name,
            candidate.implementation,
            candidate.distribution,
            length if isinstance(length, int) else None,
            parameter_set if isinstance(parameter_set, str) else None,
        )
    )
    return str(judgement) if judgement.refuses_use else ""


def _unmet(declared: Algorithm, version: str, requirement: "Mapping[str, object]") -> str:
    """Which of the caller's requirements a declaration does not meet; empty if it meets all."""
    length = requirement.get("key_length")
    rule = declared.key_lengths.for_windows(version) if declared.key_lengths is not None else None
    if length is not None and rule is None:
        return "it has no keys"
    if length is not None and rule and rule.legal is not None and length not in rule.legal:
        return f"it has no keys of {length} bits"
    wanted = requirement.get("parameter_set")
    if wanted is not None and wanted not in [known.name for known in declared.parameter_sets]:
        return f"it has no parameter set {wanted}"
    operation = requirement.get("operation")
    if operation is not None and operation not in declared.operations:
        return f"it is not for {operation}"
    return ""


def _best(
    registry: "Registry",
    name: str,
    fitting: "list[Candidate]",
    implementation: str | None,
    requirement: "Mapping[str, object]",
) -> "tuple[Candidate, str]":
    if implementation is not None:
        return fitting[0], "the caller asked for it by name"
    if len(fitting) == 1:
        return fitting[0], "it is the only one that fits" if requirement else "it is the only one"
    for wanted in registry.settings.prefer:
        for candidate in fitting:
            if wanted == candidate.implementation or normalized(wanted) == normalized(candidate.distribution):
                return candidate, f"the configuration prefers {wanted}"
    named = registry.ask_hook(name, fitting, requirement)
    if named is not None:
        return next(one for one in fitting if one.implementation == named), "a cngcore_choose hook named it"
    if fitting[0].algorithm.rank > fitting[1].algorithm.rank:
        return fitting[0], f"its rank {fitting[0].algorithm.rank} is the highest"
    return fitting[0], "among equal ranks its name comes first"


def _not_admitted(registry: "Registry", name: str) -> "list[str]":
    """A line for each distribution whose code was not imported, because the operator said so."""
    if not registry.settings.block and registry.settings.allow is None:
        return []
    return [
        f"{record['distribution']} {record['version']}: {record['state']} by the configuration, never imported"
        for record in registry.providers()
        if record["state"] in ("blocked", "not allowed") and name in record["algorithms"]
    ]


def unknown_names(registry: "Registry") -> "list[tuple[str, str]]":
    """(setting, name) for each name in prefer, allow and block that nothing installed has.

    What is preferred may be an implementation, so every admitted declaration is imported, if such a name is not a
    distribution's.
    """
    settings = registry.settings
    installed = {normalized(str(record["distribution"])) for record in registry.providers()}
    named = [("allow", name) for name in sorted(settings.allow or ())]
    named += [("block", name) for name in sorted(settings.block)]
    unknown = [(setting, name) for setting, name in named if name and name not in installed]
    preferred = [name for name in settings.prefer if name and normalized(name) not in installed]
    if preferred:
        registry.load_all()
        implementations = {one.implementation for name in registry.algorithms() for one in registry.candidates(name)}
        unknown = [*(("prefer", name) for name in preferred if name not in implementations), *unknown]
    return unknown


_HOMES = {
    "ECDSA": "cngcore-ec",
    "ECDH": "cngcore-ec",
    "RSA": "cngcore-rsa",
    "DSA": "cngcore-dsa",
    "DH": "cngcore-dh",
    "ML-DSA": "cngcore-mldsa",
    "ML-KEM": "cngcore-mlkem",
}
"""Which distribution of ours serves the algorithms whose names begin so; for the hint in an error."""


def _not_found(registry: "Registry", name: str, reasons: "Iterable[str]") -> NotFoundError:
    """The error for an algorithm nobody serves: it says who might have, and what to do."""
    told = [reason for reason in reasons if reason]
    told += [str(fault) for fault in registry.faults_of(name)]
    if not told:
        package = next((home for start, home in _HOMES.items() if name.startswith(start)), None)
        told = [f"install one that does: pip install {package}" if package else "'cng algorithms' lists what there is"]
    return NotFoundError(f"no installed provider serves {name!r}: {'; '.join(told)}")
