"""What applications ask of a key: whole messages, what the key is, key files, the raw secret."""

import copy
import hashlib
import os
import stat
import subprocess
import threading
from shutil import which

import pytest
from helpers import representative

import cngcore
from cngcore import InvalidParameterError, InvalidSignatureError, NotFoundError, NotSupportedError, bcrypt
from cngcore.formats import decode, fingerprint, from_key, signature_from_der, signature_to_der, to_cryptography

SIGNERS = {
    "RSA": ("RSA", 2048, {}),
    "RSA_SIGN": ("RSA_SIGN", 2048, {}),
    "DSA": ("DSA", 1024, {}),
    "P-256": ("ECDSA_P256", 0, {}),
    "P-384": ("ECDSA_P384", 0, {}),
    "P-521": ("ECDSA_P521", 0, {}),
    "brainpool": ("ECDSA", 0, {"curve": "brainpoolP384r1"}),
    "ML-DSA": ("ML-DSA-44", 0, {}),
}
HASH = {"RSA": "SHA256", "RSA_SIGN": "SHA256", "DSA": "SHA1", "P-256": "SHA256", "P-384": "SHA384", "P-521": "SHA512",
        "brainpool": "SHA384", "ML-DSA": None}  # fmt: skip
MESSAGE = b"Pay Alice 10 EUR, reference 0001" + b" -- and the rest of the contract"


@pytest.fixture(scope="module")
def keys():
    made = {name: cngcore.generate_key_pair(*one[:2], **one[2]) for name, one in SIGNERS.items()}
    yield made
    for key in made.values():
        key.destroy()


# --- messages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SIGNERS)
def test_a_message_is_signed_and_verified_with_no_argument(keys, name):
    key = keys[name]
    signature = key.sign(MESSAGE)
    key.public().verify(MESSAGE, signature)
    for wrong in (MESSAGE[:-1], MESSAGE + b"x", MESSAGE[:32] + b" -- ANY OTHER TEXT", b""):
        with pytest.raises(InvalidSignatureError):
            key.verify(wrong, signature)


@pytest.mark.parametrize("name", SIGNERS)
def test_the_default_hash_follows_the_key(keys, name):
    key, hash_id = keys[name], HASH[name]
    if hash_id is None:
        return key.verify_signature(MESSAGE, key.sign(MESSAGE))
    digest = hashlib.new(hash_id, MESSAGE).digest()
    padding = cngcore.Pss(hash_id, len(digest)) if name.startswith("RSA") else None
    key.verify_signature(digest, key.sign(MESSAGE), padding)
    return key.verify(MESSAGE, key.sign_hash(digest, padding))


def test_a_hash_can_be_chosen(keys):
    for hash_id in ("SHA1", "SHA256", "SHA384", "SHA512", "SHA3-256"):
        digest = hashlib.new(hash_id.lower().replace("-", "_"), MESSAGE).digest()
        keys["P-521"].verify_signature(digest, keys["P-521"].sign(MESSAGE, hash=hash_id))
        keys["RSA"].verify_signature(digest, keys["RSA"].sign(MESSAGE, hash=hash_id), cngcore.Pss(hash_id, len(digest)))


def test_a_padding_brings_its_hash_and_takes_that_of_the_message(keys):
    key = keys["RSA"]
    digest = hashlib.sha384(MESSAGE).digest()
    key.verify_signature(digest, key.sign(MESSAGE, padding=cngcore.Pss("SHA384", 7)), cngcore.Pss("SHA384", 7))
    for given in (cngcore.Pkcs1(), cngcore.Pkcs1("SHA384")):
        made = key.sign(MESSAGE, hash="SHA384", padding=given)
        key.verify_signature(digest, made, cngcore.Pkcs1("SHA384"))
        key.verify(MESSAGE, made, hash="SHA384", padding=given)
    with pytest.raises(InvalidParameterError, match="leave one of them out"):
        key.sign(MESSAGE, hash="SHA256", padding=cngcore.Pss("SHA384", 7))


@pytest.mark.parametrize("hash_id", ["SHA256", "SHA512", "SHAKE128", "SHAKE256"])
def test_ml_dsa_hashes_only_if_asked(keys, hash_id):
    key = keys["ML-DSA"]
    made = key.sign(MESSAGE, hash=hash_id, padding=cngcore.PqDsa(b"context"))
    size = {"SHA256": 32, "SHA512": 64, "SHAKE128": 32, "SHAKE256": 64}[hash_id]
    digest = hashlib.new(hash_id.lower().replace("shake", "shake_"), MESSAGE)
    digest = digest.digest(size) if "SHAKE" in hash_id else digest.digest()
    key.verify_signature(digest, made, cngcore.PqDsa(b"context", hash_id))
    with pytest.raises(InvalidSignatureError):
        key.verify(MESSAGE, made, padding=cngcore.PqDsa(b"context"))


def test_an_external_mu_is_no_message(keys):
    with pytest.raises(InvalidParameterError, match="sign_hash"):
        keys["ML-DSA"].sign(bytes(64), padding=cngcore.ExternalMu())


@pytest.mark.parametrize(("hash_id", "error", "says"), [
    ("sha256", NotSupportedError, "did you mean 'SHA256'"),
    ("SHA-256", NotSupportedError, "did you mean 'SHA256'"),
    ("SHA224", NotSupportedError, "SHA224"),
    (256, InvalidParameterError, "name such as"),
    (hashlib.sha256, InvalidParameterError, "name such as"),
])  # fmt: skip
def test_an_unknown_hash_is_named(keys, hash_id, error, says):
    with pytest.raises(error, match=says):
        keys["P-256"].sign(MESSAGE, hash=hash_id)


def test_an_older_windows_lacks_hashes():
    registry = cngcore.Registry(windows="8")
    with registry.generate_key_pair("ECDSA_P256") as key:
        key.sign(MESSAGE, hash="SHA256")
        with pytest.raises(NotSupportedError, match="Windows 8"):
            key.sign(MESSAGE, hash="SHA3-256")


@pytest.mark.parametrize("name", ["DSA", "P-256", "P-384", "P-521", "brainpool"])
def test_der_is_what_openssl_reads_and_writes(keys, name):
    key = keys[name]
    theirs = key.to_cryptography()
    hashes = pytest.importorskip("cryptography.hazmat.primitives.hashes")
    how = getattr(hashes, HASH[name])()
    if name != "DSA":
        how = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec").ECDSA(how)
    made = key.sign(MESSAGE, encoding="der")
    theirs.public_key().verify(made, MESSAGE, how)
    key.verify(MESSAGE, theirs.sign(MESSAGE, how), encoding="der")
    raw = signature_from_der(made, len(key.sign(MESSAGE)))
    key.verify(MESSAGE, raw)
    assert signature_to_der(raw) == made


def test_der_that_is_none_is_an_invalid_signature(keys):
    key = keys["P-256"]
    good = key.sign(MESSAGE, encoding="der")
    too_long = signature_to_der(b"\1" * 66)
    for wrong in (b"", good[:-1], good + b"\0", b"\x30\x80" + good[2:] + b"\0\0", key.sign(MESSAGE), too_long):
        with pytest.raises(InvalidSignatureError):
            key.verify(MESSAGE, wrong, encoding="der")


def test_one_form_only(keys):
    for name in ("RSA", "ML-DSA"):
        with pytest.raises(InvalidParameterError, match="one form only"):
            keys[name].sign(MESSAGE, encoding="der")
    with pytest.raises(InvalidParameterError, match="'raw' or 'der'"):
        keys["P-256"].sign(MESSAGE, encoding="DER")


@pytest.mark.parametrize("name", SIGNERS)
def test_every_wrong_signature_is_one_exception(keys, name):
    key = keys[name]
    good = key.sign(MESSAGE)
    for wrong in (b"", good[:-1], good + b"\0", b"\xff" * len(good), bytes(len(good)), good[::-1]):
        with pytest.raises(InvalidSignatureError):
            key.verify(MESSAGE, wrong)


@pytest.mark.parametrize("length", [0, 1, 31, 33, 47, 63, 65, 96])
def test_what_is_no_digest_is_not_signed(keys, length):
    """The forgery of an un-hashed message: the first 32 bytes would be all that is signed."""
    for name in ("DSA", "P-256", "P-384", "P-521", "brainpool"):
        with pytest.raises(InvalidParameterError, match="no digest"):
            keys[name].sign_hash(bytes(length))
        with pytest.raises(InvalidParameterError, match="no digest"):
            keys[name].verify_signature(bytes(length), bytes(64))
    for padding in (None, cngcore.Pkcs1("SHA256"), cngcore.Pss("SHA256")):  # RSA never truncates
        with pytest.raises(InvalidParameterError):
            keys["RSA"].sign_hash(bytes(length), padding)


def test_the_flat_api_truncates_as_windows_does():
    _, algorithm = bcrypt.BCryptOpenAlgorithmProvider("ECDSA_P256")
    _, key = bcrypt.BCryptGenerateKeyPair(algorithm, 256)
    bcrypt.BCryptFinalizeKeyPair(key)
    made = bytearray(64)
    assert bcrypt.BCryptSignHash(key, None, MESSAGE, made) == (bcrypt.STATUS_SUCCESS, 64)
    assert bcrypt.BCryptVerifySignature(key, None, MESSAGE[:32] + b"any other", made) == bcrypt.STATUS_SUCCESS
    bcrypt.BCryptDestroyKey(key)


# --- what a key is ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "algorithm", "length", "curve", "parameter_set", "private", "public", "shown"), [
    (("RSA", 2048), "RSA", 2048, None, None, "decrypt encrypt sign verify", "encrypt verify", "RSA 2048"),
    (("ECDSA_P256",), "ECDSA_P256", 256, "nistP256", None, "sign verify", "verify", "ECDSA_P256"),
    (("X25519",), "ECDH", 255, "curve25519", None, "agree", "", "ECDH curve25519"),
    (("DH", 512), "DH", 512, None, None, "agree", "", "DH 512"),
    (("ML-KEM-768",), "ML-KEM", 0, None, "768", "decapsulate encapsulate", "encapsulate", "ML-KEM 768"),
    (("ML-DSA-87",), "ML-DSA", 0, None, "87", "sign verify", "verify", "ML-DSA 87"),
])  # fmt: skip
def test_a_key_says_what_it_is(arguments, algorithm, length, curve, parameter_set, private, public, shown):
    with cngcore.generate_key_pair(*arguments) as key, key.public() as half:
        for one in (key, half):
            facts = (one.algorithm, one.length, one.curve, one.parameter_set)
            assert facts == (algorithm, length, curve, parameter_set)
        assert (key.has_private, half.has_private) == (True, False)
        assert (sorted(key.operations), sorted(half.operations)) == (private.split(), public.split())
        assert key.fingerprint() == half.fingerprint() == fingerprint(from_key(key)).hex()
        by = key.provenance.implementation
        assert (repr(key), repr(half)) == (f"<KeyPair {shown}, private ({by})>", f"<KeyPair {shown}, public ({by})>")
    assert repr(key) == f"<KeyPair {algorithm}, destroyed>"


def test_an_empty_key_says_so():
    with cngcore.open_algorithm_provider("RSA") as rsa, rsa.generate_key_pair(1024) as key:
        assert (key.length, key.has_private, key.operations) == (1024, False, frozenset())
        assert repr(key) == "<KeyPair RSA 1024, empty (cryptography)>"


def test_every_operation_that_a_key_names_is_a_method():
    with cngcore.generate_key_pair("RSA", 1024) as key:
        assert all(callable(getattr(key, name)) for name in key.operations)


def test_dir_shows_what_users_call(keys):
    shown = set(dir(keys["RSA"]))
    assert {"sign", "verify", "algorithm", "save", "to_pem", "export", "public", "agree"} <= shown
    assert not {name for name in shown if name.startswith("_")}
    assert not shown & {"apply", "check_announced", "dispatch", "kem_sizes", "require", "setting", "sign_bytes"}
    assert all(hasattr(keys["RSA"], name) for name in shown)
    for module in (cngcore, cngcore.formats, cngcore.bulk, cngcore.policy, cngcore.pool, cngcore.provider,
                   cngcore.registry, bcrypt):  # fmt: skip
        assert sorted(set(module.__all__)) == dir(module)


def test_tools_are_reachable_from_the_front_door():
    for name in ("formats", "bulk", "pool", "policy", "bcrypt", "provider", "registry"):
        assert getattr(cngcore, name).__name__ == f"cngcore.{name}"


# --- key files --------------------------------------------------------------------------------------


FILES = {**SIGNERS, "X25519": ("X25519", 0, {}), "ML-KEM": ("ML-KEM", 0, {}), "DH": ("DH", 512, {})}


@pytest.mark.parametrize("name", representative(FILES, kind=lambda name: FILES[name][0][:5]))
def test_saved_and_loaded(tmp_path, name):
    algorithm, length, keywords = FILES[name]
    path = tmp_path / "key.pem"
    with cngcore.generate_key_pair(algorithm, length, **keywords) as key:
        asked = key.algorithm if key.algorithm in ("ECDH", "RSA_SIGN") else None
        for passphrase in (None, "a long secret"):
            key.save(path, passphrase=passphrase, replace=True)
            assert stat.S_IMODE(path.stat().st_mode) == 0o600 or os.name == "nt"
            again = cngcore.load_key(path, passphrase=passphrase, algorithm=asked)
            assert (again.fingerprint(), again.has_private) == (key.fingerprint(), True)
            assert (again.algorithm, again.length) == (key.algorithm, key.length)
        key.public().save(tmp_path / "public.pem")
        half = cngcore.load_key(str(tmp_path / "public.pem"), algorithm=asked)
        assert (half.fingerprint(), half.has_private) == (key.fingerprint(), False)
        assert b"ENCRYPTED PRIVATE KEY" in path.read_bytes()
        assert cngcore.KeyPair.from_pem(key.to_pem(), algorithm=asked).fingerprint() == key.fingerprint()
        assert {one.name for one in tmp_path.iterdir()} == {"key.pem", "public.pem"}


def test_an_existing_file_is_not_replaced(tmp_path):
    path = tmp_path / "key.pem"
    path.write_text("precious")
    with cngcore.generate_key_pair("ECDSA_P256") as key:
        with pytest.raises(FileExistsError, match="unchanged"):
            key.save(path)
        assert path.read_text() == "precious"
        key.save(path, replace=True)
        assert cngcore.load_key(path).fingerprint() == key.fingerprint()
        with pytest.raises(FileNotFoundError):
            key.save(tmp_path / "no" / "key.pem")
        if os.path.exists("/dev/null"):
            with pytest.raises(FileExistsError, match="regular"):
                key.save("/dev/null", replace=True)
    assert [one.name for one in tmp_path.iterdir()] == ["key.pem"]


def test_one_of_many_writers_wins_and_nothing_is_left(tmp_path):
    path, won, lost = tmp_path / "key.pem", [], []
    keys = [cngcore.generate_key_pair("ECDSA_P256") for _ in range(8)]
    start = threading.Barrier(8)

    def write(key):
        start.wait()
        try:
            key.save(path)
            won.append(key.fingerprint())
        except FileExistsError:
            lost.append(key)

    threads = [threading.Thread(target=write, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)
    assert cngcore.load_key(path).fingerprint() == won[0]
    assert [one.name for one in tmp_path.iterdir()] == ["key.pem"]


def test_a_wrong_passphrase_leaves_nothing_behind(tmp_path):
    path = tmp_path / "key.pem"
    with cngcore.generate_key_pair("ECDSA_P256") as key:
        with pytest.raises(InvalidParameterError, match="empty passphrase"):
            key.save(path, passphrase="")
        with pytest.raises(InvalidParameterError, match="passphrase"):
            key.public().save(path, passphrase="secret")
        with pytest.raises(InvalidParameterError, match="not a format"):
            key.save(path, format="PEM")
        assert list(tmp_path.iterdir()) == []
        key.save(path, passphrase="right")
    for wrong in ("wrong", None):
        with pytest.raises(InvalidParameterError, match="passphrase"):
            cngcore.load_key(path, passphrase=wrong)


def test_every_kind_of_source(tmp_path):
    with cngcore.generate_key_pair("ECDSA_P256") as key:
        pem = key.to_pem()
        (tmp_path / "key.pem").write_bytes(pem)
        blob = bytes(key.export("ECCPRIVATEBLOB"))
        for source in (pem, bytearray(pem), memoryview(pem), pem.decode(), tmp_path / "key.pem",
                       str(tmp_path / "key.pem"), blob, from_json(key)):  # fmt: skip
            assert cngcore.load_key(source).fingerprint() == key.fingerprint()
        for wrong in (None, 3, [pem]):
            with pytest.raises(InvalidParameterError, match="a path or the content"):
                cngcore.load_key(wrong)
        with pytest.raises(FileNotFoundError):
            cngcore.load_key(tmp_path / "nothing.pem")
        with pytest.raises(cngcore.BadDataError):
            cngcore.load_key(b"not a key")


def from_json(key):
    import json

    return json.dumps(key.to_jwk())


def test_a_public_key_beside_its_private_key_is_passed_over():
    with cngcore.generate_key_pair("ECDSA_P256") as key, cngcore.generate_key_pair("ECDSA_P256") as other:
        together = key.to_pem() + key.public().to_pem()
        assert cngcore.load_key(together).has_private
        assert cngcore.load_key(together).fingerprint() == key.fingerprint()
        for several in (key.to_pem() + other.public().to_pem(), key.to_pem() + other.to_pem()):
            with pytest.raises(InvalidParameterError, match="2 keys"):
                cngcore.load_key(several)


def test_jwk_and_objects_of_cryptography(keys):
    for name in ("RSA", "P-256", "P-521", "ML-DSA"):
        key = keys[name]
        for one in (key, key.public()):
            again = cngcore.KeyPair.from_jwk(one.to_jwk())
            assert (again.fingerprint(), again.has_private) == (key.fingerprint(), one.has_private)
            again = cngcore.KeyPair.from_cryptography(one.to_cryptography())
            assert (again.fingerprint(), again.has_private) == (key.fingerprint(), one.has_private)
        assert "d" not in key.public().to_jwk()
    with pytest.raises(InvalidParameterError, match="no PEM"):
        cngcore.KeyPair.from_pem(b"MIIB")


def test_formats_take_a_key_pair(keys):
    from cngcore import formats

    key = keys["P-256"]
    plain = from_key(key)
    assert formats.encode(key, "spki", private=False) == formats.encode(plain, "spki", private=False)
    assert formats.fingerprint(key) == formats.fingerprint(plain)
    assert formats.complete(key) == plain
    formats.check(key)
    assert formats.import_into(key).fingerprint() == key.fingerprint()
    assert to_cryptography(key, private=False).public_numbers().x == int.from_bytes(plain.numbers.x, "big")
    for call in (formats.fingerprint, formats.complete, formats.check, formats.import_into, formats.to_cryptography):
        with pytest.raises(InvalidParameterError, match="KeyPair is needed, not str"):
            call("key")
    with pytest.raises(InvalidParameterError, match="KeyPair is needed, not str"):
        formats.encode("key", "pkcs8")


@pytest.mark.skipif(not which("openssl"), reason="openssl is not installed")
def test_openssl_verifies_what_is_signed_and_saved(tmp_path, keys):
    for name, extra in (("P-384", []), ("RSA", ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"])):
        key = keys[name]
        key.public().save(tmp_path / f"{name}.pem")
        (tmp_path / "message").write_bytes(MESSAGE)
        (tmp_path / "signature").write_bytes(key.sign(MESSAGE, encoding="raw" if name == "RSA" else "der"))
        done = subprocess.run(
            ["openssl", "dgst", f"-{HASH[name].lower()}", "-verify", tmp_path / f"{name}.pem", *extra,
             "-signature", tmp_path / "signature", tmp_path / "message"], capture_output=True, text=True,
        )  # fmt: skip
        assert done.stdout == "Verified OK\n", done.stderr


def test_a_private_key_still_cannot_be_copied(keys):
    with pytest.raises(InvalidParameterError):
        copy.copy(keys["P-256"])


# --- the one-step functions -------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "keywords", "shown"), [
    ("RSA", {}, "RSA 3072"),
    ("X25519", {}, "ECDH curve25519"),
    ("ML-KEM", {}, "ML-KEM 768"),
    ("ML-KEM-1024", {}, "ML-KEM 1024"),
    ("ML-DSA", {}, "ML-DSA 65"),
    ("ML-DSA-44", {"parameter_set": "44"}, "ML-DSA 44"),
    ("ECDH_P521", {}, "ECDH_P521"),
    ("ECDH", {"curve": "nistP384"}, "ECDH nistP384"),
])  # fmt: skip
def test_names_and_defaults_of_the_command(name, keywords, shown):
    with cngcore.generate_key_pair(name, **keywords) as key:
        assert repr(key).startswith(f"<KeyPair {shown}, private")


def test_pool_and_bulk_take_the_same_names():
    from cngcore.bulk import generate_many
    from cngcore.pool import KeyPool

    with KeyPool("X25519", size=1) as pool:
        assert pool.take(20).curve == "curve25519"
    with KeyPool("ECDSA", size=1, curve="brainpoolP256t1") as pool:  # not of the implementation with the highest rank
        assert pool.take(20).curve == "brainpoolP256t1"
    (made,) = generate_many("ML-KEM-512", 1)
    assert decode(bytes(made.private)).description == "ML-KEM-512"


@pytest.mark.parametrize(("name", "says"), [
    ("rsa", "did you mean 'RSA'"),
    ("ml-kem", "did you mean 'ML-KEM'"),
    ("SHA-256", "did you mean 'SHA256'"),
    ("P-256", "did you mean 'ECDSA_P256'"),
    ("MLKEM768", "did you mean 'ML-KEM-768'"),
    ("Ed25519", "CNG has no Ed25519"),
    ("SLH-DSA", "CNG has no SLH-DSA"),
    ("nonsense", "cng algorithms"),
])  # fmt: skip
def test_a_near_miss_is_answered(name, says):
    for call in (cngcore.generate_key_pair, cngcore.open_algorithm_provider):
        with pytest.raises(NotFoundError, match=says):
            call(name)


def test_a_curve_of_another_name_is_answered():
    with pytest.raises(NotSupportedError, match="Did you mean 'nistP256'") as caught:
        cngcore.generate_key_pair("ECDSA", curve="P-256")
    assert str(caught.value).count("STATUS_NOT_SUPPORTED") == 1


def test_open_stays_exact():
    with pytest.raises(NotFoundError):
        cngcore.open_algorithm_provider("ML-KEM-768")
    assert bcrypt.BCryptOpenAlgorithmProvider("X25519") == (bcrypt.STATUS_NOT_FOUND, None)
    with cngcore.open_algorithm_provider("RSA") as rsa, pytest.raises(InvalidParameterError):
        rsa.generate_key_pair()


# --- secrets and paddings ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["X25519", "ECDH_P256", "ECDH_P521"])
def test_the_raw_secret_is_what_cryptography_agrees_on(name):
    mine, theirs = (cngcore.generate_key_pair(name) for _ in range(2))
    a, b = mine.to_cryptography(), theirs.public().to_cryptography()
    ec = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")
    expected = a.exchange(b) if name == "X25519" else a.exchange(ec.ECDH(), b)
    secret = mine.agree(theirs)
    assert secret.raw() == expected
    assert secret.derive("TRUNCATE") == expected[::-1]
    secret.destroy()
    with pytest.raises(cngcore.InvalidHandleError):
        secret.raw()


def test_the_salt_is_as_long_as_the_hash():
    assert [cngcore.Pss(name).salt_length for name in ("SHA1", "SHA256", "SHA384", "SHA3-512")] == [20, 32, 48, 64]
    assert cngcore.Pss("SHA256", 0).salt_length == 0
    with pytest.raises(InvalidParameterError, match="did you mean 'SHA256'"):
        cngcore.Pss("sha256")
