"""An asset's signals together: their evidence added up, held for a while, and made a tail.

What one signal says is doubted; what many say at about the same time is not (Fisher 1932, on adding
up logarithms of probabilities). Each signal is judged as a chosen one and counts up to `MOST`; the
sum falls by half in `HELD` rows, so that evidence need not come at once; its own tail makes it a
probability again, whatever the signals have to do with each other. Below the quantile of the tail
the score goes on in proportion, for ranking. A signal that says more alone is heard alone.

What is normal of an asset is learned fast and unlearned slowly: of n rows seen every n / `ALL`-th
is learned, as in an average over all; none in alarm. Before `SURE` rows the score counts in part.
So of healthy rows up to ten times as many are in alarm as the score says, in few, long stretches.

Cost: 1,864 bytes and some 0.2 us a signal and row.
"""

from math import log10
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.anomaly import base, gate, past, series, tail
from models.compiled import Int32, compiled, layout
from models.rows import Table
from schemas.telemetry import Floats, Ints

MOST = 5.0  # of one signal's score
HELD = 20.0  # rows: half-life of the evidence
KEEP = 0.5 ** (1.0 / HELD)
ALL = 800  # rows
SURE = 500.0  # rows
QUANTILE, EXCESS = 0.6, 0.2  # of the sum at the start, for each signal
CLOSES = 3.0  # -log10 of a probability: the score that shuts the gate of learning
DOUBT = 1.0  # decades off the score: the tail, without the rows in alarm, is too light
LASTS = 2000  # rows: a change that lasts longer is the new normal


class Row:
    """What is remembered of an asset besides its signals."""

    held: float
    tail: tail.Row
    seen: Int32
    """Rows."""
    learned: Int32
    """Sums."""
    gate: gate.Row


class State(NamedTuple):
    """All that is remembered of an asset of k signals."""

    asset: Table
    """(1,) `Row`."""
    signals: Table
    """(k,) `series.Chosen`."""
    near: Floats
    """(k, 3): of this row, how far from the centre and the nearest shape, and which."""


class Told(NamedTuple):
    """What is told of each row, (n,) each."""

    scores: Floats
    """-log10 of a probability, >= 0.0."""
    signals: Ints
    """Which signal says most; -1: none says anything."""


@compiled
def evidence(state: State, time_ns: int, values: Floats) -> tuple[float, float, int]:
    """Return what the signals say of one row's `values` (k,) together; the most; which says it."""
    total, most, which = 0.0, 0.0, -1
    for j in range(values.size):
        row, value = state.signals[j], values[j]
        if not np.isfinite(value):
            continue
        seen = row.every.base.place.seen
        near = past.nearest(row.past, row.every.base.place, value)
        state.near[j, 0], state.near[j, 1], state.near[j, 2] = near
        score, why = base.score(row.every.base, value, value - row.every.last)
        score, why = past.score(row.past, value, time_ns, near[1], (seen, score, why))
        total += min(score, MOST)
        if score > most:
            most, which = score, j
    return total, most, which


@compiled
def remember(state: State, time_ns: int, values: Floats) -> None:
    """Let day, week and shapes of every signal learn its value of `values` (k,)."""
    for j in range(values.size):
        row, near = state.signals[j], state.near[j]
        seen = row.every.base.place.seen
        if np.isfinite(values[j]) and seen > 0.0:
            past.learn(row.past, values[j], time_ns, (near[0], near[1], int(near[2])), seen)


@compiled
def follow(state: State, time_ns: int, values: Floats) -> None:
    """Let every signal take its value of `values` (k,) into its recent past."""
    for j in range(values.size):
        row, value = state.signals[j], values[j]
        if not np.isfinite(value):
            continue
        every = row.every
        if every.base.place.seen == 0.0:
            past.start(row.past, value, time_ns)
            base.start(every.base, value)
            every.last = value
        base.follow(every.base, value, value - every.last)
        past.follow(row.past, state.near[j, 0])


@compiled
def learn(state: State, values: Floats) -> None:
    """Let every signal learn its value of `values` (k,), which is now the recent past."""
    for j in range(values.size):
        every, value = state.signals[j].every, values[j]
        if np.isfinite(value):
            base.watch(every.base, value, value - every.last)
            base.settle(every.base, value, value - every.last)


@compiled
def pass_on(state: State, values: Floats) -> None:
    """Let `values` (k,) be the last."""
    for j in range(values.size):
        if np.isfinite(values[j]):
            state.signals[j].every.last = values[j]


@compiled
def adopt(state: State) -> None:
    """Take what has lasted for the new normal."""
    for j in range(state.signals.size):
        base.adopt(state.signals[j].every.base)


@compiled
def judge(state: State, times_ns: Ints, values: Floats, told: Told) -> None:
    """Judge `values` (n, k) at `times_ns` (n,), rows that follow those before."""
    asset, k = state.asset[0], values.shape[1]
    if asset.seen == 0:
        tail.start(asset.tail, QUANTILE * k, EXCESS * k)
    for i in range(times_ns.size):
        total, most, which = evidence(state, times_ns[i], values[i])
        asset.held = max(asset.held * KEEP, total)
        score = tail.score(asset.tail, asset.held) if asset.seen >= base.WARMUP else 0.0
        told.scores[i] = max(ranked(asset, score), alone(asset, most, k))
        told.signals[i] = which
        gated = gate.step(asset.gate, score, CLOSES, LASTS)
        if gated == gate.ADOPT:
            adopt(state)
        learns = gated != gate.SHUT and asset.seen % max(1, asset.seen // ALL) == 0
        if learns:
            learn_sum(asset)
            remember(state, times_ns[i], values[i])
        follow(state, times_ns[i], values[i])
        if learns:
            learn(state, values[i])
        pass_on(state, values[i])
        asset.seen += 1


@compiled
def learn_sum(row: Row) -> None:
    """Learn the evidence held; not while the signals warm up."""
    if row.seen >= base.WARMUP:
        known = float(row.learned)
        tail.learn(row.tail, row.held, known, tail.gain(known))
        row.learned += 1


@compiled
def ranked(row: Row, score: float) -> float:
    """Return the score as it is told: below the quantile in proportion, in part while young."""
    if row.seen < base.WARMUP:
        return 0.0
    sure = min(row.seen / SURE, 1.0)
    if score == 0.0:
        part = row.held / max(row.tail.quantile, tail.LEAST)
        return (tail.FIRST - DOUBT) * part * sure
    return (score - DOUBT) * sure


@compiled
def alone(row: Row, most: float, k: int) -> float:
    """Return what the largest score of `k` signals says of the asset (Bonferroni's bound)."""
    return max(most - log10(k), 0.0) * min(row.seen / SURE, 1.0)


def new(k: int) -> State:
    """Return what is remembered of an asset of `k` signals before its first row."""
    return State(np.zeros(1, layout(Row)), np.zeros(k, series.CHOSEN), np.zeros((k, 3)))


def tell(state: State, times_ns: npt.ArrayLike, values: npt.ArrayLike) -> Told:
    """Judge `values` (n, k), NaN where missing, at `times_ns` (n,); moves `state` on."""
    table = np.ascontiguousarray(values, np.float64)
    told = Told(np.zeros(len(table)), np.full(len(table), -1))
    judge(state, np.ascontiguousarray(times_ns).astype(np.int64), table, told)
    return told


def score_asset(times_ns: npt.ArrayLike, values: npt.ArrayLike) -> Floats:
    """Return the score of each row of `values` (n, k) at `times_ns` (n,) of a new asset."""
    return tell(new(np.shape(values)[1]), times_ns, values).scores
