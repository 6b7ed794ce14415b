"""Laws of trends: silent where nothing drifts, and as sure of an arrival as the data allow."""

from math import erf, exp, inf, isnan, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.trend import arrival, bank, follow, forecast, memory
from models.trend.memory import A_DAY, SPAN_HOURS, SPANS

HORIZON_NS = 7 * 86_400 * 10**9
FIRST = 160_000  # a span in 2024
DAYS = np.arange(24 * A_DAY) / A_DAY


def foretold(values, limit, first=FIRST):
    """Foretell from `values`; return the row and the surety."""
    row = np.zeros(1, forecast.ROW)[0]
    surety = forecast.foretell(
        row, np.ascontiguousarray(values, float), first + len(values) - 1, limit, 0.0
    )
    return row, surety


def arrivals(values, limit, first=FIRST):
    """Return p10, p50 and p90, in days since the middle of the first span."""
    row, _ = foretold(values, limit, first)
    began_ns = first * forecast.SPAN_NS + forecast.SPAN_NS // 2
    return [
        inf if row[name] == forecast.BEYOND else (int(row[name]) - began_ns) / 86_400e9
        for name in ("low", "mid", "high")
    ]


def events(series, low=np.nan, high=np.nan):
    """Follow a series from its first span on; return when what came of it, in spans."""
    rows, forecasts = np.zeros(1, memory.ROW), np.zeros(4, forecast.ROW)
    counts, limits, found = np.array([0, 1]), np.array([low, high]), []
    for n in range(1, len(series) + 1):
        rows[0]["last"] = FIRST + n - 1
        values = np.ascontiguousarray(series[max(0, n - SPANS) : n], float)
        what = follow.look(rows[0], values, forecasts, counts, limits, HORIZON_NS)
        if what != forecast.NOTHING:
            found.append((n, what))
        if what >= forecast.REACHED:
            rows[0]["forecast"], forecasts[:] = 0, np.zeros(4, forecast.ROW)
            counts[1] = 1
    return found


def cycle(days, size=1.0):
    return size * (np.cos(2 * np.pi * days + 1.0) + 0.3 * np.cos(4 * np.pi * days))


def autocorrelated(rng, n, spans):
    keep, values = exp(-1.0 / spans), np.zeros(n)
    for i in range(1, n):
        values[i] = keep * values[i - 1] + sqrt(1 - keep * keep) * rng.normal()
    return values


QUIET = {
    "flat": lambda _: np.full(len(DAYS), 20.0),
    "noise": lambda rng: rng.normal(0, 1.0, len(DAYS)),
    "cycle": lambda rng: cycle(DAYS, 3.0) + rng.normal(0, 0.05, len(DAYS)),
    "cycle alone": lambda _: cycle(DAYS, 3.0),
    "cycle and noise": lambda rng: cycle(DAYS, 2.0) + rng.normal(0, 1.0, len(DAYS)),
    "load of some hours": lambda rng: autocorrelated(rng, len(DAYS), 3.0),
    "weather": lambda rng: cycle(DAYS, 1.0) + autocorrelated(rng, len(DAYS), 12.0),
    "walk": lambda rng: np.cumsum(rng.normal(0, 0.25, len(DAYS))),
    "steps": lambda rng: np.repeat(rng.normal(0, 1.0, 8), 3 * A_DAY),
    "rounded": lambda rng: np.round(rng.normal(0, 0.3, len(DAYS)), 0),
}
FAR_AWAY = 6.0  # the limit, in what the quiet ones vary by


@pytest.mark.parametrize("kind", QUIET)
def test_nothing_is_told_of_a_signal_that_does_not_drift(kind):
    told = 0
    for seed in range(20):
        series = QUIET[kind](np.random.default_rng(seed))
        centre = float(np.mean(series))
        found = events(series, high=centre + FAR_AWAY, low=centre - FAR_AWAY)
        told += sum(what == forecast.OPENED for _, what in found)

    assert told <= 1  # in 20 signals of 24 days


@pytest.mark.parametrize("seed", range(8))
def test_a_drift_is_told_days_before_it_arrives_and_once(seed):
    rng = np.random.default_rng(seed)
    series = cycle(DAYS) + 0.8 * np.maximum(DAYS - 6.0, 0.0) + rng.normal(0, 0.25, len(DAYS))
    arrives = int(np.flatnonzero(series >= 9.0)[0])
    told = [(n, what) for n, what in events(series[:arrives], high=9.0)]

    assert told[0][1] == forecast.OPENED
    assert told[0][0] < arrives - 2 * A_DAY
    assert {what for _, what in told[1:]} <= {forecast.NEARER}
    assert len(told) < 9


@given(
    values=st.lists(st.floats(-1e3, 1e3), min_size=16, max_size=SPANS),
    above=st.floats(1e-3, 1e4),
)
@settings(max_examples=60, deadline=None)
def test_the_quantiles_of_an_arrival_are_in_order_and_not_before_now(values, above):
    low, mid, high = arrivals(values, max(values) + above)

    assert (len(values) - 0.5) / A_DAY - 1e-9 <= low <= mid <= high


def drifting(seed, n=SPANS, noise=0.3):
    rng = np.random.default_rng(seed)
    return cycle(DAYS[:n]) + DAYS[:n] + rng.normal(0, noise, n)


@given(seed=st.integers(0, 99), scale=st.floats(1e-3, 1e3), shift=st.floats(-1e3, 1e3))
@settings(max_examples=30, deadline=None)
def test_an_arrival_does_not_hang_on_the_unit(seed, scale, shift):
    values = drifting(seed)
    shift *= scale

    told = arrivals(scale * values + shift, scale * 12.0 + shift)
    assert told == pytest.approx(arrivals(values, 12.0), abs=1e-3)


@given(seed=st.integers(0, 99), days=st.integers(-1000, 1000))
@settings(max_examples=30, deadline=None)
def test_an_arrival_moves_with_the_calendar(seed, days):
    values = drifting(seed)

    assert arrivals(values, 12.0, FIRST + A_DAY * days) == arrivals(values, 12.0)


def test_the_same_spans_give_the_same_answer_to_the_bit():
    one, other = foretold(drifting(3), 12.0), foretold(drifting(3), 12.0)

    assert one == other


def test_a_drift_is_told_with_its_rate_and_since_when():
    values = cycle(DAYS[:SPANS]) + 0.7 * np.maximum(DAYS[:SPANS] - 3.0, 0.0)
    noise = np.random.default_rng(1).normal(0, 0.05, SPANS)
    row, surety = foretold(values + noise, 9.0)

    assert surety > 0.99
    assert row["rate"] == pytest.approx(0.7, rel=0.25)
    assert int(row["onset_ns"]) / forecast.SPAN_NS - FIRST == pytest.approx(
        3 * A_DAY, abs=A_DAY / 2
    )


def test_a_limit_below_is_as_one_above():
    series = drifting(5, 100)
    up, down = events(series, high=11.0), events(-series, low=-11.0)

    assert up
    assert up == down


def test_a_longer_drift_is_known_better():
    def width(seed, days):
        told = arrivals(drifting(seed, days * A_DAY, 0.5), days + 6.0)
        return told[2] - told[0]

    short = np.median([width(seed, 3) for seed in range(20)])
    long = np.median([width(seed, 7) for seed in range(20)])
    assert long < short / 2


def test_more_noise_is_told_as_less_sure():
    def width(noise):
        told = [arrivals(drifting(seed, noise=noise), 12.0) for seed in range(20)]
        return np.median([high - low for low, _, high in told])

    assert width(0.1) < width(0.4) < width(1.6)


def test_a_missing_day_changes_little():
    values = drifting(7)
    gappy = values.copy()
    gappy[20 : 20 + A_DAY] = np.nan

    assert arrivals(gappy, 12.0)[1] == pytest.approx(arrivals(values, 12.0)[1], abs=0.5)


def faults(seeds):
    """Yield p10, p50, p90 and the truth of drifts of many sizes, in days."""
    for seed in seeds:
        rng = np.random.default_rng(seed)
        rate, began = rng.uniform(0.5, 2.0), rng.uniform(2.0, 6.0)
        bend = rng.uniform(0.6, 1.6)
        course = 7.0 * (np.maximum(DAYS - began, 0.0) / 7.0) ** bend
        true = cycle(DAYS, rng.uniform(0, 1.0)) + rate * course
        limit = rate * rng.uniform(5.0, 9.0)
        seen = true + rng.normal(0, rng.uniform(0.05, 0.5), len(DAYS))
        now = int(A_DAY * (began + rng.uniform(2.5, 4.0)))
        fine = np.interp(np.arange(0, 23, 0.01), DAYS, true)
        first = 0.01 * np.flatnonzero(fine >= limit)[0]
        if first > DAYS[now]:
            begin = max(0, now - SPANS)
            told = arrivals(seen[begin:now], limit, FIRST + begin)
            yield [one + DAYS[begin] for one in told], first


def test_four_in_five_arrivals_are_in_the_interval_that_was_told():
    told = list(faults(range(120)))
    within = [low <= first <= high for (low, _, high), first in told]

    assert len(told) > 100
    assert 0.7 <= np.mean(within) <= 0.95
    assert np.median([abs(mid - first) for (_, mid, _), first in told]) < 1.0


def inverse_gaussian(t, distance, drift, diffusion):
    """Return the probability that a Wiener process with drift has come so far (Whitmore 1995)."""

    def below(x):
        return 0.5 * (1 + erf(x / sqrt(2)))

    root = diffusion * sqrt(t)
    over = below((drift * t - distance) / root)
    return over + exp(2 * drift * distance / diffusion**2) * below(-(drift * t + distance) / root)


def test_a_known_drift_and_diffusion_give_the_inverse_gaussian():
    one = np.zeros((1, bank.COLUMNS))
    one[0, bank.WEIGHT], one[0, bank.POWER], one[0, bank.SINCE] = 1.0, 1.0, 10**6
    one[0, bank.LEVEL], one[0, bank.MEAN + 1] = 0.3**2, 0.2
    found = np.zeros(arrival.PATHS)
    arrival.times(one, (0, 10**6), 6.0, 0.0, found)

    for share in (0.1, 0.25, 0.5, 0.75, 0.9):
        at = arrival.quantile(found, share)
        assert inverse_gaussian(at, 6.0, 0.2, 0.3) == pytest.approx(share, abs=0.08)


@given(
    hours=st.lists(
        st.tuples(st.integers(1, 40), st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8)),
        max_size=60,
    )
)
@settings(max_examples=100, deadline=None)
def test_memory_holds_the_mean_of_three_hours_within_its_steps(hours):
    row, ring = np.zeros(1, memory.ROW)[0], np.zeros(SPANS, np.int16)
    memory.begin(row, 5.0, 0)
    spans, means, now = {}, [], 0
    for gap, samples in [(0, [5.0] * 3), *hours, (100, [0.0])]:
        while now + gap > row["hour"] and gap:
            mean = memory.close_hour(row)
            means += [] if isnan(mean) else [mean]
            span = int(row["hour"]) // SPAN_HOURS
            if (now + gap) // SPAN_HOURS > span:
                memory.close_span(row, ring, span)
                spans[span] = np.mean(means) if means else np.nan
                means = []
            row["hour"] = now + gap
        now += gap
        for value in samples:
            memory.take(row, value)
    held = np.empty(SPANS)
    n = memory.read(row, ring, held)
    last = int(row["last"])
    wanted = [spans.get(last - n + 1 + i, np.nan) for i in range(n)]
    largest = max((abs(mean - 5.0) for mean in spans.values() if not isnan(mean)), default=0.0)

    assert held[:n].tolist() == pytest.approx(wanted, abs=largest / 8_000 + 1e-9, nan_ok=True)
