"""What an alert rests on: the samples that its inputs had when it began, or was over."""

from math import nan

from models import happened as tell_
from models.compiled import bare
from models.gaps import NEVER
from models.rows import Table
from models.trigger.limit import RESOLVE
from models.trigger.machine.loads import load
from models.trigger.machine.rows import Coded, Instance, Machine, is_idle


@bare
def cite(machine: Machine, signals: Table, at: Instance, program: Coded, at_ns: int) -> None:
    """Keep what each input of an instance stands for at a moment, and the newest sample of it."""
    for k in range(program.inputs):
        cited = machine.cited[at.place + k]
        what = machine.loads[program.shown + k]
        cited.value, _ = load(machine, signals, at, program, what, at_ns)
        cited.row = -1
        cited.sample = nan
        cited.many = 0
        cited.time_ns = NEVER
        member = machine.firsts[at.place + k]
        while member >= 0:
            reading = machine.readings[machine.members[member].reading]
            idle = is_idle(machine, member)
            member = machine.members[member].other
            last = reading.last
            if idle:
                continue
            if last.seen_ns > NEVER:
                cited.many += 1
            if last.time_ns > cited.time_ns:
                cited.sample = last.value
                cited.time_ns = last.time_ns
                cited.offset = last.offset
                cited.source = last.source
                cited.good = last.good
                cited.mark = last.mark
                cited.row = reading.row


@bare
def tell(machine: Machine, index: int, what: int, happened: Table, n: int) -> int:
    """Write down what an instance's alert does, with its evidence; return the number of events."""
    at = machine.instances[index]
    now, program = at.now, machine.programs[at.rule]
    event = happened[n]
    event.what = tell_.CONDITION + what
    event.row = at.row
    event.binding = index
    event.third = machine.counts[0]
    event.since_ns = now.since_ns
    event.time_ns = now.since_ns + program.for_ns
    if what == RESOLVE:
        event.time_ns = now.ended_ns
    event.good = now.good
    first = machine.cited[at.place]
    event.value = first.value
    event.offset = first.offset
    event.since_offset = first.offset
    event.source = first.source
    event.since_source = first.source
    event.mark = first.mark
    event.centre = 0.0
    event.spread = 0.0
    event.score = 0.0
    event.why = 0
    for k in range(program.inputs):
        machine.told[machine.counts[0] + k] = machine.cited[at.place + k]
    machine.counts[0] += program.inputs
    return n + 1
