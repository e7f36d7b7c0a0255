"""Key pairs that are watched: by policies, by listeners of key events, or by a lock their provider needs.

:class:`~cngcore.objects._keypair.KeyPair` knows nothing of this, so a key that nobody watches pays nothing. An
:class:`~cngcore.objects._algorithm.AlgorithmProvider` makes keys of this kind where a :class:`Watch` is in force or its
declaration's ``concurrency`` is not ``free``.
"""

from __future__ import annotations

import sys
from _thread import RLock
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore._diagnostics import log
from cngcore._forks import renewed
from cngcore.objects._keypair import KeyPair
from cngcore.policy import Judgement, Policy, Subject, judge
from cngcore.policy._events import KeyEvent
from cngcore.status import AccessDeniedError, CngError, NTStatus

if TYPE_CHECKING:
    from cngcore.objects._algorithm import AlgorithmProvider
    from cngcore.objects._background import Cancel
    from cngcore.objects._secret import Secret
    from cngcore.provider import KeyMaterial, KeyRequest

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
"""The provider's methods that are a use of the key, and the word a policy has for each."""

_numbers = count(1).__next__


class Watch:
    """The policies and listeners of a registry: what is to be asked and told about each key."""

    def __init__(self, policies: tuple[Policy, ...], tell: Callable[[KeyEvent], None] | None) -> None:
        self.policies = policies
        self.tell = tell
        self._warned: set[tuple[str, str, str]] = set()

    def judge(self, subject: Subject) -> Judgement:
        return judge(self.policies, subject)

    def warn(self, subject: Subject, judgement: Judgement) -> bool:
        """Log a policy's warning, once for each policy, reason and algorithm; whether this was the first time."""
        key = (judgement.policy, judgement.reason, subject.algorithm)
        if key in self._warned:
            return False
        self._warned.add(key)
        log("%s %s", subject, judgement)
        return True


class GuardedKeyPair(KeyPair):
    """A key pair under a :class:`Watch`, a lock, or both."""

    __slots__ = ("_asked_length", "_facts", "_lock", "_number", "_watch")

    def __init__(
        self, provider: AlgorithmProvider, request: KeyRequest | None, material: KeyMaterial | None = None
    ) -> None:
        super().__init__(provider, request, material)
        self._number = _numbers()
        self._asked_length = 0
        self._watch: Watch | None = provider.watch
        self._facts = Subject(provider.declaration.name)
        concurrency = provider.declaration.concurrency
        self._lock: AbstractContextManager[object] = nullcontext()
        if concurrency == "serial":
            self._lock = provider.serial
        elif concurrency == "key":
            self._lock = renewed(RLock())

    @classmethod
    def created(cls, provider: AlgorithmProvider, request: KeyRequest) -> GuardedKeyPair:
        """A new, empty key; AccessDeniedError where a policy wants no such key."""
        key = cls(provider, request)
        key._judge("create")
        key._tell("created")
        return key

    @classmethod
    def imported(cls, provider: AlgorithmProvider, request: KeyRequest, material: KeyMaterial) -> GuardedKeyPair:
        """A key from a blob; AccessDeniedError where a policy wants no such key."""
        key = cls(provider, request, material)
        key._judge("import")
        key._tell("imported")
        return key

    # --- the life cycle -----------------------------------------------------------------------------

    def finalize(
        self,
        flags: int = 0,
        *,
        progress: Callable[[str, float], object] | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        if progress is not None or cancel is not None:  # it comes back here, in another thread, without them
            return super().finalize(flags, progress=progress, cancel=cancel)
        if self.state == "empty":
            self._judge("create")
        with self._lock:
            super().finalize(flags)
        try:
            self._judge("create")  # by what the key has become: its properties may have changed meanwhile
        except AccessDeniedError:
            self._material = None
            self._destroyed = True
            raise
        self._tell("finalized")
        return None

    def destroy(self) -> None:
        super().destroy()
        self._tell("destroyed")

    def __del__(self) -> None:
        if not self._destroyed and not sys.is_finalizing():
            self._destroyed = True
            self._tell("destroyed")

    def public(self) -> KeyPair:
        half = super().public()
        if isinstance(half, GuardedKeyPair):
            half._asked_length = self._asked_length
            half._tell("derived")
        return half

    # --- the one door to the back end ------------------------------------------------------------------

    def _ask(self, material: KeyMaterial, operation: str, *arguments: object) -> object:
        if self._watch is None or operation not in _USES:
            with self._lock:
                return super()._ask(material, operation, *arguments)
        self._judge(_USES[operation])
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
        """As :meth:`KeyPair.agree`; the peer's lock is held too, in an order that two threads cannot cross."""
        with _both(self, peer):
            return super().agree(peer)

    # --- judging and telling -----------------------------------------------------------------------------

    def _judge(self, use: str) -> None:
        """Ask the policies; AccessDeniedError where one refuses."""
        watch = self._watch
        if watch is None:
            return
        self._facts = facts = self._subject()
        subject = replace(facts, use=use)
        judgement = watch.judge(subject)
        if judgement.refuses_use or (use == "create" and judgement.refuses_creation):
            status = NTStatus.STATUS_ACCESS_DENIED
            self._tell("refused", operation=use, status=status.name, reason=str(judgement))
            raise AccessDeniedError(f"{subject} {judgement}")
        if judgement.action == "warn" and watch.warn(subject, judgement):
            self._tell("warned", operation=use, reason=str(judgement))

    def _tell(self, action: str, **details: str) -> None:
        """Tell the listeners, if there are any."""
        watch = self._watch
        if watch is None or watch.tell is None:
            return
        if not self._destroyed:
            self._facts = self._subject()
        facts = self._facts
        watch.tell(
            KeyEvent(
                action,
                self._number,
                facts.algorithm,
                facts.implementation,
                facts.distribution,
                facts.length,
                facts.parameter_set,
                facts.curve,
                self._half(),
                **details,
            )
        )

    def _subject(self) -> Subject:
        """What is known of this key."""
        provenance = self._provider.provenance
        request = self._request
        if request is not None:
            self._asked_length = request.length
        length = self._known(c.BCRYPT_KEY_LENGTH) or self._asked_length or None
        parameter_set, curve = self._known(c.BCRYPT_PARAMETER_SET_NAME), self._known(c.BCRYPT_ECC_CURVE_NAME)
        return Subject(
            self._provider.declaration.name,
            provenance.implementation,
            provenance.distribution,
            length if isinstance(length, int) else None,
            parameter_set if isinstance(parameter_set, str) else None,
            curve if isinstance(curve, str) else None,
        )

    def _half(self) -> bool | None:
        """Whether the private half is there; None where that is not known."""
        try:
            return None if self._material is None else self._holds_private(self._material)
        except CngError:
            return None

    def _known(self, name: str) -> object:
        """A property of the key, or of the request it was made with; None where it is not known."""
        try:
            return self.get_property(name)
        except CngError:
            return None


@contextmanager
def _both(one: GuardedKeyPair, other: KeyPair) -> Iterator[None]:
    """The locks of two keys, taken in the order in which the keys were made."""
    keys = [key for key in (one, other) if isinstance(key, GuardedKeyPair)]
    first, *second = sorted(keys, key=lambda key: key._number)
    with first._lock, second[0]._lock if second else nullcontext():
        yield
