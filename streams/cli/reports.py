"""`alltobit reports`: what was reported, as Markdown."""

from collections.abc import Callable
from contextlib import aclosing
from typing import Annotated

import typer

from schemas.report import Kind
from schemas.settings import Settings
from streams.cli.console import write_line
from streams.cli.plain import plain
from streams.cli.record import Record
from streams.cli.running import run_async, settings_of
from streams.cli.tail import tail, there
from streams.report.past import told_of

Fits = Callable[[Record], bool]


def run(  # noqa: PLR0913 - options of the command
    ctx: typer.Context,
    *,
    incident: Annotated[
        str, typer.Option(help="Of this incident alone: its id, or how it begins.")
    ] = "",
    kind: Annotated[Kind | None, typer.Option(help="Of this kind alone.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
    limit: Annotated[int, typer.Option(help="The most to show.", min=1)] = 10,
    follow: Annotated[
        bool, typer.Option("--follow", help="Show those that come, until Ctrl-C.")
    ] = False,
) -> None:
    """Show reports as Markdown, the newest last.

    The reporter writes them: `alltobit reporter`. `alltobit report` makes one at once, without it.
    """
    settings = settings_of(ctx)
    show = _show_json if as_json else _show

    def fits(record: Record) -> bool:
        told = told_of(record.value)
        is_kind = told is not None and kind in {None, told.data.kind}
        return told is not None and is_kind and told.data.event.startswith(incident)

    run_async(_follow(settings, fits, show) if follow else _newest(settings, fits, show, limit))


async def _newest(
    settings: Settings, fits: Fits, show: Callable[[Record], None], limit: int
) -> None:
    async with aclosing(there(settings.kafka, settings.topics.reports)) as records:
        found = [record async for record in records if fits(record)]
    for record in sorted(found, key=lambda record: record.timestamp_ms)[-limit:]:
        show(record)


async def _follow(settings: Settings, fits: Fits, show: Callable[[Record], None]) -> None:
    topic = settings.topics.reports
    async with aclosing(tail(settings.kafka, topic, from_beginning=False)) as records:
        async for record in records:
            if fits(record):
                show(record)


def _show(record: Record) -> None:
    told = told_of(record.value)
    if told is not None:
        write_page(told.data.markdown)


def _show_json(record: Record) -> None:
    write_line(record.value.decode())


def write_page(markdown: str) -> None:
    """Write Markdown that came from outside, harmless for a terminal."""
    for line in markdown.splitlines():
        write_line(plain(line))
    write_line("")
