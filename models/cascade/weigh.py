"""How well each candidate explains each sign: log odds against chance.

A sign is explained as well as a wave of the candidate is likely to be there, to show such a sign,
and to have come by then; against it stands how rarely such a sign comes by itself (`Signs.weight`).
What a candidate would have reached by now, and has not, speaks against it.
"""

from math import exp, log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.cascade.physics import Physics, Wave
from models.cascade.reach import Ground, Reached, clean, search
from models.cascade.says import Says
from models.compiled import compiled
from schemas.telemetry import Floats, Ints

EARLY_S = 10.0
"""A sign this much before its cause is by chance: time constant in s."""
LATE_S, LATE = 20.0, 0.001
"""A sign later than twice what a wave takes: time constant in s, on top of the wave's own delay;
least."""
PROXIMAL = 0.3
"""A fault's own sign of this chance dates it."""
EXPECTED, VISIBLE, MISSED = 0.3, 0.5, 2.0
"""Reached with this chance an asset is expected to show it; this share of them does, as not all are
measured; the most that the absence of a wave speaks against a cause: it may be too weak."""
SPEAK = 8.0
"""The same where an outage is said to come from a feed that shows nothing itself: those that it
feeds, and that go on as before, are fed."""
SURE = 1.0
"""A sign is explained where the odds are at least this, in log."""
DOUBT, FAINT = 3.0, 0.001
"""A wave that too few show is believed as the share of them that do, to this power; the least."""
ALIKE = 0.02
"""What comes from elsewhere reaches peers alike: of its chance, what is left where they differ; of
a job's other work, that again."""
QUIET, MUTE = 5.0, 8.0
"""What it costs where the cause shows nothing of its own: it may not be measured; where it shows
something else, it is."""
CHANGE, OUTAGE, OTHER = int(Wave.CHANGE), int(Wave.OUTAGE), int(Says.OTHER)
SETTLED_S = 20.0
"""After this time an expected sign should have been seen."""


class Signs(NamedTuple):
    """What is to be explained, sorted by nothing; arrays (s,)."""

    asset: Ints
    says: Ints
    medium: Ints
    """Code of `models.site.MEDIUMS`; 0: it tells none."""
    onset_s: Floats
    """Against any epoch."""
    slack_s: Floats
    """How far the onset may be off: some detectors take their time."""
    weight: Floats
    """-log of the chance that such a sign comes by itself in the time that is looked at."""
    apart: npt.NDArray[np.bool_]
    """Its peers do not say so."""
    share: Floats
    """0..1, how much of it counts: many alike are not independent of each other."""


class Candidates(NamedTuple):
    """What may be the cause; arrays (c,)."""

    asset: Ints
    other: Ints
    """The other end of a link; -1: it is no link."""
    fault: Ints
    cost: Floats
    """-log of the chance that such a fault comes in the time that is looked at."""


class Weights(NamedTuple):
    """What each candidate is worth."""

    gain: npt.NDArray[np.float32]
    """(c, s): log odds of the sign under the candidate against chance; 0.0: not explained."""
    own: Floats
    """(c,): of it what the candidate's own signs say."""
    onset_s: Floats
    """(c,): when the fault began."""
    against: Floats
    """(c,): what was expected and is not seen, in log odds."""


@compiled
def weigh(  # noqa: PLR0913, PLR0917 - one loop over candidates
    site: Ground,
    tables: Physics,
    signs: Signs,
    candidates: Candidates,
    now_s: float,
    reached: Reached,
    weights: Weights,
) -> None:
    """Fill `weights`. `reached` is work space."""
    shows = np.zeros(site.kinds.size, np.bool_)
    for i in range(signs.asset.size):
        shows[signs.asset[i]] = True
    for c in range(candidates.asset.size):
        other = candidates.other[c]
        roots = np.full(2 if other >= 0 else 1, candidates.asset[c])
        roots[-1] = other if other >= 0 else candidates.asset[c]
        search(site, tables, roots, candidates.fault[c], reached)
        onset_s = min(began(tables, signs, roots, candidates.fault[c], reached), now_s)
        weights.onset_s[c] = onset_s
        believed = belief(tables, signs, (roots, candidates.fault[c]), reached)
        cause = roots, candidates.fault[c], onset_s, believed
        explain(tables, signs, cause, reached, (c, weights))
        is_mute = weights.own[c] == 0.0 and tables.starts[candidates.fault[c], OUTAGE] > 0.0
        most = SPEAK if is_mute else MISSED
        weights.against[c] = missed(reached, shows, now_s - onset_s, most)
        if weights.own[c] == 0.0 and np.sum(tables.keys[candidates.fault[c]]) > 0.0:
            weights.against[c] += MUTE if shows[roots[0]] or shows[roots[-1]] else QUIET
        clean(reached)


@compiled
def began(tables: Physics, signs: Signs, roots: Ints, fault: int, reached: Reached) -> float:
    """Say when the fault began: with its own first sign, else as its followers tell."""
    own_s, told_s = np.inf, np.inf
    for i in range(signs.asset.size):
        asset, says = signs.asset[i], signs.says[i]
        if asset == roots[0] or asset == roots[-1]:
            if tables.own[fault, says] >= PROXIMAL:
                own_s = min(own_s, signs.onset_s[i])
            continue
        wave, chance = likeliest(tables, reached, asset, says)
        if chance >= PROXIMAL:
            told_s = min(told_s, signs.onset_s[i] - reached.after_s[asset, wave])
    return min(own_s, told_s + EARLY_S) if own_s < np.inf else told_s


@compiled
def likeliest(tables: Physics, reached: Reached, asset: int, says: int) -> tuple[int, float]:
    """Return the wave that explains such a sign at `asset` best, and with what chance."""
    best, most = 0, 0.0
    for wave in range(reached.chance.shape[1]):
        chance = reached.chance[asset, wave] * tables.shows[wave, says]
        if chance > most:
            best, most = wave, chance
    return best, most


@compiled
def belief(tables: Physics, signs: Signs, cause: tuple[Ints, int], reached: Reached) -> float:
    """Say how far what follows from the first waves of a fault is believed, 0..1.

    Where such a wave has a mark, so many of those reached must bear it; an outage is believed where
    the fault shows itself.
    """
    roots, fault = cause
    waves = reached.chance.shape[1]
    least = 1.0
    is_outage = tables.starts[fault, OUTAGE] > 0.0
    for i in range(signs.asset.size):
        is_key = tables.keys[fault, signs.says[i]] > 0.0
        if is_outage and is_key and signs.asset[i] == roots[0]:
            return 1.0
    for wave in range(waves):
        if tables.starts[fault, wave] == 0.0 or np.sum(tables.marks[wave]) == 0.0:
            continue
        many, bear = 0.0, 0.0
        for k in range(reached.size[0]):
            asset, its = divmod(reached.touched[k], waves)
            many += its == wave and reached.chance[asset, its] >= EXPECTED
        last = -1
        for i in range(signs.asset.size):
            asset = signs.asset[i]
            if tables.marks[wave, signs.says[i]] > 0.0 and asset != last:
                bear += reached.chance[asset, wave] >= EXPECTED
                last = asset
        least = min(least, (bear / max(many * tables.share[wave], 1.0)) ** DOUBT)
    return max(least, FAINT)


@compiled
def explain(
    tables: Physics,
    signs: Signs,
    cause: tuple[Ints, int, float, float],
    reached: Reached,
    into: tuple[int, Weights],
) -> None:
    """Fill the gains of one candidate."""
    (roots, fault, onset_s, believed), (c, weights) = cause, into
    single = np.sum(tables.starts[fault]) == 0.0  # a sensor: one reading is wrong, nothing else
    marked = np.sum(tables.marks, 1) > 0.0
    own, first = 0.0, -1
    for i in range(signs.asset.size):
        asset, says = signs.asset[i], signs.says[i]
        wave, chance = likeliest(tables, reached, asset, says)
        after_s = reached.after_s[asset, wave]
        is_mark = tables.starts[fault, wave] > 0.0 and (
            tables.marks[wave, says] > 0.0 or not marked[wave]
        )
        if not is_mark or wave == CHANGE:
            chance *= believed
        if signs.apart[i]:
            chance *= ALIKE * ALIKE if wave == CHANGE else ALIKE
        is_own = asset == roots[0] or asset == roots[-1]
        if is_own and tables.own[fault, says] >= chance:
            chance, after_s = tables.own[fault, says], 0.0
        gain = 0.0
        if chance > 0.0:
            fits = timely(signs.onset_s[i] - onset_s - after_s, after_s, signs.slack_s[i])
            odds = signs.weight[i] + log(chance * fits)
            gain = odds * signs.share[i] if odds >= SURE else 0.0
        weights.gain[c, i] = gain
        if is_own and single:
            if first >= 0 and gain > weights.gain[c, first]:
                weights.gain[c, first] = 0.0
                first = i
            elif first >= 0:
                weights.gain[c, i] = 0.0
            else:
                first = i
            own = weights.gain[c, first]
        elif is_own:
            own += gain * max(
                tables.keys[fault, says],
                tables.apart[fault] if signs.apart[i] and says != OTHER else 0.0,
            )
    weights.own[c] = own


@compiled
def timely(late_s: float, after_s: float, slack_s: float) -> float:
    """Return how well a sign fits in time that comes `late_s` after the wave should be there.

    A density, against that of a wave that comes at once: what may come any time explains little.
    """
    early_s = -late_s - after_s - slack_s  # before the cause itself
    if early_s > 0.0:
        return exp(-early_s / EARLY_S)
    too_late_s = late_s - slack_s - 2.0 * after_s
    width_s = LATE_S + after_s
    return max(exp(-max(too_late_s, 0.0) / width_s), LATE) * LATE_S / width_s


@compiled
def missed(reached: Reached, shows: npt.NDArray[np.bool_], since_s: float, most: float) -> float:
    """Say how much the absence of what was to be expected by now speaks against a cause.

    `most`: it is as if no more than so many were missed.
    """
    waves = reached.chance.shape[1]
    expected, seen = np.zeros(waves), np.zeros(waves)
    for k in range(reached.size[0]):
        asset, wave = divmod(reached.touched[k], waves)
        is_due = since_s > reached.after_s[asset, wave] + SETTLED_S
        if reached.parent[asset, wave] >= 0 and is_due and reached.chance[asset, wave] >= EXPECTED:
            expected[wave] += 1.0
            seen[wave] += shows[asset]
    against = 0.0
    for wave in range(waves):
        if expected[wave] > 0.0:
            short = max(1.0 - seen[wave] / expected[wave] / VISIBLE, 0.0)
            against = max(against, short * short * min(expected[wave], most))
    return against
