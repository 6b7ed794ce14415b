"""All messages in this process's hands: the core, and up to where each partition was taken in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from aiokafka import ConsumerRecord, TopicPartition

from models import saved
from models.messages import Unread
from models.trigger.breaker import Sizes
from models.trigger.message import Source, read
from models.trigger.proposals import Arrived
from models.trigger.saved import Standing, snapshot
from models.trigger.trigger import Told, Trigger
from models.words import moment
from schemas.anomaly import Anomaly
from schemas.cascade import Incident
from schemas.events import Event, Fact
from schemas.progress import Progress
from schemas.telemetry import Reject
from schemas.trigger import Alert, Decision, Proposal
from streams import metrics
from streams.trigger.journal import Batch, Counted, Entry, entry_of, in_order, key_of

_MS = 1_000_000


@dataclass(slots=True)
class Done:
    """What came of some messages."""

    told: list[Told] = field(default_factory=list)
    rejects: list[tuple[ConsumerRecord, Reject]] = field(default_factory=list)


@dataclass(slots=True)
class Part:
    """Everything; messages before `offsets` have been taken in."""

    core: Trigger
    sources: Mapping[str, Source]
    """What each topic holds."""
    topics: dict[str, str]
    """Kafka's ids of the topics."""
    offsets: dict[TopicPartition, int]
    number: int = 0
    """Batches that were taken in, ever."""
    saved_number: int = -1
    generation: int = 0
    token: str = field(default_factory=lambda: uuid4().hex[:12])
    old: list[bytes] = field(default_factory=list)
    """Keys to be deleted once our own snapshot stands."""
    due_s: float = 0.0
    counted: Sizes | None = None
    """What was written down last of how many assets there are; None: nothing since the snapshot."""

    def fresh(self, batch: Batch) -> dict[TopicPartition, list[ConsumerRecord]]:
        """Return what of a batch was not taken in yet."""
        found = {
            place: [one for one in records if one.offset >= self.offsets[place]]
            for place, records in batch.items()
            if place in self.offsets
        }
        return {place: records for place, records in found.items() if records}

    def entry(self, batch: Batch, now_ns: int) -> Entry:
        """Return what is to be written down before a batch is applied."""
        news, before = self.core.setup.counted, self.counted
        self.counted = news
        telling = news.telling(self.core.setup.policy.breaker)
        return entry_of(self.number, now_ns, batch, Counted.of(telling) if news != before else None)

    def apply(self, entry: Entry, batch: Batch) -> Done:
        """Take messages in."""
        if entry.counted is not None:
            self.core.setup.sizes = entry.counted.sizes
        done = Done(self.core.move(entry.now_ns))
        for source, record in in_order(batch, self.sources):
            self._take(source, record, done)
        for one in entry.spans:
            self.offsets[TopicPartition(one.topic, one.partition)] = one.next
        self.old.append(key_of(entry.number))
        self.number = entry.number + 1
        return done

    def _take(self, source: Source, record: ConsumerRecord, done: Done) -> None:
        found = read(source, record.value or b"")
        metrics.TRIGGER_TAKEN.labels(source.name.lower()).inc()
        if isinstance(found, Unread):
            done.rejects.append((record, Reject(0, *found)))
            return
        came = _came(record)
        if isinstance(found, Decision):
            done.told += self.core.decision(found, came)
        elif isinstance(found, Proposal):
            cited = _cited(record, f"{found.by} proposes {found.action} of {found.asset}")
            done.told += self.core.proposal(Arrived(found, came, cited))
        elif found is not None:
            self._take_event(found, record, done)

    def _take_event(self, found: Event[Any], record: ConsumerRecord, done: Done) -> None:
        if isinstance(found.data, Alert | Anomaly | Incident):
            self.core.cite(found, _cited(record, found.data.summary))
        match found.data:
            case Alert():
                done.told += self.core.alert(found, _came(record))
            case Anomaly() as data:
                done.told += self.core.anomaly(found, _cited(record, data.summary))
            case Incident() as data:
                done.told += self.core.incident(found, _cited(record, data.summary))
            case Progress():
                done.told += self.core.progress(found)

    def pairs(self) -> saved.Pairs:
        """Return what is to be written of it as it stands."""
        self.generation, self.counted = self.generation + 1, None
        offsets: dict[str, dict[int, int]] = {}
        for place, offset in self.offsets.items():
            offsets.setdefault(place.topic, {})[place.partition] = offset
        standing = Standing(self.core.memory, self.topics, offsets)
        old, self.old = self.old, []
        return saved.pairs(snapshot(standing, self.number, self.generation), self.token, old)


def _came(record: ConsumerRecord) -> datetime:
    """Return when Kafka took a message in."""
    return moment(record.timestamp * _MS)


def _cited(record: ConsumerRecord, text: str) -> Fact:
    """Return the fact that an event was told, and where it stands."""
    return Fact(text=text, topic=record.topic, partition=record.partition, offset=record.offset)
