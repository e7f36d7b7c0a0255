"""Check what a provider does to its process, and what two processes have in common."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import lru_cache
from typing import Any

from cngcore.conformance import _samples as ways
from cngcore.conformance import _secrets as with_
from cngcore.conformance._check import Failure, Skip, check, demand, granted, status_of
from cngcore.conformance._subject import Kind, Provider
from cngcore.status import NTStatus

_RULE = "the documentation of cngcore.provider; docs/decisions/discovery.md"
_PATIENCE = 120.0
_IMPORT = 2.0
"""Seconds within which a plug-in must be imported and list its algorithms."""

_CHEAP = 1.0
"""Seconds that a key may take to be made here again."""

_HASH_SEEDS = ("0", "1", "2", "4")

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from cngcore.conformance._process_program import main; main(json.loads(sys.argv[1]))"
)


def _ran(provider: Provider, hash_seed: str) -> dict[str, Any]:
    """Run the program in a fresh interpreter and return its answer."""
    jobs = {"jobs": list(_jobs(provider).values()), "symmetric": _symmetric_jobs(provider)}
    key = provider.distribution, provider.spec, hash_seed, json.dumps(jobs), json.dumps(sys.path)
    return _program(*key)


@lru_cache(maxsize=64)
def _program(distribution: str, spec: str, hash_seed: str, jobs: str, path: str) -> dict[str, Any]:
    description = {
        "distribution": distribution, "spec": spec, **json.loads(jobs), "fork": hash_seed == _HASH_SEEDS[0],
    }  # fmt: skip
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-B", "-P", "-W", "ignore", "-c", _START, json.dumps(description), path]
    try:
        run = subprocess.run(  # noqa: S603 - our own interpreter and program
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        raise Failure("an end", f"none within {_PATIENCE:.0f} s", "importing and making keys in a process") from None
    try:
        answer: dict[str, Any] = json.loads(run.stdout)
    except ValueError:
        came = f"the interpreter ended with status {run.returncode}"
        raise Failure("an answer", came, "importing and making keys in a process of their own") from None
    if answer["error"]:
        raise Failure("an import that succeeds", answer["error"], "importing the plug-in module in a process")
    return answer


def _jobs(provider: Provider) -> dict[str, dict[str, Any]]:
    """Return what to make in the process: the first kind of key of each implementation, if it is cheap."""
    if not hasattr(provider, "_process_jobs"):
        found = {}
        for one in provider.implementations:
            if one.unavailable() or not one.factory_works or not one.has_keys:
                continue
            for kind in one.kinds[:1]:
                job = _job(kind)
                if job is not None:
                    found[job["name"]] = job
        provider._process_jobs = found  # type: ignore[attr-defined]
    return provider._process_jobs  # type: ignore[attr-defined,no-any-return]


def _symmetric_jobs(provider: Provider) -> list[dict[str, Any]]:
    """Return what to do in the process with the symmetric algorithms and MACs that work here."""
    found = []
    for one in provider.implementations:
        symmetric = one.algorithm.has_symmetric_keys or one.algorithm.mac
        if symmetric and not one.unavailable() and one.factory_works:
            name = {"name": one.name, "algorithm": one.algorithm.name, "implementation": one.algorithm.implementation}
            found.append({**name, "work": with_.job(one)})
    return found


def _job(kind: Kind) -> dict[str, Any] | None:
    try:
        kind.new().destroy()
    except (Skip, Failure):
        return None
    if kind.affordable(_CHEAP, 1, 0) == 0:
        return None
    on_algorithm = {n: v for n, v in kind.settings.items() if "w" in kind.algorithm.properties[n].when.algorithm}
    on_key = {n: v for n, v in kind.settings.items() if n not in on_algorithm}
    if kind.parameter_set is not None:
        on_key["ParameterSetName"] = kind.parameter_set
    if not all(isinstance(value, str | int) for value in kind.settings.values()):
        return None
    way = None
    if "sign" in kind.algorithm.operations and not ways.wants_schemes(kind.algorithm):
        way = ways.signing(kind)[0]
    public = kind.blob_types(private=False, imports=True, exports=True)
    return {
        "name": f"{kind.implementation.name}, {kind}", "algorithm": kind.algorithm.name,
        "implementation": kind.algorithm.implementation, "length": kind.length, "on_algorithm": on_algorithm,
        "on_key": on_key, "blob_type": public[0] if public else "",
        "sign": way.data.hex() if way is not None and way.padding is None else None,
        "encapsulate": "encapsulate" in kind.algorithm.operations, "agree": "agree" in kind.algorithm.operations,
        "blob_types": kind.blob_types(imports=True, exports=True),
    }  # fmt: skip


@check(
    "process-state",
    "provider",
    rule=_RULE,
    remedy="Declare only in the plug-in module, and make a key in memory only: no file, no socket, no variable of the "
    "environment, no handler, no seed of random, no thread that stays.",
)
def process_state(provider: Provider) -> str:
    """Importing the plug-in, listing its algorithms, and making, using and importing keys changes nothing in the
    process: no file, no socket, no function of the standard library."""
    answer = _ran(provider, _HASH_SEEDS[0])
    changed = answer["import"]["changed"]
    demand(not changed, "nothing touched", ", ".join(changed), "importing the plug-in and listing its algorithms")
    demand(not answer["import"]["written"], "silence", "output", "importing the plug-in and listing its algorithms")
    for name, touched in answer["keys"].items():
        demand(not touched, "nothing touched", ", ".join(touched), f"making and using {name}")
    return f"keys of {len(answer['keys'])} kinds"


@check(
    "import-time",
    "provider",
    rule=_RULE,
    remedy="Move work that takes time to the factory, to its load() or to the probe.",
)
def import_time(provider: Provider) -> str:
    """Importing the plug-in and listing its algorithms takes less than two seconds."""
    seconds = []
    for seed in _HASH_SEEDS:  # the quickest counts, because other processes may have slowed one down
        seconds.append(float(_ran(provider, seed)["import"]["seconds"]))
        if seconds[-1] < _IMPORT:
            return f"{seconds[-1] * 1000:.1f} ms"
    raise Failure(f"less than {_IMPORT:.0f} s", f"{min(seconds):.1f} s", "importing the plug-in and listing it")


@check(
    "processes-differ",
    "provider",
    rule="SP 800-90A; SP 800-133; docs/decisions/life-cycle.md",
    remedy="Take keys and nonces from the system's random numbers; seed a generator of your own anew, and empty what "
    "was made in advance, in each process and after each fork (os.register_at_fork).",
)
def processes_differ(provider: Provider) -> str:
    """Two processes, and the two sides of a fork, make different keys and encapsulations. A key that was used before
    the fork signs with other nonces on each side."""
    answers = [_ran(provider, seed) for seed in _HASH_SEEDS[:2]]
    jobs = _jobs(provider)
    for name, job in jobs.items():
        made = [answer["made"].get(name, {}) for answer in answers]
        for one in made:
            demand("error" not in one, "a key", str(one.get("error")), f"making a key of {name} in its own process")
        if not job["blob_type"]:
            continue
        for what in ("key", "encapsulation"):
            if what in made[0]:
                demand(made[0][what] != made[1][what], f"two {what}s", "the same", f"{name} in two processes")
        sides = answers[0].get("forked", {}).get(name)
        if sides is not None:
            demand(sides[1], "a key in the child of a fork", "none", f"{name} after a fork")
            for what, own in sides[0].items():
                repeated = set(own) & set(sides[1].get(what, ()))
                doing = f"{name} on the two sides of a fork"
                demand(not repeated, f"another {what}", f"the same {what} on both sides", doing)
    if not jobs:
        raise Skip("it makes no keys, or none within a second")
    return f"keys of {len(jobs)} kinds"


@check(
    "processes-agree",
    "provider",
    rule="contract: rule-layout, rule-sign; the order of a set changes with PYTHONHASHSEED",
    remedy="Let no result depend on the order of a set or on hash(): use tuples, lists and dicts.",
)
def processes_agree(provider: Provider) -> str:
    """With other hash seeds, a provider declares the same in the same order, and this process verifies what others
    sign."""
    answers = {seed: _ran(provider, seed) for seed in _HASH_SEEDS}
    first = answers[_HASH_SEEDS[0]]["import"]["listing"]
    for seed, answer in answers.items():
        same_listing = answer["import"]["listing"] == first
        demand(same_listing, "the same declarations", "others", f"listing with PYTHONHASHSEED={seed}")
    for work in _symmetric_jobs(provider):
        made = [answer["made"].get(work["name"], {}) for answer in answers.values()]
        for result in made:
            demand("error" not in result, "an answer", str(result.get("error")), f"using {work['name']} in a process")
        demand(all(result == made[0] for result in made), "the same results", "others", f"using {work['name']}")
    for one in provider.implementations:
        for kind in one.kinds[:1] if one.has_keys else ():
            job = _jobs(provider).get(f"{one.name}, {kind}")
            if job is None or not job["blob_type"] or job["sign"] is None:
                continue
            for seed, answer in answers.items():
                made = answer["made"].get(job["name"], {})
                if "signature" not in made:
                    continue
                doing = f"verifying a signature of {one.name}, made with PYTHONHASHSEED={seed}"
                public = granted(kind.imported, job["blob_type"], bytes.fromhex(made["key"]), doing=doing)
                data, signature = bytes.fromhex(job["sign"]), bytes.fromhex(made["signature"])
                status, _ = status_of(public.verify_signature, data, signature)
                demand(status == NTStatus.STATUS_SUCCESS, "STATUS_SUCCESS", status.name, doing)
    return f"{len(answers)} hash seeds"
