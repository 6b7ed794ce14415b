"""One partition of `incidents` at work: reports of an incident in order, of several at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from models.report.desk import Desk
from models.report.due import Due

Work = Callable[[int, Due], Awaitable[None]]
"""Returns when Kafka has acknowledged the report."""


@dataclass(slots=True)
class Part:
    """The desk of a partition, and the tasks that write what is due."""

    number: int
    desk: Desk
    offset: int
    """Of the next message."""
    end: int
    """Of the partition when it was taken up: until there time is that of the messages."""
    work: Work
    fail: Callable[[BaseException], None]
    lanes: dict[str, deque[Due]] = field(default_factory=dict)
    tasks: set["asyncio.Task[Any]"] = field(default_factory=set)
    closing: bool = False

    @property
    def due(self) -> int:
        """How many reports are due, and not written."""
        return sum(map(len, self.lanes.values()))

    def begin(self, due: Iterable[Due]) -> None:
        """Put reports into their queues."""
        for one in due:
            queue = self.lanes.setdefault(one.about, deque())
            queue.append(one)
            if len(queue) == 1:
                task = asyncio.create_task(self._work(one.about))
                self.tasks.add(task)
                task.add_done_callback(self._ended)

    async def _work(self, name: str) -> None:
        queue = self.lanes[name]
        while queue and not self.closing:
            await self.work(self.number, queue[0])
            self.desk.wrote(queue.popleft())
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
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    def resume(self) -> int:
        """Return the offset to go on from after the end of this process."""
        oldest = self.desk.oldest()
        return self.offset if oldest is None else min(oldest, self.offset)
