"""The list of deliberate faults, ``faults.toml``, as the table of the documentation.

``PYTHONPATH=tests python -m conformance.faults`` writes it into docs/reference/conformance-faults.md.
"""

import tomllib
from pathlib import Path

from conformance.deviations import DEVIATIONS, SYMMETRIC_DEVIATIONS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "conformance-faults.md"
BEGIN, END = "<!-- written by tests/conformance/faults.py -->\n", "<!-- end -->\n"

FAULTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def checks():
    """Return the check that catches each deviation, by its name; also those of real providers."""
    from conformance.test_bad_families import FAULTS as FAMILIES

    found = {name: one.check for name, one in DEVIATIONS.items()}
    return found | {name: check for name, (_, check, *_) in FAMILIES.items()}


def tables():
    """Return the tables: what is found, of symmetric algorithms too, and what is not."""
    known = checks()
    seen = ["| fault | before | found by |", "|---|---|---|"]
    unseen = ["| fault | why the kit says nothing |", "|---|---|"]
    for one in FAULTS.values():
        if "unseen" in one:
            unseen.append(f"| {one['what']} | {one['unseen']} |")
        else:
            by = ", ".join(f"`{check}`" for check in dict.fromkeys(known[name] for name in one["now"]))
            seen.append(f"| {one['what']} | {one['before']} | {by} |")
    symmetric = ["| fault | algorithm | found by |", "|---|---|---|"]
    for name, fault in SYMMETRIC_DEVIATIONS.items():
        symmetric.append(f"| {name[0].upper()}{name[1:].replace('-', ' ')} | {fault.algorithm} | `{fault.check}` |")
    parts = (
        "\n".join(seen),
        "## Faults of ciphers, MACs and key derivations",
        "Each is a test (`tests/conformance/deviations_symmetric.toml`) on a provider with its modes written out.",
        "\n".join(symmetric),
        "## Faults that the kit does not report",
        "\n".join(unseen),
    )
    return "\n\n".join(parts) + "\n"


def page():
    """Return the page with the tables of today."""
    text = PAGE.read_text(encoding="utf-8")
    return f"{text[: text.index(BEGIN)]}{BEGIN}\n{tables()}\n{END}{text[text.index(END) + len(END) :]}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
