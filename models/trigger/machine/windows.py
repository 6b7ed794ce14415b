"""Values over time: 30 buckets a window, in event time. 3 KB a window, O(1) a sample, O(30) asked.

A window moves in steps of one thirtieth of its length: at a moment it holds the step that the
moment is in and the 29 before. Means and squares are put together as Chan, Golub, LeVeque 1979.
"""

from math import nan, sqrt

from models.compiled import bare
from models.gaps import NEVER
from models.trigger.condition.program import Feature
from models.trigger.machine.rows import BUCKETS, Bucket, Loaded, Machine

AVG = int(Feature.AVG)
MIN = int(Feature.MIN)
MAX = int(Feature.MAX)
SUM = int(Feature.SUM)
COUNT = int(Feature.COUNT)
DELTA = int(Feature.DELTA)
RATE_OVER = int(Feature.RATE_OVER)
CHANGES = int(Feature.CHANGES)
DEVIATION = int(Feature.DEVIATION)
SLOPE = int(Feature.SLOPE)
ABSENT = int(Feature.ABSENT)
AGO_STEPS = 20
"""Of the 30 buckets, those that are newer than `ago` looks."""


@bare
def take(machine: Machine, index: int, value: float, time_ns: int) -> None:
    """Put a usable sample into a ring. Of one that goes back in time, all before is forgotten."""
    ring = machine.rings[index]
    number = time_ns // ring.step_ns
    if number < ring.newest:
        for k in range(BUCKETS):
            machine.buckets[index * BUCKETS + k].count = 0
    ring.newest = number
    bucket = machine.buckets[index * BUCKETS + number % BUCKETS]
    if bucket.count == 0 or bucket.number != number:
        _begin(bucket, number, value, time_ns)
    t = (time_ns - number * ring.step_ns) / 1e9
    _add(bucket, value, t)
    bucket.last_ns = time_ns


@bare
def _begin(bucket: Bucket, number: int, value: float, time_ns: int) -> None:
    bucket.number = number
    bucket.first_ns = time_ns
    bucket.first = value
    bucket.last = value
    bucket.least = value
    bucket.most = value
    bucket.count = 0
    bucket.changes = 0
    bucket.mean = 0.0
    bucket.square = 0.0
    bucket.times = 0.0
    bucket.time_square = 0.0
    bucket.both = 0.0


@bare
def _add(bucket: Bucket, value: float, t: float) -> None:
    bucket.count += 1
    away, late = value - bucket.mean, t - bucket.times
    bucket.mean += away / bucket.count
    bucket.times += late / bucket.count
    bucket.square += away * (value - bucket.mean)
    bucket.time_square += late * (t - bucket.times)
    bucket.both += late * (value - bucket.mean)
    bucket.least = min(bucket.least, value)
    bucket.most = max(bucket.most, value)
    if value != bucket.last:
        bucket.changes += 1
    bucket.last = value


@bare
def empties_ns(machine: Machine, index: int, load: Loaded) -> int:
    """Return when nothing is in a window any more, if no sample comes; NEVER: nothing is."""
    ring = machine.rings[index]
    if ring.newest == NEVER:
        return NEVER
    return int((ring.newest + load.steps) * ring.step_ns)


@bare
def ago(machine: Machine, index: int, at_ns: int) -> float:
    """Return the newest sample at least so old; NaN where there is none, up to half as old again.

    Of a step that the moment so long ago is in, its last or its first one is known.
    """
    ring = machine.rings[index]
    then_ns = at_ns - AGO_STEPS * ring.step_ns
    number, found, value = then_ns // ring.step_ns, NEVER, nan
    for k in range(BUCKETS):
        bucket = machine.buckets[index * BUCKETS + k]
        if bucket.count == 0 or not number - BUCKETS + AGO_STEPS < bucket.number <= number:
            continue
        if bucket.last_ns <= then_ns:
            if bucket.last_ns > found:
                found, value = bucket.last_ns, bucket.last
        elif found < bucket.first_ns <= then_ns:
            found, value = bucket.first_ns, bucket.first
    return value


@bare
def over(  # noqa: C901, PLR0911, PLR0912 - one pass over the buckets, and what each feature makes of it
    machine: Machine, index: int, load: Loaded, at_ns: int
) -> float:
    """Return what a window holds at a moment; NaN: too little for that."""
    ring = machine.rings[index]
    newest = at_ns // ring.step_ns
    newest = max(newest, ring.newest)
    count, changes, mean, square = 0, 0, 0.0, 0.0
    times, time_square, both = 0.0, 0.0, 0.0
    least = most = first = last = nan
    first_ns = last_ns = 0
    oldest = newest - load.steps + 1
    for number in range(oldest, newest + 1):
        bucket = machine.buckets[index * BUCKETS + number % BUCKETS]
        if bucket.count == 0 or bucket.number != number:
            continue
        if count == 0:
            least, most = bucket.least, bucket.most
            first, first_ns = bucket.first, bucket.first_ns
        else:
            least, most = min(least, bucket.least), max(most, bucket.most)
            changes += 1 if bucket.first != last else 0
        last, last_ns = bucket.last, bucket.last_ns
        changes += bucket.changes
        total = count + bucket.count
        t = bucket.times + (number - oldest) * (ring.step_ns / 1e9)
        away, late = bucket.mean - mean, t - times
        weight = count * bucket.count / total
        square += bucket.square + away * away * weight
        time_square += bucket.time_square + late * late * weight
        both += bucket.both + away * late * weight
        mean += away * bucket.count / total
        times += late * bucket.count / total
        count = total
    if load.feature == COUNT:
        return float(count)
    if load.feature == ABSENT:
        return 1.0 if count == 0 else 0.0
    if count == 0:
        return nan
    if load.feature == AVG:
        return mean
    if load.feature == MIN:
        return least
    if load.feature == MAX:
        return most
    if load.feature == SUM:
        return mean * count
    if load.feature == CHANGES:
        return float(changes)
    if load.feature == DEVIATION:
        return sqrt(square / count)
    if count == 1:
        return nan
    if load.feature == DELTA:
        return last - first
    if load.feature == RATE_OVER:
        return (last - first) / ((last_ns - first_ns) / 1e9)
    if load.feature == SLOPE:
        return both / time_square
    return nan
