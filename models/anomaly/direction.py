"""Rising or falling: the short mean of the steps, against the spread. 4 bytes, O(1) a sample."""

from models.compiled import Float32, inlined

WEIGHT = 0.2
LIMIT = 0.1  # spreads a sample
MOST = 1e36  # a larger step counts as this: a slope is a single float
BELIEVED = 2e300  # a step past this says nothing


class Row:
    """What one signal remembers."""

    slope: Float32
    """Mean of the last five or so steps, unit a sample."""


@inlined
def learn(row: Row, step: float) -> None:
    """Move the slope towards `step`, the difference to the last value; not to no number."""
    if abs(step) <= BELIEVED:
        row.slope += WEIGHT * (min(max(step, -MOST), MOST) - row.slope)


@inlined
def sign(row: Row, scale: float) -> int:
    """Return 1 when rising, -1 when falling, 0 between. `scale`: the spread, > 0.0."""
    if row.slope > LIMIT * scale:
        return 1
    return -1 if row.slope < -LIMIT * scale else 0
