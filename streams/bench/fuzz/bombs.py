"""Messages that are small, or sound, and meant to cost much: each goes to every decoder."""

import io
from functools import cache

import numpy as np
import pyarrow as pa
from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData
from pyarrow import ipc

from streams.bench.fuzz.seeds import NS
from streams.bench.fuzz.squares import squares
from streams.bench.fuzz.words import varint

DEEP = 200_000
LINES = 10_000
_ZEROS = 4_000_000  # of 8 bytes


@cache
def bombs() -> tuple[bytes, ...]:
    """Return them all."""
    labels = ",".join(f'l{i}="{i}"' for i in range(LINES))
    return (
        b"",
        b" " * LINES,
        b"[" * DEEP,
        b'{"a":' * DEEP,
        b'[{"a":' * DEEP,
        b'{"asset":"a","time":1,"values":' + b"[" * DEEP + b"]" * DEEP + b"}",
        b'{"asset":"a","time":1,"values":{"p":%b}}' % (b"9" * DEEP),
        b'{"asset":"%b","time":1,"values":{"p":1}}' % (b"x" * DEEP),
        b'{"asset":"\\ud800","time":1,"values":{"p":1}}',
        b'{"@odata.id":"/redfish/v1/Chassis/1","A":%b' % (b'{"A":' * DEEP),
        _members(b'{"asset":"a","time":1,"values":{', b'"p%d":%d'),
        _members(b'{"@odata.id":"/redfish/v1/Chassis/1","A":{', b'"P%dWatts":%d'),
        "".join(f'a{{n="{i}"}} {i} {(i * 7_919) % LINES}\n' for i in range(LINES)).encode(),
        b"".join(b"name_%d 1\n" % i for i in range(LINES)),
        f"a{{{labels}}} 1\n".encode() * 3,
        b'a{l="' + b"\\" * DEEP + b'"} 1\n',
        b"a" * DEEP,
        b"a{" * DEEP,
        b"node_guid,port_num,timestamp," + b"x," * LINES + b"\n" + b"0x1,1,1," + b"1," * LINES,
        b"m,t=1 " + b",".join(b"f%d=%di" % (i, i) for i in range(LINES)) + b" 1\n",
        b"m," + labels.replace('"', "").encode() + b" f=1 1\n",
        b"\xff" * 1_000,
        b"\x0a\x00" * DEEP,
        nested_otlp(),
        nested_protobuf(),
        snappy_bomb(),
        arrow_bomb(),
        *squares(),
    )


def _members(head: bytes, member: bytes) -> bytes:
    return head + b",".join(member % (i, i) for i in range(LINES)) + b"}}"


def nested_otlp() -> bytes:
    """Return a point whose attribute is an array in an array, as deep as protobuf lets be read."""
    data = MetricsData()
    point = data.resource_metrics.add().scope_metrics.add().metrics.add(name="deep").gauge
    attribute = point.data_points.add(time_unix_nano=NS, as_double=1.0).attributes.add(key="k")
    value = attribute.value
    for _ in range(40):
        value = value.array_value.values.add()
    value.string_value = "x" * 100
    return data.SerializeToString()


def nested_protobuf() -> bytes:
    """Return a message in a message in a message, each its parent's first field."""
    data = b"\x0a\x00"
    for _ in range(500):
        data = b"\x0a" + varint(len(data)) + data
    return data


def snappy_bomb() -> bytes:
    """Return a block of 3 bytes for each 64 that it becomes: empty series, ever again."""
    copies = 60_000
    return varint(2 + 64 * copies) + b"\x04\x0a\x00" + b"\xfe\x02\x00" * copies


def arrow_bomb() -> bytes:
    """Return a stream that zstd makes tiny."""
    zeros = pa.array(np.zeros(_ZEROS, np.int64))
    batch = pa.record_batch({"asset": zeros, "time": zeros})
    sink = io.BytesIO()
    options = ipc.IpcWriteOptions(compression="zstd")
    with ipc.new_stream(sink, batch.schema, options=options) as writer:
        for _ in range(10):
            writer.write_batch(batch)
    return sink.getvalue()
