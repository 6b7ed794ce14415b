"""A message of `anomalies`: an anomaly, progress, another event, or nothing that is known."""

from typing import Final

from models.messages import Kinds, Unread, read_event
from schemas.anomaly import Anomaly
from schemas.events import Event, Kind
from schemas.progress import Progress

__all__ = ["ANOMALIES", "Unread", "read"]

ANOMALIES: Final[Kinds] = {
    Kind.ANOMALY_OPENED: Event[Anomaly],
    Kind.ANOMALY_UPDATED: Event[Anomaly],
    Kind.ANOMALY_CLOSED: Event[Anomaly],
    Kind.PROGRESS: Event[Progress],
}


def read(value: bytes) -> Event[Anomaly] | Event[Progress] | Unread | None:
    """Read a message; None: it is an event, and none that an incident is made of."""
    return read_event(value, ANOMALIES)
