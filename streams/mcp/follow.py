"""Follows what is told of events and the site, from outside any group: answers are quick."""

import asyncio
import logging
from contextlib import AsyncExitStack
from time import monotonic, time

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from models.ask.picture import Picture
from models.site import Graph
from schemas.settings import Settings
from schemas.telemetry import Reject
from streams import inventory
from streams.cascade.inventory import Inventory
from streams.connection import reach, reader
from streams.errors import ConfigError
from streams.topics import partition_counts
from streams.web import Health

log = logging.getLogger(__name__)

_POLL_MS = 500
_MOST = 200  # messages a poll: reading them takes some 20 ms, in which nobody is answered
_LOOK_AGAIN_S = 30.0
EVENTS = ("incidents", "anomalies", "alerts", "actions", "reports")


class Follower:
    """The current picture, and what it lacks."""

    def __init__(self, settings: Settings) -> None:
        """Know nothing yet."""
        self.picture = Picture(settings.mcp.most_events)
        self.health = Health()
        self.caught_up = asyncio.Event()
        self.missing: frozenset[str] = frozenset()
        """Topics that do not exist, by our words for them."""
        self._settings = settings
        self._site = Inventory(_refuse)
        self._next_look_s = 0.0

    async def run(self) -> None:
        """Read what there is, then go on for ever. Raises what `reach` raises, `ConfigError`."""
        kafka = self._settings.kafka
        await reach(kafka)
        self._site.take_file(self._settings)
        async with AsyncExitStack() as stack:
            options = {"auto_offset_reset": "earliest", "metadata_max_age_ms": 30_000}
            consumer = await stack.enter_async_context(reader(kafka, **options))
            site = await self._follow_site(consumer, stack)
            await self._look(consumer)
            await self._catch_up(consumer)
            while not site.done():
                await self._poll(consumer)
                if monotonic() > self._next_look_s:
                    await self._look_again(consumer)
            site.result()

    def graph(self, site: str, asset: str) -> tuple[str, Graph]:
        """Return the graph of a site, or of the one that has the asset. Raises `ConfigError`."""
        graphs = self._site.graphs
        if site and site not in graphs:
            there = ", ".join(sorted(graphs)[:20]) or "none: publish one, `alltobit site publish`"
            raise ConfigError("site", site, "no site graph of this name", f"there are {there}")
        found = [name for name in ([site] if site else graphs) if graphs[name].place(asset) >= 0]
        if len(found) != 1:
            trouble = f"in the graphs of {len(found)} sites" if found else "in no site graph"
            mend = "name the site" if found else "see list_signals for names, or list_incidents"
            raise ConfigError("asset", asset, trouble, mend)
        return found[0], graphs[found[0]]

    async def _follow_site(
        self, consumer: AIOKafkaConsumer, stack: AsyncExitStack
    ) -> "asyncio.Future[None]":
        name = self._settings.topics.inventory
        counts = await partition_counts(consumer, [name])
        if name not in counts:
            log.warning("no topic %s: the site graph is that of site.file, if any", name)
            await self._site.settle()
            return asyncio.get_running_loop().create_future()
        follows = inventory.followed(self._settings, counts[name], self._site)
        return await stack.enter_async_context(follows)

    async def _look_again(self, consumer: AIOKafkaConsumer) -> None:
        try:
            await self._look(consumer)
        except (KafkaError, TimeoutError) as error:
            log.warning("Kafka does not say which topics there are: %r", error)

    async def _look(self, consumer: AIOKafkaConsumer) -> None:
        """See which topics there are, and read those that are new from where they matter."""
        self._next_look_s = monotonic() + _LOOK_AGAIN_S
        names = {word: getattr(self._settings.topics, word) for word in EVENTS}
        counts = await partition_counts(consumer, names.values())
        self.missing = frozenset(word for word, name in names.items() if name not in counts)
        places = {TopicPartition(name, i) for name, many in counts.items() for i in range(many)}
        known = consumer.assignment()
        if places - known:
            at = await self._begins(consumer, places - known)
            at |= {one: await consumer.position(one) for one in known & places}
            consumer.assign(sorted(places))
            for one, offset in at.items():
                consumer.seek(one, offset)

    async def _begins(
        self, consumer: AIOKafkaConsumer, places: set[TopicPartition]
    ) -> dict[TopicPartition, int]:
        """Return where to begin: so many hours ago, and no more events than are kept."""
        mcp = self._settings.mcp
        since_ms = round(1e3 * (time() - 3_600 * mcp.hours))
        ends = await consumer.end_offsets(places)
        firsts = await consumer.offsets_for_times(dict.fromkeys(places, since_ms))
        at = {one: first.offset if first else ends[one] for one, first in firsts.items()}
        return {one: max(offset, ends[one] - mcp.most_events) for one, offset in at.items()}

    async def _catch_up(self, consumer: AIOKafkaConsumer) -> None:
        ends = await consumer.end_offsets(consumer.assignment())
        while [one for one, end in ends.items() if await consumer.position(one) < end]:
            await self._poll(consumer)
        self.health.ready, self.health.why = True, "answers"
        self.caught_up.set()

    async def _poll(self, consumer: AIOKafkaConsumer) -> None:
        batch = await consumer.getmany(timeout_ms=_POLL_MS, max_records=_MOST)
        for records in batch.values():
            for record in records:
                self.picture.take(record.value or b"")


async def _refuse(record: ConsumerRecord, reject: Reject) -> None:
    """Leave out what is no inventory: the cascade publishes it as a dead letter."""
    where = f"{record.topic}/{record.partition}@{record.offset}"
    log.warning("%s is left out: %s", where, reject.detail)
