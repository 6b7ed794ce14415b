"""Prometheus' WriteRequest in protobuf, compiled: its samples in rows, labels as ranges of bytes.

Fields: prompb/remote.proto and prompb/types.proto of Prometheus. What is unknown is skipped, as
protobuf prescribes; groups, which proto3 cannot write, are refused.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.formats.known import UNKNOWN, Texts, is_same, look_up
from schemas.formats.numbers import EIGHT, NONE, ONE, THREE, U
from schemas.formats.scan import GOOD, INFINITE, NOT_A_NUMBER, SEVEN
from schemas.formats.words import Bytes, compiled, double, inlined, load
from schemas.telemetry import Floats, Indices, Ints, Marks, Quality

VARINT, FIXED64, LEN, FIXED32 = U(0), U(1), U(2), U(5)
SERIES, METADATA, SYMBOLS, SERIES_2 = U(1), U(3), U(4), U(5)
"""Fields of a WriteRequest; the last two of a Request of version 2.0, which is refused."""
LABELS, SAMPLES, HISTOGRAMS = U(1), U(2), U(4)
VALUE, TIMESTAMP = U(1), U(2)
COUNT_INT, COUNT_FLOAT, SUM, HISTOGRAM_TIME = U(1), U(2), U(3), U(15)

SAMPLE, COUNT, TOTAL = -1, -2, -3
"""What a row is: a sample, or a native histogram's count or sum. The parent of its labels' text."""
KINDS = 3

STALE_BITS = U(0x7FF0000000000002)
STALE = int(Quality.STALE | Quality.MISSING)
WELL, BROKEN, VERSION_2, NO_ROOM, NOTHING, TOO_MANY = 0, -1, -2, -3, -4, -5
LAST = U(0x80)
LOW = U(0x7F)
LONGEST = U(63)


class Rows(NamedTuple):
    """Room for rows, one a sample. `used`: (2,) rows in use, and how many may be."""

    used: Ints
    message: Indices
    series: Indices
    """Number of the labels' text, or UNKNOWN."""
    labels: npt.NDArray[np.int64]
    """(n, 3): where the labels begin and end in the buffer, and what the row is."""
    time_ms: Ints
    values: Floats
    quality: Marks


def room(n: int) -> Rows:
    """Make room for n rows."""
    used, long, labels = np.zeros(2, np.int64), np.zeros(n, np.int64), np.zeros((n, 3), np.int64)
    short = np.zeros(n, np.int32)
    return Rows(used, short, short.copy(), labels, long, np.zeros(n), np.zeros(n, np.uint16))


def larger(rows: Rows) -> Rows:
    """Return the rows with room for as many more."""
    more = room(len(rows.values))
    return Rows(
        rows.used,
        np.concatenate((rows.message, more.message)),
        np.concatenate((rows.series, more.series)),
        np.concatenate((rows.labels, more.labels)),
        np.concatenate((rows.time_ms, more.time_ms)),
        np.concatenate((rows.values, more.values)),
        np.concatenate((rows.quality, more.quality)),
    )


@inlined
def varint(buffer: Bytes, at: np.uint64, stop: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Read a number; return it and the byte after, 0 where there is none."""
    value = shift = NONE
    while at < stop and shift <= LONGEST:
        byte = U(buffer[at])
        value |= (byte & LOW) << shift
        at += ONE
        if byte < LAST:
            return value, at
        shift += SEVEN
    return value, NONE


@inlined
def field(
    buffer: Bytes, at: np.uint64, stop: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Read a field's head: number, wire type, where its content begins and ends; 0: broken."""
    key, at = varint(buffer, at, stop)
    kind = key & SEVEN
    number = key >> THREE
    end = NONE
    if NONE in (at, number):
        return number, kind, NONE, NONE
    if kind == VARINT:
        _, end = varint(buffer, at, stop)
    elif kind == LEN:
        length, at = varint(buffer, at, stop)
        if at != NONE and length <= stop - at:
            end = at + length
    elif kind == FIXED64:
        end = at + EIGHT
    elif kind == FIXED32:
        end = at + EIGHT - U(4)
    return number, kind, at, (end if end <= stop else NONE)


class Read(NamedTuple):
    """A sample, or a histogram's count and sum."""

    is_whole: bool
    time: np.uint64
    first: float
    second: float
    is_stale: bool


@inlined
def mark(value: float, is_stale: bool) -> int:
    """Return the quality of a value."""
    if is_stale:
        return STALE
    if value != value:  # noqa: PLR0124 - NaN
        return NOT_A_NUMBER
    return INFINITE if abs(value) == np.inf else GOOD


@inlined
def sample(buffer: Bytes, at: np.uint64, stop: np.uint64) -> Read:
    """Read a sample."""
    bits = time = NONE
    while at < stop:
        number, kind, start, at = field(buffer, at, stop)
        if at == NONE:
            return Read(False, time, 0.0, 0.0, False)
        if number == VALUE and kind == FIXED64:
            bits = load(buffer, start)
        elif number == TIMESTAMP and kind == VARINT:
            time, _ = varint(buffer, start, at)
    return Read(True, time, double(bits), 0.0, bits == STALE_BITS)


@inlined
def histogram(buffer: Bytes, at: np.uint64, stop: np.uint64) -> Read:
    """Read count and sum of a native histogram."""
    count = 0.0
    total = time = NONE
    while at < stop:
        number, kind, start, at = field(buffer, at, stop)
        if at == NONE:
            return Read(False, time, 0.0, 0.0, False)
        if number == COUNT_INT and kind == VARINT:
            whole, _ = varint(buffer, start, at)
            count = float(whole)
        elif number == COUNT_FLOAT and kind == FIXED64:
            count = double(load(buffer, start))
        elif number == SUM and kind == FIXED64:
            total = load(buffer, start)
        elif number == HISTOGRAM_TIME and kind == VARINT:
            time, _ = varint(buffer, start, at)
    return Read(True, time, count, double(total), total == STALE_BITS)


@inlined
def put(rows: Rows, row: int, kind: int, read: Read) -> None:
    """Write a row; its labels are told later."""
    value = read.second if kind == TOTAL else read.first
    rows.labels[row, 2], rows.time_ms[row] = kind, np.int64(read.time)
    rows.values[row] = np.nan if read.is_stale else value
    rows.quality[row] = mark(value, read.is_stale)


@inlined
def series(buffer: Bytes, edges: tuple[np.uint64, np.uint64], rows: Rows, row: int) -> int:
    """Read one series into rows from `row` on; the row after, or less than 0 what is wrong."""
    at, stop = edges
    begin = end = NONE
    first = row
    while at < stop:
        before = at
        number, kind, start, at = field(buffer, at, stop)
        if at == NONE:
            return BROKEN
        if kind == LEN and number == LABELS:
            begin, end = (begin if begin != NONE else before), at
        elif kind == LEN and number in (SAMPLES, HISTOGRAMS):
            if row + 2 > min(rows.used[1], rows.values.size):
                return NO_ROOM if row + 2 <= rows.used[1] else TOO_MANY
            is_sample = number == SAMPLES
            read = sample(buffer, start, at) if is_sample else histogram(buffer, start, at)
            if not read.is_whole:
                return BROKEN
            put(rows, row, SAMPLE if is_sample else COUNT, read)
            if not is_sample:
                row += 1
                put(rows, row, TOTAL, read)
            row += 1
    for k in range(first, row):  # labels may come last
        rows.labels[k, 0], rows.labels[k, 1] = begin, end
    return row


@compiled
def scan(buffer: Bytes, edges: tuple[np.uint64, np.uint64], message: int, rows: Rows) -> int:
    """Read one WriteRequest into rows; what became of it. Unless all is well there are no rows."""
    at, stop = edges
    row, state = rows.used[0], NOTHING
    while at < stop:
        number, kind, start, at = field(buffer, at, stop)
        if at == NONE:
            return BROKEN
        if kind != LEN:
            continue
        if number in (SYMBOLS, SERIES_2):
            return VERSION_2
        if number == SERIES:
            row = series(buffer, (start, at), rows, row)
            if row < 0:
                return int(row)
        state = WELL if number in (SERIES, METADATA) else state
    rows.message[rows.used[0] : row] = message
    rows.used[0] = row
    return state


@compiled
def name_rows(texts: Texts, buffer: Bytes, rows: Rows, first: int) -> None:
    """Find the series of the rows from `first` on; most likely those that came the last time.

    Labels are compared once for each kind of row: they may be long, and rows be many.
    """
    known = UNKNOWN
    begins, numbers = np.full(KINDS, -1, np.int64), np.full(KINDS, UNKNOWN, np.int64)
    for row in range(first, rows.used[0]):
        begin, end, kind = rows.labels[row]
        last = SAMPLE - kind
        if begin == begins[last]:
            rows.series[row] = known = numbers[last]
            continue
        guess = texts.after[known] if known != UNKNOWN else UNKNOWN
        if guess == UNKNOWN or not is_same(texts, guess, kind, buffer, (U(begin), U(end))):
            guess = look_up(texts, kind, buffer, U(begin), U(end))
            if known != UNKNOWN:
                texts.after[known] = guess
        rows.series[row] = known = guess
        begins[last], numbers[last] = begin, guess
