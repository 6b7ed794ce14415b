"""Laws of repair: last events, units that physics decides, any split and save of all of it."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mending import CONFIG, SECOND, fed, of_kind, through

from models import snapshot
from models.compiled import layout
from models.names import Config
from models.repair import last_event, unit
from models.snapshot import Snapshots
from models.state import State

# Last events


def codes(*values):
    samples = [("xid", float(s), float(v)) for s, v in enumerate(values)]
    events, _ = through(*samples)
    return [
        (e.type.rpartition(".")[2], e.data.value, e.data.expected, e.data.ended)
        for e in of_kind(events, "event")
    ]


def test_a_change_to_a_code_is_an_event_until_another_or_none_takes_its_place():
    assert codes(0, 0, 79, 79, 63, 0, 0) == [
        ("opened", 79.0, 0.0, None),
        ("closed", 63.0, 79.0, "replaced"),
        ("opened", 63.0, 79.0, None),
        ("closed", 0.0, 63.0, "recovered"),
    ]


def test_the_first_code_ever_told_and_a_repeated_one_are_no_events():
    assert codes(79, 79, 79) == []


@settings(deadline=None)
@given(values=st.lists(st.sampled_from([0, 13, 79]), min_size=1, max_size=20))
def test_last_events_open_and_close_in_turn_and_are_the_changes(values):
    found = codes(*values)
    changed = [b for a, b in itertools.pairwise(values) if a != b]

    assert [one[1] for one in found if one[0] == "opened"] == [c for c in changed if c]
    opened = 0
    for state, *_ in found:
        opened += 1 if state == "opened" else -1
        assert opened in {0, 1}


def test_a_last_event_is_no_anomaly_of_a_level():
    samples = [("xid", float(s), 0.0) for s in range(100)]
    events, _ = through(*samples, ("xid", 100.0, 79.0))

    assert [e.data.kind for e in events] == ["event"]
    assert events[0].data.evidence.facts[0].offset == 100
    assert last_event.step(True, 0.0, 5.0) == last_event.NOTHING


# Units


LAW = np.array([9e11, 0.0, 1e-3, 1e-6, 0, 0, 0, 0, 0])


def elected(values, law=LAW):
    row = np.zeros(1, layout(unit.Row))[0]
    for i, value in enumerate(values):
        if unit.learn(row, float(value), law):
            return i, float(row["ratio"])
    return None


@settings(deadline=None)
@given(
    values=st.lists(st.floats(1e11, 9e11), min_size=16, max_size=16),
    ratio=st.sampled_from([1e-3, 1e-6]),
)
def test_the_largest_factor_that_makes_readings_possible_is_decided(values, ratio):
    sent = [v / ratio for v in values]

    found = elected(sent)
    assert found is not None
    assert all(v * found[1] <= 9e11 for v in sent[:16])
    assert found[1] >= ratio


def test_a_few_wild_readings_decide_nothing():
    values = [5e11, 3e14, 5e11, 2e14, *[5e11] * 200] * 20

    assert elected(values) is None


def test_one_wild_reading_among_those_in_another_unit_does_not_change_the_decision():
    assert elected([4e14] * 8 + [4e17] + [4e14] * 8) == (15, 1e-3)


def test_readings_that_no_factor_makes_possible_are_left_as_they_are():
    assert elected([1e30] * 500) is None


def test_a_link_beyond_its_capacity_is_out_of_range_then_converted_and_said_once():
    samples = [("link", float(s), 2e14 + 1e12 * (s % 5)) for s in range(60)]
    events, seen = through(*samples)
    repairs = of_kind(events, "repair")

    assert len(repairs) == 1
    assert repairs[0].data.spread == 1e-3
    assert repairs[0].data.expected == 9e11
    assert repairs[0].data.ended is None
    in_range = [bool(status & 4) for point, _, _, status in seen if point == "link"]
    assert in_range == [False] * 15 + [True] * 45
    assert not [e for e in events if e not in repairs]


def test_a_counter_whose_rate_is_beyond_its_capacity_is_converted_too():
    samples = [("link_total", float(s), s * 3e11) for s in range(40)]
    state = State(CONFIG)
    events, seen = through(*samples, state=state)

    assert [e.data.spread for e in of_kind(events, "repair")] == [1e-3]
    assert [v for point, t, v, _ in seen if point == "link_total"][-1] == pytest.approx(3e8)


def test_what_was_converted_says_so_in_its_events():
    samples = [("link", float(s), 2e14 + 1e12 * (s % 5)) for s in range(800)]
    events, _ = through(*samples, ("link", 800.0, 8.5e14))
    (opened,) = of_kind(events, "level")

    assert opened.data.value == pytest.approx(8.5e11)
    assert any("multiplied by 0.001" in fact.text for fact in opened.data.evidence.facts)


# Splits and saves


def mixture(seed, n=160):
    """Return samples of all kinds: resets, wraps, disorder, codes, other units, mistyped."""
    rng = np.random.default_rng(seed)
    samples, word, count = [], 2.0**32 - 3e9, 0.0
    for s in range(n):
        word = (word + 9e7) % 2.0**32
        count = 0.0 if rng.random() < 0.03 else count + float(rng.integers(0, 9))
        late = -3.0 if rng.random() < 0.05 else 0.0
        samples += [
            ("word", s + late, word),
            ("count", float(s), count if seed % 2 else 200 + rng.normal(0, 5)),
            ("xid", float(s), float(rng.choice([0, 0, 0, 13, 79])) if s % 20 == 0 else 0.0),
            ("link", float(s), 2e14 + rng.normal(0, 1e12)),
            ("link_total", float(s), s * 3e11),
        ]
    return samples


def outcome(found):
    frames, events = found
    return {f.id: f for f in frames}, {e.id: e for e in events}


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 9), cuts=st.lists(st.integers(1, 799), max_size=40))
def test_any_split_gives_the_same_bits_and_events(seed, cuts):
    samples = mixture(seed)
    whole = outcome(fed(State(CONFIG), *samples))

    assert outcome(fed(State(CONFIG), *samples, cuts=cuts)) == whole
    assert {"repair", "event"} <= {getattr(e.data, "kind", "") for e in whole[1].values()}


def loaded(state, config=CONFIG):
    saved = Snapshots(4).take(state, 0)
    segments = [saved.segments[i] for i in range(saved.manifest.segments)]
    return snapshot.load(config, saved.manifest, saved.chunks, segments)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 9), at=st.integers(1, 799))
def test_a_saved_state_goes_on_as_if_nothing_had_been(seed, at):
    samples = mixture(seed)
    state = State(CONFIG)
    before = fed(state, *samples[:at])
    after = fed(loaded(state), *samples[at:], first=at)
    whole = outcome(fed(State(CONFIG), *samples))

    assert outcome([left + right for left, right in zip(before, after, strict=True)]) == whole


def test_a_point_declared_a_counter_after_all_is_told_as_one_from_the_next_sample_on():
    undeclared = Config(frame_ns=5 * SECOND)
    state = State(undeclared)
    fed(state, *[("count", float(s), 100.0 * s) for s in range(40)])
    again = loaded(state, CONFIG)
    fed(again, *[("count", float(s), 100.0 * s) for s in range(40, 43)], first=40)

    assert again.signals.rows["quality"]["value"] == 100.0
    back = loaded(again, undeclared)
    fed(back, ("count", 43.0, 4_300.0), first=43)
    assert back.signals.rows["quality"]["value"] == 4_300.0
