"""Key blobs made on Windows, and what Windows says of them: the data of the contract's cases.

Each sample belongs to one algorithm and is shown where that is installed. A check gets the opened algorithm and says
whether the answer is the one Windows gives.
"""

from collections.abc import Callable

from cngcore.objects import AlgorithmProvider
from cngcore.padding import ExternalMu, Pkcs1
from cngcore.provider import Algorithm
from cngcore.status import (
    BadDataError,
    CngError,
    InvalidParameterError,
    InvalidSignatureError,
    NotSupportedError,
)

Check = Callable[[AlgorithmProvider], bool]

ECDSA_P256_PUB = bytes.fromhex(
    "45435331200000003b3c34c83f15ea02684669df0ca6ee7ad982089b375342f31363da6579e8049e8c77c43377d95a7f607b98cef39656d6"
    "b58d877a002bf370b39073a056063b22"
)
HASH32 = bytes.fromhex("28190f156d75cccf62f15ee68ac3f05d89282d48d8737c05058ebcce28b7bac9")
ECDSA_P256_SIG = bytes.fromhex(
    "d729ce5aef7485d1185f6ef1ba53d4cddde05df15e4851ea63c0e8e2f6fa4cafe394153b6c716e4422cba088cd0a5a50297c5cd66cd2e07f"
    "cd0292214c2c92ee"
)
RSA512_PRIV = bytes.fromhex(
    "525341320002000003000000400000002000000020000000010001a68b4626b5a969839466a7f3339574e9ebc8cdd7819e4566b2488b1ffe"
    "b362c40da2f9f3e2a686d11e8abb1da5c5e8a75037fd691f6f9999ca3913ea5b6be391c0d22c0b21b1aca9e8a06da41f1b34cb887f2eeb7d"
    "913848ce057305dd2294c3dd1cfdc5412e94f9ede5925f3f06f84960b892526a566ed7041ab5b51c31d11b"
)
RSA512_FULL = bytes.fromhex(
    "525341330002000003000000400000002000000020000000010001a68b4626b5a969839466a7f3339574e9ebc8cdd7819e4566b2488b1ffe"
    "b362c40da2f9f3e2a686d11e8abb1da5c5e8a75037fd691f6f9999ca3913ea5b6be391c0d22c0b21b1aca9e8a06da41f1b34cb887f2eeb7d"
    "913848ce057305dd2294c3dd1cfdc5412e94f9ede5925f3f06f84960b892526a566ed7041ab5b51c31d11ba3f3d16961abfec1b6407b19bb"
    "2d59f5da49326f2024d3b3ec21ec0cc75bf91bba6ee961da55c672fd2d663f3ccb49a9c50d9b02367aee360955e403f2e3e62514897f2bfb"
    "270e8d3784fdad1079434e384ad45efada9f88217cb498b66e1c2409e5e7226fd384c0dc3609af4b968b5f47b32480b56469ad83d509e7b9"
    "e4816f1ae26df15e2bb37ad077ef82cd552ed5b1a772ec029de2cc5af16830e5bc8dad"
)
RSA_BAD_EXP = bytes.fromhex(
    "525341310004000009000000800000000000000000000000010001c78fac2acebfc96c7b857471bbffbb9b2003791734e726915c1f1b033d"
    "46dfb6f21055f039550ae39c0c63c2140394510db42209f25cb2d1c3ac6fa8c4acb8bc59e7ed776eb180587db29446e500e2b733487ad378"
    "e92601c7007b416d943ae1502b9f6b1c08a3fc0a4481094180237bf63faf91a187753315b8de3230b45efd"
)
P256_ECDH_PRIV = bytes.fromhex(
    "45434b3220000000fbbd3d201b6d66b37c9f89f3e44116a5685277acab55b26cb02355cb9614fd0b1cefdf076d31af39ce8c8f9d75d07bea"
    "81dc40211f58225f7255fc588aeb885d020990d2e336acfe83136c881aab9bddaa8aee699a6a62866a136988b7d5a3cd"
)
P256_ECDH_PEER = bytes.fromhex(
    "45434b312000000007619d49636b9694d18fd148cccf724dff43f4970fa38a72e9e0ba876dc36215ae65dd3151fc3bc959a10a92172b6455"
    "033e621dac3e37406a4cb6213f735cf5"
)
P256_TRUNCATE = bytes.fromhex("48b011db694eb4f4f53ee19bca0004c89b69afd1af1fc2d7830ab7f84f24328e")
P256_HASH_SHA1 = bytes.fromhex("1be7bf0f651ed007f9f477484839d0f8f3cefc89")
DH512_PRIV = bytes.fromhex(
    "4448505640000000cf18e9a9b39759ae0dacf09939dcd2fe1ef3fc2c49df7689ff1357c7e6bdeda742c0c3d78e84a8dfcd525081738a3360"
    "de6d56ebd5ec1f9f9fd62ce48fab580b5fc5509adef6844839a9a7b1730c56d428bb1293514433dfa6e77f0b3fe941ef3280cd8e2b388549"
    "4d0ccc74020792d3e43e3784271fa3ad948cc1c2229936f022af98ebd9c4b5bde1ab191be33620caffe86c30963c90770ee096aeb147d152"
    "2cc3655e9b419aa6feab54a0f071ab6cd00e01085b66e562d2e55dae9c60b2c6000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000000000000097713e828bea1177c4b462c74dff0f63d9e2daab"
)
DH512_TRUNCATE = bytes.fromhex(
    "738462c19a9cc2919fc1c2940ca82f58ac50cdd52943418e5dca73554d4650e5b734a9cb3a18689930ef5826d303610217b7ba01bcaedf3f"
    "b5b54ab008e5eac3"
)
DH512_HASH_SHA1 = bytes.fromhex("a7fcff21b3d146b8213dc6d4e361975eb50afe8f")
DSA512_PUB = bytes.fromhex(
    "44535042400000000000008fd292bb92b900c5ed52cc484a441dd374fb75d17eb6249b5d570a8ac45dab9c2686c6251620f9a971bc1d30c4"
    "ef8cc4df1aaf96df90d8859df92c868c91396c6d114e53632a2b26a7f9767451bf08876fe07191248ac2842d849c5f94aa38537784babcff"
    "493a080f38b5915c0615a427f4a559aa1c41a3a0bbf73286fb9441ffcded69ebc65eb6a815823b601e9155d52ca5745a658fc656c43f4ee3"
    "3a71b26366a40d0df9dd1e4881e9bf8fbb8547816811b5916bc405efa3c7bf26534fc410fdfaed6164d62ead043e82edb22276d044adc14c"
    "de33a36155ec24e57945cf9439929fd824ce85b9"
)
DSA512_HASH = bytes.fromhex("7ee374e7c50b6b70dbab326d1d51d674798e5b4b")
DSA512_SIG = bytes.fromhex("5f951f081944a5ab28115168829be4c3041bc9dc412a89d44a8b86af982c590bd288f6e829138449")
MLDSA44_SEEDBLOB = bytes.fromhex(
    "4453535306000000200000003400340000005c624fcc1862452452d0c665840d8237f43108e5499edcdc108fbc49d596e4b7"
)
MLDSA44_MU = bytes.fromhex(
    "2ad1c72bb0fcbe28099ce8bd2ed836dfebe520aad38fbac66ef785a3cfb10fb419327fa57818ee4e3718da4be48d24b59a208f8807271fdb"
    "7eda6e60141bd263"
)
X25519_PRIVATE = bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
X25519_PUBLIC = bytes.fromhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
X25519_PEER = bytes.fromhex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
X25519_SHARED = bytes.fromhex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")


class Sample:
    """A blob, its algorithm, and the checks with a line for each. ``what`` begins with the blob's type.

    ``bits`` is the length of the key where implementations of an algorithm differ in which they can take.
    """

    __slots__ = ("algorithm", "bits", "checks", "name", "what")

    def __init__(self, name: str, algorithm: str, what: str, checks: "list[tuple[str, Check]]", bits: int = 0) -> None:
        self.bits = bits
        self.name = name
        self.algorithm = algorithm
        self.what = what
        self.checks = checks

    def may_be_declined(self, declared: Algorithm) -> bool:
        """Whether the key has a length that an implementation does not make, so that NOT_SUPPORTED is an answer."""
        rule = declared.key_lengths
        return bool(self.bits) and rule is not None and not rule.accepts(self.bits, {})

    def suits(self, declared: Algorithm) -> bool:
        """Whether an implementation reads and writes blobs of this type; true where no blob is read."""
        blob_type = self.what.partition(",")[0].partition(" ")[0]
        found = declared.blob_types.get(blob_type)
        return not blob_type.endswith("BLOB") or (found is not None and found.imports and found.exports)


def _refuses(error: type[CngError], call: Callable[[], object]) -> bool:
    try:
        call()
    except error:
        return True
    return False


def _same_blob(blob_type: str, blob: bytes, exported: str | None = None, expected: bytes | None = None) -> Check:
    """Import a blob; exported under the same type, or another, it must be these bytes."""

    def check(provider: AlgorithmProvider) -> bool:
        with provider.import_key_pair(blob_type, blob) as key:
            return key.export(exported or blob_type) == (expected or blob)

    return check


def _verifies(provider: AlgorithmProvider) -> bool:
    with provider.import_key_pair("ECCPUBLICBLOB", ECDSA_P256_PUB) as key:
        key.verify_signature(HASH32, ECDSA_P256_SIG)
        return _refuses(InvalidSignatureError, lambda: key.verify_signature(HASH32[:31], ECDSA_P256_SIG))


def _holds_no_private_key(provider: AlgorithmProvider) -> bool:
    declared = provider.declaration.blob_types.get("ECCPRIVATEBLOB")
    exports = declared is not None and declared.exports
    status = InvalidParameterError if exports else NotSupportedError  # a token has no such blob to give at all
    with provider.import_key_pair("ECCPUBLICBLOB", ECDSA_P256_PUB) as key:
        return _refuses(status, lambda: key.export("ECCPRIVATEBLOB"))


def _signs(provider: AlgorithmProvider) -> bool:
    with provider.import_key_pair("RSAPRIVATEBLOB", RSA512_PRIV) as key:
        signature = key.sign_hash(HASH32[:20], Pkcs1("SHA1"))
        key.verify_signature(HASH32[:20], signature, Pkcs1("SHA1"))
        return len(signature) == 64


def _agrees(kdf: str, expected: bytes) -> Check:
    def check(provider: AlgorithmProvider) -> bool:
        with (
            provider.import_key_pair("ECCPRIVATEBLOB", P256_ECDH_PRIV) as own,
            provider.import_key_pair("ECCPUBLICBLOB", P256_ECDH_PEER) as peer,
            own.agree(peer) as secret,
        ):
            return secret.derive(kdf) == expected

    return check


def _agrees_on_curve25519(provider: AlgorithmProvider) -> bool:
    provider.set_property("ECCCurveName", "curve25519")
    clamped = bytes([X25519_PRIVATE[0] & 0xF8, *X25519_PRIVATE[1:31], X25519_PRIVATE[31] & 0x7F | 0x40])
    private = b"ECKV" + (32).to_bytes(4, "little") + X25519_PUBLIC + bytes(32) + clamped
    public = b"ECKP" + (32).to_bytes(4, "little") + X25519_PEER + bytes(32)
    with (
        provider.import_key_pair("ECCPRIVATEBLOB", private) as own,
        provider.import_key_pair("ECCPUBLICBLOB", public) as peer,
        own.agree(peer) as secret,
    ):
        return secret.derive("TRUNCATE") == X25519_SHARED[::-1]


def _digest(expected: str) -> Check:
    def check(provider: AlgorithmProvider) -> bool:
        with provider.create_hash() as state:
            state.update(b"test\0")
            return state.finish().hex() == expected

    return check


def _dh_agrees(kdf: str, expected: bytes) -> Check:
    def check(provider: AlgorithmProvider) -> bool:
        with provider.import_key_pair("DHPRIVATEBLOB", DH512_PRIV) as own, own.agree(own) as secret:
            return secret.derive(kdf) == expected

    return check


def _dsa_verifies(provider: AlgorithmProvider) -> bool:
    with provider.import_key_pair("DSAPUBLICBLOB", DSA512_PUB) as key:
        key.verify_signature(DSA512_HASH, DSA512_SIG)
        return _refuses(InvalidSignatureError, lambda: key.verify_signature(bytes(20), DSA512_SIG))


def _signs_external_mu(provider: AlgorithmProvider) -> bool:
    with provider.import_key_pair("PQDSAPRIVATESEEDBLOB", MLDSA44_SEEDBLOB) as key:
        signature = key.sign_hash(MLDSA44_MU, ExternalMu())
        key.verify_signature(MLDSA44_MU, signature, ExternalMu())
        return len(signature) == 2420


_DIGESTS = {
    "MD5": "e2a3e68d23ce348b8f68b3079de3d4c9",
    "SHA1": "961fa64958818f767707072755d7018dcd278e94",
    "SHA256": "ceb73749c899693706ede1e30c9929b3fd5dd926163831c2fb8bd41e6efb1126",
}

SAMPLES = [
    Sample(
        "RSA512_PRIV", "RSA", "RSAPRIVATEBLOB, 155 bytes (cases C4, D5)",
        [
            ("import it, export the same bytes", _same_blob("RSAPRIVATEBLOB", RSA512_PRIV)),
            (
                "export it in full: d, dP, dQ and qInv as Windows has them",
                _same_blob("RSAPRIVATEBLOB", RSA512_PRIV, "RSAFULLPRIVATEBLOB", RSA512_FULL),
            ),
            ("sign with it, verify", _signs),
        ],
        bits=512,
    ),
    Sample(
        "RSA512_FULL", "RSA", "RSAFULLPRIVATEBLOB, 315 bytes (case C5)",
        [("import it, export the same bytes", _same_blob("RSAFULLPRIVATEBLOB", RSA512_FULL))],
        bits=512,
    ),
    Sample(
        "RSA_BAD_EXP", "RSA", "RSAPUBLICBLOB with a false length (case C6)",
        [
            (
                "refuse it with NTE_BAD_DATA",
                lambda rsa: _refuses(BadDataError, lambda: rsa.import_key_pair("RSAPUBLICBLOB", RSA_BAD_EXP)),
            )
        ],
    ),
    Sample(
        "ECDSA_P256_PUB", "ECDSA_P256", "ECCPUBLICBLOB, 72 bytes (cases F1, F2, G1, G2)",
        [
            ("import it, export the same bytes", _same_blob("ECCPUBLICBLOB", ECDSA_P256_PUB)),
            ("verify a signature of Windows, refuse it over 31 bytes", _verifies),
            ("refuse to export a private key it does not have", _holds_no_private_key),
        ],
    ),
    Sample(
        "P256_ECDH_PRIV", "ECDH_P256", "ECCPRIVATEBLOB, 104 bytes (cases H2, H3)",
        [
            ("import it, export the same bytes", _same_blob("ECCPRIVATEBLOB", P256_ECDH_PRIV)),
            ("agree with P256_ECDH_PEER: the raw secret is P256_TRUNCATE", _agrees("TRUNCATE", P256_TRUNCATE)),
            ("derive by HASH: it is P256_HASH_SHA1", _agrees("HASH", P256_HASH_SHA1)),
        ],
    ),
    Sample(
        "X25519", "ECDH", "a pair and a peer on curve25519",
        [("import both, agree: the secret is the one of Windows", _agrees_on_curve25519)],
    ),
    Sample(
        "DH512_PRIV",
        "DH",
        "DHPRIVATEBLOB, 264 bytes (case H8)",
        [
            ("import it, export the same bytes", _same_blob("DHPRIVATEBLOB", DH512_PRIV)),
            ("agree it with itself: the raw secret is DH512_TRUNCATE", _dh_agrees("TRUNCATE", DH512_TRUNCATE)),
            ("derive by HASH: it is DH512_HASH_SHA1", _dh_agrees("HASH", DH512_HASH_SHA1)),
        ],
    ),
    Sample(
        "DSA512_PUB",
        "DSA",
        "DSAPUBLICBLOB, 244 bytes (cases I1, I3)",
        [
            ("import it, export the same bytes", _same_blob("DSAPUBLICBLOB", DSA512_PUB)),
            ("verify a signature of Windows, refuse another hash", _dsa_verifies),
        ],
    ),
    Sample(
        "MLDSA44_SEEDBLOB",
        "ML-DSA",
        "PQDSAPRIVATESEEDBLOB, 50 bytes (case K4)",
        [
            ("import it, export the same bytes", _same_blob("PQDSAPRIVATESEEDBLOB", MLDSA44_SEEDBLOB)),
            ("sign an external mu with it, verify", _signs_external_mu),
        ],
    ),
    *(
        Sample(f"digest of {name}", name, "case L1", [("hash five bytes: it is the one of Windows", _digest(digest))])
        for name, digest in _DIGESTS.items()
    ),
]  # fmt: skip
"""In the order in which the tour shows them."""
