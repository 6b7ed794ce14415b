"""Remote write as the published protobuf runtime writes it, from Prometheus' own field numbers."""

import pyarrow as pa
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_DOUBLE, _INT64, _UINT64, _STRING, _MESSAGE, _SINT32 = 1, 3, 4, 9, 11, 17
_FIELDS = {
    "Label": [("name", 1, _STRING, ""), ("value", 2, _STRING, "")],
    "Sample": [("value", 1, _DOUBLE, ""), ("timestamp", 2, _INT64, "")],
    "Exemplar": [
        ("labels", 1, _MESSAGE, "Label"),
        ("value", 2, _DOUBLE, ""),
        ("timestamp", 3, _INT64, ""),
    ],
    "Histogram": [
        ("count_int", 1, _UINT64, ""),
        ("count_float", 2, _DOUBLE, ""),
        ("sum", 3, _DOUBLE, ""),
        ("schema", 4, _SINT32, ""),
        ("zero_threshold", 5, _DOUBLE, ""),
        ("timestamp", 15, _INT64, ""),
    ],
    "TimeSeries": [
        ("labels", 1, _MESSAGE, "Label"),
        ("samples", 2, _MESSAGE, "Sample"),
        ("exemplars", 3, _MESSAGE, "Exemplar"),
        ("histograms", 4, _MESSAGE, "Histogram"),
    ],
    "MetricMetadata": [("metric_family_name", 2, _STRING, ""), ("help", 4, _STRING, "")],
    "WriteRequest": [
        ("timeseries", 1, _MESSAGE, "TimeSeries"),
        ("metadata", 3, _MESSAGE, "MetricMetadata"),
    ],
}


def _file():
    """Describe prompb/types.proto and remote.proto of Prometheus."""
    file = descriptor_pb2.FileDescriptorProto(
        name="remote.proto", package="prometheus", syntax="proto3"
    )
    for name, fields in _FIELDS.items():
        message = file.message_type.add(name=name)
        for field, number, kind, of in fields:
            message.field.add(
                name=field,
                number=number,
                type=kind,
                label=3 if kind == _MESSAGE else 1,
                type_name=f".prometheus.{of}" if of else None,
            )
    return file


_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_file())
WriteRequest = message_factory.GetMessageClass(
    _POOL.FindMessageTypeByName("prometheus.WriteRequest")
)


def request(*series):
    """Make a request; each series is (labels, samples), a sample (value, time in ms)."""
    made = WriteRequest()
    for labels, samples in series:
        one = made.timeseries.add()
        for name, value in labels.items():
            one.labels.add(name=name, value=value)
        for value, time_ms in samples:
            one.samples.add(value=value, timestamp=time_ms)
    return made


def block(data):
    """Compress as a sender does."""
    return pa.Codec("snappy").compress(data, asbytes=True)


def posted(made):
    return block(made.SerializeToString(deterministic=True))
