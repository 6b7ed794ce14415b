"""What tools answer from: the picture, and readings and bits of a window, read when asked for."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic, time_ns
from typing import Any, NamedTuple, TypeVar

from models.ask.picture import Picture
from models.symbols import Window as Times
from models.words import moment as time_of
from schemas.ask import question as asks
from schemas.ask.answer import Answer
from schemas.events import Event
from schemas.settings import Kafka, Mcp, Settings
from streams.cli.backtest_data import moment
from streams.cli.record import Record
from streams.cli.tail import since
from streams.errors import ConfigError, TopicMissing
from streams.mcp.follow import Follower

T = TypeVar("T")
AnEvent = TypeVar("AnEvent", bound=Event[Any])

_EARLY_MS, _LATE_MS = 60_000, 600_000
"""What is of a window in event time may have come to Kafka so much earlier or later."""
_AT_ONCE = 2  # questions that read Kafka: each holds what it reads


class Told(NamedTuple):
    """An answer, and its text where that is more than its JSON."""

    answer: Answer
    text: str = ""


class Tool(NamedTuple):
    """What can be asked: the question's own text is what models read of it."""

    name: str
    question: type[asks.Question]
    answer: type[Answer]
    ask: Callable[["Desk", Any], Awaitable[Told]]
    reads_only: bool = True


@dataclass(slots=True)
class Desk:
    """Where questions are answered."""

    settings: Settings
    follower: Follower
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    @property
    def picture(self) -> Picture:
        """What events told last."""
        return self.follower.picture

    def see(self, *words: str) -> None:
        """Raise `TopicMissing` where nothing can be known of these topics."""
        for word in words:
            if word in self.follower.missing:
                name = getattr(self.settings.topics, word)
                trouble = f"does not exist here: nothing is known of {word}"
                raise TopicMissing("topic", name, trouble, "an operator makes it, or nobody writes")

    async def aside(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do work in a thread with a loop of its own: others are answered meanwhile.

        Raises `ConfigError` where too many do so.
        """
        patience_s = self.settings.mcp.patience_s
        try:
            await asyncio.wait_for(self.turns.acquire(), patience_s)
        except TimeoutError:
            trouble = f"{_AT_ONCE} other questions are being read for"
            raise ConfigError("mcp.patience_s", patience_s, trouble, "ask again later") from None
        working = asyncio.ensure_future(asyncio.to_thread(lambda: asyncio.run(work())))
        working.add_done_callback(self._ended)
        return await asyncio.shield(working)

    def _ended(self, working: "asyncio.Future[Any]") -> None:
        """Give the turn on: the thread goes on to its end, though nobody may wait any more."""
        self.turns.release()
        if not working.cancelled():
            working.exception()

    def note(self) -> str:
        """Say how far back the picture goes."""
        return f"of the last {self.settings.mcp.hours:g} h"


def one_of(found: Sequence[AnEvent], begins: str, see: str) -> AnEvent:
    """Return the only event that was found. Raises `ConfigError`; `see`: the tool that has ids."""
    if len(found) != 1:
        many = f"{len(found)} have an id that begins so" if found else "nothing known has this id"
        raise ConfigError("id", begins, many, f"take one from {see}")
    return found[0]


def since_when(text: str) -> datetime | None:
    """Read `2h` (ago) or a time; empty: None. Raises `ConfigError`."""
    return time_of(moment(text, time_ns(), "since")) if text else None


def window_of(question: asks.Window) -> Times:
    """Return the window of a question. Raises `ConfigError`."""
    now_ns = time_ns()
    start_ns = moment(question.from_, now_ns, "from")
    end_ns = moment(question.to, now_ns, "to") if question.to else now_ns
    if start_ns >= end_ns:
        raise ConfigError("from", question.from_, "not before `to`", "give an earlier time")
    return Times(start_ns, end_ns)


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Reading:
    """What a question reads of a topic: bounded in time and size."""

    kafka: Kafka
    limits: Mcp
    left_bytes: int = 0
    note: str = ""
    """Where it ended before all was read."""

    async def records(self, topic: str, times: Times) -> AsyncGenerator[Record, None]:
        """Yield the messages of a window, and some around; stop at the limits."""
        self.left_bytes, end_s = round(self.limits.read_mb * 2**20), 0.0
        since_ms = max(times.start_ns // 1_000_000 - _EARLY_MS, 0)
        until_ms = times.end_ns // 1_000_000 + _LATE_MS
        async with aclosing(since(self.kafka, topic, since_ms, until_ms)) as records:
            while (record := await self._next(records)) is not None:
                yield record
                end_s = end_s or monotonic() + self.limits.patience_s  # the first may compile
                self.left_bytes -= len(record.value)
                if self.left_bytes < 0 or monotonic() > end_s:
                    self._stop(record)
                    return

    async def _next(self, records: AsyncGenerator[Record, None]) -> Record | None:
        """Return the next message; None: it was the last. A partition may be away for long."""
        try:
            async with asyncio.timeout(self.limits.patience_s):
                return await anext(records, None)
        except TimeoutError:
            self.note = f"Kafka gave nothing for {self.limits.patience_s:g} s: not all was read"
            return None

    def _stop(self, record: Record) -> None:
        why = (
            f"{self.limits.patience_s:g} s"
            if self.left_bytes >= 0
            else f"{self.limits.read_mb:g} MiB"
        )
        upto = time_of(record.timestamp_ms * 1_000_000)
        self.note = f"read for {why}, up to about {upto:%Y-%m-%dT%H:%M:%SZ}: ask for less at a time"
