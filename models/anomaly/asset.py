"""An asset's signals together: their evidence added up, held for a while, and made a tail.

What one signal says is doubted; what many say at about the same time is not (Fisher 1932, on adding
up logarithms of probabilities). Each signal is judged as a chosen one and counts up to `MOST`; how
they move together counts as a tenth of them (`joint`). The sum falls by half in `HELD` rows, so
that evidence need not come at once; its own tail makes it a probability again, whatever the signals
have to do with each other. Below the quantile of the tail the score goes on in proportion, for
ranking. A signal that says more alone is heard alone.

What is normal of an asset is learned fast and unlearned slowly: of n rows seen every n / `ALL`-th
is learned, as in an average over all; none in alarm. Before `SURE` rows the score counts in part.
So of healthy rows up to ten times as many are in alarm as the score says, in few, long stretches.

Cost: 1,880 bytes and some 0.2 us a signal and row, and 8 bytes and 1 ns for each pair of signals.
"""

from math import log10, sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.anomaly import base, gate, joint, past, series, tail
from models.compiled import Float32, Int32, compiled, layout
from models.rows import Table
from schemas.telemetry import Floats, Ints

MOST = 5.0  # of one signal's score
HELD = 20.0  # rows: half-life of the evidence
KEEP = 0.5 ** (1.0 / HELD)
ALL = 800  # rows
SURE = 500.0  # rows
QUANTILE, EXCESS = 0.6, 0.2  # of the sum at the start, for each signal
DOUBT = 1.0  # decades off the score: the tail, without the rows in alarm, is too light
TOGETHER, TOGETHER_MOST = 0.1, 10.0  # signals that `joint` counts as, for each; of its score
ROWS = 10  # learned for each signal, before `joint` is asked
CLOSES = 3.0  # -log10 of a probability: the score that shuts the gate of learning ...
PARTED = 2.0  # ... and how much more of it `joint` must say
LASTS = 2000  # rows: a change that lasts longer is the new normal


class Row:
    """What is remembered of an asset besides its signals."""

    held: float
    """Evidence."""
    held_tail: tail.Row
    apart: Float32
    """How far from moving together the last row was."""
    apart_tail: tail.Row
    seen: Int32
    """Rows."""
    learned: Int32
    """Of them, once the signals were warm."""
    gate: gate.Row


ROW = layout(Row)


class State(NamedTuple):
    """All that is remembered of an asset of k signals."""

    asset: Table
    """(1,) `Row`."""
    signals: Table
    """(k,) `series.Chosen`."""
    inverse: joint.Square
    """(k, k), see `joint`."""
    near: Floats
    """(k, 3): of this row, how far from the centre and the nearest shape, and which."""
    away: Floats
    """(k,): of this row, how far from the centre, in spreads; 0.0 where a value is missing."""
    values: Floats
    """(k,): of this row."""
    says: Floats
    """(k,): of this row, the score of each signal alone."""
    work: Floats
    """(k,)"""


class Told(NamedTuple):
    """What is told of each row, (n,) each."""

    scores: Floats
    """-log10 of a probability, >= 0.0."""
    signals: Ints
    """Which signal says most; -1: none says anything."""


@compiled
def take(state: State, values: Floats) -> None:
    """Take one row of `values` (k,): as far as believed, NaN where there is none."""
    for j in range(values.size):
        is_value = np.isfinite(values[j])
        state.values[j] = base.believed(values[j]) if is_value else np.nan


@compiled
def evidence(state: State, time_ns: int) -> tuple[float, float, int]:
    """Return what the signals say of this row together; the most; which says it."""
    total, most, which = 0.0, 0.0, -1
    for j in range(state.values.size):
        row, value = state.signals[j], state.values[j]
        state.away[j] = state.says[j] = 0.0
        if not np.isfinite(value):
            continue
        seen = row.every.base.place.seen
        near = past.nearest(row.past, row.every.base.place, value)
        state.near[j, 0], state.near[j, 1], state.near[j, 2] = near
        state.away[j] = near[0]
        look = base.look(row.every.base, value, value - row.every.last)
        score, why = base.evidence(row.every.base, look, 0.0)
        score, why = past.score(row.past, value, time_ns, near[1], (seen, score, why))
        state.says[j] = score
        total += min(score, MOST)
        if score > most:
            most, which = score, j
    return total, most, which


@compiled
def remember(state: State, time_ns: int) -> None:
    """Learn the evidence, how signals move together, and of each day, week and shapes."""
    asset = state.asset[0]
    if asset.seen >= base.WARMUP:
        known = float(asset.learned)
        gain = tail.gain(known)
        tail.learn(asset.held_tail, asset.held, known, gain)
        if asset.learned >= ROWS * state.away.size:
            tail.learn(asset.apart_tail, asset.apart, known, gain)
        joint.learn(state.inverse, state.away, state.work, int(asset.learned))
        asset.learned += 1
    for j in range(state.values.size):
        row, near = state.signals[j], state.near[j]
        seen = row.every.base.place.seen
        if np.isfinite(state.values[j]) and seen > 0.0:
            past.learn(row.past, state.values[j], time_ns, (near[0], near[1], int(near[2])), seen)


@compiled
def follow(state: State, time_ns: int) -> None:
    """Let every signal take its value into its recent past."""
    for j in range(state.values.size):
        row, value = state.signals[j], state.values[j]
        if not np.isfinite(value):
            continue
        every = row.every
        if every.base.place.seen == 0.0:
            past.start(row.past, value, time_ns)
            base.start(every.base, value)
            every.last = value
        base.follow(every.base, base.look(every.base, value, value - every.last))
        past.follow(row.past, state.near[j, 0])


@compiled
def learn(state: State) -> None:
    """Let every signal learn its value, which is now the recent past."""
    for j in range(state.values.size):
        every, value = state.signals[j].every, state.values[j]
        if np.isfinite(value):
            look = base.look(every.base, value, value - every.last)
            base.watch(every.base, look, is_new=True)
            base.settle(every.base, look)


@compiled
def pass_on(state: State) -> None:
    """Let this row be the last."""
    for j in range(state.values.size):
        if np.isfinite(state.values[j]):
            state.signals[j].every.last = state.values[j]


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
        start(state)
    for i in range(times_ns.size):
        take(state, values[i])
        total, most, which = evidence(state, times_ns[i])
        parted = apart(state)
        together = TOGETHER * k * min(parted, TOGETHER_MOST)
        asset.held = max(asset.held * KEEP, total + together)
        said = tail.score(asset.held_tail, asset.held) if asset.seen >= base.WARMUP else 0.0
        told.scores[i] = max(ranked(asset, said), alone(asset, most, k))
        told.signals[i] = which
        gated = gate.step(asset.gate, max(said, parted - PARTED), CLOSES, LASTS)
        if gated == gate.ADOPT:
            adopt(state)
        learns = gated != gate.SHUT and asset.seen % max(1, asset.seen // ALL) == 0
        if learns:
            remember(state, times_ns[i])
        follow(state, times_ns[i])
        if learns:
            learn(state)
        pass_on(state)
        asset.seen += 1


@compiled
def start(state: State) -> None:
    """Begin."""
    asset = state.asset[0]
    start_tails(asset.held_tail, asset.apart_tail, state.signals.size)
    joint.start(state.inverse)


@compiled
def start_tails(held: tail.Row, apart: tail.Row, k: int) -> None:
    """Begin tails of the evidence and of the distance of `k` signals, as of Gaussian ones."""
    tail.start(held, QUANTILE * k, EXCESS * k)
    tail.start(apart, 1.0 + 1.5 / sqrt(k), 0.3 / sqrt(k))


@compiled
def apart(state: State) -> float:
    """Return what `joint` says of this row; 0.0 before it has learned enough."""
    asset = state.asset[0]
    asset.apart = joint.distance(state.inverse, state.away, float(asset.learned))
    if asset.learned < ROWS * state.away.size:
        return 0.0
    return tail.score(asset.apart_tail, asset.apart)


@compiled
def ranked(row: Row, score: float) -> float:
    """Return the score as it is told: below the quantile in proportion, in part while young."""
    if row.seen < base.WARMUP:
        return 0.0
    sure = min(row.seen / SURE, 1.0)
    if score == 0.0:
        part = row.held / max(row.held_tail.quantile, tail.LEAST)
        return (tail.FIRST - DOUBT) * part * sure
    return (score - DOUBT) * sure


@compiled
def alone(row: Row, most: float, k: int) -> float:
    """Return what the largest score of `k` signals says of the asset (Bonferroni's bound)."""
    return max(most - log10(k), 0.0) * min(row.seen / SURE, 1.0)


def new(k: int) -> State:
    """Return what is remembered of an asset of `k` signals before its first row."""
    return resumed(np.zeros(1, ROW), np.zeros(k, series.CHOSEN), np.zeros((k, k)))


def resumed(asset: Table, signals: Table, inverse: joint.Square) -> State:
    """Return what goes on from these; the rest is of one row only. As in `State`."""
    k = len(signals)
    of_each = np.zeros((k, 3)), np.zeros(k), np.zeros(k), np.zeros(k), np.zeros(k)
    return State(asset, signals, inverse, *of_each)


def untold(n: int) -> Told:
    """Return room for what is told of `n` rows."""
    return Told(np.zeros(n), np.full(n, -1))


def tell(state: State, times_ns: npt.ArrayLike, values: npt.ArrayLike) -> Told:
    """Judge `values` (n, k), NaN where missing, at `times_ns` (n,); moves `state` on."""
    table = np.ascontiguousarray(values, np.float64)
    told = untold(len(table))
    judge(state, np.ascontiguousarray(times_ns).astype(np.int64), table, told)
    return told


def score_asset(times_ns: npt.ArrayLike, values: npt.ArrayLike) -> Floats:
    """Return the score of each row of `values` (n, k) at `times_ns` (n,) of a new asset."""
    return tell(new(np.shape(values)[1]), times_ns, values).scores
