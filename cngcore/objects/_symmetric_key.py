"""Symmetric keys: AES and its kin, and the input of key-derivation algorithms.

A symmetric key is usable at once. Beside its secret it has settings (chaining mode, message block length), which it
copies from the opened algorithm, and a chain register: the last ciphertext block, from which a call without an IV
continues.

A lock guards the register and the position of a stream cipher. Calls that need neither, such as authenticated modes,
take no lock.

contract: rule-symmetric.
"""

from __future__ import annotations

from _thread import RLock
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore import irql
from cngcore._checks import check_number, to_bytes
from cngcore._diagnostics import clear_frames, clear_tracebacks
from cngcore._forks import reset_in_child
from cngcore._imports import public_names
from cngcore.blobs.symmetric import OpaqueKey, pack_key_data, wrap
from cngcore.memory import SecretBytes
from cngcore.objects._authenticated import (
    Authenticated,
    AuthenticatedStream,
    Chain,
    UsedNonces,
    authenticated_mode,
    check_lengths,
    mismatch,
    seal,
    unseal,
)
from cngcore.objects._chaining import crypt, output_size
from cngcore.objects._cipher_key import Limits
from cngcore.objects._hkdf import HkdfState
from cngcore.objects._properties import with_value
from cngcore.objects._symmetric_properties import modes_of
from cngcore.provider import CipherMaterial
from cngcore.status import InvalidHandleError, InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from typing_extensions import Buffer

    from cngcore.objects._implementation import Implementation, Owner
    from cngcore.objects._provenance import Provenance
    from cngcore.objects._watched import SymmetricWatch
    from cngcore.padding import HashName
    from cngcore.provider import Mode, Property
    from cngcore.status import AuthTagMismatchError

    T = TypeVar("T")

_HKDF = (c.BCRYPT_HKDF_HASH_ALGORITHM, c.BCRYPT_HKDF_SALT_AND_FINALIZE, c.BCRYPT_HKDF_PRK_AND_FINALIZE)

_HIDDEN = frozenset(
    {
        "apply",
        "block",
        "call",
        "chain",
        "check_message",
        "checked",
        "cipher",
        "crypt",
        "current_mode",
        "derive_from",
        "checked_secret",
        "dispatch",
        "implementation",
        "kind",
        "limits",
        "lock",
        "material",
        "message_block_length",
        "output_size",
        "register",
        "require",
        "run",
        "seal",
        "secret",
        "serialized",
        "setting",
        "tag_mismatch",
        "unseal",
        "windows",
    }
)
"""What the flat API and the tools call, and an application does not: left out of ``dir()``."""


def _effective_bits(properties: Mapping[str, object]) -> int:
    bits = properties.get(c.BCRYPT_EFFECTIVE_KEY_LENGTH, 0)
    return bits if isinstance(bits, int) else 0


class SymmetricKey:
    """A symmetric key. :meth:`AlgorithmProvider.generate_symmetric_key` and ``import_key`` make it.

    >>> with cngcore.open_algorithm_provider("AES") as aes, aes.generate_symmetric_key(bytes(16)) as key:
    ...     key.encrypt(b"attack at dawn", iv=bytes(16), padding=True).hex()
    '...'
    """

    __slots__ = (
        "__weakref__", "_flags", "_hkdf", "_nonces", "_owner", "_properties", "_secret", "_watch",
        "block_length", "cipher", "current_mode", "implementation", "kind", "limits", "lock", "message_block_length",
        "register", "serialized",
    )  # fmt: skip

    def __init__(
        self,
        implementation: Implementation,
        owner: Owner,
        secret: bytes,
        properties: Mapping[str, object],
        flags: int = 0,
        hkdf: HkdfState | None = None,
        watch: SymmetricWatch | None = None,
    ) -> None:
        algorithm = implementation.algorithm
        self.implementation = implementation
        self.lock = reset_in_child(RLock())
        self._owner = owner
        self._flags = flags
        self._properties: Mapping[str, object] = {}
        self._secret: SecretBytes | None = SecretBytes(secret)
        self._hkdf = hkdf if hkdf is not None else HkdfState()
        self._watch = watch
        self._nonces: UsedNonces | None = None
        self.cipher: CipherMaterial | None = None
        self.block_length = algorithm.block_length
        self.register = bytes(algorithm.block_length)
        self.serialized = algorithm.concurrency != "free"
        self.kind = ""
        self.limits: Limits | None = None
        self._settle(properties)
        if "cipher" in algorithm.operations:
            self.cipher = implementation.make_cipher(bytes(secret), flags, self._effective_bits())
        owner.add(self)

    def _settle(self, properties: Mapping[str, object]) -> None:
        """Take over settings: the mode and the message block length."""
        implementation = self.implementation
        self._properties = properties
        if implementation.algorithm.modes:
            modes = modes_of(implementation.algorithm, implementation.windows)
            self.current_mode: Mode = modes[str(self._setting(c.BCRYPT_CHAINING_MODE))]
            self.kind = self.current_mode.kind
            if self._watch is not None:
                self._watch.set_mode(self.current_mode.name)
            self.limits = Limits(self.current_mode) if self.kind == "authenticated" else None
            self.message_block_length = 1
            if c.BCRYPT_MESSAGE_BLOCK_LENGTH in implementation.own_properties:
                length = self._setting(c.BCRYPT_MESSAGE_BLOCK_LENGTH)
                self.message_block_length = length if isinstance(length, int) else 1

    def _setting(self, name: str) -> object:
        return self.implementation.current_value(self.implementation.declared_property(name), self._properties)

    def _effective_bits(self) -> int:
        return _effective_bits(self._properties)

    # --- facts ----------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name of the algorithm."""
        return self.implementation.name

    @property
    def length(self) -> int:
        """The length of the key in bits."""
        return 8 * len(self.secret())

    @property
    def mode(self) -> str:
        """The chaining mode: ``"CBC"``, ``"GCM"``, ... Empty for the key of a key-derivation algorithm."""
        self.secret()
        return self.current_mode.name if self.implementation.algorithm.modes else ""

    @property
    def chain_value(self) -> bytes:
        """The chain register, from which a call without an IV continues (the IV property of the key)."""
        self.require("cipher")
        return self.register

    @property
    def provenance(self) -> Provenance:
        """The distribution and implementation that serve this key."""
        return self._owner.provenance

    @property
    def dispatch(self) -> bool:
        """Whether the algorithm was opened with ``BCRYPT_PROV_DISPATCH``."""
        return self._owner.dispatch

    @property
    def windows(self) -> str:
        """The Windows version that this key behaves as."""
        return self.implementation.windows

    @property
    def destroyed(self) -> bool:
        """Whether the key is destroyed."""
        return self._secret is None

    # --- encryption without authentication ------------------------------------------------------------

    def encrypt(self, plaintext: Buffer, iv: Buffer | None = None, *, padding: bool = False) -> bytes:
        """Encrypt in the mode of the key (``BCryptEncrypt``).

        ``iv`` has the length of a block (8 bytes for XTS-AES, none for ECB and RC4). None continues from the last call.
        It is copied, never written to. ``padding`` adds PKCS #7 padding, 1 byte to a block.

        Raise InvalidBufferSizeError for data that is no whole number of blocks, NotSupportedError in an authenticated
        mode: call :meth:`encrypt_authenticated` there.
        """
        try:
            return self._crypt(plaintext, iv, padding, True)
        except BaseException as error:
            plaintext = b""
            clear_frames(error)
            raise

    def decrypt(self, ciphertext: Buffer, iv: Buffer | None = None, *, padding: bool = False) -> bytearray:
        """Decrypt in the mode of the key (``BCryptDecrypt``); arguments as for :meth:`encrypt`.

        Raise DataError if the padding is wrong. Nothing else about the data is checked, so a changed ciphertext can
        decrypt to other data: use an authenticated mode.
        """
        try:
            return bytearray(self._crypt(ciphertext, iv, padding, False))
        except BaseException as error:
            ciphertext = b""
            clear_frames(error)
            raise

    def _crypt(self, data: Buffer, iv: Buffer | None, padding: bool, encrypting: bool) -> bytes:
        if not self.kind or self._secret is None or irql.raised:
            self.require("cipher")
        if self.kind == "authenticated":
            call = "encrypt_authenticated" if encrypting else "decrypt_authenticated"
            raise NotSupportedError(f"{self.name} in mode {self.mode} needs a nonce and a tag: call {call}()")
        content = data if type(data) is bytes else to_bytes("the data", data)
        start = iv if iv is None or type(iv) is bytes else to_bytes("the IV", iv)
        if self._watch is None:
            return crypt(self, content, start, bool(padding), encrypting)[0]
        return self.crypt(content, start, bool(padding), encrypting, None)[0]

    def crypt(
        self, data: bytes, iv: bytes | None, padding: bool, encrypting: bool, room: int | None
    ) -> tuple[bytes, bytes | None]:
        """Encrypt or decrypt into a buffer of ``room`` bytes, as the flat API does; return output and register."""
        if self._watch is None:
            return crypt(self, data, iv, padding, encrypting, room)
        return self._watch.run("encrypt" if encrypting else "decrypt", crypt, self, data, iv, padding, encrypting, room)

    def output_size(self, length: int, padding: bool, encrypting: bool) -> int:
        """Return the answer to a size query of the flat API."""
        return output_size(self, length, padding, encrypting, query=True)

    # --- authenticated encryption ---------------------------------------------------------------------

    def encrypt_authenticated(
        self, plaintext: Buffer, nonce: Buffer, *, associated_data: Buffer = b"", tag_length: int = 16
    ) -> Authenticated:
        """Encrypt and authenticate a message; return ``(ciphertext, tag)``.

        ``nonce`` must differ for each message of a key: two messages with one nonce reveal both, and the key of the
        authentication. A nonce that this key object has encrypted with is refused. :meth:`new_nonce` makes one.
        Lengths in bytes: AES-GCM takes a nonce of 12 and a tag of 12 to 16, AES-CCM 7 to 13 and 4 to 16 (even).

        >>> gcm = cngcore.open_algorithm_provider("AES", mode="GCM")
        >>> key = gcm.generate_symmetric_key(bytes(32))
        >>> nonce = key.new_nonce()
        >>> box = key.encrypt_authenticated(b"ten euros", nonce, associated_data=b"header")
        >>> key.decrypt_authenticated(box.ciphertext, nonce, box.tag, associated_data=b"header")
        bytearray(b'ten euros')
        """
        try:
            data = plaintext if type(plaintext) is bytes else to_bytes("the plaintext", plaintext)
            start = nonce if type(nonce) is bytes else to_bytes("the nonce", nonce)
            aad = associated_data if type(associated_data) is bytes else to_bytes("associated data", associated_data)
            size = tag_length if type(tag_length) is int else check_number("the tag length", tag_length)
            if self.limits is None or self._secret is None or irql.raised:
                self._not_authenticated()
            check_lengths(self, len(start), size, len(data))
            nonces = self._nonces
            if nonces is None:
                nonces = self._remember_nonces()
            with nonces.lock:
                fresh = nonces.add(start)
            if not fresh:
                raise self._nonce_was_used()
            if self._watch is None:
                return tuple.__new__(Authenticated, seal(self, start, aad, data, size))  # 0.1 us less than the call
            return Authenticated(*self.seal(start, aad, data, size))
        except BaseException as error:
            plaintext = data = associated_data = aad = b""
            clear_frames(error)
            raise

    def decrypt_authenticated(
        self, ciphertext: Buffer, nonce: Buffer, tag: Buffer, *, associated_data: Buffer = b""
    ) -> bytearray:
        """Decrypt a message. Raise AuthTagMismatchError, and release nothing, if anything about it was changed."""
        try:
            data = ciphertext if type(ciphertext) is bytes else to_bytes("the ciphertext", ciphertext)
            start = nonce if type(nonce) is bytes else to_bytes("the nonce", nonce)
            aad = associated_data if type(associated_data) is bytes else to_bytes("associated data", associated_data)
            mark = tag if type(tag) is bytes else to_bytes("the tag", tag)
            if self.limits is None or self._secret is None or irql.raised:
                self._not_authenticated()
            check_lengths(self, len(start), len(mark), len(data))
            plain = self.unseal(start, aad, data, mark)
            return plain if type(plain) is bytearray else bytearray(plain)
        except BaseException as error:
            ciphertext = data = associated_data = aad = tag = mark = plain = b""
            clear_frames(error)
            raise

    def seal(self, nonce: bytes, aad: bytes, data: bytes, tag_length: int) -> tuple[bytes, bytes]:
        """Encrypt one message whose lengths are checked, as the flat API does: with any nonce."""
        if self._watch is None:
            return seal(self, nonce, aad, data, tag_length)
        return self._watch.run("encrypt", seal, self, nonce, aad, data, tag_length)

    def unseal(self, nonce: bytes, aad: bytes, data: bytes, tag: bytes) -> bytes | bytearray:
        """Decrypt one message whose lengths are checked, as the flat API does."""
        if self._watch is None:
            return unseal(self, nonce, aad, data, tag)
        return self._watch.run("decrypt", unseal, self, nonce, aad, data, tag)

    @clear_tracebacks
    def chain(self, nonce: bytes, aad: bytes, encrypting: bool, tag_length: int) -> Chain:
        """Begin a message of several calls, as the flat API does."""
        use = "encrypt" if encrypting else "decrypt"
        return self.run(use, Chain, self, nonce, aad, encrypting, tag_length)

    def check_message(self, nonce: int, tag: int, data: int) -> None:
        """Check the lengths in bytes of a message."""
        check_lengths(self, nonce, tag, data)

    def tag_mismatch(self, size: int) -> AuthTagMismatchError:
        """Return the error for a wrong tag of a message of ``size`` bytes."""
        return mismatch(self, size)

    @clear_tracebacks
    def authenticated_stream(
        self, nonce: Buffer, *, associated_data: Buffer = b"", tag_length: int = 16
    ) -> AuthenticatedStream:
        """Begin the encryption of a message that comes in pieces (AES-GCM).

        >>> gcm = cngcore.open_algorithm_provider("AES", mode="GCM")
        >>> with gcm.generate_symmetric_key(bytes(16)) as key, key.authenticated_stream(key.new_nonce()) as stream:
        ...     parts = [stream.update(piece) for piece in (b"ten ", b"euros")]
        ...     last, tag = stream.finish()
        >>> len(b"".join(parts) + last), len(tag)
        (9, 16)
        """
        start, aad = to_bytes("the nonce", nonce), to_bytes("the associated data", associated_data)
        size = check_number("the tag length", tag_length)
        self.require("cipher")
        check_lengths(self, len(start), size, 0)
        if not self.current_mode.chained:
            raise NotSupportedError(f"{self.name} in mode {self.mode} takes a message in one piece")
        self._use_nonce(start)
        return AuthenticatedStream(self.chain(start, aad, True, size), size)

    def new_nonce(self) -> bytes:
        """Return a random nonce that this key object has not used, of the longest legal length.

        Random nonces of 12 bytes are safe for 2**32 messages of one key (NIST SP 800-38D section 8.3).
        """
        self.require("cipher")
        mode = authenticated_mode(self)
        nonces = self._remember_nonces()
        with nonces.lock:
            return nonces.new((mode.nonce or (0, 0, 0))[1])

    def _remember_nonces(self) -> UsedNonces:
        with self.lock:
            if self._nonces is None:
                self._nonces = UsedNonces()
            return self._nonces

    def _use_nonce(self, nonce: bytes) -> None:
        nonces = self._remember_nonces()
        with nonces.lock:
            fresh = nonces.add(nonce)
        if not fresh:
            raise self._nonce_was_used()

    def _nonce_was_used(self) -> InvalidParameterError:
        return InvalidParameterError(
            f"{self.name}: this key has encrypted with this nonce before; use another for each message, such as "
            "new_nonce() returns"
        )

    def _not_authenticated(self) -> None:
        """Raise the error of a call that this key does not take; return if it does, at DISPATCH_LEVEL."""
        self.require("cipher")
        authenticated_mode(self)

    # --- derivation -----------------------------------------------------------------------------------

    @clear_tracebacks
    def derive(
        self,
        length: int,
        *,
        hash: HashName | str | None = None,
        label: Buffer | None = None,
        context: Buffer | None = None,
        salt: Buffer | None = None,
        info: Buffer | None = None,
        iterations: int | None = None,
        seed: Buffer | None = None,
        algorithm_id: Buffer | None = None,
        party_u: Buffer | None = None,
        party_v: Buffer | None = None,
        supp_public: Buffer | None = None,
        supp_private: Buffer | None = None,
        generic: Buffer | None = None,
        flags: int = 0,
    ) -> bytes:
        """Derive ``length`` bytes from the key (``BCryptKeyDerivation``).

        Each key-derivation algorithm takes some of the parameters; any other is InvalidParameterError. PBKDF2: hash,
        salt, iterations (10,000 if left out). SP800_108_CTR_HMAC: hash, label, context. SP800_56A_CONCAT: hash,
        algorithm_id, party_u, party_v, supp_public, supp_private. TLS1_1_KDF: label, seed; TLS1_2_KDF: hash too. HKDF:
        hash and salt (or set its properties first), info. CAPI_KDF: hash.

        >>> with cngcore.open_algorithm_provider("PBKDF2") as pbkdf2:
        ...     password = pbkdf2.generate_symmetric_key(b"password")
        ...     password.derive(20, hash="SHA1", salt=b"salt", iterations=2).hex()
        'ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957'
        """
        given = {
            "KDF_HASH_ALGORITHM": hash, "KDF_SALT": salt, "KDF_ITERATION_COUNT": iterations, "KDF_CONTEXT": context,
            "KDF_HKDF_INFO": info, "KDF_TLS_PRF_SEED": seed, "KDF_ALGORITHMID": algorithm_id,
            "KDF_PARTYUINFO": party_u, "KDF_PARTYVINFO": party_v, "KDF_SUPPPUBINFO": supp_public,
            "KDF_SUPPPRIVINFO": supp_private, "KDF_GENERIC_PARAMETER": generic,
        }  # fmt: skip
        known = {parameter.name for parameter in self.implementation.algorithm.parameters}
        given["KDF_TLS_PRF_LABEL" if "KDF_TLS_PRF_LABEL" in known else "KDF_LABEL"] = label
        parameters = {name: value for name, value in given.items() if value is not None}
        return self.derive_from(parameters, check_number("the length", length), flags)

    @clear_tracebacks
    def derive_from(self, parameters: Mapping[str, object], length: int, flags: int = 0) -> bytes:
        """Derive from parameters by the header's names, as the flat API does."""
        from cngcore.objects._derivation import derive

        self.require("derive")
        secret = bytes(self.secret())
        return self.run("derive", derive, self.implementation, secret, self._hkdf, parameters, length, flags)

    # --- blobs and copies -----------------------------------------------------------------------------

    @clear_tracebacks
    def export(self, blob_type: str, *, kek: SymmetricKey | None = None) -> bytearray:
        """Return the key as a blob (``BCryptExportKey``); wipe the bytearray after use.

        ``"KeyDataBlob"`` is a header and the key; ``"OpaqueKeyBlob"`` holds the settings too, for cngcore only;
        ``"Rfc3565KeyWrapBlob"`` is the key wrapped by ``kek``, an AES key (RFC 3394).
        """
        secret = self.secret()
        declared = self.implementation.blob_type(blob_type, "exports")
        if (kek is not None) != (declared.name == c.BCRYPT_AES_WRAP_KEY_BLOB):
            raise InvalidParameterError(f"a key-encryption key belongs to {c.BCRYPT_AES_WRAP_KEY_BLOB} and to no other")
        return self.run("export", self._export, declared.name, secret, kek)

    def _export(self, blob_type: str, secret: SecretBytes, kek: SymmetricKey | None) -> bytearray:
        if blob_type == c.BCRYPT_KEY_DATA_BLOB:
            if c.BCRYPT_HKDF_HASH_ALGORITHM in self.implementation.algorithm.properties:
                return pack_key_data(self._hkdf.exported())
            return pack_key_data(secret)
        if blob_type == c.BCRYPT_OPAQUE_KEY_BLOB:
            message_block = self.message_block_length if c.BCRYPT_MESSAGE_BLOCK_LENGTH in self._properties else 0
            return OpaqueKey(self.name, secret, message_block, self._effective_bits()).pack()
        if kek is None:
            raise NotSupportedError(f"{self.name} exports no {blob_type}")
        return bytearray(kek.run("encrypt", wrap, kek.block(encrypting=True), bytes(secret)))

    def block(self, encrypting: bool) -> Callable[[bytes], bytes]:
        """Return the AES operation on one block, for the key wrap. Raise InvalidParameterError for any other key."""
        material = self.cipher
        if self.name != c.BCRYPT_AES_ALGORITHM or material is None:
            self.secret()
            raise InvalidParameterError(f"the key-encryption key must be an AES key, not {self.name}")
        operation = material.encrypt_blocks if encrypting else material.decrypt_blocks

        def one(data: bytes) -> bytes:
            return self.checked("the key wrap", self.call(operation, data), 16)

        return one

    @clear_tracebacks
    def copy(self) -> SymmetricKey:
        """Return an independent key with the same settings and register (``BCryptDuplicateKey``)."""
        with self.lock:
            secret = self.secret()
            twin = SymmetricKey(
                self.implementation, self._owner, bytes(secret), self._properties, self._flags, self._hkdf.copy(),
                self._watch and self._watch.copy(),
            )  # fmt: skip
            twin.register = self.register
            twin._nonces = self._remember_nonces() if self.limits is not None else None  # it is the same key
            if self.cipher is not None:
                twin.cipher = self.implementation.check_cipher("copy", self.call(self.cipher.copy))
        return twin

    # --- properties -----------------------------------------------------------------------------------

    @clear_tracebacks
    def get_property(self, name: str) -> object:
        """Return a property as a Python value: ChainingMode, BlockLength, KeyLength, IV, ..."""
        secret = self.secret()
        if name == c.BCRYPT_ALGORITHM_NAME:
            return self.name
        if name == c.BCRYPT_PROVIDER_HANDLE:
            return self._owner
        declared = self.implementation.declared_property(name)
        if "r" not in declared.when.finalized:
            raise NotSupportedError(f"{name} is not a property of a symmetric key")
        if declared.name in (c.BCRYPT_KEY_LENGTH, c.BCRYPT_KEY_STRENGTH):
            return 8 * len(secret)
        if declared.name == c.BCRYPT_INITIALIZATION_VECTOR:
            return self.register
        if declared.name == c.BCRYPT_EFFECTIVE_KEY_LENGTH:
            return self._effective_bits() or 8 * len(secret)
        return self.implementation.current_value(declared, self._properties)

    @clear_tracebacks
    def set_property(self, name: str, value: object) -> None:
        """Set a property of this key only: ChainingMode, MessageBlockLength, IV, EffectiveKeyLength, those of HKDF."""
        self.apply(self.setting(name), value)

    def setting(self, name: str) -> Property:
        """Return the declaration of a property that can be set on keys. Raise NotSupportedError for any other."""
        self.secret()
        declared = self.implementation.declared_property(name)
        if "w" not in declared.when.finalized:
            raise NotSupportedError(f"{name} cannot be set on a key of {self.name}")
        return declared

    def apply(self, setting: Property, value: object) -> None:
        """Set the property that :meth:`setting` returned."""
        secret = self.secret()
        if setting.name in _HKDF:
            self._hkdf.apply(setting.name, value, secret, self.implementation.extract)
            return
        value = self.implementation.check_new_value(setting, value)
        if setting.name == c.BCRYPT_INITIALIZATION_VECTOR:
            iv = to_bytes("the IV", value)
            if len(iv) != self.block_length:
                raise InvalidParameterError(f"an IV of {self.name} has {self.block_length} bytes, not {len(iv)}")
            with self.lock:
                self.register = iv
            return
        with self.lock:
            properties = with_value(self._properties, setting, value)
            if setting.name == c.BCRYPT_EFFECTIVE_KEY_LENGTH:  # first: a length that is refused changes nothing
                bits = _effective_bits(properties)
                self.cipher = self.implementation.make_cipher(bytes(secret), self._flags, bits)
            self._settle(properties)
            if setting.name == c.BCRYPT_CHAINING_MODE:
                self.register = bytes(self.block_length)

    # --- what the rules of the modes ask ----------------------------------------------------------------

    def secret(self) -> SecretBytes:
        """Return the secret. Raise InvalidHandleError if the key is destroyed."""
        if irql.raised:
            irql.require_dispatch(self._owner.dispatch)
        secret = self._secret
        if secret is None:
            raise InvalidHandleError(f"the key of {self.name} is destroyed")
        return secret

    def material(self) -> CipherMaterial:
        """Return the provider's material. Raise InvalidHandleError if the key is destroyed."""
        material = self.cipher
        if material is None:
            self.require("cipher")
            raise InvalidHandleError(f"the key of {self.name} is destroyed")
        return material

    def require(self, operation: str) -> None:
        """Check that the key lives and is for ``"cipher"`` or ``"derive"``."""
        if self._secret is None or irql.raised:
            self.secret()
        if operation not in self.implementation.algorithm.operations:
            other = "derive()" if operation == "cipher" else "encrypt()"
            raise NotSupportedError(f"a key of {self.name} does not support {operation!r}; call {other}")

    def call(self, operation: Callable[..., T], *arguments: object) -> T:
        """Call the provider, one call at a time if its declaration says so."""
        if self.serialized:
            with self.lock:
                return self.implementation.call(operation, *arguments)
        return self.implementation.call(operation, *arguments)

    def checked(self, operation: str, answer: object, length: int) -> bytes:
        """Return a provider's bytes if they have the length that the contract gives them."""
        if type(answer) is not bytes:
            raise self.implementation.invalid_answer(operation, f"{type(answer).__name__}, not bytes,")
        if len(answer) != length:
            raise self.implementation.invalid_answer(operation, f"{len(answer)} bytes instead of {length}")
        return answer

    def checked_secret(self, operation: str, answer: object, length: int) -> bytes | bytearray:
        """Like :meth:`checked`, for a plaintext, which may be a bytearray."""
        if type(answer) is bytearray and len(answer) == length:
            return answer
        return self.checked(operation, answer, length)

    def run(self, use: str, function: Callable[..., T], *arguments: object) -> T:
        """Call a function that uses the key, watched by policies and listeners if there are any."""
        if self._watch is None:
            return function(*arguments)
        return self._watch.run(use, function, *arguments)

    # --- life -----------------------------------------------------------------------------------------

    def destroy(self) -> None:
        """Destroy the key and wipe its secret (``BCryptDestroyKey``). Twice is STATUS_INVALID_HANDLE."""
        self.secret()
        self._owner.remove(self)  # first: a signal in here leaves a key that can be destroyed again
        self.cipher = self._secret = None  # an operation that runs keeps them until it ends; then they wipe themselves
        self._hkdf = HkdfState()
        self.register = b""
        if self._watch is not None:
            self._watch.end()

    def __enter__(self) -> SymmetricKey:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._secret is not None:
            self.destroy()

    def __dir__(self) -> list[str]:
        return public_names(self, _HIDDEN)

    def __repr__(self) -> str:
        if self._secret is None:
            return f"<SymmetricKey {self.name}, destroyed>"
        algorithm = self.implementation.algorithm
        mode = f" {self.current_mode.name}" if algorithm.modes else ""
        # the secret of a derivation can be a password, whose length is nobody's business
        length = "" if "derive" in algorithm.operations else f", {8 * len(self._secret)} bits"
        return f"<SymmetricKey {self.name}{mode}{length} ({self.implementation.implementation})>"

    def __reduce__(self) -> tuple[object, ...]:
        raise InvalidParameterError("a symmetric key cannot be pickled or copied; use its copy(), or export it")
