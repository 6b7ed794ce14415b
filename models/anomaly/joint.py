"""Signals that no longer move together: Mahalanobis distance. 8 bytes for each pair, O(k * k).

The inverse of the scatter of what was learned is kept by rank-one updates (Sherman and Morrison
1950), each row counting the same; every row also adds a little to one signal's own share in turn,
so that signals which are one another's copies, or still, keep a distance of their own (ridge: Hoerl
and Kennard 1970). Values are distances from each signal's centre in spreads.
"""

from math import sqrt

import numpy as np
import numpy.typing as npt

from models.compiled import compiled
from schemas.telemetry import Floats

RIDGE = 0.01  # of a spread's square

Square = npt.NDArray[np.float64]


@compiled
def start(inverse: Square) -> None:
    """Begin: `inverse` (k, k) as of one row of ridge."""
    for i in range(len(inverse)):
        for j in range(len(inverse)):
            inverse[i, j] = 1.0 / RIDGE if i == j else 0.0


@compiled
def distance(inverse: Square, away: Floats, learned: float) -> float:
    """Return how far `away` (k,) is, about 1.0 where normal; learns nothing.

    `learned`: rows.
    """
    total = 0.0
    for i in range(away.size):
        part = 0.0
        for j in range(away.size):
            part += inverse[i, j] * away[j]
        total += part * away[i]
    return sqrt(max(total, 0.0) * (learned + 1.0) / away.size)


@compiled
def learn(inverse: Square, away: Floats, work: Floats, learned: int) -> None:
    """Learn one row, the one after `learned` others. `work`: (k,), of no meaning."""
    k = away.size
    _add(inverse, away, work)
    one = learned % k
    scale = 1.0 / (1.0 / (RIDGE * k) + inverse[one, one])
    for i in range(k):
        work[i] = inverse[i, one]
    for i in range(k):
        for j in range(k):
            inverse[i, j] -= scale * work[i] * work[j]


@compiled
def _add(inverse: Square, away: Floats, work: Floats) -> None:
    k, total = away.size, 1.0
    for i in range(k):
        part = 0.0
        for j in range(k):
            part += inverse[i, j] * away[j]
        work[i] = part
        total += part * away[i]
    for i in range(k):
        for j in range(k):
            inverse[i, j] -= work[i] * work[j] / total
