"""Check the chain register, and messages in pieces, data units and key streams.

The kit computes CBC and CFB itself, from the provider's operation on one block.
"""

from __future__ import annotations

from itertools import pairwise

from cngcore import constants as c
from cngcore.conformance import _secrets as with_
from cngcore.conformance._check import Failure, Skip, bcrypt, check, demand, granted, refused, same, status_of
from cngcore.conformance._secrets import Setup, message, setups, without
from cngcore.conformance._subject import Implementation
from cngcore.status import NotSupportedError, NTStatus

_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_NOT_SUPPORTED = NTStatus.STATUS_NOT_SUPPORTED
_SIZE = NTStatus.STATUS_INVALID_BUFFER_SIZE
_CIPHER = ["cipher"]


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
