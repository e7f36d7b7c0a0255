"""Random calls of the flat API with symmetric keys against a model that is written from the contract alone.

The model knows the rules of sizes, padding, IVs and registers (contract: rule-symmetric-encrypt,
rule-symmetric-register, rule-symmetric-decrypt, rule-cfb). Its arithmetic is one block of PyCryptodome's ciphers;
nothing of it is shared with cngcore. The tests draw the calls at random, and the fuzz family ``symmetric`` draws them
from its input.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from Cryptodome.Cipher import AES, DES

from cngcore import bcrypt
from cngcore.bcrypt import *

__all__ = ["Model", "Player", "Source"]

T = TypeVar("T")


class Source(Protocol):
    """Where calls are drawn from: ``random.Random``, or the bytes of an input."""

    def random(self) -> float:
        """Return a number from 0 to 1."""

    def choice(self, things: Any, /) -> Any:
        """Return one of some things."""

    def randbytes(self, size: int, /) -> bytes:
        """Return bytes."""

    def randrange(self, stop: int, /) -> int:
        """Return a number below ``stop``."""


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


class Triple:
    """Triple DES out of three DES keys, equal ones too, which PyCryptodome's own refuses."""

    def __init__(self, secret: bytes) -> None:
        self.parts = [DES.new(secret[at : at + 8], DES.MODE_ECB) for at in (0, 8, 16)]

    def encrypt(self, data: bytes) -> bytes:
        one, two, three = self.parts
        return bytes(three.encrypt(two.decrypt(one.encrypt(data))))

    def decrypt(self, data: bytes) -> bytes:
        one, two, three = self.parts
        return bytes(one.decrypt(two.encrypt(three.decrypt(data))))


class Player:
    """Draws calls, plays them on a key and on its model, and compares everything that can be seen."""

    def __init__(self, source: Source) -> None:
        self.rng = source
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
            block: Any = AES.new(secret, AES.MODE_ECB)
        elif name == "3DES":
            block = Triple(secret)
        else:
            block = DES.new(secret, DES.MODE_ECB)
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
