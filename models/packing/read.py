"""Bit frames from bytes: what follows the names of a frame. Layout: `schemas/bits.py`.

Whatever the bytes say, reading ends after work that grows with `MOST_SAMPLES` at most, and says
`ValueError` where they are no frame.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.compiled import bare, compiled
from models.packing import read_head
from models.packing import scale as scale_
from models.packing.coder import Bytes
from models.packing.codes import CHOOSING, LAST, MOST_ACTIVE, predicted
from models.packing.decoder import Ear, Eye, begin, heard, listen, number, take, wide
from models.packing.scale import Scale, Table
from models.packing.tile import NEW, moved
from schemas.bits import (
    EXACT,
    FIRST,
    GOOD,
    MOST_SAMPLES,
    QUIET,
    RAW,
    SECOND,
    VALID,
)
from schemas.telemetry import Floats, Indices, Ints

_FIXED = 7  # numbers of the header before the lengths
_MOST_BITS = 63  # of a varint
Bools = npt.NDArray[np.bool_]


class Taken(NamedTuple):
    """Room for the samples of a frame, in the order of its tiles. (n,) each."""

    row: Indices
    point: Indices
    status: Bytes
    values: Floats


def room(n: int) -> Taken:
    """Return room for n samples."""
    return Taken(
        np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.uint8), np.empty(n, np.float64)
    )


def chosen(taken: Taken, which: slice | Indices) -> Taken:
    """Return some of the samples, in that order."""
    return Taken(taken.row[which], taken.point[which], taken.status[which], taken.values[which])


def head(data: Bytes, at: int, numbers: Ints, times_ns: Ints, scales: Table) -> None:
    """Read times and scales. `scales`: (P,), with low and step of the declared grids."""
    middle = at + int(numbers[_FIXED])
    read_head.head(data, (at, middle, middle + int(numbers[_FIXED + 1])), times_ns, scales)


@compiled
def table(data: Bytes, at: int) -> tuple[Ints, int]:
    """Read the numbers of the header: first offset, last, R, P, N, H, G, then lengths.

    Return them, and where the head begins. Raises `ValueError` unless the lengths are those of
    the bytes.
    """
    fixed = np.empty(_FIXED, np.int64)
    for i in range(_FIXED):
        fixed[i], at = _varint(data, at)
    fixed[1] += fixed[0]
    n = 2 + 2 * _tile_count(fixed, data.size)
    numbers = np.empty(_FIXED + n, np.int64)
    numbers[:_FIXED] = fixed
    for i in range(_FIXED, _FIXED + n):
        numbers[i], at = _varint(data, at)
    left = data.size - at
    for i in range(_FIXED, _FIXED + n):
        if numbers[i] > left:
            raise ValueError("is cut short")
        left -= numbers[i]
    if left != 0:
        raise ValueError("goes on behind its end")
    return numbers, at


@bare
def _tile_count(fixed: Ints, most: int) -> int:
    """Return how many tiles there are; raises `ValueError` for sizes that no frame has."""
    for i in range(2, _FIXED):
        if fixed[i] > MOST_SAMPLES:
            raise ValueError("has more samples, moments or points than a frame may have")
    if fixed[5] == 0 or fixed[6] == 0:
        raise ValueError("has tiles of nothing")
    bands = -(-fixed[2] // fixed[5])
    n = bands * -(-fixed[3] // fixed[6])
    if n > most or bands * fixed[3] > fixed[3] + fixed[4]:
        raise ValueError("has too many tiles")
    return int(n)


@bare
def _varint(data: Bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        if at >= data.size or shift >= _MOST_BITS:
            raise ValueError("is cut short in its header")
        byte = int(np.int64(data[at]))
        value |= (byte & 127) << shift
        at += 1
        shift += 7
        if byte < 128:  # noqa: PLR2004 - 7 bits
            return value, at


@compiled
def tiles(  # noqa: PLR0913, PLR0917 - where from and where to
    data: Bytes, at: int, numbers: Ints, scales: Table, wanted: tuple[Bools, Bools], to: Taken
) -> int:
    """Read the wanted tiles; return how many samples they have.

    `wanted`: which runs of moments, and which groups of points. `at`: where the head begins.
    """
    n_rows, n_points, _, height, width = numbers[2:_FIXED]
    at += numbers[_FIXED] + numbers[_FIXED + 1]
    n, k = 0, _FIXED + 2
    for i in range(wanted[0].size):
        moments = (i * height, min(n_rows, (i + 1) * height))
        for g in range(wanted[1].size):
            span = (at, at + numbers[k], at + numbers[k] + numbers[k + 1])
            if wanted[0][i] and wanted[1][g]:
                points = (g * width, min(n_points, (g + 1) * width))
                n = _tile(data, span, scales, moments, points, n, to)
            at = span[2]
            k += 2
    return n


@compiled
def _tile(  # noqa: PLR0913, PLR0917 - where from and where to
    data: Bytes,
    span: tuple[int, int, int],
    scales: Table,
    moments: tuple[int, int],
    points: tuple[int, int],
    n: int,
    to: Taken,
) -> int:
    """Read a tile; return how many samples there are with it."""
    eye, ear = begin(span[0], span[1]), listen(span[1], span[2])
    ends = np.empty(points[1] - points[0], np.int64)
    eye, ear = _places(data, eye, ear, moments, points[0], n, to, ends)
    eye, ear = _statuses(data, eye, ear, to.status, n, ends)
    for i in range(ends.size):
        scale, stop = scales[points[0] + i], ends[i]
        eye, ear = _values(data, eye, ear, scale, to.status, to.values, (n, stop))
        n = stop
    return n


@bare
def _places(  # noqa: PLR0913, PLR0917 - two streams, where to
    data: Bytes,
    eye: Eye,
    ear: Ear,
    moments: tuple[int, int],
    point: int,
    n: int,
    to: Taken,
    ends: Ints,
) -> tuple[Eye, Ear]:
    """Read at which moments there are samples of each point; `ends`: where they end, is filled."""
    row, which = to.row, to.point
    lacks, ear = heard(data, ear)
    for i in range(ends.size):
        is_short, count, at = lacks, moments[1] - moments[0], moments[0]
        if lacks:
            is_short, ear = heard(data, ear)
        if is_short:
            _, count, eye = number(data, eye, FIRST)
        if not 0 <= count <= min(moments[1] - at, row.size - n):
            raise ValueError("has more samples than it says")
        for k in range(n, n + count):
            if is_short:
                _, gap, eye = number(data, eye, SECOND)
                if not 0 <= gap < moments[1] - at:
                    raise ValueError("has samples behind its last moment")
                at += gap
            row[k], which[k] = at, point + i
            at += 1
        n += count
        ends[i] = n
    return eye, ear


@bare
def _statuses(  # noqa: PLR0913, PLR0917 - two streams, where to
    data: Bytes, eye: Eye, ear: Ear, status: Bytes, n: int, ends: Ints
) -> tuple[Eye, Ear]:
    """Read the status of each sample, from place `n` on."""
    last = (GOOD, 0, 0)
    are_odd, ear = heard(data, ear)
    for stop in ends:
        changes, often = are_odd, 0
        if are_odd:
            changes, ear = heard(data, ear)
        if changes:
            often, eye = take(data, eye, 1)
        for i in range(n, stop):
            place = often
            if changes and not often:
                place, ear = heard(data, ear)
            if place > 0:
                place, eye = _place(data, eye, 1 - often)
            one = last[min(place, NEW - 1)]
            if place == NEW:
                one, eye = take(data, eye, 8)
            last = moved(last, one, place)
            status[i] = one
        n = stop
    return eye, ear


@bare
def _place(data: Bytes, eye: Eye, place: int) -> tuple[int, Eye]:
    """Read which of the last statuses it is, known not to be one before `place`."""
    more = 1
    while more and place < NEW:
        more, eye = take(data, eye, 1)
        place += more
    return place, eye


@bare
def _values(  # noqa: C901, PLR0913, PLR0917 - the hot loop, two streams, where to
    data: Bytes,
    eye: Eye,
    ear: Ear,
    scale: Scale,
    status: Bytes,
    values: Floats,
    span: tuple[int, int],
) -> tuple[Eye, Ear]:
    """Read the values of a point."""
    n = span[0]
    while n < span[1] and status[n] & VALID == 0:
        values[n] = np.nan
        n += 1
    if n == span[1]:
        return eye, ear
    is_exact = scale.kind == EXACT
    bits, last, eye = wide(data, eye, FIRST) if is_exact else number(data, eye, FIRST)
    values[n] = scale_.to_value(scale, last)
    if bits == RAW:
        values[n] = np.int64(last).view(np.float64)
        last = 0
    moves, ear = heard(data, ear)
    mode, before, mean, class_, activity = LAST, last, last << 4, SECOND, -1
    if moves and span[1] - span[0] >= CHOOSING:
        mode, eye = take(data, eye, 2)
    for i in range(n + 1, span[1]):
        if status[i] & VALID == 0:
            values[i] = np.nan
            continue
        if not moves:
            values[i] = values[n]
            continue
        bits, away, differs = 0, 0, 1
        if class_ < QUIET:
            differs, ear = heard(data, ear)
        if differs and is_exact:
            bits, away, eye = wide(data, eye, class_)
        elif differs:
            bits, away, eye = number(data, eye, class_)
        if bits == RAW:
            values[i] = np.int64(away).view(np.float64)
            continue
        code = predicted(mode, last, before, mean) + away
        values[i] = scale_.to_value(scale, code)
        activity = 16 * bits if activity < 0 else activity + ((16 * bits - activity) >> 2)
        class_ = min(activity >> 2, MOST_ACTIVE)
        mean += ((code << 4) - mean) >> 2
        before = last
        last = code
    return eye, ear


@compiled
def in_order(taken: Taken, n_rows: int) -> Indices:
    """Return the places of samples moment by moment, those of one moment by their points."""
    starts = np.zeros(n_rows + 1, np.int64)
    for r in taken.row:
        starts[r + 1] += 1
    for r in range(n_rows):
        starts[r + 1] += starts[r]
    order = np.empty(taken.row.size, np.int32)
    for i in range(taken.row.size):
        r = taken.row[i]
        order[starts[r]] = i
        starts[r] += 1
    return order
