"""How a cause comes to what shows it: what several signs have in common is counted once.

Of the chance that a wave arrives, a sign has only the last step; all steps before it, and how
uncertain their times are, are a price of the cause, once for all signs that come by the same way.
So what stands far up does not seem the less likely the more followers it has (a tree of
dependencies, Pearl 1988, Probabilistic Reasoning in Intelligent Systems, 4.2).
"""

from math import exp, log, sqrt
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from models.cascade.physics import WAVES
from models.cascade.reach import NO_ONE, Ground, Reached
from models.cascade.signs import INDEPENDENT, Shown, Signs
from models.compiled import inlined
from schemas.telemetry import Floats, Ints

LATE_S: Final = 20.0
"""How uncertain the time of anything is; a step is so uncertain as it takes, on top."""
EARLY_S: Final = 3.0
"""A sign this much before its cause is by chance: time constant in s."""
LATE: Final = 0.001
"""A sign later than twice what a wave takes becomes unlikely, in `LATE_S` and the wave's own delay;
least."""


class Hop(NamedTuple):
    """The last step to a state."""

    chance: float
    """That a wave makes it."""
    took_s: float
    parent: int
    """State it comes from; -1: it begins here."""


@inlined
def hop(reached: Reached, state: int) -> Hop:
    """Return the last step to a state: asset x waves + wave."""
    asset, wave = divmod(state, WAVES)
    chance, after_s = reached.chance[wave, asset], reached.after_s[wave, asset]
    parent = int(reached.parent[wave, asset]) if chance > 0.0 else NO_ONE
    if parent == NO_ONE:
        return Hop(chance, after_s, parent)
    before, its = divmod(parent, WAVES)
    took_s = after_s - reached.after_s[its, before]
    return Hop(chance / reached.chance[its, before], took_s, parent)


@inlined
def price(
    site: Ground,
    reached: Reached,
    told: tuple[Signs, Shown],
    others: Ints,
    gain: npt.NDArray[np.float32],
) -> float:
    """Return what all steps but the last to what is explained cost, each once.

    As many alike are of signs, so many alike of such steps are no more independent. A wave that
    explains less than its steps cost explains nothing: its gains are set to 0. `Shown.told` must
    be of `gain`.
    """
    of_site = told[1]
    for wave in range(WAVES):
        explained = of_site.told[wave]
        if 0.0 < explained <= steps(site, reached, told, others, gain, wave):
            for i in others:
                gain[i] = 0.0 if of_site.wave[i] == wave else gain[i]
    return steps(site, reached, told, others, gain, NO_ONE)


@inlined
def steps(  # noqa: PLR0913, PLR0917 - what `price` has
    site: Ground,
    reached: Reached,
    told: tuple[Signs, Shown],
    others: Ints,
    gain: npt.NDArray[np.float32],
    only: int,
) -> float:
    """Return what the steps to what a wave explains cost; `only`: the wave, -1: any."""
    signs, of_site = told
    paid = of_site.paid
    paid[:] = 0.0
    for mark in (True, False):
        for i in others:
            wave = of_site.wave[i]
            if gain[i] > 0.0 and (only in (NO_ONE, wave)):
                walk(site, reached, signs.asset[i] * WAVES + wave, mark, paid)
    whole = 0.0
    for wave in range(WAVES):
        for kind in range(paid.shape[1]):
            if paid[wave, kind, 1] > 0.0:
                share = sqrt(min(INDEPENDENT / paid[wave, kind, 1], 1.0))
                whole += share * paid[wave, kind, 0]
    return whole


@inlined
def walk(site: Ground, reached: Reached, state: int, mark: bool, paid: Floats) -> None:
    """Mark all on the way to a state, and count what those cost that had no mark; or unmark them.

    Marks are in `waiting`, which is not used between searches. `paid`: (waves, kinds, 2): the sum,
    and of how many.
    """
    one = hop(reached, state).parent
    while one != NO_ONE:
        asset, wave = divmod(one, WAVES)
        if reached.waiting[wave, asset] == mark:
            break
        reached.waiting[wave, asset] = mark
        step = hop(reached, one)
        if mark:
            kind = site.kinds[asset]
            paid[wave, kind, 0] += log(1.0 + step.took_s / LATE_S) - log(step.chance)
            paid[wave, kind, 1] += 1.0
        one = step.parent


@inlined
def timely(late_s: float, after_s: float, took_s: float, slack_s: float) -> float:
    """Return how well a sign fits in time that comes `late_s` after the wave should be there.

    A density, against that of a wave that comes at once: what may come any time explains little.
    `took_s`: of `after_s`, the last step.
    """
    early_s = -late_s - after_s - slack_s  # before the cause itself
    if early_s > 0.0:
        return exp(-early_s / EARLY_S)
    too_late_s = late_s - slack_s - 2.0 * after_s
    fits = max(exp(-max(too_late_s, 0.0) / (LATE_S + after_s)), LATE)
    return fits * LATE_S / (LATE_S + took_s)
