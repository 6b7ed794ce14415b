"""Fields of events that conditions name, and those that no event of that sort has."""

from collections.abc import Iterator
from typing import Any, Final

from models.trigger.condition.bounded import parts
from models.trigger.condition.names import nearest
from models.trigger.condition.parse import offsets_of, parsed, place_in
from models.trigger.condition.term import Finding, Mark
from schemas.anomaly import Anomaly
from schemas.cascade.incident import Incident
from schemas.trigger import Each

_EVENT: Final = "event"
ENVELOPE: Final = ("type", "subject", "time")
"""What `event` has beside its data."""
FIELDS: dict[Each, tuple[str, ...]] = {
    Each.ANOMALY: (*Anomaly.model_fields, *ENVELOPE),
    Each.INCIDENT: (*Incident.model_fields, *ENVELOPE),
}


def unknown_fields(text: str, each: Each) -> Iterator[Finding]:
    """Find the fields that are not those of an anomaly, or incident. Raises `ConditionError`."""
    told = parsed(text)
    offsets = offsets_of(told)
    for expr, _ in parts(told.expr):
        is_meant = _is_field(expr) and not expr.select_expr.test_only
        field = expr.select_expr.field
        if is_meant and field not in FIELDS[each]:
            near = nearest(field, FIELDS[each])
            shown = f"; near: {', '.join(f'`{one}`' for one in near)}" if near else ""
            place = place_in(text, offsets.get(expr.id, 0))
            reason = f"no {each.value} has the field `{field}`{shown}"
            yield Finding(Mark.UNKNOWN_FIELD, reason, place)


def fields_read(text: str) -> frozenset[str] | None:
    """Return the fields of `event` that a condition can read; None: any.

    Raises `ConditionError`.
    """
    every = [expr for expr, _ in parts(parsed(text).expr)]
    whole = sum(expr.ident_expr.name.removeprefix(".") == _EVENT for expr in every)
    fields = [expr.select_expr.field for expr in every if _is_field(expr)]
    return frozenset(fields) if whole == len(fields) else None


def _is_field(expr: Any) -> bool:  # noqa: ANN401 - protobuf has no types
    """Say whether it is `event.x`, or asks whether there is one."""
    of: str = expr.select_expr.operand.ident_expr.name
    return of.removeprefix(".") == _EVENT
