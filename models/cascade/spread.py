"""Who has been reached by a cause, over which way, and who is next and when."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from models.cascade.delays import Arrival, Delays
from models.cascade.explain import Reasoner, Rival
from models.cascade.physics import WAVES
from models.cascade.reach import NO_ONE, clean, search
from schemas.telemetry import Floats, Ints

TOLD = 0.1
"""Chance below which nobody is told to be next."""


class Course(NamedTuple):
    """How far a cause reaches."""

    assets: Ints
    """(a,) that should be reached, its own ends left out, by the likeliest wave of each."""
    waves: Ints
    """(a,)"""
    chance: Floats
    """(a,): that the wave arrives and shows."""
    after_s: Floats
    """(a,): when, after the fault began, as the graph has it."""
    states: Ints
    """(t,) asset x waves + wave of all that was reached, sorted."""
    parent: Ints
    """(t,): the state it came from; -1: a root."""
    how: Ints
    """(t,): over which edge, 2 x kind + 1 if against its direction; -1: none."""

    def place(self, asset: int) -> int:
        """Return the row of an asset; -1: it is not reached."""
        row = int(np.searchsorted(self.assets, asset))
        return row if row < self.assets.size and self.assets[row] == asset else NO_ONE

    def way(self, row: int) -> tuple[int, ...]:
        """Return how it comes to the asset in `row`, edge by edge."""
        state, hows = int(self.assets[row] * WAVES + self.waves[row]), []
        while state != NO_ONE:
            at = int(np.searchsorted(self.states, state))
            hows.append(int(self.how[at]))
            state = int(self.parent[at])
        return tuple(how for how in reversed(hows) if how != NO_ONE)


class Coming(NamedTuple):
    """One asset that is next."""

    row: int
    """Of the course."""
    probability: float
    arrival: Arrival
    """After the fault began."""


@dataclass(slots=True)
class Spread:
    """Follows causes through a site, and learns of what came of it."""

    reasoner: Reasoner
    delays: Delays

    def course(self, cause: Rival) -> Course:
        """Return how far `cause` reaches."""
        reasoner, reached = self.reasoner, self.reasoner.reached
        roots = [cause.asset] if cause.other < 0 else [cause.asset, cause.other]
        fault = cause.fault
        search(reasoner.site, reasoner.tables, np.array(roots, np.int64), fault, reached)
        states = np.sort(reached.touched[: reached.size[0]])
        assets, waves = np.divmod(states, WAVES)
        shows = self.delays.hits / (self.delays.hits + self.delays.misses)
        chance = reached.chance[assets, waves] * shows[waves, reasoner.site.kinds[assets]]
        order = np.lexsort((waves, -chance, assets))
        first = order[np.unique(assets[order], return_index=True)[1]]
        first = first[~np.isin(assets[first], roots)]
        after_s = reached.after_s[assets, waves]
        parent = reached.parent[assets, waves].astype(np.int64)
        how = reached.how[assets, waves].astype(np.int64)
        clean(reached)
        return Course(
            assets[first], waves[first], chance[first], after_s[first], states, parent, how
        )

    def coming(self, course: Course, rows: Ints, passed_s: float) -> list[Coming]:
        """Say who of `rows`, not reached after `passed_s`, still will be; the likeliest first."""
        found = [self._coming(course, int(row), passed_s) for row in rows]
        told = [one for one in found if one.probability >= TOLD]
        return sorted(told, key=lambda one: (-one.probability, one.arrival.p50_s, one.row))

    def _coming(self, course: Course, row: int, passed_s: float) -> Coming:
        wave, kind = int(course.waves[row]), self._kind(course, row)
        after_s, chance = float(course.after_s[row]), float(course.chance[row])
        pending = chance * self.delays.pending(wave, kind, after_s, passed_s)
        probability = pending / (1.0 - chance + pending)
        return Coming(row, probability, self.delays.arrival(wave, kind, after_s))

    def learn(self, course: Course, row: int, took_s: float | None) -> None:
        """Learn when an asset was reached; None: it was not."""
        wave, kind = int(course.waves[row]), self._kind(course, row)
        if took_s is None:
            self.delays.spared(wave, kind)
        else:
            self.delays.reached(wave, kind, float(course.after_s[row]), took_s)

    def _kind(self, course: Course, row: int) -> int:
        return int(self.reasoner.site.kinds[course.assets[row]])
