"""The command ``cng explain``."""

from __future__ import annotations

import click

from cngcore.cli.options import (
    Choice,
    Command,
    CurveName,
    ImplementationName,
    ParameterSetName,
    algorithm_argument,
    as_json,
    split_name,
)
from cngcore.cli.output import Screen, print_json
from cngcore.provider import OPERATIONS
from cngcore.registry import Explanation, default


@click.command(
    "explain",
    cls=Command,
    examples=(
        "cng explain ML-KEM",
        "cng explain RSA --key-length 4096 --operation sign",
        "cng explain ECDH --curve curve25519",
    ),
)
@algorithm_argument(full=True)
@click.option(
    "--implementation",
    type=ImplementationName(),
    metavar="NAME",
    help="The implementation, as the caller would name it.",
)
@click.option("--key-length", type=int, metavar="BITS", help="The key length in bits that the caller needs.")
@click.option(
    "--parameter-set", type=ParameterSetName(), metavar="NAME", help="The parameter set that the caller needs."
)
@click.option(
    "--curve", type=CurveName(), metavar="NAME", help="The curve that the caller needs, spelled as in bcrypt.h."
)
@click.option(
    "--operation",
    type=Choice(OPERATIONS, "an operation", "OPERATION"),
    help=f"The operation that the caller needs: {', '.join(OPERATIONS)}.",
)
@as_json
def command(
    algorithm: str,
    implementation: str | None,
    key_length: int | None,
    parameter_set: str | None,
    curve: str | None,
    operation: str | None,
    as_json: bool,
) -> int:
    """Show which implementation is chosen for an algorithm, why, and why the others are not."""
    name, own_curve, own_set = split_name(algorithm)
    curve, parameter_set = curve or own_curve, parameter_set or own_set
    explanation = default().explain(
        name, implementation, key_length=key_length, parameter_set=parameter_set, curve=curve, operation=operation
    )
    if as_json:
        print_json(explanation.to_dict())
    elif explanation.verdicts or explanation.not_admitted:
        show(Screen(), explanation)
    if explanation.chosen is None:
        explanation.required()
    return 0


def show(screen: Screen, explanation: Explanation) -> None:
    """Show a line for each implementation, with the chosen one marked."""
    conditions = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in explanation.requirement.items())
    screen.write((explanation.algorithm, "bold"), f" with {conditions}" if conditions else "")
    rows = []
    for verdict in explanation.verdicts:
        one = verdict.candidate
        rows.append(
            (
                screen.text("->" if verdict.chosen else "", "bold green"),
                screen.text(one.implementation, "bold" if verdict.chosen else ""),
                screen.text(f"{one.distribution} {one.version}", "dim"),
                screen.text(verdict.reason),
            )
        )
    screen.columns(rows, indent=2)
    notes = [(screen.text(*screen.mark(None)), line) for line in explanation.not_admitted]
    notes += [(screen.text(*screen.mark(False)), str(fault)) for fault in explanation.faults]
    notes += [(screen.text(*screen.mark(None)), line) for line in explanation.notes]
    screen.columns(notes, indent=2)
