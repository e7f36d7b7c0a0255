"""Make the first corpus anew: ``python -m fuzz.seeds``. The keys are new and not secret."""

from __future__ import annotations

from pathlib import Path

import cngcore
from cngcore import formats
from cngcore.conformance.windows_blobs import data
from fuzz.names import FORMS

CORPUS = Path(__file__).with_name("corpus")


def _keys() -> list[tuple[str, str, cngcore.KeyPair]]:
    """Return the family, a word for the file's name, and a key."""
    dsa = cngcore.generate_key_pair("DSA", 512)
    return [
        ("rsa", "512", cngcore.generate_key_pair("RSA", 512)),
        ("rsa", "1024", cngcore.generate_key_pair("RSA", 1024)),
        ("dsa", "512", dsa),
        ("dsa", "1088", cngcore.generate_key_pair("DSA", 1088)),
        ("dh", "512", cngcore.generate_key_pair("DH", 512)),
        ("ecc", "p256", cngcore.generate_key_pair("ECDSA_P256", 256)),
        ("ecc", "p521", cngcore.generate_key_pair("ECDH_P521", 521)),
        ("ecc", "brainpool", cngcore.generate_key_pair("ECDSA", curve="brainpoolP256r1")),
        ("ecc", "25519", cngcore.generate_key_pair("ECDH", curve="curve25519")),
        ("pq", "mlkem512", cngcore.generate_key_pair("ML-KEM", parameter_set="512")),
        ("pq", "mldsa44", cngcore.generate_key_pair("ML-DSA", parameter_set="44")),
    ]


def _put(family: str, name: str, content: bytes) -> None:
    path = CORPUS / family / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _blobs(family: str, word: str, key: cngcore.KeyPair) -> None:
    algorithm = str(key.get_property("AlgorithmName"))
    for number, (served, kind) in enumerate(FORMS[family]):
        if kind and served == algorithm and not kind.startswith(("PUBLIC", "PRIVATE")):
            try:
                _put(family, f"{kind.lower()}-{word}", bytes([number]) + key.export(kind))
            except cngcore.CngError:
                continue


def _property(family: str, name: str, key: cngcore.KeyPair) -> None:
    value = key.get_property(name)
    _put(
        family, f"parameters-{key.get_property('KeyLength')}", bytes([FORMS[family].index(("", ""))]) + value.to_bytes()
    )


def _formats(word: str, key: cngcore.KeyPair) -> None:
    held = formats.from_key(key)
    for form in ("pkcs8", "spki", "jwk", "openssh"):
        for encoding in ("der", "pem") if form in ("pkcs8", "spki") else (None,):
            options = {} if encoding is None else {"encoding": encoding}
            try:
                _put("formats", f"{form}-{word}-{encoding or 'text'}", bytes(formats.encode(held, form, **options)))
            except cngcore.CngError:
                continue
    if word in ("512", "p256"):
        content = bytes(formats.encode(held, "pkcs8", encoding="der"))
        for number, steps in enumerate(((4, 0, 4, 3), (4, 0, 5, 1), (4, 0, 5, 6), (5,), (4, 0, 5, 6, 4, 0, 0))):
            _put("der", f"{word}-{number}", bytes([len(steps), *steps]) + content)
        content = bytes(formats.encode(held, "spki", encoding="der"))
        for number, steps in enumerate(((4, 4, 3), (4, 5, 2), (4, 5, 7))):
            _put("der", f"{word}-spki-{number}", bytes([len(steps), *steps]) + content)


def main() -> None:
    for family, word, key in _keys():
        _blobs(family, word, key)
        if word in ("512", "p256", "25519", "mlkem512", "mldsa44"):
            _formats(word, key)
        if family in ("dsa", "dh"):
            _property(family, "DSAParameters" if family == "dsa" else "DHParameters", key)
        if word == "brainpool":
            _property("ecc", "ECCParameters", key)
    for family, kind, content in (
        ("rsa", "RSAPRIVATEBLOB", data("RSA512_PRIV")),
        ("rsa", "RSAFULLPRIVATEBLOB", data("RSA512_FULL")),
        ("rsa", "RSAPUBLICBLOB", data("RSA_BAD_EXP")),
        ("ecc", "ECCPUBLICBLOB", data("ECDSA_P256_PUB")),
        ("dh", "DHPRIVATEBLOB", data("DH512_PRIV")),
        ("dsa", "DSAPUBLICBLOB", data("DSA512_PUB")),
        ("pq", "PQDSAPRIVATESEEDBLOB", data("MLDSA44_SEEDBLOB")),
    ):
        number = next(index for index, (_, one) in enumerate(FORMS[family]) if one == kind)
        _put(family, f"case-{kind.lower()}-{len(content)}", bytes([number]) + content)
    for number in range(6):
        life = bytes([0, number, 0, 1, 0, (1, 2)[number % 2], 0, 3, 0, 0, 6, 0, 0, 0, 8, 0, 7, 0, 0, 1, 96, 0, 8, 0])
        _put("symmetric", f"modes-{number}", bytes([0, *range(7 * number, 7 * number + 240)]))
        _put("symmetric", f"message-{number}", bytes([2, *range(28), 3, 0, 0, 0, 2, 1, *range(16), 0, 0, 2, 1]) + life)
        _put(
            "symmetric", f"blob-{number}", bytes([3, 0, number]) + bytes.fromhex("4b44424d0100000010000000") + bytes(16)
        )
        _put("flat", f"life-{number}", life + bytes([2, number, 255, 255, 0, 0, 0]) * 2 + life)


if __name__ == "__main__":
    main()
