"""What stands around an asset in the site graph, step by step outwards."""

from math import isnan
from typing import NamedTuple

from models.report.say import cut
from models.site import ASSET_KINDS, EDGE_KINDS, MEDIUMS, Graph
from schemas.ask.signals import Neighbour

_NAME = 249


class Step(NamedTuple):
    """The last step of the shortest way to an asset; all are places in the graph's arrays."""

    hops: int
    kind: int
    to: int
    by: int
    row: int


def steps(graph: Graph, asset: str, hops: int) -> list[Step]:
    """Return the step to every asset within `hops`, once each: the nearest first, then by edge.

    O(edges looked at): all of a site's, in three steps from where everything stands. Raises
    `KeyError` for an asset that is none.
    """
    first = graph.index[asset]
    seen, ring, found = {first}, [first], list[Step]()
    for hop in range(1, hops + 1):
        new: dict[int, Step] = {}
        for place in ring:
            for one in _from(graph, place, hop):
                if one.to not in seen:
                    new.setdefault(one.to, one)
        seen |= new.keys()
        ring = list(new)
        found += sorted(new.values(), key=lambda one: (one.kind, graph.names[one.to]))
    return found


def _from(graph: Graph, place: int, hop: int) -> list[Step]:
    rows = range(int(graph.start[place]), int(graph.start[place + 1]))
    there = slice(rows.start, rows.stop)
    pairs = zip(graph.how[there].tolist(), graph.to[there].tolist(), rows, strict=True)
    return [Step(hop, how // 2, to, place, row) for how, to, row in pairs]


def neighbour(graph: Graph, step: Step) -> Neighbour:
    """Return an asset as it is told."""
    edge = int(graph.edge[step.row])
    capacity = float(graph.capacity[edge])
    return Neighbour(
        name=cut(graph.names[step.to], _NAME),
        kind=ASSET_KINDS[int(graph.kinds[step.to])],
        hops=step.hops,
        by=cut(graph.names[step.by], _NAME),
        edge=EDGE_KINDS[step.kind],
        against=bool(graph.how[step.row] % 2),
        medium=MEDIUMS[graph.medium[edge]],
        capacity=None if isnan(capacity) else capacity,
    )
