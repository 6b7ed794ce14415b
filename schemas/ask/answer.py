"""Answers: lists that say how much they leave out."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from schemas.anomaly import Anomaly
from schemas.base import Message, Ratio
from schemas.cascade.incident import Amount, Fault, Next, Radius
from schemas.report import Record
from schemas.trigger import Severity

Line = Annotated[str, Field(max_length=400)]
"""Text out of data, cut."""


class Answer(Message):
    """What every answer says of its own limits."""

    rows: ClassVar[str] = ""
    """The field that is shortened where an answer is too long."""

    left_out: Amount = 0
    """How many more there are, that this answer does not tell."""
    note: str = ""
    """What limits this answer; empty: nothing does."""


class IncidentLine(Message):
    """One incident."""

    id: str
    site: str
    stage: str
    since: datetime
    time: datetime
    """When it was told last, in event time."""
    cause: str
    """Asset; of a link both ends. Empty: not known."""
    fault: Fault
    probability: Ratio | None
    assets: Amount
    gpus: Amount
    jobs: Amount
    anomalies: Amount
    next: Amount
    """Assets that it may reach."""
    quality: Ratio
    summary: Line


class Incidents(Answer):
    """Incidents."""

    rows: ClassVar[str] = "incidents"

    as_of: datetime | None = None
    """How far event time has come."""
    incidents: tuple[IncidentLine, ...] = ()


class Explained(Answer):
    """What is known of an incident, alert or action, each thing with an id."""

    record: Record


class Spread(Answer):
    """Who is next."""

    rows: ClassVar[str] = "next"

    id: str
    stage: str
    time: datetime
    radius: Radius
    """How far it reaches now."""
    next: tuple[Next, ...] = ()


class EventLine(Message):
    """An anomaly or alert."""

    id: str
    type: str
    time: datetime
    asset: str
    point: str
    what: str
    """Kind of an anomaly, rule of an alert."""
    severity: Severity | None = None
    quality: Ratio
    summary: Line


class Events(Answer):
    """Anomalies or alerts."""

    rows: ClassVar[str] = "events"

    as_of: datetime | None = None
    events: tuple[EventLine, ...] = ()


class EventExplained(Answer):
    """An event; either its record or, of an anomaly, what it says itself."""

    rows: ClassVar[str] = "around"

    id: str
    type: str
    time: datetime
    record: Record | None = None
    anomaly: Anomaly | None = None
    around: tuple[EventLine, ...] = ()
    """What else happened to the asset within five minutes."""


class ActionLine(Message):
    """An action, as it stands."""

    id: str
    stage: str
    why: str
    name: str
    asset: str
    rule: str
    time: datetime
    expires: datetime | None
    waits: bool
    """For a person's answer, now."""
    by: str
    quality: Ratio
    summary: Line


class Actions(Answer):
    """Actions."""

    rows: ClassVar[str] = "actions"

    actions: tuple[ActionLine, ...] = ()


class ReportLine(Message):
    """A report."""

    id: str
    kind: str
    event: str
    """Id of the incident; empty of a shift or day."""
    time: datetime
    writer: str
    sentences: Amount
    struck: Amount
    """Sentences that nothing supported."""


class Reports(Answer):
    """Reports."""

    rows: ClassVar[str] = "reports"

    reports: tuple[ReportLine, ...] = ()


class ReportRead(Answer):
    """A report."""

    rows: ClassVar[str] = "struck"

    id: str
    kind: str
    event: str
    time: datetime
    writer: str
    markdown: str
    struck: tuple[str, ...] = ()
    """Sentences of the draft that nothing supported, quoted: not believed."""


class Proposed(Answer):
    """A proposal that was published."""

    id: str
    """Also the action's, if any comes of it."""
    by: str
    expires: datetime
    """Nothing comes of it after that."""
