"""Ingest: raw bytes to `readings` blocks and `rejects`. Nothing lost; memory is a topic.

A raw offset is committed only after everything made from it was acknowledged, and a
block is sent only after the one before it was acknowledged: so what stands in `readings` has no
gap, whatever happens to this process, and a block written twice is told by its source offsets.
"""

import asyncio
import logging
from collections.abc import Mapping
from time import monotonic

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from models.names import Config, cells
from models.telemetry import Gatherer, tick_block
from schemas.readings import Block, Tick
from schemas.settings import Settings
from schemas.telemetry import Source
from streams import metrics
from streams.connection import client_options, reach
from streams.errors import TopicMissing
from streams.member import Rebalance
from streams.telemetry import clients
from streams.telemetry.epochs import Epochs
from streams.telemetry.memory import Memory
from streams.telemetry.progress import Progress
from streams.telemetry.reads import Reads
from streams.telemetry.rounds import Reading, Round
from streams.telemetry.writer import Writer
from streams.topics import partition_counts, partition_of
from streams.web import Health

log = logging.getLogger(__name__)

_READ = 2000  # messages a poll
_TAKE_BYTES = 8_000_000  # of memory, read before it is decoded
_ROUND = 200_000  # samples gathered before a block is due whatever the linger
_ANSWER_S = 2.0  # patience with a question that may go unanswered


class Ingest:
    """One ingest process: a member of the group, a producer, and what lies between."""

    def __init__(self, settings: Settings, health: Health | None = None) -> None:
        self.settings = settings
        self.health = health or Health()
        self.topics = [raw.name for raw in settings.raw]
        config = Config.of(settings)
        self._reading = Reading(settings, config)
        self._cell_of = cells(config.cells)
        self._partitions = 1
        self._partition_of: dict[str, int] = {}
        self._epochs = Epochs(settings.kafka, self.topics)
        self._progress: dict[TopicPartition, Progress] = {}
        self._round = Round(Gatherer(self.partition_of, settings.ingest.max_block_bytes))
        self._sending: asyncio.Task[None] | None = None
        self._order = asyncio.Lock()
        self._ticked_s = monotonic()
        self._failure: BaseException | None = None
        self.stopping = asyncio.Event()
        metrics.start_ingest_at_zero(self.topics)

    def partition_of(self, asset: str) -> int:
        """Return the partition of `readings` that an asset's cell lives in."""
        found = self._partition_of.get(asset)
        if found is None:
            if len(self._partition_of) > 1_000_000:  # noqa: PLR2004 - bounded memory
                self._partition_of.clear()
            found = partition_of(self._cell_of(asset).encode(), self._partitions)
            self._partition_of[asset] = found
        return found

    async def run(self) -> None:
        """Read until `stopping` is set; then drain and commit."""
        await reach(self.settings.kafka)
        self.consumer = clients.consumer(self.settings)
        self.producer = clients.producer(self.settings)
        self.admin = AIOKafkaAdminClient(**client_options(self.settings.kafka))
        self._epochs.client = self.admin._client  # noqa: SLF001 - no public client
        self.memory = Memory(self.settings, self._reading.decoders, self.producer)
        self._writer = Writer(
            self.producer, self.settings.topics, self.settings.site.name, self.memory
        )
        await asyncio.gather(self.producer.start(), self.admin.start())
        try:
            await self.memory.start(await self._check_topics())
            self.consumer.subscribe(self.topics, listener=Rebalance(self))
            await self.consumer.start()
            try:
                await self._loop()
            finally:
                await clients.stop(self.consumer)
        finally:
            await asyncio.gather(self.producer.stop(), self.admin.close(), self.memory.stop())

    async def _check_topics(self) -> int:
        """Return the number of partitions of `topics.memory`. Raises where a topic is missing."""
        ours = self.settings.topics
        names = [*self.topics, ours.readings, ours.rejects, ours.anomalies, ours.memory]
        counts = await partition_counts(self.admin._client, names)  # noqa: SLF001 - no public client
        for name in names:
            if name not in counts:
                raise TopicMissing("topic", name, "does not exist", "run `alltobit topics create`")
        self._partitions = counts[ours.readings]
        await self._epochs.ask()
        return counts[ours.memory]

    async def _loop(self) -> None:
        linger = self.settings.ingest.linger_s
        self._round.began_s = monotonic()
        while not self.stopping.is_set():
            due_s = self._round.began_s + linger
            await self._take(await self._read(due_s))
            if self._round.samples >= _ROUND or monotonic() >= due_s:
                await self.flush()
        if self._failure is not None:
            raise self._failure
        await self.flush()
        await self.settle()

    async def _read(self, due_s: float) -> Reads:
        """Read until the round is due, or until it is enough to be taken at once."""
        reads, left_s = Reads(), 1.0
        while left_s > 0 and reads.bytes < _TAKE_BYTES and not self.stopping.is_set():
            left_s = due_s - monotonic()
            wait_ms = max(1, round(min(left_s, 0.1) * 1000))
            batch = await self.consumer.getmany(timeout_ms=wait_ms, max_records=_READ)
            reads.add(batch, self._progress)
        return reads

    async def _take(self, reads: Reads) -> None:
        """Decode what was read of topics that are still the same ones, asked after the reading."""
        if not reads.by_partition:
            return
        await self._renewed()
        for partition, (progress, records) in reads.by_partition.items():
            if progress is not self._progress.get(partition):
                continue  # its topic was made anew, or it has moved meanwhile: it is read again
            self._reading.read(progress, records, self._round)
            progress.position = records[-1].offset + 1
            progress.heard_s, progress.silent_s = monotonic(), 0.0
            self._round.offsets[partition] = (progress.position, progress.source.epoch)
            await asyncio.sleep(0)

    async def _renewed(self) -> None:
        """Look whether raw topics were made anew; begin those from their first message."""
        new = await self._epochs.ask()
        for partition in [p for p in self._progress if p.topic in new]:
            log.warning("topic was made anew", extra={"topic": partition.topic})
            metrics.EPOCHS.labels(partition.topic).inc()
            await self._begin(partition, 0)

    async def _begin(self, partition: TopicPartition, position: int) -> None:
        """Read `partition` from `position` on, as a source of its topic's present life."""
        source = Source(partition.topic, partition.partition, self._epochs.of[partition.topic])
        self._progress[partition] = Progress(source, position, heard_s=monotonic())
        self._round.offsets.pop(partition, None)
        try:
            if position:
                self.consumer.seek(partition, position)
            else:
                await self.consumer.seek_to_beginning(partition)
        except IllegalStateError:
            self._progress.pop(partition, None)  # no longer ours

    async def flush(self) -> None:
        """Send what was gathered, after what is on its way; returns before it is acknowledged."""
        async with self._order:
            await self._settle()
            self._start_sending(await self._ticks())

    def _start_sending(self, ticks: list[tuple[Source, Tick]]) -> None:
        done, self._round = self._round, Round(self._round.gatherer, began_s=monotonic())
        blocks = done.gatherer.flush()
        if blocks or done.aside or done.offsets or ticks:
            self._sending = asyncio.create_task(self._send(done, blocks, ticks))

    async def settle(self) -> None:
        """Wait until all that was sent is acknowledged and committed. Raises what went wrong."""
        async with self._order:
            await self._settle()

    async def _settle(self) -> None:
        if self._sending is not None:
            await asyncio.wait([self._sending])
            self._sending.result()  # a failed send stays: nothing may be sent after it
            self._sending = None

    async def _send(
        self, done: Round, blocks: dict[int, list[Block]], ticks: list[tuple[Source, Tick]]
    ) -> None:
        every = range(self._partitions) if ticks else blocks
        lists = {p: [*blocks.get(p, []), *([tick_block(ticks)] if ticks else [])] for p in every}
        await self._writer.write(lists, done.aside)
        if done.offsets:
            try:
                await self.consumer.commit(done.offsets)
                self._tell_lag(done.offsets)
            except (CommitFailedError, IllegalStateError) as error:
                log.warning("offsets not committed, partitions have moved: %s", error)

    def _tell_lag(self, offsets: Mapping[TopicPartition, tuple[int, str]]) -> None:
        for partition, (offset, _) in offsets.items():
            end = self.consumer.highwater(partition)
            if end is not None:
                lag = metrics.LAG.labels(partition.topic, str(partition.partition))
                lag.set(max(end - offset, 0))

    async def _ticks(self) -> list[tuple[Source, Tick]]:
        """Say how far each source has come, where that is news."""
        now = monotonic()
        gap = now - self._ticked_s
        if gap < self.settings.ingest.tick_s:
            return []
        self._ticked_s = now
        for progress in await self._silent(now):
            progress.silent_s += min(gap, 2 * self.settings.ingest.tick_s)
        news = []
        for progress in self._progress.values():
            silent_ns = round(progress.silent_s * 1e9)
            if (progress.position, silent_ns) != progress.told:
                progress.told = (progress.position, silent_ns)
                tick = Tick(0, progress.position, progress.latest_ns, silent_ns)
                news.append((progress.source, tick))
        return news

    async def _silent(self, now: float) -> list[Progress]:
        """Return the sources that are read to their end, as the broker says now, and silent."""
        quiet = {
            partition: progress
            for partition, progress in self._progress.items()
            if now - progress.heard_s > self.settings.ingest.idle_s
        }
        if not quiet:
            return []
        try:
            ends = await asyncio.wait_for(self.consumer.end_offsets(list(quiet)), _ANSWER_S)
        except (KafkaError, TimeoutError):
            return []  # who does not answer is not silent
        return [
            p for partition, p in quiet.items() if p.position >= ends.get(partition, p.position + 1)
        ]

    async def take_up(self, partitions: set[TopicPartition]) -> None:
        """Begin partitions where they were committed, if in this life of their topic."""
        if partitions:
            await self.memory.recall()
            committed = await self.admin.list_consumer_group_offsets(self.settings.ingest.group)
            await self._epochs.ask()
            for partition in partitions:
                found = committed.get(partition)
                epoch = self._epochs.of.get(partition.topic)
                same = found is not None and found.offset > 0 and found.metadata in {"", epoch}
                await self._begin(partition, found.offset if found is not None and same else 0)
        self.health.ready, self.health.why = True, f"{len(self._progress)} raw partitions"

    def fail(self, error: BaseException) -> None:
        """End the process: aiokafka only logs what a rebalance raises, and reads on."""
        self._failure = error
        self.stopping.set()

    async def let_go(self, partitions: set[TopicPartition]) -> None:
        """Finish what was read of partitions that go elsewhere."""
        try:
            await self.flush()
            await self.settle()
        finally:
            for partition in partitions:
                self._progress.pop(partition, None)
