"""Disturb the service in every way it must survive; compare what it published with a quiet run.

Both runs read the same raw topics of one real Kafka. The disturbed one reads while they are written
and while its processes are killed, paused, or its broker restarted; the quiet one reads afterwards.
Equal means: the same ids of frames and events, each with the same bytes; and every sample sent is
in a frame exactly once.
"""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Annotated

import msgspec
import numpy as np
import typer
from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from models import bits, pipeline
from models.names import Config
from models.simulate import Fault, Plant, default_points, default_rules
from models.simulate.wire import messages
from models.state import State
from models.telemetry import Gatherer, Judge, Piece
from schemas.formats import decoders
from schemas.settings import Detect, Ingest, Kafka, RawTopic, Settings, Site, Topics
from schemas.telemetry import Source
from streams import topics
from streams.broker import Broker
from streams.connection import client_options
from streams.house import House, Member, NotSeen, read_all, until

START_NS = 1_760_000_000_000_000_000
KINDS = ("kill", "pause", "broker", "anew")
_RAW = {"telemetry.facility": "raw.facility", "telemetry.gpu": "raw.gpu"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run published, by id."""

    frames: dict[str, bytes]
    events: dict[str, bytes]
    samples: dict[tuple[str, str, int], int]
    """How often each sample is in a frame: (asset, point, time)."""
    conflicts: int
    """Messages of one id with different bytes."""
    copies: int
    """Messages beyond the first of their id: at-least-once showing."""


@dataclass(slots=True)
class Report:
    """The comparison."""

    kind: str
    seed: int
    disturbances: int = 0
    sent: int = 0
    lost: int = 0
    invented: int = 0
    different: int = 0
    copies: int = 0
    frames: int = 0
    events: int = 0
    seconds: float = 0.0

    @property
    def wrong(self) -> int:
        """Samples lost or invented, and ids that differ."""
        return self.lost + self.invented + self.different

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"{self.kind}: {self.disturbances} disturbances, {self.sent} samples sent, "
            f"{self.lost} lost, {self.invented} invented; {self.frames} frames and {self.events} "
            f"events, {self.different} different; {self.copies} copies of known ids; "
            f"{self.seconds:.0f} s"
        )


def plant(seed: int) -> Plant:
    """Return a small plant with two faults."""
    rng = random.Random(seed)  # noqa: S311 - seeded on purpose
    faults = (
        Fault(
            kind="gpu_cooling", asset=f"node-01/gpu{rng.randrange(2)}", start_s=90, duration_s=60
        ),
        Fault(kind="tower_fan_stuck", asset="tower-1", start_s=120, duration_s=120),
    )
    return Plant(seed=seed, nodes=2, gpus=2, faults=faults, missing=0.01)


def settings_for(kafka: Kafka, name: str) -> Settings:
    """Return settings of one run: shared raw topics, groups and outputs of its own."""
    names = ("readings", "bits", "anomalies", "alerts", "rejects")
    return Settings(
        kafka=kafka.model_copy(update={"session_timeout_s": 6.0, "patience_s": 60.0}),
        topics=Topics(**{n: f"{name}.{n}" for n in names}, partitions=4),
        raw=tuple(RawTopic(name=n, partitions=2) for n in _RAW.values()),
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


class Feed:
    """Publishes the plant, a second of event time every `step_s`, until told to stop."""

    def __init__(self, producer: AIOKafkaProducer, seed: int, step_s: float) -> None:
        self._producer, self._step_s = producer, step_s
        self._ticks = plant(seed).run(START_NS, 100_000)
        self.sent: dict[tuple[str, str, int], int] = {}
        self.written: list[list[bytes]] = []
        """The messages of each second, for the run without a broker."""
        self.rows = 0
        self.latest_ns = 0
        self.stop = asyncio.Event()
        self.hold = asyncio.Lock()

    async def run(self) -> None:
        """Publish until `stop` is set."""
        while not self.stop.is_set():
            async with self.hold:
                await self.tick()
            await asyncio.sleep(self._step_s)

    async def tick(self) -> None:
        """Publish one second of event time."""
        tick = next(self._ticks)
        futures = []
        for frame in tick.frames():
            for point in frame.points:
                self.sent[frame.asset, point, frame.time_ns] = 1
        self.written.append([])
        self.latest_ns = tick.time_ns
        for message in messages(tick):
            self.written[-1].append(message.value)
            topic = _RAW[message.topic]
            futures.append(await self._producer.send(topic, message.value, key=message.key))
        for future in futures:
            await future
        self.rows += 1


def without_broker(settings: Settings, written: list[list[bytes]]) -> set[str]:
    """Run the same messages through the pure pipeline; return the ids of its events."""
    config, decoder = Config.of(settings), decoders()["native-json"]
    judge, gatherer, state = Judge(config), Gatherer(lambda _asset: 0), State(config)
    ids: set[str] = set()
    at = 0
    for second in written:
        spans = decoder.decode(second, [-1] * len(second)).spans
        offsets = np.arange(at, at + len(second))
        at += len(second)
        none = np.full(len(second), -1, np.int64)
        gatherer.add(Piece(Source("pure", 0, ""), offsets, judge.judge(spans, none)))
        for block in gatherer.flush().get(0, []):
            ids.update(event.id for event in pipeline.judge(state, block).events)
    return ids


def outcome(found: dict[str, list[ConsumerRecord]], settings: Settings, latest_ns: int) -> Outcome:
    """Sort what was published by id. Events later than the last sample are left out.

    Those come of silence, which goes on for as long as one cares to wait.
    """
    names = settings.topics
    kept: tuple[dict[str, bytes], dict[str, bytes]] = ({}, {})
    samples: dict[tuple[str, str, int], int] = {}
    conflicts = copies = 0
    for name in (names.bits, names.anomalies, names.alerts):
        for record in found[name]:
            one = dict(record.headers).get("ce_id", b"").decode() or _event_id(
                record.value, latest_ns
            )
            if not one:
                continue
            into = kept[0] if name == names.bits else kept[1]
            if one in into:
                copies += 1
                conflicts += into[one] != record.value
                continue
            into[one] = record.value
            if name == names.bits:
                _count(record.value, samples)
    return Outcome(*kept, samples, conflicts, copies)


def _event_id(value: bytes, latest_ns: int) -> str:
    event = msgspec.json.decode(value)
    late = datetime.fromisoformat(event["time"]).timestamp() * 1e9 > latest_ns
    return "" if late else str(event["id"])


def _count(data: bytes, samples: dict[tuple[str, str, int], int]) -> None:
    frame = bits.decode(data)
    asset, points = frame.dictionary.asset, frame.dictionary.points
    times = frame.samples.times_ns[frame.samples.row]
    for point, time in zip(frame.samples.point.tolist(), times.tolist(), strict=True):
        key = (asset, points[point], time)
        samples[key] = samples.get(key, 0) + 1


async def collect(settings: Settings, feed: Feed, patience_s: float = 120.0) -> Outcome:
    """Read the outputs once every sample sent is in a frame (or patience is at its end)."""
    names = [settings.topics.bits, settings.topics.anomalies, settings.topics.alerts]
    last = Outcome({}, {}, {}, 0, 0)

    async def complete() -> bool:
        nonlocal last
        last = outcome(await read_all(settings, names), settings, feed.latest_ns)
        return len(last.samples) >= len(feed.sent)

    try:
        await until("every sample in a frame", complete, patience_s, every_s=1.0)
    except NotSeen:
        return last
    await asyncio.sleep(3.0)  # whatever should not come has this long to come
    await complete()
    return last


class Disturber:
    """Does one thing after the other to a running service, at random moments."""

    def __init__(self, house: House, broker: Broker, feed: Feed, seed: int) -> None:
        self.house, self.broker, self.feed = house, broker, feed
        self.rng = np.random.default_rng(seed)
        self.done = 0

    async def moment(self, least_s: float = 0.5, most_s: float = 3.0) -> None:
        """Wait for a random moment while data flows."""
        await asyncio.sleep(float(self.rng.uniform(least_s, most_s)))

    def member(self, role: str) -> Member:
        """Choose a running process of a role."""
        running = [m for m in self.house.members if m.role == role and m.process.poll() is None]
        return running[int(self.rng.integers(len(running)))]

    async def kill(self, role: str) -> None:
        """Kill -9 one process, start another."""
        await self.moment()
        member = self.member(role)
        member.signal(signal.SIGKILL)
        await member.ended()
        self.house.members.remove(member)
        self.house.start(role)
        self.done += 1

    async def pause(self, role: str) -> None:
        """Stop a process until its partitions have moved, then let it go on."""
        await self.moment()
        member = self.member(role)
        member.signal(signal.SIGSTOP)
        seen = self.feed.rows

        async def moved() -> bool:
            return await _members(self.house.settings, role) <= 1

        await until(f"partitions of the paused {role} move", moved, 60.0)
        await until("data flowed on", lambda: _after(self.feed, seen + 20), 60.0)
        member.signal(signal.SIGCONT)
        self.done += 1

    async def restart_broker(self) -> None:
        """Kill the broker, start it again with its data."""
        await self.moment()
        await asyncio.to_thread(self.broker.kill)
        await self.moment()
        await asyncio.to_thread(self.broker.restart)
        self.done += 1

    async def anew(self) -> None:
        """Delete a raw topic that was read to its end, and make it anew."""
        await self.moment()
        name = list(_RAW.values())[int(self.rng.integers(len(_RAW)))]
        async with self.feed.hold:
            await until("ingest is at the end", lambda: _read(self.house.settings), 60.0)
            await make_anew(self.house.settings, name)
        self.done += 1


async def _after(feed: Feed, rows: int) -> bool:
    return feed.rows >= rows


async def _members(settings: Settings, role: str) -> int:
    """Count the members of a role's group, as the broker has them."""
    group = settings.ingest.group if role == "ingest" else settings.detect.group
    admin = AIOKafkaAdminClient(**client_options(settings.kafka))
    await admin.start()
    try:
        (answer,) = await admin.describe_consumer_groups([group])
        return len(answer.groups[0][5])
    finally:
        await admin.close()


async def _read(settings: Settings) -> bool:
    """Say whether ingest has committed up to the end of every raw topic."""
    from aiokafka import AIOKafkaConsumer, TopicPartition  # noqa: PLC0415 - used once

    consumer = AIOKafkaConsumer(group_id=settings.ingest.group, **client_options(settings.kafka))
    await consumer.start()
    try:
        parts = [TopicPartition(r.name, p) for r in settings.raw for p in range(r.partitions)]
        ends = await consumer.end_offsets(parts)
        return all([(await consumer.committed(p) or 0) >= ends[p] for p in parts])
    finally:
        await consumer.stop()


async def make_anew(settings: Settings, name: str) -> None:
    """Delete a topic and make it again."""
    admin = AIOKafkaAdminClient(**client_options(settings.kafka))
    await admin.start()
    try:
        await admin.delete_topics([name])

        async def made() -> bool:
            try:
                return name in await topics.create(settings)
            except KafkaError:
                return False

        await until(f"{name} is made anew", made)
    finally:
        await admin.close()


async def disturb(kind: str, seed: int, times: int, folder: Path, step_s: float = 0.05) -> Report:
    """Run one kind of disturbance `times` times (each role), then compare with a quiet run."""
    began = monotonic()
    report = Report(kind, seed)
    with Broker(folder / "kafka") as broker:
        disturbed = settings_for(broker.kafka, "disturbed")
        async with (
            House(disturbed, folder / "disturbed") as house,
            publisher(broker.kafka) as producer,
        ):
            feed = Feed(producer, seed, step_s)
            for role in ("ingest", "ingest", "worker", "worker"):
                house.start(role)
            feeding = asyncio.create_task(feed.run())
            await until("the service reads", lambda: _begun(disturbed), 120.0)
            disturber = Disturber(house, broker, feed, seed)
            for step in _plan(kind, times, disturber):
                await step()
            await until("three minutes of event time", lambda: _after(feed, 180), 300.0)
            feed.stop.set()
            await feeding
            first = await collect(disturbed, feed)
        quiet = settings_for(broker.kafka, "quiet")
        async with House(quiet, folder / "quiet") as house:
            for role in ("ingest", "worker"):
                house.start(role)
            second = first if kind == "anew" else await collect(quiet, feed)
    compare(report, feed.sent, first, second)
    pure = without_broker(disturbed, feed.written)
    report.different += len(first.events.keys() ^ pure)
    report.disturbances, report.seconds = disturber.done, monotonic() - began
    return report


def _plan(kind: str, times: int, disturber: Disturber) -> Iterator[Callable[[], Awaitable[None]]]:
    for _ in range(times):
        if kind == "broker":
            yield disturber.restart_broker
        elif kind == "anew":
            yield disturber.anew
        else:
            do = disturber.kill if kind == "kill" else disturber.pause
            yield partial(do, "ingest")
            yield partial(do, "worker")


async def _begun(settings: Settings) -> bool:
    found = await read_all(settings, [settings.topics.bits])
    return bool(found[settings.topics.bits])


def compare(
    report: Report, sent: dict[tuple[str, str, int], int], first: Outcome, second: Outcome
) -> None:
    """Fill the report from two outcomes and what was sent."""
    report.sent = len(sent)
    report.lost = len(sent.keys() - first.samples.keys())
    report.invented = sum(n - sent.get(key, 0) for key, n in first.samples.items())
    for one, other in ((first.frames, second.frames), (first.events, second.events)):
        report.different += len(one.keys() ^ other.keys())
        report.different += sum(one[key] != other[key] for key in one.keys() & other.keys())
    report.different += first.conflicts + second.conflicts
    report.copies, report.frames, report.events = first.copies, len(first.frames), len(first.events)


def run(  # noqa: PLR0913 - options of the command
    *,
    seed: Annotated[int, typer.Option(min=0, help="Of the plant and of the moments.")] = 1,
    times: Annotated[int, typer.Option(min=1, help="Disturbances of each kind and role.")] = 20,
    kind: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(KINDS)}.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON a kind.")] = False,
    fail_over: Annotated[float | None, typer.Option(help="Exit 1 when more is wrong.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Keep data and logs here.")] = None,
) -> None:
    """Kill, pause and restart everything while data flows; compare with an undisturbed run."""
    wrong = 0
    for one in kind or KINDS:
        with TemporaryDirectory(prefix="alltobit-") as own:
            report = asyncio.run(disturb(one, seed, times, (folder or Path(own)) / one))
        wrong += report.wrong
        typer.echo(msgspec.json.encode(report).decode() if as_json else report.line())
    typer.echo(f"wrong: {wrong}")
    if fail_over is not None and wrong > fail_over:
        raise typer.Exit(1)
