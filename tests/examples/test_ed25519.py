"""The example of an algorithm that bcrypt.h does not have: from its wheel, in an environment of its own."""

import re
import shutil

import pytest
from fromsource import kit_of
from fromwheels import ROOT, Environment

EXAMPLE = ROOT / "examples" / "ed25519"


@pytest.mark.exhaustive
def test_it_passes_the_kit_and_the_command_serves_it(tmp_path):
    there = Environment(tmp_path, EXAMPLE, extras="cli,conformance,formats")
    told = there.tests(EXAMPLE, "tests")
    assert "acme-ed25519 0.1.0 conforms, as far as was tested" in told
    assert "1 of them excluded by the provider" in told
    assert "excluded by the provider: its blobs are the bytes of RFC 8032" in told

    cng, work = there.cng, there.work
    assert re.search(r"Passed: 1 keys and blobs", cng("tour", "acme:Ed25519"))
    assert "No problem found" in cng("doctor")
    assert re.search(r"acme:Ed25519 +255 +sign +cryptography", cng("bench", "acme:Ed25519", "--seconds", "0.001"))
    cng("generate", "acme:Ed25519", "--format", "cng", "--out", "key.blob", "--public-out", "public.blob")
    assert (work / "key.blob").stat().st_size == 32
    assert "acme:Ed25519, private" in cng("inspect", "key.blob", "--as", "ACMEED25519PRIVATEBLOB")
    cng("convert", "key.blob", "--as", "ACMEED25519PRIVATEBLOB", "--to", "cng", "--blob-type", "ACMEED25519PUBLICBLOB",
        "--out", "again.blob")  # fmt: skip
    assert (work / "again.blob").read_bytes() == (work / "public.blob").read_bytes()
    cng("generate", "acme:Ed25519", "--out", "key.pem", "--public-out", "key.pub")
    assert "acme:Ed25519, private" in cng("inspect", "key.pem")
    (work / "message").write_bytes(b"ten euros to Alice")
    cng("sign", "message", "--key", "key.pem", "--out", "signature")
    cng("verify", "message", "--key", "key.pub", "--signature", "signature")
    if shutil.which("openssl"):
        told = there.run("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pub", "-rawin", "-in", "message",
                         "-sigfile", "signature")  # fmt: skip
        assert "Signature Verified Successfully" in told


def test_its_source_passes_the_kit_and_has_the_keys_of_other_programs(tmp_path):
    told = kit_of(EXAMPLE, tmp_path)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "acme-ed25519 0.1.0 conforms, as far as was tested" in told.stdout
    assert "excluded by the provider: its blobs are the bytes of RFC 8032" in told.stdout
