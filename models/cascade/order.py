"""Anomalies of all partitions in one order of event time, whoever came first.

What a partition tells keeps its order; how those of several fall between each other is chance. So
an anomaly is due at its event time, but not before what its own partition had told of, and the time
up to which all is there is that of the last partition that keeps up. As long as all keep up, the
same anomalies are due at the same times, however the partitions were mixed.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final, NamedTuple

from models.gaps import NEVER
from models.progress import SECOND_NS, least
from models.words import nanoseconds
from schemas.anomaly import Anomaly
from schemas.events import Event, Kind

LAG_NS: Final = 2 * SECOND_NS
"""Assets of a partition may be so far behind what it has told of."""
AHEAD_NS: Final = 30 * SECOND_NS
"""Who is farther ahead of its partition has a wrong clock, and is not waited for."""
SETTLE_NS: Final = 10 * SECOND_NS
"""At first, so much time must pass until every partition has said where it is."""
KEPT_NS: Final = 3_600 * SECOND_NS
KEPT, MOST_KEPT = 16_384, 262_144
"""Ids are known for so long, of so many at least and at most; what opens later tells of nothing."""
FOREVER: Final = 2**63 - 1


class Due(NamedTuple):
    """An anomaly and when it counts."""

    time_ns: int
    id: str
    event: Event[Anomaly]


@dataclass(slots=True)
class Order:
    """Anomalies that wait for their time, and how far each partition of `readings` has come."""

    reached: dict[int, int] = field(default_factory=dict)
    """By partition; it never goes back."""
    waiting: list[Due] = field(default_factory=list)
    """A heap."""
    seen: OrderedDict[str, int] = field(default_factory=OrderedDict)
    """When those with these ids were due, in order of coming."""
    began_ns: int = NEVER
    """The first that was told."""
    upto_ns: int = NEVER
    """Up to here all is there."""
    known: int = 0
    """Dropped: seen before."""
    late: int = 0
    """Dropped: too late by far."""

    def take(self, event: Event[Anomaly], partition: int) -> None:
        """Take an anomaly in. `partition`: of `readings`; -1: nobody knows."""
        time_ns = nanoseconds(event.time)
        if event.id in self.seen:
            self.known += 1
        elif event.type is Kind.ANOMALY_OPENED and time_ns < self.upto_ns - KEPT_NS:
            self.late += 1
        else:
            due = Due(self._due_ns(time_ns, partition), event.id, event)
            heappush(self.waiting, due)
            self.seen[event.id] = due.time_ns

    def _due_ns(self, time_ns: int, partition: int) -> int:
        told_ns = self.reached.get(partition)
        if told_ns is None:
            return time_ns
        return min(max(time_ns, told_ns - LAG_NS + 1), told_ns + AHEAD_NS)

    def reach(self, partition: int, time_ns: int) -> int:
        """Know how far a partition has come; return up to when all is there."""
        self.reached[partition] = max(self.reached.get(partition, NEVER), time_ns)
        if self.began_ns == NEVER:
            self.began_ns = time_ns
        if max(self.reached.values()) - self.began_ns >= SETTLE_NS:
            self.upto_ns = max(self.upto_ns, least(self.reached.values()) - LAG_NS)
            self._forget()
        return self.upto_ns

    def _forget(self) -> None:
        while len(self.seen) > KEPT:
            name, due_ns = next(iter(self.seen.items()))
            if due_ns >= self.upto_ns - KEPT_NS and len(self.seen) <= MOST_KEPT:
                break
            del self.seen[name]

    def next_ns(self) -> int:
        """Return when the next one is due; `FOREVER`: none is."""
        return self.waiting[0].time_ns if self.waiting else FOREVER

    def until(self, now_ns: int) -> Iterator[Due]:
        """Take out what is due by `now_ns`, by time and id."""
        while self.waiting and self.waiting[0].time_ns <= now_ns:
            yield heappop(self.waiting)
