"""Sound messages to mutate: all golden ones, and what those of a format leave out."""

import io
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, MetricsData
from pyarrow import ipc

from schemas.formats.sparkplug_payload import Payload
from schemas.golden import GOLDEN

MS = 1_700_000_000_000
NS = MS * 1_000_000
VERBS = ("NBIRTH", "NDATA", "NDEATH", "NCMD", "DBIRTH", "DDATA", "DDEATH", "DCMD")


class Sent(NamedTuple):
    """A message, where it was published, and when Kafka took it."""

    data: bytes
    subject: str = ""
    time_ms: int = MS


def seeds(name: str) -> list[Sent]:
    """Return sound messages of a format, the golden ones first."""
    golden = [Sent(one.message, one.subject, one.time_ms) for one in GOLDEN.get(name, ())]
    return [*golden, *_MORE[name]()] if name in _MORE else golden


def _sparkplug() -> Iterator[Sent]:
    """Yield one session: births that name aliases, data by alias, deaths."""
    for verb in VERBS:
        device = "/device" if verb.startswith("D") else ""
        payload: Any = Payload(timestamp=MS, seq=1)
        is_birth = verb.endswith("BIRTH")
        for alias, kind in ((1, 3), (2, 4), (3, 10), (4, 11), (5, 12)):
            metric = payload.metrics.add(alias=alias, timestamp=MS + alias)
            if is_birth:
                metric.name, metric.datatype = b"group/metric %d" % alias, kind
            _set(metric, kind)
        if verb.startswith("N"):
            payload.metrics.add(name=b"bdSeq", datatype=8, long_value=7)
        yield Sent(payload.SerializeToString(), f"spBv1.0/group/{verb}/edge{device}")
    yield Sent(b'{"online":true,"timestamp":1}', "spBv1.0/STATE/host")


def _set(metric: Any, kind: int) -> None:  # noqa: ANN401 - protobuf has no types
    """Give a metric a value, and a quality."""
    field = {3: "int_value", 4: "long_value", 10: "double_value", 11: "boolean_value"}
    if kind in field:
        setattr(metric, field[kind], 2**32 - 5 if kind == 3 else kind)  # noqa: PLR2004 - Int32
    else:
        metric.string_value = b"text"
    metric.properties.keys.append(b"Quality")
    metric.properties.values.add(int_value=192)


def _otlp() -> Iterator[Sent]:
    """Yield the kinds of metrics that are rare, and attributes within attributes."""
    data = MetricsData()
    metrics = data.resource_metrics.add().scope_metrics.add().metrics
    point = metrics.add(name="summary").summary.data_points.add(time_unix_nano=NS, count=2, sum=3.0)
    point.quantile_values.add(quantile=0.99, value=2.0)
    many = metrics.add(name="exponential").exponential_histogram
    many.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
    exponential = many.data_points.add(time_unix_nano=NS, count=6, sum=9.0, scale=1, zero_count=1)
    exponential.positive.bucket_counts.extend([1, 2, 2])
    gauge = metrics.add(name="nested").gauge.data_points.add(time_unix_nano=NS, as_int=-5)
    value = gauge.attributes.add(key="a").value
    for _ in range(20):
        value = value.array_value.values.add()
    value.bytes_value = b"\xff"
    gauge.attributes.add(key="b").value.double_value = 0.1
    metrics.add(name="none").gauge.data_points.add(time_unix_nano=NS, flags=1)
    yield Sent(data.SerializeToString())


def _arrow() -> Iterator[Sent]:
    """Yield the long form, every compression, a file."""
    wide = pa.table({"asset": ["a", "b"], "time": [MS, MS + 1], "p": [1.5, None], "q": [2, 3]})
    long = pa.table(
        {"asset": ["a", "a"], "point": ["p", "q"], "time": [MS, MS], "value": [1.0, np.nan]}
    )
    for table in (wide, long):
        for compression in (None, "zstd", "lz4"):
            sink = io.BytesIO()
            options = ipc.IpcWriteOptions(compression=compression)
            new = ipc.new_file if compression == "lz4" else ipc.new_stream
            with new(sink, table.schema, options=options) as writer:
                writer.write_table(table)
            yield Sent(sink.getvalue())


def _text() -> Iterator[Sent]:
    """Yield every kind of line: sentinels, exemplars, times that go back, names in quotes."""
    yield Sent(
        b'a{gpu="0",Hostname="n"} 9223372036854775794 1700000000000\n'
        b'a{gpu="1",hostname="n",UUID="GPU-1"} 140737488355328.0 1600000000000\n'
        b'b_bucket{le="+Inf"} 5 # {trace_id="x"} 1.0 1.5\n{"c.d",e="f"} -Inf\nb -0x1p3\n'
        b'b 1\nb{} 2\r\nb{x="\\\\\\"\\n"} 1e-400 1\n# EOF\n'
    )


_MORE = {
    "sparkplug-b": _sparkplug,
    "otlp-proto": _otlp,
    "arrow-ipc": _arrow,
    "prometheus-text": _text,
}
