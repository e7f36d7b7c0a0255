"""``doctor``, ``selftest``, ``bench``, ``providers lock``, ``completion``: what they say, and their exit status."""

import json
import os
import subprocess
import sys

import cryptography
import pytest
from cli.commandline import Factory, registry_of, run
from cngcore_rsa.keys import RsaFactory
from helpers import python

import cngcore
import cngcore.policy
from cngcore.cli.regression import REFERENCE, changes
from cngcore.cli.timing import Timing
from cngcore.constants import BCRYPT_SUPPORTED_PAD_PKCS1_SIG
from cngcore.provider import (
    Algorithm,
    ExactLength,
    KeyFactory,
    KeyLengths,
    Property,
    ProviderUnavailableError,
    When,
)

# --- doctor -----------------------------------------------------------------------------------------


def test_a_sound_installation(capsys):
    status, out, _ = run(capsys, "doctor")
    assert status == 0, out
    assert "No problem found" in out.splitlines()[-1]
    for section in ("Environment", "Configuration", "Providers", "Implementations", "Self-tests"):
        assert section in out
    assert f"cryptography {cryptography.__version__}: RSA, RSA_SIGN" in out


@pytest.mark.parametrize(
    ("variable", "setting", "unknown"),
    [
        ("CNGCORE_PREFER", "prefer", "criptography"),
        ("CNGCORE_ALLOW", "allow", "cngcore-sra"),
        ("CNGCORE_BLOCK", "block", "cngcore-sra"),
    ],
)
def test_a_name_that_nothing_installed_has_is_a_note(capsys, monkeypatch, variable, setting, unknown):
    known = "cngcore-rsa,cryptography" if setting == "prefer" else "cngcore-dsa"
    monkeypatch.setenv(variable, f"{known},{unknown}" if setting != "allow" else f"cngcore-rsa,{known},{unknown}")
    registry = cngcore.Registry()
    with cngcore.registry.using(registry):
        status, out, _ = run(capsys, "doctor", "--no-selftest", "--json")
        notes = [one for one in json.loads(out)["findings"] if one["name"] == setting]
        assert status == 0
        assert [(one["ok"], unknown in one["message"], "spelling" in one["remedy"]) for one in notes] == [
            (None, True, True)
        ]
        assert f"'{unknown}' in {setting}" in run(capsys, "explain", "RSA")[1]
    assert list(registry.explain("RSA").notes) == json.loads(json.dumps(registry.explain("RSA").to_dict()))["notes"]
    assert unknown in str(registry.explain("RSA"))


def test_steps_that_fail_alike_are_one_finding(capsys):
    class Broken(KeyFactory):
        def __init__(self, algorithm):
            raise OSError("no such device")

    blobs = ["RSAPUBLICBLOB", "RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB"]
    broken = Algorithm("RSA", "toy", {"sign"}, ExactLength(512), blob_types=blobs, factory=Broken)
    with registry_of(broken):
        status, out, _ = run(capsys, "doctor", "--json")
    assert status == 1
    (wrong,) = [one for one in json.loads(out)["findings"] if one["section"] == "Self-tests"]
    assert "more steps that fail alike" in wrong["message"]


@pytest.mark.parametrize(
    ("error", "minimum", "status"),
    [
        (cngcore.NotSupportedError, 1024, 0),
        (cngcore.InvalidParameterError, 1024, 1),
        (cngcore.NotSupportedError, 512, 1),
    ],
)
def test_a_blob_from_windows_of_a_length_that_is_not_declared_may_be_not_supported(capsys, error, minimum, status):
    class Narrow(RsaFactory):
        def import_key(self, blob_type, blob, request):
            if int.from_bytes(blob[4:8], "little") == 512 and blob_type != "RSAPUBLICBLOB":
                raise error("no key of 512 bits here")
            return super().import_key(blob_type, blob, request)

    blobs = ["RSAPUBLICBLOB", "RSAPRIVATEBLOB", "RSAFULLPRIVATEBLOB"]
    lengths = KeyLengths(minimum, 2048, 64)
    always = When(algorithm="r", empty="r", finalized="r")
    schemes = Property("PaddingSchemes", int, always, value=BCRYPT_SUPPORTED_PAD_PKCS1_SIG)
    narrow = Algorithm("RSA", "narrow", {"sign"}, lengths, properties=[schemes], blob_types=blobs, factory=Narrow)
    with registry_of(narrow):
        assert run(capsys, "selftest", "RSA")[0] == status


def test_a_wrong_answer_is_found_with_a_remedy(capsys):
    with registry_of(Algorithm("TOY", "toy", {"sign"}, ExactLength(8), factory=Factory)):
        status, out, _ = run(capsys, "doctor")
    assert status == 1
    assert "the signature verifies over another hash" in out
    assert "CNGCORE_BLOCK" in out
    assert "1 of " in out.splitlines()[-1]


def test_an_implementation_that_cannot_work_is_a_note(capsys):
    def probe():
        raise ProviderUnavailableError("the card is out", "Put it in.")

    absent = Algorithm("TOY", "toy", {"sign"}, ExactLength(8), factory=Factory, probe=probe)
    with registry_of(absent):
        assert run(capsys, "doctor", "--no-selftest")[0] == 1, "nothing can be used"
    with registry_of(absent, Algorithm("OTHER", "other", {"sign"}, ExactLength(8), factory=Factory)):
        status, out, _ = run(capsys, "doctor", "--no-selftest")
    assert status == 0
    assert "the card is out" in out
    assert "Put it in." in out
    assert "1 note." in out


def test_a_factory_that_cannot_be_made_is_found(capsys):
    with registry_of(Algorithm("TOY", "toy", {"sign"}, ExactLength(8), factory="no_such_module:Factory")):
        status, out, _ = run(capsys, "doctor", "--no-selftest")
    assert status == 1
    assert "no_such_module" in out


def test_a_missing_policy_is_found(capsys, monkeypatch):
    monkeypatch.setenv("CNGCORE_POLICIES", "nowhere")
    with cngcore.registry.using(cngcore.Registry()):
        status, out, err = run(capsys, "doctor", "--no-selftest")
    assert (status, err) == (1, "")
    assert "requires the policy 'nowhere'" in out


@pytest.mark.parametrize("what", ["import", "promise"])
def test_a_broken_provider_is_found_with_its_remedy(capsys, tmp_path, monkeypatch, what):
    info = tmp_path / "acme_bad-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-bad\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[cngcore.algorithms]\nTOY = acme_bad_module\n")
    if what == "promise":
        (tmp_path / "acme_bad_module.py").write_text(
            "from cngcore.provider import hookimpl\n@hookimpl\ndef cngcore_register_algorithms(): return []\n"
        )
    monkeypatch.syspath_prepend(str(tmp_path))
    with cngcore.registry.using(cngcore.Registry()):
        status, out, _ = run(capsys, "doctor", "--no-selftest")
    monkeypatch.delitem(sys.modules, "acme_bad_module", raising=False)
    assert status == 1
    assert f"skipped at {what}" in out
    assert "acme-bad 1.0" in out


# --- selftest -----------------------------------------------------------------------------------------


def test_the_selftests_pass_and_cover_every_implementation(capsys):
    status, out, _ = run(capsys, "selftest", "--json")
    data = json.loads(out)
    assert status == 0
    tested = {step["implementation"] for step in data["steps"]}
    registry = cngcore.registry.default()
    there = {
        candidate.implementation
        for name in registry.algorithms()
        for candidate in registry.candidates(name)
        if candidate.unavailable() is None
    }
    assert tested == there


def test_a_failing_selftest_is_said(capsys):
    with registry_of(Algorithm("TOY", "toy", {"sign"}, ExactLength(8), factory=Factory)):
        status, out, _ = run(capsys, "selftest")
    assert status == 1
    assert "1 of 5 failed" in out
    assert out.splitlines()[-1].startswith("Failed: ")


# --- bench --------------------------------------------------------------------------------------------


def test_bench_times_every_operation(capsys):
    status, out, _ = run(capsys, "bench", "ECDH_P256", "RSA_SIGN", "--seconds", "0.001", "--json")
    assert status == 0
    timings = json.loads(out)["timings"]
    assert [one["algorithm"] for one in timings[:2]] == ["(reference)", "(empty cycle)"]
    found = {(one["algorithm"], one["operation"]) for one in timings}
    assert {("ECDH_P256", "generate"), ("ECDH_P256", "agree"), ("RSA_SIGN", "verify PSS SHA256")} <= found
    assert all(0 < one["least"] <= one["median"] <= one["most"] for one in timings)


@pytest.mark.parametrize(("algorithm", "operation"), [("SHA256", "hash 1024 bytes"), ("RNG", "random 32 bytes")])
def test_bench_times_what_has_no_keys(capsys, algorithm, operation):
    status, out, _ = run(capsys, "bench", algorithm, "--seconds", "0.001", "--json")
    assert status == 0
    timings = json.loads(out)["timings"][2:]
    assert [(one["algorithm"], one["operation"]) for one in timings] == [(algorithm, operation)]
    assert all(one["median"] > 0 for one in timings)


def test_bench_compares_implementations(capsys):
    two = [Algorithm("TOY", name, {"sign"}, ExactLength(8), factory=Factory) for name in ("one", "two")]
    with registry_of(*two):
        status, out, _ = run(capsys, "bench", "TOY", "--seconds", "0.001")
    assert status == 0
    rows = [line.split() for line in out.splitlines()[3:]]
    for operation in ("generate", "sign", "verify"):
        compared = [row[-1] for row in rows if operation in row]
        assert len(compared) == 2
        assert "fastest" in compared
        assert all(text == "fastest" or float(text.removesuffix("x")) >= 1 for text in compared)


def test_bench_goes_on_where_one_implementation_cannot_work(capsys):
    broken = Algorithm("TOY", "broken", {"sign"}, ExactLength(8), factory="no_such_module:Factory", rank=9)
    right = Algorithm("TOY", "toy", {"sign"}, ExactLength(8), factory=Factory)
    with registry_of(broken, right):
        status, out, _ = run(capsys, "bench", "TOY", "--seconds", "0.001", "--json")
        told = json.loads(out)
        assert status == 1
        assert {"toy"} == {one["implementation"] for one in told["timings"][2:]}
        [failed] = told["failed"]
        assert (failed["algorithm"], failed["implementation"]) == ("TOY", "broken")
        assert "no_such_module" in failed["reason"]
        status, out, err = run(capsys, "bench", "TOY", "--seconds", "0.001")
    assert (status, err) == (1, "")
    assert out.splitlines()[-1].startswith("not timed: TOY (broken): ")


@pytest.mark.parametrize(("factor", "verdict", "expected"), [(0.01, "slower", 1), (100, "faster", 0)])
def test_bench_tells_what_changed(capsys, tmp_path, factor, verdict, expected):
    """The stored run is one of this machine with other figures, so far away that no other load matters."""
    _, out, _ = run(capsys, "bench", "SHA256", "--seconds", "0.01", "--json")
    told = json.loads(out)
    for one in told["timings"][1:]:
        for name in ("least", "median", "most"):
            one[name] *= factor
    (tmp_path / "before.json").write_text(json.dumps(told))
    again = ["bench", "SHA256", "--seconds", "0.01", "--compare", str(tmp_path / "before.json")]
    status, out, _ = run(capsys, *again, "--json")
    assert {(one["algorithm"], one["verdict"]) for one in json.loads(out)["changes"]} == {
        ("(empty cycle)", verdict), ("SHA256", verdict),
    }  # fmt: skip
    assert status == expected
    status, out, _ = run(capsys, *again)
    assert status == expected
    assert f"2 {verdict}" in out.splitlines()[-1]


def timing(algorithm, least, median, most):
    return Timing(algorithm, "", "any", "sign", median, least, most)


@pytest.mark.parametrize(("then", "now", "verdict"), [
    ((9, 10, 14), (9, 10, 14), "same"),
    ((9, 10, 14), (10.9, 12, 15), "same"),
    ((9, 10, 14), (11.1, 12, 15), "slower"),
    ((9, 10, 14), (8, 8.5, 30), "same"),
    ((9, 10, 14), (7, 8, 30), "faster"),
])  # fmt: skip
@pytest.mark.parametrize("speed", [1, 0.5, 3])
def test_a_change_is_larger_than_the_noise(then, now, verdict, speed):
    """The speed of the machine is taken from the reference."""
    own = [timing(REFERENCE, 100 / speed, 100 / speed, 100 / speed), timing("RSA", *(one / speed for one in now))]
    found, [row] = changes(own, [timing(REFERENCE, 100, 101, 102), timing("RSA", *then)])
    assert found == pytest.approx(speed)
    assert row.verdict == verdict
    assert row.ratio == pytest.approx(now[1] / then[1])


@pytest.mark.parametrize(("text", "words"), [
    ("", "is not an answer of 'cng bench --json'"),
    ('{"timings": [{"algorithm": "RSA"}]}', "is not an answer of 'cng bench --json'"),
    ('{"timings": []}', "the stored run has none of these operations"),
    ("[" * 100_000, "is not an answer of 'cng bench --json'"),
])  # fmt: skip
def test_bench_compares_with_no_other_file(capsys, tmp_path, text, words):
    (tmp_path / "file").write_text(text)
    status, _, err = run(capsys, "bench", "SHA256", "--seconds", "0.001", "--compare", str(tmp_path / "file"))
    assert status == 1
    assert words in err


def test_bench_of_something_unknown(capsys):
    status, _, err = run(capsys, "bench", "NONSENSE")
    assert status == 1
    assert "no installed provider serves 'NONSENSE'" in err


# --- lock -----------------------------------------------------------------------------------------------


def test_a_lock_is_written_and_not_over_another(capsys, tmp_path):
    file = tmp_path / "here.lock"
    status, out, _ = run(capsys, "providers", "lock", "--out", str(file))
    assert status == 0
    assert f"CNGCORE_LOCK={file}" in out
    assert "cngcore-rsa" in json.loads(file.read_text())["distributions"]
    status, _, err = run(capsys, "providers", "lock", "--out", str(file))
    assert status == 1
    assert "--force" in err
    assert run(capsys, "providers", "lock", "--out", str(file), "--force")[0] == 0
    code = "import sys, cngcore; sys.exit(cngcore.generate_key_pair('ECDSA_P256', 256).state != 'finalized')"
    subprocess.run([sys.executable, "-c", code], env={"CNGCORE_LOCK": str(file)}, check=True)


# --- the command itself ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(capsys, shell):
    status, out, _ = run(capsys, "completion", shell)
    assert status == 0
    assert "_CNG_COMPLETE" in out


@pytest.mark.parametrize(
    ("words", "expected"),
    [("cng ex", "explain"), ("cng explain ECDSA_P2", "ECDSA_P256"), ("cng tour --l", "--length")],
)
def test_completion_completes(words, expected):
    environment = {"_CNG_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    done = subprocess.run(
        [sys.executable, "-m", "cngcore.cli"], capture_output=True, text=True, env=environment, check=True
    )
    assert f"plain,{expected}" in done.stdout.split()


def test_without_its_libraries_the_command_says_how_to_get_them():
    code = "import sys; sys.modules['rich'] = None; from cngcore.cli import main; sys.exit(main(['tour']))"
    done = python(code, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "cng: the command needs rich, which is not installed; install the extra cngcore[cli]; see Install in the "
        "documentation"
    )


def test_ctrl_c_is_answered_at_once_and_in_one_line():
    code = (
        "import os, signal, sys, threading, time\n"
        "from cngcore.cli.app import run\n"
        "from cngcore.cli.output import Screen\n"
        "import cngcore.cli.commands.tour as tour\n"
        "threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "tour.Tour.run = lambda self: Screen(quiet=True).work('a long key', lambda: time.sleep(60))\n"
        "sys.exit(run(['tour']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "cng tour: interrupted"
    assert "Traceback" not in done.stderr


def test_colour_is_for_terminals_only(capsys):
    _, out, _ = run(capsys, "explain", "RSA")
    assert "\x1b" not in out
    import os
    import pty

    main_end, other = pty.openpty()
    subprocess.run([sys.executable, "-m", "cngcore.cli", "explain", "RSA"], stdout=other, check=True,
                   env={**os.environ, "TERM": "xterm"})  # fmt: skip
    os.close(other)
    shown = os.read(main_end, 10_000).decode()
    os.close(main_end)
    assert "\x1b[" in shown


# --- data -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["tour", "ECDSA_P256"],
        ["selftest", "SHA256"],
        ["algorithms"],
        ["curves"],
        ["config"],
        ["providers"],
        ["explain", "ML-KEM", "--parameter-set", "512", "--operation", "encapsulate"],
        ["explain", "RSA", "--key-length", "2048"],
        ["doctor", "--no-selftest"],
        ["bench", "ECDSA_P256", "--seconds", "0.001"],
    ],
    ids=" ".join,
)
def test_the_data_has_the_shape_its_schema_says(capsys, arguments):
    from importlib.resources import files

    import jsonschema

    schema = json.loads(files("cngcore.cli").joinpath(f"schemas/{arguments[0]}.json").read_text())
    _, out, _ = run(capsys, *arguments, "--json")
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(out), schema)


# --- what an operator's configuration does to the diagnosis -----------------------------------------------------------


def findings_of(capsys, *arguments):
    status, out, _ = run(capsys, "doctor", *arguments, "--json")
    return status, json.loads(out)["findings"]


@pytest.mark.parametrize("rule", ["RSA", "*"])
def test_doctor_looks_at_the_installation_and_not_at_what_a_policy_forbids(capsys, rule):
    forbid = cngcore.policy.Policy("house", [cngcore.policy.Rule("forbid", rule, "no")])
    with cngcore.registry.using(cngcore.Registry(policies=[forbid])):
        status, findings = findings_of(capsys)
        wrong = [one["message"] for one in findings if one["ok"] is False]
        assert wrong == (["no algorithm can be opened"] if rule == "*" else [])
        assert status == (1 if rule == "*" else 0)
        assert run(capsys, "selftest", "RSA")[0] == 0


def test_doctor_is_not_green_where_nothing_can_be_used(capsys, monkeypatch):
    monkeypatch.setenv("CNGCORE_ALLOW", "rsa")
    with cngcore.registry.using(cngcore.Registry()):
        status, findings = findings_of(capsys)
    assert status == 1
    assert "no algorithm can be opened" in [one["message"] for one in findings]


def test_doctor_goes_on_with_a_broken_configuration(tmp_path):
    file = tmp_path / "cngcore.toml"
    file.write_text("prefer = 3\n")
    done = subprocess.run(
        [sys.executable, "-m", "cngcore.cli", "doctor", "--no-selftest", "--json"],
        capture_output=True, text=True, check=False, env={**os.environ, "CNGCORE_CONFIG": str(file)},
    )  # fmt: skip
    findings = json.loads(done.stdout)["findings"]
    assert done.returncode == 1
    assert [one["message"] for one in findings if one["ok"] is False] == ["prefer must be a list of names, not 3"]
    assert any(one["section"] == "Implementations" for one in findings)


@pytest.mark.parametrize(
    ("name", "hint"), [("CNGCORE_PREFFER", "CNGCORE_PREFER"), ("CNGCORE_ALLOWED", "CNGCORE_ALLOW")]
)
def test_a_misspelt_variable_is_a_note(capsys, monkeypatch, name, hint):
    monkeypatch.setenv(name, "x")
    _, findings = findings_of(capsys, "--no-selftest")
    (note,) = [one for one in findings if name in one["message"]]
    assert note["ok"] is None
    assert f"{hint}?" in note["remedy"]


def test_a_rule_that_matches_nothing_is_a_note(capsys):
    house = cngcore.policy.Policy("house", [cngcore.policy.Rule("forbid", "rsa"), cngcore.policy.Rule("warn", "RS*")])
    with cngcore.registry.using(cngcore.Registry(policies=[house])):
        _, findings = findings_of(capsys, "--no-selftest")
    (note,) = [one for one in findings if one["name"] == "policy house"]
    assert note["ok"] is None
    assert "'RSA'" in note["remedy"]


@pytest.mark.parametrize(
    ("condition", "value", "remedy"),
    [
        ({"algorithm": "ML-DSA", "parameter_sets": ["45"]}, "parameter set '45'", "cng algorithms ML-DSA"),
        ({"algorithm": "AES", "modes": ["EBC"]}, "mode 'EBC'", "CBC, ECB, CFB"),
        ({"algorithm": "ECDSA", "curves": ["x25519"]}, "curve 'curve25519'", "cng algorithms ECDSA"),
        ({"algorithm": "ECDSA_P256", "curves": ["P-384"]}, "curve 'nistP384'", "cng algorithms ECDSA_P256"),
        ({"distribution": "cngcore_rsa"}, "distribution 'cngcore_rsa'", "Did you mean 'cngcore-rsa'?"),
        ({"implementation": "OpenSSL"}, "implementation 'OpenSSL'", "cng algorithms"),
    ],
)
def test_a_condition_that_nothing_installed_can_fulfil_is_a_note(capsys, condition, value, remedy):
    policies = [
        cngcore.policy.Policy("house", [cngcore.policy.Rule("forbid", **condition)]),
        cngcore.policy.Policy("right", [
            cngcore.policy.Rule("forbid", "ML-DSA", parameter_sets=["ML-DSA-44"]),
            cngcore.policy.Rule("forbid", "ECDSA*", curves=["P-256", "brainpoolP256r1"]),
            cngcore.policy.Rule("forbid", implementation="crypto*", distribution="cngcore-*"),
        ]),
    ]  # fmt: skip
    with cngcore.registry.using(cngcore.Registry(policies=policies)):
        _, findings = findings_of(capsys, "--no-selftest")
    (note,) = [one for one in findings if one["name"].startswith("policy ")]
    assert note["name"] == "policy house"
    assert note["message"] == f"the rule for the {value} matches no installed algorithm"
    assert remedy in note["remedy"]


def test_a_stranger_that_shares_a_name_or_takes_a_default_is_a_note(capsys, install):
    source = (
        "from cngcore.provider import Algorithm, ExactLength, KeyFactory, hookimpl\n"
        "@hookimpl\ndef cngcore_register_algorithms():\n"
        "    one = ExactLength(256)\n"
        '    return [Algorithm("ECDSA_P256", "cryptography", {"sign"}, one, rank=500, factory=KeyFactory)]\n'
    )
    install("acme-taker", source, "ECDSA_P256")
    with cngcore.registry.using(cngcore.Registry()):
        _, findings = findings_of(capsys, "--no-selftest")
    notes = {one["name"]: one for one in findings if one["ok"] is None}
    assert "acme-taker and cngcore-ec" in notes["cryptography"]["message"]
    assert notes["cryptography"]["remedy"] == "Name one as acme-taker:cryptography or cngcore-ec:cryptography."
    assert "cng providers lock" in notes["acme-taker"]["remedy"]
    assert "CNGCORE_ALLOW" in notes["acme-taker"]["remedy"]
    assert "default for ECDSA_P256" in notes["acme-taker"]["message"]
