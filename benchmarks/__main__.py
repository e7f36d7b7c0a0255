"""``python -m benchmarks``: run groups of figures, print them, keep them, draw them."""

import argparse
import datetime
import importlib
import json
import os
import platform
import sys
from importlib import metadata
from pathlib import Path

GROUPS = {
    "cycle": "cycles",
    "operations": "operations",
    "layers": "layers",
    "keys": "keys",
    "symmetric": "symmetric",
    "start": "startup",
    "workers": "workers",
    "rates": "rates",
    "handles": "handles",
    "primes": "primes",
    "peers": "peers",
}
"""The groups, in the order in which they run, and the module of each."""

HERE = Path(__file__).parent
LATEST = HERE / "results" / "latest.json"
LIBRARIES = ("cngcore", "cryptography", "pqcrypto", "gmpy2", "liboqs-python", "python-pkcs11")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=sys.modules["benchmarks"].__doc__)
    parser.add_argument("groups", nargs="*", metavar="group", help=f"of {', '.join(GROUPS)}; all, if none is named")
    parser.add_argument("--out", type=Path, default=LATEST, help="the JSON file to write; other groups in it are kept")
    parser.add_argument("--picture", type=Path, default=HERE.parent / "docs" / "explanation" / "speed.svg")
    options = parser.parse_args()
    unknown = set(options.groups) - set(GROUPS)
    if unknown:
        parser.error(f"there is no group {', '.join(sorted(unknown))}")
    results = json.loads(options.out.read_text()) if options.out.exists() else {"groups": {}}
    for group in [group for group in GROUPS if group in (options.groups or GROUPS)]:
        results["groups"][group] = run(group)
        results["groups"] = {name: results["groups"][name] for name in GROUPS if name in results["groups"]}
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(results, indent=1) + "\n")
    from benchmarks.picture import draw

    options.picture.write_text(draw(results))
    missed = [
        figure["name"]
        for group in options.groups or GROUPS
        for figure in results["groups"][group]["figures"]
        if figure["bound"] is not None and not figure["bound"]["met"]
    ]
    for name in missed:
        print(f"above its bound: {name}", file=sys.stderr)
    return 1 if missed else 0


def run(group: str) -> dict[str, object]:
    """All figures of a group as JSON has them; each is printed when it is there."""
    module = importlib.import_module(f"benchmarks.{GROUPS[group]}")
    began = datetime.datetime.now(datetime.UTC)
    before = os.getloadavg()[0]
    figures, skipped = [], []
    for figure in module.figures():
        if isinstance(figure, str):
            skipped.append(figure)
        else:
            figures.append(figure.to_dict())
        print(figure, flush=True)
    return {
        "machine": machine(),
        "date": began.isoformat(timespec="seconds"),
        "load": [round(before, 2), round(os.getloadavg()[0], 2)],
        "figures": figures,
        "skipped": skipped,
    }


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": {name: version for name in LIBRARIES if (version := _version(name))},
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.partition(":")[2].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown"


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
