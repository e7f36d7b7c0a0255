"""Check the provider as a whole: its entry points, its plug-in module, and the effects of importing it."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import lru_cache
from importlib.metadata import packages_distributions

from cngcore.conformance._check import Failure, Skip, check, demand
from cngcore.conformance._subject import Provider
from cngcore.registry import discover, normalized

_PROVIDER_RULE = "the documentation of cngcore.provider"

_PROBE = """
import io, json, os, sys, time
spec = json.loads(sys.argv[1])
sys.path[:] = spec["path"]
out, err = os.dup(1), os.dup(2)
read, write = os.pipe()
for number in (1, 2):
    os.dup2(write, number)
import cngcore, cngcore.provider, cngcore.registry
cngcore.Registry(discover=False)
before = set(sys.modules)
import threading
threads = threading.active_count()
answer = {"raised": "", "registered": 0}
begun = time.perf_counter()
try:
    from importlib import import_module
    for name in spec["modules"]:
        module, _, attribute = name.partition(":")
        plugin = import_module(module)
        for part in attribute.split(".") if attribute else ():
            plugin = getattr(plugin, part)
        answer["registered"] += len(list(plugin.cngcore_register_algorithms()))
except BaseException as error:
    answer["raised"] = type(error).__name__
answer["seconds"] = time.perf_counter() - begun
answer["modules"] = sorted(set(sys.modules) - before)
answer["threads"] = threading.active_count() - threads
sys.stdout.flush()
sys.stderr.flush()
os.set_blocking(read, False)
try:
    answer["written"] = len(os.read(read, 65536))
except BlockingIOError:
    answer["written"] = 0
os.dup2(out, 1)
print(json.dumps(answer), flush=True)
os._exit(0)
"""


@lru_cache(maxsize=32)
def _imported(modules: tuple[str, ...], path: tuple[str, ...]) -> dict[str, object]:
    """Import the plug-in modules in a fresh interpreter, call their hook, and return the effects."""
    spec = json.dumps({"modules": modules, "path": path})
    try:
        run = subprocess.run(  # noqa: S603 - our own interpreter and program
            [sys.executable, "-I", "-c", _PROBE, spec], capture_output=True, text=True, timeout=60, check=False
        )
    except subprocess.TimeoutExpired:
        raise Failure("an import that ends", "nothing within 60 s", f"importing {', '.join(modules)}") from None
    try:
        answer: dict[str, object] = json.loads(run.stdout)
    except ValueError:
        raise Failure(
            "the import to come back", f"the interpreter ended with status {run.returncode}", "importing it"
        ) from None
    return answer


def import_report(provider: Provider) -> dict[str, object]:
    """Return the answer of a fresh interpreter: raised, registered, seconds, modules, threads, written."""
    return _imported(provider.modules, tuple(sys.path))


@check(
    "registration",
    "provider",
    rule=_PROVIDER_RULE,
    remedy="Correct what the fault names: the hook is cngcore_register_algorithms, decorated with hookimpl; it returns "
    "a list of Algorithm, each pair of name and implementation once, and every algorithm of the entry points.",
)
def registration(provider: Provider) -> None:
    """The plug-in loads and registers everything that its entry points promise, each once."""
    found = provider.implementations
    if provider.faults:
        fault = provider.faults[0]
        raise Failure("a provider that loads", f"{fault.reason} (at {fault.stage})", f"loading {fault.module}")
    demand(found, "at least one algorithm", "none", "loading the provider")
    seen: dict[tuple[str, str], str] = {}
    for one in found:
        key = (one.algorithm.name, one.algorithm.implementation)
        demand(key not in seen, "each implementation once", f"{one.name} is registered twice", "loading its modules")
        seen[key] = one.candidate.module


@check(
    "entry-points",
    "provider",
    rule="the entry-point group cngcore.algorithms: the name is the algorithm, the value the plug-in module",
    remedy="Give every algorithm that the hook registers its own line in "
    '[project.entry-points."cngcore.algorithms"], and no line to others.',
)
def entry_points(provider: Provider) -> None:
    """Entry points and declarations name the same algorithms, and the distribution is installed once."""
    if not provider.distribution:
        raise Skip("it is not installed as a distribution")
    registry = provider.registry()
    registry.load_all()
    for module in provider.modules:
        promised = sorted(name for name, origin in provider.points if origin.module == module)
        demand(
            len(promised) == len(set(promised)),
            "each algorithm once",
            f"{promised} promised by {module}",
            "its metadata",
        )
        declared = sorted({one.algorithm.name for one in provider.implementations if one.candidate.module == module})
        missing = sorted(set(promised) - set(declared))
        demand(not missing, f"what {module} promises", f"{', '.join(missing)} not registered", "comparing the two")
    hidden = sorted(_registered(provider) - {name for name, _ in provider.points})
    demand(
        not hidden,
        "an entry point for each algorithm",
        f"none for {', '.join(hidden)}: nobody can find it",
        "comparing the two",
    )
    found = [origin for origins in discover().algorithms.values() for origin in origins]
    places = {origin.version for origin in found if _is(origin.distribution, provider)}
    demand(len(places) == 1, "one installed version", ", ".join(sorted(places)), "looking for the distribution")


def _is(name: str, provider: Provider) -> bool:
    return normalized(name) == normalized(provider.distribution)


def _registered(provider: Provider) -> set[str]:
    """Return the names of all algorithms that the plug-ins declare."""
    return {algorithm.name for algorithm in provider.registry().declarations()}


@check(
    "import-quiet",
    "provider",
    rule=_PROVIDER_RULE + "; docs/decisions/discovery.md",
    remedy="Only declare in the plug-in module: no output, no thread, no exit; move work that can fail to the "
    "factory or the probe.",
)
def import_quiet(provider: Provider) -> None:
    """Importing the plug-in module and calling its hook writes nothing, starts no thread, and ends."""
    answer = import_report(provider)
    demand(
        not answer["raised"], "an import that succeeds", f"{answer['raised']} raised", "importing the plug-in module"
    )
    demand(not answer["written"], "silence", f"{answer['written']} bytes of output", "importing the plug-in module")
    demand(not answer["threads"], "no thread", f"{answer['threads']} started", "importing the plug-in module")
    demand(answer["registered"], "declarations", "none", "calling cngcore_register_algorithms")


@check(
    "import-no-back-end",
    "provider",
    rule=_PROVIDER_RULE + ": the declaration must not import the back end",
    remedy="Give factory and probe as dotted paths ('acme_cng.keys:Factory') and import the back end in that "
    "module only.",
)
def import_no_back_end(provider: Provider) -> str:
    """The declaration imports nothing but the standard library, cngcore and its own packages."""
    answer = import_report(provider)
    own = {name.partition(":")[0].partition(".")[0] for name in provider.modules} | {"cngcore", "pluggy"}
    modules = answer["modules"] if isinstance(answer["modules"], list) else []
    foreign = {name.partition(".")[0] for name in modules} - own - sys.stdlib_module_names
    foreign = {name for name in foreign if not name.startswith("__editable__")}
    if foreign:  # only then, because it reads every installed distribution
        owners = packages_distributions()
        foreign = {name for name in foreign if not any(_is(owner, provider) for owner in owners.get(name, ()))}
    if foreign:
        came = ", ".join(sorted(foreign))
        raise Failure("nothing imported but its own package", came, "importing the plug-in module")
    return f"imported in {float(str(answer['seconds'])) * 1000:.1f} ms, {len(modules)} modules"
