"""What an operator sets: environment variables and one file (api.md section 5).

The environment wins over the file, and the arguments of a :class:`~cngcore.Registry` over both. The file is
``cngcore.toml``: the one ``CNGCORE_CONFIG`` names, else the one in the user's configuration directory (the rule of
platformdirs). Both are read when a registry is made.
"""

import os
import sys

from cngcore.registry._discovery import normalized
from cngcore.status import InvalidParameterError
from cngcore.windows import NEWEST, release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cngcore.policy import Policy
    from cngcore.registry._lock import Lock

_KEYS = ("prefer", "allow", "block", "windows", "strict", "policies", "lock")
_TABLES = ("rule",)


class Settings:
    """The settings in force: names best first, distribution names (normalized), a Windows version, strictness.

    ``policies`` holds names of policies that must be found, and policies themselves; ``lock`` what the lock file says.
    """

    __slots__ = ("allow", "block", "lock", "policies", "prefer", "source", "strict", "windows")

    def __init__(
        self,
        prefer: "Iterable[str]" = (),
        allow: "Iterable[str] | None" = None,
        block: "Iterable[str]" = (),
        windows: str | None = None,
        strict: bool | None = None,
        policies: "Iterable[Policy | str] | None" = None,
        lock: "str | os.PathLike[str] | None" = None,
    ) -> None:
        path = config_path()
        given = {**_from_file(path), **_from_environment(os.environ)}
        self.source = path
        self.prefer = tuple(prefer) or _names(given, "prefer") or ()
        allowed = tuple(allow) if allow is not None else _names(given, "allow")
        self.allow = None if allowed is None else frozenset(map(normalized, allowed))
        self.block = frozenset(map(normalized, tuple(block) or _names(given, "block") or ()))
        version = windows if windows is not None else given.get("windows", NEWEST)
        release(version)
        self.windows = str(version)
        self.strict = bool(_flag(given["strict"]) if strict is None and "strict" in given else strict)
        self.policies: tuple[Policy | str, ...] = (
            tuple(policies) if policies is not None else (*(_names(given, "policies") or ()), *_rules(given))
        )
        locked = os.fspath(lock) if lock is not None else given.get("lock")
        self.lock: Lock | None = None
        if locked is not None:
            from cngcore.registry import _lock as trust

            self.lock = trust.Lock.read(str(locked))

    def arguments(self) -> "tuple[tuple[str, object], ...]":
        """The keyword arguments of a Registry with these settings, as pairs, whatever its environment says."""
        return (
            ("prefer", self.prefer or ("",)),
            ("allow", None if self.allow is None else tuple(sorted(self.allow))),
            ("block", tuple(sorted(self.block)) or ("",)),
            ("windows", self.windows),
            ("strict", self.strict),
            ("policies", self.policies),
            ("lock", None if self.lock is None else os.path.abspath(self.lock.path)),
        )


def config_path() -> str:
    """Where the configuration file is, or would be."""
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


def _from_file(path: str) -> "dict[str, object]":
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        if os.environ.get("CNGCORE_CONFIG"):
            raise InvalidParameterError(f"CNGCORE_CONFIG names {path}, and there is no such file") from None
        return {}
    except OSError as error:
        raise InvalidParameterError(f"{path} cannot be read: {error.strerror}") from None
    import tomllib

    try:
        content = tomllib.loads(data.decode())
    except ValueError as error:
        raise InvalidParameterError(f"{path} is not TOML: {error}") from None
    known = (*_KEYS, *_TABLES)
    unknown = sorted(content.keys() - set(known))
    if unknown:
        raise InvalidParameterError(f"{path}: unknown key {', '.join(unknown)}; the keys are {', '.join(known)}")
    if isinstance(content.get("windows"), int | float) and not isinstance(content["windows"], bool):
        content["windows"] = str(content["windows"])  # 8.1 or 11, without the quotes
    if "lock" in content:
        if not isinstance(content["lock"], str):
            raise InvalidParameterError(f"lock is the path of a file, not {content['lock']!r}")
        content["lock"] = os.path.join(os.path.dirname(path), content["lock"])  # counts from the file that holds it
    return content


def _from_environment(environment: "Mapping[str, str]") -> "dict[str, object]":
    names = {key: f"CNGCORE_{key.upper()}" for key in _KEYS}
    return {key: environment[name] for key, name in names.items() if environment.get(name)}


def _names(given: "Mapping[str, object]", key: str) -> "tuple[str, ...] | None":
    value = given.get(key)
    if value is None:
        return None
    if isinstance(value, str):
        return tuple(part for part in map(str.strip, value.split(",")) if part)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise InvalidParameterError(f"{key} is a list of names, not {value!r}")


def _rules(given: "Mapping[str, object]") -> "tuple[Policy, ...]":
    """The tables ``[[rule]]`` as a policy; none where there are none."""
    tables = given.get("rule")
    if tables is None:
        return ()
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InvalidParameterError("rules are tables: [[rule]] in cngcore.toml")
    from cngcore.policy import Policy, Rule

    return (Policy("cngcore.toml", tuple(Rule.from_mapping(table) for table in tables)),)


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    try:
        return known[str(value).lower()]
    except KeyError:
        raise InvalidParameterError(f"strict is 1 or 0, not {value!r}") from None
