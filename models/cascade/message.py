"""A message of `anomalies`: an anomaly, progress, another event, or nothing that is known."""

from typing import Final, NamedTuple

import msgspec
from pydantic import ValidationError

from schemas.anomaly import Anomaly
from schemas.events import Event, Kind
from schemas.progress import Progress
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
_ANOMALIES: Final = (Kind.ANOMALY_OPENED, Kind.ANOMALY_CLOSED)


def read(value: bytes) -> Event[Anomaly] | Event[Progress] | Unread | None:
    """Read a message; None: it is an event, and none that an incident is made of."""
    try:
        head = _HEAD.decode(value)
        if head.type == Kind.PROGRESS:
            return Event[Progress].model_validate_json(value)
        return Event[Anomaly].model_validate_json(value) if head.type in _ANOMALIES else None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        return Unread(Why.WRONG_TYPE, f"{where}: {first['msg']}"[:LONGEST])
    except msgspec.ValidationError as error:
        return Unread(Why.MISSING_FIELD, f"no CloudEvent: {error}"[:LONGEST])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Unread(Why.NOT_JSON if value else Why.EMPTY, str(error)[:LONGEST])
