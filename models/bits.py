"""Bit frames: values and status to packed bits, and back. Layout: `schemas/bits.py`."""

from dataclasses import dataclass
from struct import Struct, unpack_from
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from models.compiled import compiled
from schemas.bits import DENSE, MAGIC, SPARSE, VALID, Covers, Dictionary, FrameError
from schemas.telemetry import Floats, Indices, Ints

Bytes = npt.NDArray[np.uint8]

_SIZES: Final = Struct("<4I")
_WASTE: Final = 3  # a dense frame may have at most this many places a sample


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
    """Choose the range of each point: the declared one, else (NaN) what the frame holds. (P,)"""
    least, most = low.copy(), high.copy()
    _spread(samples.point, samples.status, samples.values, np.isnan(low), least, most)
    unused = ~(least <= most)
    least[unused] = most[unused] = 0.0
    levels = (1 << width.astype(np.int64)) - 1
    return Ranges(least, most / levels - least / levels, width)


@compiled
def _spread(  # noqa: PLR0913, PLR0917 - columns
    point: Indices,
    status: Bytes,
    values: Floats,
    free: npt.NDArray[np.bool_],
    least: Floats,
    most: Floats,
) -> None:
    for i in range(point.size):
        p = point[i]
        if not free[p] or status[i] & 5 != 5:
            continue
        value = values[i]
        if not least[p] <= value:
            least[p] = value
        if not most[p] >= value:
            most[p] = value


@compiled
def _codes(  # noqa: PLR0913, PLR0917 - columns
    point: Indices, status: Bytes, values: Floats, low: Floats, step: Floats, width: Bytes
) -> npt.NDArray[np.uint32]:
    codes = np.zeros(point.size, np.uint32)
    for i in range(point.size):
        p = point[i]
        if status[i] & 1 and step[p] > 0.0:
            top = float((1 << width[p]) - 1)
            codes[i] = int(min(max(np.rint((values[i] - low[p]) / step[p]), 0.0), top))
    return codes


@compiled
def _pack(codes: npt.NDArray[np.uint32], point: Indices, width: Bytes) -> Bytes:
    bits = 0
    for i in range(point.size):
        bits += width[point[i]]
    out = np.zeros((bits + 7) // 8, np.uint8)
    store, have, at = np.uint64(0), 0, 0
    for i in range(codes.size):
        w = int(width[point[i]])
        store = (store << np.uint64(w)) | np.uint64(codes[i])
        have += w
        while have >= 8:  # noqa: PLR2004 - bits of a byte
            have -= 8
            out[at] = (store >> np.uint64(have)) & np.uint64(255)
            at += 1
    if have > 0:
        out[at] = (store << np.uint64(8 - have)) & np.uint64(255)
    return out


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
    dense = n_rows * n_points <= _WASTE * n and _ascends(samples.row, samples.point)
    point = samples.point
    codes = _codes(point, samples.status, samples.values, ranges.low, ranges.step, ranges.width)
    parts = [
        MAGIC,
        len(dictionary).to_bytes(4, "little"),
        dictionary,
        _SIZES.pack(n_rows, n_points, DENSE if dense else SPARSE, n),
        samples.times_ns.tobytes(),
        ranges.low.tobytes(),
        ranges.step.tobytes(),
        ranges.width.tobytes(),
    ]
    if dense:
        grid = np.zeros((n_rows, n_points), np.uint8)
        grid[samples.row, point] = samples.status
        parts.append(grid.tobytes())
    else:
        where = (samples.row.astype("<u4"), point.astype("<u4"), samples.status)
        parts.extend(column.tobytes() for column in where)
    parts.append(_pack(codes, point, ranges.width).tobytes())
    return b"".join(parts)


@compiled
def _ascends(row: Indices, point: Indices) -> bool:
    """Say whether the samples stand in the order of a grid, one a place."""
    for i in range(1, row.size):
        if row[i] < row[i - 1] or (row[i] == row[i - 1] and point[i] <= point[i - 1]):
            return False
    return True


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
    if len(widths) and not (1 <= int(widths.min()) and int(widths.max()) <= 16):  # noqa: PLR2004
        raise ValueError("a code is 1..16 bits wide")


class _Cursor:
    """Reads columns one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def take(self, kind: str, count: int) -> npt.NDArray[Any]:
        column = np.frombuffer(self._data, kind, count, self._at)
        self._at += column.nbytes
        return column
