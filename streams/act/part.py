"""One partition of `actions` at work: a queue an asset, each done in order, all at once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from models.act.ledger import Due, Ledger
from models.act.message import Result
from models.act.policy import lane
from streams.act.carry_out import carry_out
from streams.act.target import Target
from streams.lanes import Lanes

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
    lanes: Lanes[Due] = field(init=False)

    def __post_init__(self) -> None:
        self.lanes = Lanes(self._work, self.fail)

    def begin(self, due: Due) -> None:
        """Put an action into its queue."""
        target = self.targets.get(due.event.data.name)
        self.lanes.begin(lane(target.action if target else None, due), due)

    async def _work(self, due: Due) -> None:
        if due.key in self.ledger.due:
            result = await carry_out(self.targets.get(due.event.data.name), due)
            await self.publish(due, result)
            self.ledger.finish(due.key)

    async def close(self, patience_s: float) -> None:
        """Begin nothing more; let what is under way end, for so long."""
        await self.lanes.close(patience_s)
