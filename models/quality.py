"""Quality that needs memory: late, duplicate, stuck. 32 bytes a signal, O(1) a sample."""

from models.compiled import Float32, Int16, Int32, compiled, inlined
from schemas.telemetry import MENDED, Quality

LATE = int(Quality.LATE)
DUPLICATE = int(Quality.DUPLICATE)
STUCK = int(Quality.STUCK)
NO_VALUE = int(Quality.MISSING | Quality.NOT_A_NUMBER | Quality.INFINITE | Quality.FUTURE)
OLD = LATE | DUPLICATE
AGELESS = OLD | NO_VALUE  # says nothing new
UNUSABLE = NO_VALUE | OLD | int(Quality.OUT_OF_RANGE)
RATE = int(Quality.RATE)
FIRST = RATE | int(Quality.MISSING)  # a counter's first sample has no rate: no flaw
FLAWS = 0xFFFF & ~int(MENDED)

LEAST_RUN = 60  # samples: a shorter run of equal values is never called stuck
LONGER = 8  # times the longest run this signal ever ended
MOST_MOVES = 30_000
GROWN = 1_000  # rises without a fall: this may be a counter
MOVES = 64  # changes seen before a signal can be called stuck
MEMORY = 1.0 / 64.0  # weight of a sample in `good`


class Row:
    """What one signal remembers of its samples' quality."""

    time_ns: int
    value: float
    run: Int32
    longest: Int32
    moves: Int16
    """Changes seen, of which no more than `MOST_MOVES` are counted."""
    rises: Int16
    """Changes upwards before any downwards, up to `GROWN`; -1: it fell."""
    good: Float32
    """Share of good samples among the last hundred or so, 0..1."""


@inlined
def judge(row: Row, value: float, time_ns: int, watermark_ns: int) -> int:
    """Return the `Quality` bits that memory adds to a sample; remembers nothing."""
    if time_ns < row.time_ns or time_ns < watermark_ns:
        return LATE
    if time_ns == row.time_ns:
        return DUPLICATE
    return stuck(row, value)


@inlined
def stuck(row: Row, value: float) -> int:
    """Return STUCK where `value` repeats the last one for too long, else 0."""
    if row.moves >= MOVES and value == row.value and row.run >= longest(row):
        return STUCK
    return 0


@compiled
def longest(row: Row) -> int:
    """Return how many samples may be equal before the signal is stuck."""
    return max(LEAST_RUN, LONGER * row.longest)


@inlined
def learn(row: Row, value: float, time_ns: int, mark: int) -> None:
    """Remember a sample. `mark`: all its quality bits; old samples and no-values move no time."""
    is_good = mark & FLAWS == 0 or mark == FIRST
    row.good += MEMORY * ((1.0 if is_good else 0.0) - row.good)
    if mark & OLD or mark & NO_VALUE:
        if mark == FIRST:
            row.time_ns = time_ns
        return
    if value == row.value:
        row.run += 1
    else:
        if row.run > 0 and row.rises >= 0:
            row.rises = min(row.rises + 1, GROWN) if value > row.value else -1
        row.longest = max(row.longest, row.run)
        row.run = 1
        row.moves = min(row.moves + 1, MOST_MOVES)
        row.value = value
    row.time_ns = time_ns
