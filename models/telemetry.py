"""What ingest decides: the quality a message alone can tell, and the block each span goes into."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from models.compiled import compiled
from models.names import Config
from schemas.readings import VERSION, Block, Meta, Tick, digest
from schemas.telemetry import Floats, Indices, Ints, Marks, Quality, Shape, Source, Spans

NOT_A_NUMBER = int(Quality.NOT_A_NUMBER)
INFINITE = int(Quality.INFINITE)
OUT_OF_RANGE = int(Quality.OUT_OF_RANGE)
FUTURE = int(Quality.FUTURE)
NO_VALUE = int(Quality.MISSING | Quality.NOT_A_NUMBER)

T = TypeVar("T", str, Shape)

_SPAN_BYTES = 48  # of a span's row in a block, without its values
_MOST_POINTS = 20_000  # of a span; a wider one is cut


@compiled
def _judge(  # noqa: PLR0913, PLR0917 - columns
    values: Floats,
    quality: Marks,
    start: Ints,
    ranges: Ints,
    low: Floats,
    high: Floats,
    ahead: npt.NDArray[np.bool_],
) -> None:
    for s in range(ranges.size):
        first, at = start[s], ranges[s]
        late = np.uint16(FUTURE) if ahead[s] else np.uint16(0)
        for i in range(first, start[s + 1]):
            value = values[i]
            mark = quality[i] | late
            if value != value:  # noqa: PLR0124 - NaN
                if not mark & NO_VALUE:
                    mark |= np.uint16(NOT_A_NUMBER)
            elif abs(value) == np.inf:
                mark |= np.uint16(INFINITE)
            elif value < low[at] or value > high[at]:
                mark |= np.uint16(OUT_OF_RANGE)
            quality[i] = mark
            at += 1


@compiled
def _take(values: Floats, quality: Marks, start: Ints, which: Ints) -> tuple[Floats, Marks, Ints]:
    """Copy the samples of the spans in `which`."""
    starts = np.zeros(which.size + 1, np.int64)
    for k in range(which.size):
        starts[k + 1] = starts[k] + start[which[k] + 1] - start[which[k]]
    out, marks = np.empty(starts[-1], np.float64), np.empty(starts[-1], np.uint16)
    for k in range(which.size):
        first, to = start[which[k]], starts[k]
        for i in range(starts[k + 1] - to):
            out[to + i], marks[to + i] = values[first + i], quality[first + i]
    return out, marks, starts


@dataclass(slots=True)
class Judge:
    """Quality of every sample, from its value and its message alone."""

    config: Config
    future_ns: int = 3_600_000_000_000
    _low: list[float] = field(default_factory=list)
    _high: list[float] = field(default_factory=list)
    _at: dict[Shape, int] = field(default_factory=dict)
    _arrays: tuple[Floats, Floats] = field(default_factory=lambda: (np.zeros(0), np.zeros(0)))

    def judge(self, spans: Spans, received_ms: Ints) -> Spans:
        """Return `spans` with their quality. `received_ms`: (messages,) Kafka timestamps or -1."""
        ranges = np.array([self._ranges(shape) for shape in spans.shapes], np.int64)[spans.shape]
        if len(self._low) != len(self._arrays[0]):
            self._arrays = np.array(self._low), np.array(self._high)
        received = received_ms[spans.message]
        ahead = (received >= 0) & (spans.time_ns > received * 1_000_000 + self.future_ns)
        quality = spans.quality.copy()
        _judge(spans.values, quality, spans.start, ranges, *self._arrays, ahead)
        return replace(spans, quality=quality)

    def _ranges(self, shape: Shape) -> int:
        found = self._at.get(shape)
        if found is None:
            if len(self._low) > 1_000_000:  # noqa: PLR2004 - bounded memory
                self._at.clear()
                self._low.clear()
                self._high.clear()
            known = [self.config.known(point) for point in shape]
            found = self._at[shape] = len(self._low)
            self._low.extend(k.low for k in known)
            self._high.extend(k.high for k in known)
        return found


@dataclass(frozen=True, slots=True)
class Piece:
    """Judged spans of one source, on their way into blocks."""

    source: Source
    offset: Ints
    """(messages,) raw offset of each message of the batch."""
    spans: Spans


@dataclass(slots=True)
class Gatherer:
    """Gathers spans into the blocks of a linger: one list a `readings` partition."""

    partition_of: Callable[[str], int]
    """From asset to partition of `readings`."""
    max_bytes: int = 900_000
    _pieces: list[Piece] = field(default_factory=list)
    _digests: dict[Shape, tuple[str, msgspec.Raw]] = field(default_factory=dict)

    def add(self, piece: Piece) -> None:
        """Take the spans of one batch of one source."""
        if len(piece.spans):
            self._pieces.append(replace(piece, spans=cut(piece.spans)))

    def flush(self) -> dict[int, list[Block]]:
        """Return what was gathered as blocks, by partition, in order; begin anew."""
        parts: dict[int, list[_Part]] = {}
        for piece in self._pieces:
            for partition, part in self._split(piece):
                parts.setdefault(partition, []).append(part)
        self._pieces.clear()
        return {
            partition: [self._block(part) for part in _sized(mine, self.max_bytes)]
            for partition, mine in parts.items()
        }

    def _split(self, piece: Piece) -> "Iterator[tuple[int, _Part]]":
        spans = piece.spans
        by_asset = np.array([self.partition_of(asset) for asset in spans.assets], np.int64)
        partition = by_asset[spans.asset]
        part = _parts(spans.message)
        for one in np.unique(partition):
            yield int(one), _Part(piece, part, np.flatnonzero(partition == one))

    def _block(self, parts: "list[_Part]") -> Block:
        sources: dict[Source, int] = {}
        assets: dict[str, int] = {}
        shapes: dict[Shape, int] = {}
        columns = [_columns(part, sources, assets, shapes) for part in parts]
        offset, number, source, asset, shape, time = (
            np.concatenate([c[i] for c in columns]) for i in range(6)
        )
        taken = [
            _take(p.piece.spans.values, p.piece.spans.quality, p.piece.spans.start, p.which)
            for p in parts
        ]
        named = [self._digest(one) for one in shapes]
        meta = Meta(
            VERSION,
            [(*one,) for one in sources],
            list(assets),
            [one[0] for one in named],
            [one[1] for one in named],
        )
        start = np.concatenate([[0], np.cumsum(np.concatenate([np.diff(t[2]) for t in taken]))])
        values, quality = (np.concatenate([t[i] for t in taken]) for i in (0, 1))
        return Block(meta, source, offset, number, asset, shape, time, start, values, quality)

    def _digest(self, shape: Shape) -> tuple[str, msgspec.Raw]:
        found = self._digests.get(shape)
        if found is None:
            if len(self._digests) > 10_000:  # noqa: PLR2004 - bounded memory
                self._digests.clear()
            found = self._digests[shape] = digest(shape), msgspec.Raw(msgspec.json.encode(shape))
        return found


@dataclass(frozen=True, slots=True)
class _Part:
    """The spans of a piece that go to one partition."""

    piece: Piece
    part: Indices
    which: npt.NDArray[np.intp]

    def sizes(self) -> Ints:
        """Return the bytes of each span in a block, about; with its names."""
        spans = self.piece.spans
        names = np.array([sum(map(len, s)) + 4 * len(s) + 32 for s in spans.shapes], np.int64)
        length = np.diff(spans.start)[self.which]
        return length * 10 + _SPAN_BYTES + _first_of(spans.shape[self.which], names) + 40


def _first_of(shape: Indices, names: Ints) -> Ints:
    """Return `names` where a shape comes for the first time, 0 elsewhere."""
    out = np.zeros(len(shape), np.int64)
    used, first = np.unique(shape, return_index=True)
    out[first] = names[used]
    return out


def _sized(parts: "list[_Part]", most: int) -> "Iterator[list[_Part]]":
    """Cut a partition's spans into lists of at most about `most` bytes."""
    now: list[_Part] = []
    size = 0
    for part in parts:
        ends = np.cumsum(part.sizes())
        at = 0
        while at < len(ends):
            done = int(ends[at - 1]) if at else 0
            upto = int(np.searchsorted(ends, done + most - size, "right"))
            if upto == at and now:
                yield now
                now, size = [], 0
                continue
            upto = max(upto, at + 1)
            now.append(replace(part, which=part.which[at:upto]))
            size += int(ends[upto - 1]) - done
            at = upto
            if at < len(ends):
                yield now
                now, size = [], 0
    if now:
        yield now


def _parts(message: Indices) -> Indices:
    """Return the number of each span in its message, from 0."""
    n = len(message)
    new = np.concatenate([[True], message[1:] != message[:-1]])
    first = np.flatnonzero(new)[np.cumsum(new) - 1]
    return np.asarray(np.arange(n) - first, np.int32)


def _columns(
    part: _Part, sources: dict[Source, int], assets: dict[str, int], shapes: dict[Shape, int]
) -> tuple[Ints, Indices, Indices, Indices, Indices, Ints]:
    piece, which = part.piece, part.which
    spans = piece.spans
    source = sources.setdefault(piece.source, len(sources))
    asset = _renumbered(spans.assets, spans.asset[which], assets)
    shape = _renumbered(spans.shapes, spans.shape[which], shapes)
    return (
        piece.offset[spans.message[which]],
        part.part[which],
        np.full(len(which), source, np.int32),
        asset,
        shape,
        spans.time_ns[which],
    )


def _renumbered(names: Sequence[T], index: Indices, known: dict[T, int]) -> Indices:
    used = np.unique(index)
    numbers = np.zeros(len(names), np.int32)
    for i in used:
        numbers[i] = known.setdefault(names[i], len(known))
    return numbers[index]


def cut(spans: Spans, most: int = _MOST_POINTS) -> Spans:
    """Cut spans of more than `most` points into several; the same spans when there are none."""
    if not len(spans) or int(np.diff(spans.start).max()) <= most:
        return spans
    shapes: list[Shape] = []
    rows: list[tuple[int, int, int, int, int]] = []
    for i in range(len(spans)):
        points = spans.shapes[spans.shape[i]]
        for at in range(0, max(len(points), 1), most):
            shapes.append(points[at : at + most])
            rows.append(
                (
                    spans.message[i],
                    spans.asset[i],
                    len(shapes) - 1,
                    spans.time_ns[i],
                    len(shapes[-1]),
                )
            )
    table = np.array(rows, np.int64)
    return replace(
        spans,
        shapes=shapes,
        message=table[:, 0].astype(np.int32),
        asset=table[:, 1].astype(np.int32),
        shape=table[:, 2].astype(np.int32),
        time_ns=table[:, 3].copy(),
        start=np.concatenate([[0], np.cumsum(table[:, 4])]),
    )


def tick_block(ticks: Sequence[tuple[Source, Tick]]) -> Block:
    """Return a block without samples that tells how far sources have come."""
    meta = Meta(
        VERSION,
        [(*source,) for source, _ in ticks],
        [],
        [],
        [],
        [msgspec.structs.replace(tick, source=i) for i, (_, tick) in enumerate(ticks)],
    )
    none, long = np.zeros(0, np.int32), np.zeros(0, np.int64)
    return Block(
        meta,
        none,
        long,
        none,
        none,
        none,
        long,
        np.zeros(1, np.int64),
        np.zeros(0),
        np.zeros(0, np.uint16),
    )
