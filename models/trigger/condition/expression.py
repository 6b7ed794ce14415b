"""The protobuf messages that a parsed CEL expression is told in.

Field numbers: cel-spec, proto/cel/expr/syntax.proto (Apache-2.0); the definition here is our own
and reads the same wire format. What conditions may not use (maps and messages) is told apart, but
not taken apart.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "alltobit.cel"
_Field = descriptor_pb2.FieldDescriptorProto
_ONE, _MANY = _Field.LABEL_OPTIONAL, _Field.LABEL_REPEATED
_INT, _TEXT, _BYTES = _Field.TYPE_INT64, _Field.TYPE_STRING, _Field.TYPE_BYTES

_MESSAGES: dict[str, tuple[tuple[str, int, int | str, int], ...]] = {
    "Any": (("type_url", 1, _TEXT, _ONE), ("value", 2, "ParsedExpr", _ONE)),
    "ParsedExpr": (("expr", 2, "Expr", _ONE), ("source_info", 3, "SourceInfo", _ONE)),
    "Ident": (("name", 1, _TEXT, _ONE),),
    "Select": (
        ("operand", 1, "Expr", _ONE),
        ("field", 2, _TEXT, _ONE),
        ("test_only", 3, _Field.TYPE_BOOL, _ONE),
    ),
    "Call": (
        ("target", 1, "Expr", _ONE),
        ("function", 2, _TEXT, _ONE),
        ("args", 3, "Expr", _MANY),
    ),
    "List": (("elements", 1, "Expr", _MANY),),
    "Comprehension": (
        ("iter_var", 1, _TEXT, _ONE),
        ("iter_range", 2, "Expr", _ONE),
        ("accu_var", 3, _TEXT, _ONE),
        ("accu_init", 4, "Expr", _ONE),
        ("loop_condition", 5, "Expr", _ONE),
        ("loop_step", 6, "Expr", _ONE),
        ("result", 7, "Expr", _ONE),
    ),
    "SourceInfo": (("positions", 4, "Position", _MANY),),
    "Position": (("id", 1, _INT, _ONE), ("offset", 2, _Field.TYPE_INT32, _ONE)),
}
"""Field: name, number, kind (a text: the message of that name), one or many."""

_CONSTANT: tuple[tuple[str, int, int | str], ...] = (
    ("null_value", 1, _INT),
    ("bool_value", 2, _Field.TYPE_BOOL),
    ("int64_value", 3, _INT),
    ("uint64_value", 4, _Field.TYPE_UINT64),
    ("double_value", 5, _Field.TYPE_DOUBLE),
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


def _add(message: Any, name: str, number: int, kind: int | str, label: int = _ONE) -> None:  # noqa: ANN401 - protobuf has no types
    field = message.field.add(name=name, number=number, label=label)
    if isinstance(kind, str):
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
    else:
        field.type = kind


def _add_one_of(message: Any, fields: tuple[tuple[str, int, int | str], ...]) -> None:  # noqa: ANN401 - protobuf has no types
    message.oneof_decl.add(name="kind")
    for name, number, kind in fields:
        _add(message, name, number, kind)
        message.field[-1].oneof_index = 0


def _definition() -> Any:  # noqa: ANN401 - protobuf has no types
    file = descriptor_pb2.FileDescriptorProto(name="alltobit/cel.proto", package=_PACKAGE)
    file.syntax = "proto2"
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field in fields:
            _add(message, *field)
    _add_one_of(file.message_type.add(name="Constant"), _CONSTANT)
    expr = file.message_type.add(name="Expr")
    _add(expr, "id", 2, _INT)
    _add_one_of(expr, _EXPR)
    return file


def _class(name: str) -> Any:  # noqa: ANN401 - protobuf has no types
    pool = descriptor_pool.DescriptorPool()
    pool.Add(_definition())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))


Parsed = _class("Any")
"""`google.protobuf.Any` of a `cel.expr.ParsedExpr`."""
