"""An agreed secret, and what ``BCryptDeriveKey`` makes of it.

The secret outlives the keys it came from (contract.md section 0.1). It is held as big-endian bytes of full length and
wiped when it is destroyed and no derivation uses it any more. The key-derivation functions themselves are in
:mod:`cngcore.objects._kdf`.
"""

from cngcore import constants as c
from cngcore import irql, windows
from cngcore._checks import check_dword, check_text, to_bytes
from cngcore._diagnostics import discreet
from cngcore.memory import SecretBytes
from cngcore.objects import _kdf as kdf
from cngcore.status import InvalidHandleError, InvalidParameterError, NotFoundError, NotSupportedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cngcore.objects._algorithm import AlgorithmProvider


class KdfParameters:
    """The parameters of a derivation; None stands for one that was not given (see :meth:`Secret.derive`)."""

    __slots__ = (
        "algorithm_id", "append", "hash", "hmac_key", "info", "label", "party_u", "party_v", "prepend", "protocol",
        "salt", "seed", "supp_private", "supp_public",
    )  # fmt: skip

    def __init__(
        self,
        *,
        hash: str | None = None,
        hmac_key: bytes | None = None,
        prepend: bytes = b"",
        append: bytes = b"",
        label: bytes | None = None,
        seed: bytes | None = None,
        protocol: int | None = None,
        algorithm_id: bytes | None = None,
        party_u: bytes | None = None,
        party_v: bytes | None = None,
        supp_public: bytes = b"",
        supp_private: bytes = b"",
        salt: bytes | None = None,
        info: bytes = b"",
    ) -> None:
        self.hash = hash
        self.hmac_key = hmac_key
        self.prepend = prepend
        self.append = append
        self.label = label
        self.seed = seed
        self.protocol = protocol
        self.algorithm_id = algorithm_id
        self.party_u = party_u
        self.party_v = party_v
        self.supp_public = supp_public
        self.supp_private = supp_private
        self.salt = salt
        self.info = info


class Secret:
    """The secret two keys agreed on (``BCryptSecretAgreement``). Derive as often as you like; then destroy it."""

    __slots__ = ("__weakref__", "_hkdf_hash", "_hkdf_prk", "_provider", "_z")

    def __init__(self, provider: "AlgorithmProvider", z: "bytes | bytearray") -> None:
        self._provider = provider
        provider.depends(self)
        self._z: SecretBytes | None = SecretBytes(z)
        self._hkdf_hash: str | None = None
        self._hkdf_prk: SecretBytes | None = None
        if isinstance(z, bytearray):
            z[:] = bytes(len(z))

    # --- derivation -----------------------------------------------------------------------------------

    @discreet
    def derive(
        self,
        kdf: str,
        length: int | None = None,
        *,
        hash: str | None = None,
        hmac_key: object = None,
        prepend: object = b"",
        append: object = b"",
        label: object = b"",
        seed: object = b"",
        protocol: int | None = None,
        algorithm_id: object = b"",
        party_u: object = b"",
        party_v: object = b"",
        supp_public: object = b"",
        supp_private: object = b"",
        salt: object = None,
        info: object = b"",
    ) -> bytes:
        """Derive key bytes by one of the six functions of the contract (section 16).

        ``kdf`` is ``"HASH"``, ``"HMAC"``, ``"TLS_PRF"``, ``"SP800_56A_CONCAT"``, ``"TRUNCATE"`` or ``"HKDF"``;
        ``hash`` a CNG hash id.
        HMAC without ``hmac_key`` takes the secret itself as the key. ``length`` cuts the result short; only HKDF and
        SP800_56A_CONCAT can make more than their natural length. HKDF needs a ``length``.

        Raises NotSupportedError for an unknown function or hash, InvalidParameterError for wrong parameters,
        InvalidHandleError once the secret is destroyed.
        """
        parameters = KdfParameters(
            hash=hash,
            hmac_key=None if hmac_key is None else to_bytes("hmac_key", hmac_key),
            prepend=to_bytes("prepend", prepend),
            append=to_bytes("append", append),
            label=to_bytes("label", label),
            seed=to_bytes("seed", seed),
            protocol=None if protocol is None else check_dword("the protocol", protocol),
            algorithm_id=to_bytes("algorithm_id", algorithm_id),
            party_u=to_bytes("party_u", party_u),
            party_v=to_bytes("party_v", party_v),
            supp_public=to_bytes("supp_public", supp_public),
            supp_private=to_bytes("supp_private", supp_private),
            salt=None if salt is None else to_bytes("salt", salt),
            info=to_bytes("info", info),
        )
        return self.derive_with(kdf, length, parameters)

    def derive_with(self, name: str, length: int | None, given: "KdfParameters") -> bytes:
        """:meth:`derive` with the parameters gathered already, as the flat API does."""
        z = self._alive()
        check_text("the KDF", name)
        if length is not None and (not isinstance(length, int) or isinstance(length, bool) or length < 0):
            raise InvalidParameterError(f"a length is a number of bytes, not {type(length).__name__}")
        if not windows.has(self._provider.windows, "kdf", name):
            raise NotSupportedError(f"Windows {self._provider.windows} has no KDF {name!r}")
        if given.hash is not None:
            self._check_hash(given.hash)
        derived = self._run(name, z, length, given)
        return derived if length is None else derived[:length]

    def _check_hash(self, hash_id: object) -> None:
        """Refuse a hash that is none, or that the Windows in force does not have."""
        check_text("the hash", hash_id)
        version = self._provider.windows
        if kdf.knows(str(hash_id)) and windows.has(version, "algorithm", hash_id):
            return
        message = f"{hash_id!r} is no hash of Windows {version} that a key can be derived with"
        if windows.release(version) < windows.release("8"):
            raise NotFoundError(message)  # as Vista and 7 answer [wine-test]
        raise NotSupportedError(message)

    def _run(self, name: str, z: bytearray, length: int | None, given: "KdfParameters") -> bytes:
        if name == c.BCRYPT_KDF_HASH:
            return kdf.kdf_hash(z, "SHA1" if given.hash is None else given.hash, given.prepend, given.append)
        if name == c.BCRYPT_KDF_HMAC:
            return kdf.kdf_hmac(
                z, "SHA1" if given.hash is None else given.hash, given.hmac_key, given.prepend, given.append
            )
        if name == c.BCRYPT_KDF_TLS_PRF:
            return kdf.tls_prf(z, given.label or None, given.seed or None, protocol=given.protocol, hash_id=given.hash)
        if name == c.BCRYPT_KDF_SP80056A_CONCAT:
            hash_id = self._hash_of_curve(z) if given.hash is None else given.hash
            return kdf.sp800_56a_concat(
                z,
                hash_id,
                given.algorithm_id,
                given.party_u,
                given.party_v,
                given.supp_public,
                given.supp_private,
                length,
            )
        if name == c.BCRYPT_KDF_RAW_SECRET:
            return kdf.truncate(z)
        if name == c.BCRYPT_KDF_HKDF:
            return self._hkdf(z, length, given.hash, given.salt, given.info)
        raise NotSupportedError(f"{name!r} is no KDF of BCryptDeriveKey")

    def _hash_of_curve(self, z: bytearray) -> str:
        """The hash SP800_56A_CONCAT takes where none is given: that of the curve's strength (section 16)."""
        return "SHA256" if len(z) <= 32 else "SHA384" if len(z) <= 48 else "SHA512"

    def _hkdf(self, z: bytearray, length: int | None, hash_id: str | None, salt: bytes | None, info: bytes) -> bytes:
        if length is None:
            raise InvalidParameterError("HKDF has no natural length; say how many bytes")
        if self._hkdf_prk is not None and self._hkdf_hash is not None:
            return kdf.hkdf_expand(self._hkdf_prk, self._hkdf_hash, info, length)
        if hash_id is None:
            raise InvalidParameterError(
                "HKDF needs a hash: set HkdfHashAlgorithm, then HkdfSaltAndFinalize; or pass hash="
            )
        return kdf.hkdf_expand(kdf.hkdf_extract(z, hash_id, salt), hash_id, info, length)

    # --- properties -----------------------------------------------------------------------------------

    def get_property(self, name: str) -> object:
        """AlgorithmName and ProviderHandle; a secret has no others to read."""
        self._alive()
        check_text("a property name", name)
        if name == c.BCRYPT_ALGORITHM_NAME:
            return self._provider.declaration.name
        if name == c.BCRYPT_PROVIDER_HANDLE:
            return self._provider
        raise NotSupportedError(f"a secret has no property {name!r} to read")

    def set_property(self, name: str, value: object) -> None:
        """The HKDF properties, in their order (contract.md section 4.7).

        ``HkdfHashAlgorithm`` (str) first, then exactly one of ``HkdfSaltAndFinalize`` (bytes, or None for no salt) or
        ``HkdfPrkAndFinalize`` (None: the secret is the pseudorandom key already).
        """
        z = self._alive()
        check_text("a property name", name)
        if not windows.has(self._provider.windows, "property", name):
            raise NotSupportedError(f"Windows {self._provider.windows} has no property {name!r}")
        if name == c.BCRYPT_HKDF_HASH_ALGORITHM:
            if not isinstance(value, str) or self._hkdf_prk is not None:
                raise InvalidParameterError(f"{name} is a hash id, and comes before HkdfSaltAndFinalize")
            self._check_hash(value)
            self._hkdf_hash = value
        elif name in (c.BCRYPT_HKDF_SALT_AND_FINALIZE, c.BCRYPT_HKDF_PRK_AND_FINALIZE):
            if self._hkdf_hash is None or self._hkdf_prk is not None:
                raise InvalidParameterError(f"{name} comes once, after HkdfHashAlgorithm")
            if name == c.BCRYPT_HKDF_SALT_AND_FINALIZE:
                salt = None if value is None else to_bytes(name, value)
                self._hkdf_prk = SecretBytes(kdf.hkdf_extract(z, self._hkdf_hash, salt))
            elif value is not None:
                raise InvalidParameterError(f"{name} takes no value: the secret itself is the key")
            else:
                self._hkdf_prk = SecretBytes(z)
        else:
            raise NotSupportedError(f"a secret has no property {name!r} to set")

    # --- life -----------------------------------------------------------------------------------------

    def destroy(self) -> None:
        """Wipe the secret (``BCryptDestroySecret``). Twice is STATUS_INVALID_HANDLE."""
        self._alive()
        self._z = self._hkdf_prk = None
        self._provider.released(self)

    @property
    def dispatch(self) -> bool:
        """Whether the algorithm was opened with ``BCRYPT_PROV_DISPATCH``."""
        return self._provider.dispatch

    @property
    def windows(self) -> str:
        """The Windows version this secret behaves as."""
        return self._provider.windows

    def type_to_set(self, name: str) -> object:
        """The type of the values a property takes; NotSupportedError where a secret has no such property."""
        self._alive()
        check_text("a property name", name)
        kinds = {
            c.BCRYPT_HKDF_HASH_ALGORITHM: str,
            c.BCRYPT_HKDF_SALT_AND_FINALIZE: bytes,
            c.BCRYPT_HKDF_PRK_AND_FINALIZE: bytes,
        }
        if name not in kinds:
            raise NotSupportedError(f"a secret has no property {name!r} to set")
        return kinds[name]

    def _alive(self) -> bytearray:
        z = self._z
        if z is None:
            raise InvalidHandleError("the secret is destroyed")
        if irql.raised:
            irql.require_dispatch(self._provider.dispatch)
        return z

    def __enter__(self) -> "Secret":
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._z is not None:
            self.destroy()

    def __repr__(self) -> str:
        state = "destroyed" if self._z is None else "live"
        return f"<Secret of {self._provider.declaration.name}, {state}>"

    def __reduce__(self) -> "tuple[object, ...]":
        raise InvalidParameterError("a secret cannot be pickled or copied; derive a key from it")
