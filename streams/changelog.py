"""The topic that holds saved states: written until acknowledged, read to its end.

Not a Faust table: Faust's flush gives up on a producer that is slow, so that offsets are committed
before the state that covers them is written; its recovery goes on after an error; and a table keeps
all it has written in memory. Here nothing is acknowledged before the broker has the state, and
whoever takes a partition over reads what the broker has then.
"""

from aiokafka import AIOKafkaProducer, TopicPartition

from models.saved import Pairs
from schemas.settings import Kafka
from streams.connection import reader


class Changelog:
    """Reads and writes the saved states; a partition that is read has the one of its number."""

    def __init__(self, kafka: Kafka, topic: str, producer: AIOKafkaProducer) -> None:
        self._kafka, self._topic, self._producer = kafka, topic, producer

    async def write(self, number: int, pairs: Pairs) -> None:
        """Write in this order; return once all is acknowledged. Raises what went wrong."""
        sent = [
            await self._producer.send(self._topic, value, key=key, partition=number)
            for key, value in pairs
        ]
        for future in sent:
            await future

    async def read(self, number: int) -> dict[bytes, bytes]:
        """Return what stands in a partition now."""
        return await stored(self._kafka, self._topic, number)


async def stored(kafka: Kafka, topic: str, number: int) -> dict[bytes, bytes]:
    """Return what stands in a partition of such a topic now."""
    partition, found = TopicPartition(topic, number), dict[bytes, bytes | None]()
    async with reader(kafka) as consumer:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        while await consumer.position(partition) < end:
            batch = await consumer.getmany(partition, timeout_ms=200)
            found.update((one.key, one.value) for one in batch.get(partition, ()))
    return {key: value for key, value in found.items() if value is not None}
