"""The claims of a draft, each held against the record. What nothing supports is struck.

A sentence is judged by what it cites, not by all that the record has; a number counts only where
an asset that it is of is named, if any is. A sentence goes as a whole, and so does one that says
nothing that could be checked. What is not looked at: grammar beyond the words around a number or
time, and proper names of one plain word.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import combinations
from typing import Final

from models.report import cause
from models.report.basis import Basis, bases
from models.report.moments import times
from models.report.orders import orders
from models.report.read import Sentence as Parsed
from models.report.read import nameable, read, stems, without_names
from models.report.sense import senses
from models.report.units import Amount, says
from models.report.vocabulary import words
from schemas.report import Claim, ClaimKind, Record, Section, Sentence

_MOST_TIMES: Final = 12
_QUALITY: Final = re.compile(r"\b(?:quality|good|reliable)\b", re.IGNORECASE)


class Checker:
    """A record that sentences are held against."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.bases = bases(record)

    @cached_property
    def names(self) -> frozenset[str]:
        """All names that the record has."""
        return frozenset[str]().union(*(one.names for one in self.bases.values()))

    @cached_property
    def known(self) -> list[str]:
        """Those that may stand unquoted."""
        return nameable(self.names)

    @cached_property
    def stems(self) -> frozenset[str]:
        """What its names begin with."""
        return stems(self.names)

    def claims(self, sentence: Sentence, section: Section) -> list[Claim]:
        """Return every claim of a sentence; those without `by` are not supported."""
        missing = [one for one in sentence.cites if one not in self.bases]
        found = [Claim(kind=ClaimKind.SOURCE, text=one) for one in missing]
        if not sentence.cites:
            found.append(Claim(kind=ClaimKind.SOURCE, text="cites nothing"))
        if section is Section.DO:
            return [*found, self._advice(sentence)]
        cited = {one: self.bases[one] for one in sentence.cites if one in self.bases}
        said = read(sentence.text, self.known, self.stems)
        found += _names(said, cited)
        found += _strange(said, cited)
        owners = _owners(said, cited)
        found += _numbers(said, owners)
        found += times(said, owners)
        found += _senses(said, owners)
        found += [Claim(kind=x.kind, text=x.text, by=x.by) for x in words(said, owners)]
        for one in cause.statements(self.record, said, owners):
            found.append(Claim(kind=ClaimKind.CAUSE, text=one.text, by=one.by))
        bad = orders(without_names(said.text))
        found += [Claim(kind=ClaimKind.ORDER, text=one) for one in bad]
        return found or [Claim(kind=ClaimKind.SOURCE, text=sentence.text)]

    def _advice(self, sentence: Sentence) -> Claim:
        by = tuple(
            one
            for one in sentence.cites
            if one in self.bases and self.bases[one].advice == sentence.text
        )
        return Claim(kind=ClaimKind.ORDER, text=sentence.text, by=by)


def is_struck(claims: Sequence[Claim]) -> bool:
    """Say whether a sentence with these claims is not let through."""
    return any(not one.by for one in claims)


Cited = Mapping[str, Basis]


def _names(said: Parsed, cited: Cited) -> Iterator[Claim]:
    for name in said.names.values():
        by = tuple(
            one
            for one, basis in cited.items()
            if name in basis.names | basis.quoted | basis.hearsay or _stands_in(name, basis)
        )
        yield Claim(kind=ClaimKind.NAME, text=name, by=by)


def _strange(said: Parsed, cited: Cited) -> Iterator[Claim]:
    for word in said.strange:
        by = tuple(
            one
            for one, basis in cited.items()
            if one == word or _stands_in(word, basis) or _is_numbered(word, basis)
        )
        yield Claim(kind=ClaimKind.NAME, text=word, by=by)


def _stands_in(word: str, basis: Basis) -> bool:
    """Say whether a word stands as such in a text of the record."""
    return any(f" {word} " in _spaced(one) for one in basis.quoted)


def _spaced(text: str) -> str:
    return " " + "".join(" " if c in ",;()[]'\"" else c for c in text).replace(": ", " ") + " "


def _is_numbered(word: str, basis: Basis) -> bool:
    """Say whether `GPU 3` is a name that ends so: `node-01/gpu3`."""
    kind, _, number = word.lower().partition(" ")
    return bool(number) and any(
        one.lower().endswith((f"{kind}{number}", f"{kind}-{number}", f"{kind}_{number}"))
        for one in basis.names
    )


def _owners(said: Parsed, cited: Cited) -> dict[str, Basis]:
    """Return what may support numbers and times: of an asset that is named, or of none."""
    told = set(said.names.values())
    is_named = any(told & basis.names for basis in cited.values())
    return {
        one: basis
        for one, basis in cited.items()
        if not is_named or not basis.names or told & basis.names
    }


def _numbers(said: Parsed, owners: Cited) -> Iterator[Claim]:
    apart = _apart([time for basis in owners.values() for time in basis.times])
    is_quality = bool(_QUALITY.search(said.text))
    for text, amount in said.amounts:
        by = [one for one, basis in owners.items() if _supports(basis, amount, is_quality)]
        if not by and any(says(amount, one) for one in apart):
            by = [one for one, basis in owners.items() if basis.times]
        yield Claim(kind=ClaimKind.NUMBER, text=text, by=tuple(by))


def _supports(basis: Basis, amount: Amount, is_quality: bool) -> bool:
    some = [*basis.amounts, *filter(None, [basis.quality if is_quality else None])]
    return any(says(amount, one) for one in some)


def _apart(times: Sequence[datetime]) -> list[Amount]:
    """Return how long it is from each to each, in s."""
    pairs = combinations(dict.fromkeys(times[:_MOST_TIMES]), 2)
    return [Amount(abs((a - b).total_seconds()), "s") for a, b in pairs]


def _senses(said: Parsed, owners: Cited) -> Iterator[Claim]:
    for one in senses(said, owners):
        yield Claim(kind=ClaimKind.SENSE, text=one.text, by=one.by)
