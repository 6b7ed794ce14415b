"""Laws of bits v2, golden frames, and the reader that is a part of the description."""

import numpy as np
import pytest
from bit_frames import GOOD, columns, names_of, table
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models import bits
from schemas.bits import (
    BINARY,
    CODES,
    DECIMAL,
    IN_RANGE,
    LENGTHS,
    VALID,
    Covers,
    NamesError,
)
from schemas.bits_reader import read
from schemas.units import MOST

NAN = float("nan")


def one_point(values, status=GOOD, **how):
    """Return the frame of one point's values, a moment each."""
    n = len(values)
    marks = status if isinstance(status, list) else [status] * n
    samples = columns(range(n), range(n), [0] * n, marks, values)
    return bits.decode(bits.encode(names_of(1, **how), (10, 20), samples))


def as_bits(values):
    return np.asarray(values, np.float64).view(np.int64).tolist()


believed = st.floats(-MOST, MOST)
small = st.floats(-1e-300, 1e-300)
decimal = st.integers(-(10**6), 10**6).map(lambda i: i / 100)
widths = st.integers(1, 16)


@settings(deadline=None)
@given(values=st.lists(believed | small | decimal, min_size=1, max_size=40), width=widths)
@example(values=[0.0, 5e-324], width=16)
@example(values=[-MOST, MOST, 0.0], width=1)
@example(values=[1e15, 1e15 + 1.0], width=12)
@example(values=[-2.2e-308, 1e-320, 0.0], width=16)
def test_a_value_comes_back_within_the_bound_that_its_frame_states(values, width):
    frame = one_point(values, width=width)
    got, bound = frame.samples.values, float(frame.bounds[0])

    assert np.isfinite(got).all()
    for sent, value in zip(values, got.tolist(), strict=True):
        assert abs(sent - value) <= bound


@settings(deadline=None)
@given(values=st.lists(believed, min_size=1, max_size=40), width=widths)
def test_the_bound_of_a_free_range_is_within_half_a_step_of_what_the_frame_holds(values, width):
    frame = one_point(values, width=width)
    extent = min(max(values) - min(values), 1e308)

    assert float(frame.bounds[0]) <= max(extent / (2**width - 1), 2.0**-1022) / 2 * (1 + 1e-6)


@settings(deadline=None)
@given(
    ends=st.lists(believed | small, min_size=2, max_size=2, unique=True).map(sorted),
    shares=st.lists(st.floats(0, 1), min_size=1, max_size=20),
    width=widths,
)
def test_a_value_comes_back_within_half_a_step_of_its_declared_range(ends, shares, width):
    low, high = ends
    values = [min(max(low + share * (high - low), low), high) for share in shares]
    frame = one_point(values, width=width, low=low, high=high)
    step = max((high - low) / (2**width - 1), 2.0**-1022)

    for sent, got in zip(values, frame.samples.values.tolist(), strict=True):
        assert abs(sent - got) <= step / 2 * (1 + 1e-6)


@settings(deadline=None)
@given(value=believed, width=widths)
def test_out_of_its_declared_range_a_value_is_kept_and_has_no_bit(value, width):
    status = GOOD if -20 <= value <= 150 else VALID
    frame = one_point([value], status, width=width, low=-20.0, high=150.0)

    assert frame.samples.status[0] == status
    assert abs(float(frame.samples.values[0]) - value) <= float(frame.bounds[0])


def test_a_value_out_of_range_does_not_stretch_a_free_range():
    calm = one_point([1.0, 1.5, 2.0123], width=8)
    wild = one_point([1.0, 1.5, 2.0123, 1e308, -1e308], [GOOD, GOOD, GOOD, VALID, VALID], width=8)

    assert wild.bounds[0] == calm.bounds[0]
    assert wild.samples.values[3:].tolist() == [1e308, -1e308]


@settings(deadline=None)
@given(value=believed | small, width=st.integers(0, 16), n=st.integers(1, 9))
def test_a_flat_signal_comes_back_exactly(value, width, n):
    frame = one_point([value] * n, width=width)

    assert as_bits(frame.samples.values) == as_bits([value] * n)
    assert float(frame.bounds[0]) == 0.0


@settings(deadline=None)
@given(values=st.lists(st.floats() | decimal | st.integers(-(2**60), 2**60).map(float), min_size=1))
@example(values=[0.0, -0.0])
@example(values=[float(2**53), float(2**53) + 2])
@example(values=[*np.array([-1, -(2**63), -2, 2**63 - 1]).view(np.float64).tolist()])
def test_what_is_to_be_told_exactly_comes_back_to_the_bit(values):
    frame = one_point(values, width=0)

    assert as_bits(frame.samples.values) == as_bits(values)


@settings(deadline=None)
@given(values=st.lists(st.integers(0, 10**15), min_size=1, max_size=30), d=st.integers(0, 3))
def test_decimal_texts_come_back_exactly_where_that_costs_no_more(values, d):
    sent = [value / 10**d for value in values]
    frame = one_point(sent, width=16)

    if frame.scales["kind"][0] == DECIMAL:
        assert as_bits(frame.samples.values) == as_bits(sent)
    else:
        assert frame.bounds[0] * 2 > 10.0**-d / 2


@settings(deadline=None)
@given(bad=st.sampled_from([NAN, float("inf"), -float("inf")]), width=widths)
def test_what_is_no_number_stays_none_and_leaves_its_neighbours_alone(bad, width):
    frame = one_point([1.0, bad, 2.0], [GOOD, IN_RANGE, GOOD], width=width)

    assert np.isnan(frame.samples.values[1])
    assert abs(frame.samples.values[[0, 2]] - [1.0, 2.0]).max() <= frame.bounds[0]


@settings(deadline=None)
@given(
    values=st.lists(st.floats(), min_size=1, max_size=20),
    status=st.integers(0, 255),
    width=st.integers(0, 16),
)
def test_no_value_under_any_status_breaks_a_frame(values, status, width):
    frame = one_point(values, status, width=width)

    assert frame.samples.status.tolist() == [status] * len(values)


def test_a_free_range_is_divided_in_steps_of_a_power_of_two():
    frame = one_point([0.1, 0.2, 0.30001], width=4)

    assert frame.scales["kind"][0] == BINARY
    assert frame.scales["step"][0] == 2.0 ** frame.scales["exponent"][0] == 2.0**-7


@st.composite
def frames(draw):
    """Return names and samples with gaps, and statuses of all kinds."""
    n_points, n_rows = draw(st.integers(1, 5)), draw(st.integers(1, 12))
    lacks = draw(st.sampled_from([0, 2, 9]))
    places = [
        (row, point)
        for row in range(n_rows)
        for point in range(n_points)
        if not lacks or draw(st.integers(0, 9)) >= lacks
    ]
    marks = draw(st.sampled_from([st.just(7), st.sampled_from([7, 15, 23]), st.integers(0, 255)]))
    status = [draw(marks) for _ in places]
    number = draw(st.sampled_from([decimal, st.floats(-1e3, 1e3), st.floats(), st.just(5.0)]))
    values = [draw(number) if one & VALID else NAN for one in status]
    times = draw(st.lists(st.integers(-(2**62), 2**62), min_size=n_rows, max_size=n_rows))
    width = [draw(st.integers(0, 16)) for _ in range(n_points)]
    low, high = draw(st.sampled_from([(None, None), (-1e3, 1e3), (0.0, 1.0)]))
    rows, points = [row for row, _ in places], [point for _, point in places]
    return names_of(n_points, low, high, width), columns(times, rows, points, status, values)


@settings(deadline=None)
@given(frame=frames())
def test_every_sample_keeps_its_place_order_and_status(frame):
    names, samples = frame
    got = bits.decode(bits.encode(names, (10, 20), samples))

    for column in ("times_ns", "row", "point", "status"):
        assert getattr(got.samples, column).tolist() == getattr(samples, column).tolist()
    assert got.names == names
    assert got.covers == Covers("raw", 3, "epoch", 10, 20)
    valid = samples.status & VALID != 0
    assert np.isnan(got.samples.values[~valid]).all()


@settings(deadline=None)
@given(frame=frames())
def test_the_reader_of_the_description_agrees(frame):
    data = bits.encode(*frame[:1], (10, 20), frame[1])
    got, (names, samples) = bits.decode(data), read(data, {})

    assert names["points"] == got.names.points
    assert [one[:3] for one in samples] == list(
        zip(
            got.samples.times_ns[got.samples.row].tolist(),
            [got.names.points[p] for p in got.samples.point],
            got.samples.status.tolist(),
            strict=True,
        )
    )
    assert as_bits([one[3] for one in samples]) == as_bits(got.samples.values)


def a_plant(rng, n_rows, n_points):
    """Return a table of signals of many kinds, some samples of which are lacking."""
    walk = rng.normal(0, 1, (n_rows, n_points)).cumsum(0)
    spikes = np.where(rng.random((n_rows, n_points)) < 0.01, 50.0, 0.0)
    kinds = np.arange(n_points) % 4
    values = np.where(kinds == 0, 21.5, np.where(kinds == 1, walk, spikes))
    samples = table(np.where(kinds == 3, walk.round(1), values))
    kept = rng.random(n_rows * n_points) < rng.choice([1.0, 0.7, 0.01])
    return columns(
        samples.times_ns * 10**9,
        samples.row[kept],
        samples.point[kept],
        rng.choice([7, 7, 7, 135], kept.sum()),
        samples.values[kept],
    )


@pytest.mark.parametrize("seed", range(6))
def test_long_frames_of_many_tiles_are_the_same_to_both_readers_and_in_parts(seed):
    rng = np.random.default_rng(seed)
    n_rows, n_points = rng.choice([1, 700, 5000]), rng.choice([1, 7, 60])
    samples = a_plant(rng, n_rows, n_points)
    data = bits.encode(names_of(int(n_points)), (0, 1), samples)
    whole = bits.decode(data).samples
    first, last = sorted(rng.choice(samples.times_ns, 2).tolist())
    some = [f"p{i}" for i in range(n_points) if i % 3 == 1] or ["p0"]
    part = bits.Reader().decode(data, some, (first, last)).samples
    times = whole.times_ns[whole.row]
    wanted = (times >= first) & (times <= last) & np.isin(whole.point, [int(p[1:]) for p in some])

    assert as_bits([one[3] for one in read(data, {})[1]]) == as_bits(whole.values)
    assert whole.status.tolist() == samples.status.tolist()
    for column in ("row", "point", "status"):
        assert getattr(part, column).tolist() == getattr(whole, column)[wanted].tolist()
    assert as_bits(part.values) == as_bits(whole.values[wanted])


def test_a_quiet_plant_costs_almost_nothing():
    rng = np.random.default_rng(1)
    quiet = np.repeat(rng.normal(50, 20, 1000).round(1)[None], 100, 0)
    data = bits.encode(names_of(1000), (0, 1), table(quiet, 7))
    names = len(bits.names_bytes(names_of(1000)))

    assert len(data) - names < 0.04 * quiet.size


def test_names_are_told_once_and_a_reader_remembers_them():
    names, samples = names_of(1), table([[1.0], [2.0]])
    first = bits.encode(names, (0, 1), samples)
    said = bits.names_bytes(names)
    body = first[20 + len(said) :]
    later = bits.joined(bits.digest(said), b"", body)
    reader = bits.Reader()

    with pytest.raises(NamesError):
        reader.decode(later)
    reader.learn(later)
    reader.learn(first)
    assert reader.decode(later).names == names
    known = {}
    read(first, known)
    assert read(later, known) == read(first, {})


def test_samples_that_a_frame_cannot_hold_are_refused():
    twice = columns([0], [0, 0], [0, 0], [7, 7], [1.0, 2.0])
    back = columns([0, 1], [1, 0], [0, 0], [7, 7], [1.0, 2.0])

    for samples in (twice, back):
        with pytest.raises(ValueError, match="not in order"):
            bits.encode(names_of(1), (0, 1), samples)


def test_the_prefix_codes_are_complete():
    for lengths, codes in zip(LENGTHS, CODES, strict=True):
        assert sum(2.0**-n for n in lengths if n) == 1.0
        assert all(code < 2**n for n, code in zip(lengths, codes, strict=True) if n)
