"""A lane that says something, or nothing for too long. O(1) a span, O(lanes) a tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from models import happened as tell
from models import silence
from models.compiled import compiled
from models.gaps import NEVER, seconds

BACKS = 60  # spans

if TYPE_CHECKING:
    from models.rows import Lane, Span, Table


@compiled
def heard(lane: Lane, span: Span, silence_ns: int, happened: Table, n: int) -> int:
    """Let a lane say something new, `span`; end its silence, or tell one that is over.

    Return the number of events: the same, whether a tick told the silence before or not.
    """
    row = lane.silence
    if lane.latest_ns > NEVER:
        limit = silence.limit_ns(row.interval, silence_ns)
        due = lane.latest_ns + limit
        if row.gaps >= silence.GAPS and span.time_ns >= due and row.state == silence.HEARD:
            n = silent(lane, span.lane, limit, happened, n)
        if row.state == silence.SILENT:
            gone_ns = lane.latest_ns + limit + silence.FORGET_NS
            if span.time_ns >= gone_ns:
                n = gone(lane, span.lane, limit, happened, n)
            else:
                n = ended(lane, span.lane, limit, tell.RETURNED, happened, n)
                event = happened[n - 1]
                event.time_ns = max(span.time_ns, due)
                event.offset = span.offset
                event.value = seconds(lane.latest_ns, span.time_ns)
        silence.learn(row, seconds(lane.latest_ns, span.time_ns))
    row.state = silence.HEARD
    row.offset = span.offset
    return n


@compiled
def is_set_back(lane: Lane, time_ns: int, lateness_ns: int) -> bool:
    """Take the time of a span; say whether the lane's clock was ahead and has been set back.

    So it is where `BACKS` spans in a row were late and went on in order: not a few that were
    delayed. Until then what comes is late, and not judged.
    """
    if time_ns >= lane.latest_ns - lateness_ns:
        lane.backs = 0
        return False
    lane.backs = lane.backs + 1 if time_ns > lane.back_ns else 1
    lane.back_ns = time_ns
    return lane.backs >= BACKS


@compiled
def set_back(lane: Lane, span: Span, silence_ns: int, happened: Table, n: int) -> int:
    """Let a lane go on from an earlier time; end its silence. Return the number of events."""
    if lane.silence.state == silence.SILENT:
        limit = silence.limit_ns(lane.silence.interval, silence_ns)
        n = ended(lane, span.lane, limit, tell.RETURNED, happened, n)
        event = happened[n - 1]
        event.time_ns = lane.latest_ns + limit
        event.offset = span.offset
        event.value = 0.0
        lane.silence.state = silence.HEARD
    if lane.held > 0:
        lane.frame += 1
        lane.held = 0
    lane.latest_ns = lane.watermark_ns = lane.back_ns = span.time_ns - 1
    lane.window = NEVER
    lane.backs = 0
    return n


@compiled
def silent(lane: Lane, index: int, limit_ns: int, happened: Table, n: int) -> int:
    """Write down that a lane has become silent."""
    n = ended(lane, index, limit_ns, tell.SILENT, happened, n)
    event = happened[n - 1]
    event.time_ns = lane.latest_ns + limit_ns
    event.value = limit_ns / 1e9
    lane.silence.state = silence.SILENT
    return n


@compiled
def gone(lane: Lane, index: int, limit_ns: int, happened: Table, n: int) -> int:
    """Write down that a lane has been silent for so long that it is no anomaly any more."""
    n = ended(lane, index, limit_ns, tell.GONE, happened, n)
    event = happened[n - 1]
    event.time_ns = lane.latest_ns + limit_ns + silence.FORGET_NS
    event.value = (limit_ns + silence.FORGET_NS) / 1e9
    lane.silence.state = silence.GONE
    return n


@compiled
def ended(  # noqa: PLR0913, PLR0917 - one event
    lane: Lane, index: int, limit_ns: int, what: int, happened: Table, n: int
) -> int:
    """Write down what all events of a silence say; return the number of events."""
    event = tell.lane(happened, n, what, index, lane.source)
    event.since_ns = lane.latest_ns
    event.offset = lane.silence.offset
    event.since_offset = lane.silence.offset
    event.centre = lane.silence.interval
    event.spread = limit_ns / 1e9
    return n + 1


@compiled
def passed(lanes: Table, source: int, silence_ns: int, happened: Table) -> int:
    """Tell the silences of a source's lanes that their watermarks have reached; count the events.

    `happened` must have room for two events a lane.
    """
    n = 0
    for k in range(lanes.size):
        lane = lanes[k]
        row = lane.silence
        if lane.source != source or row.gaps < silence.GAPS or row.state == silence.GONE:
            continue
        limit = silence.limit_ns(row.interval, silence_ns)
        due = lane.latest_ns + limit
        if row.state == silence.HEARD and lane.watermark_ns >= due:
            n = silent(lane, k, limit, happened, n)
        if row.state == silence.SILENT and lane.watermark_ns >= due + silence.FORGET_NS:
            n = gone(lane, k, limit, happened, n)
    return n


@compiled
def retire(lanes: Table, which: npt.NDArray[np.bool_], silence_ns: int, happened: Table) -> int:
    """End the silences of lanes whose source is no more, and wait for them no longer.

    `which`: (lanes,). `happened` must have room for one event a lane. Count the events.
    """
    n = 0
    for k in range(lanes.size):
        if not which[k]:
            continue
        lane = lanes[k]
        if lane.silence.state == silence.SILENT:
            limit = silence.limit_ns(lane.silence.interval, silence_ns)
            n = gone(lane, k, limit, happened, n)
            happened[n - 1].time_ns = max(lane.watermark_ns, lane.latest_ns + limit)
            happened[n - 1].value = seconds(lane.latest_ns, happened[n - 1].time_ns)
        lane.silence.state = silence.GONE
    return n


@compiled
def stopped(
    signals: Table, lanes: Table, asked: npt.NDArray[np.bool_], silence_ns: int, happened: Table
) -> int:
    """Tell of lanes that go on without some of their signals, or with all again; count the events.

    `asked`: (sources,), whose lanes are looked at. `happened` must have room for one event a lane.
    A signal that has been silent for a day is gone, and missed no more.
    """
    many = np.zeros(lanes.size, np.int32)
    few = np.full((lanes.size, 3), -1, np.int32)
    for s in range(signals.size):
        signal = signals[s]
        lane = lanes[signal.lane]
        time_ns = signal.quality.time_ns
        if not asked[lane.source] or lane.latest_ns - time_ns < silence_ns or time_ns == NEVER:
            continue
        limit = silence.limit_ns(signal.interval, silence_ns)
        missed_ns = lane.latest_ns - time_ns - limit
        if signal.every.base.place.seen < silence.GAPS or not 0 <= missed_ns < silence.FORGET_NS:
            continue
        if many[signal.lane] < few.shape[1]:
            few[signal.lane, many[signal.lane]] = s
        many[signal.lane] += 1
    n = 0
    for k in range(lanes.size):
        lane = lanes[k]
        if not asked[lane.source] or lane.silence.state != silence.HEARD:
            continue
        if (many[k] > 0) == (lane.stopped > 0):
            continue
        if many[k] > 0:
            event = tell.lane(happened, n, tell.STOPPED, k, lane.source)
            first = signals[few[k, 0]]
            lane.stopped_ns = first.quality.time_ns
            limit = silence.limit_ns(first.interval, silence_ns)
            event.row, event.binding, event.third = few[k, 0], few[k, 1], few[k, 2]
            event.time_ns = lane.stopped_ns + limit
            event.value = many[k]
            event.centre = first.interval
            event.spread = limit / 1e9
            lane.first_stopped = few[k, 0]
        else:
            event = tell.lane(happened, n, tell.GOES_ON, k, lane.source)
            event.row = lane.first_stopped
            event.time_ns = lane.latest_ns
            event.value = lane.stopped
            event.centre = 0.0
            event.spread = 0.0
        event.since_ns = lane.stopped_ns
        event.offset = lane.silence.offset
        event.since_offset = lane.silence.offset
        lane.stopped = many[k]
        n += 1
    return n
