"""A site that nobody told of: its graph is guessed from the assets that anomalies are about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final

from models.cascade.order import FOREVER
from models.gaps import NEVER
from models.progress import SECOND_NS
from models.site import Graph, build, discovered
from schemas.anomaly import Anomaly
from schemas.cascade import Edge, EdgeKind, Inventory

PAUSE_NS: Final = 10 * SECOND_NS
"""The graph is guessed anew no sooner than after this."""
MOST, LONGEST = 100_000, 249
"""Assets, and characters of a name; beyond these none is remembered."""
POINTS: Final = 4
"""Of an asset; they help to guess what it is."""


@dataclass(slots=True)
class Seen:
    """What anomalies have said of an asset."""

    cell: str
    points: list[str] = field(default_factory=list)
    used: int = -1
    """So many of the points were used when the graph was guessed last; -1: it is not in it."""


@dataclass(slots=True)
class Guessed:
    """The assets that were seen, and whether there are new ones."""

    assets: dict[str, Seen] = field(default_factory=dict)
    is_asked: bool = True
    """No graph was told."""
    is_new: bool = False
    guessed_ns: int = NEVER
    """When the graph was guessed last."""

    def see(self, anomaly: Anomaly) -> None:
        """Remember an asset."""
        name, point = anomaly.asset, anomaly.point
        if not 0 < len(name) <= LONGEST:
            return
        seen = self.assets.get(name)
        if seen is None:
            if len(self.assets) >= MOST:
                return
            seen = self.assets[name] = Seen(anomaly.cell)
            self.is_new = True
        if point and point not in seen.points and len(seen.points) < POINTS:
            seen.points.append(point)
            self.is_new = True

    def due_ns(self) -> int:
        """Return when the graph is to be guessed; `FOREVER`: it need not be."""
        return self.guessed_ns + PAUSE_NS if self.is_asked and self.is_new else FOREVER

    def graph(self, site: str, now_ns: int) -> Graph:
        """Guess the graph: paths contain what is below them, and cells what is in them."""
        self.is_new, self.guessed_ns = False, now_ns
        for seen in self.assets.values():
            seen.used = len(seen.points)
        return self.rebuilt(site)

    def rebuilt(self, site: str) -> Graph:
        """Return the graph as it was guessed last."""
        used = {name: seen for name, seen in self.assets.items() if seen.used >= 0}
        cells = {seen.cell for seen in used.values() if 0 < len(seen.cell) <= LONGEST}
        points = {name: seen.points[: seen.used] for name, seen in used.items()}
        found = discovered((*used, *cells), points, site=site)
        edges = Inventory(site=site, part="cells", edges=tuple(_contained(used)))
        return build([found, edges])[0]


def _contained(assets: Mapping[str, Seen]) -> Iterator[Edge]:
    for name, seen in sorted(assets.items(), key=itemgetter(0)):
        cell = seen.cell
        is_apart = cell != name and not f"{name}/".startswith(f"{cell}/")
        if 0 < len(cell) <= LONGEST and is_apart:
            yield Edge(kind=EdgeKind.CONTAINS, source=cell, target=name)
