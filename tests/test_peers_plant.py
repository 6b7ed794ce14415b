"""Scenarios of peers on the simulated plant, on a timetable: what stands out, and when."""

import numpy as np
import pytest

from models import pipeline
from models.names import Config
from models.simulate import Fault, Plant, default_points
from models.state import State
from models.telemetry import Gatherer, Judge, Piece
from schemas.telemetry import Source, SpansBuilder

SOURCE = Source("telemetry.gpu", 0, "epoch")
START_NS = 1_764_000_000_000_000_000
TEMP, CRC = "DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL"
WIDTH = "DCGM_FI_DEV_PCIE_LINK_WIDTH"
BEGIN, FRAME = 600, 5


def peers(seed, seconds, *faults):
    """Run a plant of 16 GPUs; return (opened or closed, asset, point, second) of its peers."""
    plant = Plant(seed=seed, nodes=2, faults=faults)
    config = Config(points=default_points(), cells=plant.cells())
    state, judge, events, offset = State(config), Judge(config), [], 0
    for tick in plant.run(START_NS, seconds):
        spans, frames = SpansBuilder(), [f for f in tick.frames() if f.asset.startswith("node")]
        for i, frame in enumerate(frames):
            spans.add(i, frame.asset, frame.points, frame.time_ns, frame.values)
        gatherer = Gatherer(lambda _asset: 0)
        judged = judge.judge(spans.build(), np.full(len(frames), -1, np.int64))
        gatherer.add(Piece(SOURCE, np.arange(len(frames)) + offset, judged))
        offset += len(frames)
        for block in gatherer.flush()[0]:
            events += pipeline.judge(state, block).events
    return [
        (e.type.rpartition(".")[2], e.data.asset, e.data.point, e.time.timestamp() - START_NS / 1e9)
        for e in events
        if getattr(e.data, "kind", None) == "peer"
    ]


@pytest.mark.parametrize(
    ("kind", "severity", "point", "slots"),
    [
        ("gpu_cooling", 1.0, TEMP, 8),
        ("gpu_cooling", 0.15, TEMP, 20),
        ("nvlink_lanes", 1.0, CRC, 6),
        ("pcie_lanes", 1.0, WIDTH, 6),
    ],
)
def test_the_gpu_that_breaks_is_the_only_one_that_stands_out_and_soon(kind, severity, point, slots):
    found = peers(1, BEGIN + 180, Fault(kind, "node-02/gpu5", BEGIN, 600, severity))
    at = [second for _, _, its, second in found if its == point]

    assert {asset for _, asset, *_ in found} == {"node-02/gpu5"}
    assert BEGIN < at[0] <= BEGIN + slots * FRAME


def test_one_that_is_repaired_is_back():
    found = peers(2, BEGIN + 480, Fault("gpu_cooling", "node-01/gpu0", BEGIN, 240))

    assert [one[0] for one in found if one[2] == TEMP] == ["opened", "closed"]


@pytest.mark.parametrize("seed", [1, 2])
def test_of_a_healthy_plant_nobody_stands_out(seed):
    assert peers(seed, 1500) == []


def test_a_fault_of_the_cooling_that_all_feel_makes_nobody_stand_out():
    assert peers(3, BEGIN + 600, Fault("tower_fan_stuck", "tower-1", BEGIN, 600)) == []
