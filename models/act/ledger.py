"""What of one partition of `actions` is to be done, and what is over. The topic is the ledger.

An action is over when its end stands in the partition, wherever: before a request that is told
again, or behind it. It is done while it is due; so it is done once, also where a process dies
between the deed and the end, and the deed is then asked for again under the same key.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from models.act.message import Over
from schemas.events import Event
from schemas.trigger import Action


class Due(NamedTuple):
    """An action to be done."""

    event: Event[Action]
    partition: int
    offset: int
    asked_s: float
    """When, s since 1970, by the message's Kafka timestamp."""
    label: bytes | None = None
    """Key of the message: its end goes under the same."""

    @property
    def key(self) -> str:
        """The action's id: the idempotency key."""
        return self.event.data.action


@dataclass(slots=True)
class Ledger:
    """One partition: read it in order, from `offset`."""

    offset: int
    """Next to read."""
    due: dict[str, Due] = field(default_factory=dict)
    """By key, in the order of the topic."""
    over: set[str] = field(default_factory=set)
    """Keys of actions whose end was read or acknowledged: 90 bytes each."""

    def take(self, entry: Due | Over) -> bool:
        """Take one message in. Whether there is more to do than before."""
        if isinstance(entry, Over):
            self.finish(entry.action)
            return False
        if entry.key in self.over or entry.key in self.due:
            return False
        self.due[entry.key] = entry
        return True

    def finish(self, key: str) -> None:
        """Know that the end of an action stands in the topic."""
        self.over.add(key)
        self.due.pop(key, None)

    def resume(self) -> int:
        """Return where one who takes over must begin to read: at the oldest that is not over."""
        return min((one.offset for one in self.due.values()), default=self.offset)
