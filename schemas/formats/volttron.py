"""Format `volttron-all`: what VOLTTRON's drivers publish on `devices/CAMPUS/BUILDING/UNIT/all`.

Source: VOLTTRON documentation, Historian Topic Syntax. `[{point: value}, {point: {units, tz,
type}}]`, or the first object alone. The topic names the asset. VOLTTRON sends the time in headers
beside the message: a bridge that wraps both as `{"headers": .., "message": ..}` is understood
(`TimeStamp`, else `Date`); otherwise the time is Kafka's.
"""

import re
from collections.abc import Mapping, Sequence

from schemas.formats.base import (
    is_name,
    parse_json,
    quoted,
    reject,
    samples,
    subject_of,
    time_ms_of,
)
from schemas.telemetry import About, Decoded, Reject, SpansBuilder, Why
from schemas.times import to_ns

_TOPIC = re.compile("/?devices/(.+)/all", re.DOTALL)
_STARTS = re.compile(rb'\s*(\{\s*"(headers|message)"\s*:.*)?\[\s*\{', re.DOTALL)


class Volttron:
    """Decodes a device's points. All points of a message are one span."""

    name = "volttron-all"
    content_types = ("application/vnd.volttron.all+json",)

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch. `about` is needed: it has the topics; without headers, `times_ms` too."""
        spans = SpansBuilder()
        rejects: list[Reject] = []
        for message, data in enumerate(batch):
            subject, time_ms = subject_of(about, message), time_ms_of(times_ms, message)
            rejects += _read(message, data, subject, time_ms, spans)
        return Decoded.of(spans, rejects)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be points with their metadata; without it, nobody can say."""
        start = data[:65_536]
        if not _STARTS.match(start) or b'"units"' not in start:
            return False
        return b'"tz"' in start or b'"type"' in start


def _read(
    message: int, data: bytes, subject: str, time_ms: int, spans: SpansBuilder
) -> list[Reject]:
    topic = _TOPIC.fullmatch(subject)
    if topic is None or not is_name(topic[1]):
        return [reject(message, Why.NO_SUBJECT, f"no topic devices/../all: {quoted(subject)}")]
    document, failed = parse_json(message, data)
    if failed:
        return [failed]
    headers, body = _unwrapped(document)
    points = body[0] if isinstance(body, list) and body else body
    if not isinstance(points, Mapping):
        detail = f"an object of points was expected, not {type(points).__name__}"
        return [reject(message, Why.WRONG_TYPE, detail)]
    if not points:
        return [reject(message, Why.EMPTY, "the message has no point")]
    time_ns = _time(headers, time_ms)
    if time_ns is None:
        return [reject(message, Why.BAD_TIME, "neither headers nor Kafka have a time")]
    wrong = [name for name in points if not is_name(name)]
    found = {name: _number(points[name]) for name in points if is_name(name)}
    if found:
        values, marks = samples(list(found.values()))
        spans.add(message, topic[1], tuple(found), time_ns, values, marks)
    return [reject(message, Why.BAD_NAME, quoted(name)) for name in wrong]


def _unwrapped(document: object) -> tuple[object, object]:
    """Return headers and message of a bridge's envelope, or the message alone."""
    if isinstance(document, Mapping) and set(document) >= {"headers", "message"}:
        return document["headers"], document["message"]
    return None, document


def _time(headers: object, time_ms: int) -> int | None:
    """Return when a message was made: as its headers say, else as Kafka."""
    said = (
        [headers.get(key) for key in ("TimeStamp", "Date")] if isinstance(headers, Mapping) else []
    )
    times = [to_ns(time) for time in (*said, time_ms if time_ms > 0 else None)]
    return next((time for time in times if time is not None), None)


def _number(value: object) -> object:
    """Return a binary point as 0 or 1."""
    return float(value) if isinstance(value, bool) else value
