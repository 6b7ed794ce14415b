"""A checked report as Markdown: nothing that came from data or a writer is markup in it."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from models.report.say import clean, moment, number, quoted
from schemas.report import Kind, Measured, Part, Record, Section, Sentence, Tally

_TITLES: Final = {
    Section.SUMMARY: "",
    Section.AFFECTED: "What is affected",
    Section.NEXT: "Who is next",
    Section.DO: "What to check",
    Section.EVIDENCE: "Evidence",
    Section.DONE: "What was done",
    Section.FORETOLD: "What was foretold",
    Section.UNKNOWN: "What is not known",
    Section.TIMELINE: "Timeline",
}
_HEADS: Final = {
    Kind.OPENED: "Incident",
    Kind.HANDOVER: "Handover",
    Kind.POSTMORTEM: "Post-mortem",
    Kind.SHIFT: "Shift report",
    Kind.DAILY: "Daily report",
}
_MARKS: Final = re.compile(r"([\\*_{}\[\]<>#|~!&$])")
_SCHEME: Final = re.compile(r"\b(https?|ftp|mailto|www)(?=[:.])", re.IGNORECASE)
_SPANS: Final = re.compile(r"(`[^`]+`)")


def markdown(record: Record, kind: Kind, parts: Sequence[Part], tally: Tally) -> str:
    """Return the page."""
    return "\n".join(_lines(record, kind, parts, tally)) + "\n"


def escaped(text: str) -> str:
    """Return a sentence in which only its code spans are markup."""
    pieces = _SPANS.split(" ".join(text.split()))
    return "".join(_code(one) if i % 2 else _words(one) for i, one in enumerate(pieces))


def _code(span: str) -> str:
    return quoted(span[1:-1])


def _words(text: str) -> str:
    plain = _MARKS.sub(r"\\\1", text.replace("`", "'"))
    return _SCHEME.sub(lambda one: f"{one[0]}\u200b", plain)


def _lines(record: Record, kind: Kind, parts: Sequence[Part], tally: Tally) -> Iterator[str]:
    name = record.head.name or record.head.event
    title = f"{_HEADS[kind]}: {quoted(name)}" if name else _HEADS[kind]
    yield from (f"# {title}", "")
    for part in parts:
        yield from _section(part, record)
    yield f"---\n{_foot(tally)}, as of {moment(record.head.time)}."


def _section(part: Part, record: Record) -> Iterator[str]:
    title = _TITLES[part.section]
    if title:
        yield from (f"## {title}", "")
    if part.section is Section.EVIDENCE:
        yield from _table(record.facts)
        return
    marks = "" if part.section is Section.SUMMARY else "- "
    for one in part.sentences:
        yield f"{marks}{_sentence(one)}"
        if not marks:
            yield ""
    if marks:
        yield ""


def _sentence(one: Sentence) -> str:
    ids = ", ".join(one.cites)
    return f"{escaped(one.text)} ({ids})" if ids else escaped(one.text)


def _table(facts: Sequence[Measured]) -> Iterator[str]:
    head = ("id", "measured", "expected", "where to read it", "quality")
    yield from (f"| {' | '.join(head)} |", f"|{'---|' * len(head)}")
    for one in facts:
        where = _cell(f"{one.topic}/{one.partition}@{one.offset}") if one.topic else "-"
        quality = "-" if one.quality is None else f"{one.quality:.2f}"
        time = f", {moment(one.time)}" if one.time else ""
        yield f"| {one.id} | {_cell(one.text)}{time} | {_usual(one)} | {where} | {quality} |"
    yield ""


def _usual(one: Measured) -> str:
    if one.limit is not None:
        return f"limit {number(one.limit, one.unit)}"
    return "-" if one.expected is None else number(one.expected, one.unit)


def _cell(text: str) -> str:
    """Return a code span in a table, where a bar ends the cell even in code."""
    return quoted(clean(text) or "-").replace("|", "\\|")


def _foot(tally: Tally) -> str:
    said = f"{tally.checked} claims checked against the record, {tally.kept} kept"
    return f"{said}, {tally.struck} struck with {tally.sentences_struck} sentences"
