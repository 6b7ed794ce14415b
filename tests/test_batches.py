import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from schemas.settings import Settings
from streams import topics
from streams.anomaly.batches import Batches
from streams.connection import client_options

pytestmark = pytest.mark.kafka

MESSAGES = [(f"cell-{i % 7}", b"%d" % i, [("number", b"%d" % i)]) for i in range(300)]


async def sent(settings: Settings, messages, batch_bytes: int) -> list:
    """Send messages in batches of at most so many bytes; return the records, as they are read."""
    await topics.create(settings)
    options = client_options(settings.kafka)
    topic = settings.topics.bits
    async with AIOKafkaProducer(
        enable_idempotence=True, max_batch_size=batch_bytes, **options
    ) as producer:
        batches = Batches(producer, topic, settings.topics.partitions)
        for key, value, headers in messages:
            batches.add(key, value, headers)
        await asyncio.gather(*await batches.send())
    records = []
    async with AIOKafkaConsumer(topic, auto_offset_reset="earliest", **options) as consumer:
        while len(records) < len(messages):
            records.append(await consumer.getone())
    return records


@pytest.mark.parametrize("batch_bytes", [1, 500, 1_000_000])
async def test_every_message_arrives_once_and_in_the_order_of_its_key(settings, batch_bytes):
    records = await sent(settings, MESSAGES, batch_bytes)

    for key in {key for key, _, _ in MESSAGES}:
        of_key = [value for k, value, _ in MESSAGES if k == key]
        assert [r.value for r in records if r.key == key.encode()] == of_key
    assert all(r.headers == (("number", r.value),) for r in records)


async def test_a_key_lives_where_kafkas_own_partitioner_puts_it(settings):
    records = await sent(settings, MESSAGES, 1_000)

    numbers = list(range(settings.topics.partitions))
    own = DefaultPartitioner()
    assert {r.partition for r in records} == set(numbers)
    assert all(r.partition == own(r.key, numbers, numbers) for r in records)


async def test_a_message_larger_than_a_batch_goes_by_itself(settings):
    large = ("cell-1", b"x" * 100_000, [])
    records = await sent(settings, [*MESSAGES[:5], large, *MESSAGES[5:9]], 1_000)

    assert [r.value for r in records if len(r.value) > 10] == [large[1]]
