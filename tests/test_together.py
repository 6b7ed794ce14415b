"""Laws of signals judged together: what none of them says alone is told, and no healthy one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pumps import (
    CONFIG,
    FAULT,
    FRAME,
    LENGTH,
    POINTS,
    SECOND,
    blocks,
    contents,
    messages,
    parted,
    pumps,
    restored,
    saved,
    short,
    through,
    told,
)

from models.anomaly import asset
from models.names import Config
from models.state import State
from models.together import memory
from schemas.settings import Detect, Settings
from schemas.telemetry import Source

# What is told


def test_signals_that_part_are_told_though_no_signal_is_far_from_where_it_was():
    events = through(blocks(messages(parted(pumps()))))
    opened, closed = told(events)

    assert {e.data.kind for e in events} == {"together"}
    assert (opened.data.asset, opened.data.point, opened.data.detector) == ("pump-1", "", "apart")
    assert FAULT.start * FRAME < opened.time.timestamp() <= (FAULT.start + 12) * FRAME
    assert FAULT.stop * FRAME < closed.time.timestamp() <= (FAULT.stop + 60) * FRAME
    assert closed.data.ended == "recovered"
    assert closed.data.score >= opened.data.score
    assert opened.data.value > opened.data.expected + 3.0 * opened.data.spread


def test_the_signal_that_parted_is_named_first_with_what_the_others_let_expect():
    values = parted(pumps())
    opened = told(through(blocks(messages(values))))[0]
    fact = opened.data.evidence.facts[0]
    at = round(opened.time.timestamp() / FRAME) - 1

    assert "power was" in fact.text
    assert f"the others let expect {values[at, [0, 1, 3]].mean():.1f}"[:-2] in fact.text
    assert (fact.value, fact.offset) == (pytest.approx(values[at, 2]), at)
    assert "no longer do" in opened.data.evidence.hypotheses[0].text


def test_a_little_of_many_signals_is_told():
    values = np.random.default_rng(5).normal(50.0, 1.0, (LENGTH, 12))
    values[FAULT] += 2.5
    names = tuple(f"p{i}" for i in range(12))
    (opened, closed) = told(through(blocks(messages(values, points=names))))

    assert FAULT.start * FRAME < opened.time.timestamp() <= (FAULT.start + 12) * FRAME
    assert closed.data.ended == "recovered"


@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("keeps", [0.0, 0.95])
def test_healthy_signals_are_not_told(seed, keeps):
    values = pumps(4000, seed)
    for i in range(1, len(values)):
        values[i] = keeps * values[i - 1] + (1.0 - keeps) * values[i]

    assert not told(through(blocks(messages(values))))


def test_signals_that_stand_still_are_not_told():
    assert not told(through(blocks(messages(np.full((1500, 4), 21.5)))))


@pytest.mark.parametrize("share", [0.02, 0.3, 0.95])
def test_values_that_are_missing_are_no_anomaly(share):
    values = pumps()
    values[np.random.default_rng(7).random(values.shape) < share] = np.nan

    assert not told(through(blocks(messages(values))))


def test_assets_that_were_not_chosen_are_not_judged_together():
    state = State(CONFIG)

    assert not told(through(blocks(messages(parted(pumps()), name="fan-1")), state))
    assert not state.together.models


def test_what_lasts_is_told_once():
    values = pumps(2400)
    values[1200:, 2] = np.roll(values[:, 2], 50)[1200:]
    (_, closed) = told(through(blocks(messages(values))))

    assert closed.data.ended == "adopted"
    assert "told no longer" in closed.data.summary


# Rows


def test_rows_are_judged_as_in_evaluation():
    values, state, alone = pumps(400), State(CONFIG), asset.new(4)
    through(blocks([*messages(values), ("pump-1", POINTS, 9e4, (50.0,) * 4)]), state)
    asset.tell(alone, FRAME * SECOND * np.arange(400), values)
    model = state.together.models[0].state

    assert model.asset.tobytes() == alone.asset.tobytes()
    assert model.signals.tobytes() == alone.signals.tobytes()
    assert np.array_equal(model.inverse, alone.inverse)


def test_a_row_is_the_mean_of_what_came_within_its_frame():
    values = parted(pumps())
    twice = [
        (name, points, second + after, tuple(value + more for value in row))
        for name, points, second, row in messages(values)
        for after, more in ((0, 0.25), (2, -0.25))
    ]

    assert short(through(blocks(twice))) == short(through(blocks(messages(values))))


@given(seed=st.integers(0, 99))
@settings(deadline=None, max_examples=3)
def test_signals_may_come_one_by_one_in_any_order_within_a_frame(seed):
    rng, values = np.random.default_rng(seed), parted(pumps())
    alone = [
        (name, (point,), second + 4 * rng.random(), (value,))
        for name, points, second, row in messages(values)
        for point, value in zip(points, row, strict=True)
    ]
    alone[8:] = sorted(alone[8:], key=lambda one: one[2] // FRAME + rng.random() / 2)

    assert contents(through(blocks(alone))) == contents(through(blocks(messages(values))))


@given(cuts=st.lists(st.integers(1, LENGTH), max_size=20))
@settings(deadline=None, max_examples=8)
def test_however_samples_are_cut_into_blocks_the_same_is_told(cuts):
    two = sorted(
        messages(parted(pumps())) + messages(parted(pumps(seed=2, k=3)), "pump-2", POINTS[:3]),
        key=lambda one: one[2],
    )
    whole, cut = State(CONFIG), State(CONFIG)

    assert told(through(blocks(two), whole)) == told(through(blocks(two, cuts), cut))
    assert saved(whole) == saved(cut)


@given(seed=st.integers(0, 999), cuts=st.lists(st.integers(1, 600), max_size=20))
@settings(deadline=None, max_examples=12)
def test_what_comes_late_twice_or_by_a_clock_set_back_is_taken_alike_however_it_is_cut(seed, cuts):
    rng = np.random.default_rng(seed)
    sent = [
        (name, POINTS[: rng.integers(1, 5)], second, row)
        for name in ("pump-1", "pump-2")
        for _, _, second, row in messages(pumps(300, seed))
    ]
    sent.sort(key=lambda one: one[2] + 40.0 * rng.random() ** 6)
    for i, (name, points, second, row) in enumerate(sent):
        moved = 10_000 + second - 1_000 * (i > 330) + 9_000 * (i == 320)
        sent[i] = (name, points, moved, row[: len(points)])
    whole, cut = State(CONFIG), State(CONFIG)

    assert told(through(blocks(sent), whole)) == told(through(blocks(sent, cuts), cut))
    assert saved(whole) == saved(cut)
    assert whole.together.models[0].state.asset["seen"][0] > 50


@pytest.mark.parametrize("stop", [1, 64, 700, 1199, 1202, 1206, 1299, 1330])
def test_a_state_that_was_saved_goes_on_as_if_it_had_not_been(stop):
    sent = messages(parted(pumps()))
    through_all, first = State(CONFIG), State(CONFIG)
    want = told(through(blocks(sent), through_all))
    events = told(through(blocks(sent[:stop]), first))
    second = restored(first)
    events += told(through(blocks(sent[stop:], first=stop), second))

    assert events == want
    assert saved(second) == saved(through_all)


# Which signals


def test_codes_are_no_signals_and_have_no_column():
    state = State(CONFIG)
    through(blocks(messages(pumps(5), points=("in", "mode", "out", "flow"))), state)

    assert [state.names.point_of[i] for i in state.together.models[0].columns] == [
        "in",
        "out",
        "flow",
    ]


def test_of_an_asset_the_first_signals_are_judged_and_no_more():
    state, names = State(CONFIG), tuple(f"p{i}" for i in range(memory.MOST + 5))
    through(blocks(messages(pumps(5, k=len(names)), points=names)), state)

    assert state.together.models[0].columns.tolist() == list(range(memory.MOST))


@pytest.mark.parametrize("cuts", [(), range(1, 40), (7, 8, 21)])
def test_memory_is_bounded_and_the_first_seen_have_it(cuts):
    config = Config(frame_ns=FRAME * SECOND, together=("*",), together_bytes=20_000, peers=False)
    state = State(config)
    sent = [(f"pump-{i}", POINTS, second, (1.0,) * 4) for second in (0, 9, 18) for i in range(10)]
    through(blocks(sent, cuts), state, config)
    sizes = [len(model.columns) for model in state.together.models]

    assert sizes[:3] == [4, 4, 0] or sizes[:2] == [4, 4]
    assert sum(model.bytes() for model in state.together.models) <= 20_000
    assert saved(state) == saved(restored(state, config))


def test_a_new_signal_lets_an_asset_be_learned_anew():
    state, values = State(CONFIG), parted(pumps(k=5))
    early = [(n, POINTS, s, v[:4]) for n, _, s, v in messages(values)][: FAULT.start + 5]
    late = messages(values, points=(*POINTS, "new"))[FAULT.start + 5 :]
    (_, closed) = told(through(blocks([*early, *late]), state))

    assert closed.data.ended == "adopted"
    assert closed.time.timestamp() == (FAULT.start + 6) * FRAME
    assert len(state.together.models[0].state.values) == 5


def test_a_new_life_of_a_topic_goes_on_with_what_was_learned():
    state, sent = State(CONFIG), messages(parted(pumps()))
    through(blocks(sent[:1000]), state)
    events = through(blocks(sent[1000:], source=Source("raw", 0, "another")), state)

    assert len(state.together.models) == 1
    assert told(events)[0].time.timestamp() <= (FAULT.start + 12) * FRAME


def test_each_source_of_an_asset_has_a_model_of_its_own():
    state = State(CONFIG)
    for partition in (0, 1):
        source = Source("raw", partition, "epoch")
        through(blocks(messages(pumps(20, seed=partition)), source=source), state)

    assert [len(model.columns) for model in state.together.models] == [4, 4]


def test_assets_may_be_chosen_and_forgotten_at_a_restart():
    state = State(CONFIG)
    through(blocks(messages(pumps(20)) + messages(pumps(20), "fan-1")), state)
    other = Config(frame_ns=FRAME * SECOND, together=("fan-*",), peers=False, points=CONFIG.points)
    now = restored(state, other)
    through(blocks(messages(pumps(40)[20:], "fan-1"), first=40), now, other)

    assert len(now.together.models) == 1
    assert len(now.together.models[0].columns) == 4


def test_settings_say_which_assets_and_how_much_memory():
    detect = Detect(together=("pump-*",), together_mb=1.5, second_opinion=("pump-1",))
    config = Config.of(Settings(detect=detect))

    assert [config.joins(name) for name in ("pump-1", "fan-1")] == [True, False]
    assert [config.asks(name) for name in ("pump-1", "pump-2")] == [True, False]
    assert config.together_bytes == 3 * 2**19
    assert not Config.of(Settings()).joins("pump-1")
