"""An agreed secret, and the keys that ``BCryptDeriveKey`` derives from it.

A secret outlives the keys that it came from. It holds big-endian bytes of full length, and wipes them when it is
destroyed and no derivation uses it any more. The key-derivation functions themselves are in
:mod:`cngcore.families.kdf`.

contract: rule-lifetimes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore import irql, windows
from cngcore._checks import check_dword, check_text, to_bytes
from cngcore._diagnostics import clear_tracebacks
from cngcore._imports import public_names
from cngcore._nearest import has_no
from cngcore.families import kdf
from cngcore.memory import SecretBytes
from cngcore.objects._hkdf import HkdfState
from cngcore.provider import Property, When
from cngcore.status import InvalidHandleError, InvalidParameterError, NotFoundError, NotSupportedError

if TYPE_CHECKING:
    from typing import Literal

    from typing_extensions import Buffer

    from cngcore.objects._implementation import Implementation, Owner
    from cngcore.padding import HashName

    KdfName = Literal["HASH", "HMAC", "TLS_PRF", "SP800_56A_CONCAT", "TRUNCATE", "HKDF"]

_SETTINGS = {
    name: Property(name, kind, When(finalized="w"))
    for name, kind in (
        (c.BCRYPT_HKDF_HASH_ALGORITHM, str),
        (c.BCRYPT_HKDF_SALT_AND_FINALIZE, bytes),
        (c.BCRYPT_HKDF_PRK_AND_FINALIZE, bytes),
    )
}
"""The properties that can be set on a secret: those of HKDF."""


@dataclass(frozen=True, slots=True)
class KdfParameters:
    """The parameters of a derivation; None means that one was not given (see :meth:`Secret.derive`)."""

    hash: str | None = None
    hmac_key: bytes | None = None
    prepend: bytes = b""
    append: bytes = b""
    label: bytes | None = None
    seed: bytes | None = None
    protocol: int | None = None
    algorithm_id: bytes | None = None
    party_u: bytes | None = None
    party_v: bytes | None = None
    supp_public: bytes = b""
    supp_private: bytes = b""
    salt: bytes | None = None
    info: bytes = b""

    def __repr__(self) -> str:
        return f"<KdfParameters, hash {self.hash!r}>"  # the other fields may be secret


_KDFS = (
    c.BCRYPT_KDF_HASH,
    c.BCRYPT_KDF_HMAC,
    c.BCRYPT_KDF_TLS_PRF,
    c.BCRYPT_KDF_SP80056A_CONCAT,
    c.BCRYPT_KDF_RAW_SECRET,
    c.BCRYPT_KDF_HKDF,
)
"""The key-derivation functions that :meth:`Secret.derive` knows."""

_HIDDEN = frozenset({"apply", "derive_from", "dispatch", "setting", "windows"})
"""What the flat API and the tools call, and an application does not: left out of ``dir()``."""


class Secret:
    """The secret that two keys agreed on (``BCryptSecretAgreement``). Derive any number of keys, then destroy it."""

    __slots__ = ("__weakref__", "_hkdf_state", "_implementation", "_owner", "_z")

    def __init__(self, implementation: Implementation, owner: Owner, z: bytes | bytearray) -> None:
        self._implementation = implementation
        self._owner = owner
        owner.add(self)
        self._z: SecretBytes | None = SecretBytes(z)
        self._hkdf_state = HkdfState()
        if isinstance(z, bytearray):
            z[:] = bytes(len(z))

    # --- derivation -----------------------------------------------------------------------------------

    @clear_tracebacks
    def derive(
        self,
        kdf: KdfName,
        length: int | None = None,
        *,
        hash: HashName | None = None,
        hmac_key: Buffer | None = None,
        prepend: Buffer = b"",
        append: Buffer = b"",
        label: Buffer = b"",
        seed: Buffer = b"",
        protocol: int | None = None,
        algorithm_id: Buffer = b"",
        party_u: Buffer = b"",
        party_v: Buffer = b"",
        supp_public: Buffer = b"",
        supp_private: Buffer = b"",
        salt: Buffer | None = None,
        info: Buffer = b"",
    ) -> bytes:
        """Derive key bytes by one of the six functions of ``BCryptDeriveKey``.

        ``kdf`` is ``"HASH"``, ``"HMAC"``, ``"TLS_PRF"``, ``"SP800_56A_CONCAT"``, ``"TRUNCATE"`` or ``"HKDF"``, and
        ``hash`` a CNG hash id. HMAC without ``hmac_key`` uses the secret itself as the key. ``length`` in bytes
        shortens the result; only HKDF and SP800_56A_CONCAT can make more than their natural length. HKDF needs a
        ``length``.

        Raises NotSupportedError for an unknown function or hash, InvalidParameterError for wrong parameters, and
        InvalidHandleError if the secret is destroyed.

        contract: rule-derive.
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
        return self.derive_from(kdf, length, parameters)

    @clear_tracebacks
    def raw(self) -> bytes:
        """Return the shared secret itself, in the byte order of the standards: big-endian; for X25519 as RFC 7748.

        It is as long as the field or as p, as in SP 800-56A and TLS. Other libraries give this. Derive a key from it
        with a key-derivation function before use; the bytes cannot be wiped.

        ``derive("TRUNCATE")``, which is what Windows has, gives the same bytes reversed: little-endian.

        >>> mine, theirs = (cngcore.generate_key_pair("ECDH_P256") for _ in range(2))
        >>> mine.agree(theirs.public()).raw() == theirs.agree(mine.public()).derive("TRUNCATE")[::-1]
        True
        """
        return bytes(self._alive())

    def derive_from(self, name: str, length: int | None, parameters: KdfParameters) -> bytes:
        """Like :meth:`derive`, with the parameters in one object, as the flat API has them."""
        z = self._alive()
        check_text("the KDF", name)
        if length is not None and (not isinstance(length, int) or isinstance(length, bool) or length < 0):
            raise InvalidParameterError(f"the length must be a number of bytes, not {type(length).__name__}")
        if not self._implementation.has("kdf", name):
            known = [one for one in _KDFS if self._implementation.has("kdf", one)]
            raise NotSupportedError(has_no(f"Windows {self.windows}", "KDF", name, known))
        if parameters.hash is not None:
            self._check_hash(parameters.hash)
        derived = self._derive(name, z, length, parameters)
        return derived if length is None else derived[:length]

    def _check_hash(self, hash_id: object) -> None:
        """Reject unknown hashes, and hashes that the configured Windows version lacks."""
        check_text("the hash", hash_id)
        if kdf.knows(str(hash_id)) and self._implementation.has("algorithm", hash_id):
            return
        known = [one for one in kdf.HASHES if self._implementation.has("algorithm", one)]
        message = has_no(f"key derivation of Windows {self.windows}", "hash", str(hash_id), known)
        if windows.release(self.windows) < windows.release("8"):
            raise NotFoundError(message)  # the answer of Vista and 7
        raise NotSupportedError(message)

    def _derive(self, name: str, z: bytearray, length: int | None, parameters: KdfParameters) -> bytes:
        hash_id = parameters.hash
        if name == c.BCRYPT_KDF_HASH:
            return kdf.kdf_hash(z, "SHA1" if hash_id is None else hash_id, parameters.prepend, parameters.append)
        if name == c.BCRYPT_KDF_HMAC:
            hash_id = "SHA1" if hash_id is None else hash_id
            return kdf.kdf_hmac(z, hash_id, parameters.hmac_key, parameters.prepend, parameters.append)
        if name == c.BCRYPT_KDF_TLS_PRF:
            label, seed = parameters.label or None, parameters.seed or None
            return kdf.tls_prf(z, label, seed, protocol=parameters.protocol, hash_id=hash_id)
        if name == c.BCRYPT_KDF_SP80056A_CONCAT:
            return kdf.sp800_56a_concat(
                z,
                _hash_for_strength(z) if hash_id is None else hash_id,
                parameters.algorithm_id,
                parameters.party_u,
                parameters.party_v,
                parameters.supp_public,
                parameters.supp_private,
                length,
            )
        if name == c.BCRYPT_KDF_RAW_SECRET:
            return kdf.truncate(z)
        if name == c.BCRYPT_KDF_HKDF:
            return self._hkdf(z, length, hash_id, parameters.salt, parameters.info)
        raise NotSupportedError(has_no("BCryptDeriveKey", "KDF", name, _KDFS))

    def _hkdf(self, z: bytearray, length: int | None, hash_id: str | None, salt: bytes | None, info: bytes) -> bytes:
        if length is None:
            raise InvalidParameterError("HKDF has no natural length; pass the number of bytes")
        state = self._hkdf_state
        if state.prk is not None and state.hash_id is not None:
            return kdf.hkdf_expand(state.prk, state.hash_id, info, length)
        if hash_id is None:
            raise InvalidParameterError(
                "HKDF needs a hash: pass hash=, for example hash='SHA256'; or set HkdfHashAlgorithm, then "
                "HkdfSaltAndFinalize"
            )
        return kdf.hkdf_expand(kdf.hkdf_extract(z, hash_id, salt), hash_id, info, length)

    # --- properties -----------------------------------------------------------------------------------

    def get_property(self, name: str) -> object:
        """Return AlgorithmName or ProviderHandle; a secret has no other property to read."""
        self._alive()
        check_text("a property name", name)
        if name == c.BCRYPT_ALGORITHM_NAME:
            return self._implementation.name
        if name == c.BCRYPT_PROVIDER_HANDLE:
            return self._owner
        raise NotSupportedError(f"a secret has no property {name!r} to read")

    @clear_tracebacks
    def set_property(self, name: str, value: object) -> None:
        """Set a property of HKDF.

        ``HkdfHashAlgorithm`` (str) comes first. Then exactly one of ``HkdfSaltAndFinalize`` (bytes, or None for no
        salt) or ``HkdfPrkAndFinalize`` (None: the secret is the pseudorandom key already).

        contract: rule-set-hkdf.
        """
        self.apply(self.setting(name), value)

    def setting(self, name: str) -> Property:
        """Return the declaration of a property that can be set on secrets. Raise NotSupportedError for any other."""
        self._alive()
        setting = _SETTINGS.get(check_text("a property name", name))
        if setting is None or not self._implementation.has("property", name):
            raise NotSupportedError(f"a secret has no property {name!r} to set")
        return setting

    def apply(self, setting: Property, value: object) -> None:
        """Set the property that :meth:`setting` returned."""
        self._hkdf_state.apply(setting.name, value, self._alive(), self._extract)

    def _extract(self, secret: bytes, hash_id: str, salt: bytes | None) -> bytes:
        self._check_hash(hash_id)
        return kdf.hkdf_extract(secret, hash_id, salt)

    # --- life -----------------------------------------------------------------------------------------

    def destroy(self) -> None:
        """Wipe the secret (``BCryptDestroySecret``). Twice is STATUS_INVALID_HANDLE."""
        self._alive()
        self._owner.remove(self)  # first: a signal in here leaves a secret that can be destroyed again
        self._z, self._hkdf_state = None, HkdfState()

    @property
    def dispatch(self) -> bool:
        """Whether the algorithm was opened with ``BCRYPT_PROV_DISPATCH``."""
        return self._owner.dispatch

    @property
    def windows(self) -> str:
        """The Windows version that this secret behaves as."""
        return self._implementation.windows

    def _alive(self) -> SecretBytes:
        z = self._z
        if z is None:
            raise InvalidHandleError("the secret is destroyed")
        if irql.raised:
            irql.require_dispatch(self._owner.dispatch)
        return z

    def __enter__(self) -> Secret:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._z is not None:
            self.destroy()

    def __dir__(self) -> list[str]:
        return public_names(self, _HIDDEN)

    def __repr__(self) -> str:
        state = "destroyed" if self._z is None else "live"
        return f"<Secret of {self._implementation.name}, {state}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise InvalidParameterError("a secret cannot be pickled or copied; derive a key from it")


def _hash_for_strength(z: bytearray) -> str:
    """Return the default hash of SP800_56A_CONCAT, which follows the strength of the curve.

    contract: rule-derive-concat.
    """
    return "SHA256" if len(z) <= 32 else "SHA384" if len(z) <= 48 else "SHA512"
