"""Text to tree: CEL's own parser reads it; what conditions on values may not use is refused."""

from functools import cache
from typing import Any

from cel_expr_python import cel
from google.protobuf.message import DecodeError

from models.trigger.condition.expression import Parsed
from models.trigger.condition.refused import DEEPEST, TOO_DEEP, refused
from models.trigger.condition.tree import ConditionError, Constant, Kind, Node, Place

LONGEST = 4000
"""Characters of a condition."""
MOST_NODES = 500

NUMBERS = {"int64_value", "uint64_value", "double_value"}
_START = Place(1, 1)


def parse(text: str) -> Node:
    """Read a condition. Raises `ConditionError`. Time and memory are bounded, whatever it is."""
    told = parsed(text)
    return _Reader(text, told).read(told.expr, 1)


def parsed(text: str) -> Any:  # noqa: ANN401 - protobuf has no types
    """Return the `ParsedExpr` of a text. Raises `ConditionError`."""
    try:
        return Parsed.FromString(compiled(_environment(), text, is_checked=False).serialize()).value
    except DecodeError:
        raise ConditionError(TOO_DEEP, _START) from None


def compiled(environment: cel.Env, text: str, is_checked: bool) -> cel.Expression:
    """Have the library compile a text, if it is not too long. Raises `ConditionError`."""
    if len(text) > LONGEST:
        raise ConditionError(f"{len(text)} characters: at most {LONGEST}", _START)
    odd = next((i for i, c in enumerate(text) if c == "\0" or "\ud800" <= c <= "\udfff"), None)
    if odd is not None:
        raise ConditionError(f"a character that is none: {text[odd]!r}", place_in(text, odd))
    try:
        return environment.compile(text, disable_check=not is_checked)
    except RuntimeError as error:
        raise refused(str(error)) from None


def place_in(text: str, offset: int) -> Place:
    """Return where the character at `offset` stands."""
    before = text[:offset]
    return Place(before.count("\n") + 1, offset - before.rfind("\n"))


def offsets_of(told: Any) -> dict[int, int]:  # noqa: ANN401 - protobuf has no types
    """Return where in its text each part of a `ParsedExpr` stands, by id."""
    return {one.id: one.offset for one in told.source_info.positions}


@cache
def _environment() -> cel.Env:
    return cel.NewEnv()


class _Reader:
    """Takes a parsed expression apart."""

    def __init__(self, text: str, told: Any) -> None:  # noqa: ANN401 - protobuf has no types
        self._text, self._offsets, self._count = text, offsets_of(told), 0

    def read(self, expr: Any, depth: int) -> Node:  # noqa: ANN401 - protobuf has no types
        """Return an expression as a node."""
        kind, at = expr.WhichOneof("kind"), place_in(self._text, self._offsets.get(expr.id, 0))
        self._count += 1
        if self._count > MOST_NODES:
            raise ConditionError(f"too large: at most {MOST_NODES} parts", at)
        if depth > DEEPEST:
            raise ConditionError(TOO_DEEP, at)
        if kind == "const_expr":
            return Node(Kind.CONSTANT, at, constant=_constant(expr.const_expr, at))
        if kind == "ident_expr":
            return Node(Kind.NAME, at, expr.ident_expr.name.removeprefix("."))
        return self._compound(expr, kind, at, depth + 1)

    def _word(self, identity: int, word: str) -> Place:
        """Return where a function's name stands, or an operator; CEL tells the parenthesis."""
        offset = self._offsets.get(identity, 0)
        return place_in(
            self._text, max(self._text.rfind(word, 0, offset), 0) if word.isidentifier() else offset
        )

    def _compound(self, expr: Any, kind: str, at: Place, depth: int) -> Node:  # noqa: ANN401 - protobuf has no types
        if kind == "select_expr" and not expr.select_expr.test_only:
            operand = self.read(expr.select_expr.operand, depth)
            return Node(Kind.FIELD, at, expr.select_expr.field, children=(operand,))
        if kind == "call_expr":
            call = expr.call_expr
            parts = [call.target, *call.args] if call.HasField("target") else call.args
            children = tuple(self.read(part, depth) for part in parts)
            if call.HasField("target"):
                return Node(Kind.METHOD, at, call.function, children=children)
            return Node(
                Kind.CALL, self._word(expr.id, call.function), call.function, children=children
            )
        if kind == "list_expr":
            children = tuple(self.read(one, depth) for one in expr.list_expr.elements)
            return Node(Kind.LIST, at, children=children)
        raise ConditionError(_NOT_HERE.get(kind, "this cannot stand in a condition"), at)


_NOT_HERE = {
    "select_expr": "`has(...)` is not for values: write `known(x)`",
    "comprehension_expr": "`all`, `exists`, `map` and `filter` are not for values: "
    "let a name in `where` take `min`, `max` or `count` of its signals",
    "struct_expr": "maps and messages cannot stand in a condition",
}


def _constant(told: Any, at: Place) -> Constant:  # noqa: ANN401 - protobuf has no types
    kind = told.WhichOneof("kind")
    if kind in NUMBERS:
        return float(getattr(told, kind))
    if kind in {"bool_value", "string_value"}:
        value: bool | str = getattr(told, kind)
        return value
    word = "null" if kind == "null_value" else "bytes"
    raise ConditionError(f"{word} cannot stand in a condition", at)
