"""A counter, told as its change a second. 16 bytes a counter, O(1) a sample.

The raw value is kept as float64: differences are exact as long as the counter itself is (2^53).
A scrape gap needs nothing of its own: the change over it, by its length, is the average of it.
"""

from models.compiled import compiled
from models.gaps import seconds
from schemas.telemetry import Quality

RATE = int(Quality.RATE)
RESET = int(Quality.RESET)
MISSING = int(Quality.MISSING)
WRAPPED = 0.5  # of the modulus: what seems to have grown by more was reset


class Row:
    """What one counter remembers."""

    raw: float
    """As last told; negative: never yet."""
    time_ns: int


@compiled
def rate(row: Row, raw: float, time_ns: int, modulus: float, most: float) -> tuple[float, int]:
    """Return the change a second since the last sample, and its `Quality` bits; learn nothing.

    `raw`: >= 0.0. `time_ns`: later than the last sample's. `modulus`: at which the counter wraps,
    0.0: never. `most`: the fastest it can be, NaN: not known. A decrease is a wrap where that could
    be, else a reset: what was counted since 0. The first sample has no rate: MISSING and RATE.
    """
    if row.raw < 0.0:
        return float("nan"), MISSING | RATE
    passed = seconds(row.time_ns, time_ns)
    if raw >= row.raw:
        return (raw - row.raw) / passed, RATE
    if row.raw <= modulus:
        grown = raw + (modulus - row.raw)  # in this order it is exact
        if grown <= WRAPPED * modulus and not grown / passed > most:
            return grown / passed, RATE | RESET
    return raw / passed, RATE | RESET


@compiled
def learn(row: Row, raw: float, time_ns: int) -> None:
    """Remember a sample."""
    row.raw = raw
    row.time_ns = time_ns
