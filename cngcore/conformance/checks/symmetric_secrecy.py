"""Check that no secret of a symmetric key or MAC is in a repr, a log record or an exception, and that it is wiped."""

from __future__ import annotations

import copy
import gc
import pickle
from collections.abc import Callable, Iterator
from types import TracebackType

from cngcore import constants as c
from cngcore.conformance import _secrets as with_
from cngcore.conformance._check import Failure, Skip, check, demand, living, status_of
from cngcore.conformance._secrets import message, output_of, setups, start_mac
from cngcore.conformance._subject import Implementation
from cngcore.conformance.checks.life_cycle import growth
from cngcore.conformance.checks.secrecy import Secrets, chained, logged
from cngcore.objects import SymmetricKey
from cngcore.provider import CipherMaterial, HashState
from cngcore.status import CngError

_RULE = "docs/explanation/security.md: secrets never appear in repr, logs, exceptions or audit events"
_OPERATIONS = ["cipher", "derive", "hash"]


def _takes_no_secret(one: Implementation) -> str:
    return "it takes no secret" if "hash" in one.algorithm.operations and not one.algorithm.mac else ""


def _known(one: Implementation) -> tuple[bytes, Secrets]:
    """Return a secret of at most 64 bytes, and what finds it in a text."""
    found = [length for length in with_.lengths(one) if 8 <= length <= 64]
    content, known = with_.secret(max(found, default=0)) if found else with_.usual(one), Secrets()
    if len(content) > 64:
        content = message(64, "a secret for texts")
        rule = one.algorithm.key_lengths
        if rule is None or not rule.accepts(8 * len(content), {}):
            content = with_.usual(one)
    known.add(content, b"")
    known.add_number(content)
    if not known.known:
        raise Skip("its secrets are too short to be found in a text")
    return content, known


def _things(one: Implementation, content: bytes) -> Iterator[object]:
    """Yield every object that holds the secret, or made one that does."""
    yield from (one.opened, one.opened.factory, one.candidate)
    if "hash" in one.algorithm.operations:
        state = start_mac(one, content)
        state.update(b"data")
        yield from (state, state._state, state.copy())
        return
    if "derive" in one.algorithm.operations:
        yield one.opened.generate_symmetric_key(content)
        return
    for setup in setups(one, every=False):
        key = setup.key(content)
        output_of(key)
        yield from (key, key.material(), key.copy())
        if setup.mode.chained:
            chain = key.chain(setup.nonce(), b"", True, setup.tag)
            yield from (chain, chain._state)


@check(
    "symmetric-repr",
    "implementation",
    operations=_OPERATIONS,
    rule=_RULE,
    remedy="Keep __repr__ and __str__ of the base classes, or let them show lengths and names only.",
    needs=_takes_no_secret,
)
def symmetric_repr(one: Implementation) -> None:
    """No secret is in the repr, str or format of a key, its material, a hash state or the factory."""
    content, known = _known(one)
    for thing in _things(one, content):
        for how in (repr, str, "{!r:>5}".format, "{}".format, ascii):
            where = known.found_in(how(thing))
            name = getattr(how, "__name__", "format")
            demand(not where, "no secret", f"one, {where}", f"taking the {name} of a {type(thing).__name__}")


def _everything(one: Implementation, content: bytes) -> list[BaseException]:
    """Use a secret in every way, rightly and wrongly; return every error."""
    errors: list[BaseException] = []

    def attempt(call: Callable[..., object], *arguments: object, **named: object) -> object:
        try:
            return call(*arguments, **named)
        except (KeyboardInterrupt, Failure):
            raise
        except BaseException as error:
            errors.append(error)
            return None

    if "hash" in one.algorithm.operations:
        for key in (content, content[:-1], content + b"\0", b""):
            state = attempt(one.opened.create_hash, key)
            if state is not None:
                attempt(state.set_property, "NoSuchProperty", b"x")  # type: ignore[attr-defined]
                for item in one.properties("object", "w"):
                    attempt(state.set_property, item.name, b"1234567")  # type: ignore[attr-defined]
                attempt(state.update, b"data")  # type: ignore[attr-defined]
                for length in (1, None, None):
                    attempt(state.finish, length)  # type: ignore[attr-defined]
        return errors
    for secret in (content[:-1], content + b"\0", content + bytes(4096), b"", content):
        for flags in (0, *(1 << n for n in range(32) if one.algorithm.generate_flags >> n & 1)):
            attempt(one.opened.generate_symmetric_key, secret, flags)
    keys: list[object] = [attempt(one.opened.generate_symmetric_key, content)]
    if "cipher" in one.algorithm.operations:
        keys += [attempt(setup.key, content) for setup in setups(one, every=False)]
    for made in keys:
        if isinstance(made, SymmetricKey):
            _use(one, made, attempt)
    return errors


def _use(one: Implementation, key: SymmetricKey, attempt: Callable[..., object]) -> None:
    given = with_.parameters(one)
    if "derive" in one.algorithm.operations:
        attempt(key.encrypt, b"data")
    for parameters in (given, {}, {**given, "KDF_HASH_ALGORITHM": "NoSuchHash"}, {**given, "KDF_SALT": b"x"}):
        for length in (32, 0, 1 << 14):
            attempt(key.derive_from, parameters, length)
    for data in (b"", b"x", message(16), message(48), message(512)) if "cipher" in one.algorithm.operations else ():
        for iv in (None, bytes(8), bytes(16), b"x"):
            for padding in (False, True):
                attempt(key.encrypt, data, iv, padding=padding)
                attempt(key.decrypt, data, iv, padding=padding)
    for nonce in (b"", bytes(7), bytes(12), bytes(16)) if "cipher" in one.algorithm.operations else ():
        for tag in (b"", bytes(12), bytes(16)):
            attempt(with_.seal, key, nonce, b"aad", b"data", len(tag))
            attempt(with_.unseal, key, nonce, b"aad", b"data", tag)
        attempt(key.chain, nonce, b"aad", True, 16)
    for name in (*one.algorithm.blob_types, "NoSuchBlob"):
        blob = attempt(key.export, name)
        if isinstance(blob, bytearray):
            for wrong in (bytes(blob), bytes(blob[:-1]), b"\0" + bytes(blob[1:])):
                attempt(one.opened.import_key, name, wrong)
    for name, value in ((c.BCRYPT_CHAINING_MODE, "x"), (c.BCRYPT_INITIALIZATION_VECTOR, b"x"), ("NoSuch", 1)):
        attempt(key.set_property, name, value)
    attempt(key.set_property, c.BCRYPT_EFFECTIVE_KEY_LENGTH, 7)
    attempt(key.copy)
    attempt(key.destroy)
    attempt(key.encrypt, b"")


@check(
    "symmetric-logs",
    "implementation",
    operations=_OPERATIONS,
    rule=_RULE,
    remedy="Log what was done and what failed, but no argument and no text of a back end's exception.",
    needs=_takes_no_secret,
)
def symmetric_logs(one: Implementation) -> None:
    """No secret is in a log record, whatever is done with it, at any level."""
    content, known = _known(one)
    with logged() as texts:
        _everything(one, content)
    for text in texts:
        where = known.found_in(text)
        demand(not where, "no secret", f"one, {where}", "reading what was logged")


@check(
    "symmetric-exceptions",
    "implementation",
    operations=_OPERATIONS,
    rule=_RULE,
    remedy="Write messages from lengths and names; raise 'from None' if the back end's message could contain a secret.",
    needs=_takes_no_secret,
)
def symmetric_exceptions(one: Implementation) -> str:
    """No secret is in an exception, its cause or its traceback, whatever is wrong; every exception is a CngError."""
    content, known = _known(one)
    errors = _everything(one, content)
    for error in errors:
        for link in chained(error):
            where = known.found_in(f"{link} {link!r} {link.args!r} {vars(link)!r}")
            demand(not where, "no secret", f"one, {where}, in a {type(link).__name__}", "reading exceptions")
            where = known.found_in(" ".join(_locals(link.__traceback__)))
            demand(not where, "no secret", f"one, {where}, of a {type(link).__name__}", "reading the local variables")
        if not isinstance(error, CngError):
            raise Failure("a CngError", f"{type(error).__name__} raised", "using a secret wrongly")
    return f"{len(errors)} exceptions"


def _locals(trace: TracebackType | None) -> Iterator[str]:
    """Yield the local variables of a traceback, without those of the kit, which knows the secret."""
    while trace is not None:
        frame = trace.tb_frame
        if not str(frame.f_globals.get("__name__", "")).startswith("cngcore.conformance."):
            yield repr(list(frame.f_locals.values()))
        trace = trace.tb_next


@check(
    "symmetric-pickle",
    "implementation",
    operations=_OPERATIONS,
    rule="the documentation of cngcore.provider.CipherMaterial: material cannot be pickled or copied",
    remedy="Keep __reduce__ of CipherMaterial, and do not override __getstate__, __copy__ or __deepcopy__.",
    needs=_takes_no_secret,
)
def symmetric_pickle(one: Implementation) -> None:
    """Neither a key, nor its material, nor a hash object can be pickled or copied."""
    content, _ = _known(one)
    for thing in list(_things(one, content))[3:]:
        if not isinstance(thing, _HELD) and not hasattr(thing, "wipe"):
            continue
        for name, attempt in (("pickling", pickle.dumps), ("copying", copy.copy), ("deep-copying", copy.deepcopy)):
            try:
                attempt(thing)
            except KeyboardInterrupt:
                raise
            except BaseException:  # noqa: S112 - any refusal will do
                continue
            raise Failure("a refusal", "a copy", f"{name} a {type(thing).__name__}")


_HELD = (SymmetricKey,)


@check(
    "symmetric-wipe",
    "implementation",
    operations=["cipher"],
    rule="contract: rule-symmetric-duplicate; the documentation of cngcore.provider.CipherMaterial.wipe",
    remedy="Zero in wipe() every bytearray that holds the secret or what is made of it; keep other things in bytes.",
)
def symmetric_wipe(one: Implementation) -> str:
    """After a key is destroyed, every bytearray in the slots of its material is zeros; a copy still works."""
    count = 0
    for setup in setups(one):
        key = setup.key()
        output_of(key)
        twin = key.copy()
        expected = output_of(setup.key().copy()) if setup.mode.kind != "stream" else b""
        held = [array for array in _arrays(key.material()) if any(array)]
        shared = [array for array in held if any(array is other for other in _arrays(twin.material()))]
        key.destroy()
        gc.collect()
        for array in held:
            if not any(array is other for other in shared):
                demand(not any(array), "zeros", f"{len(array)} bytes as they were", f"destroying a key: {setup}")
        if setup.mode.kind != "stream":
            demand(output_of(twin) == expected, "a copy that works", "another result", f"destroying a key: {setup}")
        else:
            demand(
                status_of(twin.encrypt, b"x")[0].is_success, "a copy that works", "none", f"destroying a key: {setup}"
            )
        twin.destroy()
        gc.collect()
        for array in shared:
            demand(not any(array), "zeros", f"{len(array)} bytes as they were", f"destroying both keys: {setup}")
        count += len(held)
    return f"{count} arrays"


def _arrays(thing: object) -> list[bytearray]:
    """Return the bytearrays in the slots and the dict of an object."""
    names = [name for kind in type(thing).__mro__ for name in _slots(kind)]
    values = [getattr(thing, name, None) for name in names] + list(getattr(thing, "__dict__", {}).values())
    return [value for value in values if isinstance(value, bytearray)]


def _slots(kind: type) -> tuple[str, ...]:
    found = kind.__dict__.get("__slots__", ())
    return (found,) if isinstance(found, str) else tuple(found)


@check(
    "symmetric-leaks",
    "implementation",
    operations=_OPERATIONS,
    rule="contract: rule-destroy-key; the documentation of cngcore.provider.CipherMaterial",
    remedy="Keep no reference to a secret, a key or an exception in the factory, in a module or in a cache.",
    needs=_takes_no_secret,
)
def symmetric_leaks(one: Implementation) -> None:
    """Destroyed keys, finished hashes and refused calls leave no material and no memory behind."""
    content, rounds = with_.usual(one), 20

    def lives() -> None:
        for number in range(rounds):
            secret = bytes((number,)) + content[1:] if content else content
            if "hash" in one.algorithm.operations:
                state = start_mac(one, secret)
                state.update(b"data")
                state.finish()
                state.destroy()
                continue
            key = one.opened.generate_symmetric_key(secret)
            output_of(key)
            key.copy().destroy()
            key.destroy()

    def failures() -> None:
        _everything(one, content)

    for doing, work in (("making and destroying keys", lives), ("refusing calls", failures)):
        work()
        gc.collect()
        before = living(CipherMaterial, HashState)
        work()
        gc.collect()
        left = living(CipherMaterial, HashState) - before
        demand(left <= 0, "no material left", f"{left} more than before", doing)
    grown = min(growth(lives))
    demand(grown < rounds * 32, "no memory kept", f"{grown} bytes more each time", "making and destroying keys")
