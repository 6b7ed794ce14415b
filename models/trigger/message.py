"""Messages of `alerts`, `anomalies`, `incidents`, `decisions` and `proposals`, read."""

from datetime import datetime
from enum import Enum, auto
from typing import Any, Final

from models.cascade.message import ANOMALIES
from models.messages import Kinds, Unread, read_event, read_model
from schemas.cascade import Incident
from schemas.events import Event, Kind
from schemas.progress import Progress
from schemas.telemetry import Why
from schemas.trigger import Alert, Decision, Proposal

__all__ = ["Source", "Unread", "read"]


class Source(Enum):
    """Where a message comes from; at the same moment they are taken in this order."""

    INCIDENTS = auto()
    ANOMALIES = auto()
    ALERTS = auto()
    DECISIONS = auto()
    PROPOSALS = auto()


_ALERTS: Final[Kinds] = dict.fromkeys(
    (Kind.ALERT_FIRING, Kind.ALERT_HELD, Kind.ALERT_RESOLVED), Event[Alert]
)
_INCIDENTS: Final[Kinds] = dict.fromkeys(
    (
        *(Kind.INCIDENT_OPENED, Kind.INCIDENT_UPDATED),
        *(Kind.INCIDENT_RESOLVED, Kind.INCIDENT_MERGED),
    ),
    Event[Incident],
)
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
_KINDS: Final = {
    Source.ALERTS: _ALERTS,
    Source.ANOMALIES: ANOMALIES,
    Source.INCIDENTS: _INCIDENTS,
}


def read(source: Source, value: bytes) -> Event[Any] | Decision | Proposal | Unread | None:
    """Read a message; None: it is an event that nothing here is about."""
    if source is Source.DECISIONS:
        return read_model(value, Decision)
    if source is Source.PROPOSALS:
        return read_model(value, Proposal)
    found = read_event(value, _KINDS[source])
    if isinstance(found, Event) and not all(map(_is_a_time, _times(found))):
        return Unread(Why.WRONG_TYPE, "a time without a zone, or far from ours")
    return found


def _times(event: Event[Any]) -> tuple[datetime, ...]:
    return (event.time, event.data.reached) if isinstance(event.data, Progress) else (event.time,)


def _is_a_time(time: datetime) -> bool:
    return time.tzinfo is not None and _FIRST_YEAR <= time.year <= _LAST_YEAR
