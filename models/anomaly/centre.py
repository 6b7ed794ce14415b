"""Where a signal is and how far it usually is from there. 24 bytes a signal, O(1) a sample.

Centre and spread follow with Huber's clipped residual (Huber 1964, Robust estimation of a location
parameter), so one outlier moves them by at most `CLIP` spreads times the weight.
"""

from models.compiled import Float32, compiled, inlined

WEIGHT = 1.0 - 0.5 ** (1.0 / 600.0)  # half-life of 600 samples
LASTS = 1.0 / WEIGHT  # samples: from so many on, each counts the same
CLIP = 3.0  # spreads
FREE = 32  # samples learned before any is clipped
NORM = 1.2533141373155003  # sqrt(pi / 2): mean absolute residual to standard deviation
WIDER = 1.02  # a larger step widens the mesh ...
CLOSER = WIDER**-3  # ... and a smaller one narrows it: at rest where one in four is smaller
STILL = 0.05  # of |centre|: the least spread of a line that has never moved ...
STILL_LEAST = 0.1  # ... and the least of that, in the point's unit
MOST = 1e7  # samples: counted no further


class Row:
    """What one signal remembers."""

    centre: float
    spread: Float32
    floor: Float32
    """The least spread, declared; 0.0: none is."""
    mesh: Float32
    """Lower quartile of the steps other than 0, about; 0.0 before any. No spread is less."""
    seen: Float32


@compiled
def start(row: Row, value: float) -> None:
    """Begin at the first value."""
    row.centre = value
    row.spread = row.mesh = 0.0
    row.seen = 1.0


@inlined
def scale(row: Row) -> float:
    """Return what one spread is worth, in the point's unit; never 0.0."""
    least = max(row.floor, row.mesh)
    if least > 0.0:
        return max(row.spread, least)
    return max(row.spread, STILL * abs(row.centre), STILL_LEAST)


@inlined
def weight(seen: float) -> float:
    """Return what the value counts that comes after `seen` others."""
    return max(WEIGHT, 1.0 / (seen + 1.0)) if seen < LASTS else WEIGHT


@inlined
def learn(row: Row, value: float, step: float, spread: float) -> None:
    """Move centre and spread towards `value`, not the first.

    `step`: the size of its difference to the last value. `spread`: the scale, that of before.
    """
    learn_mesh(row, step)
    away = value - row.centre
    if row.seen >= FREE:
        away = min(max(away, -CLIP * spread), CLIP * spread)
    share = weight(row.seen)
    row.centre += share * away
    row.spread += share * (NORM * abs(away) - row.spread)
    row.seen = min(row.seen + 1.0, MOST)


@inlined
def learn_mesh(row: Row, step: float) -> None:
    """Let the lower quartile of steps walk towards `step`, >= 0.0: on a grid, that is its mesh."""
    if row.mesh == 0.0:
        row.mesh = step
    elif step > 0.0:
        row.mesh *= WIDER if step > row.mesh else CLOSER if step < row.mesh else 1.0
