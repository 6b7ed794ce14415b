"""Ends a worker that went silent: one that has something to read, and does not move.

Faust may stay up without an assignment after a failed SyncGroup; a process that ends is started
anew by its supervisor.
"""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any, NamedTuple

import faust
from aiokafka.errors import KafkaError
from faust.types import TP

from schemas.settings import Settings
from streams.anomaly import Detect
from streams.errors import Stalled
from streams.topics import topic_ids

_ANSWER_S = 2.0  # a position is known at once, or it has none


class Standing(NamedTuple):
    """How far a partition has come."""

    what: str
    offset: int
    end: int
    """Where it is to come to."""


class Movement:
    """When each partition last moved, or had nowhere to move to. No clock: `now_s` is told."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[Standing, float]] = {}

    def still_s(self, found: Mapping[int, Standing], now_s: float) -> dict[int, float]:
        """Return for how long each partition has had something to read and stood still."""
        for number, standing in found.items():
            last, since_s = self._last.get(number, (standing, now_s))
            moved = last[:2] != standing[:2] or standing.offset >= standing.end
            self._last[number] = standing, now_s if moved else since_s
        self._last = {number: one for number, one in self._last.items() if number in found}
        return {number: now_s - since_s for number, (_, since_s) in self._last.items()}


class Watchdog:
    """Looks at the partitions of `readings` that a worker was given."""

    def __init__(self, app: faust.App, settings: Settings, detect: Detect, client: Any) -> None:  # noqa: ANN401
        """`client`: aiokafka's, which has no types."""
        self._app, self._detect, self._client = app, detect, client
        self._name = settings.topics.readings
        self._limit_s = settings.detect.stall_s
        self._movement = Movement()
        self._assigned: set[int] = set()
        self._without_s: float | None = monotonic()

    def revoked(self) -> None:
        """Know that no partition is ours."""
        self._assigned, self._without_s = set(), monotonic()

    def assigned(self, partitions: set[TP]) -> None:
        """Know which partitions are ours."""
        self._assigned = {one.partition for one in partitions if one.topic == self._name}
        self._without_s = None

    async def watch(self) -> None:
        """Raise `Stalled` when nothing moves that should."""
        while True:
            await asyncio.sleep(min(self._limit_s / 4, 5.0))
            if self._without_s is not None and monotonic() - self._without_s > 3 * self._limit_s:
                raise self._stalled("no partitions were assigned")
            await self._check_topic()
            found = await self._standing()
            for number, still_s in self._movement.still_s(found, monotonic()).items():
                if still_s > self._limit_s:
                    what, offset, end = found[number]
                    raise self._stalled(f"partition {number} stays {what} {offset} of {end}")

    async def _check_topic(self) -> None:
        """Raise where `readings` was made anew: Faust would pass over what has known offsets."""
        try:
            ids = await topic_ids(self._client, [self._name])
        except (KafkaError, TimeoutError):
            return  # who does not answer has not changed
        now = ids.get(self._name)
        for number, part in self._detect.parts.items():
            if now and now != part.snapshots.topic:
                raise self._stalled(f"partition {number} is of an earlier life of {self._name}")

    async def _standing(self) -> dict[int, Standing]:
        return {number: await self._reading(number) for number in sorted(self._assigned)}

    async def _reading(self, number: int) -> Standing:
        consumer, partition = self._app.consumer, TP(self._name, number)
        part = self._detect.parts.get(number)
        try:
            end = consumer.highwater(partition) or 0
            if part is not None:
                return Standing("at", part.offset, end)
            position = await asyncio.wait_for(consumer.position(partition), _ANSWER_S)
            return Standing("unread at", position or 0, end)
        except (TimeoutError, KafkaError, AssertionError) as error:
            # aiokafka asserts that the partition is still ours: it may be moving just now
            return Standing(f"without a position ({type(error).__name__}) at", -1, 0)

    def _stalled(self, what: str) -> Stalled:
        mend = "the process ends so that it is started anew"
        return Stalled("detect.stall_s", self._limit_s, what, mend)
