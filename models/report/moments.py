"""Times of a sentence: each has to be one of a record, and the one that it is called.

`since`, `as of`, `between ... and ...`, `about`, `reached at`: the word before a time says which of
an item's times it is.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from models.report.basis import Basis, When
from models.report.read import Clock, Sentence
from schemas.report import Claim, ClaimKind

_SAID: Final = {
    When.SINCE: "since|began|begun|started",
    When.NOW: "as of|now|by now",
    When.EARLIEST: "between|from|p10|earliest|soonest",
    When.MIDDLE: "about|around|p50|median|most likely",
    When.LATEST: "and|to|until|till|p90|latest",
    When.EXPECTED: "for|foretold|expected|predicted",
    When.REACHED: "reached|arrived|came|hit",
}
_CALLED: Final = {
    when: re.compile(rf"\b(?:{words})(?: (?:at|on|for|by))?:?\s*$", re.IGNORECASE)
    for when, words in _SAID.items()
}
_LAST_YEAR = 9999


def times(said: Sentence, owners: Mapping[str, Basis]) -> Iterator[Claim]:
    """Yield the times of a sentence. `owners`: what may support them."""
    at = 0
    for text, clock in said.times:
        at = max(said.text.find(text, at), at)
        by = tuple(_by(clock, said.text[:at], owners))
        at += len(text)
        yield Claim(kind=ClaimKind.TIME, text=text, by=by)


def _by(clock: Clock, before: str, owners: Mapping[str, Basis]) -> Iterator[str]:
    """Yield what has this time; where it is called something, what has it as that."""
    called = [when for when, words in _CALLED.items() if words.search(before)]
    called = [when for when in called if any(when in basis.whens for basis in owners.values())]
    for one, basis in owners.items():
        told = [basis.whens[when] for when in called if when in basis.whens]
        if any(_is(clock, time) for time in (told if called else basis.times)):
            yield one


def _is(clock: Clock, time: datetime) -> bool:
    """Say whether a time, cut or rounded to what is told of it, is the one that is told."""
    if not clock.is_utc:
        return False
    half = timedelta(seconds=0.5 if clock.has_seconds else 30)
    near = (time, time + half) if time.year < _LAST_YEAR else (time,)
    return any(_same(clock, one) for one in near)


def _same(clock: Clock, time: datetime) -> bool:
    if clock.day is not None and clock.day != time.date():
        return False
    if clock.at is None:
        return clock.day is not None
    seconds = time.second if clock.has_seconds else 0
    return (clock.at.hour, clock.at.minute, clock.at.second) == (time.hour, time.minute, seconds)
