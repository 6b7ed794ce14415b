"""What a name in a condition stands for at a moment: a feature of a signal, or of several."""

from math import isnan, nan

from models.compiled import bare
from models.gaps import NEVER, seconds
from models.rows import Table
from models.trigger.condition.program import Feature
from models.trigger.machine import windows
from models.trigger.machine.pick import median
from models.trigger.machine.rows import Coded, Instance, Loaded, Machine, Reading, is_idle
from schemas.trigger import Take

VALUE = int(Feature.VALUE)
RATE = int(Feature.RATE)
AGE = int(Feature.AGE)
QUALITY = int(Feature.QUALITY)
SCORE = int(Feature.SCORE)
ANOMALOUS = int(Feature.ANOMALOUS)
STATUS = int(Feature.STATUS)
AGO = int(Feature.AGO)
ABSENT = int(Feature.ABSENT)

TAKES = tuple(Take)
"""By number, as in `Loaded.take`."""
ONE, MIN, MAX, AVG, SUM, COUNT, MEDIAN = range(7)
PEERS = len(TAKES)
"""Of an input that stands for peers."""
TRAIT = PEERS + 1
"""Of none: of an answer."""
LEAST_PEERS = 3
"""Among fewer nobody knows who is right: as `models.peers`, that wants four with its own."""
FAR_S = 1e9
"""No age is waited for beyond this."""
STALE = 5.0
"""Intervals: who is silent for longer, and for the rule's `stale`, has no value."""


@bare
def stale_ns(signals: Table, reading: Reading, program: Coded) -> int:
    """Return how old the last sample of a signal may be."""
    interval = min(float(signals[reading.row].interval), 1e9)
    return max(program.stale_ns, int(STALE * interval * 1e9))


@bare
def load(  # noqa: PLR0913, PLR0917 - one name of one instance
    machine: Machine, signals: Table, at: Instance, program: Coded, what: Loaded, at_ns: int
) -> tuple[float, float]:
    """Return the value and the quality of what a program reads, at a moment."""
    if what.take == TRAIT:
        return machine.answers[at.answer + what.input], 1.0
    k = machine.firsts[at.place + what.input]
    if what.take == ONE:
        found = -1
        while k >= 0:
            if machine.readings[machine.members[k].reading].last.seen_ns > NEVER:
                if found >= 0:
                    return nan, 0.0  # two signals: nobody can say which is meant
                found = k
            k = machine.members[k].other
        if found < 0:
            return (1.0, 1.0) if what.feature == ABSENT else (nan, 0.0)
        reading = machine.readings[machine.members[found].reading]
        return feature(machine, signals, reading, program, what, at_ns)
    if what.take == PEERS:
        return _of_peers(machine, signals, k, program, at_ns)
    return _several(machine, signals, k, program, what, at_ns)


@bare
def _several(  # noqa: PLR0911, PLR0913, PLR0917 - one name of one instance, and seven ways
    machine: Machine, signals: Table, first: int, program: Coded, what: Loaded, at_ns: int
) -> tuple[float, float]:
    n, total, least, most, good = 0, 0.0, nan, nan, 1.0
    k = first
    while k >= 0:
        reading = machine.readings[machine.members[k].reading]
        k = machine.members[k].other
        if reading.last.seen_ns == NEVER:
            continue
        value, quality = feature(machine, signals, reading, program, what, at_ns)
        if isnan(value):
            continue
        machine.several[n] = value
        least = value if n == 0 else min(least, value)
        most = value if n == 0 else max(most, value)
        total += value
        good = min(good, quality)
        n += 1
    if what.take == COUNT:
        return float(n), good
    if n == 0:
        return (1.0, 1.0) if what.feature == ABSENT else (nan, 0.0)
    if what.take == MIN:
        return least, good
    if what.take == MAX:
        return most, good
    if what.take == SUM:
        return total, good
    if what.take == MEDIAN:
        return median(machine.several, n), good
    return total / n, good


@bare
def _of_peers(
    machine: Machine, signals: Table, first: int, program: Coded, at_ns: int
) -> tuple[float, float]:
    """Return the median of the last samples that are not stale, and their mean quality.

    The mean, not the least: one bad sensor does not move a median.
    """
    n, good, k = 0, 0.0, first
    while k >= 0:
        reading, idle = machine.readings[machine.members[k].reading], is_idle(machine, k)
        k = machine.members[k].other
        last = reading.last
        if (
            not idle
            and last.time_ns > NEVER
            and at_ns - last.time_ns <= stale_ns(signals, reading, program)
        ):
            machine.several[n] = last.value
            good += float(last.good)
            n += 1
    if n < LEAST_PEERS:
        return nan, 0.0
    return median(machine.several, n), good / n


@bare
def feature(  # noqa: C901, PLR0911, PLR0913, PLR0917 - one signal, and all that is known of it
    machine: Machine, signals: Table, reading: Reading, program: Coded, what: Loaded, at_ns: int
) -> tuple[float, float]:
    """Return one thing of one signal, and its quality. Notes when it will change by itself."""
    last, which = reading.last, what.feature
    good = float(last.good)
    if which == QUALITY:
        return good, 1.0
    if which == STATUS:
        return float(last.status), 1.0
    if which > STATUS:
        return _window(machine, reading, what, at_ns)
    if last.time_ns == NEVER:
        return nan, 0.0
    if which == AGE:
        age = seconds(last.time_ns, at_ns) if at_ns > last.time_ns else 0.0
        for k in range(program.constant, program.constants):
            if age <= machine.constants[k] < FAR_S:
                soon(machine, at_ns, last.time_ns + int(machine.constants[k] * 1e9) + 1)
        return age, 1.0
    limit_ns = stale_ns(signals, reading, program)
    if at_ns - last.time_ns > limit_ns:
        return nan, 0.0
    soon(machine, at_ns, last.time_ns + limit_ns + 1)
    value = last.value
    if which == RATE:
        value = last.rate
    elif which == SCORE:
        value = float(last.score)
    elif which == ANOMALOUS:
        value = float(last.anomalous)
    return (nan, 0.0) if isnan(value) else (value, good)


@bare
def _window(machine: Machine, reading: Reading, what: Loaded, at_ns: int) -> tuple[float, float]:
    ring = reading.ring
    while ring >= 0 and machine.rings[ring].step_ns != what.step_ns:
        ring = machine.rings[ring].next
    if what.feature == AGO:
        value = windows.ago(machine, ring, at_ns)
    else:
        value = windows.over(machine, ring, what, at_ns)
        soon(machine, at_ns, windows.empties_ns(machine, ring, what))
    if isnan(value):
        return nan, 0.0
    return value, 1.0 if what.feature == ABSENT else float(reading.last.good)


@bare
def soon(machine: Machine, at_ns: int, then_ns: int) -> None:
    """Note that what is asked at `at_ns` may be otherwise at `then_ns`, by itself."""
    if at_ns < then_ns < machine.counts[1]:
        machine.counts[1] = then_ns
