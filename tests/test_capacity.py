"""Laws of what is nearly full: told after a minute, once, and over when there is room."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import pipeline, snapshot
from models.names import Config
from models.snapshot import Snapshots
from models.state import State
from models.telemetry import Gatherer, Piece
from schemas.telemetry import Source, SpansBuilder
from schemas.trigger import Rule
from schemas.units import Point, PointKind

SECOND = 1_000_000_000
LINK = Point(name="link", unit="B/s", low=0, high=200, capacity=100.0)
BYTES = Point(name="bytes", unit="By", kind=PointKind.COUNTER, capacity=100.0)
CONFIG = Config(points=(LINK, BYTES), rules=(Rule(name="any", point="*", above=1e6),))


def fed(values, point="link", state=None, first=0):
    """Tell a value a second; return the events."""
    state, events = state or State(CONFIG), []
    for second, value in enumerate(values, first):
        spans, gatherer = SpansBuilder(), Gatherer(lambda _asset: 0)
        spans.add(0, "a", (point,), second * SECOND, (value,), (0,))
        gatherer.add(Piece(Source("raw", 0, "e"), np.array([second]), spans.build()))
        for block in gatherer.flush()[0]:
            events += pipeline.judge(state, block).events
    return [e for e in events if getattr(e.data, "kind", None) == "limit"]


def test_a_link_that_has_been_nearly_full_for_a_minute_is_told_until_it_has_room():
    opened, closed = fed([50.0] * 100 + [97.0] * 100 + [93.0] * 20 + [80.0] * 5)

    assert (opened.type, closed.type) == (
        "io.alltobit.anomaly.opened",
        "io.alltobit.anomaly.closed",
    )
    assert (opened.data.value, opened.data.expected, opened.data.unit) == (97.0, 100.0, "B/s")
    assert opened.data.since.timestamp() == 100
    assert opened.time.timestamp() == 160
    assert closed.time.timestamp() == 220
    assert "97 % of its capacity of 100 B/s" in opened.data.summary
    assert opened.data.evidence.facts[0].offset == 100


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.0, 94.9) | st.just(99.0), min_size=1, max_size=59))
def test_what_is_nearly_full_for_less_than_a_minute_is_not_told(values):
    assert fed(values) == []


def test_a_counter_is_held_against_its_capacity_a_second():
    (opened,) = fed(np.cumsum([50.0] * 50 + [98.0] * 100).tolist(), "bytes")

    assert (opened.data.value, opened.data.unit) == (pytest.approx(98.0), "By/s")


def test_a_point_without_capacity_is_never_full():
    assert fed([1e9] * 200, "other") == []


@pytest.mark.parametrize("rules", [CONFIG.rules, (), (Rule(name="b", point="*", above=2e6),) * 2])
def test_one_that_is_nearly_full_goes_on_after_a_load_whatever_other_rules_come(rules):
    state = State(CONFIG)
    (opened,) = fed([97.0] * 100, state=state)
    saved = Snapshots(4).take(state, 0)
    segments = [saved.segments[i] for i in range(saved.manifest.segments)]
    config = Config(points=(LINK, BYTES), rules=rules)
    loaded = snapshot.load(config, saved.manifest, saved.chunks, segments)
    (closed,) = fed([97.0] * 9 + [10.0], state=loaded, first=100)

    assert closed.data.since == opened.data.since
    assert closed.data.ended == "recovered"
