"""Contenders answer online: not by what comes later, nor by how rows are cut into batches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evaluate.alarms import openings
from models.evaluate.contenders import CALIBRATED, CONTENDERS
from models.evaluate.floors import Chance, Clock
from models.evaluate.once import ROWS, once
from models.evaluate.ours import FALSE_ALARMS, Ours, threshold
from models.evaluate.tail import FAR, gaussian, largest
from models.names import Config
from models.pipeline import run
from models.telemetry import Gatherer, Judge, Piece
from schemas.anomaly import AnomalyKind
from schemas.events import Kind
from schemas.settings import Detect
from schemas.telemetry import Source, SpansBuilder

ROWS_SEEN = 700
MINUTE = 60_000_000_000
every_contender = pytest.mark.parametrize("name", CONTENDERS)


def recording(signals=2, rows=ROWS_SEEN, seed=3):
    """Return times and values with outliers, a step, and missing ones."""
    rng = np.random.default_rng(seed)
    values = rng.normal(20.0, 1.0, (rows, signals)).round(3)
    values[rng.integers(0, rows, 9), rng.integers(0, signals, 9)] += 15.0
    values[rows // 2 :, 0] += 8.0
    values[rows // 3 : rows // 3 + 4, signals - 1] = np.nan
    return np.arange(rows) * MINUTE, values


def scores(name, times_ns, values, *cuts):
    contender = CONTENDERS[name](7)
    parts = zip(np.split(times_ns, cuts), np.split(values, cuts), strict=True)
    return np.concatenate([contender.score(*part) for part in parts])


@every_contender
def test_the_scores_of_a_beginning_are_the_beginning_of_the_scores(name):
    times_ns, values = recording()
    whole = scores(name, times_ns, values)
    for end in (0, 1, 40, 300, ROWS_SEEN - 1):
        np.testing.assert_array_equal(scores(name, times_ns[:end], values[:end]), whole[:end])


@every_contender
def test_what_comes_later_changes_no_score(name):
    times_ns, values = recording()
    other = values.copy()
    other[400:] = -1e6
    before, after = scores(name, times_ns, values), scores(name, times_ns, other)
    np.testing.assert_array_equal(before[:400], after[:400])


@every_contender
def test_how_rows_are_cut_into_batches_changes_no_score(name):
    times_ns, values = recording()
    np.testing.assert_array_equal(
        scores(name, times_ns, values, 1, 2, 33, 290, 291, 600), scores(name, times_ns, values)
    )


@every_contender
def test_every_row_gets_a_finite_score_that_is_not_negative(name):
    times_ns, values = recording(3)
    values[50] = np.nan
    values[60] = [np.inf, -np.inf, 1e300]
    found = scores(name, times_ns, values)
    assert found.shape == times_ns.shape
    assert np.isfinite(found).all()
    assert (found >= 0.0).all()


@pytest.mark.parametrize("name", ["ours", "zscore", "river-sad"])
def test_an_outlier_scores_higher_than_all_before_it(name):
    values = np.random.default_rng(1).normal(size=(400, 3))
    values[300, 1] = 30.0
    found = scores(name, np.arange(400) * MINUTE, values)
    assert found[300] > found[30:300].max()


def test_seeds_differ_and_the_same_seed_is_the_same():
    times_ns, values = recording()
    for name in ("random", "river-hst"):
        one, same, other = (CONTENDERS[name](seed).score(times_ns, values) for seed in (1, 1, 2))
        np.testing.assert_array_equal(one, same)
        assert (one != other).any()


def test_a_score_of_chance_or_clock_is_as_rare_as_it_says():
    n = 1 << 16
    times_ns, values = np.arange(n), np.zeros((n, 1))
    assert np.mean(Chance(5).score(times_ns, values) >= 2.0) == pytest.approx(0.01, rel=0.15)
    strikes = Clock().score(times_ns, values)
    for power in range(1, 12):
        assert np.mean(strikes >= power * np.log10(2.0) - 1e-12) == 2.0**-power


@given(a=st.floats(0.0, 1e6), b=st.floats(0.0, 1e6))
def test_farther_out_is_never_likelier(a, b):
    near, far = sorted((a, b))
    assert gaussian(near) <= gaussian(far) + 1e-9


def test_a_gaussian_tail_is_right_at_known_points_and_smooth_where_the_series_begins():
    assert gaussian(0.0) == 0.0
    assert gaussian(1.959963984540054) == pytest.approx(-np.log10(0.05))
    assert gaussian(-6.0) == pytest.approx(-np.log10(1.9731752900753e-09))
    assert gaussian(FAR) == pytest.approx(gaussian(np.nextafter(FAR, 0.0)), rel=1e-9)
    assert np.isfinite(gaussian(np.inf))


def test_the_largest_of_ten_scores_is_worth_one_less():
    assert largest(np.array([5.0] + [0.0] * 9)) == pytest.approx(4.0)
    assert largest(np.array([5.0])) == 5.0
    assert largest(np.zeros(0)) == 0.0


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), end=st.integers(0, 3 * ROWS))
def test_an_alarm_is_told_once_and_online(seed, end):
    given_ = np.random.default_rng(seed).integers(0, 50, 3 * ROWS) / 7.0
    told = once(given_)
    for row in np.flatnonzero(told):
        assert told[row] == given_[row] > given_[max(row - ROWS, 0) : row].max(initial=-1.0)
    np.testing.assert_array_equal(once(given_[:end]), told[:end])
    np.testing.assert_array_equal(once(told), told)


def test_ours_is_calibrated_and_at_the_operators_default_threshold():
    assert Detect().false_alarms == FALSE_ALARMS
    assert threshold(np.arange(9) * MINUTE) == pytest.approx(np.log10(1440 / FALSE_ALARMS))
    assert "ours" in CALIBRATED


def published(values):
    """Return the rows at which the product itself opens an anomaly of a signal."""
    gatherer, judge, spans = Gatherer(lambda _asset: 0), Judge(Config()), SpansBuilder()
    config = Config(remembered=("*",))
    for row, value in enumerate(values):
        spans.add(row, "a", ("p",), (row + 1) * MINUTE, (value,), (0,))
    judged = judge.judge(spans.build(), np.full(len(values), -1, np.int64))
    gatherer.add(Piece(Source("t", 0, ""), np.arange(len(values)), judged))
    blocks = gatherer.flush()[0]
    events = [event for found in run(config, blocks) for event in found.events]
    return [
        round(event.data.since.timestamp()) // 60 - 1
        for event in events
        if event.type == Kind.ANOMALY_OPENED and event.data.kind == AnomalyKind.LEVEL
    ]


def test_our_scores_open_the_anomalies_that_the_product_publishes():
    times_ns, values = recording(1, rows=2 * ROWS_SEEN, seed=9)
    values[np.isnan(values)] = 20.0
    opened = openings(Ours().score(times_ns, values), threshold(times_ns)).tolist()
    told = published(values[:, 0].tolist())
    assert set(told) <= set(opened)
    assert told[0] == opened[0]
