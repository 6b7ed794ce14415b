"""The quality that a message alone can tell: no value, no number, not possible, ahead of time.

In the same loop points get their canonical names and values their canonical unit: see `vocabulary`.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from models.compiled import compiled
from models.names import Config
from models.telemetry.vocabulary import CONVERTED, Columns, Row, Vocabulary, row, sentinel
from schemas.telemetry import SENTINEL, Floats, Ints, Marks, Quality, Spans
from schemas.units import MOST

MISSING = int(Quality.MISSING)
NOT_A_NUMBER = int(Quality.NOT_A_NUMBER)
INFINITE = int(Quality.INFINITE)
OUT_OF_RANGE = int(Quality.OUT_OF_RANGE)
FUTURE = int(Quality.FUTURE)
NO_VALUE = int(Quality.MISSING | Quality.NOT_A_NUMBER)

_LATEST_MS = 8_000_000_000_000  # 2223: a Kafka timestamp may be anything, ns of it may not
_MOST_KNOWN = 300_000  # points of shapes that are remembered
_NOTHING = np.zeros(0)

Flags = npt.NDArray[np.bool_]


@compiled
def _closer(value: float, mark: int, known: Row) -> tuple[float, int]:
    """Return what a value that is not plainly good is told as, and its quality.

    What is CONVERTED already is in its unit. What cannot be converted stays as it is. Which of the
    sentinels a number is may be known from its digits alone, and so be said by the decoder; whether
    it is one is known from its point.
    """
    if value != value:  # noqa: PLR0124 - NaN
        return value, mark if mark & NO_VALUE else mark | NOT_A_NUMBER
    if abs(value) == np.inf:
        return value, mark | INFINITE
    printed = sentinel(value, known.guard)
    if printed:
        return np.nan, (mark & ~SENTINEL) | MISSING | (mark & SENTINEL or printed)
    mark &= ~SENTINEL
    if known.converted and not mark & CONVERTED:
        told = value * known.factor + known.shift
        if not abs(told) <= MOST:
            return value, mark | OUT_OF_RANGE
        value, mark = told, mark | CONVERTED
    if value < known.low or value > known.high or abs(value) > MOST:
        mark |= OUT_OF_RANGE
    return value, mark


@compiled
def _look(values: Floats, quality: Marks, known: Columns, at: int) -> bool:
    """Mark a span without conversions; say whether a value is lost. `at`: its first point's row."""
    low, high = known.plain_low[at : at + values.size], known.plain_high[at : at + values.size]
    lost = False
    for k in range(values.size):
        if not low[k] <= values[k] <= high[k]:
            told, quality[k] = _closer(values[k], int(quality[k]), row(known, at + k))
            lost |= told != told and values[k] == values[k]  # noqa: PLR0124 - NaN
    return lost


@compiled
def _convert(values: Floats, out: Floats, quality: Marks, known: Columns, at: int) -> None:
    """Mark a span some of whose points convert, and write its values to `out`."""
    end = at + values.size
    low, high = known.plain_low[at:end], known.plain_high[at:end]
    factor, shift, converted = known.factor[at:end], known.shift[at:end], known.converted[at:end]
    odd = 0
    for k in range(values.size):
        told = values[k] * factor[k] + shift[k]
        odd += (not low[k] <= told <= high[k]) | ((quality[k] & converted[k]) != 0)
        out[k] = told
    for k in range(values.size):
        if odd and (not low[k] <= out[k] <= high[k] or quality[k] & converted[k]):
            out[k], quality[k] = _closer(values[k], int(quality[k]), row(known, at + k))
        else:
            quality[k] |= converted[k]


@compiled
def _odd(values: Floats, start: Ints, points: Ints, low: Floats, high: Floats) -> Flags:
    """Return which spans need a closer look. Without a sign, indices need no check for one."""
    odd = np.empty(points.size, np.bool_)
    for s in range(points.size):
        first, at, n = np.uint64(start[s]), np.uint64(points[s]), start[s + 1] - start[s]
        found = 0
        for j in range(n):
            k = np.uint64(j)
            found += not low[at + k] <= values[first + k] <= high[at + k]
        odd[s] = found > 0
    return odd


@compiled
def _judge(  # noqa: PLR0913, PLR0917 - columns
    values: Floats,
    out: Floats,
    quality: Marks,
    start: Ints,
    points: Ints,
    known: Columns,
    wants: Flags,
) -> bool:
    """Look at spans that want it; say whether some of `values` are lost and still to be emptied.

    `out`: a copy of `values`, or nothing where no span converts.
    """
    lost = False
    for s in range(points.size):
        if wants[s]:
            first, end = start[s], start[s + 1]
            if out.size:
                _convert(values[first:end], out[first:end], quality[first:end], known, points[s])
            else:
                lost |= _look(values[first:end], quality[first:end], known, points[s])
    return lost


@dataclass(slots=True)
class Judge:
    """Canonical name, value and quality of every sample, from its message alone."""

    config: Config
    future_ns: int = 3_600_000_000_000
    vocabulary: Vocabulary = field(init=False)

    def __post_init__(self) -> None:
        self.vocabulary = Vocabulary(self.config)

    def judge(self, spans: Spans, received_ms: Ints) -> Spans:
        """Return `spans` as they go on. `received_ms`: (messages,) Kafka timestamps or -1."""
        if len(self.vocabulary) > _MOST_KNOWN:
            self.vocabulary.forget()  # between two batches: none points into it
        plans = [self.vocabulary.plan(shape) for shape in spans.shapes]
        known = self.vocabulary.columns()
        points = np.array([plan.at for plan in plans], np.int64)[spans.shape]
        quality = spans.quality.copy()
        self._mark_ahead(spans, received_ms, quality)
        wants = _odd(spans.values, spans.start, points, known.plain_low, known.plain_high)
        values = spans.values
        if any(plan.converts for plan in plans):
            wants |= np.array([plan.converts for plan in plans])[spans.shape]
            values = values.copy()
        if wants.any():
            out = _NOTHING if values is spans.values else values
            if _judge(spans.values, out, quality, spans.start, points, known, wants):
                values = np.where(quality & SENTINEL, np.nan, values)
        shapes = [plan.shape for plan in plans]
        return replace(spans, shapes=shapes, values=values, quality=quality)

    def _mark_ahead(self, spans: Spans, received_ms: Ints, quality: Marks) -> None:
        """Mark the samples of spans that are ahead of their message."""
        received = np.minimum(received_ms[spans.message], _LATEST_MS)
        ahead = (received >= 0) & (spans.time_ns > received * 1_000_000 + self.future_ns)
        if ahead.any():
            quality[np.repeat(ahead, np.diff(spans.start))] |= np.uint16(FUTURE)
