"""What is foretold of a signal that drifts, and when that is worth an event."""

from math import inf, isnan, log10, nan

import numpy as np

from models.compiled import Byte, Float32, Int32, compiled, layout
from models.trend import arrival, bank
from models.trend.memory import A_DAY, HOUR_NS, SPAN_HOURS
from schemas.telemetry import Floats

SPAN_NS = SPAN_HOURS * HOUR_NS
BEYOND = np.iinfo(np.int64).max
"""A time later than any that is told."""
LEAST = 2 * A_DAY
"""Spans before anything is foretold: the cycle of the day must have been seen twice."""
SURE = 0.98
"""Probability of a drift towards the limit from which on it is told."""
SLOW = 3 * A_DAY // 2
"""Spans that it must have lasted by then: a day that is unlike the others is no trend."""
TWICE = 2
"""How often in a row it must be found before it is told."""
DOUBT = 0.5
"""Below this probability a drift that was told is in doubt ..."""
GONE = A_DAY
"""... and after so many spans in a row it is gone."""
FAR = 2.0
"""Horizons; a drift that needs longer than this is not looked at."""
TOP = 300.0

NOTHING, OPENED, NEARER, REACHED, ENDED = 0, 1, 2, 3, 4


class Row:
    """What is foretold of one signal. Times in ns since 1970; `BEYOND`: later than can be told."""

    since_ns: int
    """When it was told first; 0: it was not yet."""
    told_ns: int
    """When it was told last."""
    first_low: int
    """p10 of the arrival, as told first."""
    first_mid: int
    first_high: int
    told_mid: int
    """p50, as told last."""
    low: int
    """p10, as of the last span."""
    mid: int
    high: int
    onset_ns: int
    """When the drift began, the mean of what is thought of it."""
    level: float
    """Mean of the last span, in the point's unit."""
    limit: float
    rate: float
    """Change a day, in the point's unit."""
    score: Float32
    """-log10 of the probability that there is no drift towards the limit."""
    good: Float32
    """Share of the spans remembered that hold samples."""
    spread: Float32
    """Standard deviation of the noise of a span, in the point's unit."""
    side: Int32
    """1: the limit is above, -1: below."""
    next: Int32
    """Next free row; of row 0 the first one."""
    times: Byte
    """How often in a row it was found before it was told, or in doubt since."""


ROW = layout(Row)


@compiled
def could(values: Floats, limit: float, horizon: float) -> bool:
    """Say whether a drift may bring `values`, (n,), up to `limit` within `FAR` horizons, in spans.

    Cheap, and true of many that do not drift: the last day is compared with the one before.
    """
    if values.size < LEAST or isnan(values[-1]) or _most(values[-A_DAY:]) >= limit:
        return False
    now, before = _mean(values[-A_DAY:]), _mean(values[-2 * A_DAY : -A_DAY])
    return now > before and limit - now <= (now - before) / A_DAY * FAR * horizon


@compiled
def _mean(values: Floats) -> float:
    """Return the mean of those that are there; NaN where none is."""
    total, n = 0.0, 0
    for value in values:
        if not isnan(value):
            total += value
            n += 1
    return total / n if n > 0 else nan


@compiled
def _most(values: Floats) -> float:
    """Return the largest of those that are there."""
    most = -inf
    for value in values:
        if not isnan(value):
            most = max(most, value)
    return most


@compiled
def foretell(row: Row, values: Floats, last: int, limit: float, rough: float) -> float:
    """Write when `values`, (n,), upwards, reach `limit` into `row`; return the surety of a drift.

    `last`: span of the last value, since 1970. `rough`: variance of the hours in a span. What is
    written of the limit and of levels is as `values` are: turned, where the limit is below.
    """
    n = values.size
    hypotheses = np.empty((bank.MOST, bank.COLUMNS))
    lowest = limit
    for value in values:
        if not isnan(value):
            lowest = min(lowest, value)
    count = bank.weigh(values, last - n + 1, limit - lowest, hypotheses)
    drifts = hypotheses[:count][hypotheses[:count, bank.SINCE] >= 0.0]
    up = _write(row, drifts, (last - n + 1, last))
    found = np.empty(arrival.PATHS)
    arrival.times(drifts, (last - n + 1, last), limit, rough, found)
    row.low = _moment(last, arrival.quantile(found, 0.1))
    row.mid = _moment(last, arrival.quantile(found, 0.5))
    row.high = _moment(last, arrival.quantile(found, 0.9))
    row.level, row.limit = _mean(values[-1:]), limit
    row.good = np.sum(~np.isnan(values)) / n
    row.score = min(-log10(max(1.0 - up, 1e-16)), TOP)
    return up


@compiled
def _write(row: Row, drifts: Floats, spans: tuple[int, int]) -> float:
    """Write what drifts have in common; return the probability of one upwards.

    `spans`: of the first and the last value.
    """
    first, last = spans
    up, noise, rate, onset = 0.0, 0.0, 0.0, 0.0
    for one in drifts:
        if one[bank.MEAN + 1] <= 0.0:
            continue
        up += one[bank.WEIGHT]
        noise += one[bank.WEIGHT] * one[bank.NOISE]
        onset += one[bank.WEIGHT] * one[bank.SINCE]
        age, power = last - first - one[bank.SINCE], one[bank.POWER]
        step = bank.grown(power, age) - bank.grown(power, max(age - 1.0, 0.0))
        rate += one[bank.WEIGHT] * one[bank.MEAN + 1] * step
    if up > 0.0:
        row.rate = rate / up * A_DAY
        row.spread = (noise / up) ** 0.5
        row.onset_ns = int((first + 0.5 + onset / up) * SPAN_NS)
    return up


@compiled
def _moment(last: int, spans: float) -> int:
    """Return the time so many spans after the middle of the last, and not before its end."""
    if spans == inf:
        return BEYOND
    return last * SPAN_NS + max(int((spans + 0.5) * SPAN_NS), SPAN_NS)


@compiled
def step(row: Row, surety: float, now_ns: int, horizon_ns: int) -> int:
    """Say what comes of what was just foretold."""
    if row.since_ns == 0:
        is_sure = surety >= SURE and now_ns - row.onset_ns >= SLOW * SPAN_NS
        if not is_sure or row.mid == BEYOND or row.mid - now_ns > horizon_ns:
            return ENDED
        row.times += 1
        if row.times < TWICE:
            return NOTHING
        row.times = 0
        row.since_ns = now_ns
        row.first_low, row.first_mid, row.first_high = row.low, row.mid, row.high
        tell(row, now_ns)
        return OPENED
    if surety < DOUBT or row.mid == BEYOND or row.mid - now_ns > FAR * horizon_ns:
        row.times += 1
        return ENDED if row.times >= GONE else NOTHING
    row.times = 0
    if row.mid - now_ns > (row.told_mid - row.told_ns) // 2:
        return NOTHING
    tell(row, now_ns)
    return NEARER


@compiled
def tell(row: Row, now_ns: int) -> None:
    """Remember that this was told."""
    row.told_ns, row.told_mid = now_ns, row.mid
