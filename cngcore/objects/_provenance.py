"""Where a key comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a key comes from: its provider, the library that does the work, and the policies in force.

    ``back_end`` names the library's distribution; ``back_end_version`` is its version, or empty if no distribution has
    that name. Reading the version loads the back end. ``policies`` holds the names of the policies in force.
    """

    distribution: str
    version: str
    module: str
    implementation: str
    back_end: str
    policies: tuple[str, ...]
    _version: Callable[[], str]

    @property
    def back_end_version(self) -> str:
        return self._version()

    def held_by(self, back_end: str) -> Provenance:
        """Return the provenance of a key that another library holds; the versions of these are then looked up."""
        if back_end == self.back_end:
            return self
        return replace(self, back_end=back_end, _version=lambda: _versions_of(back_end))

    def to_dict(self) -> dict[str, object]:
        """Return the fields by name, for JSON."""
        names = ("distribution", "version", "module", "implementation", "back_end", "back_end_version", "policies")
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        fields = {name: getattr(self, name) for name in self.__slots__ if not name.startswith("_")}
        return f"Provenance({', '.join(f'{name}={value!r}' for name, value in fields.items())})"


def _versions_of(distributions: str) -> str:
    """Return the versions of distributions, separated as their names are; empty for one that is not installed."""
    from importlib_metadata import PackageNotFoundError, version

    def installed(name: str) -> str:
        try:
            return version(name)
        except PackageNotFoundError:
            return ""

    return ", ".join(installed(name) for name in distributions.split(", "))
