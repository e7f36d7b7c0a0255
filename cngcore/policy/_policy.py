"""What an operator forbids, leaves to existing keys only, or warns about.

A :class:`Policy` is a name and an ordered list of :class:`Rule`; the first rule that fits decides for its policy, and
of several policies the strictest one wins. Policies come from plug-ins (the hook ``cngcore_policies``), from the tables
``[[rule]]`` of ``cngcore.toml``, and from this package (:mod:`cngcore.policy._approved`). What they refuse is
STATUS_ACCESS_DENIED, with the policy and its reason in the message (docs/decisions/policy.md).

Where no policy is in force none of this is imported, and keys are plain ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase

from cngcore.status import InvalidParameterError

__all__ = ["ACTIONS", "USES", "Judgement", "Policy", "Rule", "Subject", "judge"]

ACTIONS = ("allow", "warn", "use-only", "forbid")
"""From lenient to strict. ``use-only``: keys may be imported and used, not created; ``forbid``: neither."""

USES = ("sign", "verify", "encrypt", "decrypt", "agree", "encapsulate", "decapsulate", "export")
"""What a rule may single out."""


@dataclass(frozen=True)
class Subject:
    """What is judged: an implementation of an algorithm, and as much of a key as is known.

    ``length`` is in bits; ``use`` one of :data:`USES`, or ``"create"``, ``"import"``, or empty for the algorithm as
    such.
    """

    algorithm: str
    implementation: str = ""
    distribution: str = ""
    length: int | None = None
    parameter_set: str | None = None
    curve: str | None = None
    use: str = ""

    def __str__(self) -> str:
        of = [f"{self.length} bits" if self.length else "", self.parameter_set or "", self.curve or ""]
        return " ".join([self.algorithm, *filter(None, of)])


@dataclass(frozen=True)
class Rule:
    """One line of a policy.

    ``algorithm``, ``implementation`` and ``distribution`` are shell patterns (``"ECDH*"``), case-sensitive.
    ``shorter_than`` and ``longer_than`` are bits; with them, ``parameter_sets``, ``curves`` or ``uses`` a rule fits
    only where that is known and so. ``reason`` is shown to whoever is refused.

    Raises InvalidParameterError for an unknown action or use, and for a bound that is no number of bits.
    """

    action: str
    algorithm: str = "*"
    reason: str = ""
    implementation: str = "*"
    distribution: str = "*"
    shorter_than: int | None = None
    longer_than: int | None = None
    parameter_sets: tuple[str, ...] = ()
    curves: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise InvalidParameterError(f"a rule's action is one of {', '.join(ACTIONS)}, not {self.action!r}")
        for name in ("parameter_sets", "curves", "uses"):
            value = getattr(self, name)
            if isinstance(value, str) or not all(isinstance(item, str) for item in value):
                raise InvalidParameterError(f"a rule's {name} is a list of names, not {value!r}")
            object.__setattr__(self, name, tuple(value))
        for name in ("algorithm", "reason", "implementation", "distribution"):
            if not isinstance(getattr(self, name), str):
                raise InvalidParameterError(f"a rule's {name} is a string, not {getattr(self, name)!r}")
        for name in ("shorter_than", "longer_than"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
                raise InvalidParameterError(f"a rule's {name} is a number of bits, not {value!r}")
        unknown = set(self.uses) - set(USES)
        if unknown:
            raise InvalidParameterError(f"a rule's uses are out of {', '.join(USES)}, not {', '.join(sorted(unknown))}")

    @classmethod
    def from_mapping(cls, table: Mapping[str, object]) -> Rule:
        """The rule of a ``[[rule]]`` table; InvalidParameterError for an unknown or a missing key."""
        known = [field.name for field in fields(cls)]
        unknown = sorted(table.keys() - set(known))
        if unknown or "action" not in table:
            wrong = f"has no {', '.join(unknown)}" if unknown else "needs an action"
            raise InvalidParameterError(f"a rule {wrong}; its keys are {', '.join(known)}")
        lists = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
        return cls(**lists)  # type: ignore[arg-type]

    def fits(self, subject: Subject) -> bool:
        """Whether this rule is about ``subject``. What is not known of it fits no condition."""
        length = subject.length
        return (
            fnmatchcase(subject.algorithm, self.algorithm)
            and fnmatchcase(subject.implementation, self.implementation)
            and fnmatchcase(subject.distribution, self.distribution)
            and (self.shorter_than is None or (length is not None and length < self.shorter_than))
            and (self.longer_than is None or (length is not None and length > self.longer_than))
            and (not self.parameter_sets or subject.parameter_set in self.parameter_sets)
            and (not self.curves or subject.curve in self.curves)
            and (not self.uses or subject.use in self.uses)
        )


@dataclass(frozen=True)
class Policy:
    """An ordered list of rules; the first that fits decides, and where none fits all is allowed."""

    name: str
    rules: tuple[Rule, ...]
    description: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", tuple(self.rules))

    def judge(self, subject: Subject) -> Judgement:
        """What this policy says of ``subject``."""
        for rule in self.rules:
            if rule.fits(subject):
                return Judgement(rule.action, self.name, rule.reason)
        return ALLOWED


@dataclass(frozen=True)
class Judgement:
    """An action, the policy it comes from, and the policy's reason."""

    action: str
    policy: str = ""
    reason: str = ""

    @property
    def refuses_creation(self) -> bool:
        return self.action in ("use-only", "forbid")

    @property
    def refuses_use(self) -> bool:
        return self.action == "forbid"

    def __str__(self) -> str:
        said = {
            "allow": "is allowed",
            "warn": "is discouraged",
            "use-only": "is for existing keys only",
            "forbid": "is forbidden",
        }[self.action]
        return f"{said} by the policy {self.policy!r}" + (f": {self.reason}" if self.reason else "")


ALLOWED = Judgement("allow")


def judge(policies: Iterable[Policy], subject: Subject) -> Judgement:
    """The strictest of what the policies say; the first of them where several say the same."""
    judgements = (policy.judge(subject) for policy in policies)
    return max(judgements, key=lambda one: ACTIONS.index(one.action), default=ALLOWED)
