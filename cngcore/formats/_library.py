"""Import what the extra ``cngcore[formats]`` installs, with a hint if it is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cngcore._nearest import install
from cngcore.status import InvalidParameterError, NotSupportedError

__all__ = ["PassphraseNeededError", "needs", "wrong_passphrase"]


class PassphraseNeededError(InvalidParameterError):
    """The key is encrypted, and no passphrase was passed."""

    def __init__(self, message: str = "the key is encrypted; give its passphrase") -> None:
        super().__init__(message)


@contextmanager
def needs(what: str) -> Iterator[None]:
    """Wrap an import of ``cryptography``. Raise NotSupportedError with a hint if it is not installed."""
    try:
        yield
    except ImportError as error:
        raise NotSupportedError(
            f"{what} needs the package cryptography, which cannot be imported ({error}); {install('cngcore[formats]')}"
        ) from error


def wrong_passphrase() -> InvalidParameterError:
    """Return the one error for a wrong passphrase, whichever library found it."""
    return InvalidParameterError("the passphrase is wrong, or the encrypted key is damaged")
