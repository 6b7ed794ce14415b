"""Frames through the whole of detection, as a topic of readings brings them."""

from collections.abc import Sequence

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


class Fed:
    """One partition, from an empty state."""

    def __init__(self, config: Config) -> None:
        self.state = State(config)
        self._judge, self._gatherer = Judge(config), Gatherer(lambda _asset: 0)
        self._offset, self._latest_ns = 0, 0

    def take(self, frames: Sequence[Frame]) -> list[Found]:
        """Apply frames, a message each."""
        if not frames:
            return []
        builder, many = SpansBuilder(), len(frames)
        for i, one in enumerate(frames):
            builder.add(i, one.asset, one.points, one.time_ns, one.values)
        spans = self._judge.judge(builder.build(), np.full(many, -1, np.int64))
        offsets = np.arange(self._offset, self._offset + many)
        self._offset += many
        self._latest_ns = max(self._latest_ns, *(one.time_ns for one in frames))
        self._gatherer.add(Piece(_SOURCE, offsets, spans))
        return [pipeline.judge(self.state, one) for one in self._gatherer.flush().get(0, [])]

    def wait(self, until_ns: int) -> list[Found]:
        """Let event time come to `until_ns` without another sample."""
        silent_ns = until_ns + self.state.config.lateness_ns - self._latest_ns
        if not self._offset or silent_ns <= 0:
            return []
        tick = Tick(0, self._offset, self._latest_ns, silent_ns)
        self._offset += 1
        return [pipeline.judge(self.state, tick_block([(_SOURCE, tick)]))]
