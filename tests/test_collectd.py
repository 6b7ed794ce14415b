"""Real input: what collectd measures of this machine, through the whole service."""

import json
import os
import subprocess
import time
from collections import Counter
from contextlib import contextmanager
from datetime import datetime
from operator import itemgetter

import pytest
from collectd import HOST, Collectd

from models import bits
from schemas.events import Kind
from streams.house import House, read_all, until
from streams.publish import Message, publish

pytestmark = pytest.mark.kafka

INTERVAL_S = 0.1
ENOUGH = 700  # samples of a signal before the burst: its normal is known then, and leaps are told
RUNNING = "processes/ps_state-running"
BUSY = ("cpu/percent-active", "load/load/shortterm", RUNNING)
"""What a burst lifts; on a machine that is busy already, the last two alone."""


@pytest.mark.alone
async def test_a_burst_of_load_on_this_machine_is_told_and_cites_what_collectd_sent(
    settings, tmp_path
):
    settings = hurried(settings)
    async with House(settings, tmp_path / "house") as house:
        house.start("ingest")
        house.start("worker")
        await serves(settings)
        with Collectd(tmp_path, settings.kafka.bootstrap, settings.raw[0].name, INTERVAL_S):
            await until("this host is learned", lambda: is_calm(settings), 260.0, 0.5)
            with burst() as began:
                await until("the burst is told", lambda: told(settings, began), 90.0, 0.5)
    event = (await rises(settings, began))[0]
    fact = event["evidence"]["facts"][0]
    raw = await message(settings, fact["topic"], fact["partition"], fact["offset"])
    plugin = event["point"].split("/")[0]

    assert {(entry["host"], entry["plugin"]) for entry in raw} == {(HOST, plugin)}
    assert fact["value"] == event["value"]
    assert fact["value"] in [value for entry in raw for value in entry["values"]]
    assert not (await read_all(settings, [settings.topics.rejects]))[settings.topics.rejects]


def hurried(settings):
    """Tell everything within seconds."""
    detect = settings.detect.model_copy(update={"frame_s": 1.0, "lateness_s": 1.0})
    ingest = settings.ingest.model_copy(update={"linger_s": 0.1, "idle_s": 1.0})
    return settings.model_copy(update={"detect": detect, "ingest": ingest})


async def serves(settings):
    """Wait until a first message has come out at the end: the start's own load is over then."""
    first = json.dumps({"asset": "first", "time": time.time(), "values": {"value": 1}})
    await publish(settings.kafka, [Message(settings.raw[0].name, None, first.encode())])

    async def seen():
        return "first" in {asset for asset, _ in await counts(settings)}

    await until("a first frame", seen, 180.0)


async def counts(settings):
    """Count the samples of each (asset, point) in the bit frames."""
    counted, reader = Counter(), bits.Reader()
    for record in (await read_all(settings, [settings.topics.bits]))[settings.topics.bits]:
        frame = reader.decode(record.value)
        names = frame.names.points
        counted.update((frame.names.asset, names[p]) for p in frame.samples.point.tolist())
    return counted


async def is_calm(settings):
    """Say whether all is learned, and the running processes are not unusual already."""
    counted = await counts(settings)
    open_now = {}
    for event in await anomalies(settings):
        open_now[event["data"]["point"]] = event["type"] == Kind.ANOMALY_OPENED
    return all(counted[HOST, point] >= ENOUGH for point in BUSY) and not open_now.get(RUNNING)


@contextmanager
def burst():
    """Keep all cores busy; each process ends itself after 20 s of work, or is ended with the block.

    All begin at one moment, which is given: so what is measured jumps, however busy the machine is.
    They are nice: the service that is to tell of them, and who waits for it, come first.
    """
    spin = ["nice", "-n", "19", "sh", "-c", "ulimit -t 20; read _; while :; do :; done"]
    held, hold = os.pipe()
    many = range(max(128, 2 * (os.cpu_count() or 1)))
    spinning = [subprocess.Popen(spin, stdin=held) for _ in many]  # noqa: S603 - fixed words
    os.close(held)
    began = datetime.now().astimezone()
    os.close(hold)
    try:
        yield began
    finally:
        for process in spinning:
            process.kill()
            process.wait()


async def anomalies(settings):
    records = (await read_all(settings, [settings.topics.anomalies]))[settings.topics.anomalies]
    events = [json.loads(record.value) for record in records]
    mine = (e for e in events if e["data"].get("asset") == HOST)
    return sorted(mine, key=itemgetter("time"))


async def rises(settings, since):
    """Return the anomalies of this host's load that opened upwards."""
    return [
        event["data"]
        for event in await anomalies(settings)
        if event["type"] == Kind.ANOMALY_OPENED
        and datetime.fromisoformat(event["time"]) >= since
        and event["data"]["point"] in BUSY
        and event["data"]["value"] > event["data"]["expected"]
    ]


async def told(settings, since):
    return bool(await rises(settings, since))


async def message(settings, topic, partition, offset):
    """Read one raw message."""
    records = (await read_all(settings, [topic]))[topic]
    return json.loads(
        next(r.value for r in records if (r.partition, r.offset) == (partition, offset))
    )
