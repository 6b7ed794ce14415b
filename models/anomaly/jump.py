"""A step larger than steps are: the first difference against its mean size. 16 bytes a signal."""

from models.anomaly import centre, tail
from models.compiled import Float32, compiled, inlined

QUANTILE, EXCESS = 2.92, 0.45  # of a Gaussian's steps, in mean steps
CLIP = 8.0  # units: no step is learned as larger


class Row:
    """What one signal remembers."""

    usual: Float32
    """Mean size of its steps, in the point's unit."""
    tail: tail.Row


@compiled
def start(row: Row) -> None:
    """Begin."""
    row.usual = 0.0
    tail.start(row.tail, QUANTILE, EXCESS)


@inlined
def unit(row: Row, mesh: float, spread: float) -> float:
    """Return what a usual step is worth, in the point's unit; never 0.0."""
    least = max(row.usual, mesh)
    return least if least > 0.0 else spread


@inlined
def score(row: Row, size: float) -> float:
    """Say how surprising a step of `size` units is: -log10 of its tail."""
    return tail.score(row.tail, size)


@inlined
def learn(row: Row, size: float, seen: float, gain: float) -> None:
    """Learn one step, the one after `seen` others. `gain`: of `seen`, as in `tail`."""
    tail.learn(row.tail, size, seen, gain)


@inlined
def learn_usual(row: Row, size: float, unit: float, seen: float) -> None:
    """Move the mean size towards that of one step, in units, clipped once there were enough."""
    believed = unit * (size if seen < centre.FREE else min(size, CLIP))
    row.usual += centre.weight(seen) * (believed - row.usual)
