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

from cel_expr_python import cel

from models.trigger.condition.bounded import check_bounded
from models.trigger.condition.parse import compiled
from models.trigger.condition.tree import ConditionError, Place


@dataclass(frozen=True)
class EventCondition:
    """A condition on events, ready to be asked."""

    text: str
    _expression: cel.Expression

    def holds(self, seen: cel.Activation) -> bool | None:
        """Say whether it holds of an event; None: nobody can say."""
        try:
            answer = self._expression.eval(seen).value()
        except RuntimeError:
            return None  # too many rounds
        return answer if isinstance(answer, bool) else None


def see(data: Mapping[str, object], kind: str, subject: str, time: str) -> cel.Activation:
    """Hand an event to the library; every condition may be asked of it. ~3 us a field."""
    event = {**data, "type": kind, "subject": subject, "time": time}
    return _environment().Activation({"event": event})


def on_event(text: str) -> EventCondition:
    """Compile a condition on events. Raises `ConditionError`."""
    check_bounded(text)
    expression = compiled(_environment(), text, is_checked=True)
    kind = expression.return_type().name()
    if kind not in {"BOOL", "DYN"}:
        reason = f"it is of type {kind.lower()}, a rule wants a condition, true or false"
        raise ConditionError(reason, Place(1, 1))
    return EventCondition(text, expression)


@cache
def _environment() -> cel.Env:
    return cel.NewEnv(variables={"event": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)})
