"""The record: all that a writer may say of an incident, alert, action or shift, each with an id.

It is derived from events, whose wire format stays as it is. A letter of an id says what it is of:
E the event itself, H hypotheses, F facts, R who was reached, N who is next, O what became of
predictions, T totals, S steps of actions and alerts, I incidents of a shift, A advice, U unknowns.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.base import Message, Ratio
from schemas.cascade.incident import Amount, Fault
from schemas.cascade.site import AssetKind, EdgeKind, Medium

VERSION: Final = 1
"""Changes when a reader has to."""

Id = Annotated[str, Field(pattern=r"^[EHFRNOTSIAU][1-9][0-9]{0,4}$")]
Name = Annotated[str, Field(max_length=249)]
"""Of an asset or point, as data has it: shown quoted, never obeyed."""
Line = Annotated[str, Field(max_length=400)]
"""Text out of data; cut with `...` where it was longer."""


class About(StrEnum):
    """What a record is of."""

    INCIDENT = "incident"
    ALERT = "alert"
    ACTION = "action"
    PERIOD = "period"
    """A shift or a day: its incidents, each in a line."""


class Head(Message):
    """The event itself."""

    id: Literal["E1"] = "E1"
    event: Name
    """Id of the incident, alert or action; empty of a period."""
    name: Name
    """Asset that it is about; the rule or action of alerts and actions stands in `stage`."""
    stage: Line
    """How it stands: opened, updated, resolved; firing; awaiting."""
    since: datetime
    time: datetime
    """As of when, in event time."""
    quality: Ratio
    merged_into: Name = ""


class Guess(Message):
    """A hypothesis; the first is the one that the incident goes by."""

    id: Id
    asset: Name = ""
    kind: AssetKind = AssetKind.OTHER
    ends: tuple[Name, ...] = ()
    medium: Medium | None = None
    fault: Fault = Fault.UNKNOWN
    probability: Ratio | None = None
    since: datetime | None = None
    text: Line


class Role(StrEnum):
    """Why a fact was chosen."""

    FIRST = "first"
    """The first anomaly of all."""
    OWN = "own"
    """At the cause, or one of its ends."""
    FOLLOWER = "follower"
    """At an asset that was reached."""
    OTHER = "other"


class Measured(Message):
    """One thing that was measured, and where anyone can read it again."""

    id: Id
    role: Role = Role.OTHER
    asset: Name = ""
    point: Name = ""
    text: Line
    value: float | None = None
    unit: Annotated[str, Field(max_length=32)] = ""
    expected: float | None = None
    """The centre before, in `unit`."""
    limit: float | None = None
    """Of an alert's rule, in `unit`."""
    quality: Ratio | None = None
    time: datetime | None = None
    topic: str = ""
    partition: Amount = 0
    offset: Amount = 0


class Reached(Message):
    """An asset that was reached."""

    id: Id
    asset: Name
    kind: AssetKind = AssetKind.OTHER
    via: tuple[EdgeKind, ...] = ()
    delay_s: float


class Coming(Message):
    """An asset that will be reached, and when if it is."""

    id: Id
    asset: Name
    kind: AssetKind = AssetKind.OTHER
    probability: Ratio
    p10: datetime
    p50: datetime
    p90: datetime


class Came(Message):
    """What became of a prediction."""

    id: Id
    asset: Name
    probability: Ratio
    expected: datetime
    reached: datetime | None


class Of(StrEnum):
    """What a total sums up."""

    ALL = "all"
    ASSET_KIND = "asset_kind"
    ANOMALY_KIND = "anomaly_kind"
    PERIOD = "period"


class Total(Message):
    """How many. None: it was not counted."""

    id: Id
    of: Of
    name: Name = ""
    """The kind."""
    assets: Amount | None = None
    anomalies: Amount | None = None
    gpus: Amount | None = None
    jobs: Amount | None = None
    incidents: Amount | None = None


class Step(Message):
    """What an alert or action did, and who answered."""

    id: Id
    time: datetime
    asset: Name = ""
    name: Name
    """Rule of an alert, name of an action."""
    stage: Line
    why: Line = ""
    by: Line = ""
    proposed_by: Line = ""
    """Of an action that somebody proposed."""
    proposed_why: Line = ""
    """Their words: a quotation, which supports nothing."""


class Told(Message):
    """One incident of a shift or day."""

    id: Id
    incident: Name
    stage: Line
    asset: Name = ""
    ends: tuple[Name, ...] = ()
    fault: Fault = Fault.UNKNOWN
    probability: Ratio | None = None
    since: datetime
    until: datetime | None = None
    """None: it is still open."""
    assets: Amount = 0
    gpus: Amount = 0
    jobs: Amount = 0
    anomalies: Amount = 0


class Advice(Message):
    """What a person could check, by what kind of fault it is: ours, not the writer's."""

    id: Id
    text: Line


class Unknown(Message):
    """What was not measured, or is not known."""

    id: Id
    text: Line


class LeftOut(Message):
    """How much stands in totals only."""

    facts: Amount = 0
    others: Amount = 0


class Record(Message):
    """All that a writer may say."""

    version: Literal[1] = VERSION
    about: About
    head: Head
    summary: Line
    guesses: tuple[Guess, ...] = ()
    facts: tuple[Measured, ...] = ()
    reached: tuple[Reached, ...] = ()
    next: tuple[Coming, ...] = ()
    came: tuple[Came, ...] = ()
    totals: tuple[Total, ...] = ()
    steps: tuple[Step, ...] = ()
    incidents: tuple[Told, ...] = ()
    advice: tuple[Advice, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    left_out: LeftOut = LeftOut()
