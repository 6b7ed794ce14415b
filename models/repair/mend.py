"""One sample of a signal that needs mending: counter to rate, kind, unit. 72 bytes a signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import quality
from models.anomaly import every
from models.compiled import Byte, Int32, compiled
from models.repair import counter, kind, unit
from schemas.telemetry import Floats, Quality

if TYPE_CHECKING:
    from models.rows import Signal

MISSING = int(Quality.MISSING)
OUT_OF_RANGE = int(Quality.OUT_OF_RANGE)
CONVERTED = int(Quality.CONVERTED)
RESET = int(Quality.RESET)
UNSOUND = quality.NO_VALUE | RESET  # no vote for a unit

COUNTER = 1
GAUGE = 2

NOTHING = 0
KIND = 1
UNIT = 2


class Row:
    """What is remembered of a signal that is mended."""

    counter: counter.Row
    kind: kind.Row
    unit: unit.Row
    law: Int32
    """Index of what is declared of its point, among the laws."""
    what: Byte
    """COUNTER or GAUGE, as it is told on: a counter may turn out to be a gauge."""


@compiled
def count(  # noqa: PLR0913, PLR0917 - as `mend`
    row: Row, law: Floats, signal: Signal, raw: float, time_ns: int, flaws: int
) -> tuple[float, int, int]:
    """Return the rate of a counter, or what was sent where it turns out to be a gauge."""
    flaws &= ~quality.STUCK  # where nothing is counted, nothing moves
    if flaws & OUT_OF_RANGE or raw < 0.0:
        return float("nan"), flaws | OUT_OF_RANGE | MISSING, NOTHING
    if row.counter.raw >= 0.0 and kind.learn(row.kind, row.counter.raw, raw):
        row.what = GAUGE
        row.kind.since_ns = time_ns
        signal.point = ~signal.point
        restart(signal, row.counter.raw)
        return raw, flaws, KIND
    most = law[unit.CAPACITY]
    if row.unit.ratio > 0.0:
        most /= row.unit.ratio
    value, more = counter.rate(row.counter, raw, time_ns, law[unit.MODULUS], most)
    counter.learn(row.counter, raw, time_ns)
    return value, flaws | more, NOTHING


@compiled
def old(row: Row, value: float, flaws: int) -> tuple[float, int, int]:
    """Return what an old sample tells: of a counter nothing; no memory is changed."""
    if row.what == COUNTER:
        return float("nan"), flaws | MISSING, NOTHING
    if row.unit.ratio > 0.0:
        return value * row.unit.ratio, flaws | CONVERTED, NOTHING
    return value, flaws, NOTHING


@compiled
def restart(signal: Signal, last: float) -> None:
    """Forget what was normal: from now on values are another quantity. `last`: as it would be."""
    every.forget(signal.every)
    signal.direction.slope = 0.0
    signal.quality.value = last


@compiled
def mend(  # noqa: PLR0913, PLR0917 - one sample and what is known of it
    row: Row, law: Floats, signal: Signal, value: float, time_ns: int, flaws: int
) -> tuple[float, int, int]:
    """Return the value that is told on, its `Quality` bits, and what was decided at this sample.

    For samples that have a value. `law`: see `models.repair.unit`.
    """
    if flaws & quality.OLD:
        return old(row, value, flaws)
    decided = NOTHING
    if row.what == COUNTER:
        value, flaws, decided = count(row, law, signal, value, time_ns, flaws)
    if flaws & quality.NO_VALUE or law[unit.CAPACITY] != law[unit.CAPACITY]:
        return value, flaws, decided
    if row.unit.ratio == 0.0 and not flaws & UNSOUND and unit.learn(row.unit, value, law):
        decided |= UNIT
        row.unit.since_ns = time_ns
        restart(signal, signal.quality.value * row.unit.ratio)
    if row.unit.ratio > 0.0:
        value *= row.unit.ratio
        flaws = (flaws & ~OUT_OF_RANGE) | CONVERTED
        if row.what == GAUGE:
            flaws = (flaws & ~quality.STUCK) | quality.stuck(signal.quality, value)
    if abs(value) > law[unit.CAPACITY]:
        flaws |= OUT_OF_RANGE
    return value, flaws, decided
