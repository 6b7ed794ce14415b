"""Bit frames to bytes: what follows the names of a frame. Layout: `schemas/bits.py`."""

from typing import Final, NamedTuple

import numpy as np

from models.compiled import bare, compiled
from models.packing import head, tile
from models.packing import scale as scale_
from models.packing.coder import Bytes
from models.packing.scale import SCALE, Table
from models.packing.tile import Part, Sorted
from schemas.telemetry import Floats, Indices, Ints

_A_SAMPLE: Final = 40  # bytes of a sample, at most: its place, status and value, each in full
_A_ROW: Final = 16
_A_POINT: Final = 64
_A_FRAME: Final = 256
_MOMENTS: Final = 2048  # of a tile, as long as it has a sample of each point
_SAMPLES: Final = 16384  # of a tile, about


class Columns(NamedTuple):
    """The samples of frames, in order of arrival: moment after moment. n samples, R moments."""

    times_ns: Ints
    """(R,)"""
    row: Indices
    """(n,) moment of each sample, in its frame."""
    point: Indices
    """(n,) point of each sample, in its frame."""
    status: Bytes
    """(n,)"""
    values: Floats
    """(n,)"""


class Points(NamedTuple):
    """What is declared of the points of frames, and where their learned range is. P points."""

    low: Floats
    """NaN where no range is declared."""
    high: Floats
    width: Bytes
    """0: told exactly."""
    signal: Indices
    """Rows in the table of signals."""
    told: Ints
    """1 where a counter is told as a gauge: its range is not learned; else 0."""


@bare
def _sort(columns: Columns, first: int, n: int, starts: Ints, samples: Sorted) -> None:
    """Sort n samples from `first` on by their points. `starts`: (P + 1,) zeros; is filled."""
    point = columns.point
    for i in range(first, first + n):
        starts[point[i] + 1] += 1
    for p in range(1, starts.size):
        starts[p] += starts[p - 1]
    row, status, values = columns.row, columns.status, columns.values
    to_row, to_status, to_values, _ = samples
    for i in range(first, first + n):
        at = starts[point[i]]
        starts[point[i]] = at + 1
        to_row[at], to_status[at], to_values[at] = row[i], status[i], values[i]
    for p in range(starts.size - 1, 0, -1):
        starts[p] = starts[p - 1]
    starts[0] = 0


@bare
def _codes(  # noqa: PLR0913, PLR0917 - what is known of points, and their samples
    scales: Table,
    signals: Table,
    points: Points,
    which: tuple[int, int],
    samples: Sorted,
    starts: Ints,
) -> None:
    """Choose the scale of each point and write its codes.

    `which`: the first point, and 1 where the frame's lane is the one that ranges are learned from.
    """
    low, high, width, signal, told = points
    _, status, values, codes = samples
    for i in range(scales.size):
        p, span = which[0] + i, (starts[i], starts[i + 1])
        w, step, e = int(width[p]), 0.0, 0
        is_declared = low[p] == low[p]
        if w > 0 and is_declared:
            step = scale_.step_of(low[p], high[p], w)
        elif w > 0:
            if which[1] and told[p] == 0:
                extent = scale_.learn(signals[signal[p]].scale, status, values, span)
            else:  # somebody else's memory: what the frame holds counts
                least, most = scale_.ends_of(status, values, span)
                extent = most - least
            if extent > 0.0:
                e = scale_.exponent(min(extent, 1e308), w)
                step = scale_.power(e)
        if scale_.set_exact(scales[i], status, values, codes, span, step):
            continue
        if is_declared:
            scale_.set_grid(scales[i], low[p], step)
        else:
            scale_.set_binary(scales[i], e)
        scale_.write_steps(scales[i], status, values, codes, span)


@bare
def varint(out: Bytes, at: int, value: int) -> int:
    """Write a number >= 0, 7 bits a byte; return where it ends."""
    while value > 127:  # noqa: PLR2004 - 7 bits
        out[at] = (value & 127) | 128
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@compiled
def sizes(n_rows: int, n_points: int, n: int) -> Ints:
    """Return the moments of a frame and of a tile of it, the points of both."""
    cells = max(n_rows * n_points, 1)
    height = min(max(n_rows, 1), max(_MOMENTS, cells // max(n, 1)))
    a_point = max(n * height // cells, 1)
    width = min(max(n_points, 1), max(_SAMPLES // a_point, 1))
    return np.array([n_rows, height, n_points, width])


@bare
def _cut(row: Indices, starts: Ints, stop: int, begins: Ints, ends: Ints) -> None:
    """Move on to the next run of moments, the last one before `stop`: from `ends` on."""
    for p in range(begins.size):
        at = begins[p] = ends[p]
        last = starts[p + 1]
        if at < last and row[last - 1] < stop:
            at = last
        while at < last and row[at] < stop:
            at += 1
        ends[p] = at


@compiled
def _tiles(  # noqa: PLR0913, PLR0917 - where from and where to
    out: Bytes, quiet: Bytes, at: int, samples: Sorted, scales: Table, starts: Ints, size: Ints
) -> tuple[int, Ints]:
    """Write all tiles from byte `at` on; return where they end, and the two lengths of each.

    `size`: moments of the frame and of a tile, points of both.
    """
    n_rows, height, n_points, width = size
    begins, ends = starts[:-1].copy(), starts[:-1].copy()
    lengths, k = np.empty(2 * _count(size), np.int64), 0
    for r in range(0, n_rows, height):
        moments = (r, min(n_rows, r + height))
        _cut(samples.row, starts, moments[1], begins, ends)
        for p in range(0, n_points, width):
            part = Part(begins, ends, moments, (p, min(n_points, p + width)))
            middle, stop = tile.write(out, quiet, at, samples, scales, part)
            lengths[k], lengths[k + 1] = middle - at, stop - middle
            k += 2
            at = stop
    return at, lengths


@bare
def _count(size: Ints) -> int:
    """Return how many tiles a frame has."""
    n_rows, height, n_points, width = size
    return int(-(-n_rows // height) * -(-n_points // width))


@compiled
def _frame(  # noqa: PLR0913, PLR0917 - where from and where to
    out: Bytes,
    quiet: Bytes,
    at: int,
    columns: Columns,
    points: Points,
    signals: Table,
    ends: Ints,
    about: Ints,
) -> int:
    """Write what follows the names of one frame from byte `at` on; return where it ends.

    `ends`: (2, 3) where its points, rows and samples begin, and end.
    """
    n_points, n_rows, n = ends[1] - ends[0]
    starts = np.zeros(n_points + 1, np.int64)
    samples = Sorted(
        np.empty(n, np.int32), np.empty(n, np.uint8), np.empty(n), np.empty(n, np.int64)
    )
    _sort(columns, ends[0, 2], n, starts, samples)
    scales = np.empty(n_points, SCALE)
    _codes(scales, signals, points, (ends[0, 0], about[0]), samples, starts)
    size = sizes(n_rows, n_points, n)
    body = at + 10 * (9 + 2 * _count(size))  # behind the longest table
    times = columns.times_ns[ends[0, 1] : ends[1, 1]]
    middle, first = head.write(out, quiet, body, times, scales)
    stop, lengths = _tiles(out, quiet, first, samples, scales, starts, size)
    at = varint(out, at, about[1])
    at = varint(out, at, about[2] - about[1])
    for one in (n_rows, n_points, n, size[1], size[3], middle - body, first - middle):
        at = varint(out, at, one)
    for one in lengths:
        at = varint(out, at, one)
    for i in range(body, stop):
        out[at] = out[i]
        at += 1
    return at


@compiled
def bodies(
    columns: Columns, points: Points, signals: Table, ends: Ints, about: Ints
) -> tuple[Bytes, Ints]:
    """Write what follows the names of F frames, whose columns stand one after the other.

    `ends`: (F + 1, 3) where the points, rows and samples of each frame begin, and the last ends.
    `about`: (F, 3) 1 where its lane is the one that ranges
    are learned from, else 0; first and last raw offset. Return the bytes, and where each begins,
    (F + 1,). What was learned of the signals' ranges is changed.
    """
    n_frames, most = len(ends) - 1, _most(ends)
    out, quiet = np.empty(most, np.uint8), np.empty(most, np.uint8)
    begins = np.zeros(n_frames + 1, np.int64)
    for f in range(n_frames):
        begins[f + 1] = _frame(
            out, quiet, begins[f], columns, points, signals, ends[f : f + 2], about[f]
        )
    return out, begins


@bare
def _most(ends: Ints) -> int:
    """Return the most bytes that frames take."""
    a_point = ends[-1, 0] * _A_POINT + ends[-1, 1] * _A_ROW
    return int((len(ends) - 1) * _A_FRAME + a_point + ends[-1, 2] * _A_SAMPLE)
