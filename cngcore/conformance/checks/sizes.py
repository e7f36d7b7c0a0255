"""Check size queries, short and exact buffers (contract: rule-size-query), and that sizes do not depend on numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cngcore.conformance import _samples as ways
from cngcore.conformance._check import Skip, bcrypt, check, demand, granted, same, status_of
from cngcore.conformance._signing import BUDGET, verify
from cngcore.conformance._subject import Clock, Kind
from cngcore.objects import KeyPair
from cngcore.status import NTStatus

_FILL = 0xA5


def _three(
    call: Callable[[object], object],
    doing: str,
    *,
    exact: bool = True,
    right: Callable[[bytearray], object] | None = None,
) -> None:
    """Check that NULL gives the size, a short buffer BUFFER_TOO_SMALL and no byte, a long enough buffer the result,
    which ``right`` tests.
    """
    size = granted(call, None, doing=f"{doing}: the size query")
    demand(type(size) is int and size > 0, "a size", repr(size), f"{doing}: the size query")
    for length in {0, 1, size // 2, size - 1} - {size}:
        short = bytearray([_FILL]) * length
        status, needed = status_of(call, short)
        same((status.name, needed), ("STATUS_BUFFER_TOO_SMALL", size), f"{doing} into {length} bytes of {size}")
        demand(short == bytes([_FILL]) * length, "an untouched buffer", "a changed one", f"{doing} into a short buffer")
    for extra in (0, 7):
        buffer = bytearray([_FILL]) * (size + extra)
        written = granted(call, buffer, doing=f"{doing} into {size + extra} bytes")
        demand(written == size if exact else written <= size, f"{size} bytes", f"{written}", f"{doing}: bytes written")
        tail = buffer[written:]
        demand(tail == bytes([_FILL]) * len(tail), "nothing past the end", "bytes changed there", doing)
        if right is not None:
            right(buffer[:written])
    for wrong in (b"\0" * size, 7, "text"):
        status, _ = status_of(call, wrong)
        same(status.name, "STATUS_INVALID_PARAMETER", f"{doing} into {type(wrong).__name__}, which cannot be written")


@check(
    "size-queries",
    "key",
    rule="contract: rule-size-query",
    remedy="Let signature_length, encryption_length and kem_lengths be the exact sizes of the results, for a public "
    "half too.",
)
def size_queries(kind: Kind) -> None:
    """Every call with an output gives its size, refuses a short buffer without changing it, and fills an exact one."""
    with kind.flat_key() as (_, key):
        for name in kind.blob_types(exports=True):
            _three(lambda out, name=name: bcrypt.BCryptExportKey(key, None, name, out), f"exporting {name}")  # type: ignore[misc]
        if "sign" in kind.algorithm.operations:
            way = ways.signing(kind)[0]
            info, flags = ways.flat_signature(way.padding)
            right = partial(_verify, key, way)
            _three(lambda out: bcrypt.BCryptSignHash(key, info, way.data, out, flags), f"signing {way}", right=right)
            size = granted(bcrypt.BCryptSignHash, key, None, None, None, 0, doing="the size query without a hash")
            same(size, kind.public_only().size_of("sign"), "the size query on a public half")
        if "encrypt" in kind.algorithm.operations:
            way = ways.encrypting(kind)[0]
            info, flags = ways.flat_encryption(way.padding)
            _three(lambda out: bcrypt.BCryptEncrypt(key, way.data, info, None, out, flags), f"encrypting {way}")
            ciphertext = bytearray(granted(bcrypt.BCryptEncrypt, key, way.data, info, None, None, flags))
            granted(bcrypt.BCryptEncrypt, key, way.data, info, None, ciphertext, flags)
            _three(lambda out: bcrypt.BCryptDecrypt(key, ciphertext, info, None, out, flags), "decrypting it")
        if "encapsulate" in kind.algorithm.operations:
            _encapsulation(key)


def _verify(key: int, way: ways.Way, signature: bytearray) -> None:
    info, flags = ways.flat_signature(way.padding)
    granted(bcrypt.BCryptVerifySignature, key, info, way.data, signature, flags, doing=f"verifying after signing {way}")


def _sign(kind: Kind, way: ways.Way, size: int, doing: str) -> None:
    signature = granted(kind.key.sign_hash, way.data, way.padding, doing=doing)
    same(len(signature), size, doing)
    verify(kind, kind.key, way.data, signature, way.padding, doing)


def _encapsulation(key: int) -> None:
    status, sizes = status_of(bcrypt.BCryptEncapsulate, key)
    same(status.name, "STATUS_SUCCESS", "encapsulating: the size query")
    secret_size, ciphertext_size = sizes
    for secret_length, length in ((secret_size - 1, ciphertext_size), (secret_size, ciphertext_size - 1), (0, 0)):
        secret, ciphertext = bytearray([_FILL]) * secret_length, bytearray([_FILL]) * length
        status, needed = status_of(bcrypt.BCryptEncapsulate, key, secret, ciphertext)
        same((status.name, needed), ("STATUS_BUFFER_TOO_SMALL", sizes), "encapsulating into short buffers")
        demand(
            set(secret + ciphertext) <= {_FILL}, "untouched buffers", "changed ones", "encapsulating into short buffers"
        )
    for one_missing in ((None, bytearray(ciphertext_size)), (bytearray(secret_size), None)):
        status, _ = status_of(bcrypt.BCryptEncapsulate, key, *one_missing)
        same(status.name, "STATUS_INVALID_PARAMETER", "encapsulating with one buffer NULL")
    secret, ciphertext = bytearray(secret_size), bytearray(ciphertext_size)
    same(granted(bcrypt.BCryptEncapsulate, key, secret, ciphertext), sizes, "encapsulating into exact buffers")
    _three(lambda out: bcrypt.BCryptDecapsulate(key, ciphertext, out), "decapsulating")


# --- sizes that the numbers do not change ------------------------------------------------------------------


def thin_keys(kind: Kind, most: int) -> list[KeyPair]:
    """Return imported keys with small private numbers, so that some have numbers with leading zero bytes.

    A private ECC blob may lack its point, and x of a DH blob may be any small number; the names of the blobs show which
    applies. Otherwise return as many new keys as a fifth of a second allows.
    """
    types = kind.blob_types(private=True, imports=True, exports=True)
    if "ECCPRIVATEBLOB" in types:
        blob = bytes(kind.key.export("ECCPRIVATEBLOB"))
        size = int.from_bytes(blob[4:8], "little")
        head = blob[:8] + bytes(2 * size)
        made = []
        for d in range(1, most + 1):
            status, key = status_of(kind.imported, "ECCPRIVATEBLOB", head + d.to_bytes(size, "big"))
            if status != NTStatus.STATUS_SUCCESS:
                break  # a Montgomery curve accepts only clamped numbers
            made.append(key)
        if made:
            return made
    if "DHPRIVATEBLOB" in types:
        blob = bytes(kind.key.export("DHPRIVATEBLOB"))
        size = int.from_bytes(blob[4:8], "little")
        p, g = (int.from_bytes(blob[8 + i * size : 8 + (i + 1) * size], "big") for i in (0, 1))
        made = []
        for x in range(size // 2, size // 2 + min(most, 24)):
            numbers = pow(g, x, p).to_bytes(size, "big") + x.to_bytes(size, "big")
            status, key = status_of(kind.imported, "DHPRIVATEBLOB", blob[: 8 + 2 * size] + numbers)
            if status == NTStatus.STATUS_SUCCESS:
                made.append(key)
        if made:
            return made
    clock, longest = Clock(), 0.05 if kind.parameter_set else 0.2
    drawn = [kind.new()]
    while len(drawn) < most and clock.seconds < longest:
        drawn.append(kind.new())
    return drawn


@check(
    "blob-sizes",
    "key",
    rule="contract: rule-layout: numbers have a fixed width, padded on the left",
    remedy="Write every number in the full width of its field: number.to_bytes(width, 'big').",
    needs=lambda one: "" if any(b.exports for b in one.algorithm.blob_types.values()) else "it exports no blobs",
)
def blob_sizes(kind: Kind) -> None:
    """The blobs of all keys of one kind have one size, however many leading zeros the numbers have."""
    keys = thin_keys(kind, 400)
    for name in kind.blob_types(exports=True):
        size = len(kind.key.export(name))
        for key in keys:
            status, blob = status_of(key.export, name)
            if status == NTStatus.STATUS_SUCCESS:
                same(len(blob), size, f"exporting {name} of another key of {kind}")


@check(
    "signature-sizes",
    "key",
    operations=["sign"],
    rule="contract: rule-get-property, rule-sign",
    remedy="Write r and s in the width of the order each, r || s without DER; signature_length is the size of every "
    "signature.",
)
def signature_sizes(kind: Kind) -> None:
    """Every signature has exactly the length of the size query and of SignatureLength; those whose r or s begins or
    ends with a zero byte hold by integer arithmetic."""
    size = kind.key.size_of("sign")
    for way in ways.signing(kind):
        clock = Clock()
        for _ in range(3):
            _sign(kind, way, size, f"signing {way}")
            if clock.seconds > 0.1:
                break
    way = ways.signing(kind)[0]
    fixed = way.padding is not None or kind.parameter_set is not None
    clock, longest = Clock(), 0.05 if fixed else 0.8 + max(0.0, BUDGET - kind.arithmetic_seconds)
    for _ in range(2500):  # one in 64 signatures has a number that begins or ends with a zero byte
        _sign(kind, way, size, f"signing {way} again and again")
        if clock.seconds > longest:
            break


@check(
    "secret-sizes",
    "key",
    operations=["agree"],
    rule="contract: rule-derive-secret-bytes: Z is padded to the length of the field or of p",
    remedy="Return the secret in its full width: Z.to_bytes(width, 'big'), with leading zeros.",
)
def secret_sizes(kind: Kind) -> None:
    """The secrets of all keys of one kind have one size, however many leading zeros they have."""
    keys = thin_keys(kind, 300)
    if len(keys) < 2:
        raise Skip("there are no two keys to agree")
    size = len(kind.key.agree(kind.another).derive("TRUNCATE"))
    first = keys[1]
    for key in keys:
        status, secret = status_of(first.agree, key)
        if status == NTStatus.STATUS_SUCCESS:
            same(len(secret.derive("TRUNCATE")), size, "agreeing with another key")
