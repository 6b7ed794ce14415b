"""OTLP's attributes as text."""

import json
from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from schemas.formats.base import NAME_BYTES

_CUT = "…"
"""Behind what was cut; neither a digit nor part of an ID."""


def texts(attributes: Iterable[KeyValue]) -> dict[str, str]:
    """Return attributes by key, each as text, what is long cut; of equal keys the last."""
    return {cut(one.key): cut(_text(one.value)) for one in attributes}


def cut(text: str) -> str:
    """Cut what is longer than any name: with it or without its end, it fits in none.

    What a resource says is put into the name of each of its data points.
    """
    return text if len(text) <= NAME_BYTES else text[:NAME_BYTES] + _CUT


def _text(value: AnyValue) -> str:
    """Write a value: numbers and booleans as in JSON, bytes in base64, what is nested as JSON."""
    if value.HasField("string_value"):
        return value.string_value
    plain = _plain(value)
    return plain if isinstance(plain, str) else json.dumps(plain, sort_keys=True)


def _plain(value: AnyValue) -> Any:  # noqa: ANN401 - JSON
    kind = value.WhichOneof("value")
    if kind is None:
        return ""
    if kind == "array_value":
        return [_plain(one) for one in value.array_value.values]
    if kind == "kvlist_value":
        return {one.key: _plain(one.value) for one in value.kvlist_value.values}
    if kind == "bytes_value":
        return b64encode(value.bytes_value).decode()
    return getattr(value, kind)
