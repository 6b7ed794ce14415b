"""What there is, as the topic `inventory` and the site file tell it; graphs are built beside."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from models.site import Graph, build
from schemas.cascade.site_rows import Rows, decode
from schemas.cascade.trouble import Trouble
from schemas.settings import Settings
from schemas.telemetry import Reject, Why
from streams import metrics, site_files

log = logging.getLogger(__name__)

_POLL_MS = 500  # without anything new for so long: what came together is there
_DETAIL = 200
Refuse = Callable[[ConsumerRecord, Reject], Awaitable[None]]


@dataclass(slots=True)
class Inventory:
    """The parts of all sites by key, and the graph of each site that has any."""

    refuse: Refuse
    """Publishes what is no inventory."""
    file: Rows | None = None
    parts: dict[str, Rows] = field(default_factory=dict)
    graphs: dict[str, Graph] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    """Sites whose graph has not been built since."""
    moved: set[str] = field(default_factory=set)
    """Sites that have another graph; whoever goes on with it takes them out."""

    def take_file(self, settings: Settings) -> None:
        """Read the site file, where there is one. Raises `ConfigError`."""
        if settings.site.file is not None:
            self.file, troubles = site_files.read(settings.site.file, settings.site.name)
            _tell(self.file.site, troubles)
            self.changed.add(self.file.site)

    async def take(self, record: ConsumerRecord) -> None:
        """Take one message of the topic in."""
        key, before = _key(record), None
        rows = await self._read(record)
        if rows is not None:
            before = self.parts.pop(key, None)
            if rows.assets or rows.edges:
                self.parts[key] = rows
        self.changed |= {one.site for one in (before, rows) if one is not None and one.site}

    async def _read(self, record: ConsumerRecord) -> Rows | None:
        """Read a message; None: it is refused. One without a value takes its part away."""
        if not record.value:
            return Rows("")
        try:
            return decode(record.value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            is_json = isinstance(error, msgspec.ValidationError)
            why = Why.WRONG_TYPE if is_json else Why.NOT_JSON
            await self.refuse(record, Reject(0, why, f"no inventory: {error}"[:_DETAIL]))
            return None

    async def settle(self) -> None:
        """Build the graphs of sites that have changed."""
        while self.changed:
            site = self.changed.pop()
            rows = self._rows(site)
            began = monotonic()
            graph, troubles = await asyncio.to_thread(build, rows)
            metrics.GRAPH_S.observe(monotonic() - began)
            self.graphs.pop(site, None)
            if rows:
                self.graphs[site] = graph
                _tell(site, troubles)
                log.info("site graph of %d assets and %d edges", len(graph), graph.edges)
            self.moved.add(site)

    def _rows(self, site: str) -> list[Rows]:
        told = [rows for _, rows in sorted(self.parts.items()) if rows.site == site]
        return [self.file, *told] if self.file is not None and self.file.site == site else told

    async def catch_up(
        self, consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]
    ) -> None:
        """Read what the topic has, up to `ends`, and build all graphs."""
        while [one for one, end in ends.items() if await consumer.position(one) < end]:
            await self._poll(consumer)
        await self.settle()

    async def follow(self, consumer: AIOKafkaConsumer) -> None:
        """Take in what comes, for ever; graphs are built once it pauses."""
        while True:
            if not await self._poll(consumer):
                await self.settle()

    async def _poll(self, consumer: AIOKafkaConsumer) -> int:
        batch = await consumer.getmany(timeout_ms=_POLL_MS, max_records=500)
        records = [record for records in batch.values() for record in records]
        for record in records:
            await self.take(record)
        return len(records)


def _key(record: ConsumerRecord) -> str:
    return (record.key or b"").decode("utf-8", "replace")


def _tell(site: str, troubles: Sequence[Trouble]) -> None:
    if troubles:
        log.warning(
            "site %s: %d troubles, the first: %s; see `alltobit site check --published`",
            site,
            len(troubles),
            troubles[0],
        )
