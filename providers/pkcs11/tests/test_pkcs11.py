"""Keys in a token: the tests that the kit does not have. A test that needs a token uses a real one."""

import gc
import hashlib
import logging
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from helpers import python

import cngcore
from cngcore import formats

pytest.importorskip("cngcore_pkcs11", reason="cngcore-pkcs11 is not installed: pip install ./providers/pkcs11")

DIGEST = hashlib.sha256(b"message").digest()
PSS = cngcore.Pss("SHA256", 32)


def objects():
    """Return the number of objects in the token."""
    from cngcore_pkcs11.token import session

    with session() as open_session:
        return len(list(open_session.get_objects()))


# --- applications that never open the token --------------------------------------------------------------------------


def test_the_declaration_alone_imports_next_to_nothing():
    """A first key by other software imports the declaration too, if this distribution is installed."""
    program = (
        "import sys; import cngcore.provider; before = set(sys.modules)\n"
        "import cngcore_pkcs11; declared = cngcore_pkcs11.cngcore_register_algorithms()\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    run = python(program, "-I")
    heavy = {
        "pkcs11",
        "cryptography",
        "dataclasses",
        "typing",
        "inspect",
        "logging",
        "ctypes",
        "cngcore.provider._structures",
    }
    assert not heavy & set(run.stdout.split())


def test_the_lengths_of_rsa():
    from cngcore_pkcs11 import cngcore_register_algorithms

    lengths = (0, 512, 1023, 1024, 1088, 4096, 4160)
    for rule in (one.key_lengths for one in cngcore_register_algorithms() if one.name.startswith("RSA")):
        assert list(rule.legal) == list(range(1024, 4097, 64))
        assert [length for length in lengths if rule.accepts(length, {})] == [1024, 1088, 4096]


# --- the same application, by one changed word ------------------------------------------------------------


def application(implementation):
    """Sign with RSA and ECDSA, agree, decrypt, without knowing where the keys are."""
    results = {}
    with cngcore.open_algorithm_provider("RSA", implementation) as rsa, rsa.generate_key_pair(2048) as key:
        key.finalize()
        results["rsa"] = key.export("RSAPUBLICBLOB"), key.sign_hash(DIGEST, PSS)
        results["plain"] = key.decrypt(key.encrypt(b"hello", cngcore.Oaep("SHA256")), cngcore.Oaep("SHA256"))
    with cngcore.open_algorithm_provider("ECDSA_P256", implementation) as ecdsa, ecdsa.generate_key_pair(256) as key:
        key.finalize()
        results["ec"] = key.export("ECCPUBLICBLOB"), key.sign_hash(DIGEST)
    with cngcore.open_algorithm_provider("ECDH_P256", implementation) as ecdh:
        one, other = ecdh.generate_key_pair(256), ecdh.generate_key_pair(256)
        one.finalize()
        other.finalize()
        results["secret"] = one.agree(other.public()).derive("HASH"), other.agree(one.public()).derive("HASH")
    return results


@pytest.mark.parametrize("implementation", ["pkcs11", "cryptography"])
def test_one_word_changes_where_the_keys_are(hsm, tmp_path, implementation):
    """The results of both implementations verify in cryptography and in the openssl command."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

    with cngcore.registry.using(cngcore.Registry()):
        results = application(implementation)
    assert results["plain"] == b"hello"
    assert results["secret"][0] == results["secret"][1]
    sha256 = utils.Prehashed(hashes.SHA256())
    rsa = formats.to_cryptography(formats.decode(results["rsa"][0]))
    rsa.verify(results["rsa"][1], DIGEST, padding.PSS(padding.MGF1(hashes.SHA256()), 32), sha256)
    point = formats.to_cryptography(formats.decode(results["ec"][0]))
    r, s = (int.from_bytes(results["ec"][1][half], "big") for half in (slice(32), slice(32, 64)))
    der = utils.encode_dss_signature(r, s)
    point.verify(der, DIGEST, ec.ECDSA(sha256))
    openssl_verifies(tmp_path, results["rsa"], "-pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:32")
    openssl_verifies(tmp_path, (results["ec"][0], der), "")


def openssl_verifies(folder, pair, options):
    import shutil

    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is not here")
    blob, signature = pair
    (folder / "key.pem").write_bytes(formats.encode(formats.decode(blob), "spki"))
    (folder / "digest").write_bytes(DIGEST)
    (folder / "signature").write_bytes(signature)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-in", "digest", "-sigfile", "signature"]
    command += ["-pkeyopt", "digest:sha256", *options.split()]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_preference_and_explanation(registry):
    explanation = registry.explain("RSA", key_length=2048)
    assert explanation.chosen.implementation == "pkcs11"
    assert "prefers pkcs11" in str(explanation)
    assert cngcore.Registry().explain("RSA").chosen.implementation == "cryptography", (
        "hardware only where it is asked for"
    )
    key = registry.generate_key_pair("RSA", 1024)
    assert key.provenance.implementation == "pkcs11"
    assert key.provenance.back_end_version


def test_what_the_token_does_not_have_goes_to_the_next(registry):
    assert registry.explain("RSA", key_length=16384).chosen.implementation == "cryptography"
    assert registry.explain("ML-KEM").chosen.implementation != "pkcs11"


# --- keys that never leave ------------------------------------------------------------------------------


@pytest.mark.parametrize(("algorithm", "length"), [("RSA", 1024), ("ECDSA_P256", 256), ("ECDH_P384", 384)])
def test_no_private_blob_comes_out(registry, algorithm, length):
    key = registry.generate_key_pair(algorithm, length)
    for blob_type in ("RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB", "ECCPRIVATEBLOB", "PRIVATEBLOB", "PKCS11URIBLOB"):
        with pytest.raises(cngcore.NotSupportedError):
            key.export(blob_type)
    from pkcs11 import Attribute
    from pkcs11.exceptions import PKCS11Error

    private = key._material._private
    assert private[Attribute.SENSITIVE] is True
    assert private[Attribute.EXTRACTABLE] is False
    secret = Attribute.PRIVATE_EXPONENT if algorithm == "RSA" else Attribute.VALUE
    with pytest.raises(PKCS11Error):
        _ = private[secret]


@pytest.mark.parametrize(
    ("algorithm", "length", "blob_type"),
    [
        ("RSA", 2048, "RSAPRIVATEBLOB"),
        ("RSA", 1024, "RSAFULLPRIVATEBLOB"),
        ("ECDSA_P256", 256, "ECCPRIVATEBLOB"),
        ("ECDSA_P521", 521, "ECCPRIVATEBLOB"),
        ("ECDH_P384", 384, "ECCPRIVATEBLOB"),
    ],
)
def test_a_software_key_moves_in_and_works_there(registry, algorithm, length, blob_type):
    software = registry.open_algorithm_provider(algorithm, "cryptography")
    made = software.generate_key_pair(length)
    made.finalize()
    with registry.open_algorithm_provider(algorithm, "pkcs11") as provider:
        moved = provider.import_key_pair(blob_type, made.export(blob_type))
        with pytest.raises(cngcore.NotSupportedError):
            moved.export(blob_type)
        if "sign" in provider.operations:
            padding = PSS if algorithm == "RSA" else None
            made.verify_signature(DIGEST, moved.sign_hash(DIGEST, padding), padding)
        else:
            peer = software.generate_key_pair(length)
            peer.finalize()
            theirs = provider.import_key_pair("ECCPUBLICBLOB", peer.export("ECCPUBLICBLOB"))
            assert moved.agree(theirs).derive("TRUNCATE") == made.agree(peer).derive("TRUNCATE")


def test_a_composite_prime_is_found_by_the_trial(registry):
    from cngcore.blobs import rsa as wire

    made = cngcore.generate_key_pair("RSA", 1024, implementation="cryptography")
    key = wire.parse("RSAPRIVATEBLOB", made.export("RSAPRIVATEBLOB"))
    p = key.p * 3
    blob = wire.build("RSAPRIVATEBLOB", wire.RsaKey(p * key.q, 65537, p, key.q))
    with registry.open_algorithm_provider("RSA", "pkcs11") as provider, pytest.raises(cngcore.InvalidParameterError):
        provider.import_key_pair("RSAPRIVATEBLOB", blob)


def test_objects_go_with_their_keys(registry):
    gc.collect()
    before = objects()
    keys = [registry.generate_key_pair("ECDSA_P256", 256) for _ in range(10)]
    assert objects() == before + 20
    half = keys[0].public()
    half.verify_signature(DIGEST, keys[0].sign_hash(DIGEST))
    for key in keys[:5]:
        key.destroy()
    del keys, key
    half.destroy()
    del half
    gc.collect()
    assert objects() == before


@pytest.mark.parametrize(("algorithm", "length"), [("RSA", 2048), ("ECDSA_P384", 384), ("ECDH_P256", 256)])
def test_a_token_key_has_the_properties_of_a_software_key(registry, algorithm, length):
    """Every property and every public blob is equal, and every private blob can be imported."""
    soft = registry.open_algorithm_provider(algorithm, "cryptography")
    hard = registry.open_algorithm_provider(algorithm, "pkcs11")
    key = soft.generate_key_pair(length)
    key.finalize()
    declared = soft.declaration.blob_types.values()
    for blob_type in (kind.name for kind in declared if kind.private):
        moved = hard.import_key_pair(blob_type, key.export(blob_type))
        for name, known in soft.declaration.properties.items():
            if known.when.finalized:
                assert moved.get_property(name) == key.get_property(name), name
        for public in (kind for kind in declared if not kind.private):
            assert moved.export(public.name) == key.export(public.name)
            if public.imports:
                half = hard.import_key_pair(public.name, key.export(public.name))
                assert half.export(public.name) == key.export(public.name)


def test_explicit_parameters_of_another_curve(registry):
    with registry.open_algorithm_provider("ECDSA_P256", "pkcs11") as provider:
        other = registry.generate_key_pair("ECDSA_P384", 384, implementation="cryptography").export("ECCFULLPUBLICBLOB")
        with pytest.raises(cngcore.InvalidParameterError, match="another curve"):
            provider.import_key_pair("ECCFULLPUBLICBLOB", other)
        own = bytearray(registry.generate_key_pair("ECDSA_P256", 256).export("ECCFULLPUBLICBLOB"))
        own[32 + 3 * 32] ^= 1  # Gx: no named curve any more
        with pytest.raises(cngcore.NotSupportedError, match="named curves"):
            provider.import_key_pair("ECCFULLPUBLICBLOB", own)


# --- keys that stay --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("algorithm", "length"), [("RSA", 2048), ("ECDSA_P256", 256)])
def test_a_labelled_key_stays_and_is_found_again(registry, hsm, algorithm, length):
    label = f"signing key {algorithm}; ü"
    provider = registry.open_algorithm_provider(algorithm, "pkcs11")
    key = provider.generate_key_pair(length)
    assert key.get_property("Pkcs11Label") == ""
    key.set_property("Pkcs11Label", label)
    key.finalize()
    assert key.get_property("Pkcs11Label") == label
    public = key.export("PUBLICBLOB")
    key.destroy()
    del key
    gc.collect()
    from urllib.parse import quote

    uri = f"pkcs11:token={quote(hsm['CNGCORE_PKCS11_TOKEN'])};object={quote(label)};type=private?module-name=x".encode()
    found = provider.import_key_pair("PKCS11URIBLOB", uri)
    assert found.export("PUBLICBLOB") == public
    padding = PSS if algorithm == "RSA" else None
    found.verify_signature(DIGEST, found.sign_hash(DIGEST, padding), padding)
    found.destroy()
    del found
    gc.collect()
    plain = f"pkcs11:object={label.replace(';', '%3B')}".encode()  # spaces and letters beyond ASCII as they are
    assert provider.import_key_pair("PKCS11URIBLOB", plain).export("PUBLICBLOB") == public
    for elsewhere in ("token=another", "serial=0123", "manufacturer=nobody", "model=none"):
        with pytest.raises(cngcore.NotFoundError, match="another"):
            provider.import_key_pair("PKCS11URIBLOB", f"pkcs11:{elsewhere};object={quote(label)}".encode())
    again = provider.import_key_pair("PKCS11URIBLOB", uri)
    for one in (again._material._private, again._material._public):
        one.destroy()


@pytest.mark.parametrize(
    ("uri", "error"),
    [
        (b"pkcs11:object=nobody", cngcore.NotFoundError),
        (b"pkcs11:id=%00%01", cngcore.NotFoundError),
        (b"pkcs11:", cngcore.InvalidParameterError),
        (b"pkcs11:token=x", cngcore.InvalidParameterError),
        (b"http:object=x", cngcore.InvalidParameterError),
        (b"", cngcore.InvalidParameterError),
        (b"pkcs11:object=%ff", cngcore.InvalidParameterError),
        (b"pkcs11:object", cngcore.InvalidParameterError),
        (b"pkcs11:object=", cngcore.InvalidParameterError),
        (b"pkcs11:id=", cngcore.InvalidParameterError),
        (b"pkcs11:object=x;object=y", cngcore.InvalidParameterError),
        (b"pkcs11:object=x;type=public", cngcore.InvalidParameterError),
        (b"pkcs11:object=x;colour=red", cngcore.InvalidParameterError),
        (b"pkcs11:object=nobody;slot-id=7;library-version=3", cngcore.NotFoundError),
    ],
)
def test_a_uri_that_names_no_key(registry, uri, error):
    with registry.open_algorithm_provider("RSA", "pkcs11") as provider, pytest.raises(error):
        provider.import_key_pair("PKCS11URIBLOB", uri)


def test_a_label_is_read_by_one_thread_at_a_time(registry, monkeypatch):
    """To read an attribute calls the library, and the garbage collector may call it in another thread."""
    from cngcore_pkcs11 import token
    from pkcs11 import Attribute
    from pkcs11.types import Key

    held = []

    def label(self):
        held.append(token._lock._is_owned())
        return self[Attribute.LABEL]

    monkeypatch.setattr(Key, "label", property(label))
    with registry.open_algorithm_provider("ECDSA_P256", "pkcs11") as provider:
        key = provider.generate_key_pair(256)
        key.set_property("Pkcs11Label", "read alone")
        key.finalize()
    assert key.get_property("Pkcs11Label") == "read alone"
    with token.session():
        key._material._private.destroy()
        key._material._public.destroy()
    assert held == [True]


# --- threads ---------------------------------------------------------------------------------------------


def test_eight_threads_share_the_token(registry):
    rsa, ecdsa = registry.generate_key_pair("RSA", 1024), registry.generate_key_pair("ECDSA_P256", 256)

    def work(number):
        key, padding = (rsa, PSS) if number % 2 else (ecdsa, None)
        key.verify_signature(DIGEST, key.sign_hash(DIGEST, padding), padding)
        with registry.generate_key_pair("ECDSA_P384", 384) as own:
            own.verify_signature(DIGEST, own.sign_hash(DIGEST))
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(80)))


# --- what can be wrong: each in a process of its own, with a token of its own -----------------------------


MAKE = """
import cngcore
def make():
    return cngcore.generate_key_pair("ECDSA_P256", 256, implementation="pkcs11")
"""


def run(hsm, code, **environment):
    """Return the output of a program. ``None`` removes a variable."""
    variables = {**os.environ, **hsm, **environment}
    done = subprocess.run(
        [sys.executable, "-c", MAKE + code],
        env={name: value for name, value in variables.items() if value is not None},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


SAY = "try: make(); print('made')\nexcept cngcore.CngError as error: print(error)\n"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"CNGCORE_PKCS11_MODULE": None}, "no PKCS #11 library is configured"),
        ({"CNGCORE_PKCS11_MODULE": "/nowhere/lib.so"}, "cannot be used"),
        ({"CNGCORE_PKCS11_MODULE": os.__file__}, "cannot be used"),
        ({"CNGCORE_PKCS11_TOKEN": "another"}, "there is no token 'another'"),
        ({"CNGCORE_PKCS11_PIN": None}, "STATUS_ACCESS_DENIED: no PIN for the token"),
        ({"CNGCORE_PKCS11_PIN": ""}, "STATUS_ACCESS_DENIED: no PIN for the token"),
        ({"CNGCORE_PKCS11_PIN": "999999"}, "STATUS_ACCESS_DENIED: the token rejected the PIN"),
        ({"CNGCORE_PKCS11_PIN": None, "CNGCORE_PKCS11_PIN_FILE": "/nowhere"}, "CNGCORE_PKCS11_PIN_FILE cannot be read"),
    ],
)
def test_the_message_names_the_missing_setting(hsm, changes, message):
    output = run(hsm, SAY, **changes)
    assert message in output
    assert "999999" not in output


def test_the_pin_from_a_file_or_a_function(hsm, tmp_path):
    file = tmp_path / "pin"
    file.write_text(hsm["CNGCORE_PKCS11_PIN"] + "\nanything else\n", encoding="utf-8")
    assert run(hsm, SAY, CNGCORE_PKCS11_PIN=None, CNGCORE_PKCS11_PIN_FILE=str(file)) == "made"
    ask = (
        "import os\nfrom cngcore_pkcs11.token import ask_pin_by\n"
        "ask_pin_by(lambda label: print('asked for', label) or os.environ['MINE'])\n"
    )
    output = run(hsm, ask + SAY, CNGCORE_PKCS11_PIN=None, MINE=hsm["CNGCORE_PKCS11_PIN"])
    assert output.splitlines() == [f"asked for {hsm['CNGCORE_PKCS11_TOKEN']}", "made"]


def own_token(tmp_path):
    import softhsm

    return softhsm.make_token(tmp_path, "a token to lock", "123456")


def test_a_wrong_pin_is_tried_once_and_never_locks_the_token(hsm, tmp_path):
    """The token counts wrong PINs. A program that tries again and again must not reach the limit."""
    token = own_token(tmp_path)
    code = (
        "for _ in range(20):\n"
        "    try: make()\n"
        "    except cngcore.AccessDeniedError as error: last = error\n"
        "print(last)\n"
    )
    assert "not tried again" in run(token, code, CNGCORE_PKCS11_PIN="654321")
    assert run(token, SAY) == "made"


def test_a_locked_pin_is_a_clear_status(hsm, tmp_path, monkeypatch):
    """SoftHSM never locks a PIN, so the test raises the library's error and checks its translation."""
    import pkcs11
    from cngcore_pkcs11 import token

    for error, message in (
        (pkcs11.exceptions.PinLocked(), "the PIN is locked"),
        (pkcs11.exceptions.PinExpired(), "the PIN has expired"),
        (pkcs11.exceptions.UserPinNotInitialized(), "no user PIN yet"),
    ):
        with pytest.raises(cngcore.AccessDeniedError, match=message), token.translated():
            raise error


def test_a_token_that_is_taken_away(hsm, tmp_path):
    """The session is closed while the key exists, as if the token was removed. Then the token is back."""
    code = (
        "from cngcore_pkcs11 import token\n"
        "key = make()\n"
        "with token.session() as open_session: pass\n"
        "open_session.close()\n"
        "for _ in range(2):\n"
        "    try: key.sign_hash(bytes(32)); print('signed')\n"
        "    except cngcore.CngError as error: print(error)\n"
        "key.destroy()\n"
        "other = make()\n"
        "other.verify_signature(bytes(32), other.sign_hash(bytes(32)))\n"
        "print('and again')\n"
    )
    lines = run(own_token(tmp_path), code).splitlines()
    assert lines[0].startswith("STATUS_INVALID_HANDLE: the token that holds this key is gone")
    assert lines[1].startswith("STATUS_INVALID_HANDLE")
    assert lines[2] == "and again"


def test_a_lost_key_neither_logs_in_nor_ends_the_new_session(hsm, tmp_path):
    """Its removal by the garbage collector must not request a PIN. Its use must not end the session of other keys."""
    code = (
        "import gc\n"
        "from cngcore_pkcs11 import token\n"
        "calls = []\n"
        "token.ask_pin_by(lambda label: calls.append(label) or os.environ['CNGCORE_PKCS11_PIN'])\n"
        "lost, forgotten = make(), make()\n"
        "with token.session() as open_session: pass\n"
        "open_session.close()\n"
        "try: lost.sign_hash(bytes(32))\n"
        "except cngcore.InvalidHandleError: print(len(calls))\n"
        "del forgotten\n"
        "gc.collect()\n"
        "print(len(calls))\n"
        "other = make()\n"
        "with token.session() as ours: pass\n"
        "try: lost.sign_hash(bytes(32))\n"
        "except cngcore.InvalidHandleError as error: print(error)\n"
        "with token.session() as still: print(still is ours, len(calls))\n"
        "other.verify_signature(bytes(32), other.sign_hash(bytes(32)))\n"
    )
    first, second, refused, last = run(own_token(tmp_path), "import os\n" + code).splitlines()
    assert (first, second, last) == ("1", "1", "True 2")
    assert "the session of this key is over" in refused


def test_a_probe_uses_no_pin(hsm):
    code = (
        "from cngcore_pkcs11 import token\n"
        "token._log_in = lambda: print('logged in')\n"
        "registry = cngcore.Registry(prefer=['pkcs11'])\n"
        "print(registry.explain('RSA').chosen.implementation)\n"
    )
    assert run(hsm, code, CNGCORE_PKCS11_PIN=None) == "pkcs11"


def test_several_tokens_want_a_label(hsm, tmp_path):
    own_token(tmp_path)
    import softhsm

    token = softhsm.make_token(tmp_path, "a second one", "123456")
    assert "has several matching tokens" in run(token, SAY, CNGCORE_PKCS11_TOKEN=None)
    assert run(token, SAY) == "made"


def test_the_pin_is_in_no_repr_and_no_log(registry, hsm, caplog):
    from cngcore_pkcs11 import token

    with caplog.at_level(logging.DEBUG):
        key = registry.generate_key_pair("RSA", 1024)
        key.sign_hash(DIGEST, PSS)
    with token.session() as open_session:
        shown = f"{key!r} {key._material!r} {key.provenance!r} {open_session!r} {vars(token)!r} {caplog.text}"
    assert hsm["CNGCORE_PKCS11_PIN"] not in shown


def test_the_declaration_imports_no_library():
    code = "import sys, cngcore_pkcs11 as p; list(p.cngcore_register_algorithms()); print('pkcs11' in sys.modules)"
    assert python(code).stdout == "False\n"


# --- the page about it -------------------------------------------------------------------------------------


def page_block(name):
    """Return a program of docs/howto/hsm-keys.md."""
    page = (Path(__file__).parents[3] / "docs" / "howto" / "hsm-keys.md").read_text(encoding="utf-8")
    return page.partition(f":caption: {name}\n\n")[2].partition("\n```")[0]


@pytest.mark.parametrize(
    ("name", "arguments", "prefer", "expected"),
    [
        ("application.py", [], None, "cryptography"),
        ("application.py", ["pkcs11"], None, "pkcs11"),
        ("application.py", [], "pkcs11", "pkcs11"),
        ("stays.py", [], None, "release signing"),
    ],
)
def test_the_programs_of_the_page_run(hsm, tmp_path, name, arguments, prefer, expected):
    (tmp_path / name).write_text(page_block(name))
    environment = {**os.environ, **own_token(tmp_path)}
    if prefer:
        environment["CNGCORE_PREFER"] = prefer
    command = [sys.executable, str(tmp_path / name), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == expected, done.stderr


def test_a_policy_keeps_keys_in_the_token(registry):
    from cngcore.policy import Policy, Rule

    rules = [Rule("allow", implementation="pkcs11"), Rule("forbid", "RSA*", "RSA keys live in the token")]
    strict = cngcore.Registry(policies=[Policy("house", rules)])
    assert strict.generate_key_pair("RSA", 1024).provenance.implementation == "pkcs11"
    with pytest.raises(cngcore.AccessDeniedError, match="live in the token"):
        strict.open_algorithm_provider("RSA", "cryptography")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_logs_in_by_itself(hsm, tmp_path):
    code = (
        "import os, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "key = make()\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    try: key.sign_hash(bytes(32)); answer = 'signed'\n"
        "    except cngcore.InvalidHandleError: answer = 'not my key'\n"
        "    own = make()\n"
        "    own.verify_signature(bytes(32), own.sign_hash(bytes(32)))\n"
        "    key.destroy()\n"
        "    os.write(1, answer.encode() + b', own key works\\n')\n"
        "    os._exit(0)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "key.verify_signature(bytes(32), key.sign_hash(bytes(32)))\n"
        "print('and the parent goes on')\n"
    )
    assert run(own_token(tmp_path), code).splitlines() == ["not my key, own key works", "and the parent goes on"]


def test_a_thread_that_waited_while_the_token_was_lost(monkeypatch):
    """It must not work in the new session with an object of the old one: the token may number its objects anew."""
    from cngcore_pkcs11 import token

    monkeypatch.setattr(token, "_session", object())
    since, refused, started = token.generation(), [], threading.Event()

    def use():
        started.set()
        try:
            with token.session(since):
                refused.append(None)
        except cngcore.InvalidHandleError as error:
            refused.append(error)

    with token.one_thread():
        thread = threading.Thread(target=use)
        thread.start()
        started.wait()
        time.sleep(0.05)  # so that a check before the lock would have been made
        monkeypatch.setattr(token, "_generation", since + 1)
    thread.join(10)
    assert "the session of this key is over" in str(refused[0])
