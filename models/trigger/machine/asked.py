"""The rules whose conditions are on values, compiled."""

from collections.abc import Iterator, Sequence

from models.trigger.condition.compile import ConditionError, condition, value
from models.trigger.condition.names import Vocabulary
from models.trigger.condition.program import Program
from models.trigger.machine.tables import Asked
from schemas.trigger import Each, Rule, Value
from schemas.units import Point

ON_VALUES = frozenset({Each.ASSET, Each.CELL})


def compiled(
    rules: Sequence[Rule], values: Sequence[Value] = (), points: Sequence[Point] = ()
) -> tuple[Asked, ...]:
    """Compile the rules that have a condition on values. Raises `ConditionError`."""
    words = _words(values, points)
    return tuple(_asked(rule, words) for rule in rules if is_on_values(rule))


def is_on_values(rule: Rule) -> bool:
    """Say whether a rule is asked in the sample loop, by its condition."""
    return not rule.is_short and rule.each in ON_VALUES


def mistakes(
    rules: Sequence[Rule], values: Sequence[Value] = (), points: Sequence[Point] = ()
) -> Iterator[tuple[tuple[str, int, str], str, ConditionError]]:
    """Return what does not compile: where in the settings, its text, and what is wrong."""
    words = _words(values, points)
    for i, one in enumerate(values):
        if one.expression is not None:
            try:
                value(one.name, words.within(one.where))
            except ConditionError as error:
                yield ("values", i, "is"), one.expression, error
    for i, rule in enumerate(rules):
        for field, text in (("if", rule.condition), ("until", rule.until)):
            if text is not None and is_on_values(rule):
                try:
                    condition(text, words.within(rule.where))
                except ConditionError as error:
                    yield ("rules", i, field), text, error


def _words(values: Sequence[Value], points: Sequence[Point]) -> Vocabulary:
    """Return what conditions may name: also points that nobody declared."""
    return Vocabulary(tuple(points), {one.name: one for one in values}, allows_unknown=True)


def _asked(rule: Rule, words: Vocabulary) -> Asked:
    within = words.within(rule.where)
    until: Program | None = None
    if rule.until is not None:
        until = condition(rule.until, within).program
    return Asked(rule, condition(rule.condition or "", within).program, until)
