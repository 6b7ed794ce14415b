"""Tree to terms: names looked up, types and units checked, values put in where they are named.

Raises `ConditionError` at the first mistake. Time and memory are bounded: by the size of a text, by
how deep values may stand on values, and by how many steps come of it in all.
"""

from models.trigger.condition import words
from models.trigger.condition.functions import called, of_conditions, of_signal
from models.trigger.condition.names import Scope, signal
from models.trigger.condition.operators import operated
from models.trigger.condition.parse import parse
from models.trigger.condition.program import Feature, Op
from models.trigger.condition.term import Mark, Term
from models.trigger.condition.texts import of_texts
from models.trigger.condition.tree import ConditionError, Kind, Node, is_operator
from models.trigger.condition.units import BARE, UnitError, measured, together
from schemas.trigger import Value

MOST_STEPS = 2000
MOST_INSIDE = 6
"""Values that stand on values."""


def checked(node: Node, scope: Scope) -> Term:
    """Return what a node means."""
    term = _term(node, scope)
    if term.size > MOST_STEPS:
        raise scope.error(node, f"too large with its values put in: at most {MOST_STEPS} steps")
    return term


def _term(node: Node, scope: Scope) -> Term:
    asked = of_texts(node, scope)
    if asked is not None:
        return asked
    if node.kind is Kind.CONSTANT:
        return _constant(node, scope)
    if node.kind is Kind.NAME:
        return _named(node, scope)
    if node.kind in {Kind.FIELD, Kind.METHOD}:
        return of_signal(node, scope)
    if node.kind is Kind.LIST:
        raise scope.error(node, "lists cannot stand in a condition")
    looks_back = node.word in words.LOOKS_BACK
    children = of_conditions(node, scope) if looks_back else node.children
    args = [checked(child, scope) for child in children]
    return operated(node, args, scope) if is_operator(node) else called(node, args, scope)


def _constant(node: Node, scope: Scope) -> Term:
    if isinstance(node.constant, str):
        raise scope.error(
            node,
            f'{node} is a text: texts stand for windows, `x.avg("5m")`, '
            "and beside `asset`, `cell` and `labels.x`",
        )
    is_condition = isinstance(node.constant, bool)
    number = float(node.constant)
    return Term(Op.CONSTANT, node, is_condition, BARE, number=number, value=scope.value)


def _named(node: Node, scope: Scope) -> Term:
    value = scope.expression(node.word)
    if value is not None:
        return of_value(value, node, scope)
    found = signal(node, scope)
    read = found.read(Feature.VALUE)
    return Term(Op.LOAD, node, False, found.measure, read=read, value=scope.value)


def of_value(value: Value, node: Node, scope: Scope) -> Term:
    """Return what a value by expression means, where `node` names it."""
    if value.name in scope.inside:
        circle = (*scope.inside[scope.inside.index(value.name) :], value.name)
        raise scope.error(node, f"values in a circle: {' -> '.join(circle)}")
    if len(scope.inside) >= MOST_INSIDE:
        raise scope.error(node, f"values stand on values at most {MOST_INSIDE} deep")
    if value.name not in scope.done:
        inner = Scope(
            scope.vocabulary.within(value.where),
            (*scope.inside, value.name),
            scope.done,
            scope.findings,
        )
        scope.done[value.name] = _of_text(value, inner)
    return scope.done[value.name]


def _of_text(value: Value, scope: Scope) -> Term:
    """Return what the expression of a value means, in the unit that it is said to be in."""
    try:
        node = parse(value.expression or "")
    except ConditionError as error:
        raise ConditionError(error.reason, error.place, value.name) from None
    term = checked(node, scope)
    if not value.unit:
        return term
    if term.is_condition:
        raise scope.error(node, f"a condition has no unit: leave `unit: {value.unit}` out")
    return _in_unit(term, value.unit, node, scope)


def _in_unit(term: Term, unit: str, node: Node, scope: Scope) -> Term:
    said, found = measured(unit), term.measure
    try:
        both = together(found, said)
    except UnitError as error:
        text = f"said to be in {unit}, but `{node}` is in {found.text}"
        if not found.has_factor or str(error):
            raise scope.error(node, f"{text}: {error}" if str(error) else text) from None
        scope.tell(node, Mark.UNIT_ASSUMED, f"{text}, times a number that may make it so")
        both = said
    return term._replace(measure=both._replace(text=unit, is_bare=False))
