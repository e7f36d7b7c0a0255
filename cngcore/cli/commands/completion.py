"""The command ``cng completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from cngcore.cli.options import Choice, Command

_USE = {
    "bash": 'eval "$(cng completion bash)" in ~/.bashrc',
    "zsh": 'eval "$(cng completion zsh)" in ~/.zshrc',
    "fish": "cng completion fish > ~/.config/fish/completions/cng.fish",
    "powershell": "cng completion powershell | Out-String | Invoke-Expression in $PROFILE",
}


@click.command("completion", cls=Command, examples=list(_USE.values()))
@click.argument("shell", type=Choice(_USE, "a shell"))
def command(shell: str) -> int:
    """Print the completion script of a shell, for its start-up file.

    It completes commands, options, files, algorithms, curves, parameter sets, implementations, formats and blob types.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.ClickException(f"this click has no completion for {shell}; run: pip install --upgrade click")
    from cngcore.cli.app import cng

    click.echo(kind(cng, {}, "cng", "_CNG_COMPLETE").source())
    return 0
