"""The numbers of a native columnar message, compiled: times, then rows of values."""

import numpy as np
import numpy.typing as npt

from schemas.formats.entries_scan import past_blanks, value_at
from schemas.formats.numbers import NONE, ONE, U, read
from schemas.formats.scan import moment
from schemas.formats.words import Bytes, Whole, compiled, inlined
from schemas.telemetry import Ints

OPEN, CLOSE, COMMA = U(ord("[")), U(ord("]")), U(ord(","))


@inlined
def past(buffer: Bytes, at: np.uint64, stop: np.uint64, byte: np.uint64) -> np.uint64:
    """Return what follows `byte` and the white space around it; 0: another byte stands there."""
    at = past_blanks(buffer, at, stop)
    is_there = at < stop and U(buffer[at]) == byte
    return past_blanks(buffer, at + ONE, stop) if is_there else NONE


@compiled
def read_times(buffer: Bytes, at: np.uint64, stop: np.uint64, times_ns: Ints) -> np.uint64:
    """Read `t, t]`, as many as there is room for; the byte after it, 0: refused."""
    for n in range(times_ns.size):
        number = read(buffer, at)
        time_ns: Whole = moment(number) if number.end != NONE else -1
        if time_ns < 0:
            return NONE
        times_ns[n] = time_ns
        at = past(buffer, number.end, stop, COMMA if n + 1 < times_ns.size else CLOSE)
        if at == NONE:
            return NONE
    return at


@compiled
def read_rows(
    buffer: Bytes,
    at: np.uint64,
    stop: np.uint64,
    values: npt.NDArray[np.float64],
    quality: npt.NDArray[np.uint16],
) -> np.uint64:
    """Read `[v, v], [v, v]]` into (rows, points); the byte after it, 0: refused."""
    n_rows, n_points = values.shape
    for r in range(n_rows):
        at = past(buffer, at, stop, OPEN)
        if at == NONE:
            return NONE
        for k in range(n_points):
            at, values[r, k], quality[r, k] = value_at(buffer, at)
            if at == NONE:
                return NONE
            at = past(buffer, at, stop, COMMA if k + 1 < n_points else CLOSE)
            if at == NONE:
                return NONE
        at = past(buffer, at, stop, COMMA if r + 1 < n_rows else CLOSE)
        if at == NONE:
            return NONE
    return at
