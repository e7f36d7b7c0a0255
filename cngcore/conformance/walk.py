"""The life of a key, step by step, read from the declaration of its algorithm.

``cng tour`` and ``cng selftest`` show the steps, ``cng bench`` times their calls, and the kit's check ``life-cycle``
runs them. Operations, properties, parameter sets, curves and length rules decide what is done. No algorithm is known by
its name, so every provider gets the same walk. Nothing here needs pytest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore.conformance._steps import Step, Use, WrongAnswerError, expect, refuse
from cngcore.conformance.walk_symmetric import start_mac, symmetric_steps
from cngcore.padding import Oaep, Padding, Pkcs1, Pss
from cngcore.status import (
    CngError,
    InvalidHandleError,
    InvalidSignatureError,
    NotSupportedError,
)

if TYPE_CHECKING:
    from cngcore.objects import AlgorithmProvider, KeyPair
    from cngcore.provider import Algorithm

__all__ = [
    "PREFERRED_LENGTH", "QUICK_LENGTH", "Step", "Use", "WrongAnswerError", "after_destroy", "attempts", "curves",
    "empty_key", "expect", "keyless_steps", "life", "refuse", "uses", "variants",
]  # fmt: skip

DIGEST = bytes.fromhex("d88bdb0f6c3c8f5b2ff2c7f0d1d9f0fe5ac8ff1d8d8ad1b4d19a5a3c71f4a4a6")
"""32 bytes to sign."""

MESSAGE = b"a short message"
"""A plaintext to encrypt."""

PREFERRED_LENGTH = 2048
"""Bits of a key if the algorithm offers several lengths."""

QUICK_LENGTH = 1024
"""Bits of a key that only shows whether the algorithm works."""

_SHOWN_CURVES = ("nistP256", "curve25519", "secP256k1", "brainpoolP384r1")
_LEGACY = {value for name, value in vars(c).items() if name.startswith("LEGACY_")}


# --- which keys --------------------------------------------------------------------------------------------


def variants(declared: Algorithm, windows: str, length: int | None = None, *, quick: bool = False) -> Iterator[str]:
    """Yield the kinds of key to make: each parameter set, some curves, or one length; with ``quick`` only the first.

    ``length`` is in bits and limited to what the algorithm allows on that version of Windows.
    """
    found = list(_variants(declared, windows, length or (QUICK_LENGTH if quick else PREFERRED_LENGTH)))
    yield from found[:1] if quick else found


def _variants(declared: Algorithm, windows: str, length: int) -> Iterator[str]:
    if declared.parameter_sets:
        yield from (known.name for known in declared.parameter_sets)
        return
    names = curves(declared)
    if names:
        yield from [name for name in _SHOWN_CURVES if name in names] or names[:1]
        return
    rule = declared.key_lengths
    lengths = rule.for_windows(windows).key_lengths() if rule is not None else None
    if lengths is None or not lengths.step:
        yield str(lengths.minimum) if lengths is not None else ""
    else:
        yield str(max(lengths.minimum, min(lengths.maximum, length)))


def curves(declared: Algorithm) -> tuple[str, ...]:
    """Return the names of the curves that the caller may choose among."""
    found = declared.properties.get(c.BCRYPT_ECC_CURVE_NAME)
    return tuple(map(str, found.values or ())) if found is not None else ()


def empty_key(opened: AlgorithmProvider, variant: str) -> KeyPair:
    """Return a new key of that kind, not yet finalized."""
    declared = opened.declaration
    if declared.parameter_sets:
        key = opened.generate_key_pair()
        key.set_property(c.BCRYPT_PARAMETER_SET_NAME, variant)
        return key
    if curves(declared):
        opened.set_property(c.BCRYPT_ECC_CURVE_NAME, variant)
        return opened.generate_key_pair()
    return opened.generate_key_pair(int(variant or 0))


def another_key(opened: AlgorithmProvider, key: KeyPair) -> KeyPair:
    """Return a second finalized key of the same kind, as the peer of an agreement."""
    sets = opened.declaration.parameter_sets
    other = opened.generate_key_pair(0 if sets or curves(opened.declaration) else key.length)
    if sets:
        other.set_property(c.BCRYPT_PARAMETER_SET_NAME, key.parameter_set)
    other.finalize()
    return other


# --- the life of a key -------------------------------------------------------------------------------------


def life(opened: AlgorithmProvider, make: Callable[[], KeyPair], *, use: bool = True) -> Iterator[Step]:
    """Yield the steps from the birth of one key to its end; the caller runs each before it takes the next.

    ``make`` returns the empty key. ``use=False`` leaves out signing, encrypting, agreeing and encapsulating. The walk
    ends early if the key cannot be made or finalized.
    """
    made: list[KeyPair] = []
    yield Step("generate an empty key", lambda: made.append(_empty(make)))
    if not made:
        return
    key = made[0]
    yield Step("finalize it", key.finalize)
    if key.state != "finalized":
        return
    yield Step(
        "refuse to finalize it again",
        lambda: refuse(InvalidHandleError, key.finalize, "the second call of finalize() succeeded"),
    )
    if use:
        yield from uses(opened, key)
    for name, declared in opened.declaration.blob_types.items():
        if declared.exports and declared.imports and (name not in _LEGACY or _has_room(key, name)):
            yield Step(f"export {name}, import it, export it again", partial(_round_trip, opened, key, name, use))
    yield Step("destroy it; then every use is refused", partial(_destroy, opened, key))


def _empty(make: Callable[[], KeyPair]) -> KeyPair:
    key = make()
    expect(key.state == "empty", f"the new key is {key.state}, not empty")
    return key


def _has_room(key: KeyPair, blob_type: str) -> bool:
    """Return whether the blob type has room for this key; CryptoAPI's do not have it for every key."""
    try:
        key.export(blob_type)
    except NotSupportedError:
        return False
    return True


def _round_trip(opened: AlgorithmProvider, key: KeyPair, blob_type: str, use: bool) -> None:
    blob = key.export(blob_type)
    with opened.import_key_pair(blob_type, blob) as twin:
        expect(twin.state == "finalized", f"the imported key is {twin.state}, not finalized")
        refuse(InvalidHandleError, twin.finalize, "an imported key was finalized")
        expect(twin.export(blob_type) == blob, "the second blob differs from the first")
        if use and "sign" in opened.operations:
            _sign(key, twin, signature_paddings(opened)[0])
    if type(blob) is bytearray:
        blob[:] = bytes(len(blob))


def _destroy(opened: AlgorithmProvider, key: KeyPair) -> None:
    calls = after_destroy(opened.declaration, key, key)
    key.destroy()
    for name, call in calls.items():
        refuse(InvalidHandleError, call, f"{name} worked with a destroyed key")


def attempts(declared: Algorithm, key: KeyPair, peer: KeyPair) -> dict[str, Callable[[], object]]:
    """Return every use of a key as a call with arbitrary data, by name: what an empty or destroyed key must refuse."""
    calls: dict[str, Callable[[], object]] = {"public": key.public}
    for name, blob_type in declared.blob_types.items():
        if blob_type.exports:
            calls[f"export({name})"] = partial(key.export, name)
    if "sign" in declared.operations:
        calls["sign_hash"] = partial(key.sign_hash, bytes(32))
        calls["verify_signature"] = partial(key.verify_signature, bytes(32), b"s")
    if "encrypt" in declared.operations:
        calls["encrypt"] = partial(key.encrypt, b"text")
        calls["decrypt"] = partial(key.decrypt, b"text")
    if "agree" in declared.operations:
        calls["agree"] = partial(key.agree, peer)
        calls["agree (as the peer)"] = partial(peer.agree, key)
    if "encapsulate" in declared.operations:
        calls["encapsulate"] = key.encapsulate
        calls["decapsulate"] = partial(key.decapsulate, b"c")
    return calls


def after_destroy(declared: Algorithm, key: KeyPair, peer: KeyPair) -> dict[str, Callable[[], object]]:
    """Return the calls that a destroyed key must refuse: every use, and what works on an empty key as well."""
    return {
        **attempts(declared, key, peer),
        "finalize": key.finalize,
        "get_property": partial(key.get_property, c.BCRYPT_ALGORITHM_NAME),
        "destroy": key.destroy,
    }


# --- what a key is for -------------------------------------------------------------------------------------


def uses(opened: AlgorithmProvider, key: KeyPair) -> Iterator[Use]:
    """Yield each use of a finalized key, with each padding that its algorithm declares."""
    operations = opened.declaration.operations
    if "sign" in operations:
        for padding in signature_paddings(opened):
            what = f"sign{_with(padding)}, verify, refuse a changed hash"
            yield Use(what, partial(_sign, key, key, padding), partial(_signing_calls, key, padding))
    if "encrypt" in operations:
        for padding in encryption_paddings(opened, key):
            what = f"encrypt{_with(padding)}, decrypt"
            yield Use(what, partial(_encrypt, key, padding), partial(_encryption_calls, key, padding))
    if "agree" in operations:
        what = "agree on a secret with another key, both ways"
        yield Use(what, partial(_agree, opened, key), partial(_agreement_calls, opened, key))
    if "encapsulate" in operations:
        yield Use(
            "encapsulate a secret, decapsulate it", partial(_encapsulate, key), partial(_encapsulation_calls, key)
        )


def digest_for(key: KeyPair) -> bytes:
    """Return a digest that the key signs without padding: at most half a signature long, as DSA demands."""
    size = len(DIGEST)
    with suppress(CngError):
        size = min(size, key.size_of("sign") // 2)
    return DIGEST[:size]


def signature_paddings(opened: AlgorithmProvider) -> list[Padding | None]:
    """Return the paddings to sign with; ``[None]`` if the algorithm has none."""
    schemes = _schemes(opened)
    found: list[Padding | None] = []
    if schemes & c.BCRYPT_SUPPORTED_PAD_PSS:
        found.append(Pss("SHA256", 16))
    if schemes & c.BCRYPT_SUPPORTED_PAD_PKCS1_SIG:
        found.append(Pkcs1("SHA256"))
    return found or [None]


def encryption_paddings(opened: AlgorithmProvider, key: KeyPair) -> list[Padding | None]:
    """Return the paddings to encrypt with; ``[None]`` if the algorithm has none."""
    schemes = _schemes(opened)
    found: list[Padding | None] = []
    if schemes & c.BCRYPT_SUPPORTED_PAD_OAEP:
        found.append(Oaep("SHA1" if key.size_of("encrypt") < 80 else "SHA256", b"tour"))
    if schemes & c.BCRYPT_SUPPORTED_PAD_PKCS1_ENC:
        found.append(Pkcs1())
    return found or [None]


def _schemes(opened: AlgorithmProvider) -> int:
    try:
        found = opened.get_property(c.BCRYPT_PADDING_SCHEMES)
    except NotSupportedError:
        return 0
    return found if isinstance(found, int) else 0


def _named(padding: Padding | None) -> str:
    """Return a name such as ``PSS SHA256``; an empty one for no padding."""
    if padding is None:
        return ""
    name = {Pss: "PSS", Pkcs1: "PKCS #1 v1.5", Oaep: "OAEP"}.get(type(padding), type(padding).__name__)
    return f"{name} {getattr(padding, 'hash', None) or ''}".rstrip()


def _with(padding: Padding | None) -> str:
    return f" with {_named(padding)}" if padding is not None else ""


def _sign(signer: KeyPair, verifier: KeyPair, padding: Padding | None) -> None:
    digest = digest_for(signer) if padding is None else DIGEST
    signature = signer.sign_hash(digest, padding)
    size = signer.size_of("sign")
    expect(len(signature) == size, f"the signature has {len(signature)} bytes, not {size}")
    verifier.verify_signature(digest, signature, padding)
    changed = bytes([digest[0] ^ 1]) + digest[1:]
    refuse(
        InvalidSignatureError,
        lambda: verifier.verify_signature(changed, signature, padding),
        "the signature verifies over another hash",
    )


def _signing_calls(key: KeyPair, padding: Padding | None) -> dict[str, Callable[[], object]]:
    digest = digest_for(key) if padding is None else DIGEST
    signature = key.sign_hash(digest, padding)
    return {
        f"sign {_named(padding)}".rstrip(): partial(key.sign_hash, digest, padding),
        f"verify {_named(padding)}".rstrip(): partial(key.verify_signature, digest, signature, padding),
    }


def _encrypt(key: KeyPair, padding: Padding | None) -> None:
    ciphertext = key.encrypt(MESSAGE, padding)
    expect(MESSAGE not in ciphertext, "the ciphertext contains the message")
    expect(key.decrypt(ciphertext, padding) == MESSAGE, "decrypting returned another message")


def _encryption_calls(key: KeyPair, padding: Padding | None) -> dict[str, Callable[[], object]]:
    ciphertext = key.encrypt(MESSAGE, padding)
    return {
        f"encrypt {_named(padding)}".rstrip(): partial(key.encrypt, MESSAGE, padding),
        f"decrypt {_named(padding)}".rstrip(): partial(key.decrypt, ciphertext, padding),
    }


def _agree(opened: AlgorithmProvider, key: KeyPair) -> None:
    with (
        another_key(opened, key) as other,
        key.agree(other.public()) as ours,
        other.agree(key.public()) as theirs,
    ):
        derived = ours.derive("HASH", hash="SHA256")
        expect(derived == theirs.derive("HASH", hash="SHA256"), "the two sides have different secrets")
        expect(any(derived), "the secret is all zeros")


def _agreement_calls(opened: AlgorithmProvider, key: KeyPair) -> dict[str, Callable[[], object]]:
    peer = another_key(opened, key).public()
    return {"agree": lambda: key.agree(peer).destroy()}


def _encapsulate(key: KeyPair) -> None:
    secret, ciphertext = key.public().encapsulate()
    expect(key.decapsulate(ciphertext) == secret, "the two sides have different secrets")


def _encapsulation_calls(key: KeyPair) -> dict[str, Callable[[], object]]:
    half = key.public()
    _, ciphertext = half.encapsulate()
    return {"encapsulate": half.encapsulate, "decapsulate": partial(key.decapsulate, ciphertext)}


# --- algorithms without key pairs --------------------------------------------------------------------------


def keyless_steps(opened: AlgorithmProvider) -> Iterator[Use]:
    """Yield the steps of an algorithm without key pairs: a cipher, a derivation, a hash, a source of random bytes."""
    yield Use("refuse to make a key pair", lambda: _no_key_pairs(opened), dict)
    yield from symmetric_steps(opened)
    if "hash" in opened.operations:
        yield Use(
            "hash in one piece and in two, duplicate in between", partial(_hash, opened), partial(_hash_calls, opened)
        )
    if "random" in opened.operations:
        yield Use("draw random bytes twice", partial(_draw, opened), partial(_random_calls, opened))


def _no_key_pairs(opened: AlgorithmProvider) -> None:
    refuse(NotSupportedError, lambda: opened.generate_key_pair(256), "it made a key pair")


def _hash(opened: AlgorithmProvider) -> None:
    with start_mac(opened) as whole, start_mac(opened) as parts:
        whole.update(DIGEST)
        parts.update(DIGEST[:7])
        with parts.copy() as twin:
            for state in (parts, twin):
                state.update(DIGEST[7:])
            digest = whole.finish()
            expect(digest == parts.finish() == twin.finish(), "the digests differ")
            expect(len(digest) == whole.digest_length, f"the digest has {len(digest)} bytes, not {whole.digest_length}")


def _hash_calls(opened: AlgorithmProvider) -> dict[str, Callable[[], object]]:
    content = bytes(1024)

    def hash_once() -> None:
        with start_mac(opened) as state:
            state.update(content)
            state.finish()

    return {f"hash {len(content)} bytes": hash_once}


def _draw(opened: AlgorithmProvider) -> None:
    one, other = bytearray(32), bytearray(32)
    for buffer in (one, other):
        opened.fill_random(memoryview(buffer))
    expect(one != other and any(one), "two draws returned the same bytes")


def _random_calls(opened: AlgorithmProvider) -> dict[str, Callable[[], object]]:
    buffer = memoryview(bytearray(32))
    return {f"random {len(buffer)} bytes": partial(opened.fill_random, buffer)}
