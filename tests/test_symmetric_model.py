"""Random calls of the flat API with symmetric keys against a model that is written from the contract alone.

The model knows the rules of sizes, padding, IVs and registers (contract: rule-symmetric-encrypt,
rule-symmetric-register, rule-symmetric-decrypt, rule-cfb, rule-authenticated-calls). Its arithmetic is one block of
PyCryptodome's ciphers, and PyCryptodome's authenticated modes; nothing of it is shared with cngcore. 4,000 calls in
every run, 100,000 with ``-m slow``.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from Cryptodome.Cipher import AES, ARC4, DES, DES3, ChaCha20_Poly1305

from cngcore import bcrypt
from cngcore.bcrypt import *

SUCCESS, SMALL, SIZE, PARAMETER, DATA, TAG = (
    STATUS_SUCCESS,
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_BUFFER_SIZE,
    STATUS_INVALID_PARAMETER,
    STATUS_DATA_ERROR,
    STATUS_AUTH_TAG_MISMATCH,
)


def xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))


class Model:
    """A block cipher key: its mode, its feedback and its register."""

    def __init__(self, block: Any, size: int, mode: str) -> None:
        self.block, self.size, self.mode, self.feedback = block, size, mode, 1
        self.register = bytes(size)

    def twin(self) -> Model:
        copy = Model(self.block, self.size, self.mode)
        copy.feedback, copy.register = self.feedback, self.register
        return copy

    def steps(self, data: bytes, start: bytes, encrypting: bool) -> tuple[bytes, bytes]:
        """The output and the register after it, one block or piece after the other."""
        output, register = b"", start
        width = self.feedback if self.mode == "CFB" else self.size
        for at in range(0, len(data), width):
            piece = data[at : at + width]
            if self.mode == "ECB":
                output += self.block.encrypt(piece) if encrypting else self.block.decrypt(piece)
            elif self.mode == "CBC":
                if encrypting:
                    register = self.block.encrypt(xor(piece, register))
                    output += register
                else:
                    output += xor(self.block.decrypt(piece), register)
                    register = piece
            else:
                made = xor(piece, self.block.encrypt(register))
                output += made
                register = (register + (made if encrypting else piece))[-self.size :]
        return output, register

    def call(
        self, data: bytes | None, iv: bytes | None, room: int | None, padding: bool, encrypting: bool
    ) -> tuple[Any, int | None, bytes | None, bytes | None]:
        """Status, reported size, output, new IV buffer (None: unchanged)."""
        if data is None and room is None:
            return SUCCESS, 0, None, None
        data = data or b""
        n, b = len(data), self.size
        if padding and not encrypting:
            if n == 0 or n % b:
                return SIZE, n, None, None
        elif not padding:
            whole = b if self.mode in ("CBC", "ECB") else 1 if room is None else self.feedback
            if n % whole:
                return SIZE, n, None, None
        size = n + b - n % b if padding and encrypting else n
        if room is None:
            return SUCCESS, size, None, None
        if room < (n - b if padding and not encrypting else size):
            return SMALL, size, None, None
        if iv is not None and (self.mode == "ECB" or len(iv) != b):
            return PARAMETER, size, None, None
        if not data and not padding:
            return SUCCESS, 0, b"", None
        if padding and encrypting:
            data += bytes([size - n]) * (size - n)
        output, register = self.steps(data, self.register if iv is None else iv, encrypting)
        if padding and not encrypting:
            last = output[-1]
            if not 1 <= last <= b or output[-last:] != bytes([last]) * last:
                return DATA, None, None, None
            output = output[:-last]
            if room < len(output):
                return SMALL, len(output), None, None
        if self.mode != "ECB":
            self.register = register
        return SUCCESS, len(output), output, register if self.mode != "ECB" else None


class Player:
    """Draws calls, plays them on a key and on its model, and compares everything that can be seen."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(f"symmetric {seed}")
        self.keys: list[tuple[int, Model]] = []
        self.reached: set[tuple[str, Any]] = set()

    def new(self) -> None:
        name = self.rng.choice(["AES", "AES", "3DES", "DES"])
        secret = self.rng.randbytes({"AES": self.rng.choice([16, 24, 32]), "3DES": 24, "DES": 8}[name])
        mode = self.rng.choice(["CBC", "ECB", "CFB"])
        handle = getattr(bcrypt, f"BCRYPT_{name}_{mode}_ALG_HANDLE")
        status, key = BCryptGenerateSymmetricKey(handle, secret)
        assert status == SUCCESS
        if name == "AES":
            block = AES.new(secret, AES.MODE_ECB)
        else:
            block = (
                DES3.new(DES3.adjust_key_parity(secret), DES3.MODE_ECB)
                if name == "3DES"
                else DES.new(secret, DES.MODE_ECB)
            )
        self.keys.append((key, Model(block, 16 if name == "AES" else 8, mode)))
        if len(self.keys) > 6:
            assert BCryptDestroyKey(self.keys.pop(0)[0]) == SUCCESS

    def play(self) -> None:
        if not self.keys or self.rng.random() < 0.03:
            self.new()
        at = self.rng.randrange(len(self.keys))
        key, model = self.keys[at]
        roll = self.rng.random()
        if roll < 0.04:
            status, twin = BCryptDuplicateKey(key)
            assert status == SUCCESS
            self.keys.append((twin, model.twin()))
        elif roll < 0.08 and model.mode != "ECB":
            iv = self.rng.randbytes(model.size)
            assert BCryptSetProperty(key, BCRYPT_INITIALIZATION_VECTOR, iv) == SUCCESS
            model.register = iv
        elif roll < 0.1:
            model.mode, model.register = self.rng.choice(["CBC", "ECB", "CFB"]), bytes(model.size)
            assert BCryptSetProperty(key, BCRYPT_CHAINING_MODE, f"ChainingMode{model.mode}") == SUCCESS
        elif roll < 0.14:
            model.feedback = self.rng.choice([1, model.size])
            assert BCryptSetProperty(key, BCRYPT_MESSAGE_BLOCK_LENGTH, model.feedback) == SUCCESS
        else:
            self.crypt(key, model)

    def crypt(self, key: int, model: Model) -> None:
        rng, b = self.rng, model.size
        encrypting, padding = rng.random() < 0.6, rng.random() < 0.4
        data: bytes | None = rng.randbytes(
            rng.choice([0, 1, b - 1, b, b, b + 1, 2 * b, 2 * b, 5 * b, rng.randrange(100)])
        )
        if rng.random() < 0.03:
            data = None
        if data and padding and not encrypting and rng.random() < 0.7:  # something that was padded
            start = model.register
            data = Model.steps(model, data + bytes([b - len(data) % b]) * (b - len(data) % b), start, True)[0]
            sent: bytes | None = start
        else:
            sent = rng.choice([None, None, rng.randbytes(b), rng.randbytes(b), rng.randbytes(b + 1)])
        room = rng.choice([None, 0, len(data or b""), len(data or b"") + b, len(data or b"") + b, rng.randrange(120)])
        iv = None if sent is None else bytearray(sent)
        output = None if room is None else bytearray(b"\xaa" * room)
        expected = model.call(data, sent, room, padding, encrypting)
        function = BCryptEncrypt if encrypting else BCryptDecrypt
        answer = function(key, data, None, iv, output, BCRYPT_BLOCK_PADDING if padding else 0)
        told = (model.mode, model.feedback, b, encrypting, padding, data, sent, room, expected)
        status, size, made, register = expected
        assert answer == (status, size), (answer, told)
        self.reached.add((model.mode, status))
        if iv is not None:
            assert bytes(iv) == (sent if register is None else register), told
        if output is not None:
            made = made or b""
            assert bytes(output) == made + b"\xaa" * (len(output) - len(made)), told
        if model.mode != "ECB":
            register_now = bytearray(b)
            assert BCryptGetProperty(key, BCRYPT_INITIALIZATION_VECTOR, register_now) == (SUCCESS, b)
            assert register_now == model.register, told

    def end(self) -> None:
        for key, _ in self.keys:
            assert BCryptDestroyKey(key) == SUCCESS


@pytest.mark.parametrize(("seed", "calls"), [(0, 2000), (1, 2000), pytest.param(2, 100_000, marks=pytest.mark.slow)])
def test_block_modes_answer_as_the_model(seed: int, calls: int) -> None:
    player = Player(seed)
    try:
        for _ in range(calls):
            player.play()
    finally:
        player.end()
    for mode in ("CBC", "ECB", "CFB"):
        for status in (SUCCESS, SMALL, SIZE, PARAMETER):
            assert (mode, status) in player.reached
        assert (mode, DATA) in player.reached


def sealed_elsewhere(name: str, secret: bytes, nonce: bytes, aad: bytes, data: bytes, tag: int) -> tuple[bytes, bytes]:
    if name == "CHACHA20_POLY1305":
        cipher: Any = ChaCha20_Poly1305.new(key=secret, nonce=nonce)
    elif name == "AES_GCM":
        cipher = AES.new(secret, AES.MODE_GCM, nonce=nonce, mac_len=tag)
    else:
        cipher = AES.new(secret, AES.MODE_CCM, nonce=nonce, mac_len=tag)
    cipher.update(aad)
    made: tuple[bytes, bytes] = cipher.encrypt_and_digest(data)
    return made


@pytest.mark.parametrize(("seed", "calls"), [(0, 500), pytest.param(1, 20_000, marks=pytest.mark.slow)])
def test_authenticated_modes_answer_as_pycryptodome(seed: int, calls: int) -> None:
    """One-shot and chained, both ways, with a change somewhere in half of the decryptions."""
    rng = random.Random(f"authenticated {seed}")
    for _ in range(calls):
        name = rng.choice(["AES_GCM", "AES_GCM", "AES_CCM", "CHACHA20_POLY1305"])
        secret = rng.randbytes(32 if name == "CHACHA20_POLY1305" else rng.choice([16, 24, 32]))
        nonce = rng.randbytes(rng.randrange(7, 14) if name == "AES_CCM" else 12)
        tag = {"AES_GCM": rng.randrange(12, 17), "AES_CCM": rng.randrange(4, 17, 2), "CHACHA20_POLY1305": 16}[name]
        aad, data = rng.randbytes(rng.choice([0, 1, 16, 40])), rng.randbytes(rng.choice([0, 1, 15, 16, 33, 100, 300]))
        expected = sealed_elsewhere(name, secret, nonce, aad, data, tag)
        status, key = BCryptGenerateSymmetricKey(getattr(bcrypt, f"BCRYPT_{name}_ALG_HANDLE"), secret)
        assert status == SUCCESS
        for chained in (False, True) if name == "AES_GCM" else (False,):
            mark, output = bytearray(tag), bytearray(len(data))
            assert called(BCryptEncrypt, key, nonce, aad, mark, data, output, chained, rng) == (SUCCESS, len(data))
            assert (bytes(output), bytes(mark)) == expected
            parts = [bytearray(expected[0]), bytearray(nonce), bytearray(aad), bytearray(expected[1])]
            changed = rng.choice([part for part in parts if part]) if rng.random() < 0.5 else None
            if changed is not None:
                changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
            plain = bytearray(b"\xaa" * len(data))
            cipher, start, header, mark = parts
            answer = called(BCryptDecrypt, key, bytes(start), bytes(header), mark, bytes(cipher), plain, chained, rng)
            if changed is None:
                assert answer == (SUCCESS, len(data))
                assert plain == data
            else:
                assert answer[0] == TAG
                assert chained or plain == b"\xaa" * len(data), "released before the tag was compared"
        assert BCryptDestroyKey(key) == SUCCESS


def called(
    function: Any, key: int, nonce: bytes, aad: bytes, tag: bytearray, data: bytes, output: bytearray, chained: bool,
    rng: random.Random,
) -> tuple[Any, int | None]:  # fmt: skip
    """Call once, or in pieces of whole blocks; return the last status and the whole size."""
    info = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(pbNonce=nonce, pbAuthData=aad, pbTag=tag)
    if not chained:
        return function(key, data, info, None, output)  # type: ignore[no-any-return]
    info.pbMacContext, iv, at = bytearray(16), bytearray(16), 0
    while len(data) - at > 16 and rng.random() < 0.7:
        size = 16 * rng.randrange(1, (len(data) - at) // 16 + 1)
        info.dwFlags |= BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
        piece = bytearray(size)
        assert function(key, data[at : at + size], info, iv, piece) == (SUCCESS, size)
        output[at : at + size] = piece
        at += size
    info.dwFlags &= ~BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
    last = bytearray(len(data) - at)
    status, _ = function(key, data[at:], info, iv, last)
    if status == SUCCESS:
        output[at:] = last
    return status, len(data)


def test_rc4_answers_as_pycryptodome() -> None:
    rng = random.Random("rc4")
    for _ in range(60):
        secret = rng.randbytes(rng.randrange(5, 65))
        status, key = BCryptGenerateSymmetricKey(BCRYPT_RC4_ALG_HANDLE, secret)
        assert status == SUCCESS
        other = ARC4.new(secret)
        for _ in range(6):
            data = rng.randbytes(rng.randrange(60))
            output = bytearray(len(data))
            function = rng.choice([BCryptEncrypt, BCryptDecrypt])
            assert function(key, data, None, None, output) == (SUCCESS, len(data))
            assert output == other.encrypt(data)
        assert BCryptDestroyKey(key) == SUCCESS
