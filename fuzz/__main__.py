"""Run ``python -m fuzz FAMILY [--minutes M]``: fuzz a family and print the result.

atheris fuzzes the blob families, the formats of other programs, the DER reader and the flat API; hypothesis plays
``lives``, a model of the life of handles; ``keyfiles`` reads changed key files with other readers beside ours;
``signals`` interrupts calls at every place where a signal can. Exit status: 0 no finding, 1 findings, 2 wrong usage or
a missing library.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fuzz.names import FORMS
from fuzz.samples import CORPUS

BY_COVERAGE = (*FORMS, "formats", "der", "flat", "symmetric")
"""Families of :mod:`fuzz.targets`, whose inputs are bytes; atheris fuzzes them."""

LIVES = "lives"
"""The family of :mod:`fuzz.lives`, whose inputs are sequences of calls; hypothesis plays it."""

KEYFILES = "keyfiles"
"""The family of :mod:`fuzz.keyfiles`, whose inputs are key files, read by us and by other readers."""

SIGNALS = "signals"
"""The family of :mod:`fuzz.signals`, whose inputs are calls and the places where they are interrupted."""

FAMILIES = (*BY_COVERAGE, LIVES, KEYFILES, SIGNALS)
NEEDED = {LIVES: "hypothesis", KEYFILES: "cryptography", SIGNALS: "cryptography"}
HOME = Path(__file__).parent
FINDINGS = HOME / "findings"
PLAYER = (sys.executable, "-m", "fuzz.player")
LONGEST = 8192
"""Bytes of the longest input."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Fuzz one family, or all.")
    parser.add_argument("family", choices=[*FAMILIES, "all"], help="the family to fuzz; all: one after the other")
    parser.add_argument("--minutes", type=float, default=1.0, help="minutes for each family (default: 1)")
    parser.add_argument(
        "--seconds-per-input", type=int, default=20, help="an input or a life that takes longer is a finding"
    )
    parser.add_argument("--memory", type=int, default=1024, help="MiB the process may take (default: 1024)")
    parser.add_argument("--keep", type=Path, help="a folder to keep the inputs that reached new code (not for lives)")
    parser.add_argument("--seed", type=int, help="begin keyfiles and signals with this number, to repeat a run")
    options = parser.parse_args(arguments)
    families = FAMILIES if options.family == "all" else (options.family,)
    for library in dict.fromkeys(NEEDED.get(family, "atheris") for family in families):
        if importlib.util.find_spec(library) is None:
            message = f"fuzzing needs {library}, which is not installed; run: pip install -r requirements-fuzz.txt"
            print(message, file=sys.stderr)
            return 2
    found = 0
    for family in families:
        if family in (KEYFILES, SIGNALS):
            found += run_module(family, options)
        else:
            found += play(options) if family == LIVES else fuzz(family, options)
    return 1 if found else 0


def play(arguments: argparse.Namespace) -> int:
    """Play lives for the requested time, with a new process after one that ended. Return the number of findings."""
    findings = FINDINGS / LIVES
    findings.mkdir(parents=True, exist_ok=True)
    before = set(findings.iterdir())
    totals: dict[str, float] = {"lives": 0, "rounds": 0, "slowest life, s": 0, "peak memory, MiB": 0, "restarts": -1}
    end = time.monotonic() + arguments.minutes * 60
    while totals["restarts"] < 0 or time.monotonic() < end:
        left = max(0.0, end - time.monotonic())
        command = [*PLAYER, f"{left}", str(findings), str(arguments.seconds_per_input)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=HOME.parent)
        totals["restarts"] += 1
        result = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {}
        for name, value in result.items():
            totals[name] = max(totals[name], value) if "," in name else totals[name] + value
        if not result:
            ended = findings / f"ended-{time.strftime('%Y%m%d-%H%M%S')}-{totals['restarts']}"
            ended.write_text(f"the process ended with status {done.returncode}\n\n{done.stderr}")
        elif result.get("peak memory, MiB", 0) > arguments.memory:
            (findings / "memory").write_text(
                f"{result['peak memory, MiB']} MiB were used; the limit is {arguments.memory}\n"
            )
    print(
        f"{LIVES}: {arguments.minutes:g} minutes; " + ", ".join(f"{name} {value:g}" for name, value in totals.items())
    )
    return _say(sorted({*findings.iterdir()} - before))


def run_module(family: str, arguments: argparse.Namespace) -> int:
    """Run the module of a family for the requested time. Return the number of findings."""
    findings = FINDINGS / family
    findings.mkdir(parents=True, exist_ok=True)
    before = set(findings.iterdir())
    command = [sys.executable, "-m", f"fuzz.{family}", f"{arguments.minutes * 60}", str(findings)]
    command += [] if arguments.seed is None else [str(arguments.seed)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=HOME.parent)
    if done.returncode:
        (findings / f"ended-{time.strftime('%Y%m%d-%H%M%S')}").write_text(f"ended with status {done.returncode}\n")
    else:
        result = json.loads(done.stdout.splitlines()[-1])
        outcomes = result.pop("results")
        figures = ", ".join(f"{name} {value}" for name, value in result.items())
        print(f"{family}: {arguments.minutes:g} minutes; {figures}")
        print("  outcomes: " + "; ".join(f"{word} {count}" for word, count in outcomes.items()))
    return _say(sorted({*findings.iterdir()} - before))


def _say(new: list[Path]) -> int:
    """Print the new findings and return their number."""
    print(f"  findings: {len(new)}" + "".join(f"\n    {path}" for path in new), flush=True)
    return len(new)


def fuzz(family: str, arguments: argparse.Namespace) -> int:
    """Fuzz for the requested time, with a new process after an input that ended one. Return the number of findings."""
    findings = FINDINGS / family
    findings.mkdir(parents=True, exist_ok=True)
    before = set(findings.iterdir())
    totals = {"executions": 0, "new inputs": 0, "peak memory, MiB": 0, "slowest input, s": 0, "restarts": -1}
    coverage = (0, 0)
    end = time.monotonic() + arguments.minutes * 60
    with tempfile.TemporaryDirectory() as scratch:
        kept = arguments.keep / family if arguments.keep else Path(scratch)
        kept.mkdir(parents=True, exist_ok=True)
        while (left := int(end - time.monotonic())) > 0:
            command = [
                sys.executable, "-m", "fuzz.child", family, str(findings), f"-max_total_time={left}",
                f"-max_len={LONGEST}", f"-timeout={arguments.seconds_per_input}", f"-rss_limit_mb={arguments.memory}",
                "-print_final_stats=1", "-verbosity=1", f"-artifact_prefix={findings}/", str(kept),
                str(CORPUS / family),
            ]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, cwd=HOME.parent)
            totals["restarts"] += 1
            statistics = dict(re.findall(r"stat::(\w+):\s+(\d+)", done.stderr))
            reached = [tuple(map(int, pair)) for pair in re.findall(r"cov: (\d+) ft: (\d+)", done.stderr)]
            if not reached:
                print(done.stderr[-2000:], file=sys.stderr)
                return 1
            first = reached[0]
            coverage = (coverage[0] or first[0], max(reached)[0])
            totals["executions"] += int(statistics.get("number_of_executed_units", 0))
            totals["new inputs"] += int(statistics.get("new_units_added", 0))
            totals["peak memory, MiB"] = max(totals["peak memory, MiB"], int(statistics.get("peak_rss_mb", 0)))
            totals["slowest input, s"] = max(
                totals["slowest input, s"], int(statistics.get("slowest_unit_time_sec", 0))
            )
    new = sorted({*findings.iterdir()} - before)
    new = [path for path in new if path.suffix != ".txt" and not path.name.startswith("outcomes")]
    outcomes = findings / f"outcomes-{family}.json"
    result = json.loads(outcomes.read_text()) if outcomes.exists() else {}
    outcomes.unlink(missing_ok=True)
    print(f"{family}: {arguments.minutes:g} minutes; " + ", ".join(f"{name} {value}" for name, value in totals.items()))
    print(f"  places reached: {coverage[0]} by the corpus, {coverage[1]} at the end")
    print(
        "  outcomes: " + ", ".join(f"{word} {count}" for word, count in sorted(result.items(), key=lambda one: -one[1]))
    )
    return _say(new)


if __name__ == "__main__":
    sys.exit(main())
