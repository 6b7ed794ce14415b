"""Which course a signal takes: a bank of filters, one a hypothesis, weighed by how they foretold.

A signal is level + drift + two harmonics of the day + noise (a dynamic linear model with unknown
variance: West & Harrison 1997, Bayesian Forecasting and Dynamic Models, 4.5). Hypotheses differ in
how far the level diffuses, when a drift began, if any did, and how it goes on. Each is run over the
spans remembered, and its weight is its marginal likelihood, the product of the densities of what it
foretold one span ahead (a multi-process model: Harrison & Stevens 1976; chapter 12 in the book).
"""

from math import cos, exp, isnan, log, log1p, pi, sin

import numpy as np

from models.compiled import compiled
from models.trend.memory import A_DAY, SPANS
from schemas.telemetry import Floats

STATE = 8
"""Level, drift a span, cosine and sine of the day and of half the day, and by how much those of the
day grow as the drift goes on."""
GROWS = 6
"""From here on, what grows."""
LEVELS = np.array([0.0, 0.03, 0.3, 3.0, 30.0])
"""Diffusion of the level a span: variance over that of the noise."""
COURSES = np.array(
    [
        [1.0, 0.0, 0.0],
        [1.0, 0.1, 0.0],
        [1.0, 0.3, 0.0],
        [0.6, 0.03, 0.0],
        [1.7, 0.03, 0.0],
        [1.0, 0.1, 1.0],
        [1.7, 0.1, 1.0],
    ]
)
"""How a drift goes on: it grows with this power of the time since it began (Meeker & Escobar 1998,
Statistical methods for reliability data, 13: degradation paths), wanders by so much in a day, in
drifts that reach the limit in a week, and makes the cycle of the day grow or does not."""
EVERY = 4
"""Spans between the times at which a drift may have begun."""
DRIFTS = 0.05
"""Prior probability that a signal drifts."""
JUMPS = 0.1
"""Prior probability that its level jumps, once, and stays."""
JUMP = 0.5
"""How far, as a standard deviation, in what is left to the limit."""
STEEP = 1.0
"""Prior of a drift: standard deviation, in drifts that reach the limit in a week."""
WIDE = 1e4
"""Prior variance of level and harmonics, in variances of the noise, were it all noise."""
KEEPS = 0.97
"""How much of what is known of the variance outlasts a span (variance discounting: 10.8 in the
book)."""
TRUST = 4.0
"""Spans that the prior of the noise's variance is worth."""
WEIGHT, NOISE, LEVEL, WANDER, SINCE, POWER, MEAN = 0, 1, 2, 3, 4, 5, 6
COV = MEAN + STATE
COLUMNS = COV + STATE * STATE
"""Of a hypothesis: probability; variances of the noise, of the level's and of the drift's moves;
when the drift began, as an index, -1: it does not; its power; mean and covariance of the state."""
MOST = len(LEVELS) * (1 + SPANS // EVERY * (1 + len(COURSES)))
"""Hypotheses."""


@compiled
def harmonics(span: float, h: Floats) -> None:
    """Write what the state is multiplied with in the middle of a span since 1970, (STATE,).

    What grows is to be multiplied by how far the drift has come, too.
    """
    angle = 2.0 * pi * ((span % A_DAY) + 0.5) / A_DAY
    h[0], h[1] = 1.0, 0.0
    h[2], h[3] = cos(angle), sin(angle)
    h[4], h[5] = cos(2.0 * angle), sin(2.0 * angle)
    h[6], h[7] = h[2], h[3]


@compiled
def grown(power: float, spans: float) -> float:
    """Return how far a drift of 1 a span has come after `spans`; all powers agree after a week."""
    come: float = spans**power * SPANS ** (1.0 - power)
    return come


@compiled
def _forward(mean: Floats, cov: Floats, step: float, level: float, wander: float) -> None:
    """Move a state on by one span. `step`: of a drift of 1; the others: in noise variances."""
    mean[0] += step * mean[1]
    cov[0, 0] += step * (2.0 * cov[0, 1] + step * cov[1, 1]) + level
    for j in range(1, STATE):
        cov[0, j] += step * cov[1, j]
        cov[j, 0] = cov[0, j]
    cov[1, 1] += wander


@compiled
def _correct(mean: Floats, cov: Floats, h: Floats, error: float, ph: Floats) -> float:
    """Let an observation that was off by `error` correct a state; return the forecast variance."""
    foretold = 1.0
    for i in range(STATE):
        sum_ = 0.0
        for j in range(STATE):
            sum_ += cov[i, j] * h[j]
        ph[i] = sum_
        foretold += h[i] * sum_
    for i in range(STATE):
        gain = ph[i] / foretold
        mean[i] += gain * error
        for j in range(STATE):
            cov[i, j] -= gain * ph[j]
    return foretold


@compiled
def run(  # noqa: PLR0913, PLR0917 - a stretch of one hypothesis
    values: Floats,
    table: Floats,
    begin: int,
    end: int,
    drift: Floats,
    mean: Floats,
    cov: Floats,
    sums: Floats,
) -> None:
    """Run a hypothesis over the spans `begin` to `end`, in place.

    `table`: (n, STATE) of `harmonics`. `drift`: (4,) when it began, its power, and what level and
    drift move a span, in noise variances. `sums`: (3,) squared errors of late, log likelihood, how
    many errors that are.
    """
    ph, h = np.zeros(STATE), np.zeros(STATE)
    since, power, level, wander = drift
    before = grown(power, begin - 1.0 - since) if since >= 0.0 and begin > since else 0.0
    for i in range(begin, end):
        step = 0.0
        if since >= 0.0 and i > since:
            now = grown(power, i - since)
            step, before = now - before, now
        _forward(mean, cov, step, level, wander if step > 0.0 else 0.0)
        if isnan(values[i]):
            continue
        error = values[i]
        for j in range(STATE):
            h[j] = table[i, j] if j < GROWS else before * table[i, j]
            error -= h[j] * mean[j]
        foretold = _correct(mean, cov, h, error, ph)
        surprise = error * error / foretold
        sums[1] -= 0.5 * log(sums[0] * foretold) + 0.5 * (sums[2] + 1.0) * log1p(surprise / sums[0])
        sums[0] = KEEPS * sums[0] + surprise
        sums[2] = KEEPS * sums[2] + 1.0


@compiled
def conclude(drift: Floats, mean: Floats, cov: Floats, sums: Floats, out: Floats) -> None:
    """Write what came of a hypothesis, with the logarithm of its likelihood, into (COLUMNS,)."""
    noise = sums[0] / sums[2]
    out[WEIGHT] = sums[1]
    out[NOISE], out[LEVEL], out[WANDER] = noise, drift[2] * noise, drift[3] * noise
    out[SINCE], out[POWER] = drift[0], drift[1]
    out[MEAN:COV] = mean
    out[COV:] = cov.ravel() * noise


@compiled
def weigh(values: Floats, first: int, away: float, bank: Floats) -> int:
    """Run all hypotheses over `values`, (n,), upwards; write them into `bank`, count them.

    `first`: span of the first value. `away`: how far the limit is above the lowest value, > 0.0.
    Weights are probabilities: their sum over the bank is 1.
    """
    n = values.size
    table = np.zeros((n, STATE))
    for i in range(n):
        harmonics(first + i, table[i])
    least = (1e-3 * away / A_DAY) ** 2
    rough, count = max(roughness(values), least), 0
    for level in LEVELS:
        noise = rough / (1.0 + 0.5 * level)
        drift = (away / SPANS) ** 2 / noise  # that reaches it in a week, squared
        priors = (TRUST * least, WIDE * rough / noise, drift)
        count = _flat(values, table, level, priors, bank[count:]) + count
    _normalise(bank[:count, WEIGHT])
    return count


@compiled
def roughness(values: Floats) -> float:
    """Return the variance of the noise, were it all noise.

    It is that of how steps differ from those a day before, in which neither a steady drift nor the
    cycle of the day is left.
    """
    total, n = 0.0, 0
    for i in range(A_DAY + 1, values.size):
        now, before = values[i] - values[i - 1], values[i - A_DAY] - values[i - A_DAY - 1]
        if not isnan(now - before):
            total += (now - before) ** 2
            n += 1
    return total / (4.0 * n) if n > 0 else 0.0


@compiled
def _flat(
    values: Floats,
    table: Floats,
    level: float,
    priors: tuple[float, float, float],
    bank: Floats,
) -> int:
    """Run the hypotheses of one diffusion of the level into `bank`, count them.

    Up to its beginning a drift is no drift. `priors`: sum of squares of the noise; variance of
    level and harmonics, and of a drift that reaches the limit in a week, in those of the noise.
    """
    least, wide, unit = priors
    n, count = values.size, 1
    starts = n // EVERY
    mean, cov, sums = np.zeros(STATE), np.zeros((STATE, STATE)), np.zeros(3)
    for i in range(STATE):
        cov[i, i] = 0.0 if i == 1 or i >= GROWS else wide
    for value in values[::-1]:
        mean[0] = mean[0] if isnan(value) else value
    sums[0], sums[2] = least, TRUST
    flat = np.array([-1.0, 1.0, level, 0.0])
    at = 0
    for k in range(starts):
        run(values, table, at, EVERY * k + 1, flat, mean, cov, sums)
        at = EVERY * k + 1
        its = (mean.copy(), cov.copy(), sums.copy())
        _jump(values, table, at, level + JUMP**2 * SPANS**2 * unit / EVERY, flat, its, bank[count])
        bank[count, WEIGHT] += log(JUMPS / starts)
        count += 1
        if k < starts - 1:
            its = (mean, cov, sums)
            _drift(values, table, at, unit, flat, its, bank[count : count + len(COURSES)])
            bank[count : count + len(COURSES), WEIGHT] -= log(starts - 1.0)
            count += len(COURSES)
    run(values, table, at, n, flat, mean, cov, sums)
    conclude(flat, mean, cov, sums, bank[0])
    bank[0, WEIGHT] += log(1.0 - DRIFTS - JUMPS)
    return count


@compiled
def _jump(  # noqa: PLR0913, PLR0917 - a hypothesis
    values: Floats,
    table: Floats,
    at: int,
    level: float,
    flat: Floats,
    its: tuple[Floats, Floats, Floats],
    out: Floats,
) -> None:
    """Let the level jump within `EVERY` spans from `at` on, and stay."""
    mean, cov, sums = its
    jump = flat.copy()
    jump[2] = level
    end = min(at + EVERY, values.size)
    run(values, table, at, end, jump, mean, cov, sums)
    run(values, table, end, values.size, flat, mean, cov, sums)
    conclude(flat, mean, cov, sums, out)


@compiled
def _drift(  # noqa: PLR0913, PLR0917 - a beginning
    values: Floats,
    table: Floats,
    at: int,
    unit: float,
    flat: Floats,
    its: tuple[Floats, Floats, Floats],
    out: Floats,
) -> None:
    """Let each of the courses begin a span before `at`."""
    drift = np.zeros(4)
    for c in range(len(COURSES)):
        mean, cov, sums = its[0].copy(), its[1].copy(), its[2].copy()
        drift[0], drift[1], drift[2] = at - 1.0, COURSES[c, 0], flat[2]
        drift[3] = COURSES[c, 1] ** 2 / A_DAY * unit
        cov[1, 1] = STEEP**2 * unit
        cov[6, 6] = cov[7, 7] = COURSES[c, 2] * STEEP**2 * unit
        run(values, table, at, values.size, drift, mean, cov, sums)
        conclude(drift, mean, cov, sums, out[c])
        out[c, WEIGHT] += log(DRIFTS / len(COURSES))


@compiled
def _normalise(logs: Floats) -> None:
    """Turn log weights into probabilities, in place."""
    logs -= logs.max()
    total = 0.0
    for i in range(logs.size):
        logs[i] = exp(logs[i])
        total += logs[i]
    logs /= total
