"""From scores to episodes: one opening, one closing; learning is gated in between. 32 bytes.

What becomes far worse in between is told again, so that nobody takes it for what it was at first.
"""

from models.compiled import Float32, Int16, Int32, compiled

CALM = 20  # samples near the centre and below half the threshold end an episode
ADOPT = 300  # samples in alarm make the new level normal, but where it is just coming back

NOTHING = 0
OPENED = 1
RECOVERED = 2
ADOPTED = 3
GREW = 4
"""It is worse than it was told: see `grew`."""
WORSE, WORSE_BY = 16.0, 4.0
"""Told anew at this score, and at each that is so many times as high: thrice at most."""


class Row:
    """An open episode of one signal."""

    since_ns: int
    """Event time of the opening sample."""
    offset: int
    """Raw offset of the opening sample."""
    source: Int32
    length: Int32
    """Samples in alarm; 0 when there is no episode."""
    calm: Int16
    why: Int16
    """Which detector opened it, see `models.anomaly.base`."""
    peak: Float32
    """Highest score so far."""


@compiled
def step(row: Row, score: float, threshold: float, is_near: bool, is_new: bool) -> int:
    """Take the score of one sample; say whether an episode opened or closed.

    `is_near`: the centre. What stays far away is no surprise after a while, and not normal yet.
    `is_new`: the centre has moved to what has lasted, so that being near is no coming back.
    """
    if row.length == 0:
        if score < threshold:
            return NOTHING
        row.length = 1
        row.calm = 0
        row.peak = score
        return OPENED
    row.length += 1
    row.peak = max(row.peak, score)
    row.calm = row.calm + 1 if is_near and score < 0.5 * threshold else 0
    if row.calm >= CALM:
        row.length = 0
        return RECOVERED
    if row.length >= ADOPT and (is_new or row.calm == 0):
        row.length = 0
        return ADOPTED
    return NOTHING


@compiled
def grew(before: float, peak: float) -> bool:
    """Say whether a peak is worth being told again: it has passed 16, 64 or 256 decades."""
    rung = WORSE
    while rung <= peak:
        if before < rung:
            return True
        rung *= WORSE_BY
    return False
