"""The commands with an algorithm that bcrypt.h does not have, by its declaration alone: no hook tells its formats."""

import pytest
from cli.commandline import registry_of, run
from cryptography.hazmat.primitives.asymmetric.x448 import X448PrivateKey, X448PublicKey

from cngcore.provider import Algorithm, BlobType, KeyFactory, KeyMaterial, NoLength
from cngcore.status import BadDataError

PUBLIC, SEED = "ACMEX448PUBLICBLOB", "ACMEX448SEEDBLOB"


class Key(KeyMaterial):
    def __init__(self, private, public=None):
        self._private, self._public = private, public or private.public_key()
        self.has_private = private is not None

    def public(self):
        return Key(None, self._public)

    def agree(self, peer):
        return bytearray(self._private.exchange(peer._public))

    def export(self, blob_type):
        return self._public.public_bytes_raw() if blob_type == PUBLIC else bytearray(self._private.private_bytes_raw())


class Factory(KeyFactory):
    def generate(self, request):
        return Key(X448PrivateKey.generate())

    def import_key(self, blob_type, blob, request):
        if len(blob) != 56:
            raise BadDataError(f"a key of X448 has 56 bytes, not {len(blob)}")
        if blob_type == PUBLIC:
            return Key(None, X448PublicKey.from_public_bytes(blob))
        return Key(X448PrivateKey.from_private_bytes(blob))


@pytest.fixture(autouse=True)
def _alone():
    x448 = Algorithm(
        "acme:X448", "acme", operations={"agree"}, key_lengths=NoLength(), factory=Factory,
        blob_types=[BlobType(PUBLIC), BlobType(SEED, private=True)],
    )  # fmt: skip
    with registry_of(x448):
        yield


def answer(capsys, *arguments, status=0):
    answered, out, err = run(capsys, *arguments)
    assert answered == status, f"{arguments}\n{out}\n{err}"
    return str(out) + str(err)


def test_it_is_shown_timed_and_found_right(capsys):
    assert "Passed: 1 keys and blobs" in answer(capsys, "tour", "acme:X448")
    assert "acme:X448" in answer(capsys, "selftest", "acme:X448")
    told = answer(capsys, "bench", "acme:X448", "--seconds", "0.001")
    for operation in ("generate", "agree", f"import {SEED}", f"export {PUBLIC}"):
        assert operation in told
    assert "steps on 1 keys and blobs" in answer(capsys, "doctor")


def test_its_blobs_are_written_read_and_converted(capsys, tmp_path):
    seed, public = tmp_path / "seed.blob", tmp_path / "public.blob"
    answer(capsys, "generate", "acme:X448", "--format", "cng", "--out", seed, "--public-out", public)
    raw = seed.read_bytes()
    assert X448PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw() == public.read_bytes()
    told = answer(capsys, "inspect", seed, "--as", SEED)
    assert "acme:X448, private" in told
    assert raw.hex() not in told.replace(" ", "")
    assert public.read_bytes().hex() in answer(capsys, "inspect", public, "--as", PUBLIC)
    made = tmp_path / "made.blob"
    answer(capsys, "convert", seed, "--as", SEED, "--to", "cng", "--blob-type", PUBLIC, "--out", made)
    assert made.read_bytes() == public.read_bytes()


def test_what_cannot_be_is_refused_by_name(capsys, tmp_path):
    seed = tmp_path / "seed.blob"
    answer(capsys, "generate", "acme:X448", "--format", "cng", "--blob-type", SEED, "--out", seed)
    told = answer(capsys, "generate", "acme:X448", "--format", "cng", "--blob-type", PUBLIC, "--out", "x", status=2)
    assert f"{PUBLIC} holds no private key" in told
    told = answer(capsys, "inspect", seed, "--as", "ACMEX448SEDBLOB", status=2)
    assert f"did you mean '{SEED}'?" in told
    told = answer(capsys, "convert", seed, "--as", SEED, "--to", "pkcs8", "--out", tmp_path / "key.pem", status=1)
    assert "acme:X448" in told
    assert not (tmp_path / "key.pem").exists()
    told = answer(capsys, "convert", seed, "--as", PUBLIC, "--to", "cng", "--blob-type", SEED, "--out", "x", status=1)
    assert "is public" in told
    told = answer(capsys, "generate", "acme:X448", "--out", tmp_path / "key.pem", status=1)
    assert f"--format cng --blob-type {SEED}" in told
