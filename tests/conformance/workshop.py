"""Makes installed distributions out of the toy provider: as it is, or with a few lines changed."""

import os
import random
import shutil
import signal
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path

from cngcore.conformance.checks import load

TOY = Path(__file__).parent / "toy"
STRANGER = TOY.with_name("stranger")
LONG = {
    "keys-growth", "keys-random", "nothing-leaks", "threads", "processes-agree", "processes-differ", "process-state",
    "import-no-back-end", "import-quiet", "import-time", "dispatch-load", "signature-numbers", "signature-sizes",
    "cipher-threads", "symmetric-leaks", "cipher-long", "authenticated-messages",
}  # fmt: skip
"""Checks that run processes, make keys and signatures by the hundred, or encrypt long messages: they take most of a
run's time. A deviation of each is caught in every run of the tests, and the providers of this project pass them."""

BRIEF = [name for name in load() if name not in LONG]
ALGORITHMS = ("ECDSA_P256", "ECDH_P256", "ECDH", "RSA", "ML-KEM", "SHA256", "RNG")
SYMMETRIC_TOY = Path(__file__).parent / "toy_symmetric"
SYMMETRIC = ("AES", "XTS-AES", "RC2", "RC4", "AES-CMAC", "AES-GMAC", "PBKDF2", "SP800_108_CTR_HMAC", "HKDF")
PROMISED = {TOY: ALGORITHMS, STRANGER: ("toy:X448",), SYMMETRIC_TOY: SYMMETRIC}
"""The algorithms of each right provider."""


def install(folder, slug, changes=(), promised=None, source=TOY):
    """Put a distribution ``toy-SLUG`` with the package ``toy_SLUG`` into ``folder``, as pip would.

    ``source`` is the right provider: that of algorithms of bcrypt.h, the stranger of X448, or that of symmetric keys.
    ``promised`` are the names of its entry points, by default all of its algorithms. ``changes`` are (file, old, new);
    each old text must stand in the file just once, so that none is lost unnoticed.
    """
    package = f"toy_{slug.replace('-', '_')}"
    home = folder / package
    promised = PROMISED[source] if promised is None else promised
    shutil.copytree(source, home, ignore=shutil.ignore_patterns("__pycache__"))
    for file, old, new in changes:
        path = home / file
        text = path.read_text()
        assert text.count(old) == 1, f"{slug}: {file} has {text.count(old)} times {old!r}"
        path.write_text(text.replace(old, new))
    for path in home.glob("*.py"):
        path.write_text(path.read_text().replace("toy_cng", package))
    info = folder / f"{package}-0.1.dist-info"
    info.mkdir()
    info.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: toy-{slug}\nVersion: 0.1\n")
    lines = "".join(f"{name} = {package}\n" for name in promised)
    info.joinpath("entry_points.txt").write_text(f"[cngcore.algorithms]\n{lines}")
    return package


@contextmanager
def restored():
    """Put back what a deviation replaces in the standard library, sets, seeds or filters."""
    modules = [sys.modules[name] for name in ("secrets", "os", "hashlib", "hmac", "random", "time", "builtins")]
    before = [dict(vars(module)) for module in modules]
    environment, filters = dict(os.environ), [*warnings.filters]
    drawn, limit = random.getstate(), sys.getrecursionlimit()
    handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
    try:
        yield
    finally:
        for module, known in zip(modules, before, strict=True):
            vars(module).update(known)
        os.environ.clear()
        os.environ.update(environment)
        warnings.filters[:] = filters
        random.setstate(drawn)
        sys.setrecursionlimit(limit)
        for number, handler in handlers.items():
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)


@contextmanager
def importable(folder, package):
    """The folder on ``sys.path``. Afterwards nothing of the package is left, nor of what it did to the process."""
    sys.path.insert(0, str(folder))
    try:
        with restored():
            yield
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]
