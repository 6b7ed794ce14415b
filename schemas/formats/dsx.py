"""Format `dsx-bms`: NVIDIA DSX Exchange, BMS event bus 1.0: values and metadata of points.

Source: DSX Exchange, BMS Event Bus 1.0.0 (AsyncAPI) and BMS Integration Companion Guide. The MQTT
topic is `BMS/v1/{PUB or integration}/Value|Metadata/{objectType}/{pointType}/{tagPath}`.

The asset is told from the topic alone, so that a replay gives the same bits whether or not metadata
had come: it is `tagPath` up to its last level that names the object (`cdu01` of a CDU, `rack-5` of
a Rack), else up to the last level with a digit, else but for its own last level. The point is
pointType and the levels left, `LiquidTemperature/secondaryLoop/supplyTemp`. Metadata is kept, with
asset and point: who reads it knows the object, its unit and whom it serves.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from schemas.formats.base import is_name, lacks, parse_json, quoted, reject, sample, subject_of
from schemas.telemetry import About, Decoded, Kept, Quality, Reject, Shape, Spans, Why
from schemas.times import to_ns

FORMAT = "dsx-bms"
REMEMBERED = 262_144
"""Topics whose meaning is remembered; a bounded memory that changes no result."""

_TOPIC = re.compile(r"BMS/v1/([^/]+)/(Value|Metadata)/([^/]+)/([^/]+)/(.+)", re.DOTALL)
_KEYS = ("value", "timestamp", "quality")
_DIGIT = re.compile("[0-9]")
_WORDS = re.compile("[a-z]+")
_UNCERTAIN = int(Quality.UNCERTAIN)


class Topic(NamedTuple):
    """What an MQTT topic says."""

    is_value: bool
    asset: str
    shape: Shape


class State(msgspec.Struct, frozen=True):
    """What one number of a state point means."""

    value: int
    text: str


class Metadata(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What the BMS says of a point; names as in the schema, but for `asset` and `point`."""

    object_type: str
    point_type: str
    asset: str = ""
    """As this decoder names it."""
    point: str = ""
    eng_unit: str | None = None
    """Of an analog point. Neither: the point has no unit (a power factor)."""
    state_text: list[State] | None = None
    """Of a point with states."""
    object_name: str | None = None
    object_id: str | None = None
    serves_id: list[str] = []
    """Objects or racks that this object feeds: directed edges."""
    associate_id: str | None = None
    """The object or rack that this point belongs to, where it has no object of its own."""
    process_area: list[str] = []
    rack_location_id: str | None = None
    rack_location_name: str | None = None
    is_setpoint: bool = False
    phase: str | int | None = None
    scope: str | None = None
    integration: str | None = None
    """Who publishes the point's values, where it is not the BMS."""


class _Value(msgspec.Struct):
    value: float | None
    timestamp: int
    quality: int


class Row(NamedTuple):
    """One sample on its way."""

    message: int
    topic: Topic
    time_ns: int
    value: float
    quality: int


_read_value = msgspec.json.Decoder(_Value).decode
_read_metadata = msgspec.json.Decoder(Metadata).decode


class Dsx:
    """Decodes values; has metadata kept. Remembers what topics mean."""

    name = FORMAT
    content_types = ("application/vnd.nvidia.dsx.bms+json",)

    def __init__(self) -> None:
        self._topics: dict[str, Topic | None] = {}

    def decode(
        self,
        batch: Sequence[bytes],
        times_ms: Sequence[int] | None = None,
        about: About | None = None,
    ) -> Decoded:
        """Decode a batch. `about` is needed: it has the topics; `times_ms` is not."""
        del times_ms
        rows: list[Row] = []
        rejects: list[Reject] = []
        kept: list[Kept] = []
        for message, data in enumerate(batch):
            found = self._read(message, data, subject_of(about, message))
            if isinstance(found, Row):
                rows.append(found)
            elif isinstance(found, Kept):
                kept.append(found)
            else:
                rejects.append(found)
        return Decoded(_spans(rows), rejects, kept)

    def looks_like(self, data: bytes) -> bool:
        """Say whether `data` may be a point's value or metadata."""
        start = data[:1_024]
        if start.lstrip()[:1] != b"{":
            return False
        return all(b'"%s"' % key.encode() in start for key in _KEYS) or (
            b'"objectType"' in start and b'"pointType"' in start
        )

    def _read(self, message: int, data: bytes, subject: str) -> Row | Kept | Reject:
        topic = self._topic(subject)
        if topic is None:
            detail = f"no topic of the BMS event bus: {quoted(subject)}"
            return reject(message, Why.NO_SUBJECT, detail)
        if topic.is_value:
            return _row(message, data, topic)
        return _metadata(message, data, topic, subject)

    def _topic(self, subject: str) -> Topic | None:
        if subject not in self._topics:
            if len(self._topics) >= REMEMBERED:
                self._topics.clear()
            self._topics[subject] = _parsed(subject)
        return self._topics[subject]


def describe(kept: Kept) -> Metadata | None:
    """Return the metadata that was kept of a point; None when it is of another format."""
    if not kept.key.startswith(f"{FORMAT}|"):
        return None
    try:
        return _read_metadata(kept.value)
    except msgspec.DecodeError:
        return None


def asset_of(subject: str) -> str:
    """Return the asset that an MQTT topic of the bus is about; "" if it is none of the bus."""
    topic = _parsed(subject)
    return topic.asset if topic else ""


def _parsed(subject: str) -> Topic | None:
    found = _TOPIC.fullmatch(subject)
    if found is None:
        return None
    _, kind, object_type, point_type, path = found.groups()
    levels = path.split("/")
    end = _end_of_object(levels, object_type)
    asset, point = "/".join(levels[:end]), "/".join((point_type, *levels[end:]))
    named = all(levels) and is_name(asset) and is_name(point)
    return Topic(kind == "Value", asset, (point,)) if named else None


def _end_of_object(levels: list[str], object_type: str) -> int:
    """Return how many levels of a path name the object; a path of one level is all object."""
    above = range(len(levels) - 1, 0, -1)
    kind = object_type.lower()
    of_kind = (i for i in above if kind in _WORDS.findall(levels[i - 1].lower()))
    with_digit = (i for i in above if _DIGIT.search(levels[i - 1]))
    return next(of_kind, 0) or next(with_digit, 0) or max(len(levels) - 1, 1)


def _row(message: int, data: bytes, topic: Topic) -> Row | Reject:
    """Read a value; what is not written as the schema says is read with more patience."""
    try:
        read = _read_value(data)
        value, time, quality = read.value, read.timestamp, read.quality
    except (msgspec.DecodeError, ValueError, RecursionError):
        document, failed = parse_json(message, data)
        failed = failed or lacks(message, document, _KEYS)
        if failed:
            return failed
        value, time, quality = (document[key] for key in _KEYS)  # type: ignore[index]  # checked
    time_ns = to_ns(time)
    if time_ns is None:
        return reject(message, Why.BAD_TIME, f"timestamp: {str(time)[:100]!a}")
    number, mark = sample(value)
    trusted = quality == 1 and not isinstance(quality, bool)
    return Row(message, topic, time_ns, number, mark if trusted else mark | _UNCERTAIN)


def _metadata(message: int, data: bytes, topic: Topic, subject: str) -> Kept | Reject:
    try:
        read = _read_metadata(data)
    except (msgspec.ValidationError, RecursionError) as error:
        return reject(message, Why.WRONG_TYPE, str(error))
    except (msgspec.DecodeError, ValueError) as error:
        return reject(message, Why.NOT_JSON if data.strip() else Why.EMPTY, str(error))
    if read.eng_unit and read.state_text:
        return reject(message, Why.WRONG_TYPE, "both engUnit and stateText")
    told = msgspec.structs.replace(read, asset=topic.asset, point=topic.shape[0])
    return Kept(f"{FORMAT}|{subject}", msgspec.json.encode(told), message)


def _spans(rows: list[Row]) -> Spans:
    """Put samples into columns: every span is one."""
    assets: dict[str, int] = {}
    shapes: dict[Shape, int] = {}
    asset = [assets.setdefault(row.topic.asset, len(assets)) for row in rows]
    shape = [shapes.setdefault(row.topic.shape, len(shapes)) for row in rows]
    return Spans(
        assets=list(assets),
        shapes=list(shapes),
        message=np.array([row.message for row in rows], np.int32),
        asset=np.array(asset, np.int32),
        shape=np.array(shape, np.int32),
        time_ns=np.array([row.time_ns for row in rows], np.int64),
        start=np.arange(len(rows) + 1, dtype=np.int64),
        values=np.array([row.value for row in rows], np.float64),
        quality=np.array([row.quality for row in rows], np.uint16),
    )
