"""Many calls of the flat API with anything a caller may pass: 8,000 in every run, 12,000 more with ``-m exhaustive``,
100,000 more with ``-m slow``.

contract: rule-python-no-raise: no function raises for anything a caller passes, whatever its type or value; it answers
with a status;
a failing call creates nothing. contract: rule-python-internal-error: the answer is never INTERNAL_ERROR, which is kept
for a provider's own fault.

The generator is seeded. It keeps pools of live and of stale handles, draws most arguments from what fits and the rest
from what does not, and works with small keys. Infinite iterables are left out: to hang on one is the caller's doing.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable
from typing import Any

import pytest
from contract import data
from helpers import representative
from oracles.blobs import (
    ecc_blob,
    ecc_full_blob,
    ecc_parameters,
    rsa_full_blob,
    rsa_legacy_private_blob,
    rsa_private_blob,
    rsa_public_blob,
    x25519_blob,
)
from oracles.ec import CURVES, multiply
from oracles.rsa import rsa_numbers
from oracles.values import wide

from cngcore import bcrypt
from cngcore.bcrypt import _handles as handles
from fuzz.arguments import HASHES, KDFS, ill_natured, plain

SEEDS = 30
CALLS = 4000

FUNCTIONS = {
    name: function
    for name in dir(bcrypt)
    if name.startswith("BCrypt") and inspect.isroutine(function := getattr(bcrypt, name))
}
#: What a function gives after its status; where it is not named here, the status comes alone.
GIVES = {
    "BCryptOpenAlgorithmProvider": ("algorithm",),
    "BCryptGenerateKeyPair": ("key",),
    "BCryptImportKeyPair": ("key",),
    "BCryptDuplicateKey": ("key",),
    "BCryptGenerateSymmetricKey": ("key",),
    "BCryptImportKey": ("key",),
    "BCryptKeyDerivation": ("size",),
    "BCryptCreateMultiHash": ("hash",),
    "BCryptSecretAgreement": ("secret",),
    "BCryptCreateHash": ("hash",),
    "BCryptDuplicateHash": ("hash",),
    "BCryptGetProperty": ("size",),
    "BCryptExportKey": ("size",),
    "BCryptSignHash": ("size",),
    "BCryptEncrypt": ("size",),
    "BCryptDecrypt": ("size",),
    "BCryptDeriveKey": ("size",),
    "BCryptEncapsulate": ("size", "size"),
    "BCryptDecapsulate": ("size",),
    "BCryptEnumAlgorithms": ("list",),
    "BCryptEnumProviders": ("list",),
    "BCryptEnumRegisteredProviders": ("list",),
    "BCryptGetFipsAlgorithmMode": ("bool",),
}
RELEASES = {
    "algorithm": bcrypt.BCryptCloseAlgorithmProvider,
    "key": bcrypt.BCryptDestroyKey,
    "secret": bcrypt.BCryptDestroySecret,
    "hash": getattr(bcrypt, "BCryptDestroyHash", None),
}
#: Functions that make something are drawn more often than those that take it away.
OFTEN = [
    name for name in FUNCTIONS for _ in range(4 if name in GIVES else 2 if "Finalize" in name or "Set" in name else 1)
]
HANDLE_OF = {
    "hAlgorithm": "algorithm",
    "hKey": "key",
    "hPrivKey": "key",
    "hPubKey": "key",
    "hSharedSecret": "secret",
    "hSecret": "secret",
    "hHash": "hash",
    "hPrf": "algorithm",
    "hTargetAlg": "algorithm",
}
#: Functions that report a size with other failures than BUFFER_TOO_SMALL.
SIZED = {"BCryptEncrypt", "BCryptDecrypt"}


# ------------------------------------------------------------------------------------------------- what fits

P256, BRAINPOOL = CURVES["nistP256"], CURVES["brainpoolP256r1"]
D = 0x1234567890ABCDEF
RSA = rsa_numbers(512)


def blobs() -> list[tuple[str, bytes]]:
    """One of each blob of RSA and the curves, with its type."""
    x, y = multiply(P256, D, (P256.gx, P256.gy)) or (0, 0)
    bx, by = multiply(BRAINPOOL, D, (BRAINPOOL.gx, BRAINPOOL.gy)) or (0, 0)
    vector = data.ECDH_VECTORS["X25519"]
    found = [
        (bcrypt.BCRYPT_RSAPUBLIC_BLOB, rsa_public_blob(RSA.n, RSA.e)),
        (bcrypt.BCRYPT_RSAPRIVATE_BLOB, rsa_private_blob(RSA.n, RSA.e, RSA.p, RSA.q)),
        (bcrypt.BCRYPT_RSAFULLPRIVATE_BLOB, rsa_full_blob(RSA)),
        (bcrypt.LEGACY_RSAPRIVATE_BLOB, rsa_legacy_private_blob(RSA)),
        (bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.ECDSA_P256_PUB),
        (bcrypt.BCRYPT_ECCPUBLIC_BLOB, data.P256_ECDH_PEER),
        (bcrypt.BCRYPT_ECCPRIVATE_BLOB, data.P256_ECDH_PRIV),
        (bcrypt.BCRYPT_ECCPUBLIC_BLOB, x25519_blob(b"ECKP", vector["public"])),
        (bcrypt.BCRYPT_ECCPRIVATE_BLOB, x25519_blob(b"ECKV", bytes(32), vector["private"])),
    ]
    for public, private in ((b"ECKP", b"ECKV"), (b"ECDP", b"ECDV")):
        for curve, point in ((P256, (x, y)), (BRAINPOOL, (bx, by))):
            found += [
                (bcrypt.BCRYPT_ECCPUBLIC_BLOB, ecc_blob(public, 32, *point)),
                (bcrypt.BCRYPT_ECCPRIVATE_BLOB, ecc_blob(private, 32, *point, D)),
                (bcrypt.BCRYPT_ECCFULLPUBLIC_BLOB, ecc_full_blob(public, curve, *point)),
                (bcrypt.BCRYPT_ECCFULLPRIVATE_BLOB, ecc_full_blob(private, curve, *point, D)),
            ]
    return found


BLOBS = blobs()
BLOB_TYPES = [getattr(bcrypt, name) for name in dir(bcrypt) if name.endswith("_BLOB")]
PROPERTIES = [value for name in dir(bcrypt) if type(value := getattr(bcrypt, name)) is str and value.isascii()]
USUAL = [
    "AlgorithmName",
    "ProviderHandle",
    "KeyLength",
    "KeyStrength",
    "KeyLengths",
    "SignatureLength",
    "PublicKeyLength",
]
USUAL += [
    "ECCCurveName",
    "ECCParameters",
    "ECCCurveNameList",
    "HkdfHashAlgorithm",
    "HkdfSaltAndFinalize",
    "PaddingSchemes",
]
ALGORITHMS = ["RSA", "RSA_SIGN", "ECDSA_P256", "ECDH_P256", "ECDSA_P384", "ECDH_P521", "ECDSA", "ECDH", "ECDH"]
PSEUDO = [getattr(bcrypt, name) for name in dir(bcrypt) if name.endswith("_ALG_HANDLE")]
SERVED = [
    getattr(bcrypt, f"BCRYPT_{name}_ALG_HANDLE")
    for name in ("RSA", "RSA_SIGN", "ECDSA_P256", "ECDH_P256", "ECDSA", "ECDH")
]
CIPHERS = [
    getattr(bcrypt, f"BCRYPT_{name}_ALG_HANDLE")
    for name in ("AES_CBC", "AES_ECB", "AES_CFB", "AES_GCM", "AES_CCM", "RC4", "XTS_AES", "CHACHA20_POLY1305",
                 "3DES_CBC", "RC2_CFB")
]  # fmt: skip
DERIVATIONS = [
    getattr(bcrypt, f"BCRYPT_{name}_ALG_HANDLE")
    for name in ("PBKDF2", "SP800108_CTR_HMAC", "SP80056A_CONCAT", "TLS1_1_KDF", "TLS1_2_KDF", "HKDF", "CAPI_KDF")
]
SECRET_BLOBS = [bcrypt.BCRYPT_KEY_DATA_BLOB, bcrypt.BCRYPT_OPAQUE_KEY_BLOB, bcrypt.BCRYPT_AES_WRAP_KEY_BLOB]
CURVE_NAMES = ["nistP256", "nistP384", "curve25519", "brainpoolP256r1", "secP256k1", "nosuch"]


class Caller:
    """Draws calls, keeps what it was given, and gives it back at the end."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(f"garbage {seed}")
        self.live: dict[str, list[int]] = {kind: [] for kind in RELEASES}
        self.stale: list[int] = []
        self.garbage = plain() + ill_natured()
        self.succeeded: set[str] = set()
        self.infos: list[Any] = []

    def pick(self, choices: list[Any]) -> Any:
        return choices[int(self.rng.random() * len(choices))]

    def some_bytes(self, most: int = 80) -> bytes:
        return self.rng.randbytes(self.pick([0, 1, 16, 20, 20, 32, 32, 48, 64, 64, self.rng.randrange(most)]))

    def mutated(self, blob: bytes) -> bytes:
        """The blob with a few bytes, one header field, its end or its front changed."""
        body = bytearray(blob)
        how = self.rng.randrange(6)
        if how == 0:
            for _ in range(self.rng.randrange(1, 4)):
                body[self.rng.randrange(len(body))] ^= 1 << self.rng.randrange(8)
        elif how == 1:
            at = 4 * self.rng.randrange(8)
            body[at : at + 4] = self.pick([0, 1, 31, 32, 33, 64, 2**31, 2**32 - 1]).to_bytes(4, "little")
        elif how == 2:
            del body[self.rng.randrange(len(body)) :]
        elif how == 3:
            body += self.some_bytes()
        elif how == 4:
            body[:4] = self.pick(BLOBS)[1][:4]
        return bytes(body)

    # --- one argument ---------------------------------------------------------------------------------------

    def handle(self, kind: str) -> Any:
        roll = self.rng.random()
        if roll < 0.85 and self.live.get(kind):
            return self.pick(self.live[kind])
        if roll < 0.9 and self.stale:
            return self.pick(self.stale)
        if roll < 0.95 or kind == "algorithm":
            return self.pick(PSEUDO)
        return self.pick([handle for pool in self.live.values() for handle in pool] or [None])

    def flags(self) -> Any:
        if self.rng.random() < 0.7:
            return 0
        return self.pick([1, 2, 2, 4, 8, 8, 0x10, 0x18, 0x20, 0x40, 1 << self.rng.randrange(32)])

    def output(self) -> Any:
        size = self.pick([0, 1, 4, 8, 20, 32, 64, 64, 132, 400, 400, 2000])
        return self.pick([None, bytearray(size), bytearray(size), memoryview(bytearray(size + 3))[3:]])

    def padding(self) -> Any:
        name = self.pick([*HASHES, None])
        if self.rng.random() < 0.1:
            name = self.pick(self.garbage)
        salt = self.pick([0, 8, 20, 32, 2**31, -1, self.pick(self.garbage)])
        label = self.pick([b"", b"label", bytearray(3), self.pick(self.garbage)])
        return self.pick(
            [
                None,
                bcrypt.BCRYPT_PKCS1_PADDING_INFO(name),
                bcrypt.BCRYPT_PSS_PADDING_INFO(name, salt),
                bcrypt.BCRYPT_OAEP_PADDING_INFO(name, label),
                bcrypt.BCRYPT_PQDSA_PADDING_INFO(label, name),
                self.cipher_info(),
                self.cipher_info(),
            ]
        )

    def cipher_info(self) -> Any:
        """A structure of an authenticated mode, sometimes in the middle of a message."""
        garbage = self.pick(self.garbage)
        if self.infos and self.rng.random() < 0.4:
            info = self.pick(self.infos)
            info.dwFlags = self.pick([0, 0, 1, 1, 2, 3, info.dwFlags, garbage])
            return info
        info = bcrypt.BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(
            pbNonce=self.pick([bytes(12), bytes(12), bytes(7), None, garbage]),
            pbAuthData=self.pick([None, b"header", garbage]),
            pbTag=self.pick([bytearray(16), bytearray(16), bytearray(12), bytes(16), None, garbage]),
            pbMacContext=self.pick([None, bytearray(16), bytearray(3), garbage]),
            dwFlags=self.pick([0, 0, 1, 1, 2, 3, garbage]),
        )
        self.infos = [*self.infos[-10:], info]
        return info

    def iterations(self) -> Any:
        """A count that does not take for ever."""
        value = self.pick([1, 2, 3, 0, self.pick(self.garbage)])
        return value if type(value) is not int or value < 1000 or value >= 1 << 31 else 1

    def steps(self) -> Any:
        garbage = self.pick(self.garbage)
        found = [
            bcrypt.BCRYPT_MULTI_HASH_OPERATION(
                self.pick([0, 0, 1, 2, garbage]), self.pick([1, 1, 2, 3]), self.pick([bytearray(32), b"data", garbage])
            )
            for _ in range(self.rng.randrange(4))
        ]
        return self.pick([found, found, tuple(found), [*found, garbage], garbage])

    def parameters(self) -> Any:
        if self.rng.random() < 0.3:
            return None
        found = []
        for _ in range(self.rng.randrange(6)):
            kind = self.pick([*range(0x15), self.pick(self.garbage)])
            fitting: dict[Any, bytes] = {
                bcrypt.KDF_HASH_ALGORITHM: wide(self.pick(HASHES)),
                bcrypt.KDF_TLS_PRF_SEED: bytes(64),
            }
            value: Any = fitting.get(kind, self.some_bytes()) if type(kind) is int else self.some_bytes()
            if self.rng.random() < 0.1:
                value = self.pick(self.garbage)
            found.append(bcrypt.BCryptBuffer(kind, value))
        if self.rng.random() < 0.1:
            found.insert(0, self.pick(self.garbage))
        return self.pick([found, tuple(found), iter(found)])

    def value(self) -> Any:
        """The value of a property."""
        choices = [wide(self.pick(CURVE_NAMES)), (512).to_bytes(4, "little"), (576).to_bytes(4, "little"), 576, None]
        choices += [self.pick(CURVE_NAMES), ecc_parameters(P256), self.mutated(ecc_parameters(P256)), wide("SHA256")]
        return self.pick([*choices, self.some_bytes(3)])

    def argument(self, function: str, name: str) -> Any:
        if self.rng.random() < 0.08 and name not in ("cIterations", "nHashes"):
            return self.pick(self.garbage)
        if function == "BCryptProcessMultiOperations" and name == "hObject":
            return self.handle("hash")
        if name in HANDLE_OF:
            return self.handle(HANDLE_OF[name])
        if name == "hObject":
            return self.handle(self.pick(list(RELEASES)))
        if function == "BCryptSetProperty" and name == "pbInput":
            return self.value()
        if name in ("pbOutput", "pbDerivedKey", "pbSecretKey", "pbBuffer") or (function, name) == (
            "BCryptEncapsulate",
            "pbCipherText",
        ):
            return self.output()
        simple: dict[str, Callable[[], Any]] = {
            "hImportKey": lambda: self.pick([None, None, None, 0, self.handle("key")]),
            "hExportKey": lambda: self.pick([None, None, None, 0, self.handle("key")]),
            "pszAlgId": lambda: self.pick([*ALGORITHMS, "NOSUCH", "AES"]),
            "pszImplementation": lambda: self.pick([None, None, None, bcrypt.MS_PRIMITIVE_PROVIDER, "nosuch"]),
            "dwFlags": self.flags,
            "dwLength": lambda: self.pick([0, 0, 255, 256, 256, 384, 512, 521, 513, 2**31]),
            "dwAlgOperations": lambda: self.rng.getrandbits(self.pick([3, 8, 9, 33])),
            "pszProperty": lambda: self.pick(self.pick([PROPERTIES, USUAL, USUAL])),
            "pszBlobType": lambda: self.pick([*BLOB_TYPES, *[kind for kind, _ in BLOBS] * 8]),
            "pPaddingInfo": self.padding,
            "pwszKDF": lambda: self.pick(KDFS),
            "pbIV": lambda: self.pick([None, bytearray(16), bytearray(16), bytearray(8), bytes(8), self.some_bytes()]),
            "cIterations": self.iterations,
            "nHashes": lambda: self.pick([1, 2, 3, 0, self.pick(self.garbage)]),
            "operationType": lambda: self.pick([1, 1, 1, 2]),
            "pOperations": self.steps,
            "pParameterList": self.parameters,
        }
        return simple.get(name, self.some_bytes)()

    # --- what there is to work with -------------------------------------------------------------------------

    def furnish(self) -> None:
        """Have something live of each kind, so that calls get past their first check."""
        for name in ("RSA", "ECDSA_P256", "ECDH_P256"):
            self.make("BCryptOpenAlgorithmProvider", name)
        for number, blob_type, blob in [
            (bcrypt.BCRYPT_RSA_ALG_HANDLE, *BLOBS[2]),
            (bcrypt.BCRYPT_RSA_ALG_HANDLE, *BLOBS[0]),
            (bcrypt.BCRYPT_ECDSA_P256_ALG_HANDLE, *BLOBS[4]),
            (bcrypt.BCRYPT_ECDH_P256_ALG_HANDLE, *BLOBS[6]),
        ]:
            self.make("BCryptImportKeyPair", number, None, blob_type, blob)
        for number, bits in [
            (bcrypt.BCRYPT_ECDSA_P256_ALG_HANDLE, 256),
            (bcrypt.BCRYPT_ECDH_ALG_HANDLE, 0),
            (bcrypt.BCRYPT_RSA_ALG_HANDLE, 512),
        ]:
            self.make("BCryptGenerateKeyPair", number, bits)
        key = self.make("BCryptImportKeyPair", bcrypt.BCRYPT_ECDH_P256_ALG_HANDLE, None, *BLOBS[6])
        self.make("BCryptSecretAgreement", key, key)
        for cipher in CIPHERS[:3] if self.rng.random() < 0.5 else CIPHERS[3:8]:
            self.make("BCryptGenerateSymmetricKey", cipher, bytes(range(32)))
        self.make("BCryptGenerateSymmetricKey", self.pick(DERIVATIONS), b"secret")
        multi = self.make("BCryptOpenAlgorithmProvider", "SHA256", None, bcrypt.BCRYPT_MULTI_FLAG)
        self.make("BCryptCreateMultiHash", multi, 3)

    def make(self, function: str, *arguments: Any) -> Any:
        answer = FUNCTIONS[function](*arguments)
        self.judge(function, dict(enumerate(arguments)), answer)
        assert answer[0].is_success, (function, answer)
        return answer[1]

    # --- one call -------------------------------------------------------------------------------------------

    def call(self) -> None:
        function = self.pick(OFTEN)
        names = inspect.signature(FUNCTIONS[function]).parameters
        arguments = {name: self.argument(function, name) for name in names}
        shape = self.rng.random()
        if function == "BCryptGenerateKeyPair" and shape < 0.5:
            arguments["hAlgorithm"], arguments["dwLength"] = self.pick(
                [
                    (bcrypt.BCRYPT_ECDSA_P256_ALG_HANDLE, 256),
                    (bcrypt.BCRYPT_ECDH_P256_ALG_HANDLE, 256),
                    (bcrypt.BCRYPT_ECDH_ALG_HANDLE, 0),
                    (bcrypt.BCRYPT_RSA_ALG_HANDLE, 512),
                ]
            )
        elif function == "BCryptGenerateSymmetricKey" and shape < 0.8:
            arguments["hAlgorithm"] = self.pick([*CIPHERS, *DERIVATIONS])
        elif function == "BCryptImportKey" and shape < 0.8:
            arguments["hAlgorithm"], arguments["pszBlobType"] = self.pick(CIPHERS), self.pick(SECRET_BLOBS)
            blob = b"KDBM\1\0\0\0\40\0\0\0" + bytes(range(32))
            arguments["pbInput"] = self.pick([blob, self.mutated(blob)])
        elif function == "BCryptDeriveKeyPBKDF2" and shape < 0.8:
            arguments["hPrf"] = self.pick([bcrypt.BCRYPT_HMAC_SHA1_ALG_HANDLE, bcrypt.BCRYPT_AES_CMAC_ALG_HANDLE])
        elif function == "BCryptKeyDerivation" and shape < 0.6:
            arguments["hKey"] = self.make("BCryptGenerateSymmetricKey", self.pick(DERIVATIONS[:5]), b"secret")
            arguments["pParameterList"] = [bcrypt.BCryptBuffer(bcrypt.KDF_HASH_ALGORITHM, wide(self.pick(HASHES)))]
        elif function == "BCryptProcessMultiOperations" and shape < 0.5:
            multi = self.make("BCryptOpenAlgorithmProvider", "SHA256", None, bcrypt.BCRYPT_MULTI_FLAG)
            arguments["hObject"], arguments["operationType"] = self.make("BCryptCreateMultiHash", multi, 3), 1
            arguments["pOperations"] = self.pick([[bcrypt.BCRYPT_MULTI_HASH_OPERATION(2, 1, b"x")], self.steps()])
        elif function in SIZED and shape < 0.6:
            arguments["pbInput"], arguments["dwFlags"] = bytes(self.pick([0, 16, 17, 32, 512])), self.pick([0, 0, 1])
        elif function == "BCryptImportKeyPair" and shape < 0.8:
            arguments["pszBlobType"], blob = self.pick(BLOBS)
            if shape < 0.5:
                arguments["hAlgorithm"] = self.pick(SERVED)
            arguments["pbInput"] = self.pick([blob, self.mutated(blob), self.mutated(blob)])
        elif function == "BCryptSignHash" and shape < 0.5:
            arguments["pPaddingInfo"], arguments["pbInput"] = self.pick(
                [(None, self.some_bytes()), (bcrypt.BCRYPT_PKCS1_PADDING_INFO("SHA1"), bytes(20))]
            )
            arguments["dwFlags"] = 0 if arguments["pPaddingInfo"] is None else bcrypt.BCRYPT_PAD_PKCS1
        try:
            answer = FUNCTIONS[function](**arguments)
        except BaseException as error:
            raise AssertionError(f"{function} raised {type(error).__name__} for {self.shown(arguments)}") from error
        self.judge(function, arguments, answer)

    @staticmethod
    def shown(arguments: dict[Any, Any]) -> str:
        """The arguments, as far as they let themselves be shown."""
        parts = []
        for name, value in arguments.items():
            try:
                text = repr(value)
            except BaseException:
                text = f"<{type(value).__name__}>"
            parts.append(f"{name}={text:.300}")
        return ", ".join(parts)

    def judge(self, function: str, arguments: dict[Any, Any], answer: Any) -> None:
        gives = GIVES.get(function, ())
        told = f"{function}({self.shown(arguments)}) answered {answer!r}"
        status, *rest = answer if gives else (answer,)
        assert type(answer) is tuple or not gives, told
        assert len(rest) == len(gives), told
        assert type(status) is bcrypt.NTStatus, told
        assert status != bcrypt.STATUS_INTERNAL_ERROR, told
        for kind, item in zip(gives, rest, strict=True):
            if status.is_success:
                expected = {"list": list, "bool": bool}.get(kind, int)
                assert type(item) is expected, told
                assert kind in ("list", "bool") or item >= (kind in RELEASES), told
            elif kind == "size" and status == bcrypt.STATUS_BUFFER_TOO_SMALL:
                assert type(item) is int, told
            elif kind == "size" and function in SIZED:
                assert item is None or type(item) is int, told
            else:
                assert item is None, told
        if not status.is_success:
            return
        self.succeeded.add(function)
        for kind, item in zip(gives, rest, strict=True):
            if kind in RELEASES:
                assert item not in self.stale, told
                self.live[kind].append(item)
                if len(self.live[kind]) > 12:
                    self.release(kind, self.live[kind][0])
        for kind, release in RELEASES.items():
            if release is not None and function == release.__name__:
                self.forget(kind, next(iter(arguments.values())))

    def forget(self, kind: str, handle: Any) -> None:
        self.live[kind].remove(handle)
        self.stale = [*self.stale[-40:], int(handle)]

    def release(self, kind: str, handle: int) -> None:
        if RELEASES[kind](handle) == bcrypt.STATUS_SUCCESS:  # an algorithm for dispatch level waits for its keys
            self.forget(kind, handle)

    def release_all(self) -> None:
        for kind in ("secret", "hash", "key", "algorithm"):
            for handle in list(self.live[kind]):
                self.release(kind, handle)
        assert not any(self.live.values())


@pytest.mark.parametrize(
    "seed",
    representative([0, 1, 2, 3, 4], most=2) + [pytest.param(seed, marks=pytest.mark.slow) for seed in range(5, SEEDS)],
)
def test_anything_a_caller_may_pass(seed: int) -> None:
    """No exception, an NTStatus with what belongs to it, nothing on failure, no INTERNAL_ERROR, nothing left behind."""
    before = handles.open_handles()
    caller = Caller(seed)
    try:
        for turn in range(CALLS):
            if turn % 50 == 0:
                caller.furnish()
            caller.call()
        held = sum(len(pool) for pool in caller.live.values())
        assert handles.open_handles() == before + held
    finally:
        caller.release_all()
    assert handles.open_handles() == before
    assert {"BCryptFinalizeKeyPair", "BCryptImportKeyPair", "BCryptSignHash", "BCryptDeriveKey"} <= caller.succeeded
    symmetric = {"GenerateSymmetricKey", "ImportKey", "Encrypt", "Decrypt", "DuplicateKey", "KeyDerivation",
                 "DeriveKeyPBKDF2", "ProcessMultiOperations"}  # fmt: skip
    assert {f"BCrypt{name}" for name in symmetric} <= caller.succeeded


def right_arguments(name: str, caller: Caller) -> dict[str, Any]:
    """Arguments with which the function succeeds (or, of an agreement key, says NOT_SUPPORTED), made afresh."""
    algorithm = bcrypt.BCRYPT_ECDH_P256_ALG_HANDLE
    signer = bcrypt.BCRYPT_RSA_ALG_HANDLE
    of_rsa = name in ("BCryptSignHash", "BCryptVerifySignature", "BCryptEncrypt", "BCryptDecrypt")
    key = rsa = caller.make(
        "BCryptImportKeyPair", *((signer, None, *BLOBS[2]) if of_rsa else (algorithm, None, *BLOBS[6]))
    )
    sign = {"hKey": rsa, "pPaddingInfo": bcrypt.BCRYPT_PKCS1_PADDING_INFO("SHA1"), "dwFlags": bcrypt.BCRYPT_PAD_PKCS1}
    given: dict[str, dict[str, Any]] = {
        "BCryptOpenAlgorithmProvider": {"pszAlgId": "RSA"},
        "BCryptEnumProviders": {"pszAlgId": "RSA"},
        "BCryptGenerateKeyPair": {"hAlgorithm": algorithm, "dwLength": 256},
        "BCryptImportKeyPair": {
            "hAlgorithm": algorithm,
            "hImportKey": None,
            "pszBlobType": BLOBS[6][0],
            "pbInput": BLOBS[6][1],
        },
        "BCryptGetProperty": {"hObject": key, "pszProperty": "KeyLength"},
        "BCryptExportKey": {"hKey": key, "hExportKey": None, "pszBlobType": "ECCPUBLICBLOB"},
        "BCryptSignHash": {**sign, "pbInput": bytes(20), "pbOutput": bytearray(64)},
        "BCryptVerifySignature": {**sign, "pbHash": bytes(20), "pbSignature": bytes(64)},
        "BCryptEncrypt": {
            "hKey": rsa,
            "pbInput": b"text",
            "pbOutput": bytearray(64),
            "dwFlags": bcrypt.BCRYPT_PAD_PKCS1,
        },
        "BCryptDecrypt": {
            "hKey": rsa,
            "pbInput": bytes(64),
            "pbOutput": bytearray(64),
            "dwFlags": bcrypt.BCRYPT_PAD_NONE,
        },
        "BCryptSecretAgreement": {"hPrivKey": key, "hPubKey": key},
        "BCryptDuplicateKey": {"hKey": key},
        "BCryptEncapsulate": {"hKey": key},
        "BCryptDecapsulate": {"hKey": key, "pbCipherText": bytes(768)},
    }
    hashing = bcrypt.BCRYPT_SHA256_ALG_HANDLE
    given["BCryptCreateHash"] = {"hAlgorithm": hashing}
    given["BCryptHash"] = {"hAlgorithm": hashing, "pbSecret": None, "pbInput": b"x", "pbOutput": bytearray(32)}
    cipher = bcrypt.BCRYPT_AES_CBC_ALG_HANDLE
    given["BCryptGenerateSymmetricKey"] = {"hAlgorithm": cipher, "pbSecret": bytes(16)}
    given["BCryptImportKey"] = {
        "hAlgorithm": cipher, "hImportKey": None, "pszBlobType": bcrypt.BCRYPT_KEY_DATA_BLOB,
        "pbInput": b"KDBM\1\0\0\0\20\0\0\0" + bytes(16),
    }  # fmt: skip
    given["BCryptDeriveKeyPBKDF2"] = {
        "hPrf": bcrypt.BCRYPT_HMAC_SHA1_ALG_HANDLE, "pbPassword": b"p", "pbSalt": b"s", "cIterations": 1,
        "pbDerivedKey": bytearray(8),
    }  # fmt: skip
    if name == "BCryptKeyDerivation":
        derivation = caller.make("BCryptGenerateSymmetricKey", bcrypt.BCRYPT_TLS1_1_KDF_ALG_HANDLE, b"secret")
        return {"hKey": derivation, "pbDerivedKey": bytearray(8)}
    if name == "BCryptDeriveKeyCapi":
        started = caller.make("BCryptCreateHash", hashing)
        return {"hHash": started, "hTargetAlg": None, "pbDerivedKey": bytearray(8)}
    if name in ("BCryptCreateMultiHash", "BCryptProcessMultiOperations"):
        multi = caller.make("BCryptOpenAlgorithmProvider", "SHA256", None, bcrypt.BCRYPT_MULTI_FLAG)
        if name == "BCryptCreateMultiHash":
            return {"hAlgorithm": multi, "nHashes": 2}
        hashes = caller.make("BCryptCreateMultiHash", multi, 2)
        step = bcrypt.BCRYPT_MULTI_HASH_OPERATION(0, 1, b"x")
        return {"hObject": hashes, "operationType": 1, "pOperations": [step]}
    given["BCryptGenRandom"] = {"hAlgorithm": bcrypt.BCRYPT_RNG_ALG_HANDLE, "pbBuffer": bytearray(8)}
    if name in ("BCryptHashData", "BCryptFinishHash", "BCryptDuplicateHash", "BCryptDestroyHash"):
        more = {"BCryptHashData": {"pbInput": b"x"}, "BCryptFinishHash": {"pbOutput": bytearray(32)}}
        return {"hHash": caller.make("BCryptCreateHash", hashing), **more.get(name, {})}
    if name == "BCryptCloseAlgorithmProvider":
        return {"hAlgorithm": caller.make("BCryptOpenAlgorithmProvider", "RSA")}
    if name in ("BCryptDeriveKey", "BCryptDestroySecret"):
        secret = caller.make("BCryptSecretAgreement", key, key)
        return {"hSharedSecret": secret, "pwszKDF": "HASH"} if name == "BCryptDeriveKey" else {"hSecret": secret}
    if name in ("BCryptSetProperty", "BCryptFinalizeKeyPair"):
        empty = caller.make("BCryptGenerateKeyPair", signer, 512)
        value = {"hObject": empty, "pszProperty": "KeyLength", "pbInput": 512}
        return {"hKey": empty} if name == "BCryptFinalizeKeyPair" else value
    return given.get(name, {"hKey": key} if name == "BCryptDestroyKey" else {})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_one_wrong_argument(name: str) -> None:
    """Each argument in turn replaced by each ill-natured value, the others being right."""
    before = handles.open_handles()
    parameters = inspect.signature(FUNCTIONS[name]).parameters
    caller = Caller(0)
    try:
        for parameter in parameters:
            for value in plain() + ill_natured():
                if parameter in ("cIterations", "nHashes") and type(value) is int and 1000 < value < 1 << 31:
                    continue  # right, and long
                arguments = {**right_arguments(name, caller), parameter: value}
                if not arguments.keys() >= {p for p, it in parameters.items() if it.default is it.empty}:
                    pytest.skip(f"nothing is known yet of what {name} needs")
                try:
                    answer = FUNCTIONS[name](**arguments)
                except BaseException as error:
                    raise AssertionError(f"raised {type(error).__name__} for {caller.shown(arguments)}") from error
                caller.judge(name, {k: arguments[k] for k in parameters if k in arguments}, answer)
    finally:
        caller.release_all()
    assert handles.open_handles() == before


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_but_garbage(name: str) -> None:
    """Each function with each ill-natured value in every place at once: a failing status, and nothing given out."""
    parameters = inspect.signature(FUNCTIONS[name]).parameters
    for value in plain() + ill_natured() if parameters else []:
        answer = FUNCTIONS[name](*[value] * len(parameters))
        status = answer[0] if isinstance(answer, tuple) else answer
        assert type(status) is bcrypt.NTStatus, Caller.shown({"value": value})
        assert status != bcrypt.STATUS_INTERNAL_ERROR, Caller.shown({"value": value})
        if name not in ("BCryptEnumAlgorithms",):
            assert not status.is_success or value == "RSA", Caller.shown({"value": value})


def test_a_generator_that_can_fail() -> None:
    """The judge refuses what it should: each kind of broken answer is found."""
    caller = Caller(0)
    good = bcrypt.STATUS_SUCCESS
    bad = bcrypt.STATUS_INVALID_PARAMETER
    broken: list[tuple[str, Any]] = [
        ("BCryptDestroyKey", (good, None)),
        ("BCryptDestroyKey", 0),
        ("BCryptDestroyKey", bcrypt.STATUS_INTERNAL_ERROR),
        ("BCryptGenerateKeyPair", good),
        ("BCryptGenerateKeyPair", (bad, 5)),
        ("BCryptGenerateKeyPair", (good, None)),
        ("BCryptGenerateKeyPair", (good, 1, 2)),
        ("BCryptExportKey", (bad, 7)),
        ("BCryptExportKey", (bcrypt.STATUS_BUFFER_TOO_SMALL, None)),
    ]
    for function, answer in broken:
        with pytest.raises((AssertionError, TypeError)):
            caller.judge(function, {"hKey": 16}, answer)
