"""Conditions checked: names, types, units, windows; and what is legal, but hardly meant."""

from math import nan
from time import process_time

import numpy as np
import pytest
from conditions import PLAIN, conditions, run
from hypothesis import given, settings
from hypothesis import strategies as st

from models.trigger.condition import words
from models.trigger.condition.compile import condition, value
from models.trigger.condition.evaluate import ARITY, UNKNOWN, Answer, evaluate
from models.trigger.condition.names import Vocabulary
from models.trigger.condition.parse import parse
from models.trigger.condition.program import Feature, Load, Op
from models.trigger.condition.term import Mark
from models.trigger.condition.tree import ConditionError, Place
from schemas.trigger import Input, Take, Value
from schemas.units import Point, PointKind


def is_(name: str, expression: str, unit: str = "", **where: Input) -> Value:
    """Return a value by expression."""
    return Value(name=name, expression=expression, unit=unit, where=where)


POINTS = (
    Point(name="temp", unit="Cel", low=-20, high=120),
    Point(name="power", unit="W"),
    Point(name="heat", unit="kW"),
    Point(name="util", unit="%", low=0, high=100),
    Point(name="ratio", unit="1"),
    Point(name="flow", unit="L/min"),
    Point(name="energy", unit="J", kind=PointKind.COUNTER),
    Point(name="state", kind=PointKind.STATE),
    Point(name="RackTemp", unit="Cel", canonical="temp"),
)
VALUES = (
    is_("cop", "heat * 1000 / power", "1"),
    is_("lift", "cop * temp"),
    is_("hot", "temp > 80"),
    is_("cooling", "flow * (temp - temp.ago('5m')) * 69.7", "W"),
    is_("wrong", "flow * temp", "W"),
    is_("kilo", "power", "kW"),
    is_("torn", "temp >\n> 1"),
    is_("ring", "1 + round_"),
    is_("round_", "ring + 1"),
    is_("peak", "x + power", "W", x=Input(point="power", asset="gpu*", take=Take.MAX)),
    is_("units_of_none", "temp > 1", "W"),
    Value(name="model", code="wet_bulb", inputs=("temp",), unit="Cel"),
)
ALL = Vocabulary(
    POINTS,
    {one.name: one for one in VALUES},
    {
        "gpu": Input(point="DCGM_FI_DEV_GPU_TEMP", take=Take.MAX),
        "water": Input(point="*/Supply_Water_Temperature"),
        "how_many": Input(point="temp", take=Take.COUNT),
        "anything": Input(point="*"),
        "x": Input(point="flow"),
    },
)


def refused(text: str, vocabulary: Vocabulary = ALL) -> ConditionError:
    """Return the error that a condition raises."""
    with pytest.raises(ConditionError) as found:
        condition(text, vocabulary)
    return found.value


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("temp", 1, "`temp` is a number, a rule wants a condition: write e.g. `temp > 0`"),
        ("temp && hot", 1, "`temp` is a number, `&&` wants conditions: write e.g. `temp > 0`"),
        ("hot || !power", 9, "`power` is a number, `!` wants conditions"),
        ("1 + hot > 2", 5, "`hot` is a condition, `+` wants numbers"),
        ("hot > 2", 1, "`hot` is a condition, `>` wants numbers"),
        ("hot == 1", 1, "`hot` is a condition, `1` a number"),
        ("1 == hot", 6, "`hot` is a condition, `==` wants numbers"),
        ("held(temp, '5m')", 6, "`temp` is a number, `held` wants conditions"),
        ("(hot ? 1 : hot) > 0", 12, "wants two of a kind"),
        ("temp == 'x'", 9, "texts stand for windows"),
        ("temp in [1]", 9, "lists cannot"),
        ("temp[0] > 1", 1, "cannot stand"),
        ("temp.avg(5) > 1", 10, 'write it as a text, `"5m"`'),
        ("temp.avg('5 min') > 1", 10, "is no duration"),
        ("temp.avg('31d') > 1", 10, "a window is 1s to 30d"),
        ("temp.avg('10ms') > 1", 10, "a window is 1s to 30d"),
        ("temp.avg > 1", 1, '`avg` wants a window: `temp.avg("5m")`'),
        ("temp.avg() > 1", 1, 'is written `temp.avg("5m")`'),
        ("temp.avrage > 1", 1, "no property of a signal"),
        ("temp.top('5m') > 1", 1, "no method of a signal"),
        ("(temp + 1).avg('5m') > 1", 2, "is worked out"),
        ("cop.avg('5m') > 1", 1, "value by expression"),
        ("rack.temp > 1", 1, "no known point"),
        ("abss(temp) > 1", 1, "no function; near: `abs`"),
        ("followed(hot, '10m')", 1, 'is written `followed(a, b, "10m")`'),
        ("min(temp) > 1", 1, "of two or more"),
        ("bits(state, temp) == 1", 13, "a whole number"),
        ("bits(state, 1.5) == 1", 13, "a whole number"),
        ("bits(temp, 1) == 1", 1, "has no bits"),
        ("ln(temp) > 1", 1, "wants a ratio"),
        ("labels.port == '1'", 1, "names no signal"),
        ("asset.startsWith('gpu')", 1, "names no signal"),
        ("event.score > 1", 1, "each: anomaly"),
    ],
)
def test_a_mistake_is_told_with_what_was_found_and_what_is_wanted(text, column, says):
    error = refused(text)

    assert says in error.reason
    assert error.place == Place(1, column)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("temp > power", "`temp` is in Cel, `power` is in W, `>` wants the same unit"),
        ("util > ratio", "`>` wants the same unit: multiply `ratio` by 100"),
        ("ratio + util > 1", "`+` wants the same unit: multiply `ratio` by 100"),
        ("heat > power", "multiply `heat` by 1000"),
        ("min(1, temp, power) > 0", "`temp` is in Cel, `power` is in W, `min`"),
        ("(hot ? temp : power) > 0", "`?:` wants the same unit"),
        ("temp.rate > temp", "`temp.rate` is in Cel/s"),
        ("temp.age > temp", "`temp.age` is in s"),
        ("energy > energy.avg('5m') * temp", "W.Cel"),
        ("power / temp > power", "W/Cel"),
        ("gpu > power", "`gpu` is in Cel"),
        ("water > power", "`water` is in Cel"),
        ("wrong > 1", "said to be in W, but `flow * temp` is in L/min.Cel"),
        ("kilo > 1", "multiply the second by 1000"),
        ("units_of_none", "a condition has no unit"),
    ],
)
def test_units_that_differ_are_told_with_what_mends_it(text, says):
    assert says in refused(text).reason


@pytest.mark.parametrize(
    "text",
    [
        "temp > 85 && power / 2 > 100",
        "util > ratio * 100",
        "util / 100 > ratio",
        "heat * 1000 > power && heat > power / 1000",
        "cop > 3 && cop < ratio",
        "temp - water > gpu",
        "temp.slope('1h') * 3600 > 5",
        "energy > power",
        "energy.avg('5m') / power > 0.9",
        "sqrt(power * power) > power",
        "ln(power / energy) > 1",
        "how_many > 3 && how_many / 2 < ratio",
        "anything > temp && anything > power",
        "model > temp && model.rate('5m') > 0",
        "peak > power && x > 3 && flow > x",
        "1.1 * power > power",
        "known(temp) == known(power)",
        "bits(temp.status, 6) == 2 && bits(state, 12) == 4",
        "cooling > power",
        "(hot ? 3 : temp) > 0",
        "RackTemp > temp",
    ],
)
def test_units_that_fit_are_let_pass(text):
    assert condition(text, ALL).program.is_condition


def test_unknown_names_are_told_with_the_nearest_or_let_pass_with_a_finding():
    assert "near: `temp`" in refused("tmp > 1").reason
    assert "`DCGM_FI_DEV_GPU_TEMP`" in refused("DCGM_FI_DEV_GPU_TMP > 1").reason

    found = condition("tmp > 1 && tmp < 9", Vocabulary(POINTS, allows_unknown=True)).findings

    assert [(one.mark, one.place) for one in found] == [
        (Mark.UNKNOWN_POINT, Place(1, 1)),
        (Mark.UNKNOWN_POINT, Place(1, 12)),
    ]


def test_mistakes_in_values_are_told_with_the_name_of_the_value():
    assert str(refused("hot && torn")).startswith("value `torn`, line 2, column 1: ")
    assert "ring -> round_ -> ring" in refused("ring > 1").reason
    assert refused("ring > 1").value == "round_"


def test_a_unit_that_rests_on_a_bare_factor_is_taken_and_told():
    told = value("cooling", ALL)

    assert told.program.unit == "W"
    assert [one.mark for one in told.findings] == [Mark.UNIT_ASSUMED]
    assert value("cop", ALL).findings == ()
    assert value("lift", ALL).program.unit == "Cel"


def test_values_are_put_in_and_read_the_names_of_their_own_where():
    program = condition("peak > 5 && x > 3 && gpu > 1", ALL).program

    assert [(one.name, one.signals.point, one.unit) for one in program.inputs] == [
        ("x", "power", "W"),
        ("power", "power", "W"),
        ("x~1", "flow", "L/min"),
        ("gpu", "DCGM_FI_DEV_GPU_TEMP", "Cel"),
    ]


def test_each_thing_is_read_once_and_memory_is_counted():
    text = "held(temp > 80, '5m') && missed(hot, temp.rate('5m') > 80, '1h') && RackTemp.age < 80"
    program = condition(text, ALL).program

    assert program.loads == (
        Load(0, Feature.VALUE),
        Load(0, Feature.RATE_OVER, 300.0),
        Load(1, Feature.AGE),
    )
    assert [one.signals.point for one in program.inputs] == ["temp", "temp"]
    assert sorted(program.constants) == [80.0, 300.0, 3600.0]
    assert program.slots == 3
    assert program.depth == 4


UNREACHABLE = {
    "temp > 5 && temp < 3": "never holds",
    "temp > 5 && power > 1 && 5 >= temp": "never holds",
    "temp == 3 && temp == 4": "never holds",
    "temp > 3 || temp < 5": "always holds",
    "temp > 130": "never holds",
    "util <= 100": "always holds",
    "temp.quality > 1": "never holds",
    "temp.avg('5m') > 120": "never holds",
    "power > 1 && temp.age < 0": "never holds",
    "power > 1 || (temp < 5 && temp > 5)": "never holds",
    "held(temp > 130, '5m')": "never holds",
    "1 > 2": "never holds",
    "power > 5 / 0": "is never known",
    "!(temp < 130)": "never holds",
    "cop > 3 && cop < 2": "never holds",
}


@pytest.mark.parametrize(("text", "says"), UNREACHABLE.items(), ids=list(UNREACHABLE))
def test_what_never_holds_or_always_does_is_found(text, says):
    found = condition(text, ALL).findings

    assert [one.mark for one in found] == [Mark.UNREACHABLE]
    assert found[0].text.endswith(says)


@pytest.mark.parametrize(
    "text",
    [
        "temp > 3 && temp < 5",
        "temp >= 3 && temp <= 3",
        "temp < 3 || temp > 5",
        "temp > 3 && temp.avg('5m') < 3",
        "temp > 3 && temp != 4",
        "power > 1e9",
        "temp > 100 && !(temp > 110)",
        "energy > 5 && state == 3",
    ],
)
def test_what_may_hold_or_not_is_no_finding(text):
    assert condition(text, ALL).findings == ()


limits = st.lists(
    st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.integers(-3, 3)),
    min_size=1,
    max_size=5,
)


def whole(text: str) -> set[float]:
    """Return what a condition always is, as its findings have it: 1.0, 0.0 or neither."""
    says = {f"`{parse(text)}` {verb}": i for i, verb in enumerate(["never holds", "always holds"])}
    return {says[one.text] for one in condition(text, PLAIN).findings if one.text in says}


@settings(deadline=None)
@given(limits=limits, joint=st.sampled_from([" && ", " || "]))
def test_what_is_found_of_a_signals_limits_is_so_and_what_is_so_is_found(limits, joint):
    text = joint.join(f"a {op} {at}" for op, at in limits)
    answers = {run(text, a=half / 2).value for half in range(-8, 9)}

    assert not whole(text) or whole(text) == answers
    assert len(answers) > 1 or "=" in text.replace("<=", "").replace(">=", "") or whole(text)


@settings(deadline=None)
@given(text=conditions, values=st.tuples(*[st.integers(-9, 9)] * 3))
def test_a_condition_that_is_found_is_decided_whatever_its_signals_are(text, values):
    a, b, c = values

    assert whole(text) <= {run(text, a=a, b=b, c=c).value}


leaves = st.sampled_from(
    ["temp", "power", "hot", "cop", "state", "gpu", "nobody", "1", "0.5", "true", "'5m'", "[1]"]
)
words_ = st.sampled_from(
    [*words.OF_NUMBERS, *words.LOOKS_BACK, *words.METHODS, *words.PROPERTIES, "bits", "known"]
)
infix = st.sampled_from(
    ["+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "&&", "||", "in"]
)
anything = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, infix, inner).map(lambda p: "({} {} {})".format(*p)),
        st.tuples(words_, st.lists(inner, max_size=3)).map(lambda p: f"{p[0]}({', '.join(p[1])})"),
        st.tuples(inner, words_).map(lambda p: f"{p[0]}.{p[1]}"),
        st.tuples(inner, words_).map(lambda p: f"{p[0]}.{p[1]}('5m')"),
        st.tuples(inner, inner, inner).map(lambda p: "({} ? {} : {})".format(*p)),
        st.tuples(st.sampled_from("!-"), inner).map("".join),
    ),
    max_leaves=8,
)
"""Texts made of all words there are, fit or unfit."""


@settings(deadline=None)
@given(text=anything, loads=st.sampled_from([-1.0, 0.0, 1.0, 3.5, nan]))
def test_whatever_is_written_is_refused_or_runs_within_the_stack_that_it_says(text, loads):
    try:
        program = condition(text, ALL).program
    except ConditionError:
        return
    answer = evaluate(
        program, [Answer(loads)] * len(program.loads), 0.0, np.full(program.slots, nan)
    )
    height = np.cumsum([1 - ARITY[Op(op)] for op, _ in program.code.tolist()])

    assert answer.value in {0.0, 1.0} or answer == UNKNOWN
    assert (height.max() <= program.depth, height[-1]) == (True, 1)


def chained(count: int, expression: str) -> Vocabulary:
    """Return values that stand on each other."""
    values = [is_(f"v{i}", expression.replace("v", f"v{i + 1}")) for i in range(count)]
    last = is_(f"v{count}", "temp")
    return Vocabulary(POINTS, {one.name: one for one in (*values, last)})


@pytest.mark.parametrize(
    ("vocabulary", "says"),
    [
        (chained(60, "v + 1"), "at most 6 deep"),
        (chained(5, "+".join(["v"] * 30)), "at most 2000 steps"),
        (chained(5, f"{'(' * 25}v{' + 1)' * 25}"), ""),
        (chained(3, "min(" + ", ".join(["v"] * 400) + ")"), "at most 2000 steps"),
    ],
    ids=["long", "wide", "deep", "many"],
)
def test_values_on_values_are_bounded_in_time_and_size(vocabulary, says):
    before = process_time()

    if says:
        assert says in refused("v0 > 1", vocabulary).reason
    else:
        assert condition("v0 > 1", vocabulary).program.is_condition

    assert process_time() - before < 2.0


def test_the_most_that_a_condition_may_be_is_compiled_soon():
    text = " || ".join(f"temp.avg('{i + 1}s') > {i}" for i in range(80))
    before = process_time()

    assert len(condition(text, ALL).program.loads) == 80
    assert process_time() - before < 2.0
