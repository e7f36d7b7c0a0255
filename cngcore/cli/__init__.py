"""The ``cng`` command. Exit status: 0 done, 1 the work failed, 2 the command was wrong; an error is one line."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from cngcore import __version__
from cngcore.status import CngError


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}; see '{self.prog} --help'", file=sys.stderr)
        raise SystemExit(2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    parser = _parser()
    given = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int] | None = getattr(given, "run", None)
    if run is None:
        parser.print_help()
        return 2
    try:
        return run(given)
    except CngError as error:
        print(f"cng {given.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"cng {given.command}: interrupted", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="cng", description="The contract of BCryptGenerateKeyPair, on this machine.")
    parser.add_argument("--version", action="version", version=f"cngcore {__version__}")
    commands = parser.add_subparsers(dest="command", title="commands", parser_class=_Parser)

    tour = commands.add_parser("tour", help="make, use, export, import and destroy a key of every algorithm")
    tour.add_argument("algorithm", nargs="*", help="only these algorithms")
    tour.add_argument("--length", type=int, help="key length in bits, where the algorithm has a choice")
    tour.set_defaults(run=_tour)

    algorithms = commands.add_parser("algorithms", help="what is installed, and its rules")
    algorithms.set_defaults(run=_algorithms)

    providers = commands.add_parser("providers", help="which distributions provide it, and what is wrong with them")
    providers.set_defaults(run=_providers)

    explain = commands.add_parser("explain", help="which implementation serves an algorithm, and why")
    explain.add_argument("algorithm")
    explain.add_argument("--implementation", help="as the caller would name it")
    explain.add_argument("--key-length", type=int, help="bits the key must have")
    explain.add_argument("--parameter-set", help="the parameter set the key must have")
    explain.add_argument("--operation", help="sign, encrypt, agree, encapsulate, hash or random")
    explain.set_defaults(run=_explain)

    for command in (tour, algorithms, providers, explain):
        command.add_argument("--json", action="store_true", help="print data, not prose")
    return parser


def _print_json(data: object) -> None:
    print(json.dumps(data, indent=2))


def _tour(given: argparse.Namespace) -> int:
    from cngcore.cli.screen import Screen
    from cngcore.cli.tour import Tour
    from cngcore.registry import default

    screen = Screen(quiet=given.json)
    tour = Tour(default(), screen, given.algorithm, given.length)
    tour.run()
    if given.json:
        _print_json(tour.to_dict())
    else:
        screen.summary(tour)
    return 0 if tour.ok else 1


def _algorithms(given: argparse.Namespace) -> int:
    from cngcore.cli import listing
    from cngcore.registry import default

    rows = listing.algorithms(default())
    if given.json:
        _print_json(rows)
    else:
        print(listing.algorithm_table(rows), end="")
    return 0


def _providers(given: argparse.Namespace) -> int:
    from cngcore.cli import listing
    from cngcore.registry import default

    registry = default()
    registry.load_all()
    records = registry.providers()
    if given.json:
        _print_json(records)
    else:
        print(listing.provider_table(records), end="")
    return 1 if any(record["faults"] for record in records) else 0


def _explain(given: argparse.Namespace) -> int:
    from cngcore.registry import default

    explanation = default().explain(
        given.algorithm,
        given.implementation,
        key_length=given.key_length,
        parameter_set=given.parameter_set,
        operation=given.operation,
    )
    if given.json:
        _print_json(explanation.to_dict())
    elif explanation.verdicts or explanation.not_admitted:
        print(explanation)
    if explanation.chosen is None:
        explanation.required()
    return 0
