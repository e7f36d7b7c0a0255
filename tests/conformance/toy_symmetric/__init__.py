"""A small provider of ciphers, MACs and key derivations that is right, for ``deviations_symmetric.toml``."""

from cngcore.provider import Algorithm, KeyLengths, Mode, Parameter, Property, When, hookimpl

__version__ = "0.1"

AES_LENGTHS = KeyLengths(128, 256, 64)
BLOBS = ["KeyDataBlob", "OpaqueKeyBlob", "Rfc3565KeyWrapBlob"]
HASH = Parameter("KDF_HASH_ALGORITHM", "hash", required=True)
SETTABLE = When(finalized="w")


def ccm_limit(nonce):
    return (1 << 8 * (15 - nonce)) - 1


def aes():
    return Algorithm(
        "AES",
        "toy",
        {"cipher"},
        AES_LENGTHS,
        blob_types=BLOBS,
        block_length=16,
        modes=[
            Mode("CBC", default=True),
            Mode("ECB"),
            Mode("CFB"),
            Mode("GCM", nonce=(12, 12, 1), tag=(12, 16, 1), max_data=(1 << 36) - 32, chained=True),
            Mode("CCM", nonce=(7, 13, 1), tag=(4, 16, 2), max_data=ccm_limit),
        ],
        factory="toy_cng.ciphers:AesFactory",
        dispatch_level=True,
    )


def xts():
    return Algorithm(
        "XTS-AES",
        "toy",
        {"cipher"},
        KeyLengths(256, 512, 256),
        blob_types=BLOBS,
        block_length=16,
        modes=[Mode("N/A", default=True, iv_length=8)],
        factory="toy_cng.ciphers:XtsFactory",
    )


def rc2():
    effective = Property("EffectiveKeyLength", int, When(algorithm="rw", finalized="rw"))
    return Algorithm(
        "RC2",
        "toy",
        {"cipher"},
        KeyLengths(64, 128, 8),
        properties=[effective],
        blob_types=BLOBS,
        block_length=8,
        modes=[Mode("CBC", default=True), Mode("ECB"), Mode("CFB")],
        factory="toy_cng.streams:Rc2Factory",
    )


def rc4():
    return Algorithm(
        "RC4",
        "toy",
        {"cipher"},
        KeyLengths(40, 512, 8),
        blob_types=BLOBS,
        block_length=1,
        modes=[Mode("N/A", default=True)],
        factory="toy_cng.streams:Rc4Factory",
    )


def mac(name, factory, *options):
    readable = When(algorithm="r")
    return Algorithm(
        name,
        "toy",
        {"hash"},
        AES_LENGTHS,
        properties=[
            Property("HashDigestLength", int, readable, value=16),
            Property("HashBlockLength", int, readable, value=16),
            *options,
        ],
        factory=f"toy_cng.macs:{factory}",
        mac=True,
    )


def cmac():
    return mac("AES-CMAC", "CmacFactory")


def gmac():
    return mac("AES-GMAC", "GmacFactory", Property("IV", bytes, When(object="w")))


def derivation(name, factory, *parameters, **more):
    return Algorithm(
        name,
        "toy",
        {"derive"},
        KeyLengths(0, 16384, 8),
        factory=f"toy_cng.kdf:{factory}",
        parameters=parameters,
        **more,
    )


def pbkdf2():
    return derivation(
        "PBKDF2", "Pbkdf2", HASH, Parameter("KDF_SALT"), Parameter("KDF_ITERATION_COUNT", "u64"),
    )  # fmt: skip


def counter():
    return derivation(
        "SP800_108_CTR_HMAC",
        "Counter",
        HASH,
        Parameter("KDF_LABEL"),
        Parameter("KDF_CONTEXT"),
        Parameter("KDF_GENERIC_PARAMETER", instead_of=("KDF_LABEL", "KDF_CONTEXT")),
    )


def hkdf():
    return derivation(
        "HKDF",
        "Hkdf",
        Parameter("KDF_HASH_ALGORITHM", "hash"),
        Parameter("KDF_SALT"),
        Parameter("KDF_HKDF_INFO"),
        properties=[
            Property("HkdfHashAlgorithm", str, SETTABLE),
            Property("HkdfSaltAndFinalize", bytes, SETTABLE),
            Property("HkdfPrkAndFinalize", bytes, SETTABLE),
        ],
        blob_types=["KeyDataBlob"],
    )


@hookimpl
def cngcore_register_algorithms():
    return [aes(), xts(), rc2(), rc4(), cmac(), gmac(), pbkdf2(), counter(), hkdf()]
