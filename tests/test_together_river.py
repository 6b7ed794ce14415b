"""Laws of the second opinion: saved anywhere it goes on the same, and it is told beside ours."""

import numpy as np
import pytest
from pumps import CONFIG, FAULT, blocks, messages, parted, pumps, restored, saved, through, told

from models.gaps import NEVER
from models.names import Config
from models.state import State
from models.together import opinion
from models.together.opinion import Opinion

ASKED = Config(
    frame_ns=CONFIG.frame_ns, together=("pump-*",), second_opinion=("pump-1",), peers=False
)


def rows(n=900, k=3, seed=1):
    values = np.random.default_rng(seed).normal(size=(n, k))
    values[np.random.default_rng(seed + 1).random((n, k)) < 0.05] = np.nan
    values[600:] += 2.0
    return values


def answers(asked, values, first=0):
    return [
        (asked.take(row, i, learns=i % 7 > 0), asked.drifted_ns)
        for i, row in enumerate(values, first)
    ]


@pytest.mark.parametrize("stop", [1, 249, 250, 251, 640, 899])
def test_an_opinion_that_was_saved_goes_on_as_if_it_had_not_been(stop):
    values, whole, first, second = rows(), Opinion(3), Opinion(3), Opinion(3)
    want = answers(whole, values)
    got = answers(first, values[:stop])
    nodes, rest = first.saved()
    second.resume(np.frombuffer(nodes.tobytes(), opinion.NODE), rest[0])
    got += answers(second, values[stop:], stop)

    assert got == want
    assert [one.tobytes() for one in second.saved()] == [one.tobytes() for one in whole.saved()]


def test_what_is_rare_is_said_to_be_and_a_shift_is_a_drift():
    asked, values = Opinion(3), rows()
    told = answers(asked, values)

    assert not any(rare for rare, _ in told[:250])
    assert told[599][1] == NEVER
    assert asked.drifted_ns >= 600
    assert Opinion(3).take(np.full(3, 9.0), 0, learns=True) == 0.0
    assert np.mean([rare for rare, _ in told[600:620]]) > np.mean([r for r, _ in told[500:600]])


def test_without_any_value_a_row_has_an_answer():
    asked = Opinion(2)
    answers(asked, rows(400, 2))

    assert np.isfinite(asked.take(np.full(2, np.nan), 0, learns=True))


@pytest.mark.parametrize("stop", [700, 1206])
def test_a_state_with_opinions_goes_on_as_if_it_had_not_been_saved(stop):
    sent, whole, first = messages(parted(pumps())), State(ASKED), State(ASKED)
    want = told(through(blocks(sent), whole))
    events = told(through(blocks(sent[:stop]), first))
    second = restored(first, ASKED)
    events += told(through(blocks(sent[stop:], first=stop), second))

    assert events == want
    assert saved(second) == saved(whole)


def test_the_second_opinion_is_told_with_its_score():
    opened = told(through(blocks(messages(parted(pumps()))), State(ASKED)))[0]
    texts = [one.text for one in opened.data.evidence.hypotheses]

    assert any(text.startswith("river's half-space trees: the signals are") for text in texts)
    assert FAULT.start * 5 < opened.time.timestamp() <= (FAULT.start + 12) * 5


def test_healthy_signals_are_not_told_by_it():
    assert not told(through(blocks(messages(pumps(3000, 3))), State(ASKED)))


def test_only_those_that_are_asked_for_have_one_and_it_ends_when_they_are_not():
    state = State(ASKED)
    through(blocks(messages(pumps(20)) + messages(pumps(20), "pump-2")), state)
    now = restored(state, CONFIG)

    assert [one.opinion is None for one in state.together.models] == [False, True]
    assert [one.opinion is None for one in now.together.models] == [True, True]
