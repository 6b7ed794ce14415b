"""Act: a group of plain consumers of `actions`; each action is done once, also through kill -9.

The topic is the ledger: before a partition is begun it is read to its end, so what is over is
known; what is not is done, under the same idempotency key as before. The committed offset is that
of the oldest that is not over, or that an Alertmanager is still told again and again.
"""

import asyncio
import logging
from contextlib import AsyncExitStack
from time import monotonic

from aiokafka import (
    AIOKafkaConsumer,
    AIOKafkaProducer,
    ConsumerRebalanceListener,
    ConsumerRecord,
    TopicPartition,
)
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from models.act.firing import Firing
from models.act.ledger import Due
from models.act.message import Unread
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
from streams.connection import client_options, reach
from streams.errors import ConfigError, Stalled, TopicMissing
from streams.metadata import describe
from streams.topics import REJECT_BYTES, administration, topic_ids
from streams.web import Health

log = logging.getLogger(__name__)

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
        self._committed: dict[int, int] = {}
        metrics.start_act_at_zero({action.kind for action in settings.actions})

    async def run(self) -> None:
        """Run until `stopping` is set, or something fails."""
        check(self.settings)
        await reach(self.settings.kafka)
        await self._check_topics()
        async with AsyncExitStack() as stack:
            self.producer = self._producer()
            await self.producer.start()
            stack.push_async_callback(self.producer.stop)
            self.outputs = Outputs(self.producer, self.settings.topics)
            self.targets = await made(self.settings, self.producer, stack, self.fail)
            self.consumer = self._consumer()
            self.consumer.subscribe([self._topic], listener=_Rebalance(self))
            await self.consumer.start()
            stack.push_async_callback(self.consumer.stop)
            await self._loop()

    async def _check_topics(self) -> None:
        names = [self._topic, self.settings.topics.rejects]
        async with administration(self.settings.kafka) as admin:
            found = await describe(admin, names)
        for name in names:
            if name not in found:
                raise TopicMissing("topic", name, "does not exist", "run `alltobit topics create`")
        self._topic_id = found[self._topic].id

    def _producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            enable_idempotence=True,
            linger_ms=2,
            max_request_size=REJECT_BYTES,
            **client_options(self.settings.kafka),
        )

    def _consumer(self) -> AIOKafkaConsumer:
        kafka = self.settings.kafka
        session_ms = round(kafka.session_timeout_s * 1000)
        return AIOKafkaConsumer(
            group_id=self.settings.act.group,
            group_instance_id=kafka.instance or None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=max(session_ms // 10, 100),
            metadata_max_age_ms=5_000,
            **client_options(kafka),
        )

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
            await self._check_topic()
            await self._commit(self.parts)
            self._commit_s = monotonic()
            self._tell()

    async def _check_topic(self) -> None:
        """Raise where `actions` was made anew: its offsets would be taken for known ones."""
        try:
            ids = await topic_ids(self.producer.client, [self._topic])
        except (KafkaError, TimeoutError):
            return  # who does not answer has not changed
        if ids.get(self._topic, self._topic_id) != self._topic_id:
            trouble = "it was made anew while it was read"
            raise Stalled("topic", self._topic, trouble, "the process ends to be started anew")

    async def _commit(self, numbers: "dict[int, Part] | set[int]") -> None:
        offsets = {number: self._resume(self.parts[number]) for number in numbers}
        news = {n: at for n, at in offsets.items() if self._committed.get(n) != at}
        if not news:
            return
        try:
            await self.consumer.commit({self._place(n): at for n, at in news.items()})
            self._committed |= news
        except (CommitFailedError, IllegalStateError) as error:
            log.warning("offsets not committed, partitions have moved: %s", error)

    def _resume(self, part: Part) -> int:
        told = (firing.oldest(part.number) for firing in self._firing())
        return min((one for one in told if one is not None), default=part.ledger.resume())

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
            self._committed.pop(number, None)
            metrics.forget_act(number)
            for firing in self._firing():
                firing.forget(number)

    async def let_go(self, numbers: set[int]) -> None:
        """Leave partitions to somebody else."""
        async with self._order:
            self.health.ready, self.health.why = False, "partitions are moving"
            await self._close(numbers)

    async def take_up(self, numbers: set[int]) -> None:
        """Read what partitions say, then do what is not over."""
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


class _Rebalance(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Tells the process which partitions come and go."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        try:
            await self._executor.let_go({one.partition for one in revoked})
        except Exception as error:  # noqa: BLE001 - told to the process, which ends
            self._executor.fail(error)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        try:
            await self._executor.take_up({one.partition for one in assigned})
        except Exception as error:  # noqa: BLE001 - told to the process, which ends
            self._executor.fail(error)
