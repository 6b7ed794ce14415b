"""Cascade: anomalies to incidents. A group of plain consumers; its state survives kill -9.

A site is one partition of few messages, in their order. State is saved as the worker's is: outputs
acknowledged, then all pieces of the state, then the offsets committed; who takes a partition over
reads the committed offset first, then the saved states, so one of them reaches it.
"""

import asyncio
import logging
from contextlib import AsyncExitStack
from time import monotonic

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from schemas.settings import Settings
from streams import inventory, metrics
from streams.cascade.inventory import Inventory
from streams.cascade.outputs import Outputs
from streams.cascade.part import Part
from streams.cascade.restore import MEND, ask, restored
from streams.changelog import Changelog
from streams.connection import reach
from streams.errors import StateMismatch
from streams.member import Rebalance, check_same, consumer_of, counted, producer_of
from streams.topics import cascade_changelog
from streams.web import Health

log = logging.getLogger(__name__)

_SHARE = 20.0  # a snapshot may take one part in this of the time
_ASK_S = 5.0  # between two looks whether `anomalies` was made anew


class Cascades:
    """One process: a member of the group, with the partitions it was given."""

    def __init__(self, settings: Settings, health: Health | None = None) -> None:
        self.settings, self.health = settings, health or Health()
        self.stopping = asyncio.Event()
        self.parts: dict[int, Part] = {}
        self._topic = settings.topics.anomalies
        self._partitions = 0
        self._order = asyncio.Lock()
        self._failure: BaseException | None = None
        self._asked_s = monotonic()
        metrics.start_cascade_at_zero()

    async def run(self) -> None:
        """Run until `stopping` is set, or something fails."""
        await reach(self.settings.kafka)
        of_inventory = await self._check_topics()
        async with AsyncExitStack() as stack:
            self.producer: AIOKafkaProducer = producer_of(self.settings.kafka)
            await self.producer.start()
            stack.push_async_callback(self.producer.stop)
            self.outputs = Outputs(self.producer, self.settings.topics)
            self.changelog = Changelog(
                self.settings.kafka, cascade_changelog(self.settings), self.producer
            )
            self.inventory = Inventory(self.outputs.reject)
            self.inventory.take_file(self.settings)
            followed = inventory.followed(self.settings, of_inventory, self.inventory)
            following = await stack.enter_async_context(followed)
            self.inventory.moved.clear()
            self.consumer: AIOKafkaConsumer = consumer_of(
                self.settings.kafka, self.settings.cascade.group
            )
            self.consumer.subscribe([self._topic], listener=Rebalance(self))
            await self.consumer.start()
            stack.push_async_callback(self.consumer.stop)
            await self._loop(following)

    async def _check_topics(self) -> int:
        """Return the number of partitions of `inventory`. Raises where topics do not fit."""
        ours, kept = self.settings.topics, cascade_changelog(self.settings)
        names = [ours.anomalies, kept, ours.incidents, ours.inventory, ours.rejects]
        counts = await counted(self.settings.kafka, names)
        self._partitions = counts[self._topic]
        if counts[kept] != self._partitions:
            trouble = f"`{kept}` has {counts[kept]}, `{self._topic}` has {self._partitions}"
            raise StateMismatch("topics.partitions", counts[kept], trouble, MEND)
        return counts[ours.inventory]

    async def _loop(self, following: asyncio.Task[None]) -> None:
        while not self.stopping.is_set():
            batch = await self.consumer.getmany(timeout_ms=200, max_records=200)
            async with self._order:
                for partition, records in batch.items():
                    await self._take(partition.partition, records)
                await self._move()
                await self._save_due()
            if following.done():
                following.result()
            await self._check_topic()
        if self._failure is not None:
            raise self._failure
        async with self._order:
            await self._save_all()

    async def _take(self, number: int, records: list[ConsumerRecord]) -> None:
        while records and number in self.parts and not self.stopping.is_set():
            done = await asyncio.to_thread(self.parts[number].apply, records)
            records = records[done.messages :]
            await self.outputs.publish(done)

    async def _move(self) -> None:
        if self.inventory.moved:
            sites = sorted(self.inventory.moved)
            self.inventory.moved.clear()
            for part in self.parts.values():
                await asyncio.to_thread(part.move, sites)
                part.saved_offset = -1

    async def _save_due(self) -> None:
        for part in list(self.parts.values()):
            if monotonic() >= part.due_s:
                await self._save(part)
                part.tell(self.consumer.highwater(self._place(part.number)))

    async def _save_all(self) -> None:
        for part in list(self.parts.values()):
            await self._save(part)

    async def _save(self, part: Part) -> None:
        """Write a snapshot of one partition, then commit what it covers."""
        if part.offset == part.saved_offset:
            return
        began = monotonic()
        await self.outputs.settle()
        await self.changelog.write(part.number, await asyncio.to_thread(part.pairs))
        part.saved_offset = part.offset
        try:
            await self.consumer.commit({self._place(part.number): part.offset})
        except (CommitFailedError, IllegalStateError) as error:
            log.warning("offsets not committed, partitions have moved: %s", error)
        cost_s = monotonic() - began
        metrics.CASCADE_SNAPSHOT_S.observe(cost_s)
        part.due_s = monotonic() + max(self.settings.cascade.snapshot_s, _SHARE * cost_s)

    def _place(self, number: int) -> TopicPartition:
        return TopicPartition(self._topic, number)

    async def _check_topic(self) -> None:
        """Raise where `anomalies` was made anew: its offsets would be taken for known ones."""
        if monotonic() - self._asked_s < _ASK_S:
            return
        self._asked_s = monotonic()
        topics = {part.snapshots.topic for part in self.parts.values()}
        for topic in topics:
            await check_same(self.producer.client, {self._topic: topic})

    async def let_go(self, places: set[TopicPartition]) -> None:
        """Save partitions that go elsewhere, and forget them."""
        numbers = {one.partition for one in places}
        async with self._order:
            self.health.ready, self.health.why = False, "partitions are moving"
            for number in numbers & self.parts.keys():
                await self._save(self.parts[number])
                del self.parts[number]
                metrics.forget_cascade(number)

    async def take_up(self, places: set[TopicPartition]) -> None:
        """Go on with partitions where their saved states stand."""
        numbers = {one.partition for one in places}
        async with self._order:
            if numbers:
                known = await ask(self.settings, self._partitions)
                for number in sorted(numbers):
                    stored = await self.changelog.read(number)
                    graph_of = self.inventory.graphs.get
                    part = await asyncio.to_thread(restored, number, stored, known, graph_of)
                    self.parts[number] = part
                    self.consumer.seek(self._place(number), part.offset)
            self.health.ready, self.health.why = True, f"{len(self.parts)} partitions"

    def fail(self, error: BaseException) -> None:
        """End the process: aiokafka only logs what a rebalance raises, and reads on."""
        self._failure = error
        self.stopping.set()
