"""How well each candidate explains each sign: log odds against chance.

A sign is explained as well as a wave of the candidate is likely to be there, to show such a sign,
and to have come by then; against it stands how rarely such a sign comes by itself (`Signs.weight`).
What a candidate would have reached by now, and has not, speaks against it.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.cascade.absence import EXPECTED, MISSED, SPEAK, is_early, missed, sum_up
from models.cascade.again import CHANGE, CHANGES, TRIFLE, begins_again
from models.cascade.far import Far, Kept, causes, recall
from models.cascade.gains import WAIT, WARMTH, gain
from models.cascade.physics import WAVES, Physics, Wave, at_rest
from models.cascade.reach import LEAST, NO_ONE, Ground, Reached, clean, search
from models.cascade.says import Says
from models.cascade.signs import Shown, Signs, is_echoed, meet, shown
from models.cascade.ways import EARLY_S, price
from models.compiled import bare, compiled, inlined
from schemas.telemetry import Floats, Ints

HIDES_S = 60.0
"""What slows others shows itself within this time."""
PROXIMAL = 0.3
"""A fault's own sign of this chance dates it."""
DATES = 8.0
"""So rare must what a follower says be by itself to date a fault."""
DOUBT, FAINT = 3.0, 0.001
"""A wave that too few show is believed as the share of them that do, to this power; the least."""
HARDLY = 0.01
"""Where marks of all that a cause sends out let it be believed no more, it is not followed to those
who would wait: nobody waits for a tower while nothing is hot."""
QUIET, MUTE = 5.0, 8.0
"""What it costs where the cause shows nothing of its own: it may not be measured; where it shows
something else, it is."""
ECHOED = 10.0
"""What it costs a wrong reading that a neighbour says the same."""
OUTAGE, OTHER = int(Wave.OUTAGE), int(Says.OTHER)
Of = tuple[Ints, int, int, tuple[float, float], float]
"""Signs, and of what has to explain them what `gains.What` has."""


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


def weigh(  # noqa: PLR0913, PLR0917 - one loop over candidates
    site: Ground,
    tables: Physics,
    signs: Signs,
    candidates: Candidates,
    now_s: float,
    reached: Reached,
    weights: Weights,
    far: Far,
) -> None:
    """Fill `weights`, which are 0. `reached` is work space.

    What is in `far` is not searched again, but for those who would bear marks (`_hardly`).
    """
    told = signs, shown(site, tables, signs)
    ends = np.stack([candidates.asset, candidates.other], 1)
    least = followed(site, tables, signs, ends, candidates.fault)
    every, asked = causes(ends, candidates.fault, least), (ends, candidates.fault, now_s)
    hardly = _hardly(site, (tables, at_rest(tables)), told, asked, least, reached, weights)
    is_kept = np.array([cause in far.kept for cause in every], np.bool_)
    for c in np.flatnonzero(is_kept & ~hardly).tolist():
        _again(site, tables, told, asked, far.kept[every[c]], reached, weights, c)
    c, how = -1, (~is_kept & ~hardly, least)
    while (c := _weigh(site, tables, told, asked, how, reached, weights, (c + 1, far.least))) < len(
        every
    ):
        if every[c] in far.before:
            far.keep(every[c], site, reached)
        clean(reached)
    far.ask(every)


@compiled
def _hardly(  # noqa: PLR0913, PLR0917 - as above
    site: Ground,
    tables: tuple[Physics, Physics],
    told: tuple[Signs, Shown],
    asked: tuple[Ints, Ints, float],
    least: Floats,
    reached: Reached,
    weights: Weights,
) -> npt.NDArray[np.bool_]:
    """Weigh what is hardly believed, as if nobody waited for it; return which those are (c,).

    `tables`: all, and those in which nobody waits.
    """
    (whole, rest), (ends, faults, now_s) = tables, asked
    hardly = np.zeros(faults.size, np.bool_)
    for c in range(faults.size):
        if whole.marked[faults[c]] == 0.0:
            continue
        roots = ends[c] if ends[c, 1] >= 0 else ends[c, :1]
        search(site, rest, roots, (faults[c], least[c]), reached)
        met = believe(site, whole, told, (roots, faults[c], now_s), reached)
        hardly[c] = met.believed <= HARDLY
        if hardly[c]:
            judge(site, whole, told, (roots, faults[c], now_s), reached, (c, weights))
        clean(reached)
    return hardly


class Met(NamedTuple):
    """What is known of a candidate that has been searched, before its signs are weighed."""

    first: int
    """Of `Shown.found`, so many are its own, and come first."""
    many: int
    """So many are found."""
    onset_s: float
    believed: float
    """As `belief` has it, 0..1."""


@bare
def believe(
    site: Ground,
    tables: Physics,
    told: tuple[Signs, Shown],
    cause: tuple[Ints, int, float],
    reached: Reached,
) -> Met:
    """Meet the signs of a candidate, date it, and say how far it is believed."""
    (signs, of_site), (roots, fault, now_s) = told, cause
    first, many = meet(tables, signs, of_site, roots, reached)
    own, others = of_site.found[:first], of_site.found[first:many]
    kind = int(site.kinds[roots[0]])
    onset_s = min(began(tables, told, (own, others, fault, kind)), now_s)
    believed = belief(tables, told, (roots, own, others, fault, kind), reached, onset_s)
    return Met(first, many, onset_s, believed)


@compiled
def _weigh(  # noqa: PLR0913, PLR0917 - as above
    site: Ground,
    tables: Physics,
    told: tuple[Signs, Shown],
    asked: tuple[Ints, Ints, float],
    how: tuple[npt.NDArray[np.bool_], Floats],
    reached: Reached,
    weights: Weights,
    where: tuple[int, int],
) -> int:
    """Weigh what is new; return the first that reached far, which is not cleaned.

    `how`: (c,) each, whether it is new, and how far it is followed. `where`: the candidate to begin
    with, and how many states are far.
    """
    (ends, faults, now_s), (is_new, least), (first, many) = asked, how, where
    for c in range(first, faults.size):
        if not is_new[c]:
            continue
        roots = ends[c] if ends[c, 1] >= 0 else ends[c, :1]
        search(site, tables, roots, (faults[c], least[c]), reached)
        judge(site, tables, told, (roots, faults[c], now_s), reached, (c, weights))
        if reached.size[0] >= many:
            return c
        clean(reached)
    return faults.size


def followed(site: Ground, tables: Physics, signs: Signs, ends: Ints, faults: Ints) -> Floats:
    """Say how far each candidate is followed: the chance below which ways are not, (c,).

    Of a fault that sends out a wave at times, that is thought of where it shows itself.
    """
    least = np.full(faults.size, LEAST)
    for fault in np.flatnonzero(tables.rarest < 1.0).tolist():
        tells = tables.keys[site.kinds[signs.asset], fault, signs.says] > 0.0
        shows = np.isin(ends, signs.asset[tells]).any(1)
        least[shows & (faults == fault)] *= tables.rarest[fault]
    return least


@compiled
def _again(  # noqa: PLR0913, PLR0917 - as above
    site: Ground,
    tables: Physics,
    told: tuple[Signs, Shown],
    asked: tuple[Ints, Ints, float],
    kept: Kept,
    reached: Reached,
    weights: Weights,
    c: int,
) -> None:
    """Weigh what was searched before."""
    ends, faults, now_s = asked
    roots = ends[c] if ends[c, 1] >= 0 else ends[c, :1]
    recall(kept, told[1].place, reached)
    judge(site, tables, told, (roots, faults[c], now_s), reached, (c, weights))
    clean(reached)


@bare
def judge(  # noqa: PLR0913, PLR0917 - one step of a loop over candidates
    site: Ground,
    tables: Physics,
    told: tuple[Signs, Shown],
    cause: tuple[Ints, int, float],
    reached: Reached,
    into: tuple[int, Weights],
) -> None:
    """Weigh one candidate, which has been searched. `cause`: roots, fault, and now in s."""
    (signs, of_site), (roots, fault, now_s), (c, weights) = told, cause, into
    first, many, onset_s, believed = believe(site, tables, told, cause, reached)
    own, others = of_site.found[:first], of_site.found[first:many]
    kind = int(site.kinds[roots[0]])
    weights.onset_s[c] = onset_s
    what = fault, kind, (onset_s, worse(tables, signs, own, (fault, kind, onset_s))), believed
    weights.own[c] = explain_own(tables, told, (own, *what), reached, into)
    if is_late(tables, signs, (own, fault, kind, onset_s)):
        weights.own[c] = 0.0
    for i in others:
        weights.gain[c, i] = gain(tables, told, (i, False, *what), reached)
    if tables.starts[fault, CHANGE] > 0.0:
        weights.against[c] += change_again(tables, told, (others, *what), reached, into)
    sum_up(site, signs, of_site, others, weights.gain[c])
    is_mute = weights.own[c] == 0.0 and tables.starts[fault, OUTAGE] > 0.0
    if not is_early(tables, signs, own, fault):
        most = SPEAK if is_mute else MISSED
        weights.against[c] += missed(site, tables, reached, of_site, (onset_s, now_s), most)
    if np.sum(tables.starts[fault]) == 0.0 and is_echoed(site, signs, of_site, own):
        weights.against[c] += ECHOED
    weights.against[c] += price(site, reached, told, others, weights.gain[c])
    if weights.own[c] == 0.0 and np.sum(tables.keys[kind, fault]) > 0.0:
        shows = of_site.place[roots[0]] >= 0 or of_site.place[roots[-1]] >= 0
        weights.against[c] += MUTE if shows else QUIET


@inlined
def change_again(
    tables: Physics,
    told: tuple[Signs, Shown],
    cause: Of,
    reached: Reached,
    into: tuple[int, Weights],
) -> float:
    """Let a job begin again, if that explains more than it costs; return what it costs."""
    (others, fault, kind, (onset_s, _), believed), (c, weights) = cause, into
    again_s = begins_again(told, others, onset_s, reached)
    if again_s == np.inf:
        return 0.0
    what, more = (fault, kind, (onset_s, again_s), believed), 0.0
    for i in others:
        more += gain(tables, told, (i, False, *what), reached) - weights.gain[c, i]
    if more <= CHANGES + TRIFLE:
        return 0.0
    for i in others:
        weights.gain[c, i] = gain(tables, told, (i, False, *what), reached)
    return CHANGES


@inlined
def began(
    tables: Physics,
    told: tuple[Signs, Shown],
    cause: tuple[Ints, Ints, int, int],
) -> float:
    """Say when the fault began: with its own first sign, else as its followers tell.

    That something is warm tells when other work began only where nothing else does.
    """
    (signs, of_site), (own, others, fault, kind) = told, cause
    own_s, told_s, warm_s = np.inf, np.inf, np.inf
    for i in own:
        if tables.own[kind, fault, signs.says[i]] >= PROXIMAL:
            own_s = min(own_s, signs.onset_s[i])
    for i in others:
        if of_site.chance[i] >= PROXIMAL and signs.weight[i] >= DATES:
            if of_site.wave[i] == CHANGE and signs.says[i] in WARMTH:
                warm_s = min(warm_s, signs.onset_s[i])
            else:
                told_s = min(told_s, signs.onset_s[i])
    told_s = told_s if told_s < np.inf else warm_s
    return min(own_s, told_s + EARLY_S) if own_s < np.inf else told_s


@inlined
def worse(tables: Physics, signs: Signs, own: Ints, cause: tuple[int, int, float]) -> float:
    """Say when the cause showed the most of what it showed only after it began; infinite: never.

    A link that counts errors goes down: what follows from that begins then. A wait tells of others,
    and may come again with their work.
    """
    fault, kind, onset_s = cause
    most, worse_s = 0.0, np.inf
    for i in own:
        is_key = tables.keys[kind, fault, signs.says[i]] > 0.0 and signs.says[i] != WAIT
        if is_key and signs.onset_s[i] > onset_s and signs.weight[i] > most:
            most, worse_s = signs.weight[i], signs.onset_s[i]
    return worse_s


@inlined
def is_late(tables: Physics, signs: Signs, cause: tuple[Ints, int, int, float]) -> bool:
    """Say whether a cause showed itself only long after its followers did: so it is none."""
    own, fault, kind, onset_s = cause
    own_s = np.inf
    for i in own:
        if tables.own[kind, fault, signs.says[i]] >= PROXIMAL:
            own_s = min(own_s, signs.onset_s[i] - signs.slack_s[i])
    return bool(onset_s + HIDES_S < own_s < np.inf)


@inlined
def belief(
    tables: Physics,
    told: tuple[Signs, Shown],
    cause: tuple[Ints, Ints, Ints, int, int],
    reached: Reached,
    onset_s: float,
) -> float:
    """Say how far what follows from the first waves of a fault is believed, 0..1.

    Where such a wave has a mark, so many of those reached must bear it, in time, counted by marks:
    those of one asset in a row count once. An outage is believed where the fault shows itself, and
    what is known by marks alone (`Physics.marked`) is not where there is none, and nothing else.
    """
    (signs, of_site), (roots, own, others, fault, kind) = told, cause
    least = 1.0
    for i in own:
        is_key = tables.keys[kind, fault, signs.says[i]] > 0.0
        if tables.starts[fault, OUTAGE] > 0.0 and is_key and signs.asset[i] == roots[0]:
            return 1.0
    for wave in range(WAVES):
        if tables.starts[fault, wave] == 0.0 or np.sum(tables.marks[wave]) == 0.0:
            continue
        many, bear = 0.0, 0.0
        for k in range(reached.size[0]):
            asset, its = divmod(reached.touched[k], WAVES)
            many += its == wave and reached.chance[its, asset] >= EXPECTED
        for k in range(reached.size[1]):
            of_it = reached.crowd[k, 0] == wave and reached.crowd[k, 2] >= EXPECTED
            many += reached.crowd[k, 4] if of_it else 0.0
        for found in (own, others):
            for i in found:
                late_s = signs.onset_s[i] - signs.slack_s[i] - onset_s
                its = wave, signs.asset[i]
                is_due = late_s <= 2.0 * reached.after_s[its] + HIDES_S
                bear += of_site.bears[wave, i] and is_due and reached.chance[its] >= EXPECTED
        least = min(least, (bear / max(many * tables.share[wave], 1.0)) ** DOUBT)
    is_quiet = least == 0.0 and own.size == 0 and tables.marked[fault] > 0.0
    return 0.0 if is_quiet else max(least, FAINT)


@inlined
def tells(tables: Physics, signs: Signs, i: int, fault: int, kind: int) -> float:
    """Return how far a sign of the asset where a fault would be tells of that, 0..1."""
    key: float = tables.keys[kind, fault, signs.says[i]]
    is_apart = signs.apart[i] and signs.says[i] != OTHER
    return max(key, tables.apart[fault]) if is_apart else key


@inlined
def explain_own(
    tables: Physics,
    told: tuple[Signs, Shown],
    cause: Of,
    reached: Reached,
    into: tuple[int, Weights],
) -> float:
    """Fill the gains of a candidate's own signs; return what they say of it.

    Of a sensor, which sends out no wave, one reading is wrong and nothing else: the best counts.
    """
    (signs, _), (own, fault, kind, times, believed), (c, weights) = told, cause, into
    single = np.sum(tables.starts[fault]) == 0.0
    says, first = 0.0, NO_ONE
    for i in own:
        best = gain(tables, told, (i, True, fault, kind, times, believed), reached)
        if not single:
            says += best * tells(tables, signs, i, fault, kind)
            weights.gain[c, i] = best
        elif first == NO_ONE or np.float32(best) > weights.gain[c, first]:
            weights.gain[c, first] = 0.0 if first != NO_ONE else weights.gain[c, first]
            weights.gain[c, i] = best
            first, says = i, weights.gain[c, i]
    return says
