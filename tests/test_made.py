"""Values by code: one more sample of each moment that has all inputs, whatever block it is in."""

import json
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from machine_site import SECOND, Fed, Passed, Sent, block, config, cut, ns

from models.state import State
from schemas.readings import points
from schemas.telemetry import Quality
from schemas.trigger import Input, Value
from streams import made
from streams.configuration import problems

COP = Value(name="cop", code="cop", inputs=("heat", "power"), unit="1")
RULE = {"name": "r", "if": "cop < 3 && power > 0", "stale": "1h"}
CALLS = []


def cop(heat, power):
    CALLS.append(len(heat))
    return heat / power


def fed(*items, function=cop):
    CALLS.clear()
    return Fed(config(RULE, values=(COP,), functions={"cop": function})).send(*items)


def sent(heats, mark=0):
    return [
        Sent(10 * i, "chiller", {"heat": heat, "power": 2.0}, 0, mark)
        for i, heat in enumerate(heats)
    ]


def test_a_rule_reads_what_code_makes_of_a_moment_that_has_all_inputs():
    made_ = fed(*sent([8.0, 8.0, 5.0]), Sent(21, "chiller", {"heat": 1.0}), Passed(22))

    assert made_.states() == [("firing", 20)]
    assert CALLS == [4]
    assert "chiller cop was 2.5" in made_.alerts[0].data.evidence.facts[0].text


def test_inputs_of_one_moment_may_come_in_several_messages():
    """No value is made of the heat of one moment and the power of the one before."""
    items = [
        Sent(10 * i, "chiller", {name: value})
        for i, (heat, power) in enumerate([(8.0, 2.0), (2.0, 0.5), (8.0, 2.0), (5.0, 2.0)])
        for name, value in (("heat", heat), ("power", power))
    ]

    assert fed(*items, Passed(31)).states() == [("firing", 30)]
    assert CALLS == [4]
    assert series(*items) == [(0, 4.0), (10, 4.0), (20, 4.0), (30, 2.5)]


def series(*items, value=COP):
    """Return the values that are made, a span a block: second and value."""
    state, found = State(config(RULE, values=(value,), functions={"cop": cop})), []
    for i, item in enumerate(items):
        there = state.made.with_values(state, block([item], i))
        if "cop" in points(there.meta, int(there.shape[0])):
            found.append((round((int(there.time_ns[0]) - ns(0)) / SECOND), there.values[-1]))
    return found


def test_a_slow_input_is_taken_as_it_was_last():
    items = [
        Sent(second, "chiller", {"heat": 8.0} if second % 10 else {"heat": 8.0, "power": 2.0})
        for second in range(40)
    ]

    assert [at for at, _ in series(*items)] == [0, *range(10, 40)]


def test_one_that_is_due_and_does_not_come_makes_none_until_it_is_there():
    both = [Sent(s, "chiller", {name: 2.0}) for s in range(5) for name in ("heat", "power")]
    alone = [Sent(s, "chiller", {"heat": 2.0}) for s in range(5, 9)]
    again = [Sent(9, "chiller", {name: 2.0}) for name in ("heat", "power")]

    assert [at for at, _ in series(*both, *alone, *again)] == [0, 1, 2, 3, 4, 9]


def test_two_points_that_are_one_input_make_none():
    cop_of_any = COP.model_copy(update={"where": {"heat": Input(point="h*")}})
    items = [Sent(s, "chiller", {name: 2.0}) for s in range(3) for name in ("h1", "h2", "power")]

    assert series(*items, value=cop_of_any) == []


_items = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 1, 1, 2, 9]),
        st.integers(0, 3),
        st.sampled_from(["a", "b"]),
        st.dictionaries(
            st.sampled_from(["heat", "power", "other"]), st.sampled_from([0.5, 1.0, 6.0])
        ).filter(bool),
        st.sampled_from([0, 0, 1]),
        st.sampled_from([0, 0, 0, int(Quality.MISSING)]),
    ),
    min_size=10,
    max_size=60,
)


@cache
def ratio():
    rules = RULE, {"name": "s", "if": 'cop.avg("10s") > 2 || cop - heat > 1'}
    return config(*rules, values=(COP,), functions={"cop": cop})


@settings(deadline=None, max_examples=60)
@given(items=_items, edges=st.lists(st.integers(1, 60), min_size=1, max_size=8))
def test_cuts_and_restarts_change_nothing(items, edges):
    now, sent = 20, []
    for wait, back, *rest in items:
        now += wait
        sent.append(Sent(now - back, *rest))
    sent.append(Passed(now + 100))
    whole, parts, again = (Fed(ratio()) for _ in range(3))
    whole.send(*sent)
    for part in cut(sent, edges):
        parts.send(*part)
        again.send(*part).restart()

    told = [sorted(e.model_dump_json() for e in one.events) for one in (whole, parts, again)]
    assert told[1] == told[0]
    assert told[2] == told[0]


def test_it_is_the_same_in_blocks_of_one_span():
    items = sent([8.0, 5.0, 8.0, 1.0])
    whole, parts = fed(*items), fed()
    for one in items:
        parts.send(one)

    assert [one.model_dump_json() for one in whole.alerts] == [
        one.model_dump_json() for one in parts.alerts
    ]


def test_inputs_without_a_value_make_none():
    made_ = fed(*sent([1.0, 1.0], int(Quality.MISSING)), Passed(11))

    assert made_.alerts == []


def test_a_function_that_fails_or_answers_in_another_shape_makes_no_values():
    def fails(_heat, _power):
        raise ZeroDivisionError

    for function in (made.guarded("cop", fails), lambda heat, _power: heat[:0]):
        made_ = fed(*sent([1.0, 1.0]), Passed(11), function=function)
        assert made_.alerts == []
        assert made_.state.conditions.readings.rows["last"]["time_ns"].max() > 0
        assert made_.state.names.row(0, "cop") is not None


def test_a_function_that_is_not_installed_is_a_mistake_before_the_start():
    given = {"ALLTOBIT_VALUES": '[{"name": "z", "code": "nowhere", "inputs": ["a"]}]'}

    (said,) = problems(None, given)

    assert said.startswith("values.0.code='nowhere': no entry point in the group alltobit.values ")
    assert said.endswith("; install the package that has it")


def test_inputs_that_are_values_by_expression_are_a_mistake_before_the_start():
    lift = {"name": "lift", "is": "a - b"}
    code = {"name": "z", "code": "nowhere", "inputs": ["a", "lift"]}
    given = {"ALLTOBIT_VALUES": json.dumps([lift, code])}

    (said, _) = problems(None, given)

    assert said.startswith("values.1.inputs='a, lift': ")
    assert "`lift` is a value by expression: inputs are signals" in said
