"""An example for every algorithm, in both APIs, made of what its declaration says that it can do.

``tests/docs/test_examples.py`` runs each of them, and type checkers read them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cngcore.provider import Algorithm

_MAKE = {
    "RSA": '"RSA", 3072',
    "RSA_SIGN": '"RSA_SIGN", 3072',
    "DSA": '"DSA", 2048',
    "DH": '"DH", 2048',
    "ECDSA": '"ECDSA", curve="brainpoolP256r1"',
    "ECDH": '"ECDH", curve="curve25519"',
    "ML-KEM": '"ML-KEM", parameter_set="768"',
    "ML-DSA": '"ML-DSA", parameter_set="65"',
}
_LENGTHS = {"RSA": 3072, "RSA_SIGN": 3072, "DSA": 2048, "DH": 2048}
_CURVES = {"ECDSA": "brainpoolP256r1", "ECDH": "curve25519"}
_SETS = {"ML-KEM": "768", "ML-DSA": "65"}
_BLOBS = {"RSA": "RSAPUBLICBLOB", "DSA": "DSAPUBLICBLOB", "DH": "DHPUBLICBLOB", "EC": "ECCPUBLICBLOB",
          "ML-KEM": "MLKEMPUBLICBLOB", "ML-DSA": "PQDSAPUBLICBLOB"}  # fmt: skip
_INTO = ("RSA_SIGN", "ECDH_P256", "ECDH_P384", "ECDH_P521")
"""Algorithms that a key file does not name: without ``algorithm`` such a key is for RSA or ECDSA."""


def of(algorithm: Algorithm) -> tuple[str, str]:
    """Return the example of an algorithm for the Python API, and the one for the flat API."""
    if "hash" in algorithm.operations:
        return _hash(algorithm.name), _flat_hash(algorithm.name)
    if "random" in algorithm.operations:
        return _RANDOM, _FLAT_RANDOM
    return _key(algorithm), _flat_key(algorithm)


def _key(algorithm: Algorithm) -> str:
    name = algorithm.name
    make = f"cngcore.generate_key_pair({_MAKE.get(name, repr(name).replace(chr(39), chr(34)))})"
    lines = ["import cngcore", "", f"key = {make}"]
    if "sign" in algorithm.operations:
        lines += ['signature = key.sign(b"message")', 'key.public().verify(b"message", signature)']
    if "encrypt" in algorithm.operations:
        lines += [
            'ciphertext = key.public().encrypt(b"secret", cngcore.Oaep("SHA256"))',
            'assert key.decrypt(ciphertext, cngcore.Oaep("SHA256")) == b"secret"',
        ]
    if "agree" in algorithm.operations:
        lines += [
            f"theirs = {make}",
            "with key.agree(theirs.public()) as secret:",
            '    shared = secret.derive("HKDF", 32, hash="SHA256", info=b"file key")',
        ]
    if "encapsulate" in algorithm.operations:
        lines += ["shared, ciphertext = key.public().encapsulate()", "assert key.decapsulate(ciphertext) == shared"]
    file = f"{name.lower().replace('_', '-')}.pem"
    into = f', algorithm="{name}"' if name in _INTO else ""
    lines += [
        "",
        f'key.save("{file}", passphrase="a long secret")',
        f'again = cngcore.load_key("{file}", passphrase="a long secret"{into})',
        "assert again.fingerprint() == key.fingerprint()",
    ]
    return "\n".join(lines)


def _flat_key(algorithm: Algorithm) -> str:
    name = algorithm.name
    length = _LENGTHS.get(name) or (int(name.rpartition("_P")[2]) if "_P" in name else 0)
    lines = ["from cngcore.bcrypt import *", "", f'status, hAlg = BCryptOpenAlgorithmProvider("{name}")']
    if name in _CURVES:
        lines.append(f'status = BCryptSetProperty(hAlg, BCRYPT_ECC_CURVE_NAME, "{_CURVES[name]}")')
    lines.append(f"status, hKey = BCryptGenerateKeyPair(hAlg, {length})")
    if name in _SETS:
        lines.append(f'status = BCryptSetProperty(hKey, BCRYPT_PARAMETER_SET_NAME, "{_SETS[name]}")')
    lines.append("status = BCryptFinalizeKeyPair(hKey)")
    if "sign" in algorithm.operations:
        rsa = name.startswith("RSA")
        info = "BCRYPT_PSS_PADDING_INFO(BCRYPT_SHA256_ALGORITHM, 32)" if rsa else "None"
        flags = "BCRYPT_PAD_PSS" if rsa else "0"
        lines += [
            "pbHash = bytes(32)  # the digest of the message" if name != "ML-DSA" else 'pbHash = b"message"',
            f"pInfo = {info}",
            f"status, cbSignature = BCryptSignHash(hKey, pInfo, pbHash, None, {flags})",
            "pbSignature = bytearray(cbSignature or 0)",
            f"status, cbResult = BCryptSignHash(hKey, pInfo, pbHash, pbSignature, {flags})",
            f"status = BCryptVerifySignature(hKey, pInfo, pbHash, pbSignature, {flags})",
        ]
    elif "agree" in algorithm.operations:
        lines += [
            "status, hSecret = BCryptSecretAgreement(hKey, hKey)  # the other key is that of the other side",
            "pbDerivedKey = bytearray(32)",
            "parameters = [BCryptBuffer(KDF_HASH_ALGORITHM, BCRYPT_SHA256_ALGORITHM)]",
            "status, cbResult = BCryptDeriveKey(hSecret, BCRYPT_KDF_HASH, parameters, pbDerivedKey)",
            "status = BCryptDestroySecret(hSecret)",
        ]
    elif "encapsulate" in algorithm.operations:
        lines += [
            "pbSecretKey, pbCipherText, pbAgain = bytearray(32), bytearray(1088), bytearray(32)",
            "status, cbSecretKey, cbCipherText = BCryptEncapsulate(hKey, pbSecretKey, pbCipherText)",
            "status, cbSecretKey = BCryptDecapsulate(hKey, pbCipherText, pbAgain)",
            "assert pbAgain == pbSecretKey",
        ]
    blob = next(blob for start, blob in _BLOBS.items() if name.startswith(start))
    lines += [
        "assert status == STATUS_SUCCESS",
        "",
        f'status, cbResult = BCryptExportKey(hKey, None, "{blob}")',
        "status = BCryptDestroyKey(hKey)",
        "status = BCryptCloseAlgorithmProvider(hAlg)",
    ]
    return "\n".join(lines)


def _hash(name: str) -> str:
    return f"""import cngcore

with cngcore.open_algorithm_provider("{name}") as algorithm, algorithm.create_hash() as hash:
    hash.update(b"message")
    digest = hash.finish()"""


def _flat_hash(name: str) -> str:
    return f"""from cngcore.bcrypt import *

status, hAlg = BCryptOpenAlgorithmProvider("{name}")
status, hHash = BCryptCreateHash(hAlg)
status = BCryptHashData(hHash, b"message")
pbOutput = bytearray(4)
status, cbResult = BCryptGetProperty(hHash, BCRYPT_HASH_LENGTH, pbOutput)
pbHash = bytearray(int.from_bytes(pbOutput, "little"))
status = BCryptFinishHash(hHash, pbHash)
assert status == STATUS_SUCCESS
status = BCryptDestroyHash(hHash)
status = BCryptCloseAlgorithmProvider(hAlg)"""


_RANDOM = """import cngcore

buffer = bytearray(32)
with cngcore.open_algorithm_provider("RNG") as random:
    random.fill_random(buffer)"""

_FLAT_RANDOM = """from cngcore.bcrypt import *

pbBuffer = bytearray(32)
status = BCryptGenRandom(None, pbBuffer, BCRYPT_USE_SYSTEM_PREFERRED_RNG)
assert status == STATUS_SUCCESS"""
