"""Where a partition of `incidents` is begun, and which reports of it are there already.

Messages are read from the oldest incident that is not done with, and from `reporter.remember_s`
ago; reports from an hour before that, as clocks differ.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import time

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.settings import Settings
from streams.connection import reader
from streams.report.around import READING
from streams.report.files import Files, Told
from streams.report.outputs import TOLD
from streams.topics import administration, committed

log = logging.getLogger(__name__)

_SITE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MARGIN_MS = 3_600_000
_PATIENCE_MS = 5_000  # for a message that is there


@dataclass(slots=True)
class Past:
    """What is known of a partition before anything is done."""

    start: int
    """Where `incidents` is read from."""
    end: int
    """Of `incidents`, now."""
    committed: int
    """-1: never."""
    since: datetime
    """What is earlier is of no concern, unless it is not over."""
    written: dict[str, datetime] = field(default_factory=dict)
    sites: dict[str, datetime] = field(default_factory=dict)


async def pasts(settings: Settings, numbers: Iterable[int], files: Files) -> dict[int, Past]:
    """Ask Kafka; write again the files that are missing of what was written since."""
    topics, every = settings.topics, sorted(numbers)
    async with administration(settings.kafka) as admin:
        known = await committed(admin, settings.reporter.group)
    places = [TopicPartition(topics.incidents, number) for number in every]
    async with reader(settings.kafka, **READING) as consumer:
        found = await _starts(settings, consumer, places, known)
        consumer.assign(places)
        firsts = {
            TopicPartition(topics.reports, number): await _first_ms(
                consumer, TopicPartition(topics.incidents, number), past
            )
            for number, past in found.items()
        }
    async with reader(settings.kafka, **READING) as consumer:
        async for record in _since(consumer, firsts):
            told = _take(found[record.partition], record)
            if told is not None:
                await asyncio.to_thread(files.put, site_of(record), told)
    return found


async def _starts(
    settings: Settings,
    consumer: AIOKafkaConsumer,
    places: list[TopicPartition],
    standing: Mapping[TopicPartition, int],
) -> dict[int, Past]:
    since_s = time() - settings.reporter.remember_s
    begins = await consumer.beginning_offsets(places)
    ends = await consumer.end_offsets(places)
    recent = await consumer.offsets_for_times(dict.fromkeys(places, int(since_s * 1000)))
    found = {}
    for place in places:
        begin, end, known = begins[place], ends[place], standing.get(place, -1)
        known = -1 if known > end else known  # the topic was made anew
        after = recent[place].offset if recent.get(place) else end
        if -1 < known < begin:
            log.error("incidents %d to %d were deleted before they were over", known, begin)
        start = max(after if known < 0 else min(known, after), begin)
        since = datetime.fromtimestamp(since_s, UTC)
        found[place.partition] = Past(start, end, known, since)
    return found


async def _first_ms(consumer: AIOKafkaConsumer, place: TopicPartition, past: Past) -> int:
    """Return from when reports may be of what is read."""
    since_ms = round(past.since.timestamp() * 1000)
    if past.start < past.end:
        consumer.seek(place, past.start)
        batch = await consumer.getmany(place, timeout_ms=_PATIENCE_MS, max_records=1)
        since_ms = min([since_ms, *(one.timestamp for one in batch.get(place, []))])
    return max(since_ms - _MARGIN_MS, 0)


async def _since(
    consumer: AIOKafkaConsumer, times_ms: Mapping[TopicPartition, int]
) -> AsyncIterator[ConsumerRecord]:
    """Yield what stands in partitions from a time to their present ends."""
    ends = await consumer.end_offsets(list(times_ms))
    firsts = await consumer.offsets_for_times(dict(times_ms))
    consumer.assign(list(times_ms))
    for place, first in firsts.items():
        consumer.seek(place, first.offset if first else ends[place])
    while [place for place in ends if await consumer.position(place) < ends[place]]:
        for records in (await consumer.getmany(timeout_ms=200)).values():
            for record in records:
                yield record


def _take(past: Past, record: ConsumerRecord) -> Told | None:
    """Know that a report is there; None: it is none."""
    told, site = told_of(record.value), site_of(record)
    if told is None or not site:
        return None
    came = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    past.written[told.id] = max(came, past.since)
    past.sites[site] = min(past.sites.get(site, came), came)
    return told


def site_of(record: ConsumerRecord) -> str:
    """Return the site that a message is keyed by; empty where its key is no name of a site."""
    site = (record.key or b"").decode("utf-8", "replace")
    return site if _SITE.fullmatch(site) else ""


def told_of(value: bytes | None) -> Told | None:
    """Read a report; None: it is none."""
    try:
        return TOLD.decode(value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
