"""Who stands out among its peers at one slot of event time. 28 bytes a member, O(log n) each.

A member's distance from the median of the others, less what is usual for it (a hot slot in the
chassis is no fault), in spreads: its own, or the group's at this slot (MAD), whichever is more.
Distances are averaged over the last ten or so slots (EWMA chart: Roberts 1959), each clipped, so
that a small deviation that stays counts as much as a large one, and a single slot never does
(Minder's continuity). The average is told in its own usual size, and scored by the tail of the
largest in the group (peaks over threshold). Learning is gated while a member stands out.

Where more than a quarter deviate at once the group has parted, into two jobs or two loads, and
nobody stands out; who is usually far from the others' level is no peer of theirs.
"""

from math import exp

from models.anomaly import tail
from models.compiled import Float32, Int16, Int32, compiled

LEAST = 4  # peers: among fewer nobody knows who is right
WARMUP = 72  # slots, before a member is judged ...
SETTLED = 18  # ... and before it is known how it leans
WEIGHT = 1.0 - 0.5 ** (1.0 / 1440.0)  # half-life of 1440 slots: two hours of 5 s
SHORT = 0.1  # weight of a slot in the average
TOP = 2.9  # reaches: no distance counts as more, so that four slots are needed to be told ...
TOP_OUT = 1.2  # ... and of one that stands out, so that it is soon back
CLIP = 3.0  # spreads: no distance teaches more
NORM = 1.2533141373155003  # sqrt(pi / 2): mean absolute distance to standard deviation
MAD = 1.4826  # median absolute distance to standard deviation
BEGINS = 0.25  # of the reach: one that leans less has not begun to stand out
ALONE = 0.23  # least swing: of distances that know nothing of each other
SUSPECT = 0.125  # of the weight: what one teaches that leans half the reach or more
FAR = 4.0  # spreads: deviates
PART = 4  # one in so many may deviate
TOLERANCE = 0.1  # of the way of the group from its usual level: who is there is no fault
LIKE = 0.25  # of the group's level: who is usually farther from it is no peer ...
LIKE_LEAST = 16.0  # ... unless these are no more spreads
SHARE = 1.0 / 128.0  # of the level: the least spread where no range is declared
STILL = 0.05  # of the level: the least of a group that has never parted ...
STILL_LEAST = 0.1  # ... and the least of that, in the point's unit
CALM = 5  # slots below half the reach: it is back
FARTHEST = 50.0  # swings: nothing needs to reach farther
PRIOR = 1000.0  # slots that what is believed of a tail beforehand is worth
KNOWN = 3.0  # mean excesses
ADOPT = 720  # slots: what lasts so long is normal
RELEARN = 60  # slots far off of one that cannot be told: as above

NOTHING = 0
OUT = 1
BACK = 2
ADOPTED = 3


class Row:
    """What a member remembers."""

    since_ns: int
    """Start of the slot in which it began to lean."""
    offset: Float32
    """Its usual distance from the median of the others."""
    spread: Float32
    """Of that distance."""
    lean: Float32
    """Mean of the last ten or so distances, in spreads."""
    swing: Float32
    """Spread of `lean`."""
    seen: Int16
    """Slots learned; no more than 30,000."""
    run: Int16
    """Slots in a row that were calm, when it stands out, or else far."""
    is_out: bool


class Group:
    """What a group remembers."""

    level: float
    """Its usual median."""
    least: float
    """The least spread, declared; 0.0: none is."""
    tail: tail.Row
    """Of the largest lean of a slot, in swings; excursions count once, with their peaks."""
    peak: Float32
    """Of the excursion beyond the tail's quantile that goes on; 0.0: none does."""
    seen: Int32


class Slot:
    """What is asked."""

    start_ns: int
    frame_ns: int
    threshold: float
    reach: float
    """Swings at which a member of the group is told."""


@compiled
def is_like(row: Row, group: Group) -> bool:
    """Say whether a member is usually where its peers are."""
    near = max(LIKE * abs(group.level), LIKE_LEAST * max(row.spread, group.least))
    return row.seen >= WARMUP and abs(row.offset) <= near


@compiled
def scale(row: Row, group: Group, momentary: float) -> float:
    """Return what one spread is worth, in the point's unit; never 0.0.

    `momentary`: the least that it is at this slot.
    """
    least = group.least if group.least > 0.0 else SHARE * abs(group.level)
    wide = max(row.spread, least, momentary)
    return wide if wide > 0.0 else max(STILL * abs(group.level), STILL_LEAST)


@compiled
def swing(row: Row) -> float:
    """Return what one swing is worth, in spreads."""
    return max(row.swing, ALONE)


@compiled
def clipped(value: float, most: float) -> float:
    """Return `value`, within -most..most."""
    return min(max(value, -most), most)


@compiled
def step(row: Row, away: float, is_told: bool, slot: Slot) -> float:
    """Let a member lean towards `away`, in spreads; return how far it leans, in swings.

    Where it cannot be told it leans back; one that stands out stays as it is.
    """
    if abs(row.lean) < max(BEGINS * slot.reach, 1.0) * swing(row) and not row.is_out:
        row.since_ns = slot.start_ns
    if is_told or SETTLED <= row.seen < WARMUP:
        most = (TOP_OUT if row.is_out else TOP) * slot.reach
        towards = clipped(away, most * swing(row))
        row.lean += SHORT * (towards - row.lean)
    elif not row.is_out:
        row.lean -= SHORT * row.lean
    return abs(row.lean) / swing(row)


@compiled
def learn(row: Row, away: float, wide: float, share: float) -> None:
    """Learn what is usual from a distance of `away` spreads of `wide`; `share` of the weight."""
    distance = (away if row.seen < WARMUP else clipped(away, CLIP)) * wide
    row.offset += share * max(WEIGHT, 1.0 / (row.seen + 1.0)) * distance
    if row.seen > 0:
        weight = share * max(WEIGHT, 1.0 / row.seen)
        row.spread += weight * (NORM * abs(distance) - row.spread)
    leans = min(abs(row.lean), CLIP * swing(row))
    weight = share * max(WEIGHT, 1.0 / (row.seen + WARMUP))
    row.swing += weight * (NORM * leans - row.swing)
    row.seen = min(row.seen + 1, 30_000)


@compiled
def restart(row: Row) -> None:
    """Learn anew what is usual."""
    row.seen = 0
    row.run = 0
    row.is_out = False
    row.offset = 0.0
    row.spread = 0.0
    row.lean = 0.0
    row.swing = 1.0


@compiled
def decide(row: Row, away: float, leans: float, is_told: bool, slot: Slot) -> int:
    """Say whether a member that leans by so many swings begins or ceases to stand out."""
    if row.is_out:
        return _end(row, leans, slot)
    if is_told and leans >= slot.reach:
        row.is_out = True
        row.run = 0
        return OUT
    is_lost = not is_told and row.seen >= WARMUP and abs(away) >= FAR
    row.run = row.run + 1 if is_lost else 0
    if row.run >= RELEARN:
        restart(row)
    return NOTHING


@compiled
def _end(row: Row, leans: float, slot: Slot) -> int:
    row.run = row.run + 1 if leans < 0.5 * slot.reach else 0
    if row.run >= CALM:
        row.is_out = False
        row.run = 0
        row.lean = 0.0
        return BACK
    if slot.start_ns - row.since_ns >= ADOPT * slot.frame_ns:
        restart(row)
        return ADOPTED
    return NOTHING


@compiled
def reach(group: Group, threshold: float) -> float:
    """Return how many swings are as improbable as `threshold`, -log10 of a probability, says."""
    far = (threshold - tail.FIRST) * tail.LN10
    shape = min(tail.BEND * (tail.EXPONENTIAL - group.tail.bend), tail.HEAVIEST)
    if shape > tail.STRAIGHT:
        far = (exp(shape * far) - 1.0) * max(1.0 - shape, 0.2) / shape
    return min(group.tail.quantile + far * max(group.tail.excess, tail.LEAST), FARTHEST)


@compiled
def excursion(group: Group, leans: float, is_told: bool) -> None:
    """Learn from the largest lean of a slot. `is_told`: somebody began to stand out at it.

    An excursion counts once, with its peak (declustering: Leadbetter 1983, Extremes and local
    dependence); one that was told counts as `KNOWN` mean excesses: as more than none, not as usual.
    """
    if leans > group.tail.quantile:
        group.peak = max(group.peak, leans)
    elif group.peak > 0.0:
        _learn_tail(group, group.peak)
        group.peak = 0.0
    else:
        _learn_tail(group, leans)
    if is_told:
        most = group.tail.quantile + KNOWN * max(group.tail.excess, tail.LEAST)
        _learn_tail(group, min(group.peak, most))
        group.peak = 0.0


@compiled
def _learn_tail(group: Group, leans: float) -> None:
    tail.learn(group.tail, leans, group.seen + PRIOR, tail.gain(float(group.seen)))
