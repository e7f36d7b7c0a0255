"""Examine the installation for ``cng doctor``, without changing anything."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from importlib_metadata import version

from cngcore._nearest import install, nearest
from cngcore.constants import BCRYPT_ECC_CURVE_NAME
from cngcore.memory import LockedBuffer
from cngcore.policy import APPROVED, Rule, Subject
from cngcore.registry import Registry
from cngcore.status import CngError

if TYPE_CHECKING:
    from cngcore.objects import Implementation
    from cngcore.registry import Explanation

_OTHER_VARIABLES = ("CNGCORE_VECTORS", "CNGCORE_ALL_VECTORS", "CNGCORE_CONTRACT", "CNGCORE_TRACE")
"""Variables of this project that are no settings of a registry."""

_SETTINGS = ("PREFER", "ALLOW", "BLOCK", "WINDOWS", "STRICT", "POLICIES", "LOCK", "CONFIG")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined: ``ok`` is True, False, or None for a note; ``remedy`` says what to do."""

    section: str
    name: str
    ok: bool | None
    message: str
    remedy: str = ""


def examine(registry: Registry) -> list[Finding]:
    """Return the findings of everything except the self-tests."""
    registry.load_all()
    registry.key_formats()  # finds faults of them
    return [*_environment(), *_configuration(registry), *_providers(registry), *_implementations(registry)]


def _environment() -> Iterator[Finding]:
    section = "Environment"
    yield Finding(section, "cngcore", True, version("cngcore"))
    yield Finding(section, "Python", True, f"{platform.python_version()}, {platform.python_implementation()}")
    yield Finding(section, "system", True, platform.platform())
    if sys.flags.optimize:
        yield Finding(section, "python -O", None, "assertions are off; nothing here needs them")
    try:
        LockedBuffer(4096).close()
        yield Finding(section, "locked memory", True, "available")
    except CngError as error:
        yield Finding(section, "locked memory", None, error.message, "Only code that uses LockedBuffer needs it.")


def unknown_variables() -> Iterator[tuple[str, str]]:
    """Yield each environment variable that looks like a setting and is not one, and what is probably meant."""
    known = [*(f"CNGCORE_{name}" for name in _SETTINGS), *_OTHER_VARIABLES]
    for name in sorted(os.environ):
        if name.startswith("CNGCORE_") and name not in known:
            close = nearest(name, known)
            yield name, f"Did you mean {close}?" if close else f"The variables are {', '.join(known)}."


def _configuration(registry: Registry) -> Iterator[Finding]:
    section, settings = "Configuration", registry.settings
    there = os.path.exists(settings.source)
    yield Finding(section, "file", True, settings.source if there else f"none ({settings.source} would be read)")
    variables = [
        f"CNGCORE_{name}={os.environ[f'CNGCORE_{name}']}" for name in _SETTINGS if os.environ.get(f"CNGCORE_{name}")
    ]
    yield Finding(section, "environment", True, ", ".join(variables) or "nothing set")
    for name, remedy in unknown_variables():
        yield Finding(section, "environment", None, f"{name} is not a setting and has no effect", remedy)
    yield Finding(section, "behaves as", True, f"Windows {settings.windows}")
    if settings.prefer:
        yield Finding(section, "prefers", True, ", ".join(settings.prefer))
    for setting, name in registry.unknown_names():
        yield Finding(
            section, setting, None, f"nothing installed is called {name!r}",
            "Check the spelling: an implementation or a distribution, as 'cng algorithms' lists them."
            if setting == "prefer" else "Check the spelling: a distribution, as 'cng providers' lists them.",
        )  # fmt: skip
    try:
        watch = registry.watch()
    except CngError as error:
        yield Finding(
            section,
            "policies",
            False,
            error.message,
            "Install the policy or correct CNGCORE_POLICIES; until then no algorithm can be opened.",
        )
    else:
        policies = watch.policies if watch is not None else ()
        yield Finding(section, "policies", True, ", ".join(policy.name for policy in policies) or "none in force")
        for policy in policies:
            for rule in policy.rules if policy != APPROVED else ():
                for message, remedy in _without_effect(rule, registry):
                    yield Finding(section, f"policy {policy.name}", None, message, remedy)
    lock = settings.lock
    if lock is None:
        yield Finding(section, "lock", True, "none; 'cng providers lock' writes one")
        return
    yield Finding(section, "lock", True, f"{lock.path}, {len(lock.distributions)} distributions")
    for name, locked in registry.missing().items():
        remedy = f"Install {name} {locked}, or write the lock again: cng providers lock."
        yield Finding(section, "lock", None, f"{name} {locked} is in the lock but not installed", remedy)


def _without_effect(rule: Rule, registry: Registry) -> Iterator[tuple[str, str]]:
    """Yield a message and a remedy for each condition of a rule that nothing installed can fulfil."""
    algorithms = list(registry.algorithms())
    names = [name for name in algorithms if fnmatchcase(name, rule.algorithm)]
    candidates = [one for name in names for one in registry.candidates(name)]

    def said(condition: str, value: str, known: Iterable[str], listing: str) -> tuple[str, str]:
        meant = nearest(value, known)
        remedy = f"Did you mean {meant!r}? " if meant else ""
        return f"the rule for {condition}{value!r} matches no installed algorithm", f"{remedy}{listing}"

    if not names:
        yield said("", rule.algorithm, algorithms, "Names are case-sensitive; 'cng algorithms' lists them.")
        return
    for field in ("implementation", "distribution"):
        pattern = getattr(rule, field)
        known = list(dict.fromkeys(getattr(one, field) for one in candidates))
        back_ends = [one.algorithm.back_end for one in candidates] if field == "implementation" else []
        if not any(fnmatchcase(name, pattern) for name in (*known, *back_ends)):
            yield said(f"the {field} ", pattern, known, f"'cng algorithms {names[0]}' lists them.")
    sets = [known.name for one in candidates for known in one.algorithm.parameter_sets]
    for name in rule.parameter_sets:
        if name not in sets:
            yield said("the parameter set ", name, dict.fromkeys(sets), f"'cng algorithms {names[0]}' lists them.")
    modes = [mode.name for one in candidates for mode in one.algorithm.modes]
    for name in rule.modes:
        if name not in modes:
            has = f"The modes are {', '.join(dict.fromkeys(modes))}." if modes else f"{names[0]} has no modes."
            yield said("the mode ", name, dict.fromkeys(modes), has)
    held = [curve for one in candidates for curve in _curves(one)]
    for name in rule.curves:
        of_this_curve = Rule(rule.action, curves=(name,))
        if not any(of_this_curve.fits(Subject(names[0], curve=curve)) for curve in held):
            yield said("the curve ", name, dict.fromkeys(held), f"'cng algorithms {names[0]} --json' lists them.")


def _curves(candidate: Implementation) -> tuple[str, ...]:
    """Return the curves of an implementation: those that can be set, or its only one."""
    declared = candidate.algorithm.properties.get(BCRYPT_ECC_CURVE_NAME)
    return () if declared is None else tuple(map(str, declared.values or (declared.value,)))


def _providers(registry: Registry) -> Iterator[Finding]:
    section = "Providers"
    records = registry.providers()
    if not records:
        remedy = install("cngcore-rsa", "cngcore-ec")
        yield Finding(section, "providers", False, "none is installed", remedy)
    for record in records:
        name = f"{record['distribution']} {record['version']}"
        faults = [fault for fault in registry.faults() if fault.distribution == record["distribution"]]
        for fault in faults:
            where = f"{record['state']} at {fault.stage}" if fault.skips else "a key format is left out"
            yield Finding(section, name, False, f"{fault.reason} ({where})", fault.remedy)
        if not faults:
            admitted = record["state"] not in ("blocked", "not allowed")
            served = ", ".join(record["algorithms"]) or "hooks only"
            message = served if admitted else f"{record['state']} by the configuration"
            yield Finding(section, name, True if admitted else None, message)


def _implementations(registry: Registry) -> Iterator[Finding]:
    """Yield a finding for each implementation: its back end and version, or why it cannot work here."""
    section = "Implementations"
    explained = [] if registry.watch_is_broken() else [registry.explain(name) for name in registry.algorithms()]
    yield from _ambiguities(registry, explained)
    if not any(explanation.chosen for explanation in explained):
        yield Finding(
            section, "usable", False, "no algorithm can be opened",
            "See the configuration (allow, block, policies) and the providers above.",
        )  # fmt: skip
    seen: dict[tuple[str, str], list[str]] = {}
    for name in registry.algorithms():
        for candidate in registry.candidates(name):
            seen.setdefault((candidate.distribution, candidate.implementation), []).append(name)
    for (distribution, implementation), served in seen.items():
        candidate = next(one for one in registry.candidates(served[0]) if one.implementation == implementation)
        label = f"{implementation} ({distribution})"
        unavailable = candidate.unavailable()
        if unavailable is not None:
            yield Finding(section, label, None, unavailable.reason, unavailable.remedy)
            continue
        try:
            factory = candidate.factory()
            version = factory.back_end_version()
        except CngError as error:
            yield Finding(
                section, label, False, error.message, f"Reinstall {distribution}, or report it to its author."
            )
            continue
        back_end = f"{candidate.algorithm.back_end} {version}".strip()
        yield Finding(section, label, True, f"{back_end or 'no other library'}: {', '.join(served)}")


def _ambiguities(registry: Registry, explained: Iterable[Explanation]) -> Iterator[Finding]:
    """Yield a note for each name that two distributions share, and for each default that a stranger took over."""
    section = "Implementations"
    shared: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    taken: dict[str, list[str]] = {}
    for name in registry.algorithms():
        by_name: dict[str, list[str]] = {}
        for one in registry.candidates(name):
            by_name.setdefault(one.implementation, []).append(one.distribution)
        for implementation, owners in by_name.items():
            if len(owners) > 1:
                shared.setdefault((implementation, tuple(owners)), []).append(name)
    for explanation in explained:
        if explanation.stranger is not None:
            taken.setdefault(explanation.stranger.distribution, []).append(explanation.algorithm)
    for (implementation, distributions), names in shared.items():
        full = " or ".join(f"{distribution}:{implementation}" for distribution in distributions)
        yield Finding(
            section, implementation, None, f"{' and '.join(distributions)} both use this name for {', '.join(names)}",
            f"Name one as {full}.",
        )  # fmt: skip
    for distribution, names in taken.items():
        yield Finding(
            section, distribution, None, f"it is the default for {', '.join(names)} instead of cngcore's own provider",
            "If you did not intend that, remove it, or keep out what you did not choose: write a lock ('cng providers "
            "lock', CNGCORE_LOCK), or list the distributions in CNGCORE_ALLOW.",
        )  # fmt: skip
