"""How far event time has come: what is told of it is a matter of the samples, not of the blocks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_pipeline import CONFIG, KNOWN_S, SECOND, SOURCE, blocks, through, walk

from models import pipeline
from models.progress import least, reached_ns
from models.state import State
from models.telemetry import tick_block
from schemas.readings import Tick


def reached(messages, cuts=(), state=None):
    """Return how far a partition has come, in s."""
    state = state or State(CONFIG)
    through(blocks(messages, cuts), state)
    return reached_ns(state) / SECOND


def seconds(found):
    """Return what was told, as seconds of event time."""
    return [one.progress.data.reached.timestamp() for one in found if one.progress]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 50), cuts=st.lists(st.integers(1, 99), max_size=20))
def test_how_far_a_partition_has_come_does_not_depend_on_how_samples_were_cut(seed, cuts):
    messages = walk(seed, 100)

    assert reached(messages, cuts) == reached(messages)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 50), cuts=st.lists(st.integers(1, 99), max_size=20))
def test_a_second_is_told_once_and_the_last_one_that_was_reached_is_told(seed, cuts):
    state = State(CONFIG)
    told = seconds(through(blocks(walk(seed, 100), cuts), state))

    assert told == sorted(set(told))
    assert told[-1] == reached_ns(state) // SECOND


def test_a_partition_that_nothing_was_heard_in_tells_nothing():
    found = pipeline.judge(State(CONFIG), tick_block([(SOURCE, Tick(0, 3, 100 * SECOND))]))

    assert found.progress is None


def test_one_clock_in_four_that_runs_ahead_lets_no_time_pass():
    names = ("a", "b", "c", "d")
    messages = [
        [(name, ("temp",), (s + 600 * (name == "d")) * SECOND, [1.0]) for name in names]
        for s in range(30)
    ]

    assert reached(messages) == 29


def test_assets_that_fell_silent_hold_up_nobody():
    state = State(CONFIG)
    both = [[(n, ("temp",), s * SECOND, [1.0]) for n in "abcd"] for s in range(10)]
    one = [
        [("a", ("temp",), s * SECOND, [1.0]), ("b", ("temp",), s * SECOND, [1.0])]
        for s in range(10, 50)
    ]

    assert reached(both + one, state=state) == 49


def test_time_passes_where_a_source_is_read_to_its_end_and_silent():
    state = State(CONFIG)
    through(blocks(walk(1, 10), []), state)

    found = pipeline.judge(state, tick_block([(SOURCE, Tick(0, 10, 9 * SECOND, 20 * SECOND))]))

    assert seconds([found]) == [KNOWN_S + 29]


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ((100,), 100),
        ((100, 90), 90),
        ((100, 60), 100),
        ((700, 100, 99), 99),  # one alone is not believed
        ((100, 99, 20, 21), 99),
    ],
)
def test_who_does_not_keep_up_is_not_waited_for(times, said):
    assert least([time * SECOND for time in times]) == said * SECOND


def test_the_same_second_is_the_same_event_and_says_whose_it_is():
    first, second = State(CONFIG), State(CONFIG)
    second.partition = 1
    made = blocks(walk(3, 20), [])
    one, again, other = (through(made, s)[-1].progress for s in (first, State(CONFIG), second))

    assert one == again
    assert one.id != other.id
    assert (one.data.partition, other.data.partition) == (0, 1)
