"""Which block each span goes into: the blocks of a linger, a list a `readings` partition."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from models.compiled import compiled
from models.telemetry.cut import SAMPLE_BYTES, cut, json_bytes
from schemas.readings import VERSION, Block, Meta, Tick, digest
from schemas.telemetry import Floats, Indices, Ints, Marks, Shape, Source, Spans

T = TypeVar("T", str, Shape)

_SPAN_BYTES = 48  # of a span's row in a block, without its values
_SHAPE_BYTES = 32  # of a shape's digest
_KNOWN_BYTES = 300  # of a digest that is remembered, without the names
_MOST_KNOWN = 64_000_000  # bytes of names whose digests are remembered


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
    _known_bytes: int = 0

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
        weights = json_bytes(spans.shapes) + _SHAPE_BYTES, json_bytes(spans.assets)
        for one in np.unique(partition):
            yield int(one), _Part(piece, part, weights, np.flatnonzero(partition == one))

    def _block(self, parts: "list[_Part]") -> Block:
        sources: dict[Source, int] = {}
        assets: dict[str, int] = {}
        shapes: dict[Shape, int] = {}
        columns = [_columns(part, sources, assets, shapes) for part in parts]
        offset, number, source, asset, shape, time = (
            _joined([c[i] for c in columns]) for i in range(6)
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
        values, quality = (_joined([t[i] for t in taken]) for i in (0, 1))
        return Block(meta, source, offset, number, asset, shape, time, start, values, quality)

    def _digest(self, shape: Shape) -> tuple[str, msgspec.Raw]:
        found = self._digests.get(shape)
        if found is None:
            found = digest(shape), msgspec.Raw(msgspec.json.encode(shape))
            self._known_bytes += len(found[1]) + _KNOWN_BYTES
            if self._known_bytes > _MOST_KNOWN:
                self._digests.clear()
                self._known_bytes = len(found[1]) + _KNOWN_BYTES
            self._digests[shape] = found
        return found


@dataclass(frozen=True, slots=True)
class _Part:
    """The spans of a piece that go to one partition."""

    piece: Piece
    part: Indices
    weights: tuple[Ints, Ints]
    """Bytes of each shape's and each asset's names in a block."""
    which: npt.NDArray[np.intp]

    def sizes(self) -> Ints:
        """Return the bytes of each span in a block; names count where they come first."""
        spans, which = self.piece.spans, self.which
        shapes, assets = self.weights
        names = _first_of(spans.shape[which], shapes) + _first_of(spans.asset[which], assets)
        samples: Ints = np.diff(spans.start)[which]
        return names + _SPAN_BYTES + SAMPLE_BYTES * samples


def _first_of(index: Indices, weights: Ints) -> Ints:
    """Return `weights` where an index comes for the first time, 0 elsewhere."""
    out = np.zeros(len(index), np.int64)
    used, first = np.unique(index, return_index=True)
    out[first] = weights[used]
    return out


def _joined(arrays: "Sequence[npt.NDArray[Any]]") -> "npt.NDArray[Any]":
    """Return the arrays behind each other; one alone is not copied."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _sized(parts: "list[_Part]", most: int) -> "Iterator[list[_Part]]":
    """Cut a partition's spans into lists of at most about `most` bytes."""
    now: list[_Part] = []
    size = 0
    for part in parts:
        rest = part
        while len(rest.which):
            ends = np.cumsum(rest.sizes())
            upto = int(np.searchsorted(ends, most - size, "right"))
            if upto or not now:
                upto = max(upto, 1)
                now.append(replace(rest, which=rest.which[:upto]))
                size += int(ends[upto - 1])
                rest = replace(rest, which=rest.which[upto:])
            if len(rest.which):
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
