"""Format `prometheus-text`: exposition text 0.0.4 and OpenMetrics, a line a sample.

Lines are parsed by prometheus_client one by one, so that a bad line spoils no other. What stands
before the value names the same series for ever, so its meaning is remembered; a bounded memory that
changes no result. The type of a family is not needed: every line is a point.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from schemas.formats.base import is_name, quoted, reject, samples
from schemas.formats.labels import Series, meaning
from schemas.telemetry import About, Decoded, Reject, SpansBuilder, Why
from schemas.times import END_NS

LONGEST = 8_192
"""Characters of a line, at most: the parser's cost grows with their square."""
REMEMBERED = 65_536
"""Series whose meaning is remembered."""

_END = re.compile(r"(?<=[ \t}])([-+0-9.eEnNaAiIfFtTyY]+)(?:[ \t]+(-?[0-9]+(?:\.[0-9]+)?))?$")
_EXEMPLAR = re.compile(r"[ \t]+#[ \t]*\{.*$")


class Clock(NamedTuple):
    """What times mean in one message."""

    message_ns: int
    """For lines without a time; negative: unknown."""
    unit_ns: int
    """Of a time in a line: milliseconds, in OpenMetrics seconds."""


Groups = dict[tuple[str, int], dict[str, float]]
"""Values by point, of one asset at one time."""


class Prometheus:
    """Decodes exposition text. Lines of one asset and time become one span."""

    name = "prometheus-text"
    content_types = ("text/plain", "application/openmetrics-text")

    def __init__(self) -> None:
        self._series: dict[str, Series] = {}

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch. A line without a time takes the message's time, `times_ms`."""
        del about
        spans = SpansBuilder()
        rejects: list[Reject] = []
        for message, data in enumerate(batch):
            rejects += self._read(message, data, times_ms[message] if times_ms else -1, spans)
        return Decoded.of(spans, rejects)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be exposition text."""
        start = data[:4_096].lstrip()
        if start.startswith((b"# HELP ", b"# TYPE ", b"# EOF", b"# UNIT ")):
            return True
        return bool(re.match(rb"[a-zA-Z_:][a-zA-Z0-9_:]*(\{| +[-+0-9NI])", start))

    def _read(self, message: int, data: bytes, time_ms: int, spans: SpansBuilder) -> list[Reject]:
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            return [reject(message, Why.INVALID_UTF8, f"{error.reason} (byte {error.start})")]
        clock = Clock(time_ms * 10**6, 10**9 if text.rstrip().endswith("# EOF") else 10**6)
        groups: Groups = {}
        wrongs = []
        for number, line in enumerate(map(str.strip, text.split("\n")), 1):
            if line and not line.startswith("#"):
                wrong = self._line(line, groups, clock)
                wrongs += [reject(message, wrong[0], f"line {number}: {wrong[1]}")] if wrong else []
        for (asset, time_ns), values in groups.items():
            spans.add(message, asset, tuple(values), time_ns, *samples(list(values.values())))
        return wrongs if groups or wrongs else [reject(message, Why.EMPTY, "no sample line")]

    def _line(self, line: str, groups: Groups, clock: Clock) -> tuple[Why, str] | None:
        """Put one line into its group, or say what is wrong with it."""
        if len(line) > LONGEST:
            return Why.TOO_LARGE, f"longer than {LONGEST} characters"
        end = _END.search(line) or _END.search(line := _EXEMPLAR.sub("", line))
        if end is None:
            return Why.NOT_PROMETHEUS, f"no value: {quoted(line)}"
        try:
            series, value = self._meaning(line[: end.start()].rstrip()), float(end[1])
            time_ns = clock.message_ns if end[2] is None else _in_ns(end[2], clock.unit_ns)
        except ValueError:
            return Why.NOT_PROMETHEUS, quoted(line)
        if time_ns is None or not 0 <= time_ns < END_NS:
            return Why.BAD_TIME, "neither the line nor its message has a time"
        if not is_name(series.asset) or not is_name(series.point):
            return Why.BAD_NAME, quoted(series.point)
        groups.setdefault((series.asset, time_ns), {})[series.point] = value
        return None

    def _meaning(self, head: str) -> Series:
        """Return what the part of a line before its value means; ValueError: nothing."""
        series = self._series.get(head)
        if series is None:
            if len(self._series) >= REMEMBERED:
                self._series.clear()
            series = self._series[head] = _parsed(head)
        return series


def _parsed(head: str) -> Series:
    found = [
        one for family in text_string_to_metric_families(f"{head} 0") for one in family.samples
    ]
    if len(found) != 1:
        raise ValueError("not one sample")
    return meaning(found[0].name, found[0].labels)


def _in_ns(time: str, unit_ns: int) -> int | None:
    """Return a time in units as ns; fractions to the microsecond."""
    whole = (
        int(time) * unit_ns if "." not in time else round(float(time) * (unit_ns // 1000)) * 1000
    )
    return whole if 0 <= whole < END_NS else None
