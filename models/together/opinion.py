"""A second opinion on an asset's rows: river's half-space trees, and whether their answers drift.

Trees of random halves of the space of signals say how few rows fell where this one does (Tan, Ting
& Liu 2011, Fast anomaly detection for streaming data, IJCAI); Page's test says whether that has
shifted (Page 1954, Continuous inspection schemes). Signals are scaled by their centre and spread.
river (Montiel et al. 2021, JMLR 22:110) is imported where an asset is chosen for this, and only
there. What it remembers is saved as plain numbers, 20 KB an asset; in memory, as objects, it takes
`BYTES`. Some 10 us a row, however many signals.
"""

from __future__ import annotations

from math import isfinite, log10
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models.compiled import Int16, Int32, layout
from models.gaps import NEVER
from schemas.telemetry import Floats

if TYPE_CHECKING:
    from river.anomaly import HalfSpaceTrees
    from river.drift import PageHinkley

    from models.rows import Table

TREES: Final = 10
HEIGHT: Final = 6
WINDOW: Final = 250  # rows that the trees compare with
SEED: Final = 1
NODES: Final = TREES * (2 ** (HEIGHT + 1) - 1)
"""Of all trees."""
BYTES: Final = 300_000
"""What an opinion takes in memory: objects, one a node."""
_LEAST = 1e-9  # share of the rows


class Node:
    """One node of a tree, in the order of a walk that goes deep first."""

    threshold: float
    signal: Int16
    """-1: a leaf."""
    now: Int16
    """Rows of this window that passed it."""
    before: Int16
    """And of the window before."""


class Row:
    """What is remembered besides the trees."""

    drifted_ns: int
    """Event time of the last drift; `NEVER`: there was none."""
    mean: float
    """Of the answers since the test began."""
    count: float
    """Of these."""
    rises: float
    falls: float
    least: float
    most: float
    counter: Int32
    """Rows in this window."""
    is_first: bool
    """The first window is not over: nothing is said yet."""
    has_drifted: bool


NODE = layout(Node)
ROW = layout(Row)


_TEST: Final = {
    "rises": "_sum_increase",
    "falls": "_sum_decrease",
    "least": "_min_increase",
    "most": "_max_decrease",
    "has_drifted": "_drift_detected",
}
"""Where river's test keeps what is saved of it."""


class Opinion:
    """river's opinion on an asset of k signals."""

    def __init__(self, k: int) -> None:
        from river.drift import PageHinkley  # noqa: PLC0415 - of the extra `river`

        self._trees = _grown(k)
        self._nodes: list[Any] = _nodes(self._trees)
        self._test: PageHinkley = PageHinkley()
        self._drifted_ns = NEVER

    @property
    def drifted_ns(self) -> int:
        """Event time at which its answers last drifted; `NEVER`: they never did."""
        return self._drifted_ns

    @property
    def knows(self) -> bool:
        """Say whether a window of rows has been learned."""
        return not vars(self._trees)["_first_window"]

    def take(self, away: Floats, time_ns: int, learns: bool) -> float:
        """Return how rare a row is, in decades; 0.0 before `knows`. Then learn it, if it `learns`.

        `away`: of each signal, in spreads from its centre; NaN where it has no value.
        """
        row = {j: _scaled(far) for j, far in enumerate(away.tolist()) if isfinite(far)}
        rare = 0.0
        if self.knows:
            score = float(self._trees.score_one(row))  # type: ignore[no-untyped-call]
            rare = -log10(max(1.0 - score, _LEAST))
            self._test.update(rare)  # type: ignore[no-untyped-call]
            if self._test.drift_detected:
                self._drifted_ns = time_ns
        if learns:
            self._trees.learn_one(row)  # type: ignore[no-untyped-call]
        return rare

    def saved(self) -> tuple[Table, Table]:
        """Return the nodes, (NODES,), and the rest, (1,)."""
        nodes, row = np.zeros(NODES, NODE), np.zeros(1, ROW)
        nodes["now"] = [node.l_mass for node in self._nodes]
        nodes["before"] = [node.r_mass for node in self._nodes]
        nodes["signal"] = [getattr(node, "feature", -1) for node in self._nodes]
        nodes["threshold"] = [getattr(node, "threshold", 0.0) for node in self._nodes]
        test = vars(self._test)
        for name, of in _TEST.items():
            row[name] = test[of]
        row["mean"], row["count"] = test["_x_mean"].get(), test["_x_mean"].n
        row["drifted_ns"] = self._drifted_ns
        row["counter"], row["is_first"] = self._trees.counter, not self.knows
        return nodes, row

    def resume(self, nodes: Table, row: np.void) -> None:
        """Go on from what was saved of an asset of as many signals."""
        for node, known in zip(self._nodes, nodes.tolist(), strict=True):
            threshold, signal, node.l_mass, node.r_mass = known
            if signal >= 0:
                node.feature, node.threshold = signal, threshold
        test = vars(self._test)
        test.update({of: row[name].item() for name, of in _TEST.items()})
        vars(test["_x_mean"]).update(n=float(row["count"]), _mean=float(row["mean"]))
        self._drifted_ns = int(row["drifted_ns"])
        self._trees.counter = int(row["counter"])
        vars(self._trees)["_first_window"] = bool(row["is_first"])


def _scaled(far: float) -> float:
    """Return a distance from the centre within 0.0..1.0, as the trees have it."""
    return 0.5 + 0.5 * far / (1.0 + abs(far))


def _grown(k: int) -> HalfSpaceTrees:
    """Return trees of k signals that have seen nothing."""
    from river.anomaly import HalfSpaceTrees  # noqa: PLC0415 - of the extra `river`

    trees = HalfSpaceTrees(n_trees=TREES, height=HEIGHT, window_size=WINDOW, seed=SEED)
    trees.learn_one(dict.fromkeys(range(k), 0.5))  # type: ignore[no-untyped-call] # they grow
    for node in _nodes(trees):
        node.l_mass = 0
    trees.counter = 0
    return trees


def _nodes(trees: HalfSpaceTrees) -> list[Any]:
    return [node for tree in trees.trees for node in tree.iter_dfs()]  # type: ignore[no-untyped-call]
