"""The example provider, as its author has it: from wheels, in an environment of its own, beside cngcore-rsa."""

import re

import pytest
from fromwheels import ROOT, Environment

EXAMPLE = ROOT / "examples" / "pycryptodome"


@pytest.mark.exhaustive
def test_it_passes_the_kit_and_is_chosen_where_it_is_preferred(tmp_path):
    there = Environment(
        tmp_path, ROOT / "providers" / "rsa", EXAMPLE, extras="cli,conformance", isolated=[EXAMPLE]
    )  # the author of the example has no build back end installed
    # keys of 1024 bits only: those of 2048 run the same lines, and pycryptodome takes seconds to make one
    told = there.tests(EXAMPLE, "-k", "not 2048")
    assert "acme-pycryptodome 0.1.0 conforms, as far as was tested" in told
    assert "differential" not in told, "it was compared with nobody"
    assert re.search(r"[1-9][0-9]* failed", told) is None

    assert re.search(r"->  cryptography .* its rank 0 is the highest", there.cng("explain", "RSA"))
    preferred = there.cng("explain", "RSA", CNGCORE_PREFER="pycryptodome")
    assert re.search(r"->  pycryptodome .* the configuration prefers pycryptodome", preferred)
    program = "import cngcore; print(cngcore.generate_key_pair('RSA', 1024).provenance.implementation)"
    assert there.python("-c", program) == "cryptography\n"
    assert there.python("-c", program, CNGCORE_PREFER="pycryptodome") == "pycryptodome\n"
    assert there.cng("selftest", "RSA", CNGCORE_PREFER="pycryptodome")
