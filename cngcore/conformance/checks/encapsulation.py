"""Check key encapsulation: round trip, implicit rejection, lengths.

contract: rule-encapsulate, rule-decapsulate-rejection.
"""

from __future__ import annotations

from cngcore.conformance._check import bcrypt, check, demand, granted, refused, same
from cngcore.conformance._subject import Kind
from cngcore.status import NTStatus

_KEM = ["encapsulate"]


@check(
    "encapsulate",
    "key",
    operations=_KEM,
    rule="contract: rule-encapsulate, rule-decapsulate",
    remedy="Return (shared secret, ciphertext) in this order, fresh each time, and the secret of a ciphertext from "
    "decapsulate.",
)
def encapsulate(kind: Kind) -> None:
    """What is encapsulated for a key, or for its public half, the key decapsulates; each time the secret is new."""
    key, half = kind.key, kind.public_only()
    seen = set()
    for source in (key, half, key):
        secret, ciphertext = granted(source.encapsulate, doing="encapsulating")
        same(granted(key.decapsulate, ciphertext), secret, "decapsulating")
        demand(any(secret) and secret not in ciphertext, "a secret", "none", "encapsulating")
        seen |= {secret, ciphertext}
    same(len(seen), 6, "counting the secrets and ciphertexts of three encapsulations")
    secret, ciphertext = key.encapsulate()
    demand(
        kind.another.decapsulate(ciphertext) != secret, "another secret", "the same", "decapsulating with another key"
    )
    with kind.flat_key() as (_, handle):
        sizes = granted(bcrypt.BCryptEncapsulate, handle)
        out_secret, out_ciphertext = bytearray(sizes[0]), bytearray(sizes[1])
        granted(bcrypt.BCryptEncapsulate, handle, out_secret, out_ciphertext)
        back = bytearray(sizes[0])
        granted(bcrypt.BCryptDecapsulate, handle, out_ciphertext, back)
        same(bytes(back), bytes(out_secret), "BCryptDecapsulate")


@check(
    "kem-lengths",
    "key",
    operations=_KEM,
    rule="contract: rule-size-query, rule-encapsulate, rule-decapsulate-length",
    remedy="Let kem_lengths be (bytes of the secret, bytes of the ciphertext), in this order.",
)
def kem_lengths(kind: Kind) -> None:
    """The size query gives the lengths of the secret and of the ciphertext, for a public half too."""
    for key in (kind.key, kind.public_only()):
        secret, ciphertext = granted(key.encapsulate)
        same(granted(key.kem_sizes), (len(secret), len(ciphertext)), "comparing the size query with an encapsulation")


@check(
    "implicit-rejection",
    "key",
    operations=_KEM,
    rule="contract: rule-decapsulate-rejection; FIPS 203 section 6.3",
    remedy="For a wrong ciphertext of the right length, return another secret, always the same one; raise nothing.",
)
def implicit_rejection(kind: Kind) -> None:
    """A changed ciphertext of the right length gives another secret, the same one each time."""
    key = kind.key
    secret, ciphertext = granted(key.encapsulate)
    seen = {bytes(secret)}
    for place in (0, len(ciphertext) // 2, len(ciphertext) - 1):
        changed = bytearray(ciphertext)
        changed[place] ^= 1
        doing = f"decapsulating with byte {place} changed"
        rejected = granted(key.decapsulate, bytes(changed), doing=doing)
        same(len(rejected), len(secret), doing)
        same(granted(key.decapsulate, bytes(changed)), rejected, f"{doing}, again")
        seen.add(bytes(rejected))
    same(len(seen), 4, "counting the secrets of one right and three changed ciphertexts")
    for content in (bytes(len(ciphertext)), b"\xff" * len(ciphertext)):
        demand(
            granted(key.decapsulate, content, doing="decapsulating noise") not in seen,
            "another secret",
            "a known one",
            "decapsulating noise",
        )


@check(
    "decapsulate-length",
    "key",
    operations=_KEM,
    rule="contract: rule-decapsulate-length",
    remedy="Refuse a ciphertext whose length is not that of the parameter set with InvalidBufferSizeError.",
)
def decapsulate_length(kind: Kind) -> None:
    """A ciphertext of any other length is INVALID_BUFFER_SIZE."""
    _, ciphertext = granted(kind.key.encapsulate)
    for wrong in (ciphertext[:-1], ciphertext + b"\0", b"", b"\0", ciphertext * 2, ciphertext[: len(ciphertext) // 2]):
        refused(
            kind.key.decapsulate, wrong, by=NTStatus.STATUS_INVALID_BUFFER_SIZE,
            doing=f"decapsulating {len(wrong)} bytes where {len(ciphertext)} are due",
        )  # fmt: skip
