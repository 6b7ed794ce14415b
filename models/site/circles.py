"""Circles in what must have none, found in one walk: O(n + m)."""

import numpy as np
import numpy.typing as npt

from models.compiled import compiled
from models.site.graph import Ints, Places

_NEW, _ON_THE_WAY, _DONE = range(3)


def closing(n: int, source: Ints, target: Ints) -> npt.NDArray[np.intp]:
    """Return the edges without which there is no circle: each closes one. `source`, `target`: (m,).

    A depth-first walk from each asset in turn, along edges in their order (Tarjan 1972): an edge
    back to an asset that the walk is still below closes a circle, and no other edge does.
    """
    order = np.argsort(source, kind="stable")
    start = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(source, minlength=n), out=start[1:])
    back = np.zeros(source.size, np.bool_)
    walk(start, target[order], back)
    return np.sort(order[back])


@compiled
def walk(start: Places, to: Ints, back: npt.NDArray[np.bool_]) -> None:
    """Mark in `back`, (m,), the rows of `to` that lead back. `start`: (n + 1,)."""
    n = start.size - 1
    state, row = np.zeros(n, np.uint8), start[:-1].copy()
    path = np.empty(n, np.int32)
    for first in range(n):
        if state[first] != _NEW:
            continue
        depth, path[0], state[first] = 1, first, _ON_THE_WAY
        while depth:
            here = path[depth - 1]
            if row[here] == start[here + 1]:
                state[here] = _DONE
                depth -= 1
                continue
            there = to[row[here]]
            back[row[here]] = state[there] == _ON_THE_WAY
            row[here] += 1
            if state[there] == _NEW:
                state[there] = _ON_THE_WAY
                path[depth] = there
                depth += 1
