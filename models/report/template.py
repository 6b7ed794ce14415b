"""A whole report without any model: every sentence cites what it says."""

from collections.abc import Callable, Iterator
from typing import Final

from models.report import sentences as say
from schemas.report import About, Draft, Kind, Part, Record, Section, Sentence

_OPENED: Final = (
    *(Section.SUMMARY, Section.AFFECTED, Section.NEXT, Section.DO, Section.EVIDENCE),
    *(Section.DONE, Section.UNKNOWN),
)
_ALL: Final = (*_OPENED[:-1], Section.FORETOLD, Section.UNKNOWN, Section.TIMELINE)
_SECTIONS: Final = {
    Kind.OPENED: _OPENED,
    Kind.HANDOVER: _ALL,
    Kind.POSTMORTEM: tuple(one for one in _ALL if one is not Section.NEXT),
    Kind.SHIFT: (Section.SUMMARY, Section.AFFECTED, Section.TIMELINE),
    Kind.DAILY: (Section.SUMMARY, Section.AFFECTED, Section.TIMELINE),
}
_SAID: Final[dict[Section, Callable[[Record], Iterator[Sentence]]]] = {
    Section.SUMMARY: say.summary,
    Section.AFFECTED: say.affected,
    Section.NEXT: say.coming,
    Section.DO: say.advice,
    Section.EVIDENCE: say.evidence,
    Section.DONE: say.done,
    Section.FORETOLD: say.foretold,
    Section.UNKNOWN: say.unknown,
    Section.TIMELINE: say.timeline,
}


def kinds(record: Record) -> tuple[Kind, ...]:
    """Return what reports can be made of a record."""
    if record.about is About.PERIOD:
        return (Kind.SHIFT, Kind.DAILY)
    return (Kind.OPENED, Kind.HANDOVER, Kind.POSTMORTEM)


def sections(kind: Kind) -> tuple[Section, ...]:
    """Return the parts that a report of a kind may have, in their order."""
    return _SECTIONS[kind]


def draft(record: Record, kind: Kind) -> Draft:
    """Return the report of a kind; sections that have nothing to say are left out."""
    parts = ((one, tuple(_SAID[one](record))) for one in _SECTIONS[kind])
    return Draft(parts=tuple(Part(section=one, sentences=said) for one, said in parts if said))
