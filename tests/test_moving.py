"""Partitions that move while detection is at work on them."""

import signal
from types import SimpleNamespace

import faust
import pytest

from models import saved
from models.names import Config
from models.snapshot import Snapshots
from models.state import State
from schemas.settings import Settings
from streams.anomaly import Detect, Source
from streams.anomaly.source import Standing
from streams.bench.faults import START_NS, Feed, make_anew, publisher, settings_for
from streams.bench.faults.feed import epochs_of
from streams.bench.faults.outcome import samples_of
from streams.broker import Broker
from streams.connection import faust_options
from streams.errors import StateMismatch
from streams.house import House, read_all, until
from streams.topics import create


def moving(detect_of: list[Detect], moves: bool) -> SimpleNamespace:
    """Make a broker that takes a partition away while it is asked about it."""

    async def standing(number: int) -> Standing:
        if moves:
            detect_of[0].forget({number})
        return Standing(7, -1, "id")

    return SimpleNamespace(standing=standing)


async def nothing(_number: int) -> dict[bytes, bytes]:
    return {}


@pytest.mark.parametrize("moves", [False, True])
async def test_a_partition_that_moves_while_it_is_taken_up_is_neither_kept_nor_acknowledged(moves):
    acked, detect_of = [], []
    detect = Detect(Settings(), None, SimpleNamespace(read=nothing), 1, moving(detect_of, moves))
    detect_of.append(detect)
    message = SimpleNamespace(partition=0, offset=6, value=b"")

    await detect.take(SimpleNamespace(message=message, ack=lambda: acked.append(6)))

    assert (0 in detect.parts) == (not moves)
    assert acked == ([] if moves else [6])


@pytest.mark.kafka
async def test_to_seek_a_partition_that_went_elsewhere_is_no_error(settings, tmp_path):
    await create(settings)
    app = faust.App(
        settings.detect.group,
        **faust_options(settings.kafka),
        store="memory://",
        web_enabled=False,
        topic_disable_leader=True,
        datadir=str(tmp_path),
    )

    @app.agent(app.topic(settings.topics.readings))
    async def agent(stream: faust.Stream) -> None:
        async for _ in stream:
            pass

    await app.start()
    try:
        await Source(app, settings).seek(99, 5)
    finally:
        await app.stop()


@pytest.mark.kafka
async def test_who_is_told_to_end_ends_also_where_kafka_has_gone(tmp_path):
    async with (
        Broker(tmp_path / "kafka", fast_start=True) as broker,
        House(settings_for(broker.kafka, "gone"), tmp_path) as house,
        publisher(broker.kafka) as producer,
    ):
        feed = Feed(producer, await epochs_of(broker.kafka), 1, 0.05)
        members = [house.start(role) for role in ("ingest", "worker")]
        topic = house.settings.topics.bits

        async def applied() -> bool:
            await feed.tick()
            return bool((await read_all(house.settings, [topic]))[topic])

        await until("a frame", applied)
        broker.kill()
        for member in members:
            member.signal(signal.SIGTERM)

        assert {await member.ended(60.0) for member in members} <= {0, 69}


@pytest.mark.kafka
async def test_blocks_of_readings_made_anew_are_judged_from_its_begin(tmp_path):
    async with (
        Broker(tmp_path / "kafka", fast_start=True) as broker,
        publisher(broker.kafka) as producer,
    ):
        settings = settings_for(broker.kafka, "anew")
        detect = settings.detect.model_copy(update={"stall_s": 8.0})
        settings = settings.model_copy(update={"detect": detect})
        async with House(settings, tmp_path) as house:
            feed = Feed(producer, await epochs_of(broker.kafka), 1, 0.05)
            house.start("ingest")
            workers = [house.start("worker")]

            async def judged() -> bool:
                await feed.tick()
                workers[-1].ending = True  # it may find that it must be started anew
                if workers[-1].process.poll() is not None:
                    assert workers[-1].process.returncode == 75
                    workers.append(house.start("worker"))
                found = await read_all(settings, [settings.topics.bits])
                values = [one.value for one in found[settings.topics.bits]]
                times = {time for *_, time in samples_of(values)}
                return wanted <= times

            wanted = {START_NS}
            await until("a first frame", judged)
            await make_anew(settings, settings.topics.readings)
            wanted = {feed.latest_ns + i * 1_000_000_000 for i in range(1, 20)}
            await until("frames of what was published since", judged, 120.0)
            assert len(workers) <= 2


@pytest.mark.parametrize(("committed", "fits"), [(-1, True), (5, True), (6, False)])
async def test_how_far_the_group_had_come_in_a_topic_before_is_no_mismatch(committed, fits):
    snapshot = Snapshots(1, "before").take(State(Config()), 5)
    stored = {key: value for key, value in saved.pairs(snapshot, "a") if value is not None}

    async def read(_number: int) -> dict[bytes, bytes]:
        return stored

    async def standing(_number: int) -> Standing:
        return Standing(0, committed, "anew")

    broker = SimpleNamespace(standing=standing, seek=nothing)
    detect = Detect(Settings(), None, SimpleNamespace(read=read), 1, broker)
    message = SimpleNamespace(message=SimpleNamespace(partition=0, offset=-1, value=b""), ack=list)

    if fits:
        await detect.take(message)
        assert detect.parts[0].offset == 0
    else:
        with pytest.raises(StateMismatch, match="applied up to offset 6"):
            await detect.take(message)


async def test_a_state_of_another_build_is_told_in_one_line_with_the_way_out():
    stored = {b"a/manifest": b'{"version":1,"layout":"another"}'}
    broker = moving([], moves=False)

    async def read(_number: int) -> dict[bytes, bytes]:
        return stored

    detect = Detect(Settings(), None, SimpleNamespace(read=read), 1, broker)
    message = SimpleNamespace(partition=0, offset=6, value=b"")
    with pytest.raises(StateMismatch, match=r"another version.*under a new `detect\.group`"):
        await detect.take(SimpleNamespace(message=message))
