"""What was heard of one thing: its events come in order of event time, some of them twice."""

from typing import Any

import msgspec

from models.words import nanoseconds
from schemas.events import Event
from schemas.trigger import Alert


class Heard(msgspec.Struct):
    """The newest event time, and the ids that came with it."""

    time_ns: int = -(2**63)
    ids: list[str] = []

    def is_new(self, event: Event[Any]) -> bool:
        """Say whether an event is later than all before it, or the first of its id; learn it."""
        time_ns = nanoseconds(event.time)
        if time_ns < self.time_ns or event.id in self.ids:
            return False
        self.ids = [*self.ids, event.id] if time_ns == self.time_ns else [event.id]
        self.time_ns = time_ns
        return True


def key_of(alert: Alert) -> str:
    """Name what an alert is about: all its events have the same."""
    labels = (f"{name}={value}" for name, value in sorted(alert.labels.items()))
    return "|".join((alert.rule, alert.asset, alert.point, *labels))
