"""One partition of `actions` at work: a queue an asset, each done in order, all at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.act.ledger import Due, Ledger
from models.act.message import Result
from models.act.policy import lane
from streams.act.carry_out import carry_out
from streams.act.target import Target
from streams.member import ended

Publish = Callable[[Due, Result], Awaitable[None]]
"""Returns when Kafka has acknowledged the end of an action."""


@dataclass(slots=True)
class Part:
    """What is due in a partition, and the tasks that do it."""

    number: int
    ledger: Ledger
    targets: Mapping[str, Target]
    publish: Publish
    fail: Callable[[BaseException], None]
    lanes: dict[str, deque[Due]] = field(default_factory=dict)
    tasks: set["asyncio.Task[Any]"] = field(default_factory=set)
    closing: bool = False

    def begin(self, due: Due) -> None:
        """Put an action into its queue."""
        target = self.targets.get(due.event.data.name)
        name = lane(target.action if target else None, due)
        queue = self.lanes.setdefault(name, deque())
        queue.append(due)
        if len(queue) == 1:
            task = asyncio.create_task(self._work(name))
            self.tasks.add(task)
            task.add_done_callback(self._ended)

    async def _work(self, name: str) -> None:
        queue = self.lanes[name]
        while queue and not self.closing:
            due = queue[0]
            if due.key in self.ledger.due:
                result = await carry_out(self.targets.get(due.event.data.name), due)
                await self.publish(due, result)
                self.ledger.finish(due.key)
            queue.popleft()
        del self.lanes[name]

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fail(error)

    async def close(self, patience_s: float) -> None:
        """Begin nothing more; let what is under way end, for so long."""
        self.closing = True
        tasks = set(self.tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=patience_s)
            await ended(*late)
