"""Laws of a signal judged from beginning to end, and of what a chosen signal remembers besides."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.anomaly import base, centre, every, gate, once, past, season, series, shape, tail
from models.compiled import layout
from schemas.units import MOST

MINUTE = 60 * 10**9
believed = st.floats(-MOST, MOST)


def minutes(n, first=0):
    return first + MINUTE * np.arange(n, dtype=np.int64)


def noise(n=3000, seed=0):
    return np.random.default_rng(seed).normal(size=n)


def daily(days, seed=0):
    """Return a week's rhythm by the minute: busy from 8 to 18 but for Saturdays and Sundays."""
    hours = np.arange(days * 1440) / 60
    busy = (hours % 24 >= 8) & (hours % 24 < 18) & (hours // 24 % 7 < 5)
    return 20.0 * busy + np.random.default_rng(seed).normal(size=hours.size)


TELL = (series.tell_every, lambda values: series.tell_chosen(minutes(len(values)), values))


def test_what_is_remembered_of_a_signal_stays_within_its_budget():
    assert series.EVERY.itemsize <= 176
    assert series.CHOSEN.itemsize <= 2048
    assert layout(season.Row).itemsize + layout(shape.Row).itemsize == layout(past.Row).itemsize


@pytest.mark.parametrize("tell", TELL)
@settings(deadline=None)
@given(value=believed, n=st.integers(1, 400))
def test_a_flat_line_is_never_told(tell, value, n):
    told = tell([value] * n)

    assert not told.scores.any()
    assert not told.events.any()


@pytest.mark.parametrize("tell", TELL)
@settings(deadline=None, max_examples=30)
@given(values=st.lists(believed | st.just(float("nan")), min_size=1, max_size=400))
def test_whatever_the_values_a_score_is_a_number_and_an_event_is_its_score(tell, values):
    told = tell(values)

    assert np.isfinite(told.scores).all()
    assert (told.scores >= 0.0).all()
    assert ((told.events == 0.0) | (told.events == told.scores)).all()
    assert (told.scores[np.isnan(values)] == 0.0).all()


@pytest.mark.parametrize("tell", TELL)
@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 9), cut=st.integers(1, 1999))
def test_a_prefix_is_told_the_same(tell, seed, cut):
    values = noise(2000, seed).cumsum()
    whole, prefix = tell(values), tell(values[:cut])

    for all_of_it, first in zip(whole, prefix, strict=True):
        assert np.array_equal(all_of_it[:cut], first)


@pytest.mark.parametrize("tell", TELL)
def test_values_that_are_no_number_are_passed_over(tell):
    values, gaps = noise(), np.full(6000, np.nan)
    values[2000] = 30.0
    gaps[::2] = values
    told = series.tell_every(gaps)

    assert np.array_equal(told.scores[::2], series.tell_every(values).scores)
    assert not tell(np.full(100, np.nan)).scores.any()


@pytest.mark.parametrize("tell", TELL)
@pytest.mark.parametrize("factor", [2.0**-10, -1.0, 2.0**10])
def test_another_unit_is_told_the_same(tell, factor):
    values = np.round(noise(), 3)
    values[2000:2020] += 9.0
    one, other = tell(values).scores, tell(factor * values).scores

    assert one.max() > 3.0
    assert np.mean(np.abs(one - other) > 0.05) < 0.02


def test_a_score_of_a_chosen_signal_learns_nothing():
    row, place = np.zeros(1, layout(past.Row))[0], np.zeros(1, layout(centre.Row))[0]
    for i, value in enumerate(noise(500)):
        near = past.nearest(row, place, value)
        if i == 0:
            past.start(row, value, 0)
            centre.start(place, value)
        past.learn(row, value, i * MINUTE, near, float(i))
        past.follow(row, near[0])
        centre.learn(place, value, 1.0, 1.0)
    before = row.tobytes() + place.tobytes()
    near = past.nearest(row, place, 9.0)
    past.score(row, 9.0, 500 * MINUTE, near[1], (500.0, 0.0, 0))

    assert row.tobytes() + place.tobytes() == before


def test_a_night_in_the_middle_of_a_working_day_is_told_by_the_clock():
    values = daily(12)
    values[9 * 1440 + 660 : 9 * 1440 + 720] -= 20.0
    told = series.tell_chosen(minutes(values.size, 4 * 1440 * MINUTE), values)
    hour = slice(9 * 1440 + 660, 9 * 1440 + 720)

    assert told.scores[hour].max() > 3.0
    assert season_reasons(told, hour)
    assert series.tell_every(values).scores[hour].max() < told.scores[hour].max()


def season_reasons(told, where):
    return past.SEASON in told.reasons[where]


def test_the_second_weekend_is_no_surprise():
    # 1970 began on a Thursday: the pattern begins on a Monday.
    values = daily(24)
    told = series.tell_chosen(minutes(values.size, 4 * 1440 * MINUTE), values)

    assert told.scores[19 * 1440 : 21 * 1440].max() < 4.0


def test_a_known_shape_is_near_and_a_new_one_is_not():
    time = np.arange(6000)
    values = np.sin(time * 2 * np.pi / 40) + 0.01 * noise(6000)
    values[5000:5040] = np.sin(time[5000:5040] * 2 * np.pi / 8)
    told = series.tell_chosen(minutes(6000), values)

    assert told.scores[4000:5000].max() < told.scores[5000:5050].max()
    assert past.SHAPE in told.reasons[5000:5050] or base.SWUNG in told.reasons[5000:5050]


@settings(deadline=None)
@given(known=st.lists(st.floats(-7.9, 7.9), min_size=1, max_size=300), away=st.floats(-8, 8))
def test_the_nearest_shape_is_the_nearest(known, away):
    row = np.zeros(1, layout(shape.Row))[0]
    shape.start(row)
    for i, value in enumerate(known):
        shape.learn(row, value, shape.nearest(row, value), float(shape.WARMUP + i))
        shape.follow(row, value)
    codes = np.array([shape.code(row, away, side) for side in range(shape.SIDES)])
    far = ((row["shapes"][:, : row["known"]].astype(int) - codes[:, None]) ** 2).sum(0)
    distance, which = shape.nearest(row, away)

    assert 1 <= row["known"] <= shape.SHAPES
    assert far[which] == far.min()
    assert distance == pytest.approx(np.sqrt(far.min() / shape.SIDES) / shape.STEPS)


@settings(deadline=None)
@given(scores=st.lists(st.sampled_from([0.0, 1.0, 3.0, 5.0, 9.0]), max_size=900))
def test_a_gate_shuts_at_its_score_and_never_for_longer_than_it_lasts(scores):
    row = np.zeros(1, layout(gate.Row))[0]
    said = [gate.step(row, score, series.CLOSES, series.LASTS) for score in scores]
    shut = "".join("x" if s == gate.SHUT else "." for s in said)

    assert max(map(len, shut.split("."))) <= series.LASTS
    assert all(s == gate.OPEN for s in said) or max(scores) >= series.CLOSES


def test_a_gate_opens_after_calm_in_a_row():
    row = np.zeros(1, layout(gate.Row))[0]
    assert gate.step(row, 9.0, 4.0, 300) == gate.SHUT
    said = [gate.step(row, 0.0, 4.0, 300) for _ in range(gate.CALM)]

    assert said == [gate.SHUT] * (gate.CALM - 1) + [gate.OPEN]


@settings(deadline=None)
@given(scores=st.lists(st.floats(0.01, 20), max_size=600))
def test_news_is_rare_or_much_worse(scores):
    row = np.zeros(1, layout(once.Row))[0]
    told = [(i, e) for i, s in enumerate(scores) if (e := once.step(row, s, False)) > 0.0]

    for (i, one), (j, other) in pairwise(told):
        assert j - i >= once.REST or other > one


def test_a_level_that_lasts_is_told_once_and_becomes_the_normal_one():
    values = noise(4000)
    values[2000:] += 30.0
    told = series.tell_every(values)
    events = np.flatnonzero(told.events[1990:] >= 4.0) + 1990

    assert events[0] == 2000
    assert events.size <= 3
    assert told.scores[3000:].max() < 4.0


NORMAL = {
    "gaussian": lambda rng, n: rng.normal(size=n),
    "laplace": lambda rng, n: rng.laplace(size=n),
    "student's t, 3": lambda rng, n: rng.standard_t(3, size=n),
    "random walk": lambda rng, n: rng.normal(size=n).cumsum(),
    "diurnal": lambda rng, n: 5 * np.sin(np.arange(n) * 2 * np.pi / 1440) + rng.normal(size=n),
    "counts": lambda rng, n: rng.poisson(3, n).astype(float),
    "pulses": lambda _rng, n: (np.arange(n) % 20 < 5).astype(float),
}


@pytest.mark.parametrize("kind", NORMAL)
def test_false_alarms_of_a_chosen_signal_are_at_most_a_few_times_what_was_asked(kind):
    values = NORMAL[kind](np.random.default_rng(3), 100_000)
    scores = series.tell_chosen(minutes(values.size), values).scores[2000:]

    assert np.mean(scores >= 3.0) < 2e-3
    assert np.mean(scores >= 4.0) < 4e-4
    assert np.mean(scores >= 5.0) < 1e-4


@pytest.mark.parametrize("kind", ["gaussian", "laplace", "random walk", "counts"])
def test_alarms_a_day_are_at_most_a_few_times_what_was_asked(kind):
    days, samples_a_day = 30, 1440 * 3
    values = NORMAL[kind](np.random.default_rng(5), days * samples_a_day)
    threshold = every.threshold(86_400.0 / samples_a_day, 1.0)
    events = series.tell_every(values).events

    assert np.mean(events[samples_a_day:] >= threshold) * samples_a_day < 3.0


@pytest.mark.parametrize("tell", TELL)
def test_no_score_is_beyond_the_most_that_an_event_tells(tell):
    values = noise()
    values[2000:] += 1e30 * np.arange(1000)

    assert 100.0 < tell(values).scores.max() <= tail.TOP
