"""One event an episode: a score is told when it is news. 8 bytes a signal, O(1) a sample.

News is what comes after `REST` samples without any, or what is half as surprising again as what
was told last. While learning is gated the episode goes on, and rest begins after it. So a slow
rise, a chain of spikes or a long fault is told once, or as often as it gets much worse.
"""

from models.compiled import Float32, Int32, compiled

REST = 100  # samples
WORSE = 1.5  # times


class Row:
    """What one signal remembers."""

    told: Float32
    """The score told last."""
    rest: Int32
    """Samples until anything is news."""


@compiled
def step(row: Row, score: float, is_gated: bool) -> float:
    """Take the score of one sample; return it where it is news, else 0.0."""
    row.rest = max(row.rest - 1, 0)
    if score <= 0.0:
        return 0.0
    if row.rest == 0 or score > WORSE * row.told:
        row.told = score
        row.rest = REST
        return score
    if is_gated:
        row.rest = REST
    return 0.0
