"""Statements of cause: only the record's first hypothesis may be stated as one.

Another one may be told as a possibility, with its probability.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from models.report.basis import Basis
from models.report.read import Sentence
from models.report.units import Amount, says
from schemas.cascade import Fault
from schemas.report import Guess, Record

_COMES_BEHIND: Final = (
    "because of",
    "because",
    "caused by",
    "due to",
    "owing to",
    "thanks to",
    r"as a (?:result|consequence) of",
    "triggered by",
    "brought about by",
    "driven by",
    "attributed to",
    "traced to",
    "explained by",
    "stems? from",
    "originat(?:es|ed|ing) (?:from|in|at)",
    "results? from",
    r"(?:root )?(?:cause|culprit|origin|reason)(?:\s[^.;:]{0,60}?)? (?:is|was|lies (?:in|at|with))",
    r"blame[sd]?(?: is)?(?: on)?",
)
_COMES_BEFORE: Final = (
    "(?:led|leads|leading) to",
    "caused(?! by)",
    "causes",
    "causing",
    "(?:resulted|results|resulting) in",
    "triggered(?! by)",
    "triggers",
    "(?:brought|took) down",
    "knocked out",
    "(?:fail|break|fell|went|broke|trip)(?:ed|s|ped)? first",
    "(?:is|was) (?:the (?:root )?(?:cause|culprit|source|origin|reason|trigger)|responsible)",
    "(?:is|was) to blame",
)
_BEHIND: Final = re.compile(rf"\b(?:{'|'.join(_COMES_BEHIND)})\b:?", re.IGNORECASE)
_BEFORE: Final = re.compile(rf"\b(?:{'|'.join(_COMES_BEFORE)})\b", re.IGNORECASE)
_MAYBE: Final = re.compile(
    r"\b(?:may|might|could|possibl[ey]|possibility|perhaps|alternatively|likely)\b", re.IGNORECASE
)
_CERTAIN: Final = re.compile(
    r"\b(?:certainly|certain|definitely|undoubtedly|proven|proves|without (?:any )?doubt"
    r"|confirmed|surely|no other)\b",
    re.IGNORECASE,
)
_SURE: Final = 0.995
_FAULTS: Final = {
    Fault.LINK: "bad link|bad cable|broken cable|faulty cable|failing link|bad transceiver",
    Fault.COMPUTE: "compute fault|gpu fault|bad gpu|failing gpu|memory fault",
    Fault.HEAT: "too little cooling of its own|overheat(?:s|ed|ing)?",
    Fault.COOLING: "cools less|cooling fault|cooling failure|lost cooling",
    Fault.POWER: "power fault|power failure|power outage|lost power|brownout",
    Fault.LEAK: "leak(?:s|ed|ing|age)?",
    Fault.CONGESTION: "congest(?:ed|ion)",
    Fault.HOST: "host or agent fault|host fault|agent fault|crash(?:ed)?",
    Fault.SENSOR: "wrong reading|bad sensor|sensor fault|faulty sensor",
    Fault.CLOCK: "wrong clock|clock fault|clock drift",
    Fault.WORKLOAD: "does other work",
    Fault.UNKNOWN: "unknown fault",
}
_WORDS: Final = {
    fault: re.compile(rf"\b(?:{said})\b", re.IGNORECASE) for fault, said in _FAULTS.items()
}


class Stated(NamedTuple):
    """One statement of cause."""

    text: str
    by: tuple[str, ...]
    """Empty: nothing supports it."""


def statements(record: Record, said: Sentence, bases: Mapping[str, Basis]) -> Iterator[Stated]:
    """Yield what a sentence states about causes. `bases`: of what it cites."""
    for side, words in _sides(said.text):
        names = [said.names[c] for c in side if c in said.names]
        yield Stated(words, _supported(record.guesses, names, said))
    yield from _faults(said.text, bases)
    first = record.guesses[0] if record.guesses else None
    for found in _CERTAIN.finditer(said.text):
        is_sure = first is not None and (first.probability or 0.0) >= _SURE
        yield Stated(found[0], (first.id,) if first and is_sure else ())


def _sides(text: str) -> Iterator[tuple[str, str]]:
    """Yield where the cause stands, and the words that say so."""
    for found in _BEHIND.finditer(text):
        yield re.split(r"[.;:,(]\s", text[found.end() :], maxsplit=1)[0], found[0]
    for found in _BEFORE.finditer(text):
        yield re.split(r"[.;:]\s", text[: found.start()])[-1], found[0]


def _supported(guesses: Sequence[Guess], names: list[str], said: Sentence) -> tuple[str, ...]:
    if not guesses or not names:
        return ()
    for i, one in enumerate(guesses):
        if set(names) <= {one.asset, *one.ends} - {""} and (i == 0 or _is_possible(one, said)):
            return (one.id,)
    return ()


def _is_possible(one: Guess, said: Sentence) -> bool:
    if one.probability is None or not _MAYBE.search(said.text):
        return False
    return any(says(amount, Amount(one.probability)) for _, amount in said.amounts)


def _faults(text: str, bases: Mapping[str, Basis]) -> Iterator[Stated]:
    """Yield the kinds of faults that are named outside of quotes."""
    for fault, words in _WORDS.items():
        for found in words.finditer(text):
            by = tuple(
                name
                for name, basis in bases.items()
                if fault in basis.faults or any(words.search(one) for one in basis.quoted)
            )
            yield Stated(found[0], by)
