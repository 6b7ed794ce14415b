"""The protobuf message of Sparkplug B, as far as numbers need it.

Field numbers: Eclipse Tahu, sparkplug_b/sparkplug_b.proto (EPL-2.0); the definition here is our own
and reads the same wire format. Names are bytes, so that bad UTF-8 spoils one metric only; what is
no number (templates, data sets, files) is told apart but not parsed.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "alltobit.sparkplug"
_Field = descriptor_pb2.FieldDescriptorProto
_ONE, _MANY = _Field.LABEL_OPTIONAL, _Field.LABEL_REPEATED
_U32, _U64, _BYTES, _BOOL = (
    _Field.TYPE_UINT32,
    _Field.TYPE_UINT64,
    _Field.TYPE_BYTES,
    _Field.TYPE_BOOL,
)

_PROPERTY_VALUES = (("int_value", 3, _U32), ("long_value", 4, _U64))
_METRIC_VALUES = (
    ("int_value", 10, _U32),
    ("long_value", 11, _U64),
    ("float_value", 12, _Field.TYPE_FLOAT),
    ("double_value", 13, _Field.TYPE_DOUBLE),
    ("boolean_value", 14, _BOOL),
    ("string_value", 15, _BYTES),
    ("bytes_value", 16, _BYTES),
    ("dataset_value", 17, _BYTES),
    ("template_value", 18, _BYTES),
    ("extension_value", 19, _BYTES),
)


def _add(message: Any, name: str, number: int, kind: int | str, label: int = _ONE) -> None:  # noqa: ANN401 - protobuf has no types
    """Add a field; a `kind` that is text is the message of that name."""
    field = message.field.add(name=name, number=number, label=label)
    if isinstance(kind, str):
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
    else:
        field.type = kind


def _add_one_of(message: Any, values: tuple[tuple[str, int, int], ...]) -> None:  # noqa: ANN401 - protobuf has no types
    """Add `oneof value`."""
    message.oneof_decl.add(name="value")
    for name, number, kind in values:
        _add(message, name, number, kind)
        message.field[-1].oneof_index = 0


def _definition() -> Any:  # noqa: ANN401 - protobuf has no types
    file = descriptor_pb2.FileDescriptorProto(name="alltobit/sparkplug.proto", package=_PACKAGE)
    file.syntax = "proto2"
    value = file.message_type.add(name="PropertyValue")
    _add(value, "is_null", 2, _BOOL)
    _add_one_of(value, _PROPERTY_VALUES)
    properties = file.message_type.add(name="PropertySet")
    _add(properties, "keys", 1, _BYTES, _MANY)
    _add(properties, "values", 2, "PropertyValue", _MANY)
    metric = file.message_type.add(name="Metric")
    _add(metric, "name", 1, _BYTES)
    for name, number in (("alias", 2), ("timestamp", 3)):
        _add(metric, name, number, _U64)
    _add(metric, "datatype", 4, _U32)
    _add(metric, "is_null", 7, _BOOL)
    _add(metric, "properties", 9, "PropertySet")
    _add_one_of(metric, _METRIC_VALUES)
    payload = file.message_type.add(name="Payload")
    _add(payload, "timestamp", 1, _U64)
    _add(payload, "metrics", 2, "Metric", _MANY)
    _add(payload, "seq", 3, _U64)
    return file


def _classes() -> tuple[Any, Any]:
    pool = descriptor_pool.DescriptorPool()
    pool.Add(_definition())
    found = [pool.FindMessageTypeByName(f"{_PACKAGE}.{name}") for name in ("Payload", "Metric")]
    return tuple(map(message_factory.GetMessageClass, found))  # type: ignore[return-value]  # two


Payload, Metric = _classes()
"""`org.eclipse.tahu.protobuf.Payload` and its `Metric`."""
