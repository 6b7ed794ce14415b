"""An asset's signals together: laws, and what they say that one signal does not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.anomaly import asset, joint

MINUTE = 60 * 10**9


def minutes(n):
    return MINUTE * np.arange(n, dtype=np.int64)


def plant(n=4000, k=6, seed=0):
    """Return `k` signals that share half of what moves them, (n, k)."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 1)) + rng.normal(size=(n, k)) + 10.0 * np.arange(k)


def tell(values):
    return asset.tell(asset.new(values.shape[1]), minutes(len(values)), values)


def test_an_asset_that_stands_still_is_never_told():
    assert not tell(np.full((2000, 5), 21.5)).scores.any()


@pytest.mark.parametrize("cut", [1, 63, 64, 700])
def test_a_prefix_is_told_the_same_and_the_rest_goes_on_from_it(cut):
    values, state = plant(1000), asset.new(6)
    whole = tell(values)
    first = asset.tell(state, minutes(1000)[:cut], values[:cut])
    rest = asset.tell(state, minutes(1000)[cut:], values[cut:])

    assert np.array_equal(whole.scores, np.concatenate([first.scores, rest.scores]))
    assert np.array_equal(whole.signals, np.concatenate([first.signals, rest.signals]))


def test_the_order_of_signals_does_not_matter():
    values, order = plant(), [3, 1, 5, 0, 2, 4]
    one, other = tell(values), tell(values[:, order])

    assert np.mean(np.abs(one.scores - other.scores) > 0.05) < 0.01


def test_another_unit_of_each_signal_is_told_the_same():
    values = np.round(plant(), 3)
    one, other = tell(values), tell(values * 2.0 ** np.array([0, 3, -3, 5, -5, 1]))

    assert np.mean(np.abs(one.scores - other.scores) > 0.05) < 0.01


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 99), share=st.floats(0, 1))
def test_values_that_are_missing_leave_a_number(seed, share):
    values = plant(500, seed=seed)
    values[np.random.default_rng(seed).random(values.shape) < share] = np.nan
    values[np.random.default_rng(seed + 1).random(values.shape) < 0.01] = np.inf
    told = tell(values)

    assert np.isfinite(told.scores).all()
    assert (told.scores >= 0.0).all()


def test_a_little_of_many_signals_is_more_than_the_same_of_one():
    many, one = plant(8000), plant(8000)
    many[6000:6020] += 3.0
    one[6000:6020, 2] += 3.0

    assert tell(many).scores[6000:6020].max() > tell(one).scores[6000:6020].max()


def test_the_signal_that_says_most_is_named():
    values = plant()
    values[3000:3010, 4] += 30.0
    told = tell(values)

    assert set(told.signals[3000:3005].tolist()) == {4}
    assert told.scores[3000:3005].max() > 3.0


def test_signals_that_part_are_told_though_each_stays_as_it_was():
    rng = np.random.default_rng(4)
    shared = rng.normal(size=(6000, 1))
    values = shared + 0.1 * rng.normal(size=(6000, 4))
    apart = values.copy()
    apart[4000:4040, 3] = rng.permutation(values[:, 3])[:40]

    assert tell(apart).scores[4000:4040].max() > tell(values).scores[4000:4040].max() + 1.0


def scatter(k, rows):
    """Return the inverse that `joint` keeps after learning `rows` (n, k)."""
    inverse, work = np.zeros((k, k)), np.zeros(k)
    joint.start(inverse)
    for i, row in enumerate(rows):
        joint.learn(inverse, row, work, i)
    return inverse


@pytest.mark.parametrize("k", [1, 3, 8])
def test_the_distance_is_that_of_mahalanobis_with_a_ridge(k):
    rng = np.random.default_rng(k)
    rows = rng.normal(size=(240, k)) @ rng.normal(size=(k, k))
    ridge = joint.RIDGE * (1 + 240) * np.eye(k)
    away = rng.normal(size=k)
    want = np.sqrt(241 * away @ np.linalg.inv(rows.T @ rows + ridge) @ away / k)

    assert joint.distance(scatter(k, rows), away, 240.0) == pytest.approx(want, rel=1e-6)


def test_copies_and_still_signals_keep_a_distance_that_is_a_number():
    rows = np.random.default_rng(1).normal(size=(50_000, 1)) * np.array([1.0, 1.0, 0.0])
    inverse = scatter(3, rows)

    assert joint.distance(inverse, np.array([1.0, 1.0, 0.0]), 5e4) == pytest.approx(0.58, rel=0.1)
    assert joint.distance(inverse, np.array([1.0, -1.0, 0.0]), 5e4) == pytest.approx(8.2, rel=0.1)
    assert joint.distance(inverse, np.array([0.0, 0.0, 1.0]), 5e4) == pytest.approx(5.8, rel=0.1)


def test_a_fault_that_lasts_stays_told():
    values = plant(8000)
    values[6000:7000, :3] += 8.0
    scores = tell(values).scores

    assert np.median(scores[6010:7000]) > 1.5 * np.quantile(scores[3000:6000], 0.98)


@pytest.mark.parametrize("seed", [1, 2])
def test_healthy_rows_in_alarm_are_at_most_some_ten_times_what_was_asked(seed):
    scores = tell(plant(30_000, seed=seed)).scores[2000:]

    assert np.mean(scores >= 3.0) < 2e-2
    assert np.mean(scores >= 4.0) < 5e-3
    assert np.mean(scores >= 6.0) < 1e-3
