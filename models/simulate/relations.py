"""Who a fault reaches: (layout, kind and index of the broken asset) -> names."""

from collections.abc import Callable, Iterable

import numpy as np

from models.simulate.layout import Layout
from models.simulate.placement import Ints

_Reach = Callable[[Layout, str, int], list[str]]


def names(kind: str, layout: Layout, which: Iterable[int] | Ints) -> list[str]:
    """Return the names of assets of one kind."""
    return [layout.assets[kind][int(i)] for i in which]


def _gpus(layout: Layout, nodes: Ints) -> list[str]:
    which = (nodes[:, None] * layout.gpus + np.arange(layout.gpus)).ravel()
    return names("gpu", layout, which)


def _nics(kind: str, layout: Layout, nodes: Ints) -> list[str]:
    which = (nodes[:, None] * layout.rails + np.arange(layout.rails)).ravel()
    return names(kind, layout, which)


def node_of(layout: Layout, kind: str, i: int) -> int:
    """Return the node that a device is in."""
    return i // {"gpu": layout.gpus, "ib": layout.rails, "port": layout.rails}.get(kind, 1)


def nodes_under(layout: Layout, kind: str, i: int) -> Ints:
    """Return the nodes that hang on a node, rack, PDU, CDU, or on a loop's plant."""
    rack = layout.node_rack
    groups = {
        "rack": rack,
        "pdu": layout.rack_pdu[rack],
        "cdu": layout.rack_cdu[rack],
        "utility": np.zeros(layout.nodes, np.int64),
    }
    group = groups.get(kind, layout.node_loop)
    return np.flatnonzero(group == i)


def _crew(layout: Layout, kind: str, i: int) -> Ints:
    mine = layout.node_crew[node_of(layout, kind, i)]
    return np.flatnonzero(layout.node_crew == mine)


def _same(target: str) -> _Reach:
    return lambda layout, _, i: names(target, layout, [i])


def _within(target: str, group: Callable[[Layout], Ints]) -> _Reach:
    return lambda layout, _, i: names(target, layout, np.flatnonzero(group(layout) == i))


def _other_end(layout: Layout, kind: str, i: int) -> list[str]:
    return names(OTHER_END[kind], layout, [i])


OTHER_END = {"ib": "port", "port": "ib", "uplink": "spineport", "spineport": "uplink"}
"""The kind of the other end of a link; it has the same index."""

RELATIONS: dict[str, _Reach] = {
    "itself": lambda layout, kind, i: names(kind, layout, [i]),
    "other_end": _other_end,
    "job_links": lambda layout, kind, i: _nics("ib", layout, _crew(layout, kind, i)),
    "job_gpus": lambda layout, kind, i: _gpus(layout, _crew(layout, kind, i)),
    "job_others": lambda layout, kind, i: [
        name for name in _gpus(layout, _crew(layout, kind, i)) if name != layout.assets[kind][i]
    ],
    "node_gpus": lambda layout, kind, i: _gpus(layout, np.array([node_of(layout, kind, i)])),
    "spine_ports": _within("spineport", lambda layout: layout.wiring.uplink_spine),
    "rack": lambda layout, kind, i: names(
        "rack", layout, [layout.node_rack[node_of(layout, kind, i)]]
    ),
    "rack_nodes": lambda layout, kind, i: names("node", layout, nodes_under(layout, kind, i)),
    "rack_ports": lambda layout, kind, i: _nics("port", layout, nodes_under(layout, kind, i)),
    "pdu": lambda layout, _, i: names("pdu", layout, [layout.rack_pdu[i]]),
    "cdu": lambda layout, _, i: names("cdu", layout, [layout.rack_cdu[i]]),
    "pdu_nodes": lambda layout, kind, i: names("node", layout, nodes_under(layout, kind, i)),
    "cdu_nodes": lambda layout, kind, i: names("node", layout, nodes_under(layout, kind, i)),
    "cdu_racks": _within("rack", lambda layout: layout.rack_cdu),
    "loop_cdus": _within("cdu", lambda layout: layout.cdu_loop),
    "ups_pdus": _within("pdu", lambda layout: layout.pdu_loop),
    "chillers": _same("chiller"),
    "ups": lambda layout, kind, i: names(
        "ups", layout, [layout.pdu_loop[i] if kind == "pdu" else i]
    ),
    "transformers": lambda layout, _kind, _: list(layout.assets["transformer"]),
    "all_ups": lambda layout, _kind, _: list(layout.assets["ups"]),
    "nodes_cooled": lambda layout, kind, i: names("node", layout, nodes_under(layout, kind, i)),
    "gpus_cooled": lambda layout, kind, i: _gpus(layout, nodes_under(layout, kind, i)),
}
