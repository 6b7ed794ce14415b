"""Fields of events that conditions name and no event of that sort has."""

from collections.abc import Iterator
from typing import Any, Final

from models.trigger.condition.bounded import parts
from models.trigger.condition.names import nearest
from models.trigger.condition.parse import offsets_of, parsed, place_in
from models.trigger.condition.term import Finding, Mark
from schemas.anomaly import Anomaly
from schemas.cascade.incident import Incident
from schemas.trigger import Each

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
        field = _field(expr)
        if field and field not in FIELDS[each]:
            near = nearest(field, FIELDS[each])
            shown = f"; near: {', '.join(f'`{one}`' for one in near)}" if near else ""
            place = place_in(text, offsets.get(expr.id, 0))
            reason = f"no {each.value} has the field `{field}`{shown}"
            yield Finding(Mark.UNKNOWN_FIELD, reason, place)


def _field(expr: Any) -> str:  # noqa: ANN401 - protobuf has no types
    """Return `x` of `event.x`; empty of all else."""
    if expr.WhichOneof("kind") != "select_expr":
        return ""
    select = expr.select_expr
    is_event = select.operand.ident_expr.name == "event"
    return str(select.field) if is_event and not select.test_only else ""
