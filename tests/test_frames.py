"""What frames of a lane remember of those before: names told, ranges learned."""

import numpy as np
import pytest

from models import bits, pipeline, snapshot
from models.names import Config
from models.state import State
from models.telemetry import Gatherer, Piece
from schemas.bits import BINARY
from schemas.telemetry import Source, SpansBuilder
from schemas.units import Point, PointKind

SECOND = 1_000_000_000
SOURCE = Source("raw", 0, "epoch")
POINTS = (
    Point(name="state", kind=PointKind.STATE),
    Point(name="count", bits=0),
    Point(name="declared", low=0.0, high=100.0, bits=8),
)
CONFIG = Config(frame_ns=SECOND, points=POINTS)


def fed(state, values, first=0):
    """Feed a span a second, a dict of values each; return the frames that close."""
    frames = []
    for second, told in enumerate(values, first):
        gatherer, builder = Gatherer(lambda _asset: 0), SpansBuilder()
        builder.add(0, "a", tuple(told), second * SECOND, tuple(told.values()))
        gatherer.add(Piece(SOURCE, np.array([second]), builder.build()))
        for block in gatherer.flush()[0]:
            frames += pipeline.judge(state, block).frames
    return frames


def tells(frame):
    return frame.data[16:20] != bytes(4)


def test_names_are_told_first_and_then_every_thirtieth_time():
    frames = fed(State(CONFIG), [{"p": float(i % 3)} for i in range(65)])

    assert [i for i, frame in enumerate(frames) if tells(frame)] == [0, 30, 60]
    reader = bits.Reader()
    assert [reader.decode(frame.data).names.points for frame in frames] == [["p"]] * 64


def test_names_are_told_when_they_change():
    frames = fed(State(CONFIG), [{"p": 1.0}] * 3 + [{"p": 1.0, "q": 2.0}] * 3)

    assert [tells(frame) for frame in frames] == [True, False, False, True, False]


def test_a_saved_state_knows_what_was_told_and_learned():
    values = [{"p": float(np.sin(i))} for i in range(12)]
    kept = State(CONFIG)
    fed(kept, values[:6])
    saved = snapshot.Snapshots(1).take(kept, 0)
    loaded = snapshot.load(CONFIG, saved.manifest, saved.chunks, [*saved.segments.values()])

    assert fed(loaded, values[6:], 6) == fed(kept, values[6:], 6)


def test_states_and_points_without_a_width_are_told_exactly():
    values = [{"state": i / 3, "count": 1e15 + i * 0.3, "declared": i / 3} for i in range(9)]
    reader = bits.Reader()
    for i, frame in enumerate(fed(State(CONFIG), values)):
        got = reader.decode(frame.data)

        assert got.samples.values[:2].tolist() == [i / 3, 1e15 + i * 0.3]
        assert got.bounds[:2].tolist() == [0.0, 0.0]
        assert abs(got.samples.values[2] - i / 3) <= got.bounds[2] < 0.2


def steps(values):
    """Return the step of each frame of a signal, a value a frame."""
    reader = bits.Reader()
    frames = fed(State(CONFIG), [{"p": value} for value in values])
    scales = [reader.decode(frame.data).scales[0] for frame in frames]
    return [float(one["step"]) for one in scales if one["kind"] == BINARY]


def test_a_range_is_learned_across_frames_of_one_sample():
    told = steps([0.1234567, *[0.9876543, 0.1234567] * 4, 0.5])

    assert set(told) == {2.0**-13}


def test_a_still_signal_keeps_its_step():
    told = steps([0.1234567, 0.9876543, *[0.5432109] * 50, 0.5])

    assert set(told) == {2.0**-13}


def test_a_glitch_coarsens_steps_for_minutes_not_for_ever():
    calm = [0.1234567, 0.9876543] * 5
    told = steps([*calm, 1e9 + 0.1, *calm * 20, 0.5])

    assert max(told) > 1e5
    assert told[-1] <= 2.0**-12
    assert sum(step > 0.01 for step in told) < 80


@pytest.mark.parametrize("n", [1, 7])
def test_what_is_learned_does_not_depend_on_blocks(n):
    rng = np.random.default_rng(5)
    values = [{"p": float(v), "declared": float(v)} for v in rng.normal(50, 9, 40)]
    whole, parts = State(CONFIG), State(CONFIG)
    gatherer = Gatherer(lambda _asset: 0)
    for second, told in enumerate(values):
        builder = SpansBuilder()
        builder.add(0, "a", tuple(told), second * SECOND, tuple(told.values()))
        gatherer.add(Piece(SOURCE, np.array([second]), builder.build()))
    at_once = [f for block in gatherer.flush()[0] for f in pipeline.judge(whole, block).frames]
    in_parts = [f for at in range(0, 40, n) for f in fed(parts, values[at : at + n], at)]

    assert at_once == in_parts
