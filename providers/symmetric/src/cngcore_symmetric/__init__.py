"""AES, XTS-AES, ChaCha20-Poly1305, AES-CMAC and AES-GMAC for cngcore: the declaration. It imports no back end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.provider import Algorithm, KeyLengths, Mode, Property, When, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

__version__ = "0.1.0"

BLOBS = ("KeyDataBlob", "OpaqueKeyBlob", "Rfc3565KeyWrapBlob")
AES_LENGTHS = KeyLengths(128, 256, 64)
ENABLE_INCOMPATIBLE_FIPS_CHECKS = 0x100

AES_MODES = (
    Mode("CBC", default=True),
    Mode("ECB"),
    Mode("CFB"),
    Mode("CCM", nonce=(7, 13, 1), tag=(4, 16, 2), max_data=lambda nonce: (1 << 8 * (15 - nonce)) - 1),
    Mode("GCM", nonce=(12, 12, 1), tag=(12, 16, 1), max_data=(1 << 36) - 32, chained=True),
)
"""SP 800-38A, 38C and 38D, with the lengths that CNG takes of them."""

SOURCES = {
    "operations": "contract: rule-symmetric [doc]; no key pairs: BCryptGenerateKeyPair page [doc]",
    "key_lengths": "contract: rule-cipher-aes [wine-test]; FIPS 197",
    "modes": "contract: rule-symmetric [doc]; rule-authenticated-lengths [wine-test, go, symcrypt, dotnet]",
    "generate_flags": "contract: rule-cipher-xts [symcrypt]",
    "KeyDataBlob": "contract: rule-symmetric-blobs [wine-test, header]",
    "OpaqueKeyBlob": "contract: rule-symmetric-blobs [wine-test]; the layout is our own",
    "Rfc3565KeyWrapBlob": "contract: rule-symmetric-blobs [wine-test, doc]; RFC 3394",
    "HashDigestLength": "contract: rule-mac-cmac [symcrypt]; SP 800-38B and 38D",
    "HashBlockLength": "FIPS 197: the block of AES",
    "ObjectLength": "contract: rule-get-object-length [wine-test]; the value is our own",
    "IV": "contract: rule-mac-gmac [win-ci]",
}
"""The source of each rule."""


def _sources(*names: str, key_lengths: str = SOURCES["key_lengths"]) -> dict[str, str]:
    """Return the sources of what an algorithm declares."""
    return {"key_lengths": key_lengths} | {name: SOURCES[name] for name in ("operations", *names)}


def _mac(name: str, factory: str, introduced: str, *, keyed: bool, more: tuple[Property, ...] = ()) -> Algorithm:
    readable = When(algorithm="r")
    return Algorithm(
        name,
        "cryptography",
        {"hash"},
        AES_LENGTHS,
        properties=[
            Property("HashDigestLength", int, readable, value=16),
            Property("HashBlockLength", int, readable, value=16),
            Property("ObjectLength", int, readable, value=512),
            *more,
        ],
        introduced=introduced,
        factory=factory,
        back_end="cryptography",
        dispatch_level=True,
        mac=True,
        keyed=keyed,
        sources=_sources(
            "HashDigestLength",
            "HashBlockLength",
            "ObjectLength",
            *(one.name for one in more),
            key_lengths="contract: rule-symmetric [symcrypt, inferred]; SP 800-38B and 38D",
        ),
    )


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return the ciphers and the two MACs."""
    return [
        Algorithm(
            "AES",
            "cryptography",
            {"cipher"},
            AES_LENGTHS,
            blob_types=BLOBS,
            block_length=16,
            modes=AES_MODES,
            factory="cngcore_symmetric.aes:Aes",
            back_end="cryptography",
            dispatch_level=True,
            sources=_sources("modes", *BLOBS),
        ),
        Algorithm(
            "XTS-AES",
            "cryptography",
            {"cipher"},
            KeyLengths(256, 512, 256),
            generate_flags=ENABLE_INCOMPATIBLE_FIPS_CHECKS,
            blob_types=BLOBS,
            block_length=16,
            modes=(Mode("N/A", default=True, iv_length=8),),
            introduced="10",
            factory="cngcore_symmetric.xts:XtsAes",
            back_end="cryptography",
            dispatch_level=True,
            sources=_sources(
                "modes", "generate_flags", *BLOBS, key_lengths="contract: rule-cipher-xts [symcrypt, app]; IEEE 1619"
            ),
        ),
        Algorithm(
            "CHACHA20_POLY1305",
            "cryptography",
            {"cipher"},
            KeyLengths(256, 256, 0),
            blob_types=BLOBS,
            block_length=1,
            modes=(Mode("N/A", default=True, nonce=(12, 12, 1), tag=(16, 16, 1), max_data=(1 << 38) - 64),),
            introduced="11",
            factory="cngcore_symmetric.chacha:ChaCha",
            probe="cngcore_symmetric.chacha:probe",
            back_end="cryptography",
            dispatch_level=True,
            sources=_sources("modes", *BLOBS, key_lengths="contract: rule-cipher-chacha20 [go, dotnet]; RFC 8439"),
        ),
        _mac("AES-CMAC", "cngcore_symmetric.macs:Cmacs", "8", keyed=True),
        _mac(
            "AES-GMAC",
            "cngcore_symmetric.macs:Gmacs",
            "vista",
            keyed=False,
            more=(Property("IV", bytes, When(object="w")),),
        ),
    ]
