"""How a server is asked: with all that helps, then with less where it knows less."""

import json
from enum import StrEnum
from typing import Any, Final, NamedTuple

from models.report.budget import Usage
from models.report.prompt import Messages, schema
from models.tokens import tokens
from schemas.report import Kind

_AROUND: Final = 64
"""Tokens that a server's chat template may add."""


class Form(StrEnum):
    """How the form of an answer is asked for."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    PLAIN = "text"


class Shape(NamedTuple):
    """What is asked beside the messages."""

    form: Form = Form.SCHEMA
    limit: str = "max_tokens"
    """What the limit of an answer is called."""
    is_cold: bool = True
    """At temperature 0."""


def simpler(shape: Shape, param: str | None) -> Shape | None:
    """Return what to ask a server that refused a request. None: it is not for its shape.

    `param`: what the server names as the trouble, if anything.
    """
    if param == shape.limit == "max_tokens":
        return shape._replace(limit="max_completion_tokens")
    if param == "temperature" and shape.is_cold:
        return shape._replace(is_cold=False)
    following = {Form.SCHEMA: Form.OBJECT, Form.OBJECT: Form.PLAIN}.get(shape.form)
    return shape._replace(form=following) if following else None


def options(shape: Shape, kind: Kind, answer_tokens: int) -> dict[str, Any]:
    """Return what a request has beside its model and messages."""
    told: dict[str, Any] = {shape.limit: answer_tokens}
    if shape.is_cold:
        told["temperature"] = 0.0
    if shape.form is Form.SCHEMA:
        named = {"name": f"report_{kind}", "strict": True, "schema": schema(kind)}
        told["response_format"] = {"type": "json_schema", "json_schema": named}
    elif shape.form is Form.OBJECT:
        told["response_format"] = {"type": "json_object"}
    return told


def bound(said: Messages, told: dict[str, Any], answer_tokens: int) -> Usage:
    """Return what a request may take at most: no tokenizer makes more tokens than there are bytes.

    That holds of tokenizers that fall back to bytes, as those of language models do.
    """
    read = sum(len(one["content"].encode()) for one in said)
    form = len(json.dumps(told.get("response_format", "")))
    return Usage(read + form + _AROUND * len(said), answer_tokens)


def likely(said: Messages, answer: str, most: Usage) -> Usage:
    """Return what a request took as far as we can count; no more than its bound."""
    read = sum(tokens(one["content"]) for one in said) + _AROUND * len(said)
    return Usage(min(read, most.read), min(tokens(answer), most.written))
