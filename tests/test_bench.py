"""The benchmarks measure what they say: equal work on both sides, nothing left out of a report."""

from itertools import islice

import numpy as np
import pytest

from models.names import Config
from models.state import State
from schemas.formats import FORMATS, decoders
from streams.bench import adapter, detectors, latency, rules, state, together
from streams.bench.decode import written
from streams.bench.decode.general import GENERAL
from streams.bench.decode.measure import TYPICAL, measure
from streams.bench.steady import Steady, crossing
from streams.bench.trend import faults, told


@pytest.mark.parametrize("name", FORMATS)
def test_our_decoder_and_the_general_ones_read_as_many_values(name):
    speed = measure(decoders()[name], seed=1, turns=1, messages=10)

    assert speed.samples > 0
    assert speed.ratio > 0
    assert speed.general in {one.name for one in GENERAL[name]}
    assert set(speed.figures()) > {"samples_a_second", "messages_a_second", "ns_a_sample_new"}


@pytest.mark.parametrize("name", FORMATS)
def test_no_message_of_a_benchmark_is_sent_twice_and_the_seed_makes_them(name):
    def made(turn, seed):
        wanted = written.Wanted(np.random.default_rng(seed), turn, 8)
        return [one.data for one in TYPICAL[name].make(wanted)]

    turns = [*made(1, 5), *made(2, 6)]
    assert len(set(turns)) == 16
    assert made(1, 5) == turns[:8]


def test_an_alert_that_never_came_is_counted_as_missing():
    sent = [("a", 1_000_000), ("a", 2_000_000), ("b", 2_000_000)]
    told = latency.report(
        sent, {sent[0]: 1_100_000, sent[2]: 2_300_000}, latency.Report(0.0, 1.0, 0.0, {})
    )

    assert (told.alerts, told.missing) == (2, 1)
    assert told.p50 == pytest.approx(0.2)
    assert told.most == pytest.approx(0.3)


def test_a_frame_past_the_limit_is_followed_by_one_that_is_not():
    steady = Steady("", "", "p", 2, assets=3, crossings=2.0, seed=1)
    told = list(islice(crossing(steady), 300))

    assert any(told)
    assert not any(a and b for a, b in zip(told, told[3:], strict=False))


def test_every_signal_of_the_rules_benchmark_is_read_and_every_instance_asked():
    feed, one = state.Feed(1_000, 1), State(Config(rules=rules.rules()))
    for _ in range(3):
        one.apply(feed.block(1_000))
    conditions = one.conditions

    assert len(conditions.every) == rules.RULES
    assert conditions.instances.size == conditions.readings.size == 1_000
    assert (conditions.instances.rows["now"]["asked_ns"] == (state.START_S + 2) * 10**9).all()


def test_a_state_is_weighed_with_all_its_arrays():
    feed = state.Feed(1_000, 1)
    one = State(state.CONFIG)
    for _ in range(3):
        one.apply(feed.block(2_000))
    weight = state.weigh(one)

    assert weight.signals == 1_000
    assert weight.table == state.State(state.CONFIG).signals.all.dtype.itemsize
    assert weight.held >= 13 * 5


def test_flatness_is_the_worst_ratio_to_the_fewest_signals():
    speeds = [
        state.Speed(n, block, turns=[ns] * 5)
        for block in state.BLOCKS
        for n, ns in ((1_000, 100.0), (100_000, 80.0), (1_000_000, 125.0))
    ]

    assert state.flatness(speeds) == pytest.approx(0.8)


def test_each_message_of_the_adapter_benchmark_is_one_sample_and_no_time_comes_twice():
    made = [value for turn in (0, 1) for _, value in adapter.keyed(1, turn, 2_000)]
    spans = decoders()[adapter.FORMAT].decode(made).spans
    points = [spans.shapes[i] for i in spans.shape]

    assert spans.message.tolist() == list(range(4_000))
    assert len(set(zip(spans.asset.tolist(), points, spans.time_ns.tolist(), strict=True))) == 4_000


@pytest.mark.parametrize("name", ["every", "chosen"])
def test_each_signal_of_the_detectors_benchmark_has_as_many_samples(name):
    walk = detectors.Walk(detectors.Tier(name, 1_000, 1), 1)
    walk.turn(3 * detectors.BLOCK)
    rows = walk.table if name == "every" else walk.table["every"]

    assert set(rows["base"]["place"]["seen"].tolist()) == {60.0}
    assert len(walk.tier.turns) == 1
    assert walk.tier.ns > 0.0


@pytest.mark.parametrize("asks", [False, True])
def test_an_asset_of_the_detectors_benchmark_judges_each_row_and_says_what_it_costs(asks):
    asset = together.Asset(4, 1, asks=asks)
    asset.turn(300)

    assert asset.model.state.asset["seen"][0] == 300
    assert (asset.model.opinion is not None) == asks
    assert asset.cost.line().startswith("together and river: 4" if asks else "together: 4")
    assert (asset.cost.bytes > 50_000) == asks


def test_a_straight_line_through_the_last_day_comes_to_the_limit_where_it_does():
    times = np.arange(0.0, 3 * 86_400.0, 600.0)
    values = (60.0 + 5.0 * times / 86_400.0)[:, None]
    seen = faults.Seen([("node-01/gpu0", "DCGM_FI_DEV_GPU_TEMP")], times, values, values)

    assert told.straight(seen, 0, 2 * 86_400.0) == pytest.approx(18.0 / 5.0 * 86_400.0, rel=1e-6)
    flat = seen._replace(values=np.full_like(values, 60.0))
    assert told.straight(flat, 0, 2 * 86_400.0) == 2 * 86_400.0 + told.NEVER_S


def test_a_limit_is_reached_between_the_middles_of_two_hours():
    times = np.arange(0.0, 86_400.0, 600.0)
    values = (70.0 + times / 3_600.0)[:, None]
    seen = faults.Seen([("node-01/gpu0", "DCGM_FI_DEV_GPU_TEMP")], times, values, values)

    (arrival,) = faults.arrivals(seen, 600.0).tolist()
    assert arrival == pytest.approx(8.0 * 3_600.0, abs=600.0)
