"""The ticks of a simulated plant to what the worker would publish of them, without bytes.

A tick costs its samples, not its assets: names are looked up when an asset is heard first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from models import pipeline
from models.evaluate.again import Again
from models.events import Published
from models.names import Config
from models.simulate import Tick, default_points
from models.telemetry import Gatherer, Judge, Piece, tick_block
from schemas import readings
from schemas.settings import Cell
from schemas.telemetry import Ints, Source, Spans

SOURCE = Source("telemetry", 0, "simulated")
BLOCK_BYTES = 50_000_000
TICK_NS = 5_000_000_000
"""How often it is told how far the source has come, so that those who say nothing are found silent;
ingest does so every second, and it takes a minute to find them."""
MOST_SIGNALS = 16_000_000
"""What the workers of a large site have together."""


@dataclass(slots=True)
class Told:
    """Judges and detects as ingest and worker do, one message an asset and tick."""

    cells: tuple[Cell, ...]
    _offset: int = 0
    _ticked_ns: int = 0
    _shape: Spans | None = None
    """Of a tick in which every asset is heard."""
    _config: Config = field(init=False)
    _state: Again = field(init=False)
    _judge: Judge = field(init=False)
    _gatherer: Gatherer = field(init=False)

    def __post_init__(self) -> None:
        self._config = Config(points=default_points(), cells=self.cells, max_signals=MOST_SIGNALS)
        self._judge = Judge(self._config)
        self._gatherer = Gatherer(lambda _asset: 0, max_bytes=BLOCK_BYTES)

    def take(self, tick: Tick) -> list[Published]:
        """Take in what all agents tell at one time; return the anomalies and alerts of it."""
        return [event for one in self.found(tick) for event in one.events]

    def found(self, tick: Tick) -> list[pipeline.Found]:
        """Take in what all agents tell at one time; return all that comes of it."""
        if self._shape is None:
            self._shape = _shape(tick)
            self._state = Again(self._config, SOURCE, len(self._shape))
        spans = _heard(self._shape, tick)
        none = np.full(len(self._shape), -1, np.int64)
        found = list(self._apply(self._judge.judge(spans, none)))
        self._offset += len(self._shape)
        if tick.time_ns - self._ticked_ns >= TICK_NS:
            self._ticked_ns = tick.time_ns
            block = tick_block([(SOURCE, readings.Tick(0, self._offset, tick.time_ns))])
            found.append(pipeline.judge(self._state, block))
        return found

    def _apply(self, spans: Spans) -> Iterator[pipeline.Found]:
        which = spans.message.astype(np.int64)
        if len(which) and self._state.knows(which):
            block = self._state.block(spans, which, which + self._offset)
            yield pipeline.judge(self._state, block)
        else:
            yield from self._meet(spans)

    def _meet(self, spans: Spans) -> Iterator[pipeline.Found]:
        """Take in assets some of which were never heard before."""
        offsets = np.arange(len(self._shape or ())) + self._offset
        self._gatherer.add(Piece(SOURCE, offsets, spans))
        for block in self._gatherer.flush().get(0, []):
            yield pipeline.judge(self._state, block)
            self._state.know(block, block.offset - self._offset)


def _shape(tick: Tick) -> Spans:
    """Return the spans of all assets, one each, without times and values."""
    many = [len(table.assets) for table in tick.tables]
    lengths = np.repeat([len(table.points) for table in tick.tables], many)
    n, start = len(lengths), np.concatenate([[0], np.cumsum(lengths)])
    which = np.arange(n, dtype=np.int32)
    return Spans(
        assets=[asset for table in tick.tables for asset in table.assets],
        shapes=[table.points for table in tick.tables],
        message=which,
        asset=which,
        shape=np.repeat(np.arange(len(many), dtype=np.int32), many),
        time_ns=np.zeros(n, np.int64),
        start=start,
        values=np.zeros(0),
        quality=np.zeros(int(start[-1]), np.uint16),
    )


def _times(tick: Tick) -> Iterator[Ints]:
    """Yield the times that the assets of each table tell."""
    for table in tick.tables:
        times = np.full(len(table.assets), tick.time_ns, np.int64)
        yield times if table.ahead_ns is None else times + table.ahead_ns


def _heard(shape: Spans, tick: Tick) -> Spans:
    """Return the spans of those that say anything at all."""
    values = np.concatenate([table.values.ravel() for table in tick.tables])
    times = np.concatenate(list(_times(tick)))
    filled = np.add.reduceat(np.isfinite(values), shape.start[:-1]) > 0
    if filled.all():
        return replace(shape, values=values, time_ns=times)
    length = np.diff(shape.start)
    keep = np.repeat(filled, length)
    return replace(
        shape,
        message=shape.message[filled],
        asset=shape.asset[filled],
        shape=shape.shape[filled],
        time_ns=times[filled],
        start=np.concatenate([[0], np.cumsum(length[filled])]),
        values=values[keep],
        quality=shape.quality[keep],
    )
