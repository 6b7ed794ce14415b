"""Farther than ever: new extremes of the value and of two short means. 40 bytes, O(1) a sample.

Among n exchangeable values the last is an extreme with probability 2 / n, whatever their
distribution (Rényi 1962, Théorie des éléments saillants d'une suite d'observations); means of a
half-life h count as n / (1 + 2.9 h). As the most surprising of three counts, each counts a third
(Bonferroni). Beyond the old extremes the tail is taken for a cubic one, heavy enough for most
(Gabaix 2009, Power laws). An extreme beyond the old ones by less than a twentieth of their range
says nothing: a trend or a random walk makes those all the time. The range widens by at most twice
itself at once, and shrinks with a half-life of `MEMORY` samples: what was long ago is forgotten.
"""

from math import log10

from models.compiled import Float32, compiled, inlined

WARMUP = 32  # samples
BEYOND = 0.05  # of the range
WIDEST = 2.0  # ranges: the most that it widens at once
THREE = log10(3.0)  # decades: of so many the most is taken
INDEX = 3.0  # of the tail beyond the range
MEMORY = 1e6  # samples: half-life of the range
SHRINK = 0.6931471805599453 / MEMORY
MOST = 0.1 / SHRINK  # samples: so many make, with an exponential tail, as much as shrinks
TURN = 64  # samples, by which the ranges shrink at once
SHORT, LONG = 8.0, 32.0  # half-lives of the means, in samples
SHORT_WEIGHT, LONG_WEIGHT = 1.0 - 0.5 ** (1.0 / SHORT), 1.0 - 0.5 ** (1.0 / LONG)
CORRELATED = 2.885  # samples of an exponential mean that count as one, for each of its half-life


class Range:
    """The extremes of one mean, as differences to the origin."""

    low: Float32
    high: Float32


class Row:
    """What one signal remembers."""

    origin: float
    """Its first value."""
    short_mean: Float32
    long_mean: Float32
    """Of the differences to the origin."""
    value: Range
    short: Range
    long: Range


@inlined
def beyond(extremes: Range, mean: float, seen: float, half_life: float) -> float:
    """Return -log10 of the probability that `mean`, the one after `seen` others, is out so far."""
    if extremes.low <= mean <= extremes.high:
        return 0.0
    return far(extremes, mean, seen, half_life)


@compiled
def far(extremes: Range, mean: float, seen: float, half_life: float) -> float:
    """Return the same of a `mean` out of the range."""
    width = extremes.high - extremes.low
    over = max(mean - extremes.high, extremes.low - mean)
    if width <= 0.0 or not over > BEYOND * width or seen < WARMUP + 2.0 * half_life:
        return 0.0
    count = min(seen, MOST) / (2.0 + 2.0 * CORRELATED * half_life)
    return log10(max(count, 1.0)) + INDEX * log10(1.0 + 2.0 * over / width)


@inlined
def score(row: Row, value: float, seen: float) -> float:
    """Say how surprising it is to be out so far: the most of three time scales; learns nothing."""
    away = value - row.origin
    short = row.short_mean + SHORT_WEIGHT * (away - row.short_mean)
    long = row.long_mean + LONG_WEIGHT * (away - row.long_mean)
    most = max(
        beyond(row.value, away, seen, 0.0),
        beyond(row.short, short, seen, SHORT),
        beyond(row.long, long, seen, LONG),
    )
    return max(most - THREE, 0.0)


@compiled
def is_met(row: Row, value: float) -> bool:
    """Say whether one of the values before was as far out, give or take `BEYOND`."""
    extremes, away = row.value, value - row.origin
    slack = BEYOND * (extremes.high - extremes.low)
    return bool(extremes.low - slack <= away <= extremes.high + slack)


@compiled
def is_nothing(row: Row) -> bool:
    """Say whether every value before was 0.0: what is counted here has not happened yet."""
    return bool(row.origin == row.value.low == row.value.high == 0.0)


@inlined
def widen(extremes: Range, mean: float, seen: float) -> None:
    """Let the range take in `mean`, the one after `seen` others."""
    if extremes.low <= mean <= extremes.high:
        return
    width = extremes.high - extremes.low
    most = WIDEST * width if seen >= WARMUP and width > 0.0 else 1e300
    extremes.high = max(extremes.high, min(mean, extremes.high + most))
    extremes.low = min(extremes.low, max(mean, extremes.low - most))


@inlined
def shrink(extremes: Range, samples: float) -> None:
    """Let the range shrink towards its middle, by as much as in so many samples."""
    less = 0.5 * SHRINK * samples * (extremes.high - extremes.low)
    extremes.high -= less
    extremes.low += less


@compiled
def start(row: Row, value: float) -> None:
    """Begin at the first value."""
    row.origin = value
    row.short_mean = row.long_mean = 0.0
    for extremes in (row.value, row.short, row.long):
        extremes.low = extremes.high = 0.0


@inlined
def follow(row: Row, value: float) -> None:
    """Take one value, not the first, into the means."""
    away = value - row.origin
    row.short_mean += SHORT_WEIGHT * (away - row.short_mean)
    row.long_mean += LONG_WEIGHT * (away - row.long_mean)


@compiled
def forget(row: Row) -> None:
    """Let the ranges shrink as they do in `TURN` samples: single floats take no smaller steps."""
    shrink(row.value, TURN)
    shrink(row.short, TURN)
    shrink(row.long, TURN)


@inlined
def learn(row: Row, value: float, seen: float) -> None:
    """Let the ranges take in one value, the one after `seen` others, and the means with it."""
    widen(row.value, value - row.origin, seen)
    widen(row.short, row.short_mean, seen)
    widen(row.long, row.long_mean, seen)
