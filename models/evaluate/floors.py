"""Contenders that know next to nothing: what they reach, a detector must beat.

Their scores are tail probabilities too, so that the operator's threshold can be laid on them.
"""

import numpy as np

from models.compiled import compiled, layout
from models.evaluate.tail import gaussian, largest
from models.rows import Table
from schemas.telemetry import Floats, Ints

HALF_LIFE = 100  # rows
WEIGHT = 1.0 - 0.5 ** (1.0 / HALF_LIFE)
WARMUP = 30  # values learned before the first answer


class Chance:
    """Random, and perfectly calibrated: one row in 10^s has a score of s or more."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def score(self, times_ns: Ints, values: Floats) -> Floats:  # noqa: ARG002 - it does not look
        """Return one score a row, (n,)."""
        return -np.log10(1.0 - self._rng.random(times_ns.size))


class Clock:
    """Strikes regularly: every second row, louder every fourth, louder yet every eighth ...

    A threshold chooses the period; a score of s comes once in 10^s rows.
    """

    def __init__(self) -> None:
        self._rows = 0

    def score(self, times_ns: Ints, values: Floats) -> Floats:  # noqa: ARG002 - it does not look
        """Return one score a row, (n,)."""
        row = np.arange(self._rows, self._rows + times_ns.size) + 1
        self._rows += times_ns.size
        return np.log10((row & -row).astype(np.float64))


class Moments:
    """What the z-score remembers of one signal."""

    seen: float
    centre: float
    variance: float


MOMENTS = layout(Moments)


class ZScore:
    """Distance from the running mean in running deviations, as a Gaussian's tail probability."""

    def __init__(self) -> None:
        self._signals = np.zeros(0, MOMENTS)

    def score(self, times_ns: Ints, values: Floats) -> Floats:
        """Return one score a row, (n,). `values`: (n, k), the same k in every call."""
        if not self._signals.size:
            self._signals = np.zeros(values.shape[1], MOMENTS)
        scores = np.zeros(times_ns.size)
        _judge(self._signals, np.ascontiguousarray(values), scores)
        return scores


@compiled
def _judge(signals: Table, values: Floats, scores: Floats) -> None:
    each = np.zeros(signals.size)
    for i in range(scores.size):
        for j in range(signals.size):
            each[j] = _one(signals[j], values[i, j])
        scores[i] = largest(each)


@compiled
def _one(signal: Moments, value: float) -> float:
    """Score a value, then learn it (Finch 2009, Incremental calculation of weighted mean)."""
    if not np.isfinite(value):
        return 0.0
    score = 0.0
    if signal.seen >= WARMUP and signal.variance > 0.0:
        score = gaussian((value - signal.centre) / np.sqrt(signal.variance))
    signal.seen += 1.0
    weight = max(WEIGHT, 1.0 / signal.seen)
    away = value - signal.centre
    signal.centre += weight * away
    signal.variance = (1.0 - weight) * (signal.variance + weight * away * away)
    return score
