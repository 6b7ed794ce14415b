"""One site over time: anomalies in, in any batches; incidents out, on a grid of event time.

The cascade is asked at whole seconds, and only where something can happen: so what is told does not
depend on how far event time moved at once.
"""

from dataclasses import dataclass, field
from typing import Final

from models.cascade.cascade import Cascade
from models.cascade.guessed import Guessed
from models.cascade.order import FOREVER, Order
from models.gaps import NEVER
from models.progress import SECOND_NS
from models.site import Graph, build
from models.words import nanoseconds
from schemas.anomaly import Anomaly
from schemas.cascade import Incident
from schemas.events import Event
from schemas.progress import Progress

GRID_NS: Final = SECOND_NS
PATIENCE: Final = 20
"""Where nothing comes, it is looked again after this part of the time for which nothing has."""


@dataclass(slots=True)
class Watch:
    """All that is remembered of a site. `take` is the only thing that moves it."""

    cascade: Cascade
    order: Order = field(default_factory=Order)
    guessed: Guessed = field(default_factory=Guessed)
    stepped_ns: int = NEVER
    """Up to here the cascade was asked."""
    steps: int = 0
    """How often it was."""
    given_ns: int = NEVER
    """When an anomaly was given to it last."""

    @classmethod
    def of(cls, name: str) -> "Watch":
        """Begin to watch a site, of which nothing is known."""
        return cls(Cascade.of(name, build([])[0]))

    def move(self, graph: Graph | None) -> None:
        """Go on with the graph that was told; None: what there is, is guessed from anomalies."""
        was_guessed, self.guessed.is_asked = self.guessed.is_asked, graph is None
        if graph is not None:
            self.cascade.move(graph)
            self.cascade.changed |= bool(self.cascade.groups.all)
        elif not was_guessed:
            self.guessed.is_new = bool(self.guessed.assets)

    def take(self, event: Event[Anomaly] | Event[Progress], of: int = -1) -> list[Event[Incident]]:
        """Take one event of `anomalies` in; return what is to be told.

        `of`: the partition of `readings` that an anomaly comes from; -1: nobody knows.
        """
        if isinstance(event.data, Progress):
            told = event.data
            return self._move_on(self.order.reach(told.partition, nanoseconds(told.reached)))
        self.order.take(event, of)
        return []

    def _move_on(self, upto_ns: int) -> list[Event[Incident]]:
        upto_ns = upto_ns // GRID_NS * GRID_NS
        told: list[Event[Incident]] = []
        while (now_ns := self._next_ns()) <= upto_ns:
            told += self._step(now_ns)
        self.stepped_ns = max(self.stepped_ns, upto_ns)
        return told

    def _next_ns(self) -> int:
        """Return the next time on the grid at which something can happen."""
        soon_ns = min(self.order.next_ns(), self._look_ns(), self.guessed.due_ns())
        return max(-(-soon_ns // GRID_NS) * GRID_NS, self.stepped_ns + GRID_NS)

    def _look_ns(self) -> int:
        """Return when the cascade is to be asked, if nothing comes: a week passes in few steps."""
        due_ns, looked_ns = self.cascade.due_ns(), self.cascade.looked_ns
        if self.cascade.changed or due_ns == FOREVER:
            return due_ns
        return max(due_ns, looked_ns + (looked_ns - self.given_ns) // PATIENCE)

    def _step(self, now_ns: int) -> list[Event[Incident]]:
        for due in self.order.until(now_ns):
            self.cascade.take(due.event, due.time_ns)
            self.guessed.see(due.event.data)
            self.given_ns = now_ns
        if self.guessed.due_ns() <= now_ns:
            self.cascade.move(self.guessed.graph(self.cascade.name, now_ns))
            self.cascade.changed = True
        self.stepped_ns = now_ns
        self.steps += self.cascade.due_ns() <= now_ns
        return self.cascade.step(now_ns)

    @property
    def strangers(self) -> int:
        """How many assets show something and are not in the graph."""
        graph = self.cascade.graph
        return len({asset for asset, _ in self.cascade.groups.all if graph.place(asset) < 0})
