"""Check symmetric keys: secrets, modes, sizes, padding, the chain register, copies and blobs.

The kit computes CBC, CFB and the key wrap itself, from the provider's operation on one block.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from types import FrameType
from typing import Any

from cngcore import constants as c
from cngcore.conformance import _secrets as with_
from cngcore.conformance._check import Failure, Skip, bcrypt, check, demand, granted, refused, same, status_of
from cngcore.conformance._secrets import Setup, message, output_of, setups, without
from cngcore.conformance._subject import Implementation
from cngcore.objects import AlgorithmProvider, SymmetricKey
from cngcore.provider import LengthRule
from cngcore.registry import Registry
from cngcore.status import NotSupportedError, NTStatus

_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_NOT_SUPPORTED = NTStatus.STATUS_NOT_SUPPORTED
_HANDLE = NTStatus.STATUS_INVALID_HANDLE
_SIZE = NTStatus.STATUS_INVALID_BUFFER_SIZE
_FILL = 0xA5
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


# --- modes and properties ---------------------------------------------------------------------------------------


@check(
    "cipher-modes",
    "implementation",
    operations=_CIPHER,
    rule="contract: rule-symmetric-properties",
    remedy="Declare in modes what the material serves, each with the first Windows version that has it.",
)
def cipher_modes(one: Implementation) -> str:
    """Each declared mode can be set on an algorithm and on a key, encrypts, and differs from the others."""
    declared, results = one.algorithm, dict[bytes, str]()
    default = next(mode for mode in declared.modes if mode.default)
    same(granted(one.open().get_property, c.BCRYPT_CHAINING_MODE), default.chaining_mode, "reading the default mode")
    block = declared.block_length
    same(granted(one.opened.get_property, c.BCRYPT_BLOCK_LENGTH), block, "reading BlockLength")
    same(granted(one.opened.get_property, c.BCRYPT_BLOCK_SIZE_LIST), (block,), "reading BlockSizeList")
    for setup in setups(one, every=False):
        result = output_of(setup.key())
        key = granted(one.opened.generate_symmetric_key, setup.secret)
        for name, value in setup.settings.items():
            granted(key.set_property, name, value, doing=f"setting {name} on a key")
            same(granted(key.get_property, name), value, f"reading {name} of a key")
        same(output_of(key), result, f"comparing a mode set on the key and on the algorithm: {setup}")
        demand(result not in results, "another ciphertext in each mode", f"that of {results.get(result)}", f"{setup}")
        results[result] = str(setup)
        status, lengths = status_of(setup.open().get_property, c.BCRYPT_AUTH_TAG_LENGTH)
        if setup.mode.tag is None:
            same(status.name, _NOT_SUPPORTED.name, f"reading AuthTagLength in mode {setup.mode.name}")
        else:
            found = (lengths.minimum, lengths.maximum, lengths.step)
            same(found, setup.mode.tag, f"reading AuthTagLength in mode {setup.mode.name}")
            refused(
                key.get_property, c.BCRYPT_AUTH_TAG_LENGTH, by=_NOT_SUPPORTED, doing="reading AuthTagLength of a key"
            )
    _different(one)
    known = {mode.chaining_mode for mode in declared.modes}
    key = granted(one.opened.generate_symmetric_key, with_.usual(one))
    for name in ("ChainingModeXYZ", "", "CBC", *(f"ChainingMode{mode}" for mode in ("ECB", "CFB", "CCM", "GCM"))):
        if name not in known:
            for target in (one.open(), key):
                doing = f"setting the mode {name!r}"
                refused(target.set_property, c.BCRYPT_CHAINING_MODE, name, by=_NOT_SUPPORTED, doing=doing)
    return f"{len(results)} modes"


def _different(one: Implementation) -> None:
    """Check that authenticated modes differ where they take a nonce and a tag of one length."""
    seen: dict[tuple[int, int], dict[object, str]] = {}
    for setup in setups(one, "authenticated", every=False):
        for nonce in setup.nonces:
            for tag in setup.tags:
                sealed = granted(setup.key().seal, setup.nonce(length=nonce), b"", message(32), tag)
                others = seen.setdefault((nonce, tag), {})
                demand(sealed not in others, "another in each mode", f"that of {others.get(sealed)}", f"{setup}")
                others[sealed] = str(setup)


@check(
    "cipher-round-trip",
    "implementation",
    operations=_CIPHER,
    rule="contract: rule-symmetric-encrypt, rule-symmetric-decrypt",
    remedy="Let decryption undo encryption for every legal length of a message and of a secret; return bytes of the "
    "length of the data.",
    needs=without("blocks", "register", "stream", "units"),
)
def cipher_round_trip(one: Implementation) -> str:
    """What is encrypted decrypts to the same, for messages of many lengths, and only with the same secret and IV."""
    count = 0
    for setup in setups(one, "blocks", "register", "stream", "units"):
        for units in (0, 1, 2, 3, 7, 16, 33):
            data, iv = message(units * setup.unit, f"{units}"), setup.iv()
            ciphertext = granted(setup.key().encrypt, data, iv, doing=f"encrypting {len(data)} bytes: {setup}")
            same(type(ciphertext), bytes, f"encrypting: {setup}")
            same(len(ciphertext), len(data), f"encrypting: {setup}")
            plain = granted(setup.key().decrypt, ciphertext, iv, doing=f"decrypting {len(data)} bytes: {setup}")
            same(bytes(plain), data, f"decrypting {len(data)} bytes: {setup}")
            same(setup.key().encrypt(data, iv), ciphertext, f"encrypting the same again: {setup}")
            count += 1
            if len(data) < 8:
                continue
            demand(ciphertext != data, "a ciphertext", "the message itself", f"encrypting: {setup}")
            other = setup.key(bytes(byte ^ 0x5A for byte in setup.secret))
            demand(
                other.encrypt(data, iv) != ciphertext, "another", "the same", f"encrypting with another key: {setup}"
            )
            if iv is not None:
                another = setup.key().encrypt(data, setup.iv("another iv"))
                demand(another != ciphertext, "another ciphertext", "the same", f"encrypting with another IV: {setup}")
    return f"{count} messages"


@check(
    "cipher-long",
    "implementation",
    operations=_CIPHER,
    rule="contract: rule-symmetric-encrypt, rule-authenticated-calls; SP 800-38A, SP 800-38C, SP 800-38D",
    remedy="Encrypt a long message to its end: leave no piece in clear, and begin no counter, IV or register anew.",
)
def cipher_long(one: Implementation) -> str:
    """A message of up to 4 MiB of one repeated block has no block in clear and, but in ECB, none twice.

    Each mode but ECB hides repetition, so a counter or an IV that begins anew shows.
    """
    sizes = []
    for setup in setups(one, every=False):
        nonce = setup.nonce(length=min(setup.nonces)) if setup.mode.kind == "authenticated" else b""
        block, size = message(16, "a repeated block"), _long(setup, nonce)
        data, doing = block * (size // 16), f"a message of {size} bytes: {setup}"
        ciphertext, tag = _whole(setup, nonce, data)
        blocks = [ciphertext[at : at + 16] for at in range(0, size, 16)]
        demand(block not in blocks, "no block in clear", f"one at {16 * _index(blocks, block)}", f"encrypting {doing}")
        if setup.mode.kind == "blocks":
            same(len(set(blocks)), 1, f"counting the different blocks of {doing}")
        else:
            demand(len(set(blocks)) == len(blocks), "no block twice", "one", f"encrypting {doing}")
        if setup.mode.kind == "authenticated":
            plain = granted(setup.key().unseal, nonce, b"", ciphertext, tag, doing=f"decrypting {doing}")
        else:
            plain = granted(setup.key().decrypt, ciphertext, setup.iv(), doing=f"decrypting {doing}")
        same(hashlib.sha256(plain).hexdigest(), hashlib.sha256(data).hexdigest(), f"decrypting {doing}")
        if setup.mode.chained:
            chain = granted(setup.key().chain, nonce, b"", True, setup.tag)
            output = granted(chain.update, data[:64]) + granted(chain.update, data[64:], doing=f"in pieces, {doing}")
            same(hashlib.sha256(output).digest(), hashlib.sha256(ciphertext).digest(), f"encrypting in pieces {doing}")
            same(bytes(granted(chain.tag, setup.tag)), tag, f"encrypting in pieces {doing}")
        sizes.append(size)
    return f"{min(sizes)} to {max(sizes)} bytes"


def _index(blocks: list[bytes], block: bytes) -> int:
    return blocks.index(block) if block in blocks else 0


def _whole(setup: Setup, nonce: bytes, data: bytes) -> tuple[bytes, bytes]:
    """Return the ciphertext, and the tag if the mode has one."""
    if setup.mode.kind == "authenticated":
        sealed: tuple[bytes, bytes] = granted(setup.key().seal, nonce, b"", data, setup.tag, doing="encrypting")
        return sealed
    return granted(setup.key().encrypt, data, setup.iv(), doing="encrypting"), b""


_LONGEST = 1 << 22
_PROBE = 1 << 12


def _long(setup: Setup, nonce: bytes) -> int:
    """Return bytes of a long message that take a third of a second; at most 4 MiB, and what the mode allows."""
    _whole(setup, nonce, bytes(_PROBE))
    start = time.perf_counter()
    _whole(setup, nonce, bytes(_PROBE))
    times = int(0.3 / max(time.perf_counter() - start, 1e-6))
    most = setup.mode.most_data(len(nonce)) if setup.mode.kind == "authenticated" else None
    most = _LONGEST if most is None else min(most, _LONGEST)
    return min(max(4, times) * _PROBE, most // _PROBE * _PROBE or most // 16 * 16)


# --- sizes ------------------------------------------------------------------------------------------------------


@check(
    "cipher-sizes",
    "implementation",
    operations=_CIPHER,
    rule="contract: rule-symmetric-encrypt, rule-symmetric-decrypt, rule-size-query",
    remedy="Declare block_length as it is; the core answers the sizes from it.",
    needs=without("blocks", "register", "stream", "units"),
)
def cipher_sizes(one: Implementation) -> None:
    """Size queries, short buffers and messages that are no whole number of blocks are answered as bcrypt.h does."""
    for setup in setups(one, "blocks", "register", "stream", "units", every=False):
        with setup.flat() as key:
            for encrypting in (True, False):
                for length in sorted(
                    {0, 1, setup.block - 1, setup.block, setup.block + 1, 2 * setup.block, setup.unit}
                ):
                    _sizes(setup, key, length, encrypting)
            _decrypting_sizes(setup, key)


def _sizes(setup: Setup, key: int, length: int, encrypting: bool) -> None:
    """Check one length without padding and, to encrypt, with it."""
    call = bcrypt.BCryptEncrypt if encrypting else bcrypt.BCryptDecrypt
    name, data = call.__name__, message(length)
    for flags in (0, c.BCRYPT_BLOCK_PADDING) if encrypting else (0,):
        doing = f"{name} of {length} bytes{' with padding' if flags else ''}: {setup}"
        size = length - length % setup.block + setup.block if flags else length
        query = status_of(call, key, data, None, None, None, flags)
        if flags and setup.mode.kind in ("stream", "units"):
            same(query[0].name, _INVALID.name, doing)
            continue
        whole = flags or length % setup.unit == 0
        loose = whole or setup.mode.name == "CFB"
        expected = ("STATUS_SUCCESS" if loose else _SIZE.name, size)
        same((query[0].name, query[1]), expected, f"the size query of {doing}")
        iv = None if setup.iv() is None else bytearray(setup.iv() or b"")
        buffer = bytearray([_FILL]) * (size + 5)
        status, written = status_of(call, key, data, None, iv, buffer, flags)
        same((status.name, written), ("STATUS_SUCCESS" if whole else _SIZE.name, size), doing)
        tail = buffer[written if whole else 0 :]
        demand(tail == bytes([_FILL]) * len(tail), "nothing written past the end", "bytes changed there", doing)
        if whole and size:
            iv, short = None if setup.iv() is None else bytearray(setup.iv() or b""), bytearray([_FILL]) * (size - 1)
            status, needed = status_of(call, key, data, None, iv, short, flags)
            same((status.name, needed), ("STATUS_BUFFER_TOO_SMALL", size), f"{doing} into {size - 1} bytes")
            demand(short == bytes([_FILL]) * (size - 1), "an untouched buffer", "a changed one", doing)
            demand(iv is None or bytes(iv) == setup.iv(), "an untouched IV", "a changed one", doing)


def _decrypting_sizes(setup: Setup, key: int) -> None:
    """Check the sizes of a decryption with padding, and wrong IVs."""
    block, iv = setup.block, setup.iv()
    out = bytearray(4 * block * 16)
    if setup.mode.kind in ("blocks", "register"):
        data = message(block + 1)
        fresh = setup.key()
        ciphertext = granted(fresh.encrypt, data, iv, padding=True, doing=f"encrypting with padding: {setup}")
        sizes: dict[int | None, tuple[str, int]] = {
            None: ("STATUS_SUCCESS", 2 * block), block - 1: ("STATUS_BUFFER_TOO_SMALL", 2 * block),
            block: ("STATUS_BUFFER_TOO_SMALL", block + 1), block + 1: ("STATUS_SUCCESS", block + 1),
        }  # fmt: skip
        for room, expected in sizes.items():
            buffer = None if room is None else bytearray(room)
            given = None if iv is None else bytearray(iv)
            status, size = status_of(bcrypt.BCryptDecrypt, key, ciphertext, None, given, buffer, c.BCRYPT_BLOCK_PADDING)
            same((status.name, size), expected, f"decrypting with padding into {room} bytes: {setup}")
        status, size = status_of(bcrypt.BCryptDecrypt, key, ciphertext[:-1], None, None, out, c.BCRYPT_BLOCK_PADDING)
        same(
            (status.name, size), (_SIZE.name, 2 * block - 1), f"decrypting {2 * block - 1} bytes with padding: {setup}"
        )
    whole = message(setup.unit * 2)
    if setup.mode.kind == "blocks":
        status, size = status_of(bcrypt.BCryptEncrypt, key, whole, None, bytearray(block), out)
        same((status.name, size), (_INVALID.name, len(whole)), f"encrypting with an IV: {setup}")
    if iv is not None:
        for wrong in (iv[:-1], iv + b"\0", b""):
            doing = f"encrypting with an IV of {len(wrong)} bytes: {setup}"
            refused(bcrypt.BCryptEncrypt, key, whole, None, bytearray(wrong), out, by=_INVALID, doing=doing)
    same(status_of(bcrypt.BCryptEncrypt, key, None), (NTStatus.STATUS_SUCCESS, 0), f"encrypting NULL: {setup}")


@check(
    "cipher-padding",
    "implementation",
    operations=_CIPHER,
    rule="contract: rule-symmetric-encrypt, rule-symmetric-decrypt; RFC 5652 section 6.3",
    remedy="Leave padding to the core: encrypt and decrypt the blocks as they come.",
    needs=without("blocks", "register"),
)
def cipher_padding(one: Implementation) -> None:
    """A padded message is a whole number of blocks with PKCS #7 padding; any other padding is STATUS_DATA_ERROR."""
    for setup in setups(one, "blocks", "register", every=False):
        block, iv = setup.block, setup.iv()
        for length in range(2 * block + 1):
            data = message(length)
            ciphertext = granted(setup.key().encrypt, data, iv, padding=True, doing=f"padding {length} bytes: {setup}")
            count = block - length % block
            raw = granted(setup.key().decrypt, ciphertext, iv, doing=f"decrypting without padding: {setup}")
            same(bytes(raw), data + bytes([count]) * count, f"padding {length} bytes: {setup}")
            plain = granted(setup.key().decrypt, ciphertext, iv, padding=True, doing=f"taking padding off: {setup}")
            same(bytes(plain), data, f"taking the padding off {length} bytes: {setup}")
        wrongs = [bytes(block), bytes([block + 1]) * block, b"\xff" * block, bytes(block - 2) + b"\1\2"]
        wrongs += [b"\0" + bytes([block]) * (block - 1), bytes(block - 3) + b"\3\2\3"]
        for wrong in wrongs:
            ciphertext = granted(setup.key().encrypt, bytes(block) + wrong, iv)
            refused(
                setup.key().decrypt, ciphertext, iv, padding=True, by=NTStatus.STATUS_DATA_ERROR,
                doing=f"decrypting a padding that ends with {wrong[-1]}: {setup}",
            )  # fmt: skip


# --- the chain register -----------------------------------------------------------------------------------------


@check(
    "cipher-register",
    "implementation",
    operations=_CIPHER,
    rule="contract: rule-symmetric-register",
    remedy="Return from chain() the last block_length bytes of IV || ciphertext; use the IV that is passed, and keep "
    "none in the material.",
    needs=without("register"),
)
def cipher_register(one: Implementation) -> None:
    """The register after a call is the end of IV || ciphertext; a call without an IV continues there, one with an IV
    depends on nothing else.
    """
    for setup in setups(one, "register"):
        iv, other = setup.iv() or b"", setup.iv("another iv") or b""
        size = setup.block
        for units in sorted({1, size // setup.unit, size // setup.unit + 1, 3 * size // setup.unit}):
            data = message(units * setup.unit)
            for encrypting in (True, False):
                key = setup.key()
                crypt = key.encrypt if encrypting else key.decrypt
                output = bytes(granted(crypt, data, iv, doing=f"starting with an IV: {setup}"))
                expected = (iv + (output if encrypting else data))[-size:]
                same(key.chain_value, expected, f"reading the register after {len(data)} bytes: {setup}")
                again = bytes(granted(crypt, data, doing=f"continuing without an IV: {setup}"))
                fresh = setup.key()
                explicit = bytes(granted(fresh.encrypt if encrypting else fresh.decrypt, data, expected))
                same(again, explicit, f"continuing without an IV after {len(data)} bytes: {setup}")
                same(bytes(crypt(data, iv)), output, f"starting again with the first IV: {setup}")
                demand(bytes(crypt(data, other)) != output, "another result", "the same", f"using another IV: {setup}")
                _written_back(setup, data, iv, expected, encrypting)
        _continues(setup)


def _written_back(setup: Setup, data: bytes, iv: bytes, expected: bytes, encrypting: bool) -> None:
    call = bcrypt.BCryptEncrypt if encrypting else bcrypt.BCryptDecrypt
    with setup.flat() as handle:
        buffer, out = bytearray(iv), bytearray(len(data))
        granted(call, handle, data, None, buffer, out, doing=f"{call.__name__} with an IV: {setup}")
        same(bytes(buffer), expected, f"reading the IV that {call.__name__} writes back: {setup}")


def _continues(setup: Setup) -> None:
    """Check the first call without an IV, the property IV, calls that fail, and empty ones."""
    data, iv, zeros = message(2 * setup.block), setup.iv() or b"", bytes(setup.block)
    key = setup.key()
    same(key.chain_value, zeros, f"reading the register of a new key: {setup}")
    same(key.encrypt(data), setup.key().encrypt(data, zeros), f"a first call without an IV: {setup}")
    granted(key.set_property, c.BCRYPT_INITIALIZATION_VECTOR, iv, doing=f"setting the property IV: {setup}")
    same(key.encrypt(data), setup.key().encrypt(data, iv), f"a call after the property IV was set: {setup}")
    before = key.chain_value
    if status_of(key.decrypt, bytes(2 * setup.block), padding=True)[0].is_success:  # its padding is right by chance
        key.set_property(c.BCRYPT_INITIALIZATION_VECTOR, before)
    refused(key.encrypt, data, iv + b"\0", by=_INVALID, doing=f"encrypting with a long IV: {setup}")
    if setup.unit > 1:
        refused(key.encrypt, data[:-1], by=_SIZE, doing=f"encrypting no whole number of blocks: {setup}")
    granted(key.encrypt, b"", doing=f"encrypting nothing: {setup}")
    same(key.chain_value, before, f"reading the register after calls that fail: {setup}")
    granted(key.set_property, c.BCRYPT_CHAINING_MODE, setup.mode.chaining_mode)
    same(key.chain_value, zeros, f"reading the register after setting the mode: {setup}")


@check(
    "cipher-blocks",
    "implementation",
    operations=_CIPHER,
    rule="contract: rule-symmetric-register, rule-cfb; SP 800-38A",
    remedy="Let encrypt_blocks() treat every block by itself, and chain() give what CBC and CFB of SP 800-38A make of "
    "it, with the feedback that is passed.",
    needs=without("blocks", "register"),
)
def cipher_blocks(one: Implementation) -> str:
    """ECB treats each block by itself; CBC and CFB are what the kit computes from the operation on one block."""
    count = 0
    for setup in setups(one, "blocks", "register"):
        try:
            block = with_.block_of(setup)
            block(bytes(setup.block))
        except NotSupportedError:
            raise Skip("its material has no operation on blocks") from None
        except Failure as failure:
            if setup.mode.kind == "register" and failure.came.startswith(_NOT_SUPPORTED.name):
                raise Skip("its material has no operation on blocks") from None
            raise
        data = message(5 * setup.block)
        iv = setup.iv() or b""
        if setup.mode.kind == "blocks":
            data = data[: 2 * setup.block] + data[: setup.block] + data
            expected = b"".join(block(data[at : at + setup.block]) for at in range(0, len(data), setup.block))
            same(expected[: setup.block], expected[2 * setup.block : 3 * setup.block], "encrypting a block twice")
        elif setup.mode.name == "CBC":
            expected = with_.cbc(block, iv, data)
        elif setup.mode.name == "CFB":
            expected = with_.cfb(block, iv, data, setup.unit)
        else:
            continue
        given = None if setup.mode.kind == "blocks" else iv
        same(granted(setup.key().encrypt, data, given), expected, f"encrypting {len(data)} bytes: {setup}")
        same(bytes(granted(setup.key().decrypt, expected, given)), data, f"decrypting {len(data)} bytes: {setup}")
        count += len(data) // setup.block
    return f"{count} blocks"


@check(
    "cipher-pieces",
    "implementation",
    operations=_CIPHER,
    rule="contract: rule-symmetric-register, rule-cipher-rc4, rule-cipher-xts",
    remedy="Let a message in pieces give what it gives as a whole: return the register, move on in the key stream, "
    "count the data units on.",
    needs=without("register", "stream", "units"),
)
def cipher_pieces(one: Implementation) -> None:
    """A message that is encrypted or decrypted in pieces gives what the whole gives."""
    for setup in setups(one, "register", "stream", "units"):
        data, iv = message(13 * setup.unit), setup.iv()
        whole = granted(setup.key().encrypt, data, iv, doing=f"encrypting 13 units: {setup}")
        for cuts in ((1,), (5, 6), (1, 2, 3, 12), (12,)):
            places = [cut * setup.unit for cut in (0, *cuts, 13)]
            for encrypting, content, expected in ((True, data, whole), (False, whole, data)):
                key, output, given = setup.key(), b"", iv
                crypt = key.encrypt if encrypting else key.decrypt
                for start, end in pairwise(places):
                    output += bytes(granted(crypt, content[start:end], given, doing=f"a piece of a message: {setup}"))
                    given = None if iv is None or setup.mode.kind != "units" else _later(iv, end // setup.unit)
                same(output, expected, f"{'en' if encrypting else 'de'}crypting in pieces, cut at {cuts}: {setup}")


def _later(iv: bytes, units: int) -> bytes:
    number = int.from_bytes(iv, "little") + units
    return (number % (1 << 8 * len(iv))).to_bytes(len(iv), "little")


@check(
    "cipher-units",
    "implementation",
    operations=_CIPHER,
    rule="contract: rule-cipher-xts; IEEE 1619",
    remedy="Number the data units from the number that is passed, one more for each unit of the length that is passed.",
    needs=without("units"),
)
def cipher_units(one: Implementation) -> None:
    """Every data unit depends on its whole number and is encrypted by itself; every block depends on its place."""
    for setup in setups(one, "units"):
        block, unit, length = setup.block, setup.message_block, len(setup.iv() or b"")
        data = bytes(block) * (3 * unit // block)
        number = message(length - 1, "number") + b"\0"  # no carry out of the last byte
        output = granted(setup.key().encrypt, data, number, doing=f"encrypting three data units: {setup}")
        places = [output[at : at + block] for at in range(0, len(output), block)]
        same(len(set(places)), len(places), f"counting the ciphertexts of equal blocks: {setup}")
        for index in range(3):
            alone = granted(setup.key().encrypt, data[:unit], _later(number, index))
            same(alone, output[index * unit : (index + 1) * unit], f"encrypting data unit {index} alone: {setup}")
        for byte in range(length):
            changed = bytearray(number)
            changed[byte] ^= 0x40
            other = granted(setup.key().encrypt, data, bytes(changed))
            demand(other != output, "another ciphertext", "the same", f"changing byte {byte} of the number: {setup}")
        with setup.flat() as key:
            iv, out = bytearray(number), bytearray(len(data))
            granted(bcrypt.BCryptEncrypt, key, data, None, iv, out, doing=f"encrypting data units: {setup}")
            same((bytes(iv), bytes(out)), (number, output), f"encrypting data units by the flat API: {setup}")
            refused(bcrypt.BCryptEncrypt, key, data, None, None, out, by=_INVALID, doing=f"without a number: {setup}")
        for wrong in (1, block - 1, block + 1, 0):
            refused(
                setup.open().set_property, c.BCRYPT_MESSAGE_BLOCK_LENGTH, wrong, by=_INVALID,
                doing=f"setting data units of {wrong} bytes",
            )  # fmt: skip


@check(
    "cipher-stream",
    "implementation",
    operations=_CIPHER,
    rule="contract: rule-cipher-rc4",
    remedy="Keep the position of the key stream in the material; stream() returns the data xor the key stream.",
    needs=without("stream"),
)
def cipher_stream(one: Implementation) -> None:
    """The ciphertext is the message xor a key stream, whose position only encryption and decryption move."""
    for setup in setups(one, "stream"):
        stream = granted(setup.key().encrypt, bytes(600), doing=f"reading the key stream: {setup}")
        demand(len(set(stream)) > 100, "a key stream", f"{len(set(stream))} kinds of bytes", f"{setup}")
        data = message(600)
        same(granted(setup.key().encrypt, data), with_.xor(data, stream), f"encrypting: {setup}")
        key = setup.key()
        parts = b""
        for length in (1, 0, 255, 256, 88):
            crypt = key.decrypt if length == 255 else key.encrypt
            parts += bytes(granted(crypt, bytes(length)))
            same(key.mode, "N/A", "reading the mode")
        same(parts, stream, f"drawing the key stream in five calls: {setup}")
        with setup.flat() as handle:
            out = bytearray(600)
            for _ in range(3):
                same(bcrypt.BCryptEncrypt(handle, data)[1], 600, f"the size query of a stream cipher: {setup}")
            granted(bcrypt.BCryptEncrypt, handle, bytes(600), None, None, out)
            same(bytes(out), stream, f"encrypting after three size queries: {setup}")


# --- copies, threads and life -------------------------------------------------------------------------------------


@check(
    "cipher-copies",
    "implementation",
    operations=_CIPHER,
    rule="contract: rule-symmetric-duplicate",
    remedy="Let copy() of the material return independent material at the same position; return self only if no call "
    "changes the material.",
)
def cipher_copies(one: Implementation) -> None:
    """A copy has the mode, register and position of its original; what one does changes nothing in the other."""
    for setup in setups(one):
        if setup.mode.kind == "authenticated":
            key = setup.key()
            twin = granted(key.copy, doing=f"copying a key: {setup}")
            same(output_of(twin), output_of(key), f"encrypting with a copy: {setup}")
            key.destroy()
            same(output_of(twin), output_of(setup.key()), f"encrypting with a copy of a destroyed key: {setup}")
            continue
        data, iv = message(3 * setup.unit), setup.iv()
        later = iv if setup.mode.kind == "units" else None
        model = setup.key()
        first, second, third = (bytes(model.encrypt(data, given)) for given in (iv, later, later))
        key = setup.key()
        same(key.encrypt(data, iv), first, f"encrypting before a copy: {setup}")
        twin = granted(key.copy, doing=f"copying a key: {setup}")
        same(twin.mode, key.mode, f"reading the mode of a copy: {setup}")
        same(granted(key.encrypt, data, later), second, f"encrypting with the original: {setup}")
        same(granted(key.encrypt, data, later), third, f"encrypting with the original again: {setup}")
        same(granted(twin.encrypt, data, later), second, f"encrypting with the copy: {setup}")
        key.destroy()
        same(granted(twin.encrypt, data, later), third, f"encrypting with the copy of a destroyed key: {setup}")
        if setup.message_block:
            same(twin.message_block_length, setup.message_block, "reading MessageBlockLength of a copy")


@check(
    "cipher-life",
    "implementation",
    operations=_SYMMETRIC,
    rule="contract: rule-symmetric-generate, rule-symmetric-duplicate, rule-destroy-key",
    remedy="Keep no key in the factory; if this check fails where the others pass, report it to cngcore.",
)
def cipher_life(one: Implementation) -> None:
    """A key outlives its algorithm and is destroyed once; then every call is INVALID_HANDLE."""
    opened = one.open()
    key = granted(opened.generate_symmetric_key, with_.usual(one), doing="making a key")
    before = output_of(granted(opened.generate_symmetric_key, with_.usual(one)))
    granted(opened.close, doing="closing the algorithm while a key of it lives")
    same(output_of(key), before, "using a key whose algorithm is closed")
    refused(opened.generate_symmetric_key, with_.usual(one), by=_HANDLE, doing="making a key of a closed algorithm")
    calls = _other_calls(one, key)
    for name, call in calls.items():
        refused(call, by=_NOT_SUPPORTED, doing=f"{name} with a key that is not for it")
    granted(key.destroy, doing="destroying a key")
    calls |= {"copy": key.copy, "destroy": key.destroy, "length": lambda: key.length}
    calls |= {"get_property": lambda: key.get_property("KeyLength")}
    calls["use"] = lambda: key.encrypt(b"") if "cipher" in one.algorithm.operations else key.derive_from({}, 1)
    for name, call in calls.items():
        refused(call, by=_HANDLE, doing=f"{name} of a destroyed key")


def _other_calls(one: Implementation, key: SymmetricKey) -> dict[str, Callable[[], object]]:
    if "cipher" not in one.algorithm.operations:
        return {"encrypt": lambda: key.encrypt(b"")}
    if "derive" not in one.algorithm.operations:
        return {"derive": lambda: key.derive_from({}, 1)}
    return {}


_THREADS, _ROUNDS, _LEAST = 4, 60, 0.02
"""How many threads, how often each does its work, and the least seconds on the wall, so that all run at once."""


def _rounds() -> Iterator[None]:
    """Yield for each round of a thread."""
    end = time.perf_counter() + _LEAST
    done = 0
    while done < _ROUNDS or time.perf_counter() < end:
        yield
        done += 1


@contextmanager
def many_switches() -> Iterator[None]:
    """Let Python change threads as often as it can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


def in_threads(work: Callable[[int], object], doing: str) -> None:
    """Run ``work`` with the number of a thread in several threads at once; raise Failure if one fails."""
    failures: list[BaseException] = []
    barrier = threading.Barrier(_THREADS)

    def run(number: int) -> None:
        try:
            barrier.wait()
            work(number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(_THREADS)]
    with many_switches():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for error in failures:
        if isinstance(error, Failure):
            raise error
        raise Failure("right answers", f"{type(error).__name__} raised", doing) from error


@check(
    "cipher-threads",
    "implementation",
    operations=[*_SYMMETRIC, "hash"],
    rule="contract: rule-authenticated-calls; the documentation of cngcore.provider.CONCURRENCY",
    remedy="Keep what a call works with in local variables, or declare concurrency='key' or 'serial'.",
    needs=lambda one: "it takes no secret" if "hash" in one.algorithm.operations and not one.algorithm.mac else "",
)
def cipher_threads(one: Implementation) -> str:
    """Several threads that use one key at once get right answers only."""
    if "hash" in one.algorithm.operations:
        jobs = [_mac_job(one)]
    elif "derive" in one.algorithm.operations:
        jobs = [_derivation_job(one)]
    else:
        jobs = [_stream_job(s) if s.mode.kind == "stream" else _job(s) for s in setups(one, every=False)]
    for work, doing, calls in jobs:
        in_threads(work, doing)
        for (call, expected), (other, others) in pairwise(calls):
            results = interrupted(call, other)
            for result in results[1:]:
                same(result, others, f"{doing}, while another call is in progress")
            same(results[0], expected, f"{doing}, with other calls in between")
    return f"{_THREADS} threads, {len(jobs)} ways"


_Call = tuple[Callable[[], object], object]
_Job = tuple[Callable[[int], object], str, list[_Call]]
_INTERRUPTIONS = 200
_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + os.sep


def interrupted(call: Callable[[], object], other: Callable[[], object]) -> list[object]:
    """Return the result of a call, and those of another, which runs in a thread after each line of the provider's code.

    This finds state that calls share, without luck. A provider may hold a lock: the other call then ends later.
    """
    results, waiting, lines = [], list[threading.Thread](), [0]

    def another() -> None:
        results.append(granted(other))

    def trace(frame: FrameType, event: str, _: object) -> Any:
        name = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if frame.f_code.co_filename.startswith(_PACKAGE) or name in sys.stdlib_module_names:
            return trace if event == "call" else None
        if event == "line" and lines[0] < _INTERRUPTIONS and not waiting:
            lines[0] += 1
            thread = threading.Thread(target=another)
            thread.start()
            thread.join(0.05)
            if thread.is_alive():  # it waits for a lock
                waiting.append(thread)
        return trace

    first: list[object] = []

    def run() -> None:
        sys.settrace(trace)
        try:
            first.append(granted(call))
        finally:
            sys.settrace(None)

    runner = threading.Thread(target=run)
    runner.start()
    for thread in (runner, *waiting):
        thread.join()
    return first + results


def _job(setup: Setup) -> _Job:
    key, doing = setup.key(), f"encrypting in {_THREADS} threads: {setup}"
    cases = []
    for number in range(_THREADS):
        data = message(max(setup.unit, 16) * 4, f"thread {number}")
        if setup.mode.kind == "authenticated":
            nonce = setup.nonce(f"thread {number}")
            call = partial(key.seal, nonce, b"aad", data, setup.tag)
            back = partial(key.unseal, nonce, b"aad")
        else:
            iv = setup.iv(f"thread {number}")
            call, back = partial(key.encrypt, data, iv), partial(key.decrypt, iv=iv)  # type: ignore[assignment,arg-type]
        cases.append((data, granted(call, doing=doing), call, back))

    def work(number: int) -> None:
        data, expected, call, back = cases[number]
        parts = expected if isinstance(expected, tuple) else (expected,)
        for _ in _rounds():
            same(granted(call, doing=doing), expected, doing)
            same(bytes(granted(back, *parts, doing=doing)), data, doing.replace("en", "de", 1))

    return work, doing, [(call, expected) for _, expected, call, _ in cases[:2]]


def _stream_job(setup: Setup) -> _Job:
    """Every thread draws pieces of the key stream; together they are the stream."""
    key, doing, drawn = setup.key(), f"drawing a key stream in {_THREADS} threads: {setup}", list[bytes]()
    length = 64
    whole = granted(setup.key().encrypt, bytes(length * _ROUNDS * _THREADS))
    expected = {whole[at : at + length] for at in range(0, len(whole), length)}

    def work(number: int) -> None:
        for _ in range(_ROUNDS):
            piece = bytes(granted(key.encrypt, bytes(length), doing=doing))
            demand(piece in expected, "a piece of the key stream", "other bytes", doing)
            drawn.append(piece)
        demand(len(set(drawn)) == len(drawn), "each piece once", "one twice", doing)

    return work, doing, []


def _mac_job(one: Implementation) -> _Job:
    doing = f"making MACs in {_THREADS} threads"
    base = with_.start_mac(one)

    def mac(number: int) -> bytes:
        state = granted(base.copy, doing=doing)
        for part in range(8):
            granted(state.update, message(33, f"{number} {part}"), doing=doing)
        return bytes(granted(state.finish, doing=doing))

    expected = [mac(number) for number in range(_THREADS)]

    def work(number: int) -> None:
        for _ in _rounds():
            same(mac(number), expected[number], doing)

    return work, doing, [(partial(mac, number), expected[number]) for number in range(2)]


def _derivation_job(one: Implementation) -> _Job:
    doing = f"deriving in {_THREADS} threads"
    key = granted(one.opened.generate_symmetric_key, with_.usual(one))
    given = with_.parameters(one)
    lengths = [24 if status_of(key.derive_from, given, 500)[0] == _INVALID else 500 + 10 * n for n in range(_THREADS)]
    expected = [granted(key.derive_from, given, length, doing=doing) for length in lengths]

    def work(number: int) -> None:
        for _ in _rounds():
            same(granted(key.derive_from, given, lengths[number], doing=doing), expected[number], doing)

    return work, doing, [(partial(key.derive_from, given, lengths[n]), expected[n]) for n in range(2)]


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
