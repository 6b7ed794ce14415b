"""Sparkplug's metrics as samples: signs, nulls, OPC quality, what is no number."""

from math import isfinite, nan
from typing import Any

from schemas.formats.base import sample
from schemas.telemetry import Quality

# ruff: noqa: ANN401 - protobuf has no types

BOOLEAN = 11
OTHER = 12
"""The first datatype that is no measurement: texts, times, data sets, templates, arrays."""
_MISSING = int(Quality.MISSING)
_BITS = {1: 8, 2: 16, 3: 32, 4: 64}
"""Width of the signed datatypes: sent as unsigned, in two's complement."""
_BY_CODE = {192: 0, 500: int(Quality.STALE)}
"""OPC quality, good and stale; every other code, a vendor's too, is not to be trusted."""
_BY_FIELD = {
    "int_value": 7,
    "long_value": 8,
    "float_value": 9,
    "double_value": 10,
    "boolean_value": BOOLEAN,
}
_INTEGERS = ("int_value", "long_value")


def datatype_of(metric: Any, said: int | None) -> int | None:
    """Return a metric's datatype: its own, or the one that its birth `said`.

    None: it cannot be told, because only the birth knows whether an integer has a sign.
    """
    own: int = metric.datatype
    if own or said:
        return own or said
    field = metric.WhichOneof("value")
    return None if field in _INTEGERS else _BY_FIELD.get(field, OTHER)


def datatype_in_birth(metric: Any) -> int:
    """Return the datatype that a birth means; without one, as its field says."""
    return int(metric.datatype) or _BY_FIELD.get(metric.WhichOneof("value"), OTHER)


def value_of(metric: Any, datatype: int) -> tuple[float, int]:
    """Return a metric's value and its quality."""
    field = None if metric.is_null else metric.WhichOneof("value")
    mark = _quality(metric.properties) if metric.HasField("properties") else 0
    if field is None:
        return nan, mark | _MISSING
    value = getattr(metric, field)
    if isinstance(value, float) and isfinite(value):
        return value, mark
    if field in _INTEGERS:
        return _signed(value, _BITS.get(datatype, 0)), mark
    if field == "boolean_value":
        return float(value), mark
    number, wrong = sample(value)
    return number, mark | int(wrong)


def _signed(value: int, bits: int) -> float:
    """Return the number that `bits` of two's complement mean; 0 bits: it has no sign."""
    if not bits:
        return float(value)
    low = value & ((1 << bits) - 1)
    return float(low - ((low >> (bits - 1)) << bits))


def _quality(properties: Any) -> int:
    """Return what a metric's property `Quality` says; without it, good."""
    for key, value in zip(properties.keys, properties.values, strict=False):
        if key.lower() == b"quality" and not value.is_null:
            field = value.WhichOneof("value")
            return _BY_CODE.get(getattr(value, field) if field else -1, int(Quality.UNCERTAIN))
    return 0
