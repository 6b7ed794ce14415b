"""Disturb the service in every way it must survive; compare what it published with quiet runs.

The disturbed run reads raw topics of a real Kafka while they are written, and while its processes
are killed or paused, its broker restarted, its topics made anew. The quiet run reads the same
topics afterwards; the run without a broker is given the same messages. Equal means: the same ids of
frames and events, each with the same bytes; and every sample sent is in a frame exactly once.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import msgspec
import typer

from streams.bench.faults.alone import without_broker
from streams.bench.faults.disturber import KINDS, Disturber, make_anew
from streams.bench.faults.feed import START_NS, Feed, plant, publisher, settings_for
from streams.bench.faults.outcome import Outcome, Report, compare, outcome
from streams.bench.faults.runs import collect, disturb

__all__ = [
    "KINDS",
    "START_NS",
    "Disturber",
    "Feed",
    "Outcome",
    "Report",
    "collect",
    "compare",
    "disturb",
    "make_anew",
    "outcome",
    "plant",
    "publisher",
    "run",
    "settings_for",
    "without_broker",
]


def run(  # noqa: PLR0913 - options of the command
    *,
    seed: Annotated[int, typer.Option(min=0, help="Of the plant and of the moments.")] = 1,
    times: Annotated[int, typer.Option(min=1, help="Disturbances of each kind and role.")] = 20,
    kind: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(KINDS)}.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON a kind.")] = False,
    fail_over: Annotated[float | None, typer.Option(help="Exit 1 when more is wrong.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Keep data and logs here.")] = None,
) -> None:
    """Kill, pause and restart everything while data flows; compare with an undisturbed run."""
    wrong = 0
    for one in kind or KINDS:
        with TemporaryDirectory(prefix="alltobit-") as own:
            report = asyncio.run(disturb(one, seed, times, (folder or Path(own)) / one))
        wrong += report.wrong
        typer.echo(msgspec.json.encode(report).decode() if as_json else report.line())
    typer.echo(f"wrong: {wrong}")
    if fail_over is not None and wrong > fail_over:
        raise typer.Exit(1)
