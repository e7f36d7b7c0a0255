"""The life of one key pair: empty, finalized, destroyed; and every operation on it.

There is no lock. The right to finalize is one entry in a list: whoever pops it does the work, and puts it back if
the work fails, so that the key stays empty and can be tried again. A finalized key lets go of that list and of the
request it was made by: what a live key costs beyond its material is this one object. A destroyed key lets go of its
material; an operation that another thread has begun keeps it until it is done, and then the material wipes itself.
"""

from cngcore import constants as c
from cngcore import irql, windows
from cngcore._checks import check_dword, check_text, is_a, to_bytes
from cngcore._diagnostics import broken_word, pass_on
from cngcore.objects._properties import checked_value, with_value
from cngcore.status import (
    InternalError,
    InvalidHandleError,
    InvalidParameterError,
    InvalidSignatureError,
    NotSupportedError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from cngcore.objects._algorithm import AlgorithmProvider, Provenance
    from cngcore.objects._background import Cancel
    from cngcore.objects._secret import Secret
    from cngcore.padding import Padding
    from cngcore.provider import KeyMaterial, KeyRequest

_SIZES = {"sign": "signature_length", "encrypt": "encryption_length"}
_FINALIZE_FLAGS = (0, c.BCRYPT_NO_KEY_VALIDATION, c.BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER)
_BYTES = (bytes, bytearray)
_SPENT: "list[KeyRequest]" = []
"""What stands for the ticket of every key that is finalized: nothing is ever put in."""


class KeyPair:
    """A key pair, or its public half. Made by :meth:`AlgorithmProvider.generate_key_pair` and its kin."""

    __slots__ = ("__weakref__", "_destroyed", "_material", "_provider", "_request", "_ticket")

    def __init__(
        self, provider: "AlgorithmProvider", request: "KeyRequest | None", material: "KeyMaterial | None" = None
    ) -> None:
        self._provider = provider
        self._material = material
        self._destroyed = False
        self._request = request if material is None else None
        self._ticket = _SPENT if request is None or material is not None else [request]

    # --- the life cycle -----------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """``"empty"``, ``"finalized"`` or ``"destroyed"``."""
        if self._destroyed:
            return "destroyed"
        return "empty" if self._material is None else "finalized"

    def finalize(
        self,
        flags: int = 0,
        *,
        progress: "Callable[[str, float], object] | None" = None,
        cancel: "Cancel | None" = None,
    ) -> None:
        """Make the key (``BCryptFinalizeKeyPair``). It happens once.

        A second call, or a call on an imported key, is STATUS_INVALID_HANDLE [wine-test]. If the making fails the
        key stays empty: mend its properties and finalize again, or destroy it.

        ``progress(doing, seconds)`` is called in this thread ten times a second while the key is made; ``cancel`` is
        anything with ``is_set()``, such as a ``threading.Event``: once it is set CancelledError is raised at once. What
        becomes of the work then is told in :mod:`cngcore.objects._background`.
        """
        if progress is not None or cancel is not None:
            from cngcore.objects._background import finalize_waiting

            return finalize_waiting(self, flags, progress, cancel)
        try:
            request = self._ticket.pop()
        except IndexError:
            raise InvalidHandleError(f"{self._name} cannot be finalized: it is {self.state} already") from None
        provider = self._provider
        asked = request.flags
        try:
            lacking = provider.needs_parameter_set and request.parameter_set is None
            if type(flags) is not int or flags or irql.raised or lacking:
                request.flags |= self._check_finalize(request, flags)
        except BaseException:
            self._back_to_empty(request, asked)
            raise
        try:
            material = provider.material(provider._generate(request), "generate")
            if request.waiting is not None:
                request.checkpoint()  # whoever gave up meanwhile gets no key
        except BaseException as error:
            self._back_to_empty(request, asked)
            pass_on(provider.declaration, "generate", error)
        self._material = material
        self._request = None  # after the material: whoever reads the request finds the one or the other
        self._ticket = _SPENT
        if self._destroyed:
            self._material = None
            raise InvalidHandleError(f"{self._name} was destroyed while it was being made")
        return None

    async def finalize_async(self, flags: int = 0, *, progress: "Callable[[str, float], object] | None" = None) -> None:
        """:meth:`finalize` in a thread of its own, for ``await``. Cancelling the task gives up the key, at once."""
        from cngcore.objects._background import finalize_async

        await finalize_async(self, flags, progress)

    def _check_finalize(self, request: "KeyRequest", flags: object) -> int:
        """The flags as a plain number, where they are legal and nothing is missing."""
        if irql.raised:
            irql.require_dispatch(self._provider.dispatch)
        given = check_dword("dwFlags", flags)
        if given not in _FINALIZE_FLAGS or not self._has("flag", given):
            raise InvalidParameterError(f"BCryptFinalizeKeyPair takes no flags 0x{given:X}")
        if request.parameter_set is None and self._provider.declaration.parameter_sets:
            names = ", ".join(known.name for known in self._provider.declaration.parameter_sets)
            raise InvalidParameterError(f"{self._name} has no parameter set yet; set ParameterSetName: {names}")
        return given

    def _back_to_empty(self, request: "KeyRequest", flags: int) -> None:
        request.flags = flags
        if not self._destroyed:
            self._ticket.append(request)

    def destroy(self) -> None:
        """Let go of the key (``BCryptDestroyKey``); secret bytes are wiped. Twice is STATUS_INVALID_HANDLE."""
        if irql.raised:
            irql.require_dispatch(self._provider.dispatch)
        if self._destroyed:
            raise InvalidHandleError(f"{self._name} is destroyed already")
        self._destroyed = True
        self._ticket.clear()
        self._material = None
        if self._provider.dispatch:
            self._provider.released(self)

    def __enter__(self) -> "KeyPair":
        return self

    def __exit__(self, *_exception: object) -> None:
        if not self._destroyed:
            self.destroy()

    # --- operations ---------------------------------------------------------------------------------

    def sign_hash(self, digest: object, padding: "Padding | None" = None) -> bytes:
        """Sign a digest (``BCryptSignHash``); ECDSA and DSA give ``r || s``. ML-DSA takes the whole message."""
        material = self._use("sign", padding, private=True)
        return bytes(self._ask_bytes(material, "sign_hash", to_bytes("the hash", digest), padding))

    def verify_signature(self, digest: object, signature: object, padding: "Padding | None" = None) -> None:
        """Verify a signature (``BCryptVerifySignature``); InvalidSignatureError where it is not right."""
        material = self._use("sign", padding)
        digest, signature = to_bytes("the hash", digest), to_bytes("the signature", signature)
        if not signature:
            raise InvalidParameterError("the signature is empty")
        answer = self._ask(material, "verify_signature", digest, signature, padding)
        if answer is not True:
            if answer is not False:  # what is merely truthy may be anything, an error too: it verifies nothing
                raise self._broken_word("verify_signature", answer)
            raise InvalidSignatureError("the signature does not verify under this key, hash and padding")

    def encrypt(self, plaintext: object, padding: "Padding | None" = None) -> bytes:
        """Encrypt with the public key (``BCryptEncrypt``); no padding means raw RSA on a full block."""
        material = self._use("encrypt", padding)
        return bytes(self._ask_bytes(material, "encrypt", to_bytes("the plaintext", plaintext), padding))

    def decrypt(self, ciphertext: object, padding: "Padding | None" = None) -> bytes:
        """Decrypt with the private key (``BCryptDecrypt``). Every bad padding is one and the same error."""
        material = self._use("encrypt", padding, private=True)
        return bytes(self._ask_bytes(material, "decrypt", to_bytes("the ciphertext", ciphertext), padding))

    def agree(self, peer: "KeyPair") -> "Secret":
        """The secret shared with the owner of ``peer`` (``BCryptSecretAgreement``); ``peer`` may be a public half.

        Both keys must be of the same algorithm and implementation; else STATUS_INVALID_PARAMETER.
        """
        if self._material is None:
            raise self._not_usable()
        if not isinstance(peer, KeyPair):
            raise InvalidHandleError(f"the other key is a KeyPair, not {type(peer).__name__}")
        other = peer._material
        if other is None:
            raise peer._not_usable()
        if "agree" not in peer._provider.operations:
            raise NotSupportedError(f"{peer._name} is no key for secret agreement")
        material = self._use("agree", private=True)
        if peer._provider.factory is not self._provider.factory:
            raise InvalidParameterError(
                f"{self._name} and {peer._name} are not of the same algorithm and implementation; "
                "export the peer's public key and import it where the private key lives"
            )
        from cngcore.objects._secret import Secret

        z = self._ask_bytes(material, "agree", other)
        if not z:
            raise self._broken_word("agree", z, "an empty secret")
        return Secret(self._provider, z)

    def encapsulate(self) -> "tuple[bytes, bytes]":
        """A fresh (shared secret, ciphertext) for the owner of the private key (``BCryptEncapsulate``)."""
        answer = self._ask(self._use("encapsulate"), "encapsulate")
        if type(answer) is not tuple or len(answer) != 2:
            raise self._broken_word("encapsulate", answer)
        if not all(is_a(part, bytes, bytearray) and part for part in answer):  # bytes(32) would be 32 zeros
            raise self._broken_word("encapsulate", answer, "something that is no secret and ciphertext")
        return bytes(answer[0]), bytes(answer[1])

    def decapsulate(self, ciphertext: object) -> bytes:
        """The shared secret in a ciphertext (``BCryptDecapsulate``)."""
        material = self._use("encapsulate", private=True)
        return bytes(self._ask_bytes(material, "decapsulate", to_bytes("the ciphertext", ciphertext)))

    def export(self, blob_type: str) -> "bytes | bytearray":
        """The key as a blob (``BCryptExportKey``): bytes for a public type, a bytearray to wipe for a private one.

        A private type asked of a public half is STATUS_INVALID_PARAMETER, an unknown type STATUS_NOT_SUPPORTED.
        """
        material = self._use(None)
        blob_type = check_text("the blob type", blob_type)
        declared = self._provider.declaration.blob_types.get(blob_type)
        if declared is None or not declared.exports or not self._has("blob type", blob_type):
            writable = [kind.name for kind in self._provider.declaration.blob_types.values() if kind.exports]
            raise NotSupportedError(
                f"{self._name} exports no {blob_type!r}; it exports {', '.join(writable) or 'none'}"
            )
        if declared.private and not self._holds_private(material):
            raise InvalidParameterError(f"{self._name} holds no private key to export as {blob_type}")
        blob = self._ask_bytes(material, "export", blob_type)
        return bytearray(blob) if declared.private and type(blob) is bytes else blob

    def public(self) -> "KeyPair":
        """A key pair of its own that holds the public half only."""
        half = self._provider.material(self._ask(self._use(None), "public"), "public")
        if self._holds_private(half):
            raise self._broken_word("public", half, "a key with its private half")
        key = type(self)(self._provider, self._request, half)
        self._provider.depends(key)
        return key

    def require(self, operation: str | None) -> None:
        """Raise unless the key is finalized and its algorithm is for this operation (None: any)."""
        self._use(None if operation is None else check_text("an operation", operation))

    def size_of(self, operation: str) -> int:
        """Bytes that ``"sign"`` or ``"encrypt"`` will give, without doing it; a public half answers as well."""
        if check_text("an operation", operation) not in _SIZES:
            raise InvalidParameterError(f"only {' and '.join(_SIZES)} have a size, not {operation}")
        size = self._ask(self._use(operation), _SIZES[operation])
        if not _is_size(size):
            raise self._broken_word(_SIZES[operation], size)
        return size  # type: ignore[return-value]

    def check_size(self, operation: str, data: "bytes | bytearray", size: int) -> None:
        """Refuse what is longer than the provider had announced: the caller's buffer was made by its word."""
        if len(data) > size:
            raise self._broken_word(operation, data, f"{len(data)} bytes where it had announced {size}")

    def kem_sizes(self) -> tuple[int, int]:
        """Bytes of (shared secret, ciphertext) of an encapsulation."""
        sizes = self._ask(self._use("encapsulate"), "kem_lengths")
        if type(sizes) is not tuple or len(sizes) != 2 or not all(map(_is_size, sizes)):
            raise self._broken_word("kem_lengths", sizes)
        return sizes

    # --- properties ---------------------------------------------------------------------------------

    def get_property(self, name: str) -> object:
        """The value of a property, as a Python value (contract.md section 5)."""
        self._check_alive()
        if name == c.BCRYPT_ALGORITHM_NAME:
            return self._provider.declaration.name
        if name == c.BCRYPT_PROVIDER_HANDLE:
            return self._provider
        declared = self._provider.declared_property(name)
        request, material = self._request, self._material
        if material is not None:
            if "r" not in declared.when.finalized:
                raise NotSupportedError(f"{name} is not a property of a finalized key of {self._name}")
            if declared.value is not None and not callable(declared.value):
                return declared.value
            return self._provider.of_type(declared, self._ask(material, "get_property", name))
        if "r" not in declared.when.empty:
            if "r" in declared.when.finalized:
                raise self._not_usable()
            raise NotSupportedError(f"{name} is not a property of a key of {self._name}")
        if request is None:
            raise self._not_usable()  # it was finalized and destroyed meanwhile
        if name == c.BCRYPT_KEY_LENGTH and request.length:
            return request.length
        if name == c.BCRYPT_PARAMETER_SET_NAME and request.parameter_set is not None:
            return request.parameter_set
        return self._provider.value_of(declared, request.properties)

    def set_property(self, name: str, value: object) -> None:
        """Set a property of a key that is not finalized yet (contract.md section 4)."""
        self._check_alive()
        declared = self._provider.declared_property(name)
        if "w" not in declared.when.empty:
            self.type_to_set(name)
        request = self._request
        if not self._ticket or request is None:
            return self._set_on_finalized(name, value)
        value = checked_value(declared, value, self._provider.call)
        if name == c.BCRYPT_KEY_LENGTH:
            request.length = self._provider.check_length(value)
        elif name == c.BCRYPT_PARAMETER_SET_NAME:
            names = [known.name for known in self._provider.declaration.parameter_sets]
            if value not in names:
                raise InvalidParameterError(f"{self._name} has no parameter set {value!r}; it has {', '.join(names)}")
            request.parameter_set = value
        else:
            request.properties = with_value(request.properties, declared, value)
        return None

    def _set_on_finalized(self, name: str, value: object) -> None:
        """A finalized key keeps its properties; only its own KeyLength is taken, and has no effect [wine-test]."""
        if name != c.BCRYPT_KEY_LENGTH or self._material is None:
            raise InvalidHandleError(f"{self._name} is finalized; {name} can no longer be set")
        if value != self.get_property(name) or isinstance(value, bool):
            raise InvalidParameterError(f"{self._name} is finalized; its length can no longer be changed")

    def type_to_set(self, name: str) -> object:
        """The type of the values a property takes; NotSupportedError where it cannot be set on a key at all."""
        self._check_alive()
        declared = self._provider.declared_property(name)
        if "w" not in declared.when.empty:
            raise NotSupportedError(f"{name} cannot be set on a key of {self._name}")
        return declared.type

    @property
    def windows(self) -> str:
        """The Windows version this key behaves as."""
        return self._provider.windows

    @property
    def dispatch(self) -> bool:
        """Whether the algorithm was opened with ``BCRYPT_PROV_DISPATCH``."""
        return self._provider.dispatch

    @property
    def provenance(self) -> "Provenance":
        """Which distribution and implementation made this key."""
        return self._provider.provenance

    # --- what every method needs ----------------------------------------------------------------------

    @property
    def _name(self) -> str:
        return f"the {self._provider.declaration.name} key"

    def _has(self, kind: str, name: object) -> bool:
        return windows.has(self._provider.windows, kind, name)

    def _use(self, operation: str | None, padding: "Padding | None" = None, *, private: bool = False) -> "KeyMaterial":
        """The material, if the key is finalized, offers the operation and has the half it needs."""
        material = self._material
        if material is None:
            raise self._not_usable()
        provider = self._provider
        if irql.raised:
            irql.require_dispatch(provider.dispatch)
        if operation is not None and operation not in provider.operations:
            raise NotSupportedError(
                f"{provider.declaration.name} is not for this: it can {', '.join(provider.operations)}"
            )
        if padding is not None and provider.windows != windows.NEWEST:
            self._check_hash(getattr(padding, "hash", None))
        if private and not self._holds_private(material):
            if operation == "sign" and windows.release(provider.windows) < windows.release("7"):
                raise InternalError(f"{self._name} holds no private key")  # as Vista answers [wine-test]
            raise InvalidParameterError(f"{self._name} holds no private key; this needs one")
        return material

    def _check_hash(self, name: object) -> None:
        """Refuse a hash that the Windows in force does not have."""
        if not self._has("algorithm", name):
            raise NotSupportedError(f"Windows {self.windows} has no hash {name!r}")

    def _ask(self, material: "KeyMaterial", operation: str, *arguments: object) -> object:
        """Call the provider, and translate what it raises: the one door to the back end."""
        try:
            answer = getattr(material, operation)
            return answer(*arguments) if callable(answer) else answer
        except BaseException as error:
            pass_on(self._provider.declaration, operation, error)

    def _ask_bytes(self, material: "KeyMaterial", operation: str, *arguments: object) -> "bytes | bytearray":
        """:meth:`_ask` for what must give bytes."""
        answer = self._ask(material, operation, *arguments)
        if issubclass(type(answer), _BYTES):  # what it is, not what it claims to be
            return answer  # type: ignore[return-value]
        raise self._broken_word(operation, answer)

    def _holds_private(self, material: "KeyMaterial") -> bool:
        """Whether the private half is there, by the provider's word."""
        try:
            held = material.has_private
        except BaseException as error:
            pass_on(self._provider.declaration, "has_private", error)
        if type(held) is not bool:
            raise self._broken_word("has_private", held)
        return held

    def _broken_word(self, operation: str, answer: object, what: str = "") -> InternalError:
        return broken_word(self._provider.declaration, operation, what or type(answer).__name__)

    def _check_alive(self) -> None:
        if self._destroyed:
            raise self._not_usable()
        if irql.raised:
            irql.require_dispatch(self._provider.dispatch)

    def _not_usable(self) -> InvalidHandleError:
        if self._destroyed:
            return InvalidHandleError(f"{self._name} is destroyed")
        return InvalidHandleError(f"{self._name} is empty; finalize it before it is used")

    def __repr__(self) -> str:
        declaration = self._provider.declaration
        return f"<KeyPair {declaration.name} ({declaration.implementation}) {self.state}>"

    def __reduce__(self) -> "tuple[object, ...]":
        raise InvalidParameterError("a key pair cannot be pickled or copied; export it as a blob")


def _is_size(value: object) -> bool:
    return is_a(value, int) and type(value) is not bool and value >= 0  # type: ignore[operator]
