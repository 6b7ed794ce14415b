"""The product's detector as a contender: the one seam between evaluation and detection.

A signal is scored and learned as `models.signals` does it, at the product's own threshold: no
learning in an episode. Several signals: the largest score, less log10 of their number
(`tail.largest`). Whoever makes detection better changes this file, and no other of evaluation.
"""

import numpy as np

from models.anomaly import episode, robust
from models.compiled import compiled, layout
from models.evaluate.tail import largest
from models.rows import Table
from schemas.settings import Detect
from schemas.telemetry import Floats, Ints
from schemas.units import MOST

THRESHOLD = float(Detect().score)
"""An anomaly opens at this score: the product's default."""


class Signal:
    """What one signal remembers."""

    robust: robust.Row
    episode: episode.Row
    last: float


SIGNAL = layout(Signal)


class Ours:
    """Scores are -log10 of tail probabilities, >= 0.0."""

    def __init__(self) -> None:
        self._signals = np.zeros(0, SIGNAL)

    def score(self, times_ns: Ints, values: Floats) -> Floats:
        """Return one score a row, (n,). `values`: (n, k), the same k in every call."""
        if not self._signals.size:
            self._signals = np.zeros(values.shape[1], SIGNAL)
        scores = np.zeros(times_ns.size)
        _judge(self._signals, np.ascontiguousarray(values), scores, THRESHOLD)
        return scores


@compiled
def _judge(signals: Table, values: Floats, scores: Floats, threshold: float) -> None:
    each = np.zeros(signals.size)
    for i in range(scores.size):
        for j in range(signals.size):
            each[j] = _one(signals[j], values[i, j], threshold)
        scores[i] = largest(each)


@compiled
def _one(signal: Signal, value: float, threshold: float) -> float:
    """Score a value, then learn it; 0.0 where there is none."""
    if not abs(value) <= MOST:
        return 0.0
    score = robust.score(signal.robust, value)
    away = robust.residual(signal.robust, value)
    change = episode.step(signal.episode, score, threshold)
    if change == episode.OPENED:
        robust.learn_tail(signal.robust, abs(away))
    if signal.episode.length == 0:
        if change == episode.ADOPTED:
            robust.forget(signal.robust)
        robust.learn(signal.robust, value, value - signal.last)
    signal.last = value
    return score
