"""Start-up: whole processes, from the bare interpreter to one that has made its first key. Byte code is cached.

Each figure is of wall-clock time, and again of the processor time of the same runs. On an idle machine the two agree;
on a busy one the processor time scatters less. The program written by hand does what the core does with the libraries
that the project names: it imports pluggy, importlib_metadata and the back end, reads the entry points, registers one
plug-in and makes the key.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.bounds import Bound, slowness_note
from benchmarks.harness import Figure

ROUNDS = 31

BARE = "pass"
IMPORT = "import cngcore"
BARE_P256 = "from cryptography.hazmat.primitives.asymmetric import ec; ec.generate_private_key(ec.SECP256R1())"
OBJECT_P256 = "import cngcore; cngcore.generate_key_pair('ECDSA_P256', 256)"
FLAT_P256 = (
    "import cngcore.bcrypt as b; _, h = b.BCryptOpenAlgorithmProvider('ECDSA_P256'); "
    "_, k = b.BCryptGenerateKeyPair(h, 256); assert b.BCryptFinalizeKeyPair(k) == 0"
)
BY_HAND = """
import importlib_metadata, pluggy
from cryptography.hazmat.primitives.asymmetric import ec

class Specifications:
    @pluggy.HookspecMarker("by_hand")
    def register(self): ...

class PlugIn:
    @pluggy.HookimplMarker("by_hand")
    def register(self):
        return [ec.SECP256R1()]

points = importlib_metadata.entry_points(group="cngcore.algorithms")
assert [point for point in points if point.name == "ECDSA_P256"]
manager = pluggy.PluginManager("by_hand")
manager.add_hookspecs(Specifications)
manager.register(PlugIn())
manager.check_pending()
((curve,),) = manager.hook.register()
ec.generate_private_key(curve)
"""
NAMED_P256 = "import cngcore; cngcore.Registry(plugins=['cngcore_ec']).generate_key_pair('ECDSA_P256', 256)"
BARE_MLKEM = (
    "from cryptography.hazmat.primitives.asymmetric import mlkem as m; k = m.MLKEM768PrivateKey.generate(); "
    "s, c = k.public_key().encapsulate(); assert k.decapsulate(c) == s"
)
OBJECT_MLKEM = "import cngcore; cngcore.generate_key_pair('ML-KEM', parameter_set='768', implementation='cryptography')"

PROVIDER = """
from cngcore.provider import Algorithm, ExactLength, KeyFactory, KeyMaterial, hookimpl

class Key(KeyMaterial):
    has_private = True

class Factory(KeyFactory):
    def generate(self, request):
        return Key()

@hookimpl
def cngcore_register_algorithms():
    rule = ExactLength(256)
    return [Algorithm(name, "crowd{number}", {{"sign"}}, rule, rank=-5, factory=Factory) for name in {names}]
"""

BROKEN = {
    17: "import no_such_module_at_all",
    18: "raise SystemExit(3)",
    19: "def cngcore_register_algorithms(): return []",
}
"""Providers of the crowd that cannot be loaded."""

ALSO_P256 = 5
"""How many providers of the crowd serve ECDSA_P256 too: their modules must be imported before one is chosen."""


def figures() -> Iterator[Figure]:
    yield from _compared("import cngcore", (_python(IMPORT), None), (_python(BARE), None), Bound(8, "2"), more=True)
    for name, ours, bare, bound in (
        ("first P-256 key, object, by hand", OBJECT_P256, BY_HAND, Bound(1.10, "2")),
        ("first P-256 key, flat, by hand", FLAT_P256, BY_HAND, Bound(1.10, "2")),
        ("first P-256 key, named plug-in, bare", NAMED_P256, BARE_P256, Bound(1.7, "2")),
        ("first P-256 key, object, bare", OBJECT_P256, BARE_P256, None),
        ("pluggy and importlib_metadata alone", "import pluggy, importlib_metadata", BARE, None),
        ("first ML-KEM-768 key, object, bare", OBJECT_MLKEM, BARE_MLKEM, None),
    ):
        more = bare == BARE
        yield from _compared(name, (_python(ours), None), (_python(bare), None), bound, more=more)
    command = _python(OBJECT_P256)
    for count, providers, also, bound in (
        (1, 0, 0, None),
        (20, 0, 0, None),
        (300, 0, 0, None),
        (300, 20, 0, None),
        (300, 20, ALSO_P256, None),
    ):
        told = f", {providers} providers" if providers else ""
        told += f", {also} for P-256" if also else ""
        name = f"first P-256 key, {count} more distribution{'s' * (count > 1)}{told}"
        with tempfile.TemporaryDirectory() as folder:
            lay(Path(folder), count, providers, also)
            yield from _compared(name, (command, folder), (command, None), bound, more=True)


def lay(folder: Path, count: int, providers: int, also: int) -> None:
    """Make ``count`` distributions; the first ``providers`` are cngcore's, ``also`` of these serve ECDSA_P256 too."""
    for number in range(count):
        info = folder / f"crowd_{number:03}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: crowd-{number:03}\nVersion: 1.0\n")
        points = f"[console_scripts]\ncrowd{number} = crowd_{number:03}:main\n"
        if number < providers:
            names = [f"CROWD{number}"] + (["ECDSA_P256"] if number < also else [])
            points += "\n[cngcore.algorithms]\n" + "".join(f"{name} = crowd_{number:03}\n" for name in names)
            source = BROKEN.get(number, PROVIDER.format(number=number, names=names))
            (folder / f"crowd_{number:03}.py").write_text(source)
        (info / "entry_points.txt").write_text(points)


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


Side = tuple[Sequence[str], str | None]
"""A command, and a folder on its path or None."""


def _compared(name: str, ours: Side, theirs: Side, bound: Bound | None, *, more: bool = False) -> Iterator[Figure]:
    """The two in turns: how much longer ours takes, or with ``more`` how many milliseconds more."""
    taken = _in_turns(ours, theirs)
    note = slowness_note() if bound is not None and more else ""
    for told, index in ((name, 0), (f"{name}: processor time", 1)):
        left, right = ([times[index] for times in side] for side in taken)
        pairs = list(zip(left, right, strict=True))
        rounds = [(a - b) / 1e3 for a, b in pairs] if more else [a / b for a, b in pairs]
        sides = {"cngcore" if ours[1] is None else "among": left, "bare" if ours[1] is None else "alone": right}
        yield Figure("start", told, "ms more" if more else "ratio", rounds, sides, bound, note)


def _in_turns(*sides: Side) -> list[list[tuple[float, float]]]:
    """Microseconds of each command, (wall clock, processor), in turns; the first runs fill the caches."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    taken: list[list[tuple[float, float]]] = [[] for _ in sides]
    for turn in range(ROUNDS + 2):
        for index, (command, folder) in enumerate(sides) if turn % 2 else reversed(list(enumerate(sides))):
            environment = clean if folder is None else {**clean, "PYTHONPATH": folder}
            before, begun = _spent(), time.perf_counter()
            subprocess.run(command, env=environment, check=True, stderr=subprocess.DEVNULL)
            spent, processor = time.perf_counter() - begun, _spent() - before
            if turn > 1:
                taken[index].append((spent * 1e6, processor * 1e6))
    return taken


def _spent() -> float:
    """Seconds of processor time of the child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
