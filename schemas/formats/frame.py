"""One native JSON message, read without memory: `{"asset": ..., "time": ..., "values": {...}}`."""

from typing import Any, cast

import msgspec

from schemas.formats.base import (
    Found,
    are_names,
    is_name,
    lacks,
    parse_json,
    quoted,
    reject,
    samples,
)
from schemas.telemetry import Reject, Why
from schemas.times import to_ns

Number = int | float | str

_KEYS = ("asset", "time", "values")


class Frame(msgspec.Struct):
    """The message as it should be. Other keys are ignored."""

    asset: str
    time: Number
    values: dict[str, float | None]


_FRAME = msgspec.json.Decoder(Frame)


def read_frame(message: int, data: bytes) -> tuple[Found | None, list[Reject]]:
    """Read one message: its span, or why there is none; both where parts of it are bad."""
    try:
        frame = _FRAME.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _read_with_care(message, data)
    return _checked(message, frame.asset, frame.time, frame.values)


def _read_with_care(message: int, data: bytes) -> tuple[Found | None, list[Reject]]:
    document, failed = parse_json(message, data)
    failed = failed or lacks(message, document, _KEYS)
    if failed:
        return None, [failed]
    frame = cast("dict[str, Any]", document)
    return _checked(message, frame["asset"], frame["time"], frame["values"])


def _checked(
    message: int, asset: object, time: object, values: object
) -> tuple[Found | None, list[Reject]]:
    if not isinstance(asset, str):
        return None, [reject(message, Why.WRONG_TYPE, f"asset: a name, not {quoted(asset)}")]
    if not is_name(asset):
        return None, [reject(message, Why.BAD_NAME, f"asset: {quoted(asset)}")]
    time_ns = to_ns(time)
    if time_ns is None:
        return None, [reject(message, Why.BAD_TIME, f"time: {str(time)[:100]!a}")]
    if not isinstance(values, dict):
        return None, [reject(message, Why.WRONG_TYPE, f"values: an object, not {quoted(values)}")]
    return _spans(message, asset, time_ns, values)


def _spans(
    message: int, asset: str, time_ns: int, values: dict[str, object]
) -> tuple[Found | None, list[Reject]]:
    rejects = []
    if not are_names(tuple(values)):
        bad = [point for point in values if not is_name(point)]
        detail = f"values: {len(bad)} bad point names, the first {quoted(bad[0])}"
        rejects = [reject(message, Why.BAD_NAME, detail)]
        values = {point: value for point, value in values.items() if is_name(point)}
    if not values:
        return None, rejects or [reject(message, Why.EMPTY, "values: no point")]
    return Found(asset, tuple(values), time_ns, *samples(list(values.values()))), rejects
