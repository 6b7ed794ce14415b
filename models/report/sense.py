"""Which way round a sentence says something: not so, higher or lower, measured or expected.

Words alone are looked at, not grammar: a sentence that denies has to cite what denies, one that
says higher or lower a fact that is, and what only was expected has to be called so.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from models.report.basis import Basis
from models.report.read import Sentence
from models.report.units import Amount, says

_DENIES: Final = re.compile(
    r"\b(?:not|never|no|without|none|nor|neither|cannot|nothing|nobody|nowhere)\b(?:\s+[^\s.,;:]+)?|n't\b",
    re.IGNORECASE,
)
_NOT_YET: Final = re.compile(r"not (?:\w+ ){0,2}(?:yet|reached)\b", re.IGNORECASE)
_UP: Final = re.compile(
    r"\b(?:above|higher|hotter|warmer|faster|rose|risen|rises?|rising|increas(?:e|es|ed|ing)"
    r"|exceed(?:s|ed|ing)?|grew|grown|jumped|spiked|climbed|up from|more than)\b",
    re.IGNORECASE,
)
_DOWN: Final = re.compile(
    r"\b(?:below|lower|cooler|colder|slower|fell|fallen|falls|drop(?:s|ped)?|decreas(?:e|es|ed|ing)"
    r"|declin(?:e|es|ed|ing)|shrank|sank|down from|less than)\b",
    re.IGNORECASE,
)
_USUAL: Final = re.compile(
    r"\b(?:expected|usual|usually|normal|normally|baseline|typical|limit|threshold|centre)\b",
    re.IGNORECASE,
)
_OF_OLD: Final = re.compile(
    r"\b(?:expected|usual\w*|normal\w*|baseline|typical\w*|limit|threshold|centre|before|from"
    r"|instead|rather|than|above|below|over|under|exceed\w*|against|versus)\b",
    re.IGNORECASE,
)


class Sense(NamedTuple):
    """One thing said about which way it is."""

    text: str
    by: tuple[str, ...]
    """Empty: nothing supports it."""


def senses(said: Sentence, cited: Mapping[str, Basis]) -> Iterator[Sense]:
    """Yield what a sentence says so. `cited`: what may support it."""
    for found in _DENIES.finditer(said.text):
        is_yet = _NOT_YET.match(said.text, found.start()) is not None
        by = tuple(one for one, basis in cited.items() if _denies(basis, found[0], is_yet))
        yield Sense(found[0], by)
    for words, sign in ((_UP, 1.0), (_DOWN, -1.0)):
        for found in words.finditer(said.text):
            moved = (one for one, b in cited.items() if _moves(b, sign) or b.says(found[0]))
            yield Sense(found[0], tuple(moved))
    if any(basis.usual for basis in cited.values()):
        yield from _roles(said, cited)


def _denies(basis: Basis, words: str, is_yet: bool) -> bool:
    """Say whether an item denies something, or its text does in the same words."""
    return basis.denies or (basis.awaits and is_yet) or basis.says(words)


def _moves(basis: Basis, sign: float) -> bool:
    value = basis.value
    return value is not None and any(sign * (value.value - one.value) > 0.0 for one in basis.usual)


def _roles(said: Sentence, cited: Mapping[str, Basis]) -> Iterator[Sense]:
    """Yield numbers that are called expected, and those that only were."""
    places = [*_places(said)]
    for found in _USUAL.finditer(said.text):
        if places:
            nearest = _nearest(places, found.start(), found.end())
            by = tuple(one for one, basis in cited.items() if _fits(nearest.amount, basis.usual))
            yield Sense(f"{found[0]} {nearest.text}", by)
    words = [*_OF_OLD.finditer(said.text)]
    for at in places:
        if _is_only_usual(at.amount, cited):
            near = (one for one in words if _nearest(places, one.start(), one.end()) is at)
            by = tuple(one for one, basis in cited.items() if _fits(at.amount, basis.usual))
            yield Sense(at.text, by if any(near) else ())


class _Place(NamedTuple):
    """A number, and where it stands."""

    start: int
    end: int
    text: str
    amount: Amount


def _places(said: Sentence) -> Iterator[_Place]:
    at = 0
    for text, amount in said.amounts:
        word = re.escape(text.split()[0])
        found = re.compile(rf"(?<![\w.:-]){word}(?![\w:]|[.,-]\d)").search(said.text, at)
        if found is not None:
            at = found.end()
            yield _Place(found.start(), found.end(), text, amount)


def _apart(at: _Place, start: int, end: int) -> int:
    return max(at.start - end, start - at.end)


def _nearest(places: Sequence[_Place], start: int, end: int) -> _Place:
    return min(places, key=lambda at: _apart(at, start, end))


def _fits(amount: Amount, some: Sequence[Amount]) -> bool:
    return any(says(amount, one) for one in some)


def _is_only_usual(amount: Amount, cited: Mapping[str, Basis]) -> bool:
    """Say whether a number is what was expected of a fact, and nothing that was measured."""
    others = [x for basis in cited.values() for x in basis.amounts if x not in basis.usual]
    values = [basis.value for basis in cited.values() if basis.value is not None]
    is_usual = any(_fits(amount, basis.usual) for basis in cited.values())
    return is_usual and not _fits(amount, [*others, *values])
