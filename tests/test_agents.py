"""Real agents through a real Kafka: what they say of themselves is what stands in `readings`.

One ingest reads them all: Debian's node_exporter, Debian's Prometheus that remote-writes, and the
messages of every agent's documentation.
"""

import asyncio
from contextlib import asynccontextmanager
from operator import attrgetter

import pytest
import pytest_asyncio
from aiohttp import web
from exporters import NodeExporter, Prometheus, infiniband
from ingested import Raw, ingested
from prometheus_client.parser import text_string_to_metric_families
from samples import Sample, alike, told

from schemas.formats.labels import meaning
from schemas.golden import GOLDEN
from schemas.telemetry import Quality
from streams.house import until

pytestmark = [pytest.mark.kafka, pytest.mark.asyncio(loop_scope="module")]

TEXTS, WRITES = "texts", "writes"
TOPICS = {TEXTS: "auto", WRITES: "prometheus-remote-write"}
INSTANCE, PORT = "rack-7-host-1", "mlx5_0/p1"
SENT = f"{INSTANCE}/{PORT}", 'PortXmitData{job="node"}'
WORDS = 1_000_003
COUNTERS = {"port_xmit_data": WORDS, "symbol_error": 7}
"""Of an InfiniBand port, as the kernel counts: data in words of 4 bytes."""
GONE = Quality.STALE | Quality.MISSING
SCRAPES = 3
OF_THE_SCRAPE = ("up{", "scrape_")
"""What Prometheus adds, and goes on with when its target is gone."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ingest(kafka, tmp_path_factory):
    """Lend an ingest of a topic for each format, and two for the agents."""
    formats = TOPICS | {name: name for name in GOLDEN}
    async with ingested(kafka.kafka, formats, tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def prometheus(ingest, tmp_path_factory):
    """Lend a Prometheus that writes to the ingest, and the node_exporter that it scrapes."""
    folder = tmp_path_factory.mktemp("prometheus")
    async with bridge(ingest) as url:
        with (
            node_exporter(folder / "node") as node,
            Prometheus(folder / "own", await node.address(), INSTANCE, url) as running,
        ):
            yield running, node
            await asyncio.to_thread(running.end)  # it writes what is left: to us


def node_exporter(folder):
    """Make a node_exporter of this machine, to which an InfiniBand port is added."""
    return NodeExporter(folder, infiniband(folder / "sys", COUNTERS))


@asynccontextmanager
async def bridge(ingest):
    """Publish every body that is posted, as it is."""

    async def take(request):
        sent = ("content-type", "content-encoding")
        headers = [(name, request.headers[name].encode()) for name in sent]
        await ingest.publish(Raw(WRITES, await request.read(), headers))
        return web.Response(status=204)

    app = web.Application(client_max_size=2**26)
    app.router.add_post("/write", take)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        yield f"http://{host}:{port}/write"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("name", GOLDEN)
async def test_what_an_agents_documentation_shows_stands_in_readings_as_it_says(
    ingest, prometheus, name
):
    del prometheus  # it gets going meanwhile
    sent = [await ingest.publish(as_raw(name, golden)) for golden in GOLDEN[name]]
    found = await ingest.read(name, len(sent))

    for golden, (offset, time_ms) in zip(GOLDEN[name], sent, strict=True):
        expected = ingest.judged(told(golden), time_ms)
        assert alike(found.samples[name][offset]) == alike(expected), golden.origin
    assert not [one for one in found.rejects if f".{name} " in one]


def as_raw(name, golden):
    time_ms = golden.time_ms if golden.time_ms >= 0 else None
    return Raw(name, golden.message, key=golden.subject.encode() or None, time_ms=time_ms)


async def test_what_node_exporter_says_of_this_machine_stands_in_readings(ingest, tmp_path):
    with node_exporter(tmp_path) as node:
        text, content_type = await node.scrape()
    offset, time_ms = await ingest.publish(Raw(TEXTS, text, [("content-type", content_type)]))
    found = (await ingest.read(TEXTS, offset + 1)).samples[TEXTS][offset]

    assert len(found) > 300
    assert sorted(found) == sorted(ingest.judged(read_by_its_own_parser(text, time_ms), time_ms))
    port = {one.point: one.value for one in found if one.asset.endswith(f"/{PORT}")}
    assert (port["PortXmitData"], port["SymbolErrorCounter"]) == (4 * WORDS, 7)


def read_by_its_own_parser(text, time_ms):
    for family in text_string_to_metric_families(text.decode()):
        for one in family.samples:
            yield Sample(*meaning(one.name, one.labels), time_ms * 10**6, one.value)


async def test_readings_hold_what_prometheus_holds_and_say_when_its_target_is_gone(
    ingest, prometheus
):
    server, node = prometheus

    async def found():
        mine = (await ingest.find()).of(WRITES)
        return [one for one in mine if not one.point.startswith(OF_THE_SCRAPE)]

    async def is_scraped():
        return len({one.time_ns for one in await found()}) >= SCRAPES

    await until("Prometheus has written some scrapes", is_scraped, 180.0)
    node.end()
    held = []

    async def is_gone():
        held[:] = ingest.judged(await held_by(server))
        return {who(one) for one in await found() if one.quality == GONE} >= set(map(who, held))

    await until("Prometheus says that its target is gone", is_gone)
    read = await found()

    assert sorted(one for one in read if one.quality != GONE) == sorted(held)
    assert {who(one) for one in read if one.quality == GONE} == set(map(who, held))
    assert {one.value for one in held if who(one) == SENT} == {4 * WORDS}
    assert not (await ingest.find()).rejects


def who(sample):
    return sample.asset, sample.point


async def held_by(server):
    """Return what Prometheus itself has stored of the node, scrape by scrape."""
    held = [
        Sample(*meaning(labels["__name__"], labels), round(time_s * 1000) * 10**6, float(text))
        for labels, values in await server.stored('{job="node"}')
        for time_s, text in values
    ]
    mine = [one for one in held if not one.point.startswith(OF_THE_SCRAPE)]
    return sorted(mine, key=attrgetter("asset", "time_ns"))
