"""The lock of the providers: what matches is imported, anything else is refused before it is."""

import json
import os
import py_compile
import shutil
import sys
from importlib import import_module
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path

import pytest

from cngcore import InvalidParameterError, NotFoundError, Registry
from cngcore.cli.app import run
from cngcore.registry import using
from cngcore.registry._lock import ProviderLock as Lock

PATH = list(sys.path)
"""The folders of Python's own modules too; the fixture ``locked`` leaves only one."""


@pytest.fixture
def locked(install, tmp_path, monkeypatch):
    """A provider and a hook plug-in, and a lock of both in force; the folder they are installed in."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    install.plain("acme-toy")
    source = (
        "from cngcore.provider import hookimpl\n@hookimpl\ndef cngcore_choose(algorithm, candidates): return None\n"
    )
    install("acme-hook", source, "hook", group="cngcore.hooks")
    file = tmp_path / "cngcore.lock"
    file.write_text(Lock.of_installed().to_json())
    monkeypatch.setenv("CNGCORE_LOCK", str(file))
    return tmp_path


def refused():
    """Why the toy was refused; and it was not imported."""
    registry = Registry()
    with pytest.raises(NotFoundError) as caught:
        registry.open_algorithm_provider("TOY")
    assert "acme_toy" not in sys.modules, "it was imported all the same"
    (fault,) = [fault for fault in registry.faults() if fault.distribution == "acme-toy"]
    assert fault.stage == "lock"
    assert "cng providers lock" in fault.remedy
    assert fault.reason in str(caught.value)
    (record,) = [record for record in registry.providers() if record["distribution"] == "acme-toy"]
    assert record["state"] == "skipped"
    return fault.reason


def test_what_matches_the_lock_serves(locked):
    registry = Registry()
    assert registry.generate_key_pair("TOY", 8).sign_hash(b"x") == b"ok"
    assert registry.faults() == []


def test_a_changed_file_is_refused(locked):
    with (locked / "acme_toy.py").open("a") as file:
        file.write("# a line more\n")
    assert refused() == "acme_toy.py is not the file of the lock"


def test_another_version_is_refused(locked):
    info = (locked / "acme_toy-1.2.3.dist-info").rename(locked / "acme_toy-1.2.4.dist-info")
    (info / "METADATA").write_text((info / "METADATA").read_text().replace("1.2.3", "1.2.4"))
    assert refused() == "it is version 1.2.4, the lock has 1.2.3"


def test_a_newcomer_is_refused(locked, install):
    lock = json.loads((locked / "cngcore.lock").read_text())
    del lock["distributions"]["acme-toy"]
    (locked / "cngcore.lock").write_text(json.dumps(lock))
    assert refused() == "it is not in the lock"


def test_another_entry_point_is_refused(locked):
    points = locked / "acme_toy-1.2.3.dist-info" / "entry_points.txt"
    points.write_text(points.read_text().replace("acme_toy", "acme_other"))
    assert refused() == "the lock has no module acme_other of it"


def test_a_module_of_that_name_from_elsewhere_is_refused(locked, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("first")
    (elsewhere / "acme_toy.py").write_text("raise SystemExit('shadowed')\n")
    sys.path.insert(0, str(elsewhere))
    assert refused() == "acme_toy.py is not the file of the lock"


def test_a_hook_plugin_is_held_to_the_lock_too(locked):
    with (locked / "acme_hook.py").open("a") as file:
        file.write("raise SystemExit\n")
    registry = Registry()
    registry.generate_key_pair("TOY", 8)
    assert [(fault.distribution, fault.stage) for fault in registry.faults()] == [("acme-hook", "lock")]


@pytest.mark.parametrize("change", ["added", "removed", "renamed"])
def test_the_files_of_a_package_are_counted(locked, install, change, monkeypatch):
    package = locked / "acme_toy"
    package.mkdir()
    (locked / "acme_toy.py").rename(package / "__init__.py")
    (package / "data.bin").write_bytes(b"\0")
    (locked / "cngcore.lock").write_text(Lock.of_installed().to_json())
    if change == "added":
        (package / "more.py").write_text("")
    elif change == "removed":
        (package / "data.bin").unlink()
    else:
        (package / "data.bin").rename(package / "data2.bin")
    assert refused().startswith("its files are not those of the lock: acme_toy/")


def compiled(source, code):
    """A byte-code cache for ``source`` that holds ``code`` and that Python would take for its own."""
    impostor = source.with_name("impostor.py")
    impostor.write_text(code)
    stat = source.stat()
    impostor.write_text(code.ljust(stat.st_size, "#") if len(code) < stat.st_size else code)
    os.utime(impostor, (stat.st_atime, stat.st_mtime))
    cache = cache_from_source(str(source))
    py_compile.compile(str(impostor), cfile=cache, dfile=str(source), doraise=True)
    impostor.unlink()
    return Path(cache)


def test_a_byte_code_cache_that_is_not_of_its_source_is_refused(locked):
    compiled(locked / "acme_toy.py", "import sys\nsys.exit('from the cache')\n")
    assert refused() == "the byte-code cache of acme_toy.py is not made from it; remove it"


def test_an_honest_cache_is_taken(locked):
    source = locked / "acme_toy.py"
    compiled(source, source.read_text())
    Registry().generate_key_pair("TOY", 8)


def test_a_stale_cache_is_passed_over_as_python_does(locked):
    source = locked / "acme_toy.py"
    compiled(source, "import sys\nsys.exit('stale')\n")
    os.utime(source, (1, 1))
    Registry().generate_key_pair("TOY", 8)


@pytest.mark.parametrize("header", [b"\xcb\x0d\r\n", bytes(4)], ids=["another Python", "nothing"])
def test_a_cache_of_another_python_is_passed_over_as_python_does(locked, header):
    """Its first four bytes name the interpreter that wrote it; every other one compiles the source instead."""
    assert header != MAGIC_NUMBER
    cache = compiled(locked / "acme_toy.py", "import sys\nsys.exit('from the cache')\n")
    cache.write_bytes(header + cache.read_bytes()[4:])
    Registry().generate_key_pair("TOY", 8)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        ("no json", "is not JSON"),
        pytest.param("[" * 100_000, "is not JSON", id="nested without end"),
        ("[]", "is not a lock of this version"),
        ('{"cngcore_lock": 2, "distributions": {}}', "is not a lock of this version"),
        ('{"cngcore_lock": 1, "distributions": {"acme": 7}}', "is not a lock of this version"),
        ('{"cngcore_lock": 1, "distributions": {"acme": {"version": "1", "modules": {"m": 7}}}}', "is not a lock"),
    ],
)
def test_a_lock_that_cannot_be_read_is_an_error_and_nothing_is_imported(install, tmp_path, monkeypatch, content, said):
    install.plain("acme-toy")
    file = tmp_path / "some.lock"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("CNGCORE_LOCK", str(file))
    with pytest.raises(InvalidParameterError, match=said):
        Registry()


def test_a_relative_lock_in_the_configuration_counts_from_its_file(locked, monkeypatch):
    monkeypatch.delenv("CNGCORE_LOCK")
    (locked / "cngcore.toml").write_text('lock = "cngcore.lock"\n')
    monkeypatch.setenv("CNGCORE_CONFIG", str(locked / "cngcore.toml"))
    with (locked / "acme_toy.py").open("a") as file:
        file.write("\n")
    assert refused() == "acme_toy.py is not the file of the lock"


def test_a_lock_of_this_installation_covers_ours():
    lock = Lock.of_installed()
    files = lock.distributions["cngcore-rsa"]["modules"]["cngcore_rsa"]
    assert {"cngcore_rsa/__init__.py", "cngcore_rsa/keys.py"} <= set(files)
    assert all(digest.startswith("sha256:") for digest in files.values())


FACTORY_ELSEWHERE = """
from cngcore.provider import Algorithm, ExactLength, hookimpl

@hookimpl
def cngcore_register_algorithms():
    return [Algorithm("TOY", "toy", {{"sign"}}, ExactLength(8), {name}="{path}:{object}", **{more})]
"""


@pytest.mark.parametrize("name", ["factory", "probe"])
@pytest.mark.parametrize("recorded", [True, False], ids=["in RECORD", "not in RECORD"])
def test_code_in_another_module_of_the_distribution_is_held_to_the_lock(locked, install, name, recorded):
    """A second top-level module: covered by RECORD, or refused because nothing covers it."""
    more = "{}" if name == "factory" else "{'factory': 'acme_toy:Factory'}"
    text = FACTORY_ELSEWHERE.format(name=name, path="acme_second", object="thing", more=more)
    (locked / "acme_toy.py").write_text(text)
    second = locked / "acme_second.py"
    second.write_text("def thing(*_): return None\n")
    if recorded:
        record = "acme_toy.py,,\nacme_second.py,,\n"
        (locked / "acme_toy-1.2.3.dist-info" / "RECORD").write_text(record)
    (locked / "cngcore.lock").write_text(Lock.of_installed().to_json())
    if recorded:
        assert Registry().open_algorithm_provider("TOY")
        del sys.modules["acme_toy"]
        second.write_text("raise SystemExit('changed')\n")
        assert refused() == "acme_second.py is not the file of the lock"
    else:
        registry = Registry()
        with pytest.raises(NotFoundError, match="names acme_second, which the lock does not cover"):
            registry.open_algorithm_provider("TOY")
        assert "acme_second" not in sys.modules


def test_of_a_record_the_code_is_locked_and_nothing_else(locked):
    """Scripts, metadata and byte code change with the place and the version of Python."""
    others = ["acme_toy-1.2.3.dist-info/METADATA", "__pycache__/acme_second.cpython-311.pyc", "../bin/acme.py", "a.txt"]
    files = [locked / name for name in others]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.touch()
    (locked / "acme_second.py").touch()
    (locked / "acme_toy-1.2.3.dist-info" / "RECORD").write_text(
        ",,\n".join(["acme_toy.py", "acme_second.py", *others, ""])
    )
    (locked / "cngcore.lock").write_text(Lock.of_installed().to_json())
    for file in files:
        with file.open("a") as other:
            other.write("\n")
    assert Registry().open_algorithm_provider("TOY")


def test_a_linked_folder_is_held_to_the_lock(locked, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("linked")
    (elsewhere / "__init__.py").write_text("")
    package = locked / "acme_toy"
    package.mkdir()
    (locked / "acme_toy.py").rename(package / "__init__.py")
    (package / "sub").symlink_to(elsewhere, target_is_directory=True)
    (package / "loop").symlink_to(package, target_is_directory=True)
    (locked / "cngcore.lock").write_text(Lock.of_installed().to_json())
    assert Registry().open_algorithm_provider("TOY")
    del sys.modules["acme_toy"]
    (elsewhere / "__init__.py").write_text("raise SystemExit\n")
    assert refused().endswith("sub/__init__.py is not the file of the lock")


def test_a_sibling_in_a_namespace_package_is_held_to_the_lock(locked):
    space = locked / "acme_space"
    space.mkdir()
    text = FACTORY_ELSEWHERE.format(name="factory", path="acme_space.other", object="thing", more="{}")
    (space / "plug.py").write_text(text)
    (space / "other.py").write_text("def thing(*_): return None\n")
    points = locked / "acme_toy-1.2.3.dist-info" / "entry_points.txt"
    points.write_text(points.read_text().replace("acme_toy", "acme_space.plug"))
    (locked / "cngcore.lock").write_text(Lock.of_installed().to_json())
    with pytest.raises(NotFoundError, match=r"names acme_space\.other, which the lock does not cover"):
        Registry().open_algorithm_provider("TOY")


def test_a_locked_distribution_that_is_gone_is_named(locked, capsys, monkeypatch):
    """An operator who locked a provider wants to know that it is not there any more."""
    assert Registry().missing() == {}
    for path in locked.glob("acme_hook*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    registry = Registry()
    assert registry.missing() == {"acme-hook": "1.2.3"}
    assert "acme-hook 1.2.3 is in the lock but not installed" in registry.explain("TOY").notes
    monkeypatch.setattr(sys, "path", PATH)  # for what the command imports; the registry knows what is installed
    with using(registry):
        assert run(["providers", "--json"]) == 0
        states = {record["distribution"]: record["state"] for record in json.loads(capsys.readouterr().out)}
        assert states == {"acme-toy": "loaded", "acme-hook": "not installed"}
        run(["providers"])
        assert "In the lock but not installed: acme-hook" in capsys.readouterr().out
        run(["doctor", "--no-selftest", "--json"])
        found = {one["name"]: one for one in json.loads(capsys.readouterr().out)["findings"] if one["ok"] is None}
    assert found["lock"]["message"] == "acme-hook 1.2.3 is in the lock but not installed"


def test_a_broken_provider_is_left_out_of_the_lock_and_named(locked, install, capsys, monkeypatch):
    """The others are locked; what a lock lacks is refused."""
    monkeypatch.delenv("CNGCORE_LOCK")
    monkeypatch.setattr(sys, "path", PATH)
    install("acme-broken", "", "BROKEN")
    (locked / "acme_broken.py").unlink()
    path = locked / "new.lock"
    import_module("cngcore.cli.commands.providers")
    monkeypatch.setattr(sys, "path", [str(locked)])
    assert run(["providers", "lock", "--out", str(path)]) == 1
    assert "acme-broken is not in the lock, so it will be refused: " in capsys.readouterr().err
    assert sorted(json.loads(path.read_text())["distributions"]) == ["acme-hook", "acme-toy"]
    assert run(["providers", "lock", "--out", "-"]) == 1
    out, err = capsys.readouterr()
    assert out == path.read_text()
    assert "acme-broken" in err
