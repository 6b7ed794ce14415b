"""Steps that grow or die down: their short mean against their long one, both ways. 16 bytes.

A variance ratio (as in Hawkins 1981, A CUSUM for a scale parameter), on absolute steps so that one
outlier does not make it: bursts, noise, and a sensor that goes quiet or flat.
"""

from models.anomaly import jump, tail
from models.compiled import Float32, compiled, inlined

WEIGHT = 0.08
QUANTILE, EXCESS = 0.75, 0.2  # of a Gaussian's ratio - 1
SLACK = 0.05  # units, added to both: the ratio stays within 21


class Row:
    """What one signal remembers."""

    short: Float32
    """Mean size of the last dozen steps, in the units of `jump`."""
    tail: tail.Row


@compiled
def start(row: Row) -> None:
    """Begin."""
    row.short = 1.0
    tail.start(row.tail, QUANTILE, EXCESS)


@inlined
def moved(row: Row, size: float) -> float:
    """Return the short mean with a step of `size` units in it."""
    return row.short + WEIGHT * (min(size, jump.CLIP) - row.short)


@inlined
def ratio(short: float, usual: float) -> float:
    """Return how many times `short` is more, or less, than `usual`, minus 1: 0.0..20.0 or so."""
    return max(short + SLACK, usual + SLACK) / (min(short, usual) + SLACK) - 1.0


@inlined
def score(row: Row, size: float, usual: float) -> float:
    """Say how surprising the size of the last steps is with `size` in it. `usual`: in units."""
    return tail.score(row.tail, ratio(moved(row, size), usual))


@inlined
def follow(row: Row, size: float) -> None:
    """Take a step of `size` units into the short mean."""
    row.short = moved(row, size)


@inlined
def learn(row: Row, usual: float, seen: float, gain: float) -> None:
    """Learn the short mean, the one after `seen` others. `gain`: of `seen`, as in `tail`."""
    tail.learn(row.tail, ratio(row.short, usual), seen, gain)
