"""The protobuf message of Prometheus' remote write 1.0, for senders that we play.

Field numbers: prometheus/prompb/types.proto and remote.proto (Apache-2.0).
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "alltobit.bench"
_Field: Any = descriptor_pb2.FieldDescriptorProto
_MESSAGES = {
    "Label": (("name", 1, _Field.TYPE_STRING), ("value", 2, _Field.TYPE_STRING)),
    "Sample": (("value", 1, _Field.TYPE_DOUBLE), ("timestamp", 2, _Field.TYPE_INT64)),
    "TimeSeries": (("labels", 1, "Label"), ("samples", 2, "Sample")),
    "WriteRequest": (("timeseries", 1, "TimeSeries"),),
}


def _definition() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="alltobit/bench.proto", package=_PACKAGE)
    file.syntax = "proto3"
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for label, number, kind in fields:
            field = message.field.add(name=label, number=number, label=_Field.LABEL_OPTIONAL)
            if isinstance(kind, str):
                field.label, field.type = _Field.LABEL_REPEATED, _Field.TYPE_MESSAGE
                field.type_name = f".{_PACKAGE}.{kind}"
            else:
                field.type = kind
    return file


_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_definition())
WriteRequest: Any = message_factory.GetMessageClass(
    _POOL.FindMessageTypeByName(f"{_PACKAGE}.WriteRequest")
)
