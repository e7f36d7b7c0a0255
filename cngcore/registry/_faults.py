"""What went wrong with a plug-in: kept by the registry, logged once, and shown by the command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cngcore.status import InternalError

if TYPE_CHECKING:
    from cngcore.objects import Origin


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure of a plug-in: at which stage, why, and what to do.

    ``stage`` is "discover", "import", "register", "declare", "promise", "lock", "policies" or "formats". At the last
    one only a key format is left out; otherwise the registry skips the plug-in.
    """

    origin: Origin
    stage: str
    reason: str
    remedy: str

    @property
    def distribution(self) -> str:
        """The distribution of the plug-in."""
        return self.origin.distribution

    @property
    def version(self) -> str:
        """The version of that distribution."""
        return self.origin.version

    @property
    def module(self) -> str:
        """The plug-in module."""
        return self.origin.module

    @property
    def skips(self) -> bool:
        """Whether the registry skips the plug-in as a whole."""
        return self.stage != "formats"

    def to_dict(self) -> dict[str, str]:
        """Return the fields by name, for JSON."""
        names = ("distribution", "version", "module", "stage", "reason", "remedy")
        return {name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        result = "skipped" if self.skips else "a key format is left out,"
        return f"{self.origin} ({self.module}) {result} at {self.stage}: {self.reason}. {self.remedy}"


class FaultError(InternalError):
    """Raised for a fault at once, by a strict registry and by :meth:`Registry.register`; ``fault`` is the fault."""

    def __init__(self, fault: Fault, prefix: str = "") -> None:
        super().__init__(f"{prefix}{fault}")
        self.fault = fault
