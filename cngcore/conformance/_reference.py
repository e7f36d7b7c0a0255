"""Print the table of the checks in ``docs/reference/conformance.md``: ``python -m cngcore.conformance._reference``."""

from __future__ import annotations

import re

from cngcore.conformance.checks import load

__all__ = ["table"]

_ABOUT = {"provider": "the provider", "implementation": "an implementation", "key": "a kind of key"}


def table() -> str:
    """Return every check in a Markdown table: name, subject, operations, description and rule."""
    lines = ["| check | about | demands | rule |", "|---|---|---|---|"]
    for one in load().values():
        about = _ABOUT[one.level] + (f" that can {', '.join(sorted(one.operations))}" if one.operations else "")
        cells = (f"`{one.name}`", about, one.description, re.sub(r"\brule-[a-z0-9-]+", r"[\g<0>](#\g<0>)", one.rule))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
