"""Quality that needs memory: late, duplicate, stuck. 40 bytes a signal, O(1) a sample."""

from models.compiled import Float32, Int32, compiled
from schemas.telemetry import Quality

LATE = int(Quality.LATE)
DUPLICATE = int(Quality.DUPLICATE)
STUCK = int(Quality.STUCK)
NO_VALUE = int(Quality.MISSING | Quality.NOT_A_NUMBER | Quality.INFINITE | Quality.FUTURE)
OLD = LATE | DUPLICATE
UNUSABLE = NO_VALUE | OLD | int(Quality.OUT_OF_RANGE)

LEAST_RUN = 120  # samples: a shorter run of equal values is never called stuck
LONGER = 8  # times the longest run this signal ever ended
MOVES = 64  # changes seen before a signal can be called stuck
MEMORY = 1.0 / 64.0  # weight of a sample in `good`


class Row:
    """What one signal remembers of its samples' quality."""

    time_ns: int
    value: float
    run: Int32
    longest: Int32
    moves: Int32
    good: Float32
    """Share of good samples among the last hundred or so, 0..1."""


@compiled
def judge(row: Row, value: float, time_ns: int, watermark_ns: int) -> int:
    """Return the `Quality` bits that memory adds to a sample; remembers nothing."""
    if time_ns < row.time_ns or time_ns < watermark_ns:
        return LATE
    if time_ns == row.time_ns:
        return DUPLICATE
    limit = max(LEAST_RUN, LONGER * row.longest)
    if row.moves >= MOVES and row.run >= limit and value == row.value:
        return STUCK
    return 0


@compiled
def learn(row: Row, value: float, time_ns: int, mark: int) -> None:
    """Remember a sample. `mark`: all its quality bits; old samples and no-values move no time."""
    row.good += MEMORY * ((1.0 if mark == 0 else 0.0) - row.good)
    if mark & OLD or mark & NO_VALUE:
        return
    if value == row.value:
        row.run += 1
    else:
        row.longest = max(row.longest, row.run)
        row.run = 1
        row.moves = min(row.moves + 1, 1_000_000)
        row.value = value
    row.time_ns = time_ns
