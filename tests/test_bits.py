"""Laws of bits v1, two golden frames, and a reader written from the layout's description alone."""

import json
import struct

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models import bits
from models.bits import Samples
from schemas.bits import DENSE, IN_RANGE, SPARSE, VALID, Covers, FrameError
from schemas.units import MOST

GOOD = VALID | IN_RANGE
EPS = float(np.finfo(np.float64).eps)
NAN = float("nan")


def read(data):
    """Read a frame as `schemas/bits.py` describes it, in plain Python: a reference."""
    assert data[:4] == b"A2B\x01"
    length = struct.unpack_from("<I", data, 4)[0]
    dictionary = json.loads(data[8 : 8 + length])
    at = 8 + length
    n_rows, n_points, form, n = struct.unpack_from("<4I", data, at)
    at += 16

    def take(kind, count):
        nonlocal at
        column = struct.unpack_from(f"<{count}{kind}", data, at)
        at += struct.calcsize(f"<{count}{kind}")
        return column

    times, low, step = take("q", n_rows), take("d", n_points), take("d", n_points)
    width = take("B", n_points)
    if form == 0:
        grid = take("B", n_rows * n_points)
        places = [(i // n_points, i % n_points, s) for i, s in enumerate(grid) if s]
    else:
        places = list(zip(take("I", n), take("I", n), take("B", n), strict=True))
    stream = "".join(f"{byte:08b}" for byte in data[at:])
    samples, used = [], 0
    for row, point, status in places:
        code = int(stream[used : used + width[point]], 2)
        used += width[point]
        value = low[point] + code * step[point] if status & 1 else None
        samples.append((times[row], dictionary["points"][point], status, value))
    assert len(samples) == n
    assert set(stream[used:]) <= {"0"}
    assert len(stream) - used < 8
    return dictionary, samples


def written(samples, low, high, width):
    """Encode; return the frame's bytes and what `models.bits` reads from them."""
    points = [f"p{i}" for i in range(len(low))]
    meaning = json.dumps(
        {"asset": "a", "cell": "c", "points": points, "units": ["W"] * len(low)},
        separators=(",", ":"),
    )
    covers = Covers("raw", 3, "epoch", 10, 20)
    ranges = bits.ranges_of(samples, np.array(low), np.array(high), np.array(width, np.uint8))
    data = bits.encode(bits.dictionary_bytes(meaning.encode(), covers), ranges, samples)
    return data, bits.decode(data)


def columns(times, row, point, status, values):
    return Samples(
        np.array(times, np.int64),
        np.array(row, np.int32),
        np.array(point, np.int32),
        np.array(status, np.uint8),
        np.array(values, np.float64),
    )


def one_point(values, status=None, width=12, low=NAN, high=NAN):
    """Return the frame of one point's values, a row each."""
    n = len(values)
    samples = columns(range(n), range(n), [0] * n, status or [GOOD] * n, values)
    return written(samples, [low], [high], [width])[1]


def rounding(*values):
    """Return what float64 can lose on values of this size."""
    return 4 * EPS * max(map(abs, values))


believed = st.floats(-MOST, MOST)
small = st.floats(-1e-300, 1e-300)
widths = st.integers(1, 16)


@settings(deadline=None)
@given(values=st.lists(believed | small, min_size=1, max_size=40), width=widths)
@example(values=[0.0, 5e-324], width=16)
@example(values=[-MOST, MOST, 0.0], width=1)
@example(values=[1e15, 1e15 + 1.0], width=12)
@example(values=[-2.2e-308, 1e-320, 0.0], width=16)
def test_a_value_comes_back_within_half_a_step_of_the_range_its_frame_holds(values, width):
    frame = one_point(values, width=width)
    step = float(frame.ranges.step[0])

    assert np.isfinite(frame.samples.values).all()
    for sent, got in zip(values, frame.samples.values.tolist(), strict=True):
        assert abs(sent - got) <= step / 2 * (1 + 1e-9) + rounding(*values)


@settings(deadline=None)
@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), width=widths)
def test_a_free_range_wastes_no_code(values, width):
    frame = one_point(values, width=width)
    extent, levels = max(values) - min(values), 2**width - 1

    assert frame.ranges.low[0] == min(values)
    assert float(frame.ranges.step[0]) == pytest.approx(extent / levels)


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
    step = float(frame.ranges.step[0])

    assert frame.ranges.low[0] == low
    for sent, got in zip(values, frame.samples.values.tolist(), strict=True):
        assert abs(sent - got) <= step / 2 * (1 + 1e-9) + rounding(low, high)


@settings(deadline=None)
@given(value=believed, width=widths)
def test_out_of_its_declared_range_a_value_has_the_nearest_code_and_no_bit(value, width):
    status = GOOD if -20 <= value <= 150 else VALID
    frame = one_point([value], [status], width, low=-20.0, high=150.0)
    got = float(frame.samples.values[0])

    assert frame.samples.status[0] == status
    nearest = min(max(value, -20.0), 150.0)
    assert abs(got - nearest) <= float(frame.ranges.step[0]) / 2 * (1 + 1e-9) + rounding(150)


def test_a_value_out_of_range_does_not_stretch_a_free_range():
    frame = one_point([1.0, 2.0, 1e308, -1e308], [GOOD, GOOD, VALID, VALID])

    assert frame.samples.values.tolist() == pytest.approx([1.0, 2.0, 2.0, 1.0])


@settings(deadline=None)
@given(value=believed | small, width=widths, n=st.integers(1, 9))
def test_a_flat_signal_comes_back_exactly(value, width, n):
    frame = one_point([value] * n, width=width)

    assert frame.samples.values.tolist() == [value] * n
    assert float(frame.ranges.step[0]) == 0.0


@settings(deadline=None)
@given(bad=st.sampled_from([NAN, float("inf"), -float("inf")]), width=widths)
def test_what_is_no_number_stays_none_and_leaves_its_neighbours_alone(bad, width):
    frame = one_point([1.0, bad, 2.0], [GOOD, IN_RANGE, GOOD], width)

    assert frame.samples.values[[0, 2]].tolist() == [1.0, 2.0]
    assert np.isnan(frame.samples.values[1])


@settings(deadline=None)
@given(
    values=st.lists(st.floats(), min_size=1, max_size=20),
    status=st.integers(0, 255),
    width=widths,
)
def test_no_value_under_any_status_breaks_a_frame(values, status, width):
    frame = one_point(values, [status] * len(values), width)

    assert frame.samples.status.tolist() == [status] * len(values)


@st.composite
def frames(draw):
    """Return samples with gaps, duplicates and disorder, and their ranges."""
    n_points, n_rows = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    places = [(r, p) for r in range(n_rows) for p in range(n_points)]
    if draw(st.booleans()):
        some = [place for place in places if draw(st.integers(0, 9)) > 1]
    else:
        some = draw(st.lists(st.sampled_from(places), max_size=30))
    status = [draw(st.integers(0, 255)) for _ in some]
    values = [draw(st.floats(-1e3, 1e3)) if s & VALID else NAN for s in status]
    times = draw(st.lists(st.integers(0, 2**62), min_size=n_rows, max_size=n_rows))
    ranges = [draw(st.sampled_from([(NAN, NAN), (-1e3, 1e3), (0.0, 1.0)])) for _ in range(n_points)]
    width = [draw(widths) for _ in range(n_points)]
    rows, points = [r for r, _ in some], [p for _, p in some]
    lows, highs = [low for low, _ in ranges], [high for _, high in ranges]
    return columns(times, rows, points, status, values), lows, highs, width


def form(data):
    length = struct.unpack_from("<I", data, 4)[0]
    return struct.unpack_from("<I", data, 8 + length + 8)[0]


@settings(deadline=None)
@given(frame=frames())
def test_every_sample_keeps_its_place_order_and_status(frame):
    samples, *ranges = frame
    _, got = written(samples, *ranges)

    for name in ("times_ns", "row", "point", "status"):
        assert getattr(got.samples, name).tolist() == getattr(samples, name).tolist()
    valid = samples.status & VALID != 0
    assert (np.isnan(got.samples.values) == ~valid).all()
    assert got.dictionary.covers == Covers("raw", 3, "epoch", 10, 20)


@settings(deadline=None)
@given(frame=frames())
def test_a_reader_written_from_the_description_alone_agrees(frame):
    data, got = written(*frame)
    dictionary, samples = read(data)

    assert dictionary["points"] == got.dictionary.points
    ours = zip(
        got.samples.times_ns[got.samples.row].tolist(),
        [got.dictionary.points[p] for p in got.samples.point],
        got.samples.status.tolist(),
        [None if np.isnan(v) else v for v in got.samples.values],
        strict=True,
    )
    assert samples == list(ours)


def test_a_frame_in_order_is_dense_and_one_with_a_duplicate_is_sparse():
    order = columns([5, 6], [0, 0, 1, 1], [0, 1, 0, 1], [7] * 4, [1.0, 2.0, 3.0, 4.0])
    twice = columns([5, 6], [0, 0, 0, 1], [0, 1, 1, 1], [7] * 4, [1.0, 2.0, 3.0, 4.0])

    assert form(written(order, [NAN] * 2, [NAN] * 2, [12] * 2)[0]) == DENSE
    assert form(written(twice, [NAN] * 2, [NAN] * 2, [12] * 2)[0]) == SPARSE


def test_a_sample_of_status_0_is_no_absent_sample():
    _, got = written(
        columns([5], [0, 0], [0, 1], [0, GOOD], [NAN, 2.0]), [NAN] * 2, [NAN] * 2, [8, 8]
    )

    assert got.samples.status.tolist() == [0, GOOD]


def test_a_frame_may_be_empty():
    _, got = written(columns([7], [], [], [], []), [], [], [])

    assert got.samples.times_ns.tolist() == [7]
    assert len(got.samples.values) == 0


HEAD = (
    "41324201a0000000"  # A2B, version 1; the dictionary has 160 bytes
    "7b226173736574223a2261222c2263656c6c223a2263222c22706f696e7473223a5b227030222c227031225d2c2275"
    "6e697473223a5b2257222c2257225d2c22636f76657273223a7b22746f706963223a22726177222c22706172746974"
    "696f6e223a332c2265706f6368223a2265706f6368222c2266697273745f6f6666736574223a31302c226c6173745f"
    "6f6666736574223a32307d7d20202020202020"
)
RANGES = (
    "000000000000f03f0000000000000000"  # low 1.0, 0.0
    "111111111111c13f0000000000001440"  # step 2 / 15, 5.0
    "0405"  # widths 4, 5
)
DENSE_FRAME = (
    HEAD + "02000000020000000000000004000000"  # 2 rows, 2 points, dense, 4 samples
    "05000000000000000600000000000000"  # times 5, 6
     + RANGES + "07070706"  # status
    "027800"  # codes 0000 00100 1111 00000, zeros to the next byte
)
SPARSE_FRAME = (
    HEAD + "03000000020000000100000004000000"  # 3 rows, 2 points, sparse, 4 samples
    "050000000000000006000000000000000500000000000000"  # times 5, 6, 5
     + RANGES + "00000000010000000200000002000000"  # rows 0, 1, 2, 2
    "01000000000000000100000000000000"  # points 1, 0, 1, 0
    "07058087"  # status
    "2003c0"  # codes 00100 0000 00000 1111, zeros to the next byte
)
GOLDEN = {
    DENSE_FRAME: columns([5, 6], [0, 0, 1, 1], [0, 1, 0, 1], [7, 7, 7, 6], [1.0, 20.0, 3.0, NAN]),
    SPARSE_FRAME: columns(
        [5, 6, 5], [0, 1, 2, 2], [1, 0, 1, 0], [7, 5, 128, 135], [20.0, 1.0, NAN, 3.0]
    ),
}


@pytest.mark.parametrize("golden", GOLDEN, ids=["dense", "sparse"])
def test_the_layout_has_not_changed(golden):
    samples = GOLDEN[golden]
    data, _ = written(samples, [NAN, 0.0], [NAN, 155.0], [4, 5])
    got = bits.decode(bytes.fromhex(golden))

    assert data.hex() == golden
    np.testing.assert_array_equal(got.samples.values, samples.values)
    assert got.samples.status.tolist() == samples.status.tolist()


def decoded_or_refused(data):
    """Assert that bytes are read or raise `FrameError`, nothing else."""
    try:
        frame = bits.decode(data)
    except FrameError as error:
        return str(error)
    taken, n = frame.samples, len(frame.samples.status)
    assert len(taken.row) == len(taken.point) == len(taken.values) == n
    assert not n or (taken.row.max() < len(taken.times_ns) and taken.row.min() >= 0)
    assert not n or (taken.point.max() < len(frame.ranges.low) and taken.point.min() >= 0)
    assert np.isfinite(taken.values[taken.status & VALID != 0]).all()
    return ""


@pytest.mark.parametrize("golden", GOLDEN, ids=["dense", "sparse"])
def test_every_truncation_is_refused(golden):
    data = bytes.fromhex(golden)

    assert all(decoded_or_refused(data[:n]) for n in range(len(data)))
    assert decoded_or_refused(data + b"\0") == "broken bit frame: 1 bytes too many"


@pytest.mark.parametrize("golden", GOLDEN, ids=["dense", "sparse"])
def test_no_changed_byte_does_harm(golden):
    data = bytes.fromhex(golden)
    for at in range(len(data)):
        for value in (0, 1, 3, 0x7F, 0x80, 0xFF, data[at] ^ 1):
            decoded_or_refused(data[:at] + bytes([value]) + data[at + 1 :])


@settings(max_examples=300, deadline=None)
@given(
    golden=st.sampled_from([*GOLDEN]),
    changes=st.lists(
        st.tuples(st.integers(160, 290), st.sampled_from([1, 2, 4, 8]), st.integers(0, 2**64 - 1)),
        min_size=1,
        max_size=4,
    ),
)
def test_no_changed_numbers_do_harm(golden, changes):
    data = bytearray.fromhex(golden)
    for at, size, number in changes:
        data[at : at + size] = (number % 256**size).to_bytes(size, "little")
    decoded_or_refused(bytes(data))


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300))
def test_no_bytes_do_harm(data):
    decoded_or_refused(data)
    decoded_or_refused(b"A2B\x01" + data)


def changed(**numbers):
    """Return the sparse golden frame with other sizes: rows, points, form, n."""
    data = bytearray.fromhex(SPARSE_FRAME)
    for i, name in enumerate(("rows", "points", "form", "n")):
        if name in numbers:
            struct.pack_into("<I", data, 168 + 4 * i, numbers[name])
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "begins with b''"),
        (b"A2B\x02" + bytes(300), "no bit frame of version 1"),
        (b"A2B\x01\xff\xff\xff\xff", "broken bit frame"),
        (changed(form=7), "form 7"),
        (changed(rows=2**32 - 1), "broken bit frame"),
        (changed(rows=2**32 - 1, points=2**32 - 1, form=0), "broken bit frame"),
        (changed(n=2**32 - 1), "broken bit frame"),
        (changed(n=0), "bytes too many"),
    ],
)
def test_a_refusal_says_why(data, said):
    assert said in decoded_or_refused(data)
