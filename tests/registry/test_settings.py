"""Environment, file, arguments: who wins, and what a mistake says (contract: rule-python-configuration)."""

from pathlib import Path

import pytest

from cngcore import InvalidParameterError, Registry
from cngcore.registry import config_path


@pytest.fixture
def file(tmp_path, monkeypatch, install):
    path = tmp_path / "cngcore.toml"
    monkeypatch.setenv("CNGCORE_CONFIG", str(path))
    return path


def test_the_file_is_read(file):
    file.write_text('prefer = ["a", "b"]\nallow = ["X_Y"]\nblock = "p, q"\nwindows = "7"\nstrict = true\n')
    settings = Registry(discover=False).settings
    assert settings.prefer == ("a", "b")
    assert settings.allow == {"x-y"}
    assert settings.block == {"p", "q"}
    assert settings.windows == "7"
    assert settings.strict is True


@pytest.mark.parametrize(("text", "version"), [("7", "7"), ("8.1", "8.1"), ("11", "11")])
def test_a_version_may_be_a_number_in_the_file(file, text, version):
    file.write_text(f"windows = {text}\n")
    assert Registry(discover=False).settings.windows == version


def test_the_environment_wins_over_the_file_and_arguments_over_both(file, monkeypatch):
    file.write_text('prefer = ["file"]\nwindows = "7"\nstrict = true')
    monkeypatch.setenv("CNGCORE_PREFER", "env1, env2")
    monkeypatch.setenv("CNGCORE_WINDOWS", "8")
    monkeypatch.setenv("CNGCORE_STRICT", "0")
    settings = Registry(discover=False).settings
    assert (settings.prefer, settings.windows, settings.strict) == (("env1", "env2"), "8", False)
    settings = Registry(discover=False, prefer=["argument"], windows="10", strict=True).settings
    assert (settings.prefer, settings.windows, settings.strict) == (("argument",), "10", True)


def test_nothing_set_means_the_newest_windows_and_all_allowed(install):
    settings = Registry(discover=False).settings
    assert (settings.prefer, settings.allow, settings.block, settings.windows, settings.strict) == (
        (), None, frozenset(), "11-24h2", False,
    )  # fmt: skip


def test_an_allow_list_that_is_empty_allows_nothing(install):
    install.plain("acme-one")
    assert "TOY" not in Registry(allow=[]).algorithms()


def test_the_environment_is_read_when_a_registry_is_made(install, monkeypatch):
    registry = Registry(discover=False)
    monkeypatch.setenv("CNGCORE_WINDOWS", "vista")
    assert registry.settings.windows == "11-24h2"
    assert Registry(discover=False).settings.windows == "vista"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('windows = "12"', "use one of vista"),
        ('prefr = ["x"]', "unknown key prefr; the keys are prefer"),
        ("prefer = 3", "prefer must be a list of names"),
        ("strict = 'maybe'", "strict must be true or false"),
        ('strict = "yes"', "strict must be true or false, not 'yes'"),
        ("strict = 1", "strict must be true or false, not 1"),
        ("windows = ", "is not TOML"),
        pytest.param(f"windows = {'[' * 100_000}", "is not TOML", id="nested without end"),
        ("windows = true", "knows no Windows version True"),
        ("lock = 5", "lock must be the path of a file, not 5"),
    ],
)
def test_a_mistake_in_the_file_says_what_and_what_to_do(file, text, said):
    file.write_text(text)
    with pytest.raises(InvalidParameterError, match=said):
        Registry(discover=False)


def test_a_file_that_is_named_must_exist(file):
    with pytest.raises(InvalidParameterError, match="which does not exist"):
        Registry(discover=False)


@pytest.mark.parametrize("named", [True, False], ids=["named", "the user's"])
def test_a_file_that_cannot_be_read_is_an_error_and_not_an_absent_one(file, tmp_path, monkeypatch, named):
    """Its policies and its lock would be passed over."""
    if not named:
        monkeypatch.delenv("CNGCORE_CONFIG")
    path = config_path()
    Path(path).mkdir(parents=True)
    with pytest.raises(InvalidParameterError, match="cannot be read: "):
        Registry(discover=False)


def test_the_file_in_the_users_directory_is_found(install, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    folder = tmp_path / "config" / "cngcore"
    folder.mkdir(parents=True)
    (folder / "cngcore.toml").write_text('windows = "8.1"')
    assert config_path() == str(folder / "cngcore.toml")
    assert Registry(discover=False).settings.windows == "8.1"


@pytest.mark.parametrize(
    ("platform", "ending"),
    [
        ("darwin", "Library/Application Support/cngcore/cngcore.toml"),
        ("win32", "cngcore/cngcore/cngcore.toml"),
    ],
)
def test_other_systems_have_other_places(install, monkeypatch, platform, ending):
    monkeypatch.setattr("sys.platform", platform)
    assert config_path().endswith(ending)


@pytest.mark.parametrize("text", ['block = [" cngcore-rsa "]', 'block = ["CNGCORE.RSA "]', 'block = "cngcore_rsa , x"'])
def test_names_are_stripped_in_every_form(file, text):
    file.write_text(text)
    assert "cngcore-rsa" in Registry(discover=False).settings.block


@pytest.mark.parametrize("name", ["cngcore-rsa==0.1.0", "cngcore-rsa x", "cngcore-rsa;x", "cngcore*", "-", ""])
@pytest.mark.parametrize("setting", ["allow", "block"])
def test_what_cannot_be_a_distribution_is_refused(setting, name):
    with pytest.raises(InvalidParameterError, match="must name distributions"):
        Registry(discover=False, **{setting: [name]})
