"""What goes on after a load: all is built anew, and what was remembered is put where it belongs.

Signals and their windows go on whatever the rules are now; an instance does where its rule is as it
was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from models.trigger.machine.memory import Conditions
from models.trigger.machine.rows import BUCKETS

if TYPE_CHECKING:
    from models.state import State


def take_over(state: State, digests: Sequence[str]) -> Conditions:
    """Return the memory of the rules of now. `state`: as loaded; `digests`: of the rules then."""
    old, made = state.conditions, Conditions(state.conditions.every)
    for row in range(len(state.names.asset_of)) if made.every else ():
        made.join(state, row)
    _put_back_signals(made, old)
    now = {one: i for i, one in enumerate(made.digests)}
    rules = old.instances.rows["rule"]
    for before in range(old.instances.size):
        rule = now.get(digests[rules[before]], -1)
        if rule >= 0:
            rules[before] = rule
            found = made.found(old.key(state, before))
            if found >= 0:
                _put_back(made, found, old, before)
    if made.digests != list(digests):  # members have other numbers: look for all anew
        made.instances.rows["now"]["waits"] = made.instances.rows["member"]
    return made


def _put_back_signals(made: Conditions, old: Conditions) -> None:
    of = {int(row): i for i, row in enumerate(old.readings.rows["row"])}
    for index, row in enumerate(made.readings.rows["row"].tolist()):
        if row in of:
            made.readings.all["last"][index] = old.readings.all["last"][of[row]]
            _put_back_rings(made, index, old, of[row])


def _put_back_rings(made: Conditions, index: int, old: Conditions, before: int) -> None:
    there = dict(_rings_of(old, before))
    for step_ns, ring in _rings_of(made, index):
        if step_ns in there:
            to, of = ring * BUCKETS, there[step_ns] * BUCKETS
            made.rings.all["newest"][ring] = old.rings.all["newest"][there[step_ns]]
            made.buckets.all[to : to + BUCKETS] = old.buckets.all[of : of + BUCKETS]


def _rings_of(memory: Conditions, reading: int) -> list[tuple[int, int]]:
    """Return the windows of a signal: step in ns, and ring."""
    found, ring = [], int(memory.readings.all["ring"][reading])
    while ring >= 0:
        found.append((int(memory.rings.all["step_ns"][ring]), ring))
        ring = int(memory.rings.all["next"][ring])
    return found


def _put_back(made: Conditions, index: int, old: Conditions, before: int) -> None:
    to, of = made.instances.all[index], old.instances.all[before]
    to["now"] = of["now"]
    many, a, b = len(made.every[int(to["rule"])].inputs), int(to["place"]), int(of["place"])
    made.cited.all[a : a + many] = old.cited.all[b : b + many]
    many, a, b = int(to["slots"]), int(to["slot"]), int(of["slot"])
    made.slots.all[a : a + many] = old.slots.all[b : b + many]
