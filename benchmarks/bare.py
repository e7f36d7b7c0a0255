"""Do the same work without cngcore, with each back end's own calls, as a program for only this library would.

Each function returns, for one kind of key, the operations that :mod:`benchmarks.operations` has for cngcore: generate,
sign, verify, agree, encapsulate, decapsulate, import, export. An import reads the blob that the export made, and checks
what the contract demands and the library does not: the numbers of an RSA key, and a trial signature. A new ML-KEM or
ML-DSA key is tested once, as the contract demands. If no library makes such keys, the bare side is our own arithmetic.
Keys of pqcrypto are not generated here: it has no seeds, so cngcore expands one by other means, and the two sides would
not do the same work.
"""

import ctypes
import os
import struct
from collections.abc import Callable
from secrets import randbelow
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, mldsa, mlkem, padding, rsa, utils, x25519

Call = Callable[[], object]
DIGEST = bytes(range(32))
MESSAGE = DIGEST
PREHASHED = utils.Prehashed(hashes.SHA256())


def _plain(r_and_s: bytes, size: int) -> bytes:
    r, s = utils.decode_dss_signature(r_and_s)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _blob(magic: int, *fields: bytes) -> bytearray:
    """Return a private blob as C code lays it out: a magic, the lengths, the fields."""
    return bytearray(struct.pack(f"<{1 + len(fields)}L", magic, *map(len, fields)) + b"".join(fields))


def _content(blob: bytes, name: bytes) -> bytes:
    """Return the key in a blob of two fields, the name of a parameter set and the key."""
    magic, name_bytes, key_bytes = struct.unpack_from("<3L", blob)
    start = 12 + name_bytes
    assert (magic, blob[12:start], len(blob)) == (0, name, start + key_bytes)
    return blob[start:]


def _der(signature: bytes) -> bytes:
    size = len(signature) // 2
    return utils.encode_dss_signature(int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))


def rsa_key(bits: int) -> dict[str, Call]:
    """RSA of cryptography; import without the library's own test of the primes, which takes long, as in cngcore."""
    key = rsa.generate_private_key(65537, bits)
    public = key.public_key()
    v15, pss = padding.PKCS1v15(), padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    signed, salted = key.sign(DIGEST, v15, PREHASHED), key.sign(DIGEST, pss, PREHASHED)
    sealed = public.encrypt(MESSAGE, oaep)

    def export() -> bytearray:
        own, whole, half = key.private_numbers(), bits // 8, bits // 16
        public = own.public_numbers
        halves = (own.p, own.q, own.dmp1, own.dmq1, own.iqmp)
        return _blob(
            0x33415352,
            public.e.to_bytes(3, "big"),
            public.n.to_bytes(whole, "big"),
            *(number.to_bytes(half, "big") for number in halves),
            own.d.to_bytes(whole, "big"),
        )

    blob = bytes(export())

    def import_key() -> None:
        magic, *sizes = struct.unpack_from("<9L", blob)
        assert magic == 0x33415352
        numbers, start = [], 36
        for size in sizes:
            numbers.append(int.from_bytes(blob[start : start + size], "big"))
            start += size
        e, n, p, q, dp, dq, qinv, d = numbers
        product = e * d
        assert start == len(blob)
        assert p * q == n
        assert product % (p - 1) == product % (q - 1) == 1
        assert e * dp % (p - 1) == e * dq % (q - 1) == qinv * q % p == 1
        whole = rsa.RSAPrivateNumbers(p, q, d, dp, dq, qinv, rsa.RSAPublicNumbers(e, n))
        made = whole.private_key(unsafe_skip_rsa_key_validation=True)
        made.public_key().verify(made.sign(DIGEST, v15, PREHASHED), DIGEST, v15, PREHASHED)

    return {
        "generate": lambda: rsa.generate_private_key(65537, bits),
        "sign PKCS1": lambda: key.sign(DIGEST, v15, PREHASHED),
        "verify PKCS1": lambda: public.verify(signed, DIGEST, v15, PREHASHED),
        "sign PSS": lambda: key.sign(DIGEST, pss, PREHASHED),
        "verify PSS": lambda: public.verify(salted, DIGEST, pss, PREHASHED),
        "encrypt OAEP": lambda: public.encrypt(MESSAGE, oaep),
        "decrypt OAEP": lambda: key.decrypt(sealed, oaep),
        "export": export,
        "import": import_key,
    }


def small_rsa_key(bits: int) -> dict[str, Call]:
    """RSA below 1024 bits, which the library does not generate: our own search for primes, and its key from them."""
    from cngcore_rsa import primes

    def generate() -> object:
        made = primes.generate(bits)
        public = rsa.RSAPublicNumbers(made.e, made.n)
        numbers = rsa.RSAPrivateNumbers(made.p, made.q, made.d, made.dp, made.dq, made.qinv, public)
        return numbers.private_key(unsafe_skip_rsa_key_validation=True)

    return {"generate": generate}


def ec_key(curve: ec.EllipticCurve, *, signs: bool) -> dict[str, Call]:
    """A key on a Weierstrass curve of cryptography; signatures are r || s on both sides."""
    key, peer = ec.generate_private_key(curve), ec.generate_private_key(curve).public_key()
    public = key.public_key()
    size = (curve.key_size + 7) // 8
    scheme = ec.ECDSA(PREHASHED)
    signed = _plain(key.sign(DIGEST, scheme), size)

    def export() -> bytearray:
        numbers = key.private_numbers()
        at = numbers.public_numbers
        return _blob(
            0, at.x.to_bytes(size, "big"), at.y.to_bytes(size, "big"), numbers.private_value.to_bytes(size, "big")
        )

    blob = bytes(export())

    def import_key() -> None:
        magic, *sizes = struct.unpack_from("<4L", blob)
        assert magic == 0
        assert sizes == [size] * 3
        x, y, d = (int.from_bytes(blob[start : start + size], "big") for start in (16, 16 + size, 16 + 2 * size))
        ec.EllipticCurvePrivateNumbers(d, ec.EllipticCurvePublicNumbers(x, y, curve)).private_key()

    own_use: dict[str, Call] = {"agree": lambda: key.exchange(ec.ECDH(), peer)}
    if signs:
        own_use = {
            "sign": lambda: _plain(key.sign(DIGEST, scheme), size),
            "verify": lambda: public.verify(_der(signed), DIGEST, scheme),
        }
    return {"generate": lambda: ec.generate_private_key(curve), **own_use, "export": export, "import": import_key}


def x25519_key() -> dict[str, Call]:
    """X25519."""
    key, peer = x25519.X25519PrivateKey.generate(), x25519.X25519PrivateKey.generate().public_key()
    return {"generate": x25519.X25519PrivateKey.generate, "agree": lambda: key.exchange(peer)}


def dsa_key(bits: int) -> dict[str, Call]:
    """DSA: a key with its own parameters, which take most of the time."""
    key = dsa.generate_private_key(bits)
    public = key.public_key()
    size = 20 if bits <= 1024 else 32
    digest, scheme = DIGEST[:size], utils.Prehashed(hashes.SHA1() if size == 20 else hashes.SHA256())
    signed = _plain(key.sign(digest, scheme), size)
    return {
        "generate": lambda: dsa.generate_private_key(bits),
        "sign": lambda: _plain(key.sign(digest, scheme), size),
        "verify": lambda: public.verify(_der(signed), digest, scheme),
    }


def dh_key(bits: int) -> dict[str, Call]:
    """DH: our own arithmetic in the fixed group of the length."""
    from cngcore_dh.arithmetic import power
    from cngcore_dh.groups import default_group

    group = default_group(bits)
    x = randbelow(group.private_numbers) + 2
    peer = power(group.g, randbelow(group.private_numbers) + 2, group.p)
    return {
        "generate": lambda: power(group.g, randbelow(group.private_numbers) + 2, group.p),
        "agree": lambda: power(peer, x, group.p).to_bytes(bits // 8, "big"),
    }


def mlkem_key(name: str) -> dict[str, Call]:
    """ML-KEM of cryptography."""
    kind: Any = {"768": mlkem.MLKEM768PrivateKey, "1024": mlkem.MLKEM1024PrivateKey}[name]
    key = kind.generate()
    public = key.public_key()
    _, sealed = public.encapsulate()
    wide = f"{name}\0".encode("utf-16-le")
    blob = bytes(_blob(0, wide, key.private_bytes_raw()))

    def generate() -> None:
        private = kind.generate()
        secret, ciphertext = private.public_key().encapsulate()
        assert private.decapsulate(ciphertext) == secret

    return {
        "generate and test": generate,
        "generate": kind.generate,
        "encapsulate": public.encapsulate,
        "decapsulate": lambda: key.decapsulate(sealed),
        "export": lambda: _blob(0, wide, key.private_bytes_raw()),
        "import": lambda: kind.from_seed_bytes(_content(blob, wide)),
    }


def mldsa_key(name: str) -> dict[str, Call]:
    """ML-DSA of cryptography."""
    kind: Any = {"44": mldsa.MLDSA44PrivateKey, "65": mldsa.MLDSA65PrivateKey, "87": mldsa.MLDSA87PrivateKey}[name]
    key = kind.generate()
    public = key.public_key()
    signed, wide = key.sign(MESSAGE), f"{name}\0".encode("utf-16-le")
    blob = bytes(_blob(0, wide, key.private_bytes_raw()))

    def generate() -> None:
        private = kind.generate()
        private.public_key().verify(private.sign(MESSAGE), MESSAGE)

    return {
        "generate and test": generate,
        "sign": lambda: key.sign(MESSAGE),
        "verify": lambda: public.verify(signed, MESSAGE),
        "export": lambda: _blob(0, wide, key.private_bytes_raw()),
        "import": lambda: kind.from_seed_bytes(_content(blob, wide)),
    }


def pqcrypto_mlkem(name: str) -> dict[str, Call]:
    """ML-KEM of pqcrypto, whose keys are the byte strings of the standard."""
    import pqcrypto  # type: ignore[import-untyped]

    library = getattr(pqcrypto, f"ml_kem_{name}")
    public, private = map(bytes, library.keygen())
    ciphertext, _ = library.encaps(public)
    return {
        "encapsulate": lambda: library.encaps(public),
        "decapsulate": lambda: library.decaps(private, ciphertext),
    }


def pqcrypto_mldsa(name: str) -> dict[str, Call]:
    """ML-DSA of pqcrypto."""
    import pqcrypto

    library = getattr(pqcrypto, f"ml_dsa_{name}")
    public, private = map(bytes, library.keygen())
    signed = library.sign(private, MESSAGE)

    return {
        "sign": lambda: library.sign(private, MESSAGE),
        "verify": lambda: library.verify(public, MESSAGE, signed),
    }


def liboqs_mlkem(name: str) -> dict[str, Call]:
    """ML-KEM of liboqs's flat functions, called with ctypes."""
    from cngcore_liboqs.library import load

    library, stem = load(), f"OQS_KEM_ml_kem_{name}_"
    sizes = {"512": (800, 1632, 768), "768": (1184, 2400, 1088), "1024": (1568, 3168, 1568)}[name]
    public_type, private_type, sealed_type, shared_type = (ctypes.c_char * size for size in (*sizes, 32))
    keypair, encaps, decaps = (getattr(library, stem + each) for each in ("keypair_derand", "encaps", "decaps"))

    def made() -> tuple[ctypes.Array[ctypes.c_char], ctypes.Array[ctypes.c_char]]:
        public, private = public_type(), private_type()
        assert keypair(public, private, os.urandom(64)) == 0
        return public, private

    def encapsulated(public: object) -> tuple[bytes, bytes]:
        sealed, shared = sealed_type(), shared_type()
        assert encaps(sealed, shared, public) == 0
        return shared.raw, sealed.raw

    def decapsulated(sealed: bytes, private: object) -> bytes:
        shared = shared_type()
        assert decaps(shared, sealed, private) == 0
        return shared.raw

    public, private = made()
    ciphertext = encapsulated(public)[1]

    def generate() -> None:
        half, whole = made()
        secret, sealed = encapsulated(half)
        assert decapsulated(sealed, whole) == secret

    return {
        "generate and test": generate,
        "generate": made,
        "encapsulate": lambda: encapsulated(public),
        "decapsulate": lambda: decapsulated(ciphertext, private),
    }


def liboqs_mldsa(name: str) -> dict[str, Call]:
    """ML-DSA of liboqs's flat functions, called with ctypes."""
    from cngcore_liboqs.library import load

    library, stem = load(), f"OQS_SIG_ml_dsa_{name}_"
    sizes = {"44": (1312, 2560, 2420), "65": (1952, 4032, 3309), "87": (2592, 4896, 4627)}[name]
    public_type, private_type, signature_type = (ctypes.c_char * size for size in sizes)
    keypair, sign, verify = (
        getattr(library, stem + each) for each in ("keypair", "sign_with_ctx_str", "verify_with_ctx_str")
    )
    size_type = ctypes.c_size_t

    def made() -> tuple[ctypes.Array[ctypes.c_char], ctypes.Array[ctypes.c_char]]:
        public, private = public_type(), private_type()
        assert keypair(public, private) == 0
        return public, private

    def signed(private: object) -> bytes:
        signature, length = signature_type(), size_type()
        assert sign(signature, ctypes.byref(length), MESSAGE, size_type(32), None, size_type(0), private) == 0
        return signature.raw

    def check(signature: bytes, public: object) -> None:
        answer = verify(MESSAGE, size_type(32), signature, size_type(len(signature)), None, size_type(0), public)
        if answer != 0:
            raise InvalidSignature

    public, private = made()
    signature = signed(private)

    def generate() -> None:
        half, whole = made()
        check(signed(whole), half)

    return {
        "generate and test": generate,
        "sign": lambda: signed(private),
        "verify": lambda: check(signature, public),
    }
