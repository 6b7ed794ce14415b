"""Rules on single values: pending for `for`, firing, resolved past `clear`. Event time only.

What a rule does to a signal depends on that signal's samples alone. The watermark only lets a
pending rule fire earlier than the next sample would; the event is the same either way.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from models.compiled import Byte, Float32, Int32, Word, compiled, inlined, layout
from schemas.trigger import Because, Rule, State

IDLE = 0
PENDING = 1
HELD = 2
FIRING = 3

NOTHING = 0
FIRE = 1
HOLD = 2
RESOLVE = 3

STATE = {FIRE: State.FIRING, HOLD: State.HELD, RESOLVE: State.RESOLVED}
BECAUSE = {FIRE: Because.RULE_HOLDS, HOLD: Because.POOR_DATA, RESOLVE: Because.CLEARED}


class Limit:
    """A rule as the loop reads it."""

    sign: float
    """1.0 for `above`, -1.0 for `below`."""
    at: float
    clear: float
    for_ns: int
    quality: float


class Binding:
    """One rule on one signal. 48 bytes."""

    since_ns: int
    """Event time at which the condition began to hold."""
    offset: int
    """Raw offset of the sample that began it."""
    value: float
    rule: Int32
    row: Int32
    next: Int32
    """The signal's next binding; -1 at the end."""
    source: Int32
    good: Float32
    """The signal's quality when the condition last held."""
    mark: Word
    """`Quality` bits of the sample that began it."""
    state: Byte
    told: Byte
    """As `models.trigger.flood` has it."""


class Waiting(Protocol):
    """What of a binding, or an instance's alert, says whether it fires."""

    state: Byte
    since_ns: int
    good: Float32


LIMIT = layout(Limit)
BINDING = layout(Binding)


def limits(rules: Sequence[Rule]) -> npt.NDArray[np.void]:
    """Return the rules as an array of `Limit`."""
    rows = np.zeros(len(rules), LIMIT)
    for row, rule in zip(rows, rules, strict=True):
        at = rule.limit
        row["sign"] = 1.0 if rule.above is not None else -1.0
        row["at"] = at
        row["clear"] = at if rule.clear is None else rule.clear
        row["for_ns"] = round(rule.for_s * 1e9)
        row["quality"] = rule.quality
    return rows


@compiled
def holds_at_least(limit: Limit, value: float) -> bool:
    """Say whether the condition holds of all that is at least `value`."""
    return limit.sign > 0.0 and value > limit.at


@inlined
def fires(now: Waiting, for_ns: int, floor: float, time_ns: int) -> int:
    """Say whether what waits fires, or is held back, when event time reaches `time_ns`."""
    if now.state == PENDING and time_ns >= now.since_ns + for_ns:
        if now.good < floor:
            now.state = HELD
            return HOLD
        now.state = FIRING
        return FIRE
    if now.state == HELD and now.good >= floor:
        now.state = FIRING
        return FIRE
    return NOTHING


@compiled
def due(binding: Binding, limit: Limit, time_ns: int) -> int:
    """Say what a waiting rule does when event time reaches `time_ns`."""
    return fires(binding, limit.for_ns, limit.quality, time_ns)


@compiled
def step(binding: Binding, limit: Limit, value: float, time_ns: int) -> int:
    """Take one usable sample, after `due` was asked for its time; say what happened."""
    if binding.state == FIRING:
        if limit.sign * (value - limit.clear) > 0.0 or limit.sign * (value - limit.at) > 0.0:
            return NOTHING
        binding.state = IDLE
        return RESOLVE
    if limit.sign * (value - limit.at) <= 0.0:
        binding.state = IDLE
    elif binding.state == IDLE:
        binding.state = PENDING
        binding.since_ns = time_ns
        binding.value = value
    return NOTHING
