"""What a site has taught: how often a wave really shows at a kind of asset, and how soon.

Both begin as `physics` has them and move with what was measured, as Bayes would have it: a gamma
prior on the share that shows of those that should, a normal one on the logarithm of the delay over
the expected one. What one incident shows is not independent of itself: it counts as `AN_INCIDENT`
cases at the most, at a wave and kind of asset.
"""

from dataclasses import dataclass, field
from math import erfc, exp, log, sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from models.cascade.physics import WAVES
from models.compiled import compiled
from models.site import ASSET_KINDS
from schemas.telemetry import Floats, Ints

SEEN = 0.5
"""Of those reached, so many are found to show it: not all is measured, some move little."""
HITS, DUE = 3.5 * SEEN, 5.0
"""What is known before anything was measured, in cases: of `DUE` that should show it, `HITS` do."""
KNOWN, SPREAD = 4.0, 0.9
"""The same of delays: cases, and standard deviation of the logarithm."""
AN_INCIDENT = 3.0
LEAST_S = 2.0
"""Delays are told no finer than this."""
SEEN_S = 20.0
"""Between what shows and what is found to show lies so much, about."""
_TENTHS: Final = (0.1, 0.5, 0.9)
_NORMAL: Final = NormalDist()


class Arrival(NamedTuple):
    """When a wave arrives, if it does, after the fault began: p10, p50, p90."""

    p10_s: float
    p50_s: float
    p90_s: float


def _table(value: float) -> Floats:
    return np.full((WAVES, len(ASSET_KINDS)), value)


@dataclass(slots=True)
class Delays:
    """Measured at one site; arrays (waves, kinds of assets)."""

    hits: Floats = field(default_factory=lambda: _table(HITS))
    due: Floats = field(default_factory=lambda: _table(DUE))
    """How many should have shown it, as `physics` has it."""
    many: Floats = field(default_factory=lambda: _table(KNOWN))
    centre: Floats = field(default_factory=lambda: _table(0.0))
    """Mean logarithm of the measured delay over the expected one."""
    squares: Floats = field(default_factory=lambda: _table(KNOWN * SPREAD**2))

    def shows(self) -> Floats:
        """Return how many are reached, seen or not, of each that `physics` expects (waves, kinds).

        Over 1.0 where `physics` expects too few.
        """
        share: Floats = self.hits / (SEEN * self.due)
        return share

    def arrival(self, wave: int, kind: int, after_s: float, passed_s: float = 0.0) -> Arrival:
        """Return when it shows, where the graph expects it `after_s`, and it has not by now."""
        usual = log(after_s + LEAST_S) + float(self.centre[wave, kind])
        sd = float(self._spread()[wave, kind])
        gone = 1.0 - later(usual, sd, passed_s)
        ranks = (min(gone + (1.0 - gone) * tenth, 1.0 - 1e-6) for tenth in _TENTHS)
        times_s = (exp(usual + sd * _NORMAL.inv_cdf(rank)) for rank in ranks)
        return Arrival(*(max(one, passed_s) for one in times_s))

    def pending(self, waves: Ints, kinds: Ints, after_s: Floats, passed_s: float) -> Floats:
        """Return the chance of each (a,) that it comes later than `passed_s`, if it comes: (a,)."""
        return each_later(waves, kinds, after_s, (self.centre, self._spread()), passed_s)

    def reached(
        self, at: tuple[int, int], after_s: float, took_s: float, weight: float = 1.0
    ) -> None:
        """Learn of an arrival. `at`: wave and kind; `weight`: as so many cases."""
        self.hits[at] += weight
        off = log(max(took_s, 0.0) + LEAST_S) - log(after_s + LEAST_S)
        self.many[at] += weight
        away = off - self.centre[at]
        self.centre[at] += weight * away / self.many[at]
        self.squares[at] += weight * away * (off - self.centre[at])

    def expected(self, at: tuple[int, int], weight: float = 1.0) -> None:
        """Learn that one should have been reached, by now, whether it was or not."""
        self.due[at] += weight

    def _spread(self) -> Floats:
        spread: Floats = np.sqrt(np.maximum(self.squares / self.many, 0.01))
        return spread


@compiled
def later(usual: float, spread: float, passed_s: float) -> float:
    """Return the chance of a time whose logarithm is normal to be more than `passed_s`."""
    if passed_s <= 0.0:
        return 1.0
    return 0.5 * erfc((log(passed_s) - usual) / (spread * sqrt(2.0)))


@compiled
def each_later(
    waves: Ints, kinds: Ints, after_s: Floats, known: tuple[Floats, Floats], passed_s: float
) -> Floats:
    """Return it of each (a,), which the graph expects `after_s`. `known`: centre and spread."""
    centre, spread = known
    found = np.ones(after_s.size)
    for i in range(after_s.size):
        at = waves[i], kinds[i]
        found[i] = later(log(after_s[i] + LEAST_S) + centre[at], spread[at], passed_s)
    return found
