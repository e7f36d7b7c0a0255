"""Check signatures: what is signed verifies, everything else does not (contract: rule-sign, rule-verify)."""

from __future__ import annotations

from cngcore import constants as c
from cngcore.conformance import _samples as ways
from cngcore.conformance._check import Skip, bcrypt, check, demand, granted, refused, same, status_of
from cngcore.conformance._samples import Way
from cngcore.conformance._signing import flat_sign, sign, verify
from cngcore.conformance._subject import Kind
from cngcore.padding import Oaep, Padding, Pkcs1, PqDsa, Pss
from cngcore.status import NTStatus

_BAD = NTStatus.STATUS_INVALID_SIGNATURE
_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_RULE = "contract: rule-sign, rule-verify"
_SIGN = ["sign"]


@check(
    "sign-verify",
    "key",
    operations=_SIGN,
    rule=_RULE,
    remedy="Sign the digest and use the padding exactly as passed, and verify the same way.",
)
def sign_verify(kind: Kind) -> None:
    """A signature verifies: with the key, with its public half, with every padding, in both APIs."""
    half = kind.public_only()
    for way in ways.signing(kind):
        signature = sign(kind, way.data, way.padding, doing=f"signing {way}")
        demand(type(signature) is bytes and signature, "bytes", type(signature).__name__, f"signing {way}")
        for key, what in ((kind.key, "the key"), (half, "its public half")):
            granted(key.verify_signature, way.data, signature, way.padding, doing=f"verifying {way} with {what}")
        granted(
            kind.key.verify_signature, bytearray(way.data), memoryview(signature), way.padding, doing="verifying views"
        )
    with kind.flat_key() as (_, handle):
        for way in ways.signing(kind):
            info, flags = ways.flat_signature(way.padding)
            signature = flat_sign(kind, handle, way)
            changed = _flip(signature, 8 * (len(signature) // 2))
            refused(
                bcrypt.BCryptVerifySignature,
                handle,
                info,
                way.data,
                changed,
                flags,
                by=_BAD,
                doing="BCryptVerifySignature",
            )


@check(
    "verify-refuses",
    "key",
    operations=_SIGN,
    rule=_RULE,
    remedy="Raise InvalidParameterError for an RSA, ECDSA or DSA signature of another length, and for an RSA signature "
    "whose value is not below the modulus. Return False for every other wrong signature, and for all of ML-DSA.",
)
def verify_refuses(kind: Kind) -> None:
    """A changed digest or signature is INVALID_SIGNATURE; another length is too if there are parameter sets, else it is
    INVALID_PARAMETER, as an RSA signature above the modulus is."""
    key = kind.key
    for way in ways.signing(kind):
        signature = sign(kind, way.data, way.padding, doing=f"signing {way}")
        size = len(signature)
        wrong: dict[str, bytes] = {
            f"with bit {n % 8} of byte {n // 8} turned": _flip(signature, n) for n in _bits(size)
        }
        wrong |= {
            "without its last byte": signature[:-1], "with a byte more": signature + b"\0",
            "with a byte before": b"\0" + signature, "of one byte": b"\1", "of zeros": bytes(size),
            "of ones": b"\xff" * size, "twice": signature * 2, "reversed": signature[::-1],
        }  # fmt: skip
        for what, changed in wrong.items():
            status = ways.refusal(kind, key, changed)
            if changed != signature and status is not None:
                refused(
                    key.verify_signature,
                    way.data,
                    changed,
                    way.padding,
                    by=status,
                    doing=f"verifying a signature {what} of {way}",
                )
        for what, other in _other_digests(kind, way).items():
            doing = f"verifying the signature of {way} under {what}"
            refused(key.verify_signature, other, signature, way.padding, by=_BAD, doing=doing)
        if way.data:
            for n in (0, 47):  # the bytes that a short curve still uses
                changed = _flip(way.data, n)
                refused(
                    key.verify_signature,
                    changed,
                    signature,
                    way.padding,
                    by=_BAD,
                    doing=f"verifying another digest than that of {way}",
                )
        refused(key.verify_signature, way.data, b"", way.padding, by=_INVALID, doing="verifying an empty signature")
        granted(key.verify_signature, way.data, signature, way.padding, doing="verifying the right one once more")


def _other_digests(kind: Kind, way: Way) -> dict[str, bytes]:
    """Return digests, or messages, for which a signature of ``way.data`` is wrong."""
    data, padding = way.data, way.padding
    if not data:
        return {}
    made = {
        "zeros": bytes(len(data)), "ones": b"\xff" * len(data), "its bytes reversed": data[::-1],
        "its complement": bytes(255 - byte for byte in data),
    }  # fmt: skip
    if kind.algorithm.signs == "message" and (padding is None or getattr(padding, "prehash", "") is None):
        made |= {"half of it": data[: len(data) // 2], "itself twice": data * 2, "nothing": b""}
    return {what: other for what, other in made.items() if other != data}


def _bits(size: int) -> list[int]:
    """Return bits of a signature to flip: in its first, middle and last bytes."""
    return sorted({0, 7, 8 * (size // 2) - 1, 8 * (size // 2), 8 * size - 8, 8 * size - 1})


def _flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@check(
    "signature-format",
    "key",
    operations=_SIGN,
    rule="contract: rule-sign-ecdsa: r || s, each as wide as the order, big-endian, no DER",
    remedy="Write and read r and then s, big-endian, each in as many bytes as the order of the group has.",
)
def signature_format(kind: Kind) -> None:
    """A signature without padding is r || s: both numbers below the order, without DER."""
    way = ways.signing(kind)[0]
    if way.padding is not None or kind.parameter_set is not None:
        raise Skip("its signatures are not pairs of numbers")
    order = _order(kind)
    if order is None:
        raise Skip("no blob with a known layout gives the order of the group")
    width = (order.bit_length() + 7) // 8
    for _ in range(12):
        signature = granted(kind.key.sign_hash, way.data, way.padding, doing=f"signing {way}")
        same(len(signature), 2 * width, f"signing {way}: r || s with an order of {width} bytes")
        verify(kind, kind.key, way.data, signature, way.padding)
        r, s = int.from_bytes(signature[:width], "big"), int.from_bytes(signature[width:], "big")
        demand(0 < r < order and 0 < s < order, "0 < r, s < n", "a number outside", f"signing {way}")
        swapped = signature[width:] + signature[:width]
        refused(kind.key.verify_signature, way.data, swapped, way.padding, by=_BAD, doing="verifying s || r")


def _order(kind: Kind) -> int | None:
    """Return the order of the group, from a public blob or the name of the curve."""
    from cngcore.blobs import dsa
    from cngcore.blobs.curves import CURVES

    curve = CURVES.get(str(kind.value(c.BCRYPT_ECC_CURVE_NAME)))
    if curve is not None:
        return curve.n
    if "DSAPUBLICBLOB" in kind.blob_types(exports=True):
        return dsa.parse("DSAPUBLICBLOB", kind.key.export("DSAPUBLICBLOB")).parameters.q
    if "ECCPUBLICBLOB" in kind.blob_types(exports=True):
        blob = kind.key.export("ECCPUBLICBLOB")
        size = int.from_bytes(blob[4:8], "little")
        x, y = (int.from_bytes(blob[8 + i * size : 8 + (i + 1) * size], "big") for i in (0, 1))
        for known in CURVES.values():
            if known.field_bytes == size and known.curve_type == 1 and known.on_curve(x, y):
                return known.n
    return None


@check(
    "signature-padding",
    "key",
    operations=_SIGN,
    rule=_RULE,
    remedy="Refuse a padding class of another algorithm with INVALID_PARAMETER, an unknown hash with NOT_SUPPORTED, a "
    "digest of another length than its hash's with INVALID_PARAMETER; never ignore an argument.",
)
def signature_padding(kind: Kind) -> None:
    """A padding of another kind is refused, and a signature verifies under no other padding than its own."""
    key = kind.key
    known = ways.signing(kind)
    families = {type(way.padding) for way in known}
    foreign: list[Padding | None] = [None, Pkcs1("SHA256"), Pss("SHA256", 0), PqDsa(b"ctx"), Oaep("SHA256")]
    for padding in foreign:
        if type(padding) in families:
            continue
        doing = f"with {'no padding' if padding is None else type(padding).__name__}"
        refused(key.sign_hash, ways.digest("sha256"), padding, by=_INVALID, doing=f"signing {doing}")
        refused(
            key.verify_signature,
            ways.digest("sha256"),
            bytes(key.size_of("sign")),
            padding,
            by=(_INVALID, _BAD),
            doing=f"verifying {doing}",
        )
    for one in known:
        signature = sign(kind, one.data, one.padding, doing=f"signing {one}")
        for other in known:
            if other.data == one.data and _differ(one, other):
                refused(
                    key.verify_signature,
                    one.data,
                    signature,
                    other.padding,
                    by=(_BAD, _INVALID),
                    doing=f"verifying as {other} what was signed as {one}",
                )
    if Pkcs1 in families or Pss in families:
        _rsa(kind)
    elif PqDsa in families:
        _contexts(kind)


def _differ(one: Way, other: Way) -> bool:
    """Return whether two ways sign different things: no padding equals an empty context."""
    plain = (None, PqDsa(b"", None))
    return one.padding != other.padding and not (one.padding in plain and other.padding in plain)


def _rsa(kind: Kind) -> None:
    """Check hashes and salts (contract: rule-sign-rsa-salt)."""
    key, offered = kind.key, ways.schemes(kind)
    if offered & c.BCRYPT_SUPPORTED_PAD_PKCS1_SIG:
        for digest in (ways.digest("sha1")[:-1], ways.digest("sha256"), b""):
            refused(key.sign_hash, digest, Pkcs1("SHA1"), by=_INVALID, doing=f"signing {len(digest)} bytes as SHA1")
        refused(
            key.sign_hash, bytes(20), Pkcs1("AES"), by=NTStatus.STATUS_NOT_SUPPORTED, doing="signing with the hash AES"
        )
        without = sign(kind, ways.digest("sha1"), Pkcs1(None))
        refused(
            key.verify_signature,
            ways.digest("sha1"),
            without,
            Pkcs1("SHA1"),
            by=_BAD,
            doing="verifying with an OID what has none",
        )
        with_oid = sign(kind, ways.digest("sha1"), Pkcs1("SHA1"))
        refused(
            key.verify_signature,
            ways.digest("sha1"),
            with_oid,
            Pkcs1(None),
            by=_BAD,
            doing="verifying without an OID what has one",
        )
        for signature in (without, with_oid):
            granted(
                key.verify_signature, ways.digest("sha1"), signature, Pkcs1("SHA1", optional_oid=True),
                doing="verifying with BCRYPT_PAD_PKCS1_OPTIONAL_HASH_OID",
            )  # fmt: skip
    if offered & c.BCRYPT_SUPPORTED_PAD_PSS:
        longest = ways.room(ways.bits_of(key)) - 20 - 2
        for salt in (longest + 1, 1 << 20, -1):
            refused(
                key.sign_hash, bytes(20), Pss("SHA1", salt), by=_INVALID, doing=f"signing with a salt of {salt} bytes"
            )
        made = {salt: sign(kind, bytes(20), Pss("SHA1", salt)) for salt in (0, min(20, longest), longest)}
        for salt, signature in made.items():
            granted(
                key.verify_signature, bytes(20), signature, Pss("SHA1", salt), doing=f"verifying a salt of {salt} bytes"
            )
            for other in {*made, 1} - {salt}:
                refused(
                    key.verify_signature,
                    bytes(20),
                    signature,
                    Pss("SHA1", other),
                    by=_BAD,
                    doing=f"verifying as a salt of {other} bytes one of {salt}",
                )
        same(made[0], sign(kind, bytes(20), Pss("SHA1", 0)), "signing twice without a salt")
        demand(
            made[longest] != sign(kind, bytes(20), Pss("SHA1", longest)),
            "another salt each time",
            "the same",
            "signing twice",
        )


def _contexts(kind: Kind) -> None:
    """Check contexts and pre-hashes of ML-DSA (FIPS 204)."""
    key = kind.key
    refused(key.sign_hash, b"message", PqDsa(bytes(256)), by=_INVALID, doing="signing with a context of 256 bytes")
    refused(
        key.sign_hash,
        bytes(63),
        PqDsa(b"", "SHA512"),
        by=(_INVALID, NTStatus.STATUS_NOT_SUPPORTED),
        doing="signing a short pre-hash",
    )
    refused(
        key.sign_hash,
        bytes(16),
        PqDsa(b"", "AES"),
        by=NTStatus.STATUS_NOT_SUPPORTED,
        doing="signing with the pre-hash AES",
    )
    signature = sign(kind, b"message", PqDsa(b"context"))
    for context in (b"", b"Context", b"context\0"):
        refused(
            key.verify_signature,
            b"message",
            signature,
            PqDsa(context),
            by=_BAD,
            doing="verifying under another context",
        )
    status, plain = status_of(key.sign_hash, b"message", PqDsa(b""))
    if status == NTStatus.STATUS_SUCCESS:
        granted(key.verify_signature, b"message", plain, None, doing="verifying without padding an empty context")
