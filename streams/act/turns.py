"""Turns at a target: no more than so many at once, and in a minute."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from models.act.rate import Rate
from schemas.trigger import Configured


class Turns:
    """Who takes a turn waits for it."""

    def __init__(self, action: Configured) -> None:
        self._free = asyncio.Semaphore(action.at_once)
        self._rate = Rate(action.most_per_minute)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Lend a turn."""
        async with self._free:
            wait_s = self._rate.wait_s(monotonic())
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            yield
