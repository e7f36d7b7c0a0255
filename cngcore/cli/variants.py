"""What there is to do with an implementation's keys, read from its declaration: for the tour, self-tests and timings.

A stranger's provider gets the same treatment as ours: everything follows from operations, properties, parameter sets,
curves and length rules; no algorithm is known by its name.
"""

from collections.abc import Iterator
from contextlib import suppress

from cngcore import constants as c
from cngcore.cli.tables import curves
from cngcore.objects import AlgorithmProvider, KeyPair
from cngcore.padding import Oaep, Padding, Pkcs1, Pss
from cngcore.provider import Algorithm
from cngcore.status import CngError, NotSupportedError

DIGEST = bytes.fromhex("d88bdb0f6c3c8f5b2ff2c7f0d1d9f0fe5ac8ff1d8d8ad1b4d19a5a3c71f4a4a6")
"""Some 32 bytes to sign."""

PREFERRED_LENGTH = 2048
"""Bits of a key where the algorithm has a choice."""

QUICK_LENGTH = 1024
"""Bits of a key that is made only to see that it works."""

_SHOWN_CURVES = ("nistP256", "curve25519", "secP256k1", "brainpoolP384r1")


def variants(declared: Algorithm, windows: str, length: int | None = None, *, quick: bool = False) -> Iterator[str]:
    """The kinds of key to make: each parameter set, some curves, or one length; with ``quick`` just one kind."""
    found = list(_variants(declared, windows, length or (QUICK_LENGTH if quick else PREFERRED_LENGTH)))
    yield from found[:1] if quick else found


def _variants(declared: Algorithm, windows: str, length: int) -> Iterator[str]:
    if declared.parameter_sets:
        yield from (known.name for known in declared.parameter_sets)
        return
    names = curves(declared.properties.get(c.BCRYPT_ECC_CURVE_NAME))
    if names:
        yield from [name for name in _SHOWN_CURVES if name in names] or names[:1]
        return
    rule = declared.key_lengths
    found = rule.for_windows(windows).key_lengths() if rule is not None else None
    if found is None or not found.step:
        yield str(found.minimum) if found is not None else ""
    else:
        yield str(max(found.minimum, min(found.maximum, length)))


def empty_key(provider: AlgorithmProvider, variant: str) -> KeyPair:
    """A new key of that kind, not finalized."""
    declared = provider.declaration
    if declared.parameter_sets:
        key = provider.generate_key_pair()
        key.set_property(c.BCRYPT_PARAMETER_SET_NAME, variant)
        return key
    if curves(declared.properties.get(c.BCRYPT_ECC_CURVE_NAME)):
        provider.set_property(c.BCRYPT_ECC_CURVE_NAME, variant)
        return provider.generate_key_pair()
    return provider.generate_key_pair(int(variant or 0))


def another_key(key: KeyPair, provider: AlgorithmProvider) -> KeyPair:
    """A finalized key of the same kind, for two to agree."""
    length = key.get_property(c.BCRYPT_KEY_LENGTH) if provider.declaration.key_lengths is not None else 0
    other = provider.generate_key_pair(length if isinstance(length, int) else 0)
    other.finalize()
    return other


def digest_for(key: KeyPair) -> bytes:
    """A digest that the key signs: never longer than half a signature, as DSA wants it exactly."""
    size = len(DIGEST)
    with suppress(CngError):
        size = min(size, key.size_of("sign") // 2)
    return DIGEST[:size]


def signature_paddings(provider: AlgorithmProvider) -> list[Padding | None]:
    """Paddings to sign with; ``[None]`` where the algorithm has none."""
    schemes = _schemes(provider)
    found: list[Padding | None] = []
    if schemes & c.BCRYPT_SUPPORTED_PAD_PSS:
        found.append(Pss("SHA256", 16))
    if schemes & c.BCRYPT_SUPPORTED_PAD_PKCS1_SIG:
        found.append(Pkcs1("SHA256"))
    return found or [None]


def encryption_paddings(provider: AlgorithmProvider, key: KeyPair) -> list[Padding | None]:
    """Paddings to encrypt with; ``[None]`` where the algorithm has none."""
    schemes = _schemes(provider)
    found: list[Padding | None] = []
    if schemes & c.BCRYPT_SUPPORTED_PAD_OAEP:
        found.append(Oaep("SHA1" if key.size_of("encrypt") < 80 else "SHA256", b"tour"))
    if schemes & c.BCRYPT_SUPPORTED_PAD_PKCS1_ENC:
        found.append(Pkcs1())
    return found or [None]


def _schemes(provider: AlgorithmProvider) -> int:
    try:
        found = provider.get_property(c.BCRYPT_PADDING_SCHEMES)
    except NotSupportedError:
        return 0
    return found if isinstance(found, int) else 0


def named(padding: Padding | None) -> str:
    """``"PSS SHA256"``; empty for no padding."""
    if padding is None:
        return ""
    name = {Pss: "PSS", Pkcs1: "PKCS #1 v1.5", Oaep: "OAEP"}.get(type(padding), type(padding).__name__)
    return f"{name} {getattr(padding, 'hash', None) or ''}".rstrip()
