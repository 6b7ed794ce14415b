"""Not as at this time of day or week: new extremes of what the clock does not explain. 480 bytes.

A profile of the day in hours and one of the week in spans of two; each slot is the mean of its
visits, recent ones counting more (Winters 1960, Forecasting sales by exponentially weighted moving
averages). What is near either is as usual: so a Sunday is held against Sundays once there was one.
The residual is judged as `reach` judges a value. Times are UTC; nothing is said in the first day.
"""

from typing import Annotated

import numpy as np

from models.anomaly import reach
from models.compiled import Float32, Floats32, Int16, Int32, compiled

HOURS, SPANS = 24, 84
HOUR_S, SPAN_S = 3600, 7200
NS = 1_000_000_000
VISITS = 4  # a slot's mean remembers about so many
RECENT = 1.0 / VISITS  # least weight of the last
HALF_LIFE = 4.0  # samples: of the residual's memory, as `reach` counts it
FIRST = 300.0  # residuals learned before the first answer
NEVER = np.float32(np.nan)

Day = Annotated[Floats32, np.dtype((np.float32, (HOURS,)))]
Week = Annotated[Floats32, np.dtype((np.float32, (SPANS,)))]


class Row:
    """What one signal remembers; values are differences to `origin`."""

    origin: float
    day: Day
    """Of each hour; no number: never seen."""
    week: Week
    residual: reach.Range
    hour_mean: Float32
    """Of the present visit."""
    span_mean: Float32
    hour_count: Int32
    span_count: Int32
    seen: Float32
    """Residuals."""
    hour: Int16
    span: Int16
    hours: Int16
    """Visits of hours that are over; counted no further than makes a difference."""
    spans: Int16


@compiled
def start(row: Row, value: float, time_ns: int) -> None:
    """Begin at the first value."""
    row.origin = value
    row.day[:] = NEVER
    row.week[:] = NEVER
    row.residual.low = row.residual.high = 0.0
    row.hour, row.span = slots(time_ns)
    row.hour_mean = row.span_mean = 0.0
    row.hour_count = row.span_count = 0
    row.seen = 0.0
    row.hours = row.spans = 0


@compiled
def slots(time_ns: int) -> tuple[int, int]:
    """Return the hour of the day and the span of the week of a time, ns since 1970."""
    seconds = time_ns // NS
    return seconds // HOUR_S % HOURS, seconds // SPAN_S % SPANS


@compiled
def residual(row: Row, value: float, time_ns: int) -> float:
    """Return the signed distance from the nearer of the two profiles; no number before a day."""
    hour, span = slots(time_ns)
    away = value - row.origin
    daily, weekly = away - float(row.day[hour]), away - float(row.week[span])
    return weekly if abs(weekly) < abs(daily) else daily


@compiled
def score(row: Row, value: float, time_ns: int) -> float:
    """Say how surprising `value` is at this time: -log10 of a probability; learns nothing."""
    left = residual(row, value, time_ns)
    if row.seen < FIRST or np.isnan(left):
        return 0.0
    return reach.beyond(row.residual, left, row.seen, HALF_LIFE)


@compiled
def learn(row: Row, value: float, time_ns: int) -> None:
    """Learn one value at its time."""
    left = residual(row, value, time_ns)
    if not np.isnan(left):
        reach.shrink(row.residual, 1.0)
        reach.widen(row.residual, left, row.seen)
        row.seen = min(row.seen + 1.0, reach.MOST)
    hour, span = slots(time_ns)
    if hour != row.hour:
        close_hour(row, hour)
    if span != row.span:
        close_span(row, span)
    away = value - row.origin
    row.hour_count += 1
    row.hour_mean += (away - row.hour_mean) / row.hour_count
    row.span_count += 1
    row.span_mean += (away - row.span_mean) / row.span_count


@compiled
def close_hour(row: Row, hour: int) -> None:
    """Put the visit that is over into the profile of the day; begin one at `hour`."""
    row.day[row.hour] = mixed(row.day[row.hour], row.hour_mean, row.hours // HOURS)
    row.hours = min(row.hours + 1, VISITS * HOURS)
    row.hour = hour
    row.hour_mean = 0.0
    row.hour_count = 0


@compiled
def close_span(row: Row, span: int) -> None:
    """Put the visit that is over into the profile of the week; begin one at `span`."""
    row.week[row.span] = mixed(row.week[row.span], row.span_mean, row.spans // SPANS)
    row.spans = min(row.spans + 1, VISITS * SPANS)
    if row.spans == SPANS:  # until now there was no week to be near to
        row.residual.low = row.residual.high = 0.0
        row.seen = 0.0
    row.span = span
    row.span_mean = 0.0
    row.span_count = 0


@compiled
def mixed(old: float, visit: float, visits: int) -> float:
    """Return a slot's mean with one more visit, the one after `visits` others."""
    return visit if np.isnan(old) else old + max(RECENT, 1.0 / (visits + 1.0)) * (visit - old)
