"""Import all checks, by subject, and return them in the order of the report."""

from __future__ import annotations

from importlib import import_module

from cngcore.conformance._check import CHECKS, Check

__all__ = ["load"]

_MODULES = (
    "metadata",
    "key_formats",
    "process",
    "declaration",
    "profile",
    "lengths",
    "flags",
    "properties",
    "parameter_sets",
    "life_cycle",
    "sizes",
    "public_halves",
    "signatures",
    "encryption",
    "rsa",
    "agreement",
    "encapsulation",
    "blobs",
    "malformed",
    "numbers",
    "signature_numbers",
    "secret_numbers",
    "randomness",
    "independence",
    "secrecy",
    "interrupts",
    "dispatch",
    "hashes",
    "macs",
    "symmetric_keys",
    "ciphers",
    "chaining",
    "cipher_life",
    "authenticated",
    "derivations",
    "symmetric_secrecy",
    "vectors",
    "differential",
)


def load() -> dict[str, Check]:
    """Return every check by its name, in the order of the modules above and of the lines in each."""
    places = {import_module(f"{__name__}.{name}").__name__: number for number, name in enumerate(_MODULES)}

    def place(item: tuple[str, Check]) -> tuple[int, int]:
        function = item[1].function
        return places[function.__module__], function.__code__.co_firstlineno

    ordered = sorted(CHECKS.items(), key=place)
    CHECKS.clear()
    CHECKS.update(ordered)
    return CHECKS
