"""What one sign says for one cause: log odds that it is the cause's doing, against chance.

How likely its wave makes the last step and shows such a sign, how well that fits in time, and how
rarely such a sign comes by itself.
"""

from math import log
from typing import NamedTuple

import numpy as np

from models.cascade.again import AGAIN, CHANGE
from models.cascade.physics import WAVES, Physics
from models.cascade.reach import Reached
from models.cascade.says import Says
from models.cascade.signs import Shown, Signs
from models.cascade.ways import EARLY_S, hop, timely
from models.compiled import inlined

SURE = 1.0
"""A sign is explained where the odds are at least this, in log."""
ALIKE = 0.02
"""What comes from elsewhere reaches peers alike: of its chance, what is left where they differ; of
a job's other work, that again."""
ELSEWHERE = 3.0
"""What it costs where the strongest of many alike is not at the cause itself."""
FORGIVEN = 2.0
"""Who wait late have one reason for it, so many alike count that about once; up to so much, in log:
some three quarters of a minute. What is bad since long is not why others wait now."""
WAIT = int(Says.WAIT)
WARMTH = int(Says.HOT), int(Says.COLD), int(Says.FASTER), int(Says.SLOWER)
"""What other work brings about in time: nothing is warm of it before."""
What = tuple[int, bool, int, int, tuple[float, float], float]
"""Place of a sign, whether it is the cause's own, fault and kind of asset, onset in s and when it
was so again or got worse, and belief."""


class Comes(NamedTuple):
    """How a wave comes to show a sign."""

    chance: float
    """That it makes the last step, and shows it."""
    after_s: float
    """After the fault, when it should."""
    took_s: float
    """Of that, the last step."""


@inlined
def comes(
    tables: Physics,
    told: tuple[Signs, Shown],
    what: What,
    reached: Reached,
) -> Comes:
    """Say how a cause comes to show a sign."""
    (signs, of_site), (i, is_own, fault, kind, (onset_s, _), believed) = told, what
    says, wave, chance = signs.says[i], of_site.wave[i], of_site.chance[i]
    step = hop(reached, signs.asset[i] * WAVES + wave)
    if chance > 0.0:
        chance *= step.chance / reached.chance[wave, signs.asset[i]]
    is_mark = tables.starts[fault, wave] > 0.0 and (
        tables.marks[wave, says] > 0.0 or np.sum(tables.marks[wave]) == 0.0
    )
    if not is_mark or wave == CHANGE:
        chance *= believed
    if says == WAIT:
        chance *= tables.waits[fault]
    if wave == CHANGE and says in WARMTH and signs.onset_s[i] < onset_s - EARLY_S:
        chance = 0.0
    if signs.apart[i]:
        chance *= ALIKE * ALIKE if wave == CHANGE else ALIKE
    if is_own and tables.own[kind, fault, says] >= chance:
        return Comes(tables.own[kind, fault, says], 0.0, 0.0)
    return Comes(chance, reached.after_s[wave, signs.asset[i]], step.took_s)


@inlined
def gain(
    tables: Physics,
    told: tuple[Signs, Shown],
    what: What,
    reached: Reached,
) -> float:
    """Say how well a cause explains a sign: log odds against chance, 0.0: not."""
    (signs, of_site), (i, is_own, _, _, (onset_s, again_s), _) = told, what
    way, wave = comes(tables, told, what, reached), of_site.wave[i]
    if way.chance <= 0.0:
        return 0.0
    late_s = signs.onset_s[i] - onset_s - way.after_s
    fits = timely(late_s, way.after_s, way.took_s, signs.slack_s[i])
    if not is_own and signs.onset_s[i] >= onset_s:  # a cause comes again, or gets worse: not both
        fits = max(fits, AGAIN if wave == CHANGE else 0.0)
        late_s = signs.onset_s[i] - again_s - way.after_s
        fits = max(fits, timely(late_s, way.after_s, way.took_s, signs.slack_s[i]))
    odds = signs.weight[i] + log(way.chance * fits)
    if odds < SURE:
        return 0.0
    away = ELSEWHERE if signs.strongest[i] and not is_own else 0.0
    if signs.onset_s[i] + signs.slack_s[i] < onset_s:  # what is before its cause is so for all
        away -= (1.0 - signs.share[i]) * log(fits)
    elif tables.faint[wave] < 1.0 and not is_own:  # many that wait late have one reason for it
        away += signs.share[i] * (1.0 - signs.share[i]) * max(log(fits), -FORGIVEN)
    left: float = odds * signs.share[i] - away
    return max(left, 0.0)
