"""The plant that is published while the service is disturbed, and what was published."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.structs import RecordMetadata

from models.simulate import Fault, Plant, default_points, default_rules
from models.simulate.frame import Tick
from models.simulate.wire import messages
from schemas.settings import Detect, Ingest, Kafka, RawTopic, Settings, Site, Topics
from schemas.telemetry import Source
from streams.connection import client_options
from streams.topics import administration, topic_ids

START_NS = 1_760_000_000_000_000_000
RAW = {"telemetry.facility": "raw.facility", "telemetry.gpu": "raw.gpu"}
Sample = tuple[str, str, int]
"""Asset, point, time."""


class Sent(NamedTuple):
    """One message as Kafka has it, or had it before its topic was deleted."""

    source: Source
    offset: int
    timestamp_ms: int
    value: bytes


def plant(seed: int) -> Plant:
    """Return a small plant with two faults."""
    rng = random.Random(seed)  # noqa: S311 - seeded on purpose
    faults = (
        Fault(kind="ib_errors", asset=f"node-0{rng.randint(1, 2)}/ib0", start_s=90, duration_s=60),
        Fault(kind="ecc_storm", asset=f"node-02/gpu{rng.randrange(2)}", start_s=120, duration_s=60),
    )
    return Plant(seed=seed, nodes=2, gpus=2, faults=faults, missing=0.01)


def settings_for(kafka: Kafka, name: str) -> Settings:
    """Return settings of one run: shared raw topics, groups and outputs of its own."""
    names = ("readings", "bits", "anomalies", "incidents", "alerts", "rejects")
    return Settings(
        kafka=kafka.model_copy(update={"session_timeout_s": 6.0, "patience_s": 60.0}),
        topics=Topics(**{n: f"{name}.{n}" for n in names}, partitions=4),
        raw=tuple(RawTopic(name=n, partitions=2) for n in RAW.values()),
        ingest=Ingest(group=f"{name}-ingest", idle_s=2.0),
        detect=Detect(group=f"{name}-worker", lateness_s=3.0, snapshot_s=1.0),
        site=Site(cells=plant(0).cells()),
        points=default_points(),
        rules=default_rules(),
    )


@asynccontextmanager
async def publisher(kafka: Kafka) -> AsyncIterator[AIOKafkaProducer]:
    """Lend a producer that outlives a broker's restart."""
    producer = AIOKafkaProducer(
        enable_idempotence=True, linger_ms=2, request_timeout_ms=60_000, **client_options(kafka)
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def epochs_of(kafka: Kafka) -> dict[str, str]:
    """Return the ids that the raw topics have in their present life."""
    async with administration(kafka) as admin:
        return await topic_ids(admin._client, RAW.values())  # noqa: SLF001 - no public client


class Feed:
    """Publishes the plant, a second of event time every `step_s`, until told to stop."""

    def __init__(
        self, producer: AIOKafkaProducer, epochs: dict[str, str], seed: int, step_s: float
    ) -> None:
        """`epochs`: ids of the raw topics; to be renewed, under `hold`, by whoever renews those."""
        self._producer, self.epochs, self._step_s = producer, epochs, step_s
        self._ticks = plant(seed).run(START_NS, 100_000)
        self.sent: dict[Sample, int] = {}
        self.written: list[list[Sent]] = []
        """The messages of each second, for the run without a broker."""
        self.latest_ns = 0
        self.stop = asyncio.Event()
        self.hold = asyncio.Lock()

    @property
    def rows(self) -> int:
        """How many seconds of event time Kafka has."""
        return len(self.written)

    async def run(self) -> None:
        """Publish until `stop` is set."""
        while not self.stop.is_set():
            async with self.hold:
                await self.tick()
            await asyncio.sleep(self._step_s)

    async def tick(self) -> None:
        """Publish one second of event time."""
        tick = next(self._ticks)
        for frame in tick.frames():
            for point in frame.points:
                self.sent[frame.asset, point, frame.time_ns] = 1
        self.latest_ns = tick.time_ns
        self.written.append(await self._publish(tick))

    async def _publish(self, tick: Tick) -> list[Sent]:
        waiting = [
            (message.value, await self._producer.send(topic, message.value, key=message.key))
            for message in messages(tick)
            for topic in (RAW[message.topic],)
        ]
        return [self._sent(value, await future) for value, future in waiting]

    def _sent(self, value: bytes, where: RecordMetadata) -> Sent:
        source = Source(where.topic, where.partition, self.epochs[where.topic])
        return Sent(source, where.offset, where.timestamp, value)
