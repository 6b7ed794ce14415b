"""Whether an open moment is whole: no signal is due that has not come."""

from models.compiled import bare
from models.gaps import NEVER
from models.rows import Table
from models.trigger.machine.loads import stale_ns
from models.trigger.machine.rows import Coded, Instance, Machine, Reading, is_idle


@bare
def half_ns(machine: Machine, signals: Table, at: Instance) -> int:
    """Return half the shortest interval of an instance's signals; 0: none is known."""
    least, k = 0.0, at.member
    while k >= 0:
        place = machine.members[k]
        interval = float(signals[machine.readings[place.reading].row].interval)
        if is_idle(machine, k):
            interval = 0.0
        if interval > 0.0 and (least == 0.0 or interval < least):
            least = interval
        k = place.mate
    return int(min(least, 1e9) * 0.5e9)


@bare
def is_whole(machine: Machine, signals: Table, at: Instance, program: Coded) -> bool:
    """Say whether no signal is due at the open moment that has not come.

    At the first moment nobody knows who else there is. Who has come stays so: the search goes on
    from the one that was waited for last.
    """
    now = at.now
    if now.asked_ns == NEVER:
        return False
    while now.waits >= 0:
        place = machine.members[now.waits]
        reading = machine.readings[place.reading]
        idle = is_idle(machine, now.waits)
        if not idle and _is_due(signals, reading, program, now.open_ns, now.half_ns):
            return False
        now.waits = place.mate
    return True


@bare
def _is_due(signals: Table, reading: Reading, program: Coded, time_ns: int, half_ns: int) -> bool:
    seen_ns = reading.last.seen_ns
    if seen_ns >= time_ns or seen_ns == NEVER:
        return False
    if time_ns - seen_ns > stale_ns(signals, reading, program):
        return False
    interval = min(float(signals[reading.row].interval), 1e9)
    return interval == 0.0 or seen_ns + int(interval * 1e9) - half_ns <= time_ns
