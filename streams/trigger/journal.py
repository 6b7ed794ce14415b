"""In which order messages of several topics were taken in, and what the clock said.

That is written down, and acknowledged, before anything comes of them. So who takes over after a
kill -9 takes the very same messages in, in the same order, and the same events come of them: what
a decision rests on (was the question still open? the breaker closed?) may hang on that order, and
on how many assets the inventory told of.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from models.snapshot import SnapshotError
from models.trigger.breaker import Sizes
from models.trigger.message import Source

Batch = Mapping[TopicPartition, Sequence[ConsumerRecord]]
PREFIX: Final = b"journal/"


class Span(msgspec.Struct, frozen=True, array_like=True):
    """Messages of one partition: `first` is the first, `next` the one behind the last."""

    topic: str
    partition: int
    first: int
    next: int


class Counted(msgspec.Struct, frozen=True, array_like=True):
    """How many assets there are."""

    of_site: dict[str, int]
    of_kind: tuple[tuple[str, str, int], ...]
    """Site, kind and number."""

    @classmethod
    def of(cls, sizes: Sizes) -> "Counted":
        """Return them as they are written."""
        kinds = sorted((*key, size) for key, size in sizes.of_kind.items())
        return cls(dict(sizes.of_site), tuple(kinds))

    @property
    def sizes(self) -> Sizes:
        """Return them as decisions need them."""
        return Sizes(self.of_site, {(site, kind): size for site, kind, size in self.of_kind})


class Entry(msgspec.Struct, frozen=True):
    """Messages that were taken in together."""

    number: int
    """Counts from the beginning of the state."""
    now_ns: int
    """What the clock said."""
    spans: tuple[Span, ...]
    counted: Counted | None = None
    """Where it is another than before; builds before this one did not write it down."""


def key_of(number: int) -> bytes:
    """Return the key of an entry."""
    return PREFIX + f"{number:015d}".encode()


def pair(entry: Entry) -> tuple[bytes, bytes]:
    """Return an entry as it is written."""
    return key_of(entry.number), msgspec.json.encode(entry)


def entry_of(number: int, now_ns: int, batch: Batch, counted: Counted | None = None) -> Entry:
    """Return the entry of a batch."""
    spans = tuple(
        Span(place.topic, place.partition, records[0].offset, records[-1].offset + 1)
        for place, records in sorted(batch.items())
        if records
    )
    return Entry(number, now_ns, spans, counted)


def entries(stored: Mapping[bytes, bytes], number: int) -> list[Entry]:
    """Return what was written since a state was saved, in order. Raises `SnapshotError`."""
    found = []
    while key_of(number) in stored:
        try:
            found.append(msgspec.json.decode(stored[key_of(number)], type=Entry))
        except msgspec.MsgspecError as error:
            raise SnapshotError(f"an entry of the journal cannot be read: {error}") from error
        number += 1
    return found


def in_order(batch: Batch, sources: Mapping[str, Source]) -> list[tuple[Source, ConsumerRecord]]:
    """Put a batch in order of Kafka's times; messages of a partition stay in theirs."""
    rows = [row for place, records in batch.items() for row in _rows(place, records, sources)]
    return [(sources[record.topic], record) for *_, record in sorted(rows, key=lambda row: row[:4])]


def _rows(
    place: TopicPartition, records: Sequence[ConsumerRecord], sources: Mapping[str, Source]
) -> Iterator[tuple[int, int, int, int, ConsumerRecord]]:
    latest_ms = 0
    for record in records:
        latest_ms = max(latest_ms, record.timestamp)
        yield latest_ms, sources[place.topic].value, place.partition, record.offset, record


def begin_again(consumer: AIOKafkaConsumer, some: Sequence[Entry]) -> None:
    """Assign all that entries are of, at once, and let none of it come yet.

    aiokafka may never stop where one ends just after it was assigned to once more.
    """
    places = sorted({TopicPartition(x.topic, x.partition) for one in some for x in one.spans})
    consumer.assign(places)
    consumer.pause(*places)


async def read_again(
    consumer: AIOKafkaConsumer, entry: Entry
) -> dict[TopicPartition, list[ConsumerRecord]]:
    """Return the messages of an entry; those that Kafka has deleted since are left out.

    `begin_again` was told of it.
    """
    ends = {TopicPartition(one.topic, one.partition): one.next for one in entry.spans}
    found: dict[TopicPartition, list[ConsumerRecord]] = {place: [] for place in ends}
    if not ends:
        return found
    for one in entry.spans:
        consumer.seek(TopicPartition(one.topic, one.partition), one.first)
    consumer.resume(*ends)
    while [place for place, end in ends.items() if await consumer.position(place) < end]:
        for place, records in (await consumer.getmany(*ends, timeout_ms=200)).items():
            found[place] += [one for one in records if one.offset < ends[place]]
    consumer.pause(*ends)
    return found
