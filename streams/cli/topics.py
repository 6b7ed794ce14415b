"""`alltobit topics`: our topics in Kafka."""

from typing import Annotated

import typer

from streams import topics
from streams.cli.console import write_json, write_line
from streams.cli.lazy import HOW
from streams.cli.running import run_async, settings_of

app = typer.Typer(no_args_is_help=True, **HOW)


@app.callback()
def explain() -> None:
    """Make our topics, or say what differs."""


@app.command()
def create(
    ctx: typer.Context,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Make nothing; exit 1 where something differs.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make every topic of the settings that is missing; existing ones stay as they are."""
    settings = settings_of(ctx)
    if check:
        _tell(run_async(topics.differences(settings)), "differences", as_json=as_json)
    else:
        _tell(run_async(topics.create(settings)), "made", as_json=as_json)


def _tell(found: list[str], what: str, *, as_json: bool) -> None:
    if as_json:
        write_json({what: found})
    else:
        for line in found or ["nothing to do: all topics are there"]:
            write_line(line if what == "differences" or not found else f"made {line}")
    if found and what == "differences":
        raise typer.Exit(1)
