"""Everything one `readings` partition remembers, and what a block does to it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from models import signals, trigger
from models.frames import BitFrame, Columns, close
from models.names import Config, Names, cells
from models.signals import NEVER, Table
from schemas.readings import Block, Tick, names
from schemas.telemetry import Indices, Ints, Source

_MOST_MAPPED = 4_000_000  # rows in the map of shapes
_EVENTS = 4096
_NO_QUALITY = np.zeros(0, np.uint16)


class Overflow(NamedTuple):
    """A span with signals beyond `max_signals`."""

    source: Source
    offset: int
    asset: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What a block did."""

    frames: list[BitFrame]
    happened: Table
    """`models.signals.Happened`, in the order in which they happened."""
    overflow: list[Overflow]
    samples: int
    skipped: int
    """Spans that had been applied before."""


class Store:
    """Columns of structured rows that grow by doubling."""

    def __init__(self, dtype: Any, size: int = 0) -> None:  # noqa: ANN401 - any dtype
        self.all = np.zeros(max(size, 16), dtype)
        self.size = size

    @property
    def rows(self) -> npt.NDArray[Any]:
        """The rows in use."""
        return self.all[: self.size]

    def reserve(self, more: int) -> None:
        """Make room for `more` rows behind those in use."""
        need = self.size + more
        if need > len(self.all):
            grown = np.zeros(max(need, 2 * len(self.all)), self.all.dtype)
            grown[: self.size] = self.rows
            self.all = grown

    def add(self, **fields: Any) -> int:  # noqa: ANN401 - a row's fields
        """Append a row; return its index."""
        self.reserve(1)
        row = self.all[self.size]
        for name, value in fields.items():
            row[name] = value
        self.size += 1
        return self.size - 1


class State:
    """The memory of one partition. `apply` is the only thing that changes it."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.names = Names()
        self.sources: list[Source] = []
        self.limits = trigger.limits(config.rules)
        self.signals = Store(signals.SIGNAL)
        self.lanes = Store(signals.LANE)
        self.marks = Store(signals.MARK)
        self.bindings = Store(trigger.BINDING)
        self.held = Store(signals.HELD)
        self.held_rows = Store(np.int32)
        self.held_values = Store(np.float64)
        self.held_status = Store(np.uint8)
        self.lane_ids: dict[tuple[int, int], int] = {}
        self.columns_known: dict[bytes, Columns] = {}
        self._cell_of = cells(config.cells)
        self._source_ids: dict[Source, int] = {}
        self._map = Store(np.int32)
        self._mapped: dict[tuple[int, str], int] = {}
        self._room = 1 + 2 * len(config.rules)
        self._columns = np.zeros(0, np.int32)
        self._full: set[tuple[int, str]] = set()

    def apply(self, block: Block) -> Applied:
        """Apply the spans of `block` that are new, in order, then its ticks."""
        spans = self._spans(block)
        quality = block.quality if block.quality.size else _NO_QUALITY
        for store in (self.held_rows, self.held_values, self.held_status):
            store.reserve(block.values.size)
        self.held.reserve(len(spans))
        counts = np.array([self.held.size, self.held_rows.size, 0, 0], np.int64)
        happened = list(self._judge(block, spans, quality, counts))
        samples = int(counts[1]) - self.held_rows.size
        self.held.size = int(counts[0])
        for store in (self.held_rows, self.held_values, self.held_status):
            store.size = int(counts[1])
        overflow = self._overflow(block, spans)
        for tick in block.meta.ticks:
            self._tick(self.source(Source(*block.meta.sources[tick.source])), tick)
        happened.append(self._waited())
        frames = close(self)
        return Applied(frames, np.concatenate(happened), overflow, samples, int(counts[3]))

    def source(self, source: Source) -> int:
        """Return the id of a source; a new life of a topic closes the frames of the old one."""
        found = self._source_ids.get(source)
        if found is None:
            old = [i for i, s in enumerate(self.sources) if s[:2] == source[:2]]
            self._close_lanes(np.isin(self.lanes.rows["source"], old))
            found = self._source_ids[source] = len(self.sources)
            self.sources.append(source)
            self.marks.add(offset=-1, latest_ns=NEVER, part=-1)
        return found

    def asset(self, name: str) -> int:
        """Return the id of an asset."""
        return self.names.asset(name, self._cell_of)

    def lane(self, asset: int, source: int) -> int:
        """Return the id of the lane of an asset and a source."""
        found = self.lane_ids.get((asset, source))
        if found is None:
            found = self.lanes.add(
                latest_ns=NEVER, watermark_ns=NEVER, window=NEVER, asset=asset, source=source
            )
            self.lane_ids[asset, source] = found
        return found

    def add_signal(self, asset: int, point: str) -> int:
        """Give a new signal its row and its rules."""
        known = self.config.known(point)
        row = self.names.add(asset, point)
        self.signals.add(binding=-1)
        signal = self.signals.all[row]
        signal["quality"]["time_ns"] = NEVER
        signal["quality"]["good"] = 1.0
        if known.low == known.low:
            signal["robust"]["floor"] = (known.high - known.low) / 512.0
        for rule in self.config.rules_of(self.names.assets[asset], point):
            self.bind(row, rule)
        return row

    def bind(self, row: int, rule: int) -> int:
        """Put a rule on a signal."""
        signal = self.signals.all[row]
        index = self.bindings.add(rule=rule, row=row, next=signal["binding"], good=1.0)
        signal["binding"] = index
        return index

    def columns(self) -> Indices:
        """Return a scratch with -1 for every signal; whoever writes to it restores it."""
        if len(self._columns) < len(self.signals.all):
            self._columns = np.full(len(self.signals.all), -1, np.int32)
        return self._columns

    def _spans(self, block: Block) -> Table:
        spans = np.zeros(len(block), signals.SPAN)
        if not len(block):
            return spans
        sources = np.array([self.source(s) for s in block.sources()], np.int32)
        assets = np.array([self.asset(a) for a in block.meta.assets], np.int32)
        spans["offset"], spans["part"] = block.offset, block.part
        spans["time_ns"] = block.time_ns
        spans["first"] = block.start[:-1]
        spans["count"] = np.diff(block.start)
        spans["source"] = sources[block.source]
        asset = assets[block.asset]
        spans["lane"] = _each_pair(asset, spans["source"], self.lane)
        if self._map.size > _MOST_MAPPED:
            self._map.size = 0
            self._mapped.clear()
        spans["rows"] = _each_pair(asset, block.shape, lambda a, s: self._mapping(block, a, s))
        spans["room"] = spans["count"] * self._room
        return spans

    def _mapping(self, block: Block, asset: int, shape: int) -> int:
        """Return where the rows of this asset's shape stand in the map."""
        key = (asset, block.meta.shapes[shape])
        found = self._mapped.get(key)
        if found is None:
            rows = [self._row(asset, point) for point in names(block.meta.points[shape])]
            if -1 in rows:
                self._full.add(key)
            self._map.reserve(len(rows))
            found = self._mapped[key] = self._map.size
            self._map.all[found : found + len(rows)] = rows
            self._map.size += len(rows)
        return found

    def _row(self, asset: int, point: str) -> int:
        row = self.names.row(asset, point)
        if row is None:
            full = self.signals.size >= self.config.max_signals
            row = -1 if full else self.add_signal(asset, point)
        return row

    def _judge(
        self, block: Block, spans: Table, quality: npt.NDArray[np.uint16], counts: Ints
    ) -> Iterable[Table]:
        """Run the loop over all spans, emptying the events whenever they may run full."""
        at = 0
        room = int(spans["room"].max()) if len(spans) else 0
        while at < len(spans):
            happened = np.zeros(max(_EVENTS, room), signals.HAPPENED)
            counts[2] = 0
            at = signals.judge(
                self.signals.all,
                self.lanes.all,
                self.marks.all,
                self.bindings.all,
                self.limits,
                spans,
                self._map.all,
                block.values,
                quality,
                at,
                self.held.all,
                self.held_rows.all,
                self.held_values.all,
                self.held_status.all,
                counts,
                happened,
                self.config.frame_ns,
                self.config.lateness_ns,
                self.config.threshold,
            )
            yield happened[: counts[2]]

    def _overflow(self, block: Block, spans: Table) -> list[Overflow]:
        if not self._full:
            return []
        shapes, assets = block.meta.shapes, block.meta.assets
        ids = [self.asset(a) for a in assets]
        return [
            Overflow(self.sources[spans["source"][i]], int(block.offset[i]), assets[block.asset[i]])
            for i in range(len(block))
            if (ids[block.asset[i]], shapes[block.shape[i]]) in self._full
        ]

    def _tick(self, source: int, tick: Tick) -> None:
        """Let event time pass in the lanes of a source, as far as the source has come."""
        mark = self.marks.all[source]
        if tick.offset <= mark["offset"]:
            return
        latest = max(int(mark["latest_ns"]), tick.time_ns)
        if latest == NEVER:
            return
        now = latest + tick.silent_ns - self.config.lateness_ns
        lanes = self.lanes.rows
        mine = (lanes["source"] == source) & (lanes["watermark_ns"] < now)
        lanes["watermark_ns"][mine] = now
        window = now // self.config.frame_ns
        self._close_lanes(mine & (lanes["window"] < window))
        lanes["window"][mine] = np.maximum(lanes["window"][mine], window)

    def _close_lanes(self, which: npt.NDArray[np.bool_]) -> None:
        lanes = self.lanes.rows
        full = which & (lanes["held"] > 0)
        lanes["frame"][full] += 1
        lanes["held"][full] = 0

    def _waited(self) -> Table:
        pending = int(np.count_nonzero(self.bindings.rows["state"] == trigger.PENDING))
        happened = np.zeros(pending, signals.HAPPENED)
        if pending:
            n = signals.waited(
                self.bindings.rows, self.limits, self.signals.all, self.lanes.all, happened
            )
            happened = happened[:n]
        return happened


def _each_pair(left: Indices, right: Indices, answer: Callable[[int, int], int]) -> Ints:
    """Return `answer(left[i], right[i])` for every i, asking once for each different pair."""
    key = left.astype(np.int64) << 32 | right
    pairs, inverse = np.unique(key, return_inverse=True)
    answers = [answer(int(pair >> 32), int(pair & 0xFFFFFFFF)) for pair in pairs]
    return np.array(answers, np.int64)[inverse]
