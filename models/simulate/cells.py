"""What must be seen together: the cells of a simulated site."""

from collections.abc import Iterator

import numpy as np

from models.simulate.layout import Layout
from models.simulate.placement import Ints
from schemas.settings import Cell


def cells(layout: Layout) -> tuple[Cell, ...]:
    """List a rack with its nodes, a switch, a loop with its CDUs, a feed with its PDUs."""
    return (
        *_loops("cooling", ("chiller", "pump", "tower"), "cdu", layout),
        *_loops("power", ("transformer", "ups"), "pdu", layout),
        *(Cell(name=name, assets=(name,)) for name in layout.assets["utility"]),
        *_racks(layout),
        *(Cell(name=n, assets=(n, f"{n}/*")) for k in ("leaf", "spine") for n in layout.assets[k]),
    )


def _racks(layout: Layout) -> Iterator[Cell]:
    for i, rack in enumerate(layout.assets["rack"]):
        nodes = [layout.assets["node"][j] for j in np.flatnonzero(layout.node_rack == i)]
        yield Cell(name=rack, assets=(rack, *nodes, *(f"{node}/*" for node in nodes)))


def _loops(name: str, kinds: tuple[str, ...], part: str, layout: Layout) -> Iterator[Cell]:
    groups: dict[str, Ints] = {"cdu": layout.cdu_loop, "pdu": layout.pdu_loop}
    for i in range(layout.loops):
        parts = [layout.assets[part][j] for j in np.flatnonzero(groups[part] == i)]
        yield Cell(name=f"{name}-{i + 1}", assets=(*(f"{k}-{i + 1}" for k in kinds), *parts))
