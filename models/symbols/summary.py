"""What one signal did in a window, in a word and a few numbers.

The word is that of SAX: Lin, Keogh, Lonardi, Chiu (2003), A symbolic representation of time series,
with implications for streaming algorithms: the mean of each of `SEGMENTS` stretches of time, in
letters that a normal signal has equally often. It loses the level; mean and spread say it again.
"""

from collections.abc import Iterable
from math import nan
from typing import Any, Final, NamedTuple

import numpy as np

from models.bits import Frame
from models.packing.coder import Bytes
from schemas.bits import ANOMALOUS, VALID
from schemas.telemetry import Floats, Indices, Ints

SEGMENTS: Final = 12
LETTERS: Final = "abcdefgh"
_BREAKS: Final = np.array([-1.15, -0.67, -0.32, 0.0, 0.32, 0.67, 1.15])
"""Of a standard normal, into eight equal shares: table 3 of the paper."""
MIDDLE: Final = "="
"""Of a signal that does not move."""
NOTHING: Final = "-"
"""No sample."""
_STILL: Final = 1e-12  # of the level: rounding


class Window(NamedTuple):
    """A stretch of event time, in ns since 1970 UTC; without its end."""

    start_ns: int
    end_ns: int


class Summary(NamedTuple):
    """One signal in a window. Numbers are NaN where there is no valid sample."""

    asset: str
    point: str
    unit: str
    word: str
    """A letter a segment; a capital where a sample was anomalous."""
    mean: float
    spread: float
    """Standard deviation."""
    least: float
    most: float
    last: float
    odd: int
    """Anomalous samples."""
    odd_ns: int
    """Time of the first of them; 0: none."""
    samples: int

    @property
    def moves(self) -> float:
        """How far it went, in parts of its level; 0.0 for one that did not."""
        extent = self.most - self.least
        return extent / max(abs(self.mean), extent) if extent > 0.0 else 0.0


class _Columns(NamedTuple):
    """Samples of one asset with one list of points."""

    point: Indices
    times_ns: Ints
    status: Bytes
    values: Floats


Told = tuple[str, tuple[str, ...], tuple[str, ...]]
"""An asset, its points, and their units."""


def summaries(frames: Iterable[Frame], window: Window) -> list[Summary]:
    """Return what every signal of the frames did in a window; assets in order of first sight."""
    found: dict[Told, list[_Columns]] = {}
    for frame in frames:
        told = (frame.names.asset, tuple(frame.names.points), tuple(frame.names.units))
        taken = frame.samples
        times = taken.times_ns[taken.row]
        kept = (window.start_ns <= times) & (times < window.end_ns)
        part = _Columns(taken.point, times, taken.status, taken.values)
        found.setdefault(told, []).append(_taken(part, kept))
    return [
        _summary(asset, point, unit, samples, window)
        for (asset, point), (unit, samples) in _signals(found).items()
    ]


def _taken(columns: _Columns, which: Any) -> _Columns:  # noqa: ANN401 - a mask or places
    return _Columns(*(column[which] for column in columns))


def _joined(some: list[_Columns]) -> _Columns:
    return _Columns(*(np.concatenate(column) for column in zip(*some, strict=True)))


def _signals(found: dict[Told, list[_Columns]]) -> dict[tuple[str, str], tuple[str, _Columns]]:
    """Return the unit and the samples of each signal, in order of time."""
    signals: dict[tuple[str, str], tuple[str, _Columns]] = {}
    for (asset, points, units), some in found.items():
        joined = _joined(some)
        order = np.lexsort((joined.times_ns, joined.point))
        cuts = np.searchsorted(joined.point[order], np.arange(len(points) + 1))
        for p, (point, unit) in enumerate(zip(points, units, strict=True)):
            mine = _taken(joined, order[cuts[p] : cuts[p + 1]])
            before = signals.get((asset, point))
            if before is not None:
                mine = _joined([before[1], mine])
                mine = _taken(mine, np.argsort(mine.times_ns, kind="stable"))
            signals[asset, point] = (unit, mine)
    return signals


def _summary(asset: str, point: str, unit: str, samples: _Columns, window: Window) -> Summary:
    is_valid = samples.status & VALID != 0
    values = samples.values[is_valid]
    is_odd = samples.status & ANOMALOUS != 0
    numbers = (nan,) * 5
    if len(values):
        mean, spread = float(values.mean()), float(values.std())
        numbers = (mean, spread, float(values.min()), float(values.max()), float(values[-1]))
    segment = _segments(samples.times_ns, window)
    return Summary(
        asset,
        point,
        unit,
        _word(segment[is_valid], values, set(segment[is_odd].tolist()), numbers[:2]),
        *numbers,
        int(is_odd.sum()),
        int(samples.times_ns[is_odd].min(initial=2**63 - 1)) if is_odd.any() else 0,
        len(is_odd),
    )


def _segments(times_ns: Ints, window: Window) -> Ints:
    """Return the segment that each time is in."""
    extent = max(window.end_ns - window.start_ns, 1)
    return ((times_ns - window.start_ns) / extent * SEGMENTS).astype(np.int64)


def _word(segment: Ints, values: Floats, odd: set[int], level: tuple[float, float]) -> str:
    """Return the word of a signal. `level`: its mean and spread; `odd`: segments in capitals."""
    mean, spread = level
    counts = np.bincount(segment, minlength=SEGMENTS)
    means = np.bincount(segment, values, SEGMENTS) / np.maximum(counts, 1)
    letters = []
    for i in range(SEGMENTS):
        letter = NOTHING
        if counts[i] and spread <= abs(mean) * _STILL:
            letter = LETTERS[4] if i in odd else MIDDLE
        elif counts[i]:
            letter = LETTERS[int(np.searchsorted(_BREAKS, (means[i] - mean) / spread, "right"))]
        elif i in odd:
            letter = LETTERS[4]
        letters.append(letter.upper() if i in odd else letter)
    return "".join(letters)
