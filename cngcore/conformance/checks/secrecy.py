"""Check that no private number is in a repr, a log record, an exception or a pickle (docs/explanation/security.md)."""

from __future__ import annotations

import base64
import copy
import gc
import logging
import pickle
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging import Logger
from types import CodeType, FrameType, FunctionType, MethodType, ModuleType

from cngcore._checks import is_exactly
from cngcore.conformance._check import Failure, Skip, bcrypt, check, demand, status_of
from cngcore.conformance._subject import Kind
from cngcore.conformance.checks.public_halves import private_uses
from cngcore.objects import AlgorithmProvider, KeyPair
from cngcore.provider import Algorithm, KeyMaterial, KeyRequest
from cngcore.status import CngError

_RULE = "docs/explanation/security.md: secrets never appear in repr, logs, exceptions or audit events"
_WINDOW = 8


class Secrets:
    """The private bytes of keys; any eight of them in a row are found in a text."""

    def __init__(self) -> None:
        self._windows: set[bytes] = set()
        self._decimals: list[str] = []
        self._short: set[int] = set()

    def add(self, private: bytes, public: bytes) -> None:
        """Add a private blob, without the bytes that public blobs contain and without filling."""
        known = {public[i : i + _WINDOW] for i in range(len(public) - _WINDOW + 1)}
        for order in (private, private[::-1]):
            for start in range(len(order) - _WINDOW + 1):
                window = order[start : start + _WINDOW]
                if len(set(window)) > 4 and window not in known and window[::-1] not in known:
                    self._windows.add(window)

    def add_number(self, data: bytes) -> None:
        """Add a private number, to find its decimal form and 32 bits of it."""
        for order in ("big", "little"):
            number = int.from_bytes(data, order)
            for start in range(max(0, number.bit_length() - 31)):
                self._short.add(number >> start & 0xFFFFFFFF)
            text = str(number)
            if len(text) > 24:
                self._decimals.append(text)

    @property
    def known(self) -> bool:
        return bool(self._windows)

    def found_in(self, text: str) -> str:
        """Return the form in which a text contains a secret, or ""."""
        joined = _SPACED.sub(lambda found: re.sub("[^0-9a-fA-F]", "", found[0]), text)
        if any(
            self.holds(bytes.fromhex(run[odd : len(run) - (len(run) - odd) % 2]))
            for run in _HEX.findall(joined)
            for odd in (0, 1)
        ):
            return "in hexadecimal"
        unescaped = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
        if self.holds(unescaped.encode("latin-1", "replace")):
            return "as bytes"
        for run in _BASE64.findall(text):
            for start in range(4):
                piece = run[start : start + (len(run) - start) // 4 * 4]
                if self.holds(base64.b64decode(piece.replace("-", "+").replace("_", "/"))):
                    return "in base64"
        if self.holds(bytes(int(part) for run in _LIST.findall(text) for part in run.split(",") if int(part) < 256)):
            return "as a list of numbers"
        for run in _DIGITS.findall(text):
            middle = run[:20]
            if any(middle in number for number in self._decimals):
                return "as a decimal number"
        return ""

    def short_in(self, text: str) -> bool:
        """Return whether a text has 32 bits of a private number in hexadecimal; rarely, it has them by chance."""
        return any(
            len(set(run[at : at + 8])) > 2 and int(run[at : at + 8], 16) in self._short
            for run in _SHORT_HEX.findall(text)
            for at in range(len(run) - 7)
        )

    def holds(self, data: bytes) -> bool:
        """Return whether data has eight bytes of a secret in a row."""
        return any(data[i : i + _WINDOW] in self._windows for i in range(len(data) - _WINDOW + 1))


_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){8,}[0-9a-fA-F]?")
_SHORT_HEX = re.compile(r"[0-9a-fA-F]{8,}")
_SPACED = re.compile(r"(?:[0-9a-fA-F]{2}[: -]){7,}[0-9a-fA-F]{2}")
_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}")
_DIGITS = re.compile(r"[0-9]{20,}")
_LIST = re.compile(r"(?:[0-9]{1,3}, ?){7,}[0-9]{1,3}")


def secrets_of(kind: Kind, *keys: object) -> Secrets:
    """Return the private bytes of the kind's key, from its blobs."""
    found = Secrets()
    for key in keys or (kind.key,):
        export: Callable[[str], bytes] = key.export  # type: ignore[attr-defined]
        public = b"".join(bytes(export(name)) for name in kind.blob_types(private=False, exports=True))
        for name in kind.blob_types(private=True, exports=True):
            status, blob = status_of(export, name)
            if status.is_success:
                found.add(bytes(blob), public)
                for number in _numbers(name, bytes(blob)):
                    found.add_number(number)
    if not found.known:
        raise Skip("it exports no private blob, so the kit does not know its secrets")
    return found


def _numbers(name: str, blob: bytes) -> Iterator[bytes]:
    """Yield the private numbers of a blob (contract: rule-layout)."""
    size = int.from_bytes(blob[4:8], "little")
    if name in ("ECCPRIVATEBLOB", "DHPRIVATEBLOB"):
        yield blob[8 + (2 if name[0] == "E" else 3) * size :]
    elif name == "RSAPRIVATEBLOB":
        e, n, p, _ = (int.from_bytes(blob[at : at + 4], "little") for at in (8, 12, 16, 20))
        yield blob[24 + e + n : 24 + e + n + p]
        yield blob[24 + e + n + p :]
    elif name == "RSAFULLPRIVATEBLOB":
        yield blob[-int.from_bytes(blob[12:16], "little") :]
    elif name == "DSAPRIVATEBLOB":
        yield blob[-20:] if blob[:4] == b"DSPV" else blob[-int.from_bytes(blob[20:24], "little") :]
    elif name.endswith("SEEDBLOB"):
        yield blob[12 + int.from_bytes(blob[4:8], "little") :]


def new_material(kind: Kind) -> tuple[KeyMaterial, list[object]]:
    """Return material straight from the provider's factory, with its other results."""
    _ = kind.key  # skips if no keys are made
    factory = kind.opened.factory
    settings = dict(kind.settings)
    made = factory.generate(KeyRequest(kind.length, 0, settings, kind.parameter_set))  # type: ignore[attr-defined]
    return made, [made, factory]


@check(
    "secret-repr",
    "key",
    rule=_RULE,
    remedy="Keep __repr__ and __str__ of KeyMaterial, or let them show lengths and names only.",
)
def secret_repr(kind: Kind) -> None:
    """No private number is in the repr, str or format of a key, its material, its factory or its secrets."""
    made, things = new_material(kind)
    secrets = secrets_of(kind, made, kind.key)
    things += [kind.key, kind.opened, kind.implementation.algorithm, kind.implementation.candidate]
    if "agree" in kind.algorithm.operations:
        things.append(kind.key.agree(kind.another))
    for thing in things:
        for how in (repr, str, "{!r:>5}".format, "{}".format, ascii):
            text = how(thing)
            where = secrets.found_in(text)
            demand(
                not where,
                "no secret",
                f"one, {where}",
                f"taking the {getattr(how, '__name__', 'format')} of a {type(thing).__name__}",
            )


_FIELDS = " fields: "


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(f"{record.getMessage()} {record.args!r}{_FIELDS}{sorted(vars(record).items(), key=str)!r}")
        if record.exc_info and record.exc_info[1] is not None:
            self.texts.append(repr(record.exc_info[1]))


@contextmanager
def logged() -> Iterator[list[str]]:
    """Collect everything that any logger logs in the block, from DEBUG on."""
    handler, root = _Records(), logging.getLogger()
    level, disabled = root.level, logging.root.manager.disable
    quiet = {
        name: one.level for name, one in logging.root.manager.loggerDict.items() if isinstance(one, logging.Logger)
    }
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.disable(logging.NOTSET)
    for name in quiet:
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        yield handler.texts
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        logging.disable(disabled)
        for name, before in quiet.items():
            logging.getLogger(name).setLevel(before)


def _everything(kind: Kind) -> tuple[Secrets, list[BaseException]]:
    """Use a new key in every way, rightly and wrongly; return its secrets and every error."""
    key = kind.new()
    secrets = secrets_of(kind, key)
    errors: list[BaseException] = []

    def attempt(call: Callable[..., object], *arguments: object) -> None:
        try:
            call(*arguments)
        except (KeyboardInterrupt, Failure):
            raise
        except BaseException as error:
            errors.append(error)

    for call in private_uses(kind, key).values():
        attempt(call)
    for name in kind.blob_types(imports=True, exports=True):
        blob = bytes(key.export(name))
        attempt(kind.imported, name, blob)
        for wrong in (
            blob[:-1],
            blob + b"\0",
            blob[:8] + blob[9:],
            b"\0" * 4 + blob[4:],
            _turned(blob, -1),
            _turned(blob, 8),
        ):
            attempt(kind.imported, name, wrong)
    attempt(key.sign_bytes, b"", b"not a padding")
    attempt(key.sign_bytes, bytes(7))
    attempt(key.decrypt, bytes(7))
    attempt(key.decapsulate, bytes(7))
    attempt(key.export, "NoSuchBlob")
    attempt(key.get_property, "NoSuchProperty")
    key.destroy()
    return secrets, errors


def _turned(blob: bytes, place: int) -> bytes:
    changed = bytearray(blob)
    changed[place] ^= 1
    return bytes(changed)


@check(
    "secret-logs",
    "key",
    rule=_RULE,
    remedy="Log what was done and what failed, but no argument, no blob and no text of a back end's exception.",
)
def secret_logs(kind: Kind) -> None:
    """No private number, and no 32 bits of one in hexadecimal, is in a log record, whatever is done with a key, at any
    level."""
    for attempt in range(3):
        with logged() as texts:
            secrets, _ = _everything(kind)
        for text in texts:
            where = secrets.found_in(text)
            demand(not where, "no secret", f"one, {where}", "reading what was logged")
        if not any(secrets.short_in(text.partition(_FIELDS)[0]) for text in texts):
            return
        doing = "reading what was logged of three keys"
        demand(attempt < 2, "no part of a secret", "32 bits of one, in hexadecimal, each time", doing)  # not by chance


@check(
    "secret-exceptions",
    "key",
    rule=_RULE,
    remedy="Write messages from lengths and names; raise 'from None' if the back end's message could contain a secret.",
)
def secret_exceptions(kind: Kind) -> None:
    """No private number is in an exception or its cause, whatever is wrong with a key or a blob."""
    secrets, errors = _everything(kind)
    for error in errors:
        for link in chained(error):
            where = secrets.found_in(f"{link} {link!r} {link.args!r} {vars(link)!r}")
            demand(not where, "no secret", f"one, {where}, in a {type(link).__name__}", "reading exceptions")
        if not isinstance(error, CngError):
            raise Failure("a CngError", f"{type(error).__name__} raised", "using a key wrongly")


def chained(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all exceptions chained to it."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__]


@check(
    "secret-pickle",
    "key",
    rule="the documentation of cngcore.provider.KeyMaterial: material cannot be pickled or copied",
    remedy="Keep __reduce__ of KeyMaterial, and do not override __getstate__, __copy__ or __deepcopy__.",
)
def secret_pickle(kind: Kind) -> None:
    """Neither a key nor its material can be pickled or copied."""
    made, _ = new_material(kind)
    for thing in (kind.key, made, kind.opened):
        for name, attempt in (("pickling", pickle.dumps), ("copying", copy.copy), ("deep-copying", copy.deepcopy)):
            try:
                attempt(thing)
            except KeyboardInterrupt:
                raise
            except BaseException:  # noqa: S112 - any refusal will do
                continue
            raise Failure("a refusal", "a copy", f"{name} a {type(thing).__name__}")


@check(
    "secret-buffers",
    "key",
    rule="contract: rule-size-query, rule-python-objects",
    remedy="Return private blobs as a fresh bytearray: the core wipes it after it has filled the caller's buffer.",
)
def secret_buffers(kind: Kind) -> None:
    """A private blob is copied to the caller's buffer, and the key is unchanged when that is wiped."""
    with kind.flat_key() as (_, key):
        for name in kind.blob_types(private=True, exports=True):
            size = bcrypt.BCryptExportKey(key, None, name)[1]
            demand(size, "a size", repr(size), f"the size query of {name}")
            first, second = bytearray(size or 0), bytearray(size or 0)
            bcrypt.BCryptExportKey(key, None, name, first)
            kept = bytes(first)
            first[:] = bytes(len(first))
            bcrypt.BCryptExportKey(key, None, name, second)
            demand(bytes(second) == kept and any(second), "the same blob", "another", f"exporting {name} again")


_MOST = 20000
"""How many objects are looked at from one starting point."""


@check(
    "secret-reachable",
    "key",
    rule=_RULE + "; contract: rule-destroy-key",
    remedy="Give the public half only public numbers, and keep no private key in the factory, a class or a module: "
    "what was destroyed must be out of reach.",
)
def secret_reachable(kind: Kind) -> str:
    """After a key is dropped, nothing that its public half, its factory and its modules refer to has its private
    number."""
    made, (_, factory) = new_material(kind)
    secrets = secrets_of(kind, made, kind.key)
    _, half = status_of(made.public)
    del made
    gc.collect()
    package = kind.implementation.candidate.module.partition(":")[0].partition(".")[0]
    modules = [one for name, one in sorted(sys.modules.items()) if name.partition(".")[0] == package]
    held = [vars(one) for one in modules]
    seen = 0
    for where, start in (("its public half", half), ("its factory", factory), ("a module of the provider", held)):
        for thing in _reachable(start, package):
            seen += 1
            if what := _tells(thing, secrets):
                raise Failure("no private number", what, f"following what {where} refers to")
    return f"{seen} objects"


def _reachable(start: object, package: str) -> Iterator[object]:
    """Yield what an object refers to, directly and through others; not the core, and of code only the provider's."""
    known, waiting = {id(start)}, [start]
    while waiting and len(known) < _MOST:
        thing = waiting.pop()
        yield thing
        for other in gc.get_referents(thing):
            if id(other) not in known and not is_exactly(other, *_NOT_FOLLOWED) and _is_data(other, package):
                known.add(id(other))
                waiting.append(other)


_NOT_FOLLOWED = (ModuleType, CodeType, FrameType, Algorithm, AlgorithmProvider, KeyPair, Logger)


def _is_data(thing: object, package: str) -> bool:
    """Return whether an object is data, or a class or function of the provider's own package."""
    if is_exactly(thing, type, FunctionType, MethodType):
        return str(getattr(thing, "__module__", "")).partition(".")[0] == package
    return True


def _answers(thing: object) -> bool:
    """Return whether an object can be asked for its class: a proxy may raise anything."""
    try:
        return thing.__class__ is not None
    except Exception:
        return False


def _tells(thing: object, secrets: Secrets) -> str:
    """Return what an object tells of the secrets, or ""."""
    name = type(thing).__name__
    if not _answers(thing):
        return ""
    if isinstance(thing, KeyMaterial):
        return f"key material with a private half ({name})" if thing.has_private else ""
    if isinstance(thing, bytes | bytearray | memoryview):
        return f"it, in {name}" if secrets.holds(bytes(thing)) else ""
    if isinstance(thing, str):
        return f"it, {where}, in a text" if len(thing) >= _WINDOW and (where := secrets.found_in(thing)) else ""
    if isinstance(thing, int):
        size = (thing.bit_length() + 7) // 8
        return "it, in an int" if size >= 2 * _WINDOW and secrets.holds(abs(thing).to_bytes(size, "big")) else ""
    for method in ("private_bytes_raw", "private_numbers"):
        try:
            call = getattr(thing, method, None)
            told = call() if callable(call) and not isinstance(thing, type) else None
        except Exception:  # noqa: S112 - any object may have a method of that name
            continue
        if isinstance(told, bytes | bytearray) and secrets.holds(bytes(told)):
            return f"it, in a {name} of another library"
        for attribute in ("private_value", "p", "x"):
            number = getattr(told, attribute, None)
            if isinstance(number, int) and secrets.holds(number.to_bytes((number.bit_length() + 7) // 8, "big")):
                return f"it, in a {name} of another library"
    return ""
