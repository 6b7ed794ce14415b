"""A gauge that only ever grows may be a counter: said once a point, and nothing is changed.

Uptimes and clocks grow too: only people know, and can declare it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models import happened as tell
from schemas.units import PointKind

if TYPE_CHECKING:
    from models.rows import Table
    from models.state import State


def told_once(state: State, happened: Table) -> Table:
    """Return what happened, of signals that only grow the first of each point alone."""
    grown = np.flatnonzero(happened["what"] == tell.GROWS)
    if not len(grown):
        return happened
    return np.delete(happened, [i for i in grown if not _is_news(state, happened["row"][i])])


def _is_news(state: State, row: int) -> bool:
    point = int(state.signals.all["point"][row])
    known = state.config.known(state.names.points[point])
    if known.kind is not PointKind.GAUGE or point in state.grown.rows:
        return False
    state.grown.reserve(1)
    state.grown.all[state.grown.size] = point
    state.grown.size += 1
    return True
