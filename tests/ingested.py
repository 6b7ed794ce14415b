"""An ingest on a real Kafka: raw messages go in, and what stands in `readings` is compared."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from math import nan
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import numpy as np
from aiokafka import AIOKafkaProducer
from samples import Sample, samples, span

from models.names import Config
from models.telemetry import Judge
from schemas import readings
from schemas.settings import Ingest, Kafka, RawTopic, Settings, Topics
from schemas.telemetry import SpansBuilder
from streams.connection import client_options
from streams.house import House, read_all, until

_SAID = ("topic", "offset", "reason", "detail")
_FOR_EVER_H = 876_000.0  # documented messages are years old
_START_S = 180.0  # of patience with an ingest that may have to compile first, on a busy machine


class Raw(NamedTuple):
    """A message on its way to a raw topic."""

    topic: str
    value: bytes
    headers: Sequence[tuple[str, bytes]] = ()
    key: bytes | None = None
    time_ms: int | None = None


class Found(NamedTuple):
    """What `readings` and `rejects` hold."""

    samples: dict[str, dict[int, list[Sample]]]
    """By raw topic and offset, in order."""
    upto: dict[str, int]
    """By raw topic: all messages below this offset have been written."""
    rejects: list[str]

    def of(self, topic: str) -> list[Sample]:
        """Return all samples of a raw topic, in order."""
        return [sample for one in self.samples[topic].values() for sample in one]


class Ingested:
    """A running ingest. Topics are named without the part that makes them a test's own."""

    def __init__(self, settings: Settings, own: str, producer: AIOKafkaProducer) -> None:
        self.settings, self._own, self._producer = settings, own, producer

    async def publish(self, raw: Raw) -> tuple[int, int]:
        """Publish one message; return its offset, and Kafka's timestamp of it in ms."""
        topic, headers = f"{self._own}.{raw.topic}", list(raw.headers)
        told = await self._producer.send_and_wait(
            topic, raw.value, key=raw.key, headers=headers, timestamp_ms=raw.time_ms
        )
        return told.offset, told.timestamp

    async def read(self, topic: str, messages: int) -> Found:
        """Return what is found, once so many messages of a topic are written."""
        found = await self.find()

        async def is_written() -> bool:
            nonlocal found
            found = await self.find()
            return found.upto.get(topic, 0) >= messages

        await until(f"{messages} messages of {topic} are read", is_written, _START_S)
        return found

    async def find(self) -> Found:
        """Return what is found now."""
        names = self.settings.topics.readings, self.settings.topics.rejects
        records = await read_all(self.settings, [*names])
        found = Found(defaultdict(lambda: defaultdict(list)), {}, [])
        for record in records[names[0]]:
            self._take(readings.decode(record.value), found)
        for record in records[names[1]]:
            headers = {name: value.decode() for name, value in record.headers}
            found.rejects.append(" ".join(headers[f"alltobit-{one}"] for one in _SAID))
        return found

    def _take(self, block: readings.Block, found: Found) -> None:
        topics = [one.topic.removeprefix(f"{self._own}.") for one in block.sources()]
        for i in range(len(block)):
            topic, offset = topics[block.source[i]], int(block.offset[i])
            asset, points = block.meta.assets[block.asset[i]], _points(block, i)
            found.samples[topic][offset] += span(block, i, asset, points)
        for tick in block.meta.ticks:
            found.upto[topics[tick.source]] = tick.offset

    def judged(self, sent: Iterable[Sample], time_ms: int = -1) -> list[Sample]:
        """Return what samples go on as: canonical names and units, marked as ingest marks them."""
        spans = SpansBuilder()
        for (asset, time_ns), run in groupby(sent, key=attrgetter("asset", "time_ns")):
            some = list(run)
            values = [nan if one.value is None else one.value for one in some]
            points, marks = tuple(one.point for one in some), [one.quality for one in some]
            spans.add(0, asset, points, time_ns, values, marks)
        future_ns = round(self.settings.ingest.future_s * 1e9)
        judge = Judge(Config.of(self.settings), future_ns)
        return samples(judge.judge(spans.build(), np.array([time_ms])))


def _points(block: readings.Block, i: int) -> tuple[str, ...]:
    return readings.points(block.meta, int(block.shape[i]))


@asynccontextmanager
async def ingested(kafka: Kafka, formats: dict[str, str], folder: Path) -> AsyncIterator[Ingested]:
    """Run an ingest of raw topics with the formats that are set for them."""
    own = uuid4().hex[:8]
    names = ("inventory", "readings", "bits", "anomalies", "alerts", "rejects", "memory")
    settings = Settings(
        kafka=kafka,
        topics=Topics(
            **{name: f"{own}.{name}" for name in names},
            partitions=1,
            retention_hours=_FOR_EVER_H,
        ),
        raw=tuple(
            RawTopic(name=f"{own}.{topic}", format=format_, partitions=1)
            for topic, format_ in formats.items()
        ),
        ingest=Ingest(group=f"{own}-ingest", linger_s=0.05, tick_s=0.2),
    )
    producer = AIOKafkaProducer(max_request_size=15_000_000, **client_options(kafka))
    async with House(settings, folder) as house:
        house.start("ingest")
        await producer.start()
        try:
            yield Ingested(settings, own, producer)
        finally:
            await producer.stop()
