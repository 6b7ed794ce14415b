"""Format `native-columnar`: many times of one asset, the names once.

`{"asset": "a", "points": ["p", ...], "times": [t, ...], "values": [[v, ...], ...]}`, a row a time.
What stands before the times is remembered; with it, numbers are read by compiled code. Any other
order of the keys, and times as text, is read by the general parser; the answer is the same.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import msgspec
import numpy as np

from schemas.formats.base import (
    is_name,
    lacks,
    parse_json,
    quoted,
    reject,
    samples,
)
from schemas.formats.columns_scan import read_rows, read_times
from schemas.formats.merge import merged
from schemas.formats.numbers import U
from schemas.formats.pieces import START
from schemas.formats.shapes import joined
from schemas.telemetry import (
    About,
    Decoded,
    Floats,
    Ints,
    Marks,
    Reject,
    Shape,
    Spans,
    SpansBuilder,
    Why,
)
from schemas.times import to_ns

_KEYS = ("asset", "points", "times", "values")


_TIMES = b'"times":'
_OPEN = re.compile(rb"[ \t\r\n]*\[[ \t\r\n]*")
_VALUES = re.compile(rb',[ \t\r\n]*"values":[ \t\r\n]*\[[ \t\r\n]*')
_END = re.compile(rb"\}[ \t\r\n]*")
_TRIAL = b'"times":[1],"values":[[]]}'
_UNSEEN = object()

SMALLEST = 2
"""Bytes of a value, at least."""
MEMORY_BYTES = 64 * 2**20
PER_HEAD = 4
"""Bytes of memory for a byte of text, about."""


class Columns(msgspec.Struct):
    """The message as it should be. Other keys are ignored."""

    asset: str
    points: list[str]
    times: list[int | float | str]
    values: list[list[float | None]]


_COLUMNS = msgspec.json.Decoder(Columns)


class Head(NamedTuple):
    """What stands before the times."""

    asset: str
    points: Shape


class Block(NamedTuple):
    """One message, read by compiled code: n times of p points."""

    message: int
    head: Head
    times_ns: Ints
    values: Floats
    """(n, p)"""
    quality: Marks


class NativeColumnar:
    """Decodes native columnar JSON; remembers names."""

    name = "native-columnar"
    content_types = ("application/vnd.alltobit.columns+json",)
    begins = b"{"

    def __init__(self) -> None:
        self._heads: dict[bytes, Head | None] = {}
        self._memory_bytes = 0

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch; `times_ms` is not needed. A bad row rejects that row only."""
        del times_ms, about
        slow, rejects, blocks = SpansBuilder(), [], []
        for message, data in enumerate(batch):
            block = self._block(message, data)
            if block:
                blocks.append(block)
            else:
                rejects += _read(message, data, slow)
        return Decoded(merged(_spans(blocks), slow.build()) if blocks else slow.build(), rejects)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be native columnar JSON."""
        return data.lstrip()[:1] == b"{" and b'"points"' in data and b'"times"' in data

    def _block(self, message: int, data: bytes) -> Block | None:
        """Read a usual message by compiled code; None: it is another one."""
        at = data.find(_TIMES)
        begin = _OPEN.match(data, at + len(_TIMES)) if at > 0 else None
        head = self._head(data[:at]) if begin else None
        if begin is None or head is None:
            return None
        times_ns = np.empty(
            data.count(b",", begin.end(), data.find(b"]", begin.end())) + 1, np.int64
        )
        buffer, stop = joined([data]), U(START + len(data))
        after = int(read_times(buffer, U(START + begin.end()), stop, times_ns)) - START
        values_at = _VALUES.match(data, after) if after > 0 else None
        size = len(times_ns) * len(head.points)
        if values_at is None or SMALLEST * size > len(data):
            return None
        values = np.empty((len(times_ns), len(head.points)))
        quality = np.empty(values.shape, np.uint16)
        end = int(read_rows(buffer, U(START + values_at.end()), stop, values, quality)) - START
        is_read = end > 0 and _END.fullmatch(data, end)
        return Block(message, head, times_ns, values, quality) if is_read else None

    def _head(self, text: bytes) -> Head | None:
        """Return what the text before the times says; None: not all that is needed."""
        head = self._heads.get(text, _UNSEEN)
        if head is _UNSEEN:
            if self._memory_bytes > MEMORY_BYTES:
                self._heads.clear()
                self._memory_bytes = 0
            self._memory_bytes += PER_HEAD * len(text)
            head = self._heads[text] = _head_of(text)
        return cast("Head | None", head)


def _head_of(text: bytes) -> Head | None:
    document, failed = parse_json(0, text + _TRIAL)
    if failed or lacks(0, document, _KEYS):
        return None
    columns = cast("dict[str, Any]", document)
    is_last = columns["times"] == [1] and columns["values"] == [[]]
    if not is_last or _wrong(0, columns):
        return None
    return Head(columns["asset"], tuple(columns["points"]))


def _spans(blocks: Sequence[Block]) -> Spans:
    """Return the spans of messages that compiled code read."""
    assets: dict[str, int] = {}
    shapes: dict[Shape, int] = {}
    for one in blocks:
        assets.setdefault(one.head.asset, len(assets))
        shapes.setdefault(one.head.points, len(shapes))
    rows = [len(one.times_ns) for one in blocks]
    columns = [(one.message, assets[one.head.asset], shapes[one.head.points]) for one in blocks]
    message, asset, shape = np.repeat(np.array(columns, np.int32), rows, axis=0).T
    lengths = np.repeat([one.values.shape[1] for one in blocks], rows)
    return Spans(
        [*assets],
        [*shapes],
        message.copy(),
        asset.copy(),
        shape.copy(),
        np.concatenate([one.times_ns for one in blocks]),
        np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        np.concatenate([one.values.ravel() for one in blocks]),
        np.concatenate([one.quality.ravel() for one in blocks]),
    )


def _read(message: int, data: bytes, spans: SpansBuilder) -> list[Reject]:
    try:
        columns = msgspec.structs.asdict(_COLUMNS.decode(data))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        document, failed = parse_json(message, data)
        failed = failed or lacks(message, document, _KEYS)
        if failed:
            return [failed]
        columns = cast("dict[str, Any]", document)
    wrong = _wrong(message, columns)
    return [wrong] if wrong else _rows(message, columns, spans)


def _wrong(message: int, columns: dict[str, Any]) -> Reject | None:
    """Reject what cannot be read at all."""
    asset, points, times, values = (columns[key] for key in _KEYS)
    if not all(isinstance(column, list) for column in (points, times, values)):
        return reject(message, Why.WRONG_TYPE, "points, times and values are arrays")
    if not is_name(asset):
        why = Why.BAD_NAME if isinstance(asset, str) else Why.WRONG_TYPE
        return reject(message, why, f"asset: {quoted(asset)}")
    if not points or not times:
        return reject(message, Why.EMPTY, "no point" if not points else "no time")
    if not all(map(is_name, points)) or len(set(points)) != len(points):
        bad = next((point for point in points if not is_name(point)), "a name stands twice")
        return reject(message, Why.BAD_NAME, f"points: {quoted(bad)}")
    if len(times) != len(values):
        return reject(
            message, Why.WRONG_LENGTH, f"{len(times)} times, {len(values)} rows of values"
        )
    return None


def _rows(message: int, columns: dict[str, Any], spans: SpansBuilder) -> list[Reject]:
    points, rejects = tuple(columns["points"]), []
    for i, (time, row) in enumerate(zip(columns["times"], columns["values"], strict=True)):
        time_ns = to_ns(time)
        if time_ns is None:
            rejects.append(reject(message, Why.BAD_TIME, f"times[{i}]: {str(time)[:100]!a}"))
        elif not isinstance(row, list) or len(row) != len(points):
            detail = f"values[{i}]: {len(points)} values were expected"
            rejects.append(reject(message, Why.WRONG_LENGTH, detail))
        else:
            spans.add(message, columns["asset"], points, time_ns, *samples(row))
    return rejects
