"""OTLP's JSON by protobuf's own rules, part by part: slower, and forgiving.

Taken: both spellings of names, numbers as text, names of enumerations, NaN and infinities with or
without quotes. Exemplars are not looked at: their ids are in hex, which protobuf would not take.
"""

# ruff: noqa: ANN401 - JSON values

import json
from typing import Any, TypeVar

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from schemas.formats.base import reject
from schemas.formats.otlp.attributes import texts
from schemas.formats.otlp.names import Origin, origin
from schemas.formats.otlp.points import Gathering, series_of, take_point
from schemas.telemetry import Reject, Why

M = TypeVar("M", bound=Message)

_WRONG = (
    *(ParseError, TypeError, ValueError, AttributeError, OverflowError, RecursionError),
    SystemError,  # of a name with half a surrogate
)
"""What protobuf's reader of JSON raises, by what is wrong with a value."""
_KINDS = {
    "gauge": "gauge",
    "sum": "sum",
    "histogram": "histogram",
    "exponentialHistogram": "exponential_histogram",
    "exponential_histogram": "exponential_histogram",
    "summary": "summary",
}
Fields = dict[str, Any]


def attributes_of(text: bytes) -> dict[str, str] | None:
    """Return the attributes that are JSON's `text`, of a data point; None: they are wrong."""
    return resource_of(b'{"attributes":%s}' % text) if text else {}


def resource_of(text: bytes) -> dict[str, str] | None:
    """Return the attributes of a resource that is JSON's `text`; None: it is wrong."""
    fields, wrong = _parsed(0, text or b"{}")
    found = None if wrong else _read(fields or {}, Resource())
    return None if found is None else texts(found.attributes)


def read(data: bytes, into: Gathering) -> None:
    """Read a message."""
    document, wrong = _parsed(into.message, data)
    if wrong:
        into.rejects.append(wrong)
        return
    if not isinstance(document, dict):
        into.refuse(Why.WRONG_TYPE, "an object was expected")
        return
    for one, where in _items(document, "resourceMetrics", "", into):
        resource = None if into.is_spent else _read(one.get("resource") or {}, Resource())
        if into.is_spent:
            return
        if resource is None:
            into.refuse(Why.WRONG_TYPE, f"{where}.resource")
            continue
        of = origin(texts(resource.attributes))
        for scope, place in _items(one, "scopeMetrics", where, into):
            for metric, here in _items(scope, "metrics", place, into):
                _metric(metric, here, of, into)


def _parsed(message: int, data: bytes) -> tuple[Any, Reject | None]:
    """Parse JSON; NaN and infinities become text."""
    if not data.strip():
        return None, reject(message, Why.EMPTY, "the message is empty")
    try:
        return json.loads(data.decode(), parse_constant=str), None
    except UnicodeDecodeError as error:
        return None, reject(message, Why.INVALID_UTF8, f"{error.reason} (byte {error.start})")
    except (ValueError, RecursionError) as error:
        return None, reject(message, Why.NOT_JSON, str(error))


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def _items(fields: Fields, name: str, where: str, into: Gathering) -> list[tuple[Fields, str]]:
    """Return the objects of a list, and where each is; what is no object is rejected."""
    found = fields.get(name)
    found = fields.get(_snake(name)) if found is None else found
    if found is None:
        return []
    path = f"{where}.{name}".lstrip(".")
    if not isinstance(found, list):
        into.refuse(Why.WRONG_TYPE, f"{path}: a list was expected")
        return []
    items = [(one, f"{path}[{i}]") for i, one in enumerate(found)]
    for one, place in items:
        if not isinstance(one, dict) and not into.is_spent:
            into.refuse(Why.WRONG_TYPE, f"{place}: an object was expected")
    return [item for item in items if isinstance(item[0], dict)]


def _metric(fields: Fields, where: str, of: Origin, into: Gathering) -> None:
    """Take a metric, without its bad data points."""
    bare = {name: _without(value) if name in _KINDS else value for name, value in fields.items()}
    metric = None if into.is_spent else _read(bare, Metric())
    kind = metric.WhichOneof("data") if metric else None
    if metric is None and not into.is_spent:
        into.refuse(Why.WRONG_TYPE, where)
    if metric is None or kind is None or not any(map(fields.get, _KINDS)):
        return
    name = next(
        one for one, known in _KINDS.items() if known == kind and fields.get(one) is not None
    )
    if not isinstance(fields[name], dict):
        into.refuse(Why.WRONG_TYPE, f"{where}.{kind}")
        return
    series = series_of(of, metric, kind)
    for one, place in _items(fields[name], "dataPoints", f"{where}.{kind}", into):
        if into.is_spent:
            return
        one.pop("exemplars", None)
        point = _read(one, getattr(metric, kind).data_points.add())
        if point is None:
            into.refuse(Why.WRONG_TYPE, place)
        else:
            take_point(into, series, point)
        del getattr(metric, kind).data_points[:]


def _without(data: Any) -> Any:
    """Return a metric's data without its data points."""
    if not isinstance(data, dict):
        return data
    return {name: one for name, one in data.items() if name not in ("dataPoints", "data_points")}


def _read(fields: Any, into: M) -> M | None:
    """Read a part into a message; None: it is wrong. Of text, protobuf would read each letter."""
    if not isinstance(fields, dict):
        return None
    try:
        return ParseDict(fields, into, ignore_unknown_fields=True)
    except _WRONG:
        return None
