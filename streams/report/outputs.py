"""Reports and dead letters, to Kafka; each waits for its acknowledgement."""

import asyncio

import msgspec
from aiokafka import AIOKafkaProducer, ConsumerRecord

from models.report.due import Due, event_of
from schemas.events import CONTENT_TYPE
from schemas.report import Report
from schemas.settings import Topics
from schemas.telemetry import Reject
from streams import metrics
from streams.rejects import dead_letters
from streams.report.files import Files, Told

_HEADERS = [("content-type", CONTENT_TYPE.encode())]
TOLD = msgspec.json.Decoder(Told)


class Outputs:
    """Publishes, then writes files."""

    def __init__(self, producer: AIOKafkaProducer, topics: Topics, files: Files) -> None:
        self._producer, self._topics, self._files = producer, topics, files

    async def write(self, number: int, due: Due, report: Report) -> None:
        """Publish a report into the partition that its incidents are in; then its file."""
        value = event_of(due, report).model_dump_json().encode()
        key = due.site.encode()
        await self._producer.send_and_wait(
            self._topics.reports, value, key, number, headers=_HEADERS
        )
        metrics.reports(report)
        await asyncio.to_thread(self._files.put, due.site, TOLD.decode(value))

    async def reject(self, record: ConsumerRecord, reject: Reject) -> None:
        """Publish what cannot be read, byte for byte, with its origin."""
        metrics.REPORT_REJECTS.labels(reject.why.value).inc()
        for piece, headers in dead_letters(record, reject):
            await self._producer.send_and_wait(
                self._topics.rejects, piece, record.key, headers=headers
            )
