"""From a closed frame to a row of means, and from a judged row to the signals that say most."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from models.anomaly import asset, centre
from models.compiled import Int32, compiled, layout
from models.gaps import NEVER
from models.held import GOOD
from schemas.telemetry import Floats, Indices, Ints

if TYPE_CHECKING:
    from models.rows import Table

FEW = 3
"""Signals that are named."""
GAUSSIAN = 0.2171472409516259  # of a distance's square: decades of its probability, about
NAMED = 1.0  # decades: what says less is named only if nothing says more


class Said:
    """What one signal says of an anomaly."""

    row: Int32
    """Its signal."""
    is_apart: bool
    """It is far from what the others let expect; else from its own centre."""
    value: float
    expected: float
    spread: float
    decades: float
    """How much it says."""


SAID = layout(Said)


@compiled
def means(  # noqa: PLR0913, PLR0917 - columns
    spans: Ints,
    held: Table,
    held_rows: Indices,
    held_values: Floats,
    held_status: npt.NDArray[np.uint8],
    columns: Indices,
    frame_ns: int,
    out: Floats,
) -> tuple[int, int, int]:
    """Write the mean of each column's good samples in `spans`, NaN where there is none, to `out`.

    `columns`: (n,) signals, `out`: (n,). Return the slot, `NEVER` where there is no good sample;
    the span that came last in it; and how many columns there are up to the last that has a value.
    """
    counts, slot, last, used, j = np.zeros(columns.size, np.int32), NEVER, -1, 0, 0
    out[:] = 0.0
    for s in spans:
        span, is_good = held[s], False
        for i in range(span.first, span.first + span.count):
            if held_status[i] & GOOD != GOOD:
                continue
            j = column(columns, held_rows[i], j)
            if j < columns.size:
                counts[j] += 1
                out[j] += held_values[i]
                used, is_good = max(used, j + 1), True
        if is_good and span.time_ns // frame_ns >= slot:
            slot, last = span.time_ns // frame_ns, s
    for j in range(columns.size):
        out[j] = out[j] / counts[j] if counts[j] > 0 else np.nan
    return slot, last, used


@compiled
def column(columns: Indices, signal: int, after: int) -> int:
    """Return the column of a signal, looked for behind that of the one before; their number: none.

    Samples come in the order of columns as a rule.
    """
    n = columns.size
    for step in range(1, n + 1):
        j = (after + step) % n
        if columns[j] == signal:
            return j
    return n


@compiled
def say(state: asset.State, columns: Indices, out: Table) -> int:
    """Write which signals say most of the row just judged, the most first; return how many.

    A signal's distance from what the others let expect is that of a regression on them, which the
    inverse of the scatter holds (Lauritzen 1996, Graphical Models, 5.1).
    """
    row, k, n = state.asset[0], state.values.size, 0
    knows = row.learned >= asset.ROWS * k
    for _ in range(min(out.size, k)):
        best, most = -1, 0.0
        for j in range(k):
            decades = max(*_decades(state, j, knows))
            is_new = np.isfinite(state.values[j])
            for i in range(n):
                is_new = is_new and out[i].row != columns[j]
            if is_new and decades > most:
                best, most = j, decades
        if best < 0 or (n > 0 and most < NAMED):
            break
        _write(out[n], state, best, columns[best], _decades(state, best, knows))
        n += 1
    return n


@compiled
def _apart(state: asset.State, j: int) -> tuple[float, float]:
    """Return how far a signal is from what the others let expect, and how far it is as a rule.

    In its spreads.
    """
    part = 0.0
    for i in range(state.away.size):
        part += state.inverse[j, i] * state.away[i]
    own = max(state.inverse[j, j], 1e-300)
    return part / own, 1.0 / sqrt(own * (state.asset[0].learned + 1.0))


@compiled
def _decades(state: asset.State, j: int, knows: bool) -> tuple[float, float]:
    """Return what a signal says by itself, and beside the others; `knows`: those are known."""
    if not knows:
        return state.says[j], 0.0
    away, usual = _apart(state, j)
    return state.says[j], min(GAUSSIAN * (away / usual) ** 2, asset.TOGETHER_MOST)


@compiled
def _write(
    said: Said, state: asset.State, j: int, signal: int, decades: tuple[float, float]
) -> None:
    place = state.signals[j].every.base.place
    spread = centre.scale(place)
    said.row = signal
    said.value = state.values[j]
    said.expected = place.centre
    said.spread = spread
    said.decades = max(decades[0], decades[1])
    said.is_apart = decades[1] > decades[0]
    if said.is_apart:
        away, usual = _apart(state, j)
        said.expected = state.values[j] - away * spread
        said.spread = usual * spread
