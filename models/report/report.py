"""From a draft to a report: what is not supported goes, and the template stands in for it."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from models.report import template
from models.report.check import Checker, is_struck
from models.report.markdown import markdown
from schemas.report import (
    Claim,
    Draft,
    Kind,
    Part,
    Record,
    Report,
    Section,
    Sentence,
    Struck,
    Tally,
)

_MUST: Final = (Section.SUMMARY, Section.DO, Section.EVIDENCE, Section.UNKNOWN)
"""What no report is without, whatever the writer left out."""


class _Judged(NamedTuple):
    """A sentence of the draft with its claims."""

    section: Section
    sentence: Sentence
    claims: list[Claim]


def report(record: Record, kind: Kind, draft: Draft | None = None) -> Report:
    """Return the report of a kind; without a draft, by template."""
    ours = template.draft(record, kind)
    draft = draft or ours
    checker = Checker(record)
    judged = [
        _Judged(part.section, one, checker.claims(one, part.section))
        for part in draft.parts
        for one in part.sentences
    ]
    struck, kept = _told(judged, {part.section: part for part in ours.parts})
    parts = tuple(_parts(kept, ours))
    tally = _tally(judged, struck)
    return Report(
        kind=kind,
        event=record.head.event,
        time=record.head.time,
        writer=draft.writer,
        parts=parts,
        tally=tally,
        struck=struck,
        markdown=markdown(record, kind, parts, tally),
    )


Kept = dict[Section, list[Sentence]]


def _told(judged: list[_Judged], ours: Mapping[Section, Part]) -> tuple[tuple[Struck, ...], Kept]:
    """Return what is struck, and what is told in the order of the draft."""
    kept: Kept = {}
    struck = []
    for one in judged:
        said = kept.setdefault(one.section, [])
        if not is_struck(one.claims):
            said.append(one.sentence)
            continue
        instead = _instead(one, ours, said)
        said += [instead] if instead else []
        why = tuple(claim for claim in one.claims if not claim.by)
        struck.append(Struck(section=one.section, sentence=one.sentence, why=why, instead=instead))
    return tuple(struck), kept


def _instead(one: _Judged, ours: Mapping[Section, Part], said: list[Sentence]) -> Sentence | None:
    """Return the template's sentence on the same things, where it is not told yet."""
    part = ours.get(one.section)
    cites = set(one.sentence.cites)
    same = (x for x in (part.sentences if part else ()) if cites & set(x.cites) and x not in said)
    return next(same, None)


def _parts(kept: Kept, ours: Draft) -> Iterator[Part]:
    by_template = {part.section: part.sentences for part in ours.parts}
    for section in Section:
        said = tuple(dict.fromkeys(kept.get(section, ())))
        if section in _MUST:
            said = said or by_template.get(section, ())
        if said:
            yield Part(section=section, sentences=said)


def _tally(judged: list[_Judged], struck: tuple[Struck, ...]) -> Tally:
    counts = {False: 0, True: 0}
    for one in judged:
        counts[is_struck(one.claims)] += len(one.claims)
    return Tally(
        checked=sum(counts.values()),
        kept=counts[False],
        struck=counts[True],
        sentences=len(judged),
        sentences_struck=len(struck),
        replaced=sum(one.instead is not None for one in struck),
    )
