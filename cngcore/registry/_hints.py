"""What to do about an algorithm that no implementation serves: the text behind the reasons in an error message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore._nearest import absent, nearest

if TYPE_CHECKING:
    from collections.abc import Collection

_NAMES_OF = {
    "cngcore-rsa": ("RSA", "RSA_SIGN"),
    "cngcore-ec": (
        "ECDSA", "ECDSA_P256", "ECDSA_P384", "ECDSA_P521", "ECDH", "ECDH_P256", "ECDH_P384", "ECDH_P521",
    ),
    "cngcore-dsa": ("DSA",),
    "cngcore-dh": ("DH",),
    "cngcore-mldsa": ("ML-DSA",),
    "cngcore-mlkem": ("ML-KEM",),
    "cngcore-hash": (
        "MD5", "SHA1", "SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-384", "SHA3-512", "SHAKE128", "SHAKE256", "RNG",
    ),
}  # fmt: skip

OURS = frozenset((*_NAMES_OF, "cngcore-curves", "cngcore-liboqs", "cngcore-pkcs11", "cngcore-windows"))
"""The distributions of this project that provide algorithms."""

PACKAGES = {name: package for package, names in _NAMES_OF.items() for name in names}
"""The distribution of this project that serves an algorithm, by the algorithm's name."""


def remedy_for(name: str, installed: Collection[str], distributions: Collection[str]) -> str:
    """Return what to do if no implementation of ``name`` is installed.

    The remedy names a package only if it serves that algorithm, or the one that is meant, and if it is missing.
    """
    missing = absent(name)
    if missing:
        return missing
    package = PACKAGES.get(name)
    if package is not None:
        return f"install a provider: pip install {'--upgrade ' if package in distributions else ''}{package}"
    near = nearest(name, [*installed, *PACKAGES])
    if near is None:
        return "'cng algorithms' lists what is installed"
    hint = f"names are exact, as on Windows; did you mean {near!r}?"
    return hint if near in installed else f"{hint} Install a provider: pip install {PACKAGES[near]}"
