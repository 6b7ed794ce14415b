"""Bit frames: values and status to packed bits, and back. Layout: `schemas/bits.py`."""

from dataclasses import dataclass
from struct import Struct, unpack_from
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from models.compiled import compiled
from schemas.bits import DENSE, IN_RANGE, MAGIC, SPARSE, VALID, Covers, Dictionary, FrameError
from schemas.telemetry import Floats, Indices, Ints

Bytes = npt.NDArray[np.uint8]

_SIZES: Final = Struct("<4I")
_WASTE: Final = 3  # a dense frame may have at most this many places a sample
_GOOD: Final = VALID | IN_RANGE
_BYTE: Final = 8


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of a frame in order of arrival. n samples, R rows, P points."""

    times_ns: Ints
    """(R,) event time of each row."""
    row: Indices
    """(n,)"""
    point: Indices
    """(n,)"""
    status: Bytes
    """(n,)"""
    values: Floats
    """(n,) NaN where there is no value."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """How values become codes. P points."""

    low: Floats
    step: Floats
    width: Bytes
    """Bits of a code, 1..16."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded frame. `samples.values` are within half a step of what was encoded."""

    dictionary: Dictionary
    ranges: Ranges
    samples: Samples


def ranges_of(samples: Samples, low: Floats, high: Floats, width: Bytes) -> Ranges:
    """Choose the range of each point: the declared one, else (NaN) what the frame holds. (P,)."""
    columns = (samples.point, samples.status, samples.values)
    return Ranges(*_ranges(*columns, low, high, width), width)


@compiled
def _ranges(  # noqa: PLR0913, PLR0917 - columns
    point: Indices, status: Bytes, values: Floats, low: Floats, high: Floats, width: Bytes
) -> tuple[Floats, Floats]:
    least, most = low.copy(), high.copy()
    for i in range(point.size):
        p = point[i]
        if low[p] == low[p] or status[i] & _GOOD != _GOOD:
            continue
        value = values[i]
        if not least[p] <= value:
            least[p] = value
        if not most[p] >= value:
            most[p] = value
    step = np.zeros(low.size)
    for p in range(low.size):
        if least[p] < most[p]:
            levels = float((1 << width[p]) - 1)
            step[p] = most[p] / levels - least[p] / levels
        elif least[p] != least[p]:
            least[p] = 0.0
    return least, step


@compiled
def _write(  # noqa: PLR0913, PLR0917 - columns
    row: Indices,
    point: Indices,
    status: Bytes,
    values: Floats,
    low: Floats,
    step: Floats,
    width: Bytes,
    n_rows: int,
) -> tuple[Bytes, Bytes]:
    """Return the grid of status bytes (empty: a sparse form is needed) and the packed codes."""
    n, n_points, bits = point.size, low.size, 0
    dense = n_rows * n_points <= _WASTE * n
    last = -1
    for i in range(n):
        place = row[i] * n_points + point[i]
        dense = dense and place > last
        last = place
        bits += width[point[i]]
    grid = np.zeros(n_rows * n_points if dense else 0, np.uint8)
    out = np.zeros((bits + 7) // 8, np.uint8)
    inverse = np.zeros(n_points)
    for p in range(n_points):
        if step[p] > 0.0:
            inverse[p] = 1.0 / step[p]
    store, have, at = np.uint64(0), 0, 0
    for i in range(n):
        p = point[i]
        w = int(width[p])
        code = 0.0
        if status[i] & VALID:
            top = float((1 << w) - 1)
            code = min(max(np.rint((values[i] - low[p]) * inverse[p]), 0.0), top)
        store = (store << np.uint64(w)) | np.uint64(code)
        have += w
        while have >= _BYTE:
            have -= _BYTE
            out[at] = (store >> np.uint64(have)) & np.uint64(255)
            at += 1
        if dense:
            grid[row[i] * n_points + p] = status[i]
    if have > 0:
        out[at] = (store << np.uint64(_BYTE - have)) & np.uint64(255)
    return grid, out


@compiled
def _unpack(packed: Bytes, point: Indices, width: Bytes) -> npt.NDArray[np.uint32]:
    codes = np.zeros(point.size, np.uint32)
    store, have, at = np.uint64(0), 0, 0
    for i in range(point.size):
        w = int(width[point[i]])
        while have < w:
            store = (store << np.uint64(8)) | np.uint64(packed[at])
            at += 1
            have += 8
        have -= w
        codes[i] = (store >> np.uint64(have)) & np.uint64((1 << w) - 1)
    return codes


def dictionary_bytes(meaning: bytes, covers: Covers) -> bytes:
    """Return the dictionary as it stands in a frame: JSON, padded with spaces to 8 bytes.

    `meaning`: `Meaning` as JSON; the same for many frames, so it is encoded once.
    """
    text = meaning[:-1] + b',"covers":' + msgspec.json.encode(covers) + b"}"
    return text + b" " * (-len(text) % 8)


def encode(dictionary: bytes, ranges: Ranges, samples: Samples) -> bytes:
    """Write a frame. `dictionary`: from `dictionary_bytes`."""
    n_rows, n_points, n = len(samples.times_ns), len(ranges.low), len(samples.status)
    columns = (samples.row, samples.point, samples.status, samples.values)
    grid, packed = _write(*columns, ranges.low, ranges.step, ranges.width, n_rows)
    dense = len(grid) > 0 or n == 0
    where = [grid] if dense else [samples.row, samples.point, samples.status]
    parts = [
        MAGIC,
        len(dictionary).to_bytes(4, "little"),
        dictionary,
        _SIZES.pack(n_rows, n_points, DENSE if dense else SPARSE, n),
        samples.times_ns,
        ranges.low,
        ranges.step,
        ranges.width,
        *where,
        packed,
    ]
    return b"".join(parts)


def decode(data: bytes) -> Frame:
    """Read a frame. Raises `FrameError` when it is none of version 1, or cut short."""
    if data[:4] != MAGIC:
        raise FrameError(f"no bit frame of version 1: it begins with {data[:4]!r}")
    try:
        return _decode(data)
    except (ValueError, IndexError, msgspec.MsgspecError, ArithmeticError) as error:
        raise FrameError(f"broken bit frame: {error}") from error


def _decode(data: bytes) -> Frame:
    length = int.from_bytes(data[4:8], "little")
    dictionary = msgspec.json.decode(data[8 : 8 + length], type=Dictionary)
    n_rows, n_points, form, n = unpack_from("<4I", data, 8 + length)
    cursor = _Cursor(data, 8 + length + _SIZES.size)
    times = cursor.take("<i8", n_rows)
    ranges = Ranges(
        cursor.take("<f8", n_points), cursor.take("<f8", n_points), cursor.take("u1", n_points)
    )
    if form == DENSE:
        grid = cursor.take("u1", n_rows * n_points)
        place = np.flatnonzero(grid)
        row, point, status = place // n_points, place % n_points, grid[place]
    else:
        row, point, status = (cursor.take(kind, n) for kind in ("<u4", "<u4", "u1"))
    _check(dictionary, ranges, (row, n_rows), (point, n_points), n)
    row, point = row.astype(np.int32), point.astype(np.int32)
    packed = cursor.take("u1", (int(ranges.width[point].sum(dtype=np.int64)) + 7) // 8)
    codes = _unpack(packed, point, ranges.width)
    values = ranges.low[point] + codes * ranges.step[point]
    values[status & VALID == 0] = np.nan
    return Frame(dictionary, ranges, Samples(times, row, point, status, values))


def _check(
    dictionary: Dictionary,
    ranges: Ranges,
    row: tuple[npt.NDArray[Any], int],
    point: tuple[npt.NDArray[Any], int],
    n: int,
) -> None:
    """Raise `ValueError` when the columns do not fit each other."""
    widths = ranges.width
    if len(dictionary.points) != len(widths) or len(dictionary.units) != len(widths):
        raise ValueError("dictionary and columns differ in points")
    if len(row[0]) != n or any(len(i) and int(i.max()) >= most for i, most in (row, point)):
        raise ValueError("samples and places differ")
    if len(widths) and not (int(widths.min()) >= 1 and int(widths.max()) <= 16):  # noqa: PLR2004
        raise ValueError("a code is 1..16 bits wide")


class _Cursor:
    """Reads columns one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def take(self, kind: str, count: int) -> npt.NDArray[Any]:
        column = np.frombuffer(self._data, kind, count, self._at)
        self._at += column.nbytes
        return column
