"""Laws of conditions on values: as the reference says, however cut, after any restart."""

from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from machine_site import SECOND, Fed, Passed, Sent, config, cut, ns

from models.state import State
from models.trigger.condition.compile import ConditionError
from models.trigger.condition.evaluate import Answer, evaluate
from models.trigger.condition.program import Feature
from models.trigger.machine.loads import load
from models.trigger.machine.rows import LATER
from models.trigger.machine.stack import run
from schemas.settings import Cell

NAN = float("nan")
numbers = st.recursive(
    st.sampled_from(["x", "y", "z", "2.0", "0.5", "-1.0", "0.0"]),
    lambda of: st.one_of(
        st.tuples(of, st.sampled_from("+-*/"), of).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        of.map(lambda one: f"abs({one})"),
        of.map(lambda one: f"sqrt({one})"),
        st.tuples(st.sampled_from(["min", "max"]), of, of).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        st.tuples(of, of).map(lambda t: f"(x > 0.0 ? {t[0]} : {t[1]})"),
    ),
    max_leaves=4,
)
compared = st.tuples(numbers, st.sampled_from([">", "<", ">=", "<=", "==", "!="]), numbers).map(
    lambda t: f"({t[0]} {t[1]} {t[2]})"
)
conditions = st.recursive(
    compared,
    lambda of: st.one_of(
        st.tuples(of, st.sampled_from(["&&", "||"]), of).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        of.map(lambda one: f"!{one}"),
        st.tuples(st.sampled_from(["held", "was"]), of).map(lambda t: f'{t[0]}({t[1]}, "3s")'),
        of.map(lambda one: f"rose({one})"),
        st.tuples(st.sampled_from(["followed", "missed"]), of, of).map(
            lambda t: f'{t[0]}({t[1]}, {t[2]}, "3s")'
        ),
    ),
    max_leaves=5,
)
values = st.sampled_from([NAN, -1.0, 0.0, 0.5, 1.0, 2.0])
moments = st.lists(
    st.tuples(st.integers(1, 4), values, values, values, st.sampled_from([0.25, 0.5, 1.0])),
    min_size=1,
    max_size=12,
)


@settings(deadline=None, max_examples=150)
@given(text=conditions, moments=moments)
def test_the_stack_machine_does_what_the_reference_says(text, moments):
    try:
        state = State(config({"name": "r", "if": text, "stale": "1h"}))
    except ConditionError:
        assume(False)
    asset, (asked,) = state.asset("a"), state.config.asked
    program = asked.condition
    assume(program.inputs)
    row_of = {name: state.add_signal(asset, name) for name in "xyz"}
    machine = state.conditions.machine(1)
    memory, now = np.full(program.slots, NAN), 1_000
    for wait, *given_, good in moments:
        now += wait
        known = dict(zip("xyz", given_, strict=True))
        for name, row in row_of.items():
            reading = int(state.conditions.reading_of.all[row])
            if reading >= 0:
                last = state.conditions.readings.all["last"][reading]
                last["seen_ns"] = last["time_ns"] = now * SECOND
                last["value"], last["good"] = known[name], good
        loaded = [Answer(known[program.inputs[one.input].name], good) for one in program.loads]
        expected = evaluate(program, loaded, float(now), memory)
        coded = machine.programs[0]
        found = run(
            *(machine, state.signals.all, machine.instances[0]),
            *(coded, int(coded["first"]), int(coded["until"]), now * SECOND),
        )
        assert found == pytest.approx(tuple(expected), nan_ok=True, rel=1e-15)


OVER = (
    "avg",
    "min",
    "max",
    "sum",
    "count",
    "delta",
    "rate",
    "changes",
    "deviation",
    "slope",
    "ago",
)
WINDOW = 60
STEP = WINDOW // 30


@cache
def windowed():
    """Return a rule that reads every feature of a window."""
    parts = [f'x.{name}("{WINDOW}s") > 1e9' for name in OVER]
    return {"name": "r", "if": " || ".join([*parts, f'x.absent("{WINDOW}s")'])}


def over(samples, at):
    """Return each feature of the window at a second. `samples`: (second, value)."""
    step = (ns(0) // SECOND + at) // STEP
    inside = [(s, v) for s, v in samples if (ns(0) // SECOND + s) // STEP > step - 30]
    many, told = len(inside), dict.fromkeys(range(18), NAN)
    seconds = np.array([s for s, _ in inside], float)
    value = np.array([v for _, v in inside])
    told[Feature.COUNT], told[Feature.ABSENT] = float(many), float(many == 0)
    if many:
        told |= {Feature.AVG: value.mean(), Feature.MIN: value.min(), Feature.MAX: value.max()}
        told |= {Feature.SUM: value.sum(), Feature.DEVIATION: value.std()}
        told[Feature.CHANGES] = float((np.diff(value) != 0).sum())
    if many > 1:
        told[Feature.DELTA] = value[-1] - value[0]
        told[Feature.RATE_OVER] = told[Feature.DELTA] / (seconds[-1] - seconds[0])
        told[Feature.SLOPE] = np.polyfit(seconds - seconds[0], value, 1)[0]
    return told


@settings(deadline=None, max_examples=40)
@given(
    samples=st.lists(
        st.tuples(st.integers(1, 25), st.sampled_from([1.0, 2.0, 2.0, 7.0])),
        min_size=1,
        max_size=60,
    ),
    wait=st.integers(0, 80),
)
def test_a_window_holds_the_last_thirty_steps_of_time(samples, wait):
    made, seconds = Fed(config(windowed())), np.cumsum([gap for gap, _ in samples]).tolist()
    sent = list(zip(seconds, [value for _, value in samples], strict=True))
    made.send(*(Sent(second, "a", {"x": value}) for second, value in sent))
    at, state = seconds[-1] + wait, made.state
    expected, (asked,) = over(sent, at), state.config.asked
    machine = state.conditions.machine(1)
    machine.counts[1] = LATER
    for i, one in enumerate(asked.condition.loads):
        found, _ = load(
            *(machine, state.signals.all, machine.instances[0]),
            *(machine.programs[0], machine.loads[i], ns(at)),
        )
        if one.feature is not Feature.AGO:
            assert found == pytest.approx(expected[one.feature], nan_ok=True, abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(gaps=st.lists(st.integers(1, 12), min_size=1, max_size=60))
def test_what_was_long_ago_is_at_most_a_step_older_than_it_must_be(gaps):
    made, seconds = Fed(config(windowed())), np.cumsum(gaps).tolist()
    made.send(*(Sent(second, "a", {"x": float(second)}) for second in seconds))
    state, at = made.state, seconds[-1]
    (asked,) = state.config.asked
    i = [one.feature for one in asked.condition.loads].index(Feature.AGO)
    machine = state.conditions.machine(1)
    found, _ = load(
        *(machine, state.signals.all, machine.instances[0]),
        *(machine.programs[0], machine.loads[i], ns(at)),
    )
    newest = max((second for second in seconds if second <= at - WINDOW), default=None)
    if newest is not None and newest > at - 1.4 * WINDOW:
        assert newest - WINDOW / 20 <= found <= newest


RULES = [
    {"name": "one", "if": "x > 1", "for": "3s"},
    {"name": "two", "if": "x > 1 && y < 1", "keep_firing_for": "4s", "quality": 0.98},
    {"name": "over", "if": 'x.avg("30s") > 1 || y.count("20s") == 2', "stale": "10s"},
    {"name": "past", "if": 'held(x > 0, "5s") || missed(y > 1, x > 1, "6s")', "until": "x < 0"},
    {"name": "gone", "if": 'y.absent("15s") || x.age > 9'},
    {"name": "port", "if": "v > 1 || (w > 1 && x > 1)"},
    {"name": "text", "if": 'x > 1 && (labels.p == "2" || asset in ["a", "c"])', "until": "v < 1"},
    {
        "name": "hall",
        "each": "cell",
        "if": "m > 1 || s > 3",
        "where": {
            "m": {"point": "x", "take": "median"},
            "s": {"point": "[yx]", "asset": "a", "take": "sum"},
        },
    },
]


@cache
def everything():
    """Return rules of all kinds on one hall."""
    return config(*RULES, cells=(Cell(name="hall", assets=("a", "b")),), silence_ns=60 * SECOND)


_POINTS = ["x", "y", "w", 'v{p="1"}', 'v{p="2"}', "v"]
_sent = st.builds(
    lambda back, asset, values, source, mark: (back, asset, values, source, mark),
    st.integers(0, 3),
    st.sampled_from("ab"),
    st.dictionaries(
        st.sampled_from(_POINTS), st.sampled_from([-1.0, 0.0, 1.0, 2.0, 3.0]), min_size=1
    ),
    st.sampled_from([0, 0, 0, 1]),
    st.sampled_from([0, 0, 0, 0, 1]),
)
_items = st.lists(
    st.tuples(st.integers(0, 6), st.one_of(_sent, st.sampled_from([0, 1]))), max_size=60
)


def _timed(items):
    """Return what is sent, in order: a span `back` seconds late, or a tick of a source."""
    now, sent = 20, []
    for wait, what in items:
        now += wait
        if isinstance(what, int):
            sent.append(Passed(now, what))
        else:
            back, *rest = what
            sent.append(Sent(now - back, *rest))
    return [*sent, Passed(now + 100, 0), Passed(now + 100, 1)]


def _told(made):
    return sorted(one.model_dump_json() for one in made.events)


@settings(deadline=None, max_examples=80)
@given(items=_items, edges=st.lists(st.integers(1, 60), max_size=8))
def test_however_samples_are_cut_into_blocks_the_same_is_told(items, edges):
    items = _timed(items)
    whole, parts = Fed(everything()), Fed(everything())
    whole.send(*items)
    for part in cut(items, edges):
        parts.send(*part)

    assert _told(parts) == _told(whole)


@settings(deadline=None, max_examples=30)
@given(items=_items, edges=st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_a_restart_anywhere_changes_nothing(items, edges):
    items = _timed(items)
    through, again = Fed(everything()), Fed(everything())
    for part in cut(items, edges):
        through.send(*part)
        again.send(*part).restart()

    assert _told(again) == _told(through)


def test_a_firing_rule_goes_on_whatever_other_rules_come_and_a_changed_one_begins_anew():
    one, two = {"name": "one", "if": "x > 5"}, {"name": "two", "if": "x > 4", "for": "3s"}
    made = Fed(config(one, two))
    made.send(*(Sent(second, "a", {"x": 6.0}) for second in range(5)))
    made.restart(config({"name": "new", "if": 'x.avg("1m") > 5'}, {**two, "for": "4s"}, one))
    made.send(*(Sent(second, "a", {"x": 6.0}) for second in range(5, 12)), Passed(12))
    made.send(Sent(13, "a", {"x": 0.0}))
    told = [(rule, state, second) for rule, _, state, second in made.told()]

    assert [t for t in told if t[0] == "one"] == [("one", "firing", 0), ("one", "resolved", 13)]
    assert ("two", "firing", 9) in told
    assert ("new", "firing", 5) in told


def test_a_signal_without_rules_is_not_read():
    made = Fed(config({"name": "r", "if": "x > 5"}))
    made.send(Sent(0, "a", {"x": 6.0, "other": 1.0}))

    assert made.state.conditions.reading_of.rows.tolist() == [0, -1]
    assert made.state.conditions.readings.size == 1
