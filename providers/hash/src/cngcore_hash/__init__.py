"""Hashes, HMAC and random numbers for cngcore: the declaration. It imports no back end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.provider import Algorithm, OidList, Property, When, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

__version__ = "0.1.0"

HASHES = {
    "MD5": ("md5", 16, 64, "vista"),
    "SHA1": ("sha1", 20, 64, "vista"),
    "SHA256": ("sha256", 32, 64, "vista"),
    "SHA384": ("sha384", 48, 128, "vista"),
    "SHA512": ("sha512", 64, 128, "vista"),
    "SHA3-256": ("sha3_256", 32, 136, "11"),
    "SHA3-384": ("sha3_384", 48, 104, "11"),
    "SHA3-512": ("sha3_512", 64, 72, "11"),
    "SHAKE128": ("shake_128", 32, 168, "11-24h2"),
    "SHAKE256": ("shake_256", 64, 136, "11-24h2"),
}
"""By name: hashlib's name, digest bytes, block bytes, first Windows.

The sources are FIPS 180-4, FIPS 202 and RFC 1321. SHAKE has the digest length of FIPS 204.
"""

OIDS = {
    "MD5": "2a864886f70d0205",
    "SHA1": "2b0e03021a",
    **{
        name: f"6086480165030402{number:02x}"
        for number, name in ((1, "SHA256"), (2, "SHA384"), (3, "SHA512"), (8, "SHA3-256"), (9, "SHA3-384"),
                             (10, "SHA3-512"), (11, "SHAKE128"), (12, "SHAKE256"))
    },
}  # fmt: skip
"""The object identifiers of the hashes, as their contents in DER (RFC 8017 appendix B.1, NIST's register)."""

SOURCES = {
    "HashOIDList": "contract: rule-symmetric-properties [doc, inferred]; RFC 8017 appendix B.1",
    "operations": "contract: rule-hash [doc]; no key pairs: BCryptGenerateKeyPair page [doc]",
    "HashDigestLength": "FIPS 180-4, FIPS 202, RFC 1321; SHAKE: FIPS 204 section 5.4",
    "HashBlockLength": "FIPS 180-4, FIPS 202, RFC 1321",
    "ObjectLength": "contract: rule-get-object-length [wine-test]; the value is our own",
}
"""The source of each rule."""


def _hash(name: str) -> Algorithm:
    _, digest, block, introduced = HASHES[name]
    readable = When(algorithm="r")
    return Algorithm(
        name,
        "hashlib",
        {"hash"},
        properties=[
            Property("HashDigestLength", int, readable, value=digest),
            Property("HashBlockLength", int, readable, value=block),
            Property("ObjectLength", int, readable, value=2 * block + digest + 64),
            Property("HashOIDList", OidList, readable, value=OidList((bytes.fromhex(OIDS[name]),))),
        ],
        introduced=introduced,
        dispatch_level=True,
        factory="cngcore_hash.hashes:StandardHashes",
        keyed=not name.startswith("SHAKE"),
        sources=SOURCES,
    )


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return the hashes and the random number generator."""
    random = Algorithm(
        "RNG", "os", {"random"}, dispatch_level=True, factory="cngcore_hash.random:SystemRandom",
        sources={"operations": "contract: rule-random [wine-test]; no key pairs: BCryptGenerateKeyPair page [doc]"},
    )  # fmt: skip
    return [*map(_hash, HASHES), random]
