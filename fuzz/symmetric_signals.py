"""Scenarios of :mod:`fuzz.signals`: what an interrupted call leaves of symmetric keys, registers and messages."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

import cngcore
from cngcore import bcrypt
from cngcore.bcrypt import _handles as handles
from cngcore.status import AuthTagMismatchError, InvalidHandleError, InvalidParameterError
from fuzz.attacks import Scenario, closes, demand
from fuzz.findings import Finding

SECRET, DATA, NONCE = bytes(range(32)), bytes(range(40, 88)), bytes(12)
SCENARIOS: dict[str, Callable[[object], Scenario]] = {}
"""The scenarios by name. None of them needs a kind of key pair."""


def scenario(function: Callable[[], Scenario]) -> Callable[[], Scenario]:
    SCENARIOS[function.__name__.replace("_", " ")] = lambda _kind: function()
    return function


@cache
def registry() -> cngcore.Registry:
    return cngcore.Registry(policies=[])


def made(mode: str) -> cngcore.SymmetricKey:
    return registry().generate_symmetric_key("AES", SECRET, mode=mode)


def encrypted(iv: bytes, data: bytes) -> bytes:
    """Return the ciphertext of AES-CBC."""
    encryptor = Cipher(AES(SECRET), CBC(iv)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


@scenario
def making_a_symmetric_key() -> Scenario:
    provider = registry().open_algorithm_provider("AES")
    outcome = yield lambda: provider.generate_symmetric_key(SECRET)
    demand(outcome.error is None, f"generate_symmetric_key raised {outcome.error}")
    if outcome.answer is not None:
        outcome.answer.destroy()
    outcome.answer = None
    closes(provider)


@scenario
def encrypting_from_the_register() -> Scenario:
    """The register is the old one or the new one, and the next call continues from it."""
    key = made("CBC")
    outcome = yield lambda: key.encrypt(DATA)
    first = encrypted(bytes(16), DATA)
    demand(outcome.error is None, f"encrypt raised {outcome.error}")
    demand(outcome.interrupted or outcome.answer == first, "another ciphertext")
    legal = (bytes(16), first[-16:]) if outcome.interrupted else (first[-16:],)
    register = key.chain_value
    demand(register in legal, "the register is neither the old one nor the new one")
    demand(key.encrypt(DATA) == encrypted(register, DATA), "the next call does not continue from the register")


@scenario
def encrypting_into_a_buffer() -> Scenario:
    """The caller's IV and output are old or new."""
    key = handles.new_symmetric_handle(made("CBC"))
    iv, output = bytearray(16), bytearray(48)
    outcome = yield lambda: bcrypt.BCryptEncrypt(key, DATA, None, iv, output)
    right = encrypted(bytes(16), DATA)
    if not outcome.interrupted:
        demand(outcome.answer[0].is_success, f"BCryptEncrypt: {outcome.answer}")
        demand((iv, output) == (right[-16:], right), "another ciphertext or register")
    demand(iv in (bytes(16), right[-16:]), "the IV is neither the old one nor the new one")
    demand(output in (bytes(48), right), "the output is half written")
    demand(bcrypt.BCryptDestroyKey(key).is_success, "the key cannot be destroyed")


@scenario
def changing_the_mode() -> Scenario:
    key = made("CBC")
    key.encrypt(DATA)
    outcome = yield lambda: key.set_property("ChainingMode", "ChainingModeGCM")
    demand(outcome.error is None, f"set_property raised {outcome.error}")
    demand(key.mode in (("CBC", "GCM") if outcome.interrupted else ("GCM",)), f"the mode is {key.mode}")
    key.set_property("ChainingMode", "ChainingModeGCM")
    box = key.encrypt_authenticated(DATA, NONCE)
    demand(box.ciphertext + box.tag == AESGCM(SECRET).encrypt(NONCE, DATA, None), "another ciphertext")


@scenario
def encrypting_with_a_nonce() -> Scenario:
    """A nonce whose ciphertext was returned is refused; another one always works."""
    key = made("GCM")
    outcome = yield lambda: key.encrypt_authenticated(DATA, NONCE)
    demand(outcome.error is None, f"encrypt_authenticated raised {outcome.error}")
    try:
        key.encrypt_authenticated(DATA, NONCE)
        demand(outcome.interrupted, "a nonce was used twice")
    except InvalidParameterError:
        pass
    other = key.new_nonce()
    box = key.encrypt_authenticated(DATA, other)
    demand(key.decrypt_authenticated(box.ciphertext, other, box.tag) == DATA, "another plaintext")


@scenario
def decrypting_with_a_tag() -> Scenario:
    key = made("GCM")
    sealed = AESGCM(SECRET).encrypt(NONCE, DATA, None)
    outcome = yield lambda: key.decrypt_authenticated(sealed[:-16], NONCE, bytes(16))
    demand(outcome.interrupted or isinstance(outcome.error, AuthTagMismatchError), f"a wrong tag: {outcome}")
    demand(key.decrypt_authenticated(sealed[:-16], NONCE, sealed[-16:]) == DATA, "another plaintext")


@scenario
def a_stream() -> Scenario:
    """A message whose call was interrupted goes on as if that call had not been, or has ended."""
    key = made("GCM")
    stream = key.authenticated_stream(NONCE)
    output = stream.update(DATA[:20])
    outcome = yield lambda: stream.update(DATA[20:])
    demand(outcome.error is None, f"update raised {outcome.error}")
    try:
        output += outcome.answer if outcome.answer is not None else stream.update(DATA[20:])
        box = stream.finish()
    except InvalidHandleError:
        demand(outcome.interrupted, "the message has ended")
    else:
        sealed = output + box.ciphertext + box.tag
        demand(sealed == AESGCM(SECRET).encrypt(NONCE, DATA, None), "another ciphertext, and no error")


@scenario
def the_end_of_a_stream() -> Scenario:
    key = made("GCM")
    stream = key.authenticated_stream(NONCE)
    output = stream.update(DATA)
    outcome = yield stream.finish
    box = outcome.answer
    demand(outcome.error is None, f"finish raised {outcome.error}")
    if box is None:
        try:
            box = stream.finish()
        except InvalidHandleError:
            return
    demand(output + box.ciphertext + box.tag == AESGCM(SECRET).encrypt(NONCE, DATA, None), "another ciphertext")


def _message_in_calls(interrupted_call: int) -> Scenario:
    """The same through the flat API, whose state is in the caller's structure, which makes the call again."""
    before = handles.open_handles()
    key = handles.new_symmetric_handle(made("GCM"))
    tag, iv = bytearray(16), bytearray(16)
    info = bcrypt.BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(pbNonce=NONCE, pbTag=tag, pbMacContext=bytearray(16))
    output = [bytearray(32), bytearray(16)]

    def call(number: int) -> Any:
        if number == 0:
            info.dwFlags |= bcrypt.BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
        else:
            info.dwFlags &= ~bcrypt.BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
        piece = DATA[32:] if number else DATA[:32]
        return bcrypt.BCryptEncrypt(key, piece, info, iv, output[number])[0]

    statuses = [call(0)] if interrupted_call else []
    outcome = yield lambda: call(interrupted_call)
    statuses.append(call(interrupted_call) if outcome.interrupted else outcome.answer)
    if not interrupted_call:
        statuses.append(call(1))
    if all(status.is_success for status in statuses):
        sealed = output[0] + output[1] + tag
        demand(sealed == AESGCM(SECRET).encrypt(NONCE, DATA, None), "another ciphertext, and no error")
    else:
        demand(outcome.interrupted, f"the calls: {statuses}")
    demand(bcrypt.BCryptDestroyKey(key).is_success, "the key cannot be destroyed")
    demand(handles.open_handles() == before, "a handle leaks")


@scenario
def the_first_call_of_a_message() -> Scenario:
    return _message_in_calls(0)


@scenario
def the_last_call_of_a_message() -> Scenario:
    return _message_in_calls(1)


@scenario
def copying_a_symmetric_key() -> Scenario:
    provider = registry().open_algorithm_provider("AES")
    key = provider.generate_symmetric_key(SECRET)
    outcome = yield key.copy
    demand(outcome.error is None, f"copy raised {outcome.error}")
    if outcome.answer is not None:
        outcome.answer.destroy()
    outcome.answer = None
    demand(key.encrypt(DATA, bytes(16)) == encrypted(bytes(16), DATA), "another ciphertext")
    key.copy().destroy()
    key.destroy()
    closes(provider)


@scenario
def destroying_a_symmetric_key() -> Scenario:
    provider = registry().open_algorithm_provider("AES")
    key = provider.generate_symmetric_key(SECRET)
    outcome = yield key.destroy
    demand(outcome.error is None, f"destroy raised {outcome.error}")
    if not key.destroyed:
        demand(outcome.interrupted, "destroy returned, and the key lives")
        key.destroy()
    with contextlib.suppress(InvalidHandleError):
        key.encrypt(DATA, bytes(16))
        raise Finding("a destroyed key encrypts")
    closes(provider)


@scenario
def deriving() -> Scenario:
    key = registry().generate_symmetric_key("PBKDF2", SECRET)

    def derive() -> Any:
        return key.derive(hash="SHA256", salt=DATA, iterations=3, length=32)

    outcome = yield derive
    right = registry().pbkdf2("SHA256", SECRET, DATA, 3, 32)
    demand(outcome.error is None, f"derive raised {outcome.error}")
    demand(outcome.interrupted or outcome.answer == right, "another key")
    demand(derive() == right, "another key")


@scenario
def wrapping_a_key() -> Scenario:
    kek, key = made("CBC"), made("CBC")
    outcome = yield lambda: key.export("Rfc3565KeyWrapBlob", kek=kek)
    demand(outcome.error is None, f"export raised {outcome.error}")
    wrapped = key.export("Rfc3565KeyWrapBlob", kek=kek)
    demand(outcome.interrupted or outcome.answer == wrapped, "another blob")
    demand(kek.chain_value == bytes(16), "the register of the key that wraps has moved")


@scenario
def flat_life_of_a_symmetric_key() -> Scenario:
    before = handles.open_handles()
    live: dict[str, int] = {}

    def life() -> None:
        live["key"] = bcrypt.BCryptGenerateSymmetricKey(bcrypt.BCRYPT_AES_CBC_ALG_HANDLE, SECRET)[1]
        live["copy"] = bcrypt.BCryptDuplicateKey(live["key"])[1]
        bcrypt.BCryptDestroyKey(live["key"])
        bcrypt.BCryptDestroyKey(live["copy"])

    outcome = yield life
    demand(outcome.error is None, f"the flat API raised {outcome.error}")
    for handle in live.values():
        if handle in handles.symmetric_keys:
            demand(outcome.interrupted, "a destroyed key has a handle")
            demand(bcrypt.BCryptDestroyKey(handle).is_success, "a live key cannot be destroyed")
        demand(not bcrypt.BCryptDestroyKey(handle).is_success, "a dead handle was destroyed again")
    demand(handles.open_handles() == before, f"{handles.open_handles() - before} handles leak")
