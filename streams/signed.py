"""What is said and signed elsewhere, published: a decision or a proposal."""

from aiokafka import AIOKafkaProducer

from schemas.settings import Kafka
from schemas.trigger import Decision, Proposal
from streams.connection import reach
from streams.member import counted, producer_of

Said = Decision | Proposal


async def publish(producer: AIOKafkaProducer, topic: str, said: Said) -> None:
    """Publish one; return once Kafka has it. What is about one thing, or asset, stays in order."""
    about = said.about if isinstance(said, Decision) else said.asset
    await producer.send_and_wait(topic, said.model_dump_json().encode(), key=about.encode())


async def publish_one(kafka: Kafka, topic: str, said: Said) -> None:
    """Publish one, with a producer of its own. Raises what `reach` raises, `TopicMissing`."""
    await reach(kafka)
    await counted(kafka, [topic])
    producer = producer_of(kafka)
    await producer.start()
    try:
        await publish(producer, topic, said)
    finally:
        await producer.stop()
