"""Groups whose commands are loaded when they are called: `--help` must not wait for numba."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

from streams.cli.plain import plain
from streams.errors import AllToBitError


class Entry(NamedTuple):
    """Where a command is, and its line in the list."""

    module: str
    """Has `app`, a Typer, or `run`, a function with Typer's annotations."""
    help: str
    panel: str | None = None


def group(entries: Mapping[str, Entry], **how: Any) -> typer.Typer:  # noqa: ANN401 - Typer's own arguments
    """Return a Typer of these commands; `how`: what `typer.Typer` takes."""

    class Lazy(TyperGroup):
        """Loads a command that is called; for the list, a line of text is enough."""

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - Typer's click has no public name
            if args and args[0] in entries:
                self.commands[args[0]] = load(args[0], entries[args[0]])
            return super().resolve_command(ctx, args)

        def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as above
            try:
                return super().invoke(ctx)
            except AllToBitError as error:
                typer.echo(plain(f"alltobit: {error}"), err=True)
                raise typer.Exit(error.exit_code) from error

    app = typer.Typer(cls=Lazy, no_args_is_help=True, **HOW, **how)
    app.callback()(_listed)  # without one, Typer makes a group of one command that command
    for name, entry in entries.items():
        app.command(name, help=entry.help, rich_help_panel=entry.panel)(_listed)
    return app


HOW: dict[str, Any] = {
    "context_settings": {"help_option_names": ["-h", "--help"]},
    "pretty_exceptions_enable": False,
    "add_completion": False,
}


def _listed() -> None:
    """Stand for a command in the list."""


def load(name: str, entry: Entry) -> Any:  # noqa: ANN401 - as above
    """Import a command: a click command of this name."""
    module = import_module(entry.module)
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(**HOW)
        app.command(name)(module.run)
    command = typer.main.get_command(app)
    command.name = name
    return command
