"""`kafka.instance` on the real Kafka: a killed process gets its partitions back at once."""

import asyncio
import signal

import pytest

from schemas.settings import Kafka, Settings
from streams.bench.faults import Feed, publisher, settings_for
from streams.bench.faults.feed import epochs_of
from streams.bench.faults.outcome import samples_of
from streams.broker import Broker
from streams.house import House, read_all, until
from streams.topics import administration

SESSION_S = 60.0


def settings_of(kafka: Kafka) -> Settings:
    settings = settings_for(kafka, "named")
    slow = settings.kafka.model_copy(update={"session_timeout_s": SESSION_S})
    return settings.model_copy(update={"kafka": slow})


async def members(settings: Settings, group: str) -> int:
    async with administration(settings.kafka) as admin:
        (answer,) = await admin.describe_consumer_groups([group])
        return len(answer.groups[0][5])


async def latest_ns(settings: Settings) -> int:
    """Return the time of the last sample in a frame; 0 where there is none."""
    found = await read_all(settings, [settings.topics.bits])
    samples = samples_of(record.value for record in found[settings.topics.bits])
    return max((time for _, _, time in samples), default=0)


@pytest.mark.kafka
@pytest.mark.parametrize("role", ["ingest", "worker"])
async def test_one_killed_and_started_again_under_its_name_goes_on_before_its_session_ends(
    role, tmp_path
):
    named = {"ALLTOBIT_KAFKA__INSTANCE": "one"}
    async with (
        Broker(tmp_path / "kafka", fast_start=True) as broker,
        House(settings_of(broker.kafka), tmp_path) as house,
        publisher(broker.kafka) as producer,
    ):
        settings = house.settings
        feed = Feed(producer, await epochs_of(broker.kafka), 1, 0.05)
        mine = {one: house.start(one, environment=named) for one in ("ingest", "worker")}
        feeding = asyncio.create_task(feed.run())

        async def goes_on() -> bool:
            return await latest_ns(settings) > since

        since = 0
        await until("a first frame", goes_on)
        mine[role].signal(signal.SIGKILL)
        await mine[role].ended()
        since = feed.latest_ns + 5_000_000_000
        house.start(role, environment=named)
        await until("a frame of what was published since", goes_on, SESSION_S / 2)
        feed.stop.set()
        await feeding

        assert sorted(await house.stop()) == [-signal.SIGKILL, 0, 0]
        groups = (settings.ingest.group, settings.detect.group)
        assert [await members(settings, group) for group in groups] == [0, 0]  # they left at once


@pytest.mark.parametrize("name", ["a b", "ä", "x" * 201])
def test_a_name_that_kafka_does_not_take_is_a_mistake_in_the_settings(name):
    with pytest.raises(ValueError, match="instance"):
        Kafka(instance=name)
