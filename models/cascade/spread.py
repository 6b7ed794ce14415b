"""Who has been reached by a cause, over which way, and who is next and when.

How many show a wave is known beforehand only roughly: of a mild fault few do, of a severe one all.
So it is learned within the incident, too: those of a kind that should have shown it by now, and do
or do not, say how likely the others will (a gamma prior of `CASES`; its mean is what the site has
taught). An asset that has shown nothing for long is likely not to: its delay has passed.
"""

from dataclasses import dataclass
from math import isnan
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.cascade.delays import AN_INCIDENT, SEEN, SEEN_S, Arrival, Delays
from models.cascade.explain import Reasoner, Rival
from models.cascade.physics import WAVES
from models.cascade.reach import LEAST, NO_ONE, Ground, Reached, clean, search
from models.compiled import compiled
from models.site import ASSET_KINDS
from schemas.cascade import AssetKind
from schemas.telemetry import Floats, Ints

Flags = npt.NDArray[np.bool_]

TOLD = 0.1
"""Chance below which nobody is told to be next."""
CASES = 2.0
"""So many cases of the incident itself count as much as all that was known before."""
SUREST = 0.95
"""Nothing that is still to come is likelier."""
NEVER = np.isin(ASSET_KINDS, (AssetKind.JOB, AssetKind.PLACE))
"""Kinds that nothing is measured of: they are reached, and show nothing."""


class Course(NamedTuple):
    """How far a cause reaches."""

    assets: Ints
    """(a,) that should be reached, its own ends left out, by the likeliest wave of each."""
    waves: Ints
    """(a,)"""
    chance: Floats
    """(a,): that the wave arrives."""
    after_s: Floats
    """(a,): when, after the fault began, as the graph has it."""
    kinds: Ints
    """(a,): of the assets."""
    states: Ints
    """(t,) asset x waves + wave of all that was reached, sorted."""
    parent: Ints
    """(t,): the state it came from; -1: a root."""
    how: Ints
    """(t,): over which edge, 2 x kind + 1 if against its direction; -1: none."""

    @property
    def near(self) -> Flags:
        """Say to which ways lead that are followed as a rule (`LEAST`): (a,)."""
        return self.chance >= LEAST

    def rows(self, assets: Ints) -> Ints:
        """Return the rows of `assets` (k,); -1: it is not reached."""
        rows = np.searchsorted(self.assets, assets)
        found = np.append(self.assets, NO_ONE)[rows] == assets
        return np.where(found & (assets >= 0), rows, NO_ONE)

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
    """That it is reached, or was, and is not seen yet."""
    arrival: Arrival
    """After the fault began."""


@compiled
def likeliest(site: Ground, states: Ints, shows: Floats, reached: Reached) -> Ints:
    """Return of each asset in `states` (t,) the row of the wave that shows the most; the first.

    `states`: sorted. `shows`: (waves, kinds), what a wave shows in a kind.
    """
    rows, many, last, most = np.zeros(states.size, np.int64), 0, NO_ONE, 0.0
    for k in range(states.size):
        asset, wave = divmod(states[k], WAVES)
        says = reached.chance[wave, asset] * shows[wave, site.kinds[asset]]
        if asset != last or says > most:
            many += asset != last
            rows[many - 1], last, most = k, asset, says
    return rows[:many]


@compiled
def steps(states: Ints, reached: Reached) -> tuple[Ints, Ints]:
    """Return of each of `states` (t,) the one it came from, and how."""
    parent, how = np.zeros(states.size, np.int64), np.zeros(states.size, np.int64)
    for k in range(states.size):
        asset, wave = divmod(states[k], WAVES)
        parent[k], how[k] = reached.parent[wave, asset], reached.how[wave, asset]
    return parent, how


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
        least = LEAST * float(reasoner.tables.rarest[fault])
        search(reasoner.site, reasoner.tables, np.array(roots, np.int64), (fault, least), reached)
        states = np.sort(reached.touched[: reached.size[0]])
        first = likeliest(reasoner.site, states, self.delays.shows(), reached)
        assets, waves = np.divmod(states[first], WAVES)
        others = ~np.isin(assets, roots)
        assets, waves = assets[others], waves[others]
        came = reached.chance[waves, assets], reached.after_s[waves, assets]
        kinds = reasoner.site.kinds[assets].astype(np.int64)
        ways = steps(states, reached)
        clean(reached)
        return Course(assets, waves, *came, kinds, states, *ways)

    def coming(self, course: Course, is_seen: Flags, passed_s: float, felt: float) -> list[Coming]:
        """Say who will be reached, of those not seen after `passed_s`; the likeliest first.

        `is_seen`: (a,), which of the course show anything. `felt`: how much of the fault is felt
        elsewhere, as far as it is known beforehand, 0..1.
        """
        likely = self.likely(course, is_seen, passed_s, felt)
        rows = np.flatnonzero(~is_seen & ~NEVER[course.kinds] & (likely >= TOLD)).tolist()
        ways = [self._of(course, row) for row in rows]
        when = {way: self.delays.arrival(*way, passed_s) for way in dict.fromkeys(ways)}
        chance, p50_s = likely[rows], np.array([when[way].p50_s for way in ways])
        order = np.lexsort((p50_s, -chance))
        told = zip(order.tolist(), chance[order].tolist(), strict=True)
        return [Coming(rows[i], probability, when[ways[i]]) for i, probability in told]

    def likely(self, course: Course, is_seen: Flags, passed_s: float, felt: float) -> Floats:
        """Return how likely each still is reached, or was and is not seen yet: (a,), 0..1."""
        ways = course.waves, course.kinds, course.after_s
        late = self.delays.pending(*ways, passed_s - SEEN_S)
        cell = course.waves * len(ASSET_KINDS) + course.kinds
        near = course.near
        many = np.bincount(cell, is_seen & near)
        first = np.where(self._at_once(course, is_seen, cell), 1.0 / (1.0 + many[cell]), 1.0)
        come = np.where(is_seen, 1.0, 1.0 - np.minimum(late, first))
        due = np.bincount(cell, course.chance * come * near)
        seen = many / SEEN
        shows = self.delays.shows().ravel()[: due.size]
        share = ((felt * shows * CASES + seen) / (CASES + due))[cell]
        chance = np.minimum(course.chance * share, SUREST)
        likely: Floats = chance * late / (1.0 - chance + chance * late)
        return likely

    @staticmethod
    def _at_once(course: Course, is_seen: Flags, cell: Ints) -> Flags:
        """Say which are due no later than one of their `cell` that is seen, and soon: (a,).

        Of n that come at once, in any order, the chance that one more is the last is 1 / (n + 1).
        """
        upto_s = np.full(int(cell.max(initial=0)) + 1, -1.0)
        np.maximum.at(upto_s, cell[is_seen], course.after_s[is_seen])
        found: Flags = course.after_s <= np.minimum(upto_s, SEEN_S)[cell]
        return found

    def learn(self, course: Course, took_s: Floats) -> None:
        """Learn when each asset was reached; NaN: it was not. `took_s`: (a,)."""
        cell = course.waves * len(ASSET_KINDS) + course.kinds
        near = course.near
        many = np.bincount(cell, near)[cell]
        for row in np.flatnonzero(near).tolist():
            wave, kind, after_s = self._of(course, row)
            weight = min(AN_INCIDENT / float(many[row]), 1.0)
            self.delays.expected((wave, kind), weight * float(course.chance[row]))
            if not isnan(took_s[row]):
                self.delays.reached((wave, kind), after_s, float(took_s[row]), weight)

    def _of(self, course: Course, row: int) -> tuple[int, int, float]:
        return int(course.waves[row]), int(course.kinds[row]), float(course.after_s[row])
