"""One signal from beginning to end, strictly online: what is told of a sample never changes."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.anomaly import base, gate, once, past
from models.anomaly.every import CLOSES, LASTS
from models.compiled import compiled, layout
from models.rows import Table
from schemas.telemetry import Floats, Indices, Ints


class Every:
    """What is remembered of every signal."""

    base: base.Row
    last: float
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
def learn(row: Every, look: base.Look, score: float) -> int:
    """Learn one value after its score; say what the gate said."""
    gated = gate.step(row.gate, gate.held(row.gate, score, CLOSES, look.away), CLOSES, LASTS)
    row.last = look.value
    base.learn(row.base, look, row.gate.length if gated == gate.SHUT else 0, gated == gate.ADOPT)
    return gated


@compiled
def tell_one(row: Every, value: float) -> tuple[float, float, int]:
    """Judge one value, then learn it; score, event and reason."""
    value = base.believed(value)
    look = base.look(row.base, value, value - row.last)
    score, why = base.score(row.base, look)
    gated = learn(row, look, score)
    return score, once.step(row.once, score, gated == gate.SHUT), why


@compiled
def tell_one_chosen(row: Chosen, time_ns: int, value: float) -> tuple[float, float, int]:
    """Judge one value of a chosen signal, then learn it; score, event and reason."""
    every, value = row.every, base.believed(value)
    look = base.look(every.base, value, value - every.last)
    score, why = past.judge(row.past, every.base, look, time_ns)
    gated = learn(every, look, score)
    return score, once.step(every.once, score, gated == gate.SHUT), why


@compiled
def judge_every(row: Every, values: Floats, told: Told) -> None:
    """Judge `values` (n,), which follow those before, by the detectors that every signal has."""
    for i in range(values.size):
        if np.isfinite(values[i]):
            told.scores[i], told.events[i], told.reasons[i] = tell_one(row, values[i])


@compiled
def judge_chosen(row: Chosen, times_ns: Ints, values: Floats, told: Told) -> None:
    """Judge `values` (n,) at `times_ns` (n,), which follow those before, of a chosen signal."""
    for i in range(values.size):
        if np.isfinite(values[i]):
            one = tell_one_chosen(row, times_ns[i], values[i])
            told.scores[i], told.events[i], told.reasons[i] = one


@compiled
def judge_block(table: Table, rows: Indices, values: Floats, scores: Floats) -> None:
    """Judge samples of many signals in their order. `table`: `EVERY`; the rest (n,)."""
    for i in range(values.size):
        if np.isfinite(values[i]):
            scores[i], _, _ = tell_one(table[rows[i]], values[i])


@compiled
def judge_chosen_block(
    table: Table, rows: Indices, times_ns: Ints, values: Floats, scores: Floats
) -> None:
    """Judge samples of many chosen signals in their order. `table`: `CHOSEN`; the rest (n,)."""
    for i in range(values.size):
        if np.isfinite(values[i]):
            scores[i], _, _ = tell_one_chosen(table[rows[i]], times_ns[i], values[i])


def tell_every(values: npt.ArrayLike, rows: Table | None = None) -> Told:
    """Judge `values` (n,) of one signal. `rows`: (1,) `EVERY`, where they go on; moved on."""
    row = np.zeros(1, EVERY) if rows is None else rows
    column = np.ascontiguousarray(values, np.float64)
    told = _nothing(column.size)
    judge_every(row[0], column, told)
    return told


def tell_chosen(times_ns: npt.ArrayLike, values: npt.ArrayLike, rows: Table | None = None) -> Told:
    """Judge `values` (n,) at `times_ns` (n,) of one chosen signal.

    `rows`: (1,) `CHOSEN`, where they go on from those before; moved on.
    """
    row = np.zeros(1, CHOSEN) if rows is None else rows
    column, times = np.ascontiguousarray(values, np.float64), np.ascontiguousarray(times_ns)
    told = _nothing(column.size)
    judge_chosen(row[0], times.astype(np.int64), column, told)
    return told


def score_series(times_ns: npt.ArrayLike, values: npt.ArrayLike) -> Floats:
    """Return the score of each of `values` (n,) at `times_ns` (n,): -log10 of a probability."""
    return tell_chosen(times_ns, values).scores


def _nothing(n: int) -> Told:
    return Told(np.zeros(n), np.zeros(n), np.zeros(n, np.int64))
