"""The command ``cng compare``."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cngcore.cli.options import Command, as_json
from cngcore.cli.output import Screen, print_json
from cngcore.status import InvalidParameterError
from cngcore.windll import compare as comparing
from cngcore.windll.compare import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cngcore.windll.compare import Compared, Corpus, Difference, Recording

_LONGEST = 74


@click.command(
    "compare",
    cls=Command,
    examples=(
        "cng compare wine-8.0",
        "cng compare wine-8.0 --rule generate --all",
        "cng compare --record mine.txt",
        "cng compare --recorder recorder",
    ),
)
@click.argument("recordings", nargs=-1, metavar="[RECORDING]...")
@click.option("--dll", metavar="PATH", help="Play against this library: bcrypt.dll on Windows, or a libbcrypt.")
@click.option("--record", metavar="FILE", type=click.Path(dir_okay=False), help="Write a recording of one target.")
@click.option("--recorder", metavar="DIR", type=click.Path(file_okay=False), help="Write the C program that records.")
@click.option("--rule", metavar="PREFIX", default="", help="Only cases of rules of the contract that begin so.")
@click.option("--all", "everything", is_flag=True, help="Show the judged differences too.")
@as_json
def command(
    recordings: tuple[str, ...], dll: str | None, record: str | None, recorder: str | None, rule: str,
    everything: bool, as_json: bool,
) -> int:  # fmt: skip
    """Compare this installation with Windows, with Wine or with a libbcrypt: the same calls, answer by answer.

    On Windows, 'cng compare --dll bcrypt.dll' plays against the system. RECORDING is a file, or the name of a
    recording that comes with cngcore, such as wine-8.0. With one target, the other is this installation; with two,
    they are compared with each other. The exit status is 1 if an answer differs and cngcore knows no reason.
    """
    screen = Screen()
    if recorder:
        return _write_recorder(screen, recorder)
    corpus = comparing.corpus().with_rule(rule)
    if not corpus.cases:
        raise click.UsageError(f"no case shows a rule that begins with '{rule}'")
    targets: list[Callable[[], Recording]] = [partial(comparing.recording, name) for name in recordings]
    if dll:
        targets.insert(0, partial(_played, screen, dll, corpus))
    if record and recordings:
        raise click.UsageError("--record plays one target: this installation, or the one of --dll")
    if not record and len(targets) not in (1, 2):
        raise click.UsageError("name one or two targets: a RECORDING, or a library with --dll")
    try:
        if record:
            return _record(screen, _played(screen, dll, corpus), record)
        theirs = targets[-1]()  # a wrong name is reported before anything is played
        ours = targets[0]() if len(targets) == 2 else _played(screen, None, corpus)
    except InvalidParameterError as error:
        raise click.ClickException(error.message) from None
    found = comparing.compare(corpus, ours, theirs, comparing.judgements())
    if as_json:
        print_json(_data(ours, theirs, found))
    else:
        _show(screen, ours, theirs, found, everything)
    return 1 if any(one.open for one in found) else 0


def _played(screen: Screen, dll: str | None, corpus: Corpus) -> Recording:
    """Play the corpus against a library, or against this installation."""
    if dll:
        what = f"playing {len(corpus.cases)} cases against {dll}"
        return screen.work(what, partial(comparing.record_library, dll, corpus))
    return screen.work(f"playing {len(corpus.cases)} cases here", partial(comparing.record_here, corpus))


def _record(screen: Screen, recording: Recording, file: str) -> int:
    Path(file).write_text(str(recording), encoding="utf-8", newline="\n")
    calls = sum(len(case.answers) for case in recording.cases.values())
    screen.line(f"Wrote {file}: {len(recording.cases)} cases, {calls} answers of {recording.target}.")
    return 0


def _write_recorder(screen: Screen, folder: str) -> int:
    for path in comparing.write_recorder(folder):
        screen.line(f"  {path}")
    screen.line()
    screen.line("Compile recorder.c on Windows, then: recorder corpus.txt bcrypt.dll > mine.txt")
    screen.line("The first lines of recorder.c have the commands of the compilers.")
    return 0


# --- text -----------------------------------------------------------------------------------------------------------


def _show(screen: Screen, ours: Recording, theirs: Recording, found: Sequence[Compared], everything: bool) -> None:
    screen.write((f"{ours.target} -> {theirs.target}", "bold"))
    screen.line()
    seen = [one for one in Outcome if any(case.outcome == one for case in found)]
    rows = [
        (rule.removeprefix("rule-"), *(str(count[one] or "") for one in seen))
        for rule, count in _by_rule(found).items()
        if set(count) != {Outcome.SAME}
    ]
    if rows:
        screen.table(("RULE", *(one.upper() for one in seen)), rows, right=range(1, 1 + len(seen)))
        screen.line()
    for one in found:
        for difference in one.differences:
            if everything or difference.judgement is None:
                _show_difference(screen, difference)
    _summarize(screen, found)


def _show_difference(screen: Screen, one: Difference) -> None:
    colour = "red" if one.judgement is None else "yellow"
    screen.write((f"{one.case.title}", "bold"), f", call {one.number}: {one.outcome}")
    for text in (str(one.call), one.ours, f"-> {one.theirs}"):
        screen.write((f"    {_cut(text)}", colour if text.startswith("->") else ""))
    if one.judgement is not None:
        screen.write((f"    judged: {one.judgement.name} ({one.judgement.verdict})", "dim"))


def _summarize(screen: Screen, found: Sequence[Compared]) -> None:
    count = Counter(one.outcome for one in found)
    screen.line(", ".join(f"{count[one]} {one}" for one in Outcome if count[one]) + f" of {len(found)} cases")
    differences = [difference for one in found for difference in one.differences]
    verdicts = Counter(one.judgement.verdict for one in differences if one.judgement is not None)
    open_ = sum(one.judgement is None for one in differences)
    if verdicts:
        words = {
            "absent": "the target does not have it", "target": "the target differs from what is known of Windows",
            "open": "Windows is not established", "cngcore": "cngcore differs from what is known of Windows",
        }  # fmt: skip
        screen.columns([(str(verdicts[one]), text) for one, text in words.items() if verdicts[one]], indent=2)
    if open_:
        screen.write((f"{open_} answers differ without a judgement.", "bold red"))
    else:
        screen.write(("No answer differs without a judgement.", "bold green"))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _by_rule(found: Sequence[Compared]) -> dict[str, Counter[Outcome]]:
    rules: dict[str, Counter[Outcome]] = {}
    for one in found:
        for rule in one.case.anchors:
            rules.setdefault(rule, Counter())[one.outcome] += 1
    return dict(sorted(rules.items()))


# --- JSON -----------------------------------------------------------------------------------------------------------


def _data(ours: Recording, theirs: Recording, found: Sequence[Compared]) -> dict[str, object]:
    return {
        "ok": not any(one.open for one in found),
        "targets": [ours.target, theirs.target],
        "cases": {str(outcome): sum(one.outcome == outcome for one in found) for outcome in Outcome},
        "rules": {
            rule: {str(one): number for one, number in count.items()} for rule, count in _by_rule(found).items()
        },
        "differences": [
            {
                "case": one.case.title, "rules": list(one.case.anchors), "call": one.number, "text": str(one.call),
                "answers": [one.ours, one.theirs], "outcome": str(one.outcome),
                "judgement": None if one.judgement is None else one.judgement.name,
                "verdict": None if one.judgement is None else one.judgement.verdict,
            }
            for case in found for one in case.differences
        ],
    }  # fmt: skip
