"""Queues of a partition: what is of one thing is done in order, of several at once."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from streams.member import ended

T = TypeVar("T")


class Lanes(Generic[T]):
    """Tasks that do what is due, a queue each; a task that fails tells `fail`."""

    def __init__(
        self, work: Callable[[T], Awaitable[None]], fail: Callable[[BaseException], None]
    ) -> None:
        self._work, self._fail = work, fail
        self._lanes: dict[str, deque[T]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing = False

    def __len__(self) -> int:
        """Return how many are due, or under way."""
        return sum(map(len, self._lanes.values()))

    def begin(self, name: str, due: T) -> None:
        """Put one behind what is due of the same name."""
        queue = self._lanes.setdefault(name, deque())
        queue.append(due)
        if len(queue) == 1:
            task = asyncio.create_task(self._go_on(name, queue))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    async def _go_on(self, name: str, queue: deque[T]) -> None:
        while queue and not self._closing:
            await self._work(queue[0])
            queue.popleft()
        del self._lanes[name]

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)

    async def close(self, patience_s: float) -> None:
        """Begin nothing more; let what is under way end, for so long."""
        self._closing = True
        tasks = set(self._tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=patience_s)
            await ended(*late)
