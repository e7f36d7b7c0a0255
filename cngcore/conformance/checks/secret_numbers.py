"""Check the numbers of secrets: agreed, or rejected by ML-KEM, against arithmetic of the kit's own."""

from __future__ import annotations

from cngcore.blobs.curves import MONTGOMERY
from cngcore.conformance import numbers
from cngcore.conformance._check import Failure, Skip, check, demand, granted, refused, same, status_of
from cngcore.conformance._subject import Clock, Kind
from cngcore.conformance.checks.numbers import (
    PRIVATE,
    REFUSALS,
    CurveKeys,
    chance,
    number_blobs,
    power_blobs,
    powers_of,
)
from cngcore.objects import KeyPair
from cngcore.status import NTStatus

_OK = NTStatus.STATUS_SUCCESS
_BAD = NTStatus.STATUS_INVALID_SIGNATURE
_INVALID = NTStatus.STATUS_INVALID_PARAMETER


@check(
    "agree-numbers",
    "key",
    operations=["agree"],
    rule="contract: rule-derive-secret-bytes, rule-derive-x25519; SP 800-56A section 5.7.1; RFC 7748 sections 5, 6.1; "
    "docs/decisions/agreement.md",
    remedy="Return the secret in its full width, also if it begins or ends with zero bytes. Refuse a secret that is "
    "infinity, 0, 1 or p - 1. X25519 ignores bit 255 of a public key and accepts one that is not reduced.",
    needs=number_blobs,
)
def agree_numbers(kind: Kind) -> str:
    """Secrets are those that integer arithmetic computes, also if they begin or end with zero bytes; a degenerate one
    is refused."""
    keys = CurveKeys.of(kind)
    if keys is not None and keys.curve.curve_type == MONTGOMERY:
        return _agree_x25519(kind, keys)
    if keys is None:
        return _agree_powers(kind)
    if not keys.makes_private or keys.curve.h != 1 or keys.curve.curve_type != 1:
        raise Skip("the kit knows no private number, or the cofactor of the curve is not 1")
    n, group = keys.curve.n, numbers.group(keys.curve)
    tried = 0
    for d in (chance("agree", keys.curve.name) % n, 1, n - 1):
        status, own = keys.imported(d)
        if status != _OK:
            continue
        targets = {"any": chance("target") % n, **keys.thin()}
        for what, target in targets.items():
            peer_point, secret = keys.multiple(target * pow(d, -1, n) % n), group.multiply(target) or (0, 0)
            peer = granted(kind.imported, "ECCPUBLICBLOB", keys.public(*peer_point), doing="importing a peer")
            raw = granted(own.agree, peer, doing="agreeing").derive("TRUNCATE")[::-1]
            same(bytes(raw), secret[0].to_bytes(keys.size, "big"), f"agreeing on a point: {what}")
            tried += 1
    d = chance("agree", keys.curve.name) % n
    status, own = keys.imported(d)
    if status == _OK:
        tried += _many_peers(keys, own, d)
    return f"{tried} secrets"


def _many_peers(keys: CurveKeys, own: KeyPair, d: int) -> int:
    """Agree with many peers, so that a cache under a part of a key gives a wrong secret; return how many."""
    group, first = numbers.group(keys.curve), chance("peers") % keys.curve.n
    step = group.multiply(d)
    peer, secret = group.multiply(first), group.multiply(first * d)
    clock, most = Clock(), 3.0 if keys.kind.options.slow else 0.3
    for number in range(_PEERS):
        peer, secret = group.add(peer, group.generator), group.add(secret, step)
        other = granted(keys.kind.imported, "ECCPUBLICBLOB", keys.public(*(peer or (0, 0))), doing="importing a peer")
        raw = granted(own.agree, other, doing="agreeing").derive("TRUNCATE")[::-1]
        expected = (secret or (0, 0))[0].to_bytes(keys.size, "big")
        same(bytes(raw), expected, f"agreeing with peer {number + 1} of many")
        if clock.seconds > most:
            break
    return number + 1


_PEERS = 700
_P25519 = 2**255 - 19
_LOW = {
    "0": 0, "1": 1, "p - 1": _P25519 - 1, "p": _P25519, "p + 1": _P25519 + 1,
    "a point of order 8": 325606250916557431795983626356110631294008115727848805560023387167927233504,
    "the other point of order 8": 39382357235489614581723060781553021112529911719440698176882885853963445705823,
}  # fmt: skip
"""Public keys of X25519 whose secrets are zero."""


def _agree_x25519(kind: Kind, keys: CurveKeys) -> str:
    head = keys.heads["ECCPUBLICBLOB"]
    key, d = kind.key, None
    if keys.makes_private:
        d = bytes(kind.key.export(PRIVATE))[-32:]
    for what, u in _LOW.items():
        for high in (0, 1 << 255):
            blob = head + (u | high).to_bytes(32, "little") + bytes(32)
            doing = f"agreeing with a public key of X25519 that is {what}{' with bit 255' if high else ''}"
            status, peer = status_of(kind.imported, "ECCPUBLICBLOB", blob)
            if status == _OK:
                refused(key.agree, peer, by=_INVALID, doing=doing)
            else:
                demand(status in REFUSALS, "a refusal", status.name, doing)
    if d is None:
        raise Skip("it exports no ECCPRIVATEBLOB, so the kit does not know the scalar")
    tried = 0
    peers = {"9": 9, "9 + p": 9 + _P25519, "p + 18": _P25519 + 18, "p - 2": _P25519 - 2, "2^255 - 1": 2**255 - 1}
    peers |= {"any": chance("u") % _P25519, "one that ends with a zero byte": chance("u") % 2**247}
    for what, u in peers.items():
        for high in (0, 1 << 255):
            raw = (u | high).to_bytes(32, "little")
            doing = f"agreeing with a public key of X25519 that is {what}{' with bit 255' if high else ''}"
            peer = granted(kind.imported, "ECCPUBLICBLOB", head + raw + bytes(32), doing=doing)
            came = granted(key.agree, peer, doing=doing).derive("TRUNCATE")[::-1]
            same(bytes(came), numbers.x25519(d, raw), doing)
            tried += 1
    return f"{tried} secrets"


def _agree_powers(kind: Kind) -> str:
    powers = powers_of(kind, kind.key)
    if powers is None or powers[4] is None:
        raise Skip("it exports no private number")
    p, g, _, y, _ = powers
    width = (p.bit_length() + 7) // 8
    found: dict[str, tuple[int, int]] = {}
    b = chance("peer") % (p >> 8)
    peer, secret = pow(g, b, p), pow(y, b, p)
    found["any"] = peer, secret
    for _ in range(2000):
        peer, secret = peer * g % p, secret * y % p
        for what, yes in (("begins", secret >> 8 * (width - 1) == 0), ("ends", secret & 0xFF == 0)):
            if yes:
                found.setdefault(f"one that {what} with a zero byte", (peer, secret))
        if len(found) == 3:
            break
    for what, (peer, secret) in found.items():
        for name, blob in power_blobs(kind, peer):
            other = granted(kind.imported, name, blob, doing=f"importing a peer ({what})")
            raw = granted(kind.key.agree, other, doing="agreeing").derive("TRUNCATE")[::-1]
            same(bytes(raw), secret.to_bytes(width, "big"), f"agreeing on a secret: {what}")
    return f"{len(found)} secrets"


# --- ML-KEM ---------------------------------------------------------------------------------------------------------


@check(
    "rejection-numbers",
    "key",
    operations=["encapsulate"],
    rule="FIPS 203 algorithm 18: the secret of a rejected ciphertext is J(z || c), SHAKE256 with 32 bytes of output",
    remedy="Compare the whole ciphertext with the one encrypted again, in constant time, and return SHAKE256(z || c) if"
    " they differ. z is the second half of the seed, and the last 32 bytes of the private key.",
    needs=lambda one: "" if "MLKEMPUBLICBLOB" in one.algorithm.blob_types else "it has no blobs of ML-KEM",
)
def rejection_numbers(kind: Kind) -> str:
    """A ciphertext with any changed bit gives SHAKE256(z || c), computed by the kit from the private blob."""
    z = None
    for name in ("MLKEMPRIVATESEEDBLOB", "MLKEMPRIVATEBLOB"):
        if name in kind.blob_types(exports=True):
            status, blob = status_of(kind.key.export, name)
            z = bytes(blob)[-32:] if status == _OK else z
    if z is None:
        raise Skip("it exports no private blob, so the kit does not know z")
    secret, ciphertext = granted(kind.key.encapsulate)
    bits = range(8 * len(ciphertext)) if kind.options.slow else [8 * n + n % 8 for n in range(len(ciphertext))]
    tried = 0
    for bit in bits:
        changed = bytearray(ciphertext)
        changed[bit // 8] ^= 1 << bit % 8
        doing = f"decapsulating with bit {bit % 8} of byte {bit // 8} turned"
        came = granted(kind.key.decapsulate, bytes(changed), doing=doing)
        if bytes(came) != numbers.rejection(z, bytes(changed)):
            what = "the secret of the right ciphertext" if bytes(came) == bytes(secret) else "another secret"
            raise Failure("SHAKE256(z || c)", what, doing)
        tried += 1
    for what, noise in (("zeros", bytes(len(ciphertext))), ("ones", b"\xff" * len(ciphertext))):
        came = granted(kind.key.decapsulate, noise, doing=f"decapsulating {what}")
        same(bytes(came), numbers.rejection(z, noise), f"decapsulating {what}")
    return f"{tried} changed ciphertexts"
