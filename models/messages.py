"""A message that is to be a CloudEvent of ours: read, or why it is none."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from pydantic import BaseModel, ValidationError

from schemas.events import Event, Kind
from schemas.telemetry import Why

LONGEST: Final = 200
"""Characters of a detail."""


class Unread(NamedTuple):
    """Why a message says nothing."""

    why: Why
    detail: str


class _Head(msgspec.Struct):
    """What tells what the rest is."""

    specversion: str
    type: str


_HEAD: Final = msgspec.json.Decoder(_Head)
Head = TypeVar("Head")
Model = TypeVar("Model", bound=BaseModel)
Kinds = Mapping[Kind, type[Event[Any]]]


def read_head(value: bytes, head: msgspec.json.Decoder[Head]) -> Head | Unread:
    """Read the part of a CloudEvent that tells what the rest is."""
    try:
        return head.decode(value)
    except msgspec.ValidationError as error:
        return Unread(Why.MISSING_FIELD, f"no CloudEvent: {error}"[:LONGEST])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Unread(Why.NOT_JSON if value else Why.EMPTY, str(error)[:LONGEST])


def read_event(value: bytes, kinds: Kinds) -> Event[Any] | Unread | None:
    """Read a message as what its `type` says; None: it is an event of another type."""
    said = read_head(value, _HEAD)
    if isinstance(said, Unread):
        return said
    kind = next((model for kind, model in kinds.items() if kind == said.type), None)
    return None if kind is None else read_model(value, kind)


def read_model(value: bytes, model: type[Model]) -> Model | Unread:
    """Read a message as JSON of this model."""
    try:
        return model.model_validate_json(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        is_json = first["type"] != "json_invalid"
        why = Why.WRONG_TYPE if is_json else Why.NOT_JSON if value else Why.EMPTY
        return Unread(why, f"{where}: {first['msg']}"[:LONGEST])
