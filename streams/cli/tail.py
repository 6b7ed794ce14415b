"""Reading a topic from outside any group: to its end and on, or one message."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka import errors as kafka_errors

from schemas.settings import Kafka
from streams.cli.record import Record
from streams.connection import client_options, reach
from streams.errors import BrokerUnreachable, ConfigError, TopicMissing
from streams.topics import partition_counts

_POLL_MS = 200
_MOST = 500  # messages a poll
_MOST_BEFORE = 50_000
_PATIENCE_S = 10.0  # for one message that is said to be there


async def tail(kafka: Kafka, topic: str, *, from_beginning: bool) -> AsyncGenerator[Record, None]:
    """Yield the messages of `topic` as they come, for ever; those of a partition in order.

    Raises what `reach` raises and `TopicMissing`. Commits nothing and joins no group.
    """
    async with _reader(kafka, topic) as (consumer, partitions):
        if from_beginning:
            await consumer.seek_to_beginning(*partitions)
        else:
            await consumer.seek_to_end(*partitions)
        while True:
            batch = await consumer.getmany(timeout_ms=_POLL_MS, max_records=_MOST)
            found = [record for records in batch.values() for record in records]
            for record in sorted(found, key=lambda record: int(record.timestamp)):
                yield _record(record)


async def there(kafka: Kafka, topic: str) -> AsyncGenerator[Record, None]:
    """Yield the messages that `topic` has now; those of a partition in order. Raises as `tail`."""
    async with _reader(kafka, topic) as (consumer, partitions):
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        while [p for p in partitions if await consumer.position(p) < ends[p]]:
            batch = await consumer.getmany(timeout_ms=_POLL_MS, max_records=_MOST)
            for record in (record for records in batch.values() for record in records):
                yield _record(record)


async def fetch(kafka: Kafka, topic: str, partition: int, offset: int) -> Record:
    """Read one message. Raises `ConfigError` where it is not."""
    async with _reader(kafka, topic) as (consumer, partitions):
        asked = TopicPartition(topic, partition)
        await _check(consumer, asked, partitions, offset)
        for other in set(partitions) - {asked}:
            consumer.pause(other)
        consumer.seek(asked, offset)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return _record(await consumer.getone(asked))
        except TimeoutError as error:
            raise _absent(asked, offset, "nothing came") from error


async def since(
    kafka: Kafka, topic: str, since_ms: int, until_ms: int | None = None
) -> AsyncGenerator[Record, None]:
    """Yield the messages from a time (of the broker's, in ms) to another, or to the ends of now.

    Those of a partition come in order; a few that came later may follow.
    """
    async with _reader(kafka, topic) as (consumer, partitions):
        last = await consumer.end_offsets(partitions)
        ends = last if until_ms is None else await _at(consumer, last, until_ms)
        at = await _at(consumer, last, since_ms)
        for one, offset in at.items():
            consumer.seek(one, offset)
        while any(at[one] < ends[one] for one in partitions):
            consumer.pause(*(one for one in partitions if at[one] >= ends[one]))
            batch = await consumer.getmany(timeout_ms=_POLL_MS, max_records=_MOST)
            for one in batch:
                at[one] = await consumer.position(one)
            for record in (record for records in batch.values() for record in records):
                yield _record(record)


async def _at(
    consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int], time_ms: int
) -> dict[TopicPartition, int]:
    """Return where the first messages of a time are; the end where there are none."""
    firsts = await consumer.offsets_for_times(dict.fromkeys(ends, time_ms))
    return {one: first.offset if first else ends[one] for one, first in firsts.items()}


async def before(
    kafka: Kafka, topic: str, partition: int, offset: int
) -> AsyncGenerator[Record, None]:
    """Yield up to `_MOST_BEFORE` messages that come before one, in order."""
    async with _reader(kafka, topic) as (consumer, partitions):
        asked = TopicPartition(topic, partition)
        await _check(consumer, asked, partitions, offset)
        for other in set(partitions) - {asked}:
            consumer.pause(other)
        first = (await consumer.beginning_offsets([asked]))[asked]
        consumer.seek(asked, max(first, offset - _MOST_BEFORE))
        while await consumer.position(asked) < offset:
            batch = await consumer.getmany(asked, timeout_ms=_POLL_MS, max_records=_MOST)
            for record in batch.get(asked, []):
                if record.offset < offset:
                    yield _record(record)


async def _check(
    consumer: AIOKafkaConsumer, asked: TopicPartition, there: list[TopicPartition], offset: int
) -> None:
    if asked not in there:
        raise ConfigError(
            "partition", asked.partition, f"{asked.topic} has {len(there)}", "they count from 0"
        )
    first = (await consumer.beginning_offsets([asked]))[asked]
    end = (await consumer.end_offsets([asked]))[asked]
    if not first <= offset < end:
        has = "the partition is empty" if first == end else f"offsets there are {first}..{end - 1}"
        raise _absent(asked, offset, has)


def _absent(asked: TopicPartition, offset: int, trouble: str) -> ConfigError:
    where = f"{asked.topic}/{asked.partition}"
    return ConfigError("offset", offset, f"no such message in {where}: {trouble}", "name another")


@asynccontextmanager
async def _reader(
    kafka: Kafka, topic: str
) -> AsyncIterator[tuple[AIOKafkaConsumer, list[TopicPartition]]]:
    """Lend a consumer of all partitions of `topic`."""
    await reach(kafka)
    consumer = AIOKafkaConsumer(
        enable_auto_commit=False, auto_offset_reset="earliest", **client_options(kafka)
    )
    try:
        await consumer.start()
        counts = await partition_counts(consumer, [topic])
        if topic not in counts:
            raise TopicMissing("topic", topic, "does not exist", "see `alltobit topics create`")
        partitions = [TopicPartition(topic, i) for i in range(counts[topic])]
        consumer.assign(partitions)
        yield consumer, partitions
    except (kafka_errors.KafkaError, TimeoutError) as error:
        mend = "see that Kafka runs, then run this again"
        raise BrokerUnreachable("kafka.bootstrap", kafka.bootstrap, repr(error), mend) from error
    finally:
        await consumer.stop()


def _record(record: ConsumerRecord) -> Record:
    return Record(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value or b"",
        {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers},
    )
