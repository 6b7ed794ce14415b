"""`alltobit demo`: everything at work on this machine, with a cable and a chiller that break."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from aiohttp import ClientError, ClientSession

from models.simulate import Plant, default_points, default_rules
from models.site.cut import rows_of
from schemas.settings import Cascade, Detect, Kafka, RawTopic, Settings, Site
from streams import logs
from streams.broker import Broker
from streams.broker_files import free_port
from streams.cli import demo_report, site_topic
from streams.cli import demo_story as story
from streams.cli.console import out
from streams.cli.demo_screen import Screen, summary
from streams.cli.running import run_async
from streams.cli.tail import tail, there
from streams.house import House, until
from streams.publish import publish
from streams.topics import administration, committed

_ROLES = ("ingest", "worker", "cascade")
_START_S = 300.0  # to compile, on a slow machine
_NEARLY_NS = 5_000_000_000
"""Event time comes so near to the end of what was published, without more."""


def run(
    *,
    speed: Annotated[float, typer.Option(min=0.1, help="Times as fast as time.")] = 8.0,
    stay: Annotated[bool, typer.Option("--stay", help="Go on until Ctrl-C.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the plant.")] = 1,
) -> None:
    """Show one issue that spreads, and what is said of it, on this machine alone.

    Starts a real Kafka, ingest, a worker, the cascade and a simulated data centre in which a cable
    and a chiller break; ends when all of it is told. Needs the extra `broker`.
    """
    logs.configure("text", logging.CRITICAL)  # what must be seen is shown
    screen, plant = Screen(out()), story.plant(seed)
    tempo = story.Tempo(speed, story.FOR_EVER_S) if stay else story.Tempo(speed)
    with TemporaryDirectory(prefix="alltobit-demo-") as folder:
        run_async(_demo(screen, plant, Path(folder), tempo))


def settings_for(kafka: Kafka, plant: Plant) -> Settings:
    """Return the demo's settings: those of deploy/settings.yaml, and quicker to save.

    The format is set: what detection would need to know is compiled for a minute the first time.
    """
    return Settings(
        kafka=kafka,
        raw=tuple(RawTopic(name=one.name, format="native-json") for one in Settings().raw),
        detect=Detect(snapshot_s=2.0),
        cascade=Cascade(snapshot_s=1.0),
        site=Site(name="demo", cells=plant.cells()),
        points=default_points(),
        rules=default_rules(),
    )


async def _demo(screen: Screen, plant: Plant, folder: Path, tempo: story.Tempo) -> None:
    console = screen.console
    console.print("starting Apache Kafka, ingest, a worker and the cascade ...", style="dim")
    async with Broker(folder / "kafka") as broker:
        console.print(f"Kafka listens on {broker.bootstrap}", style="dim")
        settings = settings_for(broker.kafka, plant)
        async with House(settings, folder / "house") as house, working(house):
            await tell(screen, plant, settings, tempo)


@asynccontextmanager
async def working(house: House) -> AsyncIterator[None]:
    """Start ingest, a worker and the cascade, and wait until they are ready."""
    ports = {role: free_port() for role in _ROLES}
    for role, port in ports.items():
        house.start(role, environment={"ALLTOBIT_HTTP__PORT": str(port)})
    async with ClientSession() as http:

        async def ready() -> bool:
            return all([await _is_ready(http, port) for port in ports.values()])

        await until("ingest, worker and cascade are ready", ready, _START_S)
    yield


async def _is_ready(http: ClientSession, port: int) -> bool:
    try:
        async with http.get(f"http://127.0.0.1:{port}/readyz") as answer:
            return answer.status == 200  # noqa: PLR2004 - of HTTP
    except (ClientError, TimeoutError):
        return False


async def tell(screen: Screen, plant: Plant, settings: Settings, tempo: story.Tempo) -> None:
    """Publish the site and the plant, and show what comes of it, to the end."""
    parts = [rows_of(one.site, one.part, one) for one in plant.site(settings.site.name)]
    await site_topic.put(settings, parts)
    assets = sum(len(rows.assets) for rows in parts)
    screen.begin(assets, tempo.speed)
    ours = settings.topics
    watching = [
        asyncio.create_task(_watch(screen, settings, topic))
        for topic in (ours.alerts, ours.anomalies, ours.incidents, ours.bits)
    ]
    watching.append(asyncio.create_task(_count(screen)))
    raw = [topic.name for topic in settings.raw]
    try:
        await publish(settings.kafka, story.feed(plant, tempo, raw, screen))
        await _all_told(screen, settings, tempo.ends_ns - _NEARLY_NS)
    finally:
        for task in watching:
            task.cancel()
        for ended in await asyncio.gather(*watching, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended  # why nothing more was seen
    screen.end([*summary(screen.seen, assets), *await demo_report.beginning(settings)])


async def _watch(screen: Screen, settings: Settings, topic: str) -> None:
    async with aclosing(tail(settings.kafka, topic, from_beginning=True)) as records:
        async for record in records:
            screen.take(record)


async def _count(screen: Screen) -> None:
    while True:
        await asyncio.sleep(1.0)
        screen.count()


async def _all_told(screen: Screen, settings: Settings, end_ns: int) -> None:
    """Wait until detection, the cascade and the screen have seen all. Raises `NotSeen`."""
    seen, ours = screen.seen, settings.topics

    async def judged() -> bool:
        return screen.upto_ns() >= end_ns

    await until("detection is at the end", judged, story.PATIENCE_S)
    upto = {place: at for place, at in seen.offsets.items() if place[0] == ours.anomalies}

    async def folded() -> bool:
        async with administration(settings.kafka) as admin:
            at = await committed(admin, settings.cascade.group)
        return all(at.get(place, 0) >= offset for place, offset in upto.items())

    await until("the cascade is at the end", folded, story.PATIENCE_S, every_s=0.5)
    last = {
        (one.topic, one.partition): one.offset
        async for one in there(settings.kafka, ours.incidents)
    }

    async def shown() -> bool:
        return all(seen.offsets.get(place, 0) > offset for place, offset in last.items())

    await until("all incidents are shown", shown, story.PATIENCE_S)
