"""Rules, policies, and the judgement of a key by them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from cngcore.policy._names import canonical_curve, canonical_mode, canonical_set, check_curve
from cngcore.status import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ACTIONS = ("allow", "warn", "use-only", "forbid")
"""From lenient to strict. ``use-only``: keys may be imported and used but not created; ``forbid``: neither."""

USES = ("sign", "verify", "encrypt", "decrypt", "agree", "encapsulate", "decapsulate", "derive", "export")
"""The uses of a key that a rule can name."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a policy judges: an implementation of an algorithm, and what is known of a key.

    ``length`` is in bits. ``back_end`` names the library that holds the key, if that is known. ``use`` is one of
    :data:`USES`, ``"create"`` or ``"import"``; empty means the algorithm itself.
    """

    algorithm: str
    implementation: str = ""
    distribution: str = ""
    length: int | None = None
    parameter_set: str | None = None
    curve: str | None = None
    use: str = ""
    back_end: str = ""
    mode: str | None = None

    def __str__(self) -> str:
        length = f"{self.length} bits" if self.length else ""
        of = [length, self.parameter_set or "", self.curve or "", self.mode or ""]
        return " ".join([self.algorithm, *filter(None, of)])


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a policy.

    ``algorithm``, ``implementation`` and ``distribution`` are shell patterns (``"ECDH*"``), case-sensitive.
    ``implementation`` matches the name of the library that holds the key too. ``curves`` and ``parameter_sets`` name a
    curve or a set by any of its names. ``modes`` names chaining modes, ``"ECB"`` or ``"ChainingModeECB"``; the mode of
    a key is known when the key is used. ``shorter_than`` and ``longer_than`` are bits. A rule with one of them, or with
    ``parameter_sets``, ``curves``, ``modes`` or ``uses``, matches only if that fact is known and fulfils the condition.
    ``reason`` appears in the error message.

    Raises InvalidParameterError for an unknown action, use or curve, and for a bound that is not a number of bits.
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
    modes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise InvalidParameterError(f"a rule's action is one of {', '.join(ACTIONS)}, not {self.action!r}")
        for name in ("parameter_sets", "curves", "uses", "modes"):
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
        object.__setattr__(self, "curves", tuple(map(check_curve, self.curves)))
        object.__setattr__(self, "parameter_sets", tuple(map(canonical_set, self.parameter_sets)))
        object.__setattr__(self, "modes", tuple(map(canonical_mode, self.modes)))
        unknown = set(self.uses) - set(USES)
        if unknown:
            raise InvalidParameterError(f"a rule's uses are out of {', '.join(USES)}, not {', '.join(sorted(unknown))}")

    @classmethod
    def from_mapping(cls, table: Mapping[str, object]) -> Rule:
        """Return the rule of a ``[[rule]]`` table. Raise InvalidParameterError for an unknown or a missing key."""
        known = [field.name for field in fields(cls)]
        unknown = sorted(table.keys() - set(known))
        if unknown or "action" not in table:
            wrong = f"has no {', '.join(unknown)}" if unknown else "needs an action"
            raise InvalidParameterError(f"a rule {wrong}; its keys are {', '.join(known)}")
        lists = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
        return cls(**lists)  # type: ignore[arg-type]

    def fits(self, subject: Subject) -> bool:
        """Return whether this rule matches ``subject``. An unknown fact matches no condition."""
        length = subject.length
        return (
            fnmatchcase(subject.algorithm, self.algorithm)
            and (
                fnmatchcase(subject.implementation, self.implementation)
                or (subject.back_end != "" and fnmatchcase(subject.back_end, self.implementation))
            )
            and fnmatchcase(subject.distribution, self.distribution)
            and (self.shorter_than is None or (length is not None and length < self.shorter_than))
            and (self.longer_than is None or (length is not None and length > self.longer_than))
            and (not self.parameter_sets or canonical_set(subject.parameter_set or "") in self.parameter_sets)
            and (not self.curves or canonical_curve(subject.curve or "") in self.curves)
            and (not self.modes or canonical_mode(subject.mode or "") in self.modes)
            and (not self.uses or subject.use in self.uses)
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """An ordered list of rules. The first that matches decides; if none matches, everything is allowed."""

    name: str
    rules: Sequence[Rule]
    description: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", tuple(self.rules))

    def judge(self, subject: Subject) -> Judgement:
        """Return the judgement of the first rule that matches ``subject``."""
        for rule in self.rules:
            if rule.fits(subject):
                return Judgement(rule.action, self.name, rule.reason)
        return ALLOWED


@dataclass(frozen=True, slots=True)
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
        text = {
            "allow": "is allowed",
            "warn": "is discouraged",
            "use-only": "is for existing keys only",
            "forbid": "is forbidden",
        }[self.action]
        return f"{text} by the policy {self.policy!r}" + (f": {self.reason}" if self.reason else "")


ALLOWED = Judgement("allow")


def judge(policies: Iterable[Policy], subject: Subject) -> Judgement:
    """Return the strictest judgement of the policies; the first of several that are equally strict."""
    judgements = (policy.judge(subject) for policy in policies)
    return max(judgements, key=lambda one: ACTIONS.index(one.action), default=ALLOWED)
