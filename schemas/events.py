"""The envelope of everything we publish: CloudEvents 1.0, with quality, summary and evidence."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from schemas.base import Message, Ratio

CONTENT_TYPE = "application/cloudevents+json"

OF_PARTITION = "alltobit-of"
"""Kafka header of anomalies, alerts and progress: the partition of `readings` they come from."""

Text = Annotated[str, Field(min_length=1, max_length=2000)]


class Kind(StrEnum):
    """The `type` of our events."""

    ANOMALY_OPENED = "io.alltobit.anomaly.opened"
    ANOMALY_UPDATED = "io.alltobit.anomaly.updated"
    ANOMALY_CLOSED = "io.alltobit.anomaly.closed"
    ALERT_FIRING = "io.alltobit.alert.firing"
    ALERT_HELD = "io.alltobit.alert.held"
    ALERT_RESOLVED = "io.alltobit.alert.resolved"
    INCIDENT_OPENED = "io.alltobit.incident.opened"
    INCIDENT_UPDATED = "io.alltobit.incident.updated"
    INCIDENT_RESOLVED = "io.alltobit.incident.resolved"
    INCIDENT_MERGED = "io.alltobit.incident.merged"
    ACTION_ADVISED = "io.alltobit.action.advised"
    ACTION_AWAITING = "io.alltobit.action.awaiting"
    ACTION_REQUESTED = "io.alltobit.action.requested"
    ACTION_APPROVED = "io.alltobit.action.approved"
    ACTION_REFUSED = "io.alltobit.action.refused"
    ACTION_EXPIRED = "io.alltobit.action.expired"
    ACTION_DROPPED = "io.alltobit.action.dropped"
    ACTION_WITHDRAWN = "io.alltobit.action.withdrawn"
    ACTION_IGNORED = "io.alltobit.action.ignored"
    ACTION_SHADOWED = "io.alltobit.action.shadowed"
    ACTION_DONE = "io.alltobit.action.done"
    ACTION_FAILED = "io.alltobit.action.failed"
    HEALTH_REPORTED = "io.alltobit.health.reported"
    """Another system's own judgement, told on."""
    REPORT_OPENED = "io.alltobit.report.opened"
    REPORT_HANDOVER = "io.alltobit.report.handover"
    REPORT_POSTMORTEM = "io.alltobit.report.postmortem"
    REPORT_SHIFT = "io.alltobit.report.shift"
    REPORT_DAILY = "io.alltobit.report.daily"
    PROGRESS = "io.alltobit.progress"
    """How far event time has come; stands among the anomalies."""


class Fact(Message):
    """One thing that was measured, and where anyone can read it again."""

    text: Text
    value: float | None = None
    unit: str = ""
    time: datetime | None = None
    topic: str
    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]


class Hypothesis(Message):
    """One thing that may be so."""

    text: Text
    score: Annotated[float, Field(ge=0)]
    """-log10 of the tail probability under "all is as before": 9 is one in a thousand million."""


class Evidence(Message):
    """What an event rests on: facts, hypotheses with their score, and what is unknown."""

    facts: tuple[Fact, ...]
    hypotheses: tuple[Hypothesis, ...] = ()
    unknowns: tuple[Text, ...] = ()


class Body(Message):
    """What every event says in its `data`."""

    quality: Ratio
    """Share of good samples among the signal's last hundred or so."""
    summary: Text
    evidence: Evidence


Data = TypeVar("Data", bound=Message)


class Event(BaseModel, Generic[Data]):
    """A CloudEvent in structured JSON mode (CloudEvents 1.0.2, JSON format).

    `id` is derived from content: the same cause replayed gives the same id, so drop what you have
    seen. `time` is event time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    specversion: Literal["1.0"] = "1.0"
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    source: Annotated[str, Field(min_length=1)]
    type: Kind
    subject: Annotated[str, Field(min_length=1)]
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    data: Data
