"""Check key-derivation algorithms: lengths, parameters, secrets, and the states of HKDF."""

from __future__ import annotations

from cngcore import constants as c
from cngcore.bcrypt import BCryptBuffer
from cngcore.conformance import _secrets as with_
from cngcore.conformance._check import bcrypt, check, demand, granted, refused, same, status_of
from cngcore.conformance._secrets import message, other_value, parameters
from cngcore.conformance._subject import Implementation
from cngcore.objects import SymmetricKey
from cngcore.status import NTStatus

_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_NOT_SUPPORTED = NTStatus.STATUS_NOT_SUPPORTED
_DERIVE = ["derive"]
_RULE = "contract: rule-kdf-algorithms, rule-kdf-parameters"


def _key(one: Implementation, content: bytes | None = None) -> SymmetricKey:
    found: SymmetricKey = granted(
        one.opened.generate_symmetric_key, with_.usual(one) if content is None else content, doing="making a key"
    )
    return found


@check(
    "derive-lengths",
    "implementation",
    operations=_DERIVE,
    rule=_RULE,
    remedy="Return exactly as many bytes as are asked for, the same each time; raise InvalidParameterError for a "
    "length that the function cannot give.",
)
def derive_lengths(one: Implementation) -> str:
    """A derivation gives exactly the bytes that are asked for, the same each time, and does not use the key up."""
    key, given, longest = _key(one), parameters(one), 0
    for length in (1, 2, 15, 16, 17, 20, 31, 32, 33, 40, 47, 48, 64, 65, 100, 127, 128, 129, 255, 1000):
        status, first = status_of(key.derive_from, given, length)
        if status == _INVALID and longest >= 16:
            break  # it gives a bounded number of bytes, such as two digests
        same(status.name, "STATUS_SUCCESS", f"deriving {length} bytes")
        same((type(first), len(first)), (bytes, length), f"deriving {length} bytes")
        same(granted(key.derive_from, given, length), first, f"deriving {length} bytes again")
        same(granted(_key(one).derive_from, given, length), first, f"deriving {length} bytes from another key object")
        demand(length < 8 or len(set(first)) > 3, "derived bytes", "a pattern", f"deriving {length} bytes")
        longest = length
    for wrong in (0, -1, 1 << 32):
        refused(key.derive_from, given, wrong, by=_INVALID, doing=f"deriving {wrong} bytes")
    with_copy = granted(key.copy)
    expected = granted(key.derive_from, given, 24)
    key.destroy()
    same(granted(with_copy.derive_from, given, 24), expected, "deriving with a copy of a destroyed key")
    _flat(one, given, expected)
    return f"to {longest} bytes"


def _flat(one: Implementation, given: dict[str, object], expected: bytes) -> None:
    """Check BCryptKeyDerivation: the same bytes, no size query, nothing past the end."""
    declared = one.algorithm
    buffers = []
    for name, value in given.items():
        data = value
        if isinstance(value, str):
            data = value.encode("utf-16-le") + b"\0\0"
        elif isinstance(value, int):
            data = value.to_bytes(8, "little")
        buffers.append(BCryptBuffer(getattr(c, name), data))
    algorithm = granted(bcrypt.BCryptOpenAlgorithmProvider, declared.name, declared.implementation)
    key = granted(bcrypt.BCryptGenerateSymmetricKey, algorithm, with_.usual(one))
    out = bytearray(b"\xa5" * 30)
    with memoryview(out) as view:
        same(granted(bcrypt.BCryptKeyDerivation, key, buffers, view[:24]), 24, "BCryptKeyDerivation of 24 bytes")
    same((bytes(out[:24]), bytes(out[24:])), (expected, b"\xa5" * 6), "BCryptKeyDerivation of 24 bytes")
    refused(bcrypt.BCryptKeyDerivation, key, buffers, None, by=_INVALID, doing="BCryptKeyDerivation into NULL")
    refused(bcrypt.BCryptKeyDerivation, key, buffers, bytearray(), by=_INVALID, doing="BCryptKeyDerivation of 0 bytes")
    granted(bcrypt.BCryptDestroyKey, key)
    granted(bcrypt.BCryptCloseAlgorithmProvider, algorithm)


@check(
    "derive-parameters",
    "implementation",
    operations=_DERIVE,
    rule=_RULE + "; docs/decisions/symmetric.md",
    remedy="Declare the parameters that derive() uses, and which it cannot do without; use each, with all its bytes; "
    "raise NotSupportedError for a hash that the library does not have.",
)
def derive_parameters(one: Implementation) -> str:
    """Every declared parameter is used whole; an unknown or missing one and an unknown hash are refused."""
    key = _key(one)
    for replacing in (False, True):
        given = parameters(one, replacing=replacing)
        declared = {parameter.name: parameter for parameter in one.algorithm.parameters if parameter.name in given}
        expected = granted(key.derive_from, given, 32, doing=f"deriving with {', '.join(given)}")
        for name, parameter in declared.items():
            if parameter.type == "hash" and not parameter.required:
                continue  # such as that of TLS1_1_KDF, whose hashes are fixed
            doing = f"deriving with another {name}"
            seen = {expected}
            values = [other_value(parameter)]
            value = given[name]
            if isinstance(value, bytes):
                values += [bytes([value[0] ^ 1]) + value[1:], value[:-1] + bytes([value[-1] ^ 1]), value + b"x", b""]
            for value in values:
                seen.add(granted(key.derive_from, {**given, name: value}, 32, doing=doing))
            same(len(seen), 1 + len(values), doing)
            if parameter.required:
                left = {other: value for other, value in given.items() if other != name}
                refused(key.derive_from, left, 32, by=_INVALID, doing=f"deriving without {name}")
        for parameter in declared.values():
            if parameter.instead_of and replacing:
                refused(
                    key.derive_from, {**given, parameter.instead_of[0]: b"both"}, 32, by=_INVALID,
                    doing=f"deriving with {parameter.name} and {parameter.instead_of[0]}",
                )  # fmt: skip
        if any(parameter.type == "hash" and parameter.required for parameter in declared.values()):
            name = next(parameter.name for parameter in declared.values() if parameter.type == "hash")
            for wrong in ("NoSuchHash", "", "sha256"):
                doing = f"deriving with the hash {wrong!r}"
                refused(key.derive_from, {**given, name: wrong}, 32, by=_NOT_SUPPORTED, doing=doing)
            refused(key.derive_from, {**given, name: 7}, 32, by=_INVALID, doing="deriving with the hash 7")
    unknown = [name for name in ("KDF_SALT", "KDF_LABEL", "KDF_HKDF_INFO", "KDF_NO_SUCH") if name not in _names(one)]
    for name in unknown:
        refused(key.derive_from, {**parameters(one), name: b"x"}, 32, by=_INVALID, doing=f"deriving with {name}")
    for parameter in one.algorithm.parameters:
        if parameter.type == "u64":
            for count in (0, -1, 1 << 64):
                wrongs = {**parameters(one), parameter.name: count}
                refused(key.derive_from, wrongs, 32, by=_INVALID, doing=f"deriving with {parameter.name}={count}")
    return f"{len(one.algorithm.parameters)} parameters"


def _names(one: Implementation) -> set[str]:
    return {parameter.name for parameter in one.algorithm.parameters}


@check(
    "derive-secret",
    "implementation",
    operations=_DERIVE,
    rule="contract: rule-kdf-algorithms",
    remedy="Take secrets of every declared length, an empty one if 0 bits are declared, and let the declared flags "
    "be honoured.",
)
def derive_secret(one: Implementation) -> None:
    """Different secrets of every length give different keys; flags that are not declared are INVALID_PARAMETER."""
    given, seen = parameters(one), set()
    contents = set()
    for content in with_.secrets(one):
        contents |= {
            content,
            *(_flipped(content, place) for place in {0, len(content) // 2, len(content) - 1} if content),
        }
    for content in contents:
        doing = f"deriving from a secret of {len(content)} bytes"
        seen.add(granted(_key(one, content).derive_from, given, 32, doing=doing))
    same(len(seen), len(contents), f"counting the keys derived from {len(contents)} secrets")
    key = _key(one)
    for bit in (1 << n for n in range(32)):
        if not bit & one.algorithm.generate_flags:
            refused(key.derive_from, given, 32, bit, by=_INVALID, doing=f"deriving with the flag 0x{bit:X}")
        else:
            granted(key.derive_from, given, 32, bit, doing=f"deriving with the flag 0x{bit:X}")


def _flipped(content: bytes, place: int) -> bytes:
    changed = bytearray(content)
    changed[place] ^= 1
    return bytes(changed)


@check(
    "derive-states",
    "implementation",
    operations=_DERIVE,
    rule="contract: rule-kdf-hkdf; RFC 5869",
    remedy="Let extract() return the pseudorandom key of secret, hash and salt, and derive() expand it.",
    needs=lambda one: "" if c.BCRYPT_HKDF_HASH_ALGORITHM in one.algorithm.properties else "its keys have no states",
)
def derive_states(one: Implementation) -> None:
    """A key takes its hash, then a salt or nothing, each once; then it derives, and is copied with its state."""
    info = {"KDF_HKDF_INFO": message(9, "info")} if "KDF_HKDF_INFO" in _names(one) else {}
    content, salt = with_.usual(one), message(13, "salt")

    def ready(start: bytes | None = salt, hash_id: str = "SHA256") -> SymmetricKey:
        key = _key(one, content)
        granted(key.set_property, c.BCRYPT_HKDF_HASH_ALGORITHM, hash_id, doing="setting HkdfHashAlgorithm")
        granted(key.set_property, c.BCRYPT_HKDF_SALT_AND_FINALIZE, start, doing="setting HkdfSaltAndFinalize")
        return key

    key = _key(one, content)
    refused(key.derive_from, info, 32, by=_INVALID, doing="deriving before the hash is set")
    refused(key.set_property, c.BCRYPT_HKDF_SALT_AND_FINALIZE, salt, by=_INVALID, doing="setting the salt first")
    refused(key.set_property, c.BCRYPT_HKDF_HASH_ALGORITHM, "NoSuchHash", by=_NOT_SUPPORTED, doing="setting NoSuchHash")
    granted(key.set_property, c.BCRYPT_HKDF_HASH_ALGORITHM, "SHA256")
    refused(key.derive_from, info, 32, by=_INVALID, doing="deriving before the key is finalized")
    granted(key.set_property, c.BCRYPT_HKDF_SALT_AND_FINALIZE, salt)
    for name, value in ((c.BCRYPT_HKDF_HASH_ALGORITHM, "SHA256"), (c.BCRYPT_HKDF_SALT_AND_FINALIZE, salt)):
        refused(key.set_property, name, value, by=_INVALID, doing=f"setting {name} twice")
    expected = granted(key.derive_from, info, 100, doing="deriving")
    same(granted(key.derive_from, info, 33), expected[:33], "deriving fewer bytes, which are the first ones")
    same(granted(key.copy().derive_from, info, 100), expected, "deriving with a copy")
    others = (ready(None), ready(b"another salt"), ready(salt, "SHA512"))
    outputs = {expected, *(granted(other.derive_from, info, 100) for other in others)}
    same(len(outputs), 4, "counting the keys derived with four salts and hashes")
    same(granted(ready(b"").derive_from, info, 32), granted(others[0].derive_from, info, 32), "setting an empty salt")
    for name, limit in (("SHA256", 255 * 32), ("SHA512", 255 * 64)):
        longest = ready(salt, name)
        granted(longest.derive_from, info, limit, doing=f"deriving {limit} bytes with {name}")
        refused(longest.derive_from, info, limit + 1, by=_INVALID, doing=f"deriving {limit + 1} bytes with {name}")
    prk = _key(one, content)
    granted(prk.set_property, c.BCRYPT_HKDF_HASH_ALGORITHM, "SHA256")
    granted(prk.set_property, c.BCRYPT_HKDF_PRK_AND_FINALIZE, None, doing="setting HkdfPrkAndFinalize")
    demand(granted(prk.derive_from, info, 100) not in outputs, "another key", "the same", "deriving without a salt")
    if c.BCRYPT_KEY_DATA_BLOB in one.algorithm.blob_types:
        refused(_key(one).export, c.BCRYPT_KEY_DATA_BLOB, by=_INVALID, doing="exporting a key without a state")
        blob = bytes(granted(key.export, c.BCRYPT_KEY_DATA_BLOB, doing="exporting a key with its state"))
        again = granted(one.opened.import_key, c.BCRYPT_KEY_DATA_BLOB, blob, doing="importing a key with its state")
        same(granted(again.derive_from, info, 100), expected, "deriving with a key that was imported")
