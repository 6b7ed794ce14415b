"""What an evaluation is told of a plant is what the worker would publish of it."""

import numpy as np
import pytest

from models import pipeline
from models.evaluate import told as told_
from models.evaluate.cascade.burst import START_NS
from models.evaluate.told import SOURCE, TICK_NS, Told
from models.names import Config
from models.simulate import Fault, Plant, default_points
from models.state import State
from models.telemetry import Gatherer, Judge, Piece, tick_block
from schemas.readings import Tick
from schemas.telemetry import SpansBuilder

FAULTS = (
    Fault("node_silent", "node-02", 60.0, 90.0),
    Fault("clock_skew", "node-03", 100.0, 60.0),
    Fault("gpu_lost", "node-01/gpu3", 150.0, 60.0),
)


class Worker:
    """Judges and detects message by message, as ingest and worker do."""

    def __init__(self, plant):
        config = Config(points=default_points(), cells=plant.cells())
        self.judge, self.state = Judge(config), State(config)
        self.assets = None
        self.offset = self.ticked_ns = 0

    def take(self, tick):
        """Return the events of a tick of the plant."""
        if self.assets is None:
            names = (asset for table in tick.tables for asset in table.assets)
            self.assets = {name: i for i, name in enumerate(names)}
        spans, gatherer = SpansBuilder(), Gatherer(lambda _asset: 0)
        for frame in tick.frames():
            if np.isfinite(frame.values).any():
                message = self.assets[frame.asset]
                spans.add(message, frame.asset, frame.points, frame.time_ns, frame.values)
        offsets = np.arange(len(self.assets)) + self.offset
        never = np.full(len(self.assets), -1)
        gatherer.add(Piece(SOURCE, offsets, self.judge.judge(spans.build(), never)))
        self.offset += len(self.assets)
        blocks = gatherer.flush().get(0, [])
        if tick.time_ns - self.ticked_ns >= TICK_NS:
            self.ticked_ns = tick.time_ns
            blocks.append(tick_block([(SOURCE, Tick(0, self.offset, tick.time_ns))]))
        return [event for one in blocks for event in pipeline.judge(self.state, one).events]


@pytest.mark.parametrize("missing", [0.0, 0.5])
def test_an_evaluation_is_told_what_the_worker_publishes(missing, monkeypatch):
    monkeypatch.setattr(told_, "BLOCK_BYTES", 5_000)
    plant = Plant(seed=3, nodes=4, faults=FAULTS, missing=missing)
    told, worker = Told(plant.cells()), Worker(plant)

    events = 0
    for tick in plant.run(START_NS, 240.0):
        expected = worker.take(tick)
        assert told.take(tick) == expected
        events += len(expected)

    assert events > 20
