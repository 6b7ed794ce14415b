"""Incidents of tests of rules, said in a few words: what is not said is as it was before."""

from typing import Annotated

from pydantic import Field

from schemas.base import Message, Ratio
from schemas.cascade import AssetKind, Fault, Stage
from schemas.durations import Duration

Asset = Annotated[str, Field(min_length=1, max_length=249)]


class SaidCause(Message):
    """One thing that may have begun it."""

    asset: Asset
    kind: AssetKind = AssetKind.OTHER
    fault: Fault = Fault.UNKNOWN
    probability: Ratio = 1.0
    ends: tuple[Asset, ...] = ()
    """Of a link: both ends."""


class SaidNext(Message):
    """One asset that has not been reached, and will be."""

    asset: Asset
    kind: AssetKind = AssetKind.OTHER
    probability: Ratio = 1.0
    within: Duration = 300.0
    """From this event on."""


class SaidRadius(Message):
    """How far it reaches."""

    assets: Annotated[int, Field(ge=0)] = 1
    gpus: Annotated[int, Field(ge=0)] = 0
    jobs: Annotated[int, Field(ge=0)] = 0


class SaidIncident(Message):
    """One event of an incident; None: as its event before said, or nothing where it is the first.

    The fields are those of `data` of events on `incidents`.
    """

    at: Duration
    """Since the first sample."""
    incident: Annotated[str, Field(min_length=1, max_length=249)] = "incident"
    """Which one; the label `event` of its alerts."""
    stage: Stage | None = None
    """None: the first event opens it, the others update it."""
    summary: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    quality: Ratio | None = None
    causes: tuple[SaidCause, ...] | None = None
    """The most likely first."""
    followers: tuple[Asset, ...] | None = None
    unexplained: tuple[Asset, ...] | None = None
    folded: Annotated[int, Field(ge=0)] | None = None
    radius: SaidRadius | None = None
    spread: tuple[SaidNext, ...] | None = None
