"""Laws of the detectors, and how often they alarm on signals with nothing wrong in them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.anomaly import direction, episode, robust
from models.compiled import compiled, layout
from schemas.units import MOST

THRESHOLD = 9.0
believed = st.floats(-MOST, MOST)
plain = st.floats(-1e6, 1e6)


class Pair:
    """What the loop holds of one signal for its anomalies."""

    robust: robust.Row
    episode: episode.Row


@compiled
def alarms(pair, values, threshold, seen):
    """Take values as the loop does. `seen`: opened, recovered, adopted, samples in alarm."""
    last = values[0]
    for i in range(values.size):
        value = values[i]
        away = robust.residual(pair.robust, value)
        change = episode.step(pair.episode, robust.score(pair.robust, value), threshold)
        if change == episode.OPENED:
            robust.learn_tail(pair.robust, abs(away))
        if change != episode.NOTHING:
            seen[change - 1] += 1
        if pair.episode.length > 0:
            seen[3] += 1
        else:
            if change == episode.ADOPTED:
                robust.forget(pair.robust)
            robust.learn(pair.robust, value, value - last)
        last = value


def told(values):
    """Return opened, recovered, adopted and samples in alarm of one signal."""
    pair, seen = np.zeros(1, layout(Pair))[0], np.zeros(4, np.int64)
    alarms(pair, np.asarray(values, np.float64), THRESHOLD, seen)
    return seen.tolist()


def learned(values):
    """Return a detector's row after `values`."""
    row = np.zeros(1, layout(robust.Row))[0]
    last = None
    for value in values:
        robust.learn(row, value, 0.0 if last is None else value - last)
        last = value
    return row


def noise(n=400, seed=0, scale=1.0, centre=0.0):
    return centre + scale * np.random.default_rng(seed).normal(size=n)


@settings(deadline=None)
@given(value=believed, n=st.integers(0, 200))
def test_a_flat_line_never_surprises(value, n):
    assert robust.score(learned([value] * n), value) == 0.0


@settings(deadline=None)
@given(values=st.lists(believed, max_size=robust.WARMUP - 1), value=believed)
def test_nothing_surprises_before_enough_was_learned(values, value):
    assert robust.score(learned(values), value) == 0.0


@settings(deadline=None)
@given(values=st.lists(plain, min_size=1, max_size=80), value=believed)
def test_score_residual_and_scale_learn_nothing(values, value):
    row = learned(values)
    before = row.tobytes()
    robust.score(row, value)
    robust.residual(row, value)
    robust.scale(row)
    direction.sign(np.zeros(1, layout(direction.Row))[0], robust.scale(row))

    assert row.tobytes() == before


@settings(deadline=None)
@given(values=st.lists(plain, min_size=1, max_size=50), step=plain)
def test_learning_never_answers(values, step):
    row = learned(values)

    assert robust.learn(row, step, step) is None
    assert robust.learn_tail(row, abs(step)) is None
    assert robust.learn_move(row, abs(step)) is None
    assert direction.learn(np.zeros(1, layout(direction.Row))[0], step) is None


@settings(deadline=None)
@given(values=st.lists(believed, min_size=1, max_size=120), value=believed)
def test_no_believed_values_make_a_row_that_is_no_number(values, value):
    row, slope = learned(values), np.zeros(1, layout(direction.Row))[0]
    for step in np.diff(values).tolist():
        direction.learn(slope, step)

    assert all(np.isfinite(list(row)))
    assert np.isfinite(slope["slope"])
    assert 0.0 < robust.scale(row) < np.inf
    assert 0.0 <= robust.score(row, value) <= robust.TOP


def test_a_long_row_of_ever_larger_outliers_does_not_make_the_tail_endless():
    row = learned(noise())
    for _ in range(2000):
        robust.learn_tail(row, 1e300)

    assert row["excess"] <= robust.FARTHEST
    assert robust.score(row, 1e300) > 0.0


@settings(deadline=None)
@given(outlier=st.floats(-MOST, MOST), seed=st.integers(0, 20))
def test_one_outlier_moves_the_centre_by_no_more_than_the_stated_bound(outlier, seed):
    values = noise(seed=seed)
    before, after = learned(values), learned([*values, outlier])
    most = robust.CLIP * robust.scale(before) * robust.WEIGHT * 1.0001
    # The mesh may have widened by one step of its walk before the clip.
    assert abs(after["centre"] - before["centre"]) <= most * robust.WIDER


@settings(deadline=None)
@given(
    distances=st.lists(st.floats(0, 1e3), min_size=2, max_size=9).map(sorted), side=st.booleans()
)
def test_farther_is_at_least_as_surprising_on_either_side(distances, side):
    row = learned(noise(centre=50.0))
    sign = 1.0 if side else -1.0
    scores = [robust.score(row, float(row["centre"]) + sign * d) for d in distances]

    assert scores == sorted(scores)


def test_a_value_far_out_is_surprising_and_one_at_the_centre_is_not():
    row = learned(noise(centre=50.0, scale=2.0))

    assert robust.score(row, 50.0) == 0.0
    assert robust.score(row, 54.0) < THRESHOLD < robust.score(row, 80.0)


@pytest.mark.parametrize("factor", [1e-9, 1e-3, -1.0, 7.0, 1e12])
@pytest.mark.parametrize("shift", [0.0, 300.0])
def test_another_unit_gives_the_same_score(factor, shift):
    values = noise(centre=5.0)
    one = learned(values)
    other = learned(factor * (values + shift))
    for value in (5.0, 8.0, 11.0, 15.0, 40.0):
        score = robust.score(one, value)
        assert robust.score(other, factor * (value + shift)) == pytest.approx(score, rel=1e-3)


def test_a_step_on_a_grid_is_no_surprise_and_a_jump_of_many_is():
    row = learned([21.5] * 200 + [22.0] + [21.5] * 200)

    assert robust.score(row, 22.0) == 0.0
    assert robust.score(row, 31.5) > THRESHOLD


def test_a_first_move_that_was_large_does_not_blind_for_ever():
    row = learned([0.0] * 500 + list(noise(2000, centre=600.0, scale=5.0)))

    assert robust.score(row, 400.0) > THRESHOLD


def test_a_declared_resolution_is_the_least_spread():
    row = np.zeros(1, layout(robust.Row))[0]
    row["floor"] = 2.0
    for value in noise(200, scale=0.01):
        robust.learn(row, value, 0.01)

    assert robust.scale(row) == 2.0


def test_a_heavy_tail_needs_more_to_surprise():
    light = learned(np.random.default_rng(1).uniform(-1.7, 1.7, 4000))
    heavy = learned(np.random.default_rng(1).laplace(scale=0.7, size=4000))

    assert robust.score(heavy, 8.0) < robust.score(light, 8.0)


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
    changes = [episode.step(row, score, THRESHOLD) for score in scores]
    changes = [change for change in changes if change != episode.NOTHING]

    assert all((change == episode.OPENED) == (i % 2 == 0) for i, change in enumerate(changes))
    assert bool(row["length"]) == (len(changes) % 2 == 1)
    assert row["length"] < episode.ADOPT


def test_an_episode_ends_by_calm_in_a_row_and_only_so():
    row = np.zeros(1, layout(episode.Row))[0]
    almost = [50.0, *([0.0] * (episode.CALM - 1) + [6.0]) * 3]

    assert [episode.step(row, s, THRESHOLD) for s in almost][1:] == [episode.NOTHING] * 15
    last = [episode.step(row, 0.0, THRESHOLD) for _ in range(episode.CALM)]
    assert last == [episode.NOTHING] * (episode.CALM - 1) + [episode.RECOVERED]


def test_a_level_that_stays_becomes_the_normal_one_and_then_is_silent():
    values = [*noise(500), *noise(2000, seed=1, centre=100.0)]

    assert told(values)[:3] == [1, 0, 1]


def test_what_is_in_an_episode_is_not_learned():
    values = noise(500)
    pair, seen = np.zeros(1, layout(Pair))[0], np.zeros(4, np.int64)
    alarms(pair, values, THRESHOLD, seen)
    before = float(pair["robust"]["centre"])
    alarms(pair, np.full(100, 1000.0), THRESHOLD, seen)

    assert pair["robust"]["centre"] == before
    assert seen.tolist() == [1, 0, 0, 100]


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
    assert told(NORMAL[kind](np.random.default_rng(7), 200_000)) == [0, 0, 0, 0]


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
    opened, recovered, adopted, _ = told(SWITCHED[kind](np.random.default_rng(7), 200_000))

    assert opened <= 10
    assert opened - 1 <= recovered + adopted <= opened


@pytest.mark.parametrize("kind", NORMAL)
def test_a_jump_far_out_of_a_normal_signal_raises_one_alarm(kind):
    values = NORMAL[kind](np.random.default_rng(7), 3_000)
    values[2000:2020] += 40 * max(values.std(), 0.5)

    assert told(values)[0] == 1
