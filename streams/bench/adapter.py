"""Chatty sources: messages of one sample each, as prometheus-kafka-adapter sends them, over Kafka.

The real ingest, on a core of its own, reads them from a real Kafka and writes `readings`; what it
wrote is read again and counted. Its processor time is that of the process, from /proc.
"""

import asyncio
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Annotated

import msgspec
import numpy as np
import typer

from schemas import readings
from schemas.settings import Kafka, RawTopic, Settings
from streams.bench.decode.written import Wanted, one_samples
from streams.bench.pinned import load, metric
from streams.bench.pipeline import cpu_s, move_away, produce
from streams.broker import Broker
from streams.broker_files import free_port
from streams.house import House, read_all, until

FORMAT, TOPIC = "prometheus-adapter-json", "metrics"
WARM = 20_000
"""Messages before the clock runs."""
AIM = 60_000
"""Messages a second a core."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was seen."""

    messages: int
    cpu_s: float
    """Processor time of ingest."""
    wall_s: float
    samples: int
    """Found in `readings`, the warm ones too."""

    @property
    def rate(self) -> float:
        """Messages a second of processor time."""
        return self.messages / self.cpu_s

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"adapter: {self.messages:,} messages of one sample, {self.rate:,.0f} messages/s a "
            f"core (aim {AIM:,}), {self.messages / self.wall_s:,.0f} messages/s of wall time; "
            f"{self.samples:,} samples in readings"
        )


def settings_for(kafka: Kafka) -> Settings:
    """Return settings with one raw topic."""
    return Settings(kafka=kafka, raw=(RawTopic(name=TOPIC, format=FORMAT, partitions=1),))


def keyed(seed: int, turn: int, messages: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield key and value of messages."""
    wanted = Wanted(np.random.default_rng([seed, turn]), turn, messages)
    return ((b"", one.data) for one in one_samples(wanted))


async def measure(broker: Broker, folder: Path, seed: int, messages: int) -> Result:
    """Let ingest read what waits for it."""
    settings, port = settings_for(broker.kafka), free_port()
    async with House(settings, folder, cpus={0}) as house:
        ingest = house.start("ingest", environment={"ALLTOBIT_HTTP__PORT": str(port)})

        async def has_read(count: int) -> bool:
            seen = await asyncio.to_thread(metric, port, "alltobit_ingest_messages_total", TOPIC)
            lag = await asyncio.to_thread(metric, port, "alltobit_ingest_lag_messages", TOPIC)
            return (seen or 0) >= count and lag == 0

        await asyncio.to_thread(produce, broker.bootstrap, TOPIC, keyed(seed, 0, WARM))
        await until("the first messages read", lambda: has_read(WARM), 120.0)
        ingest.signal(signal.SIGSTOP)
        await asyncio.to_thread(produce, broker.bootstrap, TOPIC, keyed(seed, 1, messages))
        before, began = cpu_s(ingest), monotonic()
        ingest.signal(signal.SIGCONT)
        await until("every message read", lambda: has_read(WARM + messages), 300.0, every_s=0.2)
        spent, wall = cpu_s(ingest) - before, monotonic() - began
    blocks = (await read_all(settings, [settings.topics.readings]))[settings.topics.readings]
    samples = sum(readings.decode(one.value).values.size for one in blocks)
    return Result(messages, spent, wall, samples)


async def _all(folder: Path, seed: int, messages: int) -> Result:
    with Broker(folder / "kafka", heap_mb=1024) as broker:
        move_away(broker)
        return await measure(broker, folder / "house", seed, messages)


def run(
    *,
    messages: Annotated[int, typer.Option(min=1, help="To be read.")] = 600_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the values.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON.")] = False,
    fail_under: Annotated[float | None, typer.Option(help="Exit 1 below this rate.")] = None,
) -> None:
    """Let ingest read messages of one sample each. Exit 1: one is missing in `readings`."""
    with TemporaryDirectory(prefix="alltobit-") as folder:
        result = asyncio.run(_all(Path(folder), seed, messages))
    if as_json:
        figures = msgspec.to_builtins(result) | {"messages_a_second": result.rate}
        typer.echo(msgspec.json.encode(figures).decode())
    else:
        typer.echo(load())
        typer.echo(result.line())
    missing = WARM + messages - result.samples
    if missing or (fail_under is not None and result.rate < fail_under):
        raise typer.Exit(1)
