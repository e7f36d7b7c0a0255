"""What the extra ``cngcore[formats]`` brings, and the hint where it is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cngcore.status import NotSupportedError

__all__ = ["needs"]


@contextmanager
def needs(what: str) -> Iterator[None]:
    """Around an import of ``cryptography``: NotSupportedError with a hint where it is not installed."""
    try:
        yield
    except ImportError as error:
        raise NotSupportedError(
            f"{what} needs the package cryptography, which cannot be imported ({error}); "
            "install it with: pip install 'cngcore[formats]'"
        ) from error
