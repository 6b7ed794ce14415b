"""Frames to bytes, as agents print them: native JSON, native columns, the text of dcgm-exporter."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from models.simulate.frame import Frame, Tick
from models.simulate.kinds import FACILITY, GPU

FACILITY_TOPIC, GPU_TOPIC = "telemetry.facility", "telemetry.gpu"
MODEL = "NVIDIA H100 80GB HBM3"
MILLI_NS = 1_000_000

_COUNTERS = frozenset(sensor.point for sensor in GPU if sensor.counter)
_RATIOS = frozenset(sensor.point for sensor in GPU if sensor.decimals > 0)


class Wire(StrEnum):
    """How GPU telemetry is written; everything else speaks native JSON."""

    NATIVE_JSON = "native-json"
    NATIVE_COLUMNAR = "native-columnar"
    DCGM = "dcgm"


class Outgoing(NamedTuple):
    """One message for Kafka."""

    topic: str
    key: bytes
    value: bytes


def messages(tick: Tick, wire: Wire = Wire.NATIVE_JSON) -> Iterator[Outgoing]:
    """Write a whole tick, one message an asset; in the form `dcgm`, one for all GPUs of a node."""
    for table in tick.tables:
        topic = FACILITY_TOPIC if table.kind in FACILITY else GPU_TOPIC
        frames = Tick(tick.time_ns, (table,)).frames()
        if table.kind == "gpu" and wire is Wire.DCGM:
            for node, group in groupby(frames, lambda frame: frame.asset.split("/")[0]):
                yield Outgoing(topic, node.encode(), dcgm_text(tuple(group)))
            continue
        write = WRITERS[wire] if table.kind == "gpu" else native_json
        for frame in frames:
            yield Outgoing(topic, frame.asset.encode(), write(frame))


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


WRITERS: dict[Wire, Callable[[Frame], bytes]] = {
    Wire.NATIVE_JSON: native_json,
    Wire.NATIVE_COLUMNAR: native_columnar,
}


def dcgm_text(gpus: Sequence[Frame]) -> bytes:
    """Print the GPUs of one node (`node/gpuN`, same points) as dcgm-exporter answers a scrape.

    A sample that is missing has no line. There is no time: dcgm-exporter prints none.
    """
    lines: list[str] = []
    labels = [_labels(frame.asset) for frame in gpus]
    for i, point in enumerate(gpus[0].points):
        kind = "counter" if point in _COUNTERS else "gauge"
        lines += (f"# HELP {point} {point}", f"# TYPE {point} {kind}")
        for label, frame in zip(labels, gpus, strict=True):
            if not math.isnan(frame.values[i]):
                lines.append(f"{point}{{{label}}} {_exported(point, frame.values[i])}")
    return ("\n".join(lines) + "\n").encode()


def _labels(asset: str) -> str:
    """Label one GPU as dcgm-exporter does, with a made-up but steady UUID."""
    host, _, gpu = asset.partition("/gpu")
    uuid = f"GPU-{int.from_bytes(asset.encode()[-12:].rjust(12, b'0'), 'big'):024x}"
    bus = f"00000000:{int(gpu) * 16 + 1:02X}:00.0"
    return (
        f'gpu="{gpu}",UUID="{uuid}",pci_bus_id="{bus}",device="nvidia{gpu}",'
        f'modelName="{MODEL}",Hostname="{host}"'
    )


def _exported(point: str, value: float) -> str:
    return f"{value:.6f}" if point in _RATIOS else f"{value:.0f}"


def _plain(value: float) -> float | int | None:
    """Print whole numbers without a fraction; what JSON cannot say is null."""
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() else value


def _seconds(time_ns: int) -> float | int:
    return _plain((time_ns // MILLI_NS) / 1000) or 0


def _json(message: dict[str, object]) -> bytes:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()
