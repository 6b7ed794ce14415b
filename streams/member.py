"""What processes that are members of a consumer group share: clients, topics, partitions, outputs.

No Faust here: its agents and tables would give nothing where messages are few.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from aiohttp import web
from aiokafka import (
    AIOKafkaConsumer,
    AIOKafkaProducer,
    ConsumerRebalanceListener,
    ConsumerRecord,
    TopicPartition,
)
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from schemas.settings import Http, Kafka
from schemas.telemetry import Reject
from streams.connection import client_options
from streams.errors import Stalled, TopicMissing
from streams.rejects import dead_letters
from streams.stopping import leave_at_end, on_stop
from streams.topics import REJECT_BYTES, administration, partition_counts, topic_ids
from streams.web import Health, serve

log = logging.getLogger(__name__)


def producer_of(kafka: Kafka) -> AIOKafkaProducer:
    """Return a producer that writes nothing twice by itself, and takes dead letters."""
    return AIOKafkaProducer(
        enable_idempotence=True,
        linger_ms=5,
        max_request_size=REJECT_BYTES,
        **client_options(kafka),
    )


def consumer_of(kafka: Kafka, group: str, **more: Any) -> AIOKafkaConsumer:  # noqa: ANN401
    """Return a member of a group that commits what it is told to. `more`: of aiokafka's options."""
    session_ms = round(kafka.session_timeout_s * 1000)
    return AIOKafkaConsumer(
        group_id=group,
        group_instance_id=kafka.instance or None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=session_ms,
        heartbeat_interval_ms=max(session_ms // 10, 100),
        metadata_max_age_ms=5_000,
        **more,
        **client_options(kafka),
    )


async def counted(kafka: Kafka, names: Sequence[str]) -> dict[str, int]:
    """Return the number of partitions of each topic. Raises `TopicMissing`."""
    async with administration(kafka) as admin:
        counts = await partition_counts(admin._client, names)  # noqa: SLF001 - no public client
    for name in names:
        if name not in counts:
            raise TopicMissing("topic", name, "does not exist", "run `alltobit topics create`")
    return counts


async def check_same(client: Any, known: dict[str, str]) -> None:  # noqa: ANN401 - aiokafka has no types
    """Raise where a topic was made anew: its offsets would be taken for known ones.

    `known`: Kafka's ids of topics, by name.
    """
    try:
        ids = await topic_ids(client, known)
    except (KafkaError, TimeoutError):
        return  # who does not answer has not changed
    for name, was in known.items():
        if ids.get(name, was) != was:
            trouble = "it was made anew while it was read"
            raise Stalled("topic", name, trouble, "the process ends to be started anew")


async def ended(*tasks: "asyncio.Task[Any]") -> None:
    """Cancel tasks, and wait until all are over."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


class Running(Protocol):
    """A member as its process sees it."""

    health: Health
    stopping: asyncio.Event
    consumer: AIOKafkaConsumer

    async def run(self) -> None:
        """Run until `stopping` is set, or something fails."""


async def until_told(http: Http, one: Running, routes: Sequence[web.RouteDef] = ()) -> None:
    """Run a member, and serve what it is asked, until SIGTERM or SIGINT. `routes`: of its own."""

    def stop() -> None:
        if one.health.ready:
            leave_at_end(one.consumer)
        one.stopping.set()

    on_stop(stop)
    async with serve(http, one.health, routes=routes):
        await one.run()


class Member(Protocol):
    """Who partitions are given to, and taken from."""

    async def let_go(self, places: set[TopicPartition]) -> None:
        """Save partitions that go elsewhere, and forget them."""

    async def take_up(self, places: set[TopicPartition]) -> None:
        """Go on with partitions where their saved states stand."""

    def fail(self, error: BaseException) -> None:
        """End the process: aiokafka only logs what a rebalance raises, and reads on."""


class Rebalance(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Tells a member which partitions come and go."""

    def __init__(self, member: Member) -> None:
        self._member = member

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Let go."""
        try:
            await self._member.let_go(set(revoked))
        except Exception as error:  # noqa: BLE001 - told to the process, which ends
            self._member.fail(error)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Take up."""
        try:
            await self._member.take_up(set(assigned))
        except Exception as error:  # noqa: BLE001 - told to the process, which ends
            self._member.fail(error)


class Commits:
    """Offsets of one topic, committed where they have moved."""

    def __init__(self, consumer: AIOKafkaConsumer, topic: str) -> None:
        self._consumer, self._topic = consumer, topic
        self._known: dict[int, int] = {}

    async def commit(self, offsets: Mapping[int, int]) -> None:
        """Commit offsets, by partition; what has gone elsewhere meanwhile is not."""
        news = {n: at for n, at in offsets.items() if self._known.get(n) != at}
        if not news:
            return
        try:
            places = {TopicPartition(self._topic, n): at for n, at in news.items()}
            await self._consumer.commit(places)
            self._known |= news
        except (CommitFailedError, IllegalStateError) as error:
            log.warning("offsets not committed, partitions have moved: %s", error)

    def forget(self, number: int) -> None:
        """Forget a partition that goes elsewhere."""
        self._known.pop(number, None)


class Sent:
    """What was handed over to a producer and is not yet acknowledged."""

    def __init__(self, producer: AIOKafkaProducer, rejects: str) -> None:
        """`rejects`: name of the topic of dead letters."""
        self._producer, self._rejects = producer, rejects
        self._waiting: list[asyncio.Future[Any]] = []

    async def send(self, topic: str, value: bytes, key: bytes | None, headers: Any) -> None:  # noqa: ANN401
        """Hand over one message."""
        self._waiting.append(await self._producer.send(topic, value, key=key, headers=headers))

    async def reject(self, record: ConsumerRecord, reject: Reject) -> None:
        """Hand over what cannot be read, byte for byte, with its origin."""
        for piece, headers in dead_letters(record, reject):
            await self.send(self._rejects, piece, record.key, headers)

    async def settle(self) -> None:
        """Wait until everything handed over is acknowledged. Raises what went wrong."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            await future
