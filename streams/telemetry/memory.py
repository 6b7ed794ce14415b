"""What decoders keep for later messages: a compacted topic, read before the first decode.

Births that name aliases outlive the process that read them, and move with their partition to any
other. What was kept is acknowledged before the offsets of the messages it came from are committed.
"""

from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.formats import Decoder
from schemas.formats.base import Remembers
from schemas.settings import Settings
from schemas.telemetry import Kept
from streams.connection import client_options
from streams.telemetry import clients

_MOST_WRITTEN = 200_000  # keys whose last value is known, so that it is not written again


class Memory:
    """The topic of what decoders keep; its key is the format's name and the decoder's own key."""

    def __init__(
        self, settings: Settings, decoders: Mapping[str, Decoder], producer: AIOKafkaProducer
    ) -> None:
        self._topic, self._producer = settings.topics.memory, producer
        self._remembering = {n: d for n, d in decoders.items() if isinstance(d, Remembers)}
        self._consumer = AIOKafkaConsumer(
            enable_auto_commit=False, **client_options(settings.kafka)
        )
        self._partitions: list[TopicPartition] = []
        self._written: dict[str, int] = {}

    async def start(self, partitions: int) -> None:
        """Connect; nothing is read yet. `partitions`: of the topic."""
        await self._consumer.start()
        self._partitions = [TopicPartition(self._topic, number) for number in range(partitions)]
        self._consumer.assign(self._partitions)
        await self._consumer.seek_to_beginning(*self._partitions)

    async def stop(self) -> None:
        """Disconnect."""
        await clients.stop(self._consumer)

    async def recall(self) -> None:
        """Give each decoder what was kept since the last call, by this or any other process."""
        found: dict[str, list[Kept]] = {name: [] for name in self._remembering}
        ends = await self._consumer.end_offsets(self._partitions)
        while not await self._is_at(ends):
            batch = await self._consumer.getmany(timeout_ms=100)
            for record in (one for records in batch.values() for one in records):
                whole = (record.key or b"").decode("utf-8", "replace")
                self._written.pop(whole, None)  # another may have written it after this process
                name, _, key = whole.partition("|")
                if name in found and record.value is not None:
                    found[name].append(Kept(key, record.value))
        for name, kept in found.items():
            self._remembering[name].recall(kept)

    async def _is_at(self, ends: Mapping[TopicPartition, int]) -> bool:
        return all([await self._consumer.position(p) >= end for p, end in ends.items()])

    async def keep(self, kept: Sequence[tuple[str, Kept]]) -> None:
        """Write what is new of what decoders keep, with its format's name; until acknowledged."""
        if len(self._written) > _MOST_WRITTEN:
            self._written.clear()
        sent = []
        for name, one in kept:
            key, value = f"{name}|{one.key}", hash(one.value)
            if self._written.get(key) != value:
                self._written[key] = value
                sent.append(await self._producer.send(self._topic, one.value, key=key.encode()))
        for future in sent:
            await future
