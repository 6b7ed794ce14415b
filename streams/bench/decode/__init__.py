"""Nanoseconds a sample of each wire format, beside the fastest general decoder of the same bytes.

Both turn messages into float64 values in an array; ours also finds names, times and quality. They
take turns in one run, so that the same noise meets both, and each turn has messages of its own, so
that nothing can be remembered by its value. Time is this thread's processor time.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from schemas.formats import FORMATS, decoders
from streams.bench.decode.measure import AIMS, Speed, measure
from streams.bench.pinned import load, pinned

HEADLINE = "native-json"


def run(
    *,
    seed: Annotated[int, typer.Option(min=0, help="Of the values.")] = 1,
    turns: Annotated[int, typer.Option(min=1, help="Of each decoder.")] = 9,
    name: Annotated[list[str] | None, typer.Option("--format", help="Only these.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON a format.")] = False,
    fail_under: Annotated[
        float | None, typer.Option(help=f"Exit 1: {HEADLINE} not so many times as fast.")
    ] = None,
) -> None:
    """Decode typical messages of every format, beside the fastest general decoder."""
    with pinned() as cpu:
        made = decoders()
        wanted = list(dict.fromkeys([*(name or FORMATS), HEADLINE]))
        unknown = [one for one in wanted if one not in made]
        if unknown:
            raise typer.BadParameter(f"no such format: {', '.join(unknown)}")
        speeds = [measure(made[one], seed, turns) for one in wanted]
    if not as_json:
        typer.echo(f"one thread on processor {cpu}; {load()}")
    for one in speeds:
        typer.echo(msgspec.json.encode(one.figures()).decode() if as_json else one.line())
    headline = next(one for one in speeds if one.format == HEADLINE)
    if not as_json:
        typer.echo(f"decode: {_headline(speeds)}; {HEADLINE} {headline.ratio:.2f} times as fast")
    if fail_under is not None and headline.ratio < fail_under:
        raise typer.Exit(1)


def _headline(speeds: Sequence[Speed]) -> str:
    """Say how the aims stand."""
    return ", ".join(
        f"{one.format} {1e3 / one.ns:.2f} M samples/s (aim {AIMS[one.format].again:g})"
        for one in speeds
        if one.format in AIMS
    )
