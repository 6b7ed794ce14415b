"""Messages of `actions`: read, and what the executor says of them."""

from typing import Final, NamedTuple

import msgspec
from pydantic import ValidationError

from models.act.attempt import Came, Outcome
from models.ids import event_id
from schemas.events import Event, Kind
from schemas.telemetry import Why as Reason
from schemas.trigger import Action, Stage, Why

TYPES: Final = "io.alltobit.action."
TO_DO: Final = frozenset({Stage.REQUESTED, Stage.APPROVED})
OVER: Final = frozenset({Stage.DONE, Stage.FAILED, Stage.SHADOWED})
_LONGEST = 2000  # characters of an answer
_DETAIL = 200
_DUE: Final = frozenset(f"{TYPES}{stage}" for stage in TO_DO)
_ENDS: Final = frozenset(f"{TYPES}{stage}" for stage in OVER)


class Unread(NamedTuple):
    """A message that is no event of an action, and why."""

    why: Reason
    detail: str


class Over(NamedTuple):
    """An action whose way has ended."""

    action: str


class _Data(msgspec.Struct):
    action: str = ""


class _Head(msgspec.Struct):
    type: str
    data: _Data


_HEADS = msgspec.json.Decoder(_Head)


def read(value: bytes) -> Event[Action] | Over | Unread | None:
    """Read a message: one to be done, one that ends, or None: it does not concern the executor."""
    try:
        head = _HEADS.decode(value)
        if head.type in _DUE:
            return Event[Action].model_validate_json(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        return Unread(Reason.WRONG_TYPE, f"no action: {where}: {first['msg']}"[:_DETAIL])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        is_json = isinstance(error, msgspec.ValidationError)
        return Unread(Reason.WRONG_TYPE if is_json else Reason.NOT_JSON, str(error)[:_DETAIL])
    return Over(head.data.action) if head.type in _ENDS and head.data.action else None


class Result(NamedTuple):
    """How an action ended."""

    stage: Stage
    why: Why
    answer: str = ""
    attempts: int = 0
    by: str = ""
    undo: str = ""


def ended(outcome: Outcome, attempts: int, by: str, undo: str) -> Result:
    """Say how an action ended, by its last try."""
    if outcome.came is Came.DONE:
        return Result(Stage.DONE, Why.CARRIED_OUT, outcome.answer, attempts, by, undo)
    refused = outcome.came is Came.REFUSED
    why = Why.REFUSED_BY_TARGET if refused else Why.UNREACHABLE
    return Result(Stage.FAILED, why, outcome.answer, attempts, by)


def told(event: Event[Action], result: Result) -> Event[Action]:
    """Return the event of the action's end. Told twice, it has the same id."""
    data = event.data
    update = {
        "stage": result.stage,
        "why": result.why,
        "attempts": result.attempts,
        "answer": result.answer[:_LONGEST],
        "by": result.by or data.by,
        "undo": result.undo[:_LONGEST] or data.undo,
        "summary": f"{data.name} for {data.asset}: {result.stage} ({result.why})"[:_LONGEST],
    }
    kind = Kind(f"{TYPES}{result.stage}")
    named = {"id": event_id(kind, data.action), "type": kind}
    return event.model_copy(update={**named, "data": data.model_copy(update=update)})
