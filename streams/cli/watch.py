"""`alltobit watch`: a topic as it grows."""

import json
from contextlib import aclosing
from typing import Annotated

import typer

from schemas.settings import Settings, Topics
from streams.cli.console import out, write_line
from streams.cli.record import Record
from streams.cli.running import run_async, settings_of
from streams.cli.show import documents, lines
from streams.cli.tail import tail


def run(  # noqa: PLR0913 - options of the command
    ctx: typer.Context,
    topic: Annotated[
        str,
        typer.Argument(
            help="alerts, incidents, anomalies, bits, readings, rejects, or any topic's name."
        ),
    ] = "alerts",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Print every point and sample.")] = False,
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", help="Begin with what is there already.")
    ] = False,
    count: Annotated[int, typer.Option(help="Leave after so many messages; 0: never.", min=0)] = 0,
) -> None:
    """Show a topic as it grows, a line an event.

    Joins no group and commits nothing, so it disturbs nobody. Ctrl-C ends it.
    """
    settings = settings_of(ctx)
    show = _show_json if as_json else _show

    async def work() -> None:
        left = count
        name = topic_named(topic, settings)
        async with aclosing(tail(settings.kafka, name, from_beginning=from_beginning)) as records:
            async for record in records:
                left -= show(record, full=full)
                if count and left <= 0:
                    return

    run_async(work())


def topic_named(topic: str, settings: Settings) -> str:
    """Return the topic's own name: `alerts` may be named otherwise in the settings."""
    if any(topic == raw.name for raw in settings.raw):
        return topic
    named: object = getattr(settings.topics, topic, None) if topic in Topics.model_fields else None
    return named if isinstance(named, str) else topic


def _show(record: Record, *, full: bool) -> bool:
    """Print a message; say whether there was anything to be shown."""
    console, shown = out(), False
    for line in lines(record, full=full):
        console.print(line.styled())
        shown = True
    return shown


def _show_json(record: Record, *, full: bool) -> bool:
    shown = False
    for document in documents(record, full=full):
        write_line(json.dumps(document, ensure_ascii=False))
        shown = True
    return shown
