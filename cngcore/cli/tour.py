"""``cng tour``: every installed algorithm, through the whole life of a key, each answer checked.

What there is to do with a key is read from its provider's declaration, so a stranger's provider gets the same tour as
ours. Then come the blobs that were made on Windows (:mod:`cngcore.cli.windows_blobs`).
"""

import time
from collections.abc import Callable
from typing import TypeVar

from cngcore import constants as c
from cngcore.cli import windows_blobs as samples
from cngcore.cli.output import Screen, duration
from cngcore.cli.tables import lengths
from cngcore.cli.variants import (
    DIGEST,
    another_key,
    digest_for,
    empty_key,
    encryption_paddings,
    named,
    signature_paddings,
    variants,
)
from cngcore.objects import AlgorithmProvider, KeyPair
from cngcore.padding import Padding
from cngcore.provider import Algorithm
from cngcore.registry import Fault, Registry
from cngcore.status import CngError, InvalidHandleError, InvalidSignatureError, NotFoundError, NotSupportedError

T = TypeVar("T")

_LEGACY = {value for name, value in vars(c).items() if name.startswith("LEGACY_")}


class WrongAnswerError(Exception):
    """A step ran, and its answer is not the right one."""


class Step:
    """One line of the tour."""

    __slots__ = ("detail", "implementation", "ok", "seconds", "subject", "what")

    def __init__(self, subject: str, what: str, implementation: str) -> None:
        self.subject = subject
        self.what = what
        self.implementation = implementation
        self.seconds = 0.0
        self.ok = False
        self.detail = ""

    def to_dict(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


def expect(right: object, said: str) -> None:
    """Raise unless ``right``."""
    if not right:
        raise WrongAnswerError(said)


def refused(by: type[CngError], call: Callable[[], object], said: str) -> None:
    """The call must be refused, and so."""
    try:
        call()
    except by:
        return
    raise WrongAnswerError(said)


class Tour:
    """Runs the steps and keeps them; ``ok`` once every answer was right. ``quick`` makes one small key of each kind."""

    def __init__(
        self, registry: Registry, screen: Screen, names: list[str], length: int | None = None, *, quick: bool = False
    ) -> None:
        self._registry = registry
        self._screen = screen
        self._names = names
        self._length = length
        self._quick = quick
        self.steps: list[Step] = []
        self.faults: list[Fault] = []
        self.subjects = 0
        self.seconds = 0.0
        self._subject = self._implementation = ""

    @property
    def ok(self) -> bool:
        return bool(self.steps) and not self.faults and all(step.ok for step in self.steps)

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "ok": self.ok,
            "seconds": self.seconds,
            "keys_and_blobs": self.subjects,
            "steps": [step.to_dict() for step in self.steps],
            "faults": [fault.to_dict() for fault in self.faults],
        }

    def run(self) -> None:
        """The whole tour. NotFoundError where nothing is installed, or a name that was asked for is not."""
        begun = time.perf_counter()
        installed = self._registry.algorithms()
        if not installed:
            raise NotFoundError("no provider is installed: pip install cngcore-rsa cngcore-ec")
        for name in self._names or installed:
            candidates = self._registry.candidates(name)
            if not candidates and self._names:
                self._registry.explain(name).required()
            for candidate in candidates:
                if candidate.unavailable() is None:
                    self._algorithm(candidate.algorithm)
        for sample in samples.SAMPLES:
            if sample.algorithm in (self._names or installed):
                for candidate in self._registry.candidates(sample.algorithm):
                    if candidate.unavailable() is None and sample.suits(candidate.algorithm):
                        self._sample(sample, candidate.implementation)
        self.faults = [fault for fault in self._registry.faults() if fault.stage != "probe"]
        self.seconds = time.perf_counter() - begun

    # --- keys -----------------------------------------------------------------------------------------

    def _algorithm(self, declared: Algorithm) -> None:
        for variant in variants(declared, self._registry.settings.windows, self._length, quick=self._quick):
            rule = declared.key_lengths
            found = rule.key_lengths() if rule is not None else None
            bits = "" if found is None else f"{variant} bits" + (f", out of {lengths(rule)}" if found.step else "")
            subject = declared.name if variant == lengths(rule) else f"{declared.name} {variant}".rstrip()
            self._begin(subject, bits, declared.implementation)
            with self._registry.open_algorithm_provider(declared.name, declared.implementation) as provider:
                if declared.key_lengths is None:
                    self._step("has no key pairs, and says so", lambda: _no_key_pairs(provider))
                    if "hash" in declared.operations:
                        self._step("hash in one piece and in two, duplicate in between", lambda: _hash(provider))
                    if "random" in declared.operations:
                        self._step("draw random bytes twice", lambda: _draw(provider))
                else:
                    self._life(provider, variant)

    def _life(self, provider: AlgorithmProvider, variant: str) -> None:
        """One key, from its birth to its end."""
        made = self._step("generate an empty key", lambda: _empty(provider, variant))
        if made is None:
            return
        self._step("finalize it", made.finalize)
        if made.state != "finalized":
            return
        self._step(
            "refuse to finalize it again", lambda: refused(InvalidHandleError, made.finalize, "it was finalized")
        )
        self._use(made, provider)
        for name, kind in provider.declaration.blob_types.items():
            if kind.exports and kind.imports and (name not in _LEGACY or _can_export(made, name)):
                what = f"export {name}, import it, export it again"
                self._step(what, lambda name=name: self._round_trip(made, provider, name))  # type: ignore[misc]
        self._step("destroy it; then every use is refused", lambda: _destroyed(made))

    def _use(self, key: KeyPair, provider: AlgorithmProvider) -> None:
        operations = provider.declaration.operations
        if "sign" in operations:
            for padding in signature_paddings(provider):
                what = f"sign{_with(padding)}, verify, refuse a changed hash"
                self._step(what, lambda padding=padding: _sign(key, key, padding))  # type: ignore[misc]
        if "encrypt" in operations:
            for padding in encryption_paddings(provider, key):
                what = f"encrypt{_with(padding)}, decrypt"
                self._step(what, lambda padding=padding: _encrypt(key, padding))  # type: ignore[misc]
        if "agree" in operations:
            self._step("agree on a secret with another key, both ways", lambda: _agree(key, provider))
        if "encapsulate" in operations:
            self._step("encapsulate a secret, decapsulate it", lambda: _encapsulate(key))

    def _round_trip(self, key: KeyPair, provider: AlgorithmProvider, blob_type: str) -> None:
        blob = key.export(blob_type)
        with provider.import_key_pair(blob_type, blob) as again:
            expect(again.export(blob_type) == blob, "the second blob is not the first")
            if "sign" in provider.operations:
                padding = signature_paddings(provider)[0]
                _sign(key, again, padding)
        if type(blob) is bytearray:
            blob[:] = bytes(len(blob))

    # --- blobs from Windows -----------------------------------------------------------------------------

    def _sample(self, sample: samples.Sample, implementation: str) -> None:
        with self._registry.open_algorithm_provider(sample.algorithm, implementation) as provider:
            self._begin(f"From Windows: {sample.name}", sample.what, provider.declaration.implementation)
            for what, check in sample.checks:
                self._step(what, lambda check=check: _try(sample, check, provider))  # type: ignore[misc]

    # --- steps ------------------------------------------------------------------------------------------

    def _begin(self, subject: str, note: str, implementation: str) -> None:
        self.subjects += 1
        self._subject, self._implementation = subject, implementation
        self._screen.heading(subject, note)

    def _step(self, what: str, work: Callable[[], T]) -> T | None:
        """Do one thing, time it, judge it, show it. What it gave; None if it failed."""
        step = Step(self._subject, what, self._implementation)

        def timed() -> T | None:
            begun = time.perf_counter()
            try:
                result = work()
                step.ok = True
                return result
            except WrongAnswerError as wrong:
                step.detail = f"wrong answer: {wrong}"
            except CngError as error:
                step.detail = str(error)
            finally:
                step.seconds = time.perf_counter() - begun
            return None

        result = self._screen.work(f"{self._subject}: {what}", timed)
        self.steps.append(step)
        show_step(self._screen, step)
        return result


def show_step(screen: Screen, step: Step) -> None:
    """One line: mark, what was done, how long it took, by which implementation."""
    what, time_taken = f" {step.what:<64} ", f"{duration(step.seconds):>11}"
    screen.said("  ", screen.mark(step.ok), what, time_taken, (f"  {step.implementation}", "dim"))
    if not step.ok:
        screen.said((f"      {step.detail}", "red"))


def show_summary(screen: Screen, tour: Tour) -> None:
    """The last lines: what is wrong, how much was done, and whether all of it was right."""
    wrong = [step for step in tour.steps if not step.ok]
    said = f"{tour.subjects} keys and blobs, {len(tour.steps)} steps, {duration(tour.seconds)}"
    screen.line()
    for step in wrong:
        screen.said((f"wrong: {step.subject}: {step.what}: {step.detail}", "red"))
    for fault in tour.faults:
        screen.said((f"fault: {fault}", "red"))
    if tour.ok:
        screen.said((f"All right: {said}.", "bold green"))
    else:
        screen.said((f"{len(wrong)} of {len(tour.steps)} steps are wrong: {said}.", "bold red"))


def _try(sample: samples.Sample, check: samples.Check, provider: AlgorithmProvider) -> None:
    """One check of a blob from Windows; NOT_SUPPORTED will do where the key has a length that is not declared."""
    try:
        expect(check(provider), "not what Windows gives")
    except NotSupportedError:
        if not sample.may_be_declined(provider.declaration):
            raise


def _empty(provider: AlgorithmProvider, variant: str) -> KeyPair:
    key = empty_key(provider, variant)
    expect(key.state == "empty", f"the new key is {key.state}")
    return key


def _with(padding: Padding | None) -> str:
    return f" with {named(padding)}" if padding is not None else ""


def _no_key_pairs(provider: AlgorithmProvider) -> None:
    refused(NotSupportedError, lambda: provider.generate_key_pair(256), "it made a key pair")


def _can_export(key: KeyPair, blob_type: str) -> bool:
    """Whether this key fits the form: CryptoAPI's blobs have no room for every key of the algorithm."""
    try:
        key.export(blob_type)
    except NotSupportedError:
        return False
    return True


def _hash(provider: AlgorithmProvider) -> None:
    with provider.create_hash() as whole, provider.create_hash() as parts:
        whole.update(DIGEST)
        parts.update(DIGEST[:7])
        with parts.copy() as twin:
            for state in (parts, twin):
                state.update(DIGEST[7:])
            digest = whole.finish()
            expect(digest == parts.finish() == twin.finish(), "the digests differ")
            expect(len(digest) == whole.digest_length, f"the digest has {len(digest)} bytes")


def _draw(provider: AlgorithmProvider) -> None:
    one, other = bytearray(32), bytearray(32)
    for buffer in (one, other):
        provider.fill_random(memoryview(buffer))
    expect(one != other and any(one), "the same bytes came twice")


def _destroyed(key: KeyPair) -> None:
    key.destroy()
    refused(InvalidHandleError, lambda: key.get_property(c.BCRYPT_ALGORITHM_NAME), "a destroyed key answered")
    refused(InvalidHandleError, key.destroy, "it was destroyed twice")


def _sign(signer: KeyPair, verifier: KeyPair, padding: Padding | None) -> None:
    digest = digest_for(signer) if padding is None else DIGEST
    signature = signer.sign_hash(digest, padding)
    expect(len(signature) == signer.size_of("sign"), f"the signature has {len(signature)} bytes")
    verifier.verify_signature(digest, signature, padding)
    changed = bytes([digest[0] ^ 1]) + digest[1:]
    refused(
        InvalidSignatureError,
        lambda: verifier.verify_signature(changed, signature, padding),
        "the signature verifies over another hash",
    )


def _encrypt(key: KeyPair, padding: Padding | None) -> None:
    message = b"a short message"
    ciphertext = key.encrypt(message, padding)
    expect(message not in ciphertext, "the ciphertext holds the message")
    expect(key.decrypt(ciphertext, padding) == message, "another message came back")


def _agree(key: KeyPair, provider: AlgorithmProvider) -> None:
    with (
        another_key(key, provider) as other,
        key.agree(other.public()) as ours,
        other.agree(key.public()) as theirs,
    ):
        derived = ours.derive("HASH", hash="SHA256")
        expect(derived == theirs.derive("HASH", hash="SHA256"), "the two sides have different secrets")
        expect(any(derived), "the secret is all zeros")


def _encapsulate(key: KeyPair) -> None:
    secret, ciphertext = key.public().encapsulate()
    expect(key.decapsulate(ciphertext) == secret, "the two sides have different secrets")
