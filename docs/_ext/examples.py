"""An example for every algorithm, in both APIs, made of what its declaration says that it can do.

``tests/docs/test_examples.py`` runs each of them, and type checkers read them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cngcore.provider import Algorithm, Mode

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
    if algorithm.mac:
        return _mac(algorithm), _flat_mac(algorithm)
    if "hash" in algorithm.operations:
        return _hash(algorithm.name), _flat_hash(algorithm.name)
    if "cipher" in algorithm.operations:
        return _cipher(algorithm), _flat_cipher(algorithm)
    if "derive" in algorithm.operations:
        return _derivation(algorithm.name), _flat_derivation(algorithm.name)
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


# --- ciphers --------------------------------------------------------------------------------------------


def _secret_length(algorithm: Algorithm) -> int:
    """Return the bytes of the longest key."""
    lengths = algorithm.key_lengths.key_lengths() if algorithm.key_lengths is not None else None
    if lengths is None:
        raise ValueError(f"{algorithm.name} declares no lengths of keys")
    return min(lengths.maximum // 8, 32)


def _mode(algorithm: Algorithm) -> Mode:
    """Return the mode that an example shows: a chained authenticated one if there is one, else the default."""
    best = [mode for mode in algorithm.modes if mode.chained] or [mode for mode in algorithm.modes if mode.default]
    return best[0]


def _cipher(algorithm: Algorithm) -> str:
    mode, name, bits = _mode(algorithm), algorithm.name, 8 * _secret_length(algorithm)
    setting = f', mode="{mode.name}"' if not mode.default else ""
    make = f'cngcore.generate_symmetric_key("{name}", length={bits}{setting})'
    if mode.kind == "authenticated":
        return f"""import cngcore

with {make} as key:
    nonce = key.new_nonce()
    box = key.encrypt_authenticated(b"message", nonce, associated_data=b"header")
    message = key.decrypt_authenticated(box.ciphertext, nonce, box.tag, associated_data=b"header")
assert message == b"message\""""
    if mode.kind == "stream":
        return f"""import cngcore

with {make} as key, key.copy() as reader:
    # both begin at the start of the key stream
    ciphertext = key.encrypt(b"message")
    message = reader.decrypt(ciphertext)
assert message == b"message\""""
    if mode.kind == "units":
        return f"""import cngcore

with {make} as key:
    sector = bytes(512)
    number = (7).to_bytes(8, "little")
    ciphertext = key.encrypt(sector, number)
    again = key.decrypt(ciphertext, number)
assert again == sector"""
    return f"""import os

import cngcore

with {make} as key:
    iv = os.urandom(key.block_length)
    ciphertext = key.encrypt(b"message", iv, padding=True)
    message = key.decrypt(ciphertext, iv, padding=True)
assert message == b"message\""""


def _flat_cipher(algorithm: Algorithm) -> str:
    mode, name = _mode(algorithm), algorithm.name
    lines = ["import os", "", "from cngcore.bcrypt import *", ""]
    lines.append(f'status, hAlg = BCryptOpenAlgorithmProvider("{name}")')
    if not mode.default:
        lines.append(f"status = BCryptSetProperty(hAlg, BCRYPT_CHAINING_MODE, BCRYPT_CHAIN_MODE_{mode.name})")
    lines.append(f"status, hKey = BCryptGenerateSymmetricKey(hAlg, os.urandom({_secret_length(algorithm)}))")
    if mode.kind == "authenticated":
        lines += [
            "pbTag, pbOutput, pbAgain = bytearray(16), bytearray(7), bytearray(7)",
            "info = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(",
            f'    pbNonce=os.urandom({(mode.nonce or (0, 0, 0))[1]}), pbAuthData=b"header", pbTag=pbTag',
            ")",
            'status, cbResult = BCryptEncrypt(hKey, b"message", info, None, pbOutput)',
            "status, cbResult = BCryptDecrypt(hKey, pbOutput, info, None, pbAgain)",
            'assert pbAgain == b"message"',
        ]
    elif mode.kind == "stream":
        lines += [
            "status, hReader = BCryptDuplicateKey(hKey)  # both begin at the start of the key stream",
            "pbOutput, pbAgain = bytearray(7), bytearray(7)",
            'status, cbResult = BCryptEncrypt(hKey, b"message", None, None, pbOutput)',
            "status, cbResult = BCryptDecrypt(hReader, pbOutput, None, None, pbAgain)",
            'assert pbAgain == b"message"',
            "status = BCryptDestroyKey(hReader)",
        ]
    elif mode.kind == "units":
        lines += [
            'pbIV = (7).to_bytes(8, "little")  # the number of the data unit',
            "pbOutput, pbAgain = bytearray(512), bytearray(512)",
            "status, cbResult = BCryptEncrypt(hKey, bytes(512), None, pbIV, pbOutput)",
            "status, cbResult = BCryptDecrypt(hKey, pbOutput, None, pbIV, pbAgain)",
            "assert pbAgain == bytes(512)",
        ]
    else:
        lines += [
            f"iv = os.urandom({algorithm.block_length})",
            "pbIV = bytearray(iv)  # BCryptEncrypt writes the next IV into it",
            'status, cbResult = BCryptEncrypt(hKey, b"message", None, pbIV, None, BCRYPT_BLOCK_PADDING)',
            "pbOutput = bytearray(cbResult or 0)",
            'status, cbResult = BCryptEncrypt(hKey, b"message", None, pbIV, pbOutput, BCRYPT_BLOCK_PADDING)',
            "pbAgain = bytearray(len(pbOutput))",
            "status, cbResult = BCryptDecrypt(hKey, pbOutput, None, bytearray(iv), pbAgain, BCRYPT_BLOCK_PADDING)",
            'assert pbAgain[:cbResult] == b"message"',
        ]
    lines += [
        "assert status == STATUS_SUCCESS",
        "status = BCryptDestroyKey(hKey)",
        "status = BCryptCloseAlgorithmProvider(hAlg)",
    ]
    return "\n".join(lines)


# --- key derivation -------------------------------------------------------------------------------------

_DERIVE = {
    "PBKDF2": 'hash="SHA256", salt=os.urandom(16), iterations=600_000',
    "SP800_108_CTR_HMAC": 'hash="SHA256", label=b"file key", context=b"7"',
    "SP800_56A_CONCAT": 'hash="SHA256", algorithm_id=b"A256GCM", party_u=b"Alice", party_v=b"Bob"',
    "CAPI_KDF": 'hash="SHA256"',
    "TLS1_1_KDF": 'label=b"key expansion", seed=os.urandom(64)',
    "TLS1_2_KDF": 'hash="SHA256", label=b"key expansion", seed=os.urandom(64)',
    "HKDF": 'hash="SHA256", salt=os.urandom(32), info=b"file key"',
}
_BUFFERS = {
    "PBKDF2": ("KDF_SALT, os.urandom(16)", "KDF_ITERATION_COUNT, 600_000"),
    "SP800_108_CTR_HMAC": ('KDF_LABEL, b"file key"', 'KDF_CONTEXT, b"7"'),
    "SP800_56A_CONCAT": ('KDF_ALGORITHMID, b"A256GCM"', 'KDF_PARTYUINFO, b"Alice"', 'KDF_PARTYVINFO, b"Bob"'),
    "CAPI_KDF": (),
    "TLS1_1_KDF": ('KDF_TLS_PRF_LABEL, b"key expansion"', "KDF_TLS_PRF_SEED, os.urandom(64)"),
    "TLS1_2_KDF": ('KDF_TLS_PRF_LABEL, b"key expansion"', "KDF_TLS_PRF_SEED, os.urandom(64)"),
    "HKDF": ('KDF_HKDF_INFO, b"file key"',),
}
_HASH = "KDF_HASH_ALGORITHM, BCRYPT_SHA256_ALGORITHM"


def _derivation(name: str) -> str:
    secret = 'b"a long password"' if name == "PBKDF2" else "os.urandom(32)"
    imports = "import os\n\nimport cngcore" if "os." in secret + _DERIVE[name] else "import cngcore"
    return f"""{imports}

with cngcore.open_algorithm_provider("{name}") as algorithm:
    with algorithm.generate_symmetric_key({secret}) as key:
        derived = key.derive(32, {_DERIVE[name]})
assert len(derived) == 32"""


def _flat_derivation(name: str) -> str:
    secret = 'b"a long password"' if name == "PBKDF2" else "os.urandom(32)"
    lines = ["import os", "", "from cngcore.bcrypt import *", ""]
    lines += [f'status, hAlg = BCryptOpenAlgorithmProvider("{name}")']
    lines += [f"status, hKey = BCryptGenerateSymmetricKey(hAlg, {secret})"]
    if name == "HKDF":
        lines += [
            "status = BCryptSetProperty(hKey, BCRYPT_HKDF_HASH_ALGORITHM, BCRYPT_SHA256_ALGORITHM)",
            "status = BCryptSetProperty(hKey, BCRYPT_HKDF_SALT_AND_FINALIZE, os.urandom(32))",
        ]
    given = _BUFFERS[name] if name in ("HKDF", "TLS1_1_KDF") else (_HASH, *_BUFFERS[name])
    lines += ["parameters = [", *(f"    BCryptBuffer({one})," for one in given), "]"]
    lines += [
        "pbDerivedKey = bytearray(32)",
        "status, cbResult = BCryptKeyDerivation(hKey, parameters, pbDerivedKey)",
        "assert status == STATUS_SUCCESS",
        "status = BCryptDestroyKey(hKey)",
        "status = BCryptCloseAlgorithmProvider(hAlg)",
    ]
    return "\n".join(lines)


# --- hashes and MACs ------------------------------------------------------------------------------------


def _mac(algorithm: Algorithm) -> str:
    nonce = ", iv=os.urandom(12)" if "IV" in algorithm.properties else ""
    return f"""import os

import cngcore

secret = os.urandom({_secret_length(algorithm)})
with cngcore.open_algorithm_provider("{algorithm.name}") as algorithm, algorithm.create_hash(secret{nonce}) as mac:
    mac.update(b"message")
    tag = mac.finish()"""


def _flat_mac(algorithm: Algorithm) -> str:
    text = _flat_hash(algorithm.name).replace("from cngcore", "import os\n\nfrom cngcore", 1)
    text = text.replace("BCryptCreateHash(hAlg)", f"BCryptCreateHash(hAlg, os.urandom({_secret_length(algorithm)}))")
    nonce = "status = BCryptSetProperty(hHash, BCRYPT_INITIALIZATION_VECTOR, os.urandom(12))\n"
    before = "status = BCryptHashData"
    return text.replace(before, nonce + before) if "IV" in algorithm.properties else text


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
