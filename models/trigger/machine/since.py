"""Steps that look back, compiled; `models.trigger.condition.since` says what they mean.

They remember times in ns (NEVER: none) and what was true: 1, 0, or NEVER for unknown.
"""

from math import isnan, nan

from models.compiled import bare
from models.gaps import NEVER
from models.trigger.condition.program import Op
from models.trigger.machine.loads import soon
from models.trigger.machine.rows import Machine

HELD = int(Op.HELD)
WAS = int(Op.WAS)
ROSE = int(Op.ROSE)
FOLLOWED = int(Op.FOLLOWED)


@bare
def one(  # noqa: PLR0913, PLR0917 - one step
    machine: Machine, op: int, now: float, window_ns: int, slot: int, at_ns: int
) -> float:
    """Return what `held`, `was` or `rose` says of a condition that is `now`."""
    slots = machine.slots
    if op == HELD:
        if now != 1.0:
            slots[slot] = NEVER
            return now
        if slots[slot] == NEVER:
            slots[slot] = at_ns
        soon(machine, at_ns, slots[slot] + window_ns)
        return 1.0 if at_ns - slots[slot] >= window_ns else 0.0
    if op == WAS:
        if now == 1.0:
            slots[slot] = at_ns
        if slots[slot] > NEVER and at_ns - slots[slot] <= window_ns:
            soon(machine, at_ns, slots[slot] + window_ns + 1)
            return 1.0
        return now
    before, slots[slot] = slots[slot], _kept(now)
    if now == 0.0 or before == 1:
        return 0.0
    return nan if isnan(now) or before == NEVER else 1.0


@bare
def two(  # noqa: PLR0913, PLR0917 - one step
    machine: Machine, op: int, a: float, b: float, window_ns: int, slot: int, at_ns: int
) -> float:
    """Return what `followed` or `missed` says of two conditions."""
    slots = machine.slots
    before, slots[slot + 1] = slots[slot + 1], _kept(a)
    if a == 1.0 and before == 0:
        slots[slot] = at_ns
    if op == FOLLOWED:
        began = slots[slot]
        if began == NEVER or not began < at_ns <= began + window_ns:
            return 0.0
        if b == 1.0:
            soon(machine, at_ns, began + window_ns + 1)
        return b
    if b == 1.0:
        slots[slot] = NEVER
    if slots[slot] == NEVER:
        return 0.0
    soon(machine, at_ns, slots[slot] + window_ns)
    return 1.0 - b if at_ns - slots[slot] >= window_ns else 0.0


@bare
def _kept(now: float) -> int:
    return NEVER if isnan(now) else int(now)
