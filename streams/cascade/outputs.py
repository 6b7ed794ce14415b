"""Incidents and dead letters, to Kafka; and which of it is not yet acknowledged."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer, ConsumerRecord

from schemas import events
from schemas.settings import Topics
from schemas.telemetry import Reject
from streams import metrics
from streams.cascade.part import Done
from streams.rejects import dead_letters

_HEADERS = [("content-type", events.CONTENT_TYPE.encode())]


class Outputs:
    """Publishes; remembers what is not yet acknowledged."""

    def __init__(self, producer: AIOKafkaProducer, topics: Topics) -> None:
        self._producer, self._topics = producer, topics
        self._waiting: list[asyncio.Future[Any]] = []

    async def publish(self, done: Done) -> None:
        """Hand over what came of some messages."""
        for site, event in done.incidents:
            value = event.model_dump_json().encode()
            await self._send(self._topics.incidents, value, site.encode(), _HEADERS)
            metrics.incidents(event.data.stage).inc()
        for record, reject in done.rejects:
            await self.reject(record, reject)

    async def reject(self, record: ConsumerRecord, reject: Reject) -> None:
        """Publish what cannot be read, byte for byte, with its origin."""
        metrics.CASCADE_REJECTS.labels(reject.why.value).inc()
        for piece, headers in dead_letters(record, reject):
            await self._send(self._topics.rejects, piece, record.key, headers)

    async def settle(self) -> None:
        """Wait until everything published is acknowledged. Raises what went wrong."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            await future

    async def _send(self, topic: str, value: bytes, key: bytes | None, headers: Any) -> None:  # noqa: ANN401
        self._waiting.append(await self._producer.send(topic, value, key=key, headers=headers))
