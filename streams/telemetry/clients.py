"""Kafka clients of ingest: how it reads and how it writes."""

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from schemas.settings import Settings
from streams.connection import client_options

_FETCH_BYTES = 2 * 1024 * 1024  # of a partition: larger answers are copied more often
_WORTH = 262_144  # bytes that an answer to a fetch waits for, a fifth of a linger at most


def consumer(settings: Settings) -> AIOKafkaConsumer:
    """Return the group's consumer of raw topics; it commits nothing by itself."""
    session_ms = round(settings.kafka.session_timeout_s * 1000)
    return AIOKafkaConsumer(
        group_id=settings.ingest.group,
        group_instance_id=settings.kafka.instance or None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=session_ms,
        heartbeat_interval_ms=max(session_ms // 10, 100),
        max_partition_fetch_bytes=_FETCH_BYTES,
        fetch_min_bytes=_WORTH,
        fetch_max_wait_ms=fetch_wait_ms(settings.ingest.linger_s),
        metadata_max_age_ms=5_000,
        **client_options(settings.kafka),
    )


def producer(settings: Settings) -> AIOKafkaProducer:
    """Return the producer of all that ingest writes."""
    return AIOKafkaProducer(
        enable_idempotence=True,
        max_request_size=64 * 1024 * 1024,
        max_batch_size=max(settings.ingest.max_block_bytes, 1_000_000),
        request_timeout_ms=20_000,
        **client_options(settings.kafka),
    )


async def stop(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer whatever it was doing.

    Where a fetch waits for a broker that went away, aiokafka's own cancellation comes out of it,
    and would take the place of the error that ended us.
    """
    try:
        await consumer.stop()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise


def fetch_wait_ms(linger_s: float) -> int:
    """Return how long Kafka may gather messages for one answer: a fifth of a linger, 10..100 ms."""
    return round(min(max(200 * linger_s, 10.0), 100.0))
