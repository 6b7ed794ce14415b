"""The fewest causes that explain what is seen, and how sure that is.

The likeliest set of causes is looked for step by step: the cause that explains most of what is not
explained yet, less what it costs, comes next; then each is held against what could stand in its
place. A cause is published with those that could, by their odds (`TEMPER` makes up for signs that
are not independent of each other).

Source: greedy maximum a posteriori explanation in two-layer noisy-or networks, as in Steinder and
Sethi 2004, Probabilistic fault localization in communication systems using belief networks.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.cascade.candidates import candidates
from models.cascade.far import Far
from models.cascade.physics import FAULTS, Physics
from models.cascade.reach import Ground, Reached
from models.cascade.signs import Signs
from models.cascade.weigh import Candidates, Weights, weigh
from models.site import Graph
from schemas.cascade import Fault
from schemas.telemetry import Floats, Ints

MARGIN = 2.0
"""Log odds that a cause must be worth."""
MOST = 64
"""Causes at once."""
SPLITS = 8
"""The worthiest of the causes are held against two others in their place."""
SAME = 0.97
"""Two that explain as much of the same are not taken for each other there."""
TEMPER = 4.0
ALIKE = 0.5
"""A candidate stands in for a cause where it explains at least this share of the same signs."""
RANKED = 64
"""Rivals of a cause: where many are alike, the one that was named stays named."""
WORKLOAD = FAULTS.index(Fault.WORKLOAD)
AT_ONCE = 65_536
"""So many gains are held against others at once: as many as stay in the cache."""


class Rival(NamedTuple):
    """One that may be the cause."""

    asset: int
    other: int
    """The other end of a link; -1: it is no link."""
    fault: int
    probability: float
    onset_s: float


@dataclass(frozen=True, slots=True)
class Explained:
    """One cause and what it explains."""

    rivals: tuple[Rival, ...]
    """The most likely first, each asset once as a fault and once as other work; the first of these
    explains `signs`."""
    signs: Ints
    """Places in `Signs` that it explains, better than others do; as well, if it is the first."""
    worth: float
    """Log odds that it is there, whichever of its faults it is."""
    own: float
    """Of that, what it shows of its own."""
    beyond: float
    """What it would be worth without the signs that a job's other work explains, too."""

    @property
    def cause(self) -> Rival:
        """Return the most likely."""
        return self.rivals[0]


@dataclass(slots=True)
class Reasoner:
    """A site and what is known of how trouble spreads; `explain` asks it."""

    graph: Graph
    site: Ground
    tables: Physics
    reached: Reached
    far: Far = field(default_factory=Far)

    def explain(self, signs: Signs, now_s: float) -> tuple[Explained, ...]:
        """Return the causes of `signs`, the worthiest first."""
        if signs.asset.size == 0:
            self.far.ask(())
            return ()
        found = candidates(self.graph, self.site, self.tables, signs)
        n = found.asset.size
        if n == 0:
            return ()
        gain = np.zeros((n, signs.asset.size), np.float32)
        weights = Weights(gain, np.zeros(n), np.zeros(n), np.zeros(n))
        weigh(self.site, self.tables, signs, found, now_s, self.reached, weights, self.far)
        price = found.cost + weights.against
        chosen = settle(gain, price, choose(gain, price))
        apart = settle(gain, price, split(gain, price, chosen))
        chosen = apart if total(gain, price, apart) > total(gain, price, chosen) else chosen
        return tuple(_explained(found, weights, chosen, c) for c in chosen)


def choose(gain: npt.NDArray[np.float32], price: Floats) -> list[int]:
    """Choose causes one by one. `gain`: (c, s), `price`: (c,)."""
    chosen: list[int] = []
    while len(chosen) < MOST:
        net = worths(gain, price, chosen)
        c = int(np.argmax(net))
        if net[c] < MARGIN:
            break
        chosen.append(c)
    return chosen


def settle(gain: npt.NDArray[np.float32], price: Floats, chosen: list[int]) -> list[int]:
    """Hold each cause against what could stand in its place, and drop what others explain."""
    for _ in range(3):
        before = list(chosen)
        for c in before:
            others = [one for one in chosen if one != c]
            net = worths(gain, price, others)
            best = int(np.argmax(net))
            chosen = [*others, best] if net[best] >= MARGIN else others
        if chosen == before:
            break
    return list(dict.fromkeys(chosen))


def split(gain: npt.NDArray[np.float32], price: Floats, chosen: list[int]) -> list[int]:
    """Take two causes for one where that is likelier: greed takes first what explains most.

    A fault that might have done what a job does meanwhile, too, is such a one.
    """
    worth = total(gain, price, chosen)
    for c in chosen[: min(SPLITS, MOST - len(chosen))]:
        others = [one for one in chosen if one != c]
        two, same = list(others), likes(gain, c)
        while len(two) < len(others) + 2:
            net = worths(gain, price, two)
            net[two] = -np.inf
            net[same] = -np.inf
            best = int(np.argmax(net))
            if net[best] == -np.inf:  # there is no other
                break
            two.append(best)
        if (whole := total(gain, price, two)) > worth:
            chosen, worth = two, whole
    return chosen


def likes(gain: npt.NDArray[np.float32], c: int) -> npt.NDArray[np.bool_]:
    """Say which candidates explain nearly what `c` does, itself too: (c,)."""
    shared, whole = np.zeros(len(gain)), np.zeros(len(gain))
    for some in portions(gain):
        shared[some], whole[some] = np.minimum(gain[some], gain[c]).sum(1), gain[some].sum(1)
    same: npt.NDArray[np.bool_] = shared >= SAME * np.maximum(whole, whole[c])
    return same


def total(gain: npt.NDArray[np.float32], price: Floats, chosen: list[int]) -> float:
    """Return what a set of causes is worth."""
    return float(most(gain, chosen).sum() - price[chosen].sum())


def worths(gain: npt.NDArray[np.float32], price: Floats, others: list[int]) -> Floats:
    """Return what each candidate is worth beside `others`: (c,)."""
    best, worth = most(gain, others), -price
    for some in portions(gain):
        worth[some] += np.maximum(gain[some] - best, 0.0).sum(1)
    return worth


def portions(gain: npt.NDArray[np.float32]) -> list[slice]:
    """Return rows of `gain` that stay in the cache together."""
    rows = max(AT_ONCE // max(gain.shape[1], 1), 1)
    return [slice(c, c + rows) for c in range(0, len(gain), rows)]


def most(gain: npt.NDArray[np.float32], chosen: list[int]) -> npt.NDArray[np.float32]:
    """Return how well `chosen` explain each sign: (s,)."""
    best: npt.NDArray[np.float32] = gain[chosen].max(0, initial=0.0)
    return best


def owned(gain: npt.NDArray[np.float32], others: list[int], c: int) -> Ints:
    """Return which signs `c` explains better than `others` do, or as well, if it is the first."""
    before, after = ([one for one in others if (one < c) == first] for first in (True, False))
    best, so_far = most(gain, after), most(gain, before)
    return np.flatnonzero((gain[c] > so_far) & (gain[c] >= best))


def _explained(found: Candidates, weights: Weights, chosen: list[int], c: int) -> Explained:
    gain, price = weights.gain, found.cost + weights.against
    others = [one for one in chosen if one != c]
    mine = owned(gain, others, c)
    worth = worths(gain, price, others)
    shared = np.minimum(gain[:, mine], gain[c, mine]).sum(1)
    rivals = np.flatnonzero((shared >= ALIKE * float(gain[c, mine].sum())) & (worth > 0.0))
    own = float(weights.own[c])
    is_work = found.fault[rivals] == WORKLOAD
    is_here = (found.asset[rivals] == found.asset[c]) & (found.other[rivals] == found.other[c])
    here = rivals[is_here & (is_work == (found.fault[c] == WORKLOAD))]
    whole = float(np.logaddexp.reduce(worth[here], initial=worth[c] if here.size == 0 else -np.inf))
    work = [one for one in others if found.fault[one] == WORKLOAD]
    too = np.maximum(gain[c] - most(gain, others), 0.0)[most(gain, work) > 0.0]
    beyond = whole - float(too.sum())
    return Explained(_ranked(found, weights, worth, rivals), mine, whole, own, beyond)


def _ranked(found: Candidates, weights: Weights, worth: Floats, rivals: Ints) -> tuple[Rival, ...]:
    """Turn worth into probabilities; an asset's, or a link's, faults are added up; work is none."""
    order = rivals[np.argsort(-worth[rivals], kind="stable")]
    odds = np.exp((worth[order] - worth[order[0]]) / TEMPER)
    total = float(odds.sum()) + float(np.exp(-worth[order[0]] / TEMPER))
    first: dict[tuple[int, int, bool], Rival] = {}
    for c, share in zip(order.tolist(), (odds / total).tolist(), strict=True):
        ends, fault = (int(found.asset[c]), int(found.other[c])), int(found.fault[c])
        place = *ends, fault == WORKLOAD
        if place in first:
            first[place] = first[place]._replace(probability=first[place].probability + share)
        else:
            first[place] = Rival(*ends, fault, share, float(weights.onset_s[c]))
    ranked = sorted(first.values(), key=lambda rival: -rival.probability)
    return tuple(ranked[:RANKED])
