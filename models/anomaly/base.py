"""The detectors that every signal has, and what they say together. 128 bytes, O(1) a sample.

Each says how surprising a sample is, as -log10 of a tail probability; they are added up by weight
(Good 1955, On the weighted combination of significance tests). New extremes are calibrated without
a model and count in full. Level and swing depend on one another and count half: when both say the
same, that is as much as one. An outlier and its jump are one spike, which an extreme is too: the
larger of them counts a quarter, where no extreme says more. But what is beyond `DOUBT` decades
counts in full, whatever the others say. The largest share is the reason.
"""

from models.anomaly import centre, jump, level, outlier, reach, swing, tail
from models.compiled import compiled

WARMUP = 64  # samples learned before the first answer
LEVEL = SWING = 0.5
SPIKE = 0.25
DOUBT = 6.0  # decades that a tail of one detector alone is not believed
YOUNG = 200.0  # samples: what was known before counts as so many, once a change has lasted
MOST = 1e36  # what is farther out counts as this: its differences are single floats

CALM, EXTREME, OUTLIER, JUMPED, MOVED, SWUNG = 0, 1, 2, 3, 4, 5


class Row:
    """What one signal remembers."""

    place: centre.Row
    reach: reach.Row
    outlier: outlier.Row
    jump: jump.Row
    level: level.Row
    swing: swing.Row


@compiled
def believed(value: float) -> float:
    """Return `value`, a number, or the farthest that any is taken for."""
    if value > MOST:
        return MOST
    return max(value, -MOST)


@compiled
def share(score: float, weight: float) -> float:
    """Return what one detector's `score` counts."""
    return max(weight * score, score - DOUBT)


@compiled
def score(row: Row, value: float, step: float) -> tuple[float, int]:
    """Say how surprising `value` is (-log10 of a probability, >= 0.0) and which detector says so.

    0.0 until `WARMUP` samples have been learned. `step`: the difference to the last value.
    """
    if row.place.seen < WARMUP:
        return 0.0, CALM
    step = abs(step)
    spread = centre.scale(row.place)
    away = (value - row.place.centre) / spread
    unit = 1.0 / jump.unit(row.jump, row.place.mesh, spread)
    size = step * unit
    most, why = reach.score(row.reach, value, row.place.seen), EXTREME
    far = share(outlier.score(row.outlier, away), SPIKE)
    if far > most:
        most, why = far, OUTLIER
    jumped = share(jump.score(row.jump, size), SPIKE)
    if jumped > most:
        most, why = jumped, JUMPED
    moved = share(level.score(row.level, away), LEVEL)
    swung = share(swing.score(row.swing, size, row.jump.usual * unit), SWING)
    total = most + moved + swung
    if moved > most:
        most, why = moved, MOVED
    if swung > most:
        why = SWUNG
    return min(total, tail.TOP), why if total > 0.0 else CALM


@compiled
def start(row: Row, value: float) -> None:
    """Begin at the first value."""
    value = min(max(value, -MOST), MOST)
    centre.start(row.place, value)
    reach.start(row.reach, value)
    outlier.start(row.outlier)
    jump.start(row.jump)
    level.start(row.level)
    swing.start(row.swing)


@compiled
def learn(row: Row, value: float, step: float) -> None:
    """Learn one value. `step`: its difference to the last one; of the first nothing counts."""
    learn_gated(row, value, step, False, False)


@compiled
def learn_gated(row: Row, value: float, step: float, is_shut: bool, is_lasting: bool) -> None:
    """Learn one value as far as a gate lets: how rare it is always, as normal unless `is_shut`.

    `is_lasting`: what was out is from now on the normal one.
    """
    if row.place.seen == 0.0:
        start(row, value)
        return
    follow(row, value, step)
    watch(row, value, step)
    if is_lasting:
        adopt(row)
    if not is_shut:
        settle(row, value, step)


@compiled
def follow(row: Row, value: float, step: float) -> None:
    """Take one value, not the first, into the recent past; learn nothing of what is normal."""
    spread = centre.scale(row.place)
    reach.follow(row.reach, value)
    level.follow(row.level, (value - row.place.centre) / spread)
    swing.follow(row.swing, abs(step) / jump.unit(row.jump, row.place.mesh, spread))


@compiled
def watch(row: Row, value: float, step: float) -> None:
    """Learn how rare this is, which is now the recent past; not what is normal."""
    step, seen = abs(step), row.place.seen
    reach.learn(row.reach, value, seen)
    if seen < centre.FREE:
        return
    spread = centre.scale(row.place)
    unit = jump.unit(row.jump, row.place.mesh, spread)
    known = seen - centre.FREE
    gain = tail.gain(known)
    outlier.learn(row.outlier, (value - row.place.centre) / spread, known, gain)
    level.learn(row.level, known, gain)
    jump.learn(row.jump, step / unit, known, gain)
    swing.learn(row.swing, row.jump.usual / unit, known, gain)


@compiled
def settle(row: Row, value: float, step: float) -> None:
    """Move what is normal towards `value`: centre, spread and step. Not in alarm."""
    step, seen = abs(step), row.place.seen
    spread = centre.scale(row.place)
    unit = jump.unit(row.jump, row.place.mesh, spread)
    jump.learn_usual(row.jump, step / unit, unit, seen)
    centre.learn(row.place, value, step, spread)


@compiled
def adopt(row: Row) -> None:
    """Take what has lasted for the new normal: learn it as fast as the first values."""
    row.place.seen = min(row.place.seen, YOUNG)
