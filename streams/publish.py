"""Messages to Kafka: idempotent, with a bounded number on their way, as fast as is asked for.

aiokafka tells a failed send through its future alone: so every future is looked at, and the first
failure ends the publishing.
"""

import asyncio
from asyncio import Future
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from time import monotonic
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka import errors as kafka_errors

from schemas.settings import Kafka
from streams.connection import client_options, reach
from streams.errors import (
    AllToBitError,
    BrokerUnreachable,
    ConfigError,
    NoRights,
    TopicMissing,
)
from streams.topics import partition_counts

MOST_ON_THEIR_WAY = 4_000
"""Messages sent and not yet acknowledged."""
_LARGEST = 64 * 1024 * 1024
_LINGER_MS = 5
_AHEAD_S = 0.002  # sooner than this is on time: a shorter sleep costs more than it mends
_BEHIND_S = 1.0  # what is lost by more than this is not caught up
_YIELD_EVERY = 256  # messages between two looks at Ctrl-C, where nothing else waits
_TELL_EVERY = 100

_REFUSED = (
    kafka_errors.MessageSizeTooLargeError,
    kafka_errors.TopicAuthorizationFailedError,
    kafka_errors.ClusterAuthorizationFailedError,
)

Sleep = Callable[[float], Awaitable[None]]
Headers = Sequence[tuple[str, bytes]]


class Message(NamedTuple):
    """One message to publish."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Headers = ()
    timestamp_ms: int | None = None
    """Kafka's timestamp; None: when it is sent. An old one falls under the topic's retention."""
    weight: float = 1.0
    """How much of the rate it takes."""


class Pace:
    """Spreads what is published evenly: `rate` a second; 0: as fast as possible.

    After a standstill at most `_BEHIND_S` is caught up, so no flood follows it.
    """

    def __init__(
        self, rate: float, now: Callable[[], float] = monotonic, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._gap_s = 1.0 / rate if rate else 0.0
        self._now, self._sleep = now, sleep
        self._due_s = now()

    async def wait(self, weight: float = 1.0) -> None:
        """Return when the next is due; `weight`: how much of the rate it takes."""
        if not self._gap_s:
            return
        now = self._now()
        self._due_s = max(self._due_s, now - _BEHIND_S)
        if self._due_s - now > _AHEAD_S:
            await self._sleep(self._due_s - now)
        self._due_s += weight * self._gap_s


class OnTheirWay:
    """Futures of messages not yet acknowledged, oldest first; never more than `most`."""

    def __init__(self, most: int = MOST_ON_THEIR_WAY) -> None:
        self._most = most
        self._futures: deque[Future[Any]] = deque()
        self.acknowledged = 0

    async def add(self, future: "Future[Any]") -> None:
        """Take one more; wait while they are too many. Raises the first failure."""
        self._futures.append(future)
        while self._futures and (self._futures[0].done() or len(self._futures) > self._most):
            await self._oldest()

    async def drain(self) -> None:
        """Wait for all. Raises the first failure."""
        while self._futures:
            await self._oldest()

    async def _oldest(self) -> None:
        await self._futures[0]
        self._futures.popleft()
        self.acknowledged += 1

    def forget(self) -> None:
        """Look at what is left, after a failure or Ctrl-C, so that nobody complains later."""
        for future in self._futures:
            future.add_done_callback(_looked_at)
        self._futures.clear()


def _looked_at(future: "Future[Any]") -> None:
    if not future.cancelled():
        future.exception()


async def publish(
    kafka: Kafka,
    messages: AsyncIterable[Message] | Iterable[Message],
    rate: float = 0.0,
    on_progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Publish all `messages`, at most `rate` (by weight) a second; 0: no limit. Return how many.

    Messages of one key arrive in order, each once. `on_progress` is told now and then how many were
    acknowledged. Raises what `reach` raises, `TopicMissing`, `NoRights`, `ConfigError`.
    """
    await reach(kafka)
    producer = AIOKafkaProducer(
        enable_idempotence=True,
        linger_ms=_LINGER_MS,
        max_batch_size=1_000_000,
        max_request_size=_LARGEST,
        request_timeout_ms=20_000,
        **client_options(kafka),
    )
    try:
        await producer.start()
        return await _send_all(producer, messages, Pace(rate), on_progress)
    except kafka_errors.KafkaError as error:
        raise _away(kafka, error) from error
    finally:
        await producer.stop()


async def _send_all(
    producer: AIOKafkaProducer,
    messages: AsyncIterable[Message] | Iterable[Message],
    pace: Pace,
    on_progress: Callable[[int], None],
) -> int:
    on_way, known, sent = OnTheirWay(), set[str](), 0
    try:
        async for message in _each(messages):
            if message.topic not in known:
                known.add(await _existing(producer, message.topic))
            await pace.wait(message.weight)
            topic, key, value, headers, timestamp_ms, _ = message
            future = await producer.send(
                topic, value, key=key, headers=list(headers), timestamp_ms=timestamp_ms
            )
            await on_way.add(future)
            sent += 1
            if sent % _TELL_EVERY == 0:
                on_progress(on_way.acknowledged)
        await on_way.drain()
    except _REFUSED as error:
        raise _refusal(", ".join(sorted(known)), error) from error
    finally:
        on_way.forget()
    on_progress(sent)
    return sent


async def _existing(producer: AIOKafkaProducer, topic: str) -> str:
    """Return `topic`, or raise `TopicMissing` at once, where a producer would wait."""
    if topic not in await partition_counts(producer.client, [topic]):
        raise TopicMissing("topic", topic, "does not exist", "run `alltobit topics create`")
    return topic


async def _each(messages: AsyncIterable[Message] | Iterable[Message]) -> AsyncIterator[Message]:
    """Walk through either kind; let others run now and then."""
    if isinstance(messages, AsyncIterable):
        async for message in messages:
            yield message
        return
    for i, message in enumerate(messages):
        if i % _YIELD_EVERY == 0:
            await asyncio.sleep(0)
        yield message


async def at_speed(
    timed: Iterable[tuple[int, Message]], speed: float, sleep: Sleep = asyncio.sleep
) -> AsyncIterator[Message]:
    """Yield messages as time passed when they were recorded, `speed` times as fast (> 0).

    `timed`: event time in ns since 1970, and the message.
    """
    began_s, first_ns = monotonic(), None
    for time_ns, message in timed:
        first_ns = time_ns if first_ns is None else first_ns
        ahead_s = began_s + (time_ns - first_ns) / 1e9 / speed - monotonic()
        await sleep(ahead_s if ahead_s > _AHEAD_S else 0)
        yield message


def _refusal(topics: str, error: kafka_errors.KafkaError) -> AllToBitError:
    """Say what Kafka refused for good as one line for a person."""
    if isinstance(error, kafka_errors.MessageSizeTooLargeError):
        mend = "send smaller messages or raise max.message.bytes of the topic"
        return ConfigError("topic", topics, "a message is refused as too large", mend)
    return NoRights("topic", topics, "this user may not write to it", "allow WRITE")


def _away(kafka: Kafka, error: kafka_errors.KafkaError) -> BrokerUnreachable:
    mend = "see that Kafka runs, then run this again"
    return BrokerUnreachable("kafka.bootstrap", kafka.bootstrap, repr(error), mend)
