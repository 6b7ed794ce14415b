"""When a path that drifts first reaches its limit: p10, p50 and p90 over fixed random paths.

The passage of a Wiener process with drift is inverse Gaussian (Whitmore 1995, Estimating
degradation by a Wiener diffusion process; review: Si, Wang, Hu & Zhou 2011, Remaining useful life
estimation); here drift, level and variance are not known but have a posterior, the drift wanders,
and the day's cycle carries the path over the limit early: so paths are drawn and followed. They are
drawn from the same numbers every time: the same spans give the same answer, to the bit.
"""

from math import inf, pi, sin, sqrt

import numpy as np

from models.compiled import compiled
from models.trend.bank import (
    COV,
    GROWS,
    KEEPS,
    LEVEL,
    MEAN,
    POWER,
    SINCE,
    STATE,
    WANDER,
    grown,
    harmonics,
)
from models.trend.memory import A_DAY, SPAN_HOURS
from schemas.telemetry import Floats

PATHS = 256
STEPS = 128
"""Spans that a path is followed: 16 days."""
FINER = SPAN_HOURS
"""Steps of the day's cycle a span."""
BETWEEN = 0.25
"""How much higher a diffusing level comes between two spans, in its moves: 0.5826 times 1 less
sqrt(1 / 3), as hours are looked at (Broadie, Glasserman & Kou 1997, A continuity correction)."""
_CHANCE = np.random.default_rng(20111117)
START = np.concatenate([_CHANCE.standard_normal((PATHS // 2, STATE + 1))] * 2)
START[PATHS // 2 :, :STATE] *= -1.0
"""Where paths begin, and how large the noise is taken: each with its mirror image."""
MOVES = np.concatenate([_CHANCE.standard_normal((PATHS // 2, STEPS, 2 + FINER))] * 2).astype("f4")
MOVES[PATHS // 2 :] *= -1.0


def _sharper(times_a_day: int) -> float:
    """Return by how much the mean over a span makes a harmonic smaller."""
    half = pi * times_a_day / A_DAY
    return half / sin(half)


SHARPER = np.array([1.0, 1.0, *[_sharper(1)] * 2, *[_sharper(2)] * 2, *[_sharper(1)] * 2])


@compiled
def _root(cov: Floats, root: Floats) -> None:
    """Write the lower Cholesky factor of `cov`, (STATE, STATE); 0.0 where nothing varies."""
    for i in range(STATE):
        for j in range(i + 1):
            rest = cov[i, j]
            for k in range(j):
                rest -= root[i, k] * root[j, k]
            if i == j:
                root[i, i] = sqrt(max(rest, 0.0))
            else:
                root[i, j] = rest / root[j, j] if root[j, j] > 0.0 else 0.0


@compiled
def _wide(z: float, degrees: float) -> float:
    """Return a draw of the standard deviation, about 1.0 (Wilson & Hilferty 1931)."""
    part = 2.0 / (9.0 * degrees)
    return 1.0 / sqrt(max(1.0 - part + z * sqrt(part), 0.3) ** 3)


@compiled
def follow(one: Floats, table: Floats, limit: float, start: Floats, moves: Floats) -> float:
    """Return after how many spans a path reaches `limit`; infinity: not within `STEPS`.

    `one`: (6,) spans since the drift began, its power, what level and drift move a span, how much
    higher the level comes in between, and how rough its hours are. `start`: the path's state,
    (STATE,), changed.
    """
    age, power, level, wander, between, rough = one
    before, come = -inf, grown(power, age)
    at = 0.0
    for k in range(STEPS):
        now = grown(power, age + k + 1.0)
        more = (now - come) / FINER
        step = more * start[1] + level * moves[k, 0] / FINER
        for j in range(FINER):
            height = start[0] + j * step + between + rough * moves[k, 2 + j]
            for i in range(2, GROWS):
                height += table[FINER * k + j, i] * start[i]
            for i in range(GROWS, STATE):
                height += (come + j * more) * table[FINER * k + j, i] * start[i]
            if height >= limit:
                if at == 0.0:
                    return 0.0
                return float(at - (height - limit) / (height - before) / FINER)
            before = height
            at = k + (j + 1.0) / FINER
        come = now
        start[0] += FINER * step
        start[1] += wander * moves[k, 1]
    return inf


@compiled
def times(bank: Floats, spans: tuple[int, int], limit: float, rough: float, found: Floats) -> None:
    """Draw when the limit is reached, in spans from the middle of the last on, sorted, (PATHS,).

    `bank`: (n, COLUMNS), of hypotheses that drift; their weights need not sum to 1. `spans`: of the
    first and the last value that they were run over. `rough`: variance of the hours in a span.
    """
    first, last = spans
    table = np.zeros((STEPS * FINER, STATE))
    for k in range(STEPS * FINER):
        harmonics(last + k / FINER, table[k])
        table[k] *= SHARPER
    root, state, one = np.zeros((STATE, STATE)), np.zeros(STATE), np.zeros(6)
    total, passed, h = bank[:, 0].sum(), 0.0, -1
    for p in range(PATHS):
        while h < 0 or (passed < (p + 0.5) / PATHS * total and h + 1 < bank.shape[0]):
            h += 1
            passed += bank[h, 0]
            _root(bank[h, COV:].copy().reshape((STATE, STATE)), root)
        order = (p * 97) % PATHS  # neighbours share a hypothesis, not a draw
        wide = _wide(START[order, STATE], 1.0 / (1.0 - KEEPS))
        for i in range(STATE):
            state[i] = bank[h, MEAN + i]
            for j in range(i + 1):
                state[i] += wide * root[i, j] * START[order, j]
        one[0], one[1] = last - first - bank[h, SINCE], bank[h, POWER]
        one[2], one[3] = wide * sqrt(bank[h, LEVEL]), wide * sqrt(bank[h, WANDER])
        one[4], one[5] = BETWEEN * one[2], sqrt(rough)
        hour = ((p * 61) % PATHS + 0.5) / PATHS - 0.5  # an hour's mean arrives within the hour
        found[p] = follow(one, table, limit, state, MOVES[order]) + hour / SPAN_HOURS
    found.sort()


@compiled
def quantile(found: Floats, share: float) -> float:
    """Return the quantile of sorted times; infinity where it is beyond."""
    at = share * (found.size - 1)
    low = int(at)
    high = min(low + 1, found.size - 1)
    if found[high] == inf:
        return inf
    return float(found[low] + (at - low) * (found[high] - found[low]))
