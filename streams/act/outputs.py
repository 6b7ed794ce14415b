"""Ends of actions and dead letters, to Kafka; each waits for its acknowledgement."""

from aiokafka import AIOKafkaProducer, ConsumerRecord

from models.act.ledger import Due
from models.act.message import Result, told
from schemas.events import CONTENT_TYPE
from schemas.settings import Topics
from schemas.telemetry import Reject
from streams import metrics
from streams.rejects import dead_letters

_HEADERS = [("content-type", CONTENT_TYPE.encode())]


class Outputs:
    """Publishes."""

    def __init__(self, producer: AIOKafkaProducer, topics: Topics) -> None:
        self._producer, self._topics = producer, topics

    async def end(self, due: Due, result: Result) -> None:
        """Publish how an action ended, into the partition that asked for it."""
        value = told(due.event, result).model_dump_json().encode()
        await self._producer.send_and_wait(
            self._topics.actions, value, due.label, due.partition, headers=_HEADERS
        )
        metrics.ACTIONS.labels(result.stage.value, result.why.value).inc()

    async def reject(self, record: ConsumerRecord, reject: Reject) -> None:
        """Publish what cannot be read, byte for byte, with its origin."""
        metrics.ACT_REJECTS.labels(reject.why.value).inc()
        for piece, headers in dead_letters(record, reject):
            await self._producer.send_and_wait(
                self._topics.rejects, piece, record.key, headers=headers
            )
