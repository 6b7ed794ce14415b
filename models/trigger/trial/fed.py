"""Frames through the whole of detection, as a topic of readings brings them."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from models import pipeline
from models.names import Config
from models.pipeline import Found
from models.simulate.frame import Frame
from models.state import State
from models.telemetry import Gatherer, Judge, Piece, tick_block
from schemas.readings import Tick
from schemas.telemetry import Source, SpansBuilder

_SOURCE = Source("recorded", 0, "epoch")
_MOST = 5000  # frames of a block


class Fed:
    """One partition, from an empty state, and what its source tells of time.

    As ingest does it tells how far it has come, each time that event time has moved by the
    lateness: so what falls silent is noticed while others go on.
    """

    def __init__(self, config: Config) -> None:
        self.state = State(config)
        self._judge, self._gatherer = Judge(config), Gatherer(lambda _asset: 0)
        self._offset, self._latest_ns, self._told_ns = 0, 0, 0

    def take(self, frames: Iterable[Frame]) -> Iterator[Found]:
        """Apply frames, a message each, in order of time."""
        run: list[Frame] = []
        for frame in frames:
            if run and (self._is_due(frame.time_ns) or len(run) == _MOST):
                yield from self._apply(run)
                run = []
            run.append(frame)
        if run:
            yield from self._apply(run)

    def wait(self, until_ns: int) -> Iterator[Found]:
        """Let event time come to `until_ns` without another sample."""
        silent_ns = until_ns + self.state.config.lateness_ns - self._latest_ns
        if self._offset and silent_ns > 0:
            yield self._tick(silent_ns)

    def _is_due(self, time_ns: int) -> bool:
        return time_ns >= self._told_ns + self.state.config.lateness_ns

    def _apply(self, frames: Sequence[Frame]) -> Iterator[Found]:
        builder, many = SpansBuilder(), len(frames)
        for i, one in enumerate(frames):
            builder.add(i, one.asset, one.points, one.time_ns, one.values)
        spans = self._judge.judge(builder.build(), np.full(many, -1, np.int64))
        offsets = np.arange(self._offset, self._offset + many)
        self._offset += many
        self._latest_ns = max(self._latest_ns, *(one.time_ns for one in frames))
        self._gatherer.add(Piece(_SOURCE, offsets, spans))
        for block in self._gatherer.flush().get(0, []):
            yield pipeline.judge(self.state, block)
        if self._is_due(self._latest_ns):
            self._told_ns = self._latest_ns
            yield self._tick(0)

    def _tick(self, silent_ns: int) -> Found:
        tick = Tick(0, self._offset, self._latest_ns, silent_ns)
        return pipeline.judge(self.state, tick_block([(_SOURCE, tick)]))
