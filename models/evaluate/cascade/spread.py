"""How good it is to say who follows and who is next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan
from typing import NamedTuple

import numpy as np

from models.cascade.telling import FOLLOWERS
from models.evaluate.cascade.record import Case, Record
from models.evaluate.cascade.verdict import Verdict
from schemas.cascade import Next


class Named(NamedTuple):
    """Followers, counted."""

    right: int
    """Named, and the fault moved them while it lasted."""
    named: int
    due: int
    """Moved before the event was told, as far as it has room: it names `FOLLOWERS` at most."""

    @property
    def precision(self) -> float:
        """Share of the named that was moved; NaN: none was named."""
        return self.right / self.named if self.named else nan

    @property
    def recall(self) -> float:
        """Share of those due that were named and right; NaN: none was due."""
        return min(self.right / self.due, 1.0) if self.due else nan


def named(verdicts: Iterable[Verdict]) -> Named:
    """Count the followers of what each incident said in the end."""
    counts = [_named(one) for one in verdicts]
    return (
        Named(*(sum(column) for column in zip(*counts, strict=True))) if counts else Named(0, 0, 0)
    )


def _named(verdict: Verdict) -> Named:
    case, last = verdict.case, verdict.last
    if last is None:
        return Named(0, 0, min(len(case.moved.keys() - case.right), FOLLOWERS))
    told = {one.asset for one in last.body.followers} - case.right
    before = {asset for asset, at_s in case.moved.items() if at_s <= last.at_s} - case.right
    return Named(len(told & case.moved.keys()), len(told), min(len(before), FOLLOWERS))


@dataclass(frozen=True, slots=True)
class Foretold:
    """One asset that an event said was next."""

    probability: float
    moved: bool
    """By the fault, after the event, while it lasted."""
    already: bool
    """By the fault, before the event, which had not seen it."""
    off_s: float
    """How far from the foretold p50 it was moved; NaN: it was not."""


def foretold(record: Record, verdicts: Iterable[Verdict]) -> list[Foretold]:
    """Return all that was said to be next by any event of the incidents of faults."""
    return [
        _foretold(record, one.case, telling.at_s, each)
        for one in verdicts
        for telling in one.tellings
        for each in telling.body.spread
    ]


def _foretold(record: Record, case: Case, at_s: float, said: Next) -> Foretold:
    moved_s = case.moved.get(said.asset, nan)
    off_s = abs(record.since(said.p50) - moved_s)
    return Foretold(said.probability, moved_s > at_s, moved_s <= at_s, off_s)


class Brier(NamedTuple):
    """Mean square of how far probabilities are off: 0 is perfect, lower is better."""

    told: int
    score: float
    base: float
    """The score of always saying how often it happens."""


def brier(said: Sequence[float], happened: Sequence[bool]) -> Brier:
    """Score probabilities; NaN where there is none."""
    if not said:
        return Brier(0, nan, nan)
    rate = float(np.mean(happened))
    off = np.asarray(said) - np.asarray(happened, np.float64)
    return Brier(len(said), float(np.mean(off**2)), rate * (1.0 - rate))
