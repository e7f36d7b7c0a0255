"""The example of SLH-DSA, which shares blob types with ML-DSA: from its wheel, in an environment of its own."""

import re

import pytest
from fromwheels import ROOT, Environment

EXAMPLE = ROOT / "examples" / "slhdsa"


@pytest.mark.exhaustive
def test_it_passes_the_kit_and_the_command_serves_it(tmp_path):
    there = Environment(tmp_path, EXAMPLE, extras="cli,conformance,formats")
    # keys of the first set: those of the second run the same lines, and a signature in Python takes half a second
    told = there.tests(EXAMPLE, "-k", "not SHAKE-128f", "tests")
    assert "acme-slhdsa 0.1.0 conforms, as far as was tested" in told
    assert "excluded by the provider" not in told

    cng, work = there.cng, there.work
    assert re.search(r"Passed: \d+ keys and blobs", cng("tour", "SLH-DSA"))
    assert "No problem found" in cng("doctor")
    assert re.search(r"SLH-DSA +SHA2-128f +sign +slh-dsa", cng("bench", "SLH-DSA", "--seconds", "0.001"))
    cng("generate", "SLH-DSA-SHAKE-128f", "--format", "cng", "--out", "key.blob", "--public-out", "public.blob")
    head = (work / "key.blob").read_bytes()[:4], (work / "public.blob").read_bytes()[:4]
    assert head == (b"SHSK", b"SHPK")
    assert "SLH-DSA-SHAKE-128f, private" in cng("inspect", "key.blob")
    assert "SLH-DSA-SHAKE-128f, public" in cng("inspect", "public.blob", "--as", "PQDSAPUBLICBLOB")
    cng("convert", "key.blob", "--to", "pkcs8", "--out", "key.pem")
    cng("convert", "key.pem", "--to", "spki", "--out", "key.pub")
    cng("convert", "key.pem", "--to", "cng", "--out", "again.blob")
    assert (work / "again.blob").read_bytes() == (work / "key.blob").read_bytes()
    (work / "message").write_bytes(b"ten euros to Alice")
    cng("sign", "message", "--key", "key.pem", "--out", "signature")
    assert (work / "signature").stat().st_size == 17088
    cng("verify", "message", "--key", "key.pub", "--signature", "signature")
