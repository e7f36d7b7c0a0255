"""ML-KEM and ML-DSA over their back ends: one cycle of a key beside the bare calls that make the same.

A cycle is generate, set the parameter set, finalize, destroy; finalizing includes the pairwise consistency test that
the contract asks for, so the bare figure includes one too (an encapsulation and a decapsulation; a signature and its
verification). ML-KEM is shown without it as well (``BCRYPT_NO_KEY_VALIDATION``). Where liboqs and liboqs-python are
installed, the wrapper's own object is measured in the same run.

    python benchmarks/pq.py
"""

import statistics
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import mldsa, mlkem

import cngcore
from cngcore.constants import BCRYPT_NO_KEY_VALIDATION

ROUNDS, REPEATS = 300, 9


def medians(**works: Callable[[], object]) -> dict[str, float]:
    """Median microseconds of one call of each work, taken in turns."""
    samples: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(REPEATS):
        for name, work in works.items():
            begun = time.perf_counter()
            for _ in range(ROUNDS):
                work()
            samples[name].append((time.perf_counter() - begun) / ROUNDS * 1e6)
    return {name: statistics.median(values) for name, values in samples.items()}


def cycle(provider: cngcore.AlgorithmProvider, parameter_set: str, flags: int = 0) -> Callable[[], None]:
    def work() -> None:
        key = provider.generate_key_pair(0, flags)
        key.set_property("ParameterSetName", parameter_set)
        key.finalize()
        key.destroy()

    return work


def show(name: str, figures: dict[str, float]) -> None:
    print(f"{name:<22}" + "  ".join(f"{what} {value:8.1f}" for what, value in figures.items()))


def ml_kem() -> None:
    provider = cngcore.open_algorithm_provider("ML-KEM", "cryptography")
    for name, kind in (("768", mlkem.MLKEM768PrivateKey), ("1024", mlkem.MLKEM1024PrivateKey)):

        def tested(kind: type[mlkem.MLKEM768PrivateKey] | type[mlkem.MLKEM1024PrivateKey] = kind) -> None:
            private = kind.generate()
            secret, ciphertext = private.public_key().encapsulate()
            assert private.decapsulate(ciphertext) == secret

        figures = medians(
            bare=kind.generate,
            bare_and_test=tested,
            cycle=cycle(provider, name),
            cycle_without_test=cycle(provider, name, BCRYPT_NO_KEY_VALIDATION),
        )
        show(f"ML-KEM-{name} cryptography", figures)


def ml_dsa() -> None:
    provider = cngcore.open_algorithm_provider("ML-DSA", "cryptography")
    kinds = {"44": mldsa.MLDSA44PrivateKey, "65": mldsa.MLDSA65PrivateKey, "87": mldsa.MLDSA87PrivateKey}
    for name, kind in kinds.items():

        def tested(kind: type[mldsa.MLDSA44PrivateKey] = kind) -> None:  # type: ignore[assignment]
            private = kind.generate()
            private.public_key().verify(private.sign(b"x" * 32), b"x" * 32)

        figures = medians(bare=kind.generate, bare_and_test=tested, cycle=cycle(provider, name))
        show(f"ML-DSA-{name} cryptography", figures)


def liboqs() -> None:
    try:
        provider = cngcore.open_algorithm_provider("ML-KEM", "liboqs")
    except cngcore.NotFoundError as error:
        print(f"liboqs: {error}")
        return
    import ctypes
    import logging
    import os

    from cngcore_liboqs.mlkem import functions_of

    logging.getLogger("oqs.oqs").disabled = True
    os.environ["PYOQS_VERSION"] = "off"
    import oqs

    for known in provider.declaration.parameter_sets:
        functions, sizes = functions_of(known), known.sizes

        def bare(functions=functions, sizes=sizes) -> None:  # type: ignore[no-untyped-def]
            public = (ctypes.c_char * sizes["encapsulation_key"])()
            private = (ctypes.c_char * sizes["decapsulation_key"])()
            functions.keypair(public, private, os.urandom(64))

        def wrapper(name: str = known.name) -> None:
            with oqs.KeyEncapsulation(f"ML-KEM-{name}") as kem:
                kem.generate_keypair()

        figures = medians(
            bare=bare,
            cycle=cycle(provider, known.name),
            cycle_without_test=cycle(provider, known.name, BCRYPT_NO_KEY_VALIDATION),
            liboqs_python=wrapper,
        )
        show(f"ML-KEM-{known.name} liboqs", figures)


if __name__ == "__main__":
    ml_kem()
    ml_dsa()
    liboqs()
