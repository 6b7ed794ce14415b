"""Rising or falling: the short mean of the steps, against the spread. 8 bytes, O(1) a sample."""

from models.compiled import compiled
from schemas.units import MOST

WEIGHT = 0.2
LIMIT = 0.1  # spreads a sample


class Row:
    """What one signal remembers."""

    slope: float
    """Mean of the last five or so steps, unit a sample."""


@compiled
def learn(row: Row, step: float) -> None:
    """Move the slope towards `step`, the difference to the last value; not to one past belief."""
    if abs(step) <= 2.0 * MOST:
        row.slope += WEIGHT * (step - row.slope)


@compiled
def sign(row: Row, scale: float) -> int:
    """Return 1 when rising, -1 when falling, 0 between. `scale`: the spread, > 0.0."""
    if row.slope > LIMIT * scale:
        return 1
    return -1 if row.slope < -LIMIT * scale else 0
