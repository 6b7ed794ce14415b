"""Laws of counters: rates, resets and wraps; and of counters that are gauges, and the reverse."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mending import CONFIG, COUNTER, NAN, SECOND, SOURCE, fed, of_kind, rates, through

from models import bits, pipeline
from models.compiled import layout
from models.names import Config
from models.repair import counter, kind
from models.state import State
from models.telemetry import Gatherer, Piece
from schemas.telemetry import Quality, SpansBuilder
from schemas.trigger import Rule

# The counter, alone


def a_counter():
    row = np.zeros(1, layout(counter.Row))[0]
    row["raw"] = -1.0
    return row


def changes(samples, modulus=0.0, most=NAN):
    row, found = a_counter(), []
    for time_ns, raw in samples:
        found.append(counter.rate(row, raw, time_ns, modulus, most))
        counter.learn(row, raw, time_ns)
    return found


steps = st.lists(st.tuples(st.integers(1, 100), st.integers(0, 1 << 40)), min_size=2, max_size=40)


@settings(deadline=None)
@given(steps=steps, start=st.integers(0, 1 << 50))
def test_rates_times_their_times_are_what_was_counted(steps, start):
    seconds = list(itertools.accumulate(dt for dt, _ in steps))
    counts = list(itertools.accumulate((grown for _, grown in steps), initial=start))[1:]
    found = changes([(s * SECOND, float(c)) for s, c in zip(seconds, counts, strict=True)])

    assert found[0][1] == Quality.MISSING | Quality.RATE
    assert all(mark == Quality.RATE for _, mark in found[1:])
    counted = sum(rate * dt for (rate, _), (dt, _) in zip(found[1:], steps[1:], strict=True))
    assert counted == pytest.approx(counts[-1] - counts[0], rel=1e-9)


@settings(deadline=None)
@given(before=st.integers(1, 1 << 40), share=st.floats(0, 0.999), dt=st.integers(1, 60))
def test_a_decrease_is_a_reset_and_tells_what_was_counted_since_0(before, share, dt):
    after = float(int(before * share))
    _, (rate, mark) = changes([(0, float(before)), (dt * SECOND, after)])

    assert mark == Quality.RATE | Quality.RESET
    assert rate == after / dt


@settings(deadline=None)
@given(bits_=st.sampled_from([32, 64]), left=st.integers(1, 1 << 20), grown=st.integers(0, 1 << 20))
def test_a_wrap_tells_what_was_really_counted(bits_, left, grown):
    unit_ = 1 if bits_ == 32 else 2048  # float64 next to 2^64
    modulus = 2.0**bits_
    samples = [(0, modulus - left * unit_), (SECOND, float(grown))]
    (_, (rate, mark)) = changes(samples, modulus)

    assert mark == Quality.RATE | Quality.RESET
    assert rate == left * unit_ + grown


def test_a_wrap_faster_than_the_capacity_is_a_reset():
    samples = [(0, 2.0**32 - 1e9), (SECOND, 5.0)]

    assert changes(samples, 2.0**32, most=1e8)[1][0] == 5.0
    assert changes(samples, 2.0**32, most=2e9)[1][0] == 1e9 + 5


def test_a_small_count_that_falls_is_a_reset_though_its_counter_could_wrap():
    assert changes([(0, 1000.0), (SECOND, 5.0)], 2.0**32)[1][0] == 5.0


# Counters in the stream


def test_a_counter_is_told_as_its_change_a_second_in_its_units_per_second():
    state = State(CONFIG)
    end = ("count", 100.0, 1.0)
    frames, _ = fed(state, *[("count", float(s), 1e12 + 7.0 * s) for s in range(5)], end)
    first = bits.decode(frames[0].data)

    assert (first.names.points, first.names.units) == (["count"], ["By/s"])
    values = first.samples.values.tolist()
    assert np.isnan(values[0])
    assert values[1:] == pytest.approx([7.0] * 4)


def test_a_scrape_gap_tells_the_average_over_the_gap():
    assert rates(("count", 0, 10.0), ("count", 1, 20.0), ("count", 61, 620.0))[1:] == [10.0, 10.0]


def test_a_first_sample_is_no_flaw():
    state = State(CONFIG)
    fed(state, ("count", 0, 10.0), ("count", 1, 20.0), ("count", 2, 3.0))

    assert state.signals.rows["quality"]["good"].tolist() == [1.0]


@pytest.mark.parametrize("bad", [("count", 0.5, 900.0), ("count", 1, 900.0), ("count", 1.5, NAN)])
def test_late_duplicate_and_missing_samples_change_no_counters_memory(bad):
    samples = [("count", 0, 10.0), ("count", 1, 20.0), ("count", 2, 30.0)]
    mark = Quality.MISSING if np.isnan(bad[2]) else 0
    state, other = State(CONFIG), State(CONFIG)
    fed(state, *samples[:2], (*bad, mark), samples[2])
    fed(other, *samples)

    assert state.repairs.rows.tobytes() == other.repairs.rows.tobytes()
    assert state.signals.rows["quality"]["value"] == 10.0


def test_a_counter_that_stands_still_is_never_stuck():
    samples = [("count", s, float(s * s % 50 + 100 * s)) for s in range(100)]
    events, _ = through(*samples, *[("count", 100 + s, 9_999.0) for s in range(600)])

    assert not of_kind(events, "stuck")


def test_a_rule_on_a_counter_sees_its_rate_and_says_so():
    events, _ = through(("count", 0, 1e6), ("count", 1, 1e6 + 50), ("count", 2, 1e6 + 550))
    (alert,) = [e for e in events if e.type == "io.alltobit.alert.firing"]

    assert (alert.data.value, alert.data.unit) == (500.0, "By/s")
    assert any("change a second" in f.text for f in alert.data.evidence.facts)
    assert all(f.offset == 2 for f in alert.data.evidence.facts)


def test_an_alert_on_a_counter_that_began_again_says_so():
    events, _ = through(("count", 0, 1e6), ("count", 1, 1e6 + 50), ("count", 2, 5_000.0))
    (alert,) = [e for e in events if e.type == "io.alltobit.alert.firing"]

    assert any("began again" in f.text for f in alert.data.evidence.facts)


# Kinds


def mistyped(n=100):
    rng = np.random.default_rng(5)
    return [("count", float(s), float(v)) for s, v in enumerate(rng.normal(200, 5, n))]


def test_a_counter_that_goes_down_as_a_gauge_is_told_as_one_and_said_once():
    events, _ = through(*mistyped())
    (repair,) = of_kind(events, "repair")

    assert "counter" in repair.data.summary
    assert repair.data.value < repair.data.expected
    state = State(CONFIG)
    through(*mistyped(), state=state)
    assert 190 < state.signals.rows["quality"]["value"][0] < 210


def test_a_mistyped_counter_has_its_own_unit_in_bits_from_then_on():
    state = State(CONFIG)
    frames, _ = fed(state, *mistyped(50))
    reader = bits.Reader()
    units = [reader.decode(frame.data).names.units for frame in frames]

    assert units[0] == ["By/s"]
    assert units[-1] == ["By"]


@settings(deadline=None)
@given(seed=st.integers(0, 1000), resets=st.lists(st.integers(1, 299), max_size=12))
def test_a_counter_that_is_reset_stays_a_counter(seed, resets):
    rng, count, row = np.random.default_rng(seed), 0.0, np.zeros(1, layout(kind.Row))[0]
    for i in range(300):
        before = count
        count = float(rng.poisson(3)) if i in resets else count + float(rng.poisson(3))
        assert not kind.learn(row, before, count)


def test_gauges_that_only_grow_are_told_once_a_point_and_stay_as_they_are():
    state = State(CONFIG)
    samples = [(s, float(s)) for s in range(1100)]
    events = []
    for first, asset in enumerate("ab"):
        spans = SpansBuilder()
        for i, (second, value) in enumerate(samples):
            spans.add(i, asset, ("bare",), second * SECOND, (value,))
        gatherer = Gatherer(lambda _asset: 0)
        gatherer.add(Piece(SOURCE, np.arange(1100) + 1100 * first, spans.build()))
        events += [e for b in gatherer.flush()[0] for e in pipeline.judge(state, b).events]

    (repair,) = of_kind(events, "repair")
    assert (repair.data.point, repair.data.value) == ("bare", 1000.0)
    assert "only ever grows" in repair.data.summary
    assert state.signals.rows["quality"]["value"].tolist() == [1099.0, 1099.0]


def test_a_gauge_that_fell_once_is_not_told_to_grow():
    samples = [("bare", float(s), float(s if s != 500 else 0)) for s in range(1700)]

    assert not of_kind(fed(State(CONFIG), *samples)[1], "repair")


def begun_again(at_600, *rules):
    """Return the events of a counter that grows by 500 a second and begins again at 600 s."""
    state, count, samples = State(Config(points=(COUNTER,), rules=rules)), 5e6, []
    for second in range(800):
        count = at_600 if second == 600 else count + 500.0 + second % 3
        samples.append(("count", second, count))
    return fed(state, *samples)[1]


def test_a_counter_that_begins_again_is_no_anomaly_and_breaks_no_rule_below():
    slow = Rule(name="slow", point="count", below=400.0)

    assert begun_again(120.0, slow) == []


def test_a_counter_that_begins_again_faster_than_ever_is_told():
    fast = Rule(name="fast", point="count", above=900.0)
    told = begun_again(90_000.0, fast)

    assert {e.data.since.timestamp() for e in told} == {600.0}
    assert {e.type.split(".")[2] for e in told} == {"anomaly", "alert"}
