"""Listing imports nothing; opening imports only what is asked for; blocked code is never imported."""

import sys
import zipfile

import pytest

from cngcore import InternalError, NotFoundError, Registry
from cngcore.registry._discovery import normalized, parse, scan


def test_listing_imports_nothing(install):
    module = install.plain("acme-one")
    registry = Registry()
    assert registry.algorithms()["TOY"] == ("acme-one",)
    (record,) = [record for record in registry.providers() if record["distribution"] == "acme-one"]
    assert record == {
        "distribution": "acme-one", "version": "1.2.3", "algorithms": ["TOY"], "modules": ["acme_one"],
        "state": "not loaded", "faults": [],
    }  # fmt: skip
    assert module not in sys.modules


def test_opening_imports_only_the_providers_of_that_algorithm(install):
    one, two = install.plain("acme-one", name="TOY"), install.plain("acme-two", name="OTHER")
    registry = Registry()
    registry.open_algorithm_provider("TOY")
    assert one in sys.modules
    assert two not in sys.modules


def test_the_scan_happens_once(install, monkeypatch):
    install.plain("acme-one")
    calls = []
    monkeypatch.setattr("cngcore.registry.scan", lambda: calls.append(1) or scan())
    registry = Registry()
    assert calls == []
    registry.algorithms()
    registry.open_algorithm_provider("TOY")
    registry.explain("TOY")
    assert calls == [1]


@pytest.mark.parametrize(
    "settings",
    [{"block": ["Acme.Two"]}, {"allow": ["acme_one"]}, {"allow": ["acme-one", "acme-two"], "block": ["acme-two"]}],
)
def test_blocked_or_not_allowed_code_is_never_imported(install, settings):
    install.plain("acme-one", implementation="alpha")
    blocked = install.plain("acme-two", implementation="beta", rank=9)
    registry = Registry(**settings)
    assert registry.open_algorithm_provider("TOY").declaration.implementation == "alpha"
    registry.load_all()
    assert blocked not in sys.modules
    said = str(registry.explain("TOY"))
    assert "acme-two 1.2.3" in said
    assert "never imported" in said
    states = {record["distribution"]: record["state"] for record in registry.providers()}
    assert states["acme-two"] in ("blocked", "not allowed")


def test_the_error_for_a_blocked_algorithm_says_so(install):
    install.plain("acme-one")
    with pytest.raises(NotFoundError, match="blocked by the configuration"):
        Registry(block=["acme-one"]).open_algorithm_provider("TOY")


def test_a_plugin_can_be_an_object_in_a_module(install, tmp_path):
    install.plain("acme-one")
    source = (tmp_path / "acme_one.py").read_text()
    (tmp_path / "acme_one.py").write_text(source + "\nclass Plugin: pass\nplugin = Plugin()\n"
        "plugin.cngcore_register_algorithms = cngcore_register_algorithms\n"
        "del cngcore_register_algorithms\n")  # fmt: skip
    (tmp_path / "acme_one-1.2.3.dist-info" / "entry_points.txt").write_text(
        "[cngcore.algorithms]\nTOY = acme_one:plugin\n"
    )
    assert Registry().open_algorithm_provider("TOY").declaration.implementation == "toy"


def test_the_first_of_two_installations_counts(install, tmp_path, monkeypatch):
    install.plain("acme-one")
    second = tmp_path / "second"
    (second / "acme_one-9.9.dist-info").mkdir(parents=True)
    (second / "acme_one-9.9.dist-info" / "entry_points.txt").write_text("[cngcore.algorithms]\nOTHER = acme_one\n")
    found = scan([str(tmp_path), str(second)])
    assert [(point.name, point.version) for point in found] == [("TOY", "1.2.3")]


def test_a_zip_file_on_the_path_is_seen_too(tmp_path):
    archive = tmp_path / "bundle.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("acme_zip-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme-zip\nVersion: 1.0\n")
        bundle.writestr("acme_zip-1.0.dist-info/entry_points.txt", "[cngcore.algorithms]\nTOY = acme_zip\n")
    (point,) = scan([str(archive)])
    assert (point.distribution, point.version, point.name, point.value) == ("acme-zip", "1.0", "TOY", "acme_zip")


def test_a_path_that_is_not_there_or_not_text_is_passed_over(tmp_path):
    (tmp_path / "odd-1.dist-info").mkdir()
    (tmp_path / "odd-1.dist-info" / "entry_points.txt").write_bytes(b"\xff\xfe")
    assert scan([str(tmp_path), str(tmp_path / "nowhere")]) == []


def test_entry_points_are_read_as_their_format_has_it():
    text = "; comment\n[other]\nX = y\n\n[cngcore.algorithms]\n# no\nML-KEM=acme.kem\n"
    text += " ECDSA_P256 = acme : plugin [extra]\nbroken\n"
    assert [(point.name, point.value) for point in parse(text, "acme", "1")] == [
        ("ML-KEM", "acme.kem"),
        ("ECDSA_P256", "acme : plugin"),
    ]


@pytest.mark.parametrize("name", ["Acme_One", "acme.one", "ACME--one", "acme-_.one"])
def test_names_are_compared_as_package_indexes_do(name):
    assert normalized(name) == "acme-one"


def test_registering_a_faulty_object_is_an_error_at_once():
    with pytest.raises(InternalError, match="no hook"):
        Registry(discover=False).register(object())
