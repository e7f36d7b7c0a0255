"""Key events: what happens to keys, for audit listeners (the hook ``cngcore_key_event``). No event holds a secret."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from cngcore._diagnostics import log, place_of, reraise_interrupt

if TYPE_CHECKING:
    from collections.abc import Callable

    from pluggy import PluginManager

EVENTS = ("created", "imported", "derived", "finalized", "used", "exported", "destroyed", "refused", "warned")
"""The actions of events. ``derived``: a public half made from another key, or the copy of a symmetric key;
``refused``, ``warned``: by a policy. A symmetric key is never ``finalized``: it is usable when it is made.
"""


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """One thing that happened to one key.

    ``action`` is one of :data:`EVENTS`; ``key`` is a number for the key within this process (it is not a handle);
    ``length`` is in bits; ``operation`` says what the key was used for (``"sign_hash"``...), and ``blob_type`` in which
    form it was exported; ``status`` is the name of the status, ``"STATUS_SUCCESS"`` on success; ``reason`` comes from a
    policy; ``mode`` is the chaining mode of a symmetric key.
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
    mode: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the fields by name, for JSON."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def teller(manager: PluginManager) -> Callable[[KeyEvent], None]:
    """Return the function that reports an event to every listener. If a listener fails, the failure is logged only."""
    listeners = manager.hook.cngcore_key_event.get_hookimpls()

    def tell(event: KeyEvent) -> None:
        for listener in listeners:
            try:
                listener.function(event) if "event" in listener.argnames else listener.function()
            except BaseException as error:
                reraise_interrupt(error, f"{listener.plugin_name} was informed of a key event")
                log(
                    "%s failed on a key event (%s): %s raised at %s",
                    listener.plugin_name, event.action, type(error).__name__, place_of(error),
                )  # fmt: skip

    return tell
