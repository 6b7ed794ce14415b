"""Messages as agents write them in binary formats, a batch at a time."""

import io
from typing import Any

import numpy as np
import pyarrow as pa
from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData

from schemas.formats.sparkplug_payload import Payload
from streams.bench.decode.wire import WriteRequest
from streams.bench.decode.written import (
    POINTS,
    ROWS,
    SECOND,
    Messages,
    Wanted,
    Written,
    as_json,
)

DATA_POINTS = 300
"""Of an OTLP request."""
SERIES = 500
"""Of a remote write."""
ALIASES = 50
"""Of a Sparkplug node."""
SNAPPY = pa.Codec("snappy")


def arrow(wanted: Wanted) -> Messages:
    """Yield wide tables."""
    for i in range(wanted.messages):
        begin = wanted.seconds(i * ROWS) * SECOND
        times = pa.array(np.arange(ROWS) * SECOND + begin).cast(pa.timestamp("ns", "UTC"))
        values = wanted.rng.normal(50.0, 10.0, (POINTS, ROWS))
        points = {f"DCGM_FI_DEV_FIELD_{k:03d}": one for k, one in enumerate(values)}
        table = pa.table({"asset": [wanted.source] * ROWS, "time": times, **points})
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        yield Written(sink.getvalue())


def otlp(wanted: Wanted) -> Messages:
    """Yield requests of gauges of eight GPUs."""
    for i in range(wanted.messages):
        data: Any = MetricsData()
        of_host = data.resource_metrics.add()
        _tag(of_host.resource, "host.name", wanted.source)
        of_host.scope_metrics.add().scope.name = "gpu"
        metrics = of_host.scope_metrics[0].metrics
        for k, value in enumerate(wanted.numbers(DATA_POINTS)):
            if k % 8 == 0:
                metrics.add(name=f"hw.gpu.metric_{k // 8}", unit="1")
            point = metrics[-1].gauge.data_points.add(
                time_unix_nano=wanted.seconds(i) * SECOND, as_double=value
            )
            _tag(point, "hw.id", f"GPU-{k % 8:08x}-5c1e-0a27-7f0d")
            _tag(point, "hw.type", "gpu")
        yield Written(data.SerializeToString())


def _tag(of: Any, key: str, value: str) -> None:  # noqa: ANN401 - protobuf has no types
    of.attributes.add(key=key).value.string_value = value


def otlp_json(wanted: Wanted) -> Messages:
    """Yield the same as the Collector's JSON."""
    for i in range(wanted.messages):
        time = str(wanted.seconds(i) * SECOND)
        values = wanted.numbers(DATA_POINTS)
        yield as_json(
            {
                "resourceMetrics": [
                    {
                        "resource": {"attributes": [_pair("host.name", wanted.source)]},
                        "scopeMetrics": [
                            {
                                "scope": {"name": "gpu"},
                                "metrics": [
                                    _gauge(at // 8, time, values[at : at + 8])
                                    for at in range(0, DATA_POINTS, 8)
                                ],
                            }
                        ],
                    }
                ]
            }
        )


def _gauge(number: int, time: str, values: list[float]) -> dict[str, Any]:
    points = [
        {
            "attributes": [_pair("hw.id", f"GPU-{k:08x}-5c1e-0a27-7f0d"), _pair("hw.type", "gpu")],
            "timeUnixNano": time,
            "asDouble": value,
        }
        for k, value in enumerate(values)
    ]
    return {"name": f"hw.gpu.metric_{number}", "unit": "1", "gauge": {"dataPoints": points}}


def _pair(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": value}}


def remote(wanted: Wanted) -> Messages:
    """Yield remote writes of a node-exporter."""
    for i in range(wanted.messages):
        request: Any = WriteRequest()
        for k, value in enumerate(wanted.numbers(SERIES)):
            series = request.timeseries.add()
            labels = {"__name__": f"node_metric_{k // 5}", "device": f"eth{k % 5}"}
            for name, said in (
                labels | {"instance": f"{wanted.source}:9100", "job": "node"}
            ).items():
                series.labels.add(name=name, value=said)
            series.samples.add(value=value, timestamp=wanted.seconds(i) * 1000)
        packed = SNAPPY.compress(request.SerializeToString(), asbytes=True)
        yield Written(packed)


def session(wanted: Wanted) -> Messages:
    """Yield the birth of a Sparkplug node, then data by alias."""
    for i in range(wanted.messages):
        payload: Any = Payload(timestamp=wanted.seconds(i) * 1000, seq=i % 256)
        for alias, value in enumerate(wanted.numbers(ALIASES)):
            metric = payload.metrics.add(alias=alias, double_value=value)
            if i == 0:
                metric.name, metric.datatype = b"loop/sensor %d" % alias, 10
        verb = "NDATA" if i else "NBIRTH"
        yield Written(payload.SerializeToString(), f"spBv1.0/hall/{verb}/{wanted.source}")
