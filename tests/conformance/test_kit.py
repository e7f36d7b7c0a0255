"""The kit as its user meets it: pytest's command line, the class to inherit, the reports, and what it costs unused."""

import base64
import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conformance.deviations import DEVIATIONS
from conformance.workshop import BRIEF, SYMMETRIC_TOY, TOY, importable, install
from helpers import python

import cngcore
from cngcore import conformance
from cngcore.bcrypt import _handles as handles
from cngcore.conformance import _html as page
from cngcore.conformance._check import CHECKS, Failure, check
from cngcore.conformance._reference import table
from cngcore.conformance._secrets import usual
from cngcore.conformance._subject import Provider, UnknownProviderError
from cngcore.conformance._vectorfiles import built_in, cases_in
from cngcore.conformance.checks import load
from cngcore.conformance.checks.malformed import _SIZE_FIELDS
from cngcore.conformance.checks.secrecy import Secrets, _numbers
from cngcore.registry import using

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "conformance.md"


def pytest_in(folder, *arguments, path=None, program=""):
    """Run pytest in a folder, with a folder of distributions on the path."""
    start = f"import sys; sys.path.insert(0, {str(path or folder)!r}); {program}import pytest; "
    start += f"sys.exit(pytest.main({['-p', 'no:cacheprovider', '-W', 'error', *arguments]!r}))"
    return subprocess.run([sys.executable, "-c", start], cwd=folder, capture_output=True, text=True, timeout=300)


@pytest.fixture
def shop(tmp_path):
    """A folder for distributions, and an empty one to work in."""
    (tmp_path / "site").mkdir()
    (tmp_path / "work").mkdir()
    return tmp_path / "site", tmp_path / "work"


# --- the command line ----------------------------------------------------------------------------------------


def test_the_command_line_tests_a_right_provider_from_an_empty_folder(shop):
    """Two of its algorithms: test_bad_providers has the kit pass all of it."""
    site, work = shop
    package = install(site, "right")
    run = pytest_in(
        work, f"--cng-provider={package}", "--cng-report=out.json", "--cng-report=out.html", "-q",
        "-k", "SHA256 or ECDH_P256 or entry-points", path=site,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "conformance of toy-right" in run.stdout
    assert "toy-right 0.1 conforms" in run.stdout
    report = json.loads((work / "out.json").read_text())
    assert report["format"] == "cngcore-conformance"
    assert report["version"] == 2
    assert report["verdict"]["conforms"] is True
    assert report["verdict"]["failed"] == 0
    assert report["verdict"]["passed"] == sum(one["result"] == "passed" for one in report["outcomes"]) > 50
    assert {one["algorithm"] for one in report["outcomes"]} == {"", "SHA256", "ECDH_P256"}
    assert report["provider"] == {
        "name": "toy-right", "distribution": "toy-right", "version": "0.1", "modules": ["toy_right"],
    }  # fmt: skip
    assert set(report["checks"]) == set(load())
    assert all(set(one) == set(report["outcomes"][0]) for one in report["outcomes"])
    assert report["not_applicable"]["SHA256 (toy)"]["sign-verify"] == "it is not for sign"
    assert "toy-right 0.1 conforms" in (work / "out.html").read_text()


def test_the_command_line_fails_a_wrong_provider_and_says_what_to_do(shop):
    site, work = shop
    package = install(site, "der", DEVIATIONS["signature-in-DER"].changes)
    run = pytest_in(work, "--cng-provider=toy-der", "-q", "-k", "signature-format or registration", path=site)
    assert run.returncode == 1
    for said in (
        "FAILED signature-format", "ECDSA_P256 (toy), 256 bits", "contract: rule-sign-ecdsa", "remedy:",
        "toy-der 0.1 does not conform: signature-format", "checks/signatures.py:",
    ):  # fmt: skip
        assert said in run.stdout, said
    assert "Traceback" not in run.stdout
    assert package == "toy_der"


def test_several_providers_and_a_report_that_cannot_be_written(shop):
    site, work = shop
    install(site, "one")
    run = pytest_in(
        work, "--cng-provider=toy-one", "--cng-provider=cngcore-hash", "--cng-report=out.json", "-q",
        "-k", "registration and not again", path=site,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    reports = json.loads((work / "out.json").read_text())
    assert [report["provider"]["name"] for report in reports] == ["toy-one", "cngcore-hash"]
    wrong = pytest_in(work, "--cng-provider=toy-one", "--cng-report=out.pdf", "-q", path=site)
    assert wrong.returncode == 4
    assert "out.pdf ends in neither .html nor .json" in wrong.stderr + wrong.stdout


def test_a_provider_that_is_not_there_is_a_usage_error(shop):
    run = pytest_in(shop[1], "--cng-provider=no_such_provider")
    assert run.returncode == 4
    assert "no installed distribution provides 'no_such_provider'" in run.stderr + run.stdout


def test_without_an_option_nothing_is_added(shop):
    (shop[1] / "test_own.py").write_text("def test_own():\n    assert True\n")
    run = pytest_in(shop[1], "-q", program="", path=shop[0])
    assert run.returncode == 0
    assert "1 passed" in run.stdout
    assert "conform" not in run.stdout


# --- the class to inherit --------------------------------------------------------------------------------------

_SUITE = """
from cngcore.conformance import ProviderSuite

class TestConformance(ProviderSuite):
    provider = {provider!r}
    algorithms = ("SHA256",)
"""


def test_the_class_runs_the_same_checks(shop):
    site, work = shop
    install(site, "hash", DEVIATIONS["copies-share-their-state"].changes)
    (work / "test_it.py").write_text(_SUITE.format(provider="toy-hash"))
    run = pytest_in(work, "-q", "--cng-report=out.json", path=site)
    assert run.returncode == 1
    assert "TestConformance::test_conformance[hash-life[SHA256/toy]]" in run.stdout
    assert "FAILED hash-life" in run.stdout
    assert "toy-hash 0.1 does not conform: hash-life" in run.stdout
    report = json.loads((work / "out.json").read_text())
    assert {one["algorithm"] for one in report["outcomes"]} == {"", "SHA256"}


def test_option_and_class_together_run_each_check_once(shop):
    site, work = shop
    install(site, "both")
    (work / "test_it.py").write_text(_SUITE.format(provider="toy-both"))
    run = pytest_in(work, "-q", "--cng-provider=toy_both", "--cng-report=out.json", "-k", "registration", path=site)
    assert run.returncode == 0, run.stdout
    report = json.loads((work / "out.json").read_text())
    subjects = [(one["check"], one["algorithm"], one["kind"]) for one in report["outcomes"]]
    assert len(subjects) == len(set(subjects))
    assert {"SHA256", "RSA", ""} <= {one["algorithm"] for one in report["outcomes"]}


def test_the_class_without_a_provider_says_so(shop):
    (shop[1] / "test_it.py").write_text(_SUITE.format(provider=""))
    run = pytest_in(shop[1], "-q")
    assert run.returncode != 0
    assert "set provider to the distribution or module" in run.stdout + run.stderr


# --- what it costs ------------------------------------------------------------------------------------------------


def test_the_entry_point_imports_next_to_nothing():
    program = (
        "import sys; before = set(sys.modules); import cngcore.conformance.plugin; "
        "print(*sorted(set(sys.modules) - before))"
    )
    run = python(program, "-I")
    modules = run.stdout.split()
    own = ["cngcore", "cngcore._imports", "cngcore.conformance", "cngcore.conformance.plugin"]
    assert [name for name in modules if name.startswith("cngcore")] == own
    assert not {"pluggy", "dataclasses", "inspect", "pytest"} & set(modules)


def test_the_entry_point_is_registered():
    from importlib.metadata import entry_points

    (point,) = [one for one in entry_points(group="pytest11") if one.name == "cngcore_conformance"]
    assert point.value == "cngcore.conformance.plugin"


def test_without_pytest_the_class_says_what_to_install_and_run_works():
    program = (
        "import sys; sys.modules['pytest'] = None\nimport cngcore.conformance as kit\n"
        "print(kit.run('cngcore-hash', algorithms=['RNG'], checks=['random']).verdict)\n"
        "try:\n    kit.ProviderSuite\nexcept ModuleNotFoundError as error:\n    print(error)\n"
    )
    run = python(program)
    assert "cngcore-hash 0.1.0 conforms, as far as was tested (1 passed" in run.stdout
    assert "install the extra cngcore[conformance]" in run.stdout


# --- from Python ----------------------------------------------------------------------------------------------------


def test_a_module_that_is_not_installed_is_tested_without_its_metadata(tmp_path):
    package = install(tmp_path, "loose")
    (tmp_path / f"{package}-0.1.dist-info" / "entry_points.txt").unlink()
    with importable(tmp_path, package):
        report = conformance.run(package, algorithms=["SHA256"], checks=BRIEF)
    assert report.conforms, report.text()
    (skipped,) = [one for one in report.outcomes if one.check == "entry-points"]
    assert skipped.reason == "it is not installed as a distribution"


def test_distribution_module_and_both_name_the_same_provider(tmp_path):
    package = install(tmp_path, "named")
    with importable(tmp_path, package):
        found = [Provider.find(spec) for spec in ("toy-named", "toy_named", "Toy_Named", "toy-named:toy_named")]
        assert {(one.distribution, one.modules) for one in found} == {("toy-named", ("toy_named",))}
        with pytest.raises(UnknownProviderError):
            Provider.find("toy-named:another_module")


@pytest.mark.parametrize(
    ("algorithm", "more"),
    [
        ("RSA", {"length": 512}), ("DSA", {"length": 512}), ("DH", {"length": 512}), ("ECDH", {"curve": "nistP384"}),
        ("ML-KEM", {"parameter_set": "512"}), ("ML-DSA", {"parameter_set": "44"}),
    ],
)  # fmt: skip
def test_the_offsets_of_the_lengths_in_blobs(algorithm, more):
    """contract: rule-layout: a DWORD there is no more than the length of the blob in bits, and 0 for a seed only."""
    declared = cngcore.open_algorithm_provider(algorithm).declaration
    with cngcore.generate_key_pair(algorithm, **more) as key:
        for name in set(declared.blob_types) & set(_SIZE_FIELDS):
            blob = bytes(key.export(name))
            lengths = [int.from_bytes(blob[at : at + 4], "little") for at in _SIZE_FIELDS[name]]
            assert all(at % 4 == 0 for at in _SIZE_FIELDS[name])
            assert max(lengths) <= 8 * len(blob)


@pytest.mark.parametrize(
    ("rule", "usual_length"),
    [("KeyLengths(64, 128, 8)", 16), ("KeyLengths(80, 80, 0)", 10), ("KeyLengths(0, 40, 40)", 5)],
)
def test_the_usual_secret_has_a_legal_length(tmp_path, rule, usual_length):
    package = install(tmp_path, "rule", [("__init__.py", "KeyLengths(64, 128, 8)", rule)], source=SYMMETRIC_TOY)
    with importable(tmp_path, package):
        (rc2,) = [one for one in Provider.find(package).implementations if one.algorithm.name == "RC2"]
        assert len(usual(rc2)) == usual_length


@pytest.mark.parametrize("name", ["HKDF", "PBKDF2"])
def test_the_note_counts_the_vectors_of_the_algorithm(name):
    count = sum(case.get("algorithm") == name for case in built_in())
    (outcome,) = conformance.run("cngcore-kdf", algorithms=[name], checks=["vectors"]).outcomes
    assert count > 0
    assert (outcome.result, outcome.note) == ("passed", f"{count} vectors")


def test_a_mac_that_declares_no_lengths_is_used_with_an_empty_secret(tmp_path):
    lengths = '        {"hash"},\n        AES_LENGTHS,\n'
    package = install(tmp_path, "any", [("__init__.py", lengths, '        {"hash"},\n')], source=SYMMETRIC_TOY)
    with importable(tmp_path, package):
        (cmac,) = [one for one in Provider.find(package).implementations if one.algorithm.name == "AES-CMAC"]
        assert usual(cmac) == b""


def test_an_unknown_check_is_named():
    with pytest.raises(LookupError, match="there is no check named no-such-check"):
        conformance.run("cngcore-hash", checks=["no-such-check"])


def test_an_unavailable_implementation_is_skipped_with_its_reason(tmp_path):
    old = '    """cryptography\'s own wheel has ML-KEM."""\n'
    new = '    raise ProviderUnavailableError("no such library here", "Install it.")\n'
    imports = "from cngcore.provider import KeyFactory, KeyMaterial\n"
    changes = [
        ("mlkem.py", old, new),
        ("mlkem.py", imports, imports.replace("KeyMaterial", "KeyMaterial, ProviderUnavailableError")),
    ]
    package = install(tmp_path, "missing", changes)
    with importable(tmp_path, package):
        report = conformance.run(package, algorithms=["ML-KEM"], checks=BRIEF)
    assert report.conforms
    assert "unavailable here and not tested: ML-KEM (toy)" in report.verdict
    assert [one.check for one in report.outcomes if one.algorithm] == ["probe", "declaration"]
    assert "no such library here. Install it." in next(one.reason for one in report.outcomes if one.check == "probe")


def test_an_unavailable_cipher_is_not_used_in_the_processes_of_the_kit(tmp_path):
    """Nor is a factory that cannot be made; the other algorithms of the provider are tested there."""
    probe = """

def probe():
    from cngcore.provider import ProviderUnavailableError

    raise ProviderUnavailableError("no such library here", "Install it.")


def aes():
"""
    factory = '        factory="toy_cng.ciphers:AesFactory",\n'
    changes = [
        ("__init__.py", "\n\ndef aes():\n", probe),
        ("__init__.py", factory, factory.replace("AesFactory", "NoFactory") + '        probe="toy_cng:probe",\n'),
    ]
    package = install(tmp_path, "no-aes", changes, source=SYMMETRIC_TOY)
    with importable(tmp_path, package):
        report = conformance.run(package, checks=["process-state", "processes-agree"])
    assert report.counts["passed"] == 2, report.text()


# --- the report -------------------------------------------------------------------------------------------------------


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_well_formed_self_contained_and_escaped(tmp_path):
    package = install(
        tmp_path, "page", [("__init__.py", '__version__ = "0.1"', '__version__ = "<script>alert(1)</script>"')]
    )
    with importable(tmp_path, package):
        report = conformance.run(
            package, algorithms=["ECDSA_P256"], checks=["keys-differ", "differential", "registration"]
        )
    report.version = "<script>alert(1)</script>"
    report.outcomes[0].result = "failed"
    report.outcomes[0].came = "<b>&\"'"
    text = page.render([report])
    reader = _Reader()
    reader.feed(text)
    assert not reader.open
    assert "script" not in reader.seen
    assert "link" not in reader.seen
    assert "&lt;b&gt;&amp;" in text
    assert "http" not in text


def test_every_check_has_a_description_a_rule_and_a_remedy():
    for one in load().values():
        assert one.description.endswith("."), one.name
        assert len(one.rule) > 5, one.name
        assert one.remedy.endswith("."), one.name


def test_two_checks_cannot_have_one_name():
    with pytest.raises(ValueError, match="two checks named 'agree'"):
        check("agree", "key", rule="", remedy="")(lambda kind: None)
    with pytest.raises(ValueError, match="level 'none'"):
        check("another", "none", rule="", remedy="")
    assert "another" not in CHECKS


def test_the_reference_page_has_the_table_of_the_checks():
    """The table in the documentation is the one the kit prints: ``python -m cngcore.conformance._reference``."""
    assert table().strip() in DOCS.read_text(encoding="utf-8")


# --- its instruments --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        bytes.hex, lambda data: data.hex().upper(), repr, lambda data: repr(bytearray(data)),
        lambda data: data.decode("latin-1"), lambda data: data.hex(" "),
        lambda data: str(int.from_bytes(data)), lambda data: hex(int.from_bytes(data)), lambda data: str(list(data)),
        lambda data: base64.b64encode(data).decode(), lambda data: "x" + data[::-1].hex(),
        lambda data: data[4:20].hex(), lambda data: data.hex(":"),
    ],
)  # fmt: skip
def test_a_secret_is_found_in_every_form(form):
    secret = bytes(range(16, 240, 7))
    secrets = Secrets()
    secrets.add(b"head" + secret, b"head")
    secrets.add_number(secret)
    assert secrets.found_in(f"before {form(secret)} after")
    assert not secrets.found_in(f"before {form(bytes(range(3, 35)))} after")


def test_vectors_are_there_with_their_licences():
    cases = built_in()
    assert len(cases) > 150
    assert {case["does"] for case in cases} == {
        "verify",
        "sign",
        "decrypt",
        "agree",
        "decapsulate",
        "public",
        "import",
        "digest",
        "encrypt",
        "seal",
        "wrap",
        "mac",
        "derive",
    }
    folder = Path(conformance.__file__).parent / "vectors"
    assert {path.name for path in folder.iterdir()} >= {"LICENSE-Apache-2.0.txt", "NOTICE-NIST.txt", "wycheproof.json"}
    assert len({(case["id"], case["does"], case.get("blob_type")) for case in cases}) == len(cases)


def test_vectors_that_are_not_there_are_an_error(shop):
    with pytest.raises(FileNotFoundError, match="there are no vectors at nowhere"):
        cases_in("nowhere")
    with pytest.raises(FileNotFoundError, match="there are no vectors at nowhere"):
        conformance.run("cngcore-hash", vectors="nowhere")
    run = pytest_in(shop[1], "--cng-provider=cngcore-hash", "--cng-vectors=nowhere")
    assert run.returncode == 4
    assert "--cng-vectors: there are no vectors at nowhere" in run.stdout + run.stderr


def test_a_report_that_could_not_be_written_is_told_before_a_check_runs(shop):
    run = pytest_in(shop[1], "--cng-provider=cngcore-hash", "--cng-report=nowhere/out.html")
    assert run.returncode == 4
    assert "--cng-report: there is no folder nowhere" in run.stdout + run.stderr
    assert "conforms" not in run.stdout


def test_the_private_number_of_a_long_dsa_key_is_known_whole():
    """Of a blob of version 2 x is as long as q, which may be 32 bytes."""
    head = b"DPV2" + b"".join(n.to_bytes(4, "little") for n in (256, 1, 1, 32, 32))
    x = bytes(range(1, 33))
    assert list(_numbers("DSAPRIVATEBLOB", head + bytes(4 + 32 + 32 + 3 * 256) + x)) == [x]
    assert list(_numbers("DSAPRIVATEBLOB", b"DSPV" + bytes(900) + x[:20])) == [x[:20]]


def test_a_check_that_fails_leaves_no_handle_open():
    [one] = [one for one in Provider.find("cngcore-ec").implementations if one.algorithm.name == "ECDSA_P256"]
    with using(one.registry):
        before = handles.open_handles()
        with one.kinds[0].flat_key():
            assert handles.open_handles() == before + 2
        assert handles.open_handles() == before
        with pytest.raises(Failure), one.kinds[0].flat_key():
            raise Failure("this", "that")
        assert handles.open_handles() == before


PROXY = """

class Proxy:
    @property
    def __class__(self):
        raise RuntimeError("working outside of a request")

    def __getattr__(self, name):
        raise RuntimeError("working outside of a request")


request = Proxy()
"""


@pytest.mark.parametrize(
    ("source", "file", "checks"),
    [(TOY, "ec.py", ["nothing-leaks", "secret-reachable"]), (SYMMETRIC_TOY, "ciphers.py", ["symmetric-leaks"])],
    ids=["keys", "symmetric"],
)
def test_an_object_that_cannot_be_asked_for_its_class_disturbs_nobody(tmp_path, source, file, checks):
    """As a proxy of a web framework outside of a request."""
    package = install(tmp_path, "proxy", source=source)
    path = tmp_path / package / file
    path.write_text(path.read_text() + PROXY)
    with importable(tmp_path, package):
        report = conformance.run(package, algorithms=["ECDSA_P256", "AES"], checks=checks)
        assert sys.modules[f"{package}.{file[:-3]}"].request is not None
    assert [one.result for one in report.outcomes] == ["passed"] * len(checks), report.text()


def test_more_vectors_are_put_and_a_wrong_one_fails(tmp_path):
    case = {"id": "mine 1", "does": "digest", "hash": "SHA256", "data": "616263", "digest": "00" * 32}
    (tmp_path / "mine.json").write_text(json.dumps({"format": "cngcore-vectors", "version": 1, "cases": [case]}))
    (tmp_path / "other.json").write_text("[1, 2]")
    report = conformance.run("cngcore-hash", vectors=str(tmp_path), algorithms=["SHA256"], checks=["vectors"])
    assert report.failed_checks == {"vectors"}
    assert report.failed[0].doing == "mine 1: hashing"


def test_the_operators_policies_are_left_out(monkeypatch):
    monkeypatch.setenv("CNGCORE_POLICIES", "no-such-policy")
    assert conformance.run("cngcore-hash", algorithms=["SHA256"], checks=BRIEF).conforms


# --- one fault is told once -------------------------------------------------------------------------------------


def outcomes(tmp_path, changes, algorithm, **more):
    package = install(tmp_path, "odd", changes)
    with importable(tmp_path, package):
        return conformance.run(package, algorithms=[algorithm], **more)


def test_a_factory_that_cannot_be_made_fails_one_check_and_skips_the_rest(tmp_path):
    report = outcomes(
        tmp_path, [("__init__.py", "toy_cng.rsa:RsaFactory", "toy_cng.rsa:RsaFaktory")], "RSA", checks=BRIEF
    )
    assert report.failed_checks == {"factory"}
    skipped = [one.reason for one in report.outcomes if one.result == "skipped" and one.algorithm]
    assert set(skipped) == {"its factory cannot be made: see the check factory"}
    assert len(skipped) > 30


def test_a_length_that_the_library_refuses_is_told_once_with_its_remedy(tmp_path):
    change = ("__init__.py", "KeyLengths(1024, 1088, 64)", "KeyLengths(512, 1088, 64)")
    checks = ["length-honoured", "length-rule", "sign-verify", "encrypt-decrypt", "keys-differ", "blob-round-trip"]
    report = outcomes(tmp_path, [change], "RSA", checks=checks)
    failed = [one for one in report.failed if one.kind == "512 bits"]
    assert len(failed) == 1
    assert "declare a narrower length rule" in failed[0].remedy
    assert "ValueError" in failed[0].came
    assert ".py:" in failed[0].came
    assert "report it to the provider's author" not in report.text()
    assert any(one.kind == "1024 bits" and one.result == "passed" for one in report.outcomes)


def test_no_padding_schemes_is_told_by_the_declaration(tmp_path):
    checks = ["declaration", "vectors", "sign-verify", "encrypt-decrypt", "signature-padding", "blob-mutations",
              "paddings-random", "blob-round-trip"]  # fmt: skip
    report = outcomes(tmp_path, DEVIATIONS["no-padding-schemes-for-rsa-blobs"].changes, "RSA", checks=checks)
    assert report.failed_checks == {"declaration"}, report.text()
    assert 'Declare Property("PaddingSchemes"' in report.text()
    assert "Declare Property(&quot;PaddingSchemes&quot;" in page.render([report])
    assert any("see the check declaration" in one.reason for one in report.outcomes)


def test_no_key_is_longer_than_was_said(tmp_path, monkeypatch):
    change = ("__init__.py", "KeyLengths(1024, 1088, 64)", "KeyLengths(1024, 4096, 64)")
    heard = []
    monkeypatch.setattr("cngcore.conformance._subject.listeners", [heard.append])
    checks = ["length-longest", "length-honoured"]
    report = outcomes(tmp_path, [change], "RSA", slow=True, longest=1088, checks=checks)
    assert {one.kind for one in report.outcomes} == {"1024 bits", "1088 bits", ""}
    assert ["--cng-longest=1088" in one.reason for one in report.outcomes if one.check == "length-longest"] == [True]
    assert heard == []
    (tmp_path / "more").mkdir()
    outcomes(tmp_path / "more", [change], "RSA", slow=True, checks=["length-longest"])
    assert heard == ["making a key of 4096 bits: RSA (toy)"]


def test_a_failure_tells_what_was_due_and_what_came():
    failure = Failure("64 bytes", "71 bytes", "signing")
    assert (failure.expected, failure.came, failure.doing) == ("64 bytes", "71 bytes", "signing")


@pytest.mark.parametrize("arguments", [["--cng-provider=cngcore-hash", "-k", "hash-digest"], ["--version"]])
def test_no_object_stays_out_of_garbage_collection(tmp_path, arguments):
    program = f"import gc, pytest; code = pytest.main({['-p', 'no:cacheprovider', *arguments]!r}); "
    program += "print('code', int(code), 'frozen', gc.get_freeze_count())"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines()[-1] == "code 0 frozen 0", done.stdout + done.stderr
