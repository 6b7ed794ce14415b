"""What is to be explained, and where: of a cause only the signs are looked at that it may reach."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from models.cascade.physics import WAVES, Physics
from models.cascade.reach import LEAST, NO_ONE, Ground, Reached
from models.compiled import inlined
from models.site import ASSET_KINDS
from schemas.telemetry import Floats, Ints

INDEPENDENT: Final = 3.0
"""So many signs that say the same are independent; of more, their number's root."""

TYPICAL: Final = 0.3
"""What comes a way that hardly any comes (`LEAST`) is known by what most show that it reaches."""
ECHO_S: Final = 60.0
"""What neighbours say within this time may have one reason."""


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
    strongest: npt.NDArray[np.bool_]
    """By far the strongest of those that say the same, or the first; of what thins out."""
    share: Floats
    """0..1, how much of it counts: many alike are not independent of each other."""


SPANS = 64
"""Spans of time after a job's first change in which it may change again; the last has no end."""


class Shown(NamedTuple):
    """Signs by the asset that shows them, and of one cause at a time those that it may explain."""

    place: npt.NDArray[np.int32]
    """(assets,): which of the u that show something it is; -1: none."""
    start: Ints
    """(u + 1,): where the signs of each begin in `row`."""
    row: Ints
    """(s,): places in `Signs`, by asset."""
    bears: npt.NDArray[np.bool_]
    """(waves, s): a mark of the wave, and not of the asset that the mark before it is of."""
    met: npt.NDArray[np.bool_]
    """(u,): the cause reaches it, or is there."""
    found: Ints
    """(s,): places in `Signs` of those met; those of the cause itself come first, in order."""
    wave: Ints
    """(s,): the wave that explains a sign best, of those found."""
    chance: Floats
    """(s,): that it is there and shows such a sign."""
    told: Floats
    """(waves,): what each explains of others, in log odds."""
    first_s: Floats
    """(waves, kinds): when each shows first in others; infinite: never."""
    paid: Floats
    """(waves, kinds, 2): what the steps to what is explained cost, and how many those are."""
    late: Floats
    """(SPANS,): by span of time, the weight of what comes too late for a job's first change."""
    due: Floats
    """(waves, kinds, 4): how many a wave is likely to have come to by now, and how many of them
    show anything; the same of all that it may have come to."""


def shown(site: Ground, tables: Physics, signs: Signs) -> Shown:
    """Return it, before any cause is met."""
    assets, many = np.unique(signs.asset, return_counts=True)
    place = np.full(site.kinds.size, NO_ONE, np.int32)
    place[assets] = np.arange(assets.size)
    n = signs.asset.size
    return Shown(
        place,
        np.concatenate([np.zeros(1, np.int64), np.cumsum(many)]),
        np.argsort(signs.asset, kind="stable"),
        _bears(tables, signs),
        np.zeros(assets.size, np.bool_),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.zeros(n),
        np.zeros(WAVES),
        np.full((WAVES, len(ASSET_KINDS)), np.inf),
        np.zeros((WAVES, len(ASSET_KINDS), 2)),
        np.zeros(SPANS),
        np.zeros((WAVES, len(ASSET_KINDS), 4)),
    )


def _bears(tables: Physics, signs: Signs) -> npt.NDArray[np.bool_]:
    bears = np.zeros((WAVES, signs.asset.size), np.bool_)
    for wave in range(WAVES):
        marks = np.flatnonzero(tables.marks[wave, signs.says] > 0.0)
        bears[wave, marks] = np.diff(signs.asset[marks], prepend=NO_ONE) != 0
    return bears


@inlined
def meet(
    tables: Physics, signs: Signs, of_site: Shown, roots: Ints, reached: Reached
) -> tuple[int, int]:
    """Find the signs of `roots`, and of what is reached; return how many those are, and all."""
    own = 0
    for root in roots:
        own = note(of_site, root, own)
    in_order(of_site.found, own)
    many = own
    for k in range(reached.size[0]):
        many = note(of_site, reached.touched[k] // WAVES, many)
    for k in range(many):
        i = of_site.found[k]
        of_site.met[of_site.place[signs.asset[i]]] = False
        wave, chance = likeliest(tables, reached, signs.asset[i], signs.says[i])
        of_site.wave[i], of_site.chance[i] = wave, chance
    return own, many


@inlined
def note(of_site: Shown, asset: int, many: int) -> int:
    """Note the signs of an asset, once; return how many are noted."""
    place = of_site.place[asset]
    if place >= 0 and not of_site.met[place]:
        of_site.met[place] = True
        for k in range(of_site.start[place], of_site.start[place + 1]):
            of_site.found[many] = of_site.row[k]
            many += 1
    return many


@inlined
def in_order(found: Ints, many: int) -> None:
    """Sort the first few: sums keep their order, and so their last digit."""
    for k in range(1, many):
        i, j = found[k], k
        while j > 0 and found[j - 1] > i:
            found[j] = found[j - 1]
            j -= 1
        found[j] = i


@inlined
def likeliest(tables: Physics, reached: Reached, asset: int, says: int) -> tuple[int, float]:
    """Return the wave that explains such a sign at `asset` best, and with what chance."""
    best, most = 0, 0.0
    for wave in range(WAVES):
        came, shows = reached.chance[wave, asset], tables.shows[wave, says]
        if came * shows > most and (came >= LEAST or shows >= TYPICAL):
            best, most = wave, came * shows
    return best, most


@inlined
def is_echoed(site: Ground, signs: Signs, of_site: Shown, own: Ints) -> bool:
    """Say whether a neighbour says the same as one of an asset's own signs at about that time."""
    for i in own:
        for edge in range(site.start[signs.asset[i]], site.start[signs.asset[i] + 1]):
            place = of_site.place[site.to[edge]]
            if place == NO_ONE:
                continue
            for row in range(of_site.start[place], of_site.start[place + 1]):
                j = of_site.row[row]
                apart_s = abs(signs.onset_s[i] - signs.onset_s[j])
                if signs.says[i] == signs.says[j] and apart_s <= ECHO_S:
                    return True
    return False
