"""The cascade on a real Kafka: killed, given garbage and told twice, it publishes the same."""

import asyncio
import json
import random
import signal
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaProducer
from troubles import SITE, anomaly, bad_cable, mixed, progress, run, streams

from models.cascade.drive import Watch
from models.cascade.message import Unread, read
from models.cascade.warmup import warm_up_cascade
from models.site.cut import messages, nothing, rows_of
from schemas.events import OF_PARTITION
from schemas.telemetry import Why
from streams import topics
from streams.cascade import Cascades
from streams.connection import client_options
from streams.errors import StateMismatch
from streams.house import House, read_all, until

MESSAGES = [*mixed(streams(bad_cable(), 240), random.Random(0))]
GARBAGE = {
    b"": Why.EMPTY,
    b"{": Why.NOT_JSON,
    b"\xff{}": Why.NOT_JSON,
    b"[1]": Why.MISSING_FIELD,
    b'{"specversion":"1.0"}': Why.MISSING_FIELD,
    b'{"specversion":"1.0","type":"io.alltobit.anomaly.opened","id":7}': Why.WRONG_TYPE,
    b'{"specversion":"1.0","type":"io.alltobit.progress","data":{}}': Why.WRONG_TYPE,
}


@pytest.mark.parametrize(("value", "why"), GARBAGE.items())
def test_what_is_no_event_is_refused_with_a_reason(value, why):
    said = read(value)

    assert isinstance(said, Unread)
    assert said.why is why
    assert 0 < len(said.detail) <= 200 or why is Why.EMPTY


def test_an_event_that_is_no_anomaly_is_left_alone():
    assert read(b'{"specversion":"1.0","type":"io.alltobit.health.reported"}') is None
    assert read(b'{"specversion":"1.0","type":"com.example.other","data":5}') is None


def test_warming_up_goes_through_a_whole_incident():
    assert warm_up_cascade() > 0


async def send(settings, told, key=b"s"):
    """Publish (partition of readings, event or bytes) on `anomalies`, in order."""
    producer = AIOKafkaProducer(**client_options(settings.kafka))
    await producer.start()
    try:
        for of, event in told:
            value = event if isinstance(event, bytes) else event.model_dump_json().encode()
            headers = [(OF_PARTITION, str(of).encode())]
            await producer.send(settings.topics.anomalies, value, key=key, headers=headers)
        await producer.flush()
    finally:
        await producer.stop()


async def tell_site(settings, pairs):
    """Publish (key, value) on `inventory`."""
    producer = AIOKafkaProducer(**client_options(settings.kafka))
    await producer.start()
    try:
        for key, value in pairs:
            await producer.send_and_wait(settings.topics.inventory, value, key=key.encode())
    finally:
        await producer.stop()


async def incidents(settings):
    """Return what was published: the first message of each source and id, in order."""
    records = (await read_all(settings, [settings.topics.incidents]))[settings.topics.incidents]
    values = [record.value.decode() for record in records]
    found: dict[tuple[str, str], str] = {}
    for value in values:
        event = json.loads(value)
        found.setdefault((event["source"], event["id"]), value)
    return list(found.values())


async def rejects(settings):
    """Return the reasons of rejects, by topic and offset."""
    records = (await read_all(settings, [settings.topics.rejects]))[settings.topics.rejects]
    said = [dict(record.headers) for record in records]
    return {
        (one["alltobit-topic"].decode(), int(one["alltobit-offset"])): one["alltobit-reason"]
        for one in said
    }


@pytest.mark.kafka
async def test_killed_in_the_middle_it_publishes_what_an_undisturbed_run_does(settings, tmp_path):
    told = [*MESSAGES[:80], *((0, bad) for bad in GARBAGE), *MESSAGES[80:]]
    expected = run(MESSAGES)
    hurried = settings.model_copy(
        update={"cascade": settings.cascade.model_copy(update={"snapshot_s": 0.2})}
    )
    async with House(hurried, tmp_path / "house") as house:
        await tell_site(settings, messages(rows_of("s", "", SITE)))
        again = {"ALLTOBIT_KAFKA__INSTANCE": "one"}  # so it has its partitions back at once
        first = house.start("cascade", environment=again)
        await send(settings, told[:100])

        async def opened():
            return bool(await incidents(settings))

        await until("an incident", opened, 180.0)
        await send(settings, told[100:250])
        first.signal(signal.SIGKILL)
        await first.ended()
        await send(settings, told[200:])  # some of it again
        house.start("cascade", environment=again)

        async def all_told():
            return len(await incidents(settings)) >= len(expected)

        await until("all incidents", all_told, 120.0)
        assert await house.stop() == [-9, 0]

    assert await incidents(settings) == expected
    assert sorted(set((await rejects(settings)).values())) == sorted(
        {why.value.encode() for why in GARBAGE.values()}
    )


@asynccontextmanager
async def running(settings):
    """Run the cascade meanwhile; it ends without trouble, or raises what it was."""
    cascades = Cascades(settings)
    task = asyncio.create_task(cascades.run())
    try:
        yield cascades, task
    finally:
        cascades.stopping.set()
        await task


@pytest.mark.kafka
async def test_a_site_is_guessed_until_it_is_told_and_garbage_is_refused(settings):
    await topics.create(settings)
    async with running(settings) as (cascades, task):

        async def watched():
            task.done() and task.result()
            return [one for part in cascades.parts.values() for one in part.watches.values()]

        async def untold():
            return all(one.guessed.is_asked for one in await watched())

        async def names(part):
            return any(part in one.cascade.graph.index for one in await watched())

        await send(settings, [*MESSAGES[:200], (0, anomaly("x-1", "temp", 300)), (0, b"{")])
        await until("a guessed node", lambda: names("node-01"))
        await tell_site(settings, [("s/bad", b'{"site":7}'), *messages(rows_of("s", "", SITE))])
        await until("the told graph", lambda: names("ups-1"))
        await tell_site(settings, [("s/", nothing("s/"))])

        await until("it is taken away", untold)
        await send(settings, MESSAGES[200:260])  # time must pass

        async def taken_away():
            return not await names("ups-1")

        await until("a guess again", taken_away)

    found = await rejects(settings)
    assert {topic for topic, _ in found} == {settings.topics.anomalies, settings.topics.inventory}
    assert set(found.values()) == {b"not_json", b"wrong_type"}


@pytest.mark.kafka
async def test_sites_of_one_topic_are_watched_apart(settings):
    await topics.create(settings)
    apart = Watch.of("t")
    expected = run(MESSAGES, apart)
    async with running(settings) as (_, task):
        await asyncio.gather(*(send(settings, MESSAGES, key) for key in (b"s", b"t")))

        async def both():
            task.done() and task.result()
            return len(await incidents(settings)) >= 2 * len(expected)

        await until("the incidents of both", both)

    told = await incidents(settings)
    assert [one for one in told if json.loads(one)["source"] == "/alltobit/t"] == expected


@pytest.mark.kafka
async def test_a_state_that_stands_behind_the_group_is_told(settings):
    await topics.create(settings)
    async with running(settings) as (cascades, task):
        await send(settings, [(0, progress(0, second)) for second in range(5)])

        async def saved():
            task.done() and task.result()
            return any(part.saved_offset > 0 for part in cascades.parts.values())

        await until("a saved state", saved)
    empty = topics.cascade_changelog(settings)
    async with topics.administration(settings.kafka) as admin:
        await admin.delete_topics([empty])

        async def gone():
            return empty not in await admin.list_topics()

        await until("the topic is gone", gone)
    await topics.create(settings)

    with pytest.raises(StateMismatch, match="was taken in up to 5, its saved state stands at 0"):
        await asyncio.wait_for(Cascades(settings).run(), 60.0)
