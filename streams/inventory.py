"""The topic `inventory`, read to its end and then on, for whoever asks what there is."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.cascade.site_rows import Rows, decode
from schemas.settings import Settings
from schemas.telemetry import Reject, Why
from streams.connection import reader
from streams.member import ended

_POLL_MS = 500  # without anything new for so long: what came together is there
_DETAIL = 200


class Listener(Protocol):
    """Who takes the messages in."""

    async def take(self, record: ConsumerRecord) -> None:
        """Take one message in."""

    async def settle(self) -> None:
        """Go on with what came; nothing more is there for now."""


def key_of(record: ConsumerRecord) -> str:
    """Return which part of which site a message is about."""
    return (record.key or b"").decode("utf-8", "replace")


def rows_of(record: ConsumerRecord) -> Rows | Reject:
    """Read a message; one without a value takes its part away."""
    if not record.value:
        return Rows("")
    try:
        return decode(record.value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        is_json = isinstance(error, msgspec.ValidationError)
        why = Why.WRONG_TYPE if is_json else Why.NOT_JSON
        return Reject(0, why, f"no inventory: {error}"[:_DETAIL])


@asynccontextmanager
async def followed(
    settings: Settings, partitions: int, listener: Listener
) -> AsyncIterator["asyncio.Task[None]"]:
    """Read what there is, then go on beside; lends the task that does so."""
    places = [TopicPartition(settings.topics.inventory, i) for i in range(partitions)]
    async with reader(settings.kafka, auto_offset_reset="earliest") as consumer:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        await catch_up(consumer, await consumer.end_offsets(places), listener)
        task = asyncio.create_task(follow(consumer, listener))
        try:
            yield task
        finally:
            await ended(task)


async def catch_up(
    consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int], listener: Listener
) -> None:
    """Read what the topic has, up to `ends`."""
    while [one for one, end in ends.items() if await consumer.position(one) < end]:
        await _poll(consumer, listener)
    await listener.settle()


async def follow(consumer: AIOKafkaConsumer, listener: Listener) -> None:
    """Take in what comes, for ever."""
    while True:
        if not await _poll(consumer, listener):
            await listener.settle()


async def _poll(consumer: AIOKafkaConsumer, listener: Listener) -> int:
    batch = await consumer.getmany(timeout_ms=_POLL_MS, max_records=500)
    records = [record for records in batch.values() for record in records]
    for record in records:
        await listener.take(record)
    return len(records)
