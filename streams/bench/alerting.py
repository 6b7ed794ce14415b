"""From readings to Alertmanager: many faults at once, through every process that stands between.

A real Kafka, an ingest, a worker, the trigger, the executor, and a real Alertmanager where there is
one. A latency is the wall clock when Alertmanager had the alert, less the wall clock just before
the raw message was handed to a producer.
"""

import asyncio
import logging
import random
from asyncio import Task
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from math import nan
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time_ns
from typing import Annotated

import msgspec
import numpy as np
import typer
import uvloop
from aiokafka import AIOKafkaProducer

from schemas.settings import Kafka, RawTopic, Settings, Topics, Trigger
from schemas.trigger import Alertmanager, Mode, Rule
from streams import logs
from streams.bench.alertmanagers import Alerted, alertmanager, found
from streams.bench.pinned import first, load
from streams.broker import Broker
from streams.connection import client_options
from streams.house import House, NotSeen, until
from streams.member import ended

POINT, RAW = "DCGM_FI_DEV_WATCHED", "raw"
CALM, PAST = 50.0, 150.0
RULE = Rule(name="past", point=POINT, above=(CALM + PAST) / 2, alerts_at_once=1_000_000)
PROCESSORS = 2
ROLES = ("ingest", "worker", "trigger", "act")
_CALM_EVERY_S = 0.5
_FIRST_S = 600.0  # what is compiled may have to be compiled first
_PATIENCE_S = 120.0
Keyed = Mapping[str, int]
"""A time by asset, us since 1970."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run."""

    seed: int
    faults: int
    """At once."""
    rounds: int
    warm_s: float
    program: str | None
    """Alertmanager."""

    def assets(self, number: int) -> list[str]:
        """Name the assets that break in a round, in the order they tell it."""
        names = [f"node-{number}-{i}" for i in range(self.faults)]
        random.Random(f"{self.seed}|{number}").shuffle(names)  # noqa: S311 - seeded on purpose
        return names


@dataclass(slots=True)
class Report:
    """What was measured. Latencies in seconds."""

    faults: int
    rounds: int
    to: str
    """Where the alerts went."""
    missing: int = 0
    p50: float = nan
    p90: float = nan
    p99: float = nan
    most: float = nan

    def lines(self) -> list[str]:
        """Say it in words."""
        return [
            f"{self.rounds} times {self.faults} faults at once; to {self.to}",
            f"through ingest, worker, trigger and executor; {self.missing} missing",
            (
                f"p50 {1e3 * self.p50:.0f} ms, p90 {1e3 * self.p90:.0f} ms,"
                f" max {1e3 * self.most:.0f} ms"
            ),
            f"reading to Alertmanager: p99 {1e3 * self.p99:.0f} ms",
        ]


def settings_for(kafka: Kafka, url: str) -> Settings:
    """Return settings of one raw topic, one rule, one Alertmanager; the rest is the default."""
    tells = Alertmanager(name="alertmanager", kind="alertmanager", mode=Mode.LIVE, urls=(url,))
    return Settings(
        kafka=kafka,
        topics=Topics(partitions=2),
        raw=(RawTopic(name=RAW, partitions=2),),
        rules=(RULE,),
        actions=(tells,),
        trigger=Trigger(always=("alertmanager",)),
    )


class Plant:
    """Publishes: calm values of every asset again and again, until some are past the limit."""

    def __init__(self, producer: AIOKafkaProducer, assets: Sequence[str]) -> None:
        self._producer = producer
        self._values = dict.fromkeys(assets, CALM)

    async def tell(self, asset: str) -> int:
        """Hand one reading to the producer; return when that was, us since 1970."""
        now_us = time_ns() // 1000
        said = {"asset": asset, "time": now_us / 1e6, "values": {POINT: self._values[asset]}}
        await self._producer.send(RAW, msgspec.json.encode(said), key=asset.encode())
        return now_us

    async def run(self) -> None:
        """Tell all values until cancelled."""
        while True:
            for asset in self._values:
                await self.tell(asset)
            await asyncio.sleep(_CALM_EVERY_S)

    async def fail(self, assets: Sequence[str]) -> dict[str, int]:
        """Let assets pass the limit, all at once; return when each told it."""
        self._values |= dict.fromkeys(assets, PAST)
        return {asset: await self.tell(asset) for asset in assets}


async def measure(plan: Plan, folder: Path) -> Report:
    """Run it all, break assets, and see when Alertmanager knows."""
    async with (
        alertmanager(plan.program, folder / "alertmanager") as alerted,
        Broker(folder / "kafka") as broker,
        House(settings_for(broker.kafka, alerted.url), folder / "house") as house,
        _publishing(house.settings, plan) as plant,
    ):
        for role in ROLES:
            house.start(role)
        await _warm(plant, alerted, plan.warm_s)
        sent: dict[str, int] = {}
        came: dict[str, int] = {}
        for number in range(plan.rounds):
            told = await plant.fail(plan.assets(number))
            came = await _all_came(alerted, told) | came  # the first time: all are told again
            sent |= told
    return report(sent, came, Report(plan.faults, plan.rounds, alerted.what))


@asynccontextmanager
async def _publishing(settings: Settings, plan: Plan) -> AsyncIterator[Plant]:
    producer = AIOKafkaProducer(linger_ms=2, **client_options(settings.kafka))
    await producer.start()
    every = [asset for number in range(plan.rounds) for asset in plan.assets(number)]
    plant = Plant(producer, [*every, "probe"])
    task: Task[None] = asyncio.create_task(plant.run())
    try:
        yield plant
    finally:
        await ended(task)
        await producer.stop()


async def _warm(plant: Plant, alerted: Alerted, warm_s: float) -> None:
    """Wait until one alert has gone all the way, and `warm_s` more."""
    await plant.fail(["probe"])

    async def came() -> bool:
        return "probe" in await alerted.came_us()

    await until("the first alert", came, _FIRST_S)
    await asyncio.sleep(warm_s)


async def _all_came(alerted: Alerted, told: Keyed) -> dict[str, int]:
    """Wait for the alert of each asset; return when those that came were there."""

    async def all_came() -> bool:
        return told.keys() <= (await alerted.came_us()).keys()

    with suppress(NotSeen):  # they are counted as missing
        await until("every alert", all_came, _PATIENCE_S)
    return await alerted.came_us()


def report(sent: Keyed, came: Keyed, told: Report) -> Report:
    """Put the latencies of what was sent into a report."""
    took = [came[asset] - at for asset, at in sent.items() if asset in came]
    told.missing = len(sent) - len(took)
    if took:
        told.p50, told.p90, told.p99, told.most = np.quantile(took, (0.5, 0.9, 0.99, 1.0)) / 1e6
    return told


def run(  # noqa: PLR0913 - options of the command
    *,
    seed: Annotated[int, typer.Option(min=0, help="Of the order of assets.")] = 1,
    faults: Annotated[int, typer.Option(min=1, help="At once.")] = 200,
    rounds: Annotated[int, typer.Option(min=1, help="So often, other assets each time.")] = 5,
    warm: Annotated[float, typer.Option(min=0, help="Seconds before.")] = 10.0,
    program: Annotated[
        Path | None,
        typer.Option("--alertmanager", help="The program. Default: the installed, or a stand-in."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
    fail_over: Annotated[float | None, typer.Option(help="Exit 1: p99 of more seconds.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Keep data and logs here.")] = None,
) -> None:
    """Measure from readings to Alertmanager, when many assets fail at once."""
    logs.configure("text", logging.CRITICAL)
    plan = Plan(seed, faults, rounds, warm, found(program))
    with first(PROCESSORS), TemporaryDirectory(prefix="alltobit-") as own:
        told = uvloop.run(measure(plan, folder or Path(own)))
    if as_json:
        typer.echo(msgspec.json.encode(told).decode())
    else:
        typer.echo(f"{PROCESSORS} processors for all; {load()}")
        typer.echo("\n".join(told.lines()))
    if told.missing or (fail_over is not None and told.p99 > fail_over):
        raise typer.Exit(1)
