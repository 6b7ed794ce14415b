"""A value far from the robust centre: Hampel's identifier (Davies and Gather 1993). 24 bytes."""

from models.anomaly import tail
from models.compiled import compiled, inlined

QUANTILE, EXCESS = 2.326, 0.36  # of a Gaussian's |residual|, in spreads


class Row:
    """What one signal remembers."""

    kept: tail.Row
    """As it was before the alarm."""
    tail: tail.Row


@compiled
def start(row: Row) -> None:
    """Begin."""
    tail.start(row.tail, QUANTILE, EXCESS)


@inlined
def score(row: Row, away: float) -> float:
    """Say how surprising a distance of `away` spreads from the centre is: -log10 of its tail."""
    return tail.score(row.tail, abs(away))


@inlined
def learn(row: Row, away: float, seen: float, gain: float) -> None:
    """Learn one distance, the one after `seen` others. `gain`: of `seen`, as in `tail`."""
    tail.learn(row.tail, abs(away), seen, gain)
