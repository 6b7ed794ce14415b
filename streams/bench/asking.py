"""Stands for the trigger: asks for one action for every alert."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from models.ids import event_id
from schemas.events import Event, Kind
from schemas.settings import Settings
from schemas.trigger import Action, Alert, Level, Stage, State, Why
from streams.connection import client_options


def asked(event: Event[Alert], name: str) -> Event[Action]:
    """Ask for the action `name` for an alert."""
    alert = event.data
    action = event_id(alert.rule, alert.asset, alert.since, name, alert.state)
    data = Action(
        quality=alert.quality,
        summary=alert.summary,
        evidence=alert.evidence,
        action=action,
        name=name,
        stage=Stage.REQUESTED,
        why=Why.ALLOWED,
        rule=alert.rule,
        asset=alert.asset,
        alert=event.id,
        severity=alert.severity,
        asked=Level.ACT,
        level=Level.ACT,
        floor=0.0,
        evidence_hash=sha256(alert.evidence.model_dump_json().encode()).hexdigest(),
        labels=alert.labels,
        resolves=alert.state is State.RESOLVED,
    )
    return Event[Action](
        id=event_id(Stage.REQUESTED, action),
        source=event.source,
        type=Kind.ACTION_REQUESTED,
        subject=event.subject,
        time=event.time,
        dataschema="urn:alltobit:schema:action:1",
        data=data,
    )


@asynccontextmanager
async def asking(settings: Settings, name: str) -> AsyncIterator[None]:
    """Ask for the action `name` for every alert, while inside."""
    options = client_options(settings.kafka)
    consumer = AIOKafkaConsumer(settings.topics.alerts, auto_offset_reset="earliest", **options)
    producer = AIOKafkaProducer(linger_ms=2, **options)
    await asyncio.gather(consumer.start(), producer.start())
    task = asyncio.create_task(_ask(settings, name, consumer, producer))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        await asyncio.gather(consumer.stop(), producer.stop())


async def _ask(
    settings: Settings, name: str, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer
) -> None:
    async for record in consumer:
        event = asked(Event[Alert].model_validate_json(record.value), name)
        value, key = event.model_dump_json().encode(), event.data.asset.encode()
        await producer.send(settings.topics.actions, value, key=key)
