"""Check RSA inside the block: what is refused, how alike the refusals are, and what libraries often get wrong.

PaddingSchemes and the RSA blobs, whose layout the contract fixes, decide what is tested.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from cngcore import constants as c
from cngcore.blobs import rsa as wire
from cngcore.conformance import _samples as ways
from cngcore.conformance._check import Failure, Skip, check, demand, granted, refused, same, status_of
from cngcore.conformance._signing import sign, verify
from cngcore.conformance._subject import Implementation, Kind
from cngcore.families import rsa as encodings
from cngcore.objects import KeyPair
from cngcore.padding import Oaep, Padding, Pkcs1, Pss
from cngcore.status import CngError, NTStatus
from cngcore.windows import NEWEST

_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_NOT_SUPPORTED = NTStatus.STATUS_NOT_SUPPORTED


# --- signatures ----------------------------------------------------------------------------------------------


@check(
    "signature-refusals",
    "key",
    operations=["sign"],
    rule="contract: rule-sign, rule-verify; docs/decisions/rsa.md",
    remedy="Refuse in one place, for signing and for verifying, an empty digest, one of another length than its hash's,"
    " and a salt or block that does not fit the key.",
)
def signature_refusals(kind: Kind) -> None:
    """An empty digest, and anything that does not fit the key, is INVALID_PARAMETER in signing and in verifying."""
    key, offered = kind.key, ways.schemes(kind)
    signature = bytes(key.size_of("sign") - 1) + b"\1"
    for data, padding in _unsignable(kind, offered):
        unknown = isinstance(padding, Pkcs1 | Pss) and padding.hash == "SHA512"
        by = (_INVALID, _NOT_SUPPORTED) if unknown else (_INVALID,)
        what = f"{len(data)} bytes with {'no padding' if padding is None else repr(padding)}"
        refused(key.sign_bytes, data, padding, by=by, doing=f"signing {what}")
        refused(key.verify_bytes, data, signature, padding, by=by, doing=f"verifying {what}")


def _unsignable(kind: Kind, offered: int) -> Iterator[tuple[bytes, Padding | None]]:
    """Yield digests and paddings that no signature of a key can have."""
    size, encoded = kind.key.size_of("sign"), ways.room(ways.bits_of(kind.key))
    if offered & c.BCRYPT_SUPPORTED_PAD_PKCS1_SIG:
        for name in (None, "SHA1"):
            yield b"", Pkcs1(name)
        yield bytes(19), Pkcs1("SHA1")
        yield bytes(size - 10), Pkcs1(None)
        if size < 83 + 11:
            yield bytes(64), Pkcs1("SHA512")
    if offered & c.BCRYPT_SUPPORTED_PAD_PSS:
        yield b"", Pss("SHA1", 0)
        yield bytes(21), Pss("SHA1", 0)
        for name, length in (("SHA1", 20), ("SHA256", 32), ("SHA512", 64)):
            yield bytes(length), Pss(name, max(0, encoded - length - 1))
    if not offered and kind.algorithm.signs == "digest":
        yield b"", None


@check(
    "signature-without-null",
    "key",
    operations=["sign"],
    rule="docs/decisions/rsa.md: SymCrypt accepts both forms of each hash's identifier",
    remedy="If the library verifies one form only, open the signature with the public exponent and compare it with "
    "both blocks: cngcore.families.rsa.digest_info(digest, hash, null=False) makes the other.",
    needs=lambda one: "" if ways.wants_schemes(one.algorithm) else "its signatures contain no DigestInfo",
)
def signature_without_null(kind: Kind) -> None:
    """A PKCS #1 v1.5 signature whose DigestInfo lacks the NULL verifies; new signatures have the NULL."""
    if not ways.schemes(kind) & c.BCRYPT_SUPPORTED_PAD_PKCS1_SIG:
        raise Skip("it offers no PKCS #1 v1.5 signatures")
    key, tried = kind.key, 0
    for name in encodings.HASHES:
        digest = bytes(range(encodings.digest_size(name)))
        status, written = status_of(key.sign_hash, digest, Pkcs1(name))
        if status != NTStatus.STATUS_SUCCESS:
            continue  # an unknown hash, or a key too short for it
        plain = sign(kind, encodings.digest_info(digest, name), Pkcs1(None), doing="signing a DigestInfo")
        verify(kind, key, digest, written, Pkcs1(name))
        same(written, plain, f"signing with {name}, and its DigestInfo with the NULL without a hash")
        short = sign(kind, encodings.digest_info(digest, name, null=False), Pkcs1(None))
        for padding in (Pkcs1(name), Pkcs1(name, optional_oid=True)):
            granted(
                key.verify_signature, digest, short, padding, doing=f"verifying a DigestInfo of {name} without NULL"
            )
        tried += 1
    demand(tried, "a signature with one of the hashes", "none", "signing with PKCS #1 v1.5")


# --- decryption ----------------------------------------------------------------------------------------------


@check(
    "decrypt-uniform",
    "key",
    operations=["encrypt"],
    rule="contract: rule-decrypt-bad-padding: one status for every cause; Bleichenbacher 1998, Manger 2001",
    remedy="Raise one exception with one text, in one place, for every wrong block of the right length. Catch the "
    "library's error or sentinel and pass none of its texts on, neither in the message nor chained.",
)
def decrypt_uniform(kind: Kind) -> None:
    """Whatever is wrong inside a ciphertext, the refusal has the same status and text, and no text of the library."""
    key, offered = kind.key, ways.schemes(kind)
    size, tried = key.size_of("encrypt"), False
    if offered & c.BCRYPT_SUPPORTED_PAD_PKCS1_ENC:
        tried |= _alike(key, Pkcs1(), dict(_broken_pkcs1(key, size)))
    if offered & c.BCRYPT_SUPPORTED_PAD_OAEP:
        for name in ("SHA1", "SHA256"):
            if size >= 2 * encodings.digest_size(name) + 2:
                tried |= _alike(key, Oaep(name, b"label"), dict(_broken_oaep(key, size, name)))
    if not tried:
        raise Skip("it offers no padding for encryption, or the key is too short for one")


def _alike(key: KeyPair, padding: Padding, broken: dict[str, bytes]) -> bool:
    """Demand one answer to all of these ciphertexts."""
    answers: dict[tuple[str, ...], str] = {}
    for what, ciphertext in broken.items():
        answer = _refusal(key, ciphertext, padding, f"decrypting {what} with {padding!r}")
        answers.setdefault(answer, what)
    if len(answers) > 1:
        subject = "; ".join(f"{what}: {', '.join(answer)}" for answer, what in answers.items())
        raise Failure("one refusal, the same in status and text", subject, f"decrypting broken blocks with {padding!r}")
    return bool(answers)


def _refusal(key: KeyPair, ciphertext: bytes, padding: Padding, doing: str) -> tuple[str, ...]:
    """Return the status and the text of a refusal, and the chained error that would be printed."""
    try:
        key.decrypt(ciphertext, padding)
    except CngError as error:
        demand(error.status == _INVALID, _INVALID.name, f"{error.status.name}: {error.message}", doing)
        chained = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        for foreign in (error.__cause__, error.__context__):
            text = str(foreign) if foreign is not None and not isinstance(foreign, CngError) else ""
            demand(len(text) < 4 or text not in error.message, "a text of its own", "the library's", doing)
        return error.status.name, error.message, *([f"from {type(chained).__name__} {chained}"] if chained else [])
    raise Failure(_INVALID.name, "STATUS_SUCCESS", doing)


def _broken_pkcs1(key: KeyPair, size: int) -> Iterator[tuple[str, bytes]]:
    """Yield ciphertexts of blocks that are not EME-PKCS1-v1_5 (RFC 8017 section 7.2.2), each with its defect."""
    filling = b"\x5a" * (size - 3)
    blocks = {
        "a block for signatures, 00 01": b"\0\1" + b"\xff" * 9 + b"\0" + filling[: size - 12],
        "a block that begins with 01": b"\1\2" + b"\x5a" * 9 + b"\0" + filling[: size - 12],
        "a block without a zero": b"\0\2" + b"\x5a" * (size - 2),
        "a block with no filling": b"\0\2\0" + filling,
        "a block with a filling of seven bytes": b"\0\2" + b"\x5a" * 7 + b"\0" + filling[: size - 10],
        "a block of zeros and a one": bytes(size - 1) + b"\1",
        "a block of any bytes": b"\0" + bytes(range(7, 256)) * (size // 249) + b"\x5a" * (size % 249 - 1),
    }
    yield from _sealed(key, size, blocks)


def _broken_oaep(key: KeyPair, size: int, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield ciphertexts of blocks that are not EME-OAEP (section 7.1.2), and a right one for another label."""
    right = encodings.oaep_encode(b"text", b"label", size, name)
    blocks = {
        "a block that begins with 01": b"\1" + right[1:],
        "a block of zeros and a one": bytes(size - 1) + b"\1",
        "a block of any bytes": b"\0" + b"\x5a" * (size - 1),
        "a block with another last byte": right[:-1] + bytes([right[-1] ^ 1]),
        "a block for another label": encodings.oaep_encode(b"text", b"Label", size, name),
        "a block for no label": encodings.oaep_encode(b"text", b"", size, name),
    }
    yield from _sealed(key, size, blocks)


def _sealed(key: KeyPair, size: int, blocks: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Encrypt the blocks with the bare public operation: the key's own, or by the numbers of its public blob."""
    for what, block in blocks.items():
        status, ciphertext = status_of(key.encrypt, block, None)
        if status == _NOT_SUPPORTED:
            status, blob = status_of(key.export, "RSAPUBLICBLOB")
            if status != NTStatus.STATUS_SUCCESS:
                return
            numbers = wire.parse("RSAPUBLICBLOB", blob)
            number = int.from_bytes(block, "big")
            if number >= numbers.n:
                continue
            ciphertext = pow(number, numbers.e, numbers.n).to_bytes(size, "big")
            status = NTStatus.STATUS_SUCCESS
        if status == NTStatus.STATUS_SUCCESS:  # else the block is not below the modulus
            yield what, ciphertext


# --- imports -------------------------------------------------------------------------------------------------

_PRIMES = {
    256: ("f0e7e20e2b667960cc882c2544516c05", "df57fc5bf23d3516a18e6b247e24b713"),
    512: (
        "e5c68d6b1d6ed829fbc4d3b634b9bdd681fb74668cba3af50e311e02fa179f7f",
        "d2acc73ec68d6f7054de18f70e4d71d40fb7cc976ed75419cd0769c98c0a3db9",
    ),
    1025: (
        "1f446111b0e8fd7243dceb9564ae4d6ec67f3bfa0bdfc35a0001530556b6381938d91e0f4d0bc63c4577ad69326ecc685490984687ff2"
        "fa01dda5e53abd01c831",
        "83d83258956d6acac73c4f1cebdb75edb88d3de0a229a48f2a3655cf32878552b44862c5857bde9d2ff71f6d65eb3980bb73ca9347a83"
        "546da74d25fd676f6bd",
    ),
    1032: (
        "c1175034961eaf2f94606b3a380497dbe86f23585d2dd7f0568363d644b2ee57efce0619ffb7bf001463e96a63cd33cb716d2fef014c5"
        "62e03a1b6dab8e1afc63",
        "c1d5aa3d50963d22f96a4e1cc8bf18d69a8a8bf33f970cc990d2b8f0ca8353887994158893ac18b492f1511ee1dca391c73f3ec729c65"
        "9e4cb631f19c2f7618b9",
    ),
}
"""Primes of keys whose lengths Generate refuses, by the bits of the modulus. They are for tests and not secret."""

_MOST = 16384
"""Bits of the longest modulus that is imported (docs/decisions/rsa.md)."""


def _imports_rsa(one: Implementation) -> str:
    expected = ("RSAPUBLICBLOB", "RSAPRIVATEBLOB")
    if all(name in one.algorithm.blob_types and one.algorithm.blob_types[name].imports for name in expected):
        return ""
    return "it does not import both RSAPUBLICBLOB and RSAPRIVATEBLOB"


@check(
    "import-lengths",
    "implementation",
    rule="contract: rule-import-rsa-lengths, rule-import-rsa-trial; docs/decisions/rsa.md: 256 to 16384 bits",
    remedy="Import every length from 256 to 16384 bits, and let block lengths follow the modulus, PSS with one bit "
    "less. If the library cannot use a length, raise NotSupportedError; outside of these lengths raise "
    "InvalidParameterError before anything slow. Call cngcore.families.rsa.check_trial for private keys.",
    needs=_imports_rsa,
)
def import_lengths(one: Implementation) -> str:
    """RSA keys of lengths that Generate refuses are imported and work, or are NOT_SUPPORTED; huge ones are refused."""
    lacking, rule = [], one.algorithm.key_lengths
    for bits in _PRIMES:
        numbers = _known(bits)
        blob = bytes(wire.build("RSAPRIVATEBLOB", numbers))
        doing = f"importing a key of {bits} bits"
        flags = c.BCRYPT_NO_KEY_VALIDATION if bits < encodings.SMALLEST_TRIAL else 0
        status, key = status_of(one.opened.import_key_pair, "RSAPRIVATEBLOB", blob, flags)
        if status == _NOT_SUPPORTED and not (rule is not None and rule.accepts(bits, {})):
            lacking.append(f"{bits}")
            continue
        expected = "STATUS_SUCCESS, or STATUS_NOT_SUPPORTED for a length that is not declared"
        demand(status == NTStatus.STATUS_SUCCESS, expected, status.name, doing)
        if flags and one.opened.windows == NEWEST:
            refused(one.opened.import_key_pair, "RSAPRIVATEBLOB", blob, by=_INVALID, doing=f"{doing} with flags 0")
        _works(key, numbers)
        key.destroy()
    for bits in (248, _MOST + 8, 4 * _MOST):
        n = (1 << bits) - 189
        refused(
            one.opened.import_key_pair,
            "RSAPUBLICBLOB",
            wire.build("RSAPUBLICBLOB", wire.RsaKey(n, 65537)),
            by=_INVALID,
            doing=f"importing a public key of {bits} bits",
        )
    return f"does not import keys of {', '.join(lacking)} bits" if lacking else ""


def _works(key: KeyPair, numbers: wire.RsaKey) -> None:
    """Check that an imported key does what its numbers say."""
    size, subject = (numbers.bits + 7) // 8, f"with a key of {numbers.bits} bits"
    same(granted(key.get_property, c.BCRYPT_KEY_LENGTH), numbers.bits, f"reading KeyLength {subject}")
    status, offered = status_of(key.get_property, c.BCRYPT_PADDING_SCHEMES)
    if status != NTStatus.STATUS_SUCCESS:
        raise Skip("it declares no PaddingSchemes: see the check declaration")
    if offered & c.BCRYPT_SUPPORTED_PAD_PKCS1_SIG:
        block = encodings.pkcs1_signature_block(b"ten bytes.", size)
        expected = pow(int.from_bytes(block, "big"), numbers.d, numbers.n).to_bytes(size, "big")
        same(
            granted(key.sign_hash, b"ten bytes.", Pkcs1(None), doing=f"signing {subject}"),
            expected,
            f"signing {subject}",
        )
        granted(key.verify_signature, b"ten bytes.", expected, Pkcs1(None), doing=f"verifying {subject}")
    if offered & c.BCRYPT_SUPPORTED_PAD_PSS:
        longest = ways.room(numbers.bits) - 20 - 2
        for salt in (0, longest):
            doing = f"with a salt of {salt} bytes {subject}"
            signature = granted(key.sign_hash, bytes(20), Pss("SHA1", salt), doing=f"signing {doing}")
            granted(key.verify_signature, bytes(20), signature, Pss("SHA1", salt), doing=f"verifying {doing}")
        doing, longer = f"with a salt of {longest + 1} bytes {subject}", Pss("SHA1", longest + 1)
        refused(key.sign_hash, bytes(20), longer, by=_INVALID, doing=f"signing {doing}")
        refused(
            key.verify_signature, bytes(20), bytes(size - 1) + b"\1", longer, by=_INVALID, doing=f"verifying {doing}"
        )
    if offered & c.BCRYPT_SUPPORTED_PAD_PKCS1_ENC:
        ciphertext = granted(key.encrypt, b"text", Pkcs1(), doing=f"encrypting {subject}")
        same(len(ciphertext), size, f"encrypting {subject}")
        same(
            bytes(granted(key.decrypt, ciphertext, Pkcs1(), doing=f"decrypting {subject}")),
            b"text",
            f"decrypting {subject}",
        )


def imported_only(kind: Kind) -> Iterator[tuple[str, bytes]]:
    """Yield the private RSA blob types that are imported but not exported, as of a device that keeps its keys."""
    for name in kind.blob_types(private=True, imports=True):
        if name in ("RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB") and not kind.algorithm.blob_types[name].exports:
            yield name, bytes(wire.build(name, _known(1032)))


def _known(bits: int) -> wire.RsaKey:
    """Return one of the keys whose primes are above."""
    p, q = (int(prime, 16) for prime in _PRIMES[bits])
    return wire.complete(wire.RsaKey(p * q, 65537, p, q))


def no_keys(blob_type: str, blob: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield well-formed private RSA blobs without a valid key, each with its defect."""
    key = wire.parse(blob_type, blob)
    if blob_type in ("RSAFULLPRIVATEBLOB", "CAPIPRIVATEBLOB"):
        widths = {"dp": key.p, "dq": key.q, "qinv": key.p, "d": key.n}
        for name, below in widths.items():
            value = getattr(key, name)
            wrong = {**_numbers(key), name: value + 2 if value + 2 < below else value - 2}
            yield f"another {name}", bytes(wire.build(blob_type, wire.RsaKey(**wrong)))
    composite = _composite(key)
    spoilt = wire.complete(wire.RsaKey(key.p * composite, key.e, key.p, composite))
    yield "a composite q, with everything else consistent", bytes(wire.build(blob_type, spoilt))


def _numbers(key: wire.RsaKey) -> dict[str, int]:
    return {name: getattr(key, name) for name in ("n", "e", "p", "q", "dp", "dq", "qinv", "d")}


def _composite(key: wire.RsaKey) -> int:
    """Return a composite number in place of q, without small factors, for which all other numbers can be computed."""
    chance = random.Random(key.n)  # noqa: S311 - a test number, the same each time
    size = key.q.bit_length()
    while True:
        number = chance.getrandbits(size) | 1 | 3 << size - 2
        small = any(number % factor == 0 for factor in range(3, 1000, 2))
        if small or pow(2, number - 1, number) == 1 or (number - 1) % key.e == 0 or key.p % number == 0:
            continue
        if (key.p * number).bit_length() == key.bits:
            return number
