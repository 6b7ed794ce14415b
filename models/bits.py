"""Bit frames: values and status to packed bits, and back. Layout: `schemas/bits.py`."""

from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final
from zlib import crc32

import msgspec
import numpy as np
import numpy.typing as npt

from models.packing import read, scale, write
from models.packing.scale import Table
from models.packing.write import Columns, Points
from models.rows import SIGNAL
from schemas.bits import (
    HALF,
    MAGIC,
    MOST_SAMPLES,
    Covers,
    FrameError,
    Names,
    NamesError,
)
from schemas.telemetry import Floats, Indices, Ints

Bytes = npt.NDArray[np.uint8]

_BEFORE: Final = 20
"""Bytes before the names."""
_MOST_NAMES: Final = 50_000
_WIDEST: Final = 16


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of a frame, moment by moment. n samples, R moments."""

    times_ns: Ints
    """(R,) event time of each moment."""
    row: Indices
    """(n,) moment of each sample; ascending."""
    point: Indices
    """(n,) a point has one sample at a moment, or none."""
    status: Bytes
    """(n,)"""
    values: Floats
    """(n,) NaN where there is no value."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded frame."""

    names: Names
    covers: Covers
    scales: Table
    """(P,) how values became codes, see `models.packing.scale`."""
    samples: Samples
    """Moment by moment, those of one moment in the order of the points."""

    @property
    def bounds(self) -> Floats:
        """How far a value of each point may be from what was sent. (P,)."""
        return HALF * np.asarray(self.scales["step"], np.float64)


def names_bytes(names: Names) -> bytes:
    """Return names as they stand in a frame."""
    return msgspec.json.encode(names)


def digest(names: bytes) -> bytes:
    """Return which names these are."""
    return blake2b(names, digest_size=8).digest()


def encode(names: Names, offsets: tuple[int, int], samples: Samples) -> bytes:
    """Write a frame that tells its names; ranges that are not declared are those of the samples.

    `offsets`: the first and the last raw one that it covers. Raises `ValueError` for samples that
    are not in order, or more than a frame can hold.
    """
    _check_order(samples, len(names.points))
    n_points = len(names.points)
    places = np.arange(n_points, dtype=np.int32), np.zeros(n_points, np.int64)
    points = Points(*columns_of(names), *places)
    columns = Columns(samples.times_ns, samples.row, samples.point, samples.status, samples.values)
    ends = np.array([[0, 0, 0], [n_points, len(samples.times_ns), len(samples.row)]])
    about = np.array([[1, *offsets]])
    body, begins = write.bodies(columns, points, np.zeros(n_points, SIGNAL), ends, about)
    said = names_bytes(names)
    return joined(digest(said), said, body[: begins[1]].tobytes())


def _check_order(samples: Samples, n_points: int) -> None:
    n = len(samples.row)
    if max(n, len(samples.times_ns), n_points) > MOST_SAMPLES:
        raise ValueError(f"{n} samples are more than a frame can hold")
    if not n:
        return
    place = samples.row.astype(np.int64) * n_points + samples.point
    if (np.diff(samples.row) < 0).any() or len(np.unique(place)) < n:
        raise ValueError("samples are not in order, or two of a point at one moment")


def columns_of(names: Names) -> tuple[Floats, Floats, Bytes]:
    """Return low and high (NaN: not declared) and width of each point."""
    low, high = (np.array(one, np.float64) for one in (names.low, names.high))
    return low, high, np.array(names.bits, np.uint8)


def joined(which: bytes, names: bytes, body: bytes) -> bytes:
    """Put a frame together. `which`: digest of its names; `names`: empty where told before."""
    told = b"".join((which, len(names).to_bytes(4, "little"), names, body))
    return MAGIC + crc32(told).to_bytes(4, "little") + told


@dataclass(slots=True)
class Reader:
    """Reads frames; remembers the names that they tell, up to a limit."""

    names: dict[bytes, Names] = field(default_factory=dict)

    def decode(
        self, data: bytes, points: Collection[str] = (), between: tuple[int, int] | None = None
    ) -> Frame:
        """Read a frame, or what it says of some points (none: all) and times (first, last) in ns.

        Raises `NamesError` when its names were told before, but not to this reader; `FrameError`
        when it is none of version 2, cut short or damaged.
        """
        if data[:4] != MAGIC:
            raise FrameError(f"no bit frame of version 2: it begins with {data[:4]!r}")
        if len(data) < _BEFORE or crc32(data[8:]) != int.from_bytes(data[4:8], "little"):
            raise FrameError("broken bit frame: it is cut short or damaged")
        try:
            names, at = self._names(data)
            return _decode(names, np.frombuffer(data, np.uint8), at, points, between)
        except (ValueError, msgspec.MsgspecError, ArithmeticError) as error:
            if isinstance(error, FrameError):
                raise
            raise FrameError(f"broken bit frame: {error}") from error

    def learn(self, data: bytes) -> None:
        """Remember the names that a frame tells, if it tells any. Raises as `decode` does."""
        if data[16:_BEFORE] != bytes(4):
            self.decode(data, ("",), (0, -1))

    def _names(self, data: bytes) -> tuple[Names, int]:
        """Return the names of a frame, and where its body begins."""
        which, length = data[8:16], int.from_bytes(data[16:_BEFORE], "little")
        if length == 0:
            found = self.names.get(which)
            if found is None:
                raise NamesError("the names of this bit frame are told in an earlier one")
            return found, _BEFORE
        said = data[_BEFORE : _BEFORE + length]
        if len(said) < length or digest(said) != which:
            raise ValueError("its names are others than it says")
        if len(self.names) >= _MOST_NAMES:
            self.names.clear()
        names = self.names[which] = checked(msgspec.json.decode(said, type=Names))
        return names, _BEFORE + length


def decode(data: bytes) -> Frame:
    """Read a frame that tells its names. Raises `FrameError`."""
    return Reader().decode(data)


def checked(names: Names) -> Names:
    """Return names whose columns fit each other; raises `ValueError` for others."""
    n = len(names.points)
    if not all(len(one) == n for one in (names.units, names.low, names.high, names.bits)):
        raise ValueError("its names differ in points")
    for low, high, width in zip(names.low, names.high, names.bits, strict=True):
        if not 0 <= width <= _WIDEST or (low is None) != (high is None):
            raise ValueError("a range has both ends, and a code is 0..16 bits wide")
        if low is not None and high is not None and not low < high < low + 1e308:
            raise ValueError("a range goes upwards")
    return names


def _decode(
    names: Names,
    data: Bytes,
    at: int,
    points: Collection[str],
    between: tuple[int, int] | None,
) -> Frame:
    numbers, at = read.table(data, at)
    n_rows, n_points, n, height, width = numbers[2:7].tolist()
    if n_points != len(names.points):
        raise ValueError("names and columns differ in points")
    times, scales = np.empty(n_rows, np.int64), _declared(names)
    read.head(data, at, numbers, times, scales)
    which_points = np.array([not points or name in points for name in names.points], np.bool_)
    first, last = between or (-(2**63), 2**63 - 1)
    which_rows = (first <= times) & (times <= last)
    taken = read.room(n)
    wanted = _any(which_rows, height), _any(which_points, width)
    count = read.tiles(data, at, numbers, scales, wanted, taken)
    whole = which_points.all() and which_rows.all()
    if whole and count != n:
        raise ValueError("has fewer samples than it says")
    taken = read.chosen(taken, slice(0, count))
    order = read.in_order(taken, n_rows)
    if not whole:
        order = order[which_rows[taken.row[order]] & which_points[taken.point[order]]]
    covers = Covers(names.topic, names.partition, names.epoch, *numbers[:2].tolist())
    found = read.chosen(taken, order)
    return Frame(names, covers, scales, Samples(times, *found))


def _declared(names: Names) -> Table:
    """Return a scale a point, with low and step where a range is declared."""
    scales = np.zeros(len(names.points), scale.SCALE)
    low, high, width = columns_of(names)
    for p in np.flatnonzero((low == low) & (width > 0)).tolist():  # noqa: PLR0124 - no NaN
        scales[p]["low"] = low[p]
        scales[p]["step"] = scale.step_of(low[p], high[p], int(width[p]))
    return scales


def _any(which: npt.NDArray[np.bool_], size: int) -> npt.NDArray[np.bool_]:
    """Say of each run of so many whether it has one that is wanted."""
    if not len(which):
        return which
    return np.logical_or.reduceat(which, np.arange(0, len(which), size))
