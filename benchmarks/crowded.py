"""What a crowd of installed distributions costs: `cng algorithms` and the first P-256 key of a process.

Beside the environment it runs in, it lays a folder with 300 distributions, 20 of them cngcore providers (5 of these
serve ECDSA_P256 too) and 3 of those broken, and times both commands with and without it, in turns:

    python benchmarks/crowded.py
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DISTRIBUTIONS = 300
PROVIDERS = 20
BROKEN = {
    17: "import no_such_module_at_all",
    18: "raise SystemExit(3)",
    19: "def cngcore_register_algorithms(): return []",
}
ALSO_P256 = 5
REPEATS = 31

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

COMMANDS = {
    "first P-256 key": [sys.executable, "-c", "import cngcore; cngcore.generate_key_pair('ECDSA_P256', 256)"],
    "cng algorithms": [sys.executable, "-m", "cngcore.cli", "algorithms"],
}


def lay(folder: Path) -> None:
    """Make the distributions."""
    for number in range(DISTRIBUTIONS):
        info = folder / f"crowd_{number:03}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: crowd-{number:03}\nVersion: 1.0\n")
        points = f"[console_scripts]\ncrowd{number} = crowd_{number:03}:main\n"
        if number < PROVIDERS:
            names = [f"CROWD{number}"] + (["ECDSA_P256"] if number < ALSO_P256 else [])
            points += "\n[cngcore.algorithms]\n" + "".join(f"{name} = crowd_{number:03}\n" for name in names)
            source = BROKEN.get(number, PROVIDER.format(number=number, names=names))
            (folder / f"crowd_{number:03}.py").write_text(source)
        (info / "entry_points.txt").write_text(points)


def timed(command: list[str], environment: dict[str, str]) -> float:
    """Milliseconds of a whole process."""
    begun = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.perf_counter() - begun) * 1e3


def main() -> None:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as name:
        lay(Path(name))
        crowded = {**clean, "PYTHONPATH": name}
        for what, command in COMMANDS.items():
            for environment in (clean, crowded):
                timed(command, environment)
            pairs = [(timed(command, clean), timed(command, crowded)) for _ in range(REPEATS)]
            alone, among = (statistics.median(column) for column in zip(*pairs, strict=True))
            print(f"{what:<16}  clean {alone:6.1f} ms   crowded {among:6.1f} ms   more {among - alone:5.1f} ms")
        shown = subprocess.run(
            [sys.executable, "-m", "cngcore.cli", "providers"], env=crowded, capture_output=True, text=True, check=False
        )
        print(
            "\n"
            + "\n".join(line for line in shown.stdout.splitlines() if "crowd-01" in line or line.startswith("    "))
        )


if __name__ == "__main__":
    main()
