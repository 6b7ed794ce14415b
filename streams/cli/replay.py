"""`alltobit replay`: recorded files, as if they were measured now."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from models.replay import BadLine, Reading, Row
from models.simulate.frame import Frame
from models.simulate.wire import native_json
from schemas.settings import Settings
from streams.cli.console import trouble
from streams.cli.feed import To, feed
from streams.cli.running import run_async, settings_of
from streams.cli.simulate import start_ns
from streams.publish import Message
from streams.replay_files import frames

_HEADERS = [("content-type", b"application/vnd.alltobit+json")]  # a list: aiokafka takes no tuple
_SHOWN = 10  # bad lines that are told one by one


class Per(StrEnum):
    """What a rate counts."""

    FRAME = "frame"
    SAMPLE = "sample"


def run(  # noqa: PLR0913 - options of the command
    ctx: typer.Context,
    path: Annotated[
        Path, typer.Argument(help="CSV, TSV, npz, or JSON lines, .gz too; or a folder.")
    ],
    *,
    topic: Annotated[
        str, typer.Option(help="Raw topic to publish to. Default: the settings' first.")
    ] = "",
    rate: Annotated[
        float, typer.Option(help="At most so many a second; 0: no limit.", min=0.0)
    ] = 0.0,
    per: Annotated[
        Per, typer.Option(help="What the rate counts: rows of an asset, or values.")
    ] = Per.FRAME,
    speed: Annotated[
        float,
        typer.Option(help="Times as fast as it was recorded; 0: do not wait.", min=0.0),
    ] = 0.0,
    asset: Annotated[str, typer.Option(help="Name for all rows. Default: as the file says.")] = "",
    column: Annotated[
        list[str] | None, typer.Option(help="Take only this point; again for more.")
    ] = None,
    start: Annotated[
        str, typer.Option(help="Time of the first row where the file has no times.")
    ] = "1970-01-01",
    step: Annotated[float, typer.Option(help="Between such rows, s.", min=0.001)] = 1.0,
    transposed: Annotated[
        bool, typer.Option("--transposed", help="A row is a point, a column a time.")
    ] = False,
    now: Annotated[
        bool, typer.Option("--now", help="Move all times, so that the first is now.")
    ] = False,
    to: Annotated[To, typer.Option(help="Where to.")] = To.KAFKA,
) -> None:
    """Publish recorded files.

    Bad rows are told on stderr and left out; then the exit code is 1.
    """
    settings = settings_of(ctx)
    how = Reading(asset, tuple(column or ()), start_ns(start, 0), round(step * 1e9), transposed)
    good = Good(frames(path, how))
    timed = _messages(_from_now(good) if now else good, _raw(settings, topic), per)
    sent = run_async(feed(settings.kafka, timed, to, rate=rate, speed=speed))
    if to is To.KAFKA:
        trouble(f"{sent} messages published, {good.bad} bad rows left out")
    if good.bad:
        raise typer.Exit(1)


@dataclass
class Good:
    """The rows that could be read; the others are told and counted."""

    rows: Iterable[Row]
    bad: int = 0

    def __iter__(self) -> Iterator[Frame]:
        for row in self.rows:
            if isinstance(row, BadLine):
                self._tell(row)
            else:
                yield row

    def _tell(self, row: BadLine) -> None:
        self.bad += 1
        if self.bad <= _SHOWN:
            trouble(str(row))
        if self.bad == _SHOWN:
            trouble("further bad rows are only counted")


def _raw(settings: Settings, topic: str) -> str:
    return topic or settings.raw[0].name


def _from_now(rows: Iterable[Frame]) -> Iterator[Frame]:
    shift_ns = None
    for row in rows:
        shift_ns = time.time_ns() - row.time_ns if shift_ns is None else shift_ns
        yield row._replace(time_ns=row.time_ns + shift_ns)


def _messages(rows: Iterable[Frame], topic: str, per: Per) -> Iterator[tuple[int, Message]]:
    for row in rows:
        weight = float(len(row.values)) if per is Per.SAMPLE else 1.0
        key, value = row.asset.encode(), native_json(row)
        yield row.time_ns, Message(topic, key, value, _HEADERS, None, weight)
