"""Format `prometheus-remote-write`: the body of Prometheus' remote write, as it is posted.

A snappy block that holds a protobuf `prometheus.WriteRequest` (remote write 1.0). Labels mean an
asset and a point as in exposition text. A staleness marker is a sample that is STALE and MISSING.
Of a native histogram count and sum are read, as `NAME_count` and `NAME_sum`; its buckets, exemplars
and metadata are skipped: a request of metadata alone says nothing, and is no reject.

Remote write 2.0 (`io.prometheus.write.v2.Request`) is rejected: its labels are numbers of a table
of texts that each message has anew. A sender writes 1.0 unless it is told otherwise
(`protobuf_message: prometheus.WriteRequest`).
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from schemas.formats.base import reject
from schemas.formats.known import UNKNOWN
from schemas.formats.numbers import U
from schemas.formats.parts import Parts, spans_of
from schemas.formats.pieces import START
from schemas.formats.remote_labels import meaning_of
from schemas.formats.remote_scan import (
    BROKEN,
    NO_ROOM,
    NOTHING,
    TOO_MANY,
    VERSION_2,
    Rows,
    larger,
    name_rows,
    room,
    scan,
)
from schemas.formats.series import BAD, SeriesBook
from schemas.formats.shapes import joined
from schemas.formats.snappy import (
    MOST_TIMES,
    NotSnappyError,
    TooLargeError,
    claimed,
    first_bytes,
    uncompressed,
)
from schemas.formats.words import Bytes
from schemas.telemetry import About, Decoded, Indices, Reject, Spans, Why
from schemas.times import END_NS

MOST_SAMPLES = 1_000_000
"""Of one message; Prometheus sends 2,000."""

_MS = 10**6
_SAID = {
    BROKEN: (Why.NOT_PROTOBUF, "no WriteRequest: a field is cut off"),
    NOTHING: (Why.EMPTY, "neither time series nor metadata"),
    TOO_MANY: (Why.TOO_LARGE, f"more than {MOST_SAMPLES} samples"),
    VERSION_2: (
        Why.WRONG_TYPE,
        "remote write 2.0; let the sender use protobuf_message: prometheus.WriteRequest",
    ),
}
_SERIES, _METADATA, _LABEL = 0x0A, 0x1A, 0x0A
"""First bytes of a WriteRequest, and of a time series."""


class RemoteWrite:
    """Decodes Prometheus' remote write 1.0; remembers series."""

    name = "prometheus-remote-write"
    content_types = ("application/vnd.prometheus.remote-write",)

    def __init__(self) -> None:
        self._book: SeriesBook[str] = SeriesBook()
        self._usual = 1024

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch; `times_ms` is not needed. A bad series or time rejects itself only."""
        del times_ms, about
        self._book.begin()
        rows, rejects = room(self._usual), []
        for message, data in enumerate(batch):
            rows, wrong = self._read(message, data, rows)
            rejects += [wrong] if wrong else []
        used = int(rows.used[0])
        self._usual = max(self._usual, used)
        spans, bad = self._spans(rows, used)
        return Decoded(spans, sorted(rejects + bad, key=lambda one: one.message))

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be a snappy block that holds a WriteRequest."""
        length, begin = claimed(data)
        if length < 0 or not len(data) <= length + length // 6 + 32 <= 32 + 2 * MOST_TIMES * len(
            data
        ):
            return False
        head = first_bytes(data, begin, 8)
        if head[:1] == bytes([_METADATA]):
            return True
        return head[:1] == bytes([_SERIES]) and _LABEL in head[2:5]

    def _read(self, message: int, data: bytes, rows: Rows) -> tuple[Rows, Reject | None]:
        """Read one message into rows, which may have to grow."""
        try:
            text = uncompressed(data)
        except NotSnappyError as error:
            return rows, reject(message, Why.NOT_SNAPPY, str(error))
        except TooLargeError as error:
            return rows, reject(message, Why.TOO_LARGE, str(error))
        buffer, stop, before = joined([text]), U(START + len(text)), int(rows.used[0])
        rows.used[1] = before + MOST_SAMPLES
        state = scan(buffer, (U(START), stop), message, rows)
        while state == NO_ROOM:
            rows = larger(rows)
            state = scan(buffer, (U(START), stop), message, rows)
        name_rows(self._book.texts, buffer, rows, before)
        self._learn(buffer, rows, before)
        return rows, reject(message, *_SAID[state]) if state in _SAID else None

    def _learn(self, buffer: Bytes, rows: Rows, before: int) -> None:
        """Find out what the labels mean that are new, once for each series and kind of row."""
        numbers: dict[tuple[int, ...], int] = {}
        fresh = before + np.flatnonzero(rows.series[before : rows.used[0]] == UNKNOWN)
        for row, labels in zip(fresh, map(tuple, rows.labels[fresh].tolist()), strict=True):
            if labels not in numbers:
                begin, end, kind = labels
                text = buffer[begin:end].tobytes()
                means = partial(meaning_of, text, kind)
                numbers[labels] = self._book.number(kind, text, means)
            rows.series[row] = numbers[labels]

    def _spans(self, rows: Rows, used: int) -> tuple[Spans, list[Reject]]:
        series, time_ms, message = rows.series[:used], rows.time_ms[:used], rows.message[:used]
        asset = self._book.asset_of[series]
        is_timed = (time_ms >= 0) & (time_ms < END_NS // _MS)
        good = np.flatnonzero(is_timed & (asset != BAD))
        kind, time_ns = self._book.kind_of[series[good]], time_ms[good] * _MS
        parts = Parts(message[good], asset[good], kind, time_ns, good, rows.values, rows.quality)
        rejects = []
        for row in _firsts(message, asset == BAD):
            detail = self._book.said[series[row]] or ""
            rejects.append(reject(int(message[row]), Why.BAD_NAME, detail))
        for row in _firsts(message, ~is_timed):
            detail = f"a sample's timestamp is {time_ms[row]} ms"
            rejects.append(reject(int(message[row]), Why.BAD_TIME, detail))
        return spans_of(self._book.names, parts), rejects


def _firsts(message: Indices, bad: npt.NDArray[np.bool_]) -> list[int]:
    """Return the first bad row of each message that has one."""
    which = np.flatnonzero(bad)
    _, first = np.unique(message[which], return_index=True)
    return [int(row) for row in which[first]]
