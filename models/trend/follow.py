"""Following the signals that have a limit, as their frames close; what comes of it is written down.

Samples come in the order of their lanes' frames, so the same samples give the same events however
they were cut into blocks. Time is that of the samples: an hour ends when a later one begins.
"""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from models import happened as tell
from models.compiled import compiled
from models.held import GOOD
from models.trend import forecast, memory
from models.trend.memory import A_DAY, HOUR_NS, SPAN_HOURS, SPANS, Steps
from schemas.telemetry import Floats, Indices, Ints

if TYPE_CHECKING:
    from models.rows import Happened, Held, Table
    from models.trend.forecast import Row as Forecast
    from models.trend.memory import Row


@compiled
def follow(  # noqa: PLR0913, PLR0917 - columns
    order: Ints,
    at: Ints,
    held: Table,
    held_rows: Indices,
    held_values: Floats,
    held_status: npt.NDArray[np.uint8],
    of: Indices,
    rows: Table,
    rings: Steps,
    forecasts: Table,
    limits: Floats,
    horizon_ns: int,
    happened: Table,
    told: Table,
    counts: Ints,
) -> None:
    """Take spans from `at` on until `happened` may run full. `counts`: events, forecasts; moved."""
    while at[0] < order.size:
        span = held[order[at[0]]]
        if min(happened.size - counts[0], forecasts.size - counts[1]) < span.count:
            return
        hour = span.time_ns // HOUR_NS
        for i in range(span.first, span.first + span.count):
            index = of[held_rows[i]]
            if index == 0 or held_status[i] & GOOD != GOOD:
                continue
            row = rows[index]
            if not _is_mine(row, span, hour, held_values[i]):
                continue
            if hour > row.hour:
                ring = rings[index * SPANS : (index + 1) * SPANS]
                what = _close(row, ring, hour, forecasts, counts, limits[row.law], horizon_ns)
                if what != forecast.NOTHING:
                    foretold = forecasts[row.forecast]
                    _write(happened[counts[0]], counts[0], what, row, span, foretold)
                    told[counts[0]] = foretold
                    counts[0] += 1
                    if what >= forecast.REACHED:
                        _drop(row, forecasts)
                row.hour = hour
            memory.take(row, held_values[i])
        at[0] += 1


@compiled
def _is_mine(row: Row, span: Held, hour: int, value: float) -> bool:
    """Say whether a row takes samples of a span: of one lane, and of another when that is gone."""
    if row.lane == span.lane:
        return hour >= row.hour
    if row.lane >= 0 and hour <= row.hour + A_DAY * SPAN_HOURS:
        return False
    if row.lane < 0:
        memory.begin(row, value, hour)
    row.lane = span.lane
    return True


@compiled
def _close(  # noqa: PLR0913, PLR0917 - one row and the tables
    row: Row,
    ring: Steps,
    hour: int,
    forecasts: Table,
    counts: Ints,
    limits: Floats,
    horizon_ns: int,
) -> int:
    """End the open hour of a row, and its span where that ends too; say what came of it."""
    value = memory.close_hour(row)
    span = row.hour // SPAN_HOURS
    if row.forecast > 0 and forecasts[row.forecast].since_ns > 0:
        side, limit = forecasts[row.forecast].side, forecasts[row.forecast].limit
        if side * (value - limit) >= 0.0:
            _end_span(row, ring, span, hour)
            forecasts[row.forecast].level = value
            row.rest = A_DAY
            return forecast.REACHED
    if not _end_span(row, ring, span, hour):
        return forecast.NOTHING
    if row.rest > 0:
        row.rest -= 1
        return forecast.NOTHING
    values = np.empty(SPANS)
    values = values[: memory.read(row, ring, values)]
    return look(row, values, forecasts, counts, limits, horizon_ns)


@compiled
def _end_span(row: Row, ring: Steps, span: int, hour: int) -> bool:
    """Remember the open span if `hour` is past it; say whether it was."""
    if hour // SPAN_HOURS == span:
        return False
    memory.close_span(row, ring, span)
    return row.filled > 0


@compiled
def look(  # noqa: PLR0913, PLR0917 - one row and the tables
    row: Row, values: Floats, forecasts: Table, counts: Ints, limits: Floats, horizon_ns: int
) -> int:
    """Foretell where a limit may be reached; say what came of it."""
    if row.forecast > 0:
        side = forecasts[row.forecast].side
    else:
        side = _side(values, limits, horizon_ns / forecast.SPAN_NS)
    if side == 0:
        return forecast.NOTHING
    _take(row, forecasts, counts, side)
    one = forecasts[row.forecast]
    limit, what = limits[1] if side > 0 else limits[0], forecast.NOTHING
    if isnan(limit) or side * (values[-1] - limit) >= 0.0:  # it is no limit any more, or passed
        what = forecast.ENDED
    elif not isnan(values[-1]):
        surety = forecast.foretell(one, side * values, row.last, side * limit, row.rough)
        _turn(one, side)
        what = forecast.step(one, surety, (row.last + 1) * forecast.SPAN_NS, horizon_ns)
    if what == forecast.ENDED and one.since_ns == 0:
        _drop(row, forecasts)
        return forecast.NOTHING
    return what


@compiled
def _side(values: Floats, limits: Floats, horizon: float) -> int:
    """Return the side of the limit that may be reached: 1 above, -1 below, 0 none."""
    if forecast.could(values, limits[1], horizon):
        return 1
    return -1 if forecast.could(-values, -limits[0], horizon) else 0


@compiled
def _turn(one: Forecast, side: int) -> None:
    """Give what was foretold of turned values its sign."""
    one.level *= side
    one.limit *= side
    one.rate *= side


@compiled
def _take(row: Row, forecasts: Table, counts: Ints, side: int) -> None:
    """Give a row its forecast, if it has none."""
    if row.forecast > 0:
        return
    row.forecast = forecasts[0].next
    if row.forecast == 0:
        row.forecast = counts[1]
        counts[1] += 1
    one = forecasts[row.forecast]
    forecasts[0].next = one.next
    one.next = 0
    one.since_ns = 0
    one.times = 0
    one.side = side


@compiled
def _drop(row: Row, forecasts: Table) -> None:
    """Give the forecast of a row back."""
    forecasts[row.forecast].next = forecasts[0].next
    forecasts[0].next = row.forecast
    row.forecast = 0


@compiled
def _write(  # noqa: PLR0913, PLR0917 - one event
    event: Happened, index: int, what: int, row: Row, span: Held, one: Forecast
) -> None:
    """Write down what came of a forecast; `source` is the lane's index, for `Trends` to replace."""
    event.what = tell.TREND if what < forecast.REACHED else tell.TREND_ENDED
    event.row = row.signal
    event.binding = index
    event.third = what
    event.time_ns = (row.last + 1) * forecast.SPAN_NS
    if what == forecast.REACHED:
        event.time_ns = (row.hour + 1) * HOUR_NS
    event.since_ns = one.since_ns
    event.offset = span.offset
    event.since_offset = span.offset
    event.source = span.lane
    event.value = one.level
    event.centre = one.limit
    event.spread = one.rate
    event.score = one.score
    event.good = one.good
