"""Detect: readings to bits, anomalies and alerts. One Faust agent; its state survives kill -9.

Order of a snapshot: outputs acknowledged, then all pieces of the state (`models.saved`), then the
events to Faust, which commits their offsets. Order of taking a partition over: first the committed
offset is read, then the saved states, so one of them reaches it.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Protocol
from uuid import uuid4

import faust
from faust.types import EventT

from models import pipeline, saved
from models.names import Config
from models.snapshot import Manifest, SnapshotError, Snapshots, load
from models.state import State
from schemas.readings import BlockError
from schemas.settings import Settings
from schemas.telemetry import Why
from streams import made, metrics
from streams.anomaly.outputs import Outputs
from streams.anomaly.source import Standing
from streams.errors import StateMismatch

log = logging.getLogger(__name__)

_SHARE = 20.0  # a snapshot may take one part in this of the time
_PATIENCE_S = 2.0  # for a seek to show


@dataclass(slots=True)
class Partition:
    """One partition of `readings` in this worker's hands."""

    state: State
    snapshots: Snapshots
    offset: int
    """Next offset to be applied."""
    token: str = field(default_factory=lambda: uuid4().hex[:12])
    events: list[EventT[Any]] = field(default_factory=list)
    """Applied, and not yet covered by a snapshot."""
    old: list[bytes] = field(default_factory=list)
    """Keys of earlier writers, to be deleted once our own snapshot stands."""
    due_s: float = 0.0
    rewound_s: float = 0.0


class Broker(Protocol):
    """What detection asks of Kafka about a partition of `readings`."""

    async def standing(self, number: int) -> Standing:
        """Say how it stands."""

    async def seek(self, number: int, offset: int) -> None:
        """Read it from `offset` on, if it is still ours."""


class Kept(Protocol):
    """Where states are saved, a partition each."""

    async def read(self, number: int) -> dict[bytes, bytes]:
        """Return what stands there now."""

    async def write(self, number: int, pairs: saved.Pairs) -> None:
        """Write in this order, until acknowledged."""


class Detect:
    """The agent's memory: the states of the partitions it was given."""

    def __init__(
        self, settings: Settings, outputs: Outputs, changelog: Kept, partitions: int, broker: Broker
    ) -> None:
        self.settings, self.outputs, self.changelog = settings, outputs, changelog
        self.config = Config.of(settings, made.functions(settings))
        self.partitions = partitions
        self.parts: dict[int, Partition] = {}
        self.broker = broker
        self._moves = 0
        self._order = asyncio.Lock()
        self._ended = False

    async def take(self, event: EventT[Any]) -> None:
        """Apply one block; acknowledge it once a snapshot covers it."""
        async with self._order:
            if not self._ended:
                await self._take(event)

    async def _take(self, event: EventT[Any]) -> None:
        number, offset = event.message.partition, event.message.offset
        part = self.parts.get(number) or await self._begin(number)
        if part is None:
            return
        if offset < part.offset:
            event.ack()
            return
        if offset > part.offset and not await self._is_gone(number, part, offset):
            await self._rewind(number, part)
            return
        await self._apply(part, event)
        part.offset = offset + 1
        part.events.append(event)
        if monotonic() >= part.due_s:
            await self._save(number)

    async def end(self) -> None:
        """Save every partition; apply nothing more."""
        async with self._order:
            self._ended = True
            for number in list(self.parts):
                await self._save(number)

    async def _apply(self, part: Partition, event: EventT[Any]) -> None:
        message = event.message
        try:
            found = pipeline.detect(part.state, message.value or b"")
        except BlockError as error:
            origin = (self.settings.topics.readings, message.partition, message.offset)
            await self.outputs.reject(Why.NOT_ARROW, str(error)[:200], message.value or b"", origin)
            return
        for doubt in part.state.conditions.doubts:
            log.warning(doubt, extra={"partition": message.partition})
        part.state.conditions.doubts.clear()
        await self.outputs.publish(found)
        metrics.BLOCKS_APPLIED.labels(str(message.partition)).inc()

    async def _save(self, number: int) -> None:
        """Write a snapshot of one partition, then acknowledge what it covers."""
        part = self.parts.get(number)
        if part is None or not part.events:
            return
        began = monotonic()
        offset, covered = part.offset, part.events
        part.events = []
        await self.outputs.settle()
        if self.parts.get(number) is not part:
            return  # it went elsewhere while we waited
        await self.changelog.write(number, self._pairs(number, part, offset))
        if self.parts.get(number) is not part:
            return
        for event in covered:
            event.ack()
        cost = monotonic() - began
        self._tell(number, part, cost)
        part.due_s = monotonic() + max(self.settings.detect.snapshot_s, _SHARE * cost)

    def _tell(self, number: int, part: Partition, cost_s: float) -> None:
        metrics.SNAPSHOT_S.observe(cost_s)
        metrics.SIGNALS.labels(str(number)).set(part.state.signals.size)
        metrics.UNTOLD.labels(str(number)).set(part.state.floods.untold)
        metrics.STATE_OFFSET.labels(str(number)).set(part.offset)
        metrics.SNAPSHOT_GENERATION.labels(str(number)).set(part.snapshots.generation)

    def _pairs(self, number: int, part: Partition, offset: int) -> saved.Pairs:
        """Return what is to be written of a partition that stands at `offset`."""
        snapshot = part.snapshots.take(part.state, offset)
        size = sum(map(len, (*snapshot.chunks, *snapshot.segments.values())))
        metrics.SNAPSHOT_BYTES.labels(str(number)).set(size)
        old, part.old = part.old, []
        return saved.pairs(snapshot, part.token, old)

    async def _begin(self, number: int) -> Partition | None:
        """Take a partition up; None where partitions moved while we asked: it comes again."""
        moves = self._moves
        now = await self.broker.standing(number)
        stored = await self.changelog.read(number)
        if moves != self._moves:
            return None
        part = self.parts[number] = self._restore(number, stored, now)
        return part

    def _restore(self, number: int, stored: dict[bytes, bytes], now: Standing) -> Partition:
        """Load the saved state that stands furthest, or begin anew where there never was one."""
        try:
            found = saved.latest(stored, now.topic)
            state = load(self.config, *found) if found else State(self.config)
        except SnapshotError as error:
            raise self._mismatch(f"partition {number}: {error}", "start") from error
        offset = reach = now.begin
        if found is not None:
            reach = found.manifest.offset
            offset = reach if found.manifest.topic == now.topic else offset
        # of a topic that was made anew Kafka may still know how far the group had come before
        self._check_reach(number, max(offset, reach), now.committed)
        state.partition = number
        if found is not None:
            self._check(number, found.manifest)
            log.info("state restored", extra={"partition": number, "offset": offset})
        snapshots = Snapshots(self.partitions, now.topic)
        return Partition(state, snapshots, offset, old=list(stored))

    async def _rewind(self, number: int, part: Partition) -> None:
        """Ask for what lies between again: after a rebalance Faust may go on behind its own reads.

        It seeks to committed offsets, and where nothing was committed yet it does not seek at all.
        """
        now = monotonic()
        if now > part.rewound_s + _PATIENCE_S:
            part.rewound_s = now
            await self.broker.seek(number, part.offset)

    async def _is_gone(self, number: int, part: Partition, offset: int) -> bool:
        """Say whether the blocks before `offset` were deleted; then go on behind the gap."""
        if (await self.broker.standing(number)).begin < offset:
            return False
        log.error(
            "readings %d to %d were deleted before they were read; raise topics.retention_hours",
            part.offset,
            offset,
            extra={"topic": self.settings.topics.readings, "partition": number},
        )
        part.offset = offset
        return True

    def _check(self, number: int, manifest: Manifest) -> None:
        if manifest.partitions != self.partitions:
            raise StateMismatch(
                "topics.partitions",
                self.partitions,
                f"the state of partition {number} was saved when `readings` had "
                f"{manifest.partitions} partitions, now it has {self.partitions}",
                "go back to that number, or start under a new `detect.group`",
            )

    def _check_reach(self, number: int, offset: int, committed: int) -> None:
        """Stop where the group has come further than any saved state."""
        if committed > offset:
            trouble = f"partition {number} was applied up to offset {committed}, its saved state "
            raise self._mismatch(
                f"{trouble}stands at {offset}", "restore the changelog topic, or start"
            )

    def _mismatch(self, trouble: str, mend: str) -> StateMismatch:
        group = self.settings.detect.group
        return StateMismatch("detect.group", group, trouble, f"{mend} under a new `detect.group`")

    def forget(self, numbers: set[int]) -> None:
        """Let go of partitions that went elsewhere."""
        self._moves += 1
        for number in numbers:
            if self.parts.pop(number, None) is not None:
                metrics.forget_partition(number)


def register(
    app: faust.App,
    topic: Any,  # noqa: ANN401 - Faust
    detect: Detect,
    failed: Callable[[Exception], None],
) -> Any:  # noqa: ANN401 - Faust
    """Add the agent to `app`. A bug stops the worker before anything is acknowledged."""

    @app.agent(topic, name="detect")
    async def agent(stream: Any) -> None:  # noqa: ANN401 - Faust stream
        async for event in stream.noack().events():
            try:
                await detect.take(event)
            except Exception as error:  # noqa: BLE001 - told to the worker, which ends
                failed(error)
                await asyncio.Event().wait()  # the worker ends; nothing more is acknowledged

    return agent
