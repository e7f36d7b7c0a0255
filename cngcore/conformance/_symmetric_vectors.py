"""Ask a published vector of a cipher, a MAC or a key derivation of an implementation; see :mod:`_vectorfiles`."""

from __future__ import annotations

from typing import Any

from cngcore import constants as c
from cngcore.conformance import _secrets as with_
from cngcore.conformance._check import granted, refused, same, status_of
from cngcore.conformance._subject import Implementation
from cngcore.objects import AlgorithmProvider, SymmetricKey
from cngcore.status import NTStatus

__all__ = ["OPERATIONS", "ask"]

OPERATIONS = {"encrypt": "cipher", "seal": "cipher", "wrap": "cipher", "mac": "hash", "derive": "derive"}
"""The operation that each kind of vector needs."""


def ask(one: Implementation, case: dict[str, Any]) -> bool:
    """Test one case; return False if the implementation does not declare what it needs."""
    if case["algorithm"] != one.algorithm.name:
        return False
    call = {"encrypt": _encrypt, "seal": _seal, "wrap": _wrap, "mac": _mac, "derive": _derive}[case["does"]]
    return call(one, case)


def _hex(case: dict[str, Any], name: str) -> bytes:
    return bytes.fromhex(case.get(name) or "")


def _opened(one: Implementation, case: dict[str, Any]) -> AlgorithmProvider | None:
    """Return the algorithm with the settings of a case, or None if it has them not."""
    name = f"ChainingMode{case['mode']}"
    if name not in {mode.chaining_mode for mode in one.algorithm.modes}:
        return None
    opened = one.open()
    settings = {c.BCRYPT_CHAINING_MODE: name, c.BCRYPT_MESSAGE_BLOCK_LENGTH: case.get("message_block")}
    settings[c.BCRYPT_EFFECTIVE_KEY_LENGTH] = case.get("effective_bits")
    for each, value in settings.items():
        if value and not status_of(opened.set_property, each, value)[0].is_success:
            return None
    return opened


def _key(opened: AlgorithmProvider | None, secret: bytes) -> SymmetricKey | None:
    """Return a key, or None if its length is not legal here."""
    if opened is None or not _fits(opened, secret):
        return None
    found: SymmetricKey = granted(opened.generate_symmetric_key, secret, doing="making the key of the vector")
    return found


def _fits(opened: AlgorithmProvider, secret: bytes) -> bool:
    rule = opened.declaration.key_lengths
    return rule is not None and rule.accepts(8 * len(secret), {})


def _encrypt(one: Implementation, case: dict[str, Any]) -> bool:
    secret, iv = _hex(case, "secret"), bytes.fromhex(case["iv"]) if case.get("iv") else None
    keys = [_key(_opened(one, case), secret) for _ in range(2)]
    if keys[0] is None or keys[1] is None:
        return False
    plaintext, ciphertext, padding = _hex(case, "plaintext"), _hex(case, "ciphertext"), bool(case.get("padded"))
    if case.get("valid", True):
        same(granted(keys[0].encrypt, plaintext, iv, padding=padding), ciphertext, "encrypting")
        same(bytes(granted(keys[1].decrypt, ciphertext, iv, padding=padding)), plaintext, "decrypting")
    else:
        wrong = (NTStatus.STATUS_DATA_ERROR, NTStatus.STATUS_INVALID_BUFFER_SIZE)
        refused(keys[1].decrypt, ciphertext, iv, padding=padding, by=wrong, doing="decrypting an invalid ciphertext")
    return True


def _seal(one: Implementation, case: dict[str, Any]) -> bool:
    key = _key(_opened(one, case), _hex(case, "secret"))
    nonce, tag = _hex(case, "nonce"), _hex(case, "tag")
    if key is None or not _legal(key.current_mode.nonce, len(nonce)) or not _legal(key.current_mode.tag, len(tag)):
        return False
    aad, plaintext, ciphertext = _hex(case, "aad"), _hex(case, "plaintext"), _hex(case, "ciphertext")
    if case.get("valid", True):
        same(granted(key.seal, nonce, aad, plaintext, len(tag)), (ciphertext, tag), "encrypting")
        same(bytes(granted(key.unseal, nonce, aad, ciphertext, tag)), plaintext, "decrypting")
    else:
        mismatch = NTStatus.STATUS_AUTH_TAG_MISMATCH
        refused(with_.unseal, key, nonce, aad, ciphertext, tag, by=mismatch, doing="decrypting an invalid message")
    return True


def _legal(declared: tuple[int, int, int] | None, length: int) -> bool:
    low, high, step = declared or (0, -1, 1)
    return low <= length <= high and (length - low) % (step or 1) == 0


def _wrap(one: Implementation, case: dict[str, Any]) -> bool:
    name = c.BCRYPT_AES_WRAP_KEY_BLOB
    declared, secret = one.algorithm.blob_types.get(name), _hex(case, "secret")
    kek = _key(one.opened, _hex(case, "kek"))
    if declared is None or not (declared.imports and declared.exports) or kek is None:
        return False
    if case.get("valid", True):
        key = _key(one.opened, secret)
        if key is None:
            return False
        same(bytes(granted(key.export, name, kek=kek)), _hex(case, "wrapped"), "wrapping a key")
        again = granted(one.opened.import_key, name, _hex(case, "wrapped"), kek=kek)
        same(bytes(again.export(c.BCRYPT_KEY_DATA_BLOB))[12:], secret, "unwrapping a key")
    else:
        wrong = NTStatus.STATUS_INVALID_PARAMETER
        refused(
            one.opened.import_key, name, _hex(case, "wrapped"), kek=kek, by=wrong, doing="unwrapping an invalid key"
        )
    return True


def _mac(one: Implementation, case: dict[str, Any]) -> bool:
    secret = None if case.get("secret") is None else _hex(case, "secret")
    flags = 0
    if one.algorithm.mac:
        if secret is None or not _fits(one.opened, secret):
            return False
    elif secret is not None:
        if not one.algorithm.keyed:
            return False
        flags = c.BCRYPT_ALG_HANDLE_HMAC_FLAG
    settable = {item.name for item in one.properties("object", "w")}
    options = case.get("options") or {}
    if not options.keys() <= settable:
        return False
    state = granted(one.open(flags).create_hash, secret)
    for name, value in options.items():
        if not status_of(state.set_property, name, bytes.fromhex(value))[0].is_success:
            return False
    granted(state.update, _hex(case, "data"))
    expected = _hex(case, "tag")
    continued = bool(case.get("continued"))
    made = bytes(
        granted(state.finish, None if not continued and _one_length(state) else len(expected), reset=not continued)
    )
    if case.get("valid", True):
        same(made[: len(expected)], expected, "making a MAC")
    elif made[: len(expected)] == expected:
        same("the tag of an invalid vector", "another tag", "making a MAC")
    return True


def _one_length(state: Any) -> bool:
    return not state._state.extendable


def _derive(one: Implementation, case: dict[str, Any]) -> bool:
    declared = {parameter.name: parameter.type for parameter in one.algorithm.parameters}
    given = case["parameters"]
    secret = _hex(case, "secret")
    if not given.keys() <= declared.keys() or not _fits(one.opened, secret):
        return False
    parameters = {n: bytes.fromhex(value) if declared[n] == "bytes" else value for n, value in given.items()}
    key = granted(one.opened.generate_symmetric_key, secret)
    expected = _hex(case, "output")
    status, made = status_of(key.derive_from, parameters, len(expected))
    if status == NTStatus.STATUS_NOT_SUPPORTED:
        return False  # a hash that the library does not have
    same(status.name, "STATUS_SUCCESS", f"deriving {len(expected)} bytes")
    same(made, expected, f"deriving {len(expected)} bytes")
    return True
