"""What a round of ingest made, to Kafka; returns once all of it is acknowledged."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer, ConsumerRecord

from models.health import Reported
from schemas import events, readings
from schemas.readings import Block
from schemas.settings import Topics
from schemas.telemetry import Kept, Reject
from streams import metrics
from streams.rejects import dead_letters
from streams.telemetry.memory import Memory

_BLOCK_HEADERS = [("content-type", readings.CONTENT_TYPE.encode())]
_EVENT_HEADERS = [("content-type", events.CONTENT_TYPE.encode())]


@dataclass(slots=True)
class Aside:
    """What messages led to besides readings."""

    rejects: list[tuple[ConsumerRecord, Reject]] = field(default_factory=list)
    kept: list[tuple[str, Kept]] = field(default_factory=list)
    """With the name of the format that keeps it."""
    health: list[Reported] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rejects or self.kept or self.health)


class Writer:
    """Writes blocks, rejects, what decoders keep and health events."""

    def __init__(
        self, producer: AIOKafkaProducer, topics: Topics, site: str, memory: Memory
    ) -> None:
        self._producer, self._topics, self._site, self._memory = producer, topics, site, memory

    async def write(self, blocks: Mapping[int, Sequence[Block]], aside: Aside) -> None:
        """Write it all; the blocks of a partition one after the other. Raises what went wrong."""
        await self._memory.keep(aside.kept)
        work = [self._blocks(partition, mine) for partition, mine in blocks.items()]
        await asyncio.gather(*work, self._rejects(aside.rejects), self._health(aside.health))

    async def _blocks(self, partition: int, blocks: Sequence[Block]) -> None:
        for block in blocks:
            data = readings.encode(block)
            await self._producer.send_and_wait(
                self._topics.readings, data, partition=partition, headers=_BLOCK_HEADERS
            )
            metrics.BLOCKS_WRITTEN.inc()
            metrics.BLOCK_BYTES.inc(len(data))

    async def _rejects(self, rejects: Sequence[tuple[ConsumerRecord, Reject]]) -> None:
        sent = [
            await self._producer.send(self._topics.rejects, piece, key=record.key, headers=headers)
            for record, reject in rejects
            for piece, headers in dead_letters(record, reject)
        ]
        for future in sent:
            await future

    async def _health(self, reports: Sequence[Reported]) -> None:
        sent = [
            await self._producer.send(
                self._topics.anomalies,
                report.model_dump_json().encode(),
                key=self._site.encode(),
                headers=_EVENT_HEADERS,
            )
            for report in reports
        ]
        for future in sent:
            await future
