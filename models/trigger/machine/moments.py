"""When an instance is asked, and what it then tells.

A sample of one of its signals at a time opens that moment. What was open before, and what was due
by itself before, is asked first, with what was known then. An open moment is asked once no signal
is due any more that has not come: so the samples of one scrape are seen together, and one signal
alone is asked at once, but for the first time. Else a later sample asks it, or the watermark: with
the same outcome, for below the watermark nothing comes any more.
"""

from math import nan

from models.compiled import bare
from models.gaps import NEVER, seconds
from models.quality import OLD, UNUSABLE
from models.rows import Span, Table
from models.silence import GONE
from models.trigger.limit import FIRING, NOTHING, RESOLVE
from models.trigger.machine import alert, evidence, whole, windows
from models.trigger.machine.rows import LATER, NAPS, PEER, ROOM, Instance, Machine, Reading, is_idle
from models.trigger.machine.stack import run
from schemas.telemetry import Floats, Indices, Quality

UNTAKEN = UNUSABLE | int(Quality.RESET)  # of a counter that began again: at least this
TIMELESS = OLD | int(Quality.FUTURE)


@bare
def take(  # noqa: PLR0913, PLR0917 - the samples of one span
    machine: Machine,
    signals: Table,
    lanes: Table,
    span: Span,
    rows: Indices,
    values: Floats,
    happened: Table,
    n: int,
) -> int:
    """Take those samples of a span that rules read; ask what is to be asked; count the events.

    `rows`: the map of shapes to rows. `values`: of the signals that are there, without those beyond
    the most. Flaws and scores stand in the machine's scratch.
    """
    there = 0
    for i in range(span.count):
        row = rows[span.rows + i]
        if row < 0:
            continue
        if machine.reading_of[row] >= 0:
            n = _take(machine, signals, lanes, span, row, values[there], i, happened, n)
        there += 1
    return n


@bare
def _take(  # noqa: PLR0913, PLR0917 - one sample
    machine: Machine,
    signals: Table,
    lanes: Table,
    span: Span,
    row: int,
    value: float,
    place: int,
    happened: Table,
    n: int,
) -> int:
    reading, signal = machine.readings[machine.reading_of[row]], signals[row]
    flaws, score = machine.flaws[place], machine.scores[place]
    last = reading.last
    if flaws & TIMELESS:
        last.status = flaws
        return n
    if signal.lane != last.lane:
        n = _move(machine, signals, lanes, reading, signal.lane, happened, n)
    if span.time_ns < last.seen_ns:
        _set_back(machine, reading, span.time_ns)
    k = reading.member
    while k >= 0:
        if not is_idle(machine, k):
            n = reach(machine, signals, machine.members[k].instance, span.time_ns, happened, n)
        k = machine.members[k].next
    last.status = flaws
    last.seen_ns = span.time_ns
    last.good = signal.quality.good
    if not flaws & UNTAKEN:
        _remember(machine, reading, span, value)
        last.mark = flaws
        last.score = score
        last.anomalous = 1 if signal.episode > 0 else 0
    k = reading.member
    while k >= 0:
        if not is_idle(machine, k):
            n = _open(machine, signals, k, span, happened, n)
        k = machine.members[k].next
    return n


@bare
def _remember(machine: Machine, reading: Reading, span: Span, value: float) -> None:
    last = reading.last
    last.rate = nan
    if NEVER < last.time_ns < span.time_ns:
        last.rate = (value - last.value) / seconds(last.time_ns, span.time_ns)
    last.time_ns = span.time_ns
    last.value = value
    last.offset = span.offset
    last.source = span.source
    ring = reading.ring
    while ring >= 0:
        windows.take(machine, ring, value, span.time_ns)
        ring = machine.rings[ring].next


@bare
def _move(  # noqa: PLR0913, PLR0917 - one sample
    machine: Machine,
    signals: Table,
    lanes: Table,
    reading: Reading,
    lane: int,
    happened: Table,
    n: int,
) -> int:
    """Let a signal be heard in another lane, that may be behind; count the events.

    What the others' watermarks had reached is asked without it, as the end of a block had done.
    """
    k = reading.member
    while k >= 0:
        if not is_idle(machine, k):
            n = settle(machine, signals, lanes, machine.members[k].instance, happened, n)
        k = machine.members[k].next
    reading.last.lane = lane
    return n


@bare
def _set_back(machine: Machine, reading: Reading, time_ns: int) -> None:
    """Let all that read a signal go on from an earlier time: its clock was ahead."""
    k = reading.member
    while k >= 0:
        at, founds = machine.instances[machine.members[k].instance], machine.members[k].founds
        k = machine.members[k].next
        if founds == PEER:
            continue
        now = at.now
        now.asked_ns = NEVER
        now.open_ns = LATER
        now.due_ns = LATER
        now.since_ns = min(now.since_ns, time_ns)
        now.cleared_ns = min(now.cleared_ns, time_ns)
        for slot in range(at.slot, at.slot + at.slots):
            machine.slots[slot] = NEVER
    reading.last.time_ns = min(reading.last.time_ns, time_ns)


@bare
def reach(  # noqa: PLR0913, PLR0917 - one step of time of one instance
    machine: Machine, signals: Table, index: int, time_ns: int, happened: Table, n: int
) -> int:
    """Ask an instance at all its moments before `time_ns`, in order; count the events."""
    now = machine.instances[index].now
    while min(now.open_ns, now.due_ns) < time_ns:
        if now.due_ns < now.open_ns:
            if now.naps == NAPS:
                now.due_ns = LATER
                continue
            now.naps += 1
        n = ask(machine, signals, index, min(now.open_ns, now.due_ns), happened, n)
    return n


@bare
def ask(  # noqa: PLR0913, PLR0917 - one moment of one instance
    machine: Machine, signals: Table, index: int, at_ns: int, happened: Table, n: int
) -> int:
    """Ask an instance at a moment; count the events, at most two."""
    at = machine.instances[index]
    now, program = at.now, machine.programs[at.rule]
    what = alert.due(now, program, at_ns)
    if what != NOTHING:
        n = evidence.tell(machine, index, what, happened, n)
    machine.counts[1] = LATER
    value, good = run(machine, signals, at, program, program.first, program.until, at_ns)
    ends = value != 1.0
    if program.end > program.until:
        over, _ = run(machine, signals, at, program, program.until, program.end, at_ns)
        ends = over == 1.0
    now.asked_ns = at_ns
    now.due_ns = machine.counts[1]
    if now.open_ns <= at_ns:
        now.open_ns = LATER
    what = alert.step(now, value == 1.0, ends, good, at_ns)
    if what == NOTHING:
        return n
    evidence.cite(machine, signals, at, program, at_ns)
    what = alert.due(now, program, at_ns)
    return n if what == NOTHING else evidence.tell(machine, index, what, happened, n)


@bare
def _open(  # noqa: PLR0913, PLR0917 - one sample of one instance
    machine: Machine, signals: Table, member: int, span: Span, happened: Table, n: int
) -> int:
    """Open the moment of a sample that has been taken, and ask it if nothing is waited for."""
    place = machine.members[member]
    at = machine.instances[place.instance]
    now = at.now
    if now.is_over:
        return n
    if not now.is_awake:
        if place.founds != 1 or _is_replaced(machine, at):
            return n
        now.is_awake = 1
        n = _replace(machine, signals, at, span, happened, n)
    if place.founds != PEER:
        now.naps = 0
    if place.founds != PEER and now.open_ns == LATER and span.time_ns > now.asked_ns:
        now.open_ns = span.time_ns
        now.waits = at.member
        now.half_ns = whole.half_ns(machine, signals, at)
    if now.open_ns < LATER and whole.is_whole(machine, signals, at, machine.programs[at.rule]):
        n = ask(machine, signals, place.instance, now.open_ns, happened, n)
    return n


@bare
def _is_replaced(machine: Machine, at: Instance) -> bool:
    """Say whether an instance without labels has others, with some, in its place."""
    if at.home != -1:
        return False
    k = at.sibling
    while k >= 0:
        if machine.instances[k].now.is_awake:
            at.now.is_over = 1
            return True
        k = machine.instances[k].sibling
    return False


@bare
def _replace(  # noqa: PLR0913, PLR0917 - one sample of one instance
    machine: Machine, signals: Table, at: Instance, span: Span, happened: Table, n: int
) -> int:
    """Let an instance with labels take the place of that without; end its alert."""
    if at.home < 0:
        return n
    n = reach(machine, signals, at.home, span.time_ns, happened, n)
    now = machine.instances[at.home].now
    if now.is_awake and not now.is_over and now.state == FIRING:
        now.ended_ns = span.time_ns
        n = evidence.tell(machine, at.home, RESOLVE, happened, n)
    now.is_over = 1
    now.open_ns = LATER
    now.due_ns = LATER
    now.state = 0
    return n


@bare
def waited(  # noqa: PLR0913, PLR0917 - tables
    machine: Machine, signals: Table, lanes: Table, begin: int, ahead_ns: int, happened: Table
) -> tuple[int, int]:
    """Let time pass for instances from `begin` on, as far as their signals' watermarks have come.

    `ahead_ns`: the latest watermark. Return how far it came (it stops when `happened` may run
    full), and the number of events.
    """
    n = 0
    for index in range(begin, machine.instances.size):
        at = machine.instances[index]
        now, program = at.now, machine.programs[at.rule]
        if min(now.open_ns, now.due_ns, alert.waits_ns(now, program)) > ahead_ns:
            continue
        if happened.size - n < ROOM:
            return index, n
        n = settle(machine, signals, lanes, index, happened, n)
    return machine.instances.size, n


@bare
def settle(  # noqa: PLR0913, PLR0917 - one step of time of one instance
    machine: Machine, signals: Table, lanes: Table, index: int, happened: Table, n: int
) -> int:
    """Ask an instance all that its signals' watermarks have reached; count the events."""
    at, to_ns = machine.instances[index], _reached(machine, lanes, machine.instances[index])
    n = reach(machine, signals, index, to_ns, happened, n)
    what = alert.due(at.now, machine.programs[at.rule], to_ns)
    return n if what == NOTHING else evidence.tell(machine, index, what, happened, n)


@bare
def _reached(machine: Machine, lanes: Table, at: Instance) -> int:
    """Return the time below which no sample of an instance's signals comes any more; or NEVER."""
    least, k = LATER, at.member
    while k >= 0:
        reading, idle = machine.readings[machine.members[k].reading], is_idle(machine, k)
        k = machine.members[k].mate
        if not idle and reading.last.lane >= 0 and lanes[reading.last.lane].silence.state != GONE:
            least = min(least, lanes[reading.last.lane].watermark_ns)
    return NEVER if least == LATER else least
