"""Any message of our topics, for people (`lines`) and programs (`documents`).

What a message is, is told by its own bytes and headers; what nothing fits is shown as it is.
"""

import json
import math
from base64 import b64encode
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from rich.text import Text

from models import bits
from schemas import readings
from schemas.bits import MAGIC, FrameError
from schemas.events import Kind
from schemas.readings import Block, BlockError
from schemas.telemetry import Quality
from streams.cli import frames, incidents
from streams.cli.console import moment
from streams.cli.plain import plain
from streams.cli.record import Record

_FEW = 4  # points of a span that a line shows
_ARROW = b"\xff\xff\xff\xff"
_PREFIX = "io.alltobit."
_POOR = 0.5
_READER = bits.Reader()
_STYLES = {
    "alert.firing": "bold red",
    "alert.held": "yellow",
    "alert.resolved": "green",
    "anomaly.opened": "magenta",
    "anomaly.closed": "cyan",
    "incident.opened": "bold magenta",
    "incident.updated": "magenta",
    "incident.resolved": "green",
    "incident.merged": "cyan",
    "action.awaiting": "bold yellow",
    "action.requested": "bold blue",
    "action.approved": "bold blue",
    "action.ignored": "red",
    "action.failed": "bold red",
    "action.done": "green",
    "progress": "dim",
    "reject": "yellow",
    "bits": "blue",
    "reading": "",
    "tick": "dim",
    "raw": "dim",
}


class Line(NamedTuple):
    """One line for a person."""

    time: str
    kind: str
    text: str
    quality: float | None = None

    def styled(self) -> Text:
        """Return it in colours."""
        text = Text(plain(self.time).ljust(24), style="dim")
        text.append(f"  {plain(self.kind):<14}", style=_STYLES.get(self.kind, ""))
        text.append(f"  {plain(self.text)}")
        if self.quality is not None:
            style = "red" if self.quality < _POOR else "dim"
            text.append(f"  (quality {self.quality:.2f})", style=style)
        return text


def lines(record: Record, *, full: bool = False) -> Iterator[Line]:
    """Yield what `record` says, a line a thing; `full`: every point, sample and progress."""
    if "alltobit-reason" in record.headers:
        yield _reject_line(record)
        return
    read = read_value(record)
    if isinstance(read, bits.Frame):
        yield from _frame_lines(read, record, full=full)
    elif isinstance(read, Block):
        yield from (_span_line(span, full=full) for span in spans(read))
        yield from _tick_lines(read, record)
    elif isinstance(read, dict) and "specversion" in read:
        if full or read.get("type") != Kind.PROGRESS:
            yield _event_line(read)
            yield from (Line("", "", text) for text in incidents.block(read.get("data")))
    else:
        yield _raw_line(record)


def documents(record: Record, *, full: bool = False) -> Iterator[Any]:
    """Yield what `record` says as JSON values. A CloudEvent is given as it came.

    How far event time has come is told in `full` alone, once a second and partition as it is.
    """
    if "alltobit-reason" in record.headers:
        yield _reject_document(record)
        return
    read = read_value(record)
    if isinstance(read, bits.Frame):
        yield frames.document(read)
    elif isinstance(read, Block):
        yield from spans(read)
    elif full or not (isinstance(read, dict) and read.get("type") == Kind.PROGRESS):
        yield read if read is not None else _raw_document(record)


def read_value(record: Record) -> bits.Frame | Block | Any | None:  # noqa: ANN401 - any JSON
    """Read the value as what it looks like; None when it is nothing known, or broken."""
    value = record.value
    try:
        if value.startswith(MAGIC):
            return _READER.decode(value)
        if value.startswith(_ARROW):
            return _block(value)
        return json.loads(value)
    except (FrameError, BlockError, ValueError, RecursionError):
        return None


def _block(value: bytes) -> Block:
    """Read a block of which every span can be shown. Raises `BlockError` when it is none."""
    block = readings.decode(value)
    points = [len(readings.points(block.meta, i)) for i in range(len(block.meta.shapes))]
    if np.diff(block.start).tolist() != [points[i] for i in block.shape]:
        raise BlockError("a span of the readings block is not as long as its shape")
    return block


def spans(block: Block) -> Iterator[dict[str, Any]]:
    """Yield the spans of a readings block, as `read_value` gives it, as JSON values."""
    shapes = [readings.names(points) for points in block.meta.points]
    sources = block.sources()
    for i in range(len(block)):
        cut = slice(int(block.start[i]), int(block.start[i + 1]))
        names, source = shapes[block.shape[i]], sources[block.source[i]]
        values = [v if math.isfinite(v) else None for v in block.values[cut].tolist()]
        marks = block.quality[cut].tolist() if len(block.quality) else []
        yield {
            "time": moment(int(block.time_ns[i])),
            "asset": block.meta.assets[block.asset[i]],
            "source": {**source._asdict(), "offset": int(block.offset[i])},
            "values": dict(zip(names, values, strict=True)),
            "quality": {n: _marks(m) for n, m in zip(names, marks, strict=False) if m},
        }


def _marks(mark: int) -> list[str]:
    return [(one.name or str(one.value)).lower() for one in Quality(mark)]


def _event_line(event: dict[str, Any]) -> Line:
    data = event.get("data")
    data = data if isinstance(data, dict) else {}
    summary = data.get("summary") or _first_sentence(data) or event.get("subject") or ""
    quality = data.get("quality")
    kind = str(event.get("type", "")).removeprefix(_PREFIX)
    known = float(quality) if isinstance(quality, int | float) and 0 <= quality <= 1 else None
    return Line(str(event.get("time", "")), kind, str(summary), known)


def _first_sentence(data: dict[str, Any]) -> str:
    """Return what a report says first; empty where it is none."""
    try:
        return str(data["parts"][0]["sentences"][0]["text"])
    except (KeyError, IndexError, TypeError):
        return ""


def _frame_lines(frame: bits.Frame, record: Record, *, full: bool) -> Iterator[Line]:
    time = moment(int(frame.samples.times_ns.max(initial=0)))
    text = frames.summary(frame, len(record.value))
    yield Line(time, "bits", text, round(frames.quality(frame), 4))
    if full:
        for time_, p, value, status in frames.samples(frame):
            shown = _value(value, frame.names.units[p])
            said = f"{frame.names.points[p]} {shown} {' '.join(frames.names(status))}"
            yield Line(time_, "", f"{frame.names.asset} {said}")


def _value(value: float | None, unit: str = "") -> str:
    return "-" if value is None else f"{value:.6g} {unit}".strip()


def _span_line(span: dict[str, Any], *, full: bool) -> Line:
    values, bad = span["values"], span["quality"]
    shown = list(values.items())[: None if full else _FEW]
    said = (" ".join([name, _value(value), *bad.get(name, [])]) for name, value in shown)
    text = f"{span['asset']}: {', '.join(said)}"
    if len(shown) < len(values):
        text += f" and {len(values) - len(shown)} more"
    source = span["source"]
    text += f"  [{source['topic']}/{source['partition']}@{source['offset']}]"
    return Line(span["time"], "reading", text, 1 - len(bad) / max(len(values), 1))


def _tick_lines(block: Block, record: Record) -> Iterator[Line]:
    sources = block.sources()
    for tick in block.meta.ticks:
        source = sources[tick.source]
        silent = f", silent for {tick.silent_ns / 1e9:.1f} s" if tick.silent_ns else ""
        text = f"{source.topic}/{source.partition} is read up to {tick.offset}{silent}"
        time = moment(tick.time_ns or record.timestamp_ms * 1_000_000)
        yield Line(time, "tick", f"{text}  [for partition {record.partition}]")


def _reject_line(record: Record) -> Line:
    said = record.headers.get
    where = f"{said('alltobit-topic')}/{said('alltobit-partition')}@{said('alltobit-offset')}"
    text = f"{said('alltobit-reason')} from {where}: {said('alltobit-detail')}"
    return Line(moment(record.timestamp_ms * 1_000_000), "reject", text)


def _reject_document(record: Record) -> dict[str, Any]:
    ours = {k.removeprefix("alltobit-"): v for k, v in record.headers.items()}
    return {**ours, **_bytes("key", record.key or b""), **_bytes("value", record.value)}


def _raw_line(record: Record) -> Line:
    key = (record.key or b"").decode("utf-8", "backslashreplace")
    text = record.value[:200].decode("utf-8", "backslashreplace")
    if record.value.startswith(MAGIC):
        text = f"{len(record.value)} bytes: a bit frame that is broken, or whose names came before"
    return Line(moment(record.timestamp_ms * 1_000_000), "raw", f"{key} {text}".strip())


def _raw_document(record: Record) -> dict[str, Any]:
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "headers": dict(record.headers),
        **_bytes("key", record.key or b""),
        **_bytes("value", record.value),
    }


def _bytes(name: str, data: bytes) -> dict[str, str]:
    """Return bytes as text where they are text, else in base64."""
    try:
        return {name: data.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": b64encode(data).decode()}
