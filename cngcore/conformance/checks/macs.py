"""Check MACs: their secrets, and the properties of hash objects."""

from __future__ import annotations

from cngcore import constants as c
from cngcore.conformance import _secrets as with_
from cngcore.conformance._check import Skip, bcrypt, check, demand, granted, refused, same
from cngcore.conformance._secrets import message, start_mac
from cngcore.conformance._subject import Implementation
from cngcore.conformance.checks.symmetric_keys import rule_of
from cngcore.status import NTStatus

_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_NOT_SUPPORTED = NTStatus.STATUS_NOT_SUPPORTED


@check(
    "mac-secret",
    "implementation",
    operations=["hash"],
    rule="contract: rule-mac-cmac, rule-mac-gmac, rule-mac-kmac",
    remedy="Declare mac=True for an algorithm that needs a secret, and its lengths in key_lengths; start() then gets a "
    "key always.",
    needs=lambda one: "" if one.algorithm.mac else "it is no MAC",
)
def mac_secret(one: Implementation) -> str:
    """A MAC needs a secret of a legal length; it is made of the whole secret and the whole message."""
    create, rule = one.opened.create_hash, rule_of(one)
    refused(create, None, by=_INVALID, doing="starting a MAC without a secret")
    demand(granted(one.opened.get_property, c.BCRYPT_IS_KEYED_HASH), "another number", "0", "reading IsKeyedHash")
    legal, data, seen = with_.lengths(one), message(100), set[bytes]()
    for length in legal:
        macs = set()
        for content in (data, data[:-1], data + b"\0", b"", b"\1" + data[1:]):
            for name in ("secret", "another secret"):
                macs.add(_of(one, with_.secret(length, name) if length else b"", content))
            if not length:
                seen |= macs
        same(len(macs), 10 if length else 5, f"counting the MACs of five messages with secrets of {length} bytes")
    if one.algorithm.keyed:
        opened, key = one.open(c.BCRYPT_ALG_HANDLE_HMAC_FLAG), with_.secret(legal[-1])
        state = start_mac(one, key, opened)
        granted(state.update, data)
        same(bytes(granted(state.finish)), _of(one, key, data), "making a MAC with BCRYPT_ALG_HANDLE_HMAC_FLAG")
    longest = legal[-1]
    for length in sorted({0, 1, *(other + step for other in legal for step in (-1, 1)), longest + 1, 2 * longest}):
        if length >= 0 and not rule.accepts(8 * length, {}):
            refused(create, bytes(length), by=_INVALID, doing=f"starting a MAC with a secret of {length} bytes")
    return f"{len(legal)} lengths of secrets"


def _of(one: Implementation, key: bytes | None, data: bytes, **options: bytes) -> bytes:
    state = start_mac(one, key)
    for name, value in options.items():
        granted(state.set_property, name, value, doing=f"setting {name}")
    granted(state.update, data)
    return bytes(granted(state.finish))


@check(
    "hash-options",
    "implementation",
    operations=["hash"],
    rule="contract: rule-mac-gmac, rule-mac-kmac, rule-mac-cshake",
    remedy="Take the options that start() gets as its second argument, whole, and let each change the output.",
    needs=lambda one: "" if one.properties("object", "w") else "its hash objects have no properties to set",
)
def hash_options(one: Implementation) -> str:
    """A property of the hash object changes the output, can be set before the data only, and is kept by a copy."""
    tried = []
    required = with_.needed(one)
    for item in one.properties("object", "w"):
        first = required.get(item.name, message(12, item.name))
        values = [first, _changed(first, 0), _changed(first, len(first) - 1)]
        if item.name not in required:
            values += [b"", first + b"\0", first[:-1], message(200, item.name)]
        outputs = [_of(one, None, b"data", **{item.name: value}) for value in values]
        same(len(set(outputs)), len(values), f"counting the outputs for {len(values)} values of {item.name}")
        if item.name not in required:
            same(outputs[3], _of(one, None, b"data"), f"setting {item.name} to nothing")
        else:
            bare = granted(one.opened.create_hash, with_.usual(one) if one.algorithm.mac else None)
            granted(bare.update, b"data")
            refused(bare.finish, by=_INVALID, doing=f"finishing without {item.name}")
            for wrong in (first[:-1], first + b"\0"):
                state = granted(one.opened.create_hash, with_.usual(one) if one.algorithm.mac else None)
                refused(
                    state.set_property,
                    item.name,
                    wrong,
                    by=_INVALID,
                    doing=f"setting {item.name} of {len(wrong)} bytes",
                )
        state = start_mac(one)
        granted(state.set_property, item.name, values[1])
        granted(state.update, b"da")
        refused(state.set_property, item.name, first, by=_INVALID, doing=f"setting {item.name} after data")
        twin = granted(state.copy)
        for each in (state, twin):
            granted(each.update, b"ta")
            same(bytes(granted(each.finish)), outputs[1], f"finishing a hash and its copy with {item.name}")
        tried.append(item.name)
    state = start_mac(one)
    refused(state.set_property, "NoSuchProperty", b"x", by=_NOT_SUPPORTED, doing="setting NoSuchProperty on a hash")
    return ", ".join(tried)


def _changed(data: bytes, place: int) -> bytes:
    found = bytearray(data)
    found[place] ^= 1
    return bytes(found)


@check(
    "mac-pbkdf2",
    "implementation",
    operations=["hash"],
    rule="contract: rule-kdf-pbkdf2-function; RFC 8018 section 5.2",
    remedy="Let copy() of a state that holds a key be independent, so that it can serve as a PRF.",
    needs=lambda one: "" if one.algorithm.mac or one.algorithm.keyed else "it has no keyed form",
)
def mac_pbkdf2(one: Implementation) -> str:
    """BCryptDeriveKeyPBKDF2 with this MAC as PRF gives what the kit computes."""
    if with_.needed(one):
        raise Skip("its hash objects need a property first")
    flags = c.BCRYPT_ALG_HANDLE_HMAC_FLAG if one.algorithm.keyed else 0
    opened = one.open(flags)
    password = with_.usual(one) if one.algorithm.mac else b"password"

    def prf(data: bytes) -> bytes:
        state = granted(opened.create_hash, password)
        granted(state.update, data)
        return bytes(granted(state.finish))

    size = len(prf(b""))
    for iterations, length in ((1, size), (3, size + 5), (2, 1)):
        expected = b""
        for index in (1, 2):
            block = total = prf(b"salt" + index.to_bytes(4, "big"))
            for _ in range(iterations - 1):
                block = prf(block)
                total = with_.xor(total, block)
            expected += total
        doing = f"PBKDF2 of {length} bytes with {iterations} iterations"
        same(granted(opened.pbkdf2, password, b"salt", iterations, length, doing=doing), expected[:length], doing)
    algorithm = granted(bcrypt.BCryptOpenAlgorithmProvider, one.algorithm.name, one.algorithm.implementation, flags)
    out = bytearray(1)
    granted(bcrypt.BCryptDeriveKeyPBKDF2, algorithm, password, b"salt", 2, out, doing="BCryptDeriveKeyPBKDF2")
    same(bytes(out), expected[:1], "BCryptDeriveKeyPBKDF2")
    refused(bcrypt.BCryptDeriveKeyPBKDF2, algorithm, password, b"salt", 0, out, by=_INVALID, doing="no iterations")
    granted(bcrypt.BCryptCloseAlgorithmProvider, algorithm)
    return f"a PRF of {size} bytes"
