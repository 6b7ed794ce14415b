"""One line of exposition text, whatever it is: what the compiled scanner leaves to Python.

Grammar: Prometheus' "Exposition formats" page (text 0.0.4; with names in quotes, 1.0.0) and
OpenMetrics 1.0.
"""

import re
from collections.abc import Mapping
from math import isfinite
from typing import NamedTuple

from schemas.formats.base import quoted, sample
from schemas.formats.prometheus.body import FIRST_SENTINEL, INT64_BLANK, SENTINELS
from schemas.formats.prometheus.scan import LONGEST
from schemas.telemetry import Why
from schemas.times import END_NS, MICRO

_BLOCK = rb'\{(?:[^"}\n]|"(?:[^"\\\n]|\\[^\n])*+")*+\}'
_LINE = re.compile(
    rb"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*+)?"
    rb"(?:[ \t]*+(?P<block>" + _BLOCK + rb"))?(?P<gap>[ \t]*+)"
    rb"(?P<value>[-+.0-9a-zA-Z]++)"
    rb"(?:[ \t]++(?P<time>[-+.0-9a-zA-Z]++))?"
    rb"(?:[ \t]++\#[ \t]*+\{.*+)?[ \t\r]*+"
)
_TEXT = r'"((?:[^"\\]|\\.)*+)"'
_LABEL = re.compile(
    rf"[ \t]*+(?:([a-zA-Z_][a-zA-Z0-9_]*+)|{_TEXT})[ \t]*+(=[ \t]*+{_TEXT})?[ \t]*+"
)
_SIMPLE = re.compile(r'(?:[a-zA-Z_][a-zA-Z0-9_]*+="[^"\\]*+"(?:,(?!\Z)|\Z))*+')
_PAIR = re.compile(r'([a-zA-Z0-9_]++)="([^"]*+)"')
_ESCAPE = re.compile(r"\\([\\n\"])")
_ESCAPED = {"\\": "\\", "n": "\n", '"': '"'}
_WHOLE = re.compile(rb"-?[0-9]+")
_WHOLE_INT64 = re.compile(rb"[0-9]{19}")


class Wrong(NamedTuple):
    """Why a line cannot be read."""

    why: Why
    detail: str


class Line(NamedTuple):
    """A line's parts; `time_ns` None: it has none."""

    name: bytes
    block: bytes
    value: float
    quality: int
    time_ns: int | None


class Block(NamedTuple):
    """Labels, and the name where it stands among them, in quotes."""

    name: str
    labels: Mapping[str, str]


def parse_line(line: bytes, unit_ns: int) -> Line | Wrong:
    """Parse one line that is no comment. `unit_ns`: of a time in it."""
    if len(line) > LONGEST:
        return Wrong(Why.TOO_LARGE, f"longer than {LONGEST} bytes")
    found = _LINE.fullmatch(line)
    if found is None or not (found["name"] or found["block"]):
        return Wrong(Why.NOT_PROMETHEUS, shown(line))
    if not (found["block"] or found["gap"]):
        return Wrong(Why.NOT_PROMETHEUS, f"no value: {shown(line)}")
    value, time_ns = _value(found["value"]), _time(found["time"], unit_ns)
    if value is None:
        return Wrong(Why.NOT_PROMETHEUS, shown(line))
    if isinstance(time_ns, Wrong):
        return time_ns
    return Line(found["name"] or b"", found["block"] or b"", *value, time_ns)


def parse_block(text: bytes) -> Block | Wrong:
    """Parse what stands in braces, with them; an empty text is no labels."""
    try:
        inside = text.decode()[1:-1].rstrip(" \t")
    except UnicodeDecodeError as error:
        return Wrong(Why.INVALID_UTF8, f"{error.reason}: {shown(text)}")
    if _SIMPLE.fullmatch(inside):
        pairs = _PAIR.findall(inside)
        labels = dict(pairs)
        if len(labels) == len(pairs):
            return Block("", labels)
    return _parse_labels(inside)


def _parse_labels(inside: str) -> Block | Wrong:
    """Parse what stands between braces."""
    labels: dict[str, str] = {}
    name, at = "", 0
    while at < len(inside):
        found = _LABEL.match(inside, at)
        if found is None or (found.end() < len(inside) and inside[found.end()] != ","):
            return Wrong(Why.NOT_PROMETHEUS, f"labels: {quoted(inside[at:])}")
        label = found[1] or _plain(found[2] or "")
        if found[3] is None and found[2] and not name and not labels:
            name = label
        elif found[3] is None or label in labels:
            return Wrong(Why.NOT_PROMETHEUS, f"labels: {quoted(inside[at:])}")
        else:
            labels[label] = _plain(found[4])
        at = found.end() + 1
    return Block(name, labels)


def shown(text: bytes) -> str:
    """Return a sender's bytes, cut and made printable."""
    return quoted(text[:100].decode(errors="replace"))


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED[found[1]], text) if "\\" in text else text


def _value(text: bytes) -> tuple[float, int] | None:
    """Read a value and its quality; None: it is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    away = int(text) - int(INT64_BLANK) if _WHOLE_INT64.fullmatch(text) else -1
    if 0 <= away < SENTINELS:
        return value, (away + 1) * FIRST_SENTINEL
    return sample(value)


def _time(text: bytes | None, unit_ns: int) -> int | Wrong | None:
    """Return a time in units as ns; fractions to the microsecond."""
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        return Wrong(Why.NOT_PROMETHEUS, f"time: {shown(text)}")
    if isfinite(number) and 0 <= number * unit_ns < 2 * END_NS:
        is_whole = _WHOLE.fullmatch(text)
        ns = int(text) * unit_ns if is_whole else round(number * (unit_ns // MICRO)) * MICRO
        if ns < END_NS:
            return ns
    return Wrong(Why.BAD_TIME, f"time: {shown(text)}")
