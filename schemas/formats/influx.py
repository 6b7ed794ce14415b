"""Format `influx-line`: Influx line protocol, Telegraf's default, a line a measurement.

Tags are labels, a field is a point `measurement.field`. Times are s, ms, us or ns by their size (ns
as the protocol has it); a line without one takes Kafka's. Integers (`1i`), unsigned ones (`1u`) and
booleans (1 and 0) are numbers. A text field is no sample and is passed over without a word; a
message that has nothing else is a reject, so that it is counted.
"""

import re
from collections.abc import Sequence
from functools import partial
from math import inf, nan

import numpy as np
import numpy.typing as npt

from schemas.formats.base import quoted, reject, sample
from schemas.formats.influx_scan import (
    BAD_FIELD,
    BAD_TIME,
    NO_FIELDS,
    NO_TIME,
    SLOW,
    Faults,
    Rows,
    faults,
    name_rows,
    room,
    scan,
)
from schemas.formats.known import ROOT, UNKNOWN
from schemas.formats.parts import Parts, spans_of
from schemas.formats.pieces import AFTER, START
from schemas.formats.series import BAD, Labels, Meaning, SeriesBook
from schemas.formats.telegraf_names import series_of
from schemas.formats.words import Bytes
from schemas.telemetry import About, Decoded, Indices, Ints, Reject, Spans, Why
from schemas.times import END_NS

EQUALS = ord("=")
MS = 10**6
LONGEST = 400
"""Bytes of a number that is not plain."""

_WHY = {
    NO_FIELDS: (Why.NOT_LINE_PROTOCOL, "no field"),
    BAD_FIELD: (Why.NOT_LINE_PROTOCOL, "a field is no key=value"),
    BAD_TIME: (Why.BAD_TIME, "no time between 1970 and 2200 follows the fields"),
}
_NOTHING = (Why.EMPTY, "no field that is a number or boolean")
_LINE = re.compile(
    rb"[^\x00-\x20,{}\[\]\"#][^\x00-\x20{}\"]{0,500}(?:\\ [^\x00-\x20{}\"]{0,500}){0,20}"
    rb" [^\x00-\x20={},\"]{1,500}(?:\\ [^\x00-\x20={},\"]{0,500}){0,9}=[-+.0-9tTfF\"]"
)
_COMMA, _EQUALS = re.compile(r"(?<!\\),"), re.compile(r"(?<!\\)=")
_BREAK = re.compile(r"(?<!\\)[, ]")
_ESCAPED = re.compile(r"\\([,= ])")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WHOLE = re.compile(r"[-+]?[0-9]{1,30}[iu]")
_WORDS = {
    **dict.fromkeys(("t", "T", "true", "True", "TRUE"), 1.0),
    **dict.fromkeys(("f", "F", "false", "False", "FALSE"), 0.0),
    **dict.fromkeys(("NaN", "nan"), nan),
    **dict.fromkeys(("+Inf", "Inf", "inf", "+inf"), inf),
    **dict.fromkeys(("-Inf", "-inf"), -inf),
}

Head = tuple[str, dict[str, str]]
"""Measurement and tags."""
Line = tuple[str, Labels]
"""The same, of the line that is read now."""


class InfluxLine:
    """Decodes Influx line protocol; remembers series."""

    name = "influx-line"
    content_types = ("application/vnd.influx.line-protocol",)

    def __init__(self) -> None:
        self._book: SeriesBook[Head] = SeriesBook()

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch. A line without a time takes the message's time, `times_ms`."""
        del about
        self._book.begin()
        n = len(batch)
        text = b"\n".join(batch)
        buffer = np.frombuffer(b"".join((b"\n" * START, text, b"\n" * AFTER)), np.uint8)
        ends = np.fromiter(map(len, batch), np.int64, n).cumsum() + np.arange(n) + START
        rows, wrong = room(int(np.count_nonzero(buffer == EQUALS)) + 1), faults(n)
        used = scan(buffer, ends, rows, wrong)
        name_rows(self._book.texts, buffer, rows, used)
        self._learn(buffer, rows, used)
        received = np.array(times_ms or [-1] * n, np.int64)
        bad = _values(buffer, rows, used)
        spans, unfit = self._spans(rows, used, received)
        found = [*_faults(wrong), *bad, *unfit]
        told = {*spans.message.tolist(), *(one.message for one in found)}
        found += [reject(i, *_NOTHING) for i in range(n) if i not in told]
        return Decoded(spans, sorted(found, key=lambda one: one.message))

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be line protocol."""
        return _LINE.match(data[:4096].lstrip()) is not None

    def _learn(self, buffer: Bytes, rows: Rows, used: int) -> None:
        """Find out what the names mean that are new. A line's head is read once for all fields."""
        at, head, line = -1, ROOT, None
        for row in np.flatnonzero(rows.series[:used] == UNKNOWN).tolist():
            begin, end, key_begin, key_end = rows.texts[row, :4].tolist()
            if begin != at:
                at, text = begin, buffer[begin:end].tobytes()
                head = self._book.number(ROOT, text, partial(head_of, text))
                said = self._book.said[head]
                line = (said[0], Labels(said[1])) if said else None
            key = buffer[key_begin:key_end].tobytes()
            rows.series[row] = self._book.number(head, key, partial(meaning_of, line, key))

    def _spans(self, rows: Rows, used: int, received: Ints) -> tuple[Spans, list[Reject]]:
        message, series, time_ns = rows.message[:used], rows.series[:used], rows.time_ns[:used]
        asset, ms = self._book.asset_of[series], received[message]
        time_ns = np.where(time_ns == NO_TIME, np.where(ms < END_NS // MS, ms, -1) * MS, time_ns)
        is_read, is_named = rows.quality[:used] != SLOW, asset != BAD
        good = np.flatnonzero(is_named & is_read & (time_ns >= 0))
        kind = self._book.kind_of[series[good]]
        parts = Parts(
            message[good], asset[good], kind, time_ns[good], good, rows.values, rows.quality
        )
        bad = [(i, Why.BAD_NAME, "a measurement, tag or field") for i in firsts(message, ~is_named)]
        bad += [(i, Why.BAD_TIME, "no time, nor has Kafka") for i in firsts(message, time_ns < 0)]
        return spans_of(self._book.names, parts), [reject(*one) for one in bad]


def head_of(text: bytes) -> Head | None:
    """Read measurement and tags; None: they are none."""
    try:
        first, *tags = _COMMA.split(text.decode())
    except UnicodeDecodeError:
        return None
    pairs = [_EQUALS.split(tag) for tag in tags]
    if any(len(pair) != 2 or not all(pair) for pair in pairs):  # noqa: PLR2004 - key and value
        return None
    return _bare(first), {_bare(key): _bare(value) for key, value in pairs}


def meaning_of(line: Line | None, key: bytes) -> Meaning | None:
    """Return what a field of a line means; None: nothing."""
    try:
        field = key.decode()
    except UnicodeDecodeError:
        return None
    if line is None or _BREAK.search(field):
        return None
    return series_of(line[0], _bare(field), line[1])


def _bare(text: str) -> str:
    """Take the backslashes away that escape something."""
    return _ESCAPED.sub(r"\1", text)


def _values(buffer: Bytes, rows: Rows, used: int) -> list[Reject]:
    """Read the values that compiled code left; those that are none stay SLOW."""
    bad = []
    for row in np.flatnonzero(rows.quality[:used] == SLOW).tolist():
        begin, end = rows.texts[row, 4:].tolist()
        text = buffer[begin : min(end, begin + LONGEST)].tobytes().decode("latin-1")
        found = value_of(text)
        if found is None:
            detail = f"a value is {quoted(text)}"
            bad.append(reject(int(rows.message[row]), Why.NOT_LINE_PROTOCOL, detail))
        else:
            rows.values[row], rows.quality[row] = found
    return bad


def value_of(text: str) -> tuple[float, int] | None:
    """Return the value that a text is, and its quality; None: it is none."""
    if text in _WORDS:
        return sample(_WORDS[text])
    if _WHOLE.fullmatch(text):
        return sample(int(text[:-1]))
    return sample(float(text)) if _NUMBER.fullmatch(text) else None


def _faults(wrong: Faults) -> list[Reject]:
    """Say what is wrong with lines: one reject a message."""
    found = []
    for i in np.flatnonzero(wrong.lines).tolist():
        why, detail = _WHY[int(wrong.why[i])]
        more = f" (and {wrong.lines[i] - 1} more lines)" if wrong.lines[i] > 1 else ""
        found.append(reject(i, why, f"the line at byte {wrong.place[i]}: {detail}{more}"))
    return found


def firsts(message: Indices, bad: npt.NDArray[np.bool_]) -> list[int]:
    """Return the messages that have a bad row."""
    return [int(i) for i in np.unique(message[bad])]
