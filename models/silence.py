"""How long a signal, or an asset, may say nothing: six of its usual intervals. 4 bytes, O(1).

The interval follows the gaps between event times fast upwards and slowly downwards, each gap cut at
`CLIP` intervals: so what comes at odd times gets a long one, and one outage does not. Time passes
by samples and ticks alone; a tick only lets a silence be told before the sample that ends it.
"""

from models.compiled import Byte, Float32, compiled

INTERVALS = 6.0  # as long a silence is none
CLIP = 8.0  # intervals: no gap teaches more
UP = 0.5  # weight of a gap that is longer
DOWN = 1.0 / 64.0  # and of one that is shorter
STEADY = 1e-3  # a signal's gap that differs by less than this share teaches nothing
GAPS = 8  # learned before an asset can be silent
FORGET_NS = 86_400_000_000_000  # silent for a day: it is gone, and that is normal

HEARD = 0
SILENT = 1
GONE = 2


class Row:
    """What one asset at one source remembers of its silences."""

    offset: int
    """Raw offset of its latest sample."""
    interval: Float32
    """In s; 0.0 before the first gap."""
    gaps: Byte
    """Learned so far; no more than 255."""
    state: Byte
    """HEARD, SILENT or GONE."""


@compiled
def usual(interval: float, gap: float) -> float:
    """Return the interval after another gap; of the first gap, that gap. All in s."""
    if interval == 0.0:
        return gap
    away = min(gap, CLIP * interval) - interval
    return interval + (UP if away > 0.0 else DOWN) * away


@compiled
def limit_ns(interval: float, least_ns: int) -> int:
    """Return how long a silence is none."""
    return max(least_ns, int(min(INTERVALS * interval, 1e9) * 1e9))


@compiled
def learn(row: Row, gap: float) -> None:
    """Remember the time between two event times, in s."""
    row.interval = usual(row.interval, gap)
    row.gaps = min(row.gaps + 1, 255)
