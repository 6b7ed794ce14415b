"""OTLP's data points as samples: what one message says, collected.

A number is one point. A histogram is `_count`, `_sum`, `_min`, `_max` and, as Prometheus has it,
cumulative `_bucket{le}`; an exponential one the same, its bounds worked out; a summary `_count`,
`_sum` and one point a `{quantile}`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate, chain
from math import inf, isfinite, nan
from typing import NamedTuple

from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    SummaryDataPoint,
)

from schemas.formats.base import is_name, quoted, reject, sample
from schemas.formats.otlp.attributes import texts
from schemas.formats.otlp.names import COUNTER, DELTA, GAUGE, Named, Origin, remembered, spelt
from schemas.telemetry import Quality, Reject, SpansBuilder, Why
from schemas.times import END_NS

NO_VALUE = 1
"""Bit of `flags`: the series is known, and has no value now."""
LOST = int(Quality.STALE | Quality.MISSING)
CUMULATIVE, OF_DELTA = 2, 1
"""OTLP's aggregation temporality."""
_WITHOUT = {"summary": CUMULATIVE}
"""Temporality of kinds that carry none; of a gauge 0."""
MOST_BUCKETS = 2_048
"""Buckets of one data point, at most; OTLP's SDKs use up to 160 either side of zero."""
BUCKETS = 131_072
"""Buckets of one message, at most: a byte can be a bucket, and a bucket is a name."""

PATIENCE = 1_000
"""Parts of a message that may be wrong, or say twice the same, before the rest is left."""

DataPoint = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint | SummaryDataPoint


Bucket = tuple[float, int]
"""An upper bound, and how many values are at or below it."""


class Part(NamedTuple):
    """One of the points that a data point is made of."""

    behind: str
    value: float | None
    label: tuple[str, str] | None = None


class Series(NamedTuple):
    """What a metric says of all its data points."""

    of: Origin
    name: str
    ending: str
    """What follows the names of what only grows: `_total`, `_delta`; empty."""


@dataclass(slots=True)
class Gathering:
    """Samples of one message, by asset and time, and what was wrong."""

    message: int
    default_ns: int
    """For data points without a time; negative: unknown."""
    groups: dict[tuple[str, int], dict[str, tuple[float, int]]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    buckets: int = BUCKETS
    patience: int = PATIENCE

    @property
    def is_spent(self) -> bool:
        """Whether so much was wrong that the rest is not looked at."""
        return self.patience < 0

    def add(self, series: Named, time_ns: int, value: float, mark: int) -> None:
        """Take a sample. Of two that would become one point, the second gets its whole name."""
        group = self.groups.setdefault((series.asset, time_ns), {})
        name = series.point if series.point not in group else series.whole
        if name in group:
            self.patience -= 1
        if name == series.point or is_name(name):
            group[name] = (value, mark)
        else:
            self.refuse(Why.BAD_NAME, f"point {quoted(name)}, of which there are two")

    def refuse(self, why: Why, detail: str) -> None:
        """Say that a part of the message is wrong."""
        self.patience -= 1
        self.rejects.append(reject(self.message, why, detail))

    def when(self, time_ns: int, name: str) -> int | None:
        """Return a data point's time; None and a reject when it has none."""
        time_ns = time_ns or self.default_ns
        if 0 <= time_ns < END_NS:
            return time_ns
        self.refuse(Why.BAD_TIME, f"{quoted(name)}: timeUnixNano {time_ns}")
        return None

    def is_named(self, series: Named) -> bool:
        """Say whether the names can be; a reject when not."""
        if series.fits:
            return True
        self.refuse(Why.BAD_NAME, f"asset {quoted(series.asset)}, point {quoted(series.point)}")
        return False

    def close(self, spans: SpansBuilder) -> list[Reject]:
        """Add the spans to `spans`; return the rejects."""
        for (asset, time_ns), points in self.groups.items():
            values, marks = zip(*points.values(), strict=True)
            spans.add(self.message, asset, tuple(points), time_ns, values, marks)
        if self.is_spent:
            self.refuse(
                Why.TOO_LARGE, f"the rest is not read: {PATIENCE} parts were wrong or twice"
            )
        if not self.groups and not self.rejects:
            self.refuse(Why.EMPTY, "no data point")
        return self.rejects


def take_metric(into: Gathering, of: Origin, metric: Metric) -> None:
    """Take all data points of a metric. A bad one spoils no other."""
    kind = metric.WhichOneof("data")
    if kind is None:
        return
    series = series_of(of, metric, kind)
    for point in getattr(metric, kind).data_points:
        if into.is_spent:
            return
        take_point(into, series, point)


def series_of(of: Origin, metric: Metric, kind: str) -> Series:
    """Return what a metric, whose data is of a kind, says of all its data points."""
    data = getattr(metric, kind)
    temporality = getattr(data, "aggregation_temporality", _WITHOUT.get(kind, 0))
    grows = getattr(data, "is_monotonic", True)
    return Series(of, metric.name, ending(temporality, grows=grows))


def ending(temporality: int, *, grows: bool) -> str:
    """Return what follows the name of a metric's points that only grow, or would."""
    if temporality == OF_DELTA:
        return DELTA
    return COUNTER if grows and temporality == CUMULATIVE else GAUGE


def take_point(into: Gathering, series: Series, point: DataPoint) -> None:
    """Take one data point, to the first part of it that cannot be named."""
    time_ns = into.when(point.time_unix_nano, series.name)
    wrong = None if isinstance(point, NumberDataPoint) else _wrong(into, point)
    if wrong:
        into.refuse(wrong, f"{quoted(series.name)}: {wrong} of buckets")
    if time_ns is None or wrong:
        return
    attributes = {key: one for key, one in texts(point.attributes).items() if one}
    for behind, value, label in _parts(point, series.ending):
        told = attributes | dict([label]) if label else attributes
        found = remembered(series.of, spelt(series.name, behind), told)
        if not into.is_named(found):
            return
        into.add(found, time_ns, *sampled(value, point.flags))


def sampled(value: float | None, flags: int) -> tuple[float, int]:
    """Return what a data point's value is as a sample, and its quality."""
    return (nan, LOST) if flags & NO_VALUE else sample(value)


def _wrong(into: Gathering, point: DataPoint) -> Why | None:
    """Say what is wrong with a data point's buckets."""
    if isinstance(point, HistogramDataPoint):
        many = len(point.bucket_counts)
        if many != len(point.explicit_bounds) + 1 and (many or point.explicit_bounds):
            return Why.WRONG_LENGTH
    elif isinstance(point, ExponentialHistogramDataPoint):
        many = len(point.positive.bucket_counts) + len(point.negative.bucket_counts) + 2
    else:
        many = len(point.quantile_values) if isinstance(point, SummaryDataPoint) else 0
    into.buckets -= many
    return Why.TOO_LARGE if many > MOST_BUCKETS or into.buckets < 0 else None


def _parts(point: DataPoint, ending: str) -> Iterator[Part]:
    """Return the points that a data point is made of."""
    if isinstance(point, NumberDataPoint):
        kind = point.WhichOneof("value")
        yield Part(ending, getattr(point, kind) if kind else None)
        return
    behind = DELTA if ending == DELTA else ""
    yield Part(f"_count{behind}", point.count)
    if isinstance(point, SummaryDataPoint):
        yield Part("_sum", point.sum)
        for one in point.quantile_values:
            yield Part("", one.value, ("quantile", number(one.quantile)))
        return
    for name in ("sum", "min", "max"):
        if point.HasField(name):
            yield Part(f"_{name}{behind}", getattr(point, name))
    for bound, count in _buckets(point):
        yield Part(f"_bucket{behind}", count, ("le", number(bound)))


def _buckets(point: HistogramDataPoint | ExponentialHistogramDataPoint) -> Iterator[Bucket]:
    """Return upper bounds and how many values are at or below each."""
    if isinstance(point, HistogramDataPoint):
        bounds, counts = point.explicit_bounds, point.bucket_counts
        return zip(chain(bounds, [inf]), accumulate(counts), strict=False)
    negative, positive = point.negative, point.positive
    below = [
        (-_power(point.scale, negative.offset + i), count)
        for i, count in enumerate(negative.bucket_counts)
    ]
    above = [
        (_power(point.scale, positive.offset + i + 1), count)
        for i, count in enumerate(positive.bucket_counts)
    ]
    zero = [(point.zero_threshold, point.zero_count)]
    upper = [bound for bound, _ in (*reversed(below), *zero, *above)]
    sums = accumulate(count for _, count in (*reversed(below), *zero, *above))
    finite = [pair for pair in zip(upper, sums, strict=True) if isfinite(pair[0])]
    return iter([*finite, (inf, point.count)])


def _power(scale: int, index: int) -> float:
    """Return (2^(2^-scale))^index: the bound of an exponential bucket, the same at every scale."""
    try:
        return float(2.0 ** (index * 2.0**-scale))
    except OverflowError:
        return inf


def number(value: float) -> str:
    """Write a bound as Prometheus does: 0.5, 1, +Inf."""
    if value == inf:
        return "+Inf"
    return repr(value).removesuffix(".0")
