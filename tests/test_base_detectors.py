"""Laws of the detectors that every signal has, alone and together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.anomaly import base, centre, every, jump, level, outlier, reach, swing, tail
from models.compiled import compiled, layout
from models.evaluate.ours import FALSE_ALARMS
from schemas.units import MOST

believed = st.floats(-MOST, MOST)
plain = st.floats(-1e6, 1e6)


@compiled
def told(row, values, scores, reasons):
    """Score, then learn, each value."""
    last = base.believed(values[0])
    for i in range(values.size):
        value = base.believed(values[i])
        look = base.look(row, value, value - last)
        scores[i], reasons[i] = base.score(row, look)
        base.learn(row, look, False, False)
        last = value


def run(values):
    """Return scores, reasons and the row after `values`."""
    values = np.asarray(values, np.float64)
    row = np.zeros(1, layout(base.Row))[0]
    scores, reasons = np.zeros(values.size), np.zeros(values.size, np.int64)
    if values.size:
        told(row, values, scores, reasons)
    return scores, reasons, row


def noise(n=400, seed=0, scale=1.0, middle=0.0):
    return middle + scale * np.random.default_rng(seed).normal(size=n)


def test_all_that_is_remembered_of_a_signal_is_152_bytes():
    assert layout(base.Row).itemsize == 152


@settings(deadline=None)
@given(value=believed, n=st.integers(1, 300))
def test_a_flat_line_never_surprises(value, n):
    assert not run([value] * n)[0].any()


@settings(deadline=None)
@given(values=st.lists(believed, min_size=1, max_size=base.WARMUP))
def test_nothing_surprises_before_enough_was_learned(values):
    assert not run(values)[0].any()


@settings(deadline=None)
@given(values=st.lists(plain, min_size=1, max_size=120), value=believed, step=believed)
def test_a_score_learns_nothing(values, value, step):
    row = run([*noise(), *values])[2]
    before = row.tobytes()
    base.score(row, base.look(row, value, step))

    assert row.tobytes() == before


@settings(deadline=None)
@given(values=st.lists(plain, min_size=1, max_size=50), value=plain)
def test_learning_never_answers(values, value):
    row = run(values)[2]

    assert base.learn(row, base.look(row, value, value), False, False) is None
    assert outlier.learn(row["outlier"], 1.0, 9.0, 0.1) is None
    assert jump.learn(row["jump"], 1.0, 9.0, 0.1) is None
    assert level.learn(row["level"], 9.0, 0.1) is None
    assert swing.learn(row["swing"], 1.0, 9.0, 0.1) is None
    assert reach.learn(row["reach"], value, 9.0) is None
    assert centre.learn(row["place"], value, 1.0, 1.0) is None


@settings(deadline=None)
@given(values=st.lists(believed, min_size=1, max_size=300))
def test_no_believed_values_make_a_row_or_a_score_that_is_no_number(values):
    scores, _, row = run(values)

    assert np.isfinite(scores).all()
    assert (scores >= 0.0).all()
    assert np.isfinite(np.frombuffer(row["reach"]["value"].tobytes(), np.float32)).all()
    assert 0.0 < centre.scale(row["place"]) < np.inf


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 9), cut=st.integers(1, 999))
def test_what_comes_later_does_not_change_a_score(seed, cut):
    values = noise(1000, seed).cumsum()

    assert np.array_equal(run(values)[0][:cut], run(values[:cut])[0])


@pytest.mark.parametrize("factor", [2.0**-20, -1.0, 2.0**20])
@pytest.mark.parametrize("shift", [0.0, 256.0])
def test_another_unit_gives_the_same_scores(factor, shift):
    values = np.round(noise(3000), 3)
    values[2000:2010] += 9.0
    one, other = run(values)[0], run(factor * (values + shift))[0]

    assert one.max() > 3.0
    assert np.mean(np.abs(other - one) > 0.05) < 0.01


def test_the_reason_is_the_detector_that_says_most():
    spike, moved, grown = noise(3000), noise(3000), noise(3000)
    spike[2000] += 40.0
    moved[2000:] += 2.0
    grown[2000:] *= np.tile([2.0, -2.0], 500)
    quiet = np.concatenate([noise(2000), np.full(300, 0.1)])

    assert run(spike)[1][2000] in {base.EXTREME, base.OUTLIER, base.JUMPED}
    assert base.MOVED in run(moved)[1][2000:2050]
    assert base.SWUNG in run(grown)[1][2000:2050]
    assert run(quiet)[1][-200] == base.SWUNG


@pytest.mark.parametrize("at", [2000, 2500])
def test_a_spike_a_shift_and_a_silence_are_seen_at_once(at):
    spike, shift, quiet = noise(3000), noise(3000), noise(3000)
    spike[at] += 20.0
    shift[at:] += 6.0
    quiet[at:] = quiet[at]

    assert run(spike)[0][at] > 4.0
    assert run(shift)[0][at : at + 10].max() > every.CLOSES
    assert run(quiet)[0][at : at + 80].max() > 2.0


@given(raws=st.lists(st.floats(0, 1e9), min_size=1, max_size=200))
@settings(deadline=None)
def test_more_is_never_less_surprising(raws):
    row = np.zeros(1, layout(tail.Row))[0]
    tail.start(row, 2.3, 0.4)
    for i, raw in enumerate(raws):
        tail.learn(row, raw, i, tail.gain(i))
    scores = [tail.score(row, raw) for raw in sorted(raws)]

    assert scores == sorted(scores)
    assert scores[-1] <= tail.TOP


@pytest.mark.parametrize("kind", ["normal", "laplace", "t3", "exponential"])
def test_a_tail_probability_is_what_it_says(kind):
    rng = np.random.default_rng(3)
    draw = {"t3": lambda size: rng.standard_t(3, size=size)}.get(kind) or getattr(rng, kind)
    raws = np.abs(draw(size=200_000))
    row = np.zeros(1, layout(tail.Row))[0]
    tail.start(row, 2.3, 0.4)
    scores = tails(row, raws)[20_000:]

    for p in (1e-2, 1e-3):
        assert 0.4 * p < np.mean(scores >= -np.log10(p)) < 2.5 * p
    assert np.mean(scores >= 4.0) < 5e-4


@compiled
def _tails(row, raws, scores):
    for i in range(raws.size):
        scores[i] = tail.score(row, raws[i])
        tail.learn(row, raws[i], i, tail.gain(i))


def tails(row, raws):
    scores = np.zeros(raws.size)
    _tails(row, raws, scores)
    return scores


def autocorrelated(rng, n, phi):
    shocks, out, last = rng.normal(size=n) * np.sqrt(1 - phi * phi), np.empty(n), 0.0
    for i, shock in enumerate(shocks.tolist()):
        out[i] = last = phi * last + shock
    return out


NORMAL = {
    "gaussian": lambda rng, n: rng.normal(size=n),
    "laplace": lambda rng, n: rng.laplace(size=n),
    "student's t, 3": lambda rng, n: rng.standard_t(3, size=n),
    "lognormal": lambda rng, n: rng.lognormal(size=n),
    "autocorrelated 0.9": lambda rng, n: autocorrelated(rng, n, 0.9),
    "autocorrelated 0.99": lambda rng, n: autocorrelated(rng, n, 0.99),
    "random walk": lambda rng, n: rng.normal(size=n).cumsum(),
    "diurnal": lambda rng, n: 5 * np.sin(np.arange(n) * 2 * np.pi / 1440) + rng.normal(size=n),
    "counts": lambda rng, n: rng.poisson(3, n).astype(float),
    "half degrees": lambda rng, n: np.rint(rng.normal(21.3, 0.2, n) * 2) / 2,
    "mostly zero": lambda rng, n: np.where(rng.random(n) < 0.1, rng.exponential(9.0, n), 0.0),
    "pulses": lambda _rng, n: (np.arange(n) % 20 < 5).astype(float),
}


@pytest.mark.parametrize("kind", NORMAL)
@pytest.mark.parametrize("seed", [1, 2])
def test_false_alarms_of_a_normal_signal_are_at_most_a_few_times_what_was_asked(kind, seed):
    scores = run(NORMAL[kind](np.random.default_rng(seed), 200_000))[0][2000:]

    assert np.mean(scores >= 3.0) < 1e-3
    assert np.mean(scores >= 4.0) < 3e-4
    assert np.mean(scores >= 5.0) < 1e-4


@pytest.mark.parametrize("kind", ["gaussian", "laplace", "student's t, 3", "autocorrelated 0.9"])
def test_the_rate_of_alarms_is_not_kept_low_by_saying_nothing(kind):
    scores = run(NORMAL[kind](np.random.default_rng(1), 200_000))[0][2000:]

    assert np.mean(scores >= 2.0) > 5e-4
    assert np.mean(scores >= 3.0) > 1e-5


YOUNG = {
    "gaussian": lambda rng, n: rng.normal(size=n),
    "exponential": lambda rng, n: rng.exponential(size=n),
    "lognormal": lambda rng, n: rng.lognormal(size=n),
    "student's t, 3": lambda rng, n: rng.standard_t(3, size=n),
    "counts": lambda rng, n: rng.poisson(2, n).astype(float),
    "autocorrelated 0.9": lambda rng, n: autocorrelated(rng, n, 0.9),
}


@pytest.mark.parametrize("kind", YOUNG)
def test_false_alarms_of_young_signals_are_at_most_a_few_times_what_was_asked(kind):
    rng = np.random.default_rng(1)
    scores = np.stack([run(YOUNG[kind](rng, 500))[0] for _ in range(400)])[:, base.WARMUP :]
    begun = (scores[:, 1:] >= 4.0) & (scores[:, :-1] < 4.0)

    assert np.mean(begun) < 4.5e-4


leaps = st.floats(1e3, 1e6) | st.floats(-1e6, -1e3)


@settings(deadline=None)
@given(seed=st.integers(0, 99), age=st.integers(64, 499), leap=leaps)
def test_no_leap_of_a_young_signal_counts_more_than_its_samples_can_show(seed, age, leap):
    values = noise(age + 1, seed)
    values[age] += leap

    most = np.log10(age) + base.DOUBT * age / base.SURE
    assert run(values)[0][age] <= most + 1e-6


said = st.floats(0, tail.TOP)


@given(
    extreme=said,
    spike=st.tuples(said, said),
    lasting=st.tuples(said, said),
    limit=said,
)
def test_a_spike_counts_as_far_as_it_is_believed_and_what_lasts_in_full(
    extreme, spike, lasting, limit
):
    total, _ = base.together(extreme, spike, lasting, limit)
    shares = base.share(lasting[0], base.LEVEL) + base.share(lasting[1], base.SWING)
    whole, _ = base.together(extreme, spike, lasting, tail.TOP)

    assert min(shares, tail.TOP) <= total <= min(shares + limit, whole) + 1e-9


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 99), age=st.integers(64, 690), leap=leaps)
def test_a_spike_of_a_young_signal_counts_less_than_what_lasts(seed, age, leap):
    values = noise(age + 1, seed)
    values[age] += leap
    row = run(values[:age])[2]
    look = base.look(row, values[age], values[age] - values[age - 1])
    swung = base.swing.score(row["swing"], look.size, row["jump"]["usual"] / look.unit)
    moved = base.level.score(row["level"], look.away)
    shares = base.share(moved, base.LEVEL) + base.share(swung, base.SWING)

    most = np.log10(age) + base.DOUBT * (age / base.SPIKES) ** 2
    assert base.evidence(row, look, base.KNOWN)[0] == pytest.approx(most + shares)


@settings(deadline=None)
@given(seed=st.integers(0, 99), age=st.integers(650, 1000), leap=leaps)
def test_a_leap_is_told_of_a_signal_whose_normal_is_known(seed, age, leap):
    values = noise(age + 1, seed)
    values[age] += leap

    assert run(values)[0][age] >= every.threshold(1.0, FALSE_ALARMS)


@settings(deadline=None)
@given(age=st.integers(64, 1000), leap=leaps)
def test_the_first_of_what_never_happened_is_told_of_a_young_signal_too(age, leap):
    values = np.zeros(age + 1)
    values[age] = leap

    assert run(values)[0][age] >= every.threshold(1.0, FALSE_ALARMS)
    if age < base.SURE:
        most = np.log10(age) + base.DOUBT * age / base.SURE
        assert run(values + 1.0)[0][age] <= most + 1e-6


def young(seen, has_changed):
    row = run(noise(seen, 1))[2]
    row["has_changed"] = has_changed
    return row


@settings(deadline=None)
@given(
    one=st.floats(0, tail.TOP),
    other=st.floats(0, tail.TOP),
    seen=st.integers(64, 499),
    has_changed=st.booleans(),
)
def test_doubt_of_a_young_signal_adds_nothing_and_keeps_the_order(one, other, seen, has_changed):
    less, more = sorted([one, other])
    row = young(seen, has_changed)

    assert 0.0 <= base.sure(row, less) <= base.sure(row, more) <= more + 1e-9


@settings(deadline=None)
@given(score=st.floats(10, tail.TOP), seen=st.integers(64, 499))
def test_more_is_known_of_a_signal_in_which_a_change_has_lasted(score, seen):
    assert base.sure(young(seen, True), score) == pytest.approx(score)
    assert base.sure(young(seen, False), score) < score


def test_an_adopted_change_makes_no_signal_young():
    row = run(noise(2000))[2]
    base.adopt(row)

    assert (row["has_changed"], row["place"]["seen"]) == (True, base.YOUNG)
    score = base.score(row, base.look(row, 1e4, 1e4))[0]
    assert score > np.log10(base.YOUNG) + base.DOUBT
    base.start(row, 1.0)
    assert not row["has_changed"]
    row = run(noise(150))[2]
    base.adopt(row)
    assert not row["has_changed"]


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 99), age=st.integers(100, 999), within=st.floats(-1, 1))
def test_no_value_within_those_of_a_young_signal_is_an_outlier_that_few_samples_cannot_show(
    seed, age, within
):
    values = noise(age, seed)
    values[age // 2] = 5.0
    row = run(values)[2]
    row["outlier"]["tail"]["quantile"], row["outlier"]["tail"]["excess"] = 0.0, 1e-6
    row["level"]["tail"]["quantile"] = row["swing"]["tail"]["quantile"] = 1e6
    for mean in ("short", "long"):
        row["reach"][mean]["low"], row["reach"][mean]["high"] = -1e6, 1e6
    middle, half = (values.max() + values.min()) / 2, np.ptp(values) / 2
    score, _ = base.score(row, base.look(row, middle + 0.99 * half * within, 0.0))

    assert score <= base.SPIKE * np.log10(age / 2) + 1e-6


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 99), age=st.integers(100, 1100), far=st.lists(st.floats(10, 1e6)))
def test_farther_is_never_less_surprising_of_a_young_signal_either(seed, age, far):
    values = noise(age, seed)
    values[age // 2] = 50.0
    row = run(values)[2]
    scores = [base.score(row, base.look(row, one, one))[0] for one in sorted(far)]

    assert scores == sorted(scores)


@pytest.mark.parametrize("age", [650, 700, 1000])
def test_a_leap_of_thirty_spreads_is_told_at_once_of_nearly_every_signal(age):
    scores = []
    for seed in range(100):
        values = noise(age + 1, seed)
        values[age] += 30.0
        scores.append(run(values)[0][age])

    assert min(scores) >= every.CLOSES
    assert np.mean(np.array(scores) >= every.threshold(1.0, FALSE_ALARMS)) >= 0.95
