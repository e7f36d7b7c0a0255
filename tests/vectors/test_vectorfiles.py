"""The readers of the vector files read what the files say."""

from pathlib import Path

import pytest
import vectorfiles

SAMPLE = """\
# a comment = not a record
[mod = L=2048, N=256, SHA-384]

P = ab
G = 02

Msg = 616263
S =
[P-256,SHA-1]
[Curve selected:  P-256]
Qx = 01
Result = F (2 - Point not on curve)
"""


def test_records_come_with_their_section(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNGCORE_VECTORS", str(tmp_path))
    (tmp_path / "sample.rsp").write_text(SAMPLE.replace("S =\n[", "S =\n\n["), encoding="ascii")
    (first, shared), (_, case), (second, point) = vectorfiles.load_rsp("sample.rsp")
    assert first == {"": "mod = L=2048, N=256, SHA-384", "L": "2048", "N": "256", "SHA-384": ""}
    assert shared == {"P": "ab", "G": "02"}
    assert case == {"Msg": "616263", "S": ""}
    assert second == {
        "": "P-256,SHA-1\nCurve selected:  P-256", "P-256": "", "SHA-1": "", "Curve selected": "P-256",
    }  # fmt: skip
    assert point == {"Qx": "01", "Result": "F (2 - Point not on curve)"}


def test_absent_file_skips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNGCORE_VECTORS", str(tmp_path / "nowhere"))
    with pytest.raises(pytest.skip.Exception, match="CNGCORE_VECTORS"):
        vectorfiles.load_json("acvp/none.json")


def test_default_folder_is_beside_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CNGCORE_VECTORS", raising=False)
    repository = Path(vectorfiles.__file__).resolve().parents[1]
    assert vectorfiles.root() == repository.parent / "shared" / "vectors"


@pytest.mark.parametrize(
    ("rel", "records"),
    [
        ("cryptography-vectors/asymmetric/ECDSA/FIPS_186-3/PKV.rsp", "Qx"),
        ("cryptography-vectors/asymmetric/DSA/FIPS_186-3/KeyPair.rsp", "X"),
        ("cryptography-vectors/asymmetric/RSA/FIPS_186-2/SigVer15_186-3.rsp", "S"),
    ],
)
def test_no_record_is_lost(rel: str, records: str) -> None:
    """Every line ``key = value`` outside comments and brackets is in some record."""
    lines = vectorfiles.path(rel).read_text(encoding="ascii").splitlines()
    wanted = sum("=" in line and line[:1] not in ("#", "[") for line in lines)
    found = list(vectorfiles.load_rsp(rel))
    assert sum(len(record) for _, record in found) == wanted
    assert any(records in record for _, record in found)
    assert all(section for section, _ in found)
