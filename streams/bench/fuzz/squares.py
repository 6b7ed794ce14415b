"""Sound messages of one long text and many samples: who reads the text for each sample, hangs."""

import json

import pyarrow as pa
from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData

from streams.bench.fuzz.seeds import NS
from streams.bench.fuzz.words import varint

MANY = 10_000
LONG = "x" * 25 * MANY
_MS = b"\x10" + varint(NS // 1_000_000)


def squares() -> tuple[bytes, ...]:
    """Return one of each format that has a text for many samples."""
    fields = {f"f{i}": i for i in range(MANY)}
    line = ",".join(f"{name}={value}" for name, value in fields.items())
    metric = {"fields": fields, "name": "m", "tags": {"t": LONG}, "timestamp": NS // 10**9}
    return (
        f"m,t={LONG} {line} {NS}\n".encode(),
        json.dumps(metric).encode(),
        otlp("resource"),
        otlp("metric"),
        remote_write(16 * MANY),
        json.dumps({"asset": LONG, "time": 1, "values": fields}).encode(),
        "".join(f'm{{t="{LONG if i == 0 else i}"}} {i}\n' for i in range(MANY)).encode(),
    )


def otlp(where: str) -> bytes:
    """Return a gauge of many data points; the long text is its resource's or its own."""
    data = MetricsData()
    of_host = data.resource_metrics.add()
    if where == "resource":
        of_host.resource.attributes.add(key="k").value.string_value = LONG
    metric = of_host.scope_metrics.add().metrics.add(name="m")
    metric.description = LONG if where == "metric" else ""
    for i in range(MANY):
        point = metric.gauge.data_points.add(time_unix_nano=NS + i, as_double=i)
        point.attributes.add(key="i").value.string_value = str(i)
    return data.SerializeToString()


def remote_write(samples: int) -> bytes:
    """Return a series of many samples."""
    label = _field(1, b"t") + _field(2, LONG.encode())
    sample = _field(2, b"\x09" + bytes(8) + _MS)
    packed = pa.Codec("snappy").compress(
        _field(1, _field(1, label) + sample * samples), asbytes=True
    )
    return bytes(packed)


def _field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content
