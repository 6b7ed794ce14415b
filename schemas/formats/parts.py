"""From what a message says piece by piece to spans: one asset at one time, its points together."""

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np

from schemas.formats.merge import named
from schemas.formats.pieces import Table
from schemas.formats.store import STRING_BYTES, grown
from schemas.telemetry import Floats, Indices, Ints, Marks, Shape, Spans

MOST_BYTES = 128 * 2**20
"""Of names, about; when there are more, all are forgotten before the next batch."""


class Parts(NamedTuple):
    """Pieces of messages, in the order of the messages. n parts.

    A part is some points of one asset at one time; its samples begin at `first` in `values`.
    """

    message: Indices
    asset: Indices
    kind: Indices
    time_ns: Ints
    first: Ints
    values: Floats
    quality: Marks


class Joined(NamedTuple):
    """Parts in a row that became one span."""

    shape: int
    kept: tuple[int, ...] | None
    """Which samples of the row are kept, where a point stands twice: the last; None: all."""


class Names:
    """Assets and shapes of one decoder, and kinds of parts; all numbered."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.assets: list[str] = []
        self.shapes: list[Shape] = []
        self.memory_bytes = 0
        self._asset_ids: dict[str, int] = {}
        self._shape_ids: dict[Shape, int] = {}
        self._kinds: list[tuple[Shape, Shape]] = []
        self._kind_ids: dict[tuple[Shape, Shape], int] = {}
        self._rows = np.zeros((64, 2), np.int64)
        self._joined: dict[bytes, Joined] = {}

    @property
    def is_full(self) -> bool:
        """Whether it is time to forget."""
        return self.memory_bytes >= MOST_BYTES

    @property
    def rows(self) -> Table:
        """Return shape and number of points of each kind; longer than the table of kinds."""
        return self._rows

    def asset(self, asset: str) -> int:
        """Return the number of an asset."""
        number = self._asset_ids.setdefault(asset, len(self.assets))
        if number == len(self.assets):
            self.assets.append(asset)
            self.memory_bytes += 2 * STRING_BYTES + len(asset)
        return number

    def shape(self, points: Shape) -> int:
        """Return the number of a shape."""
        number = self._shape_ids.setdefault(points, len(self.shapes))
        if number == len(self.shapes):
            self.shapes.append(points)
            self.memory_bytes += STRING_BYTES + sum(STRING_BYTES + len(one) for one in points)
        return number

    def kind(self, points: Shape, whole: Shape | None = None) -> int:
        """Return the number of a kind of parts: its points, and what each is called in full.

        A point takes its full name where one that has another full name has come before.
        """
        both = points, whole or points
        number = self._kind_ids.setdefault(both, len(self._kinds))
        if number == len(self._kinds):
            self._kinds.append(both)
            self._rows = grown(self._rows, number, 1)
            self._rows[number] = self.shape(points), len(points)
            self.memory_bytes += 3 * STRING_BYTES + sum(map(len, both[1]))
        return number

    def joined(self, row: bytes) -> Joined:
        """Return what parts in a row make together. `row`: their kinds, as int32."""
        found = self._joined.get(row)
        if found is None:
            found = self._joined[row] = self._join(np.frombuffer(row, np.int32).tolist())
            self.memory_bytes += 2 * STRING_BYTES + len(row)
        return found

    def _join(self, kinds: Sequence[int]) -> Joined:
        points = tuple(chain.from_iterable(self._kinds[kind][0] for kind in kinds))
        if len(set(points)) == len(points):
            return Joined(self.shape(points), None)
        first: dict[str, str] = {}
        last: dict[str, int] = {}
        named = (both for kind in kinds for both in zip(*self._kinds[kind], strict=True))
        for i, (point, whole) in enumerate(named):
            last[point if first.setdefault(point, whole) == whole else whole] = i
        return Joined(self.shape(tuple(last)), tuple(last.values()))


def spans_of(names: Names, parts: Parts) -> Spans:
    """Put parts of one message, asset and time together, in the order of their first part.

    Where two series have one point, the second takes its full name; of a point that then stands
    twice the last value counts.
    """
    if not len(parts.message):
        return _empty()
    order, edges = _grouped(parts)
    kind = parts.kind[order]
    lengths = names.rows[kind, 1]
    index = _samples(parts.first[order], lengths)
    head = order[edges[:-1]]
    if len(head) == len(order):
        shape = names.rows[kind, 0].astype(np.int32)
    else:
        shape, index = _joined(names, kind, edges, index)
    assets, asset = named(names.assets, parts.asset[head])
    shapes, shape = named(names.shapes, shape)
    ends = np.cumsum(np.array([len(one) for one in shapes], np.int64)[shape])
    same = len(index) == ends[-1] and index[0] == 0 and bool((np.diff(index) == 1).all())
    return Spans(
        assets=assets,
        shapes=shapes,
        message=parts.message[head],
        asset=asset,
        shape=shape,
        time_ns=parts.time_ns[head],
        start=np.concatenate(([0], ends)),
        values=parts.values[: ends[-1]] if same else parts.values[index],
        quality=parts.quality[: ends[-1]] if same else parts.quality[index],
    )


def _empty() -> Spans:
    none, long = np.zeros(0, np.int32), np.zeros(0, np.int64)
    start = np.zeros(1, np.int64)
    return Spans([], [], none, none, none, long, start, np.zeros(0), np.zeros(0, np.uint16))


def _grouped(parts: Parts) -> tuple[Ints, Ints]:
    """Return the parts in the order of the spans, and where each span begins in it."""
    columns = parts.message, parts.asset, parts.time_ns
    new = np.concatenate(([True], np.any([one[1:] != one[:-1] for one in columns], axis=0)))
    runs = np.flatnonzero(new)
    message, asset, time_ns = (one[runs] for one in columns)
    sort = np.lexsort((time_ns, asset, message))
    sorted_ = message[sort], asset[sort], time_ns[sort]
    fresh = np.concatenate(([True], np.any([one[1:] != one[:-1] for one in sorted_], axis=0)))
    if fresh.all():
        return np.arange(len(parts.message)), np.append(runs, len(parts.message))
    first = np.minimum.reduceat(sort, np.flatnonzero(fresh))
    group = np.empty(len(runs), np.int64)
    group[sort] = first[np.cumsum(fresh) - 1]
    of_part = group[np.cumsum(new) - 1]
    order = np.argsort(of_part, kind="stable")
    cuts = np.flatnonzero(np.diff(of_part[order])) + 1
    return order, np.concatenate(([0], cuts, [len(order)]))


def _samples(first: Ints, lengths: Ints) -> Ints:
    """Return where each sample of the parts is, part by part."""
    ends = np.cumsum(lengths)
    return np.repeat(first - (ends - lengths), lengths) + np.arange(ends[-1])


def _joined(names: Names, kind: Indices, edges: Ints, index: Ints) -> tuple[Indices, Ints]:
    """Return the shape of each span, and the samples that are kept."""
    row, shape = kind.tobytes(), names.rows[:, 0]
    joined = [
        names.joined(row[4 * a : 4 * b]) if b - a > 1 else Joined(int(shape[kind[a]]), None)
        for a, b in pairwise(edges.tolist())
    ]
    numbers = np.array([one.shape for one in joined], np.int32)
    if all(one.kept is None for one in joined):
        return numbers, index
    ends = np.concatenate(([0], np.cumsum(names.rows[kind, 1])))[edges].tolist()
    cut = (index[a:b] for a, b in pairwise(ends))
    kept = [i if one.kept is None else i[[*one.kept]] for one, i in zip(joined, cut, strict=True)]
    return numbers, np.concatenate(kept)
