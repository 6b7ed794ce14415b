"""A job that stops begins again: when, as tells what its first change does not explain.

What begins again does so at one time: so that costs once what it takes to say so, and not with
each sign.
"""

from math import log

import numpy as np

from models.cascade.physics import Wave
from models.cascade.reach import Reached
from models.cascade.signs import Shown, Signs
from models.cascade.ways import LATE_S
from models.compiled import inlined
from schemas.telemetry import Ints

AGAIN = 0.05
"""The chance of it at any time; how well that fits, at least."""
SPAN_S = 30.0
"""What comes of one change comes within this time, or the next."""
LATE = 3.0
"""What is later than a wave takes, by so many times what is uncertain of that, is not of it."""
CHANGES = -log(AGAIN)
"""What it costs to say that a job has changed again; so much more it must explain, and a trifle."""
TRIFLE = 1e-3
CHANGE = int(Wave.CHANGE)


@inlined
def begins_again(
    told: tuple[Signs, Shown], others: Ints, onset_s: float, reached: Reached
) -> float:
    """Return when a job that did other work at `onset_s` did so again; infinite: it did not.

    Where most weighs, within two spans, of what comes too late for the first time; one alone does
    not tell.
    """
    signs, of_site = told
    of_site.late[:] = 0.0
    for i in others:
        k = span(told, i, onset_s, reached)
        if k >= 0:
            of_site.late[k] += signs.weight[i] * signs.share[i]
    best, most = -1, 0.0
    for k in range(of_site.late.size - 1):
        both = of_site.late[k] + of_site.late[k + 1]
        if both > most:
            best, most = k, both
    again_s, many = np.inf, 0
    for i in others:
        k = span(told, i, onset_s, reached)
        if best >= 0 and k in (best, best + 1):
            again_s = min(again_s, signs.onset_s[i])
            many += 1
    return again_s if many > 1 else np.inf


@inlined
def span(told: tuple[Signs, Shown], i: int, onset_s: float, reached: Reached) -> int:
    """Return in which span what a job's change shows is too late for the first; -1: it is not."""
    signs, of_site = told
    if of_site.wave[i] != CHANGE or of_site.chance[i] <= 0.0:
        return -1
    after_s, came_s = reached.after_s[CHANGE, signs.asset[i]], signs.onset_s[i] - onset_s
    if came_s - signs.slack_s[i] <= 3.0 * after_s + LATE * (LATE_S + after_s):  # as `timely`
        return -1
    return min(int(came_s / SPAN_S), of_site.late.size - 1)
