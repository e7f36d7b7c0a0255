"""What happens to keys, for whoever keeps a record: the hook ``cngcore_key_event``. No event holds a secret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from cngcore._diagnostics import is_the_users, log, place_of

if TYPE_CHECKING:
    from pluggy import PluginManager

__all__ = ["EVENTS", "KeyEvent"]

EVENTS = ("created", "imported", "derived", "finalized", "used", "exported", "destroyed", "refused", "warned")
"""``derived``: a public half made from another key; ``refused`` and ``warned``: a policy spoke."""


@dataclass(frozen=True)
class KeyEvent:
    """One thing that happened to one key.

    ``action`` is one of :data:`EVENTS`; ``key`` a number that names the key within this process (it is no handle);
    ``length`` is in bits; ``operation`` says what a key was used for (``"sign_hash"``...), ``blob_type`` as what it was
    exported; ``status`` is the name of the status, ``"STATUS_SUCCESS"`` where all went well; ``reason`` is a policy's.
    """

    action: str
    key: int
    algorithm: str
    implementation: str
    distribution: str
    length: int | None = None
    parameter_set: str | None = None
    curve: str | None = None
    private: bool | None = None
    operation: str = ""
    blob_type: str = ""
    status: str = "STATUS_SUCCESS"
    reason: str = ""

    def to_dict(self) -> dict[str, object]:
        """The fields by name, for JSON."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def teller(manager: PluginManager) -> Callable[[KeyEvent], None]:
    """The function that hands an event to every listener. A listener that fails is logged, and nothing else happens."""
    listeners = manager.hook.cngcore_key_event.get_hookimpls()

    def tell(event: KeyEvent) -> None:
        for listener in listeners:
            try:
                listener.function(event) if "event" in listener.argnames else listener.function()
            except BaseException as error:
                if is_the_users(error):
                    raise
                log(
                    "%s failed to take a key event (%s): %s raised at %s",
                    listener.plugin_name, event.action, type(error).__name__, place_of(error),
                )  # fmt: skip

    return tell
