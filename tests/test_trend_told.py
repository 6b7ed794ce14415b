"""Trends in detection: told from any split into blocks alike, and scored when they arrive."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from models import pipeline, snapshot
from models.names import Config
from models.state import State
from models.telemetry import Gatherer, Judge, Piece
from models.trend.limits import limits_of
from schemas.anomaly import AnomalyKind, Ended
from schemas.events import Kind
from schemas.telemetry import Source, SpansBuilder
from schemas.trigger import Rule, Severity
from schemas.units import Point, PointKind

MINUTE = 60 * 10**9
EVERY = 15
A_DAY = 24 * 60 // EVERY
START = 1_767_225_600 * 10**9
CONFIG = Config(
    frame_ns=60 * MINUTE,
    points=(Point(name="dp", unit="kPa", limit_high=110.0),),
    rules=(Rule(name="low-charge", point="charge", below=80.0),),
)


def message(i, drift=1.0):
    """Return the i-th message: a clogging filter and an ageing battery, each with its noise."""
    rng, days = np.random.default_rng(i), i / A_DAY
    since = drift * max(days - 4.0, 0.0)
    pressure = 80.0 + 3.0 * math.cos(2 * math.pi * days) + 3.5 * since + rng.normal(0, 0.5)
    charge = 99.0 - 2.2 * since + rng.normal(0, 0.2)
    return "cdu-1", ("dp", "charge", "other"), START + i * EVERY * MINUTE, (pressure, charge, 1.0)


def blocks(days, cuts=(), config=CONFIG, drift=1.0):
    gatherer, judge = Gatherer(lambda _asset: 0), Judge(config)
    n = days * A_DAY
    for low, high in itertools.pairwise([0, *sorted(set(cuts)), n]):
        builder = SpansBuilder()
        for i in range(low, high):
            builder.add(i - low, *message(i, drift))
        judged = judge.judge(builder.build(), np.full(high - low, -1, np.int64))
        gatherer.add(Piece(Source("raw", 0, "1"), np.arange(low, high), judged))
        yield from gatherer.flush()[0]


def trends(state, made):
    """Return events of trends by id, in order."""
    events = [event for block in made for event in pipeline.judge(state, block).events]
    return {e.id: e for e in events if getattr(e.data, "kind", "") == AnomalyKind.TREND}


@pytest.fixture(scope="module")
def whole():
    return trends(State(CONFIG), blocks(15))


@settings(max_examples=5, deadline=None)
@given(cuts=st.lists(st.integers(1, 15 * A_DAY - 1), max_size=30))
def test_any_split_into_blocks_tells_the_same_trends(whole, cuts):
    assert trends(State(CONFIG), blocks(15, cuts)) == whole


@settings(max_examples=5, deadline=None)
@given(at=st.integers(1, 15 * A_DAY - 1))
def test_a_state_that_was_saved_and_loaded_tells_the_same_trends(whole, at):
    first, *rest = blocks(15, [at])
    state = State(CONFIG)
    before = trends(state, [first])
    saved = snapshot.Snapshots(4).take(state, 1)
    segments = [saved.segments[i] for i in range(saved.manifest.segments)]
    loaded = snapshot.load(CONFIG, saved.manifest, saved.chunks, segments)

    assert before | trends(loaded, rest) == whole


def by_point(events, point):
    return [event for event in events.values() if event.data.point == point]


@pytest.mark.parametrize(("point", "unit"), [("dp", "kPa"), ("charge", "")])
def test_a_trend_is_told_days_before_and_scored_when_it_arrives(whole, point, unit):
    first, *others = by_point(whole, point)
    last = others[-1]

    assert first.type is Kind.ANOMALY_OPENED
    assert (last.type, last.data.ended) == (Kind.ANOMALY_CLOSED, Ended.REACHED)
    assert (last.time - first.time).days >= 2
    assert {event.data.since for event in (first, *others)} == {first.time}
    assert "within the interval" in last.data.summary
    assert first.data.unit == unit
    assert {e.type for e in others[:-1]} <= {Kind.ANOMALY_OPENED}


def test_a_trend_says_its_rate_its_limit_its_interval_and_what_it_rests_on(whole):
    first = by_point(whole, "dp")[0]
    evidence = first.data.evidence

    assert "110 kPa (declared of the point)" in first.data.summary
    assert "kPa a day" in first.data.summary
    assert "80 %" in first.data.summary
    assert first.data.expected == 110.0
    assert 2.0 < first.data.spread < 5.5
    assert evidence.facts[0].topic == "raw"
    assert all(name in evidence.hypotheses[0].text for name in ("p10", "p50", "p90", "drift since"))
    assert len(evidence.unknowns) == 2


def test_a_limit_of_a_rule_is_told_as_such(whole):
    assert "80 (of rule low-charge)" in by_point(whole, "charge")[0].data.summary


def test_nothing_is_told_where_nothing_drifts_or_nobody_asks():
    asleep = Config(frame_ns=60 * MINUTE, horizon_ns=0, points=CONFIG.points, rules=CONFIG.rules)

    assert not trends(State(CONFIG), blocks(15, drift=0.0))
    assert not trends(State(asleep), blocks(15))


def test_a_trend_whose_limit_is_taken_back_is_closed_as_recovered():
    first, *rest = blocks(15, [9 * A_DAY])
    state = State(CONFIG)
    before = by_point(trends(state, [first]), "dp")
    saved = snapshot.Snapshots(4).take(state, 1)
    segments = [saved.segments[i] for i in range(saved.manifest.segments)]
    config = Config(frame_ns=60 * MINUTE, points=(Point(name="dp", unit="kPa"),))
    after = by_point(
        trends(snapshot.load(config, saved.manifest, saved.chunks, segments), rest), "dp"
    )

    assert before
    assert [event.data.ended for event in after] == [Ended.RECOVERED]


def test_only_signals_with_a_limit_are_followed():
    state = State(CONFIG)
    trends(state, blocks(1))

    assert state.signals.size == 3
    assert state.trend_rows.size == 3  # with the empty first row


WARM = Rule(name="warm", point="t", above=60.0, severity=Severity.WARNING)
HOT = Rule(name="hot", point="t", above=85.0, severity=Severity.CRITICAL)
HOTTER = Rule(name="hotter", point="t", above=90.0, severity=Severity.CRITICAL, asset="gpu-*")
COLD = Rule(name="cold", point="t", below=5.0, severity=Severity.INFO)


@pytest.mark.parametrize("rules", [*itertools.permutations([WARM, HOT, HOTTER, COLD])])
def test_of_several_rules_the_most_severe_and_then_the_nearest_is_the_limit(rules):
    limits = limits_of(Config(rules=tuple(rules)), "gpu-1", "t")

    assert limits == (5.0, 85.0, "of rule cold", "of rule hot")


def test_a_declared_limit_goes_before_those_of_rules():
    config = Config(rules=(HOT, COLD), points=(Point(name="t", unit="Cel", limit_high=70.0),))
    limits = limits_of(config, "gpu-1", "t")

    assert limits.high == 70.0
    assert math.isnan(limits.low)


def test_a_state_has_no_limit_and_a_limit_of_one_is_refused():
    config = Config(rules=(HOT,), points=(Point(name="t", kind=PointKind.STATE),))

    assert not limits_of(config, "gpu-1", "t")
    with pytest.raises(ValidationError, match="has no trend: leave out limit_low and limit_high"):
        Point(name="t", kind=PointKind.STATE, limit_high=1.0)
    with pytest.raises(ValidationError, match=r"limit_low 2\.0 is not below limit_high 1\.0"):
        Point(name="t", limit_low=2.0, limit_high=1.0)
