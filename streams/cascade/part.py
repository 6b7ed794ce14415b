"""One partition of `anomalies` in this process's hands: its sites, and how far it was taken in."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic, perf_counter
from uuid import uuid4

from aiokafka import ConsumerRecord

from models import saved
from models.cascade.drive import Watch
from models.cascade.message import Unread, read
from models.cascade.saved import Snapshots
from models.site import Graph
from schemas.anomaly import Anomaly
from schemas.cascade import Incident
from schemas.events import OF_PARTITION, Event
from schemas.progress import Progress
from schemas.telemetry import Reject, Why
from streams import metrics

Told = Event[Anomaly] | Event[Progress]
_TURN_S = 0.25  # of work before anybody else has a turn
_SITE = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(slots=True)
class Done:
    """What came of some messages."""

    messages: int = 0
    incidents: list[tuple[str, Event[Incident]]] = field(default_factory=list)
    """With their site."""
    rejects: list[tuple[ConsumerRecord, Reject]] = field(default_factory=list)


@dataclass(slots=True)
class Part:
    """Watched sites by name; messages before `offset` have been taken in."""

    number: int
    snapshots: Snapshots
    offset: int
    graph_of: Callable[[str], Graph | None]
    watches: dict[str, Watch] = field(default_factory=dict)
    saved_offset: int = -1
    token: str = field(default_factory=lambda: uuid4().hex[:12])
    old: list[bytes] = field(default_factory=list)
    """Keys of earlier writers, to be deleted once our own snapshot stands."""
    due_s: float = 0.0

    def apply(self, records: Sequence[ConsumerRecord]) -> Done:
        """Take messages in, for a moment; say how many that were, and what came of them."""
        done, began = Done(), monotonic()
        for record in records:
            done.messages += 1
            if record.offset >= self.offset:
                self._take(record, done)
                self.offset = record.offset + 1
            if monotonic() - began > _TURN_S:
                break
        return done

    def _take(self, record: ConsumerRecord, done: Done) -> None:
        event, site = read(record.value or b""), (record.key or b"").decode("utf-8", "replace")
        if event is not None and not isinstance(event, Unread) and not _SITE.fullmatch(site):
            event = Unread(Why.BAD_NAME, "the key is no name of a site")
        if isinstance(event, Unread):
            done.rejects.append((record, Reject(0, *event)))
        elif event is not None:
            done.incidents += [(site, one) for one in self._told(site, event, _of(record))]

    def _told(self, site: str, event: Told, of: int) -> list[Event[Incident]]:
        watch = self.watches.get(site) or self._begin(site)
        steps, known, late = watch.steps, watch.order.known, watch.order.late
        began = perf_counter()
        told = watch.take(event, of)
        if watch.steps > steps:
            metrics.EXPLAIN_S.observe((perf_counter() - began) / (watch.steps - steps))
        metrics.ANOMALIES_TAKEN.inc(not isinstance(event.data, Progress))
        metrics.ANOMALIES_KNOWN.inc(watch.order.known - known)
        metrics.ANOMALIES_LATE.inc(watch.order.late - late)
        return told

    def _begin(self, site: str) -> Watch:
        watch = self.watches[site] = Watch.of(site)
        watch.move(self.graph_of(site))
        return watch

    def move(self, sites: Sequence[str]) -> None:
        """Go on with the graphs that sites have now."""
        for site in sites:
            if site in self.watches:
                self.watches[site].move(self.graph_of(site))

    def pairs(self) -> saved.Pairs:
        """Return what is to be written of it as it stands."""
        snapshot = self.snapshots.take(self.watches.values(), self.offset)
        old, self.old = self.old, []
        return saved.pairs(snapshot, self.token, old)

    def tell(self, end: int | None) -> None:
        """Set the gauges. `end`: of the partition, where that is known."""
        watches = self.watches.values()
        metrics.SIGNS.labels(str(self.number)).set(sum(len(w.cascade.groups.all) for w in watches))
        metrics.STRANGERS.labels(str(self.number)).set(sum(w.strangers for w in watches))
        if end is not None:
            metrics.CASCADE_LAG.labels(str(self.number)).set(max(end - self.offset, 0))


def _of(record: ConsumerRecord) -> int:
    """Return the partition of `readings` that an event comes from; -1: it does not say."""
    said = dict(record.headers).get(OF_PARTITION, b"")
    return int(said) if said.isdigit() and len(said) < 6 else -1  # noqa: PLR2004 - a partition
