"""Format `collectd-json`: the array that collectd's write_kafka and write_http plugins send.

Source: collectd.conf(5), plugin write_kafka, `Format JSON`; names as in collectd's own identifiers,
`plugin-instance/type-instance`, with the data source's name where there is more than `value`.
"""

# ruff: noqa: ANN401 - JSON values

from collections.abc import Sequence
from typing import Any

from schemas.formats.base import is_name, lacks, quoted
from schemas.formats.entries import Entries
from schemas.formats.entry import Entry, Wrong
from schemas.telemetry import About, Decoded, Why

_KEYS = ("host", "plugin", "type", "time", "values")


class Collectd:
    """Decodes collectd's JSON; remembers shapes. Entries of one host and time become one span."""

    name = "collectd-json"
    content_types = ("application/vnd.collectd+json",)
    begins = b"["

    def __init__(self) -> None:
        self._entries = Entries(self)

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch; `times_ms` is not needed. A bad entry rejects that entry only."""
        del times_ms, about
        return self._entries.decode(batch)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be collectd's JSON."""
        return data.lstrip()[:1] == b"[" and b'"plugin"' in data and b'"values"' in data

    def inside(self, data: bytes) -> tuple[int, int] | None:
        """Return where the value lists begin and end."""
        stop = len(data.rstrip())
        return (1, stop - 1) if data[:1] == b"[" and data.endswith(b"]", 2, stop) else None

    def entries(self, document: object) -> list[Any] | Wrong:
        """Return the value lists of a message."""
        if not isinstance(document, list):
            return Why.WRONG_TYPE, "an array of value lists was expected"
        return document or (Why.EMPTY, "the array has no entry")

    def read(self, entry: Any) -> list[Entry] | Wrong:
        """Read one value list."""
        lacking = lacks(0, entry, _KEYS)
        if lacking:
            return lacking[1:]
        values, names = entry["values"], entry.get("dsnames", ["value"])
        if not isinstance(values, list) or not isinstance(names, list):
            return Why.WRONG_TYPE, "values and dsnames are arrays"
        if len(names) != len(values):
            return Why.WRONG_LENGTH, "as many values as dsnames are expected"
        named = [_point(entry, name, len(names)) for name in names]
        if not is_name(entry["host"]) or not all(map(is_name, named)):
            return Why.BAD_NAME, f"host {quoted(entry['host'])}, {quoted(named)}"
        merged = dict(zip(map(str, named), values, strict=True))
        points = tuple(merged)
        return [Entry(entry["host"], points, points, entry["time"], [*merged.values()])]


def _point(entry: dict[str, Any], name: object, count: int) -> str | None:
    """Return the point's name; None when its parts are no text."""
    parts = [entry["plugin"], entry.get("plugin_instance", "")]
    parts += [entry["type"], entry.get("type_instance", ""), name]
    if not all(isinstance(part, str) for part in parts) or not parts[0] or not parts[2]:
        return None
    plugin, plugin_instance, kind, instance, _ = parts
    path = "/".join(
        "-".join(filter(None, pair)) for pair in ((plugin, plugin_instance), (kind, instance))
    )
    return path if count == 1 and name == "value" else f"{path}/{name}"
