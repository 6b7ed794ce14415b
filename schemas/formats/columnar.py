"""Format `native-columnar`: many times of one asset, the names once.

`{"asset": "a", "points": ["p", ...], "times": [t, ...], "values": [[v, ...], ...]}`, a row a time.
"""

from collections.abc import Sequence
from typing import Any, cast

import msgspec

from schemas.formats.base import (
    is_name,
    lacks,
    one_by_one,
    parse_json,
    quoted,
    reject,
    samples,
)
from schemas.telemetry import About, Decoded, Reject, SpansBuilder, Why
from schemas.times import to_ns

_KEYS = ("asset", "points", "times", "values")


class Columns(msgspec.Struct):
    """The message as it should be. Other keys are ignored."""

    asset: str
    points: list[str]
    times: list[int | float | str]
    values: list[list[float | None]]


_COLUMNS = msgspec.json.Decoder(Columns)


class NativeColumnar:
    """Decodes native columnar JSON."""

    name = "native-columnar"
    content_types = ("application/vnd.alltobit.columns+json",)

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch; `times_ms` is not needed. A bad row rejects that row only."""
        del times_ms, about
        return one_by_one(batch, _read)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be native columnar JSON."""
        start = data[:65_536]
        return start.lstrip()[:1] == b"{" and b'"points"' in start and b'"times"' in start


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
