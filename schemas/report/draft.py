"""What a writer returns: sentences, each with the ids of what it rests on. Not yet believed."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.base import Message
from schemas.report.record import Id


class Section(StrEnum):
    """The parts of a report, in this order."""

    SUMMARY = "summary"
    """One sentence first."""
    AFFECTED = "affected"
    NEXT = "next"
    DO = "do"
    """What to do or check: advice of the record, word for word."""
    EVIDENCE = "evidence"
    DONE = "done"
    """What was done, by whom."""
    FORETOLD = "foretold"
    """What became of predictions."""
    UNKNOWN = "unknown"
    TIMELINE = "timeline"


class Sentence(Message):
    """One sentence of plain text; names of assets stand in `backticks`."""

    text: Annotated[str, Field(min_length=1, max_length=1000)]
    cites: Annotated[tuple[Id, ...], Field(max_length=30)]


class Part(Message):
    """The sentences of one section."""

    section: Section
    sentences: Annotated[tuple[Sentence, ...], Field(max_length=60)]


class Draft(Message):
    """A whole report by a writer, model or template."""

    parts: Annotated[tuple[Part, ...], Field(max_length=20)]
    writer: Annotated[str, Field(max_length=200)] = "template"
