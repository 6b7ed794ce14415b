"""What happened around an incident: anomalies, alerts and actions, read again from Kafka.

Nothing of it is kept in memory, and whoever writes a report anew reads the same. Of a long incident
the first `MOST` messages of each topic are read.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from models.cascade.message import ANOMALIES
from models.messages import Kinds, read_event
from models.report.belongs import Belonging
from models.report.due import OF_PERIOD, Due
from schemas import events
from schemas.anomaly import Anomaly
from schemas.events import Event
from schemas.settings import Topics
from schemas.trigger import Action, Alert
from streams.topics import partition_of

MOST: Final = 20_000
_KINDS: Final[Kinds] = {
    **{kind: Event[Anomaly] for kind in ANOMALIES if kind is not events.Kind.PROGRESS},
    **{kind: Event[Alert] for kind in events.Kind if kind.startswith("io.alltobit.alert.")},
    **{kind: Event[Action] for kind in events.Kind if kind.startswith("io.alltobit.action.")},
}
READING: Final = {"auto_offset_reset": "earliest", "fetch_max_wait_ms": 20}
"""Of consumers that read a stretch: what is asked of Kafka next waits until a fetch is answered.

Each is assigned to once: aiokafka may hang where one ends just after it was assigned to again.
"""
Offsets = dict[TopicPartition, int]


class Found(NamedTuple):
    """What belongs to an incident."""

    anomalies: list[Event[Anomaly]]
    steps: list[Event[Alert] | Event[Action]]


class Around:
    """Reads; one report's at a time."""

    def __init__(
        self, consumer: AIOKafkaConsumer, topics: Topics, partitions: Mapping[str, int]
    ) -> None:
        """`consumer`: of no group, for this alone; `partitions`: of each topic."""
        self._consumer, self._topics, self._partitions = consumer, topics, partitions
        read_ = (topics.anomalies, topics.alerts, topics.actions)
        every = [TopicPartition(one, n) for one in read_ for n in range(partitions[one])]
        consumer.assign(every)
        consumer.pause(*every)
        self._turn = asyncio.Lock()

    async def of(self, due: Due) -> Found:
        """Return what is known around the incident of a report, up to when it came to be due."""
        if due.kind in OF_PERIOD or due.is_short:
            return Found([], [])
        async with self._turn:
            events = await self._read(self._places(due.site), due)
        anomalies = [one for one in events if isinstance(one.data, Anomaly)]
        return Found(anomalies, [one for one in events if not isinstance(one.data, Anomaly)])

    def _places(self, site: str) -> list[TopicPartition]:
        ours, many = self._topics, self._partitions
        of_site = partition_of(site.encode(), many[ours.anomalies])
        steps = [(one, n) for one in (ours.alerts, ours.actions) for n in range(many[one])]
        return [TopicPartition(*one) for one in [(ours.anomalies, of_site), *steps]]

    async def _read(self, places: Sequence[TopicPartition], due: Due) -> list[Event[Any]]:
        """Read from when the incident's messages begin to when the report came to be due."""
        ends = await self._consumer.end_offsets(places)
        firsts = await self._consumer.offsets_for_times(dict.fromkeys(places, _ms(due.since)))
        at = {one: had.offset for one, had in firsts.items() if had and had.offset < ends[one]}
        for place, offset in at.items():
            self._consumer.seek(place, offset)
        self._consumer.resume(*at)
        try:
            return [event async for event in self._until(due, at, ends)]
        finally:
            self._consumer.pause(*at)

    async def _until(self, due: Due, at: Offsets, ends: Offsets) -> AsyncIterator[Event[Any]]:
        left = dict.fromkeys({one.topic for one in at}, MOST)
        while behind := [one for one in at if at[one] < ends[one] and left[one.topic] > 0]:
            batch = await self._consumer.getmany(*behind, timeout_ms=200, max_records=2_000)
            for place in behind:  # it may have come further than the last message that is one
                at[place] = await self._consumer.position(place)
            for place, records in batch.items():
                is_past = records[-1].timestamp > _ms(due.at)
                at[place] = ends[place] if is_past else at[place]
                left[place.topic] -= len(records)
                values = [one.value for one in records if one.timestamp <= _ms(due.at)]
                for event in await asyncio.to_thread(_of, due, values):
                    yield event


def _ms(time: datetime) -> int:
    return round(time.timestamp() * 1000)


def _of(due: Due, values: Sequence[bytes | None]) -> list[Event[Any]]:
    """Return what belongs to the incident."""
    mine = Belonging(due.incidents[0])
    marks = [f'"asset":{json.dumps(name, ensure_ascii=False)}'.encode() for name in mine.assets]
    read = [
        read_event(value, _KINDS)
        for value in values
        if value is not None and any(mark in value for mark in marks)
    ]
    return [one for one in read if isinstance(one, Event) and mine.has(one)]
