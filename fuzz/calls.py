"""Play bytes as a sequence of calls of the flat API: right and wrong ones, on live, dead and foreign handles.

The bytes are read from front to back (:class:`Tape`). Each call must answer with a documented status, give a handle
exactly if it succeeds, and raise nothing. At the end every handle is released, and none may be left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from cngcore import bcrypt
from cngcore.bcrypt import _handles as handles
from cngcore.blobs import dh
from cngcore.status import NTStatus
from fuzz.arguments import (
    ALGORITHMS,
    BLOB_TYPES,
    FLAGS,
    INPUTS,
    KDFS,
    LENGTHS,
    NOT_HANDLES,
    OUTPUTS,
    PROPERTIES,
    STRINGS,
)
from fuzz.findings import Finding
from fuzz.samples import DSA_PARAMETERS, sample
from fuzz.statuses import DOCUMENTED

__all__ = ["play"]

T = TypeVar("T")


class Tape:
    """Input bytes, taken from the front, followed by zeros without end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> bool:
        return self._at < len(self._data)

    def byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def pick(self, things: Sequence[T]) -> T:
        return things[self.byte() % len(things)]

    def buffer(self) -> bytes:
        """Return some bytes of the tape: fewer than 256."""
        size = self.byte()
        self._at += size
        return self._data[self._at - size : self._at]


class Play:
    """The handles that are open while a sequence is played."""

    KINDS = ("algorithms", "keys", "secrets", "hashes")

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.open: dict[str, list[int]] = {kind: [] for kind in self.KINDS}
        self.dead: list[int] = []
        self.cheap: set[int] = set()  # keys that are quick to make
        self.spent = 0

    def handle(self, kind: str) -> Any:
        """Return mostly a live handle of the kind, sometimes a dead one, one of another kind, or an invalid value."""
        choice = self.tape.byte()
        if self.open[kind] and choice < 224:
            return self.open[kind][choice % len(self.open[kind])]
        if choice % 3 == 0 and self.dead:
            return self.dead[choice % len(self.dead)]
        if choice % 3 == 1:
            other = self.open[self.KINDS[choice % 4]]
            if other:
                return other[-1]
        return self.tape.pick(NOT_HANDLES)

    def output(self) -> Any:
        """Return an output buffer: None, too short, long enough, or not writable."""
        size = self.tape.pick(OUTPUTS)
        return bytearray(size) if isinstance(size, int) and size != 7 else size

    def input(self) -> Any:
        """Return input: bytes of the tape, digests of usual lengths, or a value that is not a buffer."""
        choice = self.tape.byte()
        if choice < 96:
            return self.tape.buffer()
        if choice < 224:
            return bytes((20, 32, 64, 128)[choice % 4])
        return INPUTS[choice % len(INPUTS)]

    def call(self, name: str, *arguments: Any) -> Any:
        """Make a call and check its answer against the documented statuses."""
        try:
            answer = getattr(bcrypt, name)(*arguments)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            raise Finding(f"{name} raised {type(error).__name__}: {error}") from error
        status, *rest = answer if isinstance(answer, tuple) else (answer,)
        if not isinstance(status, NTStatus) or status not in DOCUMENTED[name]:
            raise Finding(f"{name} answers {status!r}, which is not documented")
        return status, *rest

    def gives(self, kind: str, name: str, *arguments: Any) -> int | None:
        status, handle = self.call(name, *arguments)
        if (handle is not None) != status.is_success:
            raise Finding(f"{name} answers {status.name} and the handle {handle}")
        if handle is not None:
            self.open[kind].append(handle)
        return handle  # type: ignore[no-any-return]

    def ends(self, kind: str, name: str, *arguments: Any) -> None:
        (status,) = self.call(name, *arguments)
        handle = arguments[0]
        if status.is_success:
            self.open[kind].remove(handle)
            self.dead.append(handle)
        elif handle in self.open[kind] and type(handle) is int and name != "BCryptCloseAlgorithmProvider":
            raise Finding(f"{name} answers {status.name} for a live handle")

    # --- the calls --------------------------------------------------------------------------------------

    def open_algorithm(self) -> None:
        flags = self.tape.pick((0, 0, 0, 0, 8, 0x20, 0x28, 2, -1, "0"))
        self.gives("algorithms", "BCryptOpenAlgorithmProvider", self.tape.pick(ALGORITHMS), None, flags)

    def close_algorithm(self) -> None:
        self.ends("algorithms", "BCryptCloseAlgorithmProvider", self.handle("algorithms"), self.tape.pick(FLAGS))

    def generate(self) -> None:
        algorithm = self.handle("algorithms")
        key = self.gives("keys", "BCryptGenerateKeyPair", algorithm, self.tape.pick(LENGTHS), self.tape.pick(FLAGS))
        opened = handles.algorithms.get(algorithm) if type(algorithm) is int else None
        if key is not None and opened is not None:
            name = opened.declaration.name
            if name == "DSA":
                self.call("BCryptSetProperty", key, "DSAParameters", DSA_PARAMETERS)
            if not name.startswith("RSA") or self.tape.byte() < 32:
                self.cheap.add(key)

    def set_property(self) -> None:
        target = self.handle(self.tape.pick(("keys", "algorithms", "secrets", "hashes")))
        value: Any = self.tape.pick((0, 1, 2, 3, 4))
        name = self.tape.pick(PROPERTIES)
        if name == "DSAParameters" and value:
            value = DSA_PARAMETERS if value > 2 else self.tape.buffer()
        elif name == "DHParameters" and value > 2:
            value = dh.DhParameters(p=2**512 - 569, g=2).to_bytes()
        elif value == 0:
            value = self.tape.pick(STRINGS)
        elif value == 1:
            value = self.tape.pick((256, 512, 521, 576, 0, -1, 2**32, 255))
        elif value == 2:
            value = self.tape.pick(STRINGS).encode("utf-16-le") + b"\0\0"
        else:
            value = self.tape.buffer() if value == 3 else self.input()
        self.call("BCryptSetProperty", target, name, value, self.tape.pick(FLAGS))

    def get_property(self) -> None:
        target = self.handle(self.tape.pick(Play.KINDS))
        self.call("BCryptGetProperty", target, self.tape.pick(PROPERTIES), self.output(), self.tape.pick(FLAGS))

    def finalize(self) -> None:
        key = self.handle("keys")
        if key in self.open["keys"] and type(key) is int:
            if key not in self.cheap or self.spent > 3:
                return  # making keys must not take the time of the input
            self.spent += 1
        self.call("BCryptFinalizeKeyPair", key, self.tape.pick(FLAGS))

    def destroy_key(self) -> None:
        self.ends("keys", "BCryptDestroyKey", self.handle("keys"))

    def duplicate_key(self) -> None:
        self.call("BCryptDuplicateKey", self.handle("keys"), self.tape.pick(FLAGS))

    def import_key(self) -> None:
        blob_type, blob = sample(self.tape.byte())
        if self.tape.byte() < 64:
            blob_type, blob = self.tape.pick(BLOB_TYPES), self.input()  # type: ignore[assignment]
        elif self.tape.byte() < 64 and blob:
            changed = bytearray(blob)
            changed[self.tape.byte() % min(64, len(changed))] = self.tape.byte()
            blob = bytes(changed)
        parent = self.tape.pick((None, None, None, 0, 16, "x"))
        flags = self.tape.pick(FLAGS)
        self.gives("keys", "BCryptImportKeyPair", self.handle("algorithms"), parent, blob_type, blob, flags)

    def export_key(self) -> None:
        parent = self.tape.pick((None, None, None, 0, 16))
        kind = self.tape.pick(BLOB_TYPES)
        self.call("BCryptExportKey", self.handle("keys"), parent, kind, self.output(), self.tape.pick(FLAGS))

    def padding(self) -> Any:
        hash_id = self.tape.pick(("SHA256", "SHA1", "MD5", "nope", None, 5))
        choice = self.tape.byte() % 7
        if choice == 0:
            return bcrypt.BCRYPT_PKCS1_PADDING_INFO(hash_id)
        if choice == 1:
            return bcrypt.BCRYPT_PSS_PADDING_INFO(hash_id, self.tape.pick((0, 20, 2**40, -1, "x", None)))
        if choice == 2:
            return bcrypt.BCRYPT_OAEP_PADDING_INFO(hash_id, self.tape.pick((b"", b"label", None, "x", 5)))
        if choice == 3:
            return bcrypt.BCRYPT_PQDSA_PADDING_INFO(self.tape.pick((b"", b"c" * 255, b"c" * 256, None, 1)), hash_id)
        return (None, "padding", object)[choice - 4]

    def sign(self) -> None:
        self.call(
            "BCryptSignHash", self.handle("keys"), self.padding(), self.input(), self.output(), self.tape.pick(FLAGS)
        )

    def verify(self) -> None:
        self.call(
            "BCryptVerifySignature", self.handle("keys"), self.padding(), self.input(), self.input(),
            self.tape.pick(FLAGS),
        )  # fmt: skip

    def encrypt(self) -> None:
        name = self.tape.pick(("BCryptEncrypt", "BCryptDecrypt"))
        key, data, padding = self.handle("keys"), self.input(), self.padding()
        self.call(name, key, data, padding, None, self.output(), self.tape.pick(FLAGS))

    def agree(self) -> None:
        one, other = self.handle("keys"), self.handle("keys")
        self.gives("secrets", "BCryptSecretAgreement", one, other, self.tape.pick(FLAGS))

    def derive(self) -> None:
        kinds = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x14, 99, -1, "x")
        parameters: Any = [
            bcrypt.BCryptBuffer(
                self.tape.pick(kinds),
                self.tape.pick(("SHA256", "SHA1", b"data", b"\2\3\0\0", 0x303, None, "nope", bytes(64))),
            )
            for _ in range(self.tape.byte() % 5)
        ]
        if self.tape.byte() > 240:
            parameters = self.tape.pick((5, "x", [1], object))
        kdf = self.tape.pick(KDFS)
        self.call(
            "BCryptDeriveKey", self.handle("secrets"), kdf, parameters, self.output(), self.tape.pick((0, 0, 1, 2))
        )

    def destroy_secret(self) -> None:
        self.ends("secrets", "BCryptDestroySecret", self.handle("secrets"))

    def encapsulate(self) -> None:
        key = self.handle("keys")
        self.call("BCryptEncapsulate", key, self.output(), self.output(), self.tape.pick(FLAGS))

    def decapsulate(self) -> None:
        ciphertext = self.tape.pick((bytes(768), bytes(1088), b"", None, "x", bytes(767)))
        self.call("BCryptDecapsulate", self.handle("keys"), ciphertext, self.output(), self.tape.pick(FLAGS))

    def create_hash(self) -> None:
        secret = self.tape.pick((None, None, b"", b"key", 5))
        self.gives("hashes", "BCryptCreateHash", self.handle("algorithms"), secret, self.tape.pick(FLAGS))

    def hash_data(self) -> None:
        self.call("BCryptHashData", self.handle("hashes"), self.input(), self.tape.pick(FLAGS))

    def finish_hash(self) -> None:
        self.call("BCryptFinishHash", self.handle("hashes"), self.output(), self.tape.pick(FLAGS))

    def duplicate_hash(self) -> None:
        self.gives("hashes", "BCryptDuplicateHash", self.handle("hashes"), self.tape.pick(FLAGS))

    def destroy_hash(self) -> None:
        self.ends("hashes", "BCryptDestroyHash", self.handle("hashes"))

    def whole_hash(self) -> None:
        self.call("BCryptHash", self.handle("algorithms"), self.tape.pick((None, b"k", 3)), self.input(), self.output())

    def random(self) -> None:
        self.call("BCryptGenRandom", self.handle("algorithms"), self.output(), self.tape.pick((0, 2, 3, 1, -1)))

    CALLS: tuple[Callable[[Play], None], ...] = (
        open_algorithm, generate, import_key, finalize, set_property, get_property, export_key, sign, verify, encrypt,
        agree, derive, encapsulate, decapsulate, create_hash, hash_data, finish_hash, duplicate_hash, destroy_hash,
        whole_hash, random, destroy_key, destroy_secret, close_algorithm, duplicate_key, open_algorithm, import_key,
    )  # fmt: skip

    def end(self) -> None:
        """Release every handle."""
        for kind, name in zip(
            self.KINDS,
            ("BCryptCloseAlgorithmProvider", "BCryptDestroyKey", "BCryptDestroySecret", "BCryptDestroyHash"),
            strict=True,
        ):
            for handle in list(self.open[kind]):
                self.ends(kind, name, handle)


def play(data: bytes) -> str:
    """Play one sequence of calls: at most 200."""
    before = handles.count()
    playing = Play(Tape(data))
    number = 0
    try:
        while playing.tape.left and number < 200:
            playing.tape.pick(Play.CALLS)(playing)
            number += 1
    finally:
        playing.end()
    if handles.count() != before:
        raise Finding(f"{handles.count() - before} handles are left")
    return "played"
