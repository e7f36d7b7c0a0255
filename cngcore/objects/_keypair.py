"""The life of one key pair: empty, finalized, destroyed; and every operation on it.

There is no lock. A thread that finalizes a key appends its own mark to a list, and the first mark wins. If the
generation fails the list is cleared, so the key stays empty and can be finalized again.

============  =========  ==========  ===========
state         _claim     _request    _material
============  =========  ==========  ===========
empty         a list     a request   None
finalized     None       None        material
destroyed     None       None        None
============  =========  ==========  ===========

A finalized key keeps neither the list nor the request, so a live key costs one object beyond its material. A destroyed
key drops its material. An operation that another thread has started keeps the material until it ends; then the material
wipes itself.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, overload

from cngcore import constants as c
from cngcore import irql, windows
from cngcore._checks import check_dword, check_text, is_exactly, to_bytes
from cngcore._diagnostics import clear_tracebacks
from cngcore._imports import public_names
from cngcore.objects._application import ApplicationKey
from cngcore.objects._properties import with_value
from cngcore.status import (
    InternalError,
    InvalidHandleError,
    InvalidParameterError,
    InvalidSignatureError,
    NotSupportedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from typing_extensions import Buffer

    from cngcore.objects._background import Cancel, Progress
    from cngcore.objects._implementation import Implementation, Owner
    from cngcore.objects._provenance import Provenance
    from cngcore.objects._secret import Secret
    from cngcore.padding import Padding
    from cngcore.provider import KeyMaterial, KeyRequest, Property

    NumberProperty = Literal["KeyLength", "KeyStrength", "PublicKeyLength", "SignatureLength", "BlockLength"]
    TextProperty = Literal["AlgorithmName", "ECCCurveName", "ParameterSetName"]
    PublicBlob = Literal[
        "PUBLICBLOB", "RSAPUBLICBLOB", "ECCPUBLICBLOB", "ECCFULLPUBLICBLOB", "DHPUBLICBLOB", "DSAPUBLICBLOB",
        "V2DSAPUBLICBLOB", "CAPIPUBLICBLOB", "CAPIDHPUBLICBLOB", "CAPIDSAPUBLICBLOB", "PQDSAPUBLICBLOB",
        "MLKEMPUBLICBLOB",
    ]  # fmt: skip
    PrivateBlob = Literal[
        "PRIVATEBLOB", "RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB", "ECCPRIVATEBLOB", "ECCFULLPRIVATEBLOB", "DHPRIVATEBLOB",
        "DSAPRIVATEBLOB", "V2DSAPRIVATEBLOB", "CAPIPRIVATEBLOB", "CAPIDHPRIVATEBLOB", "CAPIDSAPRIVATEBLOB",
        "PQDSAPRIVATEBLOB", "PQDSAPRIVATESEEDBLOB", "MLKEMPRIVATEBLOB", "MLKEMPRIVATESEEDBLOB",
    ]  # fmt: skip

_COMMON_LENGTHS = (32, 20, 48, 64)  # bytes of SHA-256, SHA-1, SHA-384, SHA-512
_SIZES = {"sign": "signature_length", "encrypt": "encryption_length"}
_FINALIZE_FLAGS = (0, c.BCRYPT_NO_KEY_VALIDATION, c.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER)

_OTHER_USES = (("agree", "ECDSA", "ECDH"), ("sign", "ECDH", "ECDSA"), ("encrypt", "RSA_SIGN", "RSA"))
"""An operation, the algorithm that lacks it, and the one that has it for the same numbers."""

_HIDDEN = frozenset(
    {
        "apply",
        "check_announced",
        "dispatch",
        "kem_sizes",
        "require",
        "setting",
        "sign_bytes",
        "size_of",
        "verify_bytes",
        "verify_number",
        "windows",
    }
)
"""What the flat API and the tools call, and an application does not: left out of ``dir()``."""


@cache
def _secret_class() -> type[Secret]:
    from cngcore.objects._secret import Secret  # with its KDFs 3 ms that a key without agreement saves

    return Secret


class KeyPair(ApplicationKey):
    """A key pair, or its public half.

    :func:`cngcore.generate_key_pair`, :func:`cngcore.load_key` and :meth:`AlgorithmProvider.generate_key_pair` make
    them.
    """

    __slots__ = ("__weakref__", "_claim", "_implementation", "_material", "_owner", "_request")

    def __init__(
        self,
        implementation: Implementation,
        owner: Owner,
        request: KeyRequest | None,
        material: KeyMaterial | None = None,
    ) -> None:
        self._implementation = implementation
        self._owner = owner
        self._request = request if material is None else None
        self._material = material
        self._claim: list[object] | None = [] if material is None else None

    # --- the life cycle -----------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """``"empty"``, ``"finalized"`` or ``"destroyed"``."""
        if self._material is not None:
            return "finalized"
        return "destroyed" if self._claim is None else "empty"

    def finalize(self, flags: int = 0, *, progress: Progress | None = None, cancel: Cancel | None = None) -> None:
        """Make the key (``BCryptFinalizeKeyPair``), once.

        A second call, or a call on an imported key, is STATUS_INVALID_HANDLE. If the generation fails the key stays
        empty: change its properties and finalize again, or destroy it.

        ``progress(doing, seconds)`` is called in this thread ten times a second while the key is made. ``cancel`` is
        any object with ``is_set()``, such as a ``threading.Event``; once it is set, CancelledError is raised at once.
        :mod:`cngcore.objects` says what happens to the work then.

        contract: rule-finalize-status.
        """
        if progress is not None or cancel is not None:
            from cngcore.objects._background import finalize_in_background  # threading: 2 ms that a first key saves

            finalize_in_background(lambda checkpoint: self._finalize(flags, checkpoint), progress, cancel)
        else:
            self._finalize(flags)

    async def finalize_async(self, flags: int = 0, *, progress: Progress | None = None) -> None:
        """Like :meth:`finalize`, in a thread of its own. Cancelling the task cancels the generation at once."""
        from cngcore.objects._background import finalize_async

        await finalize_async(lambda checkpoint: self._finalize(flags, checkpoint), progress)

    def _finalize(
        self,
        flags: int,
        checkpoint: Callable[[str], None] | None = None,
        admit: Callable[[KeyRequest, KeyMaterial], None] | None = None,
    ) -> None:
        """Claim the key, make its material, and publish it unless ``admit`` raises."""
        request, claim, implementation = self._request, self._claim, self._implementation
        if claim is None or request is None:
            raise self._cannot_finalize()
        mark = object()
        asked = request.flags
        try:  # a signal handler can raise after any call in here: the claim is released wherever that is
            claim.append(mark)
            if claim[0] is not mark:
                raise self._cannot_finalize()
            if type(flags) is not int or flags or irql.raised:
                request.flags |= self._check_finalize(flags)
            if implementation.parameter_sets and request.parameter_set is None:
                names = ", ".join(implementation.parameter_sets)
                raise InvalidParameterError(f"{self._name} has no parameter set yet; set ParameterSetName: {names}")
            request.on_checkpoint = checkpoint
            material = implementation.generate(request)
            if checkpoint is not None:
                request.checkpoint()  # a caller that has cancelled meanwhile gets no key
            if admit is not None:
                admit(request, material)
            self._material = material
        except BaseException:
            if claim[:1] == [mark] and self._material is None:
                request.flags, request.on_checkpoint = asked, None
                claim.clear()
            raise
        if self._claim is None:
            self._material = None
            raise InvalidHandleError(f"{self._name} was destroyed while it was being made")
        self._claim = self._request = None

    def _cannot_finalize(self) -> InvalidHandleError:
        reason = {
            "empty": "another call is making it",
            "finalized": "it is finalized already",
            "destroyed": "it is destroyed",
        }
        return InvalidHandleError(f"{self._name} cannot be finalized: {reason[self.state]}")

    def _check_finalize(self, flags: object) -> int:
        """Return the flags as a plain number if they are legal."""
        if irql.raised:
            irql.require_dispatch(self._owner.dispatch)
        number = check_dword("dwFlags", flags)
        if number not in _FINALIZE_FLAGS or not self._implementation.has("flag", number):
            raise InvalidParameterError(f"BCryptFinalizeKeyPair takes no flags 0x{number:X}")
        return number

    def destroy(self) -> None:
        """Destroy the key (``BCryptDestroyKey``) and wipe its secret bytes. Twice is STATUS_INVALID_HANDLE."""
        if irql.raised:
            irql.require_dispatch(self._owner.dispatch)
        if self._claim is None and self._material is None:
            raise InvalidHandleError(f"{self._name} is destroyed already")
        if self._owner.dispatch:
            self._owner.remove(self)  # first: a signal in here leaves a key that can be destroyed again
        self._claim = self._request = self._material = None

    def __enter__(self) -> KeyPair:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self.state != "destroyed":
            self.destroy()

    # --- operations ---------------------------------------------------------------------------------

    @clear_tracebacks
    def sign_hash(self, digest: Buffer, padding: Padding | None = None) -> bytes:
        """Sign a digest (``BCryptSignHash``). ECDSA and DSA return ``r || s``. ML-DSA takes the whole message.

        :meth:`~KeyPair.sign` hashes for you. Raise InvalidParameterError for a digest of a length that no hash has:
        Windows, and :mod:`cngcore.bcrypt`, would sign its first bytes only, and the signature would be valid for every
        message that begins with them.
        """
        return self._sign(self._digest(digest), padding)

    @clear_tracebacks
    def verify_signature(self, digest: Buffer, signature: Buffer, padding: Padding | None = None) -> None:
        """Verify a signature of a digest (``BCryptVerifySignature``). Raise InvalidSignatureError if it is not valid.

        :meth:`~KeyPair.verify` hashes the message for you.
        """
        self._verify(self._digest(digest), to_bytes("the signature", signature), padding)

    def _digest(self, digest: object) -> bytes:
        data = to_bytes("the hash", digest)
        if len(data) not in _COMMON_LENGTHS and self._material is not None:
            from cngcore.objects import _messages as messages

            if self._implementation.name in messages.TRUNCATE:
                messages.check_digest(len(data))
        return data

    @clear_tracebacks
    def sign_bytes(self, data: bytes, padding: Padding | None = None) -> bytes:
        """Sign bytes of any length, as ``BCryptSignHash`` does: of more than it can sign the first ones."""
        return self._sign(data, padding)

    def _sign(self, data: bytes, padding: Padding | None) -> bytes:
        material = self._use("sign", padding, private=True)
        return bytes(self._ask_bytes(material, "sign_hash", data, padding))

    @clear_tracebacks
    def verify_bytes(self, digest: bytes, signature: bytes, padding: Padding | None = None) -> None:
        """Verify a signature of bytes of any length, as ``BCryptVerifySignature`` does."""
        self._verify(digest, signature, padding)

    def _verify(self, digest: bytes, signature: bytes, padding: Padding | None) -> None:
        material = self._use("sign", padding)
        if not signature:
            raise InvalidParameterError("the signature is empty")
        answer = self._ask(material, "verify_signature", digest, signature, padding)
        if answer is not True:
            if answer is not False:  # a value that is merely true may be an error, and verifies nothing
                raise self._implementation.invalid_answer("verify_signature", type(answer).__name__)
            raise InvalidSignatureError("the signature does not verify under this key, hash and padding")

    @clear_tracebacks
    def encrypt(self, plaintext: Buffer, padding: Padding | None = None) -> bytes:
        """Encrypt with the public key (``BCryptEncrypt``); no padding means raw RSA on a full block."""
        material = self._use("encrypt", padding)
        return bytes(self._ask_bytes(material, "encrypt", to_bytes("the plaintext", plaintext), padding))

    @clear_tracebacks
    def decrypt(self, ciphertext: Buffer, padding: Padding | None = None) -> bytes:
        """Decrypt with the private key (``BCryptDecrypt``). Every padding error raises the same exception."""
        material = self._use("encrypt", padding, private=True)
        return bytes(self._ask_bytes(material, "decrypt", to_bytes("the ciphertext", ciphertext), padding))

    @clear_tracebacks
    def agree(self, peer: KeyPair) -> Secret:
        """Return the secret shared with the owner of ``peer`` (``BCryptSecretAgreement``).

        ``peer`` may be a public half. Both keys must be of the same algorithm and implementation, else
        STATUS_INVALID_PARAMETER.
        """
        if self._material is None:
            raise self._not_usable()
        if not isinstance(peer, KeyPair):
            raise InvalidHandleError(f"the other key must be a KeyPair, not {type(peer).__name__}")
        other = peer._material
        if other is None:
            raise peer._not_usable()
        if "agree" in self._implementation.algorithm.operations and peer._lacks("agree"):
            raise peer._no_operation("agree", "the peer's key is wrong: ")
        material = self._use("agree", private=True)
        if peer._implementation.factory() is not self._implementation.factory():
            raise self._no_peer(peer)
        z = self._ask_bytes(material, "agree", other)
        if not z:
            raise self._implementation.invalid_answer("agree", "an empty secret")
        return _secret_class()(self._implementation, self._owner, z)

    @clear_tracebacks
    def encapsulate(self) -> tuple[bytes, bytes]:
        """Return a fresh (shared secret, ciphertext) for the owner of the private key (``BCryptEncapsulate``)."""
        answer = self._ask(self._use("encapsulate"), "encapsulate")
        if type(answer) is not tuple or len(answer) != 2:
            raise self._implementation.invalid_answer("encapsulate", type(answer).__name__)
        secret, ciphertext = answer
        for part in answer:
            if not is_exactly(part, bytes, bytearray) or not part:  # bytes(32) would be 32 zeros
                described = "a pair that is not two non-empty byte strings"
                raise self._implementation.invalid_answer("encapsulate", described)
        return bytes(secret), bytes(ciphertext)

    @clear_tracebacks
    def decapsulate(self, ciphertext: Buffer) -> bytes:
        """Return the shared secret in a ciphertext (``BCryptDecapsulate``)."""
        material = self._use("encapsulate", private=True)
        return bytes(self._ask_bytes(material, "decapsulate", to_bytes("the ciphertext", ciphertext)))

    @overload
    def export(self, blob_type: PublicBlob) -> bytes: ...

    @overload
    def export(self, blob_type: PrivateBlob) -> bytearray: ...

    @overload
    def export(self, blob_type: str) -> bytes | bytearray: ...

    @clear_tracebacks
    def export(self, blob_type: str) -> bytes | bytearray:
        """Return the key as a blob (``BCryptExportKey``): bytes for a public type, a bytearray for a private one.

        Wipe the bytearray after use. A private type of a public half is STATUS_INVALID_PARAMETER, and an unknown type
        is STATUS_NOT_SUPPORTED.
        """
        material = self._use(None)
        declared = self._implementation.blob_type(blob_type, "exports")
        if declared.private and not self._implementation.holds_private(material):
            raise InvalidParameterError(f"{self._name} holds no private key to export as {declared.name}")
        blob = self._ask_bytes(material, "export", declared.name)
        return bytearray(blob) if declared.private and type(blob) is bytes else blob

    @clear_tracebacks
    def public(self) -> KeyPair:
        """Return an independent key pair that holds the public half only."""
        half = self._implementation.check_material("public", self._ask(self._use(None), "public"))
        if self._implementation.holds_private(half):
            raise self._implementation.invalid_answer("public", "a key with its private half")
        key = type(self)(self._implementation, self._owner, None, half)
        self._owner.add(key)
        return key

    @clear_tracebacks
    def require(self, operation: str | None) -> None:
        """Raise unless the key is finalized and its algorithm supports this operation (None: any)."""
        self._use(None if operation is None else check_text("an operation", operation))

    @clear_tracebacks
    def size_of(self, operation: str) -> int:
        """Return how many bytes ``"sign"`` or ``"encrypt"`` will give, without doing it; a public half answers too."""
        name = _SIZES.get(operation if type(operation) is str else check_text("an operation", operation))
        if name is None:
            raise InvalidParameterError(f"only {' and '.join(_SIZES)} have a size, not {operation}")
        size = self._ask(self._use(operation), name)
        return size if type(size) is int and size >= 0 else self._implementation.check_size(name, size)

    def check_announced(self, operation: str, data: bytes | bytearray, size: int) -> None:
        """Reject output longer than announced, because the caller sized its buffer by the announcement."""
        if len(data) > size:
            raise self._implementation.invalid_answer(operation, f"{len(data)} bytes after it had announced {size}")

    @clear_tracebacks
    def kem_sizes(self) -> tuple[int, int]:
        """Return the bytes of (shared secret, ciphertext) of an encapsulation."""
        sizes = self._ask(self._use("encapsulate"), "kem_lengths")
        if type(sizes) is not tuple or len(sizes) != 2:
            raise self._implementation.invalid_answer("kem_lengths", type(sizes).__name__)
        check_size = self._implementation.check_size
        return check_size("kem_lengths", sizes[0]), check_size("kem_lengths", sizes[1])

    # --- properties ---------------------------------------------------------------------------------

    @overload
    def get_property(self, name: NumberProperty) -> int: ...

    @overload
    def get_property(self, name: TextProperty) -> str: ...

    @overload
    def get_property(self, name: str) -> object: ...

    @clear_tracebacks
    def get_property(self, name: str) -> object:
        """Return a property as a Python value (``BCryptGetProperty``) (contract: rule-get-property)."""
        self._check_alive()
        if name == c.BCRYPT_ALGORITHM_NAME:
            return self._implementation.name
        if name == c.BCRYPT_PROVIDER_HANDLE:
            return self._owner
        return self._read(name, self._request, self._material)

    def _read(self, name: str, request: KeyRequest | None, material: KeyMaterial | None) -> object:
        """Return a declared property of the material, or of the request while there is no material."""
        declared = self._implementation.declared_property(name)
        if material is not None:
            if "r" not in declared.when.finalized:
                raise NotSupportedError(f"{self._name} has no property {name} once it is finalized")
            if declared.value is None or callable(declared.value):
                return self._implementation.check_property(declared, self._ask(material, "get_property", name))
            return declared.value
        if "r" not in declared.when.empty:
            if "r" in declared.when.finalized:
                raise self._not_usable()
            raise NotSupportedError(f"{self._name} has no property {name}; ask the algorithm")
        if request is None:
            raise self._not_usable()  # another thread finalized and destroyed it meanwhile
        return self._implementation.current_value(declared, request.properties)

    def set_property(self, name: str, value: object) -> None:
        """Set a property of a key that is not finalized yet (``BCryptSetProperty``) (contract: rule-set-property)."""
        self.apply(self.setting(name), value)

    def setting(self, name: str) -> Property:
        """Return the declaration of a property that can be set on keys. Raise NotSupportedError for any other."""
        self._check_alive()
        declared = self._implementation.declared_property(name)
        if "w" not in declared.when.empty:
            raise NotSupportedError(f"{name} cannot be set on {self._name}")
        return declared

    def apply(self, setting: Property, value: object) -> None:
        """Set the property that :meth:`setting` returned."""
        request = self._request
        if self._claim or self._material is not None or request is None:
            return self._set_on_finalized(setting.name, value)
        value = self._implementation.check_new_value(setting, value)
        if setting.name == c.BCRYPT_KEY_LENGTH:
            value = self._implementation.check_length(value, request.properties)
        elif setting.name == c.BCRYPT_PARAMETER_SET_NAME:
            names = self._implementation.parameter_sets
            if value not in names:
                raise InvalidParameterError(f"{self._name} has no parameter set {value!r}; it has {', '.join(names)}")
        request.properties = with_value(request.properties, setting, value)
        return None

    def _set_on_finalized(self, name: str, value: object) -> None:
        """Reject the change. A finalized key accepts its own KeyLength, without effect, as Windows does."""
        if name != c.BCRYPT_KEY_LENGTH or self._material is None:
            raise InvalidHandleError(f"{self._name} is finalized; {name} can no longer be set")
        if value != self.get_property(name) or isinstance(value, bool):
            raise InvalidParameterError(f"{self._name} is finalized; its length can no longer be changed")

    @property
    def windows(self) -> str:
        """The Windows version that this key behaves as."""
        return self._implementation.windows

    @property
    def dispatch(self) -> bool:
        """Whether the algorithm was opened with ``BCRYPT_PROV_DISPATCH``."""
        return self._owner.dispatch

    @property
    def provenance(self) -> Provenance:
        """The distribution and implementation that made this key, and the library that holds it."""
        provenance, material = self._owner.provenance, self._material
        return provenance if material is None else provenance.held_by(self._implementation.back_end_of(material))

    # --- what every method needs ----------------------------------------------------------------------

    @property
    def _name(self) -> str:
        return f"the {self._implementation.name} key"

    def _use(self, operation: str | None, padding: Padding | None = None, *, private: bool = False) -> KeyMaterial:
        """Return the material if the key is finalized, supports the operation, and holds the half it needs."""
        material = self._material
        if material is None:
            raise self._not_usable()
        implementation = self._implementation
        if irql.raised:
            irql.require_dispatch(self._owner.dispatch)
        if operation is not None and operation not in implementation.algorithm.operations:
            raise self._no_operation(operation)
        if padding is not None and implementation.windows != windows.NEWEST:
            self._check_hash(getattr(padding, "hash", None))
        if private and not implementation.holds_private(material):
            if operation == "sign" and windows.release(implementation.windows) < windows.release("7"):
                raise InternalError(f"{self._name} holds no private key")  # Vista's answer
            raise InvalidParameterError(f"{self._name} holds no private key, which this operation needs")
        return material

    def _lacks(self, operation: str) -> bool:
        return operation not in self._implementation.algorithm.operations

    def _no_operation(self, operation: str, whose: str = "") -> NotSupportedError:
        algorithm = self._implementation.algorithm
        return NotSupportedError(
            f"{whose}{algorithm.name} does not support '{operation}'; it supports "
            f"{', '.join(sorted(algorithm.operations))}{self._other_use(operation)}"
        )

    def _other_use(self, operation: str) -> str:
        """Return how the same numbers become a key for an operation: a key file may not say what they are for."""
        for wanted, name, other in _OTHER_USES:
            stem = self._implementation.name
            if wanted == operation and stem.partition("_P")[0] == name and self.curve != c.BCRYPT_ECC_CURVE_25519:
                return f". To use the same key so, load it with load_key(..., algorithm={stem.replace(name, other)!r})"
        return ""

    def _no_peer(self, peer: KeyPair) -> InvalidParameterError:
        """Return the error for a peer of another algorithm or implementation, with what to do."""
        own, other = self._implementation, peer._implementation
        message = f"{self._name} and the peer's are not of the same algorithm and implementation: "
        if own.name == other.name:
            return InvalidParameterError(
                f"{message}they are {own.name} by {own.implementation} and by {other.implementation}. Export the "
                "peer's public key and import it into the provider of the private key"
            )
        same = self.length == peer.length and self.curve == peer.curve
        return InvalidParameterError(
            f"{message}they are {own.name} and {other.name}"
            + (f". Load the peer's key with load_key(..., algorithm={own.name!r})" if same else "")
        )

    def _ask(self, material: KeyMaterial, operation: str, *arguments: object) -> object:
        return self._implementation.ask(material, operation, *arguments)

    def _ask_bytes(self, material: KeyMaterial, operation: str, *arguments: object) -> bytes | bytearray:
        answer = self._ask(material, operation, *arguments)
        return answer if type(answer) is bytes else self._implementation.check_bytes(operation, answer)

    def _check_alive(self) -> None:
        if self._claim is None and self._material is None:
            raise self._not_usable()
        if irql.raised:
            irql.require_dispatch(self._owner.dispatch)

    def _not_usable(self) -> InvalidHandleError:
        if self.state == "destroyed":
            return InvalidHandleError(f"{self._name} is destroyed")
        return InvalidHandleError(f"{self._name} is not finalized yet; call finalize() first")

    def __dir__(self) -> list[str]:
        return public_names(self, _HIDDEN)

    def __reduce__(self) -> tuple[object, ...]:
        raise InvalidParameterError("a key pair cannot be pickled or copied; export it as a blob")
