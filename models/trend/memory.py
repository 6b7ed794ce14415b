"""What a tracked signal remembers: means of three hours, a week of them, as steps from a base.

72 bytes and 2 a span, 184 in all, for signals with a limit only; O(1) a sample. Hours and spans
are those of UTC, so that a span of one day stands beside the same span of another.
"""

from math import nan

import numpy as np
import numpy.typing as npt

from models.compiled import Byte, Float32, Int32, compiled, layout
from schemas.telemetry import Floats

Steps = npt.NDArray[np.int16]

HOUR_NS = 3_600_000_000_000
SPAN_HOURS = 3
A_DAY = 24 // SPAN_HOURS
"""Spans."""
SPANS = 7 * A_DAY
"""Spans remembered."""
MISSING = -32_768
MOST = 32_767  # steps from the base
FINE = 4096.0  # steps of the first change that is seen
ROUGH = 2 * A_DAY
"""Spans over which the roughness of hours is averaged."""


class Row:
    """What one signal with a limit remembers, beside its spans."""

    base: float
    """What is remembered is the difference to it."""
    hour_sum: float
    """Of the differences in the open hour."""
    span_sum: float
    """Of the differences of the hours in the open span."""
    rough: Float32
    """Variance of the means of hours within a span, without what is straight in them."""
    bent: Float32
    """First hour less twice the second plus the third, of the open span."""
    step: Float32
    """What one step is worth; 0.0 where nothing has differed from the base yet."""
    hour: Int32
    """The open hour, since 1970."""
    hour_count: Int32
    """Samples in it."""
    last: Int32
    """The last span remembered, since 1970."""
    lane: Int32
    """Whose samples it takes."""
    signal: Int32
    forecast: Int32
    """Its open forecast; 0: none."""
    law: Int32
    """Its limits."""
    span_count: Byte
    """Hours in the open span."""
    filled: Byte
    """Spans from the first on, missing ones too."""
    rest: Byte
    """Spans in which nothing is foretold: its limit was just reached."""


ROW = layout(Row)


@compiled
def begin(row: Row, value: float, hour: int) -> None:
    """Let a signal begin with `value`."""
    row.base = value
    row.hour = hour
    row.last = hour // SPAN_HOURS - 1


@compiled
def take(row: Row, value: float) -> None:
    """Take a sample of the open hour."""
    row.hour_sum += value - row.base
    row.hour_count += 1


@compiled
def close_hour(row: Row) -> float:
    """End the open hour; return its mean, NaN where it holds no sample."""
    away = nan
    if row.hour_count > 0:
        away = row.hour_sum / row.hour_count
        row.bent += -2.0 * away if row.hour % SPAN_HOURS == 1 else away
        row.span_sum += away
        row.span_count += 1
    row.hour_sum = 0.0
    row.hour_count = 0
    return away + row.base


@compiled
def close_span(row: Row, ring: Steps, span: int) -> None:
    """Remember the open span as number `span`; those between are missing. `ring`: (SPANS,)."""
    for gone in range(max(row.last + 1, span - SPANS), span):
        ring[gone % SPANS] = MISSING
    if row.span_count > 0:
        away = row.span_sum / row.span_count
        if row.span_count == SPAN_HOURS:
            row.rough += (row.bent**2 / 6.0 - row.rough) / min(row.filled + 1, ROUGH)
        if row.step == 0.0 and away != 0.0:
            row.step = abs(away) / FINE
        while abs(away) > row.step * MOST:
            _coarser(row, ring)
        ring[span % SPANS] = round(away / row.step) if row.step > 0.0 else 0
    else:
        ring[span % SPANS] = MISSING
    row.filled = min(row.filled + span - row.last, SPANS)
    row.last = span
    row.span_sum = 0.0
    row.span_count = 0
    row.bent = 0.0


@compiled
def _coarser(row: Row, ring: Steps) -> None:
    """Double the step."""
    row.step *= 2.0
    for i in range(SPANS):
        if ring[i] != MISSING:
            ring[i] = round(ring[i] / 2.0)


@compiled
def read(row: Row, ring: Steps, values: Floats) -> int:
    """Write the spans, oldest first, into `values`, (SPANS,), NaN where missing; count them."""
    n = row.filled
    for i in range(n):
        steps = ring[(row.last - n + 1 + i) % SPANS]
        values[i] = nan if steps == MISSING else row.base + row.step * steps
    return n
