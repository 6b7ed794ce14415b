"""Telemetry in columns: what a decoder returns and ingest moves.

A *span* is one asset at one time: the values of a list of points (its *shape*). Whatever the wire
format, a decoder turns a batch of messages into `Spans`: one row a span, all values in one flat
array. Spans of one message are consecutive, in the message's own order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntFlag, StrEnum
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.uint16]

Shape = tuple[str, ...]
"""The points of a span, in order."""


class Quality(IntFlag):
    """What is wrong with a sample, or was mended in it; 0 is good. uint16 on the wire.

    Several can hold at once, but of the sentinels, which are numbers in the top three bits, one.
    """

    GOOD = 0
    MISSING = 1
    """The sender said there is no value (JSON null, an empty field)."""
    NOT_A_NUMBER = 2
    """NaN, or a value of a type that is no number."""
    INFINITE = 4
    OUT_OF_RANGE = 8
    """Outside the range that is declared possible for the point."""
    FUTURE = 16
    """Event time ahead of the message's Kafka timestamp by more than the allowed skew."""
    LATE = 32
    """Older than the signal's last sample, or than the source's watermark."""
    DUPLICATE = 64
    """Same event time as the signal's last sample."""
    STUCK = 128
    """Repeats one value for far longer than this signal ever did."""
    STALE = 256
    """The sender said that it lost the signal: a death certificate, a staleness marker."""
    UNCERTAIN = 512
    """The sender said that the value is not to be trusted (OPC quality, DSX `quality` not 1)."""
    CONVERTED = 1024
    """Mended: into the point's unit, by a declared factor or one that physics decided."""
    RATE = 2048
    """Mended: a counter, told as its change a second."""
    RESET = 4096
    """Mended: the counter began again, or wrapped, since the sample before."""
    BLANK = 1 << 13
    """The sender printed a sentinel for `no value`: DCGM's BLANK."""
    NOT_FOUND = 2 << 13
    """As BLANK: DCGM's NOT_FOUND."""
    NOT_SUPPORTED = 3 << 13
    """As BLANK: DCGM's NOT_SUPPORTED."""
    NOT_PERMISSIONED = 4 << 13
    """As BLANK: DCGM's NOT_PERMISSIONED."""


SENTINEL = 7 << 13
"""The bits of `Quality` that hold a sentinel's number; 0: none was printed."""
MENDED = Quality.CONVERTED | Quality.RATE | Quality.RESET
"""Bits that say what was mended; a sample with no other is good."""


class Why(StrEnum):
    """Why bytes could not be read. Also the `reason` label of the metric."""

    UNKNOWN_FORMAT = "unknown_format"
    INVALID_UTF8 = "invalid_utf8"
    NOT_JSON = "not_json"
    NOT_ARROW = "not_arrow"
    NOT_PROMETHEUS = "not_prometheus"
    NOT_PROTOBUF = "not_protobuf"
    NOT_SNAPPY = "not_snappy"
    NOT_LINE_PROTOCOL = "not_line_protocol"
    NOT_CSV = "not_csv"
    NO_BIRTH = "no_birth"
    """A metric is named by an alias whose birth was never seen."""
    NO_SUBJECT = "no_subject"
    """The format needs the topic it was published to (MQTT), and neither header nor key has it."""
    WRONG_TYPE = "wrong_type"
    MISSING_FIELD = "missing_field"
    WRONG_LENGTH = "wrong_length"
    BAD_TIME = "bad_time"
    BAD_NAME = "bad_name"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_SIGNALS = "too_many_signals"


class Reject(NamedTuple):
    """One message (or a part of it) that could not be read."""

    message: int
    """Index of the message in its batch."""
    why: Why
    detail: str
    """One line for a person: what, where in the message. At most 200 characters."""


class Source(NamedTuple):
    """Where a message came from: one partition of one life of a raw topic."""

    topic: str
    partition: int
    epoch: str
    """Kafka's topic id: a topic deleted and made anew has another one."""


@dataclass(frozen=True, slots=True)
class Spans:
    """A batch of decoded messages, in columns. n spans, m samples.

    `message`, `asset`, `shape`: (n,) int32; `time_ns`: (n,) int64 since 1970 UTC; `start`: (n + 1,)
    int64 into `values` and `quality`: (m,). The length of a span is the length of its shape.
    """

    assets: Sequence[str]
    shapes: Sequence[Shape]
    message: Indices
    asset: Indices
    shape: Indices
    time_ns: Ints
    start: Ints
    values: Floats
    quality: Marks

    def __len__(self) -> int:
        return len(self.message)


@dataclass(slots=True)
class SpansBuilder:
    """Collects spans one by one; for decoders that read a message at a time."""

    _assets: dict[str, int] = field(default_factory=dict)
    _shapes: dict[Shape, int] = field(default_factory=dict)
    _rows: list[tuple[int, int, int, int]] = field(default_factory=list)
    _lengths: list[int] = field(default_factory=lambda: [0])
    _values: list[float] = field(default_factory=list)
    _quality: list[int] = field(default_factory=list)

    def add(  # noqa: PLR0913, PLR0917 - the columns of one span
        self,
        message: int,
        asset: str,
        points: Shape,
        time_ns: int,
        values: Sequence[float],
        quality: Sequence[int] | None = None,
    ) -> None:
        """Append one span. `values`, `quality` are as long as `points`; absent quality: good."""
        asset_id = self._assets.setdefault(asset, len(self._assets))
        shape_id = self._shapes.setdefault(points, len(self._shapes))
        self._rows.append((message, asset_id, shape_id, time_ns))
        self._lengths.append(len(points))
        self._values.extend(values)
        self._quality.extend(quality if quality is not None else [0] * len(points))

    def build(self) -> Spans:
        """Return what was collected, in columns."""
        rows = np.array(self._rows, dtype=np.int64).reshape(-1, 4)
        return Spans(
            assets=list(self._assets),
            shapes=list(self._shapes),
            message=rows[:, 0].astype(np.int32),
            asset=rows[:, 1].astype(np.int32),
            shape=rows[:, 2].astype(np.int32),
            time_ns=rows[:, 3].copy(),
            start=np.cumsum(self._lengths, dtype=np.int64),
            values=np.array(self._values, dtype=np.float64),
            quality=np.array(self._quality, dtype=np.uint16),
        )


class About(NamedTuple):
    """What Kafka knows of the messages of a batch, each as long as the batch."""

    source: Source
    offsets: Sequence[int]
    subjects: Sequence[str]
    """The MQTT topic a message was published to, by header or key of the bridge; empty: none.

    No subjects at all where the format needs none.
    """


class Kept(NamedTuple):
    """What a decoder must remember for later messages, beyond the life of a process.

    Kept in a compacted topic; given back to the decoder when a process begins.
    """

    key: str
    """The last one of a key holds. Of the format, so that others keep theirs apart."""
    value: bytes
    message: int = -1
    """Index of the message in its batch; -1: it was given back."""


class Health(NamedTuple):
    """A health event: the sender's own, or told by its labels (a GPU was replaced). No samples."""

    message: int
    asset: str
    check: str
    """What was looked at: the sender's name of it."""
    time_ns: int
    healthy: bool
    fatal: bool
    text: str
    action: str
    """What the sender recommends."""
    codes: tuple[str, ...]
    entities: tuple[str, ...]
    """Parts it is about, `TYPE:value`."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a decoder made of a batch. A message can give both spans and a reject (a bad part)."""

    spans: Spans
    rejects: Sequence[Reject] = ()
    kept: Sequence[Kept] = ()
    health: Sequence[Health] = ()

    def of_use(self) -> set[int]:
        """Return the messages that gave anything at all but rejects."""
        found = set(self.spans.message.tolist())
        return found.union((k.message for k in self.kept), (h.message for h in self.health))

    @classmethod
    def of(cls, builder: SpansBuilder, rejects: Sequence[Reject]) -> Self:
        """Close `builder`."""
        return cls(builder.build(), rejects)


def one_a_reason(rejects: Sequence[Reject]) -> list[Reject]:
    """Keep the first reject of each message and reason: each one publishes the whole message."""
    found: dict[tuple[int, Why], list[Reject]] = {}
    for one in rejects:
        found.setdefault((one.message, one.why), []).append(one)
    return [
        first if not more else first._replace(detail=f"{first.detail[:160]} (and {len(more)} more)")
        for first, *more in found.values()
    ]
