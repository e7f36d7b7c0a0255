"""The command ``cng completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_USE = {
    "bash": 'eval "$(cng completion bash)" in ~/.bashrc',
    "zsh": 'eval "$(cng completion zsh)" in ~/.zshrc',
    "fish": "cng completion fish > ~/.config/fish/completions/cng.fish",
}


@click.command("completion", epilog="To use it: " + "; ".join(_USE.values()) + ".")
@click.argument("shell", type=click.Choice(list(_USE)))
def command(shell: str) -> int:
    """Print the completion script of a shell, for its start-up file."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.ClickException(f"this click has no completion for {shell}; run: pip install --upgrade click")
    from cngcore.cli.app import cng

    click.echo(kind(cng, {}, "cng", "_CNG_COMPLETE").source())
    return 0
