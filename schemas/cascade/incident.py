"""An incident: one cause, those it has reached, what stays unexplained, and who is next."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.base import Message, Ratio
from schemas.cascade.site import AssetKind, EdgeKind, Medium
from schemas.events import Body

Amount = Annotated[int, Field(ge=0)]


class Fault(StrEnum):
    """What kind of trouble begins at a cause, as far as its own signals tell."""

    LINK = "link"
    """Errors, a flap, lost lanes or a lower rate between two ends."""
    COMPUTE = "compute"
    """A GPU, CPU or its memory: errors, an XID, a lower clock."""
    HEAT = "heat"
    """It gets too little cooling by itself: a fan, paste, a blocked path."""
    COOLING = "cooling"
    """It cools others and does so less: a tower, chiller, pump, CDU."""
    POWER = "power"
    """It feeds others and does so less: a transformer, UPS, breaker, PDU."""
    LEAK = "leak"
    CONGESTION = "congestion"
    """A path carries more than it can, without errors."""
    HOST = "host"
    """A node or its agent: silent, or slow by itself."""
    SENSOR = "sensor"
    """The reading is wrong, the thing is not."""
    CLOCK = "clock"
    WORKLOAD = "workload"
    """No fault: a job does more, less or other work. Explains signs; opens no incident."""
    UNKNOWN = "unknown"


class Stage(StrEnum):
    """Where an incident stands."""

    OPENED = "opened"
    UPDATED = "updated"
    RESOLVED = "resolved"
    MERGED = "merged"
    """It was found to be part of another one, which goes on."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more is told of it."""
        return self in {Stage.RESOLVED, Stage.MERGED}


class Cause(Message):
    """One thing that may have begun it."""

    asset: str
    kind: AssetKind = AssetKind.OTHER
    ends: tuple[str, ...] = ()
    """Of a link: both ends."""
    medium: Medium | None = None
    fault: Fault
    probability: Ratio
    since: datetime
    text: Annotated[str, Field(min_length=1, max_length=1000)]
    """Why it is thought so."""


class Follower(Message):
    """One asset that was reached."""

    asset: str
    kind: AssetKind = AssetKind.OTHER
    via: tuple[EdgeKind, ...]
    """The way from the cause, edge by edge."""
    delay_s: float
    """From the cause's onset to its own."""


class Next(Message):
    """One asset that has not been reached, and will be."""

    asset: str
    kind: AssetKind = AssetKind.OTHER
    probability: Ratio
    p10: datetime
    p50: datetime
    p90: datetime
    """When, if it is reached."""
    via: tuple[EdgeKind, ...]


class Outcome(Message):
    """What became of a prediction that an earlier event of this incident told."""

    asset: str
    probability: Ratio
    """As it was told."""
    expected: datetime
    reached: datetime | None
    """None: it was not reached within the time."""


class Count(Message):
    """How many of one kind."""

    kind: AssetKind
    assets: Amount
    anomalies: Amount


class Radius(Message):
    """How far it reaches, now."""

    assets: Amount
    gpus: Amount
    jobs: Amount


class Incident(Body):
    """One page for a person on call, not a thousand."""

    incident: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    """The same in all events of an incident, derived from its first anomaly."""
    stage: Stage
    since: datetime
    causes: tuple[Cause, ...]
    """The most likely first."""
    followers: tuple[Follower, ...] = ()
    """The first and nearest of each kind; `counts` has them all."""
    counts: tuple[Count, ...] = ()
    unexplained: tuple[str, ...] = ()
    """Assets with anomalies at the time which no cause reaches, as far as they are named."""
    folded: Amount = 0
    """Anomalies that this incident stands for."""
    radius: Radius
    spread: tuple[Next, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    merged_into: str = ""
    """The id of the incident that goes on."""
