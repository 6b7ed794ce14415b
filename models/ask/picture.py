"""What events told last, within bounds: the picture that questions are answered from."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from models.cascade.message import ANOMALIES
from models.messages import Kinds, Unread, read_event
from models.report.say import utc
from schemas.anomaly import Anomaly
from schemas.base import Message
from schemas.cascade import Incident
from schemas.events import Event, Kind
from schemas.progress import Progress
from schemas.report import Report
from schemas.trigger import Action, Alert

Data = TypeVar("Data", bound=Message)

_MODELS: Final[dict[str, type[Event[Any]]]] = {
    "incident": Event[Incident],
    "alert": Event[Alert],
    "action": Event[Action],
    "report": Event[Report],
}
KINDS: Final[Kinds] = {
    **ANOMALIES,
    **{kind: _MODELS[word] for kind in Kind if (word := kind.split(".")[2]) in _MODELS},
}
"""Every event that is known of."""


@dataclass(slots=True)
class Kept(Generic[Data]):
    """The newest event of each key; of keys those that were told of last."""

    most: int
    by_key: dict[str, Event[Data]] = field(default_factory=dict)
    forgotten: int = 0
    """Keys that there was no room for."""

    def put(self, key: str, event: Event[Data]) -> None:
        """Keep an event, unless a newer one of its key is known."""
        known = self.by_key.pop(key, None)
        is_newer = known is not None and utc(known.time) > utc(event.time)
        self.by_key[key] = known if known is not None and is_newer else event
        if len(self.by_key) > self.most:
            del self.by_key[next(iter(self.by_key))]
            self.forgotten += 1

    def all(self) -> list[Event[Data]]:
        """Return what is known now: it may be worked on elsewhere while more comes in."""
        return list(self.by_key.values())

    def begin_so(self, begins: str) -> list[Event[Data]]:
        """Return the events whose key begins so."""
        exact = self.by_key.get(begins)
        if exact is not None:
            return [exact]
        return [event for key, event in self.by_key.items() if key.startswith(begins)]


class Picture:
    """Events by what they are of: incidents and actions by their own id, others by the event's."""

    def __init__(self, most: int) -> None:
        """`most`: of each kind."""
        self.incidents: Kept[Incident] = Kept(most)
        self.anomalies: Kept[Anomaly] = Kept(most)
        self.alerts: Kept[Alert] = Kept(most)
        self.actions: Kept[Action] = Kept(most)
        self.steps: Kept[Action] = Kept(most)
        """Every step of the actions."""
        self.reports: Kept[Report] = Kept(most)
        self.as_of: datetime | None = None
        """How far event time has come."""
        self.unread = 0
        """Messages that are no event of ours."""

    def take(self, value: bytes) -> None:
        """Take a message in."""
        event = read_event(value, KINDS)
        if isinstance(event, Unread):
            self.unread += 1
        elif event is not None:
            self._put(event, event.data)

    def _put(self, event: Event[Any], data: object) -> None:
        if isinstance(data, Progress):
            self._reached(utc(data.reached))
            return
        self._reached(utc(event.time))
        if isinstance(data, Incident):
            self.incidents.put(data.incident, event)
        elif isinstance(data, Anomaly):
            self.anomalies.put(event.id, event)
        elif isinstance(data, Alert):
            self.alerts.put(event.id, event)
        elif isinstance(data, Action):
            self.steps.put(event.id, event)
            self.actions.put(data.action, event)
        elif isinstance(data, Report):
            self.reports.put(event.id, event)

    def _reached(self, time: datetime) -> None:
        self.as_of = max(self.as_of or time, time)
