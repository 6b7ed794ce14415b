"""The whole path against its limit: the same messages, the same Kafka, the same core.

The limit is what anyone gets who only reads and scores: confluent-kafka consume, msgspec decode to
a typed struct, an exponentially weighted mean and variance in numpy. Ours is ingest and worker
together: every message decoded, judged, moved through `readings`, every sample to bits, published.
"""

import asyncio
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, process_time
from typing import Annotated, Any

import msgspec
import numpy as np
import typer

from schemas.settings import Detect, Ingest, Kafka, RawTopic, Settings, Topics
from streams.bench.pinned import metric
from streams.broker import Broker
from streams.broker_files import free_port
from streams.house import House, Member, until

ASSETS = 100
SIZES = {"8 KB": (292, 20_000), "1 KB": (34, 100_000)}
"""Points of a frame, and messages of a run."""
WARM = 4_000
_TICKS = os.sysconf("SC_CLK_TCK")


class Frame(msgspec.Struct):
    """A message, as the limit decodes it."""

    asset: str
    time: float
    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class Result:
    """One size of frame, both ways."""

    frame: str
    bytes_a_message: float
    limit_ns: float
    """CPU a sample."""
    ours_ns: float
    ingest_ns: float
    worker_ns: float
    limit_rate: float
    """Samples a second of wall time."""
    ours_rate: float

    @property
    def ratio(self) -> float:
        """Samples a CPU second, ours over the limit's."""
        return self.limit_ns / self.ours_ns

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"{self.frame} ({self.bytes_a_message:.0f} B): limit {self.limit_ns:.0f} ns CPU a "
            f"sample, {1e3 / self.limit_ns:.2f} M samples/s a core; ours {self.ours_ns:.0f} ns "
            f"(ingest {self.ingest_ns:.0f}, worker {self.worker_ns:.0f}), "
            f"{1e3 / self.ours_ns:.2f} M samples/s a core; wall {self.limit_rate / 1e6:.2f} and "
            f"{self.ours_rate / 1e6:.2f} M samples/s; ratio {self.ratio:.2f}"
        )


def messages(points: int, count: int, seed: int, first: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield key and value of native JSON frames, a second apart an asset."""
    rng = np.random.default_rng([seed, first])
    names = [f"DCGM_FI_PROF_POINT_{i}" for i in range(points)]
    for i in range(first, first + count):
        values = np.round(rng.normal(50.0, 3.0, points), 3).tolist()
        asset = f"node-{i % ASSETS}"
        body = {"asset": asset, "time": 1_760_000_000 + i // ASSETS}
        yield (
            asset.encode(),
            msgspec.json.encode(body | {"values": dict(zip(names, values, strict=True))}),
        )


def settings_for(kafka: Kafka, points: int) -> Settings:
    """Return settings with one raw topic and two partitions of readings."""
    return Settings(
        kafka=kafka,
        topics=Topics(partitions=2),
        raw=(RawTopic(name=f"raw-{points}", format="native-json", partitions=1),),
        ingest=Ingest(),
        detect=Detect(),
    )


def produce(bootstrap: str, topic: str, frames: Iterator[tuple[bytes, bytes]]) -> int:
    """Publish with confluent-kafka; return the bytes."""
    from confluent_kafka import Producer  # noqa: PLC0415 - of the extra `bench`

    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 20, "acks": "all"})
    total = 0
    for key, value in frames:
        total += len(value)
        while True:
            try:
                producer.produce(topic, value, key, partition=0)
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush()
    return total


def limit(bootstrap: str, topic: str, points: int, skip: int, count: int) -> tuple[float, float]:
    """Consume, decode and score `count` messages behind `skip`; return CPU and wall seconds."""
    from confluent_kafka import Consumer, TopicPartition  # noqa: PLC0415 - of the extra `bench`

    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "limit", "enable.auto.commit": False}
    )
    consumer.assign([TopicPartition(topic, 0, skip)])
    scorer, decoder = Scorer(points), msgspec.json.Decoder(Frame)
    done = 0
    batch = consumer.consume(500, 10.0)  # connected, and something is fetched
    cpu, wall = process_time(), monotonic()
    counted = count - len(batch)
    while done < counted:
        batch = consumer.consume(500, 5.0)
        scorer.score([decoder.decode(message.value() or b"") for message in batch])
        done += len(batch)
    spent = process_time() - cpu, monotonic() - wall
    consumer.close()
    return spent[0] * count / counted, spent[1] * count / counted


class Scorer:
    """Distance from an exponentially weighted mean, for all points of an asset at once."""

    def __init__(self, points: int) -> None:
        self._rows: dict[str, int] = {}
        self._mean = np.zeros((ASSETS, points))
        self._variance = np.ones((ASSETS, points))

    def score(self, frames: list[Frame]) -> float:
        """Score and learn frames in waves that hold each asset once; return the highest score."""
        top = 0.0
        for at in range(0, len(frames), ASSETS):
            wave = frames[at : at + ASSETS]
            rows = [self._rows.setdefault(f.asset, len(self._rows)) for f in wave]
            values = np.array([list(f.values.values()) for f in wave])
            away = values - self._mean[rows]
            top = max(top, float((np.abs(away) / np.sqrt(self._variance[rows])).max()))
            self._mean[rows] += 0.01 * away
            self._variance[rows] += 0.01 * (away * away - self._variance[rows])
        return top


def cpu_s(member: Member) -> float:
    """Return the CPU seconds of a process so far."""
    fields = Path(f"/proc/{member.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def judged(port: int) -> float:
    """Return how many samples the worker has judged, from its metrics; 0 before it answers."""
    return metric(port, "alltobit_detect_samples_total") or 0.0


async def measure(name: str, seed: int, broker: Broker, folder: Path) -> Result:
    """Measure one size of frame."""
    points, count = SIZES[name]
    settings, port = settings_for(broker.kafka, points), free_port()
    topic = settings.raw[0].name
    async with House(settings, folder, cpus={0}) as house:
        members = [
            house.start("ingest"),
            house.start("worker", environment={"ALLTOBIT_HTTP__PORT": str(port)}),
        ]
        await asyncio.to_thread(produce, broker.bootstrap, topic, messages(points, WARM, seed, 0))

        async def warm() -> bool:
            return await asyncio.to_thread(judged, port) >= WARM * points

        await until("the first samples judged", warm, 120.0)
        for member in members:
            member.signal(signal.SIGSTOP)
        frames = messages(points, count, seed, WARM)
        size = await asyncio.to_thread(produce, broker.bootstrap, topic, frames)
        before, began = [cpu_s(m) for m in members], monotonic()
        for member in members:
            member.signal(signal.SIGCONT)

        async def through() -> bool:
            return await asyncio.to_thread(judged, port) >= (WARM + count) * points

        await until("every sample judged", through, 300.0, every_s=0.2)
        wall = monotonic() - began
        spent = [cpu_s(m) - b for m, b in zip(members, before, strict=True)]
    os.sched_setaffinity(0, {0})
    cpu, alone = await asyncio.to_thread(limit, broker.bootstrap, topic, points, WARM, count)
    os.sched_setaffinity(0, set(range(os.cpu_count() or 1)))
    n = count * points
    return Result(
        frame=name,
        bytes_a_message=size / count,
        limit_ns=1e9 * cpu / n,
        ours_ns=1e9 * sum(spent) / n,
        ingest_ns=1e9 * spent[0] / n,
        worker_ns=1e9 * spent[1] / n,
        limit_rate=n / alone,
        ours_rate=n / wall,
    )


def move_away(broker: Broker) -> None:
    """Keep the broker off the core that is measured."""
    if broker.pid is not None and (os.cpu_count() or 1) > 1:
        for thread in Path(f"/proc/{broker.pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {1})


async def _all(seed: int, folder: Path) -> list[Result]:
    with Broker(folder / "kafka", heap_mb=1024) as broker:
        move_away(broker)
        return [await measure(name, seed, broker, folder / name.replace(" ", "")) for name in SIZES]


def run(
    *,
    seed: Annotated[int, typer.Option(min=0, help="Of the values.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON a size.")] = False,
    fail_under: Annotated[float | None, typer.Option(help="Exit 1 below this ratio.")] = None,
) -> None:
    """Compare the whole path with reading and scoring alone, one core each."""
    with TemporaryDirectory(prefix="alltobit-") as folder:
        results = asyncio.run(_all(seed, Path(folder)))
    for result in results:
        shown: Any = msgspec.to_builtins(result) | {"ratio": result.ratio}
        typer.echo(msgspec.json.encode(shown).decode() if as_json else result.line())
    typer.echo(f"ratio at 8 KB: {results[0].ratio:.2f}, at 1 KB: {results[1].ratio:.2f}")
    if fail_under is not None and min(r.ratio for r in results) < fail_under:
        raise typer.Exit(1)
