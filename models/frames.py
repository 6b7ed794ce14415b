"""Closing bit frames: the spans a lane holds become one frame when event time leaves the window."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from itertools import pairwise
from math import nan
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from models import bits, held, packing, peers
from models.repair.law import a_second
from schemas.bits import Covers
from schemas.telemetry import Floats, Indices, Ints
from schemas.units import PointKind

if TYPE_CHECKING:
    from models.state import State

MOST_BYTES = 900_000
"""A larger frame is cut in two; Kafka's default limit of a message is 1,048,588."""

_MOST_KNOWN = 20_000  # sets of points
_FEW = 4096  # held samples: those that go are let go of at once


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


def close(state: State, lanes: Indices) -> list[BitFrame]:
    """Take the spans of closed frames out of what `lanes` hold; return the frames.

    Frames come in the order of their lanes' ids, those of one lane in order of time.
    """
    order, begins = held.take(lanes, state.lanes.all, state.held.all)
    state.trends.follow(state, order)
    if not len(order):
        return []
    peers.collect(state, order, begins)
    frames = _frames(state, order, begins)
    if state.ring.end < 0 and state.held_rows.size < _FEW:
        held.tidy(state)
    return frames


def _frames(state: State, order: Ints, begins: Ints) -> list[BitFrame]:
    """Make the frames of the spans `order`, each from its place in `begins` on."""
    frames = []
    for made, low, high in zip(
        _make(state, order, begins), begins, [*begins[1:], len(order)], strict=True
    ):
        if len(made.data) <= MOST_BYTES or high - low == 1:
            frames.append(made)
        else:  # more than Kafka takes: as two
            frames += _frames(state, order[low:high], np.array([0, (high - low) // 2]))
    return frames


def _make(state: State, order: Ints, begins: Ints) -> Iterator[BitFrame]:
    columns = (state.held_rows.all, state.held_values.all, state.held_status.all)
    rows, times, samples, ends, about = held.gather(
        order, begins, state.held.all, *columns, state.columns()
    )
    points = _points(state, rows, times, ends)
    shapes = [_shape(state, points[a:b]) for a, b in pairwise(ends[:, 0].tolist())]
    low, high = (np.concatenate([shape[i] for shape in shapes]) for i in (2, 3))
    width = np.concatenate([shape.width for shape in shapes])
    bodies, at = packing.bodies(times, *samples, low, high, width, ends)
    cuts = pairwise(at.tolist())
    good = (about[:, 1] / np.diff(ends[:, 2])).tolist()
    for one, shape, (a, b), latest, quality in zip(
        _named(state, order, begins), shapes, cuts, about[:, 0].tolist(), good, strict=True
    ):
        dictionary = bits.dictionary_bytes(shape.meaning(one.asset, one.cell), one.covers)
        data = bits.joined(dictionary, bodies[a:b])
        yield BitFrame(one.id, one.asset, one.cell, latest, quality, data)


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


class Named(NamedTuple):
    """Who a frame is."""

    id: str
    asset: str
    cell: str
    covers: Covers


def _named(state: State, order: Ints, begins: Ints) -> Iterator[Named]:
    ends = np.append(begins[1:], len(order)) - 1
    spans = state.held.all[order[np.stack((begins, ends))]]
    lanes = state.lanes.all[spans["lane"][0]]
    offsets, parts = spans["offset"].T.tolist(), spans["part"].T.tolist()
    for asset, source, offset, part in zip(
        lanes["asset"].tolist(), lanes["source"].tolist(), offsets, parts, strict=True
    ):
        name, covers = state.names.assets[asset], Covers(*state.sources[source], *offset)
        yield Named(_id(name, covers, part), name, state.names.cells[asset], covers)


def _id(asset: str, covers: Covers, parts: tuple[int, int]) -> str:
    text = f"bits|{asset}|{covers.topic}|{covers.partition}|{covers.epoch}|"
    text += f"{covers.first_offset}|{covers.last_offset}|{parts[0]}|{parts[1]}"
    return blake2b(text.encode(), digest_size=16).hexdigest()


class Shape(NamedTuple):
    """What is the same in every frame of the same points."""

    points: bytes
    """Their names as a JSON array."""
    units: bytes
    low: Floats
    high: Floats
    width: packing.Bytes

    def meaning(self, asset: str, cell: str) -> bytes:
        """Return `Meaning` as JSON."""
        name, its_cell = msgspec.json.encode(asset), msgspec.json.encode(cell)
        return b'{"asset":%b,"cell":%b,"points":%b,"units":%b}' % (
            name,
            its_cell,
            self.points,
            self.units,
        )


def _shape(state: State, ids: Indices) -> Shape:
    key = ids.tobytes()
    found = state.shapes_known.get(key)
    if found is None:
        told = [_told(state, i) for i in ids.tolist()]
        found = Shape(
            msgspec.json.encode([one.point for one in told]),
            msgspec.json.encode([one.unit for one in told]),
            np.array([one.low for one in told]),
            np.array([one.high for one in told]),
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
    if known.kind is not PointKind.COUNTER:
        return _Told(name, known.unit, known.low, known.high, known.width)
    return _Told(name, known.unit if point < 0 else a_second(known.unit), nan, nan, known.width)
