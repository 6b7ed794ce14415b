"""Messages of `actions`: read, and what the executor says of them."""

from typing import Final, NamedTuple

import msgspec

from models.act.attempt import Came, Outcome
from models.ids import event_id
from models.messages import Unread, read_head, read_model
from schemas.events import Event, Kind
from schemas.telemetry import Why as Unfit
from schemas.trigger import Action, Stage, Why
from schemas.trigger.action import TYPES

TO_DO: Final = frozenset({Stage.REQUESTED, Stage.APPROVED})
OVER: Final = frozenset({Stage.DONE, Stage.FAILED, Stage.SHADOWED})
_LONGEST = 2000  # characters of an answer
_DETAIL = 200
_DUE: Final = frozenset(f"{TYPES}{stage}" for stage in TO_DO)
_ENDS: Final = frozenset(f"{TYPES}{stage}" for stage in OVER)


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
    head = read_head(value, _HEADS)
    if isinstance(head, Unread):
        return head
    if head.type in _DUE:
        found = read_model(value, Event[Action])
        is_bare = isinstance(found, Event) and found.time.tzinfo is None
        return Unread(Unfit.WRONG_TYPE, "a time without a zone") if is_bare else found
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


def _summary(data: Action, result: Result) -> str:
    """Say an end in a line, with the beginning of what the other side said."""
    why = result.why.value.replace("_", " ")
    answer = f": {result.answer[:_DETAIL]}" if result.answer else ""
    return f"{data.name} for {data.asset}: {result.stage} ({why}){answer}"


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
        "summary": _summary(data, result)[:_LONGEST],
    }
    kind = Kind(f"{TYPES}{result.stage}")
    named = {"id": event_id(kind, data.action), "type": kind}
    return event.model_copy(update={**named, "data": data.model_copy(update=update)})
