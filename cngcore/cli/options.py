"""Options and arguments that several commands have."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

F = TypeVar("F", bound=Callable[..., Any])

if TYPE_CHECKING:
    _Text = click.ParamType[str]
else:
    _Text = click.ParamType  # generic since click 8.4

as_json = click.option("--json", "as_json", is_flag=True, help="Print data, not prose.")


class AlgorithmName(_Text):
    """The name of an algorithm; a shell completes it from what is installed."""

    name = "algorithm"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from cngcore.registry import default

        return [CompletionItem(name) for name in default().algorithms() if name.startswith(incomplete.upper())]


def algorithm_argument(**options: Any) -> Callable[[F], F]:
    """The argument ``algorithm``."""
    return click.argument("algorithm", type=AlgorithmName(), **options)
