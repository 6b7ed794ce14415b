"""Laws of directions and episodes, and how often normal signals raise an alarm in the product."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.anomaly import base, direction, episode, every
from models.compiled import compiled, layout
from models.evaluate.alarms import openings
from models.evaluate.ours import FALSE_ALARMS

THRESHOLD = 9.0
SECOND_S = 1.0


@compiled
def _scored(row, values, scores):
    last = values[0]
    for i in range(values.size):
        look = base.look(row.base, values[i], values[i] - last)
        scores[i], _ = base.score(row.base, look)
        every.learn(row, look, scores[i])
        last = values[i]


def opened(values, interval_s=SECOND_S):
    """Return the samples at which the product opens an anomaly at its default setting."""
    values = np.asarray(values, np.float64)
    scores = np.zeros(values.size)
    _scored(np.zeros(1, layout(every.Row))[0], values, scores)
    return openings(scores, every.threshold(interval_s, FALSE_ALARMS)).tolist()


def noise(n=400, seed=0, scale=1.0, centre=0.0):
    return centre + scale * np.random.default_rng(seed).normal(size=n)


@settings(deadline=None)
@given(steps=st.lists(st.floats(-10, 10), max_size=50), scale=st.floats(1e-3, 1e3))
def test_a_direction_turns_with_the_sign_of_its_steps(steps, scale):
    up, down = np.zeros(2, layout(direction.Row))
    for step in steps:
        direction.learn(up, step)
        direction.learn(down, -step)

    assert direction.sign(up, scale) == -direction.sign(down, scale)


def test_a_ramp_rises_and_a_flat_line_does_not():
    row = np.zeros(1, layout(direction.Row))[0]
    for _ in range(20):
        direction.learn(row, 1.0)
    assert direction.sign(row, 1.0) == 1
    for _ in range(60):
        direction.learn(row, 0.0)
    assert direction.sign(row, 1.0) == 0


def test_a_step_of_no_number_leaves_the_direction_as_it_was():
    row = np.zeros(1, layout(direction.Row))[0]
    direction.learn(row, 1.0)
    before = row.tobytes()
    for step in (float("nan"), float("inf"), -float("inf"), 1.7e308):
        direction.learn(row, step)

    assert row.tobytes() == before


@settings(deadline=None)
@given(scores=st.lists(st.sampled_from([0.0, 3.0, 6.0, 9.0, 50.0]), max_size=700))
def test_an_episode_opens_once_and_closes_once(scores):
    row = np.zeros(1, layout(episode.Row))[0]
    changes = [episode.step(row, score, THRESHOLD, is_near=True, is_new=False) for score in scores]
    changes = [change for change in changes if change != episode.NOTHING]

    assert all((change == episode.OPENED) == (i % 2 == 0) for i, change in enumerate(changes))
    assert bool(row["length"]) == (len(changes) % 2 == 1)
    assert row["length"] < episode.ADOPT + episode.CALM


@given(scores=st.lists(st.floats(0.0, 300.0), min_size=1, max_size=60))
def test_what_grows_is_told_thrice_at_most_and_its_peak_is_known_within_a_factor(scores):
    peaks = np.maximum.accumulate(scores)
    told = [scores[0]]
    for before, peak in itertools.pairwise(peaks.tolist()):
        if episode.grew(before, peak):
            told.append(peak)

    assert len(told) <= 4
    assert all(peak > before for before, peak in itertools.pairwise(told))
    known = max(told[-1], episode.WORSE / episode.WORSE_BY)
    assert peaks[-1] < known * episode.WORSE_BY or peaks[-1] < episode.WORSE


def test_an_episode_ends_by_calm_in_a_row_and_only_so():
    row = np.zeros(1, layout(episode.Row))[0]
    almost = [50.0, *([0.0] * (episode.CALM - 1) + [6.0]) * 3]

    told = [episode.step(row, score, THRESHOLD, is_near=True, is_new=False) for score in almost]
    assert set(told[1:]) == {episode.NOTHING}
    last = [
        episode.step(row, 0.0, THRESHOLD, is_near=True, is_new=False) for _ in range(episode.CALM)
    ]
    assert last == [episode.NOTHING] * (episode.CALM - 1) + [episode.RECOVERED]


def test_what_stays_far_away_is_not_over_however_calm():
    row = np.zeros(1, layout(episode.Row))[0]
    episode.step(row, 50.0, THRESHOLD, is_near=False, is_new=False)
    far = [
        episode.step(row, 0.0, THRESHOLD, is_near=False, is_new=False)
        for _ in range(episode.ADOPT - 2)
    ]

    assert set(far) == {episode.NOTHING}
    assert episode.step(row, 0.0, THRESHOLD, is_near=False, is_new=False) == episode.ADOPTED


@given(alarms=st.floats(1e-6, 100.0), interval=st.floats(1e-3, 1e6))
def test_more_false_alarms_and_rarer_samples_lower_the_threshold(alarms, interval):
    asked = every.threshold(interval, alarms)

    assert every.LEAST <= asked <= 300.0
    assert every.threshold(interval, 2 * alarms) <= asked
    assert every.threshold(2 * interval, alarms) <= asked


def test_a_threshold_is_that_of_the_asked_share_of_samples():
    assert every.threshold(1.0, 0.864) == pytest.approx(5.0)
    assert every.threshold(0.0, 1.0) == 300.0  # before the second sample nothing is known


def test_a_level_that_stays_opens_one_anomaly():
    assert opened([*noise(2000), *noise(3000, seed=1, centre=100.0)]) == [2000]


def autocorrelated(rng, n, phi):
    shocks, out, last = rng.normal(size=n) * np.sqrt(1 - phi * phi), np.empty(n), 0.0
    for i, shock in enumerate(shocks.tolist()):
        out[i] = last = phi * last + shock
    return out


def switched(rng, n, period):
    """Return 0 and 1 in turn, each for an exponential time of mean `period` samples."""
    lengths = (rng.exponential(period, n // period * 3) + 5).astype(int)
    return np.repeat(np.arange(len(lengths)) % 2, lengths)[:n].astype(float)


NORMAL = {
    "gaussian": lambda rng, n: rng.normal(size=n),
    "laplace": lambda rng, n: rng.laplace(size=n),
    "uniform": lambda rng, n: rng.uniform(size=n),
    "autocorrelated 0.9": lambda rng, n: autocorrelated(rng, n, 0.9),
    "autocorrelated 0.99": lambda rng, n: autocorrelated(rng, n, 0.99),
    "diurnal": lambda rng, n: 5 * np.sin(np.arange(n) * 2 * np.pi / 86_400) + rng.normal(size=n),
    "hourly": lambda rng, n: 5 * np.sin(np.arange(n) * 2 * np.pi / 3_600) + rng.normal(size=n) / 3,
    "integers, many": lambda rng, n: np.rint(rng.normal(50, 3, n)),
    "integers, few": lambda rng, n: np.rint(rng.normal(50.2, 0.3, n)),
    "half degrees": lambda rng, n: np.rint(rng.normal(21.3, 0.2, n) * 2) / 2,
    "counts": lambda rng, n: rng.poisson(3, n).astype(float),
    "pulses": lambda _rng, n: (np.arange(n) % 20 < 5).astype(float),
}


@pytest.mark.parametrize("kind", NORMAL)
def test_a_normal_signal_of_200_000_samples_raises_no_alarm(kind):
    assert opened(NORMAL[kind](np.random.default_rng(7), 200_000)) == []


SWITCHED = {
    "on and off": lambda rng, n: switched(rng, n, 60),
    "on and off, with noise": lambda rng, n: 100 * switched(rng, n, 60) + rng.normal(size=n),
    "student's t, 3": lambda rng, n: rng.standard_t(3, size=n),
    "lognormal": lambda rng, n: rng.lognormal(size=n),
    "rarely on": lambda rng, n: (rng.random(n) < 0.001).astype(float),
    "rare counts": lambda rng, n: rng.poisson(0.05, n).astype(float),
}


@pytest.mark.parametrize("kind", SWITCHED)
def test_a_signal_that_switches_or_leaps_raises_few_alarms(kind):
    assert len(opened(SWITCHED[kind](np.random.default_rng(7), 200_000))) <= 10


@pytest.mark.parametrize("kind", NORMAL)
def test_a_jump_far_out_of_a_normal_signal_raises_one_alarm(kind):
    values = NORMAL[kind](np.random.default_rng(7), 6_000)
    values[5000:5020] += 40 * max(values.std(), 0.5)

    assert opened(values) == [5000]
