"""Format `collectd-json`: the array that collectd's write_kafka and write_http plugins send.

Source: collectd.conf(5), plugin write_kafka, `Format JSON`; names as in collectd's own identifiers,
`plugin-instance/type-instance`, with the data source's name where there is more than `value`.
"""

# ruff: noqa: ANN401 - JSON values

from collections.abc import Sequence
from typing import Any

from schemas.formats.base import is_name, lacks, one_by_one, parse_json, quoted, reject, samples
from schemas.telemetry import About, Decoded, Reject, SpansBuilder, Why
from schemas.times import to_ns

_KEYS = ("host", "plugin", "type", "time", "values")

Groups = dict[tuple[str, int], dict[str, Any]]
"""Values by point, of one host at one time."""


class Collectd:
    """Decodes collectd's JSON. Entries of one host and time become one span."""

    name = "collectd-json"
    content_types = ("application/vnd.collectd+json",)

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch; `times_ms` is not needed. A bad entry rejects that entry only."""
        del times_ms, about
        return one_by_one(batch, _read)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be collectd's JSON."""
        start = data[:65_536]
        return start.lstrip()[:1] == b"[" and b'"plugin"' in start and b'"values"' in start


def _read(message: int, data: bytes, spans: SpansBuilder) -> list[Reject]:
    document, failed = parse_json(message, data)
    if failed:
        return [failed]
    if not isinstance(document, list):
        return [reject(message, Why.WRONG_TYPE, "an array of value lists was expected")]
    if not document:
        return [reject(message, Why.EMPTY, "the array has no entry")]
    groups: Groups = {}
    wrongs = [_entry(message, i, entry, groups) for i, entry in enumerate(document)]
    for (host, time_ns), values in groups.items():
        spans.add(message, host, tuple(values), time_ns, *samples(list(values.values())))
    return [wrong for wrong in wrongs if wrong]


def _entry(message: int, i: int, entry: Any, groups: Groups) -> Reject | None:
    """Put one entry into its group, or say what is wrong with it."""
    lacking = lacks(message, entry, _KEYS)
    if lacking:
        return reject(message, lacking.why, f"[{i}]: {lacking.detail}")
    time_ns = to_ns(entry["time"])
    if time_ns is None:
        return reject(message, Why.BAD_TIME, f"[{i}].time: {str(entry['time'])[:100]!a}")
    values = entry["values"]
    names = entry.get("dsnames", ["value"])
    if not isinstance(values, list) or not isinstance(names, list) or len(names) != len(values):
        return reject(message, Why.WRONG_LENGTH, f"[{i}]: as many values as dsnames are expected")
    points = [_point(entry, name, len(names)) for name in names]
    if not is_name(entry["host"]) or not all(map(is_name, points)):
        return reject(
            message, Why.BAD_NAME, f"[{i}]: host {quoted(entry['host'])}, {quoted(points)}"
        )
    group = groups.setdefault((entry["host"], time_ns), {})
    group.update(zip(map(str, points), values, strict=True))
    return None


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
