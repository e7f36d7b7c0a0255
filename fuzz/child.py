"""Fuzz one family with atheris in this process: ``python -m fuzz.child FAMILY FOLDER [libFuzzer's options]``.

After a broken promise the run goes on. The input is kept in FOLDER under a name made from the reason, once for each
reason. Only the limits of libFuzzer end the run: time, memory, and the time for one input.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sys
import time
import traceback
from collections import Counter
from pathlib import Path


def main() -> None:
    import atheris

    family, folder = sys.argv[1], Path(sys.argv[2])
    with atheris.instrument_imports(
        include=["cngcore", *(f"cngcore_{name}" for name in ("rsa", "dsa", "dh", "ec", "symmetric", "kdf", "legacy"))]
    ):
        from cngcore import bcrypt  # noqa: F401 - instrumented here, used by the targets
        from fuzz import targets
        from fuzz.findings import Finding

    logging.disable(logging.CRITICAL)
    results: Counter[str] = Counter()
    state = {"next": 0.0}

    def keep() -> None:
        state["next"] = time.monotonic() + 2
        (folder / f"outcomes-{family}.json").write_text(json.dumps(results))

    def one(data: bytes) -> None:
        try:
            results[targets.run(family, data)] += 1
        except Finding as finding:
            results["finding"] += 1
            cause = finding.__cause__ or finding
            place = traceback.extract_tb(cause.__traceback__)[-1]
            reason = f"{str(finding)[:60]} {place.filename}:{place.lineno}"
            name = hashlib.sha256(f"{place.filename}:{place.lineno}:{type(cause).__name__}".encode()).hexdigest()[:12]
            if not (folder / name).exists():
                (folder / name).write_bytes(data)
                (folder / f"{name}.txt").write_text(f"{finding}\n\n{reason}\n\n{''.join(traceback.format_exc())}")
        if time.monotonic() > state["next"]:
            keep()

    atheris.Setup([sys.argv[0], *sys.argv[3:]], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
