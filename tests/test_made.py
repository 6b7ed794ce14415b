"""Values by code: one more sample of each span that has all inputs, whatever block it is in."""

import json

from machine_site import Fed, Passed, Sent, config

from schemas.telemetry import Quality
from schemas.trigger import Value
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


def test_a_rule_reads_what_code_makes_of_a_span_that_has_all_inputs():
    made_ = fed(*sent([8.0, 8.0, 5.0]), Sent(21, "chiller", {"heat": 1.0}), Passed(22))

    assert made_.states() == [("firing", 20)]
    assert CALLS == [3]
    assert "chiller cop was 2.5" in made_.alerts[0].data.evidence.facts[0].text


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
