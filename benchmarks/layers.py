"""Measure where the time of an operation goes: in the library, in the provider, in the core, in the flat API.

Each layer is called directly, with what the layer above would give it: the bare library, the provider's factory or key
material, the object API, the flat API. All are called in turns; what a layer adds is the difference to the one below.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from benchmarks.bare import DIGEST
from benchmarks.bounds import slowness
from benchmarks.harness import Call, Figure, best_turns
from benchmarks.operations import BLOBS, FLAT, Kind, flat, kinds, ours
from cngcore.provider import KeyRequest

LAYERS = ("library", "provider", "core", "flat")

PROFILED = (
    "ECDSA P256 (cryptography)",
    "ECDH P256 (cryptography)",
    "ECDH curve25519 (cryptography)",
    "RSA 2048 (cryptography)",
    "DSA 2048 (cryptography)",
    "DH 2048 (cngcore)",
    "ML-KEM 768 (cryptography)",
    "ML-KEM 768 (liboqs)",
    "ML-DSA 65 (cryptography)",
)
"""One kind of each family."""


def figures() -> Iterator[Figure | str]:
    for kind in kinds():
        title = f"{kind.name} ({kind.implementation})"
        if title not in PROFILED:
            continue
        try:
            provider = kind.open()
        except Exception as error:
            yield f"{title}: {error}"
            continue
        library, core, flat_calls = kind.back_end(), ours(kind, provider), flat(kind)
        for operation, call in _of_provider(kind, provider).items():
            if operation not in library or operation not in core:
                continue
            calls = {"library": library[operation], "provider": call, "core": core[operation]}
            if operation + FLAT in flat_calls:
                calls["flat"] = flat_calls[operation + FLAT]
            rounds = list(best_turns(list(calls.values())))
            more = [taken[-1] - taken[0] for taken in rounds]
            sides = {layer: [taken[index] for taken in rounds] for index, layer in enumerate(calls)}
            note = f"a call of Python takes {27 * slowness():.0f} ns"
            yield Figure("layers", f"{title}: {operation}", "us more", more, sides, note=note)


def _of_provider(kind: Kind, provider: Any) -> dict[str, Call]:
    """Return the operations as the core asks them of the provider."""
    key = kind.make(provider)
    material: Any = key._material
    factory = provider.factory
    properties = dict(provider._properties)
    if kind.length:
        properties["KeyLength"] = kind.length
    if kind.parameter_set is not None:
        properties["ParameterSetName"] = kind.parameter_set
    blob_type = BLOBS[kind.algorithm.partition("_")[0]]
    calls: dict[str, Call] = {"export": partial(material.export, blob_type)}
    blob = bytes(material.export(blob_type))
    calls["import"] = partial(factory.import_key, blob_type, blob, KeyRequest(0, 0, provider._properties))
    if kind.algorithm not in ("RSA", "DSA", "ML-DSA"):
        tested = "generate and test" if kind.algorithm == "ML-KEM" else "generate"
        calls[tested] = partial(factory.generate, KeyRequest(0, 0, properties))
    if "sign" in provider.operations:
        from cngcore.padding import Pkcs1

        padding, end = (Pkcs1("SHA256"), " PKCS1") if kind.algorithm == "RSA" else (None, "")
        signature = material.sign_hash(DIGEST, padding)
        calls[f"sign{end}"] = partial(material.sign_hash, DIGEST, padding)
        calls[f"verify{end}"] = partial(material.verify_signature, DIGEST, signature, padding)
    if "agree" in provider.operations:
        calls["agree"] = partial(material.agree, kind.make(provider)._material)
    if "encapsulate" in provider.operations:
        _, sealed = material.encapsulate()
        calls["encapsulate"], calls["decapsulate"] = material.encapsulate, partial(material.decapsulate, sealed)
    return calls
