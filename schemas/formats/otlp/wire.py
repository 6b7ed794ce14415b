"""OTLP's protobuf read where it stands: fields, data points of gauges and sums.

Only what encoders write is read: fields once and in their usual places, attributes together. All
else is called unusual, and left to the protobuf runtime.

Source: opentelemetry-proto 1.x, metrics.proto; protobuf.dev, Encoding.
"""

from typing import NamedTuple

import numpy as np

from schemas.formats.numbers import U
from schemas.formats.otlp.bare import bare, inlined
from schemas.formats.words import Bytes, Whole, double, load
from schemas.times import END_NS

ONE_LEN, TWO_LEN, THREE_LEN = 0x0A, 0x12, 0x1A
"""Fields 1, 2, 3, length-delimited."""
GAUGE, SUM, METADATA = 0x2A, 0x3A, 0x62
"""Fields 5, 7, 12 of Metric."""
TEMPORALITY, MONOTONIC = 0x10, 0x18
"""Fields 2, 3 of Sum, varints."""
BEGAN, TIME, DOUBLE, INTEGER, ATTRIBUTES, FLAGS = 0x11, 0x19, 0x21, 0x31, 0x3A, 0x40
"""Fields 2, 3, 4, 6, 7, 8 of NumberDataPoint."""
MORE = 0x80
"""Bit of a varint's byte: another one follows."""
FIXED = 9
"""Bytes of a tag and the eight bytes of its field."""
SMALLEST = 11
"""Bytes of a data point that is read here, at least: tag, length, and a time."""
UNUSUAL = -1
MISSING, NOT_A_NUMBER, INFINITE, LOST = 1, 2, 4, 257
"""`Quality`, as plain numbers."""


class Point(NamedTuple):
    """A data point of a gauge or sum."""

    time_ns: Whole
    """UNUSUAL: there is something else."""
    value: float
    quality: int
    at: Whole
    """Where its attributes begin, tag and all."""
    stop: Whole


@inlined
def varint(buffer: Bytes, at: Whole, stop: Whole) -> tuple[Whole, Whole]:
    """Return a number of at most 35 bits and the byte after it, -1: none, or longer."""
    value = np.int64(0)
    for shift in range(0, 35, 7):
        if at >= stop:
            break
        byte = np.int64(buffer[at])
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < MORE:
            return value, at
    return np.int64(0), np.int64(-1)


@inlined
def inside(buffer: Bytes, at: Whole, stop: Whole) -> tuple[Whole, Whole]:
    """Return where the content of the length-delimited field at `at` begins and ends; -1: bad."""
    size, begin = varint(buffer, at + 1, stop)
    if begin < 0 or size > stop - begin:
        return np.int64(-1), np.int64(-1)
    return begin, begin + size


@inlined
def quality(value: float) -> int:
    """Return the quality of a value that was sent."""
    if np.isfinite(value):
        return 0
    return NOT_A_NUMBER if np.isnan(value) else INFINITE


@inlined
def fixed(tag: int, word: np.uint64, point: Point) -> Point:
    """Return a data point with one more field of eight bytes."""
    time_ns, value, mark = point.time_ns, point.value, point.quality
    if tag == TIME:
        time_ns = np.int64(word)
    elif tag == DOUBLE:
        value = double(word)
        mark = quality(value)
    elif tag == INTEGER:
        value, mark = float(np.int64(word)), 0
    elif tag != BEGAN:
        time_ns = np.int64(UNUSUAL)
    return Point(time_ns, value, mark, point.at, point.stop)


@inlined
def read(buffer: Bytes, at: Whole, stop: Whole) -> Point:
    """Read the data point from `at` to `stop`."""
    point = Point(np.int64(0), np.nan, MISSING, np.int64(0), np.int64(0))
    flags: Whole = np.int64(0)
    while 0 <= at < stop and point.time_ns != UNUSUAL:
        tag = buffer[at]
        if tag == ATTRIBUTES:
            begin = point.at if point.stop else at
            time_ns = point.time_ns if point.stop in (0, at) else np.int64(UNUSUAL)
            _, at = inside(buffer, at, stop)
            point = Point(time_ns, point.value, point.quality, begin, at)
        elif tag == FLAGS:
            flags, at = varint(buffer, at + 1, stop)
        else:
            point = fixed(tag, load(buffer, U(at + 1)), point)
            at += FIXED
    is_usual = at == stop and 0 < point.time_ns < END_NS
    time_ns = point.time_ns if is_usual else np.int64(UNUSUAL)
    lost = flags & 1
    value, mark = np.nan if lost else point.value, LOST if lost else point.quality
    return Point(time_ns, value, mark, point.at, point.stop)


@bare
def sum_kind(buffer: Bytes, at: Whole, stop: Whole) -> Whole:
    """Return what kind a sum is: 8, twice its temporality, 1 where monotonic. -1: unusual."""
    temporality, monotonic = np.int64(0), np.int64(0)
    while at < stop:
        tag = buffer[at]
        if tag == ONE_LEN:
            _, at = inside(buffer, at, stop)
            if at < 0:
                return np.int64(-1)
            continue
        if at + 1 >= stop or buffer[at + 1] >= MORE:
            return np.int64(-1)
        if tag == TEMPORALITY:
            temporality = np.int64(buffer[at + 1])
        elif tag == MONOTONIC:
            monotonic = np.int64(buffer[at + 1] != 0)
        else:
            return np.int64(-1)
        at += 2
    return 8 | temporality << 4 | monotonic
