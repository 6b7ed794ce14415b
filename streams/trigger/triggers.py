"""Trigger: alerts, anomalies, incidents and decisions to actions and questions.

One member of the group is active, and is given all partitions of all topics: what is decided about
an alert rests on messages of the others, and they are few. Further processes wait until it is gone.

Its state survives kill -9, and so do its decisions: in which order messages were taken in is
written down first (`streams.trigger.journal`), then they are taken in, then what came of them is
published. Now and then, as the cascade does: outputs acknowledged, then the state, then the offsets
committed. Who takes over loads the state, takes in once more what was written down since, and
publishes the same events again, under the same ids.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from time import monotonic, time_ns

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from models.trigger.message import Source
from schemas.settings import Settings
from streams import inventory, metrics
from streams.changelog import Changelog
from streams.connection import reach, reader
from streams.errors import StateMismatch
from streams.member import Rebalance, check_same, consumer_of, counted, producer_of
from streams.topics import trigger_changelog
from streams.trigger import journal
from streams.trigger.assets import Assets
from streams.trigger.journal import Batch, Entry
from streams.trigger.outputs import Outputs
from streams.trigger.part import Part
from streams.trigger.prepare import setup_of
from streams.trigger.restore import ask, check_reached, restored
from streams.trigger.telling import tell
from streams.trigger.to_one import ToOne
from streams.web import Health

log = logging.getLogger(__name__)

_SHARE = 20.0  # a snapshot may take one part in this of the time
_ASK_S = 5.0  # between two looks whether a topic was made anew
_STATE = 0  # the only partition of the state's topic


class Triggers:
    """One process: a member of the group; the active one has a part, which is all there is."""

    def __init__(self, settings: Settings, health: Health | None = None) -> None:
        self.settings, self.health = settings, health or Health()
        self.stopping = asyncio.Event()
        self.setup = setup_of(settings)
        self.part: Part | None = None
        topics = settings.topics
        self.sources = {
            topics.alerts: Source.ALERTS,
            topics.anomalies: Source.ANOMALIES,
            topics.incidents: Source.INCIDENTS,
            topics.decisions: Source.DECISIONS,
            topics.proposals: Source.PROPOSALS,
        }
        self._order = asyncio.Lock()
        self._failure: BaseException | None = None
        self._asked_s = monotonic()
        metrics.start_trigger_at_zero()

    async def run(self) -> None:
        """Run until `stopping` is set, or something fails."""
        await reach(self.settings.kafka)
        partitions = await self._check_topics()
        async with AsyncExitStack() as stack:
            self.producer: AIOKafkaProducer = producer_of(self.settings.kafka)
            await self.producer.start()
            stack.push_async_callback(self.producer.stop)
            kept = trigger_changelog(self.settings)
            self.changelog = Changelog(self.settings.kafka, kept, self.producer)
            self.outputs = Outputs(self.producer, self.settings.topics)
            assets = Assets(self.setup, self.outputs.reject)
            assets.take_file(self.settings)
            followed = inventory.followed(self.settings, partitions, assets)
            following = await stack.enter_async_context(followed)
            self.consumer: AIOKafkaConsumer = consumer_of(
                self.settings.kafka,
                self.settings.trigger.group,
                partition_assignment_strategy=(ToOne,),
            )
            self.consumer.subscribe([*self.sources], listener=Rebalance(self))
            await self.consumer.start()
            stack.push_async_callback(self.consumer.stop)
            await self._loop(following)

    async def _check_topics(self) -> int:
        """Return the number of partitions of `inventory`. Raises where topics do not fit."""
        ours, kept = self.settings.topics, trigger_changelog(self.settings)
        names = [*self.sources, ours.actions, ours.inventory, ours.rejects, kept]
        counts = await counted(self.settings.kafka, names)
        if counts[kept] != 1:
            trouble, mend = f"`{kept}` has {counts[kept]} partitions", "make it anew, with one"
            raise StateMismatch("topics.partitions", counts[kept], trouble, mend)
        return counts[ours.inventory]

    async def _loop(self, following: asyncio.Task[None]) -> None:
        while not self.stopping.is_set():
            batch = await self.consumer.getmany(timeout_ms=200, max_records=500)
            async with self._order:
                if self.part is not None:
                    await self._take(self.part, batch)
                    await self._save_due(self.part)
            if following.done():
                following.result()
            await self._check_same()
        if self._failure is not None:
            raise self._failure
        async with self._order:
            if self.part is not None:
                await self._save(self.part)

    async def _take(self, part: Part, batch: Batch) -> None:
        """Write down what is taken in, take it in, and publish what came of it."""
        now_ns, fresh = time_ns(), part.fresh(batch)
        if fresh or part.core.due(now_ns):
            entry = part.entry(fresh, now_ns)
            await self.changelog.write(_STATE, [journal.pair(entry)])
            await self.outputs.publish(await asyncio.to_thread(part.apply, entry, fresh))

    async def _save_due(self, part: Part) -> None:
        if monotonic() >= part.due_s:
            await self._save(part)
            tell(part, self.consumer)

    async def _save(self, part: Part) -> None:
        """Write a snapshot, then commit what it covers."""
        if part.number == part.saved_number:
            return
        began = monotonic()
        await self.outputs.settle()
        await self.changelog.write(_STATE, await asyncio.to_thread(part.pairs))
        part.saved_number = part.number
        try:
            await self.consumer.commit(dict(part.offsets))
        except (CommitFailedError, IllegalStateError) as error:
            log.warning("offsets not committed, partitions have moved: %s", error)
        cost_s = monotonic() - began
        metrics.TRIGGER_SNAPSHOT_S.observe(cost_s)
        part.due_s = monotonic() + max(self.settings.trigger.snapshot_s, _SHARE * cost_s)

    async def _check_same(self) -> None:
        if self.part is not None and monotonic() - self._asked_s >= _ASK_S:
            self._asked_s = monotonic()
            await check_same(self.producer.client, self.part.topics)

    async def let_go(self, places: set[TopicPartition]) -> None:
        """Save what goes elsewhere, and forget it."""
        async with self._order:
            self.health.ready, self.health.why = False, "partitions are moving"
            if places and self.part is not None:
                await self._save(self.part)
            self.part = None

    async def take_up(self, places: set[TopicPartition]) -> None:
        """Go on where the saved state stands, or wait."""
        async with self._order:
            if places:
                self.part = await self._restored(places)
                for place, offset in self.part.offsets.items():
                    self.consumer.seek(place, offset)
            why = f"{len(places)} partitions" if places else "waits; another process is active"
            self.health.ready, self.health.why = True, why

    async def _restored(self, places: set[TopicPartition]) -> Part:
        """Load the state, and take in once more what was taken in since."""
        known = await ask(self.settings, places)
        stored = await self.changelog.read(_STATE)
        part, since = restored(stored, known, self.setup, self.sources)
        if since:
            await self._apply(part, since)
        check_reached(part, known)
        await self._save(part)
        return part

    async def _apply(self, part: Part, since: Sequence[Entry]) -> None:
        """Take in again what was taken in after the state was saved."""
        options = {"auto_offset_reset": "earliest", "fetch_max_wait_ms": 20}
        async with reader(self.settings.kafka, **options) as consumer:
            journal.begin_again(consumer, since)
            for entry in since:
                batch = await journal.read_again(consumer, entry)
                await self.outputs.publish(await asyncio.to_thread(part.apply, entry, batch))

    def fail(self, error: BaseException) -> None:
        """End the process: aiokafka only logs what a rebalance raises, and reads on."""
        self._failure = error
        self.stopping.set()
