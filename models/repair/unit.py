"""A reading that its capacity forbids is in another unit: data decide which. 32 bytes, O(1).

Each reading beyond the capacity votes for the largest known factor that makes it possible. Where
`DECIDE` of `WINDOW` readings in a row were beyond, the largest factor that leaves at most one of
them impossible is the unit; a few wild readings decide nothing.
"""

from models.compiled import Int32, compiled
from schemas.telemetry import Floats

CAPACITY = 0
"""Of a law, a row of what is declared: the most that physics allows; NaN: not known."""
MODULUS = 1
"""Of a law: where its counter begins again at 0; 0.0: nowhere."""
FIRST = 2
"""Of a law: the first of `MOST` ratios below 1.0, largest first; 0.0: no more."""
MOST = 7
DECIDE = 16  # readings beyond the capacity
ENOUGH = 15  # of them that a factor must make possible
WINDOW = 64  # readings
_BITS = 8  # of a candidate's votes


class Row:
    """The votes of one signal."""

    votes: int
    """`_BITS` bits for each candidate."""
    over: Int32
    """Readings beyond the capacity, in this window."""
    seen: Int32
    """Readings in this window."""
    ratio: float
    """What readings are multiplied by, once it is decided; 0.0 before."""
    since_ns: int
    """Event time at which it was decided."""


@compiled
def learn(row: Row, value: float, law: Floats) -> bool:
    """Count a reading; say whether its unit has just been decided (then it is `row.ratio`)."""
    if row.seen == 0 and abs(value) <= law[CAPACITY]:
        return False
    row.seen += 1
    if abs(value) > law[CAPACITY]:
        row.over += 1
        for k in range(MOST):
            if abs(value) * law[FIRST + k] <= law[CAPACITY]:
                if law[FIRST + k] > 0.0:
                    row.votes += 1 << (_BITS * k)
                break
    if row.over >= DECIDE:
        row.ratio = elected(row.votes, law)
    if row.over >= DECIDE or row.seen >= WINDOW:
        row.votes = 0
        row.over = 0
        row.seen = 0
    return row.ratio > 0.0


@compiled
def elected(votes: int, law: Floats) -> float:
    """Return the largest ratio that makes enough readings possible; 0.0: none does."""
    possible = 0
    for k in range(MOST):
        possible += (votes >> (_BITS * k)) & 255
        if possible >= ENOUGH:
            return float(law[FIRST + k])
    return 0.0
