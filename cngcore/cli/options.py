"""Options, arguments and parameter types of several commands: completion, examples in the help, and suggestions.

A type that knows the possible words completes them in a shell. For a word that is near one of them it answers "did you
mean"; for any other word the registry or the provider reports what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click
from click.shell_completion import CompletionItem

from cngcore._nearest import absent, has_no, nearest

if TYPE_CHECKING:
    from cngcore.objects import Implementation

F = TypeVar("F", bound=Callable[..., Any])

if TYPE_CHECKING:
    _Text = click.ParamType[str]
    _Whole = click.ParamType[int]
    _Real = click.ParamType[float]
else:
    _Text = _Whole = _Real = click.ParamType  # generic since click 8.4

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


# --- help -----------------------------------------------------------------------------------------------------------


class Command(click.Command):
    """A command whose help ends with ``examples``, command lines that work as they are written."""

    def __init__(self, *arguments: Any, examples: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.examples:
            with formatter.section("Examples"):
                for line in self.examples:
                    formatter.write(f"  {line}\n")
        super().format_epilog(ctx, formatter)


class Group(Command, click.Group):
    """A group of commands whose help ends with examples."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        unknown = args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None
        if unknown and not ctx.resilient_parsing:
            suggestion = nearest(args[0], self.list_commands(ctx))
            raise click.UsageError(f"No such command '{args[0]}'{did_you_mean(suggestion)}", ctx)
        return super().resolve_command(ctx, args)


# --- types ----------------------------------------------------------------------------------------------------------


class Choice(click.Choice[str]):
    """One of a few words. ``noun`` names what they are; ``metavar`` stands for them in the help if they are many."""

    def __init__(self, choices: Iterable[str], noun: str, metavar: str = "") -> None:
        super().__init__(list(choices))
        self._noun = noun
        self._short = metavar

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        return self._short or super().get_metavar(param, ctx)

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        suggestion = nearest(str(value), self.choices)
        if suggestion is not None:
            return f"{value!r} is not {self._noun}{did_you_mean(suggestion)}"
        return f"{value!r} is not {self._noun}; use one of {', '.join(self.choices)}"


class Positive(_Whole):
    """A whole number of at least 1."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = int(value)
        except ValueError:
            number = 0
        if number < 1:
            self.fail(f"{value!r} is not a whole number of at least 1", param, ctx)
        return number


class Seconds(_Real):
    """A time of at least a millisecond."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            seconds = float(value)
        except ValueError:
            seconds = 0.0
        if not 0.001 <= seconds < float("inf"):
            self.fail(f"{value!r} is not a number of seconds of at least 0.001", param, ctx)
        return seconds


class _Known(_Text):
    """A word that the installed providers know. An unknown word passes, because the registry says what is wrong with
    it, but a near miss is answered here.
    """

    noun = ""

    def words(self, ctx: click.Context | None) -> Iterable[str]:
        """Return the known words."""
        raise NotImplementedError

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        words = list(self.words(ctx))
        if value and value not in words and (suggestion := nearest(value, words)) is not None:
            _refuse(f"{self.noun} {value!r} does not exist{did_you_mean(suggestion)}")
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        start = incomplete.casefold()
        return [CompletionItem(word) for word in self.words(ctx) if word.casefold().startswith(start)]


class AlgorithmName(_Known):
    """The name of an algorithm. ``full`` also takes names that say more at once, such as ML-KEM-768 and X25519."""

    name = "algorithm"

    def __init__(self, *, full: bool = False) -> None:
        self._full = full

    def words(self, ctx: click.Context | None) -> list[str]:
        from cngcore.registry import default, one_step_names

        return [*default().algorithms(), *(one_step_names() if self._full else ())]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        words = self.words(ctx)
        if value in words or (self._full and _is_full(value)) or _is_known(value):
            return str(value)
        from cngcore.registry import default

        missing, meant = absent(value), default().meant_by(value)
        if missing is not None and (meant is None or ":" not in meant.algorithm):
            _refuse(missing)
        if meant is not None and meant.algorithm in words:
            suggestion = meant.for_command() if self._full else repr(meant.algorithm)
            _refuse(f"no installed provider serves {value!r}; did you mean {suggestion}?")
        return str(value)


class CurveName(_Known):
    """The name of an elliptic curve."""

    name = "curve"
    noun = "the curve"

    def words(self, ctx: click.Context | None) -> list[str]:
        from cngcore.conformance.walk import curves

        return sorted({name for one in _implementations(ctx) for name in curves(one.algorithm)}, key=str.casefold)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from cngcore.blobs.curves import CURVES

        return str(value) if value in CURVES else super().convert(value, param, ctx)


class ParameterSetName(_Known):
    """The name of a parameter set of ML-KEM or ML-DSA."""

    name = "set"
    noun = "the parameter set"

    def words(self, ctx: click.Context | None) -> list[str]:
        found = (known.name for one in _implementations(ctx) for known in one.algorithm.parameter_sets)
        return list(dict.fromkeys(found))


class ImplementationName(_Known):
    """The name of an implementation."""

    name = "implementation"
    noun = "the implementation"

    def words(self, ctx: click.Context | None) -> list[str]:
        return sorted({one.implementation for one in _implementations(ctx)})

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if ":" in value or " " in value:  # distribution:name, or the name of Microsoft's provider
            return str(value)
        words = self.words(ctx)
        named = ctx.params.get("algorithm") if ctx is not None else None
        if named is not None and words and value not in words:
            _refuse(has_no(str(named), "implementation", value, words))
        return super().convert(value, param, ctx)


class BlobTypeName(_Known):
    """A type of key blobs."""

    name = "type"
    noun = "the blob type"

    def words(self, ctx: click.Context | None) -> list[str]:
        from cngcore.formats import BLOB_TYPES, family_of
        from cngcore.registry import default
        from cngcore.status import NotSupportedError

        named = str(ctx.params.get("algorithm", "")) if ctx is not None else ""
        try:
            family, *_ = family_of(named) if named else ("",)
        except NotSupportedError:  # of another project, which says nothing of formats
            family = named
        if family and family not in BLOB_TYPES:  # not of bcrypt.h: by its declaration
            return sorted({name for one in default().candidates(family) for name in one.algorithm.blob_types})
        return sorted(BLOB_TYPES[family]) if family else [*sorted(_all_blob_types()), *declared_blob_types()]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return str(value) if value in _all_blob_types() else super().convert(value, param, ctx)


class ProviderName(_Known):
    """The name of an installed provider distribution, in any of the spellings that pip takes for one."""

    name = "provider"
    noun = "the provider"

    def words(self, ctx: click.Context | None) -> list[str]:
        from cngcore.registry import default

        return [str(record["distribution"]) for record in default().providers()]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from cngcore.registry import normalized

        return super().convert(normalized(value), param, ctx)


def algorithm_argument(*, full: bool = False, **options: Any) -> Callable[[F], F]:
    """Add the argument ``algorithm``; ``full`` also takes names such as ML-KEM-768.

    It is read before the options, so that their types know it.
    """
    return click.argument("algorithm", type=AlgorithmName(full=full), is_eager=True, **options)


def split_name(name: str) -> tuple[str, str | None, str | None]:
    """Return (algorithm, curve, parameter set) of a name such as ML-KEM-768 or X25519; other names stay as they are."""
    from cngcore.formats import family_of
    from cngcore.status import NotSupportedError

    try:
        family, curve, parameter_set, _ = family_of(name)
    except NotSupportedError:
        return name, None, None
    if parameter_set:
        return family, None, parameter_set
    return ("ECDH", curve, None) if family == "X25519" else (name, None, None)


def did_you_mean(suggestion: str | None) -> str:
    """Return the end of a message about a misspelt name; nothing without a suggestion."""
    return f"; did you mean '{suggestion}'?" if suggestion is not None else ""


def _refuse(message: str) -> NoReturn:
    raise click.ClickException(message)


def declared_blob_types() -> list[str]:
    """Return the blob types that installed providers declare, and that bcrypt.h does not have."""
    from cngcore.registry import default

    registry = default()
    found = {
        name for algorithm in registry.algorithms() for one in registry.candidates(algorithm)
        for name in one.algorithm.blob_types
    }  # fmt: skip
    return sorted(found - _all_blob_types())


def _all_blob_types() -> set[str]:
    from cngcore.formats import BLOB_TYPES

    return {name for types in BLOB_TYPES.values() for name in types}


def _is_full(name: str) -> bool:
    from cngcore.formats import family_of
    from cngcore.status import NotSupportedError

    try:
        return bool(family_of(name))
    except NotSupportedError:
        return False


def _is_known(name: str) -> bool:
    """Return whether an installed or configured provider has something to say about the algorithm."""
    from cngcore.registry import default

    found = default().explain(name)
    return bool(found.verdicts or found.not_admitted or found.faults)


def _implementations(ctx: click.Context | None) -> list[Implementation]:
    """Return the implementations of the algorithm of the command line, or of all algorithms."""
    from cngcore.registry import default

    registry = default()
    known = registry.algorithms()
    words = [] if ctx is None else [ctx.params.get("algorithm"), *ctx.args]  # completion leaves arguments in args
    named = [name for word in words if word and (name := split_name(word)[0]) in known]
    names = named[:1] or list(known)
    return [one for name in names for one in registry.candidates(str(name))]
