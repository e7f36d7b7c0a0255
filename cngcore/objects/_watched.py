"""Key pairs that are watched: by policies, by listeners of key events, or by a lock that their provider needs.

:class:`KeyPair` knows nothing of this, so a key that nobody watches costs nothing more. The registry chooses the class
when it opens an algorithm.
"""

from __future__ import annotations

import sys
from _thread import RLock
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore._forks import reset_in_child
from cngcore.objects._keypair import KeyPair
from cngcore.policy import KeyEvent, Subject
from cngcore.status import AccessDeniedError, CngError, NTStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, TypeVar

    from cngcore.objects._implementation import Implementation, Owner
    from cngcore.objects._secret import Secret
    from cngcore.policy import Watch
    from cngcore.provider import KeyMaterial, KeyRequest

    T = TypeVar("T")

_USES = {
    "sign_hash": "sign",
    "verify_signature": "verify",
    "encrypt": "encrypt",
    "decrypt": "decrypt",
    "agree": "agree",
    "encapsulate": "encapsulate",
    "decapsulate": "decapsulate",
    "export": "export",
}
"""The provider's methods that use the key, each with the word that a policy has for it."""

_numbers = count(1).__next__


def _judge(watch: Watch, subject: Subject, tell: Callable[..., None]) -> None:
    """Ask the policies about a use, and tell what they refuse or warn of. Raise AccessDeniedError if one refuses."""
    use, judgement = subject.use, watch.judge(subject)
    if judgement.refuses_use or (use == "create" and judgement.refuses_creation):
        tell("refused", operation=use, status=NTStatus.STATUS_ACCESS_DENIED.name, reason=str(judgement))
        raise AccessDeniedError(f"{subject} {judgement}")
    if judgement.action == "warn" and watch.warn(subject, judgement):
        tell("warned", operation=use, reason=str(judgement))


class WatchedKeyPair(KeyPair):
    """A key pair under policies and listeners, under a lock, or both."""

    __slots__ = ("_asked_length", "_due", "_facts", "_lock", "_number", "_reported_end", "_watch")

    def __init__(
        self,
        implementation: Implementation,
        owner: Owner,
        request: KeyRequest | None,
        material: KeyMaterial | None = None,
    ) -> None:
        super().__init__(implementation, owner, request, material)
        self._number = _numbers()
        self._reported_end = True  # until the policies have admitted the key
        self._asked_length = request.length if request is not None else 0
        self._watch: Watch | None = owner.watch
        self._facts = Subject(implementation.name)
        self._due: KeyEvent | None = None
        """The event of a finalize that has made the key; kept until the listeners have it, whatever a signal does."""
        self._lock: AbstractContextManager[object] = nullcontext()
        if implementation.algorithm.concurrency == "serial":
            self._lock = implementation.serial
        elif implementation.algorithm.concurrency == "key":
            self._lock = reset_in_child(RLock())
        if request is not None:
            self._judge("create" if material is None else "import", request, material)
            self._tell("created" if material is None else "imported")
        self._reported_end = False

    # --- the life cycle -----------------------------------------------------------------------------

    def _finalize(
        self,
        flags: int,
        checkpoint: Callable[[str], None] | None = None,
        admit: Callable[[KeyRequest, KeyMaterial], None] | None = None,
    ) -> None:
        if self.state == "empty":
            self._judge("create", self._request, None)
        with self._lock:
            super()._finalize(flags, checkpoint, self._admit)
        self._tell_due()

    def _admit(self, request: KeyRequest, material: KeyMaterial) -> None:
        """Judge the material before the key exists, because its properties may have changed since the creation."""
        self._judge("create", request, material)
        if self._watch is not None and self._watch.listening:
            self._facts = self._subject(request, material)
            self._due = self._event("finalized", {}, material)

    def destroy(self) -> None:
        self._tell_due()
        super().destroy()
        self._tell("destroyed")
        self._reported_end = True  # after it: what a signal stops here, the finalizer does

    def __del__(self) -> None:
        if not getattr(self, "_reported_end", True) and not sys.is_finalizing():
            self._reported_end = True
            if self._watch is not None and self._watch.listening:
                if self._due is not None and self._material is not None:
                    self._watch.tell_later(self._due)
                self._watch.tell_later(self._event("destroyed", {}))

    def public(self) -> KeyPair:
        half = super().public()
        if isinstance(half, WatchedKeyPair):
            half._asked_length = self._asked_length
            half._tell("derived")
        return half

    # --- calls to the provider ------------------------------------------------------------------------

    def _ask(self, material: KeyMaterial, operation: str, *arguments: object) -> object:
        if self._watch is None or operation not in _USES:
            with self._lock:
                return super()._ask(material, operation, *arguments)
        self._judge(_USES[operation], None, material)
        action, detail = ("exported", {"blob_type": str(arguments[0])}) if operation == "export" else ("used", {})
        detail["operation"] = operation
        try:
            with self._lock:
                answer = super()._ask(material, operation, *arguments)
        except CngError as error:
            self._tell(action, status=error.status.name, **detail)
            raise
        refused = operation == "verify_signature" and not answer
        status = NTStatus.STATUS_INVALID_SIGNATURE if refused else NTStatus.STATUS_SUCCESS
        self._tell(action, status=status.name, **detail)
        return answer

    def agree(self, peer: KeyPair) -> Secret:
        """Like :meth:`KeyPair.agree`, with the locks of both keys held."""
        with _locks_of(self, peer):
            return super().agree(peer)

    # --- policies and listeners -----------------------------------------------------------------------

    def _judge(self, use: str, request: KeyRequest | None, material: KeyMaterial | None) -> None:
        """Ask the policies. Raise AccessDeniedError if one refuses."""
        watch = self._watch
        if watch is None:
            return
        self._facts = facts = self._subject(request, material)
        _judge(watch, replace(facts, use=use), self._tell)

    def _tell(self, action: str, **details: str) -> None:
        """Report an event to the listeners, if there are any."""
        watch = self._watch
        if watch is None or not watch.listening:
            return
        self._tell_due()
        if self._material is not None or self._request is not None:
            self._facts = self._subject(self._request, self._material)
        watch.tell(self._event(action, details))

    def _tell_due(self) -> None:
        """Report that the key was finalized, if that is still due."""
        due, watch = self._due, self._watch
        if due is not None and watch is not None and self._material is not None:
            watch.tell(due)
            self._due = None

    def _event(self, action: str, details: Mapping[str, str], material: KeyMaterial | None = None) -> KeyEvent:
        """Return an event with what is known of this key, or of the material that it is about to get."""
        facts = self._facts
        return KeyEvent(
            action,
            self._number,
            facts.algorithm,
            facts.implementation,
            facts.distribution,
            facts.length,
            facts.parameter_set,
            facts.curve,
            self._half(material or self._material),
            **details,
        )

    def _subject(self, request: KeyRequest | None, material: KeyMaterial | None) -> Subject:
        """Return what is known of this key, from its material if there is any, else from its request."""
        if request is not None:
            self._asked_length = request.length

        def known(name: str) -> object:
            try:
                return self._read(name, request, material)
            except CngError:
                return None

        length = known(c.BCRYPT_KEY_LENGTH) or self._asked_length or None
        strength = known(c.BCRYPT_KEY_STRENGTH)
        if isinstance(length, int) and isinstance(strength, int):
            length = min(length, strength)  # DH rounds KeyLength up to whole bytes
        parameter_set, curve = known(c.BCRYPT_PARAMETER_SET_NAME), known(c.BCRYPT_ECC_CURVE_NAME)
        return Subject(
            self._implementation.name,
            self._implementation.implementation,
            self._implementation.distribution,
            length if isinstance(length, int) else None,
            parameter_set if isinstance(parameter_set, str) else None,
            curve if isinstance(curve, str) else None,
            back_end="" if material is None else self._implementation.back_end_of(material),
        )

    def _half(self, material: KeyMaterial | None) -> bool | None:
        """Return whether the material holds the private half; None if that is not known."""
        try:
            return None if material is None else self._implementation.holds_private(material)
        except CngError:
            return None


class SymmetricWatch:
    """Policies and listeners of one symmetric key. A key that nobody watches has none."""

    __slots__ = ("_ended", "_facts", "_implementation", "_length", "_number", "_watch")

    def __init__(self, implementation: Implementation, watch: Watch, length: int) -> None:
        self._ended = True  # until the policies have admitted the key
        self._implementation = implementation
        self._watch = watch
        self._length = length
        self._number = _numbers()
        self._facts = Subject(
            implementation.name,
            implementation.implementation,
            implementation.distribution,
            length or None,
            back_end=implementation.algorithm.back_end,
        )

    def copy(self) -> SymmetricWatch:
        """Return the watch of a copy of the key, and report that the copy was derived."""
        twin = SymmetricWatch(self._implementation, self._watch, self._length)
        twin._facts = self._facts
        twin.begin("derived")
        return twin

    def judge(self, use: str) -> None:
        """Ask the policies. Raise AccessDeniedError if one refuses."""
        _judge(self._watch, replace(self._facts, use=use), self.tell)

    def run(self, use: str, function: Callable[..., T], *arguments: object) -> T:
        """Judge a use, call the function, and report how it ended."""
        self.judge(use)
        action = "exported" if use == "export" else "used"
        detail = {"operation": use}
        if use == "export":
            detail["blob_type"] = str(arguments[0])
        try:
            answer = function(*arguments)
        except CngError as error:
            self.tell(action, status=error.status.name, **detail)
            raise
        self.tell(action, status=NTStatus.STATUS_SUCCESS.name, **detail)
        return answer

    def tell(self, action: str, **details: str) -> None:
        """Report an event to the listeners, if there are any."""
        if self._watch.listening:
            self._watch.tell(self._event(action, details))

    def begin(self, action: str) -> None:
        """Report that the key exists."""
        self._ended = False
        self.tell(action)

    def end(self) -> None:
        """Report that the key is destroyed."""
        self._ended = True
        self.tell("destroyed")

    def __del__(self) -> None:
        if not getattr(self, "_ended", True) and self._watch.listening and not sys.is_finalizing():
            self._watch.tell_later(self._event("destroyed", {}))

    def _event(self, action: str, details: Mapping[str, Any]) -> KeyEvent:
        facts = self._facts
        return KeyEvent(
            action, self._number, facts.algorithm, facts.implementation, facts.distribution, facts.length,
            mode=facts.mode, **details,
        )  # fmt: skip

    def set_mode(self, mode: str) -> None:
        """Take over the chaining mode, which policies judge at each use."""
        self._facts = replace(self._facts, mode=mode)


@contextmanager
def _locks_of(one: WatchedKeyPair, other: KeyPair) -> Iterator[None]:
    """Hold the locks of two keys, in one order for all threads: by the locks themselves, because keys can share one."""
    locks = {id(key._lock): key._lock for key in (one, other) if isinstance(key, WatchedKeyPair)}
    first, *second = [locks[name] for name in sorted(locks)]
    with first, second[0] if second else nullcontext():
        yield
