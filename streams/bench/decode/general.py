"""The fastest general decoders of the same bytes: each parses a message, and picks its values.

Picking is less than we do: no name, time or quality is looked at. Where there are two, the faster
one is compared.
"""

import io
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import msgspec
import numpy as np
import orjson
import pyarrow as pa
from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData
from prometheus_client.parser import text_string_to_metric_families
from pyarrow import csv

from schemas.formats.sparkplug_payload import Payload
from schemas.telemetry import Floats
from streams.bench.decode.packed import SNAPPY
from streams.bench.decode.wire import WriteRequest

Values = Iterable[Any] | Floats


class General(NamedTuple):
    """A decoder that anyone would take."""

    name: str
    parse: Callable[[bytes], Any]
    pick: Callable[[Any], Values]

    def values(self, batch: Sequence[bytes]) -> Floats:
        """Return the values of all messages as one array."""
        found: list[Any] = [self.pick(self.parse(data)) for data in batch]
        if found and isinstance(found[0], np.ndarray):
            return np.concatenate(found)
        return np.array([*chain.from_iterable(found)], np.float64)

    def parsed(self, batch: Sequence[bytes]) -> int:
        """Parse all messages and look at nothing."""
        return sum(self.parse(data) is not None for data in batch)


class Frame(msgspec.Struct):
    """Native JSON."""

    asset: str
    time: float
    values: dict[str, float | None]


class Columns(msgspec.Struct):
    """Native columnar JSON."""

    asset: str
    points: list[str]
    times: list[float]
    values: list[list[float | None]]


class ValueList(msgspec.Struct):
    """One of collectd's value lists."""

    values: list[float | None]
    time: float
    host: str
    plugin: str
    plugin_instance: str
    type: str
    type_instance: str


class Adapted(msgspec.Struct):
    """A message of prometheus-kafka-adapter."""

    labels: dict[str, str]
    name: str
    timestamp: str
    value: str


class Metric(msgspec.Struct):
    """A metric of Telegraf."""

    fields: dict[str, float]
    name: str
    tags: dict[str, str]
    timestamp: int


class Point(msgspec.Struct):
    """A value of DSX Exchange."""

    value: float | None
    timestamp: int
    quality: int


def _json(shape: Any, pick: Callable[[Any], Values], raw: Callable[[Any], Values]) -> list[General]:  # noqa: ANN401 - a type
    """Return a typed decoder, and one that makes dictionaries."""
    typed = msgspec.json.Decoder(shape)
    return [General("msgspec", typed.decode, pick), General("orjson", orjson.loads, raw)]


def _untyped(pick: Callable[[Any], Values]) -> list[General]:
    return [
        General(name, read, pick)
        for name, read in (("orjson", orjson.loads), ("msgspec", msgspec.json.decode))
    ]


def _of_otlp_json(found: Any) -> Values:  # noqa: ANN401 - JSON
    return [
        point["asDouble"]
        for of_host in found["resourceMetrics"]
        for scope in of_host["scopeMetrics"]
        for metric in scope["metrics"]
        for point in metric["gauge"]["dataPoints"]
    ]


def _of_otlp(found: Any) -> Values:  # noqa: ANN401 - protobuf has no types
    return [
        point.as_double
        for of_host in found.resource_metrics
        for scope in of_host.scope_metrics
        for metric in scope.metrics
        for point in metric.gauge.data_points
    ]


def _of_resource(found: Any) -> Values:  # noqa: ANN401 - JSON
    return [one["Reading"] for one in found.values() if isinstance(one, dict)]


def _unpacked(data: bytes) -> Any:  # noqa: ANN401 - protobuf has no types
    """Read a remote write: snappy says its length first, seven bits a byte."""
    size = sum((byte & 0x7F) << (7 * i) for i, byte in enumerate(_varint(data)))
    return WriteRequest.FromString(SNAPPY.decompress(data, size, asbytes=True))


def _varint(data: bytes) -> bytes:
    end = next(i for i, byte in enumerate(data) if byte < 0x80)  # noqa: PLR2004 - the last byte
    return data[: end + 1]


def _table(data: bytes) -> Any:  # noqa: ANN401 - pyarrow has no types
    with pa.ipc.open_stream(data) as reader:
        return reader.read_all()


def _columns_of(table: Any, keys: frozenset[str]) -> Floats:  # noqa: ANN401 - pyarrow has no types
    return np.concatenate([table[key].to_numpy() for key in table.column_names if key not in keys])


_KEYS = frozenset(("asset", "time"))
_CSV_KEYS = frozenset(("timestamp", "source_id", "tag", "node_guid", "port_guid", "port_num"))
_ONE_THREAD = csv.ReadOptions(use_threads=False)

GENERAL: dict[str, list[General]] = {
    "native-json": _json(Frame, lambda f: f.values.values(), lambda f: f["values"].values()),
    "native-columnar": _json(
        Columns, lambda f: chain.from_iterable(f.values), lambda f: chain.from_iterable(f["values"])
    ),
    "collectd-json": _json(
        list[ValueList],
        lambda f: [v for one in f for v in one.values],
        lambda f: [v for one in f for v in one["values"]],
    ),
    "prometheus-adapter-json": _json(
        Adapted, lambda f: (float(f.value),), lambda f: (float(f["value"]),)
    ),
    "telegraf-json": _json(Metric, lambda f: f.fields.values(), lambda f: f["fields"].values()),
    "dsx-bms": _json(Point, lambda f: (f.value,), lambda f: (f["value"],)),
    "redfish-json": _untyped(_of_resource),
    "volttron-all": _untyped(lambda f: f[0].values()),
    "nvsentinel": _untyped(lambda f: (f["data"]["healthEvent"]["isFatal"],)),
    "otlp-json": _untyped(_of_otlp_json),
    "otlp-proto": [General("protobuf", MetricsData.FromString, _of_otlp)],
    "prometheus-remote-write": [
        General(
            "snappy, protobuf",
            _unpacked,
            lambda f: [sample.value for one in f.timeseries for sample in one.samples],
        )
    ],
    "sparkplug-b": [
        General("protobuf", Payload.FromString, lambda f: [one.double_value for one in f.metrics])
    ],
    "prometheus-text": [
        General(
            "prometheus_client",
            lambda data: [*text_string_to_metric_families(data.decode())],
            lambda f: [one.value for family in f for one in family.samples],
        )
    ],
    "influx-line": [
        General(
            "str.split",
            lambda data: data.decode().rsplit(" ", 2)[1].split(","),
            lambda f: [float(one.partition("=")[2]) for one in f],
        )
    ],
    "ufm-csv": [
        General(
            "pyarrow",
            lambda data: csv.read_csv(io.BytesIO(data), read_options=_ONE_THREAD),
            lambda table: _columns_of(table, _CSV_KEYS),
        )
    ],
    "arrow-ipc": [General("pyarrow", _table, lambda table: _columns_of(table, _KEYS))],
}
"""By format."""
