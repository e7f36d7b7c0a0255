"""The provider that the page Write a cipher writes by hand passes the conformance kit."""

import re
import sys
from pathlib import Path

import pytest
from conformance.workshop import BRIEF

from cngcore.conformance import run

PAGE = Path(__file__).parents[2] / "docs" / "tutorials" / "cipher.md"


def test_the_provider_of_the_page_passes_the_kit(tmp_path, monkeypatch):
    pytest.importorskip("Cryptodome")
    for name, source in re.findall(
        r":caption: (acme_\w+\.py)\n\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    ):
        (tmp_path / name).write_text(source)
    info = tmp_path / "acme_aes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-aes\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[cngcore.algorithms]\nAES = acme_aes\n")
    monkeypatch.syspath_prepend(tmp_path)
    report = run("acme-aes", checks=BRIEF)
    for name in ("acme_aes", "acme_aes_keys"):
        sys.modules.pop(name, None)
    assert report.conforms, report.text()
    assert report.counts["passed"] > 25
