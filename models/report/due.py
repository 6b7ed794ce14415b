"""A report that is to be written: of which incident or period; its id comes from what it is of."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from models.ids import event_id
from models.report import others
from models.report.record import Around, of_incident
from models.report.say import utc
from schemas import events
from schemas.anomaly import Anomaly
from schemas.cascade import Incident, Radius, Stage
from schemas.events import Event, Evidence
from schemas.report import Kind, Record, Report

Told = Event[Incident]
BY_CLOCK: Final = frozenset({Kind.HANDOVER, Kind.SHIFT, Kind.DAILY})
OF_PERIOD: Final = frozenset({Kind.SHIFT, Kind.DAILY})
LEAD: Final = timedelta(seconds=60)
_LONGEST: Final = timedelta(days=1)
TYPES: Final = {kind: events.Kind(f"io.alltobit.report.{kind}") for kind in Kind}


class Due(NamedTuple):
    """What is to be written."""

    kind: Kind
    site: str
    at: datetime
    """When it came to be due; of a period, its end."""
    since: datetime
    """When the messages begin that it is about; of a period, its begin."""
    incidents: tuple[Told, ...]
    """As they stood then; of anything but a period, the one that it is about."""

    @property
    def about(self) -> str:
        """What it is about: the incident, or else the site."""
        return self.site if self.kind in OF_PERIOD else self.incidents[0].data.incident

    @property
    def id(self) -> str:
        """The same for the same incident or period, and kind."""
        when = [f"{utc(self.at):%Y-%m-%dT%H:%M:%S}"] if self.kind in BY_CLOCK else []
        return event_id(TYPES[self.kind], self.site, self.about, *when)

    @property
    def is_short(self) -> bool:
        """Whether it only says where an incident went: no writer is asked."""
        return self.kind not in OF_PERIOD and self.incidents[0].data.stage is Stage.MERGED


def record_of(due: Due, anomalies: list[Event[Anomaly]], around: Around) -> Record:
    """Return the record that it rests on. `anomalies`, `around`: of the incident."""
    if due.kind in OF_PERIOD:
        return others.of_period(due.incidents, due.since, due.at)
    return of_incident(due.incidents[0], anomalies, around)


def event_of(due: Due, report: Report) -> Event[Report]:
    """Return the report as it is published."""
    time = due.at if due.kind in BY_CLOCK else report.time
    about = due.site if due.kind in OF_PERIOD else f"incident/{due.about}"
    return Event[Report](
        id=due.id,
        source=f"/alltobit/{due.site}",
        type=TYPES[due.kind],
        subject=about,
        time=utc(time),
        dataschema="urn:alltobit:schema:report:1",
        data=report,
    )


def wider(one: Radius, other: Radius) -> Radius:
    """Return the larger of each number."""
    return Radius(
        assets=max(one.assets, other.assets),
        gpus=max(one.gpus, other.gpus),
        jobs=max(one.jobs, other.jobs),
    )


def summed_up(event: Told, reach: Radius) -> Told:
    """Return the end of an incident with how far it reached at its widest, not how far it does now.

    What is not over is as it is told. `reach`: the widest of its events.
    """
    if not event.data.stage.is_over:
        return event
    return event.model_copy(update={"data": event.data.model_copy(update={"radius": reach})})


def begins(first: Told, came: datetime) -> datetime:
    """Return when the messages begin that an incident rests on. `first`: its first; `came`: when.

    What was published `LEAD` before it, and as long as it had been under way in event time.
    """
    under_way = max(utc(first.time) - utc(first.data.since), timedelta())
    return came - min(under_way, _LONGEST) - LEAD


def slim(event: Told) -> Told:
    """Return what reports of periods need of an incident: a hundredth of its memory."""
    data = event.data.model_copy(
        update={
            "evidence": Evidence(facts=()),
            "causes": event.data.causes[:1],
            "followers": (),
            "counts": (),
            "unexplained": (),
            "spread": (),
            "outcomes": (),
        }
    )
    return event.model_copy(update={"data": data})
