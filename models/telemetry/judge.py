"""The quality that a message alone can tell: no value, no number, not possible, ahead of time."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from models.compiled import compiled
from models.names import Config
from schemas.telemetry import Floats, Ints, Marks, Quality, Shape, Spans
from schemas.units import MOST

NOT_A_NUMBER = int(Quality.NOT_A_NUMBER)
INFINITE = int(Quality.INFINITE)
OUT_OF_RANGE = int(Quality.OUT_OF_RANGE)
FUTURE = int(Quality.FUTURE)
NO_VALUE = int(Quality.MISSING | Quality.NOT_A_NUMBER)

_LATEST_MS = 8_000_000_000_000  # 2223: a Kafka timestamp may be anything, ns of it may not
_MOST_KNOWN = 300_000  # points of shapes whose ranges are remembered


@compiled
def _judge(  # noqa: PLR0913, PLR0917 - columns
    values: Floats,
    quality: Marks,
    start: Ints,
    ranges: Ints,
    low: Floats,
    high: Floats,
    ahead: npt.NDArray[np.bool_],
) -> None:
    for s in range(ranges.size):
        first, at = start[s], ranges[s]
        late = np.uint16(FUTURE) if ahead[s] else np.uint16(0)
        for i in range(first, start[s + 1]):
            value = values[i]
            mark = quality[i] | late
            if value != value:  # noqa: PLR0124 - NaN
                if not mark & NO_VALUE:
                    mark |= np.uint16(NOT_A_NUMBER)
            elif abs(value) == np.inf:
                mark |= np.uint16(INFINITE)
            elif value < low[at] or value > high[at] or abs(value) > MOST:
                mark |= np.uint16(OUT_OF_RANGE)
            quality[i] = mark
            at += 1


@dataclass(slots=True)
class Judge:
    """Quality of every sample, from its value and its message alone."""

    config: Config
    future_ns: int = 3_600_000_000_000
    _low: list[float] = field(default_factory=list)
    _high: list[float] = field(default_factory=list)
    _at: dict[Shape, int] = field(default_factory=dict)
    _arrays: tuple[Floats, Floats] = field(default_factory=lambda: (np.zeros(0), np.zeros(0)))

    def judge(self, spans: Spans, received_ms: Ints) -> Spans:
        """Return `spans` with their quality. `received_ms`: (messages,) Kafka timestamps or -1."""
        if len(self._low) > _MOST_KNOWN:
            self._forget()
        ranges = np.array([self._ranges(shape) for shape in spans.shapes], np.int64)[spans.shape]
        if len(self._low) != len(self._arrays[0]):
            self._arrays = np.array(self._low), np.array(self._high)
        received = np.minimum(received_ms[spans.message], _LATEST_MS)
        ahead = (received >= 0) & (spans.time_ns > received * 1_000_000 + self.future_ns)
        quality = spans.quality.copy()
        _judge(spans.values, quality, spans.start, ranges, *self._arrays, ahead)
        return replace(spans, quality=quality)

    def _ranges(self, shape: Shape) -> int:
        found = self._at.get(shape)
        if found is None:
            known = [self.config.known(point) for point in shape]
            found = self._at[shape] = len(self._low)
            self._low.extend(k.low for k in known)
            self._high.extend(k.high for k in known)
        return found

    def _forget(self) -> None:
        """Begin anew: only between two batches, whose spans point into what is remembered."""
        self._at.clear()
        self._low.clear()
        self._high.clear()
        self._arrays = np.zeros(0), np.zeros(0)
