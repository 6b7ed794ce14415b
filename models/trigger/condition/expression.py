"""The protobuf messages that a parsed CEL expression is told in.

Field numbers: cel-spec, proto/cel/expr/syntax.proto (Apache-2.0); the definition here is our own
and reads the same wire format. What conditions may not use (maps and messages) is told apart, but
not taken apart.
"""

from schemas.protobuf import MANY, ONE, Definition, Field

_INT, _TEXT, _BYTES = Field.TYPE_INT64, Field.TYPE_STRING, Field.TYPE_BYTES

_MESSAGES: dict[str, tuple[tuple[str, int, int | str, int], ...]] = {
    "Any": (("type_url", 1, _TEXT, ONE), ("value", 2, "ParsedExpr", ONE)),
    "ParsedExpr": (("expr", 2, "Expr", ONE), ("source_info", 3, "SourceInfo", ONE)),
    "Ident": (("name", 1, _TEXT, ONE),),
    "Select": (
        ("operand", 1, "Expr", ONE),
        ("field", 2, _TEXT, ONE),
        ("test_only", 3, Field.TYPE_BOOL, ONE),
    ),
    "Call": (
        ("target", 1, "Expr", ONE),
        ("function", 2, _TEXT, ONE),
        ("args", 3, "Expr", MANY),
    ),
    "List": (("elements", 1, "Expr", MANY),),
    "Comprehension": (
        ("iter_var", 1, _TEXT, ONE),
        ("iter_range", 2, "Expr", ONE),
        ("accu_var", 3, _TEXT, ONE),
        ("accu_init", 4, "Expr", ONE),
        ("loop_condition", 5, "Expr", ONE),
        ("loop_step", 6, "Expr", ONE),
        ("result", 7, "Expr", ONE),
    ),
    "SourceInfo": (("positions", 4, "Position", MANY),),
    "Position": (("id", 1, _INT, ONE), ("offset", 2, Field.TYPE_INT32, ONE)),
}
"""Field: name, number, kind (a text: the message of that name), one or many."""

_CONSTANT: tuple[tuple[str, int, int | str], ...] = (
    ("null_value", 1, _INT),
    ("bool_value", 2, Field.TYPE_BOOL),
    ("int64_value", 3, _INT),
    ("uint64_value", 4, Field.TYPE_UINT64),
    ("double_value", 5, Field.TYPE_DOUBLE),
    ("string_value", 6, _TEXT),
    ("bytes_value", 7, _BYTES),
)
_EXPR: tuple[tuple[str, int, int | str], ...] = (
    ("const_expr", 3, "Constant"),
    ("ident_expr", 4, "Ident"),
    ("select_expr", 5, "Select"),
    ("call_expr", 6, "Call"),
    ("list_expr", 7, "List"),
    ("struct_expr", 8, _BYTES),
    ("comprehension_expr", 9, "Comprehension"),
)


def _definition() -> Definition:
    definition = Definition("alltobit.cel")
    for name, fields in _MESSAGES.items():
        message = definition.message(name)
        for field in fields:
            definition.add(message, *field)
    definition.add_one_of(definition.message("Constant"), "kind", _CONSTANT)
    expr = definition.message("Expr")
    definition.add(expr, "id", 2, _INT)
    definition.add_one_of(expr, "kind", _EXPR)
    return definition


(Parsed,) = _definition().classes("Any")
"""`google.protobuf.Any` of a `cel.expr.ParsedExpr`."""
