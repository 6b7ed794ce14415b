"""The table of signals and the one compiled loop over a block's samples.

A row is a signal (asset, point), a field is what a detector remembers of it. The loop takes samples
in their order, so the result cannot depend on how they were cut into blocks.
"""

import numpy as np
import numpy.typing as npt

from models import quality, trigger
from models.anomaly import direction, episode, robust
from models.compiled import compiled
from models.held import chain
from models.rows import Table
from schemas.bits import ANOMALOUS, FALLING, FRESH, HIGH, IN_RANGE, LOW, RISING, VALID
from schemas.telemetry import Floats, Indices, Ints, Marks, Quality
from schemas.units import MOST

OUT_OF_RANGE = int(Quality.OUT_OF_RANGE)
FUTURE = int(Quality.FUTURE)
NOT_A_NUMBER = int(Quality.NOT_A_NUMBER)
FAR = 3.0  # spreads from the centre: high or low
NEVER = np.iinfo(np.int64).min // 2


# `Happened.what`: episodes as in models.anomaly.episode, rules from ALERT on as in models.trigger
ALERT = 8


@compiled
def judge(  # noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917 - the one hot loop, in one piece
    signals: Table,
    lanes: Table,
    marks: Table,
    bindings: Table,
    episodes: Table,
    limits: Table,
    spans: Table,
    rows: Indices,
    values: Floats,
    quality_in: Marks,
    begin: int,
    held: Table,
    held_rows: Indices,
    held_values: Floats,
    held_status: npt.NDArray[np.uint8],
    counts: Ints,
    happened: Table,
    frame_ns: int,
    lateness_ns: int,
    threshold: float,
) -> int:
    """Apply spans from `begin` on; return how far it came (it stops when `happened` may run full).

    `counts`: (5,) held spans, held samples, events, spans skipped as already applied, rows of
    `episodes` in use; moved on.
    """
    n_spans, n_samples, n_events, skipped = counts[0], counts[1], counts[2], counts[3]
    n_episodes = counts[4]
    has_marks = quality_in.size > 0
    at = begin
    while at < spans.size:
        span = spans[at]
        mark = marks[span.source]
        if span.offset < mark.offset or (span.offset == mark.offset and span.part <= mark.part):
            skipped += 1
            at += 1
            continue
        if happened.size - n_events < span.room:
            break
        mark.offset = span.offset
        mark.part = span.part
        lane = lanes[span.lane]
        time_ns = span.time_ns
        future = has_marks and span.count > 0 and (quality_in[span.first] & FUTURE) != 0
        if not future and time_ns > lane.latest_ns:
            lane.latest_ns = time_ns
            lane.watermark_ns = max(lane.watermark_ns, time_ns - lateness_ns)
            mark.latest_ns = max(mark.latest_ns, time_ns)
            window = time_ns // frame_ns
            if window > lane.window:
                if lane.held > 0:
                    lane.frame += 1
                    lane.held = 0
                lane.window = window
        keep = held[n_spans]
        keep.time_ns = time_ns
        keep.offset = span.offset
        keep.first = n_samples
        keep.part = span.part
        keep.lane = span.lane
        keep.frame = lane.frame
        for i in range(span.count):
            row = rows[span.rows + i]
            if row < 0:  # beyond the most signals; told by the caller
                continue
            signal = signals[row]
            value = values[span.first + i]
            flaws = quality_in[span.first + i] if has_marks else 0
            if not abs(value) <= MOST and not flaws & quality.NO_VALUE:
                # ingest says so; somebody else's block need not
                flaws |= OUT_OF_RANGE if abs(value) < np.inf else NOT_A_NUMBER
            signal.lane = span.lane
            flaws |= quality.judge(signal.quality, value, time_ns, lane.watermark_ns)
            status = 0
            if not flaws & quality.OLD:
                status |= FRESH
            if not flaws & quality.NO_VALUE:
                status |= VALID
            if not flaws & OUT_OF_RANGE:
                status |= IN_RANGE
            if not flaws & quality.UNUSABLE:
                away = robust.residual(signal.robust, value)
                score = robust.score(signal.robust, value)
                last = signal.quality.value
                step = value - last if abs(last) <= MOST else 0.0
                if signal.robust.seen > 0.0:
                    direction.learn(signal.direction, step)
                centre = signal.robust.centre
                scale = robust.scale(signal.robust)
                slope = direction.sign(signal.direction, scale)
                change = episode.NOTHING
                if signal.episode == 0 and not score < threshold:
                    signal.episode = episodes[0].source
                    if signal.episode == 0:
                        signal.episode = n_episodes
                        n_episodes += 1
                    else:
                        episodes[0].source = episodes[signal.episode].source
                if signal.episode > 0:
                    change = episode.step(episodes[signal.episode], score, threshold)
                if change == episode.OPENED:
                    episodes[signal.episode].since_ns = time_ns
                    episodes[signal.episode].offset = span.offset
                    episodes[signal.episode].source = span.source
                    robust.learn_tail(signal.robust, abs(away))
                if change != episode.NOTHING:
                    began = episodes[signal.episode]
                    event = happened[n_events]
                    n_events += 1
                    event.what = change
                    event.row = row
                    event.binding = -1
                    event.time_ns = time_ns
                    event.since_ns = began.since_ns
                    event.offset = span.offset
                    event.since_offset = began.offset
                    event.source = span.source
                    event.since_source = began.source
                    event.value = value
                    event.centre = centre
                    event.spread = scale
                    event.score = began.peak
                    event.good = signal.quality.good
                    if change != episode.OPENED:
                        began.source = episodes[0].source
                        episodes[0].source = signal.episode
                        signal.episode = 0
                if signal.episode > 0:
                    status |= ANOMALOUS
                else:
                    if change == episode.ADOPTED:
                        robust.forget(signal.robust)
                    robust.learn(signal.robust, value, step)
                if slope > 0:
                    status |= RISING
                elif slope < 0:
                    status |= FALLING
                if away > FAR:
                    status |= HIGH
                elif away < -FAR:
                    status |= LOW
                b = signal.binding
                while b >= 0:
                    binding = bindings[b]
                    limit = limits[binding.rule]
                    waited = trigger.due(binding, limit, time_ns)
                    if waited != trigger.NOTHING:
                        n_events = tell(happened, n_events, binding, b, waited, limit.for_ns)
                    was = binding.state
                    done = trigger.step(binding, limit, value, time_ns)
                    binding.good = signal.quality.good
                    if was == trigger.IDLE and binding.state == trigger.PENDING:
                        binding.offset = span.offset
                        binding.source = span.source
                        done = trigger.due(binding, limit, time_ns)
                    if done != trigger.NOTHING:
                        n_events = tell(happened, n_events, binding, b, done, limit.for_ns)
                        if done == trigger.RESOLVE:
                            event = happened[n_events - 1]
                            event.time_ns = time_ns
                            event.value = value
                            event.offset = span.offset
                            event.source = span.source
                    b = binding.next
            quality.learn(signal.quality, value, time_ns, flaws)
            held_rows[n_samples] = row
            held_values[n_samples] = value
            held_status[n_samples] = status
            n_samples += 1
        keep.count = n_samples - keep.first
        if keep.count > 0:
            chain(lane, held, n_spans)
            lane.held += 1
            n_spans += 1
        at += 1
    counts[0] = n_spans
    counts[1] = n_samples
    counts[2] = n_events
    counts[3] = skipped
    counts[4] = n_episodes
    return at


@compiled
def tell(  # noqa: PLR0913, PLR0917 - one event of a rule
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
    return n + 1


@compiled
def waited(bindings: Table, limits: Table, signals: Table, lanes: Table, happened: Table) -> int:
    """Let every rule fire that the watermark of its signal's lane has reached; count the events.

    `happened` must have room for one event a binding.
    """
    n = 0
    for b in range(bindings.size):
        binding = bindings[b]
        if binding.state == trigger.PENDING:
            limit = limits[binding.rule]
            lane = lanes[signals[binding.row].lane]
            what = trigger.due(binding, limit, lane.watermark_ns)
            if what != trigger.NOTHING:
                n = tell(happened, n, binding, b, what, limit.for_ns)
    return n
