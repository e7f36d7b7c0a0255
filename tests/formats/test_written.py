"""What is written is read again first, and blobs of a provider's own type can be read by their type."""

import pytest
from cli.keycommands import run
from conformance.workshop import STRANGER, importable, install

import cngcore
from cngcore import BadDataError, CngError, InternalError, Registry, formats
from cngcore.formats import check_written
from cngcore.registry import using

PRIVATE, PUBLIC = "TOYX448PRIVATEBLOB", "TOYX448PUBLICBLOB"


@pytest.fixture
def stranger(tmp_path):
    """Install the provider of X448, and return a function that changes it first."""
    contexts = []

    def put(*changes):
        package = install(tmp_path, "x448", changes, source=STRANGER)
        context = importable(tmp_path, package)
        context.__enter__()
        contexts.append(context)
        registry = using(Registry(read_configuration=False, log_faults=False))
        registry.__enter__()
        contexts.append(registry)
        return tmp_path

    yield put
    for context in reversed(contexts):
        context.__exit__(None, None, None)


@pytest.mark.parametrize("form", [known.name for known in formats.FORMATS.values() if known.writes])
@pytest.mark.parametrize("name", ["RSA", "DSA", "DH", "ECDSA_P256", "ECDH_P384", "X25519", "ML-KEM-768", "ML-DSA-44"])
def test_every_file_of_every_family_is_read_again(name, form):
    pair = cngcore.generate_key_pair(name, **({"length": 1024} if name in ("RSA", "DSA", "DH") else {}))
    key, known = formats.from_key(pair), formats.FORMATS[form]
    for private in (True, False):
        for encoding in known.encodings:
            if not getattr(known, "private" if private else "public"):
                continue
            try:
                content = formats.encode(key, form, private=private, encoding=encoding)
            except CngError:  # no such file of this family
                continue
            check_written(content, key, form, private=private)
            other = formats.from_key(cngcore.generate_key_pair("ECDSA_P521"))
            with pytest.raises(CngError, match="was not written"):
                check_written(content, other, form, private=private)


def test_a_file_of_another_key_or_of_no_key_is_not_written(tmp_path, monkeypatch):
    key = cngcore.generate_key_pair("ECDSA_P256")
    other = formats.encode(cngcore.generate_key_pair("ECDSA_P256"), "pkcs8")
    for content, error in ((other, InternalError), (bytearray(b"nothing"), BadDataError)):
        monkeypatch.setattr("cngcore.formats._import.encode", lambda *a, content=content, **k: bytearray(content))
        with pytest.raises(error, match="the ECDSA nistP256 key was not written"):
            key.save(tmp_path / "key.pem")
        assert list(tmp_path.iterdir()) == []


BROKEN = {
    "unpack-cuts": ("            unpack=unpack,", "            unpack=lambda blob: blob[2:58],"),
    "wrong-header": ("return magic(private) + encoded", "return magic(not private) + encoded"),
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_generate_says_nothing_of_a_key_that_is_not_read_again(stranger, change, capsys):
    folder = stranger(("__init__.py", *change))
    status, out, err = run(capsys, "generate", "toy:X448", "--format", "cng", "--out", str(folder / "key.blob"))
    assert (status, out) == (1, b"")
    assert err
    assert not (folder / "key.blob").exists()


@pytest.mark.parametrize("encoding", ["binary", "hex", "base64"])
def test_a_blob_of_a_provider_is_read_by_its_type(stranger, capsys, encoding):
    folder = stranger()
    key, public = str(folder / "key.blob"), str(folder / "public.blob")
    status, out, err = run(capsys, "generate", "toy:X448", "--format", "cng", "--encoding", encoding, "--out", key)
    assert status == 0, err
    assert f"read it with --as {PRIVATE}".encode() in out
    status, out, err = run(capsys, "convert", key, "--as", PRIVATE, "--to", "cng", "--public", "--out", public)
    assert status == 0, err
    assert f"its type is {PUBLIC}".encode() in out
    prints = []
    for file, blob_type in ((key, PRIVATE), (public, PUBLIC)):
        for command in ("inspect", "fingerprint"):
            status, out, err = run(capsys, command, file, "--as", blob_type)
            assert status == 0, err
            assert b"toy:X448" in out
        prints.append(cngcore.load_key(file, format=blob_type).fingerprint())
    assert prints[0] == prints[1]


def test_the_message_for_a_blob_without_its_type_names_the_type(stranger, capsys):
    folder = stranger()
    blob = cngcore.generate_key_pair("toy:X448").export(PRIVATE)
    (folder / "key.blob").write_bytes(blob)
    status, _, err = run(capsys, "inspect", str(folder / "key.blob"))
    assert status == 1
    assert f"or a blob of the type {PRIVATE}" in err
    assert f"--as {PRIVATE} of the command" in err
    with pytest.raises(BadDataError, match=f"format='{PRIVATE}' in Python"):
        cngcore.load_key(bytes(blob))


def test_a_name_without_its_prefix_is_answered_with_the_installed_one(stranger, capsys):
    stranger()
    for command in (["explain", "X448"], ["generate", "x448", "--out", "nowhere"]):
        status, _, err = run(capsys, *command)
        assert status == 1
        assert "did you mean 'toy:X448'?" in err
    with pytest.raises(cngcore.NotFoundError, match="did you mean 'toy:X448'"):
        cngcore.open_algorithm_provider("X448")
