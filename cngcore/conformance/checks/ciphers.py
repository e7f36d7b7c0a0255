"""Check modes of ciphers: which there are, round trips, long messages, sizes and padding."""

from __future__ import annotations

import hashlib
import time

from cngcore import constants as c
from cngcore.conformance import _secrets as with_
from cngcore.conformance._check import bcrypt, check, demand, granted, refused, same, status_of
from cngcore.conformance._secrets import Setup, message, output_of, setups, without
from cngcore.conformance._subject import Implementation
from cngcore.status import NTStatus

_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_NOT_SUPPORTED = NTStatus.STATUS_NOT_SUPPORTED
_SIZE = NTStatus.STATUS_INVALID_BUFFER_SIZE
_FILL = 0xA5
_CIPHER = ["cipher"]


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
