"""Where a partition of `anomalies` is gone on with: its saved state, and what Kafka knows of it."""

import logging
from collections.abc import Callable, Mapping
from typing import NamedTuple

from aiokafka import TopicPartition

from models import saved
from models.cascade.saved import Snapshots, load
from models.saved import Saved
from models.site import Graph
from models.snapshot import SnapshotError
from schemas.settings import Settings
from streams.cascade.part import Part
from streams.connection import reader
from streams.errors import StateMismatch
from streams.topics import administration, committed, topic_ids

log = logging.getLogger(__name__)

MEND = "restore what it was, or start under a new `cascade.group`"


class Known(NamedTuple):
    """What Kafka knows of `anomalies`; its offsets by partition."""

    group: str
    partitions: int
    topic: str
    """Kafka's id of it in its present life."""
    begins: Mapping[int, int]
    committed: Mapping[int, int]


async def ask(settings: Settings, partitions: int) -> Known:
    """Ask Kafka."""
    name, group = settings.topics.anomalies, settings.cascade.group
    async with reader(settings.kafka) as consumer:
        places = [TopicPartition(name, number) for number in range(partitions)]
        begins = await consumer.beginning_offsets(places)
    async with administration(settings.kafka) as admin:
        found = await committed(admin, group)
        ids = await topic_ids(admin._client, [name])  # noqa: SLF001 - no public client
    standing = {place.partition: at for place, at in found.items() if place.topic == name}
    begin = {place.partition: offset for place, offset in begins.items()}
    return Known(group, partitions, ids.get(name, ""), begin, standing)


def restored(
    number: int,
    stored: Mapping[bytes, bytes],
    known: Known,
    graph_of: Callable[[str], Graph | None],
) -> Part:
    """Load the saved state that stands furthest, or begin anew where there never was one.

    Raises `StateMismatch`.
    """
    try:
        found = saved.latest(stored, known.topic)
        watches = load(found.manifest, found.chunks, graph_of) if found else {}
    except SnapshotError as error:
        raise _mismatch(known, f"partition {number}: {error}") from error
    offset = _offset(number, known, found)
    if found is not None:
        log.info("state restored", extra={"partition": number, "offset": offset})
    snapshots = Snapshots(known.partitions, known.topic)
    return Part(number, snapshots, offset, graph_of, watches, old=list(stored))


def _offset(number: int, known: Known, found: Saved | None) -> int:
    """Return where to go on. Raises where the group has come further than any saved state."""
    begin, taken = known.begins.get(number, 0), known.committed.get(number, -1)
    if found is not None and found.manifest.partitions != known.partitions:
        was = f"the state of partition {number} was saved when `anomalies` had "
        trouble = f"{was}{found.manifest.partitions} partitions, now it has {known.partitions}"
        raise _mismatch(known, trouble)
    is_of_now = found is not None and found.manifest.topic == known.topic
    offset = found.manifest.offset if found is not None and is_of_now else begin
    if taken > offset:
        trouble = f"partition {number} was taken in up to {taken}, its saved state stands at "
        raise _mismatch(known, f"{trouble}{offset}")
    if begin > offset:
        log.error("anomalies %d to %d were deleted before they were read", offset, begin)
    return max(offset, begin)


def _mismatch(known: Known, trouble: str) -> StateMismatch:
    return StateMismatch("cascade.group", known.group, trouble, MEND)
