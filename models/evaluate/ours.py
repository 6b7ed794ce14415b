"""The product's detectors as a contender: the one seam between evaluation and detection.

A signal is scored and learned as `models.signals` does it with one that was chosen to remember
shapes and seasons. Several signals: the largest score, less log10 of their number
(`tail.largest`). Whoever makes detection better changes this file, and no other of evaluation.
"""

import numpy as np

from models.anomaly import asset, base, every, past, series
from models.compiled import compiled, layout
from models.evaluate.tail import largest
from models.rows import Table
from schemas.settings import Detect
from schemas.telemetry import Floats, Ints
from schemas.units import MOST

FALSE_ALARMS = float(Detect().false_alarms)
"""A day and signal: the product's default."""


def threshold(times_ns: Ints) -> float:
    """Return the score at which the product opens an anomaly of a signal with these times."""
    gaps = np.diff(times_ns)
    usual = float(np.median(gaps)) / 1e9 if gaps.size else 1.0
    return float(every.threshold(usual, FALSE_ALARMS))


class Signal:
    """What one signal remembers."""

    every: every.Row
    past: past.Row
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
        _judge(self._signals, times_ns, np.ascontiguousarray(values), scores)
        return scores


@compiled
def _judge(signals: Table, times_ns: Ints, values: Floats, scores: Floats) -> None:
    each = np.zeros(signals.size)
    for i in range(scores.size):
        for j in range(signals.size):
            each[j] = _one(signals[j], values[i, j], times_ns[i])
        scores[i] = largest(each)


@compiled
def _one(signal: Signal, value: float, time_ns: int) -> float:
    """Score a value, then learn it; 0.0 where there is none."""
    if not abs(value) <= MOST:
        return 0.0
    row, value = signal.every, base.believed(value)
    seen = row.base.place.seen
    step = value - signal.last if seen > 0.0 else 0.0
    look = base.look(row.base, value, step)
    score, _ = past.judge(signal.past, row.base, look, time_ns)
    every.learn(row, look, score)
    signal.last = value
    return score


class Told:
    """Ours where it is news: an anomaly is told once, and again only where it gets much worse."""

    def __init__(self) -> None:
        self._signals: list[Table] = []

    def score(self, times_ns: Ints, values: Floats) -> Floats:
        """Return the score of each row that is news, else 0.0, (n,). `values`: (n, k)."""
        if not self._signals:
            self._signals = [np.zeros(1, series.CHOSEN) for _ in range(values.shape[1])]
        believed = np.where(np.abs(values) <= MOST, values, np.nan)
        columns = zip(believed.T, self._signals, strict=True)
        told = [series.tell_chosen(times_ns, column, rows).events for column, rows in columns]
        most: Floats = np.stack(told).max(axis=0)
        return most


class Asset:
    """An asset's signals together (`models.anomaly.asset`); the worker does not run it yet.

    Scores rank rows; they are no tails: up to ten times as many healthy rows as they say.
    """

    def __init__(self) -> None:
        self._state: asset.State | None = None

    def score(self, times_ns: Ints, values: Floats) -> Floats:
        """Return one score a row, (n,). `values`: (n, k), the same k in every call."""
        if self._state is None:
            self._state = asset.new(values.shape[1])
        believed = np.where(np.abs(values) <= MOST, values, np.nan)
        return asset.tell(self._state, times_ns, believed).scores
