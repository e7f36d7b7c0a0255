"""Measure Python modules as peers: the objects of liboqs-python, and python-pkcs11 with SoftHSM2."""

import ctypes.util
import importlib
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.harness import timer
from benchmarks.peers import AbsentError, Operations, Peer

MESSAGE = bytes(range(32))


@contextmanager
def liboqs_python() -> Iterator[Operations]:
    """The wrapper's own objects, used as its documentation shows, imported only if the library exists."""
    try:
        from cngcore_liboqs.library import load
    except ImportError:
        raise AbsentError("skipped: cngcore-liboqs, which finds the library, is not installed") from None
    try:
        load()
    except Exception as error:
        raise AbsentError(f"skipped: {error}") from None
    os.environ["PYOQS_VERSION"] = "off"
    logging.getLogger("oqs.oqs").disabled = True
    try:
        oqs: Any = importlib.import_module("oqs")
    except ImportError:
        raise AbsentError("skipped: liboqs-python is not installed") from None
    operations: Operations = {}
    for name in ("512", "768", "1024"):
        operations |= _mlkem(oqs, name)
    for name in ("44", "65", "87"):
        operations |= _mldsa(oqs, name)
    yield operations


def _mlkem(oqs: Any, name: str) -> Operations:
    mechanism = f"ML-KEM-{name}"
    kem = oqs.KeyEncapsulation(mechanism)
    public = kem.generate_keypair()
    sealed, _ = kem.encap_secret(public)

    def generate() -> None:
        with oqs.KeyEncapsulation(mechanism) as new:
            new.generate_keypair()

    def tested() -> None:
        with oqs.KeyEncapsulation(mechanism) as new:
            ciphertext, secret = new.encap_secret(new.generate_keypair())
            assert new.decap_secret(ciphertext) == secret

    return {
        f"ML-KEM {name} generate": timer(generate),
        f"ML-KEM {name} generate and test": timer(tested),
        f"ML-KEM {name} encapsulate": timer(lambda: kem.encap_secret(public)),
        f"ML-KEM {name} decapsulate": timer(lambda: kem.decap_secret(sealed)),
    }


def _mldsa(oqs: Any, name: str) -> Operations:
    mechanism = f"ML-DSA-{name}"
    signer = oqs.Signature(mechanism)
    public = signer.generate_keypair()
    signature = signer.sign(MESSAGE)

    def tested() -> None:
        with oqs.Signature(mechanism) as new:
            half = new.generate_keypair()
            assert new.verify(MESSAGE, new.sign(MESSAGE), half)

    return {
        f"ML-DSA {name} generate and test": timer(tested),
        f"ML-DSA {name} sign": timer(lambda: signer.sign(MESSAGE)),
        f"ML-DSA {name} verify": timer(lambda: signer.verify(MESSAGE, signature, public)),
    }


@contextmanager
def softhsm() -> Iterator[Operations]:
    """Session objects of a token that exists as long as the measurement."""
    try:
        pkcs11: Any = importlib.import_module("pkcs11")
    except ImportError:
        raise AbsentError("skipped: python-pkcs11 is not installed") from None
    library = next((path for path in _LIBRARIES if os.path.exists(path)), ctypes.util.find_library("softhsm2"))
    if library is None or shutil.which("softhsm2-util") is None:
        raise AbsentError("skipped: SoftHSM2 is not installed")
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder, "softhsm2.conf")
        settings.write_text(f"directories.tokendir = {folder}\nobjectstore.backend = file\nlog.level = ERROR\n")
        os.environ["SOFTHSM2_CONF"] = str(settings)
        make = ["softhsm2-util", "--init-token", "--free", "--label", "bench", "--so-pin", "1234", "--pin", "1234"]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
        token = pkcs11.lib(library).get_token(token_label="bench")
        with token.open(user_pin="1234", rw=True) as session:
            yield _on_token(pkcs11, session)


_LIBRARIES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)


def _on_token(pkcs11: Any, session: Any) -> Operations:
    mechanism, attribute = pkcs11.Mechanism, pkcs11.Attribute
    ec: Any = importlib.import_module("pkcs11.util.ec")
    operations: Operations = {}

    def destroyed(pair: Any) -> None:
        for half in pair:
            half.destroy()

    def make_rsa() -> Any:
        return session.generate_keypair(pkcs11.KeyType.RSA, 2048, store=False)

    public, private = make_rsa()
    signed = private.sign(MESSAGE, mechanism=mechanism.SHA256_RSA_PKCS)
    operations["RSA 2048 generate"] = timer(lambda: destroyed(make_rsa()))
    operations["RSA 2048 sign"] = timer(lambda: private.sign(MESSAGE, mechanism=mechanism.SHA256_RSA_PKCS))
    operations["RSA 2048 verify"] = timer(lambda: public.verify(MESSAGE, signed, mechanism=mechanism.SHA256_RSA_PKCS))
    for name in ("256", "384", "521"):
        curve = ec.encode_named_curve_parameters(f"secp{name}r1")
        domain = session.create_domain_parameters(pkcs11.KeyType.EC, {attribute.EC_PARAMS: curve}, local=True)
        operations |= _ec_on_token(pkcs11, ec, domain, f"EC P-{name}", destroyed)
    return operations


def _ec_on_token(pkcs11: Any, ec: Any, domain: Any, name: str, destroyed: Any) -> Operations:
    mechanism, attribute, digest = pkcs11.Mechanism, pkcs11.Attribute, sha256(MESSAGE).digest()

    def make() -> Any:
        return domain.generate_keypair(store=False)

    public, private = make()
    signed = private.sign(digest, mechanism=mechanism.ECDSA)
    point = ec.decode_ec_point(make()[0][attribute.EC_POINT]) if hasattr(ec, "decode_ec_point") else None
    peer = point if point is not None else make()[0][attribute.EC_POINT]
    secret = {
        attribute.SENSITIVE: False,
        attribute.EXTRACTABLE: True,
        attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY,
        attribute.KEY_TYPE: pkcs11.KeyType.GENERIC_SECRET,
    }
    size = (int(name[-3:]) + 7) // 8

    def agree() -> None:
        shared = private.derive_key(
            pkcs11.KeyType.GENERIC_SECRET,
            8 * size,
            mechanism_param=(pkcs11.KDF.NULL, None, peer),
            store=False,
            template=secret,
        )
        shared.destroy()

    operations = {
        f"{name} generate": timer(lambda: destroyed(make())),
        f"{name} sign hash": timer(lambda: private.sign(digest, mechanism=mechanism.ECDSA)),
        f"{name} verify hash": timer(lambda: public.verify(digest, signed, mechanism=mechanism.ECDSA)),
    }
    agree()
    operations[f"{name} agree"] = timer(agree)
    return operations


PEERS = [Peer("liboqs-python", liboqs_python, process_time), Peer("python-pkcs11", softhsm, process_time)]
