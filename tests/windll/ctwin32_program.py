"""Use bcrypt.dll through ctwin32, a package that binds it without ctypes.WinDLL.

Its package reads a page of memory that only Windows has; a module that answers for it is put in its place.
"""

import sys
import types

shared = types.ModuleType("ctwin32.kuser_shared_data")
shared.get_ref = lambda: types.SimpleNamespace(NtMajorVersion=10, NtMinorVersion=0, NtBuildNumber=26100)
sys.modules[shared.__name__] = shared

import hashlib  # noqa: E402

from ctwin32 import bcrypt as b  # noqa: E402


def close(*objects):
    for one in objects:
        one.close()


def hashes():
    for name in ("MD5", "SHA1", "SHA256", "SHA384", "SHA512"):
        with b.BCryptHash(name) as made:
            made.update(b"a")
            made.update(b"bc")
            assert made.hexdigest() == hashlib.new(name, b"abc").hexdigest()
        yield name


def signatures(algorithm, length, digest, curve=None):
    provider = b.BCryptOpenAlgorithmProvider(algorithm)
    if curve is not None:
        b.BCryptSetProperty(provider, "ECCCurveName", curve)
    key = b.BCryptGenerateKeyPair(provider, length)
    b.BCryptFinalizeKeyPair(key)
    public = b.BCryptImportKeyPair(provider, b.BCRYPT_ECCPUBLIC_BLOB, b.BCryptExportKey(key, b.BCRYPT_ECCPUBLIC_BLOB))
    private = b.BCryptImportKeyPair(
        provider, b.BCRYPT_ECCPRIVATE_BLOB, b.BCryptExportKey(key, b.BCRYPT_ECCPRIVATE_BLOB)
    )
    assert b.get_property_ulong(key, b.BCRYPT_KEY_LENGTH) == 256
    signature = b.BCryptSignHash(private, digest)
    assert b.BCryptVerifySignature(public, digest, signature)
    assert not b.BCryptVerifySignature(public, bytes(32), signature)
    close(key, public, private, provider)


def ciphers():
    for mode in (b.BCRYPT_CHAIN_MODE_CBC, b.BCRYPT_CHAIN_MODE_ECB):
        provider = b.BCryptOpenAlgorithmProvider("AES")
        b.BCryptSetProperty(provider, b.BCRYPT_CHAINING_MODE, mode)
        key = b.BCryptGenerateSymmetricKey(provider, bytes(range(32)))
        iv = None if mode == b.BCRYPT_CHAIN_MODE_ECB else bytes(bytearray(16))
        box = b.BCryptEncrypt(key, b"sixteen bytes ..", iv and bytes(bytearray(iv)))
        assert b.BCryptDecrypt(key, box, iv and bytes(bytearray(iv))) == b"sixteen bytes .."
        close(key, provider)
        yield mode


def refusals():
    for call in (
        lambda: b.BCryptOpenAlgorithmProvider("NOTHING"),
        lambda: b.BCryptGenerateKeyPair(b.BCryptOpenAlgorithmProvider("ECDSA_P256"), 255),
    ):
        try:
            call()
        except OSError:
            continue
        raise AssertionError("a call that must be refused succeeded")


done = [*hashes()]
signatures("ECDSA_P256", 256, hashlib.sha256(b"abc").digest())
signatures("ECDSA", 0, hashlib.sha256(b"abc").digest(), "nistP256")
done += ["ECDSA_P256", "ECDSA", *ciphers()]
refusals()
print(len(done), "steps")
