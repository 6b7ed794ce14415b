"""What belongs to an incident: said once, for reports, answers and evaluations."""

from datetime import timedelta
from typing import Any, Final

from models.report.say import utc
from schemas.anomaly import Anomaly
from schemas.cascade import Incident
from schemas.events import Event

BEFORE: Final = timedelta(minutes=5)
AFTER: Final = timedelta(minutes=30)
"""So long before it began and after it was over, alerts and actions of its assets belong to it."""


def assets_of(event: Event[Incident]) -> frozenset[str]:
    """Return the assets that an incident names: its cause, the ends of it, who was reached."""
    data = event.data
    causes = [name for one in data.causes[:1] for name in (one.asset, *one.ends)]
    return frozenset((*causes, *(one.asset for one in data.followers))) - {""}


class Belonging:
    """Tells what belongs to an incident, as an event tells of it."""

    def __init__(self, incident: Event[Incident]) -> None:
        """Look once at what it names, and when it was."""
        self.assets = assets_of(incident)
        self._source, self._is_over = incident.source, incident.data.stage.is_over
        self._since, self._until = utc(incident.data.since), utc(incident.time)

    def has(self, event: Event[Any]) -> bool:
        """Say whether an event is of its site and assets, and came while it was open.

        Alerts and actions also belong to it that came a little before or after.
        """
        if event.data.asset not in self.assets or event.source != self._source:
            return False
        is_sign = isinstance(event.data, Anomaly)
        before, after = (timedelta(), timedelta()) if is_sign else (BEFORE, AFTER)
        time = utc(event.time)
        return self._since - before <= time and (not self._is_over or time <= self._until + after)
