"""Use an algorithm in every way and report the modules it imports and the files it opens: for ``dispatch-load``.

The program runs in its own process, because an audit hook cannot be removed and loaded modules stay loaded.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from cngcore import constants as c
from cngcore import padding as paddings
from cngcore.objects import AlgorithmProvider
from cngcore.registry import Registry
from cngcore.status import CngError, NotSupportedError

__all__ = ["main", "use_symmetric"]


def main(spec: Mapping[str, Any]) -> None:
    """Do what ``spec`` describes and print the result as JSON."""
    answer: dict[str, Any] = {"events": [], "error": ""}
    if spec["distribution"]:
        registry = Registry(allow=[spec["distribution"]], strict=False, policies=())
    else:
        from importlib import import_module

        registry = Registry(discover=False, strict=False, policies=())
        for name in spec["modules"]:
            registry.register(import_module(name))
    try:
        opened = registry.open_algorithm_provider(spec["algorithm"], spec["implementation"], c.BCRYPT_PROV_DISPATCH)
        jobs = [_prepared(job) for job in spec["jobs"]]
        _watch(answer["events"])
        if opened.operations & {"hash", "cipher", "derive"}:
            use_symmetric(opened, spec["symmetric"])
        elif "random" in opened.operations:
            with memoryview(bytearray(64)) as view:
                opened.fill_random(view)
        for job in jobs:
            _use(opened, job)
    except CngError as error:
        answer["error"] = f"{error.status.name}: {error.message}"
    except Exception as error:
        answer["error"] = f"{type(error).__name__} raised"
    _STOP.append(True)
    print(json.dumps(answer))


_STOP: list[bool] = []


def _watch(events: list[str]) -> None:
    """Record every import and every opening of a file from now on."""

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if not _STOP and event in ("import", "open"):
            _STOP.append(True)
            what = str(arguments[0])
            events.append(f"import of {what}" if event == "import" else f"opening of {what.rpartition('/')[2]}")
            _STOP.pop()

    sys.addaudithook(hook)


def _prepared(job: Mapping[str, Any]) -> dict[str, Any]:
    """Return a job with bytes and paddings instead of their text."""
    names = {name: getattr(paddings, name) for name in ("ExternalMu", "Oaep", "Pkcs1", "PqDsa", "Pss")}
    done = dict(job)
    for key in ("sign", "encrypt"):
        done[key] = [
            (bytes.fromhex(data), eval(text, {"__builtins__": {}}, names))  # noqa: S307 - reprs the kit wrote itself
            for data, text in job.get(key, ())
        ]
    return done


def _use(opened: AlgorithmProvider, job: Mapping[str, Any]) -> None:
    for name, value in job["settings"].items():
        if "w" in opened.declaration.properties[name].when.algorithm:
            opened.set_property(name, value)
    keys = []
    for _ in range(2):
        key = opened.generate_key_pair(job["length"])
        for name, value in job["settings"].items():
            if "w" not in opened.declaration.properties[name].when.algorithm:
                key.set_property(name, value)
        if job["set"] is not None:
            key.set_property("ParameterSetName", job["set"])
        key.finalize()
        keys.append(key)
    for name in job["imports"]:
        keys.append(opened.import_key_pair(name, bytes(keys[0].export(name))))
    for key in keys:
        for name in job["exports"]:
            try:
                key.export(name)
            except CngError:
                continue
        for item in opened.declaration.properties.values():
            if "r" in item.when.finalized:
                key.get_property(item.name)
        _operate(opened, keys[0], key, job)


def _operate(opened: AlgorithmProvider, whole: Any, key: Any, job: Mapping[str, Any]) -> None:
    """Run every operation: the private half of ``whole`` with the public half of ``key``, which may be only public."""
    for data, padding in job["sign"]:
        signature = whole.sign_hash(data, padding)
        try:
            key.verify_signature(data, signature, padding)
        except CngError:
            continue
    for data, padding in job["encrypt"]:
        ciphertext = key.encrypt(data, padding)
        try:
            whole.decrypt(ciphertext, padding)
        except CngError:
            continue
    if "agree" in opened.operations:
        whole.agree(key).derive("HASH")
    if "encapsulate" in opened.operations:
        _, ciphertext = key.encapsulate()
        whole.decapsulate(ciphertext)
    try:
        key.public()
    except NotSupportedError:
        return


def use_symmetric(opened: AlgorithmProvider, job: Mapping[str, Any]) -> list[str]:
    """Use a hash, a cipher or a key derivation in every way; return the results in hexadecimal."""
    if "hash" in opened.operations:
        return [_hash(opened, job)]
    if "derive" in opened.operations:
        return [_derive(opened, job)]
    return [_encrypt(opened, job, mode) for mode in job["modes"]]


def _hash(opened: AlgorithmProvider, job: Mapping[str, Any]) -> str:
    state = opened.create_hash(None if job["secret"] is None else bytes.fromhex(job["secret"]))
    for name, value in job["options"].items():
        state.set_property(name, bytes.fromhex(value))
    state.update(b"data")
    state.copy().finish()
    return state.finish().hex()


def _encrypt(opened: AlgorithmProvider, job: Mapping[str, Any], mode: Mapping[str, Any]) -> str:
    """Use a key in one mode in every way; return the ciphertexts."""
    made = ""
    key = opened.generate_symmetric_key(bytes.fromhex(job["secret"]))
    key.set_property(c.BCRYPT_CHAINING_MODE, mode["mode"])
    if mode["block"]:
        key.set_property(c.BCRYPT_MESSAGE_BLOCK_LENGTH, mode["block"])
    data = bytes(2 * mode["unit"])
    for one in (key, key.copy(), *(opened.import_key(name, key.export(name)) for name in job["blobs"])):
        one.set_property(c.BCRYPT_CHAINING_MODE, mode["mode"])
        if mode["block"]:  # a KeyDataBlob does not hold it
            one.set_property(c.BCRYPT_MESSAGE_BLOCK_LENGTH, mode["block"])
        if mode["kind"] == "authenticated":
            nonce = bytes.fromhex(mode["nonce"])
            ciphertext, tag = one.seal(nonce, b"aad", data, mode["tag"])
            one.unseal(nonce, b"aad", ciphertext, tag)
            made += (ciphertext + tag).hex()
            if mode["chained"]:
                chain = one.chain(nonce, b"aad", True, mode["tag"])
                chain.update(data)
                chain.tag(mode["tag"])
            continue
        iv = bytes.fromhex(mode["iv"]) or None
        output = one.encrypt(data, iv)
        one.decrypt(output, iv)
        made += output.hex()
        if mode["kind"] in ("blocks", "register"):
            one.decrypt(one.encrypt(b"data", iv, padding=True), iv, padding=True)
    return made


def _derive(opened: AlgorithmProvider, job: Mapping[str, Any]) -> str:
    key = opened.generate_symmetric_key(bytes.fromhex(job["secret"]))
    given = {n: bytes.fromhex(v) if n in job["bytes"] else v for n, v in job["parameters"].items()}
    key.derive_from(given, 32)
    key.copy().derive_from(given, 20)
    return key.derive_from(given, 24).hex()
