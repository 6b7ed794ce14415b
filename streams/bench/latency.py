"""From a reading to its alert: a real Kafka, one ingest, one worker, a publisher, and a subscriber.

Each has a process of its own; all share the same two processors. A latency is the wall clock when
the alert was consumed, less the wall clock just before its raw message was handed to a producer.
"""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import nan
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time_ns
from typing import Annotated

import msgspec
import numpy as np
import typer
import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from schemas.settings import Ingest, Kafka, RawTopic, Settings, Topics
from schemas.trigger import Rule
from streams import logs
from streams.bench.pinned import first, load
from streams.bench.steady import CALM, PAST, Published, Steady
from streams.broker import Broker
from streams.connection import client_options
from streams.house import House, until
from streams.topics import committed

POINTS = 292  # of a frame
POINT = "DCGM_FI_DEV_WATCHED"
RULE = Rule(name="past", point=POINT, above=(CALM + PAST) / 2)
RAW = "raw"
CROSSINGS = 5.0  # a second
PROCESSORS = 2
_TICKS = os.sysconf("SC_CLK_TCK")

Key = tuple[str, int]
"""Asset and event time, us since 1970."""
Ends = Mapping[TopicPartition, int]


class _Data(msgspec.Struct):
    asset: str
    state: str


class _Event(msgspec.Struct):
    time: datetime
    data: _Data


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EVENTS = msgspec.json.Decoder(_Event)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run."""

    seed: int
    seconds: float
    warm_s: float
    rate: int
    """Samples a second."""
    linger_s: float

    def steady(self, bootstrap: str) -> Steady:
        """Return what the publisher is to do."""
        assets = round(self.rate / POINTS)
        return Steady(bootstrap, RAW, POINT, POINTS, assets, CROSSINGS, self.seed)


@dataclass(slots=True)
class Report:
    """What was measured. Latencies in seconds."""

    rate: float
    """Samples a second that were published."""
    seconds: float
    """Over which, behind the warm-up."""
    drained_s: float
    """From the last message until ingest and worker had no lag."""
    cpu: dict[str, float]
    """Processors' worth each process used."""
    alerts: int = 0
    missing: int = 0
    """Frames past the limit without an alert."""
    p50: float = nan
    p90: float = nan
    p99: float = nan
    most: float = nan

    def lines(self) -> list[str]:
        """Say it in words."""
        used = ", ".join(f"{name} {share:.2f}" for name, share in self.cpu.items())
        return [
            f"{self.rate:,.0f} samples/s over {self.seconds:.0f} s; processors used: {used}",
            (
                f"{self.alerts} alerts, {self.missing} missing; lag 0 in the end, "
                f"{self.drained_s:.1f} s after the last message (committed with a snapshot: 5 s)"
            ),
            (
                f"p50 {1e3 * self.p50:.0f} ms, p90 {1e3 * self.p90:.0f} ms,"
                f" max {1e3 * self.most:.0f} ms"
            ),
            f"latency: p99 {1e3 * self.p99:.0f} ms",
        ]


def settings_for(kafka: Kafka, linger_s: float) -> Settings:
    """Return settings of one raw topic and one rule; everything else is the default."""
    return Settings(
        kafka=kafka,
        topics=Topics(partitions=2),
        raw=(RawTopic(name=RAW, partitions=2),),
        ingest=Ingest(linger_s=linger_s),
        rules=(RULE,),
    )


class Subscriber:
    """Reads alerts and notes when each came."""

    def __init__(self, settings: Settings) -> None:
        self._topic = settings.topics.alerts
        self._options = client_options(settings.kafka)
        self.came_us: dict[Key, int] = {}
        """When each alert that fires was consumed."""

    async def has_some(self) -> bool:
        """Say whether an alert has come."""
        return bool(self.came_us)

    async def run(self) -> None:
        """Read until cancelled."""
        consumer = AIOKafkaConsumer(self._topic, auto_offset_reset="earliest", **self._options)
        await consumer.start()
        try:
            async for record in consumer:
                now_us = time_ns() // 1000
                event = _EVENTS.decode(record.value)
                if event.data.state == "firing":
                    time_us = (event.time - _EPOCH) // timedelta(microseconds=1)
                    self.came_us.setdefault((event.data.asset, time_us), now_us)
        finally:
            await consumer.stop()


async def drained(settings: Settings) -> float:
    """Wait until all that stands in Kafka now is applied and committed; return how long it took.

    Raises `NotSeen`.
    """
    raw, own = settings.raw[0], settings.topics
    options = client_options(settings.kafka)
    admin, consumer = AIOKafkaAdminClient(**options), AIOKafkaConsumer(**options)
    await asyncio.gather(admin.start(), consumer.start())
    try:
        spent = 0.0
        for group, name, n in (
            (settings.ingest.group, raw.name, raw.partitions),
            (settings.detect.group, own.readings, own.partitions),
        ):
            ends = await consumer.end_offsets([TopicPartition(name, p) for p in range(n)])

            async def has_come(group: str = group, ends: Ends = ends) -> bool:
                done = await committed(admin, group)
                return all(p in done and done[p] >= end for p, end in ends.items())

            spent += await until(f"{group} has no lag", has_come, 30.0)
        return spent
    finally:
        await asyncio.gather(admin.close(), consumer.stop())


def cpu_s(pid: int) -> float:
    """Return the processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


@asynccontextmanager
async def publishing(steady: Steady) -> AsyncIterator[asyncio.subprocess.Process]:
    """Lend a process that publishes; end it."""
    command = (sys.executable, "-m", "streams.bench.steady", msgspec.json.encode(steady).decode())
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()


async def measure(plan: Plan, folder: Path) -> Report:
    """Run the whole service under a steady load."""
    async with (
        Broker(folder / "kafka") as broker,
        House(settings_for(broker.kafka, plan.linger_s), folder / "house") as house,
        publishing(plan.steady(broker.bootstrap)) as publisher,
    ):
        ids = {role: house.start(role).process.pid for role in ("ingest", "worker")}
        ids |= {"Kafka": broker.pid or 0, "publisher": publisher.pid}
        subscriber = Subscriber(house.settings)
        reading = asyncio.create_task(subscriber.run())
        await until("the first alert", subscriber.has_some, 120.0)
        await asyncio.sleep(plan.warm_s)
        before = {name: cpu_s(pid) for name, pid in ids.items()}
        span_us = [time_ns() // 1000, 0]
        await asyncio.sleep(plan.seconds)
        used = {name: (cpu_s(pid) - before[name]) / plan.seconds for name, pid in ids.items()}
        span_us[1] = time_ns() // 1000
        publisher.terminate()
        out, _ = await publisher.communicate()
        drained_s = await drained(house.settings)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    published = msgspec.json.decode(out, type=Published)
    sent = [one for one in published.crossings if span_us[0] <= one[1] < span_us[1]]
    told = Report(published.samples, plan.seconds, drained_s, used)
    return report(sent, subscriber.came_us, told)


def report(sent: Sequence[Key], came_us: Mapping[Key, int], told: Report) -> Report:
    """Put the latencies of what was sent into a report."""
    found = [came_us[one] - one[1] for one in sent if one in came_us]
    told.alerts, told.missing = len(found), len(sent) - len(found)
    if found:
        told.p50, told.p90, told.p99, told.most = np.quantile(found, (0.5, 0.9, 0.99, 1.0)) / 1e6
    return told


def run(  # noqa: PLR0913 - options of the command
    *,
    seed: Annotated[int, typer.Option(min=0, help="Of values and crossings.")] = 1,
    seconds: Annotated[float, typer.Option(min=1, help="To measure.")] = 60.0,
    warm: Annotated[
        float, typer.Option(min=0, help="Seconds before, from the first alert.")
    ] = 20.0,
    rate: Annotated[int, typer.Option(min=POINTS, help="Samples a second.")] = 100_000,
    linger: Annotated[float, typer.Option(help="`ingest.linger_s`.")] = Ingest().linger_s,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
    fail_over: Annotated[float | None, typer.Option(help="Exit 1: p99 of more seconds.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Keep data and logs here.")] = None,
) -> None:
    """Measure from a reading to its alert, on a real Kafka under a steady load."""
    logs.configure("text", logging.CRITICAL)
    plan = Plan(seed, seconds, warm, rate, linger)
    with first(PROCESSORS), TemporaryDirectory(prefix="alltobit-") as own:
        told = uvloop.run(measure(plan, folder or Path(own)))
    if as_json:
        typer.echo(msgspec.json.encode(told).decode())
    else:
        typer.echo(f"{PROCESSORS} processors for all; {load()}")
        typer.echo("\n".join(told.lines()))
    if told.missing or not told.alerts or (fail_over is not None and told.p99 > fail_over):
        raise typer.Exit(1)
