"""The rules whose conditions are on values, compiled."""

from collections.abc import Iterator, Sequence

from models.trigger.condition.compile import ConditionError, condition, value
from models.trigger.condition.names import Scope, Vocabulary, signal
from models.trigger.condition.program import Program
from models.trigger.condition.tree import Kind, Node, Place
from models.trigger.machine.tables import Asked
from schemas.trigger import Rule, Value
from schemas.units import Point


def compiled(
    rules: Sequence[Rule], values: Sequence[Value] = (), points: Sequence[Point] = ()
) -> tuple[Asked, ...]:
    """Compile the rules that have a condition on values. Raises `ConditionError`."""
    words = _words(values, points)
    return tuple(_asked(rule, words) for rule in rules if is_on_values(rule))


def is_on_values(rule: Rule) -> bool:
    """Say whether a rule is asked in the sample loop, by its condition."""
    return not rule.is_short and not rule.is_on_events


def mistakes(
    rules: Sequence[Rule], values: Sequence[Value] = (), points: Sequence[Point] = ()
) -> Iterator[tuple[tuple[str, int, str], str, ConditionError]]:
    """Return what does not compile: where in the settings, its text, and what is wrong."""
    words = _words(values, points)
    for i, one in enumerate(values):
        field = "is" if one.expression else "inputs"
        try:
            _check(one, words)
        except ConditionError as error:
            yield ("values", i, field), one.expression or ", ".join(one.inputs), error
    for i, rule in enumerate(rules):
        for field, text in (("if", rule.condition), ("until", rule.until)):
            if text is not None and is_on_values(rule):
                try:
                    condition(text, words.within(rule.where, rule.each))
                except ConditionError as error:
                    yield ("rules", i, field), text, error


def _check(one: Value, words: Vocabulary) -> None:
    """Raise `ConditionError` where a value cannot be made."""
    if one.expression is not None:
        value(one.name, words)
        return
    scope = Scope(words.within(one.where), (one.name,))
    for name in one.inputs:
        node = Node(Kind.NAME, Place(1, 1), name)
        if scope.expression(name):
            raise scope.error(node, f"`{name}` is a value by expression: inputs are signals")
        signal(node, scope)


def _words(values: Sequence[Value], points: Sequence[Point]) -> Vocabulary:
    """Return what conditions may name: also points that nobody declared."""
    return Vocabulary(tuple(points), {one.name: one for one in values}, allows_unknown=True)


def _asked(rule: Rule, words: Vocabulary) -> Asked:
    within = words.within(rule.where, rule.each)
    until: Program | None = None
    if rule.until is not None:
        until = condition(rule.until, within).program
    return Asked(rule, condition(rule.condition or "", within).program, until)
