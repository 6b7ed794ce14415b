"""Closing bit frames: the spans a lane holds become one frame when event time leaves the window."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from models import bits
from models.compiled import compiled
from schemas.bits import FRESH, IN_RANGE, VALID, Covers, Meaning
from schemas.telemetry import Floats, Indices, Ints

if TYPE_CHECKING:
    from models.signals import Table
    from models.state import State

Bytes = npt.NDArray[np.uint8]

GOOD = VALID | FRESH | IN_RANGE
_MOST_KNOWN = 20_000  # sets of points


class BitFrame(NamedTuple):
    """A closed frame, as it is published."""

    id: str
    """32 hex digits, derived from what the frame covers."""
    asset: str
    cell: str
    time_ns: int
    """Latest event time in it."""
    quality: float
    """Share of its samples that are valid, fresh and in range."""
    data: bytes


def close(state: State) -> list[BitFrame]:
    """Take the spans of closed frames out of what `state` holds; return the frames.

    Frames come in the order of their lanes' ids, those of one lane in order of time.
    """
    held = state.held.rows
    closed = held["frame"] < state.lanes.all["frame"][held["lane"]]
    which = np.flatnonzero(closed)
    if not len(which):
        return []
    order = which[np.lexsort((held["frame"][which], held["lane"][which]))]
    frames = [_frame(state, spans) for spans in _groups(held, order)]
    _compact(state, ~closed)
    return frames


def _groups(held: Table, order: npt.NDArray[np.intp]) -> Iterator[Table]:
    lane, frame = held["lane"][order], held["frame"][order]
    edges = np.flatnonzero((np.diff(lane) != 0) | (np.diff(frame) != 0)) + 1
    for part in np.split(order, edges):
        yield held[part]


def _frame(state: State, spans: Table) -> BitFrame:
    lane = state.lanes.all[int(spans["lane"][0])]
    asset, source = int(lane["asset"]), state.sources[int(lane["source"])]
    n = int(spans["count"].sum())
    rows, times, samples = _gather(
        spans,
        state.held_rows.all,
        state.held_values.all,
        state.held_status.all,
        state.columns(),
        n,
    )
    name, cell = state.names.assets[asset], state.names.cells[asset]
    columns = _columns(state, asset, rows)
    covers = Covers(*source, int(spans["offset"][0]), int(spans["offset"][-1]))
    taken = bits.Samples(times, *samples)
    ranges = bits.ranges_of(taken, columns.low, columns.high, columns.width)
    data = bits.encode(bits.dictionary_bytes(columns.meaning, covers), ranges, taken)
    good = float(np.count_nonzero(taken.status & GOOD == GOOD)) / max(n, 1)
    return BitFrame(_id(name, spans, covers), name, cell, int(times.max()), good, data)


class Columns(NamedTuple):
    """What is the same in every frame of the same points."""

    meaning: bytes
    low: Floats
    high: Floats
    width: Bytes


def _columns(state: State, asset: int, rows: Indices) -> Columns:
    key = rows.tobytes()
    found = state.columns_known.get(key)
    if found is None:
        points = [state.names.point_of[row] for row in rows]
        known = [state.config.known(point) for point in points]
        names = state.names
        meaning = Meaning(names.assets[asset], names.cells[asset], points, [k.unit for k in known])
        found = Columns(
            msgspec.json.encode(meaning),
            np.array([k.low for k in known]),
            np.array([k.high for k in known]),
            np.array([k.width for k in known], np.uint8),
        )
        if len(state.columns_known) >= _MOST_KNOWN:
            state.columns_known.clear()
        state.columns_known[key] = found
    return found


def _id(asset: str, spans: Table, covers: Covers) -> str:
    ends = (spans["part"][0], spans["part"][-1])
    text = f"bits|{asset}|{covers.topic}|{covers.partition}|{covers.epoch}|"
    text += f"{covers.first_offset}|{covers.last_offset}|{ends[0]}|{ends[1]}"
    return blake2b(text.encode(), digest_size=16).hexdigest()


@compiled
def _gather(  # noqa: PLR0913, PLR0917 - columns
    spans: Table,
    held_rows: Indices,
    held_values: Floats,
    held_status: Bytes,
    column: Indices,
    n: int,
) -> tuple[Indices, Ints, tuple[Indices, Indices, Bytes, Floats]]:
    """Copy the samples of `spans`; number points by first sight, moments by time.

    `column`: a scratch of -1 for every signal, left as it was. A moment ends when the time changes
    or when a point comes a second time.
    """
    rows = np.empty(n, np.int32)
    last = np.empty(n, np.int32)
    times = np.empty(max(n, 1), np.int64)
    row, point = np.empty(n, np.int32), np.empty(n, np.int32)
    status, values = np.empty(n, np.uint8), np.empty(n, np.float64)
    points, moments, at = 0, 0, 0
    times[0] = 0
    for s in range(spans.size):
        span = spans[s]
        for i in range(span.first, span.first + span.count):
            signal = held_rows[i]
            if column[signal] < 0:
                column[signal] = points
                rows[points] = signal
                last[points] = -1
                points += 1
            p = column[signal]
            if moments == 0 or times[moments - 1] != span.time_ns or last[p] == moments - 1:
                times[moments] = span.time_ns
                moments += 1
            last[p] = moments - 1
            row[at], point[at] = moments - 1, p
            status[at], values[at] = held_status[i], held_values[i]
            at += 1
    for p in range(points):
        column[rows[p]] = -1
    return rows[:points].copy(), times[: max(moments, 1)].copy(), (row, point, status, values)


def _compact(state: State, keep: npt.NDArray[np.bool_]) -> None:
    """Leave only the spans that `keep` names, and their samples."""
    held = state.held.rows[keep]
    n = _move(held, state.held_rows.all, state.held_values.all, state.held_status.all)
    state.held.all[: len(held)] = held
    state.held.size = len(held)
    for store in (state.held_rows, state.held_values, state.held_status):
        store.size = n


@compiled
def _move(held: Table, rows: Indices, values: Floats, status: Bytes) -> int:
    """Move the samples of `held` to the front, in order; return how many."""
    at = 0
    for s in range(held.size):
        span = held[s]
        first = span.first
        span.first = at
        for i in range(first, first + span.count):
            rows[at], values[at], status[at] = rows[i], values[i], status[i]
            at += 1
    return at
