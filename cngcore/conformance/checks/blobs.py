"""Check well-formed blobs: each declared type is exported and imported byte for byte, with the right half."""

from __future__ import annotations

from collections.abc import Iterator

from cngcore import constants
from cngcore.blobs import dh
from cngcore.conformance._check import Skip, check, demand, granted, refused, same, status_of
from cngcore.conformance._subject import Clock, Implementation, Kind
from cngcore.conformance.checks.secrecy import new_material
from cngcore.constants import BCRYPT_NO_KEY_VALIDATION
from cngcore.status import NTStatus

_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_NOT_SUPPORTED = NTStatus.STATUS_NOT_SUPPORTED

FOREIGN = (
    "RSAPUBLICBLOB", "RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB", "DSAPUBLICBLOB", "DSAPRIVATEBLOB", "DHPUBLICBLOB",
    "DHPRIVATEBLOB", "ECCPUBLICBLOB", "ECCPRIVATEBLOB", "ECCFULLPUBLICBLOB", "PQDSAPUBLICBLOB", "PQDSAPRIVATEBLOB",
    "MLKEMPUBLICBLOB", "MLKEMPRIVATESEEDBLOB", "OpaqueKeyBlob", "KeyDataBlob", "", "publicblob", "RSAPUBLICBLOB\0",
)  # fmt: skip


BUILT_IN = frozenset(value for name, value in vars(constants).items() if "BLOB" in name and isinstance(value, str))
"""The blob types of bcrypt.h."""


def _has_blobs(one: Implementation) -> str:
    return "" if one.algorithm.blob_types else "it has no blobs"


@check(
    "blob-export",
    "key",
    rule="contract: rule-export; the documentation of cngcore.provider.KeyMaterial.export",
    remedy="Declare exports=True only for blob types that a new key can be written as, and write each of them.",
    needs=_has_blobs,
)
def blob_export(kind: Kind) -> None:
    """A new key is exported as every type declared for export: bytes for a public one, else a bytearray to wipe."""
    for name in kind.blob_types(exports=True):
        blob = granted(kind.key.export, name, doing=f"exporting {name}")
        expected = bytearray if kind.algorithm.blob_types[name].private else bytes
        demand(type(blob) is expected, expected.__name__, type(blob).__name__, f"exporting {name}")
        again = granted(kind.key.export, name)
        same(again, blob, f"exporting {name} twice")
        demand(
            expected is bytes or again is not blob,
            "a fresh bytearray each time",
            "the same object",
            f"exporting {name}",
        )
        if expected is bytearray:
            again[:] = bytes(len(again))
            same(granted(kind.key.export, name), blob, f"exporting {name} after the caller wiped its copy")
    for name in kind.blob_types(private=True, exports=True)[:1]:
        own, _ = new_material(kind)
        status, blob = status_of(own.export, name)  # of the provider itself: the core copies what the caller gets
        if status == NTStatus.STATUS_SUCCESS:
            demand(type(blob) is bytearray, "bytearray", type(blob).__name__, f"KeyMaterial.export of {name}")


@check(
    "blob-round-trip",
    "key",
    rule="contract: rule-export-round-trip: a round trip is byte-exact",
    remedy="Read back every blob that export() writes, and write it again as it was.",
    needs=_has_blobs,
)
def blob_round_trip(kind: Kind) -> None:
    """An exported blob is imported and exported again byte for byte, in every type that the key still has."""
    both = kind.blob_types(imports=True, exports=True)
    if not both:
        raise Skip("no blob type is both exported and imported")
    for name in both:
        blob = granted(kind.key.export, name)
        for content in (blob, bytearray(blob), memoryview(bytes(blob))):
            twin = granted(kind.imported, name, content, doing=f"importing {name} from {type(content).__name__}")
            same(bytes(granted(twin.export, name)), bytes(blob), f"exporting {name} again")
        for other in kind.blob_types(exports=True):
            status, found = status_of(twin.export, other)
            if status == NTStatus.STATUS_SUCCESS:
                if not _same_but_for_d(other, bytes(found), bytes(kind.key.export(other))):
                    same(bytes(found), bytes(kind.key.export(other)), f"exporting {other} of a key imported as {name}")
            else:
                same(status.name, _INVALID.name, f"exporting {other} of a key imported as {name}")


def _same_but_for_d(blob_type: str, one: bytes, other: bytes) -> bool:
    """Return whether two full RSA blobs hold one key, with d taken modulo p - 1 and q - 1.

    The contract does not say which inverse d is (contract: rule-layout-rsa-d), and a blob without d leaves it to the
    provider.
    """
    from dataclasses import replace

    from cngcore.blobs import rsa

    if blob_type not in ("RSAFULLPRIVATEBLOB", "CAPIPRIVATEBLOB"):
        return False
    keys = [rsa.parse(blob_type, blob) for blob in (one, other)]
    remainders = {(key.d % (key.p - 1), key.d % (key.q - 1)) for key in keys}
    return len(remainders) == 1 and replace(keys[0], d=0) == replace(keys[1], d=0)


@check(
    "blob-types",
    "key",
    rule="contract: rule-import, rule-export",
    remedy="Declare the blob types that exist; the core refuses all others, and private types for a public half.",
    needs=lambda one: "",
)
def blob_types(kind: Kind) -> None:
    """A blob type of another algorithm, an unknown one, and one not declared for this direction are NOT_SUPPORTED."""
    declared = kind.algorithm.blob_types
    for name in FOREIGN:
        if name not in declared:
            refused(kind.key.export, name, by=_NOT_SUPPORTED, doing=f"exporting {name!r}")
            refused(kind.imported, name, bytes(64), by=_NOT_SUPPORTED, doing=f"importing {name!r}")
    for one in declared.values():
        if not one.exports or one.name in kind.without_room:
            refused(kind.key.export, one.name, by=_NOT_SUPPORTED, doing=f"exporting {one.name}")
        if not one.imports:
            refused(kind.imported, one.name, bytes(64), by=_NOT_SUPPORTED, doing=f"importing {one.name}")
    for wrong in (None, 7, b"PUBLICBLOB"):
        refused(kind.key.export, wrong, by=_INVALID, doing=f"exporting as {wrong!r}")
        refused(kind.imported, wrong, bytes(64), by=_INVALID, doing=f"importing as {wrong!r}")
    for name in kind.blob_types(imports=True)[:1]:
        for data in (None, 7, "text", [1]):
            refused(kind.imported, name, data, by=_INVALID, doing=f"importing {type(data).__name__} as {name}")


@check(
    "blob-as-given",
    "key",
    rule="the documentation of cngcore.provider.KeyMaterial: export the same bytes that were imported",
    remedy="Keep what was imported, and do not clamp, reduce or complete it; or refuse what is not in its only form.",
    needs=lambda one: "" if set(one.algorithm.blob_types) - BUILT_IN else "its blob types are those of bcrypt.h",
)
def blob_as_given(kind: Kind) -> str:
    """A blob of a type of its own that is imported is exported with the same bytes, whichever byte was changed."""
    imported = tried = 0
    clock = Clock()
    for name in kind.blob_types(imports=True, exports=True):
        if name in BUILT_IN:
            continue
        for key in (kind.key, kind.another):
            blob = bytes(granted(key.export, name))
            for what, changed in _changed(blob):
                status, twin = status_of(kind.imported, name, changed)
                tried += 1
                if status == NTStatus.STATUS_SUCCESS:
                    imported += 1
                    same(bytes(granted(twin.export, name)), changed, f"exporting {name} after {what}")
                if clock.seconds > 1.0:
                    return f"{imported} of {tried} changed blobs were imported"
    return f"{imported} of {tried} changed blobs were imported"


@check(
    "blob-halves",
    "key",
    rule="contract: rule-import, rule-export",
    remedy="Give a key from a public blob no private half, and never write a private number into a public blob.",
    needs=_has_blobs,
)
def blob_halves(kind: Kind) -> None:
    """A public blob contains no private number and gives a public key; a private blob gives both halves."""
    public = kind.blob_types(private=False, imports=True, exports=True)
    private = kind.blob_types(private=True, exports=True)
    for name in public:
        half = kind.imported(name, kind.key.export(name))
        for other in private:
            refused(half.export, other, by=_INVALID, doing=f"exporting {other} of a key imported as {name}")
    for name in kind.blob_types(private=True, imports=True, exports=True):
        twin = kind.imported(name, kind.key.export(name))
        for other in kind.blob_types(private=False, exports=True):
            same(twin.export(other), kind.key.export(other), f"exporting {other} of a key imported as {name}")
    secrets = private_parts(kind)
    for name in kind.blob_types(private=False, exports=True):
        blob = bytes(kind.key.export(name))
        for secret in secrets:
            demand(secret not in blob and secret[::-1] not in blob, "no private number", "one", f"looking into {name}")


def private_parts(kind: Kind) -> list[bytes]:
    """Return runs of 16 bytes of the key's private blobs that its public blobs do not contain."""
    public = b"".join(bytes(kind.key.export(name)) for name in kind.blob_types(private=False, exports=True))
    found = []
    for name in kind.blob_types(private=True, exports=True):
        status, blob = status_of(kind.key.export, name)
        if status != NTStatus.STATUS_SUCCESS:
            continue
        data = bytes(blob)
        for start in range(len(data) - 15):
            run = data[start : start + 16]
            if run not in public and run[::-1] not in public and len(set(run)) > 8:
                found.append(run)
    return found[:: max(1, len(found) // 256)]


@check(
    "blob-point-computed",
    "key",
    rule="contract: rule-import-ecc-zero-point, rule-import-ecc-point-unchecked",
    remedy="If X and Y of a private ECC blob are all zero, or the flag is BCRYPT_NO_KEY_VALIDATION, compute the point "
    "from d and ignore that of the blob.",
    needs=lambda one: (
        ""
        if "ECCPRIVATEBLOB" in one.algorithm.blob_types and one.algorithm.blob_types["ECCPRIVATEBLOB"].imports
        else "it imports no ECCPRIVATEBLOB"
    ),
)
def blob_point_computed(kind: Kind) -> None:
    """A private ECC blob without its point gives the whole key, and so does one with a wrong point if nothing is to be
    validated; under a public type it gives the public half."""
    if "ECCPRIVATEBLOB" not in kind.blob_types(exports=True):
        raise Skip("it exports no ECCPRIVATEBLOB")
    blob = bytes(kind.key.export("ECCPRIVATEBLOB"))
    size = int.from_bytes(blob[4:8], "little")
    bare = blob[:8] + bytes(2 * size) + blob[8 + 2 * size :]
    twin = granted(kind.imported, "ECCPRIVATEBLOB", bare, doing="importing a private key without its point")
    same(bytes(granted(twin.export, "ECCPRIVATEBLOB")), blob, "exporting it with its point")
    foreign = bytes(kind.another.export("ECCPRIVATEBLOB"))[: 8 + 2 * size] + blob[8 + 2 * size :]
    twin = granted(
        kind.imported, "ECCPRIVATEBLOB", foreign, BCRYPT_NO_KEY_VALIDATION,
        doing="importing a private key with the point of another key and BCRYPT_NO_KEY_VALIDATION",
    )  # fmt: skip
    same(bytes(granted(twin.export, "ECCPRIVATEBLOB")), blob, "exporting it with its own point")
    if "ECCPUBLICBLOB" in kind.blob_types(imports=True):
        half = granted(kind.imported, "ECCPUBLICBLOB", blob, doing="importing a private blob under the public type")
        refused(half.export, "ECCPRIVATEBLOB", by=_INVALID, doing="exporting the private half of it")


def _changed(blob: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield blobs with one bit turned, and with ones or zeros from each of the first bytes on: numbers above any p."""
    for start in range(min(16, len(blob))):
        for filling in (b"\xff", b"\0"):
            yield f"the bytes from {start} on became {filling!r}", blob[:start] + filling * (len(blob) - start)
    for place in (*range(0, len(blob), max(1, len(blob) // 256)), len(blob) - 1):
        for bit in (0, 1, 7):
            changed = bytearray(blob)
            changed[place] ^= 1 << bit
            yield f"bit {bit} of byte {place} was turned", bytes(changed)


_UNNAMED = int(
    "cbca2f3e6eb5568bb03ff489338ab854d949fa834799f50c5dd1ee295c3d56e7"
    "f6c0c13401fa3a28396df785f19c9fda18ccd7f753d3b920e2609b843d042703",
    16,
)
"""A prime of 512 bits that is no safe prime of a standard."""


@check(
    "blob-dh-halves",
    "implementation",
    rule="contract: rule-import-dh-public",
    remedy="In a group that is no named safe prime, compute y from x and ignore that of a private blob.",
    needs=lambda one: (
        ""
        if "DHPRIVATEBLOB" in one.algorithm.blob_types and one.algorithm.blob_types["DHPRIVATEBLOB"].imports
        else "it imports no DHPRIVATEBLOB"
    ),
)
def blob_dh_halves(one: Implementation) -> None:
    """In a group without a name, a private DH blob with a wrong y gives the key of its x."""
    g, x = 5, 0x1234567890ABCDEF
    group = dh.DhParameters(_UNNAMED, g)
    blob = dh.build("DHPRIVATEBLOB", dh.DhKey(group, g, x))
    key = granted(one.opened.import_key_pair, "DHPRIVATEBLOB", blob, doing="importing a private DH key with y = g")
    right = dh.build("DHPRIVATEBLOB", dh.DhKey(group, pow(g, x, _UNNAMED), x))
    same(bytes(granted(key.export, "DHPRIVATEBLOB")), bytes(right), "exporting it with its own y")
    key.destroy()
