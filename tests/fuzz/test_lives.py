"""The life of handles as a model: a few lives in every run, and the command that plays for as long as it is told.

The model is :mod:`fuzz.lives`. Where it is broken on purpose, the command must tell.
"""

import re
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from fuzz import __main__ as command
from fuzz.lives import Lives
from fuzz.player import STEPS

Lives.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=STEPS,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TestLives = Lives.TestCase

LIE = """
from hypothesis.stateful import rule

from fuzz import player
from fuzz.lives import Lives


class Broken(Lives):
    @rule(algorithm=Lives.algorithms)
    def lie(self, algorithm):
        assert algorithm.algorithm != "RSA", "there is no RSA"


player.ROUND = 1000
player.main(Broken)
"""
"""A fault that needs one rule with one of ten algorithms. 25 lives miss it in one round of three, 1000 lives in one of
a billion; hypothesis stops at the first life that has it."""

END = "import os; os._exit(3)"
HANG = """
import time

from fuzz import player


def hang():
    time.sleep(30)


player.main(hang)
"""


@pytest.fixture
def findings(monkeypatch, tmp_path) -> Path:
    monkeypatch.setattr(command, "FINDINGS", tmp_path)
    return tmp_path / "lives"


def play(monkeypatch, program: str | None = None, *options: str) -> int:
    if program is not None:
        monkeypatch.setattr(command, "PLAYER", (sys.executable, "-c", program))
    return command.main(["lives", "--minutes", "0", *options])


def test_a_run_without_findings(monkeypatch, capsys, findings):
    """A time of nothing is one round."""
    assert play(monkeypatch) == 0
    told = capsys.readouterr().out.splitlines()
    assert re.match(r"lives: 0 minutes; lives [1-9]\d+, rounds 1, slowest life, s \d.*, peak memory, MiB \d", told[0])
    assert told[1:] == ["  findings: 0"]
    assert list(findings.iterdir()) == []


def test_a_broken_rule_is_found_and_its_life_is_kept(monkeypatch, capsys, findings):
    assert play(monkeypatch, LIE) == 1
    [kept] = findings.iterdir()
    assert capsys.readouterr().out.splitlines()[1:] == ["  findings: 1", f"    {kept}"]
    said = kept.read_text()
    assert "AssertionError: there is no RSA" in said
    assert "state = Broken()" in said
    assert "state.lie(algorithm=algorithms_" in said


@pytest.mark.parametrize(
    ("program", "said"), [(END, "the process ended with status 3"), (HANG, "in hang")], ids=["end", "hang"]
)
def test_a_life_that_ends_the_process_or_hangs_is_a_finding(monkeypatch, findings, program, said):
    assert play(monkeypatch, program, "--seconds-per-input", "1") == 1
    [kept] = findings.iterdir()
    assert said in kept.read_text()
