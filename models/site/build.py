"""From the parts of a site to its graph. Whatever the parts say, there is a graph.

`cools` may go in circles: water does, and who states pipes states a circle. `feeds` and `contains`
may not; the edge that closes one is left out and told.
"""

from collections.abc import Iterable, Sequence
from types import MappingProxyType

import numpy as np

from models.site.assets import Assets
from models.site.circles import closing
from models.site.edges import Columns, Told, contained, sound
from models.site.graph import CONTAINS, EDGE_KINDS, FEEDS, Graph, ways
from models.site.merge import merged
from schemas.cascade.site_rows import Part
from schemas.cascade.trouble import Flaw, Trouble
from schemas.trigger import Severity


def build(parts: Iterable[Part]) -> tuple[Graph, tuple[Trouble, ...]]:
    """Return the union of all parts, and all that is wrong with it, in an order that is theirs.

    A path contains what stands below it, as far as both are assets. The same telling twice is no
    trouble. O((n + m) log m).
    """
    assets, told = Assets(), Told()
    troubles: list[Trouble] = []
    for part in parts:
        troubles += assets.add(part.assets)
        told.add(part.edges)
    troubles += assets.settle()
    kinds = assets.kinds
    edges, more = sound(told, told.columns(assets.index), kinds)
    troubles += more
    edges, more = merged(edges.joined(contained(assets.paths())), assets.names)
    troubles += more
    edges, more = _without_circles(edges, assets.names)
    return _graph(assets, edges), (*troubles, *more)


def _without_circles(edges: Columns, names: Sequence[str]) -> tuple[Columns, list[Trouble]]:
    left = np.zeros(edges.kind.size, np.bool_)
    for kind in (FEEDS, CONTAINS):
        rows = np.flatnonzero(edges.kind == kind)
        left[rows[closing(len(names), edges.source[rows], edges.target[rows])]] = True
    return edges.taken(~left), [_circle(edges, row, names) for row in np.flatnonzero(left)]


def _circle(edges: Columns, row: np.intp, names: Sequence[str]) -> Trouble:
    source, target = names[edges.source[row]], names[edges.target[row]]
    edge = f"{source} {EDGE_KINDS[edges.kind[row]]} {target}"
    detail = f"{target} leads to {source} already"
    return Trouble(Flaw.CYCLE, Severity.CRITICAL, source, edge, detail)


def _graph(assets: Assets, edges: Columns) -> Graph:
    n = len(assets.names)
    both = ways(n, edges.source, edges.target, edges.kind)
    index = MappingProxyType(assets.index)
    return Graph(tuple(assets.names), index, assets.kinds, **both._asdict(), **edges._asdict())
