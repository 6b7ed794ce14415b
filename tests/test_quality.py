"""Laws of late, duplicate and stuck: what only memory can tell of a sample."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import quality
from models.compiled import layout
from models.gaps import NEVER
from models.quality import DUPLICATE, LATE, STUCK
from schemas.telemetry import Quality


def fresh():
    row = np.zeros(1, layout(quality.Row))[0]
    row["time_ns"], row["good"] = NEVER, 1.0
    return row


def marks(samples, watermark_ns=NEVER, row=None):
    """Return the mark of each (time, value[, what ingest said]), as the loop asks and tells."""
    row = fresh() if row is None else row
    found = []
    for time_ns, value, *said in samples:
        mark = quality.judge(row, value, time_ns, watermark_ns) | (said[0] if said else 0)
        quality.learn(row, value, time_ns, mark)
        found.append(mark)
    return found


def in_time(values):
    return list(enumerate(map(float, values)))


def moving(n=quality.MOVES + 1):
    return [float(i % 7) for i in range(n)]


@settings(deadline=None)
@given(times=st.lists(st.integers(0, 20), max_size=60))
def test_the_times_that_pass_only_grow(times):
    found = marks([(t, float(i)) for i, t in enumerate(times)])
    passed = [t for t, mark in zip(times, found, strict=True) if not mark]

    assert passed == sorted(set(passed))
    highest = [max(times[: i + 1]) for i in range(len(times))]
    for i, mark in enumerate(found):
        before = highest[i - 1] if i else -1
        wanted = LATE if times[i] < before else DUPLICATE if times[i] == before else 0
        assert mark == wanted


@settings(deadline=None)
@given(time=st.integers(0, 100), watermark=st.integers(0, 100))
def test_what_is_older_than_the_watermark_is_late_though_new_to_the_signal(time, watermark):
    assert marks([(time, 1.0)], watermark) == [LATE if time < watermark else 0]


@settings(deadline=None)
@given(samples=st.lists(st.tuples(st.integers(0, 9), st.floats(-5, 5)), max_size=40))
def test_a_question_is_no_memory(samples):
    row = fresh()
    marks(samples, row=row)
    before = row.tobytes()
    quality.judge(row, 1.0, 5, 3)

    assert row.tobytes() == before


@settings(deadline=None)
@given(value=st.floats(-1e9, 1e9), n=st.integers(1, 500))
def test_a_line_that_never_moved_is_never_stuck(value, n):
    assert not any(marks(in_time([value] * n)))


def test_a_signal_that_always_moved_is_stuck_after_the_least_run_and_until_it_moves():
    stuck = [3.5] * (quality.LEAST_RUN + 20)
    found = marks(in_time([*moving(), *stuck, 4.0, 4.5]))

    first = quality.MOVES + 1 + quality.LEAST_RUN
    assert not any(found[:first])
    assert found[first:] == [STUCK] * 20 + [0, 0]


@pytest.mark.parametrize("usual", [20, 50])
def test_a_signal_that_often_repeats_may_repeat_for_as_many_times_longer(usual):
    values = [v for i in range(quality.MOVES) for v in [float(i % 7)] * usual]
    most = quality.LONGER * usual
    found = marks(in_time([*values, *[99.0] * (most + 5)]))

    assert found.index(STUCK) == len(values) + most
    assert found.count(STUCK) == 5


def test_a_signal_that_has_hardly_moved_is_not_stuck():
    values = [*range(quality.MOVES - 1), *[99] * 1000]

    assert not any(marks(in_time(values)))


@pytest.mark.parametrize(
    "bad", [Quality.MISSING, Quality.NOT_A_NUMBER, Quality.INFINITE, Quality.FUTURE]
)
def test_what_has_no_value_moves_no_time_and_no_run(bad):
    row, other = fresh(), fresh()
    marks([(5, 1.0), (9, float("nan"), int(bad))], row=row)
    marks([(5, 1.0)], row=other)

    assert [row[n] for n in ("time_ns", "value", "run", "moves")] == [
        other[n] for n in ("time_ns", "value", "run", "moves")
    ]
    assert marks([(6, 2.0)], row=row) == [0]


def test_a_late_sample_leaves_the_run_as_it_was():
    row = fresh()
    marks([(5, 1.0), (6, 1.0), (2, 7.0), (6, 8.0)], row=row)

    assert (row["value"], row["run"], row["time_ns"]) == (1.0, 2, 6)


@settings(deadline=None)
@given(samples=st.lists(st.tuples(st.integers(0, 50), st.just(1.0), st.integers(0, 255))))
def test_the_share_of_good_samples_is_a_share_that_falls_with_bad_and_rises_with_good(samples):
    row = fresh()
    for sample in samples:
        before = float(row["good"])
        (mark,) = marks([sample], row=row)
        assert 0.0 <= row["good"] <= 1.0
        assert (row["good"] >= before) if mark == 0 else (row["good"] < before)
