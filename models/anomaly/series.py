"""One signal from beginning to end, strictly online: what is told of a sample never changes."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.anomaly import base, gate, once, past
from models.compiled import compiled, layout
from schemas.telemetry import Floats, Ints


class Every:
    """What is remembered of every signal."""

    base: base.Row
    gate: gate.Row
    once: once.Row


class Chosen:
    """What is remembered of a chosen signal."""

    every: Every
    past: past.Row


EVERY = layout(Every)
CHOSEN = layout(Chosen)


class Told(NamedTuple):
    """What is told of each sample, (n,) each."""

    scores: Floats
    """-log10 of a probability, >= 0.0; 0.0 where the value is no number."""
    events: Floats
    """The score where it is news (`once`), else 0.0."""
    reasons: Ints
    """Which detector says most: one of `base` and `past`."""


@compiled
def learn(row: Every, value: float, step: float, score: float) -> int:
    """Learn one value after its score; say what the gate said."""
    gated = gate.step(row.gate, score)
    if row.base.place.seen == 0.0:
        base.start(row.base, value)
        return gated
    base.watch(row.base, value, step)
    if gated == gate.ADOPT:
        base.adopt(row.base)
    if gated != gate.SHUT:
        base.settle(row.base, value, step)
    return gated


@compiled
def _every(row: Every, values: Floats, told: Told) -> None:
    last = 0.0
    for i in range(values.size):
        value = values[i]
        if not np.isfinite(value):
            continue
        step = value - last if row.base.place.seen > 0.0 else 0.0
        score, why = base.score(row.base, value, step)
        gated = learn(row, value, step, score)
        told.scores[i], told.reasons[i] = score, why
        told.events[i] = once.step(row.once, score, gated == gate.SHUT)
        last = value


@compiled
def _chosen(row: Chosen, times_ns: Ints, values: Floats, told: Told) -> None:
    last = 0.0
    every = row.every
    for i in range(values.size):
        value = values[i]
        if not np.isfinite(value):
            continue
        seen = every.base.place.seen
        step = value - last if seen > 0.0 else 0.0
        near = past.nearest(row.past, every.base.place, value)
        score, why = base.score(every.base, value, step)
        score, why = past.score(row.past, value, times_ns[i], near[1], (seen, score, why))
        past.learn(row.past, value, times_ns[i], near, seen)
        gated = learn(every, value, step, score)
        told.scores[i], told.reasons[i] = score, why
        told.events[i] = once.step(every.once, score, gated == gate.SHUT)
        last = value


def tell_every(values: npt.ArrayLike) -> Told:
    """Judge `values` (n,) of one signal in order by the detectors that every signal has."""
    row, column = np.zeros(1, EVERY)[0], np.ascontiguousarray(values, np.float64)
    told = _nothing(column.size)
    _every(row, column, told)
    return told


def tell_chosen(times_ns: npt.ArrayLike, values: npt.ArrayLike) -> Told:
    """Judge `values` (n,) at `times_ns` (n,) in order as those of a chosen signal."""
    row, column = np.zeros(1, CHOSEN)[0], np.ascontiguousarray(values, np.float64)
    told = _nothing(column.size)
    _chosen(row, np.ascontiguousarray(times_ns, np.int64), column, told)
    return told


def score_series(times_ns: npt.ArrayLike, values: npt.ArrayLike) -> Floats:
    """Return the score of each of `values` (n,) at `times_ns` (n,): -log10 of a probability."""
    return tell_chosen(times_ns, values).scores


def _nothing(n: int) -> Told:
    return Told(np.zeros(n), np.zeros(n), np.zeros(n, np.int64))
