"""What every answer of every decoder must be, whatever the bytes: the laws, as a list of faults."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from schemas.formats.base import DETAIL, are_names, is_name
from schemas.telemetry import SENTINEL, Decoded, Health, Quality, Reject, Shape, Spans, Why
from schemas.times import END_NS

SILENT = {
    "sparkplug-b": "commands, states of hosts, births of texts alone, deaths of an older session",
    "prometheus-remote-write": "a request of metadata alone",
}
"""Formats of which some messages rightly say nothing, and which."""

_NONE = int(Quality.MISSING | Quality.NOT_A_NUMBER)
_SAID = int(
    Quality.MISSING
    | Quality.NOT_A_NUMBER
    | Quality.INFINITE
    | Quality.STALE
    | Quality.UNCERTAIN
    | Quality.CONVERTED
)
"""Bits that a decoder may set; the others are judged by those who see more than one message."""
_MOST_SENTINEL = int(Quality.NOT_PERMISSIONED)
_KEPT_BYTES = 32 * 1024 * 1024
_COLUMNS = (
    *(("message", np.int32), ("asset", np.int32), ("shape", np.int32)),
    *(("time_ns", np.int64), ("start", np.int64), ("values", np.float64), ("quality", np.uint16)),
)


def faults(name: str, decoded: Decoded, messages: int) -> list[str]:
    """Say which laws an answer to a batch of so many messages breaks."""
    found = list(_columns(decoded.spans))
    if found:
        return found
    return [
        *_rows(decoded.spans, messages),
        *_names(decoded.spans),
        *_samples(decoded.spans),
        *_rejects(decoded, messages),
        *_beside(decoded, messages),
        *_untold(name, decoded, messages),
    ]


def _columns(spans: Spans) -> Iterator[str]:
    """Check types and sizes."""
    for column, kind in _COLUMNS:
        if getattr(spans, column).dtype != kind or getattr(spans, column).ndim != 1:
            yield f"{column} is {getattr(spans, column).dtype}, not {np.dtype(kind)}"
    n = len(spans)
    if not len(spans.asset) == len(spans.shape) == len(spans.time_ns) == n == len(spans.start) - 1:
        yield "columns of different lengths"
    elif not spans.start[0] == 0 <= spans.start[-1] == len(spans.values) == len(spans.quality):
        yield "start does not span the values"


def _rows(spans: Spans, messages: int) -> Iterator[str]:
    """Check what points to what."""
    for column, end in (
        ("message", messages),
        ("asset", len(spans.assets)),
        ("shape", len(spans.shapes)),
    ):
        numbers = getattr(spans, column)
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < end:
            yield f"{column} is outside 0 to {end}"
            return
    lengths = np.fromiter(map(len, spans.shapes), np.int64, len(spans.shapes))[spans.shape]
    if (np.diff(spans.start) != lengths).any():
        yield "a span is not as long as its shape"
    if len(lengths) and lengths.min() == 0:
        yield "a span of no points"
    if (np.diff(spans.message) < 0).any():
        yield "messages out of order"
    if len(spans) and not 0 <= spans.time_ns.min() <= spans.time_ns.max() < END_NS:
        yield "a time before 1970 or after 2200"


def _names(spans: Spans) -> Iterator[str]:
    if len(set(spans.assets)) != len(spans.assets):
        yield "an asset twice"
    yield from (f"asset {one[:99]!a}" for one in spans.assets if not is_name(one))
    yield from (f"points {str(one)[:99]!a}" for one in spans.shapes if not _is_shape(one))


@lru_cache(maxsize=4_096)
def _is_shape(points: Shape) -> bool:
    """Say whether points have names, each one its own."""
    return are_names(points) and len(set(points)) == len(points)


def _samples(spans: Spans) -> Iterator[str]:
    """Check that quality says of a value what the value is."""
    sentinel = spans.quality & SENTINEL
    if len(sentinel) and sentinel.max() > _MOST_SENTINEL:
        yield "a sentinel that is none"
    if (spans.quality & ~np.uint16(_SAID | SENTINEL)).any():
        yield "a quality that no decoder can know"
    if (np.isnan(spans.values) != (spans.quality & _NONE != 0)).any():
        yield "NaN, and quality does not say so; or the other way round"
    if (np.isinf(spans.values) != (spans.quality & Quality.INFINITE != 0)).any():
        yield "infinite, and quality does not say so; or the other way round"


def _rejects(decoded: Decoded, messages: int) -> Iterator[str]:
    for one in decoded.rejects:
        if not _is_sound(one, messages):
            yield f"a reject that is none: {one!a}"


def _is_sound(one: Reject, messages: int) -> bool:
    is_line = 0 < len(one.detail) <= DETAIL and one.detail.isprintable()
    return 0 <= one.message < messages and isinstance(one.why, Why) and is_line


def _beside(decoded: Decoded, messages: int) -> Iterator[str]:
    """Check what is kept, and health."""
    for kept in decoded.kept:
        if not kept.key or len(kept.value) > _KEPT_BYTES:
            yield f"kept {kept.key[:99]!a}: {len(kept.value)} bytes"
    for health in decoded.health:
        if not _is_health(health, messages):
            yield f"a health event that is none: {str(health)[:300]!a}"


def _is_health(one: Health, messages: int) -> bool:
    in_range = 0 <= one.message < messages and 0 <= one.time_ns < END_NS
    return in_range and is_name(one.asset) and is_name(one.check)


def _untold(name: str, decoded: Decoded, messages: int) -> Iterator[str]:
    """Check that every message came to something."""
    if name in SILENT:
        return
    told = {*decoded.spans.message.tolist(), *(one.message for one in decoded.rejects)}
    told |= {one.message for one in decoded.health}
    missing = set(range(messages)) - told
    if len(missing) > len(decoded.kept):  # which do not say of which message they are
        yield f"nothing said of messages {sorted(missing)[:5]}"
