"""The table of signals and the one compiled loop over a block's samples.

A row is a signal (asset, point), a field is what a detector remembers of it. The loop takes samples
in their order, so the result cannot depend on how they were cut into blocks.
"""

import numpy as np
import numpy.typing as npt

from models import episodes as episodes_
from models import happened as tell
from models import lanes as lanes_
from models import quality, rules, silence
from models.anomaly import base, direction, episode, every, gate, past
from models.anomaly import centre as place
from models.compiled import bare, compiled
from models.gaps import NEVER, seconds
from models.held import chain
from models.repair import mend
from models.repair.law import LAST_EVENT
from models.repair.unit import CAPACITY
from models.rows import Signal, Span, Table
from models.trigger.machine import moments
from models.trigger.machine.rows import Machine
from schemas.bits import ANOMALOUS, FALLING, FRESH, HIGH, IN_RANGE, LOW, RISING, VALID
from schemas.telemetry import Floats, Indices, Ints, Marks, Quality
from schemas.units import MOST

OUT_OF_RANGE = int(Quality.OUT_OF_RANGE)
FUTURE = int(Quality.FUTURE)
RATE = int(Quality.RATE)
RESET = int(Quality.RESET)
NOT_A_NUMBER = int(Quality.NOT_A_NUMBER)
FAR = 3.0  # spreads from the centre: high or low


@bare
def judge(  # noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917 - the one hot loop, in one piece
    signals: Table,
    lanes: Table,
    marks: Table,
    bindings: Table,
    episodes: Table,
    pasts: Table,
    repairs: Table,
    laws: Floats,
    limits: Table,
    machine: Machine | None,
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
    silence_ns: int,
    false_alarms: float,
) -> int:
    """Apply spans from `begin` on; return how far it came (it stops when `happened` may run full).

    `machine`: None without rules that have conditions: then the loop is compiled without them.
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
        if not future and lanes_.is_set_back(lane, time_ns, lateness_ns):
            n_events = lanes_.set_back(lane, span, silence_ns, happened, n_events)
        if not future and time_ns > lane.latest_ns:
            n_events = lanes_.heard(lane, span, silence_ns, happened, n_events)
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
        before_ns, gap = NEVER, 0.0
        latest_ns, watermark_ns = lane.latest_ns, lane.watermark_ns
        first_row, first = span.rows, span.first
        for i in range(span.count):
            row = rows[first_row + i]
            if row < 0:  # beyond the most signals; told by the caller
                continue
            signal = signals[row]
            value = values[first + i]
            flaws = quality_in[first + i] if has_marks else 0
            if not abs(value) <= MOST and not flaws & quality.NO_VALUE:
                # ingest says so; somebody else's block need not
                flaws |= OUT_OF_RANGE if abs(value) < np.inf else NOT_A_NUMBER
            signal.lane = span.lane
            if signal.quality.time_ns > latest_ns:  # the clock of its lane was set back
                signal.quality.time_ns = NEVER
            flaws |= quality.judge(signal.quality, value, time_ns, watermark_ns)
            if signal.repair > 0 and not flaws & quality.NO_VALUE:
                raw = value
                repair = repairs[signal.repair]
                value, flaws, decided = mend.mend(
                    repair, laws[repair.law], signal, raw, time_ns, flaws
                )
                if decided != mend.NOTHING:
                    capacity = laws[repair.law][CAPACITY]
                    n_events = _decided(
                        decided, repair, capacity, span, row, signal, raw, value, happened, n_events
                    )
            status, told, score = 0, value, 0.0
            if not flaws & quality.OLD:
                status |= FRESH
            if not flaws & quality.NO_VALUE:
                status |= VALID
            if not flaws & OUT_OF_RANGE:
                status |= IN_RANGE
            if not flaws & quality.UNUSABLE:
                normal = signal.every
                last = signal.quality.value
                believed = base.believed(value)
                step = believed - base.believed(last) if abs(last) <= MOST else 0.0
                seen = normal.base.place.seen
                centre = normal.base.place.centre
                look = base.look(normal.base, believed, step)
                scale = look.spread
                away = look.away if seen >= place.FREE else 0.0
                if seen > 0.0 and not (flaws & RESET and value < centre):
                    direction.learn(signal.direction, step)
                slope = direction.sign(signal.direction, scale)
                doubted = flaws & RESET != 0 and value < centre and seen > 0.0
                score, why = 0.0, base.CALM
                if doubted:  # it began again at 0: its rate is at least this
                    told = last
                elif signal.past > 0:
                    score, why = past.judge(pasts[signal.past], normal.base, look, time_ns)
                else:
                    score, why = base.score(normal.base, look)
                change = episode.NOTHING
                if signal.repair == LAST_EVENT:
                    n_events, n_episodes = episodes_.last_event(
                        signal, value, span, row, episodes, n_episodes, happened, n_events
                    )
                    score = 0.0
                elif flaws & quality.STUCK or (
                    signal.episode > 0 and episodes[signal.episode].length == tell.STUCK_EPISODE
                ):
                    n_events, n_episodes = episodes_.stuck(
                        signal, value, flaws, span, row, episodes, n_episodes, happened, n_events
                    )
                threshold = every.LEAST
                if score >= every.LEAST or signal.episode > 0:
                    threshold = every.threshold(signal.interval, false_alarms)
                if signal.episode == 0 and every.is_news(normal, score, threshold):
                    n_episodes = episodes_.take(signal, episodes, n_episodes)
                if signal.episode > 0 and episodes[signal.episode].length >= 0:
                    peak = episodes[signal.episode].peak
                    is_near, is_new = abs(away) <= FAR, base.is_new(normal.base)
                    change = episode.step(
                        episodes[signal.episode], score, threshold, is_near, is_new
                    )
                    if change == episode.NOTHING and score > peak and episode.grew(peak, score):
                        change = episode.GREW
                if change == episode.OPENED:
                    episodes_.begin_at(episodes[signal.episode], span)
                    episodes[signal.episode].why = why
                if change != episode.NOTHING:
                    event = tell.sample(happened, n_events, change, row, span, signal, value)
                    n_events += 1
                    tell.began(event, episodes[signal.episode])
                    event.centre = centre
                    event.spread = scale
                    event.score = episodes[signal.episode].peak
                    event.why = episodes[signal.episode].why
                    event.mark = flaws
                    if change in (episode.RECOVERED, episode.ADOPTED):
                        episodes_.drop(signal, episodes)
                gated = gate.SHUT
                if not doubted and (
                    signal.episode == 0 or episodes[signal.episode].length != tell.STUCK_EPISODE
                ):
                    gated = every.learn(normal, look, score)
                if signal.episode > 0:
                    status |= ANOMALOUS
                if signal.episode > 0 or (normal.rest > 0 and gated == gate.SHUT):
                    every.tire(normal)
                if slope > 0:
                    status |= RISING
                elif slope < 0:
                    status |= FALLING
                if away > FAR:
                    status |= HIGH
                elif away < -FAR:
                    status |= LOW
                if signal.binding >= 0:
                    n_events = rules.judge(
                        bindings, limits, signal, span, value, flaws, happened, n_events
                    )
            if not flaws & quality.AGELESS:
                if signal.quality.time_ns != before_ns:  # as a rule once a span
                    before_ns = signal.quality.time_ns
                    gap = seconds(before_ns, time_ns) if before_ns > NEVER else 0.0
                if abs(gap - signal.interval) > silence.STEADY * signal.interval:
                    signal.interval = silence.usual(signal.interval, gap)
            rises = signal.quality.rises
            quality.learn(signal.quality, told, time_ns, flaws)
            if rises != signal.quality.rises == quality.GROWN and signal.repair == 0:
                event = tell.sample(happened, n_events, tell.GROWS, row, span, signal, value)
                event.centre = rises + 1
                n_events += 1
            if machine is not None:
                machine.flaws[i] = flaws
                machine.scores[i] = score
            held_rows[n_samples] = row
            held_values[n_samples] = value
            held_status[n_samples] = status
            n_samples += 1
        keep.count = n_samples - keep.first
        if machine is not None:  # noqa: SIM102 - alone, it is decided when it is compiled
            if span.reads:
                mended = held_values[keep.first : n_samples]
                n_events = moments.take(
                    machine, signals, lanes, span, rows, mended, happened, n_events
                )
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
def _decided(  # noqa: PLR0913, PLR0917 - one sample
    decided: int,
    repair: mend.Row,
    capacity: float,
    span: Span,
    row: int,
    signal: Signal,
    raw: float,
    value: float,
    happened: Table,
    n: int,
) -> int:
    """Write down what was decided of a signal's numbers at this sample; count the events."""
    if decided & mend.KIND:
        event = tell.sample(happened, n, tell.KIND, row, span, signal, raw)
        event.centre = repair.counter.raw
        n += 1
    if decided & mend.UNIT:
        ratio = repair.unit.ratio
        event = tell.sample(happened, n, tell.UNIT, row, span, signal, value / ratio)
        event.centre = capacity
        event.spread = ratio
        event.mark = RATE if repair.what == mend.COUNTER else 0
        n += 1
    return n
