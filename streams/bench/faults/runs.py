"""The disturbed run, the quiet run, and the comparison of both with a run without a broker."""

import asyncio
from pathlib import Path
from time import monotonic

from schemas.settings import Settings
from streams.bench.faults.alone import without_broker
from streams.bench.faults.disturber import Disturber, reached
from streams.bench.faults.feed import Feed, epochs_of, publisher, settings_for
from streams.bench.faults.outcome import Outcome, Report, compare, outcome
from streams.broker import Broker
from streams.house import House, NotSeen, read_all, until

_LEAST_ROWS = 180  # seconds of event time: both faults of the plant are in them
_SERVICE = ("ingest", "ingest", "worker", "worker")


async def disturb(kind: str, seed: int, times: int, folder: Path, step_s: float = 0.05) -> Report:
    """Run one kind of disturbance `times` times (each role), then compare with quiet runs.

    Where raw topics are made anew, there is nothing left to be read again: the run without a broker
    alone is compared.
    """
    began = monotonic()
    report = Report(kind, seed)
    with Broker(folder / "kafka") as broker:
        disturbed = settings_for(broker.kafka, "disturbed")
        async with House(disturbed, folder / "disturbed") as house:
            feed, first = await _disturbed(report, times, house, broker, step_s)
        others = [without_broker(disturbed, feed.written, feed.latest_ns)]
        if kind != "anew":
            others.append(await _quiet(settings_for(broker.kafka, "quiet"), folder, feed))
    compare(report, feed.sent, first, *others)
    report.seconds = monotonic() - began
    return report


async def _disturbed(
    report: Report, times: int, house: House, broker: Broker, step_s: float
) -> tuple[Feed, Outcome]:
    """Run the service under a feed and disturb it; return what was published by both."""
    async with publisher(broker.kafka) as producer:
        feed = Feed(producer, await epochs_of(broker.kafka), report.seed, step_s)
        for i, role in enumerate(_SERVICE):
            name = f"{role}-{i}" if report.kind == "named" else ""
            house.start(role, environment={"ALLTOBIT_KAFKA__INSTANCE": name})
        feeding = asyncio.create_task(feed.run())
        await until("the service reads", lambda: _begun(house.settings), 120.0)
        disturber = Disturber(house, broker, feed, report.seed)
        for step in disturber.plan(report.kind, times):
            await step()
        await until("three minutes of event time", lambda: reached(feed, _LEAST_ROWS), 300.0)
        feed.stop.set()
        await feeding
        report.disturbances = disturber.done
        return feed, await collect(house.settings, feed)


async def _quiet(settings: Settings, folder: Path, feed: Feed) -> Outcome:
    """Read the same raw topics with a service that nobody disturbs."""
    async with House(settings, folder / "quiet") as house:
        for role in ("ingest", "worker"):
            house.start(role)
        return await collect(settings, feed)


async def _begun(settings: Settings) -> bool:
    found = await read_all(settings, [settings.topics.bits])
    return bool(found[settings.topics.bits])


async def collect(settings: Settings, feed: Feed, patience_s: float = 120.0) -> Outcome:
    """Read the outputs once every sample sent is in a frame (or patience is at its end)."""
    names = [settings.topics.bits, settings.topics.anomalies, settings.topics.alerts]
    last = Outcome({}, {}, {})

    async def complete() -> bool:
        nonlocal last
        last = outcome(await read_all(settings, names), settings.topics, feed.latest_ns)
        return len(last.samples) >= len(feed.sent)

    try:
        await until("every sample in a frame", complete, patience_s, every_s=1.0)
    except NotSeen:
        return last
    await asyncio.sleep(3.0)  # whatever should not come has this long to come
    await complete()
    return last
