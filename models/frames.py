"""Closing bit frames: the spans a lane holds become one frame when event time leaves the window."""

from __future__ import annotations

from hashlib import blake2b
from itertools import pairwise
from math import nan
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from models import bits, held, peers
from models.compiled import compiled
from models.packing import write
from models.packing.coder import Bytes
from models.packing.write import Columns, Points
from models.repair.law import a_second
from models.rows import Table
from schemas.bits import MOST_SAMPLES, Names
from schemas.telemetry import Floats, Indices, Ints, Source
from schemas.units import PointKind

if TYPE_CHECKING:
    from models.state import State

MOST_BYTES = 900_000
"""A larger frame is cut in two; Kafka's default limit of a message is 1,048,588."""

_MOST_KNOWN = 20_000  # sets of points
_MOST_NAMED = 200_000  # of lanes
_EVERY = 30  # frames of a lane: how long a reader waits for their names who comes late
_CODES = frozenset({PointKind.STATE, PointKind.LAST_EVENT})
_FEW = 4096  # held samples: those that go are let go of at once


class BitFrame(NamedTuple):
    """A closed frame, as it is published."""

    id: str
    """Derived from what the frame covers: asset and source (16 hex digits), offsets, parts."""
    asset: str
    cell: str
    time_ns: int
    """Latest event time in it."""
    quality: float
    """Share of its samples that are valid, fresh and in range."""
    data: bytes


def close(state: State, lanes: Indices) -> list[BitFrame]:
    """Take the spans of closed frames out of what `lanes` hold; return the frames.

    Frames come in the order of their lanes' ids, those of one lane in order of time.
    """
    order, begins = _taken(state, lanes)
    if not len(order):
        return []
    made = _cut(state, order, begins)
    if state.ring.end < 0 and state.held_rows.size < _FEW:
        held.tidy(state)
    which = np.array([one.names.number for one in made])
    told = tell(state.lanes.all, np.array([one.lane for one in made]), which, _EVERY)
    return [_frame(state, one, is_told) for one, is_told in zip(made, told.tolist(), strict=True)]


def forget(state: State, lanes: Indices) -> list[BitFrame]:
    """Let the same come of closed frames as `close` does, where nobody wants them themselves."""
    _taken(state, lanes)
    return []


def _taken(state: State, lanes: Indices) -> tuple[Ints, Ints]:
    """Take spans as `models.held.take` does, and let all look at them that judge closed frames."""
    order, begins = held.take(lanes, state.lanes.all, state.held.all)
    state.trends.follow(state, order)
    state.together.follow(state, order, begins)
    if len(order):
        peers.collect(state, order, begins)
    return order, begins


@compiled
def tell(lanes: Table, lane: Ints, names: Ints, every: int) -> npt.NDArray[np.bool_]:
    """Say which frames tell their names: those that are new to their lane, or `every` so many."""
    told = np.empty(lane.size, np.bool_)
    for i in range(lane.size):
        row = lanes[lane[i]]
        told[i] = row.names != names[i] or row.named + 1 >= every
        row.names = names[i]
        row.named = 0 if told[i] else row.named + 1
    return told


class Made(NamedTuple):
    """A frame before it is known whether it tells its names."""

    id: str
    lane: int
    shape: Shape
    names: Named
    time_ns: int
    quality: float
    body: bytes
    samples: int


def _frame(state: State, made: Made, is_told: bool) -> BitFrame:
    names = made.names
    said = _said(state, made.lane, made.shape) if is_told else b""
    data = bits.joined(names.digest, said, made.body)
    return BitFrame(made.id, names.asset, names.cell, made.time_ns, made.quality, data)


def _cut(state: State, order: Ints, begins: Ints) -> list[Made]:
    """Make the frames of the spans `order`, each from its place in `begins` on."""
    frames = []
    for made, low, high in zip(
        _make(state, order, begins), begins, [*begins[1:], len(order)], strict=True
    ):
        size = len(made.body) + made.names.size
        if (size <= MOST_BYTES and made.samples <= MOST_SAMPLES) or high - low == 1:
            frames.append(made)
        else:  # more than Kafka takes, or than a reader believes: as two
            frames += _cut(state, order[low:high], np.array([0, (high - low) // 2]))
    return frames


def _make(state: State, order: Ints, begins: Ints) -> list[Made]:
    columns = (state.held_rows.all, state.held_values.all, state.held_status.all)
    rows, times, samples, ends, about = held.gather(
        order, begins, state.held.all, *columns, state.columns()
    )
    points = _points(state, rows, times, ends)
    shapes = [_shape(state, points[a:b]) for a, b in pairwise(ends[:, 0].tolist())]
    low, high, width = (np.concatenate([shape[i] for shape in shapes]) for i in (3, 4, 5))
    spans = state.held.all[order[np.stack((begins, np.append(begins[1:], len(order)) - 1))]]
    lane, offset = spans["lane"][0], spans["offset"]
    frames = np.stack((state.lanes.all["owns"][lane], offset[0], offset[1]), 1)
    told = Points(low, high, width, rows, (points < 0).astype(np.int64))
    data, at = write.bodies(Columns(times, *samples), told, state.signals.all, ends, frames)
    body, numbers = data[: at[-1]].tobytes(), np.diff(ends[:, 2])
    each = zip(
        lane.tolist(),
        shapes,
        zip(*offset.tolist(), *spans["part"].tolist(), strict=True),
        about[:, 0].tolist(),
        (about[:, 1] / numbers).tolist(),
        pairwise(at.tolist()),
        numbers.tolist(),
        strict=True,
    )
    return [
        Made(names.id(covered), lane, shape, names, time_ns, quality, body[a:b], n)
        for lane, shape, covered, time_ns, quality, (a, b), n in each
        for names in [_named(state, lane, shape)]
    ]


class Named(NamedTuple):
    """The names of frames of one lane that have the same points."""

    asset: str
    cell: str
    size: int
    """Bytes of them."""
    digest: bytes
    number: int
    """The digest as a number."""
    begin: str
    """Of the frames' ids."""

    def id(self, covered: tuple[int, int, int, int]) -> str:
        """Return the id of a frame. `covered`: first and last raw offset, and their parts."""
        first, last, part, to_part = covered
        return f"{self.begin}-{first:x}-{last:x}-{part:x}-{to_part:x}"


def _named(state: State, lane: int, shape: Shape) -> Named:
    """Return the names of a lane's frame; remembered, within bounds."""
    key = (lane, shape.key)
    found = state.named.get(key)
    if found is None:
        if len(state.named) >= _MOST_NAMED:
            state.named.clear()
        found = state.named[key] = _new_names(state, lane, shape)
    return found


def _new_names(state: State, lane: int, shape: Shape) -> Named:
    row = state.lanes.all[lane]
    asset, source = state.names.assets[row["asset"]], state.sources[row["source"]]
    said = _said(state, lane, shape)
    which = bits.digest(said)
    number = int.from_bytes(which, "little", signed=True)
    text = f"bits|{asset}|{source.topic}|{source.partition}|{source.epoch}"
    begin = blake2b(text.encode(), digest_size=8).hexdigest()
    return Named(asset, state.names.cells[row["asset"]], len(said), which, number, begin)


def _said(state: State, lane: int, shape: Shape) -> bytes:
    """Return the names of a lane's frames as they stand in them."""
    row = state.lanes.all[lane]
    asset, source = state.names.assets[row["asset"]], state.sources[row["source"]]
    return shape.said(asset, state.names.cells[row["asset"]], source)


def _points(state: State, rows: Indices, times: Ints, ends: Ints) -> Indices:
    """Return the points of the frames' signals; ~id where a frame holds it as gauge, not rate."""
    points: Indices = state.signals.all["point"][rows]
    changed = np.flatnonzero(points < 0)
    if len(changed):
        frame = np.searchsorted(ends[1:, 0], changed, "right")
        since = state.repairs.all["kind"]["since_ns"][state.signals.all["repair"][rows[changed]]]
        before = changed[times[ends[frame, 1]] < since]
        points[before] = ~points[before]
    return points


class Shape(NamedTuple):
    """What is the same in every frame of the same points."""

    key: bytes
    points: list[str]
    units: list[str]
    low: Floats
    high: Floats
    width: Bytes

    def said(self, asset: str, cell: str, source: Source) -> bytes:
        """Return the names of its frames as they stand in them."""
        low, high = ([None if x != x else x for x in one.tolist()] for one in self[3:5])  # noqa: PLR0124
        names = Names(asset, cell, *source, self.points, self.units, low, high, self.width.tolist())
        return bits.names_bytes(names)


def _shape(state: State, ids: Indices) -> Shape:
    key = ids.tobytes()
    found = state.shapes_known.get(key)
    if found is None:
        told = [_told(state, i) for i in ids.tolist()]
        found = Shape(
            key,
            [one.point for one in told],
            [one.unit for one in told],
            np.array([one.low for one in told], np.float64),
            np.array([one.high for one in told], np.float64),
            np.array([one.width for one in told], np.uint8),
        )
        if len(state.shapes_known) >= _MOST_KNOWN:
            state.shapes_known.clear()
        state.shapes_known[key] = found
    return found


class _Told(NamedTuple):
    """What a point's column in a frame says."""

    point: str
    unit: str
    low: float
    high: float
    width: int


def _told(state: State, point: int) -> _Told:
    """Say what is told of a point; ~id: of a counter that is told as a gauge."""
    name = state.names.points[max(point, ~point)]
    known = state.config.known(name)
    if known.kind in _CODES:
        return _Told(name, known.unit, nan, nan, 0)
    if known.kind is not PointKind.COUNTER:
        return _Told(name, known.unit, known.low, known.high, known.width)
    return _Told(name, known.unit if point < 0 else a_second(known.unit), nan, nan, known.width)
