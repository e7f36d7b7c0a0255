"""The declarations of ciphers, hashes, MACs, key-derivation functions and the random number generator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.families import derivations
from cngcore.provider import KeyLengths, Mode, OidList, Property, When
from cngcore_windows.common import adopted, declare
from cngcore_windows.names import DISTRIBUTION, IMPLEMENTATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cngcore.provider import Algorithm

EXTENDED_KEYSIZE = 0x80
INCOMPATIBLE_FIPS_CHECKS = 0x100

BLOBS = ("KeyDataBlob", "OpaqueKeyBlob", "Rfc3565KeyWrapBlob")

_CBC, _ECB, _CFB = Mode("CBC", default=True), Mode("ECB"), Mode("CFB")
_CCM = Mode("CCM", nonce=(7, 13, 1), tag=(4, 16, 2), max_data=lambda nonce: (1 << 8 * (15 - nonce)) - 1)
_GCM = Mode("GCM", nonce=(12, 12, 1), tag=(12, 16, 1), max_data=(1 << 36) - 32, chained=True)
_CHACHA = Mode("N/A", default=True, nonce=(12, 12, 1), tag=(16, 16, 1), max_data=(1 << 38) - 64)
_OLD_MODES = (_CBC, _ECB, _CFB)

CIPHERS: dict[str, tuple[KeyLengths, int, tuple[Mode, ...], str, str]] = {
    "AES": (KeyLengths(128, 256, 64), 16, (_CBC, _ECB, _CFB, _CCM, _GCM), "vista", "rule-cipher-aes [wine-test]"),
    "XTS-AES": (
        KeyLengths(256, 512, 256), 16, (Mode("N/A", default=True, iv_length=8),), "10", "rule-cipher-xts [symcrypt]",
    ),
    "CHACHA20_POLY1305": (KeyLengths(256, 256, 0), 1, (_CHACHA,), "11", "rule-cipher-chacha20 [go, dotnet]"),
    "3DES": (KeyLengths(192, 192, 0), 8, _OLD_MODES, "vista", "rule-cipher-3des [wine-test]"),
    "3DES_112": (KeyLengths(128, 128, 0), 8, _OLD_MODES, "vista", "rule-cipher-3des [symcrypt, win-ci]"),
    "DES": (KeyLengths(64, 64, 0), 8, _OLD_MODES, "vista", "rule-cipher-des [symcrypt, go]"),
    "DESX": (KeyLengths(192, 192, 0), 8, _OLD_MODES, "vista", "rule-cipher-des [symcrypt]"),
    "RC2": (KeyLengths(16, 128, 8), 8, _OLD_MODES, "vista", "rule-cipher-rc2 [symcrypt, win-ci]"),
    "RC4": (KeyLengths(8, 512, 8), 1, (Mode("N/A", default=True),), "vista", "rule-cipher-rc4 [symcrypt]"),
}  # fmt: skip
"""By name: bits of the secret, bytes of a block, modes, first Windows, the source of the lengths."""

_FLAGS = {"XTS-AES": INCOMPATIBLE_FIPS_CHECKS, "RC2": EXTENDED_KEYSIZE, "RC4": EXTENDED_KEYSIZE}
_EXTENDED = {"RC2": KeyLengths(16, 1024, 8), "RC4": KeyLengths(8, 2048, 8)}

HASHES = {
    "MD2": (16, 16, "vista", "2a864886f70d0202"),
    "MD4": (16, 64, "vista", "2a864886f70d0204"),
    "MD5": (16, 64, "vista", "2a864886f70d0205"),
    "SHA1": (20, 64, "vista", "2b0e03021a"),
    "SHA256": (32, 64, "vista", "608648016503040201"),
    "SHA384": (48, 128, "vista", "608648016503040202"),
    "SHA512": (64, 128, "vista", "608648016503040203"),
    "SHA3-256": (32, 136, "11", "608648016503040208"),
    "SHA3-384": (48, 104, "11", "608648016503040209"),
    "SHA3-512": (64, 72, "11", "60864801650304020a"),
    "SHAKE128": (32, 168, "11-24h2", "60864801650304020b"),
    "SHAKE256": (64, 136, "11-24h2", "60864801650304020c"),
}
"""By name: digest bytes, block bytes, first Windows, object identifier (FIPS 180-4, FIPS 202, RFC 1321)."""

SPONGES = {"KMAC128": (32, 168), "KMAC256": (64, 136), "CSHAKE128": (32, 168), "CSHAKE256": (64, 136)}
"""By name: bytes of the usual output and of a block (SP 800-185)."""

_SOURCES = {
    "operations": "contract: rule-symmetric [doc]; no key pairs: BCryptGenerateKeyPair page [doc]",
    "modes": "contract: rule-symmetric [doc]; rule-authenticated-lengths [wine-test, go, symcrypt, dotnet]",
    "generate_flags": "contract: rule-cipher-xts, rule-cipher-rc2, rule-cipher-rc4 [symcrypt]",
    "parameters": "contract: rule-kdf-parameters [doc, go, dotnet, symcrypt]",
    "EffectiveKeyLength": "contract: rule-cipher-rc2 [symcrypt, dotnet]",
    "KeyDataBlob": "contract: rule-symmetric-blobs [wine-test, header]",
    "OpaqueKeyBlob": "contract: rule-symmetric-blobs [wine-test]; the layout is the core's own",
    "Rfc3565KeyWrapBlob": "contract: rule-symmetric-blobs [wine-test, doc]; RFC 3394",
    "HashDigestLength": "FIPS 180-4, FIPS 202, SP 800-185, SP 800-38B and 38D",
    "HashBlockLength": "FIPS 180-4, FIPS 202, SP 800-185, FIPS 197",
    "ObjectLength": "contract: rule-get-object-length [wine-test]; the value is our own",
    "HashOIDList": "contract: rule-symmetric-properties [doc, inferred]; RFC 8017 appendix B.1",
    "IV": "contract: rule-mac-gmac [win-ci]",
    "CustomizationString": "contract: rule-mac-kmac [dotnet, go]",
    "FunctionNameString": "contract: rule-mac-cshake [go]",
}
"""The source of each rule."""


def _sources(*names: str, key_lengths: str = "") -> dict[str, str]:
    lengths = {"key_lengths": f"contract: {key_lengths}"} if key_lengths else {}
    return lengths | {name: _SOURCES[name] for name in ("operations", *names)}


def _cipher(name: str) -> Algorithm:
    lengths, block, modes, introduced, source = CIPHERS[name]
    effective = Property("EffectiveKeyLength", int, When(algorithm="rw", finalized="rw"), value=_no_effective_length)
    properties = [effective] if name == "RC2" else []
    more = [one.name for one in properties] + (["generate_flags"] if name in _FLAGS else [])
    return declare(
        name,
        {"cipher"},
        "ciphers:Ciphers",
        key_lengths=lengths,
        properties=properties,
        generate_flags=_FLAGS.get(name, 0),
        blob_types=BLOBS,
        introduced=introduced,
        block_length=block,
        modes=modes,
        extended_key_lengths=_EXTENDED.get(name),
        sources=_sources("modes", *BLOBS, *more, key_lengths=source),
    )


def _no_effective_length(_properties: object) -> None:
    """Return no value: the length of the key is the effective length until another is set."""


def _hashing(name: str, digest: int, block: int, introduced: str, more: list[Property], **options: object) -> Algorithm:
    readable = When(algorithm="r")
    properties = [
        Property("HashDigestLength", int, readable, value=digest),
        Property("HashBlockLength", int, readable, value=block),
        Property("ObjectLength", int, readable, value=2 * block + digest + 64),
        *more,
    ]
    lengths = "rule-mac-kmac, rule-mac-cmac, rule-mac-gmac [doc, symcrypt]" if options.get("mac") else ""
    return declare(
        name,
        {"hash"},
        "hashes:Hashes",
        properties=properties,
        introduced=introduced,
        sources=_sources(*(one.name for one in properties), key_lengths=lengths),
        **options,
    )


def _hash(name: str) -> Algorithm:
    digest, block, introduced, oid = HASHES[name]
    known = Property("HashOIDList", OidList, When(algorithm="r"), value=OidList((bytes.fromhex(oid),)))
    return _hashing(name, digest, block, introduced, [known], keyed=not name.startswith("SHAKE"))


def _sponge(name: str) -> Algorithm:
    text, mac = When(object="w"), name.startswith("KMAC")
    strings = [Property("CustomizationString", bytes, text)]
    if not mac:
        strings.append(Property("FunctionNameString", bytes, text))
    lengths = KeyLengths(0, 1 << 20, 8) if mac else None
    return _hashing(name, *SPONGES[name], "11", strings, key_lengths=lengths, mac=mac)


def _kdf(name: str) -> Algorithm:
    declared = derivations.kdf(name, IMPLEMENTATION, factory="", back_end=DISTRIBUTION)
    return adopted(declared, "derivations:Hkdf" if name == "HKDF" else "derivations:Derivations")


def declarations() -> Iterator[Algorithm]:
    """Return the ciphers, hashes, MACs, key-derivation functions, and RNG."""
    yield from map(_cipher, CIPHERS)
    yield from map(_hash, HASHES)
    yield from map(_sponge, SPONGES)
    aes = KeyLengths(128, 256, 64)
    yield _hashing("AES-CMAC", 16, 16, "8", [], key_lengths=aes, mac=True, keyed=True)
    iv = Property("IV", bytes, When(object="w"))
    yield _hashing("AES-GMAC", 16, 16, "vista", [iv], key_lengths=aes, mac=True)
    yield from map(_kdf, derivations.PARAMETERS)
    yield declare("RNG", {"random"}, "hashes:Random", sources=_sources())
