"""The policy ``approved``: algorithms, lengths and curves that NIST publications approve, as this package reads them.

It is a filter, not a certificate. cngcore is not a validated module, and the policy does not make it one. The policy
does not know whether a back end is validated. To apply it, set ``policies = ["approved"]`` in ``cngcore.toml``,
``CNGCORE_POLICIES=approved``, or ``Registry(policies=["approved"])``.

A reason cites the publication, and the section if we could verify its number. The policy has no rule for:

* curves without a name, and curves that are not listed here;
* paddings and hashes of a signature. SP 800-131A disallows SHA-1 in new signatures, and RSA PKCS #1 v1.5 for key
  transport. The application must check this itself.
"""

from __future__ import annotations

from cngcore.policy._policy import Policy, Rule

_P256_UP = ("nistP256", "nistP384", "nistP521", "secP256r1", "secP384r1", "secP521r1", "x962P256v1")

APPROVED = Policy(
    "approved",
    (
        Rule("forbid", "RSA*", "RSA below 1024 bits (SP 800-131A rev. 2, on signatures)", shorter_than=1024),
        Rule(
            "forbid", "RSA*", "below 2048 bits a signature may only be verified (SP 800-131A rev. 2)",
            shorter_than=2048, uses=("sign", "encrypt", "decrypt"),
        ),
        Rule("use-only", "RSA*", "new RSA keys have 2048 bits or more (FIPS 186-5, section 5.1)", shorter_than=2048),
        Rule("forbid", "DSA", "DSA may only be verified (FIPS 186-5, on DSA)", uses=("sign",)),
        Rule("use-only", "DSA", "DSA may only be verified (FIPS 186-5, on DSA)"),
        Rule("forbid", "DH", "DH below 2048 bits (SP 800-56A rev. 3, on groups)", shorter_than=2048),
        Rule("allow", "EC*", curves=_P256_UP),
        Rule("allow", "EC*_P256"),
        Rule("allow", "EC*_P384"),
        Rule("allow", "EC*_P521"),
        Rule(
            "forbid", "ECDSA", "below 224 bits a signature may only be verified (SP 800-131A rev. 2)",
            uses=("sign",), curves=("nistP192", "secP192r1", "x962P192v1"),
        ),
        Rule(
            "warn", "EC*", "112 bits of strength, disallowed after 2030 (SP 800-57 part 1 rev. 5, on time frames)",
            curves=("nistP224", "secP224r1", "wtls12"),
        ),
        Rule(
            "use-only", "ECDSA", "P-192 is for verifying old signatures (SP 800-186)",
            curves=("nistP192", "secP192r1", "x962P192v1"),
        ),
        Rule(
            "warn", "EC*", "brainpool curves are allowed for interoperability only (SP 800-186)",
            curves=tuple(f"brainpoolP{bits}{kind}" for bits in (256, 320, 384, 512) for kind in ("r1", "t1")),
        ),
        Rule("forbid", "ECDH", "not a curve of SP 800-56A rev. 3", curves=("curve25519",)),
        Rule(
            "forbid", "EC*", "not a recommended curve (SP 800-186)",
            curves=("secP256k1", "nistP192", "secP192r1", "x962P192v1"),
        ),
        Rule("forbid", "3DES*", "TDEA is for decryption of old data only (SP 800-131A rev. 2)", uses=("encrypt",)),
        Rule("warn", "3DES*", "TDEA is for decryption of old data only (SP 800-131A rev. 2)"),
        Rule("forbid", "DES*", "DES is withdrawn, and DESX was never approved (SP 800-131A rev. 2)"),
        Rule("forbid", "RC[24]", "never approved (SP 800-131A rev. 2)"),
        Rule("forbid", "CHACHA20_POLY1305", "never approved (SP 800-131A rev. 2)"),
        Rule("forbid", "CAPI_KDF", "not a key derivation of SP 800-56C, SP 800-108, SP 800-132 or SP 800-135"),
        Rule("forbid", "MD*", "MD2, MD4 and MD5 were never approved (FIPS 180-4)"),
        Rule(
            "warn", "SHA1",
            "not for new signatures (SP 800-131A rev. 2), and for nothing after 2030 (NIST's notice of December 2022)",
        ),
    ),
    "algorithms that NIST publications approve, as this package reads them; no claim of validation",
)  # fmt: skip
