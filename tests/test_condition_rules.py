"""Rules and values together: compiled, and all that is wrong with them told at once."""

import pytest

from models.trigger.condition.names import Vocabulary
from models.trigger.condition.rules import event_conditions, programs, remarks
from schemas.trigger import Each, Input, Rule, Value
from schemas.units import Point

POINTS = (Point(name="temp", unit="Cel"), Point(name="power", unit="W"))


def vocabulary(*values: Value, allows_unknown: bool = False) -> Vocabulary:
    """Return the points and these values."""
    return Vocabulary(POINTS, {one.name: one for one in values}, allows_unknown=allows_unknown)


def told(rules: list[Rule], known: Vocabulary) -> list[tuple[str, bool]]:
    """Return where remarks are on, and whether they are mistakes."""
    return [(one.of, one.is_mistake) for one in remarks(rules, known)]


def test_every_mistake_is_told_once_where_it_stands():
    values = [
        Value(name="torn", expression="temp >"),
        Value(name="uses", expression="torn && temp > 1"),
        Value(name="coded", code="x", inputs=("tmp",)),
        Value(name="of_value", code="x", inputs=("uses",)),
    ]
    rules = [
        Rule(name="good", condition="temp > 85", until="temp < 80"),
        Rule(name="bad", condition="temp > power", until="temp"),
        Rule(name="of_torn", condition="uses"),
        Rule(name="event", condition="event.score >", each=Each.ANOMALY),
        Rule(name="short", point="temp", above=85),
    ]

    assert told(rules, vocabulary(*values)) == [
        ("value torn", True),
        ("value coded", True),
        ("value of_value", True),
        ("rule bad: if", True),
        ("rule bad: until", True),
        ("rule event: if", True),
    ]


def test_what_is_legal_and_hardly_meant_is_no_mistake():
    values = [
        Value(name="never", expression="temp > 5 && temp < 3"),
        Value(name="coded", code="x", inputs=("tmp",)),
    ]
    rules = [
        Rule(name="one", condition="never || temp > 1"),
        Rule(name="two", condition="tmp > 1 && (temp > 1 || temp < 2)"),
        Rule(name="three", condition="event.cause > 1", each=Each.ANOMALY),
    ]

    assert told(rules, vocabulary(*values, allows_unknown=True)) == [
        ("value never", False),
        ("value coded", False),
        ("rule two: if", False),
        ("rule two: if", False),
        ("rule three: if", False),
    ]


def test_a_rule_reads_the_names_of_its_own_where():
    rule = Rule(
        name="one",
        condition="hot > 85 && power > 1",
        until="hot < 80",
        where={"hot": Input(point="temp", asset="gpu*")},
    )

    condition, until = programs(rule, vocabulary())

    assert [one.name for one in condition.inputs] == ["hot", "power"]
    assert until is not None
    assert until.inputs == condition.inputs[:1]


def test_rules_on_values_and_on_events_are_not_mixed_up():
    short = Rule(name="short", point="temp", above=85)
    event = Rule(name="event", condition="event.score > 6", each=Each.INCIDENT)
    holds, until = event_conditions(event)

    assert (holds({"score": 7.0}), until) == (True, None)
    for rule in (short, event):
        with pytest.raises(ValueError, match="no condition on values"):
            programs(rule, vocabulary())
    with pytest.raises(ValueError, match="no condition on events"):
        event_conditions(short)
