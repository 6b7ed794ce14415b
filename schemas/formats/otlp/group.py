"""Samples put together, compiled: those of one message, asset and time are a span."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.formats.numbers import ONE, U
from schemas.formats.otlp.tables import HALF, SEED, UNKNOWN, Known, stirred, text_place
from schemas.formats.otlp.walk import POINTS, Found
from schemas.formats.words import SLACK, Bytes, compiled
from schemas.telemetry import Floats, Indices, Ints, Marks

Flags = npt.NDArray[np.bool_]
POINT_BYTES = 4


class Grouped(NamedTuple):
    """Spans, (n,), and their samples, (m,), in order. `names`: the points, as bytes of int32."""

    message: Indices
    asset: Indices
    time_ns: Ints
    start: Ints
    values: Floats
    quality: Marks
    names: Bytes


@compiled
def grouped(known: Known, samples: Found, rows: int) -> Grouped:
    """Put the first `rows` samples together; spans and points in the order of first appearance."""
    message, time_ns = np.empty(rows, np.int32), np.empty(rows, np.int64)
    asset, group = np.empty(rows, np.int32), np.empty(rows, np.int32)
    size = np.uint64(1)
    while size < U(2 * rows):
        size += size
    index = np.full(size, -1, np.int32)
    spans = 0
    for i in range(rows):
        own, when = known.meanings[samples.series[i], 0], samples.time_ns[i]
        whose = samples.message[i]
        if i and own == asset[group[i - 1]]:
            last = group[i - 1]
            if when == time_ns[last] and whose == message[last]:
                group[i] = last
                continue
        key = stirred(stirred(SEED, U(when)), U(whose) << HALF | U(own))
        at = (key ^ (key >> U(29))) & (size - ONE)
        while index[at] >= 0:
            there = index[at]
            if asset[there] == own and time_ns[there] == when and message[there] == whose:
                break
            at = (at + ONE) & (size - ONE)
        if index[at] < 0:
            index[at] = spans
            message[spans], asset[spans], time_ns[spans] = whose, own, when
            spans += 1
        group[i] = index[at]
    return placed(
        known,
        samples,
        group,
        Grouped(
            message[:spans],
            asset[:spans],
            time_ns[:spans],
            np.zeros(spans + 1, np.int64),
            np.empty(rows),
            np.empty(rows, np.uint16),
            np.zeros(POINT_BYTES * rows + SLACK, np.uint8),
        ),
    )


@compiled
def placed(known: Known, samples: Found, group: Indices, out: Grouped) -> Grouped:
    """Move each sample into its span."""
    start = out.start
    for i in range(group.size):
        start[group[i] + 1] += 1
    for g in range(start.size - 1):
        start[g + 1] += start[g]
    fill, names = start.copy(), out.names[: POINT_BYTES * group.size].view(np.int32)
    for i in range(group.size):
        to = fill[group[i]]
        fill[group[i]] += 1
        out.values[to], out.quality[to] = samples.values[i], samples.quality[i]
        names[to] = known.meanings[samples.series[i], 1]
    return out


@compiled
def shapes_of(known: Known, names: Bytes, start: Ints) -> Indices:
    """Return the shape that each span's points are, (n,); UNKNOWN, REPEATS."""
    found = np.full(start.size - 1, UNKNOWN, np.int32)
    for g in range(found.size):
        at, stop = POINT_BYTES * start[g], POINT_BYTES * start[g + 1]
        text = known.text_index[text_place(known, names, at, stop, POINTS)]
        if text != UNKNOWN:
            found[g] = known.texts[text, 3]
    return found


def kept(spans: Grouped, keep: Flags) -> Grouped:
    """Return the spans to keep; their names are not."""
    samples = np.repeat(keep, np.diff(spans.start))
    lengths = np.diff(spans.start)[keep]
    start = np.zeros(lengths.size + 1, np.int64)
    start[1:] = np.cumsum(lengths)
    return Grouped(
        spans.message[keep],
        spans.asset[keep],
        spans.time_ns[keep],
        start,
        spans.values[samples],
        spans.quality[samples],
        spans.names,
    )
