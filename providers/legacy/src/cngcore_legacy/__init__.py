"""Old ciphers and hashes, KMAC and cSHAKE for cngcore: the declaration. It imports no back end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.provider import Algorithm, KeyLengths, Mode, Property, When, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

__version__ = "0.1.0"

EXTENDED_KEYSIZE = 0x80
CRYPTOGRAPHY, PYCRYPTODOME, OURS = "cryptography", "pycryptodome", "cngcore"

BLOBS = ("KeyDataBlob", "OpaqueKeyBlob", "Rfc3565KeyWrapBlob")
MODES = (Mode("CBC", default=True), Mode("ECB"), Mode("CFB"))

CIPHERS = {
    "3DES": (CRYPTOGRAPHY, KeyLengths(192, 192, 0), "cngcore_legacy.des:TripleDes"),
    "3DES_112": (CRYPTOGRAPHY, KeyLengths(128, 128, 0), "cngcore_legacy.des:TwoKeyTripleDes"),
    "DES": (CRYPTOGRAPHY, KeyLengths(64, 64, 0), "cngcore_legacy.des:Des"),
    "DESX": (CRYPTOGRAPHY, KeyLengths(192, 192, 0), "cngcore_legacy.des:Desx"),
    "RC2": (OURS, KeyLengths(16, 128, 8), "cngcore_legacy.rc:Rc2Keys"),
    "RC4": (OURS, KeyLengths(8, 512, 8), "cngcore_legacy.rc:Rc4Keys"),
}
"""By name: the implementation, the bits of the secret, the factory."""

EXTENDED = {"RC2": KeyLengths(16, 1024, 8), "RC4": KeyLengths(8, 2048, 8)}
"""Bits of the secret with BCRYPT_EXTENDED_KEYSIZE."""

HASHES = {"MD2": (16, 16), "MD4": (16, 64)}
"""By name: bytes of the digest and of a block. RFC 1319, RFC 1320."""

SPONGES = {"KMAC128": (32, 168), "KMAC256": (64, 136), "CSHAKE128": (32, 168), "CSHAKE256": (64, 136)}
"""By name: bytes of the usual output and of a block. SP 800-185."""

SOURCES = {
    "operations": "contract: rule-symmetric [doc]; no key pairs: BCryptGenerateKeyPair page [doc]",
    "modes": "contract: rule-symmetric [header, wine-test]",
    "generate_flags": "contract: rule-cipher-rc2, rule-cipher-rc4 [symcrypt]",
    "EffectiveKeyLength": "contract: rule-cipher-rc2 [symcrypt, dotnet]",
    "KeyDataBlob": "contract: rule-symmetric-blobs [wine-test, header]",
    "OpaqueKeyBlob": "contract: rule-symmetric-blobs [wine-test]; the layout is our own",
    "Rfc3565KeyWrapBlob": "contract: rule-symmetric-blobs [wine-test, doc]; RFC 3394",
    "HashDigestLength": "RFC 1319, RFC 1320; contract: rule-mac-kmac, rule-mac-md",
    "HashBlockLength": "contract: rule-mac-md [wine-test]; SP 800-185",
    "ObjectLength": "contract: rule-get-object-length [wine-test]; the value is our own",
    "CustomizationString": "contract: rule-mac-kmac [dotnet, go]",
    "FunctionNameString": "contract: rule-mac-cshake [go]",
}
"""The source of each rule."""


_LENGTH_SOURCES = {
    "3DES": "contract: rule-cipher-3des [wine-test]",
    "3DES_112": "contract: rule-cipher-3des, rule-symmetric-generate [symcrypt, win-ci]",
    "DES": "contract: rule-cipher-des [symcrypt, go]",
    "DESX": "contract: rule-cipher-des [symcrypt]",
    "RC2": "contract: rule-cipher-rc2 [symcrypt, win-ci]",
    "RC4": "contract: rule-cipher-rc4 [symcrypt]",
    "KMAC128": "contract: rule-mac-kmac [doc]; SP 800-185",
    "KMAC256": "contract: rule-mac-kmac [doc]; SP 800-185",
}
"""The source of the lengths of a secret."""


def _sources(algorithm: str, *names: str) -> dict[str, str]:
    """Return the sources of what an algorithm declares."""
    lengths = {"key_lengths": _LENGTH_SOURCES[algorithm]} if algorithm in _LENGTH_SOURCES else {}
    return lengths | {name: SOURCES[name] for name in ("operations", *names)}


def _cipher(name: str) -> Algorithm:
    implementation, lengths, factory = CIPHERS[name]
    stream = name == "RC4"
    effective = Property("EffectiveKeyLength", int, When(algorithm="rw", finalized="rw"), value=_no_effective_length)
    return Algorithm(
        name,
        implementation,
        {"cipher"},
        lengths,
        properties=[effective] if name == "RC2" else (),
        generate_flags=EXTENDED_KEYSIZE if name in EXTENDED else 0,
        blob_types=BLOBS,
        factory=factory,
        probe="cngcore_legacy.des:probe" if implementation == CRYPTOGRAPHY else None,
        back_end="cryptography" if implementation == CRYPTOGRAPHY else "cngcore-legacy",
        block_length=1 if stream else 8,
        modes=(Mode("N/A", default=True),) if stream else MODES,
        extended_key_lengths=EXTENDED.get(name),
        dispatch_level=True,
        sources=_sources(
            name,
            "modes",
            *BLOBS,
            *(("generate_flags",) if name in EXTENDED else ()),
            *(("EffectiveKeyLength",) if name == "RC2" else ()),
        ),
    )


def _no_effective_length(properties: object) -> None:
    """Return no value: the length of the key is the effective length until another is set."""


def _hash(name: str) -> Algorithm:
    readable = When(algorithm="r")
    sponge = name in SPONGES
    digest, block = SPONGES[name] if sponge else HASHES[name]
    text = When(object="w")
    strings = [Property("CustomizationString", bytes, text)] if sponge else []
    if name.startswith("CSHAKE"):
        strings.append(Property("FunctionNameString", bytes, text))
    mac = name.startswith("KMAC")
    return Algorithm(
        name,
        PYCRYPTODOME,
        {"hash"},
        KeyLengths(0, 1 << 20, 8) if mac else None,
        properties=[
            Property("HashDigestLength", int, readable, value=digest),
            Property("HashBlockLength", int, readable, value=block),
            Property("ObjectLength", int, readable, value=2 * block + digest + 64),
            *strings,
        ],
        introduced="11" if sponge else "vista",
        factory="cngcore_legacy.sponges:Sponges" if sponge else "cngcore_legacy.digests:Digests",
        back_end="pycryptodomex",
        dispatch_level=True,
        keyed=not sponge,
        mac=mac,
        sources=_sources(
            name,
            "HashDigestLength",
            "HashBlockLength",
            "ObjectLength",
            *(one.name for one in strings),
        ),
    )


@hookimpl
def cngcore_register_algorithms() -> Iterable[Algorithm]:
    """Return the ciphers, the hashes and the two sponges."""
    return [*map(_cipher, CIPHERS), *map(_hash, (*HASHES, *SPONGES))]
