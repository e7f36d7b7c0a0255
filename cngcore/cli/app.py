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
from click.shell_completion import CompletionItem, FishComplete, add_completion_class, shell_complete

from cngcore import registry
from cngcore.cli.options import Group, did_you_mean
from cngcore.status import CngError

SECTIONS = {
    "Make and read keys": {
        "generate": "Make a key and write it to a file.",
        "inspect": "Show the content of a key file field by field.",
        "convert": "Convert a key to another format.",
        "public": "Write the public half of a key.",
        "fingerprint": "Print the fingerprint of each key in a file.",
    },
    "Use keys": {
        "sign": "Sign a file.",
        "verify": "Verify the signature of a file.",
        "encrypt": "Encrypt a file with a symmetric key, or a short one with RSA.",
        "decrypt": "Decrypt what was encrypted.",
        "derive": "Derive a key from a secret or a passphrase.",
        "agree": "Compute the secret that two keys share.",
        "encapsulate": "Make a secret for the owner of an ML-KEM key.",
        "decapsulate": "Recover an encapsulated secret.",
    },
    "Look at the installation": {
        "tour": "Make and use a key of every algorithm.",
        "algorithms": "List the installed algorithms and their rules.",
        "curves": "List the elliptic curves.",
        "providers": "List the installed providers and their faults.",
        "explain": "Show which implementation is chosen and why.",
        "config": "Show the settings in force and their sources.",
        "doctor": "Check the installation; show each problem with its remedy.",
        "selftest": "Test every implementation with known answers and one key.",
        "compare": "Compare the answers with Windows, Wine or a libbcrypt.",
        "bench": "Time every operation of every implementation.",
    },
    "Extend": {
        "new-provider": "Write a complete provider project that passes the tests.",
        "build-bcrypt": "Build libbcrypt and bcrypt.h for C programs.",
        "completion": "Print the completion script of a shell.",
    },
}
"""Every command with its description, by section of the help; no command is imported for it."""

COMMANDS = {name: text for section in SECTIONS.values() for name, text in section.items()}

_SHOWING_FAULTS = ("tour", "algorithms", "curves", "providers", "explain", "config", "doctor", "selftest")
_DIAGNOSING = ("config", "doctor")
"""The commands that report a broken configuration as one of their findings."""


class Commands(Group):
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
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl([(f"{name:<12}", text) for name, text in commands.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        found = [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=False,
    invoke_without_command=True,
    examples=(
        "cng tour",
        "cng generate ECDSA_P256 --out key.pem --public-out key.pub",
        "cng sign letter.txt --key key.pem --out letter.sig",
        "cng verify letter.txt --key key.pub --signature letter.sig",
    ),
)
@click.version_option(package_name="cngcore", prog_name="cngcore", message="%(prog)s %(version)s")
@click.pass_context
def cng(context: click.Context) -> int:
    """Make and use the keys of Windows CNG on this machine: RSA, DSA, DH, ECDSA, ECDH, ML-KEM, ML-DSA, AES and more.

    'cng COMMAND --help' describes a command, with examples.
    """
    if context.invoked_subcommand is not None:
        return 0
    click.echo(context.get_help())
    return 2


class Fish(FishComplete):
    """The completion of fish, whose script of click ends a description at its first comma."""

    def format_completion(self, item: CompletionItem) -> str:
        if item.help:
            item.help = item.help.replace(",", ";")
        return super().format_completion(item)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit status. Write every error as one line to standard error."""
    completing = os.environ.get("_CNG_COMPLETE")
    if completing:
        add_completion_class(Fish)
        return shell_complete(cng, {}, "cng", "_CNG_COMPLETE", completing)
    if arguments[:1] == ["help"]:
        arguments = [*arguments[1:], "--help"]
    elif arguments == ["version"]:
        arguments = ["--version"]
    name = next((word for word in arguments if not word.startswith("-")), "")
    command = f"cng {name}" if name in COMMANDS else "cng"
    try:
        if name in _SHOWING_FAULTS:
            with suppress(CngError) if name in _DIAGNOSING else nullcontext():
                registry.default().log_faults = False  # the command prints the faults itself
        with cng.make_context("cng", arguments) as context:
            return _status(cng.invoke(context))
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx is not None else "cng"
        message = error.format_message().rstrip(".")
        if isinstance(error, click.NoSuchOption):  # each release of click words it differently
            message = f"No such option '{error.option_name}'{did_you_mean(next(iter(error.possibilities or ()), None))}"
        join = " See" if message.endswith("?") else "; see"
        return _failed(path, f"{message}{join} '{path} --help'", 2)
    except click.ClickException as error:
        return _failed(command, error.format_message(), error.exit_code)
    except CngError as error:
        return _failed(command, str(error), 1)
    except (KeyboardInterrupt, click.Abort) as error:
        return _failed(command, _interruption(error), 1)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except OSError as error:
        where = f"{error.filename or repr('')}: " if error.filename is not None else ""
        return _failed(command, f"{where}{error.strerror or error}", 1)


def _interruption(error: BaseException) -> str:
    """Return what an interrupt interrupted: click replaces KeyboardInterrupt by Abort."""
    interrupt = error.__context__ if isinstance(error, click.Abort) and error.__context__ is not None else error
    notes = getattr(interrupt, "__notes__", [])
    hint = "; if nobody pressed Ctrl-C, this provider did it: block its distribution (CNGCORE_BLOCK)" if notes else ""
    return f"{notes[0] if notes else 'interrupted'}{hint}"


def _status(answer: Any) -> int:
    return answer if isinstance(answer, int) else 0


def _failed(command: str, message: str, status: int) -> int:
    from cngcore.cli.output import show_error  # rich takes time that a command without output saves

    show_error(command, message)
    return status
