"""List the commands, run one, and turn every error into one line.

A command is a module of :mod:`cngcore.cli.commands` with a click command named ``command``. It is imported on use, so
that ``cng algorithms`` does not load the key formats. A command returns its exit status.
"""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext, suppress
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem, shell_complete

from cngcore import registry
from cngcore.status import CngError

COMMANDS = {
    "tour": "Make, use, export, import and destroy a key of every algorithm.",
    "algorithms": "List the installed algorithms and their rules.",
    "providers": "List the installed providers and their faults.",
    "explain": "Show which implementation is chosen for an algorithm, and why.",
    "doctor": "Check the installation; show each problem with its remedy.",
    "selftest": "Test every implementation with known answers and one key.",
    "bench": "Time every operation of every implementation.",
    "new-provider": "Write a complete provider project that passes the tests.",
    "generate": "Make a key pair and write it to a file.",
    "inspect": "Show the content of a key file, field by field.",
    "convert": "Convert a key to another format.",
    "completion": "Print the completion script of a shell.",
}
"""Every command with its description, in the order of the help; no command is imported for it."""


_SHOWING_FAULTS = ("tour", "algorithms", "providers", "explain", "doctor", "selftest")


class Commands(click.Group):
    """The commands of the table, each imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"cngcore.cli.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        found = [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False,
             invoke_without_command=True)  # fmt: skip
@click.version_option(package_name="cngcore", prog_name="cngcore", message="%(prog)s %(version)s")
@click.pass_context
def cng(context: click.Context) -> int:
    """The contract of BCryptGenerateKeyPair, on this machine."""
    if context.invoked_subcommand is not None:
        return 0
    click.echo(context.get_help())
    return 2


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit status. Write every error as one line to standard error."""
    completing = os.environ.get("_CNG_COMPLETE")
    if completing:
        return shell_complete(cng, {}, "cng", "_CNG_COMPLETE", completing)
    name = next((word for word in arguments if not word.startswith("-")), "")
    command = f"cng {name}" if name in COMMANDS else "cng"
    try:
        if name in _SHOWING_FAULTS:
            with suppress(CngError) if name == "doctor" else nullcontext():  # doctor reports a broken configuration
                registry.default().log_faults = False  # the command prints the faults itself
        with cng.make_context("cng", arguments) as context:
            return _status(cng.invoke(context))
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx is not None else "cng"
        return _failed(f"{path}: {error.format_message().rstrip('.')}; see '{path} --help'", 2)
    except click.ClickException as error:
        return _failed(f"{command}: {error.format_message()}", error.exit_code)
    except CngError as error:
        return _failed(f"{command}: {error}", 1)
    except (KeyboardInterrupt, click.Abort):
        return _failed(f"{command}: interrupted", 1)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except OSError as error:
        where = f"{error.filename or repr('')}: " if error.filename is not None else ""
        return _failed(f"{command}: {where}{error.strerror or error}", 1)


def _status(answer: Any) -> int:
    return answer if isinstance(answer, int) else 0


def _failed(line: str, status: int) -> int:
    sys.stdout.flush()  # earlier output comes first
    print(" ".join(line.split()), file=sys.stderr)
    return status
