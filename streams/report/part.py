"""One partition of `incidents` at work: reports of an incident in order, of several at once."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from models.report.desk import Desk
from models.report.due import Due
from streams.lanes import Lanes

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
    lanes: Lanes[Due] = field(init=False)

    def __post_init__(self) -> None:
        self.lanes = Lanes(self._work, self.fail)

    @property
    def due(self) -> int:
        """How many reports are due, and not written."""
        return len(self.lanes)

    def begin(self, due: Iterable[Due]) -> None:
        """Put reports into their queues."""
        for one in due:
            self.lanes.begin(one.about, one)

    async def _work(self, due: Due) -> None:
        await self.work(self.number, due)
        self.desk.wrote(due)

    async def close(self, patience_s: float) -> None:
        """Begin nothing more; let what is under way end, for so long."""
        await self.lanes.close(patience_s)

    def resume(self) -> int:
        """Return the offset to go on from after the end of this process."""
        oldest = self.desk.oldest()
        return self.offset if oldest is None else min(oldest, self.offset)
