"""The detectors that every signal has, and what they say together. 152 bytes, O(1) a sample.

Each says how surprising a sample is, as -log10 of a tail probability; they are added up by weight
(Good 1955, On the weighted combination of significance tests). New extremes are calibrated without
a model and count in full. Level and swing depend on one another and count half: when both say the
same, that is as much as one. An outlier and its jump are one spike, which an extreme is too: the
larger of them counts a quarter, where no extreme says more. But what is beyond `DOUBT` decades
counts in full, whatever the others say. The largest share is the reason.

Samples show as many decades as they can count, log10 of their number; what is beyond is
extrapolated. Where what is normal is known from fewer than `SURE` samples, of that at most `DOUBT`
decades count, in proportion to their number: that a signal leaps whose first night this is says
little, however far it leaps. What is known from before a change that has lasted speaks for itself:
there it counts in proportion to itself, if that is more, so that `DOUBT` decades and more count in
full; so it does where all was 0 so far, as the first error of a port is news at any age.
A spike shows less than level and swing do: before `SPIKES` samples the largest of outlier, jump and
extreme counts, before all that, at most as many decades as they can count and `DOUBT` by the square
of their share of `SPIKES`. So a leap that stays is taken for normal before it can be told.
Before `KNOWN` samples a value that is no farther out than one before is no rarer than two in all of
them (Rényi 1962, as in `reach`), however far from the centre.

How rare it is to be far off is learned from the first samples of an alarm only: else a ramp would
teach, while it lasts, that it is usual, and never be told. Once it is over, an alarm of more than
`BRIEF` samples counts as one peak (declustering: Leadbetter 1991, On a basis for peaks over
threshold modeling), else a fault would hide the next one; not one that was adopted, which is usual
now, and not before `KNOWN` samples: a young signal's own ways are still to be met.
"""

from math import log10
from typing import NamedTuple

from models.anomaly import centre, gate, jump, level, outlier, reach, swing, tail
from models.compiled import Byte, compiled, inlined

WARMUP = 64  # samples learned before the first answer
LEVEL = SWING = 0.5
SPIKE = 0.25
BRIEF = 20  # samples: an alarm that lasts longer is no burst
KNOWN = 1000.0  # samples: most of what a signal does has been met
LONGEST = 255  # samples
DOUBT = 6.0  # decades that a tail of one detector alone is not believed
SURE = 500.0  # samples: what is normal is known
SPIKES = 700.0  # samples: and how far its spikes go
ENOUGH = 5  # samples in alarm: how rare they are is learned from no more, once normal is known
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
    alarm: Byte
    """Samples that the alarm has lasted for, `LONGEST` at most; 0: there is none."""
    turn: Byte
    """Samples since the ranges last shrank."""
    has_changed: bool
    """A change has lasted: more is known than samples have been seen since."""


class Look(NamedTuple):
    """One value as the detectors see it, before it is learned."""

    value: float
    step: float
    """Size of its difference to the last one."""
    spread: float
    """What one is worth, in the point's unit."""
    unit: float
    """What a usual step is worth, in the point's unit."""
    away: float
    """From the centre, in spreads."""
    size: float
    """Of the step, in usual ones."""


@inlined
def believed(value: float) -> float:
    """Return `value`, a number, or the farthest that any is taken for."""
    if value > MOST:
        return MOST
    return max(value, -MOST)


@inlined
def share(score: float, weight: float) -> float:
    """Return what one detector's `score` counts."""
    return max(weight * score, score - DOUBT)


@inlined
def look(row: Row, value: float, step: float) -> Look:
    """Look at one value. `step`: its difference to the last one."""
    spread = centre.scale(row.place)
    unit = jump.unit(row.jump, row.place.mesh, spread)
    step = abs(step)
    away = (value - row.place.centre) / spread
    return Look(value, step, spread, unit, away, step / unit)


@inlined
def score(row: Row, look: Look) -> tuple[float, int]:
    """Say how surprising a value is (-log10 of a probability, >= 0.0) and which detector says so.

    0.0 until `WARMUP` samples have been learned.
    """
    said, why = evidence(row, look, KNOWN)
    return sure(row, said), why


@compiled
def met(score: float, seen: float) -> float:
    """Return what a `score` counts of what is no farther out than one of `seen` samples, >= 2."""
    return min(score, log10(0.5 * seen))


@inlined
def sure(row: Row, score: float) -> float:
    """Return what a `score` counts, as it may rest on few samples."""
    if score == 0.0 or row.place.seen >= SURE:  # as a rule
        return score
    return doubted(row, score)


@inlined
def speaks(row: Row) -> bool:
    """Say whether what is known speaks for itself, however few samples it rests on."""
    return row.has_changed or reach.is_nothing(row.reach)


@compiled
def doubted(row: Row, score: float) -> float:
    """Return what a `score` counts that rests on fewer samples than `SURE`."""
    counted = min(score, log10(row.place.seen))
    more, known = score - counted, row.place.seen / SURE
    if speaks(row):
        return counted + more * max(known, min(more / DOUBT, 1.0))
    return counted + min(more, DOUBT) * known


@inlined
def evidence(row: Row, look: Look, known: float) -> tuple[float, int]:
    """Say the same as `score`, however few samples it rests on.

    `known`: samples until which no value within those before is an outlier.
    """
    if row.place.seen < WARMUP:
        return 0.0, CALM
    extreme = reach.score(row.reach, look.value, row.place.seen)
    far, jumped = outlier.score(row.outlier, look.away), jump.score(row.jump, look.size)
    moved = level.score(row.level, look.away)
    swung = swing.score(row.swing, look.size, row.jump.usual / look.unit)
    if extreme + far + jumped + moved + swung == 0.0:  # as a rule
        return 0.0, CALM
    if row.place.seen < known and reach.is_met(row.reach, look.value):
        far = met(far, row.place.seen)
    most = most_of_spike(row) if row.place.seen < min(known, SPIKES) else tail.TOP
    return together(extreme, (far, jumped), (moved, swung), most)


@compiled
def most_of_spike(row: Row) -> float:
    """Return the most that a spike counts that rests on fewer samples than `SPIKES`."""
    if speaks(row):
        return tail.TOP
    seen = row.place.seen
    return log10(seen) + DOUBT * (seen / SPIKES) ** 2


@compiled
def together(
    extreme: float, spike: tuple[float, float], lasting: tuple[float, float], limit: float
) -> tuple[float, int]:
    """Add up what the detectors say; score and reason.

    `spike`: outlier and jump. `lasting`: level and swing. `limit`: the most that a spike counts.
    """
    most, why = extreme, EXTREME
    far, jumped = share(spike[0], SPIKE), share(spike[1], SPIKE)
    if far > most:
        most, why = far, OUTLIER
    if jumped > most:
        most, why = jumped, JUMPED
    moved, swung = share(lasting[0], LEVEL), share(lasting[1], SWING)
    most = min(most, limit)
    total = most + moved + swung
    if moved > most:
        most, why = moved, MOVED
    if swung > most:
        why = SWUNG
    return min(total, tail.TOP), why


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
    row.turn = row.alarm = 0
    row.has_changed = False


@inlined
def learn(row: Row, look: Look, shut: int, is_lasting: bool) -> None:
    """Learn one value as far as a gate lets: as normal unless it is shut, and how rare it is.

    `shut`: samples for which the gate is; 0: it is open. `is_lasting`: what was out is from now on
    the normal one. Of the first value no step counts.
    """
    if row.place.seen == 0.0:
        start(row, look.value)
        return
    follow(row, look)
    if shut > 0:
        note(row, shut)
    elif row.alarm > 0:
        end(row, is_lasting)
    watch(row, look, shut <= ENOUGH or row.place.seen < SURE)
    if is_lasting:
        adopt(row)
    if shut == 0:
        settle(row, look)


@inlined
def follow(row: Row, look: Look) -> None:
    """Take one value, not the first, into the recent past; learn nothing of what is normal."""
    reach.follow(row.reach, look.value)
    level.follow(row.level, look.away)
    swing.follow(row.swing, look.size)


@inlined
def watch(row: Row, look: Look, is_new: bool) -> None:
    """Learn how rare this is, which is now the recent past; not what is normal.

    `is_new`: how rare it is to be so far off, too.
    """
    seen = row.place.seen
    row.turn = (row.turn + 1) % reach.TURN
    if row.turn == 0:
        reach.forget(row.reach)
    reach.learn(row.reach, look.value, seen)
    if seen < centre.FREE:
        return
    known = seen - centre.FREE
    gain = tail.gain(known)
    if is_new:
        outlier.learn(row.outlier, look.away, known, gain)
        level.learn(row.level, known, gain)
    jump.learn(row.jump, look.size, known, gain)
    swing.learn(row.swing, row.jump.usual / look.unit, known, gain)


@compiled
def note(row: Row, shut: int) -> None:
    """Note that an alarm goes on; keep, at its first sample, how rare it was to be far off."""
    row.alarm = min(shut, LONGEST)
    if shut == 1:
        tail.copy(row.outlier.tail, row.outlier.kept)
        tail.copy(row.level.tail, row.level.kept)


@compiled
def end(row: Row, is_lasting: bool) -> None:
    """Take back, now that an alarm is over, what it has taught too much."""
    lasted = row.alarm - gate.CALM + 1
    row.alarm = 0
    if is_lasting or lasted <= BRIEF or row.place.seen < KNOWN:
        return
    tail.temper(row.outlier.tail, row.outlier.kept, 1.0 / ENOUGH)
    tail.temper(row.level.tail, row.level.kept, 1.0 / ENOUGH)


@inlined
def settle(row: Row, look: Look) -> None:
    """Move what is normal towards the value: centre, spread and step. Not in alarm."""
    seen = row.place.seen
    jump.learn_usual(row.jump, look.size, look.unit, seen)
    centre.learn(row.place, look.value, look.step, look.spread)


@compiled
def is_new(row: Row) -> bool:
    """Say whether what is normal changed of late, `SURE` samples ago at most."""
    return bool(row.has_changed and row.place.seen < SURE)


@compiled
def adopt(row: Row) -> None:
    """Take what has lasted for the new normal: learn it as fast as the first values."""
    row.has_changed |= row.place.seen >= YOUNG
    row.place.seen = min(row.place.seen, YOUNG)
