"""The operator's settings: environment variables and one file.

The environment overrides the file, and the arguments of a :class:`~cngcore.Registry` override both. The file is
``cngcore.toml``: the one that ``CNGCORE_CONFIG`` names, else the one in the user's configuration directory (the rule of
platformdirs). Both are read when a registry is made.

contract: rule-python-configuration.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from cngcore.registry._discovery import normalized
from cngcore.status import InvalidParameterError
from cngcore.windows import NEWEST, release

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cngcore.policy import Policy
    from cngcore.registry._lock import ProviderLock

_KEYS = ("prefer", "allow", "block", "windows", "strict", "policies", "lock")
_TABLES = ("rule",)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Settings:
    """The settings in force.

    ``prefer``: names, best first; ``allow`` and ``block``: normalized distribution names (``allow=None`` allows all);
    ``windows``: a Windows version; ``policies``: policies, and names of policies that must be found (None: no policy at
    all, not even one that a plug-in offers); ``lock``: the content of the lock file; ``source``: the path of the
    configuration file. ``origins`` says where each setting comes from: "argument", the name of an environment variable,
    the path of the file, or "default".
    """

    prefer: tuple[str, ...]
    allow: frozenset[str] | None
    block: frozenset[str]
    windows: str
    strict: bool
    policies: tuple[Policy | str, ...] | None
    lock: ProviderLock | None
    source: str
    origins: Mapping[str, str] = field(default_factory=dict)

    def admits(self, distribution: str) -> bool:
        """Return whether code of that distribution may be imported."""
        name = normalized(distribution)
        return name not in self.block and (self.allow is None or name in self.allow)

    def arguments(self) -> tuple[tuple[str, object], ...]:
        """Return keyword arguments that give a Registry these settings, whatever its environment says."""
        return (
            ("prefer", self.prefer),
            ("allow", None if self.allow is None else tuple(sorted(self.allow))),
            ("block", tuple(sorted(self.block))),
            ("windows", self.windows),
            ("strict", self.strict),
            ("policies", () if self.policies is None else self.policies or None),
            ("lock", None if self.lock is None else os.path.abspath(self.lock.path)),
        )


def read_settings(
    prefer: Iterable[str] | None,
    allow: Iterable[str] | None,
    block: Iterable[str] | None,
    windows: str | None,
    strict: bool | None,
    policies: Iterable[Policy | str] | None,
    lock: str | os.PathLike[str] | None,
    read: bool = True,
) -> Settings:
    """Combine the arguments of a registry with the environment and the file (unless ``read`` is false).

    None means "not given"; an empty list means "none". Raise InvalidParameterError for a wrong value, wherever it
    stands.
    """
    path = config_path()
    in_file = _from_file(path) if read else {}
    in_environment = _from_environment(os.environ) if read else {}
    configured = {**in_file, **in_environment}
    given = {"prefer": prefer, "allow": allow, "block": block, "windows": windows, "strict": strict,
             "policies": policies, "lock": lock}  # fmt: skip
    origins = {**dict.fromkeys((*_KEYS, *_TABLES), "default"), **dict.fromkeys(in_file, path)}
    origins |= {key: f"CNGCORE_{key.upper()}" for key in in_environment}
    origins |= {key: "argument" for key, value in given.items() if value is not None}
    allowed = _listed("allow", allow, configured)
    version = windows if windows is not None else configured.get("windows", NEWEST)
    release(version)
    none_at_all = policies is not None and not isinstance(policies, str) and not (policies := tuple(policies))
    if policies is None:
        policies = (*(_names(configured, "policies") or ()), *_rules(configured))
    elif isinstance(policies, str):
        raise InvalidParameterError(f"policies must be a list, not the string {policies!r}: write [{policies!r}]")
    locked = os.fspath(lock) if lock is not None else configured.get("lock")
    provider_lock = None
    if locked is not None:
        from cngcore.registry._lock import ProviderLock  # json and hashlib: only with a lock

        provider_lock = ProviderLock.read(str(locked))
    return Settings(
        prefer=_listed("prefer", prefer, configured) or (),
        allow=None if allowed is None else _distributions("allow", allowed),
        block=_distributions("block", _listed("block", block, configured) or ()),
        windows=str(version),
        strict=bool(_flag(configured["strict"]) if strict is None and "strict" in configured else strict),
        policies=None if none_at_all else tuple(policies),
        lock=provider_lock,
        source=path,
        origins=MappingProxyType(origins),
    )


def _distributions(key: str, names: Iterable[str]) -> frozenset[str]:
    """Return normalized distribution names. Raise InvalidParameterError for what cannot be one."""
    found = set()
    for name in names:
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", name):
            raise InvalidParameterError(
                f"{key} must name distributions, such as 'cngcore-rsa' (no version, no pattern), not {name!r}"
            )
        found.add(normalized(name))
    return frozenset(found)


def _listed(key: str, argument: Iterable[str] | None, configured: Mapping[str, object]) -> tuple[str, ...] | None:
    """Return a list of names: the argument, else what is configured; None if neither is there."""
    if argument is None:
        return _names(configured, key)
    if isinstance(argument, str):
        raise InvalidParameterError(f"{key} must be a list of names, not the string {argument!r}: write [{argument!r}]")
    return tuple(name.strip() if isinstance(name, str) else name for name in argument)


def config_path() -> str:
    """Return the path of the configuration file, whether or not it exists."""
    explicit = os.environ.get("CNGCORE_CONFIG")
    if explicit:
        return explicit
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
        folder = os.path.join(base, "cngcore", "cngcore")
    elif sys.platform == "darwin":
        folder = os.path.join(home, "Library", "Application Support", "cngcore")
    else:
        folder = os.path.join(os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "cngcore")
    return os.path.join(folder, "cngcore.toml")


def _from_file(path: str) -> dict[str, object]:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        if os.environ.get("CNGCORE_CONFIG"):
            raise InvalidParameterError(f"CNGCORE_CONFIG names {path}, which does not exist") from None
        return {}
    except OSError as error:
        raise InvalidParameterError(f"{path} cannot be read: {error.strerror}") from None
    import tomllib

    try:
        content = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise InvalidParameterError(f"{path} is not TOML: {error}") from None
    known = (*_KEYS, *_TABLES)
    unknown = sorted(content.keys() - set(known))
    if unknown:
        raise InvalidParameterError(f"{path}: unknown key {', '.join(unknown)}; the keys are {', '.join(known)}")
    if isinstance(content.get("windows"), int | float) and not isinstance(content["windows"], bool):
        content["windows"] = str(content["windows"])  # 8.1 or 11, without the quotes
    if not isinstance(content.get("strict", False), bool):
        raise InvalidParameterError(f"{path}: strict must be true or false, not {content['strict']!r}")
    if "lock" in content:
        if not isinstance(content["lock"], str):
            raise InvalidParameterError(f"lock must be the path of a file, not {content['lock']!r}")
        content["lock"] = os.path.join(os.path.dirname(path), content["lock"])  # relative to the configuration file
    return content


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    names = {key: f"CNGCORE_{key.upper()}" for key in _KEYS}
    return {key: environment[name] for key, name in names.items() if environment.get(name)}


def _names(configured: Mapping[str, object], key: str) -> tuple[str, ...] | None:
    value = configured.get(key)
    if value is None:
        return None
    if isinstance(value, str):
        return tuple(part for part in map(str.strip, value.split(",")) if part)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(item.strip() for item in value)
    raise InvalidParameterError(f"{key} must be a list of names, not {value!r}")


def _rules(configured: Mapping[str, object]) -> tuple[Policy, ...]:
    """Return the tables ``[[rule]]`` as a policy; nothing if there are none."""
    tables = configured.get("rule")
    if tables is None:
        return ()
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InvalidParameterError("write rules as tables: [[rule]] in cngcore.toml")
    from cngcore.policy import Policy, Rule

    return (Policy("cngcore.toml", tuple(Rule.from_mapping(table) for table in tables)),)


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    try:
        return known[str(value).lower()]
    except KeyError:
        raise InvalidParameterError(f"strict must be 1 or 0, not {value!r}") from None
