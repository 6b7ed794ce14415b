"""Operators: what they want to stand on, and what comes of it."""

from collections.abc import Sequence

from models.trigger.condition import words
from models.trigger.condition.names import Scope
from models.trigger.condition.program import Op
from models.trigger.condition.term import Term, made
from models.trigger.condition.tree import Node, sign
from models.trigger.condition.units import RATIO, Measure, UnitError, factor, product, together


def operated(node: Node, args: Sequence[Term], scope: Scope) -> Term:
    """Return what an operator makes of its operands. Raises `ConditionError`."""
    if node.word in words.LOGIC:
        return _logic(words.LOGIC[node.word], node, args, scope)
    if node.word in words.COMPARISONS:
        return _comparison(words.COMPARISONS[node.word], node, args, scope)
    if node.word in words.ARITHMETIC:
        return _arithmetic(words.ARITHMETIC[node.word], node, args, scope)
    if node.word == "!_":
        return _logic(Op.NOT, node, args, scope)
    if node.word == "-_":
        want_numbers(node, args, scope)
        return made(Term(Op.NEGATE, node, False, args[0].measure, value=scope.value), args)
    if node.word == "_?_:_":
        return _choice(node, args, scope)
    raise scope.error(
        node, f"`{sign(node)}` cannot stand in a condition on values: compare with `==`"
    )


def want_numbers(node: Node, args: Sequence[Term], scope: Scope) -> None:
    """Raise unless all are numbers."""
    for child, arg in zip(node.children, args, strict=False):
        if arg.is_condition:
            raise scope.error(child, f"`{child}` is a condition, `{_of(node)}` wants numbers")


def want_conditions(node: Node, args: Sequence[Term], scope: Scope) -> None:
    """Raise unless all are conditions."""
    for child, arg in zip(node.children, args, strict=False):
        if not arg.is_condition:
            text = f"`{child}` is a number, `{_of(node)}` wants conditions"
            raise scope.error(child, f"{text}: write e.g. `{child} > 0`")


def same_unit(node: Node, args: Sequence[Term], scope: Scope) -> Measure:
    """Return the unit that all are in. Raises where they differ, and says what would mend it."""
    found, first = args[0].measure, 0
    for i, arg in enumerate(args[1:], 1):
        try:
            found = together(found, arg.measure)
        except UnitError as error:
            said = [f"`{node.children[k]}` is in {args[k].measure.text}" for k in (first, i)]
            text = f"{said[0]}, {said[1]}, `{_of(node)}` wants the same unit"
            shown = str(error).replace("the first", f"`{node.children[first]}`")
            shown = shown.replace("the second", f"`{node.children[i]}`")
            raise scope.error(node, f"{text}: {shown}" if shown else text) from None
        if not args[first].measure.is_known:
            first = i
    return found


def _of(node: Node) -> str:
    return sign(node) or node.word


def _logic(op: Op, node: Node, args: Sequence[Term], scope: Scope) -> Term:
    want_conditions(node, args, scope)
    return made(Term(op, node, True, RATIO, value=scope.value), args)


def _comparison(op: Op, node: Node, args: Sequence[Term], scope: Scope) -> Term:
    a, b = args
    if op in {Op.EQUAL, Op.UNEQUAL} and a.is_condition == b.is_condition:
        if a.is_condition:
            return made(Term(op, node, True, RATIO, value=scope.value), args)
    elif a.is_condition and not b.is_condition and op in {Op.EQUAL, Op.UNEQUAL}:
        raise scope.error(
            node.children[0],
            f"`{node.children[0]}` is a condition, `{node.children[1]}` a number",
        )
    want_numbers(node, args, scope)
    same_unit(node, args, scope)
    return made(Term(op, node, True, RATIO, value=scope.value), args)


def _arithmetic(op: Op, node: Node, args: Sequence[Term], scope: Scope) -> Term:
    want_numbers(node, args, scope)
    if op in {Op.MULTIPLY, Op.DIVIDE}:
        a, b = (_factor(arg) for arg in args)
        measure = product(a, b, 1 if op is Op.MULTIPLY else -1)
    else:
        measure = same_unit(node, args, scope)
    return made(Term(op, node, False, measure, value=scope.value), args)


def _factor(term: Term) -> Measure:
    return factor(term.number) if term.op is Op.CONSTANT else term.measure


def _choice(node: Node, args: Sequence[Term], scope: Scope) -> Term:
    want_conditions(node, args[:1], scope)
    yes, no = args[1:]
    if yes.is_condition != no.is_condition:
        raise scope.error(
            node.children[2],
            f"`{node.children[1]}` is {yes.type}, `{node.children[2]}` {no.type}: "
            "`?:` wants two of a kind",
        )
    branches = node._replace(word="_?:_", children=node.children[1:])
    measure = RATIO if yes.is_condition else same_unit(branches, args[1:], scope)
    return made(Term(Op.CHOOSE, node, yes.is_condition, measure, value=scope.value), args)
