"""Laws of symbols: anomalies are never folded away, the budget is kept, the level is told."""

import re

import numpy as np
import pytest
from bit_frames import columns, names_of
from cli_calls import call
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models import bits
from models.symbols import Summary, Window, summaries, text, tokens
from models.symbols.braces import folded, unfolded
from models.symbols.summary import SEGMENTS
from schemas.bits import ANOMALOUS, GOOD

HOUR = Window(0, 3_600_000_000_000)
SECOND = 1_000_000_000
UNITS = ("Cel", "W", "%", "")


def a_summary(i, odd=0, moves=True):
    mean = 20.0 + i % 50
    ends = (mean - 1.5, mean + 1.5) if moves else (mean, mean)
    word = "abcdefgh====" if moves else "=" * 12
    name = f"node-{i // 40:03d}/gpu{i % 8}", f"DCGM_FI_DEV_SOMETHING_{i % 25}"
    return Summary(*name, UNITS[i % 4], word, mean, 0.7, *ends, mean, odd, odd * SECOND, 3600)


@settings(max_examples=50, deadline=None)
@given(
    odd=st.sets(st.integers(0, 299)),
    still=st.sets(st.integers(0, 299)),
    budget=st.integers(200, 3_000),
)
def test_no_anomalous_signal_is_folded_away(odd, still, budget):
    signals = [a_summary(i, int(i in odd), i not in still) for i in range(300)]
    said = text(signals, HOUR, budget)
    named = [
        {name for word in line.split() for name in unfolded(word)} for line in said.split("\n")
    ]

    for i in odd:
        assert any({*a_summary(i)[:2]} <= line for line in named)


names = st.from_regex(r"(node-)?\d{0,3}(/gpu|-)?\d{0,3}x?", fullmatch=True)


@given(some=st.sets(names, max_size=40))
@example(some={"a9", "a10", "a08", "a8", "a"})
@example(some={f"node-{i:02d}/gpu{k}" for i in range(1, 4) for k in range(8)} - {"node-02/gpu5"})
def test_names_in_braces_are_the_same_names(some):
    back = [name for one in folded(some) for name in unfolded(one)]

    assert sorted(back) == sorted(some)


def test_a_rack_is_one_word():
    some = [f"node-{i:02d}/gpu{k}" for i in range(1, 19) for k in range(8)]

    assert folded(some) == ["node-{01..18}/gpu{0..7}"]


@settings(max_examples=30, deadline=None)
@given(n=st.integers(0, 1_000), odd=st.integers(0, 40), still=st.booleans())
def test_an_hour_of_a_thousand_signals_keeps_the_budget(n, odd, still):
    signals = [a_summary(i, int(i < odd), not still) for i in range(n)]

    assert tokens(text(signals, HOUR)) <= 2_000


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 400), budget=st.integers(300, 2_500))
def test_every_signal_has_a_line_or_is_counted(n, budget):
    said = text([a_summary(i) for i in range(n)], HOUR, budget)
    counted = sum(
        int(i) for i in re.findall(r"\bx(\d+)\b|^(\d+) other", said, re.MULTILINE) for i in i if i
    )
    lines = sum("abcdefgh====" in line for line in said.splitlines())

    assert counted + lines == n


def a_frame(values, status=None, every_s=300):
    """Return the frame of a signal that says a value a segment."""
    n = len(values)
    times = [i * every_s * SECOND for i in range(n)]
    samples = columns(times, range(n), [0] * n, status or [GOOD] * n, values)
    return bits.decode(bits.encode(names_of(1), (0, 1), samples))


def the(frame, window=HOUR):
    (one,) = summaries([frame], window)
    return one


def test_a_word_says_the_shape_and_the_numbers_say_the_level():
    one = the(a_frame([20.0] * 6 + [30.0] * 6))

    assert one.word == "bbbbbbgggggg"
    assert (one.mean, one.spread, one.least, one.most, one.last) == (25.0, 5.0, 20.0, 30.0, 30.0)


def test_a_still_signal_and_a_gap_have_marks_of_their_own():
    status = [GOOD] * 12
    status[3] = GOOD & ~1

    assert the(a_frame([21.7] * 12, status)).word == "===-========"


def test_an_anomalous_stretch_is_in_capitals_even_without_a_number():
    status = [GOOD] * 12
    status[4], status[5] = GOOD | ANOMALOUS, ANOMALOUS
    one = the(a_frame([20.0, 22.0] * 6, status))

    assert one.word == "bgbgBEbgbgbg"
    assert (one.odd, one.odd_ns) == (2, 1_200 * SECOND)


@given(
    values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30),
    cut=st.integers(0, 29),
)
@settings(max_examples=40, deadline=None)
def test_how_samples_were_cut_into_frames_changes_nothing(values, cut):
    n, cut = len(values), min(cut, len(values))
    samples = columns(np.arange(n) * 100 * SECOND, range(n), [0] * n, [GOOD] * n, values)

    def part(low, high):
        some = [column[low:high] for column in (samples.times_ns, samples.status, samples.values)]
        size = len(some[0])
        made = columns(some[0], range(size), [0] * size, *some[1:])
        return bits.decode(bits.encode(names_of(1, width=0), (0, 1), made))

    assert summaries([part(0, n)], HOUR) == summaries([part(0, cut), part(cut, n)], HOUR)


def test_samples_outside_the_window_are_left_out():
    one = the(a_frame(list(range(24))), Window(0, 600 * SECOND))

    assert one.samples == 2
    assert len(one.word) == SEGMENTS


@pytest.mark.parametrize(
    ("said", "n"), [("", 0), ("abc", 1), ("abcd 12", 3), ("gpu-0/x", 5), ("a\nb", 3)]
)
def test_tokens_are_counted_high(said, n):
    assert tokens(said) == n


def test_frames_in_files_are_shown(tmp_path):
    names = names_of(1)
    status = [GOOD] * 11 + [GOOD | ANOMALOUS]
    samples = columns(
        np.arange(12) * 300 * SECOND, range(12), [0] * 12, status, [20.0] * 11 + [90.0]
    )
    whole = bits.encode(names, (0, 1), samples)
    said = bits.names_bytes(names)
    later = bits.joined(bits.digest(said), b"", whole[20 + len(said) :])
    (tmp_path / "1").write_bytes(later)
    (tmp_path / "2").write_bytes(whole)
    done = call("bits", "show", str(tmp_path / "1"), str(tmp_path / "2"))

    assert done.exit_code == 0
    assert "1 signals of 1 assets, 1 anomalous" in done.stdout
    assert "a p0 " in done.stdout


def test_what_is_no_frame_is_said(tmp_path):
    (tmp_path / "1").write_bytes(b"nothing")
    done = call("bits", "show", str(tmp_path / "1"))

    assert done.exit_code == 2
    assert "no bit frame" in done.stderr
