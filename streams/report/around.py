"""What happened around an incident: anomalies, alerts and actions, read again from Kafka.

Nothing of it is kept in memory, and whoever writes a report anew reads the same. Of a long incident
the first `MOST` messages of each topic are read.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from models.cascade.message import ANOMALIES
from models.messages import Kinds, read_event
from models.report.due import OF_PERIOD, Due, Told, assets_of
from models.report.say import utc
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
Offsets = dict[TopicPartition, int]
OPTIONS: Final = {"auto_offset_reset": "earliest", "fetch_max_wait_ms": 20}
"""Of its consumer: what is asked of Kafka next waits until a fetch is answered."""


class Found(NamedTuple):
    """What belongs to an incident."""

    anomalies: list[Event[Anomaly]]
    steps: list[Event[Alert] | Event[Action]]


class Around:
    """Reads; one report's at a time."""

    def __init__(
        self, consumer: AIOKafkaConsumer, topics: Topics, partitions: dict[str, int]
    ) -> None:
        """`consumer`: of no group, for this alone; `partitions`: of each topic."""
        self._consumer, self._topics, self._partitions = consumer, topics, partitions
        self._turn = asyncio.Lock()

    async def of(self, due: Due) -> Found:
        """Return what is known around the incident of a report, up to when it came to be due."""
        if due.kind in OF_PERIOD or due.is_short:
            return Found([], [])
        async with self._turn:
            anomalies = await self._read(self._anomalies(due.site), due)
            steps = await self._read(self._steps(), due)
        return Found(anomalies, steps)

    def _anomalies(self, site: str) -> list[TopicPartition]:
        topic = self._topics.anomalies
        return [TopicPartition(topic, partition_of(site.encode(), self._partitions[topic]))]

    def _steps(self) -> list[TopicPartition]:
        topics = (self._topics.alerts, self._topics.actions)
        return [TopicPartition(one, n) for one in topics for n in range(self._partitions[one])]

    async def _read(self, places: Sequence[TopicPartition], due: Due) -> list[Any]:
        """Read from when the incident's messages begin to when the report came to be due."""
        ends = await self._consumer.end_offsets(places)
        firsts = await self._consumer.offsets_for_times(dict.fromkeys(places, _ms(due.since)))
        at = {one: first.offset if first else ends[one] for one, first in firsts.items()}
        behind = {one for one in places if at[one] < ends[one]}
        if not behind:
            return []
        self._consumer.assign(behind)
        for place in behind:
            self._consumer.seek(place, at[place])
        found = [event async for event in self._until(due, at, ends)]
        self._consumer.unsubscribe()
        return found

    async def _until(self, due: Due, at: Offsets, ends: Offsets) -> AsyncIterator[Event[Any]]:
        left, until_ms = MOST, _ms(due.at)
        while left > 0 and any(at[one] < ends[one] for one in at):
            batch = await self._consumer.getmany(timeout_ms=200, max_records=min(left, 2_000))
            for place, records in batch.items():
                is_past = records[-1].timestamp > until_ms
                at[place] = ends[place] if is_past else records[-1].offset + 1
                left -= len(records)
                values = [one.value for one in records if one.timestamp <= until_ms]
                for event in await asyncio.to_thread(_of, due, values):
                    yield event


def _ms(time: datetime) -> int:
    return round(time.timestamp() * 1000)


def _of(due: Due, values: Sequence[bytes | None]) -> list[Event[Any]]:
    """Return what is about assets that the incident names, while it was open."""
    incident = due.incidents[0]
    names = assets_of(incident)
    marks = [f'"asset":{json.dumps(name, ensure_ascii=False)}'.encode() for name in names]
    read = [
        read_event(value, _KINDS)
        for value in values
        if value is not None and any(mark in value for mark in marks)
    ]
    events = [one for one in read if isinstance(one, Event) and one.source == incident.source]
    return [one for one in events if one.data.asset in names and _is_within(one, incident)]


def _is_within(event: Event[Any], incident: Told) -> bool:
    """Say whether an anomaly is none from before an incident, or after it; others are steps."""
    if not isinstance(event.data, Anomaly):
        return True
    is_over = incident.data.stage.is_over
    since, until = utc(incident.data.since), utc(incident.time)
    return since <= utc(event.time) and (utc(event.time) <= until or not is_over)
