"""Check dispatch_level: after load() nothing is imported and no file is opened."""

from __future__ import annotations

import json
import subprocess
import sys

from cngcore.conformance import _samples as ways
from cngcore.conformance import _secrets as with_
from cngcore.conformance._check import Failure, check, demand
from cngcore.conformance._subject import Implementation


@check(
    "dispatch-load",
    "implementation",
    rule="the documentation of cngcore.provider.Factory.load; docs/decisions/dispatch-level.md",
    remedy="Import in load() everything that later calls need, for example by using a key of every kind there; or "
    "declare dispatch_level=False.",
    needs=lambda one: "" if one.algorithm.dispatch_level else "it does not declare dispatch_level",
)
def dispatch_load(one: Implementation) -> None:
    """After opening with BCRYPT_PROV_DISPATCH, no use of a key or hash imports a module or opens a file."""
    jobs = []
    for kind in one.kinds:
        job: dict[str, object] = {
            "length": kind.length, "set": kind.parameter_set, "settings": kind.settings,
            "exports": kind.blob_types(exports=True), "imports": kind.blob_types(imports=True, exports=True),
        }  # fmt: skip
        if "sign" in one.algorithm.operations:
            job["sign"] = [(way.data.hex(), repr(way.padding)) for way in ways.signing(kind)]
        if "encrypt" in one.algorithm.operations:
            job["encrypt"] = [(way.data.hex(), repr(way.padding)) for way in ways.encrypting(kind)]
        jobs.append(job)
    spec = {
        "path": sys.path, "distribution": one.provider.distribution, "modules": one.provider.modules,
        "algorithm": one.algorithm.name, "implementation": one.algorithm.implementation, "jobs": jobs,
        "symmetric": with_.job(one),
    }  # fmt: skip
    try:
        run = subprocess.run(  # noqa: S603 - our own interpreter and program
            [sys.executable, "-I", "-c", _PROGRAM, json.dumps(spec)],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Failure("an end", "none within 120 s", "using it with BCRYPT_PROV_DISPATCH") from None
    try:
        answer = json.loads(run.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        last = run.stderr.strip().splitlines()[-1:] or ["nothing said"]
        raise Failure(
            "an answer", f"status {run.returncode}, {last[0].partition(':')[0]}", "using it in a fresh process"
        ) from None
    demand(not answer["error"], "no error", answer["error"], "using it with BCRYPT_PROV_DISPATCH in a fresh process")
    events = answer["events"]
    demand(
        not events,
        "nothing imported or opened after load()",
        "; ".join(events[:4]),
        "using it with BCRYPT_PROV_DISPATCH",
    )


_PROGRAM = """
import json, sys
spec = json.loads(sys.argv[1])
sys.path[:] = spec["path"]
from cngcore.conformance._dispatch_program import main
main(spec)
"""
