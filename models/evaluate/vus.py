"""Areas under precision and recall: of rows, and of ranges with their surroundings.

Paparrizos et al. 2022, Volume Under the Surface (VLDB 15(11)): labels get a slope of w // 2 rows
on either side, a range counts by how much of it is found and, once, for being found at all; the
area under precision and recall, averaged over all widths w from 0 to `BUFFER`. As in the authors'
own program, `THRESHOLDS` of the scores are tried, evenly by rank, and the area is that of steps.
"""

import numpy as np

from models.evaluate.recording import Bools
from schemas.telemetry import Floats, Ints

BUFFER = 100  # rows
THRESHOLDS = 250


def auc_pr(scores: Floats, labels: Bools) -> float:
    """Return the average precision over all thresholds, 0..1; NaN where no row is labelled.

    `scores`, `labels`: (n,). Equal scores are flagged at once.
    """
    if not labels.any():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(labels[order])
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0.0, True))
    gained = np.diff(found[ends], prepend=0) / found[-1]
    return float((gained * found[ends] / (ends + 1)).sum())


def vus_pr(
    scores: Floats, labels: Bools, buffer: int = BUFFER, thresholds: int = THRESHOLDS
) -> float:
    """Return the volume under the surface of precision and recall, 0..1; NaN without a label.

    `scores`, `labels`: (n,). `buffer`: the widest surroundings, in rows. Cost: buffer * n.
    """
    if not labels.any():
        return float("nan")
    ranked = Ranked.of(scores, labels, thresholds)
    return float(np.mean([ranked.area(width) for width in range(buffer + 1)]))


class Ranked:
    """Scores in order, and the thresholds that are tried."""

    def __init__(self, order: Ints, flagged: Ints, labels: Bools) -> None:
        self._order = order
        """(n,) rows by falling score."""
        self._flagged = flagged
        """(thresholds,) how many rows each flags."""
        self._labels = labels
        self._ranges = ranges(labels)
        self._place = np.empty(order.size, np.int64)
        self._place[order] = np.arange(order.size)

    @classmethod
    def of(cls, scores: Floats, labels: Bools, thresholds: int) -> "Ranked":
        """Sort rows; `thresholds`: how many of the scores to try."""
        order = np.argsort(-scores, kind="stable")
        falling = -scores[order]
        tried = falling[np.linspace(0, scores.size - 1, thresholds).astype(np.int64)]
        return cls(order, np.searchsorted(falling, tried, side="right"), labels)

    def area(self, width: int) -> float:
        """Return the area under range precision and recall for surroundings of this width."""
        soft = softened(self._labels, self._ranges, width)
        found = np.cumsum(soft[self._order])[self._flagged - 1]
        sure = np.cumsum(self._labels[self._order])[self._flagged - 1]
        whole = self._labels.sum() + 0.5 * (found - sure)
        recall = np.minimum(found / whole, 1.0) * self._reached(width)
        return float((np.diff(recall, prepend=0.0) * found / self._flagged).sum())

    def _reached(self, width: int) -> Floats:
        """Return which share of ranges, surroundings included, each threshold touches."""
        some = touching(self._ranges, width, self._labels.size)
        first = np.sort([self._place[begin : end + 1].min() for begin, end in some])
        touched = np.searchsorted(first, self._flagged - 1, side="right")
        return touched.astype(np.float64) / len(some)


def ranges(labels: Bools) -> Ints:
    """Return first and last row of every run of labelled rows, (m, 2)."""
    edges = np.diff(np.concatenate([[False], labels, [False]]).astype(np.int8))
    return np.column_stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1])


def softened(labels: Bools, some: Ints, width: int) -> Floats:
    """Return labels with slopes, sqrt(1 - distance / width) over width // 2 rows; (n,), 0..1."""
    soft = labels.astype(np.float64)
    away = np.arange(1, width // 2 + 1)
    slope = np.sqrt(1.0 - away / max(width, 1))
    for begin, end in some.tolist():
        before, after = away[: min(begin, away.size)], away[: labels.size - 1 - end]
        soft[begin - before] += slope[: before.size]
        soft[end + after] += slope[: after.size]
    return soft.clip(None, 1.0)


def touching(some: Ints, width: int, rows: int) -> list[tuple[int, int]]:
    """Return ranges with their surroundings; those that touch are one. At least one range."""
    begins, ends = some[:, 0] - width // 2, some[:, 1] + width // 2
    apart = np.flatnonzero(ends[:-1] < begins[1:])
    first = begins[np.concatenate([[0], apart + 1])]
    last = ends[np.concatenate([apart, [len(some) - 1]])]
    return [*zip(first.clip(0).tolist(), last.clip(None, rows - 1).tolist(), strict=True)]
