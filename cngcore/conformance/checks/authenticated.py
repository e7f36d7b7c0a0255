"""Check authenticated modes: lengths, messages, what is refused, messages in several pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from cngcore import constants as c
from cngcore.bcrypt import BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO as Info  # noqa: N811 - a class
from cngcore.conformance import _secrets as with_
from cngcore.conformance._check import Failure, Skip, bcrypt, check, demand, granted, refused, same, status_of
from cngcore.conformance._secrets import Setup, authenticates, message, setups
from cngcore.conformance._subject import Implementation
from cngcore.conformance.checks.secrecy import Secrets, chained, logged
from cngcore.status import AuthTagMismatchError, NTStatus

_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_MISMATCH = NTStatus.STATUS_AUTH_TAG_MISMATCH
_LENGTHS = (0, 1, 15, 16, 17, 32, 100, 257)
_LONG_AAD = (300, 65279, 65280, 70000)
"""Bytes of associated data; CCM writes lengths from 65280 on in another way (SP 800-38C appendix A.2.2)."""
_CHEAP = 1 << 20
"""Bytes of the longest message that is made to test a limit."""


def _setups(one: Implementation, *, every: bool = True) -> Iterator[Setup]:
    return setups(one, "authenticated", every=every)


def _flipped(data: bytes, bit: int = 0) -> bytes:
    """Return the data with one bit changed, counted from the end if it is negative."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@check(
    "authenticated-messages",
    "implementation",
    operations=["cipher"],
    needs=authenticates,
    rule="contract: rule-authenticated, rule-authenticated-calls; SP 800-38C, SP 800-38D, RFC 8439",
    remedy="Let seal() return a ciphertext of the length of the data and a tag of the length that is passed, both made "
    "of key, nonce, associated data and message; and unseal() return the message.",
)
def authenticated_messages(one: Implementation) -> str:
    """Messages of any length, also empty ones, decrypt to the same; key, nonce, data and associated data all matter."""
    count = 0
    for setup in _setups(one):
        nonce, seen = setup.nonce(), set[bytes]()
        for length in _LENGTHS:
            for aad in (b"", b"x", message(16, "aad"), message(70, "aad")):
                doing = f"a message of {length} bytes with {len(aad)} of associated data: {setup}"
                data = message(length)
                ciphertext, tag = granted(setup.key().seal, nonce, aad, data, setup.tag, doing=f"encrypting {doing}")
                same((len(ciphertext), len(tag)), (length, setup.tag), f"encrypting {doing}")
                plain = granted(setup.key().unseal, nonce, aad, ciphertext, tag, doing=f"decrypting {doing}")
                same(bytes(plain), data, f"decrypting {doing}")
                same(setup.key().seal(nonce, aad, data, setup.tag), (ciphertext, tag), f"encrypting again {doing}")
                demand(tag not in seen, "a tag of its own", "that of another message", f"encrypting {doing}")
                seen.add(tag)
                demand(length < 8 or ciphertext != data, "a ciphertext", "the message itself", f"encrypting {doing}")
                count += 1
        data = message(40)
        for length in _LONG_AAD:
            doing = f"changing the last byte of {length} bytes of associated data: {setup}"
            long = message(length, "aad")
            tags = [granted(setup.key().seal, nonce, each, b"", setup.tag)[1] for each in (long, _flipped(long, -1))]
            demand(tags[0] != tags[1], "another tag", "the same", doing)
        first = setup.key().seal(nonce, b"aad", data, setup.tag)
        for what, other in (
            ("nonce", setup.key().seal(setup.nonce("another"), b"aad", data, setup.tag)),
            ("key", setup.key(bytes(b ^ 0x5A for b in setup.secret)).seal(nonce, b"aad", data, setup.tag)),
        ):
            demand(other[0] != first[0], "another ciphertext", "the same", f"encrypting with another {what}: {setup}")
            demand(other[1] != first[1], "another tag", "the same", f"encrypting with another {what}: {setup}")
        _flat(setup)
    return f"{count} messages"


def _flat(setup: Setup) -> None:
    """Check that BCryptEncrypt and BCryptDecrypt give the same, with and without a message."""
    nonce, aad = setup.nonce(), b"header"
    with setup.flat() as key:
        for data in (message(33), b""):
            ciphertext, tag = setup.key().seal(nonce, aad, data, setup.tag)
            out, mark = bytearray(len(data)), bytearray(setup.tag)
            granted(bcrypt.BCryptEncrypt, key, data, Info(nonce, aad, mark), None, out, doing=f"BCryptEncrypt: {setup}")
            same((bytes(out), bytes(mark)), (ciphertext, tag), f"BCryptEncrypt of {len(data)} bytes: {setup}")
            plain = bytearray(len(data))
            granted(bcrypt.BCryptDecrypt, key, ciphertext, Info(nonce, aad, tag), None, plain, doing="BCryptDecrypt")
            same(bytes(plain), data, f"BCryptDecrypt of {len(data)} bytes: {setup}")
            untouched = bytearray(setup.tag)
            same(
                bcrypt.BCryptEncrypt(key, data, Info(nonce, aad, untouched)), (NTStatus.STATUS_SUCCESS, len(data)),
                f"the size query of BCryptEncrypt: {setup}",
            )  # fmt: skip
            same(bytes(untouched), bytes(setup.tag), "reading the tag after a size query")
        refused(bcrypt.BCryptEncrypt, key, b"data", None, None, bytearray(4), by=_INVALID, doing="without a structure")


@check(
    "authenticated-lengths",
    "implementation",
    operations=["cipher"],
    needs=authenticates,
    rule="contract: rule-authenticated-lengths",
    remedy="Declare in Mode(nonce=..., tag=...) the lengths that the material takes, use the whole nonce, and make "
    "tags of the length that is passed.",
)
def authenticated_lengths(one: Implementation) -> str:
    """Nonces and tags of all legal lengths, and of no other, are used whole, in both directions."""
    count = 0
    for setup in _setups(one, every=False):
        data, aad = message(50), b"aad"
        for nonce_length in setup.nonces:
            nonce = setup.nonce(length=nonce_length)
            used = [nonce, *(_flipped(nonce, bit) for bit in range(0, 8 * nonce_length, 5))]
            sealed = [granted(setup.key().seal, each, aad, data, setup.tag) for each in used]
            doing = f"changing single bits of a nonce of {nonce_length} bytes: {setup}"
            same(len({ciphertext for ciphertext, _ in sealed}), len(used), f"counting the ciphertexts after {doing}")
            same(len({tag for _, tag in sealed}), len(used), f"counting the tags after {doing}")
            for tag_length in setup.tags:
                doing = f"a nonce of {nonce_length} bytes and a tag of {tag_length}: {setup}"
                ciphertext, tag = granted(
                    setup.key().seal, nonce, aad, data, tag_length, doing=f"encrypting with {doing}"
                )
                same(len(tag), tag_length, f"encrypting with {doing}")
                plain = granted(setup.key().unseal, nonce, aad, ciphertext, tag, doing=f"decrypting with {doing}")
                same(bytes(plain), data, f"decrypting with {doing}")
                changed = ciphertext[:-1] + bytes([ciphertext[-1] ^ 1])
                other = granted(setup.key().seal, nonce, aad, bytes([data[0] ^ 1]) + data[1:], tag_length)[1]
                demand(other != tag, "another tag", "the same", f"encrypting another message with {doing}")
                for wrong in ((changed, tag), (ciphertext, other)):
                    refused(
                        with_.unseal,
                        setup.key(),
                        nonce,
                        aad,
                        *wrong,
                        by=_MISMATCH,
                        doing=f"refusing a change with {doing}",
                    )
                count += 1
        longest = max(setup.nonces)
        for length in sorted({0, min(setup.nonces) - 1, longest + 1, longest + 4, 64} - set(setup.nonces)):
            doing = f"encrypting with a nonce of {length} bytes: {setup}"
            refused(with_.seal, setup.key(), bytes(length), aad, data, setup.tag, by=_INVALID, doing=doing)
            refused(with_.unseal, setup.key(), bytes(length), aad, data, bytes(setup.tag), by=_INVALID, doing=doing)
        for length in sorted(set(range(setup.tag + 3)) - set(setup.tags)):
            doing = f"a tag of {length} bytes: {setup}"
            refused(
                with_.seal, setup.key(), setup.nonce(), aad, data, length, by=_INVALID, doing=f"encrypting with {doing}"
            )
            refused(
                with_.unseal,
                setup.key(),
                setup.nonce(),
                aad,
                data,
                bytes(length),
                by=_INVALID,
                doing=f"decrypting with {doing}",
            )
    return f"{count} pairs of lengths"


@check(
    "authenticated-refuses",
    "implementation",
    operations=["cipher"],
    needs=authenticates,
    rule="contract: rule-authenticated-calls: STATUS_AUTH_TAG_MISMATCH, and nothing is released",
    remedy="Compare the whole tag, in constant time, over the nonce, the associated data and the ciphertext; raise "
    "AuthTagMismatchError without arguments if it does not match.",
)
def authenticated_refuses(one: Implementation) -> str:
    """A change of any bit of tag, ciphertext, associated data or nonce is AUTH_TAG_MISMATCH, and shows no plaintext."""
    count = 0
    for setup in _setups(one, every=False):
        nonce, aad, data = setup.nonce(), message(20, "aad"), message(48, "plaintext")
        plaintext = Secrets()
        plaintext.add(data, b"")
        for tag_length in sorted({min(setup.tags), setup.tag}):
            ciphertext, tag = setup.key().seal(nonce, aad, data, tag_length)
            key = setup.key()
            wrongs = [("tag", (nonce, aad, ciphertext, _flipped(tag, bit))) for bit in range(8 * len(tag))]
            wrongs += [("ciphertext", (nonce, aad, _flipped(ciphertext, bit), tag)) for bit in range(0, 8 * 48, 7)]
            wrongs += [("associated data", (nonce, _flipped(aad, bit), ciphertext, tag)) for bit in range(0, 160, 7)]
            wrongs += [("nonce", (_flipped(nonce, bit), aad, ciphertext, tag)) for bit in range(0, 8 * len(nonce), 3)]
            wrongs += [
                ("length of the ciphertext", (nonce, aad, ciphertext[:-1], tag)),
                ("length of the ciphertext", (nonce, aad, ciphertext + b"\0", tag)),
                ("length of the ciphertext", (nonce, aad, b"", tag)),
                ("length of the associated data", (nonce, aad[:-1], ciphertext, tag)),
                ("length of the associated data", (nonce, aad + b"\0", ciphertext, tag)),
                ("border of the associated data", (nonce, aad + ciphertext[:1], ciphertext[1:], tag)),
                ("associated data", (nonce, b"", ciphertext, tag)),
                ("tag", (nonce, aad, ciphertext, bytes(tag_length))),
            ]  # fmt: skip
            for what, parts in wrongs:
                doing = f"decrypting with another {what}, a tag of {tag_length} bytes: {setup}"
                refused(with_.unseal, key, *parts, by=_MISMATCH, doing=doing)
                count += 1
            _shows_nothing(setup, wrongs[0][1], plaintext)
            other = setup.key(bytes(byte ^ 0x5A for byte in setup.secret))
            refused(
                with_.unseal,
                other,
                nonce,
                aad,
                ciphertext,
                tag,
                by=_MISMATCH,
                doing=f"decrypting with another key: {setup}",
            )
            same(bytes(granted(key.unseal, nonce, aad, ciphertext, tag)), data, f"decrypting after refusals: {setup}")
            with setup.flat() as handle:
                out = bytearray(48)
                info = Info(nonce, aad, _flipped(tag))
                status, size = status_of(bcrypt.BCryptDecrypt, handle, ciphertext, info, None, out)
                same((status.name, size), (_MISMATCH.name, 48), f"BCryptDecrypt with another tag: {setup}")
                demand(not any(out), "an untouched buffer", "bytes in it", f"BCryptDecrypt with another tag: {setup}")
    return f"{count} changes"


def _shows_nothing(setup: Setup, parts: tuple[bytes, bytes, bytes, bytes], plaintext: Secrets) -> None:
    """Check that no plaintext is in the error of a key, or of its material."""
    nonce, aad, ciphertext, tag = parts
    doing = f"reading the error for a wrong tag: {setup}"
    made = with_.material(setup)
    calls: tuple[Callable[[], object], ...] = (
        lambda: setup.key().decrypt_authenticated(ciphertext, nonce, tag, associated_data=aad),
        lambda: made.unseal(setup.mode.name, nonce, aad, ciphertext, tag),
    )
    for call in calls:
        try:
            with logged() as texts:
                call()
        except AuthTagMismatchError as error:
            for link in chained(error):
                where = plaintext.found_in(f"{link} {link!r} {link.args!r} {vars(link)!r}")
                demand(not where, "no plaintext", f"some, {where}", doing)
        except Exception as error:
            raise Failure("AuthTagMismatchError", f"{type(error).__name__} raised", doing) from error
        else:
            raise Failure("AuthTagMismatchError", "an answer", doing)
        where = plaintext.found_in("\n".join(texts))
        demand(not where, "no plaintext", f"some, {where}", f"reading the log after a wrong tag: {setup}")


@check(
    "authenticated-limit",
    "implementation",
    operations=["cipher"],
    needs=authenticates,
    rule="contract: rule-authenticated-lengths",
    remedy="Declare in Mode(max_data=...) the most bytes of a message, by the length of the nonce.",
)
def authenticated_limit(one: Implementation) -> str:
    """The longest message that is declared can be encrypted, and a longer one is INVALID_PARAMETER."""
    tried = []
    for setup in _setups(one, every=False):
        for length in setup.nonces:
            most = setup.mode.most_data(length)
            if most is None or most > _CHEAP:
                continue
            nonce, data, key = setup.nonce(length=length), bytes(most + 1), setup.key()
            doing = f"{most} bytes with a nonce of {length}: {setup}"
            ciphertext, tag = granted(key.seal, nonce, b"", data[:-1], setup.tag, doing=f"encrypting {doing}")
            same(bytes(granted(key.unseal, nonce, b"", ciphertext, tag)), data[:-1], f"decrypting {doing}")
            refused(
                with_.seal,
                key,
                nonce,
                b"",
                data,
                setup.tag,
                by=_INVALID,
                doing=f"encrypting one byte more than {doing}",
            )
            tried.append(f"{most} bytes")
    if not tried:
        raise Skip("the messages that it declares are too long to be tried")
    return ", ".join(dict.fromkeys(tried))


@check(
    "authenticated-chained",
    "implementation",
    operations=["cipher"],
    needs=lambda one: "" if any(mode.chained for mode in one.algorithm.modes) else "no mode takes a message in pieces",
    rule="contract: rule-authenticated-chained",
    remedy="Let authenticated() return a new state each time, which shares nothing with the key and with other states; "
    "update() gives what seal() gives for those bytes, and finish() the tag or AuthTagMismatchError.",
)
def authenticated_chained(one: Implementation) -> str:
    """A message in pieces gives what it gives in one; two messages at once do not disturb each other."""
    count = 0
    for setup in _setups(one):
        if not setup.mode.chained:
            _not_chained(setup)
            continue
        nonce = setup.nonce()
        for length, cuts in ((0, ()), (100, (16, 32)), (96, (48,)), (100, (96,)), (33, (16, 16)), (160, (64, 80, 144))):
            data, aad = message(length), message(700 if length == 160 else 30, "aad")
            for tag_length in sorted({min(setup.tags), setup.tag}):
                expected = setup.key().seal(nonce, aad, data, tag_length)
                doing = f"{length} bytes cut at {cuts}, a tag of {tag_length} bytes: {setup}"
                places = (0, *cuts, length)
                pieces = list(pairwise(places))
                chain = granted(setup.key().chain, nonce, aad, True, tag_length, doing=f"beginning {doing}")
                output = b"".join(granted(chain.update, data[a:b], doing=f"encrypting {doing}") for a, b in pieces)
                tag = granted(chain.tag, tag_length, doing=f"ending {doing}")
                same((output, bytes(tag)), expected, f"encrypting {doing}")
                chain = granted(setup.key().chain, nonce, aad, False, tag_length, doing=f"beginning {doing}")
                plain = b"".join(
                    granted(chain.update, expected[0][a:b], doing=f"decrypting {doing}") for a, b in pieces
                )
                same(plain, data, f"decrypting {doing}")
                granted(chain.verify, expected[1], doing=f"comparing the tag of {doing}")
                for byte in range(tag_length) if length == 33 else (0, tag_length - 1):
                    chain = granted(setup.key().chain, nonce, aad, False, tag_length)
                    for a, b in pieces:
                        granted(chain.update, expected[0][a:b])
                    wrong = _flipped(expected[1], 8 * byte + 3)
                    refused(
                        chain.verify, wrong, by=_MISMATCH, doing=f"comparing another byte {byte} of the tag, {doing}"
                    )
                count += 1
        _interleaved(setup)
        _flat_chain(setup)
    return f"{count} messages"


def _not_chained(setup: Setup) -> None:
    doing = f"beginning a message in pieces: {setup}"
    refused(setup.key().chain, setup.nonce(), b"", True, setup.tag, by=_INVALID, doing=doing)


def _interleaved(setup: Setup) -> None:
    """Two messages of one key, of which each piece is followed by one of the other."""
    key = setup.key()
    jobs = []
    for name in ("first", "second"):
        nonce, aad, data = setup.nonce(name), name.encode(), message(80, name)
        chain = granted(key.chain, nonce, aad, True, setup.tag, doing=f"beginning the {name} of two messages: {setup}")
        jobs.append((name, chain, data, setup.key().seal(nonce, aad, data, setup.tag), bytearray()))
    for start in range(0, 80, 16):
        for name, chain, data, _, output in jobs:
            output += granted(chain.update, data[start : start + 16], doing=f"encrypting the {name} message: {setup}")
        key.seal(setup.nonce("third"), b"", b"another message between", setup.tag)
    for name, chain, _, expected, output in jobs:
        tag = bytes(granted(chain.tag, setup.tag))
        same((bytes(output), tag), expected, f"encrypting the {name} of two messages at once: {setup}")


def _flat_chain(setup: Setup) -> None:
    """Check the structure of the flat API, its counts, and the size of pieces."""
    nonce, aad, data = setup.nonce(), b"header", message(40)
    expected = setup.key().seal(nonce, aad, data, setup.tag)
    with setup.flat() as key:
        tag, iv = bytearray(setup.tag), bytearray(16)
        info = Info(nonce, aad, tag, bytearray(16), dwFlags=c.BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG)
        out = bytearray(40)
        if setup.block > 1:
            status, _ = status_of(bcrypt.BCryptEncrypt, key, data[: setup.block - 1], info, iv, out)
            same(status.name, "STATUS_INVALID_BUFFER_SIZE", f"encrypting a piece of {setup.block - 1} bytes: {setup}")
        granted(bcrypt.BCryptEncrypt, key, data[:32], info, iv, out, doing=f"the first call of two: {setup}")
        same((info.cbAAD, info.cbData), (len(aad), 32), f"reading the counts after the first call: {setup}")
        demand(not any(tag), "no tag yet", "one", f"the first call of two: {setup}")
        info.dwFlags &= ~c.BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
        last = bytearray(8)
        granted(bcrypt.BCryptEncrypt, key, data[32:], info, iv, last, doing=f"the last call of two: {setup}")
        same((bytes(out[:32] + last), bytes(tag)), expected, f"encrypting in two calls: {setup}")
