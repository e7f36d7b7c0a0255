"""Threads that do everything at once to shared keys, and check every answer.

``python -m tests.stress`` (in the root folder) plays a million operations; the tests play fewer.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import cngcore
from cngcore import bcrypt
from cngcore.bcrypt import _handles as handles
from cngcore.status import NTStatus
from fuzz.samples import DSA_PARAMETERS

__all__ = ["Stress", "run", "served"]

BIRTHS: dict[str, tuple[int, str, Any]] = {
    "RSA": (512, "", None),
    "ECDSA_P256": (256, "", None),
    "ECDSA": (0, "ECCCurveName", "brainpoolP256r1"),
    "ECDH_P256": (256, "", None),
    "ECDH": (0, "ECCCurveName", "curve25519"),
    "DH": (512, "", None),
    "DSA": (512, "DSAParameters", DSA_PARAMETERS),
    "ML-KEM": (0, "ParameterSetName", "512"),
    "ML-DSA": (0, "ParameterSetName", "44"),
}
PUBLIC = {
    "RSA": "RSAPUBLICBLOB", "DH": "DHPUBLICBLOB", "DSA": "DSAPUBLICBLOB", "ML-KEM": "MLKEMPUBLICBLOB",
    "ML-DSA": "PQDSAPUBLICBLOB",
}  # fmt: skip
SIGNING = ("RSA", "ECDSA_P256", "ECDSA", "DSA", "ML-DSA")
AGREEING = ("ECDH_P256", "ECDH", "DH")
PADDING = {"RSA": (bcrypt.BCRYPT_PKCS1_PADDING_INFO("SHA256"), 2)}
GONE = (NTStatus.STATUS_INVALID_HANDLE,)


def served() -> tuple[str, ...]:
    """The algorithms that are played with: of those in BIRTHS, what is installed and works here."""
    found = []
    for name in BIRTHS:
        try:
            cngcore.open_algorithm_provider(name).close()
        except cngcore.NotFoundError:
            continue
        found.append(name)
    return tuple(found)


class Stress:
    """Shared slots, each with the handle of a key that any thread may use, replace or destroy at any time."""

    def __init__(self, operations: int, threads: int = 8, slots: int = 2) -> None:
        self.left = operations
        self.threads = threads
        self.taking = threading.Lock()
        self.kinds = served()
        self.algorithms = {name: self._open(name) for name in self.kinds}
        self.sha256 = self._open("SHA256")
        self.slots = {name: [self.born(name) for _ in range(slots)] for name in self.kinds}
        self.quickest = next(name for name in ("ECDSA_P256", "DH") if name in self.kinds)
        self.empty = [self.conceived(self.quickest) for _ in range(slots)]
        self.finalized: list[int] = []
        self.destroyed: list[int] = []
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []

    @staticmethod
    def _open(name: str) -> int:
        status, handle = bcrypt.BCryptOpenAlgorithmProvider(name)
        assert status.is_success, f"{name}: {status.name}"
        return handle

    def conceived(self, name: str) -> int:
        """A key that is not finalized yet."""
        length, wanted, value = BIRTHS[name]
        status, key = bcrypt.BCryptGenerateKeyPair(self.algorithms[name], length)
        assert status.is_success
        if wanted:
            assert bcrypt.BCryptSetProperty(key, wanted, value).is_success
        return key

    def born(self, name: str) -> int:
        key = self.conceived(name)
        assert bcrypt.BCryptFinalizeKeyPair(key).is_success
        return key

    def one_of(self, source: random.Random, names: tuple[str, ...]) -> str:
        return source.choice([name for name in names if name in self.slots])

    # --- one operation each: an answer is right, or the handle is gone --------------------------------------

    def sign(self, source: random.Random) -> str:
        name = self.one_of(source, SIGNING)
        key = source.choice(self.slots[name])
        digest = source.randbytes(20 if name == "DSA" else 32)
        padding, flags = PADDING.get(name, (None, 0))
        signature = bytearray(4096)
        status, size = bcrypt.BCryptSignHash(key, padding, digest, signature, flags)
        if status in GONE:
            return "gone"
        assert status.is_success, f"{name} sign: {status.name}"
        status = bcrypt.BCryptVerifySignature(key, padding, digest, signature[:size], flags)
        assert status.is_success or status in GONE, f"{name} verify: {status.name}"
        other = bytes([digest[0] ^ 1]) + digest[1:]
        status = bcrypt.BCryptVerifySignature(key, padding, other, signature[:size], flags)
        assert status is NTStatus.STATUS_INVALID_SIGNATURE or status in GONE, f"{name} verify: {status.name}"
        return "signed and verified"

    def agree(self, source: random.Random) -> str:
        name = self.one_of(source, AGREEING)
        one, other = source.choice(self.slots[name]), source.choice(self.slots[name])
        derived = []
        for private, public in ((one, other), (other, one)):
            status, secret = bcrypt.BCryptSecretAgreement(private, public)
            if status in GONE:
                return "gone"
            assert status.is_success, f"{name} agree: {status.name}"
            output = bytearray(20)
            assert bcrypt.BCryptDeriveKey(secret, "HASH", None, output)[0].is_success
            assert bcrypt.BCryptDestroySecret(secret).is_success
            derived.append(bytes(output))
        assert derived[0] == derived[1], f"{name}: the two sides derived different keys"
        return "agreed"

    def encapsulate(self, source: random.Random) -> str:
        key = source.choice(self.slots["ML-KEM"])
        secret, ciphertext, opened = bytearray(32), bytearray(768), bytearray(32)
        status, *_ = bcrypt.BCryptEncapsulate(key, secret, ciphertext)
        if status in GONE:
            return "gone"
        assert status.is_success
        status, _ = bcrypt.BCryptDecapsulate(key, ciphertext, opened)
        if status in GONE:
            return "gone"
        assert status.is_success
        assert opened == secret, "ML-KEM: another secret came out"
        return "encapsulated"

    def encrypt(self, source: random.Random) -> str:
        key, text = source.choice(self.slots["RSA"]), source.randbytes(30)
        sealed, opened = bytearray(64), bytearray(64)
        for call, data, output in ((bcrypt.BCryptEncrypt, text, sealed), (bcrypt.BCryptDecrypt, sealed, opened)):
            status, size = call(key, data, None, None, output, 2)
            if status in GONE:
                return "gone"
            assert status.is_success, f"RSA {call.__name__}: {status.name}"
        assert opened[:size] == text, "RSA: another text came out"
        return "encrypted"

    def export(self, source: random.Random) -> str:
        name = source.choice(self.kinds)
        key, kind = source.choice(self.slots[name]), PUBLIC.get(name, "ECCPUBLICBLOB")
        blob = bytearray(4096)
        status, size = bcrypt.BCryptExportKey(key, None, kind, blob)
        if status in GONE:
            return "gone"
        assert status.is_success
        if name in ("ECDSA", "ECDH"):
            return "exported"
        status, copy = bcrypt.BCryptImportKeyPair(self.algorithms[name], None, kind, blob[:size])
        assert status.is_success, f"{name} import: {status.name}"
        again = bytearray(size)
        assert bcrypt.BCryptExportKey(copy, None, kind, again)[0].is_success
        assert again == blob[:size], f"{name}: another key came back"
        assert bcrypt.BCryptDestroyKey(copy).is_success
        return "exported and imported"

    def replace(self, source: random.Random) -> str:
        """A new key in a slot, and the old one is destroyed under whoever uses it."""
        name = source.choice(self.kinds)
        at = source.randrange(len(self.slots[name]))
        new = self.born(name)
        with self.taking:
            old, self.slots[name][at] = self.slots[name][at], new
        assert bcrypt.BCryptDestroyKey(old).is_success
        return "replaced"

    def hash(self, source: random.Random) -> str:
        text, output = source.randbytes(200), bytearray(32)
        status, one = bcrypt.BCryptCreateHash(self.sha256)
        assert status.is_success
        assert bcrypt.BCryptHashData(one, text[:77]).is_success
        status, other = bcrypt.BCryptDuplicateHash(one)
        assert status.is_success
        assert bcrypt.BCryptDestroyHash(one).is_success
        assert bcrypt.BCryptHashData(other, text[77:]).is_success
        assert bcrypt.BCryptFinishHash(other, output).is_success
        assert output == hashlib.sha256(text).digest()
        assert bcrypt.BCryptDestroyHash(other).is_success
        return "hashed"

    def open(self, source: random.Random) -> str:
        status, algorithm = bcrypt.BCryptOpenAlgorithmProvider(source.choice(self.kinds))
        assert status.is_success
        assert bcrypt.BCryptGetProperty(algorithm, "AlgorithmName")[0].is_success
        assert bcrypt.BCryptCloseAlgorithmProvider(algorithm).is_success
        assert bcrypt.BCryptCloseAlgorithmProvider(algorithm) is NTStatus.STATUS_INVALID_HANDLE
        return "opened and closed"

    def race(self, source: random.Random) -> str:
        """Many threads finalize one key, and then destroy it: each is done by one of them, no more and no less."""
        at = source.randrange(len(self.empty))
        key = self.empty[at]
        status = bcrypt.BCryptFinalizeKeyPair(key)
        assert status.is_success or status in GONE, f"finalize: {status.name}"
        if status.is_success:
            self.finalized.append(key)
        if source.random() < 0.5:
            return "finalized" if status.is_success else "finalized by another"
        status = bcrypt.BCryptDestroyKey(key)
        assert status.is_success or status in GONE, f"destroy: {status.name}"
        if status.is_success:
            self.destroyed.append(key)
            self.empty[at] = self.conceived(self.quickest)
        return "raced for"

    OPERATIONS = (sign, sign, sign, agree, encapsulate, encrypt, export, replace, replace, hash, hash, open, open, race)

    def operations(self) -> tuple[Callable[[Stress, random.Random], str], ...]:
        """Those that something installed is for."""
        needs = {
            Stress.encapsulate: ("ML-KEM",),
            Stress.encrypt: ("RSA",),
            Stress.sign: SIGNING,
            Stress.agree: AGREEING,
        }
        return tuple(one for one in self.OPERATIONS if any(name in self.kinds for name in needs.get(one, self.kinds)))

    # --- the threads -----------------------------------------------------------------------------------------

    def _work(self, number: int) -> None:
        source = random.Random(number)
        told: Counter[str] = Counter()
        operations = self.operations()
        while True:
            with self.taking:
                if self.left <= 0 or self.problems:
                    break
                self.left -= 20
            for _ in range(20):
                operation = source.choice(operations)
                try:
                    told[operation(self, source)] += 1
                except BaseException as error:
                    self.problems.append(f"{operation.__name__}: {type(error).__name__}: {error}")
                    break
        with self.taking:
            self.counts += told

    def run(self) -> Counter[str]:
        """All of it; raises AssertionError where anything was wrong, a handle left over included."""
        before = handles.open_handles()
        threads = [threading.Thread(target=self._work, args=(number,)) for number in range(self.threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not self.problems, "\n".join(self.problems[:5])
        for done, keys in (("finalized", self.finalized), ("destroyed", self.destroyed)):
            assert len(keys) == len(set(keys)), f"a key was {done} twice"
        assert handles.open_handles() == before, f"{handles.open_handles() - before} handles are left"
        return self.counts

    def close(self) -> None:
        for key in (*self.empty, *(key for keys in self.slots.values() for key in keys)):
            assert bcrypt.BCryptDestroyKey(key).is_success
        for handle in (*self.algorithms.values(), self.sha256):
            assert bcrypt.BCryptCloseAlgorithmProvider(handle).is_success


def run(operations: int, threads: int = 8) -> tuple[Counter[str], float]:
    """The counts and the seconds of ``operations`` operations by so many threads."""
    stress = Stress(operations, threads)
    begun = time.monotonic()
    counts = stress.run()
    seconds = time.monotonic() - begun
    stress.close()
    return counts, seconds
