"""Check the two halves of a key: which one a key has, and what a public half may do."""

from __future__ import annotations

from collections.abc import Callable

from cngcore.conformance import _samples as ways
from cngcore.conformance._check import Skip, check, demand, granted, refused, same, status_of
from cngcore.conformance._signing import verify
from cngcore.conformance._subject import Kind
from cngcore.objects import KeyPair
from cngcore.status import NTStatus

_INVALID = NTStatus.STATUS_INVALID_PARAMETER


def private_uses(kind: Kind, key: KeyPair) -> dict[str, Callable[[], object]]:
    """Return the calls on ``key`` that need the private half, with good arguments."""
    calls: dict[str, Callable[[], object]] = {}
    for name in kind.blob_types(private=True, exports=True):
        calls[f"export({name})"] = lambda name=name: key.export(name)  # type: ignore[misc]
    operations = kind.algorithm.operations
    if "sign" in operations:
        way = ways.signing(kind)[0]

        def signed() -> bytes:
            signature = key.sign_hash(way.data, way.padding)
            verify(kind, key, way.data, signature, way.padding)
            return signature

        calls["sign_hash"] = signed
    if "encrypt" in operations:
        secret = ways.encrypting(kind)[0]
        ciphertext = kind.key.encrypt(secret.data, secret.padding)
        calls["decrypt"] = lambda: key.decrypt(ciphertext, secret.padding)
    if "agree" in operations:
        calls["agree"] = lambda: key.agree(kind.key)
    if "encapsulate" in operations:
        _, wrapped = kind.key.encapsulate()
        calls["decapsulate"] = lambda: key.decapsulate(wrapped)
    return calls


def public_halves(kind: Kind) -> dict[str, KeyPair]:
    """Return the public half of the kind's key, made in each possible way."""
    found = {}
    status, half = status_of(kind.key.public)
    if status == NTStatus.STATUS_SUCCESS:
        found["public()"] = half
    elif status == NTStatus.STATUS_INTERNAL_ERROR:  # the core does not return the provider's material
        granted(kind.key.public, doing="making a public half")
    for name in kind.blob_types(private=False, imports=True, exports=True):
        found[f"a key imported as {name}"] = kind.imported(name, kind.key.export(name))
    if not found:
        raise Skip(
            "no public half can be made: public() is not offered, and no public blob is both exported and imported"
        )
    return found


@check(
    "private-half",
    "key",
    rule="contract: rule-export, rule-sign, rule-decrypt, rule-agreement, rule-decapsulate",
    remedy="Let has_private be True for every key from generate() or a private blob, and offer what the declared "
    "operations need.",
)
def private_half(kind: Kind) -> None:
    """A new key, and one from a private blob, does everything that its declaration promises of a private key."""
    for name, call in private_uses(kind, kind.key).items():
        granted(call, doing=f"{name} with a new key")
    for blob_type in kind.blob_types(private=True, imports=True, exports=True):
        twin = kind.imported(blob_type, kind.key.export(blob_type))
        for name, call in private_uses(kind, twin).items():
            status, message = status_of(call)
            seedless = name.startswith("export(") and status == _INVALID and _one_way(blob_type, name)
            demand(
                status == NTStatus.STATUS_SUCCESS or seedless, "STATUS_SUCCESS", f"{status.name}: {message}",
                f"{name} with a key imported as {blob_type}",
            )  # fmt: skip


def _one_way(imported: str, exported: str) -> bool:
    """Return whether the blob type needs a seed that an expanded key lacks (contract: rule-import-ml-expanded)."""
    return "SEED" in exported and "SEED" not in imported


@check(
    "public-half",
    "key",
    rule="contract: rule-export-private-of-public, rule-sign-public-key; docs/decisions/public-half.md",
    remedy="Let public() and the import of a public blob return separate material without a private key, whose "
    "has_private is False.",
)
def public_half(kind: Kind) -> None:
    """A public half refuses every private operation with INVALID_PARAMETER, and exports the same public blob."""
    for what, half in public_halves(kind).items():
        for name, call in private_uses(kind, half).items():
            refused(call, by=_INVALID, doing=f"{name} with {what}")
        for name in kind.blob_types(private=False, exports=True):
            same(granted(half.export, name), kind.key.export(name), f"exporting {name} from {what}")
        same(half.state, "finalized", f"reading the state of {what}")


@check(
    "public-half-lives",
    "key",
    rule="contract: rule-lifetimes: lifetimes are independent",
    remedy="Let the material from public() hold the public key itself, not the private material.",
)
def public_half_lives(kind: Kind) -> None:
    """A public half still works after the key from which it was made is destroyed."""
    key = kind.new()
    status, half = status_of(key.public)
    if status != NTStatus.STATUS_SUCCESS:
        raise Skip("public() is not offered")
    blobs = {name: granted(key.export, name) for name in kind.blob_types(private=False, exports=True)}
    if not blobs:
        raise Skip("it exports no public blob to compare")
    key.destroy()
    for name, blob in blobs.items():
        same(granted(half.export, name), blob, f"exporting {name} after the key is destroyed")
    half.destroy()
