"""Examine the installation for ``cng doctor``, without changing anything."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from cngcore import __version__
from cngcore.memory import LockedBuffer
from cngcore.registry import Registry
from cngcore.status import CngError

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
    return [*_environment(), *_configuration(registry), *_providers(registry), *_implementations(registry)]


def _environment() -> Iterator[Finding]:
    section = "Environment"
    yield Finding(section, "cngcore", True, __version__)
    yield Finding(section, "Python", True, f"{platform.python_version()}, {platform.python_implementation()}")
    yield Finding(section, "system", True, platform.platform())
    if sys.flags.optimize:
        yield Finding(section, "python -O", None, "assertions are off; nothing here needs them")
    try:
        LockedBuffer(4096).close()
        yield Finding(section, "locked memory", True, "available")
    except CngError as error:
        yield Finding(section, "locked memory", None, error.message, "Only code that uses LockedBuffer needs it.")


def _configuration(registry: Registry) -> Iterator[Finding]:
    section, settings = "Configuration", registry.settings
    there = os.path.exists(settings.source)
    yield Finding(section, "file", True, settings.source if there else f"none ({settings.source} would be read)")
    variables = [
        f"CNGCORE_{name}={os.environ[f'CNGCORE_{name}']}" for name in _SETTINGS if os.environ.get(f"CNGCORE_{name}")
    ]
    yield Finding(section, "environment", True, ", ".join(variables) or "nothing set")
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
        names = [policy.name for policy in watch.policies] if watch is not None else []
        yield Finding(section, "policies", True, ", ".join(names) or "none in force")
    lock = settings.lock
    if lock is None:
        yield Finding(section, "lock", True, "none; 'cng providers lock' writes one")
        return
    yield Finding(section, "lock", True, f"{lock.path}, {len(lock.distributions)} distributions")
    installed = {str(record["distribution"]) for record in registry.providers()}
    for name in sorted(lock.distributions.keys() - installed):
        yield Finding(section, "lock", None, f"{name} is in the lock but not installed", f"pip install {name}")


def _providers(registry: Registry) -> Iterator[Finding]:
    section = "Providers"
    records = registry.providers()
    if not records:
        remedy = "pip install cngcore-rsa cngcore-ec"
        yield Finding(section, "providers", False, "none is installed", remedy)
    for record in records:
        name = f"{record['distribution']} {record['version']}"
        faults = [fault for fault in registry.faults() if fault.distribution == record["distribution"]]
        for fault in faults:
            yield Finding(section, name, False, f"{fault.reason} ({record['state']} at {fault.stage})", fault.remedy)
        if not faults:
            admitted = record["state"] not in ("blocked", "not allowed")
            served = ", ".join(record["algorithms"]) or "hooks only"
            message = served if admitted else f"{record['state']} by the configuration"
            yield Finding(section, name, True if admitted else None, message)


def _implementations(registry: Registry) -> Iterator[Finding]:
    """Yield a finding for each implementation: its back end and version, or why it cannot work here."""
    section = "Implementations"
    seen: dict[tuple[str, str], list[str]] = {}
    for name in registry.algorithms():
        for candidate in registry.candidates(name):
            seen.setdefault((candidate.distribution, candidate.implementation), []).append(name)
    for (distribution, implementation), names in seen.items():
        candidate = next(one for one in registry.candidates(names[0]) if one.implementation == implementation)
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
        yield Finding(section, label, True, f"{back_end or 'no other library'}: {', '.join(names)}")
