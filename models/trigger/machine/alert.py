"""What an instance's alert does at a moment: as `models.trigger.limit`, with `until` and a rest.

Pending for `for`, firing, held back below the floor; resolved when `until` holds, or the condition
does not (what is unknown does not hold), for `keep_firing_for` without a break.
"""

from models.compiled import bare
from models.gaps import NEVER
from models.trigger.limit import FIRING, IDLE, NOTHING, PENDING, RESOLVE, fires
from models.trigger.machine.rows import LATER, Coded, Standing

BEGAN = 4
"""It may become an alert."""
CLEARS = 5
"""It may be over."""


@bare
def due(now: Standing, program: Coded, time_ns: int) -> int:
    """Say what an alert that waits does when event time reaches `time_ns`."""
    what = fires(now, program.for_ns, program.floor, time_ns)
    if what != NOTHING or now.state != FIRING or now.cleared_ns == NEVER:
        return what
    if time_ns < now.cleared_ns + program.keep_ns:
        return NOTHING
    now.state = IDLE
    now.ended_ns = now.cleared_ns + program.keep_ns
    now.cleared_ns = NEVER
    return RESOLVE


@bare
def waits_ns(now: Standing, program: Coded) -> int:
    """Return when `due` has something to say at the earliest; LATER: not by time alone."""
    if now.state == PENDING:
        return int(now.since_ns + program.for_ns)
    if now.state == FIRING and now.cleared_ns > NEVER:
        return int(now.cleared_ns + program.keep_ns)
    return LATER


@bare
def step(now: Standing, holds: bool, ends: bool, good: float, time_ns: int) -> int:
    """Take what the condition is at a moment, after `due` was asked: BEGAN, CLEARS or NOTHING.

    `ends`: what resolves a firing alert holds. After BEGAN and CLEARS ask `due` once more.
    """
    what = NOTHING
    if now.state == FIRING:
        if not ends:
            now.cleared_ns = NEVER
        elif now.cleared_ns == NEVER:
            now.cleared_ns = time_ns
            what = CLEARS
    elif not holds:
        now.state = IDLE
    elif now.state == IDLE:
        now.state = PENDING
        now.since_ns = time_ns
        now.cleared_ns = NEVER
        what = BEGAN
    if holds or what == CLEARS:
        now.good = good
    return what
