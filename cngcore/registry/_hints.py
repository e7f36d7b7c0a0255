"""What to do about an algorithm that no implementation serves: the text behind the reasons in an error message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cngcore._nearest import absent, install, nearest
from cngcore.blobs.curves import CURVES
from cngcore.registry._key_defaults import one_step_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_NAMES_OF = {
    "cngcore-rsa": ("RSA", "RSA_SIGN"),
    "cngcore-ec": (
        "ECDSA", "ECDSA_P256", "ECDSA_P384", "ECDSA_P521", "ECDH", "ECDH_P256", "ECDH_P384", "ECDH_P521",
    ),
    "cngcore-dsa": ("DSA",),
    "cngcore-dh": ("DH",),
    "cngcore-mldsa": ("ML-DSA",),
    "cngcore-mlkem": ("ML-KEM",),
    "cngcore-symmetric": ("AES", "XTS-AES", "CHACHA20_POLY1305", "AES-CMAC", "AES-GMAC"),
    "cngcore-legacy": (
        "3DES", "3DES_112", "DES", "DESX", "RC2", "RC4", "MD2", "MD4", "KMAC128", "KMAC256", "CSHAKE128", "CSHAKE256",
    ),
    "cngcore-kdf": (
        "PBKDF2", "SP800_108_CTR_HMAC", "SP800_56A_CONCAT", "CAPI_KDF", "TLS1_1_KDF", "TLS1_2_KDF", "HKDF",
    ),
    "cngcore-hash": (
        "MD5", "SHA1", "SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-384", "SHA3-512", "SHAKE128", "SHAKE256", "RNG",
    ),
}  # fmt: skip

OURS = frozenset((*_NAMES_OF, "cngcore-curves", "cngcore-liboqs", "cngcore-pkcs11", "cngcore-windows"))
"""The distributions of this project that provide algorithms."""

_WITH_LENGTH = ("RSA", "RSA_SIGN", "DSA", "DH")

PACKAGES = {name: package for package, names in _NAMES_OF.items() for name in names}
"""The distribution of this project that serves an algorithm, by the algorithm's name."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a misspelt or foreign name of an algorithm probably means: a name, perhaps with a curve or a length."""

    name: str
    curve: str = ""
    length: int = 0

    @property
    def algorithm(self) -> str:
        """The algorithm of bcrypt.h."""
        return one_step_names().get(self.name, (self.name,))[0]

    def __str__(self) -> str:
        if self.curve:
            return f"{self.name!r} with curve={self.curve!r}"
        return f"{self.name!r} with the length {self.length}" if self.length else repr(self.name)

    def for_command(self) -> str:
        """Return the same in terms of the command's options."""
        if self.curve:
            return f"{self.name!r} with --curve {self.curve}"
        return f"{self.name!r} with --length {self.length}" if self.length else repr(self.name)


def meant_by(name: str, installed: Collection[str]) -> Meant | None:
    """Return what a name probably means that no installed provider serves, or None.

    ``installed`` are the names of algorithms that there are; those of this project's providers and those of the
    one-step functions are known. A name that is one of the latter is answered with its algorithm.
    """
    steps = one_step_names()
    if name in steps:
        return Meant(steps[name][0])
    own = vendors_name(name, installed)
    if own:
        return Meant(own)
    known = [*installed, *PACKAGES, *steps]
    near = nearest(name, known, similar=False)
    curve = nearest(name, CURVES, similar=False)
    if curve is not None and near in (None, "ECDSA", "ECDH"):
        return next((Meant(step) for step, (_, named) in steps.items() if named == curve), Meant("ECDSA", curve))
    near = near or nearest(name, known)
    if near is None:
        return None
    digits = name[len(name.rstrip("0123456789")) :]
    if near in _WITH_LENGTH and digits and 512 <= int(digits) <= 16384:
        return Meant(near, length=int(digits))
    return Meant(near)


def vendors_name(name: str, installed: Iterable[str]) -> str:
    """Return the installed algorithm that has this name behind the prefix of its vendor, or "".

    >>> vendors_name("x448", ["RSA", "acme:X448"])
    'acme:X448'
    """
    wanted = name.casefold()
    return next((one for one in installed if one.partition(":")[2].casefold() == wanted), "") if wanted else ""


def remedy_for(name: str, installed: Collection[str], distributions: Collection[str]) -> str:
    """Return what to do if no implementation of ``name`` is installed.

    The remedy names a package only if it serves that algorithm, or the one that is meant, and if it is missing.
    """
    own = vendors_name(name, installed)
    if own:
        return f"did you mean {own!r}?"
    missing = absent(name)
    if missing:
        return missing
    package = PACKAGES.get(name)
    if package is not None:
        return install(package, update=package in distributions)
    meant = meant_by(name, installed)
    if meant is None:
        return "'cng algorithms' lists what is installed"
    hint = f"names are exact; did you mean {meant}?"
    if name in one_step_names():
        hint = f"open_algorithm_provider() takes {meant}, and generate_key_pair() takes {name!r} too"
    if meant.algorithm in installed:
        return hint
    hint += "" if hint.endswith("?") else "."
    then = install(PACKAGES[meant.algorithm])
    return f"{hint} {then[0].upper()}{then[1:]}"
