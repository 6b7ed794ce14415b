"""Incidents and dead letters, to Kafka; and which of it is not yet acknowledged."""

from aiokafka import AIOKafkaProducer, ConsumerRecord

from schemas import events
from schemas.settings import Topics
from schemas.telemetry import Reject
from streams import metrics
from streams.cascade.part import Done
from streams.member import Sent

_HEADERS = [("content-type", events.CONTENT_TYPE.encode())]


class Outputs(Sent):
    """Publishes; remembers what is not yet acknowledged."""

    def __init__(self, producer: AIOKafkaProducer, topics: Topics) -> None:
        super().__init__(producer, topics.rejects)
        self._topics = topics

    async def publish(self, done: Done) -> None:
        """Hand over what came of some messages."""
        for site, event in done.incidents:
            value = event.model_dump_json().encode()
            await self.send(self._topics.incidents, value, site.encode(), _HEADERS)
            metrics.incidents(event.data.stage).inc()
        for record, reject in done.rejects:
            await self.reject(record, reject)

    async def reject(self, record: ConsumerRecord, reject: Reject) -> None:
        """Publish what cannot be read, byte for byte, with its origin."""
        metrics.CASCADE_REJECTS.labels(reject.why.value).inc()
        await super().reject(record, reject)
