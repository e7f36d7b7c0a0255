"""Check secret agreement: both sides get the same secret, others do not (contract: rule-agreement, rule-derive)."""

from __future__ import annotations

from cngcore.conformance._check import Skip, bcrypt, check, demand, granted, refused, same, status_of
from cngcore.conformance._subject import Kind
from cngcore.objects import KeyPair
from cngcore.status import NTStatus

_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_HANDLE = NTStatus.STATUS_INVALID_HANDLE
_AGREE = ["agree"]


def secret_of(key: KeyPair, peer: KeyPair) -> bytes:
    """Return the secret of two keys, big-endian, as the provider returned it."""
    secret = granted(key.agree, peer, doing="agreeing")
    raw: bytes = secret.derive("TRUNCATE")[::-1]
    secret.destroy()
    return raw


@check(
    "agree",
    "key",
    operations=_AGREE,
    rule="contract: rule-agreement",
    remedy="Compute the secret only from your private key and the peer's public key, so that both sides get the same.",
)
def agree(kind: Kind) -> None:
    """Two keys agree on one secret from either side and from public halves; a third key gets another secret."""
    one, other, third = kind.new(), kind.new(), kind.new()
    secret = secret_of(one, other)
    same(secret_of(other, one), secret, "agreeing from the other side")
    same(secret_of(one, kind.public_only(other)), secret, "agreeing with the public half")
    same(secret_of(kind.reimported(one), other), secret, "agreeing with a key that was imported")
    demand(secret_of(third, other) != secret, "another secret", "the same", "agreeing with a third key")
    demand(any(secret), "a secret", "zeros", "agreeing")
    same(secret_of(one, one), secret_of(one, kind.public_only(one)), "agreeing with itself")
    refused(one.agree, b"not a key", by=_HANDLE, doing="agreeing with bytes")
    agreed = granted(one.agree, other)
    before = agreed.derive("HASH", hash="SHA256")
    one.destroy()
    other.destroy()
    same(agreed.derive("HASH", hash="SHA256"), before, "deriving after both keys are destroyed")
    agreed.destroy()
    refused(agreed.derive, "HASH", by=_HANDLE, doing="deriving from a destroyed secret")


@check(
    "agree-endianness",
    "key",
    operations=_AGREE,
    rule="contract: rule-derive-secret-bytes: Z is big-endian, TRUNCATE its mirror",
    remedy="Return the secret big-endian and in full width from agree(); the core mirrors it for TRUNCATE.",
)
def agree_endianness(kind: Kind) -> None:
    """With the private key 1, the secret is the peer's X, or y, big-endian, as in its public blob."""
    private, offset = _of_one(kind)
    blob = kind.key.export(kind.public_blob_type())
    size = int.from_bytes(blob[4:8], "little")
    expected = bytes(blob[offset * size + 8 : (offset + 1) * size + 8])
    same(secret_of(private, kind.key), expected, "agreeing with the private key 1")
    derived = granted(private.agree, kind.key).derive("TRUNCATE")
    same(derived, expected[::-1], "deriving TRUNCATE")


def _of_one(kind: Kind) -> tuple[KeyPair, int]:
    """Return the key whose private number is 1, and the index of the number in a public blob that its secrets equal."""
    types = kind.blob_types(private=True, imports=True, exports=True)
    if "ECCPRIVATEBLOB" in types:
        blob = bytes(kind.key.export("ECCPRIVATEBLOB"))
        size = int.from_bytes(blob[4:8], "little")
        number = blob[:8] + bytes(2 * size) + _one(kind).to_bytes(size, "big")
        status, key = status_of(kind.imported, "ECCPRIVATEBLOB", number)
        if status == NTStatus.STATUS_SUCCESS:
            return key, 0
    if "DHPRIVATEBLOB" in types:
        blob = bytes(kind.key.export("DHPRIVATEBLOB"))
        size = int.from_bytes(blob[4:8], "little")
        number = blob[: 8 + 2 * size] + blob[8 + size : 8 + 2 * size] + (1).to_bytes(size, "big")
        status, key = status_of(kind.imported, "DHPRIVATEBLOB", number)
        if status == NTStatus.STATUS_SUCCESS:
            return key, 2
    raise Skip("the kit knows no blob of its algorithm in which to write the private key 1; vectors test this instead")


def _one(kind: Kind) -> int:
    """Return the private number whose public point is the generator: 1, or on a twisted Edwards curve 1/h mod n."""
    from cngcore.blobs.curves import CURVES, TWISTED_EDWARDS

    curve = CURVES.get(str(kind.settings.get("ECCCurveName")))
    return pow(curve.h, -1, curve.n) if curve is not None and curve.curve_type == TWISTED_EDWARDS else 1


@check(
    "agree-refuses",
    "key",
    operations=_AGREE,
    rule="contract: rule-agreement",
    remedy="Compare the two groups or curves before agreeing and refuse others with INVALID_PARAMETER.",
)
def agree_refuses(kind: Kind) -> None:
    """A peer of another length or curve is INVALID_PARAMETER; an empty or destroyed peer is INVALID_HANDLE."""
    empty = kind.empty()
    refused(kind.key.agree, empty, by=_HANDLE, doing="agreeing with an empty key")
    empty.destroy()
    refused(kind.key.agree, empty, by=_HANDLE, doing="agreeing with a destroyed key")
    strangers = [other for other in kind.implementation.kinds if not _same_group(kind, other)]
    for other in strangers:
        refused(kind.key.agree, other.key, by=_INVALID, doing=f"agreeing with a key of {other}")
        refused(kind.key.agree, other.public_only(), by=_INVALID, doing=f"agreeing with a public half of {other}")
    half = kind.public_only()
    refused(half.agree, kind.key, by=_INVALID, doing="agreeing without a private half")


def _same_group(one: Kind, other: Kind) -> bool:
    """Return whether two kinds of key use one group: several names may mean one curve."""
    from cngcore.blobs.curves import CURVES

    if str(one) == str(other):
        return True
    curves = [CURVES.get(str(kind.settings.get("ECCCurveName"))) for kind in (one, other)]
    numbers = [curve and (curve.curve_type, curve.p, curve.a, curve.b, curve.gx, curve.n) for curve in curves]
    return numbers[0] is not None and numbers[0] == numbers[1]


@check(
    "agree-flat",
    "key",
    operations=_AGREE,
    rule="contract: rule-agreement, rule-derive, rule-destroy-secret",
    remedy="If this check fails where agree passes, report it to cngcore.",
)
def agree_flat(kind: Kind) -> None:
    """The flat API agrees, derives and destroys; the secret outlives both keys."""
    algorithm, one = kind.flat()
    other_algorithm, other = kind.flat()
    secrets = [
        granted(bcrypt.BCryptSecretAgreement, *pair, doing="BCryptSecretAgreement")
        for pair in ((one, other), (other, one))
    ]
    for handle in (one, other):
        granted(bcrypt.BCryptDestroyKey, handle)
    for handle in (algorithm, other_algorithm):
        granted(bcrypt.BCryptCloseAlgorithmProvider, handle)
    derived = []
    for secret in secrets:
        buffer = bytearray(granted(bcrypt.BCryptDeriveKey, secret, "TRUNCATE"))
        granted(bcrypt.BCryptDeriveKey, secret, "TRUNCATE", None, buffer)
        derived.append(bytes(buffer))
        granted(bcrypt.BCryptDestroySecret, secret)
        refused(bcrypt.BCryptDestroySecret, secret, by=_HANDLE, doing="BCryptDestroySecret a second time")
    same(derived[0], derived[1], "deriving TRUNCATE on both sides")
