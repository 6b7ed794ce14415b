"""Format `otlp-json`: OTLP metrics as JSON, as the Collector's Kafka exporter writes them.

Messages as encoders write them are read by typed structs, and what attributes mean is remembered by
their text. All else (other spellings, other types, NaN without quotes, histograms) is read by
protobuf's own JSON rules, part by part: a bad data point spoils no other.

Source: OpenTelemetry specification, OTLP, JSON Protobuf Encoding; Collector,
exporter/kafkaexporter, `otlp_json`.
"""

import re
from collections.abc import Sequence

import msgspec

from schemas.formats.base import one_by_one, time_ms_of
from schemas.formats.otlp import loose
from schemas.formats.otlp.names import Named, Origin, named, origin, spelt
from schemas.formats.otlp.points import NO_VALUE, Gathering, ending, sampled
from schemas.telemetry import About, Decoded, Reject, SpansBuilder
from schemas.times import END_NS

_BEGINS = re.compile(rb'\s*\{\s*"resource_?[mM]etrics"\s*:')
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_TIME = re.compile(r"[0-9]{1,19}")
_UNUSUAL = -(2**80)
"""Stands for a value that is no int64 and is not taken here."""
_SPECIAL = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_LARGEST, _FLAGS = 2**63, 2**32
REMEMBERED_BYTES = 64 * 2**20
ENTRY_BYTES = 400
"""What a series needs beside the text of its attributes, about."""

_TEMPORALITY: dict[int | str | None, int] = {0: 0, 1: 1, 2: 2} | {
    f"AGGREGATION_TEMPORALITY_{name}": i
    for i, name in enumerate(("UNSPECIFIED", "DELTA", "CUMULATIVE"))
}

Known = dict[bytes, Named]
"""What the attributes of one metric's data points mean, by their text."""


class _Point(msgspec.Struct, rename="camel"):
    attributes: msgspec.Raw = msgspec.Raw()
    time_unix_nano: int | str | None = None
    as_double: float | int | str | None = None
    as_int: int | str | None = None
    flags: int | None = None


class _Points(msgspec.Struct, rename="camel"):
    data_points: list[_Point] | None = None
    aggregation_temporality: int | str | None = None
    is_monotonic: bool | None = None
    spelt_otherwise: bool | None = msgspec.field(default=None, name="is_monotonic")


class _Metric(msgspec.Struct, rename="camel"):
    name: str = ""
    gauge: _Points | None = None
    sum: _Points | None = None
    histogram: msgspec.Raw = msgspec.Raw()
    exponential_histogram: msgspec.Raw = msgspec.Raw()
    summary: msgspec.Raw = msgspec.Raw()

    @property
    def others(self) -> bool:
        """Whether there is data of another kind."""
        return any(map(bytes, (self.histogram, self.exponential_histogram, self.summary)))


class _Scope(msgspec.Struct, rename="camel"):
    metrics: list[_Metric] | None = None


class _Resource(msgspec.Struct, rename="camel"):
    resource: msgspec.Raw = msgspec.Raw()
    scope_metrics: list[_Scope] | None = None


class _Request(msgspec.Struct, rename="camel"):
    resource_metrics: list[_Resource] | None


class OtlpJson:
    """Decodes OTLP JSON; remembers what attributes mean."""

    name = "otlp-json"
    content_types = ("application/vnd.otlp.metrics+json",)

    def __init__(self, remembered_bytes: int = REMEMBERED_BYTES) -> None:
        self._most_bytes = remembered_bytes
        self._decoder = msgspec.json.Decoder(_Request)
        self._forget()

    def _forget(self) -> None:
        self._memory_bytes = 0
        self._origins: dict[bytes, Origin | None] = {}
        self._attributes: dict[bytes, dict[str, str] | None] = {}
        self._series: dict[tuple[Origin, str], Known] = {}

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch. A data point without a time takes the message's time, `times_ms`."""
        del about

        def read(message: int, data: bytes, spans: SpansBuilder) -> list[Reject]:
            default_ns = time_ms_of(times_ms, message) * 10**6
            return self._read(data, Gathering(message, default_ns), spans)

        return one_by_one(batch, read)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be OTLP JSON."""
        return bool(_BEGINS.match(data[:4_096]))

    def _read(self, data: bytes, into: Gathering, spans: SpansBuilder) -> list[Reject]:
        if self._memory_bytes > self._most_bytes:
            self._forget()
        quick = Gathering(into.message, into.default_ns)
        if self._quickly(data, quick):
            return quick.close(spans)
        loose.read(data, into)
        return into.close(spans)

    def _quickly(self, data: bytes, into: Gathering) -> bool:
        """Read a message as encoders write it. False: it is not, or something in it is wrong."""
        try:
            request = self._decoder.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return False
        if request.resource_metrics is None:
            return False
        for one in request.resource_metrics:
            of = self._origin(bytes(one.resource))
            if of is None or one.scope_metrics is None:
                return False
            for scope in one.scope_metrics:
                if scope.metrics is None:
                    return False
                if not all(self._metric(of, metric, into) for metric in scope.metrics):
                    return False
        return not into.rejects

    def _origin(self, resource: bytes) -> Origin | None:
        if resource not in self._origins:
            self._memory_bytes += ENTRY_BYTES + len(resource)
            attributes = loose.resource_of(resource)
            self._origins[resource] = None if attributes is None else origin(attributes)
        return self._origins[resource]

    def _metric(self, of: Origin, metric: _Metric, into: Gathering) -> bool:
        points = metric.gauge or metric.sum
        behind = _ending(metric.sum) if metric.sum else ""
        if points is None or points.data_points is None or behind is None:
            return False
        if metric.others or (metric.gauge and metric.sum):
            return False
        name = spelt(metric.name, behind)
        known = self._series.get((of, name))
        if known is None:
            known = self._series[of, name] = {}
            self._memory_bytes += ENTRY_BYTES + 2 * len(name)
        for point in points.data_points:
            series = known.get(bytes(point.attributes)) or self._learn(of, name, known, point)
            if series is None or not _take(into, series, point):
                return False
        return True

    def _learn(self, of: Origin, name: str, known: Known, point: _Point) -> Named | None:
        """Return what a data point's attributes mean; None: they are wrong."""
        text = bytes(point.attributes)
        if text not in self._attributes:
            self._attributes[text] = loose.attributes_of(text)
        attributes = self._attributes[text]
        self._memory_bytes += ENTRY_BYTES + 4 * len(text)
        series = None if attributes is None else named(of, name, attributes)
        if series is None or not series.fits:
            return None
        known[text] = series
        return series


def _ending(points: _Points) -> str | None:
    """Return what follows the name of a sum's points; None: that is not told as encoders do."""
    temporality = _TEMPORALITY.get(points.aggregation_temporality)
    if temporality is None or points.spelt_otherwise is not None:
        return None
    return ending(temporality, grows=bool(points.is_monotonic))


def _take(into: Gathering, series: Named, point: _Point) -> bool:
    """Take a data point. False: something in it is unusual, or wrong."""
    time_ns, flags = point.time_unix_nano, point.flags or 0
    if isinstance(time_ns, str):
        time_ns = int(time_ns) if _TIME.fullmatch(time_ns) else None
    value = _value(point) if not flags & NO_VALUE else None
    if value == _UNUSUAL or not 0 <= flags < _FLAGS or time_ns is None:
        return False
    if not 0 < time_ns < END_NS:
        return False
    into.add(series, time_ns, *sampled(value, flags))
    return not into.rejects


def _value(point: _Point) -> float | None:
    """Return a data point's value; `_UNUSUAL` when it is not as encoders write it."""
    double, whole = point.as_double, point.as_int
    if whole is None:
        if isinstance(double, str):
            return _SPECIAL.get(double, _UNUSUAL)
        is_usual = isinstance(double, float) or (double is not None and abs(double) < _LARGEST)
        return double if is_usual else _UNUSUAL
    if isinstance(whole, str):
        whole = int(whole) if _WHOLE.fullmatch(whole) else _LARGEST
    return whole if double is None and abs(whole) < _LARGEST else _UNUSUAL
