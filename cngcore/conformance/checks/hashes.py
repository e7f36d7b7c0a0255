"""Check algorithms without key pairs: hashes, MACs and random numbers (contract: rule-hash, rule-random)."""

from __future__ import annotations

from cngcore import constants as c
from cngcore.conformance import _secrets as with_
from cngcore.conformance._check import Skip, bcrypt, check, demand, granted, refused, same
from cngcore.conformance._secrets import start_mac
from cngcore.conformance._subject import Implementation
from cngcore.objects import Hash
from cngcore.provider import HashFactory
from cngcore.status import NTStatus

_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_NOT_SUPPORTED = NTStatus.STATUS_NOT_SUPPORTED
_HANDLE = NTStatus.STATUS_INVALID_HANDLE
_DATA = bytes(range(256)) * 3


@check(
    "no-key-pairs",
    "implementation",
    rule="contract: rule-generate-no-key-pairs: NOT_SUPPORTED if the algorithm has no key pairs",
    remedy="Declare key_lengths=None for an algorithm without key pairs.",
    needs=lambda one: "it has key pairs" if one.has_keys else "",
)
def no_key_pairs(one: Implementation) -> None:
    """Making and importing key pairs is NOT_SUPPORTED, with any length."""
    for bits in (0, 128, 2048, -1):
        refused(one.opened.generate_key_pair, bits, by=_NOT_SUPPORTED, doing=f"generating a key of {bits} bits")
    refused(one.opened.import_key_pair, "RSAPUBLICBLOB", bytes(64), by=_NOT_SUPPORTED, doing="importing a key")
    handle = granted(bcrypt.BCryptOpenAlgorithmProvider, one.algorithm.name, one.algorithm.implementation)
    same(bcrypt.BCryptGenerateKeyPair(handle, 2048)[0].name, _NOT_SUPPORTED.name, "BCryptGenerateKeyPair")
    granted(bcrypt.BCryptCloseAlgorithmProvider, handle)


def _extendable(one: Implementation) -> bool:
    factory = one.opened.factory
    return isinstance(factory, HashFactory) and bool(factory.start(_secret(one)).extendable)


def _secret(one: Implementation) -> bytes | None:
    """Return the secret of a MAC; None for a hash."""
    return with_.usual(one) if one.algorithm.mac else None


def _of(one: Implementation, *pieces: bytes, length: int | None = None, reset: bool = True) -> bytes:
    state = start_mac(one)
    for piece in pieces:
        granted(state.update, piece)
    digest: bytes = granted(state.finish, length, reset=reset)
    return digest


@check(
    "hash-digest",
    "implementation",
    operations=["hash"],
    rule="contract: rule-hash",
    remedy="Let digest_length and HashDigestLength be the length of digest(), and let only the data matter, not its "
    "pieces.",
)
def hash_digest(one: Implementation) -> None:
    """A digest has the declared length and depends on every byte, but not on how the data is split."""
    state = start_mac(one)
    size = state.digest_length
    demand(type(size) is int and size > 0, "bytes", repr(size), "reading digest_length")
    if "HashDigestLength" in one.algorithm.properties:
        same(granted(one.opened.get_property, "HashDigestLength"), size, "comparing HashDigestLength with a digest")
    whole = _of(one, _DATA)
    same(len(whole), size, "hashing")
    for cut in (0, 1, 63, 64, 65, 136, len(_DATA)):
        same(_of(one, _DATA[:cut], b"", _DATA[cut:]), whole, f"hashing in two pieces, cut at {cut}")
    digests = {whole, _of(one), _of(one, _DATA[:-1]), _of(one, _DATA + b"\0"), _of(one, b"\1" + _DATA[1:])}
    same(len(digests), 5, "counting the digests of five messages")
    if with_.needed(one):
        return  # BCryptHash cannot set it
    secret = _secret(one)
    handle = granted(bcrypt.BCryptOpenAlgorithmProvider, one.algorithm.name, one.algorithm.implementation)
    once = bytearray(size)
    granted(bcrypt.BCryptHash, handle, secret, _DATA, once)
    same(bytes(once), whole, "BCryptHash")
    if not _extendable(one):
        for wrong in (0, 1, size - 1, size + 1):
            refused(
                bcrypt.BCryptHash,
                handle,
                secret,
                _DATA,
                bytearray(wrong),
                by=_INVALID,
                doing=f"BCryptHash into {wrong} bytes",
            )
    granted(bcrypt.BCryptCloseAlgorithmProvider, handle)


@check(
    "hash-life",
    "implementation",
    operations=["hash"],
    rule="contract: rule-hash",
    remedy="Let start() return a fresh state each time, copy() an independent one, and digest() leave the state "
    "unchanged.",
)
def hash_life(one: Implementation) -> None:
    """A hash ends with its digest unless it is reusable; a duplicate is independent."""
    state: Hash = start_mac(one)
    granted(state.update, _DATA[:100])
    twin = granted(state.copy)
    granted(state.update, _DATA[100:])
    granted(twin.update, b"another end")
    same(granted(state.finish), _of(one, _DATA), "finishing a hash that was copied")
    same(granted(twin.finish), _of(one, _DATA[:100], b"another end"), "finishing the copy")
    for call in (lambda: state.update(b"more"), state.finish, state.copy):
        refused(call, by=_HANDLE, doing="using a hash that has given its digest")
    opened = one.open(c.BCRYPT_HASH_REUSABLE_FLAG)
    reusable = start_mac(one, opened=opened)
    for data in (_DATA, b"", _DATA[:7]):
        for name, value in with_.needed(one).items():  # a nonce is for one message
            granted(reusable.set_property, name, value, doing=f"setting {name} of a reusable hash")
        granted(reusable.update, data)
        same(granted(reusable.finish), _of(one, data), "finishing a reusable hash")
    granted(reusable.destroy)
    refused(reusable.update, b"more", by=_HANDLE, doing="using a destroyed hash")


@check(
    "hash-keyed",
    "implementation",
    operations=["hash"],
    rule="contract: rule-hash-hmac; RFC 2104",
    remedy="Declare keyed=True if start(key) makes an HMAC; use the whole key, even an empty one.",
    needs=lambda one: "it is a MAC: mac-secret tests its secrets" if one.algorithm.mac else "",
)
def hash_keyed(one: Implementation) -> None:
    """An HMAC depends on its key and follows RFC 2104; a key without the flag is refused."""
    refused(one.opened.create_hash, b"key", by=_INVALID, doing="giving a key without BCRYPT_ALG_HANDLE_HMAC_FLAG")
    if not one.algorithm.keyed:
        raise Skip("it declares no keyed form")
    block = one.algorithm.properties.get("HashBlockLength")
    opened = one.open(c.BCRYPT_ALG_HANDLE_HMAC_FLAG)
    seen = set()
    for key in (b"", b"key", b"Key", bytes(range(200)), bytes(range(64))):
        state = granted(opened.create_hash, key)
        granted(state.update, _DATA)
        mac = granted(state.finish)
        seen.add(mac)
        if block is not None and isinstance(block.value, int):
            padded = (_of(one, key) if len(key) > block.value else key).ljust(block.value, b"\0")
            inner = _of(one, bytes(byte ^ 0x36 for byte in padded), _DATA)
            same(mac, _of(one, bytes(byte ^ 0x5C for byte in padded), inner), f"an HMAC with a key of {len(key)} bytes")
    same(len(seen), 5, "counting the HMACs of five keys")


@check(
    "hash-extendable",
    "implementation",
    operations=["hash"],
    rule="contract: rule-hash-finish; FIPS 202",
    remedy="Let digest(length) return the first length bytes of the output, for any length; squeeze(length) too.",
)
def hash_extendable(one: Implementation) -> None:
    """An extendable output is one stream: shorter outputs are its beginning, and it can be drawn in pieces. That of a
    MAC is one if it is drawn with BCRYPT_HASH_DONT_RESET_FLAG.
    """
    if not _extendable(one):
        for wrong in (1, 1000):
            state = start_mac(one)
            refused(state.finish, wrong, by=_INVALID, doing=f"asking {wrong} bytes of a digest")
        raise Skip("its output has one length")
    reset = not one.algorithm.mac  # the output of KMAC depends on its length, unless it is drawn on
    long = _of(one, _DATA, length=1000, reset=reset)
    for length in (1, 16, 200, 999):
        same(_of(one, _DATA, length=length, reset=reset), long[:length], f"drawing {length} bytes")
        same(len(_of(one, _DATA, length=length)), length, f"asking {length} bytes")
    state = start_mac(one)
    granted(state.update, _DATA)
    drawn = b"".join(granted(state.finish, 125, reset=False) for _ in range(8))
    same(drawn, long, "drawing 1000 bytes in eight pieces")


@check(
    "random",
    "implementation",
    operations=["random"],
    rule="contract: rule-random",
    remedy="Fill the whole buffer of fill() with fresh random bytes, and write nothing outside.",
)
def random_numbers(one: Implementation) -> None:
    """Random bytes fill the whole buffer and nothing else, and differ each time."""
    seen = set()
    for length in (0, 1, 32, 4096, 32, 32):
        buffer = bytearray(length + 16)
        with memoryview(buffer) as view:
            granted(one.opened.fill_random, view[:length])
        demand(not any(buffer[length:]), "zeros behind the buffer", "others", f"filling {length} bytes")
        if length == 32:
            seen.add(bytes(buffer))
        if length == 4096:
            demand(len(set(buffer)) > 200, "all kinds of bytes", f"{len(set(buffer))} kinds", "filling 4096 bytes")
            demand(
                any(buffer[:16]) and any(buffer[length - 16 : length]), "the whole filled", "ends of zeros", "filling"
            )
    same(len(seen), 3, "counting three draws of 32 bytes")
    handle = granted(bcrypt.BCryptOpenAlgorithmProvider, one.algorithm.name, one.algorithm.implementation)
    buffer = bytearray(64)
    granted(bcrypt.BCryptGenRandom, handle, buffer)
    demand(any(buffer), "random bytes", "zeros", "BCryptGenRandom")
    granted(bcrypt.BCryptCloseAlgorithmProvider, handle)
