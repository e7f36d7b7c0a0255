"""Import a provider and make keys in a process of their own, and report what changed: for ``process-state`` and others.

The program starts with ``sys.path`` and a description on its command line. An audit hook records what the provider
opens for writing, connects and starts; the state of the process is compared before and after.
"""

from __future__ import annotations

import atexit
import gc
import hashlib
import json
import locale
import logging
import os
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["main"]

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
_TOUCHES = (
    "os.putenv", "os.unsetenv", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod",
    "os.chown", "os.chdir", "os.truncate", "os.utime", "os.kill", "os.killpg", "shutil.copyfile", "shutil.move",
    "shutil.rmtree", "tempfile.mkstemp", "tempfile.mkdtemp", "socket.__new__", "socket.connect", "socket.bind",
    "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "syslog.syslog", "urllib.Request", "webbrowser.open",
    "sqlite3.connect", "sys.settrace", "sys.setprofile", "signal.pthread_kill",
)  # fmt: skip
_STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty")
"""What importing must not do. Making a key may: loading a library can run the linker's search."""


_PYTHON_IGNORES = {getattr(signal, name, None) for name in ("SIGPIPE", "SIGXFSZ", "SIGXFZ")}


class _Watch:
    """The events of the provider, by phase."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.active = False
        self.importing = True
        self._busy = threading.local()

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active or getattr(self._busy, "yes", False):
            return
        self._busy.yes = True
        try:
            if event == "open":
                self._opened(*arguments[:3])
            elif event in _TOUCHES or (self.importing and event in _STARTS):
                self.events.append(event)
        finally:
            self._busy.yes = False

    def _opened(self, path: object, mode: object, flags: object) -> None:
        writes = (isinstance(mode, str) and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & _WRITING)
        if writes and path != os.devnull:
            self.events.append("opening a file for writing")

    def taken(self) -> list[str]:
        found, self.events = sorted(set(self.events)), []
        return found


def _state(*, importing: bool) -> dict[str, object]:
    """Return what a provider must leave as it is."""
    handlers = {number: repr(signal.getsignal(number)) for number in signal.valid_signals()}
    mask = os.umask(0)
    os.umask(mask)
    found: dict[str, object] = {
        "environment": dict(os.environ), "signal handlers": handlers, "random state": hash(random.getstate()),
        "locale": locale.setlocale(locale.LC_ALL), "working directory": os.getcwd(), "umask": mask,
        "excepthook": (id(sys.excepthook), id(threading.excepthook), id(sys.unraisablehook)),
        "recursion limit": sys.getrecursionlimit(), "switch interval": sys.getswitchinterval(),
        "garbage collector": (gc.isenabled(), gc.get_threshold()), "trace": (sys.gettrace(), sys.getprofile()),
        "threads": [thread.ident for thread in threading.enumerate()],
        "standard streams": (id(sys.stdin), id(sys.stdout), id(sys.stderr)),
        "root logger": (logging.root.level, list(map(id, logging.root.handlers)), logging.root.disabled),
        "module search path": list(sys.path), "functions of the standard library": _functions(),
    }  # fmt: skip
    if importing:  # a library may bring its own
        found["warnings filters"] = [str(one) for one in warnings.filters]
    return found


def _functions() -> dict[str, dict[str, int]]:
    """Return which functions and classes the modules have that others rely on: a plug-in must replace none."""
    return {
        name: {what: id(value) for what, value in vars(module).items() if callable(value)}
        for name in ("secrets", "os", "hashlib", "hmac", "random", "ssl", "time", "_random", "builtins")
        if (module := sys.modules.get(name)) is not None
    }


def _same(name: str, before: object, after: object) -> bool:
    """Return whether what was there is as it was; modules may have got more."""
    if name != "functions of the standard library":
        return before == after
    assert isinstance(before, dict) and isinstance(after, dict)  # noqa: S101, PT018 - for the type checker
    return all(
        after[module].get(what) == one
        for module, known in before.items()
        if module in after
        for what, one in known.items()
    )


def _differences(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    return [name for name in before if name in after and not _same(name, before[name], after[name])]


class _Output:
    """The bytes written to stdout and stderr, which are a pipe from now on."""

    def __init__(self) -> None:
        self.real = os.dup(1)
        self._read, write = os.pipe()
        os.set_blocking(self._read, False)
        for number in (1, 2):
            os.dup2(write, number)

    def written(self) -> int:
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            return len(os.read(self._read, 1 << 16))
        except BlockingIOError:
            return 0

    def answer(self, text: str) -> None:
        os.write(self.real, text.encode() + b"\n")


def main(spec: Mapping[str, Any]) -> None:
    """Do what ``spec`` describes and print the result as JSON."""
    output = _Output()
    answer: dict[str, Any] = {"import": {}, "keys": {}, "made": {}, "error": ""}
    from cngcore import registry as registries

    registries.Registry(discover=False)
    for number in signal.valid_signals():  # what this process ignores because its parent does
        if signal.getsignal(number) is signal.SIG_IGN and number not in _PYTHON_IGNORES:
            signal.signal(number, signal.SIG_DFL)
    exits: list[str] = []
    register = atexit.register

    def registered(function: Any, *arguments: Any, **named: Any) -> Any:
        exits.append(str(getattr(function, "__module__", "")).partition(".")[0])
        return register(function, *arguments, **named)

    atexit.register = registered  # type: ignore[assignment]
    watch = _Watch()
    sys.addaudithook(watch.hook)
    before = _state(importing=True)
    watch.active = True
    begun = time.perf_counter()
    try:
        registry = _registry(spec)
        listed = _listing(registry)
    except BaseException as error:
        answer["error"] = f"{type(error).__name__} raised"
        output.answer(json.dumps(answer))
        os._exit(0)
    seconds = time.perf_counter() - begun
    changed = _differences(before, _state(importing=True))
    foreign = [name for name in exits if name not in sys.stdlib_module_names and name != "cngcore"]
    changed += ["functions to call at exit"] if foreign else []
    written = output.written()
    answer["import"] = {
        "changed": changed + watch.taken(), "seconds": seconds, "written": written, "listing": listed,
    }  # fmt: skip
    watch.importing = False
    for job in spec["jobs"]:
        _record(_use_key, registry, job, watch, output, answer)
    for job in spec["symmetric"]:
        _record(_secret_user(), registry, job, watch, output, answer)
    if spec["fork"] and hasattr(os, "fork"):
        watch.active = False
        answer["forked"] = _forked(registry, spec["jobs"])
    output.answer(json.dumps(answer))
    os._exit(0)


def _registry(spec: Mapping[str, Any]) -> Any:
    from cngcore.registry import Registry

    if spec["distribution"]:
        found = Registry(allow=[spec["distribution"]], block=[], strict=False, policies=[])
        found.load_all()
        return found
    return Registry(plugins=[spec["spec"]], strict=False, policies=[])


def _listing(registry: Any) -> list[str]:
    """Return the declarations as text: the same in every process."""
    found = []
    for one in registry.declarations():
        properties = [
            (name, getattr(known.type, "__name__", ""), list(known.values or ()))
            for name, known in one.properties.items()
        ]
        sets = [known.name for known in one.parameter_sets]
        modes, parameters = [mode.name for mode in one.modes], [parameter.name for parameter in one.parameters]
        named = (one.name, one.implementation, list(one.blob_types), properties, sets, modes, parameters)
        found.append(repr(named))
    return found


def _open(registry: Any, job: Mapping[str, Any]) -> Any:
    opened = registry.open_algorithm_provider(job["algorithm"], job["implementation"])
    for name, value in job["on_algorithm"].items():
        opened.set_property(name, value)
    return opened


def _made(opened: Any, job: Mapping[str, Any]) -> Any:
    key = opened.generate_key_pair(job["length"])
    for name, value in job["on_key"].items():
        key.set_property(name, value)
    key.finalize()
    return key


def _record(
    use: Callable[[Any, Mapping[str, Any]], dict[str, str]],
    registry: Any,
    job: Mapping[str, Any],
    watch: _Watch,
    output: _Output,
    answer: dict[str, Any],
) -> None:
    """Do a job, and record what changed in the process and what came."""
    from cngcore.status import CngError

    before = _state(importing=False)
    try:
        made = use(registry, job)
    except CngError as error:
        made = {"error": f"{error.status.name}: {error.message}"}
    except Exception as error:
        made = {"error": f"{type(error).__name__} raised"}
    changed = _differences(before, _state(importing=False)) + watch.taken()
    if output.written():
        changed.append("output")
    answer["made"][job["name"]] = made
    answer["keys"][job["name"]] = changed


def _use_key(registry: Any, job: Mapping[str, Any]) -> dict[str, str]:
    """Make a key, use, export and import it."""
    opened = _open(registry, job)
    key = _made(opened, job)
    made = {"key": key.export(job["blob_type"]).hex() if job["blob_type"] else ""}
    if job["sign"] is not None:
        made["signature"] = key.sign_hash(bytes.fromhex(job["sign"])).hex()
        key.verify_signature(bytes.fromhex(job["sign"]), bytes.fromhex(made["signature"]))
    if job["encapsulate"]:
        secret, ciphertext = key.encapsulate()
        made["encapsulation"] = hashlib.sha256(secret).hexdigest() + ciphertext.hex()
        key.decapsulate(ciphertext)
    for blob_type in job["blob_types"]:
        opened.import_key_pair(blob_type, key.export(blob_type)).destroy()
    if job["agree"]:
        key.agree(_made(opened, job)).destroy()
    key.destroy()
    return made


def _secret_user() -> Callable[[Any, Mapping[str, Any]], dict[str, str]]:
    """Return the use of a hash, a cipher or a key derivation; what it needs of the kit is then imported."""
    from cngcore.conformance._dispatch_program import use_symmetric

    def use(registry: Any, job: Mapping[str, Any]) -> dict[str, str]:
        opened = registry.open_algorithm_provider(job["algorithm"], job["implementation"])
        return {"output": "".join(use_symmetric(opened, job["work"]))}

    return use


def _forked(registry: Any, jobs: list[Mapping[str, Any]]) -> dict[str, list[dict[str, list[str]]]]:
    """Return what this process and its child make after a fork, by job: the next keys, and results of one old key.

    Of signatures it is the first half, r of ECDSA and DSA: the digests differ, so that only a repeated nonce gives the
    same.
    """
    ready = [(job["name"], job["blob_type"], _open(registry, job), job) for job in jobs if job["blob_type"]]
    old = {job["name"]: _made(opened, job) for _, _, opened, job in ready}
    for name, _, _, job in ready:  # whatever it prepares is prepared before the fork
        _results(old[name], job, "before")

    def prints(side: str) -> dict[str, dict[str, list[str]]]:
        return {
            name: {
                "key": [hashlib.sha256(_made(opened, job).export(blob_type)).hexdigest()],
                **(_if_alive if side == "child" else _results)(old[name], job, side),
            }
            for name, blob_type, opened, job in ready
        }

    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(write, json.dumps(prints("child")).encode())
        finally:
            os._exit(0)
    os.close(write)
    text = b""
    while piece := os.read(read, 1 << 16):
        text += piece
    os.waitpid(child, 0)
    theirs = json.loads(text or b"{}")
    return {name: [own, theirs.get(name, {})] for name, own in prints("parent").items()}


def _if_alive(key: Any, job: Mapping[str, Any], side: str) -> dict[str, list[str]]:
    """Return the results of a key in a child; nothing if it is over, because a session with a token ends at a fork."""
    from cngcore.status import InvalidHandleError

    try:
        return _results(key, job, side)
    except InvalidHandleError:
        return {}


def _results(key: Any, job: Mapping[str, Any], side: str) -> dict[str, list[str]]:
    """Return results of a key that differ on both sides of a fork: of other digests, and of encapsulations."""
    found: dict[str, list[str]] = {}
    if job["sign"] is not None:
        size = len(bytes.fromhex(job["sign"]))
        for number in range(3):
            digest = hashlib.shake_128(f"{side} {number}".encode()).digest(size or 32)
            signature = key.sign_hash(digest)
            key.verify_signature(digest, signature)
            found.setdefault("nonce", []).append(signature[: len(signature) // 2].hex())
    if job["encapsulate"]:
        found["encapsulation"] = [hashlib.sha256(key.encapsulate()[1]).hexdigest()]
    return found


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
