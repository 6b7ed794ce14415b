"""What detection foretold of each signal, every three hours, and what a straight line would."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from models import pipeline
from models.events import Published
from models.names import Config
from models.simulate import default_points
from models.state import State
from models.telemetry import Gatherer, Judge, Piece
from models.trend.forecast import BEYOND, SPAN_NS
from schemas.anomaly import Anomaly, AnomalyKind
from schemas.events import Kind
from schemas.telemetry import Source, SpansBuilder
from streams.bench.trend.faults import DAY_S, RULES, START_NS, Seen, limit_of

_SOURCE = Source("simulated", 0, "1")
_FRAME_NS = 1_800 * 10**9
NEVER_S = 60.0 * DAY_S
"""What counts as never, from now on."""


class Told(NamedTuple):
    """One forecast. Times in s since the start."""

    key: int
    now: float
    low: float
    mid: float
    high: float
    line: float
    """What the straight line through the last day says."""


class Outcome(NamedTuple):
    """What came of a run."""

    told: list[Told]
    opened: int
    """Trends that were told."""


def run(seen: Seen) -> Outcome:
    """Let detection see it; return its forecasts as of the end of every three hours."""
    config = Config(rules=RULES, points=default_points(), frame_ns=_FRAME_NS)
    state, gatherer, judge = State(config), Gatherer(lambda _asset: 0), Judge(config)
    every = round(SPAN_NS / 1e9 / (seen.times[1] - seen.times[0]))
    told, opened = list[Told](), 0
    for begin in range(0, len(seen.sent), every):
        spans, many = SpansBuilder(), 0
        for i in range(begin, min(begin + every, len(seen.sent))):
            for k, (asset, point) in enumerate(seen.keys):
                at_ns = START_NS + round(seen.times[i] * 1e9)
                spans.add(many, asset, (point,), at_ns, (float(seen.sent[i, k]),))
                many += 1
        judged = judge.judge(spans.build(), np.full(many, -1, np.int64))
        gatherer.add(Piece(_SOURCE, np.arange(many) + begin * len(seen.keys), judged))
        for block in gatherer.flush()[0]:
            opened += _openings(pipeline.judge(state, block).events)
        told += _forecasts(state, seen, float(seen.times[begin]))
    return Outcome(told, opened)


def _openings(events: list[Published]) -> int:
    """Count the trends that are told for the first time."""
    return sum(
        isinstance(event.data, Anomaly)
        and event.data.kind is AnomalyKind.TREND
        and event.type is Kind.ANOMALY_OPENED
        and event.time == event.data.since
        for event in events
    )


def _forecasts(state: State, seen: Seen, now: float) -> Iterator[Told]:
    """Yield what is foretold at `now`, of signals whose trend is told."""
    for k, (asset, point) in enumerate(seen.keys):
        row = state.names.row(state.names.known(asset), state.config.meaning(point).name)
        index = 0 if row is None else _forecast(state, row)
        one = state.forecasts.all[index]
        if index > 0 and one["since_ns"] > 0:
            low, mid, high = (_second(int(one[name]), now) for name in ("low", "mid", "high"))
            yield Told(k, now, low, mid, high, straight(seen, k, now))


def _forecast(state: State, row: int) -> int:
    return int(state.trend_rows.all["forecast"][state.trend_of.all[row]])


def _second(time_ns: int, now: float) -> float:
    return now + NEVER_S if time_ns == BEYOND else (time_ns - START_NS) / 1e9


def straight(seen: Seen, key: int, now: float) -> float:
    """Return when a straight line through the last day comes to the limit."""
    last = (seen.times >= now - DAY_S) & (seen.times < now)
    limit, side = limit_of(seen.keys[key][1])
    slope, level = np.polyfit(seen.times[last] - now, seen.values[last, key], 1)
    if side * slope <= 0.0:
        return now + NEVER_S
    return now + float(min(max((limit - level) / slope, 0.0), NEVER_S))
