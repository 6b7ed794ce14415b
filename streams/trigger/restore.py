"""Where `trigger` goes on: its saved state, what was written down since, and what Kafka knows."""

import logging
from collections.abc import Iterable, Mapping
from time import time
from typing import NamedTuple

import msgspec
from aiokafka import TopicPartition

from models import saved
from models.snapshot import SnapshotError
from models.trigger.memory import KEPT_S, Memory
from models.trigger.message import Source
from models.trigger.saved import Standing
from models.trigger.saved import restored as loaded
from models.trigger.setup import Setup
from models.trigger.trigger import Trigger
from schemas.settings import Settings
from streams.connection import reader
from streams.errors import StateMismatch
from streams.topics import administration, committed, topic_ids
from streams.trigger.journal import Entry, entries, key_of
from streams.trigger.part import Part

log = logging.getLogger(__name__)

MEND = "restore what it was, or start under a new `trigger.group`"


class Known(NamedTuple):
    """What Kafka knows of the topics."""

    group: str
    topics: Mapping[str, str]
    """Their ids in their present life, by name."""
    starts: Mapping[TopicPartition, int]
    """Where one that was never read is begun: a day ago."""
    committed: Mapping[TopicPartition, int]


class Restored(NamedTuple):
    """A state, and what was taken in since it was saved."""

    part: Part
    since: list[Entry]


async def ask(settings: Settings, places: Iterable[TopicPartition]) -> Known:
    """Ask Kafka."""
    every, group = sorted(places), settings.trigger.group
    async with reader(settings.kafka) as consumer:
        ends = await consumer.end_offsets(every)
        day_ms = round((time() - KEPT_S) * 1000)
        firsts = await consumer.offsets_for_times(dict.fromkeys(every, day_ms))
    async with administration(settings.kafka) as admin:
        standing = await committed(admin, group)
        ids = await topic_ids(admin._client, {one.topic for one in every})  # noqa: SLF001 - no public client
    starts = {one: first.offset if first else ends[one] for one, first in firsts.items()}
    return Known(group, ids, starts, standing)


def restored(
    stored: Mapping[bytes, bytes], known: Known, setup: Setup, sources: Mapping[str, Source]
) -> Restored:
    """Load the saved state that stands furthest, or begin anew where there never was one.

    Raises `StateMismatch`.
    """
    try:
        found = saved.latest(stored)
        standing = loaded(found.manifest, found.chunks) if found else Standing(Memory(), {}, {})
        number = found.manifest.offset if found else 0
        since = entries(stored, number)
    except SnapshotError as error:
        raise StateMismatch("trigger.group", known.group, str(error), MEND) from error
    offsets = {place: _offset(place, known, standing) for place in known.starts}
    setup.sizes = setup.counted
    part = Part(Trigger(setup, standing.memory), sources, dict(known.topics), offsets, number)
    needed = {key_of(one.number) for one in since}
    part.old = [key for key in stored if key not in needed]
    if found is not None:
        log.info("state restored", extra={"batch": number, "since": len(since)})
    return Restored(part, [_of_now(one, known, standing) for one in since])


def _offset(place: TopicPartition, known: Known, standing: Standing) -> int:
    is_of_now = standing.topics.get(place.topic) == known.topics.get(place.topic)
    offset = standing.offsets.get(place.topic, {}).get(place.partition) if is_of_now else None
    return known.starts[place] if offset is None else offset


def _of_now(entry: Entry, known: Known, standing: Standing) -> Entry:
    """Return an entry without what stood in topics that were made anew since."""
    was = standing.topics
    spans = tuple(
        one for one in entry.spans if was.get(one.topic, "") in ("", known.topics.get(one.topic))
    )
    return msgspec.structs.replace(entry, spans=spans)


def check_reached(part: Part, known: Known) -> None:
    """Raise where the group has come further than what was saved and written down."""
    for place, offset in part.offsets.items():
        taken = known.committed.get(place, -1)
        if taken > offset and part.topics.get(place.topic):
            where = f"{place.topic} {place.partition}"
            trouble = f"{where} was taken in up to {taken}, its saved state stands at {offset}"
            raise StateMismatch("trigger.group", known.group, trouble, MEND)
