"""Frames to bytes, as agents print them: native JSON or columns, exporters' texts, DSX messages."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from models.simulate.dsx import dsx
from models.simulate.exporters import dcgm_text, infiniband_text
from models.simulate.frame import Frame, Tick
from models.simulate.kinds import FACILITY

FACILITY_TOPIC, GPU_TOPIC = "telemetry.facility", "telemetry.gpu"
MILLI_NS = 1_000_000


class Wire(StrEnum):
    """How telemetry is written; what a form has no words for speaks native JSON."""

    NATIVE_JSON = "native-json"
    NATIVE_COLUMNAR = "native-columnar"
    """GPUs."""
    DCGM = "dcgm"
    """GPUs, as dcgm-exporter answers a scrape."""
    AGENTS = "agents"
    """All as real agents do: GPUs dcgm-exporter, NICs node_exporter, power and cooling DSX BMS."""


class Outgoing(NamedTuple):
    """One message for Kafka."""

    topic: str
    key: bytes
    value: bytes


def messages(tick: Tick, wire: Wire = Wire.NATIVE_JSON) -> Iterator[Outgoing]:
    """Write a whole tick: one message an asset; of exporters one a node, of DSX one a point."""
    for table in tick.tables:
        frames = Tick(tick.time_ns, (table,)).frames()
        topic = FACILITY_TOPIC if table.kind in FACILITY else GPU_TOPIC
        yield from (Outgoing(topic, *each) for each in _written(table.kind, frames, wire))


def _written(kind: str, frames: Iterator[Frame], wire: Wire) -> Iterator[tuple[bytes, bytes]]:
    """Yield key and value of the messages of one kind."""
    if wire is Wire.AGENTS and kind in FACILITY:
        for frame in frames:
            yield from dsx(kind, frame)
    elif text := _TEXTS.get((wire, kind)):
        for node, group in groupby(frames, lambda frame: frame.asset.split("/")[0]):
            yield node.encode(), text(tuple(group))
    else:
        columnar = wire is Wire.NATIVE_COLUMNAR and kind == "gpu"
        write = native_columnar if columnar else native_json
        for frame in frames:
            yield frame.asset.encode(), write(frame)


_TEXTS: dict[tuple[Wire, str], Callable[[Sequence[Frame]], bytes]] = {
    (Wire.DCGM, "gpu"): dcgm_text,
    (Wire.AGENTS, "gpu"): dcgm_text,
    (Wire.AGENTS, "ib"): infiniband_text,
}
"""What exporters print of a whole node."""


def native_json(frame: Frame) -> bytes:
    """Print `{"asset":..,"time":<seconds, to the ms>,"values":{point:value}}`; missing: null."""
    values = dict(zip(frame.points, map(_plain, frame.values), strict=True))
    return _json({"asset": frame.asset, "time": _seconds(frame.time_ns), "values": values})


def native_columnar(*frames: Frame) -> bytes:
    """Print frames of one asset, with the same points, as columns: `points`, `times`, `values`."""
    return _json(
        {
            "asset": frames[0].asset,
            "points": frames[0].points,
            "times": [_seconds(frame.time_ns) for frame in frames],
            "values": [[_plain(value) for value in frame.values] for frame in frames],
        }
    )


def _plain(value: float) -> float | int | None:
    """Print whole numbers without a fraction; what JSON cannot say is null."""
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() else value


def _seconds(time_ns: int) -> float | int:
    return _plain((time_ns // MILLI_NS) / 1000) or 0


def _json(message: dict[str, object]) -> bytes:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()
