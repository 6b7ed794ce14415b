"""Act: a group of plain consumers of `actions`; each action is done once, also through kill -9.

The topic is the ledger: before a partition is begun it is read to its end, so what is over is
known; what is not is done, under the same idempotency key as before. The committed offset is that
of the oldest that is not over, or that an Alertmanager is still told again and again.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from time import monotonic

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from models.act.firing import Firing
from models.act.ledger import Due
from models.messages import Unread
from schemas.settings import Settings
from schemas.telemetry import Reject
from schemas.trigger import Mode
from streams import metrics
from streams.act.alertmanager import AlertmanagerTarget
from streams.act.outputs import Outputs
from streams.act.part import Part
from streams.act.past import Past, entry, pasts
from streams.act.secrets import mistakes
from streams.act.targets import made
from streams.connection import reach
from streams.errors import ConfigError
from streams.member import Commits, Rebalance, check_same, consumer_of, counted, producer_of
from streams.topics import topic_ids
from streams.web import Health

_COMMIT_S = 1.0
_GRACE_S = 5.0  # for what is under way, when partitions go or the process ends
_MOST_DUE = 20_000  # read no further while so many are due


class Executor:
    """One process: a member of the group, with the partitions it was given."""

    def __init__(self, settings: Settings, health: Health | None = None) -> None:
        self.settings, self.health = settings, health or Health()
        self.stopping = asyncio.Event()
        self.parts: dict[int, Part] = {}
        self._topic = settings.topics.actions
        self._order = asyncio.Lock()
        self._failure: BaseException | None = None
        self._commit_s = monotonic()
        metrics.start_act_at_zero({action.kind for action in settings.actions})

    async def run(self) -> None:
        """Run until `stopping` is set, or something fails."""
        check(self.settings)
        await reach(self.settings.kafka)
        await counted(self.settings.kafka, [self._topic, self.settings.topics.rejects])
        async with AsyncExitStack() as stack:
            self.producer: AIOKafkaProducer = producer_of(self.settings.kafka)
            await self.producer.start()
            stack.push_async_callback(self.producer.stop)
            self._topics = await topic_ids(self.producer.client, [self._topic])
            self.outputs = Outputs(self.producer, self.settings.topics)
            self.targets = await made(self.settings, self.producer, stack, self.fail)
            group = self.settings.act.group
            self.consumer: AIOKafkaConsumer = consumer_of(self.settings.kafka, group)
            self._commits = Commits(self.consumer, self._topic)
            self.consumer.subscribe([self._topic], listener=Rebalance(self))
            await self.consumer.start()
            stack.push_async_callback(self.consumer.stop)
            await self._loop()

    async def _loop(self) -> None:
        while not self.stopping.is_set():
            batch = await self.consumer.getmany(timeout_ms=200, max_records=500)
            async with self._order:
                for place, records in batch.items():
                    await self._take(place.partition, records)
                await self._commit_due()
                self._breathe()
        if self._failure is not None:
            raise self._failure
        async with self._order:
            await self._close(set(self.parts))

    async def _take(self, number: int, records: list[ConsumerRecord]) -> None:
        part = self.parts.get(number)
        for record in records:
            if part is None or record.offset < part.ledger.offset:
                continue  # fetched before the partition was taken up: it is read already
            found = entry(record)
            if isinstance(found, Unread):
                await self.outputs.reject(record, Reject(0, *found))
            elif found is not None and part.ledger.take(found) and isinstance(found, Due):
                part.begin(found)
            part.ledger.offset = record.offset + 1

    def _breathe(self) -> None:
        """Read no further while too much is due; the group is told all the same that we live."""
        due = sum(len(part.ledger.due) for part in self.parts.values())
        places = [self._place(number) for number in self.parts]
        if due > _MOST_DUE:
            self.consumer.pause(*places)
        elif self.consumer.paused():
            self.consumer.resume(*places)

    async def _commit_due(self) -> None:
        if monotonic() - self._commit_s >= _COMMIT_S:
            await check_same(self.producer.client, self._topics)
            await self._commit(self.parts)
            self._commit_s = monotonic()
            self._tell()

    async def _commit(self, numbers: "dict[int, Part] | set[int]") -> None:
        told = [firing.oldest() for firing in self._firing()]
        offsets = {number: self._resume(self.parts[number], told) for number in numbers}
        await self._commits.commit(offsets)

    def _resume(self, part: Part, told: Sequence[Mapping[int, int]]) -> int:
        """Return where one who takes over begins: what is told again and again is read, too."""
        firing = (oldest[part.number] for oldest in told if part.number in oldest)
        return min(firing, default=part.ledger.resume())

    def _firing(self) -> "list[Firing]":
        return [one.firing for one in self.targets.values() if isinstance(one, AlertmanagerTarget)]

    def _tell(self) -> None:
        metrics.ACT_FIRING.set(sum(len(firing.all) for firing in self._firing()))
        for number, part in self.parts.items():
            metrics.ACTIONS_DUE.labels(str(number)).set(len(part.ledger.due))
        due = sum(len(part.ledger.due) for part in self.parts.values())
        self.health.why = f"{len(self.parts)} partitions, {due} actions due"

    def _place(self, number: int) -> TopicPartition:
        return TopicPartition(self._topic, number)

    async def _close(self, numbers: set[int]) -> None:
        """End what is under way, commit, and forget."""
        mine = numbers & self.parts.keys()
        await asyncio.gather(*(self.parts[number].close(_GRACE_S) for number in mine))
        await self._commit(mine)
        for number in mine:
            del self.parts[number]
            self._commits.forget(number)
            metrics.forget_act(number)
            for firing in self._firing():
                firing.forget(number)

    async def let_go(self, places: set[TopicPartition]) -> None:
        """Leave partitions to somebody else."""
        async with self._order:
            self.health.ready, self.health.why = False, "partitions are moving"
            await self._close({one.partition for one in places})

    async def take_up(self, places: set[TopicPartition]) -> None:
        """Read what partitions say, then do what is not over."""
        numbers = {one.partition for one in places}
        async with self._order:
            found = await pasts(self.settings, numbers) if numbers else {}
            for number, past in sorted(found.items()):
                await self._begin(number, past)
            self.health.ready, self.health.why = True, f"{len(self.parts)} partitions"

    async def _begin(self, number: int, past: Past) -> None:
        part = Part(number, past.ledger, self.targets, self.outputs.end, self.fail)
        self.parts[number] = part
        metrics.ACTIONS_DUE.labels(str(number)).set(len(past.ledger.due))
        for record, unread in past.unread:
            await self.outputs.reject(record, Reject(0, *unread))
        for due in past.asked:
            self._remember(due, past)
        for due in list(past.ledger.due.values()):
            part.begin(due)
        self.consumer.seek(self._place(number), past.ledger.offset)

    def _remember(self, due: Due, past: Past) -> None:
        target = self.targets.get(due.event.data.name)
        if not isinstance(target, AlertmanagerTarget) or target.action.mode is not Mode.LIVE:
            return
        if due.key in past.ledger.over:
            target.remember(due)

    def fail(self, error: BaseException) -> None:
        """End the process."""
        self._failure = error
        self.stopping.set()


def check(settings: Settings) -> None:
    """Raise `ConfigError` where nothing can be done, or a secret of a live action is not there."""
    if not settings.actions:
        mend = "name at least one action there, see deploy/actions"
        raise ConfigError("actions", "a list of 0", "nothing can be done", mend)
    live = [action for action in settings.actions if action.mode is Mode.LIVE]
    for mistake in mistakes(live):
        raise mistake
