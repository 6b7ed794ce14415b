"""What may come of alerts: when not, how often, of how many, and who is asked."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, model_validator

from schemas.base import Message, Ratio
from schemas.durations import Duration
from schemas.trigger.configured import Secret
from schemas.trigger.rule import Glob, Level, Name
from schemas.zones import TimeOfDay, Zone

Reason = Annotated[str, Field(min_length=1, max_length=2000)]
Person = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.@-]{1,128}$")]


class Ask(Message):
    """How people are asked."""

    expires_s: Annotated[Duration, Field(gt=0, le=604_800)] = 900.0
    """How long an answer is waited for."""
    a_person_hour: Annotated[int, Field(ge=1, le=1000)] = 6
    """Questions in an hour, for each person who may answer them; further ones are dropped."""


class Breaker(Message):
    """Of how many assets anything may be done in a window: `share` of those the inventory tells.

    Kinds are assets whose names differ in numbers alone. What an inventory does not tell of has no
    share: then `least` is what may be.
    """

    window_s: Annotated[Duration, Field(gt=0, le=604_800)] = 3600.0
    share_of_kind: Ratio = 0.1
    share_of_site: Ratio = 0.02
    least: Annotated[int, Field(ge=0, le=1000)] = 0
    """So many may be where the share would be fewer: 1 allows one of two."""


class Weekday(StrEnum):
    """A day of the week."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Maintenance(Message):
    """Work on the plant: once, from `begins` to `ends`; or every week, on `days` from `at` on.

    Judged by event time. A day that begins before midnight goes on behind it.
    """

    asset: Glob = "*"
    begins: AwareDatetime | None = None
    ends: AwareDatetime | None = None
    days: tuple[Weekday, ...] = ()
    at: TimeOfDay | None = None
    """Local time of `zone`."""
    lasts_s: Annotated[Duration, Field(le=604_800)] = 0.0
    zone: Zone = "UTC"
    why: Reason

    @model_validator(mode="after")
    def _once_or_weekly(self) -> Self:
        once, weekly = (self.begins, self.ends), (self.at, self.days, self.lasts_s)
        if all(once) and not any(weekly):
            if self.begins and self.ends and self.begins >= self.ends:
                raise ValueError("`ends` must be later than `begins`")
        elif any(once) or not all(weekly):
            raise ValueError("give `begins` and `ends`, or `days`, `at` and `lasts_s`")
        return self


class Silence(Message):
    """Nothing comes of alerts of these rules, about these assets, until then."""

    rule: Glob = "*"
    asset: Glob = "*"
    labels: dict[str, str] = Field(default_factory=dict)
    """Those that the alert must have."""
    until: AwareDatetime
    why: Reason


class Approver(Message):
    """A person, or a program for persons, who may answer."""

    name: Person
    secret: Secret
    """Shared with them alone, 16 bytes or more; it signs what they say."""
    rules: tuple[Glob, ...] = ("*",)
    actions: tuple[Glob, ...] = ("*",)
    """Answers to these actions of these rules count."""


class Proposer(Message):
    """A program or person that may propose actions; nothing it says is done by itself.

    It may answer what others propose, as `approvers` say, never what it proposed itself.
    """

    name: Person
    secret: Secret
    """Shared with it alone, 16 bytes or more; it signs what it proposes. No approver's, but where
    that is the same person."""
    actions: Annotated[tuple[Glob, ...], Field(min_length=1)]
    assets: tuple[Glob, ...] = ("*",)
    """These actions, about these assets."""
    level: Level = Level.ASK
    """How far its proposals go on good evidence. `act`: no person is asked, but where
    it names a cell, or a label that no cited alert of the asset has."""
    quality: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Floor, as of a rule. Below any is what cites nothing that is known and about the asset."""
    an_hour: Annotated[int, Field(ge=1, le=1000)] = 6
    """Proposals in an hour that anything comes of; further ones are dropped."""


class Policy(Message):
    """What may come of alerts."""

    too_late_s: Annotated[Duration, Field(gt=0)] = 600.0
    """Nothing is done for an alert that was published longer ago; it is still told on."""
    always: Annotated[tuple[Name, ...], Field(max_length=8)] = ()
    """Names of actions that only tell: every alert gets them, its end too, whatever its level."""
    ask: Ask = Ask()
    breaker: Breaker = Breaker()
    maintenance: tuple[Maintenance, ...] = ()
    silences: tuple[Silence, ...] = ()
    approvers: tuple[Approver, ...] = ()
    proposers: tuple[Proposer, ...] = ()
