"""A level that has moved: the mean of the last ten or so values against the centre. 28 bytes.

The exponentially weighted chart of Roberts (1959, Control chart tests based on geometric moving
averages), its limit learned from the stream and so right for autocorrelated signals too.
"""

from models.anomaly import centre, tail
from models.compiled import Float32, compiled, inlined

WEIGHT = 0.1
QUANTILE, EXCESS = 0.53, 0.08  # of a Gaussian's short mean, in spreads


class Row:
    """What one signal remembers."""

    short: Float32
    """Short mean of the distance from the centre, each clipped, in spreads."""
    kept: tail.Row
    """As it was before the alarm."""
    tail: tail.Row


@compiled
def start(row: Row) -> None:
    """Begin."""
    row.short = 0.0
    tail.start(row.tail, QUANTILE, EXCESS)


@inlined
def moved(row: Row, away: float) -> float:
    """Return the short mean with `away` in it, in spreads."""
    return row.short + WEIGHT * (min(max(away, -centre.CLIP), centre.CLIP) - row.short)


@inlined
def score(row: Row, away: float) -> float:
    """Say how surprising the level is with a value `away` spreads from the centre in it."""
    return tail.score(row.tail, abs(moved(row, away)))


@inlined
def follow(row: Row, away: float) -> None:
    """Take one distance into the short mean."""
    row.short = moved(row, away)


@inlined
def learn(row: Row, seen: float, gain: float) -> None:
    """Learn the short mean, the one after `seen` others. `gain`: of `seen`, as in `tail`."""
    tail.learn(row.tail, abs(row.short), seen, gain)
