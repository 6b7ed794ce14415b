"""The loops that write and read the columns of bit frames. Layout: `schemas/bits.py`."""

from typing import Final

import numpy as np
import numpy.typing as npt

from models.compiled import compiled
from schemas.bits import DENSE, IN_RANGE, SPARSE, VALID
from schemas.telemetry import Floats, Indices, Ints
from schemas.units import MOST

Bytes = npt.NDArray[np.uint8]

_WASTE: Final = 3  # a dense frame may have at most this many places a sample
_GOOD: Final = VALID | IN_RANGE
_BYTE: Final = 8
_WORD: Final = 32
_LEAST_STEP: Final = 2.2250738585072014e-308  # the least normal number: its inverse is finite


@compiled
def ranges(  # noqa: PLR0913, PLR0917 - columns
    point: Indices, status: Bytes, values: Floats, low: Floats, high: Floats, width: Bytes
) -> tuple[Floats, Floats]:
    """Return low and step of each point: of the declared range, else (NaN) of the samples. (P,)."""
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
            least[p], most[p] = max(least[p], -MOST), min(most[p], MOST)
            step[p] = max((most[p] - least[p]) / float((1 << width[p]) - 1), _LEAST_STEP)
        elif least[p] != least[p]:
            least[p] = 0.0
        else:  # one value
            least[p] = min(max(least[p], -MOST), MOST)
    return least, step


@compiled
def _is_dense(row: Indices, point: Indices, status: Bytes, n_rows: int, n_points: int) -> bool:
    """Say whether a grid holds the samples in their order, and not much else."""
    if n_rows * n_points > _WASTE * point.size:
        return False
    last = -1
    for i in range(point.size):
        place = row[i] * n_points + point[i]
        if place <= last or status[i] == 0:
            return False
        last = place
    return True


@compiled
def _put(out: Bytes, at: int, column: Bytes) -> int:
    out[at : at + column.size] = column
    return at + column.size


@compiled
def _pack(  # noqa: PLR0913, PLR0917 - columns
    out: Bytes,
    at: int,
    point: Indices,
    status: Bytes,
    values: Floats,
    low: Floats,
    step: Floats,
    width: Bytes,
) -> int:
    """Write the codes from `at` on; return where they end."""
    inverse = np.zeros(low.size)
    for p in range(low.size):
        if step[p] > 0.0:
            inverse[p] = 1.0 / step[p]
    store, have = np.uint64(0), 0
    for i in range(point.size):
        p = point[i]
        w = int(width[p])
        code = 0.0
        if status[i] & VALID:
            code = np.rint((values[i] - low[p]) * inverse[p])
            code = min(code, float((1 << w) - 1)) if code > 0.0 else 0.0  # NaN, too, is 0
        store = (store << np.uint64(w)) | np.uint64(code)
        have += w
        if have >= _WORD:
            have -= _WORD
            word = store >> np.uint64(have)
            for k in range(_WORD // _BYTE):
                out[at + k] = (word >> np.uint64(_WORD - _BYTE - _BYTE * k)) & np.uint64(255)
            at += _WORD // _BYTE
    while have >= _BYTE:
        have -= _BYTE
        out[at] = (store >> np.uint64(have)) & np.uint64(255)
        at += 1
    if have > 0:
        out[at] = (store << np.uint64(_BYTE - have)) & np.uint64(255)
        at += 1
    return at


@compiled
def write(  # noqa: PLR0913, PLR0917 - columns
    out: Bytes,
    times_ns: Ints,
    row: Indices,
    point: Indices,
    status: Bytes,
    values: Floats,
    low: Floats,
    step: Floats,
    width: Bytes,
) -> int:
    """Write into `out`, of `most` bytes, what follows the dictionary; return its length."""
    n_rows, n_points, n = times_ns.size, low.size, point.size
    dense = _is_dense(row, point, status, n_rows, n_points)
    sizes = np.array([n_rows, n_points, DENSE if dense else SPARSE, n], np.uint32)
    at = _put(out, 0, sizes.view(np.uint8))
    at = _put(out, at, times_ns.view(np.uint8))
    at = _put(out, at, low.view(np.uint8))
    at = _put(out, at, step.view(np.uint8))
    at = _put(out, at, width)
    if dense:
        out[at : at + n_rows * n_points] = 0
        for i in range(n):
            out[at + row[i] * n_points + point[i]] = status[i]
        at += n_rows * n_points
    else:
        at = _put(out, at, row.view(np.uint8))
        at = _put(out, at, point.view(np.uint8))
        at = _put(out, at, status)
    return _pack(out, at, point, status, values, low, step, width)


@compiled
def most(n_rows: int, n_points: int, n: int) -> int:
    """Return the most bytes that follow the dictionary of a frame."""
    return 16 + 8 * n_rows + 17 * n_points + (9 + 2) * n


@compiled
def bodies(  # noqa: PLR0913, PLR0917 - columns
    times_ns: Ints,
    row: Indices,
    point: Indices,
    status: Bytes,
    values: Floats,
    low: Floats,
    high: Floats,
    width: Bytes,
    ends: Ints,
) -> tuple[Bytes, Ints]:
    """Write what follows the dictionaries of F frames, whose columns stand one after the other.

    `low`, `high`: declared, NaN where not. `ends`: (F + 1, 3) where the points, rows and samples of
    each frame begin, and the last ends. Return the bytes, and where each begins, (F + 1,).
    """
    n_frames = len(ends) - 1
    out = np.empty(16 * n_frames + most(ends[-1, 1], ends[-1, 0], ends[-1, 2]), np.uint8)
    begins = np.zeros(n_frames + 1, np.int64)
    for f in range(n_frames):
        its_points = slice(ends[f, 0], ends[f + 1, 0])
        mine = slice(ends[f, 2], ends[f + 1, 2])
        columns = point[mine], status[mine], values[mine]
        range_ = ranges(*columns, low[its_points], high[its_points], width[its_points])
        begins[f + 1] = begins[f] + write(
            out[begins[f] :],
            times_ns[ends[f, 1] : ends[f + 1, 1]],
            row[mine],
            *columns,
            *range_,
            width[its_points],
        )
    return out, begins


@compiled
def unpack(packed: Bytes, point: Indices, width: Bytes) -> npt.NDArray[np.uint32]:
    """Read the codes of samples. (n,)."""
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
