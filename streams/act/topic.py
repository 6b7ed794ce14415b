"""Commands to other systems over Kafka: a CloudEvent whose id is the idempotency key."""

import asyncio

from aiokafka import AIOKafkaProducer
from aiokafka import errors as kafka_errors

from models.act import render
from models.act.attempt import Came, Outcome
from models.act.ledger import Due
from models.act.request import named
from schemas.events import CONTENT_TYPE
from schemas.trigger import KafkaTopic
from streams.act.target import Try
from streams.act.turns import Turns

_HEADERS = [("content-type", CONTENT_TYPE.encode())]
_NEVER = (
    kafka_errors.TopicAuthorizationFailedError,
    kafka_errors.MessageSizeTooLargeError,
    kafka_errors.InvalidTopicError,
)


class TopicTarget:
    """One topic."""

    def __init__(self, action: KafkaTopic, producer: AIOKafkaProducer) -> None:
        self.action, self._producer = action, producer
        self._turns = Turns(action)

    def prepare(self, due: Due) -> Try:
        """Return one try."""
        key, value = self._key(due).encode(), named(due).model_dump_json().encode()

        async def attempt() -> Outcome:
            async with self._turns.one():
                return await self._send(key, value)

        return attempt

    async def _send(self, key: bytes, value: bytes) -> Outcome:
        try:
            async with asyncio.timeout(self.action.timeout_s):
                sent = await self._producer.send_and_wait(
                    self.action.topic, value, key=key, headers=_HEADERS
                )
        except _NEVER as error:
            return Outcome(Came.REFUSED, repr(error))
        except (kafka_errors.KafkaError, TimeoutError) as error:
            return Outcome(Came.AGAIN, repr(error))
        return Outcome(Came.DONE, f"{sent.topic}, partition {sent.partition}, offset {sent.offset}")

    def _key(self, due: Due) -> str:
        known = render.values(due.event, {})
        render.check_only(self.action.only, known)
        return render.fill(self.action.key, known)

    def shown(self, due: Due) -> str:
        """Say what would be published."""
        return f"to {self.action.topic}, key {self._key(due)}"
