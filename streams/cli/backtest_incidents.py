"""Recorded incidents that rules are tried on: JSON lines, or the topic `incidents`."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import aclosing
from pathlib import Path

from models.messages import Unread
from models.trigger.message import Source, read
from models.trigger.trial.tried import Trial
from models.words import nanoseconds
from schemas.cascade import Incident
from schemas.events import Event
from schemas.settings import Settings
from streams.cli.backtest_data import Span, Window
from streams.cli.console import trouble
from streams.cli.tail import since
from streams.errors import ConfigError, TopicMissing


def on_incidents(
    trial: Trial, events: Iterable[Event[Incident]], window: Window, span: Span
) -> Span:
    """Try rules on the incidents of a time; return `span` with their times, too."""
    for event in events:
        time_ns = nanoseconds(event.time)
        if window.has(time_ns):
            trial.take([event])
            span = span.with_(time_ns)
    return span


def in_file(path: Path) -> Iterator[Event[Incident]]:
    """Read events as `alltobit watch incidents --json` prints them. Raises `ConfigError`."""
    if not path.is_file():
        raise ConfigError("--incidents", path, "there is no such file", "give JSON lines")
    for line, text in enumerate(path.read_bytes().splitlines(), 1):
        found = read(Source.INCIDENTS, text) if text.strip() else None
        if isinstance(found, Unread):
            raise ConfigError("incidents", path, f"line {line}: {found.detail}", "correct it there")
        if isinstance(found, Event):
            yield found


async def in_topic(settings: Settings, window: Window) -> list[Event[Incident]]:
    """Return what the topic has of a time; what is no event is told and left out."""
    try:
        return [one async for one in _in_topic(settings, max(window.from_ns // 1_000_000, 0))]
    except TopicMissing:
        return []


async def _in_topic(settings: Settings, from_ms: int) -> AsyncIterator[Event[Incident]]:
    async with aclosing(since(settings.kafka, settings.topics.incidents, from_ms)) as records:
        async for record in records:
            found = read(Source.INCIDENTS, record.value)
            if isinstance(found, Unread):
                where = f"{record.topic}/{record.partition}@{record.offset}"
                trouble(f"{where} left out: {found.detail}")
            elif isinstance(found, Event):
                yield found
