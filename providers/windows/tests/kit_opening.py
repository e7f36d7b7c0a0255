"""A plug-in for pytest that opens the library's algorithms before the conformance kit begins.

The kit makes a registry with this provider only the default one. A library that is cngcore itself would find no other
provider then. Algorithms that are open already need none.
"""

from importlib import import_module


def pytest_configure():
    """Open every algorithm of the library, with each curve."""
    from cngcore_windows import cngcore_register_algorithms, keypairs, library

    for algorithm in cngcore_register_algorithms():
        module, _, name = algorithm.factory.partition(":")
        getattr(import_module(module), name)(algorithm).load()
    for family, curves in (("ECDSA", keypairs.CURVES), ("ECDH", (*keypairs.CURVES, "curve25519"))):
        for curve in curves:
            library.algorithm(family, curve=curve)
