"""Watched sites to bytes and back: plain data in JSON, with a layout that says what it is of.

The pieces go where the worker's do: `models.saved` puts them under keys, and finds the whole ones.
A graph is not saved but for what it is guessed from; causes go by name, so it may be another one.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Final

import msgspec
import numpy as np

from models import document
from models.cascade.cascade import Cascade
from models.cascade.delays import Delays
from models.cascade.drive import Watch
from models.cascade.explain import Rival
from models.cascade.fates import Fates
from models.cascade.groups import Group, Groups, Key, Stay
from models.cascade.guessed import Guessed, Seen
from models.cascade.incidents import Foretold, Incidents, Standing
from models.cascade.order import Due, Order
from models.cascade.physics import FAULTS, Wave
from models.cascade.says import Says
from models.site import ASSET_KINDS, MEDIUMS, Graph, build
from models.snapshot import Manifest, Snapshot

VERSION: Final = 2
_Rows = list[list[float]]


class Queue(msgspec.Struct):
    """An `Order`."""

    reached: dict[int, int]
    waiting: list[Due]
    seen: list[tuple[str, int]]
    began_ns: int
    upto_ns: int
    known: int
    late: int


class Saved(msgspec.Struct):
    """A `Watch`."""

    name: str
    looked_ns: int
    changed: bool
    groups: list[Group]
    opened: list[tuple[str, Key]]
    stays: list[tuple[str, Stay]]
    fates: tuple[int, int, int]
    """Folded, work, neither."""
    fate_of: list[tuple[Key, int]]
    incidents: list[Standing]
    causes: list[tuple[str, str]]
    """Asset and other end of each incident's cause, by name; empty: none."""
    delays: dict[str, _Rows]
    queue: Queue
    guessed: Guessed
    stepped_ns: int
    steps: int
    given_ns: int


_ROWS: Final = (Saved, Queue, Group, Standing, Foretold, Rival, Stay, Due, Seen, Guessed, Delays)


@dataclass(slots=True)
class Snapshots:
    """What has been written of one partition of `anomalies` so far."""

    partitions: int
    topic: str = ""
    """Kafka's id of `anomalies`."""
    generation: int = 0

    def take(self, watches: Iterable[Watch], offset: int) -> Snapshot:
        """Return all that stands at `offset`, to be written."""
        self.generation += 1
        stands = document.Stands(
            VERSION, layout(), offset, self.generation, self.partitions, self.topic
        )
        return document.snapshot(document.dump([_saved(one) for one in watches]), stands)


def layout() -> str:
    """Return a digest of what is saved and of the words that its numbers stand for."""
    words = ([*Says.__members__], [*Wave.__members__], FAULTS, ASSET_KINDS, MEDIUMS)
    return document.layout(VERSION, _ROWS, words)


def load(
    manifest: Manifest, chunks: list[bytes], graph_of: Callable[[str], Graph | None]
) -> dict[str, Watch]:
    """Rebuild watched sites, by name. Raises `SnapshotError` where the pieces do not fit.

    `graph_of`: the graph that was told of a site; None: it is guessed.
    """
    document.check(manifest, VERSION, layout())
    rows = document.load(b"".join(chunks), list[Saved])
    return {one.name: _watch(one, graph_of(one.name)) for one in rows}


def _saved(watch: Watch) -> Saved:
    cascade, order = watch.cascade, watch.order
    return Saved(
        name=cascade.name,
        looked_ns=cascade.looked_ns,
        changed=cascade.changed,
        groups=list(cascade.groups.all.values()),
        opened=list(cascade.groups.opened.items()),
        stays=list(cascade.groups.stays.items()),
        fates=(cascade.fates.folded, cascade.fates.work, cascade.fates.neither),
        fate_of=list(cascade.fates.of.items()),
        incidents=cascade.incidents.all,
        causes=[_named(cascade.graph, one.cause) for one in cascade.incidents.all],
        delays={
            one.name: getattr(cascade.spread.delays, one.name).tolist() for one in fields(Delays)
        },
        queue=Queue(
            order.reached,
            order.waiting,
            list(order.seen.items()),
            order.began_ns,
            order.upto_ns,
            order.known,
            order.late,
        ),
        guessed=watch.guessed,
        stepped_ns=watch.stepped_ns,
        steps=watch.steps,
        given_ns=watch.given_ns,
    )


def _named(graph: Graph, cause: Rival | None) -> tuple[str, str]:
    if cause is None:
        return "", ""
    return graph.names[cause.asset], graph.names[cause.other] if cause.other >= 0 else ""


def _watch(saved: Saved, told: Graph | None) -> Watch:
    was_guessed = saved.guessed.is_asked
    if told is None:
        graph = saved.guessed.rebuilt(saved.name) if was_guessed else build([])[0]
    else:
        graph = told
    cascade = Cascade.of(saved.name, graph)
    cascade.looked_ns, cascade.changed = saved.looked_ns, saved.changed
    groups = {group.key: group for group in saved.groups}
    cascade.groups = Groups(groups, dict(saved.opened), dict(saved.stays))
    cascade.fates = Fates(*saved.fates, dict(saved.fate_of))
    cascade.spread.delays = Delays(**{name: np.array(one) for name, one in saved.delays.items()})
    for standing, names in zip(saved.incidents, saved.causes, strict=True):
        standing.cause = standing.cause and _placed(graph, standing.cause, names)
    cascade.incidents = Incidents(saved.name, saved.incidents)
    order = _order(saved.queue)
    watch = Watch(cascade, order, saved.guessed, saved.stepped_ns, saved.steps, saved.given_ns)
    if (told is None) != was_guessed:
        watch.move(told)
    return watch


def _order(queue: Queue) -> Order:
    return Order(
        queue.reached,
        queue.waiting,
        OrderedDict(queue.seen),
        queue.began_ns,
        queue.upto_ns,
        queue.known,
        queue.late,
    )


def _placed(graph: Graph, cause: Rival, names: tuple[str, str]) -> Rival | None:
    asset = graph.place(names[0])
    other = graph.place(names[1]) if names[1] else -1
    if asset < 0 or (names[1] and other < 0):
        return None
    return cause._replace(asset=asset, other=other)
