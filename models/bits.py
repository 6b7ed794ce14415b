"""Bit frames: values and status to packed bits, and back. Layout: `schemas/bits.py`."""

from dataclasses import dataclass
from struct import Struct, unpack_from
from struct import error as StructError  # noqa: N812 - an exception, whatever its name says
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from models import packing
from models.packing import Bytes
from schemas.bits import DENSE, MAGIC, SPARSE, VALID, Covers, Dictionary, FrameError
from schemas.telemetry import Floats, Indices, Ints
from schemas.units import MOST

_SIZES: Final = Struct("<4I")


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
    return Ranges(*packing.ranges(*columns, low, high, width), width)


def dictionary_bytes(meaning: bytes, covers: Covers) -> bytes:
    """Return the dictionary as it stands in a frame: JSON, padded with spaces to 8 bytes.

    `meaning`: `Meaning` as JSON; the same for many frames, so it is encoded once.
    """
    text = meaning[:-1] + b',"covers":' + msgspec.json.encode(covers) + b"}"
    return text + b" " * (-len(text) % 8)


def encode(dictionary: bytes, ranges: Ranges, samples: Samples) -> bytes:
    """Write a frame. `dictionary`: from `dictionary_bytes`."""
    n_rows, n_points, n = len(samples.times_ns), len(ranges.low), len(samples.status)
    out = np.empty(packing.most(n_rows, n_points, n), np.uint8)
    columns = (samples.times_ns, samples.row, samples.point, samples.status, samples.values)
    length = packing.write(out, *columns, ranges.low, ranges.step, ranges.width)
    return joined(dictionary, out[:length])


def joined(dictionary: bytes, body: Bytes) -> bytes:
    """Put a frame together from its dictionary and what follows it."""
    parts = [MAGIC, len(dictionary).to_bytes(4, "little"), dictionary, body.tobytes()]
    return b"".join(parts)


def decode(data: bytes) -> Frame:
    """Read a frame. Raises `FrameError` when it is none of version 1, cut short or damaged."""
    if data[:4] != MAGIC:
        raise FrameError(f"no bit frame of version 1: it begins with {data[:4]!r}")
    try:
        return _decode(data)
    except (ValueError, StructError, msgspec.MsgspecError, ArithmeticError) as error:
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
    elif form == SPARSE:
        row, point, status = (cursor.take(kind, n) for kind in ("<u4", "<u4", "u1"))
    else:
        raise ValueError(f"form {form} is none of this version")
    _check(dictionary, ranges, (row, n_rows), (point, n_points), n)
    row, point = row.astype(np.int32), point.astype(np.int32)
    packed = cursor.take("u1", (int(ranges.width[point].sum(dtype=np.int64)) + 7) // 8)
    cursor.end()
    codes = packing.unpack(packed, point, ranges.width)
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
    if not (np.abs(ranges.low) <= MOST).all() or not (abs(ranges.step) <= 2 * MOST).all():
        raise ValueError("a range is not finite")


class _Cursor:
    """Reads columns one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def take(self, kind: str, count: int) -> npt.NDArray[Any]:
        column = np.frombuffer(self._data, kind, count, self._at)
        self._at += column.nbytes
        return column

    def end(self) -> None:
        """Raise `ValueError` when something follows."""
        if self._at != len(self._data):
            raise ValueError(f"{len(self._data) - self._at} bytes too many")
