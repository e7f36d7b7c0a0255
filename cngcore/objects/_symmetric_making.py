"""Making symmetric keys: of a secret, or from a blob.

contract: rule-symmetric-generate, rule-symmetric-blobs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore import windows
from cngcore._checks import check_dword
from cngcore.blobs.symmetric import OpaqueKey, unpack_key_data, unwrap
from cngcore.objects._hkdf import HkdfState
from cngcore.objects._symmetric_key import SymmetricKey
from cngcore.status import InvalidHandleError, InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cngcore.objects._implementation import Implementation, Owner
    from cngcore.provider import LengthRule


def make_key(
    implementation: Implementation,
    owner: Owner,
    secret: bytes,
    properties: Mapping[str, object],
    flags: int = 0,
    *,
    use: str = "create",
) -> SymmetricKey:
    """Make a key of a secret; ``use`` is what a policy judges: "create" or "import"."""
    algorithm = implementation.algorithm
    if not algorithm.has_symmetric_keys:
        other = "; call generate_key_pair()" if algorithm.has_key_pairs else ""
        raise NotSupportedError(f"{algorithm.name} has no symmetric keys{other}")
    flags = check_dword("dwFlags", flags)
    if flags & ~algorithm.generate_flags or (
        flags & c.BCRYPT_EXTENDED_KEYSIZE and windows.release(implementation.windows) < windows.release("8.1")
    ):
        raise InvalidParameterError(f"{algorithm.name} takes no flags 0x{flags:X} when a key is made")
    rule = implementation.rule
    if flags & c.BCRYPT_EXTENDED_KEYSIZE and algorithm.extended_key_lengths is not None:
        rule = algorithm.extended_key_lengths
    secret = _fitted(implementation, rule, secret)
    watch = None
    if owner.watch is not None:
        from cngcore.objects._watched import SymmetricWatch

        told = 0 if "derive" in algorithm.operations else 8 * len(secret)  # it can be the length of a password
        watch = SymmetricWatch(implementation, owner.watch, told)
        watch.judge(use)
    key = SymmetricKey(implementation, owner, secret, properties, flags, watch=watch)
    if watch is not None:
        watch.begin("created" if use == "create" else "imported")
    return key


def _fitted(implementation: Implementation, rule: LengthRule | None, secret: bytes) -> bytes:
    """Return a secret of a legal length: a longer one than the longest is cut.

    contract: rule-symmetric-generate.
    """
    limits = None if rule is None else implementation.call(rule.key_lengths)
    if rule is None or limits is None:
        raise NotSupportedError(f"{implementation.name} declares no lengths of secrets")
    secret = secret[: limits.maximum // 8]
    if not implementation.call(rule.accepts, 8 * len(secret), {}):
        words = implementation.call(rule.in_words)
        raise InvalidParameterError(
            f"{implementation.name} takes no secret of {len(secret)} bytes ({8 * len(secret)} bits); it takes {words}"
        )
    return secret


def import_key(
    implementation: Implementation,
    owner: Owner,
    blob_type: str,
    blob: bytes,
    kek: SymmetricKey | None,
    properties: Mapping[str, object],
    flags: int,
) -> SymmetricKey:
    """Make a key from a blob."""
    declared = implementation.blob_type(blob_type, "imports").name
    if check_dword("dwFlags", flags):
        raise InvalidParameterError(f"BCryptImportKey takes no flags, not 0x{flags:X}")
    if kek is not None and not isinstance(kek, SymmetricKey):
        raise InvalidHandleError(f"the key-encryption key must be a SymmetricKey, not {type(kek).__name__}")
    if (kek is not None) != (declared == c.BCRYPT_AES_WRAP_KEY_BLOB):
        raise InvalidParameterError(f"a key-encryption key belongs to {c.BCRYPT_AES_WRAP_KEY_BLOB} and to no other")
    if kek is not None:
        secret = kek.run("decrypt", unwrap, kek.block(encrypting=False), blob)
        return make_key(implementation, owner, secret, properties, use="import")
    if declared == c.BCRYPT_OPAQUE_KEY_BLOB:
        return _import_opaque(implementation, owner, OpaqueKey.unpack(blob), properties)
    secret = unpack_key_data(blob)
    if c.BCRYPT_HKDF_HASH_ALGORITHM in implementation.algorithm.properties:
        state = HkdfState.imported(secret)
        implementation.extract(b"", state.hash_id or "", b"")  # the hash must be known
        key = make_key(implementation, owner, bytes(state.prk or b""), properties, use="import")
        key._hkdf = state
        return key
    return make_key(implementation, owner, secret, properties, use="import")


def _import_opaque(
    implementation: Implementation, owner: Owner, opaque: OpaqueKey, properties: Mapping[str, object]
) -> SymmetricKey:
    if opaque.algorithm != implementation.name:
        raise InvalidParameterError(f"this OpaqueKeyBlob holds a key of another algorithm than {implementation.name}")
    settings = dict(properties)
    for name, value in (
        (c.BCRYPT_MESSAGE_BLOCK_LENGTH, opaque.message_block),
        (c.BCRYPT_EFFECTIVE_KEY_LENGTH, opaque.effective_bits),
    ):
        if value:
            setting = implementation.declared_property(name)
            settings[name] = implementation.check_new_value(setting, value)
    secret = bytes(opaque.secret)
    return make_key(implementation, owner, secret, settings, _longest_flags(implementation, secret), use="import")


def _longest_flags(implementation: Implementation, secret: bytes) -> int:
    """Return BCRYPT_EXTENDED_KEYSIZE for a key of an OpaqueKeyBlob that was made with it. Other blobs cut it."""
    rule, extended = implementation.rule, implementation.algorithm.extended_key_lengths
    if rule is None or extended is None:
        return 0
    limits = rule.key_lengths()
    return c.BCRYPT_EXTENDED_KEYSIZE if limits is not None and 8 * len(secret) > limits.maximum else 0
