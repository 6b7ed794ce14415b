"""Conditions on events: CEL as it is, run by the library itself, on `event` and nothing else.

`event` has the fields of the event's data, and its `type`, `subject` and `time` (a text). Whole
numbers and others do not mix in CEL's arithmetic: `event.score + 1.0`. What fails when it is run (a
field that is not there, a text compared with a number) is unknown, and never true. Bounded: length,
depth and size of the text, loops as `bounded` has them and 10 000 rounds of them; its regular
expressions (RE2) do not backtrack.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cel_expr_python import cel

from models.trigger.condition.bounded import check_bounded
from models.trigger.condition.fields import ENVELOPE, fields_read
from models.trigger.condition.parse import compiled
from models.trigger.condition.tree import ConditionError, Place


@dataclass(frozen=True)
class EventCondition:
    """A condition on events, ready to be asked. ~15 us an event where it reads a few numbers."""

    text: str
    reads: frozenset[str] | None
    """The fields that it may read: only these are handed to the library; None: all."""
    _expression: cel.Expression

    def __call__(self, event: Mapping[str, Any], /) -> bool | None:
        """Say whether it holds of an event, as JSON has it; None: nobody can say."""
        if self.reads is not None:
            event = {name: event[name] for name in self.reads if name in event}
        try:
            answer = self._expression.eval(_environment().Activation({"event": event})).value()
        except RuntimeError:
            return None  # too many rounds, or a value that CEL has not
        return answer if isinstance(answer, bool) else None


def flat(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a CloudEvent, as JSON has it, as conditions see it."""
    return {**document["data"], **{name: document[name] for name in ENVELOPE}}


def on_event(text: str) -> EventCondition:
    """Compile a condition on events. Raises `ConditionError`."""
    check_bounded(text)
    expression = compiled(_environment(), text, is_checked=True)
    kind = expression.return_type().name()
    if kind not in {"BOOL", "DYN"}:
        reason = f"it is of type {kind.lower()}, a rule wants a condition, true or false"
        raise ConditionError(reason, Place(1, 1))
    return EventCondition(text, fields_read(text), expression)


@cache
def _environment() -> cel.Env:
    return cel.NewEnv(variables={"event": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)})
