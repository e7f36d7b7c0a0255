"""The family ``keyfiles`` of the fuzzer: a few changed key files in every run, and faults that it must find."""

import random
import re
from pathlib import Path

import pytest

from cngcore import formats
from cngcore.formats import _encryption as encryption
from cngcore.formats import _work as work
from fuzz import __main__ as command
from fuzz import keyfiles
from fuzz.findings import Finding

REGRESSIONS = Path(__file__).with_name("regressions") / "keyfiles"


@pytest.fixture(autouse=True)
def limits(monkeypatch):
    """Undo the limits that the family sets for its process."""
    for module, name in (
        (work, "MOST_ITERATIONS"),
        (work, "MOST_TOTAL"),
        (encryption, "MOST_WORK"),
        (encryption, "MOST_MEMORY"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name))
    keyfiles.limit_work()


def test_every_form_is_read():
    forms = {form.split()[0] for form, _ in keyfiles.seeds()}
    assert forms >= {"cng", "pkcs8", "spki", "pkcs1", "sec1", "openssl-dsa", "jwk", "openssh", "pkcs12", "xml"}
    for form, content in keyfiles.seeds():
        if not form.startswith("cng"):
            assert keyfiles.examine(content).startswith("read"), form


def test_changed_files():
    source = random.Random(7)
    contents = [content for _, content in keyfiles.seeds()]
    words = set()
    for _ in range(1200):
        data = keyfiles.changed(source, source.choice(contents), contents)
        if data:
            words.add(keyfiles.examine(data).partition(":")[0])
    assert words >= {"read by both", "refused by both", "read by us"}


@pytest.mark.parametrize("path", sorted(REGRESSIONS.iterdir()), ids=lambda path: path.name)
def test_what_was_found_before_by_all_readers(path):
    assert keyfiles.examine(path.read_bytes())


def broken(monkeypatch, wrong):
    right = formats.decode_all

    def decode_all(data, **options):
        return wrong(right(data, **options), data)

    monkeypatch.setattr(formats, "decode_all", decode_all)


def raised(error):
    raise error


@pytest.mark.parametrize(("wrong", "why"), [
    (lambda found, data: raised(IndexError("list index")), "raised IndexError"),
    (lambda found, data: raised(formats._decode.BadDataError(f"here: {data[40:70].decode()}")), "tells a part"),
    (lambda found, data: raised(formats._decode.BadDataError("it is 123456789012")), "tells a number"),
    (lambda found, data: raised(formats._decode.BadDataError("no reason at all")), "and we do not"),
    (lambda found, data: formats.decode_all.__globals__["other"], "other numbers"),
])  # fmt: skip
def test_a_fault_is_found(monkeypatch, wrong, why):
    text = dict(keyfiles.seeds())["pkcs8 pem"]
    if why == "other numbers":
        import cngcore

        with cngcore.generate_key_pair("ECDSA_P256", 256) as pair:
            other = formats.DecodedKeys([formats.Decoded(formats.from_key(pair), "pkcs8", "pem", b"")])
        broken(monkeypatch, lambda found, data: other)
    else:
        broken(monkeypatch, wrong)
    with pytest.raises(Finding, match=why):
        keyfiles.examine(text)


def test_the_command(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(command, "FINDINGS", tmp_path)
    assert command.main(["keyfiles", "--minutes", "0.02"]) == 0
    told = capsys.readouterr().out
    assert re.search(r"keyfiles: 0.02 minutes; inputs \d+, forms \d+", told)
    assert "findings: 0" in told
