"""What the simulator and the replay write is what the decoders read."""

import json
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.simulate.frame import Frame
from models.simulate.wire import native_columnar, native_json
from schemas.formats import decoders
from schemas.telemetry import Quality

MILLI_NS = 1_000_000
numbers = st.floats(width=64)


@st.composite
def recordings(draw):
    """Draw frames of one asset with the same points, at whole milliseconds."""
    asset = draw(st.sampled_from(["gpu-1", "halle/pumpe-ü", "x y"]))
    points = tuple(
        draw(st.lists(st.sampled_from(["a", "b/c", "d e", "Grad-ö"]), min_size=1, unique=True))
    )
    times = draw(st.lists(st.integers(10**12, 7 * 10**12), min_size=1, max_size=5, unique=True))
    row = st.lists(numbers, min_size=len(points), max_size=len(points))
    return [Frame(asset, time * MILLI_NS, points, draw(row)) for time in sorted(times)]


def read(name, *messages):
    """Decode messages to rows of (asset, points, time, values); what is missing is None."""
    decoded = decoders()[name].decode(messages, [-1] * len(messages))
    assert decoded.rejects == []
    spans = decoded.spans
    missing = spans.quality & np.uint16(Quality.MISSING) > 0
    return [
        (
            spans.assets[spans.asset[i]],
            spans.shapes[spans.shape[i]],
            int(spans.time_ns[i]),
            [
                None if missing[k] else float(spans.values[k])
                for k in range(spans.start[i], spans.start[i + 1])
            ],
        )
        for i in range(len(spans))
    ]


def plain(frames):
    """Return the same of frames: what JSON cannot write is None."""
    return [
        (
            frame.asset,
            frame.points,
            frame.time_ns,
            [value if math.isfinite(value) else None for value in frame.values],
        )
        for frame in frames
    ]


@settings(deadline=None)  # the first call loads much
@given(frames=recordings())
def test_columns_are_read_back_as_they_were_written(frames):
    assert read("native-columnar", native_columnar(*frames)) == plain(frames)


@settings(deadline=None)  # the first call loads much
@given(frames=recordings())
def test_native_json_is_read_back_as_it_was_written(frames):
    assert read("native-json", *map(native_json, frames)) == plain(frames)


def test_columns_name_the_points_once_and_have_a_row_a_time():
    frames = [Frame("gpu-1", t * 10**9, ("p", "q"), [t / 8, math.nan]) for t in (5, 6)]

    assert json.loads(native_columnar(*frames)) == {
        "asset": "gpu-1",
        "points": ["p", "q"],
        "times": [5, 6],
        "values": [[0.625, None], [0.75, None]],
    }
