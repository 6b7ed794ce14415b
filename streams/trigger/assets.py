"""Which assets there are, and how many, as the topic `inventory` and the site file tell."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord

from models.trigger.breaker import counted
from models.trigger.setup import Setup
from schemas.cascade.site_rows import Rows
from schemas.settings import Settings
from schemas.telemetry import Reject
from streams import inventory, site_files

Refuse = Callable[[ConsumerRecord, Reject], Awaitable[None]]
Names = frozenset[tuple[str, str]]
"""Sites and assets."""


@dataclass(slots=True)
class Assets:
    """The names in all parts of all sites; tells `setup` which and how many there are."""

    setup: Setup
    refuse: Refuse
    """Publishes what is no inventory."""
    parts: dict[str, Names] = field(default_factory=dict)
    changed: bool = False

    def take_file(self, settings: Settings) -> None:
        """Read the site file, where there is one. Raises `ConfigError`."""
        if settings.site.file is not None:
            rows, _ = site_files.read(settings.site.file, settings.site.name)
            self._put("", rows)

    async def take(self, record: ConsumerRecord) -> None:
        """Take one message of the topic in."""
        rows = inventory.rows_of(record)
        if isinstance(rows, Reject):
            await self.refuse(record, rows)
        else:
            self._put(inventory.key_of(record) or "?", rows)

    def _put(self, key: str, rows: Rows) -> None:
        self.parts[key] = frozenset((rows.site, one.name) for one in rows.assets)
        self.changed = True

    async def settle(self) -> None:
        """Count, where something is new."""
        if self.changed:
            self.changed = False
            parts = tuple(self.parts.values())
            names = frozenset[tuple[str, str]]().union(*parts)
            self.setup.assets, self.setup.counted = parts, await asyncio.to_thread(counted, names)
