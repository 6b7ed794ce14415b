"""Clocks that are wrong: assets whose event times are far from those of the others at their source.

Asked at ticks, of the lanes that were heard since: their median is what time it is there, and a
lane that is `AHEAD` of it, or `FAR` behind, `STEADY` times in a row has a wrong clock. No time
passes for the others by a clock that runs ahead, by however little: neither are they late, nor
silent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import happened as tell
from models.compiled import Byte, compiled
from models.gaps import NEVER

if TYPE_CHECKING:
    from models.rows import Happened, Lane, Mark, Table

FAR_NS = 60_000_000_000
AHEAD_NS = 30_000_000_000
"""Nothing that is merely delayed is ahead."""
INTERVALS = 3.0  # of a lane that is slow: as far is not far
STEADY = 5  # times in a row
FEW = 3  # lanes: among fewer nobody knows whose clock is wrong
SURE = 2  # doubts in a row that hold on while nobody is heard


class Row:
    """What a lane remembers of its clock."""

    asked_ns: int
    """Its latest event time when it was last asked."""
    since_ns: int
    """Event time at which it was found to be wrong."""
    times: Byte
    """How often in a row it has been far off."""
    is_wrong: bool


class Doubt:
    """How far the latest event time of a source is ahead of what is believed."""

    ahead_ns: int
    times: Byte
    """In a row; no more than 255."""


@compiled
def believed(mark: Mark, latest_ns: int, median_ns: int, heard: int, lateness_ns: int) -> int:
    """Return what time it is at a source, where `latest_ns` was told.

    `median_ns`: of the lanes `heard` since the last tick; NEVER: none was. Who is half of
    `lateness_ns` behind the median is in time, wherever the latest is. Among few it takes a
    second doubt until it holds on.
    """
    doubt = mark.doubt
    if median_ns == NEVER:
        return latest_ns - (doubt.ahead_ns if doubt.times >= SURE else 0)
    near_ns = median_ns + lateness_ns // 2
    if latest_ns <= near_ns:
        doubt.times = 0
        doubt.ahead_ns = 0
        return latest_ns
    doubt.times = min(doubt.times + (1 if heard < FEW else SURE), 255)
    doubt.ahead_ns = latest_ns - near_ns
    return near_ns


@compiled
def ask(lanes: Table, source: int, median_ns: int, heard: int, happened: Table) -> int:
    """Compare the lanes that were heard with their median; count the events.

    `heard`: how many. `happened` must have room for one event a lane.
    """
    n = 0
    for k in range(lanes.size):
        lane = lanes[k]
        row = lane.clock
        if lane.source != source or lane.latest_ns <= row.asked_ns:
            continue
        row.asked_ns = lane.latest_ns
        if heard < FEW:
            continue
        off = lane.latest_ns - median_ns
        limit = int(min(INTERVALS * lane.silence.interval, 1e9) * 1e9)
        limit = max(AHEAD_NS if off > 0 else FAR_NS, limit)
        row.times = min(row.times + 1, STEADY) if abs(off) > limit else 0
        if row.is_wrong == (row.times > 0) or (row.times > 0 and row.times < STEADY):
            continue
        row.is_wrong = row.times > 0
        if row.is_wrong:
            row.since_ns = median_ns
        event = tell.lane(happened, n, tell.OFF if row.is_wrong else tell.RIGHT, k, source)
        write(event, lane, median_ns, limit)
        n += 1
    return n


@compiled
def write(event: Happened, lane: Lane, now_ns: int, limit_ns: int) -> None:
    """Write down how far a clock is off."""
    event.time_ns = now_ns
    event.since_ns = lane.clock.since_ns
    event.offset = lane.silence.offset
    event.since_offset = lane.silence.offset
    event.value = (lane.latest_ns - now_ns) / 1e9
    event.centre = 0.0
    event.spread = limit_ns / 1e9
