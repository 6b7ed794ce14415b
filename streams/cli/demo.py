"""`alltobit demo`: everything at work on this machine, with one cable and one fan that break."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from models import bits
from models.simulate import Fault, Plant, default_points, default_rules
from models.simulate.wire import messages
from schemas.settings import Detect, Ingest, Kafka, RawTopic, Settings, Site
from streams import logs
from streams.broker import Broker
from streams.cli.console import out
from streams.cli.running import run_async
from streams.cli.show import Line, Record, lines
from streams.cli.tail import tail
from streams.house import House, until
from streams.publish import Message, publish

HISTORY_S = 180
"""Of the plant's life, published at once: the detectors learn what is normal."""
SPEED = 4.0
FAULTS = (
    Fault(kind="ib_errors", asset="node-02/ib0", start_s=HISTORY_S + 20, duration_s=60),
    Fault(kind="gpu_cooling", asset="node-04/gpu5", start_s=HISTORY_S + 40, duration_s=90),
    Fault(kind="tower_fan_stuck", asset="tower-1", start_s=HISTORY_S + 60, duration_s=600),
)


@dataclass(slots=True)
class Seen:
    """What the demo has seen so far."""

    began_s: float = field(default_factory=time.monotonic)
    frames: int = 0
    frame_bytes: int = 0
    samples: int = 0
    anomalies: int = 0
    alerts: int = 0
    first_alert_s: float = 0.0
    reader: bits.Reader = field(default_factory=bits.Reader)
    told: list[Line] = field(default_factory=list)
    """Anomalies not yet shown."""


def run(
    *,
    seconds: Annotated[float, typer.Option(min=1, help="Leave this long after the start.")] = 60.0,
    stay: Annotated[bool, typer.Option("--stay", help="Go on until Ctrl-C.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the plant.")] = 7,
) -> None:
    """Show everything at work, on this machine alone.

    Starts a real Kafka, ingest, a worker and a simulated data centre in which a cable, the cooling
    of a GPU and the fan of a cooling tower break. Needs the extra `broker`.
    """
    logs.configure("text", logging.CRITICAL)  # what must be seen is shown
    console = out()
    with TemporaryDirectory(prefix="alltobit-demo-") as folder:
        run_async(_demo(console, Path(folder), seed, None if stay else seconds))


def settings_for(kafka: Kafka, plant: Plant) -> Settings:
    """Return the demo's settings: those of deploy/settings.yaml, and quicker to tell of silence.

    The format is set: what detection would need to know is compiled for a minute the first time.
    """
    return Settings(
        kafka=kafka,
        raw=tuple(RawTopic(name=one.name, format="native-json") for one in Settings().raw),
        ingest=Ingest(idle_s=2.0),
        detect=Detect(snapshot_s=2.0),
        site=Site(name="demo", cells=plant.cells()),
        points=default_points(),
        rules=default_rules(),
    )


async def _demo(console: Console, folder: Path, seed: int, seconds: float | None) -> None:
    seen = Seen()
    plant = Plant(seed=seed, faults=FAULTS)
    console.print("starting Apache Kafka, ingest and a worker on this machine ...", style="dim")
    async with Broker(folder / "kafka") as broker:
        settings = settings_for(broker.kafka, plant)
        async with House(settings, folder / "house") as house:
            house.start("ingest")
            house.start("worker")
            console.print(f"Kafka listens on {broker.bootstrap}", style="dim")
            _say_what_breaks(console)
            watching = [
                asyncio.create_task(_watch(console, seen, settings, topic))
                for topic in (settings.topics.alerts, settings.topics.anomalies)
            ]
            watching.append(asyncio.create_task(_count(seen, settings)))
            watching.append(asyncio.create_task(_tell(console, seen)))
            feeding = asyncio.create_task(publish(settings.kafka, _feed(plant)))
            try:
                await _until_seen(seen, seconds, house)
            finally:
                for task in (feeding, *watching):
                    task.cancel()
                await asyncio.gather(feeding, *watching, return_exceptions=True)
            console.print(_summary(seen, plant))


def _say_what_breaks(console: Console) -> None:
    for fault in FAULTS:
        at = (fault.start_s - HISTORY_S) / SPEED
        text = f"  in {at:4.0f} s {fault.kind} at {fault.asset}"
        console.print(text, style="dim")


async def _feed(plant: Plant) -> AsyncIterator[Message]:
    """Yield the history at once, then the plant live, `SPEED` times as fast as time."""
    start_ns = time.time_ns() - HISTORY_S * 1_000_000_000
    began = None
    for i, tick in enumerate(plant.run(start_ns, 36_000)):
        if i >= HISTORY_S:
            began = began or time.monotonic()
            wait = began + (i - HISTORY_S) / SPEED - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
        for message in messages(tick):
            yield Message(message.topic, message.key, message.value)


async def _watch(console: Console, seen: Seen, settings: Settings, topic: str) -> None:
    async with aclosing(tail(settings.kafka, topic, from_beginning=True)) as records:
        async for record in records:
            is_alert = topic == settings.topics.alerts
            told = list(lines(record, full=False))
            if not told:
                continue  # progress
            seen.alerts += is_alert
            seen.anomalies += not is_alert
            if not is_alert:
                seen.told += told
                continue
            for line in told:
                console.print(line.styled())
            if is_alert and not seen.first_alert_s:
                seen.first_alert_s = time.monotonic() - seen.began_s
                console.print(f"first alert after {seen.first_alert_s:.0f} s", style="bold")


async def _tell(console: Console, seen: Seen) -> None:
    """Show one anomaly of each moment and count the others: they follow one cause."""
    while True:
        await asyncio.sleep(1.0)
        told, seen.told = seen.told, []
        for line in told[:1]:
            console.print(line.styled())
        if told[1:]:
            console.print(f"{'':28}... and {len(told) - 1} more anomaly events", style="dim")


async def _count(seen: Seen, settings: Settings) -> None:
    async with aclosing(tail(settings.kafka, settings.topics.bits, from_beginning=True)) as records:
        async for record in records:
            _add(seen, record)


def _add(seen: Seen, record: Record) -> None:
    seen.frames += 1
    seen.frame_bytes += len(record.value)
    seen.samples += len(seen.reader.decode(record.value).samples.status)


async def _until_seen(seen: Seen, seconds: float | None, house: House) -> None:
    """Wait for the first alert, then as long as asked. Raises `NotSeen` after two minutes."""

    async def alerted() -> bool:
        return seen.alerts > 0 or any(m.process.poll() is not None for m in house.members)

    await until("the first alert", alerted, 120.0)
    for member in house.members:
        if member.process.poll() is not None:
            raise RuntimeError(f"{member.role} ended: {house.last_words(member)}")
    left = None if seconds is None else seen.began_s + seconds - time.monotonic()
    await asyncio.sleep(max(left, 5.0) if left is not None else 1e9)


def _summary(seen: Seen, plant: Plant) -> str:
    per = seen.frame_bytes / max(seen.samples, 1)
    assets = sum(len(names) for names in plant.layout.assets.values())
    return (
        f"seen: {seen.samples:,} samples of {assets} assets as {seen.frames:,} bit frames "
        f"({per:.1f} bytes a sample, names included), {seen.anomalies} anomaly events, "
        f"{seen.alerts} alert events; first alert after {seen.first_alert_s:.0f} s"
    )
