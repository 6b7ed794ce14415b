"""How sure a share is that was counted."""

from math import isnan, nan, sqrt
from typing import NamedTuple

DEVIATIONS = 1.959963984540054
"""Of 95 %, two-sided."""


class Share(NamedTuple):
    """A share, 0..1, and between what it lies with 95 %; NaN: of none."""

    share: float
    low: float
    high: float


def share_of(hits: int, many: int) -> Share:
    """Return the score interval of `hits` in `many`.

    Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA
    22:158.
    """
    if not many:
        return Share(nan, nan, nan)
    share, square = hits / many, DEVIATIONS**2
    middle = (share + square / (2 * many)) / (1 + square / many)
    away = sqrt(share * (1 - share) / many + square / (4 * many**2)) / (1 + square / many)
    low, high = middle - DEVIATIONS * away, middle + DEVIATIONS * away
    return Share(share, min(max(low, 0.0), share), max(min(high, 1.0), share))


def together(shares: list[tuple[float, int]]) -> Share:
    """Return the share of all, of shares each of so many."""
    hits = sum(round(share * many) for share, many in shares if not isnan(share))
    return share_of(hits, sum(many for _, many in shares))
