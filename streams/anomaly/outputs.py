"""What detection finds, to Kafka; and which of it is not yet acknowledged."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer

from models import pipeline
from models.applied import Overflow
from models.events import Published, moment
from models.frames import BitFrame
from schemas import bits, events
from schemas.settings import Topics
from schemas.telemetry import Why
from schemas.trigger import Alert
from streams import metrics
from streams.anomaly.batches import Batches, Header

_MOST_WAITING = 5_000  # outputs not yet acknowledged


class Outputs:
    """Publishes what detection finds; remembers what is not yet acknowledged."""

    def __init__(
        self, producer: AIOKafkaProducer, topics: Topics, site: str, partitions: int
    ) -> None:
        """`partitions`: of the topic `bits`."""
        self._producer, self._topics, self._site = producer, topics, site
        self._bits = Batches(producer, topics.bits, partitions)
        self._same = [
            ("content-type", bits.CONTENT_TYPE.encode()),
            ("ce_specversion", b"1.0"),
            ("ce_source", f"/alltobit/{site}".encode()),
            ("ce_type", bits.TYPE.encode()),
        ]
        self._waiting: list[asyncio.Future[Any]] = []

    async def publish(self, found: pipeline.Found) -> None:
        """Hand over everything to the producer."""
        for frame in found.frames:
            self._bits.add(frame.cell, frame.data, self._headers(frame))
        self._waiting += await self._bits.send()
        for event in found.events:
            await self._send(*self._addressed(event), _headers_of(found.partition))
        if found.progress is not None:
            told = found.progress.model_dump_json().encode()
            await self._send(self._topics.anomalies, self._site, told, _headers_of(found.partition))
        for overflow in found.overflow:
            await self._overflow(overflow)
        self._count(found)

    def _count(self, found: pipeline.Found) -> None:
        metrics.SAMPLES_JUDGED.inc(found.samples)
        metrics.SPANS_SKIPPED.inc(found.skipped)
        metrics.FRAMES.inc(len(found.frames))
        metrics.SAMPLES_OVER.inc(len(found.overflow))
        for event in found.events:
            if isinstance(event.data, Alert):
                metrics.alerts(event.data.state, event.data.because).inc()
            else:
                ended = event.data.ended is not None
                metrics.anomalies(metrics.Episode.CLOSED if ended else metrics.Episode.OPENED).inc()

    async def reject(
        self, why: Why, detail: str, value: bytes, origin: tuple[str, int, int]
    ) -> None:
        """Publish what cannot be applied, with its origin."""
        topic, partition, offset = origin
        said = {
            "alltobit-reason": why.value,
            "alltobit-detail": detail,
            "alltobit-topic": topic,
            "alltobit-partition": str(partition),
            "alltobit-offset": str(offset),
        }
        headers = [(name, text.encode()) for name, text in said.items()]
        await self._send(self._topics.rejects, None, value, headers)

    async def settle(self) -> None:
        """Wait until everything published is acknowledged. Raises what went wrong."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            await future

    async def _send(self, topic: str, key: str | None, value: bytes, headers: Any) -> None:  # noqa: ANN401
        if len(self._waiting) >= _MOST_WAITING:
            await self.settle()
        raw = None if key is None else key.encode()
        self._waiting.append(await self._producer.send(topic, value, key=raw, headers=headers))

    def _addressed(self, event: Published) -> tuple[str, str, bytes]:
        data = event.data
        value = event.model_dump_json().encode()
        if isinstance(data, Alert):
            return self._topics.alerts, f"{data.rule}|{data.asset}", value
        return self._topics.anomalies, self._site, value

    def _headers(self, frame: BitFrame) -> list[Header]:
        return [
            *self._same,
            ("ce_id", frame.id.encode()),
            ("ce_subject", frame.asset.encode()),
            ("ce_time", moment(frame.time_ns).isoformat().encode()),
            ("ce_quality", f"{frame.quality:.4f}".encode()),
        ]

    async def _overflow(self, one: Overflow) -> None:
        text = f"{one.asset}: more signals than detect.max_signals; raise it or add partitions"
        origin = (one.source.topic, one.source.partition, one.offset)
        await self.reject(Why.TOO_MANY_SIGNALS, text, one.asset.encode(), origin)


def _headers_of(partition: int) -> list[Header]:
    """Say which partition of `readings` an event comes from: its order is that of its own."""
    return [*_EVENT_HEADERS, (events.OF_PARTITION, str(partition).encode())]


_EVENT_HEADERS = [("content-type", events.CONTENT_TYPE.encode())]
