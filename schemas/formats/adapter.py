"""Format `prometheus-adapter-json`: what prometheus-kafka-adapter writes, a message a sample.

`{"timestamp": "2024-01-31T23:59:59Z", "value": "1.5", "name": "up", "labels": {...}}`. The adapter
cuts times to whole seconds and writes values as text (`NaN`, `+Inf` and `-Inf` too; a staleness
marker is but a `NaN`); it tells no type of the metric. All but time and value is the same for ever,
so a message is read by compiled code once its series is known.
"""

import re
from collections.abc import Sequence
from math import inf, nan
from typing import Any, NamedTuple, cast

import msgspec
import numpy as np

from schemas.formats.adapter_scan import Rows, empty, scan
from schemas.formats.base import is_name, lacks, parse_json, quoted, reject, sample
from schemas.formats.known import ROOT, UNKNOWN
from schemas.formats.parts import Parts, spans_of
from schemas.formats.pieces import START
from schemas.formats.series import BAD, Meaning, SeriesBook, labelled
from schemas.formats.shapes import joined
from schemas.telemetry import About, Decoded, Indices, Reject, Spans, Why
from schemas.times import to_ns

_KEYS = ("timestamp", "value")
_FIRST = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*"(?:labels|name|timestamp|value)"')
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WORDS = {"nan": nan, "inf": inf, "+inf": inf, "-inf": -inf}


class Sample(msgspec.Struct):
    """The message as it should be. Other keys are ignored."""

    timestamp: str
    value: str
    name: str
    labels: dict[str, str]


_SAMPLE = msgspec.json.Decoder(Sample)

Places = tuple[tuple[int, int], tuple[int, int]]
"""Where time and value begin and end in a message; 0: not found."""


class Found(NamedTuple):
    """What one message says."""

    series: Meaning
    time_ns: int
    value: float
    quality: int


class PrometheusAdapter:
    """Decodes the JSON of prometheus-kafka-adapter; remembers series."""

    name = "prometheus-adapter-json"
    content_types = ("application/vnd.prometheus-kafka-adapter+json",)
    begins = b"{"

    def __init__(self) -> None:
        self._book: SeriesBook[None] = SeriesBook()

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch; `times_ms` is not needed."""
        del times_ms, about
        self._book.begin()
        rows = empty(len(batch))
        lengths = np.fromiter(map(len, batch), np.int64, len(batch))
        scan(self._book.texts, joined(batch), lengths.cumsum() + START, rows)
        asset, kind = self._book.asset_of[rows.series], self._book.kind_of[rows.series]
        rejects = []
        for i in np.flatnonzero((rows.series == UNKNOWN) | (asset == BAD)).tolist():
            found = read(i, batch[i])
            if isinstance(found, Reject):
                rejects.append(found)
                asset[i] = BAD
            else:
                asset[i] = self._book.names.asset(found.series.asset)
                kind[i] = self._book.names.kind((found.series.point,))
                rows.time_ns[i], rows.values[i], rows.quality[i] = found[1:]
                self._learn(batch[i], _places(rows, i), found)
        return Decoded(self._spans(rows, asset, kind), rejects)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be the adapter's JSON."""
        if not _FIRST.match(data):
            return False
        return b'"timestamp"' in data and b'"labels"' in data and b'"value"' in data

    def _spans(self, rows: Rows, asset: Indices, kind: Indices) -> Spans:
        good = np.flatnonzero(asset != BAD)
        message = good.astype(np.int32)
        time_ns = rows.time_ns[good]
        parts = Parts(message, asset[good], kind[good], time_ns, good, rows.values, rows.quality)
        return spans_of(self._book.names, parts)

    def _learn(self, data: bytes, places: Places, found: Found) -> None:
        """Remember the text around time and value, if it is sure that they are what was found."""
        (a, b), (c, d) = sorted(places)
        if not a or not _is_read_there(data, places, found):
            return
        number = self._book.number(ROOT, data[:a], _nothing)
        number = self._book.number(number, data[b:c], _nothing)
        self._book.number(number, data[d:], lambda: found.series)


def _places(rows: Rows, i: int) -> Places:
    time, time_end, value, value_end = rows.places[i].tolist()
    return (time, time_end), (value, value_end)


def _nothing() -> None:
    """Say that a piece of text alone means nothing."""


def _is_read_there(data: bytes, places: Places, found: Found) -> bool:
    """Say whether the message with another time and value at these places gives just those."""
    second = 2 if found.time_ns == 10**9 else 1
    value = 4 if found.value == 3 else 3  # noqa: PLR2004 - any other one
    texts = b"1970-01-01T00:00:%02dZ" % second, b"%d" % value
    ((a, b), first), ((c, d), last) = sorted(zip(places, texts, strict=True))
    trial = b"".join((data[:a], first, data[b:c], last, data[d:]))
    return read(0, trial) == (found.series, second * 10**9, value, 0)


def read(message: int, data: bytes) -> Found | Reject:
    """Read one message, without memory."""
    try:
        said = msgspec.structs.asdict(_SAMPLE.decode(data))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        document, failed = parse_json(message, data)
        failed = failed or lacks(message, document, _KEYS)
        if failed:
            return failed
        said = cast("dict[str, Any]", document)
    time_ns = to_ns(said["timestamp"])
    if time_ns is None:
        return reject(message, Why.BAD_TIME, f"timestamp: {str(said['timestamp'])[:100]!a}")
    series = _series(said)
    if series is None:
        detail = f"name: {quoted(said.get('name'))}, or a label that is no text"
        return reject(message, Why.BAD_NAME, detail)
    return Found(series, time_ns, *_sample(said["value"]))


def _series(said: dict[str, Any]) -> Meaning | None:
    labels = said.get("labels", {})
    if not isinstance(labels, dict) or not all(isinstance(one, str) for one in labels.values()):
        return None
    name = said.get("name", labels.get("__name__"))
    if not isinstance(name, str) or not is_name(name):
        return None
    return labelled(name, labels)


def _sample(value: object) -> tuple[float, int]:
    """Return a value, text or not, and its quality."""
    if not isinstance(value, str):
        return sample(value)
    text = value.strip()
    return sample(_WORDS.get(text.lower(), float(text) if _NUMBER.fullmatch(text) else text))
