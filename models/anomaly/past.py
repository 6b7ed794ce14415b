"""What a chosen signal remembers besides: day and week, and shapes. 1,688 bytes, 0.3 us a sample.

A new extreme of what the clock leaves counts as one of the value, where the value itself is none.
A new shape depends on all the others and counts a quarter.
"""

from models.anomaly import base, centre, season, shape, tail
from models.compiled import compiled

SHAPE_WEIGHT = 0.25

SEASON, SHAPE = 6, 7


class Row:
    """What one chosen signal remembers besides."""

    season: season.Row
    shape: shape.Row


@compiled
def nearest(row: Row, place: centre.Row, value: float) -> tuple[float, float, int]:
    """Return how far `value` is from the centre and the nearest shape, in spreads, and which."""
    if place.seen == 0.0:
        return 0.0, 0.0, -1
    away = (value - place.centre) / centre.scale(place)
    away = min(max(away, -shape.FARTHEST), shape.FARTHEST)
    distance, which = shape.nearest(row.shape, away)
    return away, distance, which


@compiled
def score(
    row: Row, value: float, time_ns: int, distance: float, known: tuple[float, float, int]
) -> tuple[float, int]:
    """Add to what the base says, `known`: its samples, score and reason; score and reason."""
    seen, total, why = known
    if seen < base.WARMUP:
        return 0.0, base.CALM
    timed = season.score(row.season, value, time_ns)
    if timed > total:
        total, why = timed, SEASON
    strange = base.share(shape.score(row.shape, distance, seen), SHAPE_WEIGHT)
    if strange > total:
        why = SHAPE
    return min(total + strange, tail.TOP), why


@compiled
def learn(
    row: Row, value: float, time_ns: int, near: tuple[float, float, int], seen: float
) -> None:
    """Learn one value, the one after `seen` others. `near`: what `nearest` said of it."""
    season.learn(row.season, value, time_ns)
    away, distance, which = near
    shape.learn(row.shape, away, (distance, which), seen)


@compiled
def start(row: Row, value: float, time_ns: int) -> None:
    """Begin at the first value."""
    season.start(row.season, value, time_ns)
    shape.start(row.shape)


@compiled
def follow(row: Row, away: float) -> None:
    """Take one value, `away` spreads from the centre, into the recent past."""
    shape.follow(row.shape, away)


@compiled
def judge(row: Row, every: base.Row, look: base.Look, time_ns: int) -> tuple[float, int]:
    """Score a value by all that is remembered, then learn it; score and reason."""
    value, seen = look.value, every.place.seen
    near = nearest(row, every.place, value)
    known = base.evidence(every, look, base.KNOWN)
    said, why = score(row, value, time_ns, near[1], (seen, *known))
    if seen == 0.0:
        start(row, value, time_ns)
    learn(row, value, time_ns, near, seen)
    follow(row, near[0])
    return base.sure(every, said), why
