"""Format `otlp-proto`: OTLP metrics as protobuf, as the Collector's Kafka exporter writes them.

Source: opentelemetry-proto 1.x, metrics.proto; Collector, exporter/kafkaexporter, `otlp_proto`.
"""

from collections.abc import Sequence

import numpy as np
from google.protobuf.message import DecodeError
from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData

from schemas.formats.base import reject, time_ms_of
from schemas.formats.merge import merged, named
from schemas.formats.otlp.attributes import texts
from schemas.formats.otlp.group import POINT_BYTES, Grouped, grouped, kept, shapes_of
from schemas.formats.otlp.known import Limits, Memory
from schemas.formats.otlp.names import origin_of
from schemas.formats.otlp.points import Gathering, take_metric
from schemas.formats.otlp.tables import REPEATS, UNKNOWN
from schemas.formats.otlp.walk import MISSES, STRANGE, Found, scan
from schemas.formats.otlp.wire import ONE_LEN, SMALLEST, THREE_LEN, TWO_LEN, inside
from schemas.formats.pieces import AFTER, START
from schemas.telemetry import About, Decoded, Indices, Reject, Spans, SpansBuilder, Why

LIMITS = Limits()
MOST_MISSES = 65_536
"""Of one batch; what is beyond is learned when it comes again."""
MISS_BYTES = 4
MISS_COLUMNS = 10


class OtlpProto:
    """Decodes OTLP protobuf; remembers series."""

    name = "otlp-proto"
    content_types = ("application/vnd.otlp.metrics+protobuf",)

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._memory = Memory(limits)

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch. A data point without a time takes the message's time, `times_ms`."""
        del about
        if self._memory.is_crowded:
            self._memory.forget()
        spans, left = self._known(batch)
        slow, rejects = SpansBuilder(), []
        for i in left.tolist():
            rejects += general(i, batch[i], time_ms_of(times_ms, i), slow)
        return Decoded(merged(spans, slow.build()) if len(left) else spans, rejects)

    @property
    def remembers(self) -> int:
        """Return how many texts are remembered."""
        return self._memory.texts

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be OTLP protobuf: the lengths of what is outermost fit."""
        if data[:1] != bytes([ONE_LEN]):
            return False
        buffer = np.frombuffer(data, np.uint8)
        begin, stop = inside(buffer, 0, len(data))
        if begin < 0 or begin == stop or data[stop : stop + 1] not in (b"", b"\n"):
            return False
        if data[begin] == ONE_LEN:
            inner, end = inside(buffer, begin, stop)
            return bool(inner >= 0 and (end == stop or data[end] in (TWO_LEN, THREE_LEN)))
        inner, end = inside(buffer, begin, stop)
        return bool(data[begin] == TWO_LEN and inner >= 0)

    def _known(self, batch: Sequence[bytes]) -> tuple[Spans, Indices]:
        """Read what the scanner can; return the spans, and which messages are left."""
        joined = b"".join((bytes(START), *batch, bytes(AFTER)))
        ends = np.cumsum(np.fromiter(map(len, batch), np.int64, len(batch))) + START
        buffer, done = np.frombuffer(joined, np.uint8), np.empty(len(batch), np.int32)
        found = _room(len(joined))
        rows = scan(self._memory.known, buffer, found, ends, done)
        if (done == STRANGE).any():
            self._memory.learn(joined, found.misses[: found.used[MISSES]])
            found.used[:] = 0
            rows = scan(self._memory.known, buffer, found, ends, done)
        spans = grouped(self._memory.known, found, rows)
        return self._spans(spans, len(batch))

    def _spans(self, found: Grouped, messages: int) -> tuple[Spans, Indices]:
        """Return what was found as spans, and which messages they are not of."""
        shape = self._shapes(found)
        if (shape == REPEATS).any():
            keep = ~np.isin(found.message, found.message[shape == REPEATS])
            found, shape = kept(found, keep), shape[keep]
        left = np.ones(messages, np.bool_)
        left[found.message] = False
        assets, asset = named(self._memory.assets, found.asset)
        shapes, shape = named(self._memory.shapes, shape)
        spans = Spans(
            assets,
            shapes,
            found.message,
            asset,
            shape,
            found.time_ns,
            found.start,
            found.values,
            found.quality,
        )
        return spans, np.flatnonzero(left).astype(np.int32)

    def _shapes(self, found: Grouped) -> Indices:
        """Return the shape of each span; REPEATS: a point comes twice in it."""
        shape = shapes_of(self._memory.known, found.names, found.start)
        unknown = np.flatnonzero(shape == UNKNOWN).tolist()
        for i in unknown:
            at, stop = POINT_BYTES * found.start[i : i + 2]
            shape[i] = self._memory.learn_shape(found.names[at:stop].tobytes())
        if unknown:
            self._memory.settle()
        return shape


def _room(size: int) -> Found:
    """Make room for what is in messages of `size` bytes together."""
    most, misses = size // SMALLEST + 1, min(MOST_MISSES, size // MISS_BYTES)
    return Found(
        np.empty(most, np.int32),
        np.empty(most, np.int32),
        np.empty(most, np.int64),
        np.empty(most),
        np.empty(most, np.uint16),
        np.empty((misses, MISS_COLUMNS), np.int64),
        np.zeros(2, np.int64),
    )


def warmed() -> None:
    """Compile what is compiled: all of a message's ways."""
    data = MetricsData()
    metric = data.resource_metrics.add().scope_metrics.add().metrics.add(name="x")
    metric.gauge.data_points.add(time_unix_nano=1, as_double=1.0)
    OtlpProto().decode([data.SerializeToString()])


def general(message: int, data: bytes, time_ms: int, spans: SpansBuilder) -> list[Reject]:
    """Decode one message by the protobuf runtime."""
    try:
        document = MetricsData.FromString(data)
    except DecodeError as error:
        return [reject(message, Why.NOT_PROTOBUF, str(error))]
    into = Gathering(message, time_ms * 10**6)
    for one in document.resource_metrics:
        if one.scope_metrics:
            of = origin_of(texts(one.resource.attributes))
            for scope in one.scope_metrics:
                for metric in scope.metrics:
                    take_metric(into, of, metric)
    return into.close(spans)
