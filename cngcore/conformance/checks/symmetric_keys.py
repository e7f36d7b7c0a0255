"""Check the secrets of symmetric keys: their lengths, their bits, key blobs, and effective lengths."""

from __future__ import annotations

from collections.abc import Callable

from cngcore import constants as c
from cngcore.conformance import _secrets as with_
from cngcore.conformance._check import Failure, check, demand, granted, refused, same, status_of
from cngcore.conformance._secrets import message, output_of, setups
from cngcore.conformance._subject import Implementation
from cngcore.objects import AlgorithmProvider, SymmetricKey
from cngcore.provider import LengthRule
from cngcore.registry import Registry
from cngcore.status import NTStatus

_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_NOT_SUPPORTED = NTStatus.STATUS_NOT_SUPPORTED
_CIPHER = ["cipher"]
_SYMMETRIC = ["cipher", "derive"]


def rule_of(one: Implementation) -> LengthRule:
    """Return the rule for the lengths of secrets."""
    found = one.algorithm.key_lengths
    if found is None:
        raise Failure("a LengthRule", "None", "reading key_lengths")
    return found.for_windows(one.registry.settings.windows)


# --- secrets --------------------------------------------------------------------------------------------------


@check(
    "secret-lengths",
    "implementation",
    operations=_SYMMETRIC,
    rule="contract: rule-symmetric-generate, rule-symmetric-properties, rule-kdf-algorithms",
    remedy="Declare in key_lengths the bits of the secrets that the factory takes; the core cuts and refuses others.",
)
def secret_lengths(one: Implementation) -> None:
    """A secret of each legal length makes a key of that length, a longer one is cut, and any other is refused."""
    _lengths(one, rule_of(one), 0)
    if one.algorithm.extended_key_lengths is not None:
        _lengths(one, one.algorithm.extended_key_lengths, c.BCRYPT_EXTENDED_KEYSIZE)
    refused(one.opened.generate_symmetric_key, None, by=_INVALID, doing="making a key of None")
    unknown = ~(one.algorithm.generate_flags | c.BCRYPT_EXTENDED_KEYSIZE)
    for bit in (1 << n for n in range(32) if unknown >> n & 1):
        refused(
            one.opened.generate_symmetric_key, with_.usual(one), bit, by=_INVALID, doing=f"making a key with 0x{bit:X}"
        )


def _lengths(one: Implementation, rule: LengthRule, flags: int) -> None:
    make = one.opened.generate_symmetric_key
    legal = with_.lengths(one, rule)
    for length in legal:
        key = granted(make, with_.secret(length), flags, doing=f"making a key of {length} bytes")
        for name in (c.BCRYPT_KEY_LENGTH, c.BCRYPT_KEY_STRENGTH):
            same(granted(key.get_property, name), 8 * length, f"reading {name} of a key of {length} bytes")
        same(key.length, 8 * length, f"reading the length of a key of {length} bytes")
    longest = with_.secret(legal[-1])
    expected = output_of(granted(make, longest, flags))
    for more in (b"\0", b"\xff" * 7, bytes(range(64))):
        cut = granted(make, longest + more, flags, doing=f"making a key of {len(longest + more)} bytes")
        same(output_of(cut), expected, f"using a key of {len(longest + more)} bytes, which is cut to {legal[-1]}")
        same(cut.length, 8 * legal[-1], "reading the length of a key whose secret was cut")
    for length in sorted({0, 1, *(other + step for other in legal for step in (-1, 1))}):
        if 0 <= length <= legal[-1] and not rule.accepts(8 * length, {}):
            refused(make, with_.secret(length), flags, by=_INVALID, doing=f"making a key of {length} bytes")


_PROBES = 256
"""Bits of a secret that are changed, one after the other."""


@check(
    "secret-honoured",
    "implementation",
    operations=[*_SYMMETRIC, "hash"],
    rule="contract: rule-symmetric-generate, rule-kdf-algorithms; FIPS 197, SP 800-38B",
    remedy="Use the whole secret: its length chooses the variant of the algorithm, and no byte is left out.",
    needs=lambda one: "it takes no secret" if "hash" in one.algorithm.operations and not one.algorithm.mac else "",
)
def secret_honoured(one: Implementation) -> str:
    """Every bit of the secret changes the result, except the parity bits of ciphers with blocks of 8 bytes."""
    probes = 0
    for content in with_.secrets(one):
        expected, seen = _result(one, content), set[bytes]()
        bits = range(8 * len(content))
        if len(bits) > _PROBES:  # one in each byte, or in as many bytes
            bytes_ = range(0, len(content), -(-len(content) // _PROBES))
            bits = [8 * byte + byte % 7 + 1 for byte in bytes_]  # type: ignore[assignment]
        for bit in bits:
            changed = bytearray(content)
            changed[bit // 8] ^= 1 << bit % 8
            result = _result(one, bytes(changed))
            if bit % 8 == 0 and one.algorithm.block_length == 8:
                continue
            demand(
                result != expected and result not in seen,
                "another result for another secret", "the same",
                f"changing bit {bit % 8} of byte {bit // 8} of a secret of {len(content)} bytes",
            )  # fmt: skip
            seen.add(result)
            probes += 1
    same(_result(one, with_.usual(one)), _result(one, with_.usual(one)), "using one secret twice")
    return f"{probes} bits"


def _result(one: Implementation, content: bytes) -> bytes:
    if "hash" not in one.algorithm.operations:
        return output_of(granted(one.opened.generate_symmetric_key, content, doing="making a key"))
    state = with_.start_mac(one, content)
    granted(state.update, b"a message")
    return bytes(granted(state.finish))


# --- blobs ------------------------------------------------------------------------------------------------------


@check(
    "secret-blobs",
    "implementation",
    operations=_SYMMETRIC,
    rule="contract: rule-symmetric-blobs; RFC 3394",
    remedy="Declare only blob types that the core has for symmetric keys: KeyDataBlob, OpaqueKeyBlob and "
    "Rfc3565KeyWrapBlob; serve encrypt_blocks and decrypt_blocks for the last.",
    needs=lambda one: "" if one.algorithm.blob_types else "it declares no blobs",
)
def secret_blobs(one: Implementation) -> str:
    """A key that is exported and imported encrypts alike and keeps its settings; damaged blobs are refused."""
    tried = []
    for name, declared in one.algorithm.blob_types.items():
        if not (declared.imports and declared.exports):
            continue
        if c.BCRYPT_HKDF_HASH_ALGORITHM in one.algorithm.properties:
            continue  # derive-states has its blob
        if name == c.BCRYPT_KEY_DATA_BLOB:
            _key_data(one)
        elif name == c.BCRYPT_OPAQUE_KEY_BLOB:
            _opaque(one)
        elif name == c.BCRYPT_AES_WRAP_KEY_BLOB and not _wrapped(one):
            continue
        tried.append(name)
    refused(one.opened.import_key, "NoSuchBlob", bytes(64), by=_NOT_SUPPORTED, doing="importing NoSuchBlob")
    return ", ".join(tried)


def _key_data(one: Implementation) -> None:
    name, make = c.BCRYPT_KEY_DATA_BLOB, one.opened.import_key
    for content in with_.secrets(one):
        key = granted(one.opened.generate_symmetric_key, content)
        blob = bytes(granted(key.export, name, doing=f"exporting {name}"))
        same(blob, b"KDBM" + (1).to_bytes(4, "little") + len(content).to_bytes(4, "little") + content, name)
        again = granted(make, name, blob, doing=f"importing {name}")
        expected = output_of(key)
        same(output_of(again), expected, f"using a key imported from {name}")
        same(output_of(granted(make, name, blob + b"rest")), expected, f"importing {name} with bytes after it")
        for wrong in (b"KDBN" + blob[4:], blob[:4] + b"\2" + blob[5:], blob[:-1] if content else b"X" * 12):
            refused(make, name, wrong, by=_INVALID, doing=f"importing a damaged {name}")
        refused(make, name, blob[:11], by=NTStatus.STATUS_BUFFER_TOO_SMALL, doing=f"importing 11 bytes of {name}")


def _opaque(one: Implementation) -> None:
    name = c.BCRYPT_OPAQUE_KEY_BLOB
    for setup in setups(one):
        blob = bytes(granted(setup.key().export, name, doing=f"exporting {name}: {setup}"))
        opened = one.open()
        granted(opened.set_property, c.BCRYPT_CHAINING_MODE, setup.mode.chaining_mode)
        again = granted(opened.import_key, name, blob, doing=f"importing {name}: {setup}")
        same(output_of(again), output_of(setup.key()), f"using a key imported from {name}: {setup}")
        for wrong in (b"", blob[:8], b"\0" + blob[1:], blob[:-1]):
            refused(opened.import_key, name, wrong, by=_INVALID, doing=f"importing a damaged {name}")


def _wrapping_key(one: Implementation) -> Callable[[bytes], SymmetricKey] | None:
    """Return what makes AES keys of secrets: this provider's AES, or another's; None if there is none."""
    found: AlgorithmProvider | None = None
    for registry in (one.registry, Registry(strict=False, policies=())):
        status, opened = status_of(registry.open_algorithm_provider, c.BCRYPT_AES_ALGORITHM)
        if status.is_success:
            found = opened
            break
    return None if found is None else found.generate_symmetric_key


def _wrapped(one: Implementation) -> bool:
    make, name = _wrapping_key(one), c.BCRYPT_AES_WRAP_KEY_BLOB
    if make is None:
        return False
    kek = make(message(16, "kek"))
    kek.set_property(c.BCRYPT_CHAINING_MODE, c.BCRYPT_CHAIN_MODE_ECB)
    other = make(message(16, "another kek"))
    for content in with_.secrets(one):
        key = granted(one.opened.generate_symmetric_key, content)
        if len(content) < 16 or len(content) % 8:
            refused(key.export, name, kek=kek, by=_INVALID, doing=f"wrapping {len(content)} bytes")
            continue
        blob = bytes(granted(key.export, name, kek=kek, doing=f"wrapping {len(content)} bytes"))
        same(blob, _rfc3394(lambda data: kek.encrypt(data), content), f"wrapping {len(content)} bytes")
        again = granted(one.opened.import_key, name, blob, kek=kek, doing="unwrapping a key")
        same(output_of(again), output_of(key), "using a key that was wrapped")
        for wrong in (blob[:-1], blob[:-8], bytes([blob[0] ^ 1]) + blob[1:], blob[:-1] + bytes([blob[-1] ^ 1]), b""):
            refused(one.opened.import_key, name, wrong, kek=kek, by=_INVALID, doing="unwrapping a damaged blob")
        refused(one.opened.import_key, name, blob, kek=other, by=_INVALID, doing="unwrapping with another key")
        refused(one.opened.import_key, name, blob, by=_INVALID, doing="unwrapping without a key")
        refused(key.export, name, by=_INVALID, doing="wrapping without a key")
    return True


def _rfc3394(block: Callable[[bytes], bytes], content: bytes) -> bytes:
    """Return the key wrap of RFC 3394 section 2.2.1."""
    parts = [content[at : at + 8] for at in range(0, len(content), 8)]
    first = b"\xa6" * 8
    for turn in range(6):
        for index, part in enumerate(parts):
            mixed = block(first + part)
            step = len(parts) * turn + index + 1
            first, parts[index] = with_.xor(mixed[:8], step.to_bytes(8, "big")), mixed[8:]
    return first + b"".join(parts)


@check(
    "cipher-effective-length",
    "implementation",
    operations=_CIPHER,
    rule="contract: rule-cipher-rc2; RFC 2268 section 2",
    remedy="Use request.effective_bits in cipher() if it is not 0, and the length of the secret otherwise.",
    needs=lambda one: (
        "" if c.BCRYPT_EFFECTIVE_KEY_LENGTH in one.algorithm.properties else "it has no EffectiveKeyLength"
    ),
)
def cipher_effective_length(one: Implementation) -> None:
    """The effective length changes the ciphertext, set on the algorithm or the key; a refused one changes nothing."""
    name, content = c.BCRYPT_EFFECTIVE_KEY_LENGTH, with_.usual(one)
    plain = granted(one.opened.generate_symmetric_key, content)
    same(granted(plain.get_property, name), 8 * len(content), "reading the effective length of a key without one")
    seen = {}
    for bits in (40, 63, 64, 8 * len(content)):
        opened = one.open()
        granted(opened.set_property, name, bits, doing=f"setting {name} to {bits}")
        key = granted(opened.generate_symmetric_key, content, doing=f"making a key with {bits} effective bits")
        same(granted(key.get_property, name), bits, "reading the effective length of a key")
        later = granted(one.opened.generate_symmetric_key, content)
        granted(later.set_property, name, bits, doing=f"setting {name} to {bits} on a key")
        expected = output_of(key)
        same(output_of(later), expected, f"comparing {bits} effective bits set on the key and on the algorithm")
        same(output_of(granted(key.copy)), expected, "using a copy of a key with an effective length")
        seen[expected] = bits
        if c.BCRYPT_OPAQUE_KEY_BLOB in one.algorithm.blob_types:
            blob = granted(key.export, c.BCRYPT_OPAQUE_KEY_BLOB)
            again = granted(one.opened.import_key, c.BCRYPT_OPAQUE_KEY_BLOB, blob)
            same(output_of(again), expected, f"importing a key with {bits} effective bits")
    same(len(seen), 4, "counting the ciphertexts of four effective lengths")
    for bits in (1, 1 << 20):
        key = granted(one.opened.generate_symmetric_key, content)
        before = output_of(granted(key.copy))
        if not status_of(key.set_property, name, bits)[0].is_success:
            doing = f"after an effective length of {bits} bits was refused"
            same(granted(key.get_property, name), 8 * len(content), f"reading the effective length {doing}")
            same(output_of(granted(key.copy, doing=f"copying a key {doing}")), before, f"encrypting {doing}")
    same(seen.get(output_of(granted(one.opened.generate_symmetric_key, content))), 8 * len(content), "using no length")
