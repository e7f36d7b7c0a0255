"""Where a key comes from."""

from __future__ import annotations

from dataclasses import dataclass
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

    def to_dict(self) -> dict[str, object]:
        """Return the fields by name, for JSON."""
        names = ("distribution", "version", "module", "implementation", "back_end", "back_end_version", "policies")
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        fields = {name: getattr(self, name) for name in self.__slots__ if not name.startswith("_")}
        return f"Provenance({', '.join(f'{name}={value!r}' for name, value in fields.items())})"
