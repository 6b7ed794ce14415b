"""Samples that wait for their frame to close: a chain of spans a lane, in rings of columns.

Spans come in order of arrival and go in about that order, so what is new takes the place of what
went first, and a block costs what is in it, however many signals there are. Where a silent lane
keeps its place, the others are moved together once the ring is full.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from models.compiled import compiled
from models.rows import Held, Lane, Table
from schemas.bits import FRESH, IN_RANGE, VALID
from schemas.telemetry import Floats, Indices, Ints

if TYPE_CHECKING:
    from models.state import State

Bytes = npt.NDArray[np.uint8]
Samples = tuple[Indices, Indices, Bytes, Floats]
"""Row and point in the frame, status and value of each sample."""

GOOD = VALID | FRESH | IN_RANGE
_SPARE = 8  # a ring is larger than what it must hold by one part in this


@dataclass(slots=True)
class Ring:
    """What of the held columns is in use: from `first` to their size, or to `end` and from 0 on."""

    first: int = 0
    """The oldest span."""
    end: int = -1
    """Where the lap of the oldest span ends; -1 where that is the only one."""


def make_room(state: State, spans: int, samples: int) -> None:
    """Let the next `spans` and `samples` behind the last ones be free."""
    ring, held, values = state.ring, state.held, state.held_values
    ring.first, ring.end = _oldest(held.all, ring.first, ring.end, held.size)
    behind = len(held.all), len(values.all)
    before = ring.first, int(held.all["first"][ring.first]) if ring.first < len(held.all) else 0
    limit = behind if ring.end < 0 else before
    if held.size + spans <= limit[0] and values.size + samples <= limit[1]:
        return
    if ring.end < 0 and spans <= before[0] and samples <= before[1]:
        ring.end = held.size
        _resize(state, 0, 0)
        return
    _move(state, spans, samples)


def tidy(state: State) -> None:
    """Let what is held stand in one piece, from the first place on."""
    ring = state.ring
    if ring.first or ring.end >= 0 or (state.held.rows["frame"] < 0).any():
        _move(state, 0, 0)


def _resize(state: State, spans: int, samples: int) -> None:
    state.held.size = spans
    for store in (state.held_rows, state.held_values, state.held_status):
        store.size = samples


def _move(state: State, spans: int, samples: int) -> None:
    """Move what is held into new columns, with room for so many more."""
    ring, held = state.ring, state.held
    stores = (held, state.held_rows, state.held_values, state.held_status)
    old = [store.all for store in stores]
    laps = np.array([[ring.first, max(ring.end, 0)], [0, held.size]])
    if ring.end < 0:
        laps[1, 0] = ring.first
        laps[0] = 0
    kept = _count(laps, held.all)
    for store, more in zip(stores, (spans, samples, samples, samples), strict=True):
        size = kept[0 if store is held else 1] + more
        store.all = np.zeros(size + size // _SPARE + 1, store.all.dtype)
    _copy(laps, state.lanes.rows, *old, *(store.all for store in stores))
    ring.first, ring.end = 0, -1
    _resize(state, *kept)


@compiled
def _oldest(held: Table, first: int, end: int, size: int) -> tuple[int, int]:
    """Return the oldest span that is still held, and the end of its lap."""
    while True:
        if first == end:
            first, end = 0, -1
        elif (end < 0 and first == size) or held[first].frame >= 0:
            return first, end
        else:
            first += 1


@compiled
def _count(laps: Ints, held: Table) -> tuple[int, int]:
    spans, samples = 0, 0
    for lap in range(len(laps)):
        for s in range(laps[lap, 0], laps[lap, 1]):
            if held[s].frame >= 0:
                spans += 1
                samples += held[s].count
    return spans, samples


@compiled
def _copy(  # noqa: PLR0913, PLR0917 - columns
    laps: Ints,
    lanes: Table,
    held: Table,
    rows: Indices,
    values: Floats,
    status: Bytes,
    to_held: Table,
    to_rows: Indices,
    to_values: Floats,
    to_status: Bytes,
) -> None:
    """Copy what lanes still hold, in order, and chain it anew."""
    for k in range(lanes.size):
        lanes[k].first = -1
        lanes[k].last = -1
    spans, at = 0, 0
    for lap in range(len(laps)):
        for s in range(laps[lap, 0], laps[lap, 1]):
            if held[s].frame < 0:
                continue
            to_held[spans] = held[s]
            span = to_held[spans]
            chain(lanes[span.lane], to_held, spans)
            first, last = span.first, span.first + span.count
            to_rows[at : at + span.count] = rows[first:last]
            to_values[at : at + span.count] = values[first:last]
            to_status[at : at + span.count] = status[first:last]
            span.first = at
            at += span.count
            spans += 1


@compiled
def chain(lane: Lane, held: Table, index: int) -> None:
    """Append a span to what its lane holds."""
    held[index].next = -1
    if lane.last >= 0:
        held[lane.last].next = index
    else:
        lane.first = index
    lane.last = index


@compiled
def take(which: Indices, lanes: Table, held: Table) -> tuple[Ints, Ints]:
    """Take the spans of closed frames out of the chains of the lanes `which`.

    Return the spans, lane by lane and frame by frame, and where each frame begins among them.
    """
    which = np.sort(which)
    order, begins = np.empty(held.size, np.int64), np.empty(held.size, np.int64)
    n, frames = 0, 0
    for k in which:
        lane = lanes[k]
        frame, at = -1, lane.first
        while at >= 0 and held[at].frame < lane.frame:
            if held[at].frame != frame:
                frame = held[at].frame
                begins[frames] = n
                frames += 1
            held[at].frame = -1
            order[n] = at
            n += 1
            at = held[at].next
        lane.first = at
        if at < 0:
            lane.last = -1
    return order[:n].copy(), begins[:frames].copy()


@compiled
def _repeats(held_rows: Indices, span: Held, rows: Indices) -> bool:
    """Say whether the samples of a span are those of the signals `rows`, in their order."""
    if span.count != rows.size:
        return False
    for p in range(rows.size):  # noqa: SIM110 - compiled
        if held_rows[span.first + p] != rows[p]:
            return False
    return True


@compiled
def _number(point: Indices, last: Indices, status: Bytes, moment: int) -> int:
    """Give the samples of a span their points, which are all there in order; count good ones."""
    good = 0
    for p in range(point.size):
        point[p], last[p] = p, moment
        good += status[p] & GOOD == GOOD
    return good


@compiled
def gather(  # noqa: PLR0913, PLR0917 - columns
    order: Ints,
    begins: Ints,
    held: Table,
    held_rows: Indices,
    held_values: Floats,
    held_status: Bytes,
    column: Indices,
) -> tuple[Indices, Ints, Samples, Ints, Ints]:
    """Copy the samples of F frames; number points by first sight, moments by time, in each.

    `order`: the held spans, `begins`: where each frame begins among them. `column`: a scratch of -1
    for every signal, left as it was. A moment ends when the time changes or when a point comes a
    second time. Return the signals and the moments of all frames, the samples, where (points,
    moments, samples) of each frame begin, (F + 1, 3), and (latest time, good samples), (F, 2).
    """
    n = 0
    for s in order:
        n += held[s].count
    rows, last = np.empty(n, np.int32), np.empty(n, np.int32)
    times = np.empty(n, np.int64)
    row, point = np.empty(n, np.int32), np.empty(n, np.int32)
    status, values = np.empty(n, np.uint8), np.empty(n, np.float64)
    ends = np.zeros((begins.size + 1, 3), np.int64)
    about = np.zeros((begins.size, 2), np.int64)
    points, moments, at = 0, 0, 0
    for f in range(begins.size):
        first_point, first_moment = points, moments
        for k in range(begins[f], begins[f + 1] if f + 1 < begins.size else order.size):
            span = held[order[k]]
            if moments == first_moment or times[moments - 1] != span.time_ns:
                times[moments] = span.time_ns
                moments += 1
                if _repeats(held_rows, span, rows[first_point:points]):
                    to = at + span.count
                    row[at:to] = moments - 1 - first_moment
                    values[at:to] = held_values[span.first : span.first + span.count]
                    status[at:to] = held_status[span.first : span.first + span.count]
                    about[f, 1] += _number(point[at:to], last, status[at:to], moments - 1)
                    at = to
                    continue
            for i in range(span.first, span.first + span.count):
                signal = held_rows[i]
                p = column[signal]
                if p < 0:
                    p = column[signal] = points - first_point
                    rows[points] = signal
                    last[p] = -1
                    points += 1
                if last[p] == moments - 1:
                    times[moments] = span.time_ns
                    moments += 1
                last[p] = moments - 1
                row[at], point[at] = moments - 1 - first_moment, p
                status[at], values[at] = held_status[i], held_values[i]
                about[f, 1] += status[at] & GOOD == GOOD
                at += 1
        for p in range(first_point, points):
            column[rows[p]] = -1
        about[f, 0] = times[first_moment:moments].max()
        ends[f + 1] = points, moments, at
    return rows[:points].copy(), times[:moments].copy(), (row, point, status, values), ends, about
