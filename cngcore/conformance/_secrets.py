"""What symmetric algorithms are tested with: secrets, modes, messages, parameters, all read from the declaration.

A check of ciphers runs over :func:`setups`: every mode, with secrets of the first length, the last and one between, and
every MessageBlockLength that bcrypt.h names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cngcore import constants as c
from cngcore._values import encode
from cngcore.conformance._check import Failure, bcrypt, granted
from cngcore.conformance._subject import Implementation
from cngcore.conformance.walk_symmetric import iv_for
from cngcore.objects import AlgorithmProvider, Hash, SymmetricKey
from cngcore.provider import CipherFactory, CipherMaterial, CipherRequest, LengthRule, Mode, Parameter

__all__ = [
    "Setup", "authenticates", "block_of", "cbc", "cfb", "job", "lengths", "message",
    "output_of", "parameters", "secret",
    "secrets", "setups", "start_mac", "without",
]  # fmt: skip


def message(length: int, name: str = "message") -> bytes:
    """Return bytes without a pattern, the same in each run."""
    return hashlib.shake_128(name.encode()).digest(length)


def secret(length: int, name: str = "secret") -> bytes:
    """Return a secret of that many bytes."""
    return message(length, f"{name} of {length} bytes")


def lengths(one: Implementation, rule: LengthRule | None = None) -> list[int]:
    """Return lengths of a secret in bytes: the first, one between and the last that are legal; with ``slow`` all."""
    rule = rule or one.algorithm.key_lengths
    limits = None if rule is None else rule.for_windows(one.registry.settings.windows).key_lengths()
    if limits is None:
        return []
    steps = (limits.maximum - limits.minimum) // limits.step if limits.step else 0
    picked = range(steps + 1) if one.options.slow and steps < 64 else (0, steps // 2, steps)
    return [(limits.minimum + step * limits.step) // 8 for step in dict.fromkeys(picked)]


def secrets(one: Implementation) -> list[bytes]:
    """Return a secret of each length to test."""
    return [secret(length) for length in lengths(one)]


def usual(one: Implementation) -> bytes:
    """Return the secret for what does not depend on its length: of 32 bytes, or of a legal length near that."""
    rule = one.algorithm.key_lengths
    near = [length for length in (32, 16, 24, 8, 64) if rule is not None and rule.accepts(8 * length, {})]
    return secret((near or [length for length in lengths(one) if length] or [0])[0])


@dataclass(frozen=True)
class Setup:
    """A cipher with a secret, a mode, and a MessageBlockLength if the mode has one."""

    one: Implementation
    secret: bytes
    mode: Mode
    message_block: int = 0

    def __str__(self) -> str:
        block = f" with MessageBlockLength {self.message_block}" if self.message_block else ""
        mode = "" if self.mode.name == "N/A" else f"{self.mode.name}{block}, "
        return f"{mode}{8 * len(self.secret)} bits"

    @property
    def block(self) -> int:
        return self.one.algorithm.block_length

    @property
    def unit(self) -> int:
        """Bytes of which a message without padding is a multiple."""
        if self.mode.kind == "units":
            return self.message_block
        if self.mode.name == "CFB":
            return self.message_block or 1
        return 1 if self.mode.kind in ("stream", "authenticated") else self.block

    @property
    def settings(self) -> dict[str, object]:
        found: dict[str, object] = {c.BCRYPT_CHAINING_MODE: self.mode.chaining_mode}
        if self.message_block:
            found[c.BCRYPT_MESSAGE_BLOCK_LENGTH] = self.message_block
        return found

    def open(self, flags: int = 0) -> AlgorithmProvider:
        """Open the algorithm in the mode."""
        opened = self.one.open(flags)
        for name, value in self.settings.items():
            granted(opened.set_property, name, value, doing=f"setting {name} for {self}")
        return opened

    def key(self, other: bytes | None = None) -> SymmetricKey:
        """Return a new key, of another secret if one is given."""
        found: SymmetricKey = granted(
            self.open().generate_symmetric_key, self.secret if other is None else other, doing=f"making a key: {self}"
        )
        return found

    def iv(self, name: str = "iv") -> bytes | None:
        """Return an IV, or None if the mode takes none."""
        model = iv_for(self.one.algorithm, self.mode)
        return None if model is None else message(len(model), name)

    def nonce(self, name: str = "nonce", length: int | None = None) -> bytes:
        """Return a nonce of the longest legal length, or of ``length``."""
        return message((self.mode.nonce or (0, 0, 1))[1] if length is None else length, name)

    @property
    def tag(self) -> int:
        """Bytes of the longest tag."""
        return (self.mode.tag or (0, 0, 1))[1]

    @property
    def tags(self) -> list[int]:
        return _range(self.mode.tag)

    @property
    def nonces(self) -> list[int]:
        return _range(self.mode.nonce)

    @contextmanager
    def flat(self) -> Iterator[int]:
        """Provide the handle of a new key in the block."""
        declared = self.one.algorithm
        algorithm = granted(bcrypt.BCryptOpenAlgorithmProvider, declared.name, declared.implementation)
        try:
            for name, value in self.settings.items():
                granted(bcrypt.BCryptSetProperty, algorithm, name, encode(value))
            key = granted(bcrypt.BCryptGenerateSymmetricKey, algorithm, self.secret)
            try:
                yield key
            finally:
                bcrypt.BCryptDestroyKey(key)
        finally:
            bcrypt.BCryptCloseAlgorithmProvider(algorithm)


def _range(legal: tuple[int, int, int] | None) -> list[int]:
    low, high, step = legal or (0, -1, 1)
    return list(range(low, high + 1, step or 1))


def setups(one: Implementation, *kinds: str, every: bool = True) -> Iterator[Setup]:
    """Yield each mode of these kinds (all if none is given) with each secret; ``every=False`` takes one secret."""
    declared = one.algorithm
    for mode in declared.modes:
        if kinds and mode.kind not in kinds:
            continue
        blocks: tuple[int, ...] = (0,)
        if mode.name == "CFB":
            blocks = (1, declared.block_length)
        elif mode.kind == "units":
            blocks = (declared.block_length, 4 * declared.block_length, 512)
        for content in secrets(one) if every else [usual(one)]:
            for block in dict.fromkeys(blocks):
                yield Setup(one, content, mode, block)


def authenticates(one: Implementation) -> str:
    """Return why checks of authenticated modes do not apply, or ""."""
    return without("authenticated")(one)


def without(*kinds: str) -> Callable[[Implementation], str]:
    """Return a ``needs`` for checks of modes of these kinds."""

    def needs(one: Implementation) -> str:
        return "" if any(mode.kind in kinds for mode in one.algorithm.modes) else f"it has no mode with {words}"

    words = " or ".join(
        {"register": "a register", "units": "data units", "stream": "a key stream"}.get(k, k) for k in kinds
    )
    if kinds == ("authenticated",):
        words = "authentication"
    return needs


def material(setup: Setup) -> CipherMaterial:
    """Return material straight from the provider's factory."""
    factory = setup.one.opened.factory
    if not isinstance(factory, CipherFactory):
        raise Failure("a CipherFactory", type(factory).__name__, "making the factory")
    made: CipherMaterial = factory.cipher(setup.secret, CipherRequest(0, 0, setup.one.registry.settings.windows))
    return made


def block_of(setup: Setup) -> Callable[[bytes], bytes]:
    """Return the encryption of one block under the secret of a setup, by the provider's own block operation."""
    made = material(setup)
    return lambda data: granted(made.encrypt_blocks, data, doing=f"encrypting a block: {setup}")


def seal(key: SymmetricKey, nonce: bytes, aad: bytes, data: bytes, tag_length: int) -> tuple[bytes, bytes]:
    """Encrypt one message as BCryptEncrypt does: with checked lengths, and with any nonce."""
    key.check_message(len(nonce), tag_length, len(data))
    return key.seal(nonce, aad, data, tag_length)


def unseal(key: SymmetricKey, nonce: bytes, aad: bytes, data: bytes, tag: bytes) -> bytes | bytearray:
    """Decrypt one message as BCryptDecrypt does."""
    key.check_message(len(nonce), len(tag), len(data))
    return key.unseal(nonce, aad, data, tag)


# --- chaining, computed by the kit ------------------------------------------------------------------------


def xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def cbc(block: Callable[[bytes], bytes], iv: bytes, data: bytes) -> bytes:
    """Encrypt whole blocks in CBC. SP 800-38A section 6.2."""
    output = b""
    for at in range(0, len(data), len(iv)):
        iv = block(xor(data[at : at + len(iv)], iv))
        output += iv
    return output


def cfb(block: Callable[[bytes], bytes], iv: bytes, data: bytes, feedback: int) -> bytes:
    """Encrypt in CFB with ``feedback`` bytes. SP 800-38A section 6.3."""
    output, register = b"", iv
    for at in range(0, len(data), feedback):
        piece = xor(data[at : at + feedback], block(register)[:feedback])
        output, register = output + piece, register[feedback:] + piece
    return output


# --- key derivation and MACs --------------------------------------------------------------------------------


def parameters(one: Implementation, *, replacing: bool = False) -> dict[str, object]:
    """Return a value for each parameter of a key-derivation algorithm; a replacing one only if asked for."""
    values: dict[str, object] = {"hash": "SHA256", "u64": 3}
    found: dict[str, object] = {}
    replaced = {name for parameter in one.algorithm.parameters if replacing for name in parameter.instead_of}
    for parameter in one.algorithm.parameters:
        if parameter.name not in replaced and (replacing or not parameter.instead_of):
            found[parameter.name] = values.get(parameter.type, message(11, parameter.name))
    return found


def other_value(parameter: Parameter) -> object:
    """Return another value than :func:`parameters` gives."""
    others: dict[str, object] = {"hash": "SHA512", "u64": 4}
    return others.get(parameter.type, message(11, f"another {parameter.name}"))


def output_of(key: SymmetricKey) -> bytes:
    """Return bytes that depend on a fresh key: a ciphertext, or derived bytes."""
    declared = key.implementation.algorithm
    if "derive" in declared.operations:
        values: dict[str, object] = {"hash": "SHA256", "u64": 3}
        given = {p.name: values.get(p.type, b"sample") for p in declared.parameters if not p.instead_of}
        return bytes(granted(key.derive_from, given, 32, doing="deriving"))
    mode = key.current_mode
    data = message(max(32, key.message_block_length) * 2)
    if mode.kind == "authenticated":
        nonce = message((mode.nonce or (0, 0, 1))[1], "nonce")
        ciphertext, tag = granted(key.seal, nonce, b"", data, (mode.tag or (0, 0, 1))[1], doing="encrypting")
        return bytes(ciphertext + tag)
    iv = iv_for(declared, mode)
    return bytes(granted(key.encrypt, data, iv, doing=f"encrypting in mode {mode.name}"))


OPTIONS = {c.BCRYPT_INITIALIZATION_VECTOR: message(12, "iv")}
"""What a MAC needs before its data, if it has the property."""


def needed(one: Implementation) -> dict[str, bytes]:
    """Return the options that a hash object needs before its data."""
    return {item.name: OPTIONS[item.name] for item in one.properties("object", "w") if item.name in OPTIONS}


def start_mac(one: Implementation, key: bytes | None = None, opened: AlgorithmProvider | None = None) -> Hash:
    """Start a hash or a MAC, with the secret and the options that it needs."""
    content = key if key is not None else usual(one) if one.algorithm.mac else None
    state: Hash = granted((opened or one.opened).create_hash, content, doing="starting it")
    for name, value in needed(one).items():
        granted(state.set_property, name, value, doing=f"setting {name}")
    return state


def job(one: Implementation) -> dict[str, object]:
    """Return what the programs of the kit do with a symmetric algorithm or a hash, as JSON can hold it."""
    declared = one.algorithm
    return {
        "secret": usual(one).hex() if declared.has_symmetric_keys or declared.mac else None,
        "options": {name: value.hex() for name, value in needed(one).items()},
        "modes": [
            {"mode": s.mode.chaining_mode, "kind": s.mode.kind, "block": s.message_block, "iv": (s.iv() or b"").hex(),
             "nonce": s.nonce().hex(), "tag": s.tag, "chained": s.mode.chained, "unit": max(s.unit, s.block)}
            for s in setups(one, every=False)
        ],
        "parameters": {
            name: value.hex() if isinstance(value, bytes) else value for name, value in parameters(one).items()
        },
        "bytes": [parameter.name for parameter in declared.parameters if parameter.type == "bytes"],
        "blobs": [
            blob.name for blob in declared.blob_types.values()
            if blob.exports and blob.imports and blob.name != c.BCRYPT_AES_WRAP_KEY_BLOB
        ] if "cipher" in declared.operations else [],
    }  # fmt: skip
