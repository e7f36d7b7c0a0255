"""Compare every algorithm with its bare back end, for all operations of the object API and of the flat one.

The bare side is in :mod:`benchmarks.bare`. A key is generated, finalized and destroyed. "and test" means that
finalizing tests the new key once, as the contract demands for ML-KEM and ML-DSA; the bare side does the same. A row is
the microseconds that cngcore adds; where a library searches for primes, whose time is luck, it is a ratio.
"""

from collections.abc import Callable, Iterator
from functools import partial

from cryptography.hazmat.primitives.asymmetric import ec

import cngcore
from benchmarks import bare
from benchmarks.bare import DIGEST, MESSAGE, Call
from benchmarks.bounds import Bound, bound_of
from benchmarks.harness import Figure, overhead, ratio
from cngcore import KeyPair, bcrypt
from cngcore.constants import BCRYPT_NO_KEY_VALIDATION
from cngcore.padding import Oaep, Pkcs1, Pss

Bare = Callable[[], dict[str, Call]]

FLAT = ", flat"
"""The end of the name of an operation by the flat API, which may take a microsecond longer."""

BLOBS = {
    "RSA": "RSAFULLPRIVATEBLOB",
    "ECDSA": "ECCPRIVATEBLOB",
    "ECDH": "ECCPRIVATEBLOB",
    "DSA": "DSAPRIVATEBLOB",
    "DH": "DHPRIVATEBLOB",
    "ML-KEM": "MLKEMPRIVATESEEDBLOB",
    "ML-DSA": "PQDSAPRIVATESEEDBLOB",
}
"""The blob of each family that is exported and imported."""

SLOW = {"RSA 1024", "RSA 2048", "RSA 960", "DSA 1024", "DSA 2048"}
"""Kinds whose generation time depends on luck: many keys in each round."""


class Kind:
    """A kind of key of one implementation, and the function of its bare side."""

    def __init__(
        self,
        name: str,
        algorithm: str,
        implementation: str,
        back_end: Bare,
        *,
        length: int = 0,
        parameter_set: str | None = None,
        curve: str | None = None,
    ) -> None:
        self.name = name
        self.algorithm = algorithm
        self.implementation = implementation
        self.back_end = back_end
        self.length = length
        self.parameter_set = parameter_set
        self.curve = curve

    def open(self) -> cngcore.AlgorithmProvider:
        """Return the algorithm, set to make such keys."""
        provider = cngcore.open_algorithm_provider(self.algorithm, self.implementation)
        if self.curve is not None:
            provider.set_property("ECCCurveName", self.curve)
        return provider

    def make(self, provider: cngcore.AlgorithmProvider, flags: int = 0) -> KeyPair:
        """Return a finalized key."""
        key = provider.generate_key_pair(self.length, flags)
        if self.parameter_set is not None:
            key.set_property("ParameterSetName", self.parameter_set)
        key.finalize()
        return key


def kinds() -> Iterator[Kind]:
    """Return all kinds that are measured."""
    own = "cryptography"
    for bits in (1024, 2048):
        yield Kind(f"RSA {bits}", "RSA", own, partial(bare.rsa_key, bits), length=bits)
    yield Kind("RSA 960", "RSA", own, partial(bare.small_rsa_key, 960), length=960)
    for name, curve in (("P256", ec.SECP256R1()), ("P384", ec.SECP384R1()), ("P521", ec.SECP521R1())):
        bits = int(name[1:])
        yield Kind(f"ECDSA {name}", f"ECDSA_{name}", own, partial(bare.ec_key, curve, signs=True), length=bits)
        yield Kind(f"ECDH {name}", f"ECDH_{name}", own, partial(bare.ec_key, curve, signs=False), length=bits)
    koblitz = partial(bare.ec_key, ec.SECP256K1(), signs=True)
    yield Kind("ECDSA secP256k1", "ECDSA", own, koblitz, curve="secP256k1")
    yield Kind("ECDH curve25519", "ECDH", own, partial(bare.x25519_key), curve="curve25519")
    for bits in (1024, 2048):
        declared = cngcore.open_algorithm_provider("DSA").declaration.implementation
        yield Kind(f"DSA {bits}", "DSA", declared, partial(bare.dsa_key, bits), length=bits)
    for bits in (1024, 2048):
        declared = cngcore.open_algorithm_provider("DH").declaration.implementation
        yield Kind(f"DH {bits}", "DH", declared, partial(bare.dh_key, bits), length=bits)
    for name in ("512", "768", "1024"):
        if name != "512":
            yield Kind(f"ML-KEM {name}", "ML-KEM", own, partial(bare.mlkem_key, name), parameter_set=name)
        for other, made in (("pqcrypto", bare.pqcrypto_mlkem), ("liboqs", bare.liboqs_mlkem)):
            yield Kind(f"ML-KEM {name}", "ML-KEM", other, partial(made, name), parameter_set=name)
    for name in ("44", "65", "87"):
        yield Kind(f"ML-DSA {name}", "ML-DSA", own, partial(bare.mldsa_key, name), parameter_set=name)
        for other, made in (("pqcrypto", bare.pqcrypto_mldsa), ("liboqs", bare.liboqs_mldsa)):
            yield Kind(f"ML-DSA {name}", "ML-DSA", other, partial(made, name), parameter_set=name)


def figures() -> Iterator[Figure | str]:
    for kind in kinds():
        try:
            provider = kind.open()
        except cngcore.NotFoundError as error:
            yield f"{kind.name} ({kind.implementation}): {error.message}"
            continue
        theirs = kind.back_end()
        for operation, call in {**ours(kind, provider), **flat(kind)}.items():
            bare_name = operation.removesuffix(FLAT)
            if bare_name in theirs:
                yield figure(kind, operation, call, theirs[bare_name])


def figure(kind: Kind, operation: str, ours: Call, theirs: Call) -> Figure:
    """Return the figure of one operation of one kind."""
    name = f"{kind.name} ({kind.implementation}): {operation}"
    if operation == "generate" and kind.name in SLOW:
        return ratio("operations", name, ours, theirs, seconds=0.8)
    usual = Bound((3 if operation.startswith("import") else 2) + operation.endswith(FLAT), "17")
    return overhead("operations", name, ours, theirs, bound=bound_of(name, usual))


def ours(kind: Kind, provider: cngcore.AlgorithmProvider) -> dict[str, Call]:
    """Return the operations of the object API for such a key."""
    key = kind.make(provider)
    declared = provider.declaration
    tested = kind.algorithm in ("ML-KEM", "ML-DSA")
    calls: dict[str, Call] = {"generate and test" if tested else "generate": lambda: kind.make(provider).destroy()}
    if kind.algorithm == "ML-KEM":
        calls["generate"] = lambda: kind.make(provider, BCRYPT_NO_KEY_VALIDATION).destroy()
    if kind.algorithm == "RSA" and kind.length >= 1024:
        for padding in (Pkcs1("SHA256"), Pss("SHA256", 32)):
            signature = key.sign_hash(DIGEST, padding)
            word = type(padding).__name__.upper()
            calls[f"sign {word}"] = partial(key.sign_hash, DIGEST, padding)
            calls[f"verify {word}"] = partial(key.verify_signature, DIGEST, signature, padding)
        sealed = key.encrypt(MESSAGE, Oaep("SHA256"))
        calls["encrypt OAEP"] = partial(key.encrypt, MESSAGE, Oaep("SHA256"))
        calls["decrypt OAEP"] = partial(key.decrypt, sealed, Oaep("SHA256"))
    elif "sign" in declared.operations and kind.algorithm != "RSA":
        digest = DIGEST[:20] if kind.name == "DSA 1024" else DIGEST
        signature = key.sign_hash(digest)
        calls["sign"] = partial(key.sign_hash, digest)
        calls["verify"] = partial(key.verify_signature, digest, signature)
    elif "agree" in declared.operations:
        peer = kind.make(provider).public()
        calls["agree"] = lambda: key.agree(peer).destroy()
    elif "encapsulate" in declared.operations:
        half = key.public()
        _, ciphertext = half.encapsulate()
        calls["encapsulate"] = half.encapsulate
        calls["decapsulate"] = partial(key.decapsulate, ciphertext)
    blob_type = BLOBS[kind.algorithm.partition("_")[0]]
    if blob_type in declared.blob_types:
        blob = bytes(key.export(blob_type))
        calls["export"] = partial(key.export, blob_type)
        calls["import"] = lambda: provider.import_key_pair(blob_type, blob).destroy()
    return calls


def flat(kind: Kind) -> dict[str, Call]:
    """Return the operations of the flat API, with the caller's buffers, that every family has one of."""
    family = kind.algorithm.partition("_")[0]
    _, algorithm = bcrypt.BCryptOpenAlgorithmProvider(kind.algorithm, kind.implementation)
    if kind.curve is not None:
        name = f"{kind.curve}\0".encode("utf-16-le")
        assert bcrypt.BCryptSetProperty(algorithm, "ECCCurveName", name) == 0

    def make() -> int:
        _, key = bcrypt.BCryptGenerateKeyPair(algorithm, kind.length)
        assert key is not None
        if kind.parameter_set is not None:
            bcrypt.BCryptSetProperty(key, "ParameterSetName", f"{kind.parameter_set}\0".encode("utf-16-le"))
        assert bcrypt.BCryptFinalizeKeyPair(key) == 0
        return key

    key = make()
    blob_type = BLOBS[family]
    calls: dict[str, Call] = {}
    status, size = bcrypt.BCryptExportKey(key, None, blob_type)
    if status == 0:
        blob = bytearray(size or 0)
        assert bcrypt.BCryptExportKey(key, None, blob_type, blob)[0] == 0
        taken = bytes(blob)
        calls["export"] = lambda: bcrypt.BCryptExportKey(key, None, blob_type, blob)
        calls["import"] = lambda: bcrypt.BCryptDestroyKey(
            bcrypt.BCryptImportKeyPair(algorithm, None, blob_type, taken)[1]
        )
    if family in ("ECDSA", "DSA", "ML-DSA", "RSA"):
        rsa = family == "RSA"
        info, flags = (bcrypt.BCRYPT_PKCS1_PADDING_INFO("SHA256"), bcrypt.BCRYPT_PAD_PKCS1) if rsa else (None, 0)
        digest = DIGEST[:20] if kind.name == "DSA 1024" else DIGEST
        signature = bytearray(bcrypt.BCryptSignHash(key, info, digest, None, flags)[1] or 0)
        assert bcrypt.BCryptSignHash(key, info, digest, signature, flags)[0] == 0
        valid = bytes(signature)
        end = " PKCS1" if rsa else ""
        calls[f"sign{end}"] = lambda: bcrypt.BCryptSignHash(key, info, digest, signature, flags)
        calls[f"verify{end}"] = lambda: bcrypt.BCryptVerifySignature(key, info, digest, valid, flags)
    elif family in ("ECDH", "DH"):
        peer = make()
        calls["agree"] = lambda: bcrypt.BCryptDestroySecret(bcrypt.BCryptSecretAgreement(key, peer)[1])
    elif family == "ML-KEM":
        _, secret_size, sealed_size = bcrypt.BCryptEncapsulate(key)
        secret, sealed = bytearray(secret_size or 0), bytearray(sealed_size or 0)
        assert bcrypt.BCryptEncapsulate(key, secret, sealed)[0] == 0
        ciphertext = bytes(sealed)
        calls["encapsulate"] = lambda: bcrypt.BCryptEncapsulate(key, secret, sealed)
        calls["decapsulate"] = lambda: bcrypt.BCryptDecapsulate(key, ciphertext, secret)
    return {name + FLAT: call for name, call in calls.items()}
