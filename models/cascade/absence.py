"""What a cause lets expect by now, and nobody shows: it speaks against it.

How many of those that a wave has reached will show it is not known beforehand: some are not
measured, some bear it. But a cause that reaches many, of whom few show anything, has to say why
just these: that costs what it takes to name them (Rissanen 1978, Modeling by shortest data
description). So of a node and the CDU of its row the node is why its GPUs are hot and no other's.
"""

from math import log, sqrt

import numpy as np
import numpy.typing as npt

from models.cascade.physics import WAVES, Physics
from models.cascade.reach import LEAST, Ground, Reached
from models.cascade.signs import INDEPENDENT, Shown, Signs
from models.compiled import inlined
from schemas.telemetry import Floats, Ints

EXPECTED, LIKELY = 0.3, 0.15
"""With such a chance a wave is expected to have come; one that may have, with this chance, is
missed where it does not show."""
VISIBLE = 0.5
"""So many of those it has come to show it, as not all are measured; a wave that nothing shows so
often is not missed."""
MISSED = 2.0
"""The most that the absence of a wave speaks against a cause: it may be too weak."""
SPEAK = 8.0
"""The same where an outage is said to come from a feed that shows nothing itself: those that it
feeds, and that go on as before, are fed."""
SETTLED_S, LATEST = 20.0, 2.0
"""After this time, and so many times what a wave takes, an expected sign should have been seen."""
FOLLOWS_S = 30.0
"""So long after it has shown in one, a wave should have in others of the kind."""


@inlined
def is_early(tables: Physics, signs: Signs, own: Ints, fault: int) -> bool:
    """Say whether a fault shows no more than what comes long before others suffer."""
    early = own.size > 0
    for i in own:
        early &= tables.early[fault, signs.says[i]] > 0.0
    return early


@inlined
def sum_up(
    site: Ground, signs: Signs, of_site: Shown, others: Ints, gain: npt.NDArray[np.float32]
) -> None:
    """Add up what each wave explains of others, and note where it shows first, by kind."""
    of_site.told[:] = 0.0
    of_site.first_s[:] = np.inf
    for i in others:
        wave, kind = of_site.wave[i], site.kinds[signs.asset[i]]
        of_site.told[wave] += gain[i]
        if gain[i] > 0.0:
            of_site.first_s[wave, kind] = min(of_site.first_s[wave, kind], signs.onset_s[i])


@inlined
def missed(  # noqa: PLR0913, PLR0917 - what `judge` has
    site: Ground,
    tables: Physics,
    reached: Reached,
    of_site: Shown,
    times: tuple[float, float],
    most: float,
) -> float:
    """Say how much the absence of what was to be expected by now speaks against a cause.

    `times`: when the fault began, and now, in s; `most`: it is as if no more than so many were
    missed. To name those that show a wave costs no more than the wave explains; it costs as much
    where it was not likely to come so far.
    """
    due = of_site.due
    expect(site, reached, of_site, times)
    against = 0.0
    for wave in range(due.shape[0]):
        if tables.best[wave] < VISIBLE:
            continue  # it shows in others
        many, show = np.sum(due[wave, :, 0]), np.sum(due[wave, :, 1])
        if many > 0.0:
            short = max(1.0 - show / many / VISIBLE, 0.0)
            against = max(against, short * short * min(many, most))
        if np.sum(due[wave, :, 3]) > 0.0:
            against = max(against, min(naming(due[wave, :, 2:]), of_site.told[wave]))
    return against


@inlined
def expect(site: Ground, reached: Reached, of_site: Shown, times: tuple[float, float]) -> None:
    """Count by wave and kind whom it should have come to by now, and who of them shows anything.

    Where hardly any way leads (`LEAST`), nobody is missed.
    """
    due = of_site.due
    due[:] = 0.0
    for k in range(reached.size[0]):
        asset, wave = divmod(reached.touched[k], WAVES)
        kind, after_s = site.kinds[asset], reached.after_s[wave, asset]
        first_s = of_site.first_s[wave, kind]
        chance, parent = reached.chance[wave, asset], reached.parent[wave, asset]
        if chance >= LEAST and parent >= 0 and is_due(first_s, after_s, times):
            is_likely, shows = chance >= LIKELY, of_site.place[asset] >= 0
            due[wave, kind, 0] += is_likely
            due[wave, kind, 1] += is_likely and shows
            due[wave, kind, 2] += 1.0
            due[wave, kind, 3] += shows
    for k in range(reached.size[1]):
        wave, kind, chance, after_s, many = reached.crowd[k]
        cell = int(wave), int(kind)
        if chance >= LEAST and is_due(of_site.first_s[cell], after_s, times):
            due[cell[0], cell[1], 0] += many if chance >= LIKELY else 0.0
            due[cell[0], cell[1], 2] += many


@inlined
def is_due(first_s: float, after_s: float, times: tuple[float, float]) -> bool:
    """Say whether a wave should show by now. `first_s`: when it first did, in others alike."""
    onset_s, now_s = times
    if first_s < np.inf:
        return now_s - first_s > FOLLOWS_S
    return now_s - onset_s > LATEST * after_s + SETTLED_S


@inlined
def naming(due: Floats) -> float:
    """Return -log of the chance that of those alike just these show it; of the costliest kind.

    `due`: (kinds, 2). Each shows it with the chance that fits best; many alike are no more
    independent here than they are as signs.
    """
    most = 0.0
    for kind in range(due.shape[0]):
        many, show = due[kind, 0], due[kind, 1]
        if 0.0 < show < many:
            share = show / many
            cost = -show * log(share) - (many - show) * log(1.0 - share)
            most = max(most, cost * sqrt(min(INDEPENDENT / show, 1.0)))
    return most
