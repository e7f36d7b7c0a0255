"""Prepare our side of every operation that a peer may have."""

from collections.abc import Callable
from functools import partial
from hashlib import sha256

import cngcore
from benchmarks.peers.modules import MESSAGE
from cngcore import KeyPair
from cngcore.constants import BCRYPT_NO_KEY_VALIDATION
from cngcore.padding import Padding, Pkcs1

Call = Callable[[], object]

DIGEST = sha256(MESSAGE).digest()


def _make(
    provider: cngcore.AlgorithmProvider, length: int, parameter_set: str | None = None, flags: int = 0
) -> KeyPair:
    key = provider.generate_key_pair(length, flags)
    if parameter_set is not None:
        key.set_property("ParameterSetName", parameter_set)
    key.finalize()
    return key


def _generate(algorithm: str, length: int, parameter_set: str | None = None, flags: int = 0) -> Call:
    provider = _open(algorithm)
    return lambda: _make(provider, length, parameter_set, flags).destroy()


def _open(algorithm: str) -> cngcore.AlgorithmProvider:
    """Return the opened algorithm: liboqs for ML-KEM and ML-DSA, else the default implementation."""
    if algorithm in ("ML-KEM", "ML-DSA"):
        return cngcore.open_algorithm_provider(algorithm, "liboqs")
    provider = cngcore.open_algorithm_provider(algorithm)
    if algorithm == "ECDH":
        provider.set_property("ECCCurveName", "curve25519")
    return provider


def _in_parameters(length: int) -> Call:
    provider = _open("DSA")
    with _make(provider, length) as key:
        parameters = key.get_property("DSAParameters")

    def made() -> None:
        key = provider.generate_key_pair(length)
        key.set_property("DSAParameters", parameters)
        key.finalize(BCRYPT_NO_KEY_VALIDATION)
        key.destroy()

    return made


def _sign(algorithm: str, length: int, padding: Padding | None, digest: bytes, *, hashed: bool) -> Call:
    key = _make(_open(algorithm), length)
    if hashed:
        return partial(key.sign_hash, digest, padding)
    return lambda: key.sign_hash(sha256(MESSAGE).digest(), padding)


def _verify(algorithm: str, length: int, padding: Padding | None, digest: bytes, *, hashed: bool) -> Call:
    key = _make(_open(algorithm), length)
    signature = key.sign_hash(digest, padding)
    if hashed:
        return partial(key.verify_signature, digest, signature, padding)
    return lambda: key.verify_signature(sha256(MESSAGE).digest(), signature, padding)


def _agree(algorithm: str, length: int, *, derive: bool = False) -> Call:
    provider = _open(algorithm)
    key, peer = _make(provider, length), _make(provider, length).public()

    def agreed() -> None:
        with key.agree(peer) as secret:
            if derive:
                secret.derive("HASH")

    return agreed


def _post_quantum(algorithm: str, name: str, use: str) -> Call:
    key = _make(_open(algorithm), 0, name)
    if use == "sign":
        return partial(key.sign_hash, MESSAGE)
    if use == "verify":
        return partial(key.verify_signature, MESSAGE, key.sign_hash(MESSAGE))
    half = key.public()
    _, sealed = half.encapsulate()
    return half.encapsulate if use == "encapsulate" else partial(key.decapsulate, sealed)


def _ours() -> dict[str, Callable[[], Call]]:
    found: dict[str, Callable[[], Call]] = {}
    signing: list[tuple[str, str, int, Padding | None, bytes]] = [
        ("RSA 2048", "RSA", 2048, Pkcs1("SHA256"), DIGEST),
        ("DSA 1024", "DSA", 1024, None, DIGEST[:20]),
        ("DSA 2048", "DSA", 2048, None, DIGEST),
    ]
    signing += [(f"EC P-{bits}", f"ECDSA_P{bits}", bits, None, DIGEST) for bits in (256, 384, 521)]
    for name, algorithm, length, padding, digest in signing:
        found[f"{name} generate"] = partial(_generate, algorithm, length)
        for word, hashed in (("", False), (" hash", True)):
            found[f"{name} sign{word}"] = partial(_sign, algorithm, length, padding, digest, hashed=hashed)
            found[f"{name} verify{word}"] = partial(_verify, algorithm, length, padding, digest, hashed=hashed)
    found["DSA 2048 generate in parameters"] = partial(_in_parameters, 2048)
    agreeing = [("DH 2048", "DH", 2048), ("X25519", "ECDH", 0)]
    for name, algorithm, length in agreeing:
        found[f"{name} generate"] = partial(_generate, algorithm, length)
    agreeing += [(f"EC P-{bits}", f"ECDH_P{bits}", bits) for bits in (256, 384, 521)]
    for name, algorithm, length in agreeing:
        found[f"{name} agree"] = partial(_agree, algorithm, length)
        found[f"{name} agree and derive"] = partial(_agree, algorithm, length, derive=True)
    for name in ("512", "768", "1024"):
        found[f"ML-KEM {name} generate"] = partial(_generate, "ML-KEM", 0, name, BCRYPT_NO_KEY_VALIDATION)
        found[f"ML-KEM {name} generate and test"] = partial(_generate, "ML-KEM", 0, name)
        for use in ("encapsulate", "decapsulate"):
            found[f"ML-KEM {name} {use}"] = partial(_post_quantum, "ML-KEM", name, use)
    for name in ("44", "65", "87"):
        found[f"ML-DSA {name} generate and test"] = partial(_generate, "ML-DSA", 0, name)
        for use in ("sign", "verify"):
            found[f"ML-DSA {name} {use}"] = partial(_post_quantum, "ML-DSA", name, use)
    return found


OURS = _ours()
