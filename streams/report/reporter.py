"""Report: a group of plain consumers of `incidents`; kill -9 or not, each report is written once.

The topics are the ledger: before a partition is begun, its reports are read, so what is written is
known; then its incidents are read again from the oldest that is not done with, and what is due and
not there is written, under the id that it would have had before. The committed offset is that of
the oldest incident of which a report is still to come.
"""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from time import monotonic

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from models.messages import Unread
from models.report.desk import Desk, Plan
from models.trigger.message import Source, read
from schemas.events import Event
from schemas.settings import Reporter as Asked
from schemas.settings import Settings
from schemas.telemetry import Reject, Why
from streams import metrics
from streams.connection import reach, reader
from streams.errors import StateMismatch
from streams.member import Commits, Rebalance, check_same, consumer_of, counted, producer_of
from streams.report import writer
from streams.report.around import READING, Around
from streams.report.files import Files
from streams.report.outputs import Outputs
from streams.report.part import Part
from streams.report.past import Past, pasts, site_of
from streams.report.press import Press
from streams.topics import partition_of, topic_ids
from streams.web import Health

_COMMIT_S = 1.0
_GRACE_S = 5.0  # for what is under way, when partitions go or the process ends
_MOST_DUE = 2_000  # read no further while so many are due
_SETTLE = timedelta(seconds=1)
"""A message may come so long after its time: until then no time passes that it would change."""
MEND = "make `reports` with as many partitions as `incidents`"


class Reporter:
    """One process: a member of the group, with the partitions it was given."""

    def __init__(self, settings: Settings, health: Health | None = None) -> None:
        self.settings, self.health = settings, health or Health()
        self.stopping = asyncio.Event()
        self.parts: dict[int, Part] = {}
        self.plan = plan_of(settings.reporter)
        self.files = Files(settings.reporter.files, settings.reporter.zone)
        self._topic = settings.topics.incidents
        self._order = asyncio.Lock()
        self._failure: BaseException | None = None
        self._commit_s = monotonic()
        self._partitions = 0
        metrics.start_report_at_zero()

    async def run(self) -> None:
        """Run until `stopping` is set, or something fails."""
        self.files.check()
        drafts = writer.of(self.settings.reporter.model)
        await reach(self.settings.kafka)
        partitions = await self._check_topics()
        async with AsyncExitStack() as stack:
            if drafts is not None:
                stack.push_async_callback(drafts.close)
            self.producer: AIOKafkaProducer = producer_of(self.settings.kafka)
            await self.producer.start()
            stack.push_async_callback(self.producer.stop)
            self._topics = await topic_ids(self.producer.client, [self._topic])
            self.outputs = Outputs(self.producer, self.settings.topics, self.files)
            alone = await stack.enter_async_context(reader(self.settings.kafka, **READING))
            around = Around(alone, self.settings.topics, partitions)
            self.press = Press(around, drafts, self.outputs)
            group = self.settings.reporter.group
            self.consumer: AIOKafkaConsumer = consumer_of(self.settings.kafka, group)
            self._commits = Commits(self.consumer, self._topic)
            self.consumer.subscribe([self._topic], listener=Rebalance(self))
            await self.consumer.start()
            stack.push_async_callback(self.consumer.stop)
            await self._loop()

    async def _check_topics(self) -> dict[str, int]:
        """Return the partitions of the topics that are read. Raises where topics do not fit."""
        ours = self.settings.topics
        read_ = [ours.incidents, ours.anomalies, ours.alerts, ours.actions]
        counts = await counted(self.settings.kafka, [*read_, ours.reports, ours.rejects])
        self._partitions, has = counts[ours.incidents], counts[ours.reports]
        if has != self._partitions:
            trouble = f"`{ours.reports}` has {has}, `{ours.incidents}` has {self._partitions}"
            raise StateMismatch("topics.partitions", has, trouble, MEND)
        return counts

    async def _loop(self) -> None:
        while not self.stopping.is_set():
            batch = await self.consumer.getmany(timeout_ms=200, max_records=200)
            async with self._order:
                for place, records in batch.items():
                    await self._take(place.partition, records)
                self._pass()
                await self._commit_due()
                self._breathe()
        if self._failure is not None:
            raise self._failure
        async with self._order:
            await self._close(set(self.parts))

    async def _take(self, number: int, records: list[ConsumerRecord]) -> None:
        part = self.parts.get(number)
        for record in records:
            if part is None or record.offset < part.offset:
                continue  # fetched before the partition was taken up
            await self._take_one(part, record)
            part.offset = record.offset + 1

    async def _take_one(self, part: Part, record: ConsumerRecord) -> None:
        found = read(Source.INCIDENTS, record.value or b"")
        site = site_of(record)
        if isinstance(found, Event) and not site:
            found = Unread(Why.BAD_NAME, "the key is no name of a site")
        if isinstance(found, Unread):
            if record.offset >= part.desk.upto:  # else it was rejected before
                await self.outputs.reject(record, Reject(0, *found))
        elif isinstance(found, Event):
            part.begin(part.desk.take(site, found, record.offset, _came(record)))

    def _pass(self) -> None:
        """Let time pass where all is read that was there."""
        now = datetime.now(UTC) - _SETTLE
        for part in self.parts.values():
            if part.offset >= part.end:
                part.begin(part.desk.move(now))

    def _breathe(self) -> None:
        """Read no further while too much is due; the group is told all the same that we live."""
        due = sum(part.due for part in self.parts.values())
        places = [self._place(number) for number in self.parts]
        if due > _MOST_DUE:
            self.consumer.pause(*places)
        elif self.consumer.paused():
            self.consumer.resume(*places)

    async def _commit_due(self) -> None:
        if monotonic() - self._commit_s >= _COMMIT_S:
            await check_same(self.producer.client, self._topics)
            await self._commit(set(self.parts))
            self._commit_s = monotonic()
            self._tell()

    async def _commit(self, numbers: set[int]) -> None:
        offsets = {number: self.parts[number].resume() for number in numbers}
        await self._commits.commit(offsets)

    def _tell(self) -> None:
        for number, part in self.parts.items():
            end = self.consumer.highwater(self._place(number)) or part.end
            metrics.REPORTS_DUE.labels(str(number)).set(part.due)
            metrics.REPORT_LAG.labels(str(number)).set(max(end - part.offset, 0))
        due = sum(part.due for part in self.parts.values())
        self.health.why = f"{len(self.parts)} partitions, {due} reports due"

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
            metrics.forget_report(number)

    async def let_go(self, places: set[TopicPartition]) -> None:
        """Leave partitions to somebody else."""
        async with self._order:
            self.health.ready, self.health.why = False, "partitions are moving"
            await self._close({one.partition for one in places})

    async def take_up(self, places: set[TopicPartition]) -> None:
        """Read which reports of partitions are there, then go on."""
        numbers = {one.partition for one in places}
        async with self._order:
            found = await pasts(self.settings, numbers, self.files) if numbers else {}
            for number, past in sorted(found.items()):
                self._begin(number, past)
            self.health.ready, self.health.why = True, f"{len(self.parts)} partitions"

    def _begin(self, number: int, past: Past) -> None:
        desk = Desk(self.plan, past.since, past.committed, past.written, past.sites)
        ours = self.settings.site.name
        if partition_of(ours.encode(), self._partitions) == number:
            desk.know(ours, datetime.now(UTC) - _SETTLE)
        part = Part(number, desk, past.start, past.end, self.press.write, self.fail)
        self.parts[number] = part
        metrics.REPORTS_DUE.labels(str(number)).set(0)
        metrics.REPORT_LAG.labels(str(number)).set(past.end - past.start)
        self.consumer.seek(self._place(number), past.start)

    def fail(self, error: BaseException) -> None:
        """End the process."""
        self._failure = error
        self.stopping.set()


def _came(record: ConsumerRecord) -> datetime:
    """Return when a message came; never later than now, whatever its sender's clock says."""
    return min(datetime.fromtimestamp(record.timestamp / 1000, UTC), datetime.now(UTC))


def plan_of(asked: Asked) -> Plan:
    """Return when reports are due."""
    return Plan(
        opened_after=timedelta(seconds=asked.opened_after_s),
        postmortem_after=timedelta(seconds=asked.postmortem_after_s),
        remember=timedelta(seconds=asked.remember_s),
        shifts=asked.shifts,
        daily=(asked.daily,) if asked.daily else (),
        zone=asked.zone,
    )
