"""What messages tell a user to install. This project is not on a package index, so no message promises one."""

from __future__ import annotations

__all__ = ["install"]


def install(*names: str, update: bool = False) -> str:
    """Return what to do to get distributions of this project, or extras of ``cngcore``.

    >>> install("cngcore-rsa", "cngcore-ec")
    'install the distributions cngcore-rsa and cngcore-ec; see Install in the documentation'
    >>> install("cngcore[formats]")
    'install the extra cngcore[formats]; see Install in the documentation'
    """
    what = "extra" if "[" in names[0] else "distribution"
    verb, many = "update" if update else "install", "s" if len(names) > 1 else ""
    return f"{verb} the {what}{many} {' and '.join(names)}; see Install in the documentation"
