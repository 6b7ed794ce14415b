"""What rules are tried on: recorded files, or the `readings` of a time; and labels beside them."""

import csv
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from models import pipeline
from models.names import Config
from models.replay.times import time_ns
from models.simulate.frame import Frame
from models.state import State
from models.trigger.trial.fed import Fed
from models.trigger.trial.labels import Stretch
from models.trigger.trial.tried import Trial
from schemas import readings
from schemas.durations import seconds
from schemas.readings import BlockError
from schemas.settings import Settings
from schemas.trigger import Decision
from streams.cli.console import trouble
from streams.cli.record import Record
from streams.cli.tail import since, there
from streams.errors import ConfigError, TopicMissing

_ALL = (-(2**62), 2**62)


class Window(NamedTuple):
    """From when to when; both belong to it."""

    from_ns: int = _ALL[0]
    to_ns: int = _ALL[1]

    def has(self, at_ns: int) -> bool:
        """Say whether a moment is in it."""
        return self.from_ns <= at_ns <= self.to_ns


class Span(NamedTuple):
    """Event times of the first and last sample; none: the first is behind the last."""

    first_ns: int = _ALL[1]
    last_ns: int = _ALL[0]

    @property
    def days(self) -> float:
        """Return how long it is."""
        return max(self.last_ns - self.first_ns, 0) / 86_400e9

    def meets(self, from_ns: int, to_ns: int) -> bool:
        """Say whether a stretch of time is in it, or overlaps it."""
        return from_ns <= self.last_ns and to_ns >= self.first_ns

    def over(self, block: readings.Block) -> "Span":
        """Return the span of a block's samples, too."""
        if not len(block):
            return self
        return self.with_(int(block.time_ns.min())).with_(int(block.time_ns.max()))

    def with_(self, at_ns: int) -> "Span":
        """Return the span of a moment, too."""
        return Span(min(at_ns, self.first_ns), max(at_ns, self.last_ns))


def moment(text: str, now_ns: int, option: str) -> int:
    """Read `2h` (ago) or a time. Raises `ConfigError`."""
    try:
        return now_ns - round(seconds(text) * 1e9)
    except ValueError:
        found = time_ns(text)
    if found is None:
        mend = "give 2h, 3d or 2026-05-01T12:00:00Z"
        raise ConfigError(option, text, "neither a duration nor a time", mend)
    return found


def on_frames(trial: Trial, config: Config, frames: Iterable[Frame], window: Window) -> Span:
    """Try rules on recorded frames, in order of time."""
    fed, first_ns, last_ns = Fed(config), _ALL[1], _ALL[0]

    def inside() -> Iterator[Frame]:
        nonlocal first_ns, last_ns
        for frame in frames:
            if window.has(frame.time_ns):
                first_ns, last_ns = min(first_ns, frame.time_ns), max(last_ns, frame.time_ns)
                yield frame

    for found in fed.take(inside()):
        trial.take(found.events)
    for found in fed.wait(last_ns):
        trial.take(found.events)
    trial.look(fed.state)
    return Span(first_ns, last_ns)


async def on_readings(trial: Trial, config: Config, settings: Settings, window: Window) -> Span:
    """Try rules on the `readings` of a time, as the broker has it."""
    from_ms = max(window.from_ns // 1_000_000, 0)
    async with aclosing(since(settings.kafka, settings.topics.readings, from_ms)) as records:
        return await on_records(trial, config, records, window)


async def on_records(
    trial: Trial, config: Config, records: AsyncIterator[Record], window: Window
) -> Span:
    """Try rules on messages of `readings`, as far as the broker had them in the window."""
    states: dict[int, State] = {}
    span = Span()
    async for record in records:
        if record.timestamp_ms * 1_000_000 > window.to_ns:
            continue
        state = states.get(record.partition)
        if state is None:
            state = states[record.partition] = State(config)
        try:
            block = readings.decode(record.value)
            trial.take(pipeline.judge(state, block).events)
        except BlockError as error:
            trouble(f"{record.topic}/{record.partition}@{record.offset} left out: {error}")
            continue
        span = span.over(block)
    for state in states.values():
        trial.look(state)
    return span


def stretches(path: Path) -> list[Stretch]:
    """Read labels: CSV with `asset,from,to`, and `rule` if wanted. Raises `ConfigError`."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        missing = {"asset", "from", "to"} - set(rows.fieldnames or ())
        if missing:
            trouble_ = f"has no column {', '.join(sorted(missing))}"
            raise ConfigError("labels", path, trouble_, "begin with asset,from,to")
        return [_stretch(path, rows.line_num, row) for row in rows]


def _stretch(path: Path, line: int, row: dict[str, str]) -> Stretch:
    from_ns, to_ns = time_ns(row["from"] or ""), time_ns(row["to"] or "")
    if not row["asset"] or from_ns is None or to_ns is None or from_ns > to_ns:
        raise ConfigError("labels", path, f"line {line} is no stretch of time", "correct it there")
    return Stretch(row["asset"], from_ns, to_ns, row.get("rule") or "")


def decisions(path: Path) -> list[Decision]:
    """Read decisions, a JSON line each. Raises `ConfigError`."""
    found = []
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found += [Decision.model_validate_json(text)] if text.strip() else []
        except ValidationError as error:
            what = error.errors(include_url=False)[0]["msg"]
            raise ConfigError("labels", path, f"line {line}: {what}", "correct it there") from None
    return found


async def decisions_there(settings: Settings) -> list[Decision]:
    """Return what the topic `decisions` has; what is no decision is left out."""
    found = []
    try:
        async with aclosing(there(settings.kafka, settings.topics.decisions)) as records:
            async for record in records:
                try:
                    found.append(Decision.model_validate_json(record.value))
                except ValidationError:
                    trouble(f"{record.topic}/{record.partition}@{record.offset} is no decision")
    except TopicMissing:
        return []
    return found
