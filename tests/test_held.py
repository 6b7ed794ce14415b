"""Laws of held samples: nothing lost in a ring, whoever is silent, however little room there is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import bits, frames, held, pipeline, snapshot
from models.names import Config
from models.state import State
from models.telemetry import Gatherer, Piece
from schemas.telemetry import Source, SpansBuilder

SECOND = 1_000_000_000
SOURCE = Source("raw", 0, "epoch")
CONFIG = Config(frame_ns=2 * SECOND)
POINTS = ("p", "q", "r")


@pytest.fixture
def no_tidying(monkeypatch):
    """Let even few samples stay where they are, so that rings wrap."""
    monkeypatch.setattr(frames, "_FEW", 0)


def blocks(plan):
    """Return a block a second of these assets, one message each."""
    gatherer, made, at = Gatherer(lambda _asset: 0), [], 0
    for second, assets in enumerate(plan):
        builder = SpansBuilder()
        for i, asset in enumerate(assets):
            builder.add(i, f"a{asset}", POINTS, second * SECOND, (float(at + i), 0.0, 1.0))
        gatherer.add(Piece(SOURCE, np.arange(at, at + len(assets)), builder.build()))
        at += len(assets)
        made += gatherer.flush().get(0, [])
    return made


def numbers(found):
    """Return the first point's values of all frames: each sample's own number."""
    read = [bits.decode(frame.data) for one in found for frame in one.frames]
    return [round(v) for f in read for v in f.samples.values[f.samples.point == 0].tolist()]


PLANS = st.lists(st.lists(st.integers(0, 6), max_size=8), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(plan=PLANS)
@pytest.mark.usefixtures("no_tidying")
def test_a_sample_is_in_one_frame_or_still_held(plan):
    state = State(CONFIG)
    found = [pipeline.judge(state, block) for block in blocks(plan)]
    held.tidy(state)
    rows = state.held_rows.rows
    waiting = [
        round(v)
        for row, v in zip(rows.tolist(), state.held_values.rows.tolist(), strict=True)
        if state.names.point_of[row] == "p"
    ]

    assert sorted(numbers(found) + waiting) == list(range(sum(map(len, plan))))


@settings(max_examples=30, deadline=None)
@given(plan=PLANS, at=st.integers(0, 59))
@pytest.mark.usefixtures("no_tidying")
def test_frames_are_the_same_whether_held_samples_were_moved_together_or_not(plan, at):
    made = blocks(plan)
    moved, not_moved = State(CONFIG), State(CONFIG)
    for i, block in enumerate(made):
        if i == at:
            snapshot.Snapshots(1).take(moved, i)
        assert pipeline.judge(moved, block) == pipeline.judge(not_moved, block)


@pytest.mark.usefixtures("no_tidying")
def test_memory_of_a_steady_load_does_not_grow_though_one_asset_falls_silent():
    plan = [[0]] + [[1, 2, 3, 4, 5, 6]] * 400
    state = State(CONFIG)
    for block in blocks(plan):
        pipeline.judge(state, block)

    assert len(state.held_values.all) < 6 * 3 * 8


@pytest.mark.usefixtures("no_tidying")
def test_a_row_of_an_episode_is_used_again():
    state = State(CONFIG)
    gatherer = Gatherer(lambda _asset: 0)
    for second in range(3_000):
        builder = SpansBuilder()
        value = 50.0 + second % 3 + (400.0 if second % 300 == 299 else 0.0)
        builder.add(0, "a", ("p",), second * SECOND, (value,))
        gatherer.add(Piece(SOURCE, np.array([second]), builder.build()))
    events = [e for block in gatherer.flush()[0] for e in pipeline.judge(state, block).events]

    assert len(events) >= 10
    assert state.episodes.size == 2
