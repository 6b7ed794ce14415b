"""Making our topics, and saying what differs."""

import asyncio
from uuid import UUID

import pytest
from aiokafka import AIOKafkaClient, AIOKafkaConsumer
from aiokafka.admin import NewTopic
from hypothesis import given
from hypothesis import strategies as st

from schemas.settings import RawTopic, Settings, Topics
from streams import topics
from streams.connection import client_options
from streams.errors import ConfigError
from streams.topics import (
    administration,
    changelog,
    create,
    differences,
    partition_counts,
    topic_ids,
    wanted,
)


def with_topics(settings: Settings, **changes: object) -> Settings:
    return settings.model_copy(
        update={"topics": settings.topics.model_copy(update=changes)},
    )


async def remove(settings: Settings, name: str) -> None:
    async with administration(settings.kafka) as admin:
        await admin.delete_topics([name])
        while await topic_ids(admin, [name]):  # noqa: ASYNC110 - Kafka tells nobody
            await asyncio.sleep(0.02)


@given(partitions=st.integers(1, 10_000), replication=st.integers(1, 10))
def test_every_topic_of_ours_has_the_partitions_and_replicas_of_the_settings(
    partitions, replication
):
    settings = Settings(topics=Topics(partitions=partitions, replication=replication))
    raw = {topic.name for topic in settings.raw}
    alone = topics.trigger_changelog(settings)  # one process has all of it
    ours = [topic for topic in wanted(settings) if topic.name not in {*raw, alone}]

    assert {topic.partitions for topic in ours} == {partitions}
    assert {topic.replication for topic in wanted(settings)} == {replication}


def test_raw_topics_have_partitions_of_their_own():
    settings = Settings(raw=(RawTopic(name="telemetry.few", partitions=3),))

    assert next(t for t in wanted(settings) if t.name == "telemetry.few").partitions == 3


def test_only_inventory_memory_and_state_are_compacted_and_all_else_is_kept_for_the_retention():
    settings = Settings(topics=Topics(retention_hours=1.5))
    policies = {topic.name: topic.config["cleanup.policy"] for topic in wanted(settings)}
    kept = {
        topic.config["retention.ms"]
        for topic in wanted(settings)
        if len(topic.config) > 1 and "retention.ms" in topic.config
    }

    compacted = {name for name, policy in policies.items() if policy == "compact"}
    states = {f"alltobit-{name}-state-changelog" for name in ("worker", "cascade", "trigger")}
    assert compacted == {"inventory", "memory", *states}
    assert kept == {"5400000"}


def test_a_dead_letter_may_be_larger_than_what_it_rejects():
    settings = Settings()
    rejects = next(t for t in wanted(settings) if t.name == settings.topics.rejects)

    assert int(rejects.config["max.message.bytes"]) > settings.ingest.max_message_bytes


@pytest.mark.parametrize(
    "settings",
    [
        Settings(topics=Topics(bits="readings")),
        Settings(raw=(RawTopic(name="alerts"),)),
    ],
)
def test_two_topics_of_one_name_are_a_config_error(settings):
    with pytest.raises(ConfigError, match="two topics of this name"):
        wanted(settings)


@pytest.mark.kafka
async def test_creating_twice_makes_the_topics_once(settings):
    made = await create(settings)

    assert sorted(made) == sorted(topic.name for topic in wanted(settings))
    assert await create(settings) == []


@pytest.mark.kafka
async def test_two_creators_at_once_make_each_topic_once(settings):
    made = await asyncio.gather(*(create(settings) for _ in range(3)))

    assert sorted(name for names in made for name in names) == sorted(
        topic.name for topic in wanted(settings)
    )


@pytest.mark.kafka
async def test_created_topics_do_not_differ_from_the_wanted_ones(settings):
    await create(settings)

    assert await differences(settings) == []


@pytest.mark.kafka
async def test_every_topic_is_missing_before_it_is_made_and_asking_makes_none(settings):
    expected = [f"{topic.name}: missing" for topic in wanted(settings)]

    assert await differences(settings) == expected
    assert await differences(settings) == expected


@pytest.mark.kafka
async def test_a_difference_names_topic_setting_both_values(settings):
    await create(settings)
    other = with_topics(settings, partitions=3, retention_hours=1.0, replication=2)

    lines = await differences(other)

    readings = settings.topics.readings
    assert f"{readings}: partitions is 2, 3 wanted" in lines
    assert f"{readings}: replication is 1, 2 wanted" in lines
    assert f"{readings}: retention.ms is 604800000, 3600000 wanted" in lines
    assert f"{changelog(settings)}: partitions is 2, 3 wanted" in lines
    assert not any("missing" in line for line in lines)


@pytest.mark.kafka
async def test_existing_topics_are_left_as_they_are(settings):
    async with administration(settings.kafka) as admin:
        await admin.create_topics([NewTopic(settings.topics.bits, 7, 1)])

    made = await create(settings)

    assert settings.topics.bits not in made
    assert f"{settings.topics.bits}: partitions is 7, 2 wanted" in await differences(settings)


@pytest.mark.kafka
async def test_more_replicas_than_brokers_is_a_config_error_that_names_the_way_out(settings):
    with pytest.raises(ConfigError, match=r"topics\.replication"):
        await create(with_topics(settings, replication=3))


@pytest.mark.kafka
async def test_a_topic_deleted_and_made_anew_has_another_id(settings):
    name = settings.topics.readings
    await create(settings)
    async with administration(settings.kafka) as admin:
        before = await topic_ids(admin, [name])
        again = await topic_ids(admin, [name])
    await remove(settings, name)
    await create(settings)
    async with administration(settings.kafka) as admin:
        after = await topic_ids(admin, [name])

    assert before == again
    assert UUID(before[name]) != UUID(after[name])


@pytest.mark.kafka
async def test_a_missing_topic_has_no_id_and_no_partitions(settings):
    await create(settings)
    client = AIOKafkaClient(**client_options(settings.kafka))
    await client.bootstrap()
    try:
        names = [settings.topics.bits, "nowhere", "not a name"]
        assert set(await topic_ids(client, names)) == {settings.topics.bits}
        assert await partition_counts(client, names) == {settings.topics.bits: 2}
    finally:
        await client.close()


@pytest.mark.kafka
async def test_ids_are_told_while_the_same_client_waits_for_messages(settings):
    await create(settings)
    name = settings.topics.readings
    parked = {"fetch_max_wait_ms": 20_000, **client_options(settings.kafka)}
    async with AIOKafkaConsumer(name, **parked) as consumer:
        await consumer.seek_to_end()
        waiting = asyncio.create_task(consumer.getmany(timeout_ms=20_000))
        await asyncio.sleep(0.2)
        ids = await asyncio.wait_for(topics.topic_ids(consumer, [name]), 5)
        waiting.cancel()

    assert set(ids) == {name}
