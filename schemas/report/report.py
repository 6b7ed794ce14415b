"""A checked report: what people read, and what was struck from its draft."""

from datetime import datetime
from enum import StrEnum

from schemas.base import Message
from schemas.cascade.incident import Amount
from schemas.report.draft import Part, Section, Sentence
from schemas.report.record import Id


class Kind(StrEnum):
    """What a report is for."""

    OPENED = "opened"
    HANDOVER = "handover"
    POSTMORTEM = "postmortem"
    SHIFT = "shift"
    DAILY = "daily"


class ClaimKind(StrEnum):
    """What a sentence claims, and why it may be struck."""

    NUMBER = "number"
    """With its unit, or what it counts."""
    NAME = "name"
    """An asset, point or anything that looks like one."""
    TIME = "time"
    """Of the clock, or a date."""
    CAUSE = "cause"
    """That something is because of something."""
    SENSE = "sense"
    """That something is not so, went up or down, or is what was expected rather than measured."""
    ORDER = "order"
    """An address, markup, or something to do that is not advice of the record. Never supported."""
    SOURCE = "source"
    """It cites what the record does not have, or nothing; or it says nothing to be checked."""


class Claim(Message):
    """One thing that a sentence says and that can be checked."""

    kind: ClaimKind
    text: str
    """As it stands there."""
    by: tuple[Id, ...] = ()
    """What supports it; empty: nothing does."""


class Struck(Message):
    """A sentence that was not let through."""

    section: Section
    sentence: Sentence
    why: tuple[Claim, ...]
    """What nothing supports."""
    instead: Sentence | None = None
    """Sentence of the template in its place."""


class Tally(Message):
    """How many claims were checked, kept and struck."""

    checked: Amount = 0
    kept: Amount = 0
    struck: Amount = 0
    """With their sentences, supported or not."""
    sentences: Amount = 0
    sentences_struck: Amount = 0
    replaced: Amount = 0


class Report(Message):
    """What people read."""

    kind: Kind
    event: str
    """Id of the incident, alert or action; empty of a period."""
    time: datetime
    writer: str
    parts: tuple[Part, ...]
    tally: Tally
    struck: tuple[Struck, ...] = ()
    markdown: str
