"""The ticks of a simulated plant to what the worker would publish of them, without bytes."""

from dataclasses import dataclass, field, replace

import numpy as np

from models import pipeline
from models.events import Published
from models.names import Config
from models.simulate import Tick, default_points
from models.state import State
from models.telemetry import Gatherer, Judge, Piece, tick_block
from schemas import readings
from schemas.settings import Cell
from schemas.telemetry import Source, Spans, SpansBuilder

SOURCE = Source("telemetry", 0, "simulated")
BLOCK_BYTES = 50_000_000
TICK_NS = 5_000_000_000
"""How often it is told how far the source has come, so that those who say nothing are found silent;
ingest does so every second, and it takes a minute to find them."""


@dataclass(slots=True)
class Told:
    """Judges and detects as ingest and worker do, one message an asset and tick."""

    cells: tuple[Cell, ...]
    _offset: int = 0
    _ticked_ns: int = 0
    _shape: Spans | None = None
    """Of a tick in which every asset is heard."""
    _config: Config = field(init=False)
    _state: State = field(init=False)
    _judge: Judge = field(init=False)
    _gatherer: Gatherer = field(init=False)

    def __post_init__(self) -> None:
        self._config = Config(points=default_points(), cells=self.cells)
        self._state, self._judge = State(self._config), Judge(self._config)
        self._gatherer = Gatherer(lambda _asset: 0, max_bytes=BLOCK_BYTES)

    def take(self, tick: Tick) -> list[Published]:
        """Take in what all agents tell at one time; return the anomalies and alerts of it."""
        return [event for one in self.found(tick) for event in one.events]

    def found(self, tick: Tick) -> list[pipeline.Found]:
        """Take in what all agents tell at one time; return all that comes of it."""
        if self._shape is None:
            self._shape = _shape(tick)
        spans = _heard(self._shape, tick)
        none = np.full(len(self._shape), -1, np.int64)
        offsets = np.arange(len(self._shape)) + self._offset
        self._offset += len(self._shape)
        self._gatherer.add(Piece(SOURCE, offsets, self._judge.judge(spans, none)))
        blocks = self._gatherer.flush().get(0, [])
        if tick.time_ns - self._ticked_ns >= TICK_NS:
            self._ticked_ns = tick.time_ns
            blocks.append(tick_block([(SOURCE, readings.Tick(0, self._offset, tick.time_ns))]))
        return [pipeline.judge(self._state, block) for block in blocks]


def _shape(tick: Tick) -> Spans:
    spans = SpansBuilder()
    for i, frame in enumerate(tick.frames()):
        spans.add(i, frame.asset, frame.points, frame.time_ns, frame.values)
    return spans.build()


def _heard(shape: Spans, tick: Tick) -> Spans:
    """Return the spans of those that say anything at all."""
    values = np.concatenate([table.values.ravel() for table in tick.tables])
    times = np.concatenate(
        [
            np.full(len(table.assets), tick.time_ns)
            + (0 if table.ahead_ns is None else table.ahead_ns)
            for table in tick.tables
        ]
    )
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
