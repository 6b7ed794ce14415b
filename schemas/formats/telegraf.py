"""Format `telegraf-json`: Telegraf's `data_format = "json"`, one metric or `{"metrics": [...]}`.

`{"fields": {...}, "name": "cpu", "tags": {"host": "a"}, "timestamp": 1700000000}`. Tags are labels,
a field is a point `name.field`. `timestamp` is in s by Telegraf's default, in ms, us or ns where
`json_timestamp_units` says so: its size decides. Booleans are 1 and 0. A text field is no sample
and is passed over without a word; a message that has nothing else is a reject, and so counted.
"""

# ruff: noqa: ANN401 - JSON values

import re
from collections.abc import Sequence
from typing import Any, cast

from schemas.formats.base import lacks, quoted
from schemas.formats.entries import Entries
from schemas.formats.entry import Entry, Wrong
from schemas.formats.series import Labels, Meaning
from schemas.formats.telegraf_names import series_of
from schemas.telemetry import About, Decoded, Why

_KEYS = ("fields", "name", "timestamp")
_FIRST = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*"(?:fields|metrics|name|tags|timestamp)"')
_MANY = b'"metrics"'
_BEGIN = re.compile(rb'\{[ \t\r\n]*"metrics":[ \t\r\n]*\[')
_END = re.compile(rb"\][ \t\r\n]*\}[ \t\r\n]*\Z")
_TAIL = 16
"""Bytes in which a batch ends."""


class TelegrafJson:
    """Decodes Telegraf's JSON; remembers shapes."""

    name = "telegraf-json"
    content_types = ("application/vnd.telegraf+json",)
    begins = b"{"

    def __init__(self) -> None:
        self._entries = Entries(self)

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch; `times_ms` is not needed. A bad metric rejects that metric only."""
        del times_ms, about
        return self._entries.decode(batch)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be Telegraf's JSON."""
        if not _FIRST.match(data):
            return False
        return b'"fields"' in data and b'"timestamp"' in data and b'"name"' in data

    def inside(self, data: bytes) -> tuple[int, int] | None:
        """Return where the metrics begin and end."""
        if _MANY not in data:
            return (0, len(data.rstrip())) if data[:1] == b"{" else None
        begin = _BEGIN.match(data)
        end = _END.search(data, max(len(data) - _TAIL, begin.end())) if begin else None
        return (begin.end(), end.start()) if begin and end else None

    def entries(self, document: object) -> list[Any] | Wrong:
        """Return the metrics of a message."""
        if not isinstance(document, dict):
            return Why.WRONG_TYPE, "an object was expected"
        if "metrics" not in document:
            return [document]
        metrics = document["metrics"]
        return metrics if isinstance(metrics, list) else (Why.WRONG_TYPE, "metrics: an array")

    def read(self, entry: Any) -> list[Entry] | Wrong:
        """Read one metric."""
        lacking = lacks(0, entry, _KEYS)
        if lacking:
            return lacking[1:]
        name, tags, fields = entry["name"], entry.get("tags") or {}, entry["fields"]
        if not isinstance(name, str) or not isinstance(fields, dict) or not isinstance(tags, dict):
            return Why.WRONG_TYPE, "name is a text, fields and tags are objects"
        if not all(isinstance(one, str) for one in tags.values()):
            return Why.WRONG_TYPE, "a tag is no text"
        numbers = {k: v for k, v in fields.items() if not isinstance(v, str)}
        labels = Labels(tags)
        series = [series_of(name, field, labels) for field in numbers]
        if not all(series):
            return Why.BAD_NAME, f"name: {quoted(name)}, or a field or tag"
        entries: dict[str, dict[tuple[str, str], object]] = {}
        for one, value in zip(cast("list[Meaning]", series), numbers.values(), strict=True):
            number = float(value) if isinstance(value, bool) else value
            entries.setdefault(one.asset, {})[one.point, one.whole] = number
        return [_entry(asset, entry["timestamp"], one) for asset, one in entries.items()]


def _entry(asset: str, time: object, values: dict[tuple[str, str], object]) -> Entry:
    points, wholes = zip(*values, strict=True)
    return Entry(asset, points, wholes, time, [*values.values()])
