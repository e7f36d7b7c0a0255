"""Options and arguments of several commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

F = TypeVar("F", bound=Callable[..., Any])

if TYPE_CHECKING:
    _Text = click.ParamType[str]
else:
    _Text = click.ParamType  # generic since click 8.4

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


class AlgorithmName(_Text):
    """The name of an algorithm; a shell completes it from the installed ones."""

    name = "algorithm"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from cngcore.registry import default

        return [CompletionItem(name) for name in default().algorithms() if name.startswith(incomplete.upper())]


def algorithm_argument(**options: Any) -> Callable[[F], F]:
    """Add the argument ``algorithm``."""
    return click.argument("algorithm", type=AlgorithmName(), **options)
