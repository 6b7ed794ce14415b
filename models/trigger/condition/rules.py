"""Rules and values, their conditions compiled; all that is wrong with them told at once."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, NamedTuple

from models.trigger.condition.compile import condition, value
from models.trigger.condition.event import EventCondition, on_event
from models.trigger.condition.fields import unknown_fields
from models.trigger.condition.names import Scope, Vocabulary, signal
from models.trigger.condition.program import Program
from models.trigger.condition.term import Finding
from models.trigger.condition.tree import ConditionError, Kind, Node, Place
from schemas.trigger import Each, Rule, Value

ON_EVENTS: Final = frozenset({Each.ANOMALY, Each.INCIDENT})


class Remark(NamedTuple):
    """What is wrong with a condition, or may be."""

    of: str
    """`rule NAME: if`, `value NAME`."""
    text: str
    """With its place."""
    is_mistake: bool
    """Whether it cannot be run."""


def programs(rule: Rule, vocabulary: Vocabulary) -> tuple[Program, Program | None]:
    """Return the programs of a rule on values: `if`, and `until` where it has one.

    Raises `ConditionError`; `ValueError` of a rule in the short form, or on events.
    """
    if rule.condition is None or rule.each in ON_EVENTS:
        raise ValueError(f"rule {rule.name} has no condition on values")
    inside = vocabulary.within(rule.where)
    until = condition(rule.until, inside).program if rule.until is not None else None
    return condition(rule.condition, inside).program, until


def event_conditions(rule: Rule) -> tuple[EventCondition, EventCondition | None]:
    """Return the conditions of a rule on events. Raises as `programs` does."""
    if rule.condition is None or rule.each not in ON_EVENTS:
        raise ValueError(f"rule {rule.name} has no condition on events")
    return on_event(rule.condition), on_event(rule.until) if rule.until is not None else None


def remarks(rules: Iterable[Rule], vocabulary: Vocabulary) -> Iterator[Remark]:
    """Say all that is wrong with rules and values, or may be; of a condition the first mistake."""
    for one in vocabulary.values.values():
        yield from _told(f"value {one.name}", one.name, partial(_of_value, one, vocabulary))
    for rule in rules:
        for word, text in (("if", rule.condition), ("until", rule.until)):
            if text is not None:
                found = partial(_of_rule, text, rule, vocabulary)
                yield from _told(f"rule {rule.name}: {word}", "", found)


def _told(of: str, value: str, find: Callable[[], Iterable[Finding]]) -> Iterator[Remark]:
    """Say what is found; what stands in another value is told there."""
    try:
        for one in find():
            if one.value == value:
                yield Remark(of, f"{one.place}: {one.text}", is_mistake=False)
    except ConditionError as error:
        if error.value == value:
            yield Remark(of, f"{error.place}: {error.reason}", is_mistake=True)


def _of_rule(text: str, rule: Rule, vocabulary: Vocabulary) -> Iterable[Finding]:
    if rule.each in ON_EVENTS:
        on_event(text)
        return unknown_fields(text, rule.each)
    return condition(text, vocabulary.within(rule.where)).findings


def _of_value(one: Value, vocabulary: Vocabulary) -> Iterable[Finding]:
    if one.expression is not None:
        return value(one.name, vocabulary).findings
    scope = Scope(vocabulary.within(one.where), (one.name,))
    for name in one.inputs:
        node = Node(Kind.NAME, Place(1, 1), name)
        if scope.expression(name):
            raise scope.error(node, f"`{name}` is a value by expression: inputs are signals")
        signal(node, scope)
    return scope.findings
