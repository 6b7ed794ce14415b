"""What a site has taught: how often a wave really shows at a kind of asset, and how soon.

Both begin as `physics` has them and move with what was measured, as Bayes would have it: a beta
prior on the share that shows, a normal one on the logarithm of the delay over the expected one.
"""

from dataclasses import dataclass, field
from math import exp, log, sqrt
from typing import NamedTuple

import numpy as np

from models.cascade.physics import WAVES
from models.site import ASSET_KINDS
from schemas.telemetry import Floats

HITS, MISSES = 3.0, 6.0
"""What is known before anything was measured, in cases."""
KNOWN, SPREAD = 4.0, 0.9
"""The same of delays: cases, and standard deviation of the logarithm."""
LEAST_S = 2.0
"""Delays are told no finer than this."""
TENTH = 1.2815515655446004
"""Of a standard normal: below minus this lies a tenth."""


class Arrival(NamedTuple):
    """When a wave arrives, if it does, after the fault began."""

    p10_s: float
    p50_s: float
    p90_s: float


def _table(value: float) -> Floats:
    return np.full((WAVES, len(ASSET_KINDS)), value)


@dataclass(slots=True)
class Delays:
    """Measured at one site; arrays (waves, kinds of assets)."""

    hits: Floats = field(default_factory=lambda: _table(HITS))
    misses: Floats = field(default_factory=lambda: _table(MISSES))
    many: Floats = field(default_factory=lambda: _table(KNOWN))
    centre: Floats = field(default_factory=lambda: _table(0.0))
    """Mean logarithm of the measured delay over the expected one."""
    squares: Floats = field(default_factory=lambda: _table(KNOWN * SPREAD**2))

    def shows(self, wave: int, kind: int) -> float:
        """Return the share of assets that show a wave which has arrived."""
        hits, misses = self.hits[wave, kind], self.misses[wave, kind]
        return float(hits / (hits + misses))

    def arrival(self, wave: int, kind: int, after_s: float) -> Arrival:
        """Return when it shows, where the graph expects it `after_s`."""
        usual_s = (after_s + LEAST_S) * exp(float(self.centre[wave, kind]))
        factor = exp(TENTH * self._spread(wave, kind))
        return Arrival(usual_s / factor, usual_s, usual_s * factor)

    def pending(self, wave: int, kind: int, after_s: float, passed_s: float) -> float:
        """Return the chance that it comes later than `passed_s`, if it comes."""
        if passed_s <= 0.0:
            return 1.0
        usual = log(after_s + LEAST_S) + float(self.centre[wave, kind])
        return _upper((log(passed_s) - usual) / self._spread(wave, kind))

    def reached(self, wave: int, kind: int, after_s: float, took_s: float) -> None:
        """Learn of an arrival."""
        self.hits[wave, kind] += 1.0
        off = log(max(took_s, 0.0) + LEAST_S) - log(after_s + LEAST_S)
        self.many[wave, kind] += 1.0
        away = off - self.centre[wave, kind]
        self.centre[wave, kind] += away / self.many[wave, kind]
        self.squares[wave, kind] += away * (off - self.centre[wave, kind])

    def spared(self, wave: int, kind: int) -> None:
        """Learn of one that was not reached."""
        self.misses[wave, kind] += 1.0

    def _spread(self, wave: int, kind: int) -> float:
        return sqrt(max(float(self.squares[wave, kind] / self.many[wave, kind]), 0.01))


def _upper(z: float) -> float:
    """Return the upper tail of a normal, to 0.01 (Page 1977, Approximations to the normal)."""
    return 1.0 / (1.0 + exp(min(1.5976 * z + 0.07056 * z**3, 700.0)))
