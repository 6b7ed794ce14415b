"""Learning is gated in alarm: what is normal is not learned from what is not. 4 bytes, O(1).

From the first sample of a score that closes it on, until `CALM` samples in a row are below half of
that; or for so long that the change is the new normal, but where it is just coming back. The
closing score is no operator's threshold, so that what is learned does not depend on who asks for
how many alarms.
"""

from models.compiled import Int16, inlined

CALM = 20  # samples
FAR = 3.0  # spreads from the centre: what stays there is not calm

OPEN, SHUT, ADOPT = 0, 1, 2


class Row:
    """What one signal remembers."""

    length: Int16
    """Samples in alarm; 0: in none."""
    calm: Int16


@inlined
def step(row: Row, score: float, closes: float, lasts: int) -> int:
    """Take the score of one sample; say whether to learn it, or to adopt the new level.

    `closes`: -log10 of a probability. `lasts`: samples until a change is adopted, < 32767.
    """
    if row.length == 0:
        if not score >= closes:
            return OPEN
        row.length = 1
        row.calm = 0
        return SHUT
    row.length += 1
    row.calm = row.calm + 1 if score < 0.5 * closes else 0
    if row.calm >= CALM:
        row.length = 0
        return OPEN
    if row.length >= lasts and row.calm == 0:
        row.length = 0
        return ADOPT
    return SHUT


@inlined
def held(row: Row, score: float, closes: float, away: float) -> float:
    """Return the score for a shut gate: far `away`, in spreads, no score is calm.

    What stays far away is no surprise after a while, and not normal yet.
    """
    if row.length > 0 and abs(away) > FAR:
        return max(score, 0.5 * closes)
    return score
