"""Check malformed blobs: refused with a documented status, without a provider fault, and without a hang."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator

from cngcore.blobs import rsa as wire
from cngcore.conformance._check import Failure, Skip, check, refused, status_of
from cngcore.conformance._subject import Clock, Implementation, Kind
from cngcore.conformance.checks import rsa
from cngcore.status import NTStatus

DOCUMENTED = (
    NTStatus.STATUS_INVALID_PARAMETER,
    NTStatus.STATUS_NOT_SUPPORTED,
    NTStatus.STATUS_INVALID_BUFFER_SIZE,
    NTStatus.NTE_BAD_DATA,
)
"""The statuses for blobs that are not well-formed (contract: rule-import)."""

_PATIENCE = 60.0
_CURVE_MAGICS = (b"ECK", b"ECS", b"ECDP", b"ECDV")
_TAKES_MORE = ("MLKEMPUBLICBLOB", "MLKEMPRIVATEBLOB", "MLKEMPRIVATESEEDBLOB")
_SIZE_FIELDS = {
    "RSAPUBLICBLOB": (8, 12, 16, 20), "RSAPRIVATEBLOB": (8, 12, 16, 20), "RSAFULLPRIVATEBLOB": (8, 12, 16, 20),
    "DSAPUBLICBLOB": (4,), "DSAPRIVATEBLOB": (4,), "DHPUBLICBLOB": (4,), "DHPRIVATEBLOB": (4,),
    "ECCPUBLICBLOB": (4,), "ECCPRIVATEBLOB": (4,), "ECCFULLPUBLICBLOB": (16, 20, 24, 28),
    "ECCFULLPRIVATEBLOB": (16, 20, 24, 28), "PQDSAPUBLICBLOB": (4, 8), "PQDSAPRIVATEBLOB": (4, 8),
    "PQDSAPRIVATESEEDBLOB": (4, 8), "MLKEMPUBLICBLOB": (4, 8),
    "MLKEMPRIVATEBLOB": (4, 8), "MLKEMPRIVATESEEDBLOB": (4, 8),
}  # fmt: skip
"""The offsets of the DWORDs that are lengths (contract: rule-layout)."""


def _both_ways(one: Implementation) -> str:
    return (
        ""
        if any(b.imports and b.exports for b in one.algorithm.blob_types.values())
        else "no blob type is both exported and imported"
    )


def _blobs(kind: Kind) -> Iterator[tuple[str, bytes]]:
    for name in kind.blob_types(imports=True, exports=True):
        yield name, bytes(kind.key.export(name))


def _in_time(work: Callable[[], None], doing: str) -> None:
    """Run the check in its own thread. Raise Failure if it does not end, else whatever it raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_PATIENCE)
    if thread.is_alive():
        raise Failure("an answer", f"none within {_PATIENCE:.0f} s", doing)
    if raised:
        raise raised[0]


@check(
    "blob-truncated",
    "key",
    rule="contract: rule-import",
    remedy="Compare the length of a blob with its header before you read on; cngcore.blobs does it for every layout "
    "of the header.",
    needs=_both_ways,
)
def blob_truncated(kind: Kind) -> None:
    """A blob cut off at any place is refused with a documented status."""

    def work() -> None:
        for name, blob in _blobs(kind):
            cuts = {*range(min(40, len(blob))), *(len(blob) * n // 16 for n in range(16)), len(blob) - 1, len(blob) - 2}
            for length in sorted(cuts):
                refused(
                    kind.imported,
                    name,
                    blob[:length],
                    by=DOCUMENTED,
                    doing=f"importing {length} of {len(blob)} bytes of {name}",
                )

    _in_time(work, "importing cut blobs")


@check(
    "blob-extended",
    "key",
    rule="contract: rule-import-dh-trailing, rule-import-ecc-trailing, rule-import-mlkem-trailing; "
    "docs/decisions/blobs.md",
    remedy="Ignore the bytes after an ECC or ML-KEM blob. Refuse any other blob that is longer than its header "
    "describes (INVALID_PARAMETER, RSA: NTE_BAD_DATA).",
    needs=_both_ways,
)
def blob_extended(kind: Kind) -> None:
    """Trailing bytes are ignored after ECC and ML-KEM blobs; after any other blob they are refused."""
    for name, blob in _blobs(kind):
        for extra in (b"\0", b"\xff", bytes(64), blob):
            if name in _TAKES_MORE or blob.startswith(_CURVE_MAGICS):
                status, key = status_of(kind.imported, name, blob + extra)
                if status != NTStatus.STATUS_SUCCESS or bytes(key.export(name)) != blob:
                    raise Failure("the same key", status.name, f"importing {name} with {len(extra)} bytes behind it")
            else:
                refused(
                    kind.imported,
                    name,
                    blob + extra,
                    by=DOCUMENTED,
                    doing=f"importing {name} with {len(extra)} bytes more",
                )


@check(
    "blob-magic",
    "key",
    rule="contract: rule-import-magic",
    remedy="Read the magic and refuse every magic that does not belong to the blob type and the algorithm.",
    needs=_both_ways,
)
def blob_magic(kind: Kind) -> None:
    """A blob with another magic is refused, and so is a public blob under a private type."""
    for name, blob in _blobs(kind):
        for magic in (
            bytes(4),
            b"\xff" * 4,
            b"NONE",
            blob[:4][::-1],
            bytes([blob[0] ^ 1]) + blob[1:4],
            b"RSA9",
            b"SLH1",
        ):
            if magic != blob[:4]:
                refused(
                    kind.imported, name, magic + blob[4:], by=DOCUMENTED, doing=f"importing {name} with magic {magic!r}"
                )
    public = [(name, blob) for name, blob in _blobs(kind) if not kind.algorithm.blob_types[name].private]
    for private in kind.blob_types(private=True, imports=True):
        for name, blob in public:
            refused(kind.imported, private, blob, by=DOCUMENTED, doing=f"importing {name} under the type {private}")


@check(
    "blob-header",
    "key",
    rule="contract: rule-import, rule-layout",
    remedy="Compare every length of the header with the algorithm and the length of the blob before you use it.",
    needs=_both_ways,
)
def blob_header(kind: Kind) -> None:
    """A length field with any other value is refused; other header fields never make the provider fail."""

    def work() -> None:
        for name, blob in _blobs(kind):
            sizes = _SIZE_FIELDS.get(name, ())
            for offset in range(4, min(32, len(blob) - 3), 4):
                value = int.from_bytes(blob[offset : offset + 4], "little")
                for other in {
                    0,
                    1,
                    2,
                    value - 1,
                    value + 1,
                    value + 8,
                    value * 2,
                    0x7FFFFFFF,
                    0x80000000,
                    0xFFFFFFFF,
                } - {value}:
                    changed = blob[:offset] + (other & 0xFFFFFFFF).to_bytes(4, "little") + blob[offset + 4 :]
                    allowed = DOCUMENTED if offset in sizes else (*DOCUMENTED, NTStatus.STATUS_SUCCESS)
                    doing = f"importing {name} with the DWORD at {offset} changed from {value} to {other & 0xFFFFFFFF}"
                    refused(kind.imported, name, changed, by=allowed, doing=doing)

    _in_time(work, "importing blobs with changed headers")


@check(
    "blob-mutations",
    "key",
    rule="contract: rule-import, rule-python-internal-error: INTERNAL_ERROR is kept for a provider's own fault",
    remedy="Raise only CngError from import_key: translate exceptions of the back end where it is called.",
    needs=_both_ways,
)
def blob_mutations(kind: Kind) -> None:
    """Random changes, the same in every run, are imported or refused with a documented status, never INTERNAL_ERROR."""
    chance = random.Random(20251125)  # noqa: S311 - a fixed sequence is the point

    def work() -> None:
        for name, blob in _blobs(kind):
            clock, most = Clock(), 2.0 if kind.options.slow else 0.12
            for _ in range(600):
                changed = bytearray(blob)
                for _ in range(chance.choice((1, 1, 2, 8))):
                    place = (
                        chance.randrange(len(changed))
                        if chance.random() < 0.7
                        else chance.randrange(min(40, len(changed)))
                    )
                    changed[place] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
                if chance.random() < 0.2:
                    del changed[chance.randrange(len(changed)) :]
                status, message = status_of(kind.imported, name, bytes(changed))
                if status not in (*DOCUMENTED, NTStatus.STATUS_SUCCESS):
                    raise Failure(
                        "success or a documented status", f"{status.name}: {message}", f"importing a mutation of {name}"
                    )
                if clock.seconds > most:
                    break

    _in_time(work, "importing random mutations")


# --- well-formed, and yet no key ---------------------------------------------------------------------------------


@check(
    "blob-invalid-key",
    "key",
    rule="contract: rule-import; SP 800-56A section 5.6.2.3, FIPS 203 section 7; docs/decisions/rsa.md",
    remedy="Check the content of a blob: points are on their curve, numbers in range, halves belong together "
    "(cngcore.blobs.rsa.check); for RSA, whose composites can pass for primes, verify one trial signature.",
    needs=_both_ways,
)
def blob_invalid_key(kind: Kind) -> None:
    """Well-formed blobs without a valid key are refused: points off the curve, numbers out of range, mixed halves."""
    tried = 0
    for name, blob in _blobs(kind):
        for what, wrong in _no_keys(kind, name, blob):
            refused(kind.imported, name, wrong, by=DOCUMENTED, doing=f"importing {name} with {what}")
            tried += 1
    for name, known in kind.implementation.kit_data.invalid_blobs.items():
        for what, wrong in known.items():
            refused(kind.imported, name, wrong, by=DOCUMENTED, doing=f"importing {name} with {what}")
            tried += 1
    for name, blob in rsa.imported_only(kind):
        for what, wrong in rsa.no_keys(name, blob):
            refused(kind.imported, name, wrong, by=DOCUMENTED, doing=f"importing {name} with {what}")
            tried += 1
    if not tried:
        raise Skip("the kit knows no well-formed blob with an invalid key for the layouts of its blobs")


def _no_keys(kind: Kind, name: str, blob: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the defect and the blob, for the layout of the blob type."""
    if name in ("ECCPUBLICBLOB", "ECCPRIVATEBLOB"):
        yield from _no_points(kind, name, blob)
    elif name in ("DHPUBLICBLOB", "DHPRIVATEBLOB"):
        size = int.from_bytes(blob[4:8], "little")
        p = int.from_bytes(blob[8 : 8 + size], "big")
        at = 8 + 2 * size
        for what, y in (("y = 0", 0), ("y = 1", 1), ("y = p - 1", p - 1), ("y = p", p)):
            yield what, blob[:at] + y.to_bytes(size, "big") + blob[at + size :]
        if name == "DHPRIVATEBLOB":
            yield "x = 0", blob[: at + size] + bytes(size)
            other = bytes(kind.another.export(name))
            if other[:at] == blob[:at]:
                yield "the y of another key", blob[:at] + other[at : at + size] + blob[at + size :]
    elif name in ("RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB", "CAPIPRIVATEBLOB"):
        if name == "RSAPRIVATEBLOB":
            changed = bytearray(blob)
            changed[-1] ^= 2
            yield "a q that does not divide n", bytes(changed)
        yield from rsa.no_keys(name, blob)
    elif name == "RSAPUBLICBLOB":
        public = wire.parse(name, blob)
        if public.bits > wire.MOST_EXPONENT_BITS + 1:
            long = wire.RsaKey(public.n, 1 << wire.MOST_EXPONENT_BITS | 1)
            yield "a public exponent of 65 bits", bytes(wire.build(name, long))
    elif name == "MLKEMPUBLICBLOB":
        start = 12 + int.from_bytes(blob[4:8], "little")
        yield "a coefficient that is not below q", blob[:start] + b"\xff\xff\xff" + blob[start + 3 :]
    elif name == "MLKEMPRIVATEBLOB":
        changed = bytearray(blob)
        changed[-40] ^= 1
        yield "another hash of its public key", bytes(changed)
    elif name == "DSAPUBLICBLOB" and blob[:4] == b"DSPB":
        yield "a q that is even", blob[:32] + b"\xfa" + bytes(19) + blob[52:]


def _no_points(kind: Kind, name: str, blob: bytes) -> Iterator[tuple[str, bytes]]:
    from cngcore.blobs.curves import CURVES

    size = int.from_bytes(blob[4:8], "little")
    x, y = (int.from_bytes(blob[8 + i * size : 8 + (i + 1) * size], "big") for i in (0, 1))
    curve = next((c for c in CURVES.values() if c.curve_type == 1 and c.field_bytes == size and c.on_curve(x, y)), None)
    if curve is None:
        return  # every string is a point of a Montgomery curve
    tail = blob[8 + 2 * size :]
    for what, point in (
        ("a point off the curve", (x, y ^ 1)),
        ("coordinates swapped", (y, x)),
        ("X = 0", (0, y)),
        ("coordinates of ones", ((1 << 8 * size) - 1, (1 << 8 * size) - 1)),
        *([("the point at infinity", (0, 0))] if not tail else []),
    ):
        yield what, blob[:8] + point[0].to_bytes(size, "big") + point[1].to_bytes(size, "big") + tail
    if tail:
        for what, d in (("d = 0", 0), ("d = n", curve.n)):
            if d.bit_length() <= 8 * size:
                yield what, blob[: 8 + 2 * size] + d.to_bytes(size, "big")
        yield "the point of another key", bytes(kind.another.export(name))[: 8 + 2 * size] + tail
