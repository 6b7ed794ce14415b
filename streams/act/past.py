"""What a partition of `actions` already says, before anything of it is done."""

import logging
from collections.abc import Iterable, Mapping
from time import time
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from models.act.ledger import Due, Ledger
from models.act.message import Over, read
from models.messages import Unread
from schemas.settings import Settings
from streams.connection import reader
from streams.topics import administration, committed

log = logging.getLogger(__name__)


class Past(NamedTuple):
    """A partition up to its present end."""

    ledger: Ledger
    asked: list[Due]
    """All requests, over or not, in their order."""
    unread: list[tuple[ConsumerRecord, Unread]]
    """Messages that are no action, and that nobody has rejected yet."""


def entry(record: ConsumerRecord) -> Due | Over | Unread | None:
    """Read one message."""
    found = read(record.value or b"")
    if found is None or isinstance(found, Over | Unread):
        return found
    return Due(found, record.partition, record.offset, record.timestamp / 1000, record.key)


async def pasts(settings: Settings, numbers: Iterable[int]) -> dict[int, Past]:
    """Read partitions from the oldest that is not over, and from `act.remember_s` ago."""
    places = [TopicPartition(settings.topics.actions, number) for number in sorted(numbers)]
    async with administration(settings.kafka) as admin:
        standing = await committed(admin, settings.act.group)
    async with reader(settings.kafka, auto_offset_reset="earliest") as consumer:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found = {}
        for place, start in (await _starts(settings, consumer, standing, ends)).items():
            consumer.seek(place, start)
            found[place] = Past(Ledger(start), [], [])
        await _read(consumer, found, ends, standing)
    return {place.partition: past for place, past in found.items()}


async def _starts(
    settings: Settings,
    consumer: AIOKafkaConsumer,
    standing: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
) -> dict[TopicPartition, int]:
    since_ms = int((time() - settings.act.remember_s) * 1000)
    begins = await consumer.beginning_offsets(list(ends))
    recent = await consumer.offsets_for_times(dict.fromkeys(ends, since_ms))
    starts = {}
    for place, end in ends.items():
        begin, known = begins[place], standing.get(place, begins[place])
        if known < begin:
            log.error("actions %d to %d were deleted before they were over", known, begin)
        after = recent[place].offset if recent.get(place) else end
        is_of_before = known > end  # the topic was made anew
        starts[place] = begin if is_of_before else max(min(known, after), begin)
    return starts


async def _read(
    consumer: AIOKafkaConsumer,
    found: Mapping[TopicPartition, Past],
    ends: Mapping[TopicPartition, int],
    standing: Mapping[TopicPartition, int],
) -> None:
    while [place for place in found if await consumer.position(place) < ends[place]]:
        for place, records in (await consumer.getmany(timeout_ms=200)).items():
            for record in records:
                _take(found[place], record, is_new=record.offset >= standing.get(place, 0))
    for place, past in found.items():
        past.ledger.offset = await consumer.position(place)


def _take(past: Past, record: ConsumerRecord, *, is_new: bool) -> None:
    read_ = entry(record)
    if isinstance(read_, Unread):
        if is_new:
            past.unread.append((record, read_))
    elif read_ is not None:
        past.ledger.take(read_)
        if isinstance(read_, Due):
            past.asked.append(read_)
