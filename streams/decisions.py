"""What people say, signed and published on `decisions`."""

from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer

from models.trigger.signature import signed
from schemas.settings import Settings
from schemas.trigger import Decision, Verdict
from streams.connection import reach
from streams.member import counted, producer_of


def said(who: str, secret: bytes, verdict: Verdict, about: str, **more: Any) -> Decision:  # noqa: ANN401 - its fields
    """Return what somebody says now, signed."""
    told = {"about": about, "verdict": verdict, "who": who, "time": datetime.now(UTC)} | more
    return signed(Decision.model_validate(told), secret)


async def publish(producer: AIOKafkaProducer, topic: str, decision: Decision) -> None:
    """Publish one; return once Kafka has it. What is about one thing stays in order."""
    value = decision.model_dump_json().encode()
    await producer.send_and_wait(topic, value, key=decision.about.encode())


async def say(settings: Settings, decision: Decision) -> None:
    """Publish one, with a producer of its own. Raises what `reach` raises, `TopicMissing`."""
    topic = settings.topics.decisions
    await reach(settings.kafka)
    await counted(settings.kafka, [topic])
    producer = producer_of(settings.kafka)
    await producer.start()
    try:
        await publish(producer, topic, decision)
    finally:
        await producer.stop()
