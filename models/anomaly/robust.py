"""Distance from a robust centre, as -log10 of its tail probability. 48 bytes a signal, O(1).

Centre and spread follow the signal with Huber's clipped residual (Huber 1964, Robust estimation of
a location parameter), so one outlier moves them by at most `CLIP` spreads times the weight. The
tail beyond the 98 % quantile of |residual| is taken as exponential (peaks over threshold: Pickands
1975; streaming use: Siffer et al. 2017, SPOT), starting from a Gaussian's and learned from there:
so a heavy-tailed signal needs more to surprise, and one threshold means the same on every signal.
"""

from models.compiled import Float32, compiled

WEIGHT = 1.0 - 0.5 ** (1.0 / 120.0)  # half-life of 120 samples
WARMUP = 32  # samples learned before the first answer
CLIP = 3.0  # spreads
NORM = 1.2533141373155003  # sqrt(pi / 2): mean absolute residual to standard deviation
TAIL = 0.02  # share of samples beyond the quantile
QUANTILE = 2.326  # of a Gaussian's |residual|, in spreads
EXCESS = 0.36  # mean excess of a Gaussian beyond it, in spreads
PRIOR = 25.0  # exceedances that the Gaussian start is worth
MOST = 200.0  # exceedances remembered
FARTHEST = 1e6  # spreads: no excess is remembered as larger
STEP = 0.02  # of the quantile's walk, in spreads
WIDER = 1.02  # a larger step widens the mesh ...
CLOSER = WIDER**-3  # ... and a smaller one narrows it: at rest where one in four is smaller
STILL = 0.05  # of |centre|: the least spread of a line that has never moved ...
STILL_LEAST = 0.1  # ... and the least of that, in the point's unit
LOG10 = 2.302585092994046
TOP = 300.0


class Row:
    """What one signal remembers."""

    centre: float
    spread: float
    floor: float
    """The least spread, declared; 0.0: none is."""
    move: float
    """Lower quartile of the steps other than 0, about; 0.0 before any. No spread is less."""
    seen: Float32
    quantile: Float32
    excess: Float32
    beyond: Float32


@compiled
def scale(row: Row) -> float:
    """Return what one spread is worth, in the point's unit; never 0.0."""
    least = max(row.floor, row.move)
    if least > 0.0:
        return max(row.spread, least)
    return max(row.spread, STILL * abs(row.centre), STILL_LEAST)


@compiled
def residual(row: Row, value: float) -> float:
    """Return the signed distance of `value` from the centre, in spreads; 0.0 while warming up."""
    if row.seen < WARMUP:
        return 0.0
    return (value - row.centre) / scale(row)


@compiled
def score(row: Row, value: float) -> float:
    """Say how surprising `value` is: -log10 of its tail probability, 0.0..300.0; learns nothing.

    0.0 until `WARMUP` samples have been learned, and within the quantile.
    """
    beyond = abs(residual(row, value)) - row.quantile
    if beyond <= 0.0 or row.seen < WARMUP:
        return 0.0
    return min(1.6989700043360187 + beyond / (row.excess * LOG10), TOP)


@compiled
def learn(row: Row, value: float, step: float) -> None:
    """Move centre, spread and tail towards `value`. `step`: its difference to the last value."""
    if row.seen == 0.0:
        row.centre = value
        row.spread = 0.0
        row.quantile = QUANTILE
        row.excess = EXCESS
        row.beyond = PRIOR
    else:
        learn_move(row, abs(step))
    away = value - row.centre
    if row.seen >= WARMUP:
        learn_tail(row, abs(residual(row, value)))
        limit = CLIP * scale(row)
        away = min(max(away, -limit), limit)
    weight = max(WEIGHT, 1.0 / (row.seen + 1.0))
    row.centre += weight * away
    if row.seen > 0.0:
        weight = max(WEIGHT, 1.0 / row.seen)
        row.spread += weight * (NORM * abs(away) - row.spread)
    row.seen = min(row.seen + 1.0, 1e6)


@compiled
def learn_tail(row: Row, distance: float) -> None:
    """Move the 98 % quantile and the mean excess beyond it. `distance`: >= 0.0, in spreads."""
    if distance > row.quantile:
        excess = min(distance - row.quantile, 50.0 * row.excess, FARTHEST)
        row.beyond = min(row.beyond + 1.0, MOST)
        row.excess += (excess - row.excess) / row.beyond
        row.quantile += STEP * (1.0 - TAIL)
    elif row.quantile > 1.0:
        row.quantile -= STEP * TAIL


@compiled
def learn_move(row: Row, step: float) -> None:
    """Let the lower quartile of steps walk towards `step`, >= 0.0: on a grid, that is its mesh."""
    if step > row.move:
        row.move = step if row.move == 0.0 else row.move * WIDER
    elif step > 0.0 and step < row.move:
        row.move *= CLOSER


@compiled
def forget(row: Row) -> None:
    """Start again: the level has changed for good."""
    row.seen = 0.0
