"""Listing imports nothing; opening imports only what is asked for; blocked code is never imported."""

import sys
import zipfile

import importlib_metadata
import pytest

import cngcore
from cngcore import InternalError, NotFoundError, Registry
from cngcore.objects import Origin
from cngcore.registry import discover, normalized
from cngcore.registry._discovery import _scan


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


def test_the_scan_happens_once_in_a_process_and_again_when_something_is_installed(install, monkeypatch):
    install.plain("acme-one")
    calls = []
    entry_points = importlib_metadata.entry_points
    monkeypatch.setattr("importlib_metadata.entry_points", lambda: calls.append(1) or entry_points())
    registry = Registry()
    assert calls == []
    registry.algorithms()
    registry.open_algorithm_provider("TOY")
    registry.explain("TOY")
    Registry().algorithms()
    assert calls == [1]
    install.plain("acme-two", name="OTHER")
    assert "OTHER" in Registry().algorithms()
    assert calls == [1, 1]


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


def folder_with(folder, name, version, points, monkeypatch):
    """Put a distribution into a folder that comes first on the path."""
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_bytes(points)
    monkeypatch.syspath_prepend(str(folder))
    return info


def test_the_first_of_two_installations_counts(install, tmp_path, monkeypatch):
    install.plain("acme-one")
    folder_with(tmp_path / "first", "Acme.One", "9.9", b"[cngcore.algorithms]\nOTHER = acme_one\n", monkeypatch)
    found = discover().algorithms
    assert "TOY" not in found
    assert found["OTHER"] == (Origin("acme-one", "9.9", "acme_one"),)


def test_a_zip_file_on_the_path_is_seen_too(tmp_path, monkeypatch):
    archive = tmp_path / "bundle.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("acme_zip-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme-zip\nVersion: 1.0\n")
        bundle.writestr("acme_zip-1.0.dist-info/entry_points.txt", "[cngcore.algorithms]\nTOY = acme_zip\n")
    monkeypatch.syspath_prepend(str(archive))
    assert discover().algorithms["TOY"] == (Origin("acme-zip", "1.0", "acme_zip"),)


class Finder:
    """A finder of another kind, as editable installations have. Its distribution raises ``error`` from one read on."""

    def __init__(self, error=None, first=0):
        self.error = error
        self.first = first
        self.reads = 0

    @staticmethod
    def find_spec(*_):
        return None

    def find_distributions(self, context):
        return [Found(self)]

    def scan(self, monkeypatch):
        """Return what a fresh scan finds with this finder, the last of all."""
        with monkeypatch.context() as patch:
            patch.setattr(sys, "meta_path", [*sys.meta_path, self])
            _scan.cache_clear()
            return discover()


class Found(importlib_metadata.Distribution):
    def __init__(self, finder):
        self.finder = finder

    def read_text(self, filename):
        self.finder.reads += 1
        if self.finder.error and self.finder.reads >= self.finder.first:
            raise self.finder.error
        return {
            "METADATA": "Metadata-Version: 2.1\nName: acme-found\nVersion: 3\n",
            "entry_points.txt": "[cngcore.algorithms]\nTOY = acme_found\n",
        }.get(filename)

    def locate_file(self, path):
        raise NotImplementedError


def test_a_finder_of_another_kind_is_asked_too(monkeypatch):
    assert Finder().scan(monkeypatch).algorithms["TOY"] == (Origin("acme-found", "3", "acme_found"),)


def reads(monkeypatch):
    """Each read of a scan without errors, counted from 1."""
    whole = Finder()
    whole.scan(monkeypatch)
    return range(1, whole.reads + 1)


def test_an_interrupt_comes_out_of_a_scan_wherever_it_arrives(monkeypatch):
    for read in reads(monkeypatch):
        with pytest.raises(KeyboardInterrupt):
            Finder(KeyboardInterrupt, read).scan(monkeypatch)


def test_an_error_at_any_read_is_a_fault_and_hides_no_other(install, monkeypatch):
    install.plain("acme-one")
    said = set()
    for read in reads(monkeypatch):
        found = Finder(ValueError, read).scan(monkeypatch)
        assert found.algorithms["TOY"] == (Origin("acme-one", "1.2.3", "acme_one"),)
        (fault,) = found.faults
        assert fault.stage == "discover"
        said.add(fault.reason)
    assert said == {"its entry points cannot be read: ValueError", "its metadata cannot be read: ValueError"}


def test_a_distribution_that_cannot_be_read_hides_no_other(install, tmp_path, monkeypatch):
    install.plain("acme-one")
    folder_with(tmp_path / "odd", "odd", "1", b"\xff\xfe", monkeypatch)
    monkeypatch.syspath_prepend(str(tmp_path / "nowhere"))
    registry = Registry()
    assert registry.open_algorithm_provider("TOY").provenance.distribution == "acme-one"
    (fault,) = registry.faults()
    assert fault.stage == "discover"
    assert "UnicodeDecodeError" in fault.reason


def test_extras_of_an_entry_point_are_not_part_of_the_module(tmp_path, monkeypatch):
    points = b"; comment\n[other]\nX = y\n\n[cngcore.algorithms]\n# no\nML-KEM=acme.kem\nTOY = acme:plugin [extra]\n"
    folder_with(tmp_path / "acme", "acme", "1", points, monkeypatch)
    found = discover().algorithms
    assert Origin("acme", "1", "acme.kem") in found["ML-KEM"]
    assert found["TOY"] == (Origin("acme", "1", "acme:plugin"),)


@pytest.mark.parametrize("name", ["Acme_One", "acme.one", "ACME--one", "acme-_.one"])
def test_names_are_compared_as_package_indexes_do(name):
    assert normalized(name) == "acme-one"


def test_registering_a_faulty_object_is_an_error_at_once():
    with pytest.raises(InternalError, match="no hook"):
        Registry(discover=False).register(object())


def test_named_plugins_are_loaded_without_a_scan(install, monkeypatch):
    module = install.plain("acme-one")
    install.plain("acme-two", name="OTHER")
    monkeypatch.setattr("importlib_metadata.entry_points", lambda: pytest.fail("it scanned"))
    registry = Registry(plugins=[module])
    assert registry.algorithms() == {"TOY": ("(named)",)}
    assert registry.open_algorithm_provider("TOY").provenance.module == module
    with pytest.raises(NotFoundError):
        registry.open_algorithm_provider("OTHER")


def test_a_named_plugin_that_cannot_be_loaded_is_an_error_at_once():
    with pytest.raises(InternalError, match="acme_nowhere"):
        Registry(plugins=["acme_nowhere"])


@pytest.mark.parametrize("setting", ["plugins", "prefer", "allow", "block", "policies"])
def test_a_string_is_no_list(setting):
    with pytest.raises(cngcore.InvalidParameterError, match="must be a list"):
        Registry(**{setting: "cngcore_rsa"})


def test_an_empty_list_means_none_and_overrides_the_environment(install, monkeypatch):
    install.plain("acme-one")
    monkeypatch.setenv("CNGCORE_BLOCK", "acme-one")
    monkeypatch.setenv("CNGCORE_PREFER", "toy")
    assert Registry(block=[]).open_algorithm_provider("TOY")
    assert Registry(prefer=[]).settings.prefer == ()
    assert Registry().settings.prefer == ("toy",)
