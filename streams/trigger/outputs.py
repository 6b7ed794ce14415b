"""Steps of actions, alerts of rules on events, and dead letters, to Kafka."""

from aiokafka import AIOKafkaProducer, ConsumerRecord

from models.trigger.trigger import Told
from schemas import events
from schemas.settings import Topics
from schemas.telemetry import Reject
from schemas.trigger import Action, Alert
from streams import metrics
from streams.member import Sent
from streams.trigger.part import Done

_HEADERS = [("content-type", events.CONTENT_TYPE.encode())]


class Outputs(Sent):
    """Publishes; remembers what is not yet acknowledged."""

    def __init__(self, producer: AIOKafkaProducer, topics: Topics) -> None:
        super().__init__(producer, topics.rejects)
        self._topics = topics

    async def publish(self, done: Done) -> None:
        """Hand over what came of some messages."""
        for event in done.told:
            topic, key = self._addressed(event)
            await self.send(topic, event.model_dump_json().encode(), key.encode(), _HEADERS)
        for record, reject in done.rejects:
            await self.reject(record, reject)

    def _addressed(self, event: Told) -> tuple[str, str]:
        """Return topic and key: all that is said of an asset's actions stays in order."""
        data: Action | Alert = event.data
        if isinstance(data, Action):
            metrics.STEPS.labels(data.stage.value, data.why.value).inc()
            return self._topics.actions, data.asset or data.action
        metrics.TRIGGER_ALERTS.labels(data.state.value).inc()
        return self._topics.alerts, f"{data.rule}|{data.asset}"

    async def reject(self, record: ConsumerRecord, reject: Reject) -> None:
        """Publish what cannot be read, byte for byte, with its origin."""
        metrics.TRIGGER_REJECTS.labels(reject.why.value).inc()
        await super().reject(record, reject)
