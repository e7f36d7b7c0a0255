"""Define a finding, and decide which exceptions are one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from cngcore.status import CngError, NTStatus

__all__ = ["Finding", "attempt"]


class Finding(AssertionError):  # noqa: N818 - what was found, not what failed
    """An input broke a promise; the message says which."""


def attempt(
    what: str, documented: Collection[NTStatus], call: Callable[..., Any], *arguments: object
) -> tuple[Any, NTStatus | None]:
    """Return the answer of a call and None, or None and the status of its CngError, which must be ``documented``."""
    try:
        return call(*arguments), None
    except CngError as error:
        if error.status not in documented:
            raise Finding(f"{what}: {error.status.name} is not documented ({error.message})") from error
        return None, error.status
    except (KeyboardInterrupt, Finding):
        raise
    except BaseException as error:
        raise Finding(f"{what} raised {type(error).__name__}: {error}") from error
