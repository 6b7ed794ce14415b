"""Which crews something that breaks can slow down, silence or warm."""

import numpy as np

from models.simulate.layout import Layout
from models.simulate.placement import Ints
from models.simulate.relations import node_of, nodes_under

_DEVICES = frozenset(("node", "nvswitch", "gpu", "ib", "port"))


def crews_of(layout: Layout, kind: str, i: int) -> Ints:
    """Return the crews that depend on an asset; of facility all that its loop carries."""
    if kind in _DEVICES:
        return layout.node_crew[[node_of(layout, kind, i)]]
    if kind in ("uplink", "spineport", "leaf", "spine"):
        return _through(layout, kind, i)
    loop_of = {"pdu": layout.pdu_loop, "cdu": layout.cdu_loop}
    if kind in loop_of:
        return _on(layout, "ups", int(loop_of[kind][i]))
    if kind == "rack":
        return _on(layout, "ups", int(layout.pdu_loop[layout.rack_pdu[i]]))
    return _on(layout, kind, i)


def _on(layout: Layout, kind: str, i: int) -> Ints:
    return np.unique(layout.node_crew[nodes_under(layout, kind, i)])


def _through(layout: Layout, kind: str, i: int) -> Ints:
    """Return the crews whose traffic goes through a switch or an uplink."""
    wiring, flows = layout.wiring, layout.flows
    groups = {"leaf": wiring.uplink_leaf, "spine": wiring.uplink_spine}
    group = groups.get(kind, np.arange(len(wiring.uplink_leaf)))
    crosses = (group[flows.out] == i) | (group[flows.into] == i)
    return np.unique(flows.crew[crosses])
