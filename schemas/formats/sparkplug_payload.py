"""The protobuf message of Sparkplug B, as far as numbers need it.

Field numbers: Eclipse Tahu, sparkplug_b/sparkplug_b.proto (EPL-2.0); the definition here is our own
and reads the same wire format. Names are bytes, so that bad UTF-8 spoils one metric only; what is
no number (templates, data sets, files) is told apart but not parsed.
"""

from schemas.protobuf import MANY, Definition, Field

_U32, _U64, _BYTES, _BOOL = (
    Field.TYPE_UINT32,
    Field.TYPE_UINT64,
    Field.TYPE_BYTES,
    Field.TYPE_BOOL,
)

_PROPERTY_VALUES = (("int_value", 3, _U32), ("long_value", 4, _U64))
_METRIC_VALUES = (
    ("int_value", 10, _U32),
    ("long_value", 11, _U64),
    ("float_value", 12, Field.TYPE_FLOAT),
    ("double_value", 13, Field.TYPE_DOUBLE),
    ("boolean_value", 14, _BOOL),
    ("string_value", 15, _BYTES),
    ("bytes_value", 16, _BYTES),
    ("dataset_value", 17, _BYTES),
    ("template_value", 18, _BYTES),
    ("extension_value", 19, _BYTES),
)


def _definition() -> Definition:
    definition = Definition("alltobit.sparkplug")
    add = definition.add
    value = definition.message("PropertyValue")
    add(value, "is_null", 2, _BOOL)
    definition.add_one_of(value, "value", _PROPERTY_VALUES)
    properties = definition.message("PropertySet")
    add(properties, "keys", 1, _BYTES, MANY)
    add(properties, "values", 2, "PropertyValue", MANY)
    metric = definition.message("Metric")
    add(metric, "name", 1, _BYTES)
    for name, number in (("alias", 2), ("timestamp", 3)):
        add(metric, name, number, _U64)
    add(metric, "datatype", 4, _U32)
    add(metric, "is_null", 7, _BOOL)
    add(metric, "properties", 9, "PropertySet")
    definition.add_one_of(metric, "value", _METRIC_VALUES)
    payload = definition.message("Payload")
    add(payload, "timestamp", 1, _U64)
    add(payload, "metrics", 2, "Metric", MANY)
    add(payload, "seq", 3, _U64)
    return definition


Payload, Metric = _definition().classes("Payload", "Metric")
"""`org.eclipse.tahu.protobuf.Payload` and its `Metric`."""
