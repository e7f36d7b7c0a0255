"""The life of a symmetric key, step by step, read from the declaration: each mode of a cipher, a MAC, a derivation.

``cng tour``, ``cng selftest`` and ``cng bench`` use it as they use :mod:`cngcore.conformance.walk`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore.conformance._steps import Use, expect, refuse
from cngcore.status import AuthTagMismatchError, InvalidHandleError

if TYPE_CHECKING:
    from cngcore.objects import AlgorithmProvider, Hash, SymmetricKey
    from cngcore.provider import Algorithm, Mode

    Calls = dict[str, Callable[[], object]]

UNIT = 1024
"""Bytes of a message to be timed."""

PREFERRED_BITS = 256
"""Bits of a secret if the algorithm offers several lengths."""


def secret_for(declared: Algorithm, bits: int = PREFERRED_BITS) -> bytes:
    """Return a secret of a legal length, at most ``bits`` if there is one, whose bytes all differ."""
    limits = None if declared.key_lengths is None else declared.key_lengths.key_lengths()
    if limits is None:
        return bytes(range(bits // 8))
    length = max(limits.minimum, min(limits.maximum, bits))
    if limits.step:
        length -= (length - limits.minimum) % limits.step
    return bytes(index % 251 + 1 for index in range(length // 8))


def iv_for(declared: Algorithm, mode: Mode) -> bytes | None:
    """Return an IV for a mode; None if it takes none."""
    if mode.kind == "register":
        return bytes(range(declared.block_length))
    return bytes(mode.iv_length) if mode.iv_length is not None else None


def parameters_for(declared: Algorithm) -> dict[str, object]:
    """Return a value for each parameter of a key-derivation algorithm that replaces no other."""
    values: dict[str, object] = {"hash": "SHA256", "u64": 1000, "bytes": b"sample"}
    return {one.name: values[one.type] for one in declared.parameters if not one.instead_of}


def symmetric_steps(opened: AlgorithmProvider) -> Iterator[Use]:
    """Yield the steps of a cipher or a key-derivation algorithm."""
    declared = opened.declaration
    if "cipher" in declared.operations:
        for mode in declared.modes:
            encrypts = partial(_authenticates if mode.kind == "authenticated" else _encrypts, opened, mode)
            yield Use(f"encrypt and decrypt in mode {mode.name}", encrypts, partial(_calls, opened, mode))
        yield Use("copy a key, destroy it twice", partial(_ends, opened), dict)
    if "derive" in declared.operations:
        yield Use("derive twice, with another length", partial(_derives, opened), partial(_derivation_calls, opened))
    kind = next((kind for kind in declared.blob_types.values() if kind.imports and kind.exports), None)
    if kind is not None and "cipher" in declared.operations:
        yield Use(f"export and import a {kind.name}", partial(_exports, opened, kind.name), dict)


def new_key(opened: AlgorithmProvider, mode: Mode | None = None) -> SymmetricKey:
    """Return a key in a mode."""
    key = opened.generate_symmetric_key(secret_for(opened.declaration))
    if mode is not None and not mode.default:
        key.set_property(c.BCRYPT_CHAINING_MODE, mode.chaining_mode)
    return key


def start_mac(opened: AlgorithmProvider) -> Hash:
    """Start a MAC, with an IV if it needs one."""
    declared = opened.declaration
    settable = [one.name for one in declared.properties.values() if "w" in one.when.object]
    iv = bytes(range(12)) if c.BCRYPT_INITIALIZATION_VECTOR in settable else None
    return opened.create_hash(secret_for(declared) if declared.mac else None, iv=iv)


def _encrypts(opened: AlgorithmProvider, mode: Mode) -> None:
    declared = opened.declaration
    size = max(declared.block_length, 16) * 32
    message, iv = bytes(range(256)) * (size // 256 or 1), iv_for(declared, mode)
    message = message[:size]
    with new_key(opened, mode) as key, new_key(opened, mode) as other:
        ciphertext = key.encrypt(message, iv)
        expect(len(ciphertext) == len(message), "the ciphertext has another length than the message")
        expect(ciphertext != message, "the ciphertext is the message")
        expect(other.decrypt(ciphertext, iv) == message, "decrypting returned another message")
        if mode.kind in ("blocks", "register"):
            padded = key.encrypt(message[:5], iv, padding=True)
            expect(other.decrypt(padded, iv, padding=True) == message[:5], "the padding did not come off")


def _authenticates(opened: AlgorithmProvider, mode: Mode) -> None:
    message = b"ten euros to Alice"
    with new_key(opened, mode) as key:
        nonce = key.new_nonce()
        ciphertext, tag = key.encrypt_authenticated(message, nonce, associated_data=b"header")
        opened_again = key.decrypt_authenticated(ciphertext, nonce, tag, associated_data=b"header")
        expect(opened_again == message, "decrypting returned another message")
        changed = bytes((tag[0] ^ 1,)) + tag[1:]
        for parts in ((ciphertext, changed, b"header"), (ciphertext, tag, b"Header")):
            refuse(
                AuthTagMismatchError,
                lambda parts=parts: key.decrypt_authenticated(  # type: ignore[misc]
                    parts[0], nonce, parts[1], associated_data=parts[2]
                ),
                "a changed message was accepted",
            )


def _calls(opened: AlgorithmProvider, mode: Mode) -> Calls:
    key, message = new_key(opened, mode), bytes(UNIT)
    name = f" {UNIT} bytes" if mode.name == "N/A" else f" {mode.name} {UNIT} bytes"
    if mode.kind == "authenticated":
        nonce = bytes((mode.nonce or (0, 0, 0))[1])
        ciphertext, tag = key.seal(nonce, b"", message, 16)
        return {
            f"encrypt{name}": partial(key.seal, nonce, b"", message, 16),  # a nonce twice, to be timed
            f"decrypt{name}": partial(key.decrypt_authenticated, ciphertext, nonce, tag),
        }
    iv = iv_for(opened.declaration, mode)
    return {f"encrypt{name}": partial(key.encrypt, message, iv), f"decrypt{name}": partial(key.decrypt, message, iv)}


def _ends(opened: AlgorithmProvider) -> None:
    key = new_key(opened)
    with key.copy() as twin:
        key.destroy()
        refuse(InvalidHandleError, key.destroy, "a second destroy succeeded")
        refuse(InvalidHandleError, lambda: key.encrypt(b""), "a destroyed key encrypted")
        expect(twin.length > 0, "the copy died with the key")


def _exports(opened: AlgorithmProvider, blob_type: str) -> None:
    with new_key(opened) as key, opened.import_key(blob_type, key.export(blob_type)) as again:
        expect(again.export(blob_type) == key.export(blob_type), "another key came back")


def _derives(opened: AlgorithmProvider) -> None:
    parameters = parameters_for(opened.declaration)
    with opened.generate_symmetric_key(b"a secret") as one, opened.generate_symmetric_key(b"another") as other:
        derived = one.derive_from(parameters, 20)
        expect(len(derived) == 20 and any(derived), "the derived key has not 20 bytes, or is all zeros")
        expect(derived == one.derive_from(parameters, 20), "the same derivation gave another key")
        expect(derived != other.derive_from(parameters, 20), "another secret gave the same key")


def _derivation_calls(opened: AlgorithmProvider) -> Calls:
    key = opened.generate_symmetric_key(b"a secret")
    return {"derive 32 bytes": partial(key.derive_from, parameters_for(opened.declaration), 32)}
