"""What can happen in the loop, and how it is written down: `Happened.what` and its writers.

1 to 4 are episodes of a level, as in `models.anomaly.episode`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.anomaly import episode
from models.compiled import compiled
from models.trigger import limit as trigger

if TYPE_CHECKING:
    from models.rows import Happened, Signal, Span, Table

ALERT = 8
"""From here on rules, as in `models.trigger`."""
EVENT_CAME = 16
"""`value`: the code, `centre`: the one before."""
EVENT_WENT = 17
"""`value`: the code, `centre`: the one that was; `since`: when that came."""
STUCK = 18
"""`centre`: samples so far that were equal."""
MOVED = 19
KIND = 20
"""A counter goes down as a gauge. `value`: as sent, `centre`: before."""
UNIT = 21
"""A unit is decided. `value`: the reading as it would have been, `centre`: the capacity, `spread`:
the ratio."""
GROWS = 22
"""A gauge has only ever grown. `centre`: times."""
SILENT = 24
"""`row`: the lane; `value`: the silence, `centre`: the interval, `spread`: the limit, in s."""
RETURNED = 25
GONE = 26
STOPPED = 27
"""Some signals of a lane are silent. `row`: the first of them, `binding` and `third`: two more;
`source`: as ever; `value`: how many, `centre`, `spread`: interval and limit of the first."""
GOES_ON = 28
"""`row`: a signal of the lane; `value`: how many were silent."""
OFF = 32
"""`row`: the lane; `value`: how far its clock is ahead, `spread`: the limit, in s."""
RIGHT = 33
PEER_OUT = 36
"""A signal stands out among its peers. `value`: its mean in the slot, `centre`: what they let
expect, `spread`: of that; `binding`: the group, `third`: how many peers; `good`: the share of the
group that was heard."""
PEER_BACK = 37
PEER_ADOPTED = 38
TREND = 40
"""`value`: the mean of the last span, `centre`: the limit, `spread`: the change a day; `binding`:
index in what is foretold, `third`: what of `models.trend.forecast`."""
TREND_ENDED = 41
TOGETHER = 44
"""The signals of an asset are together not as they were. `row`: the first of them; `value`: their
evidence, or how far apart they are, `centre`: what that is below as a rule, `spread`: beyond it;
`binding`: index in `models.together.Together.told`, `third`: how many signals say most."""
TOGETHER_BACK = 45
TOGETHER_ADOPTED = 46

CONDITION = 48
"""From here on rules with a condition, as in `models.trigger`. `binding`: the instance, `third`:
index of its evidence in `models.trigger.machine.memory.Conditions.told`."""
FLOOD = 56
"""More of a rule's alerts stand than are told one by one. `binding`: the rule; `value`: how many
are not told, `centre`: how many are; `good`: the mean quality of what is not told."""
FLOOD_OVER = 57

STUCK_EPISODE = -1
"""`length` of an episode that is no level's: the signal is stuck."""
EVENT_EPISODE = -2
"""As above: the event of a last-event gauge; its `peak` is the code."""


@compiled
def sample(  # noqa: PLR0913, PLR0917 - what is known of one sample
    happened: Table, n: int, what: int, row: int, span: Span, signal: Signal, value: float
) -> Happened:
    """Write down that something happened at a sample, `since` then; return the row for the rest."""
    event: Happened = happened[n]
    event.what = what
    event.row = row
    event.binding = -1
    event.time_ns = span.time_ns
    event.since_ns = span.time_ns
    event.offset = span.offset
    event.since_offset = span.offset
    event.source = span.source
    event.since_source = span.source
    event.value = value
    event.centre = 0.0
    event.spread = 0.0
    event.score = 0.0
    event.good = signal.quality.good
    event.interval = signal.interval
    event.mark = 0
    event.why = 0
    return event


@compiled
def began(event: Happened, at: episode.Row) -> None:
    """Say since when."""
    event.since_ns = at.since_ns
    event.since_offset = at.offset
    event.since_source = at.source


@compiled
def rule(  # noqa: PLR0913, PLR0917 - one event of a rule
    happened: Table, n: int, binding: trigger.Binding, index: int, what: int, for_ns: int
) -> int:
    """Write down what a rule did; return the number of events."""
    event = happened[n]
    event.what = ALERT + what
    event.row = binding.row
    event.binding = index
    event.time_ns = binding.since_ns + for_ns
    event.since_ns = binding.since_ns
    event.offset = binding.offset
    event.since_offset = binding.offset
    event.source = binding.source
    event.since_source = binding.source
    event.value = binding.value
    event.good = binding.good
    event.mark = binding.mark
    return n + 1


@compiled
def lane(happened: Table, n: int, what: int, index: int, source: int) -> Happened:
    """Write down that something happened to a lane; return the row for the rest."""
    event: Happened = happened[n]
    event.what = what
    event.row = index
    event.binding = -1
    event.third = -1
    event.source = source
    event.since_source = source
    event.score = 0.0
    event.good = 1.0
    event.mark = 0
    return event
