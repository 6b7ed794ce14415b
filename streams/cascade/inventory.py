"""What there is, as the topic `inventory` and the site file tell it; graphs are built beside."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from aiokafka import ConsumerRecord

from models.site import Graph, build
from schemas.cascade.site_rows import Rows
from schemas.cascade.trouble import Trouble
from schemas.settings import Settings
from schemas.telemetry import Reject
from streams import inventory, metrics, site_files
from streams.heap import hold

log = logging.getLogger(__name__)

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
        key, rows = inventory.key_of(record), inventory.rows_of(record)
        if isinstance(rows, Reject):
            await self.refuse(record, rows)
            return
        before = self.parts.pop(key, None)
        if rows.assets or rows.edges:
            self.parts[key] = rows
        self.changed |= {one.site for one in (before, rows) if one is not None and one.site}

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
                hold()
            self.moved.add(site)

    def _rows(self, site: str) -> list[Rows]:
        told = [rows for _, rows in sorted(self.parts.items()) if rows.site == site]
        return [self.file, *told] if self.file is not None and self.file.site == site else told


def _tell(site: str, troubles: Sequence[Trouble]) -> None:
    if troubles:
        log.warning(
            "site %s: %d troubles, the first: %s; see `alltobit site check --published`",
            site,
            len(troubles),
            troubles[0],
        )
