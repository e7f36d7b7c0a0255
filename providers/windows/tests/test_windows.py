"""cngcore-windows: what it says without a library, what its statuses become, and that no call goes in a circle."""

import gc
import os
import subprocess
import sys

import pytest

import cngcore
from cngcore.bcrypt import open_handles
from cngcore.provider import ProviderUnavailableError
from cngcore.status import InternalError, NTStatus

pytest.importorskip("cngcore_windows", reason="cngcore-windows is not installed: pip install ./providers/windows")

DIGEST = bytes(range(32))
SHOW = (
    "import cngcore, sys\n"
    "explanation = cngcore.Registry(strict=False).explain(sys.argv[1])\n"
    "print(next(one.reason for one in explanation.verdicts if one.candidate.implementation == 'cng'))\n"
)


# --- is it there? -------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has the library")
def test_without_a_library_every_algorithm_is_unavailable(run):
    assert "unavailable: this system has no bcrypt.dll. Run on Windows" in run(SHOW, "RSA", CNGCORE_BCRYPT_DLL=None)
    everything = (
        "import cngcore\nregistry = cngcore.Registry(prefer=['cng'])\n"
        "print({registry.explain(name).chosen.implementation for name in registry.algorithms()} & {'cng'})"
    )
    assert run(everything, CNGCORE_BCRYPT_DLL=None) == "set()"


@pytest.mark.parametrize(
    ("library", "reason"), [("no-such-library.so", "cannot be loaded"), (os.__file__, "cannot be loaded")]
)
def test_a_library_that_cannot_be_loaded(run, library, reason):
    shown = run(SHOW, "AES", CNGCORE_BCRYPT_DLL=library)
    assert reason in shown
    assert "Set CNGCORE_BCRYPT_DLL to the path" in shown


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the name of a library of Linux")
def test_a_library_without_the_functions(run):
    assert "has no function BCryptOpenAlgorithmProvider" in run(SHOW, "AES", CNGCORE_BCRYPT_DLL="libc.so.6")


def test_an_algorithm_that_the_library_lacks(run):
    """cngcore as the library has no DSA if its provider is kept out."""
    shown = run(SHOW, "DSA", CNGCORE_BLOCK="cngcore-dsa")
    assert "the library is cngcore itself, and no provider serves DSA but this one" in shown


def test_it_is_not_the_default(run):
    assert "comes after" in run(SHOW, "RSA")


def test_the_declaration_loads_no_library():
    code = (
        "import sys, cngcore_windows\nlist(cngcore_windows.cngcore_register_algorithms())\n"
        "print('cngcore.windll' in sys.modules, 'cngcore_windows.library' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


# --- no circle --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["RSA", "ECDH", "ML-KEM", "AES", "SHA256", "HKDF", "RNG"])
def test_a_preferred_implementation_never_asks_itself(run, algorithm):
    """The library is cngcore in this process, and its default registry prefers this provider."""
    code = "import cngcore, sys\nprint(cngcore.open_algorithm_provider(sys.argv[1]).declaration.implementation)"
    assert run(code, algorithm, CNGCORE_PREFER="cng") == "cng"


def test_a_preferred_implementation_works(run):
    code = (
        "import cngcore\n"
        "key = cngcore.generate_key_pair('ECDSA_P256', 256)\n"
        "key.verify_signature(bytes(32), key.sign_hash(bytes(32)))\n"
        "print(key.provenance.implementation)"
    )
    assert run(code, CNGCORE_PREFER="cng") == "cng"


def test_alone_it_says_that_there_is_no_other(run):
    code = (
        "import cngcore\n"
        "try: cngcore.open_algorithm_provider('RSA')\n"
        "except cngcore.NotFoundError as error: print(error)\n"
    )
    assert "no provider serves RSA but this one" in run(code, CNGCORE_ALLOW="cngcore-windows")


# --- keys ----------------------------------------------------------------------------------------------------


def test_a_key_moves_to_another_implementation_and_back(registry):
    key = registry.generate_key_pair("RSA", 1024)
    assert key.provenance.implementation == "cng"
    other = cngcore.open_algorithm_provider("RSA", "cryptography")
    copy = other.import_key_pair("RSAFULLPRIVATEBLOB", key.export("RSAFULLPRIVATEBLOB"))
    padding = cngcore.Pss("SHA256", 32)
    key.verify_signature(DIGEST, copy.sign_hash(DIGEST, padding), padding)
    copy.verify_signature(DIGEST, key.sign_hash(DIGEST, padding), padding)
    again = registry.open_algorithm_provider("RSA").import_key_pair("RSAPUBLICBLOB", copy.export("RSAPUBLICBLOB"))
    again.verify_signature(DIGEST, key.sign_hash(DIGEST, padding), padding)


@pytest.mark.parametrize("curve", ["nistP256", "curve25519"])
def test_it_agrees_with_another_implementation(registry, curve):
    ours = registry.generate_key_pair("ECDH", curve=curve)
    other = registry.generate_key_pair("ECDH", curve=curve, implementation="cryptography")
    copies = []
    for key, implementation in ((ours, "cryptography"), (other, "cng")):
        provider = registry.open_algorithm_provider("ECDH", implementation)
        provider.set_property("ECCCurveName", curve)
        copies.append(provider.import_key_pair("ECCPUBLICBLOB", key.export("ECCPUBLICBLOB")))
    with ours.agree(copies[1]) as one, other.agree(copies[0]) as two:
        assert one.derive("TRUNCATE") == two.derive("TRUNCATE")


def test_handles_of_the_library_are_destroyed_with_their_keys(registry):
    def use():
        key = registry.generate_key_pair("ECDH_P256", 256)
        key.agree(key).destroy()
        cipher = registry.open_algorithm_provider("AES").generate_symmetric_key(bytes(16))
        cipher.destroy()
        with registry.open_algorithm_provider("SHA256").create_hash() as state:
            state.update(b"data")
            state.finish()
        key.destroy()

    use()
    gc.collect()
    before = open_handles()
    for _ in range(5):
        use()
    gc.collect()
    assert open_handles() == before


# --- statuses ----------------------------------------------------------------------------------------------------


def test_a_status_of_the_contract_has_its_class(library):
    for status, kind in (
        (NTStatus.STATUS_INVALID_PARAMETER, cngcore.InvalidParameterError),
        (NTStatus.STATUS_NOT_SUPPORTED, cngcore.NotSupportedError),
        (NTStatus.STATUS_AUTH_TAG_MISMATCH, cngcore.AuthTagMismatchError),
        (NTStatus.NTE_BAD_DATA, cngcore.BadDataError),
    ):
        error = library.failure(status, "BCryptSignHash")
        assert type(error) is kind
        assert f"BCryptSignHash of cngcore answered {status.name}" in str(error)


def test_another_status_is_a_fault_that_names_it(library):
    error = library.failure(NTStatus(0xC0001234), "BCryptSignHash")
    assert type(error) is InternalError
    assert "answered 0xC0001234" in str(error)
    assert library.failure(NTStatus.STATUS_NO_MEMORY, "BCryptSignHash").status == NTStatus.STATUS_NO_MEMORY


def test_a_function_that_the_library_lacks_is_not_supported(library):
    with pytest.raises(cngcore.NotSupportedError, match="BCryptNothing"):
        library.call("BCryptNothing")


class Answers:
    """A library whose functions answer as they are told. What it has no answer for, it lacks."""

    name = "bcrypt"

    def __init__(self, real, **answers):
        self._real, self._answers, self.calls = real, answers, []

    def has(self, name):
        return self._answers.get(name, True) is not None

    def __getattr__(self, name):
        if name not in self._answers:
            return getattr(self._real, name)

        def call(*arguments):
            self.calls.append((name, *arguments))
            return self._answers[name]

        return call


def test_a_library_without_a_list_of_implementations_is_asked_for_its_default(library, monkeypatch):
    opened = Answers(
        library.api(), BCryptEnumProviders=None, BCryptOpenAlgorithmProvider=(NTStatus.STATUS_NOT_FOUND, None)
    )
    monkeypatch.setattr(library, "api", lambda: opened)
    with pytest.raises(cngcore.NotFoundError, match="BCryptOpenAlgorithmProvider of bcrypt answered STATUS_NOT_FOUND"):
        library.algorithm("NO-SUCH-ALGORITHM")
    assert opened.calls == [("BCryptOpenAlgorithmProvider", "NO-SUCH-ALGORITHM", None, 0)]
    with pytest.raises(ProviderUnavailableError, match="bcrypt does not open NO-SUCH-ALGORITHM"):
        library.probe("NO-SUCH-ALGORITHM")


@pytest.mark.parametrize("status", ["STATUS_UNSUCCESSFUL", "STATUS_INVALID_PARAMETER", "NTE_BAD_DATA"])
def test_every_failure_to_decrypt_looks_alike(registry, library, monkeypatch, status):
    key = registry.generate_key_pair("RSA", 1024)
    answers = Answers(library.api(), BCryptDecrypt=(NTStatus[status], None))
    monkeypatch.setattr(library, "api", lambda: answers)
    with pytest.raises(cngcore.InvalidParameterError, match="the ciphertext does not decrypt under this key"):
        key.decrypt(bytes(128), cngcore.Oaep("SHA256"))


@pytest.mark.parametrize("status", ["STATUS_INVALID_SIGNATURE", "NTE_BAD_SIGNATURE"])
def test_a_wrong_signature_has_one_status(registry, library, monkeypatch, status):
    key = registry.generate_key_pair("ECDSA_P256", 256)
    answers = Answers(library.api(), BCryptVerifySignature=NTStatus[status])
    monkeypatch.setattr(library, "api", lambda: answers)
    with pytest.raises(cngcore.InvalidSignatureError):
        key.verify_signature(DIGEST, bytes(64))


def test_a_status_that_the_contract_does_not_have_is_a_fault(registry, library, monkeypatch):
    key = registry.generate_key_pair("ECDSA_P256", 256)
    answers = Answers(library.api(), BCryptSignHash=(NTStatus(0xC0001234), None))
    monkeypatch.setattr(library, "api", lambda: answers)
    with pytest.raises(InternalError, match="BCryptSignHash of bcrypt answered 0xC0001234"):
        key.sign_hash(DIGEST)


def test_no_secret_is_shown(registry, library):
    secret = b"a secret of 32 bytes, 256 bits.."
    key = registry.open_algorithm_provider("AES").generate_symmetric_key(secret)
    assert "secret of" not in repr(key)
    assert repr(library.Handle(0, "BCryptDestroyKey")) == "<Handle>"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has a version")
def test_a_library_that_the_variable_names_has_no_version_of_windows(library):
    assert library.version() == ""
