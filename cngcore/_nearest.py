"""What error messages suggest: the name that a misspelt word probably means, what to use instead, what to install.

Nothing here changes what a name means: names are exact (decisions/names). These functions only make suggestions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_OTHER_NAMES = {
    **dict.fromkeys(("p192", "prime192v1", "secp192r1"), ("nistP192",)),
    **dict.fromkeys(("p224", "secp224r1"), ("nistP224",)),
    **dict.fromkeys(("p256", "prime256v1", "secp256r1", "nistp256", "es256", "ecdsa256"), ("nistP256", "ECDSA_P256")),
    **dict.fromkeys(("p384", "secp384r1", "nistp384", "es384", "ecdsa384"), ("nistP384", "ECDSA_P384")),
    **dict.fromkeys(("p521", "secp521r1", "nistp521", "es512", "ecdsa521"), ("nistP521", "ECDSA_P521")),
    **{f"ecdh{bits}": (f"ECDH_P{bits}",) for bits in (256, 384, 521)},
    **dict.fromkeys(("secp256k1", "k256", "es256k"), ("secP256k1", "ECDSA")),
    **dict.fromkeys(("x25519", "curve25519"), ("X25519", "curve25519", "ECDH")),
    **dict.fromkeys(("kyber", "crystalskyber", "mlkem"), ("ML-KEM",)),
    **dict.fromkeys(("dilithium", "crystalsdilithium", "mldsa"), ("ML-DSA",)),
    **{f"{name}{size}": (f"ML-KEM-{size}", "ML-KEM") for name in ("kyber", "mlkem") for size in (512, 768, 1024)},
    **{f"dilithium{old}": (f"ML-DSA-{size}", "ML-DSA") for old, size in ((2, 44), (3, 65), (5, 87))},
    **{f"mldsa{size}": (f"ML-DSA-{size}", "ML-DSA") for size in (44, 65, 87)},
    **dict.fromkeys(("rsasign", "rsapss", "rsassapss", "rs256", "ps256"), ("RSA_SIGN", "RSA")),
    **dict.fromkeys(("rsaoaep", "rsaes", "rsaencrypt"), ("RSA",)),
    **dict.fromkeys(("diffiehellman", "ffdh", "dhe"), ("DH",)),
    **dict.fromkeys(("dss",), ("DSA",)),
    **dict.fromkeys(("ec", "ecc", "ecdhe"), ("ECDH", "ECDSA")),
    **dict.fromkeys(("pem", "der", "pkcs8"), ("pkcs8",)),
    **dict.fromkeys(("pub", "public", "x509"), ("spki",)),
    **dict.fromkeys(("json", "jose"), ("jwk",)),
    **dict.fromkeys(("ssh",), ("openssh",)),
    **dict.fromkeys(("blob", "bcrypt"), ("cng",)),
}
"""The names of other standards and programs, folded, with what CNG calls the same thing. The first that exists wins."""

_SIGNATURES = "for signatures use ECDSA_P256 or ML-DSA"

_ABSENT = {
    **dict.fromkeys(("ed25519", "ed448", "eddsa"), _SIGNATURES),
    **dict.fromkeys(("slhdsa", "sphincs", "sphincsplus", "falcon", "fndsa", "xmss", "lms"), _SIGNATURES),
    **dict.fromkeys(("x448", "curve448"), "for key agreement use X25519 or ECDH_P384"),
    **dict.fromkeys(("hqc", "frodokem", "bike", "ntru", "classicmceliece"), "to send a secret use ML-KEM"),
    **dict.fromkeys(("chacha20", "xchacha20poly1305"), "use CHACHA20_POLY1305"),
    **dict.fromkeys(("blowfish", "twofish", "serpent", "camellia", "aria", "sm4"), "use AES"),
    **dict.fromkeys(("blake2b", "blake2s", "blake3", "whirlpool"), "for hashes use SHA256 or SHA512"),
    **dict.fromkeys(("scrypt", "argon2", "argon2id", "bcrypt"), ""),
}
"""Algorithms that CNG does not have, folded, with what serves the same purpose."""


def nearest(word: str, words: Iterable[str], *, similar: bool = True) -> str | None:
    """Return the one of ``words`` that ``word`` probably means, or None.

    Case, hyphens, underscores, dots and spaces do not count. Common names of other standards are known (``P-256``,
    ``Kyber``). For any other word, the most similar name is returned if one is similar enough and ``similar`` is True.

    >>> nearest("rsa", ["RSA", "DSA"]), nearest("P-256", ["nistP256", "nistP384"]), nearest("generat", ["generate"])
    ('RSA', 'nistP256', 'generate')
    """
    known = list(words)
    folded = {_fold(name): name for name in reversed(known)}
    wanted = _fold(word)
    if wanted in folded:
        return folded[wanted]
    for other in _OTHER_NAMES.get(wanted, ()):
        if other in known:
            return other
    if (stem := wanted.rstrip("0123456789")) in folded:  # RSA-2048
        return folded[stem]
    if not similar:
        return None
    from difflib import get_close_matches  # a process without errors does not need it

    close = get_close_matches(wanted, folded, 1, 0.7)
    return folded[close[0]] if close else None


def absent(word: str) -> str | None:
    """Return a sentence for an algorithm that CNG does not have, which names the alternative; None for other words.

    >>> absent("Ed25519")
    'CNG has no Ed25519; for signatures use ECDSA_P256 or ML-DSA'
    """
    instead = _ABSENT.get(_fold(word))
    if instead is None:
        return None
    return f"CNG has no {word}" + (f"; {instead}" if instead else "")


def instead_of(word: str) -> str:
    """Return what to use instead of an algorithm that CNG does not have, as the end of a message; perhaps nothing.

    >>> f"the key is for Ed25519, which CNG does not have{instead_of('Ed25519')}"
    'the key is for Ed25519, which CNG does not have; for signatures use ECDSA_P256 or ML-DSA'
    """
    instead = _ABSENT.get(_fold(word))
    return f"; {instead}" if instead else ""


def has_no(owner: str, what: str, word: str, words: Iterable[str]) -> str:
    """Return the message for a name that its owner does not have, with the one that is meant or all that there are.

    >>> has_no("ML-KEM", "implementation", "pqcrypt", ["cryptography", "pqcrypto"])
    "ML-KEM has no implementation 'pqcrypt'; did you mean 'pqcrypto'?"
    >>> has_no("RSA", "implementation", "x", ["cryptography"])
    "RSA has no implementation 'x'; it has cryptography"
    """
    known = list(dict.fromkeys(words))
    suggestion = nearest(word, known)
    ending = f"did you mean {suggestion!r}?" if suggestion is not None else f"it has {', '.join(known) or 'none'}"
    return f"{owner} has no {what} {word!r:.60}; {ending}"


def install(*names: str, update: bool = False) -> str:
    """Return what to do to get distributions of this project, or extras of ``cngcore``.

    >>> install("cngcore-rsa", "cngcore-ec")
    'install the distributions cngcore-rsa and cngcore-ec; see Install in the documentation'
    >>> install("cngcore[formats]")
    'install the extra cngcore[formats]; see Install in the documentation'
    """
    what = "extra" if "[" in names[0] else "distribution"
    verb, many = "update" if update else "install", "s" if len(names) > 1 else ""
    return f"{verb} the {what}{many} {' and '.join(names)}; see Install in the documentation"


def _fold(word: str) -> str:
    return word.casefold().translate({ord(sign): None for sign in "-_ ."})
