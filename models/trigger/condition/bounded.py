"""What conditions on events may cost: loops once over a list, not in each other; no copies.

`+` copies lists and texts: in loops, and for what is looped over, it is for numbers alone.

The library itself stops a condition after 10 000 rounds, but not one that is slow in each of them.
"""

from collections.abc import Iterator
from typing import Any

from models.trigger.condition.parse import MOST_NODES, NUMBERS, offsets_of, parsed, place_in
from models.trigger.condition.tree import ConditionError

LONGEST_PATTERN = 256
"""Characters of a regular expression."""
_COPIES = "`+` copies lists and texts here: of numbers write `1.0 * a + b`"
_NUMERIC = frozenset({"_-_", "_*_", "_/_", "_%_", "-_", "size", "double", "int", "uint"})
_CHILDREN = {
    "select_expr": ("operand",),
    "call_expr": ("target", "args"),
    "list_expr": ("elements",),
    "comprehension_expr": ("iter_range", "accu_init", "loop_condition", "loop_step", "result"),
}


def check_bounded(text: str) -> None:
    """Raise `ConditionError` where a condition could take long or much memory."""
    told = parsed(text)
    offsets = offsets_of(told)
    for count, (expr, is_inside) in enumerate(parts(told.expr)):
        reason = _too_much(expr, is_inside)
        if count >= MOST_NODES:
            reason = f"too large: at most {MOST_NODES} parts"
        if reason:
            raise ConditionError(reason, place_in(text, offsets.get(expr.id, 0)))


def parts(expr: Any, is_inside: bool = False) -> Iterator[tuple[Any, bool]]:  # noqa: ANN401 - protobuf has no types
    """Yield an expression and all in it, and whether it stands inside a loop."""
    yield expr, is_inside
    kind = expr.WhichOneof("kind")
    for name in _CHILDREN.get(kind, ()):
        found = getattr(getattr(expr, kind), name)
        is_loop = kind == "comprehension_expr" and name != "iter_range"
        for one in found if name in {"args", "elements"} else (found,):
            yield from parts(one, is_inside or is_loop)


def _too_much(expr: Any, is_inside: bool) -> str:  # noqa: ANN401 - protobuf has no types
    """Return what is wrong with a part; empty: nothing."""
    kind = expr.WhichOneof("kind")
    if kind == "struct_expr":
        return "maps and messages cannot stand in a condition"
    if kind == "comprehension_expr":
        if is_inside:
            return "a loop in a loop: `filter` and `exists` may stand behind, not in each other"
        return _loops(expr.comprehension_expr)
    call = expr.call_expr
    if is_inside and _puts_together(expr):
        return _COPIES
    if kind == "call_expr" and call.function == "matches":
        pattern = call.args[-1].const_expr if call.args else None
        if pattern is None or not 0 < len(pattern.string_value) <= LONGEST_PATTERN:
            return f"a pattern is a text of 1 to {LONGEST_PATTERN} characters"
    return ""


def _loops(loop: Any) -> str:  # noqa: ANN401 - protobuf has no types
    if any(_puts_together(part) for part, _ in parts(loop.iter_range)):
        return _COPIES
    return "" if _only_chooses(loop) else "`map` makes copies: use `exists`"


def _puts_together(expr: Any) -> bool:  # noqa: ANN401 - protobuf has no types
    """Say whether it is a `+` that nobody knows to be of numbers; `filter` has one of its own."""
    call = expr.call_expr
    if call.function != "_+_" or call.args[0].ident_expr.name.startswith("@"):
        return False
    return not any(map(_is_number, call.args))


def _is_number(expr: Any) -> bool:  # noqa: ANN401 - protobuf has no types
    call = expr.call_expr
    if call.function == "_+_":
        return any(map(_is_number, call.args))
    is_constant = expr.const_expr.WhichOneof("kind") in NUMBERS
    return is_constant or call.function in _NUMERIC


def _only_chooses(loop: Any) -> bool:  # noqa: ANN401 - protobuf has no types
    """Say whether the lists that a loop makes are of its own elements, as `filter` does it."""
    added = [
        element.ident_expr.name
        for part in (loop.loop_step, *loop.loop_step.call_expr.args)
        if part.call_expr.function == "_+_"
        and part.call_expr.args[0].ident_expr.name == loop.accu_var
        for element in part.call_expr.args[1].list_expr.elements
    ]
    return all(name == loop.iter_var for name in added)
